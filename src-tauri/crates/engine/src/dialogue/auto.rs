//! A dialogue that goes on by itself.

use std::sync::Arc;

use juxta_wire::error::AppError;
use juxta_wire::run::{Cell, CellState};
use juxta_wire::tools::{ToolReplies, ToolResult};
use tokio_util::sync::CancellationToken;

use super::ask::{self, Plan};
use crate::matrix::Paced;
use crate::run::feed::lock;
use crate::run::storage;
use crate::{Engine, blocking};

/// An answer whose calls the plan answers.
pub(crate) struct GoesOn {
    plan: Plan,
    /// The alternative that goes on.
    choice: u32,
    own_steps: u32,
}

impl GoesOn {
    /// Results to store with the answer: those of servers are on their way.
    pub fn results(&self) -> &[ToolResult] {
        match self.plan.waits() || !self.plan.is_given() {
            true => &self.plan.results,
            // They are stored together with the step that they lead to.
            false => &[],
        }
    }

    pub fn choice(&self) -> u32 {
        self.choice
    }
}

impl Engine {
    /// What the plan gives for an answer that is over, if it has something for every call. `own_steps` answers in a row
    /// had their results from the plan before this one.
    pub(crate) fn goes_on(&self, cell: &Cell, own_steps: u32) -> Result<Option<GoesOn>, AppError> {
        if cell.state != CellState::Finished {
            return Ok(None);
        }
        let Some(snapshot) = self.store().run_snapshot(&cell.run).map_err(storage)? else { return Ok(None) };
        if own_steps + 1 >= snapshot.draft.tool_plan.most_steps {
            return Ok(None);
        }
        let choice = cell.outcome.choices.iter().map(|choice| choice.index).min().unwrap_or_default();
        let plan = ask::plan(&snapshot, cell, choice);
        Ok(plan.is_whole.then_some(GoesOn { plan, choice, own_steps }))
    }

    /// Asks what is to be asked, and starts the next step when every call has its result. Else the results are stored,
    /// and the dialogue waits for the person.
    pub(crate) async fn go_on_by_itself(
        &self,
        cell: Cell,
        goes_on: GoesOn,
        paced: Option<Arc<Paced>>,
        stop: &CancellationToken,
    ) {
        let GoesOn { mut plan, choice, own_steps } = goes_on;
        if plan.waits() {
            let mut told = Cell { choice, ..cell.clone() };
            self.ask(&mut plan, stop, |results| {
                told.results = results.to_vec();
                self.feed().tell_stored(&told);
            })
            .await;
        }
        let engine = self.clone();
        let is_stopped = stop.is_cancelled();
        let id = cell.id.clone();
        let ended = blocking(move || {
            let _answering = lock(engine.answering());
            let replies = ToolReplies { choice, results: plan.results.clone(), arguments: Vec::new() };
            if plan.is_given() && !is_stopped {
                let dialogue = engine.dialogue(&cell.id)?;
                return engine.go_on(&dialogue, replies, own_steps + 1, paced).map(drop);
            }
            let cell = Cell { results: replies.results, choice, ..cell };
            engine.store().save_cell(&cell).map_err(storage)?;
            engine.feed().tell_stored(&cell);
            Ok(())
        });
        if let Err(error) = ended.await {
            tracing::error!(%error, cell = %id, "a dialogue could not go on");
        }
    }
}
