//! Dialogues with tools: a chain of cells in one run, each made of the answers before it and of what their calls got.

mod ask;
mod auto;
pub(crate) mod chain;
mod recorded;
mod rules;

pub(crate) use ask::{Asking, unanswered};
pub(crate) use auto::GoesOn;
pub(crate) use rules::variable_parts;

use std::sync::Arc;

use juxta_wire::draft::Message;
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::lane::{Comparison, Lane};
use juxta_wire::run::{Cell, CellState};
use juxta_wire::tools::ToolReplies;

use crate::matrix::Paced;
use crate::resolve;
use crate::run::feed::lock;
use crate::run::{Place, invalid, storage};
use crate::{Engine, blocking, not_found};
use chain::Step;

/// The dialogue that a cell belongs to.
struct Dialogue {
    snapshot: Comparison,
    /// All cells of its lane and repeat, in the order in which they were made.
    cells: Vec<Cell>,
    /// Its place among them.
    at: usize,
}

impl Dialogue {
    fn cell(&self) -> &Cell {
        &self.cells[self.at]
    }

    fn lane(&self) -> Result<(usize, &Lane), AppError> {
        let is_own = |(_, lane): &(usize, &Lane)| lane.id == self.cell().lane;
        self.snapshot.lanes.iter().enumerate().find(is_own).ok_or_else(|| not_found("The lane"))
    }

    /// Steps that stand behind the cell now.
    fn later(&self) -> Vec<&Cell> {
        let steps = chain::current(&self.cells);
        steps.into_iter().filter(|step| step.step > self.cell().step).collect()
    }

    fn is_current(&self) -> bool {
        chain::current(&self.cells).iter().any(|step| step.id == self.cell().id)
    }
}

impl Engine {
    /// Gives the calls of an answer their results, and starts the next step of its dialogue, which comes back queued.
    /// An answer whose dialogue went on already is answered anew: the steps behind it stay in the history.
    pub async fn answer_calls(&self, cell: &CellId, replies: ToolReplies) -> Result<Cell, AppError> {
        let (engine, id) = (self.clone(), cell.clone());
        blocking(move || engine.answer(&id, replies)).await
    }

    fn answer(&self, id: &CellId, replies: ToolReplies) -> Result<Cell, AppError> {
        // Two answers to one cell come one after the other.
        let _answering = lock(self.answering());
        let dialogue = self.dialogue(id)?;
        self.check_answer(&dialogue, &replies)?;
        self.go_on(&dialogue, replies, 0, None)
    }

    fn check_answer(&self, dialogue: &Dialogue, replies: &ToolReplies) -> Result<(), AppError> {
        let cell = dialogue.cell();
        if self.live_runs().controls(&cell.id).is_some() || self.feed().is_growing(&cell.id) {
            return Err(invalid("cell", "This answer is not over yet: wait for its end, or stop it"));
        }
        if !matches!(cell.state, CellState::Finished | CellState::EndedEarly) {
            return Err(invalid("cell", "This answer did not come to its end, so its calls cannot be answered"));
        }
        if !dialogue.is_current() {
            return Err(invalid(
                "cell",
                "An earlier step was answered anew, so this one is not part of the dialogue any more",
            ));
        }
        if dialogue.later().iter().any(|later| self.live_runs().controls(&later.id).is_some()) {
            return Err(invalid("cell", "A later step of this dialogue is not over yet: wait for its end, or stop it"));
        }
        let (_, lane) = dialogue.lane()?;
        if lane.raw_body.is_some() {
            let message = "The body of this lane was written by hand, so there is no place for results in it";
            return Err(invalid("cell", message));
        }
        if cell.endpoint == EndpointKind::Generic && sets_args(&dialogue.snapshot, lane) {
            return Err(invalid("cell", "This lane sends args of its own, so there is no place for results in them"));
        }
        chain::check(cell, replies)
    }

    /// Stores the results with the step that they lead to, and starts it. `own_steps` answers came before it without
    /// anybody's doing.
    fn go_on(
        &self,
        dialogue: &Dialogue,
        replies: ToolReplies,
        own_steps: u32,
        paced: Option<Arc<Paced>>,
    ) -> Result<Cell, AppError> {
        let answered = dialogue.cell();
        let (index, lane) = dialogue.lane()?;
        let mut steps = chain::before(&dialogue.cells, answered);
        steps.push(Step { cell: answered, replies: replies.clone() });
        let step = chain::continuation(&steps, dialogue.snapshot.draft.reasoning_back, self);
        let place = Place { index, repeat: answered.repeat, step: answered.step + 1, slice: None };
        let mut planned = self.plan_cell(&answered.run, &dialogue.snapshot, lane, place, step.map(Some));
        let mut changed = vec![Cell {
            results: replies.results,
            arguments: replies.arguments,
            choice: replies.choice,
            ..answered.clone()
        }];
        let next_before = dialogue.later().into_iter().find(|later| later.step == answered.step + 1);
        changed.extend(
            next_before.map(|later| Cell { replaced: Some(Box::new(chain::replies_of(answered))), ..later.clone() }),
        );
        let changed: Vec<&Cell> = changed.iter().collect();
        self.store().add_step(&changed, &planned.cell).map_err(storage)?;
        let next = planned.cell.clone();
        planned.own_steps = own_steps;
        planned.paced = paced;
        self.launch_step(planned)?;
        for cell in &changed {
            self.feed().tell_stored(cell);
        }
        Ok(next)
    }

    /// The dialogue up to an answer, and with `replies` up to their results, as messages of a draft.
    pub fn dialogue_messages(&self, cell: &CellId, replies: Option<ToolReplies>) -> Result<Vec<Message>, AppError> {
        let dialogue = self.dialogue(cell)?;
        let (_, lane) = dialogue.lane()?;
        let mut steps = chain::before(&dialogue.cells, dialogue.cell());
        let replies = replies.unwrap_or(ToolReplies {
            choice: dialogue.cell().choice,
            results: Vec::new(),
            arguments: dialogue.cell().arguments.clone(),
        });
        steps.push(Step { cell: dialogue.cell(), replies });
        let mut messages = resolve::messages(&dialogue.snapshot.draft, lane).to_vec();
        messages.extend(chain::said(&steps, dialogue.snapshot.draft.reasoning_back, self)?);
        Ok(messages)
    }

    fn dialogue(&self, id: &CellId) -> Result<Dialogue, AppError> {
        let store = self.store();
        let cell = store.cell(id).map_err(storage)?.ok_or_else(|| not_found("The answer"))?;
        let snapshot = store.run_snapshot(&cell.run).map_err(storage)?.ok_or_else(|| not_found("The run"))?;
        let cells = store.dialogue(&cell.run, cell.lane_index, cell.repeat).map_err(storage)?;
        let at = cells.iter().position(|known| known.id == *id).ok_or_else(|| not_found("The answer"))?;
        Ok(Dialogue { snapshot, cells, at })
    }
}

/// Generic inference with args of its own sends no messages.
fn sets_args(snapshot: &Comparison, lane: &Lane) -> bool {
    resolve::effective_parameters(&snapshot.draft, lane).iter().any(|key| key.name == "args")
}
