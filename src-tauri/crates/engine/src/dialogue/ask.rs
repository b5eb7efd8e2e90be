//! Results that a plan gives by itself: texts of rules at once, those of servers on this machine when they have answered.

use std::sync::Mutex;
use std::time::Duration;

use juxta_client::endpoints::dialogue::{Question, calls, questions};
use juxta_client::tool_server::{ToolRequest, ask, tool_url};
use juxta_wire::connection::{Network, Proxy};
use juxta_wire::error::AppError;
use juxta_wire::ids::{CellId, RunId};
use juxta_wire::lane::Comparison;
use juxta_wire::run::Cell;
use juxta_wire::tools::{ToolOrigin, ToolReply, ToolResult, ToolResultState, ToolSource};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::rules;
use crate::run::feed::lock;
use crate::run::{internal, invalid};
use crate::{Engine, blocking};

/// Tools that are asked for without a cell that is live.
#[derive(Default)]
pub(crate) struct Asking {
    under_way: Mutex<Vec<UnderWay>>,
}

struct UnderWay {
    cell: CellId,
    run: RunId,
    stop: CancellationToken,
}

impl Asking {
    pub fn stop_cell(&self, cell: &CellId) {
        self.stop(|one| one.cell == *cell);
    }

    pub fn stop_run(&self, run: &RunId) {
        self.stop(|one| one.run == *run);
    }

    pub fn stop_all(&self) {
        self.stop(|_| true);
    }

    fn stop(&self, is_meant: impl Fn(&UnderWay) -> bool) {
        lock(&self.under_way).iter().filter(|one| is_meant(one)).for_each(|one| one.stop.cancel());
    }

    /// Whoever asked for the same cell before gets no answer any more.
    fn begin(&self, cell: &Cell) -> CancellationToken {
        self.stop_cell(&cell.id);
        let stop = CancellationToken::new();
        let mut under_way = lock(&self.under_way);
        under_way.retain(|one| !one.stop.is_cancelled());
        under_way.push(UnderWay { cell: cell.id.clone(), run: cell.run.clone(), stop: stop.clone() });
        stop
    }
}

/// What the plan has for the calls of an answer.
pub(super) struct Plan {
    pub results: Vec<ToolResult>,
    /// Places in `results` that wait for a server.
    waiting: Vec<(usize, ToolRequest)>,
    /// Every call has a result, or will have one.
    pub is_whole: bool,
}

pub(super) fn plan(snapshot: &Comparison, cell: &Cell, choice: u32) -> Plan {
    let calls = calls(&cell.outcome, choice);
    let asked = questions(&calls);
    let mut plan = Plan { results: Vec::new(), waiting: Vec::new(), is_whole: false };
    for question in &asked {
        let Some(rule) = rules::fitting(&snapshot.draft.tool_plan.rules, question) else { continue };
        plan.add(question, &rule.gives, snapshot);
    }
    let has_ids = calls.iter().all(|call| call.id.is_some());
    plan.is_whole = !asked.is_empty() && has_ids && plan.results.len() == asked.len();
    plan
}

impl Plan {
    fn add(&mut self, question: &Question, source: &ToolSource, snapshot: &Comparison) {
        let Question { id, name, given, .. } = question;
        let (origin, state) = match source {
            ToolSource::Text { text } => {
                let text = rules::rendered(text, question, &snapshot.draft.variables);
                (ToolOrigin::Rule, state(text))
            }
            ToolSource::Http { url, timeout_ms } => {
                let origin = ToolOrigin::Http { url: url.clone(), status: None };
                match tool_url(url) {
                    Err(error) => (origin, ToolResultState::Failed { error }),
                    Ok(_) => {
                        let request = ToolRequest {
                            url: url.clone(),
                            timeout: Duration::from_millis(*timeout_ms),
                            id: id.clone(),
                            name: name.clone(),
                            arguments: given.clone(),
                        };
                        self.waiting.push((self.results.len(), request));
                        (origin, ToolResultState::Asking)
                    }
                }
            }
        };
        self.results.push(ToolResult { id: id.clone(), name: name.clone(), origin, state, elapsed_ms: None });
    }

    pub fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    pub fn is_given(&self) -> bool {
        self.results.iter().all(|result| matches!(result.state, ToolResultState::Given { .. }))
    }
}

fn state(text: Result<String, AppError>) -> ToolResultState {
    match text {
        Ok(text) => ToolResultState::Given { reply: ToolReply::Output { text } },
        Err(error) => ToolResultState::Failed { error },
    }
}

/// What is said of a call whose server did not come to answer.
pub(crate) fn unanswered(result: &mut ToolResult, why: &str) {
    if result.state == ToolResultState::Asking {
        result.state = ToolResultState::Failed { error: invalid(&result.name, why) };
    }
}

impl Engine {
    /// What the rules of the plan give for the calls of an answer; a call that no rule fits is absent. Stopping the cell,
    /// or its run, ends the asking.
    pub async fn suggest_results(&self, cell: &CellId, choice: u32) -> Result<Vec<ToolResult>, AppError> {
        let (engine, id) = (self.clone(), cell.clone());
        let (cell, mut plan) = blocking(move || {
            let dialogue = engine.dialogue(&id)?;
            let plan = plan(&dialogue.snapshot, dialogue.cell(), choice);
            Ok((dialogue.cell().clone(), plan))
        })
        .await?;
        let stop = self.asking().begin(&cell);
        self.ask(&mut plan, &stop, |_| {}).await;
        // It is forgotten with the next one.
        stop.cancel();
        Ok(plan.results)
    }

    /// Asks all servers of a plan at once; `told` hears of each that has answered.
    pub(super) async fn ask(&self, plan: &mut Plan, stop: &CancellationToken, mut told: impl FnMut(&[ToolResult])) {
        let network = Network { proxy: Proxy::Direct, ..Network::default() };
        let http = match self.http().get(&network) {
            Ok(http) => http,
            Err(error) => {
                for (at, _) in plan.waiting.drain(..) {
                    plan.results[at].state = ToolResultState::Failed { error: error.clone() };
                }
                return;
            }
        };
        let mut open = JoinSet::new();
        for (at, request) in plan.waiting.drain(..) {
            let http = http.clone();
            open.spawn(async move { (at, ask(&http, &request).await) });
        }
        loop {
            let answered = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                answered = open.join_next() => answered,
            };
            match answered {
                None => break,
                Some(Ok((at, answer))) => {
                    let result = &mut plan.results[at];
                    if let ToolOrigin::Http { status, .. } = &mut result.origin {
                        *status = answer.status;
                    }
                    result.elapsed_ms = Some(answer.elapsed_ms);
                    result.state = state(answer.result);
                    told(&plan.results);
                }
                Some(Err(panic)) => {
                    let _report = internal(panic);
                }
            }
        }
        // Dropping the set closes the connections.
        drop(open);
        for result in &mut plan.results {
            unanswered(result, "Stopped before the tool had answered");
        }
    }
}
