//! Runs: lanes × repeats become cells, each cell one task that can be stopped.

mod cell;
pub mod feed;
pub mod live;
pub mod observer;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use juxta_wire::connection::Connection;
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::error::AppError;
use juxta_wire::ids::{CellId, LaneId, MatrixId, RunId};
use juxta_wire::lane::{Comparison, Lane, MAX_LANES};
use juxta_wire::run::{Cell, CellState, Run, RunSummary, Slice};
use juxta_wire::tools::ToolMode;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::Engine;
use crate::matrix::Paced;
use crate::resolve::{self, Beside, Continuation, ResolvedCall};
use feed::lock;
use live::LiveCell;

/// The most times one lane may be repeated in one run.
pub const MAX_REPEATS: u32 = 50;

/// What stops a cell, and what ends its countdown.
#[derive(Clone)]
pub(crate) struct Controls {
    pub stop: CancellationToken,
    pub retry_now: Arc<Notify>,
}

/// A run some of whose cells are not over.
struct LiveRun {
    summary: RunSummary,
    stop: CancellationToken,
    /// Cancelled after the last cell.
    over: CancellationToken,
    cells: HashMap<CellId, Controls>,
}

#[derive(Default)]
pub(crate) struct LiveRuns {
    runs: Mutex<HashMap<RunId, LiveRun>>,
}

impl LiveRuns {
    pub fn stop_run(&self, run: &RunId) -> bool {
        lock(&self.runs).get(run).map(|run| run.stop.cancel()).is_some()
    }

    pub fn stop_all(&self) {
        for run in lock(&self.runs).values() {
            run.stop.cancel();
        }
    }

    pub fn controls(&self, cell: &CellId) -> Option<Controls> {
        lock(&self.runs).values().find_map(|run| run.cells.get(cell).cloned())
    }

    pub fn summary(&self, run: &RunId) -> Option<RunSummary> {
        lock(&self.runs).get(run).map(|run| run.summary.clone())
    }

    /// What tells the end of a run; `None` of one that is over.
    pub fn over(&self, run: &RunId) -> Option<CancellationToken> {
        lock(&self.runs).get(run).map(|run| run.over.clone())
    }

    /// Takes star and note of the stored row over, and gives the row to show: the live one where there is one.
    pub fn mark(&self, stored: RunSummary) -> RunSummary {
        match lock(&self.runs).get_mut(&stored.id) {
            Some(live) => {
                live.summary.starred = stored.starred;
                live.summary.note = stored.note;
                live.summary.clone()
            }
            None => stored,
        }
    }

    /// Adds a cell to its run, which `stored` counts already. `anew` when a person wants it: stopping the run before does
    /// not stop it.
    fn add(&self, stored: RunSummary, cell: &CellId, anew: bool) -> (Controls, RunSummary) {
        let mut runs = lock(&self.runs);
        let live = runs.entry(stored.id.clone()).or_insert_with(|| LiveRun {
            summary: stored.clone(),
            stop: CancellationToken::new(),
            over: CancellationToken::new(),
            cells: HashMap::new(),
        });
        if anew && live.stop.is_cancelled() {
            live.stop = CancellationToken::new();
        }
        live.summary.cells = stored.cells;
        live.summary.live = true;
        let controls = Controls { stop: live.stop.child_token(), retry_now: Arc::new(Notify::new()) };
        live.cells.insert(cell.clone(), controls.clone());
        (controls, live.summary.clone())
    }

    /// Counts a cell that is over, and forgets the run after its last one.
    fn count(&self, run: &RunId, cell: &CellId, state: &CellState) -> Option<RunSummary> {
        let mut runs = lock(&self.runs);
        let live = runs.get_mut(run)?;
        live.cells.remove(cell);
        match state {
            CellState::Finished => live.summary.finished += 1,
            _ => live.summary.unfinished += 1,
        }
        live.summary.live = !live.cells.is_empty();
        let summary = live.summary.clone();
        if !summary.live
            && let Some(run) = runs.remove(run)
        {
            run.over.cancel();
        }
        Some(summary)
    }
}

pub(crate) fn unix_milliseconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// A cell with the call it will make, or why it cannot.
pub(crate) struct Planned {
    pub cell: Cell,
    call: Result<ResolvedCall, AppError>,
    connection: Option<Connection>,
    /// The plan of the draft gives the results of its calls by itself.
    is_auto: bool,
    /// Answers that a plan gave in a row before this one.
    pub own_steps: u32,
    /// Of a matrix.
    pub paced: Option<Arc<Paced>>,
}

impl Planned {
    /// Why it cannot be sent.
    pub fn refusal(&self) -> Option<&AppError> {
        self.call.as_ref().err()
    }
}

/// Which call of its lane a cell is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    /// Of the lane.
    pub index: usize,
    pub repeat: u32,
    pub step: u32,
    pub slice: Option<Slice>,
}

impl Engine {
    /// Starts the lanes named, or every unmuted one. The cells come back queued; what happens to them goes to the feed.
    pub async fn start_run(&self, comparison: Comparison, lanes: Option<Vec<LaneId>>) -> Result<Run, AppError> {
        let engine = self.clone();
        let (run, planned) =
            tokio::task::spawn_blocking(move || engine.plan(comparison, lanes)).await.map_err(internal)??;
        self.launch(&run, planned);
        Ok(run)
    }

    /// The same on behalf of a matrix, which pays for the calls and at whose pace they are sent. The window hears of the
    /// run once somebody opens it.
    pub(crate) async fn start_paced_run(
        &self,
        comparison: Comparison,
        matrix: &MatrixId,
        paced: Arc<Paced>,
    ) -> Result<Run, AppError> {
        let (engine, matrix) = (self.clone(), matrix.clone());
        let (run, mut planned) = crate::blocking(move || {
            let (run, planned) = engine.plan(comparison, None)?;
            engine.store().charge_matrix(&matrix, &run.summary.id).map_err(storage)?;
            Ok((run, planned))
        })
        .await?;
        self.feed().hush(&run.summary.id);
        planned.iter_mut().for_each(|planned| planned.paced = Some(Arc::clone(&paced)));
        self.launch(&run, planned);
        Ok(run)
    }

    /// Resolves and stores a run. Blocks: it reads the keychain and the database.
    fn plan(&self, comparison: Comparison, lanes: Option<Vec<LaneId>>) -> Result<(Run, Vec<Planned>), AppError> {
        check_size(&comparison)?;
        self.plan_lanes(comparison, lanes)
    }

    /// The same, of as many lanes as there are. Nothing is sent before [`Engine::launch`].
    pub(crate) fn plan_lanes(
        &self,
        comparison: Comparison,
        lanes: Option<Vec<LaneId>>,
    ) -> Result<(Run, Vec<Planned>), AppError> {
        let is_chosen = |lane: &Lane| match &lanes {
            Some(named) => named.contains(&lane.id),
            None => !lane.muted,
        };
        let comparison = self.with_row(&comparison, is_chosen)?.into_owned();
        let chosen: Vec<(usize, &Lane)> =
            comparison.lanes.iter().enumerate().filter(|(_, lane)| is_chosen(lane)).collect();
        if chosen.is_empty() {
            return Err(invalid("lanes", "Every lane is muted: unmute one, or run one by itself"));
        }
        let id = RunId::new();
        let planned: Vec<Planned> = chosen
            .iter()
            .flat_map(|(index, lane)| (0..comparison.repeats).map(move |repeat| (*index, *lane, repeat)))
            .flat_map(|(index, lane, repeat)| {
                let place = move |slice| (lane, Place { index, repeat, step: 0, slice });
                slices(&comparison, lane).into_iter().map(place)
            })
            .map(|(lane, place)| self.plan_cell(&id, &comparison, lane, place, Ok(None)))
            .collect();
        let summary = RunSummary {
            id,
            comparison: comparison.id.clone(),
            name: comparison.name.clone(),
            started_at: unix_milliseconds(),
            lanes: chosen.len() as u32,
            endpoint: comparison.endpoint(),
            cells: planned.len() as u32,
            finished: 0,
            unfinished: 0,
            live: true,
            starred: false,
            note: String::new(),
        };
        drop(chosen);
        let run =
            Run { summary, snapshot: comparison, cells: planned.iter().map(|planned| planned.cell.clone()).collect() };
        self.store().insert_run(&run).map_err(storage)?;
        Ok((run, planned))
    }

    /// `step` is what the call goes on from, where it is not the first of its dialogue.
    pub(crate) fn plan_cell(
        &self,
        run: &RunId,
        comparison: &Comparison,
        lane: &Lane,
        place: Place,
        step: Result<Option<Continuation>, AppError>,
    ) -> Planned {
        let found = self.ready_connection(&lane.connection);
        let call = found.as_ref().map_err(AppError::clone).and_then(|connection| {
            let keys = |slot: &_| self.key(connection, slot);
            let step = step?;
            let sound = self.sound_of(comparison, lane)?;
            let beside = Beside { step: step.as_ref(), slice: place.slice, sound: sound.as_ref() };
            resolve::resolve_with(comparison, lane, connection, &keys, beside)
        });
        let connection = found.ok();
        let cell = Cell {
            id: CellId::new(),
            run: run.clone(),
            lane: lane.id.clone(),
            lane_index: place.index as u32,
            repeat: place.repeat,
            step: place.step,
            connection: lane.connection.clone(),
            connection_name: connection.as_ref().map_or_else(String::new, |connection| connection.name.clone()),
            dialect: connection.as_ref().map_or(juxta_wire::endpoint::Dialect::OpenAi, |connection| connection.dialect),
            endpoint: lane.endpoint,
            model: call.as_ref().ok().and_then(ResolvedCall::written_model).unwrap_or_else(|| lane.model.clone()),
            state: CellState::Queued,
            started_at: None,
            attempt: 1,
            request: call.as_ref().ok().map(|call| call.view().clone()),
            head: None,
            phases: Default::default(),
            milestones: Default::default(),
            metrics: Default::default(),
            outcome: Default::default(),
            error: None,
            arrivals: Vec::new(),
            results: Vec::new(),
            arguments: Vec::new(),
            choice: 0,
            replaced: None,
            slice: place.slice,
        };
        let is_auto = comparison.draft.tool_plan.mode == ToolMode::Auto && lane.raw_body.is_none();
        Planned { cell, call, connection, is_auto, own_steps: 0, paced: None }
    }

    pub(crate) fn launch(&self, run: &Run, planned: Vec<Planned>) {
        let stop = CancellationToken::new();
        let controls: HashMap<CellId, Controls> = planned
            .iter()
            .map(|planned| {
                let controls = Controls { stop: stop.child_token(), retry_now: Arc::new(Notify::new()) };
                (planned.cell.id.clone(), controls)
            })
            .collect();
        let over = CancellationToken::new();
        let live = LiveRun { summary: run.summary.clone(), stop, over, cells: controls.clone() };
        lock(&self.live_runs().runs).insert(run.summary.id.clone(), live);
        self.feed().tell_run(run.summary.clone());
        for planned in planned {
            let Some(controls) = controls.get(&planned.cell.id).cloned() else { continue };
            self.spawn(planned, controls, LiveCell::new);
        }
    }

    /// Starts the next step of a dialogue, which is stored already. The run is live again if it was not any more.
    pub(crate) fn launch_step(&self, planned: Planned) -> Result<(), AppError> {
        let run = &planned.cell.run;
        let stored = self.store().run_summary(run).map_err(storage)?.ok_or_else(|| crate::not_found("The run"))?;
        let (controls, summary) = self.live_runs().add(stored, &planned.cell.id, planned.own_steps == 0);
        self.feed().tell_run(summary);
        // The window has never heard of it.
        self.spawn(planned, controls, |cell| {
            let mut live = LiveCell::new(cell);
            live.change(|_| {});
            live
        });
        self.feed().touch_now();
        Ok(())
    }

    fn spawn(&self, planned: Planned, controls: Controls, live: impl FnOnce(Cell) -> LiveCell) {
        let Planned { cell, call, connection, is_auto, own_steps, paced } = planned;
        let shared = self.feed().add(live(cell));
        let task = cell::CellTask { engine: self.clone(), shared, controls, connection, is_auto, own_steps, paced };
        self.tasks().spawn(task.run(call));
    }

    /// Counts a cell that is over in the row of its run.
    pub(crate) fn cell_is_over(&self, cell: &Cell) {
        if let Some(summary) = self.live_runs().count(&cell.run, &cell.id, &cell.state) {
            self.feed().tell_run(summary);
        }
        self.tell_trial(&cell.run);
    }
}

/// The parts of the texts that a lane sends one call each; one call without any for every other endpoint.
fn slices(comparison: &Comparison, lane: &Lane) -> Vec<Option<Slice>> {
    match lane.endpoint {
        EndpointKind::Embed if lane.raw_body.is_none() => {
            let slices = comparison.draft.slices();
            slices.map(|(from, to)| Some(Slice { from: from as u32, to: to as u32 })).collect()
        }
        _ => vec![None],
    }
}

fn check_size(comparison: &Comparison) -> Result<(), AppError> {
    if comparison.lanes.is_empty() {
        return Err(invalid("lanes", "Add a lane first"));
    }
    if comparison.lanes.len() > MAX_LANES && !comparison.is_of_media() {
        return Err(invalid("lanes", &format!("A comparison has at most {MAX_LANES} lanes")));
    }
    if !(1..=MAX_REPEATS).contains(&comparison.repeats) {
        return Err(invalid("repeats", &format!("Repeat between 1 and {MAX_REPEATS} times")));
    }
    Ok(())
}

pub(crate) fn invalid(field: &str, message: &str) -> AppError {
    AppError::Invalid { field: field.to_owned(), message: message.to_owned() }
}

pub(crate) fn storage(error: impl std::fmt::Display) -> AppError {
    AppError::Storage { message: error.to_string() }
}

/// For what should not happen: a panic in a task, mostly. The report id is in the log too.
pub(crate) fn internal(error: impl std::fmt::Display) -> AppError {
    let report_id = uuid::Uuid::new_v4().to_string();
    tracing::error!(%report_id, %error, "internal error");
    AppError::Internal { report_id, message: error.to_string() }
}
