//! One cell, from its place in the queue to its last byte on disk.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use juxta_client::retry;
use juxta_client::send::{EndKind, Ended, send};
use juxta_wire::connection::Connection;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::run::{Cell, CellState};
use tokio::sync::OwnedSemaphorePermit;

use super::feed::{SharedCell, lock};
use super::live::without_texts;
use super::observer::CellObserver;
use super::{Controls, internal, storage, unix_milliseconds};
use crate::Engine;
use crate::dialogue::GoesOn;
use crate::matrix::{Paced, too_many};
use crate::metrics;
use crate::resolve::ResolvedCall;

pub(super) struct CellTask {
    pub engine: Engine,
    pub shared: SharedCell,
    pub controls: Controls,
    pub connection: Option<Connection>,
    /// The plan of the draft gives the results of its calls.
    pub is_auto: bool,
    /// Answers that a plan gave in a row before this one.
    pub own_steps: u32,
    pub paced: Option<Arc<Paced>>,
}

/// A call of a matrix waits so often for a provider that says that there are too many.
const MOST_REFUSALS: u32 = 100;

impl CellTask {
    pub async fn run(self, call: Result<ResolvedCall, AppError>) {
        let end = match (call, &self.connection) {
            (Ok(call), Some(connection)) => self.call(&call, connection).await,
            (Ok(_), None) => self.end(CellState::Failed, Some(internal("a call without a connection"))),
            (Err(error), _) => self.end(CellState::Failed, Some(error)),
        };
        self.finish(end).await;
    }

    /// Waits for a place, sends, and tries again where that is right.
    async fn call(&self, call: &ResolvedCall, connection: &Connection) -> Cell {
        let http = match self.engine.http().get(&connection.network) {
            Ok(http) => http,
            Err(error) => return self.end(CellState::Failed, Some(error)),
        };
        let attempts = connection.network.max_retries + 1;
        let (mut attempt, mut refusals) = (1, 0);
        let mut refused = None;
        let mut permit = None;
        loop {
            let place = match &self.paced {
                Some(paced) => match paced.place(&self.controls.stop).await {
                    Some(place) => Some(place),
                    None => return self.end(CellState::Stopped, refused),
                },
                None => None,
            };
            if permit.is_none() {
                permit = self.permit(connection).await;
            }
            if permit.is_none() {
                return self.end(CellState::Stopped, refused);
            }
            let ended = match self.attempt(&http, call, attempt).await {
                Ok(ended) => ended,
                Err(error) => return self.end(CellState::Failed, Some(error)),
            };
            if let Some((paced, place)) = self.paced.as_ref().zip(place) {
                // Who waits for a place of the matrix keeps none of the connection: others have the one and wait for the
                // other.
                permit = None;
                match &ended.kind {
                    EndKind::Finished => place.succeeded(),
                    EndKind::Failed(error) if !ended.any_byte && refusals < MOST_REFUSALS => {
                        if let Some(asked) = too_many(error) {
                            place.refused(asked);
                            drop(place);
                            (attempt, refusals) = (attempt + 1, refusals + 1);
                            self.wait_for_place(paced, attempt, error.clone());
                            refused = Some(error.clone());
                            continue;
                        }
                    }
                    EndKind::Failed(_) | EndKind::EndedEarly(_) | EndKind::Stopped => {}
                }
            }
            let wait = match &ended.kind {
                // Nothing is sent again once a byte of an answer arrived: it may have been paid for.
                EndKind::Failed(error) if !ended.any_byte => {
                    retry::next_wait(attempt - refusals, connection.network.max_retries, error, jitter())
                        .map(|wait| (wait, error.clone()))
                }
                _ => None,
            };
            let Some((wait, error)) = wait else {
                if ended.kind == EndKind::Finished {
                    self.engine.keep_pictures(&http, call.call(), &ended.outcome, self.id(), &self.controls.stop).await;
                }
                return self.fold(ended);
            };
            attempt += 1;
            if !self.count_down(wait, attempt, attempts + refusals, error.clone()).await {
                return self.end(CellState::Stopped, Some(error));
            }
        }
    }

    fn id(&self) -> CellId {
        lock(&self.shared).head().id.clone()
    }

    async fn permit(&self, connection: &Connection) -> Option<OwnedSemaphorePermit> {
        let places = self.engine.places(connection);
        tokio::select! {
            biased;
            () = self.controls.stop.cancelled() => None,
            // The semaphore is never closed.
            permit = places.acquire_owned() => permit.ok(),
        }
    }

    async fn attempt(
        &self,
        http: &juxta_client::http::Http,
        call: &ResolvedCall,
        attempt: u32,
    ) -> Result<Ended, AppError> {
        let cell = {
            let mut live = lock(&self.shared);
            if attempt > 1 {
                live.restart();
            }
            live.change(|cell| {
                cell.state = CellState::Waiting;
                cell.attempt = attempt;
                cell.started_at = Some(unix_milliseconds());
                cell.head = None;
                cell.error = None;
                cell.phases = Default::default();
                cell.milestones = Default::default();
                cell.metrics = Default::default();
            });
            live.head().clone()
        };
        self.engine.feed().touch_now();
        let store = self.engine.store().clone();
        let head = call.call().head_bytes(true);
        let body = call.call().body.clone();
        let writer = tokio::task::spawn_blocking(move || store.begin_cell(&cell, &head, &body))
            .await
            .map_err(internal)?
            .map_err(storage)?;
        let mut observer = CellObserver::new(writer, self.shared.clone(), self.engine.feed_handle());
        let ended = send(http, call.call(), &mut observer, &self.controls.stop).await;
        let body = observer.into_body();
        tokio::task::spawn_blocking(move || body.finish()).await.map_err(internal)?.map_err(storage)?;
        Ok(ended)
    }

    /// What a cell shows while the matrix slows down.
    fn wait_for_place(&self, paced: &Paced, attempt: u32, error: AppError) {
        let state = CellState::Retrying { wait_ms: paced.wait_ms(), attempt, attempts: attempt, error };
        lock(&self.shared).change(|cell| cell.state = state);
        self.engine.feed().touch_now();
    }

    /// `false` when the person stopped it meanwhile.
    async fn count_down(&self, wait: Duration, attempt: u32, attempts: u32, error: AppError) -> bool {
        let wait_ms = wait.as_secs_f64() * 1000.0;
        lock(&self.shared).change(|cell| cell.state = CellState::Retrying { wait_ms, attempt, attempts, error });
        self.engine.feed().touch_now();
        tokio::select! {
            biased;
            () = self.controls.stop.cancelled() => false,
            () = self.controls.retry_now.notified() => true,
            () = tokio::time::sleep(wait) => true,
        }
    }

    /// The cell as the last try left it.
    fn fold(&self, ended: Ended) -> Cell {
        let (state, error) = match ended.kind {
            EndKind::Finished => (CellState::Finished, None),
            EndKind::Stopped => (CellState::Stopped, None),
            EndKind::EndedEarly(error) => (CellState::EndedEarly, Some(error)),
            EndKind::Failed(error) => (CellState::Failed, Some(error)),
        };
        let mut cell = self.end(state, error);
        cell.outcome = ended.outcome;
        cell.outcome.choices = lock(&self.shared).fold(&cell.outcome.choices);
        cell.phases = ended.phases;
        cell.milestones = ended.milestones;
        if ended.head.is_some() {
            cell.head = ended.head;
        }
        cell.metrics = metrics::compute(&cell.state, &cell.outcome, &cell.milestones);
        cell.metrics.cost = self.engine.prices().cost(&cell.model, &cell.metrics);
        cell
    }

    fn end(&self, state: CellState, error: Option<AppError>) -> Cell {
        let live = lock(&self.shared);
        let closing = self.engine.is_closing().load(Ordering::Relaxed);
        let state = if closing && state == CellState::Stopped { CellState::Interrupted } else { state };
        Cell { state, error, arrivals: live.strip(), ..live.head().clone() }
    }

    /// Stores the end, then tells it: what a window shows as finished is on disk.
    async fn finish(self, cell: Cell) {
        let store = self.engine.store().clone();
        let id = cell.id.clone();
        let (cell, goes_on) = self.with_results(cell).await;
        // The cell goes to the thread and comes back: an answer may be large, and one copy of it is enough.
        let saved = tokio::task::spawn_blocking(move || {
            let saved = store.save_cell(&cell);
            (cell, saved)
        });
        let mut cell = match saved.await {
            Ok((cell, Ok(()))) => cell,
            Ok((cell, Err(error))) => {
                let error = storage(error);
                tracing::error!(%error, cell = %id, "a cell could not be stored");
                Cell { error: Some(cell.error.clone().unwrap_or(error)), ..cell }
            }
            Err(panic) => self.end(CellState::Failed, Some(internal(panic))),
        };
        if let Some(paced) = &self.paced {
            paced.is_over(&cell);
        }
        let whole = goes_on.is_some().then(|| cell.clone());
        cell.outcome.choices = std::mem::take(&mut cell.outcome.choices).into_iter().map(without_texts).collect();
        cell.arrivals = Vec::new();
        let Some((whole, goes_on)) = whole.zip(goes_on) else {
            // Counted first: whoever hears of the end can answer its calls.
            self.engine.cell_is_over(&cell);
            lock(&self.shared).change(|head| *head = cell);
            self.engine.feed().touch_now();
            return;
        };
        let over = cell.clone();
        lock(&self.shared).change(|head| *head = cell);
        self.engine.feed().touch_now();
        self.engine.go_on_by_itself(whole, goes_on, self.paced.clone(), &self.controls.stop).await;
        self.engine.cell_is_over(&over);
        self.engine.feed().touch_now();
    }

    /// Where the plan answers the calls of this answer, what it has for them.
    async fn with_results(&self, mut cell: Cell) -> (Cell, Option<GoesOn>) {
        if !self.is_auto || self.controls.stop.is_cancelled() || cell.state != CellState::Finished {
            return (cell, None);
        }
        let (engine, own_steps) = (self.engine.clone(), self.own_steps);
        let asked = cell.clone();
        let goes_on = crate::blocking(move || engine.goes_on(&asked, own_steps)).await;
        let goes_on = goes_on.unwrap_or_else(|error| {
            tracing::error!(%error, cell = %cell.id, "the plan for results could not be read");
            None
        });
        if let Some(goes_on) = &goes_on {
            cell.results = goes_on.results().to_vec();
            cell.choice = goes_on.choice();
        }
        (cell, goes_on)
    }
}

/// Between 0 and 1, so that many lanes that were refused together do not come back together.
fn jitter() -> f64 {
    f64::from(uuid::Uuid::new_v4().as_u128() as u32) / f64::from(u32::MAX)
}
