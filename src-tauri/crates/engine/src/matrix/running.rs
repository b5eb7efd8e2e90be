//! A matrix while its cells are being sent.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

use juxta_store::{MatrixBegun, StoredMatrix};
use juxta_wire::connection::Connection;
use juxta_wire::error::{AppError, NetworkStage, RejectionCategory};
use juxta_wire::ids::{ConnectionId, MatrixId, RunId};
use juxta_wire::matrix::{Matrix, MatrixLimits, MatrixProgress};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::pace::Pace;
use super::paced::{Calls, Paced};
use super::purse::Purse;
use super::row_run::RowRun;
use crate::resolve::variable_names;
use crate::run::feed::lock;
use crate::run::unix_milliseconds;

/// So many moments are kept for the rate, a second apart or more.
const MOST_PROGRESS: usize = 300;
const PROGRESS_EVERY: u64 = 1_000;
/// After so many calls in a row to which nobody answered, or whom nobody let in, the next would fail as well.
const HOPELESS: u32 = 20;
/// Rows that are remembered although no cell of them is being made.
const MOST_ROWS: usize = 256;

pub(super) struct Running {
    pub id: MatrixId,
    /// Of the runs.
    pub name: String,
    pub begun: MatrixBegun,
    /// Variables whose values the table has.
    pub variables: Vec<String>,
    pub lanes: Vec<ConnectionLanes>,
    pub purse: Arc<Purse>,
    pause: Mutex<CancellationToken>,
    /// Ends the asking of judges.
    stop: Mutex<CancellationToken>,
    tally: Mutex<Tally>,
    /// The rows whose cells are being made.
    rows: Mutex<HashMap<u64, Weak<RowRun>>>,
    /// Something is to be told.
    pub changed: Notify,
    /// It is to go on although it was paused.
    again: AtomicBool,
    pub goes_on: Notify,
    /// All is over.
    pub over: CancellationToken,
}

/// The variants of one connection, which go their own way through the rows. There are none where only judges are asked.
pub(super) struct ConnectionLanes {
    connection: ConnectionId,
    most: u32,
    pub pace: Arc<Pace>,
    pub variants: Vec<u32>,
}

#[derive(Default)]
struct Tally {
    progress: VecDeque<MatrixProgress>,
    problem: Option<AppError>,
    hopeless: u32,
    /// Of judges.
    hopeless_judges: u32,
    /// Cells that are not over, by their runs.
    open: HashMap<RunId, u32>,
}

impl Running {
    pub fn new(
        matrix: &StoredMatrix,
        begun: MatrixBegun,
        connections: &[Connection],
        spent: Option<(f64, String)>,
    ) -> Self {
        let limits = &matrix.plan.limits;
        let lanes = connections.iter().map(|connection| {
            let most = connection.network.max_concurrent.max(1);
            let is_own = |(_, lane): &(u32, &juxta_wire::lane::Lane)| lane.connection == connection.id;
            ConnectionLanes {
                connection: connection.id.clone(),
                most,
                pace: Arc::new(Pace::new(limits.in_flight.min(most), limits.per_minute)),
                variants: (0..).zip(&begun.comparison.lanes).filter(is_own).map(|(index, _)| index).collect(),
            }
        });
        let mut variables: Vec<String> =
            begun.comparison.lanes.iter().flat_map(|lane| variable_names(&begun.comparison, lane)).collect();
        variables.extend(crate::checks::variable_names(&begun.comparison.draft));
        variables.sort();
        variables.dedup();
        Self {
            id: matrix.id.clone(),
            name: matrix.plan.name.clone(),
            lanes: lanes.collect(),
            variables,
            begun,
            purse: Arc::new(Purse::new(spent, limits.budget)),
            pause: Mutex::default(),
            stop: Mutex::default(),
            tally: Mutex::default(),
            rows: Mutex::default(),
            changed: Notify::new(),
            again: AtomicBool::new(false),
            goes_on: Notify::new(),
            over: CancellationToken::new(),
        }
    }

    /// What ends the walk through the rows.
    pub fn pausing(&self) -> CancellationToken {
        lock(&self.pause).clone()
    }

    pub fn pause(&self) {
        lock(&self.pause).cancel();
    }

    pub fn is_paused(&self) -> bool {
        lock(&self.pause).is_cancelled()
    }

    /// What ends the asking of judges.
    pub fn stopping(&self) -> CancellationToken {
        lock(&self.stop).clone()
    }

    /// What judges are asked ends too; it is asked again when the matrix goes on.
    pub fn stop_judges(&self) {
        lock(&self.stop).cancel();
    }

    pub fn go_on(&self) {
        *lock(&self.pause) = CancellationToken::new();
        *lock(&self.stop) = CancellationToken::new();
        lock(&self.tally).problem = None;
        self.again.store(true, Ordering::Relaxed);
        self.goes_on.notify_one();
    }

    /// Somebody wants it to go on, and nobody has seen to that yet.
    pub fn take_again(&self) -> bool {
        self.again.swap(false, Ordering::Relaxed)
    }

    /// Pauses because nothing more can be sent.
    pub fn give_up(&self, problem: AppError) {
        lock(&self.tally).problem.get_or_insert(problem);
        self.pause();
    }

    pub fn problem(&self) -> Option<AppError> {
        lock(&self.tally).problem.clone()
    }

    pub fn set_limits(&self, limits: &MatrixLimits) {
        for lanes in &self.lanes {
            lanes.pace.set_limits(limits.in_flight.clamp(1, lanes.most), limits.per_minute);
        }
        self.purse.set_budget(limits.budget);
    }

    pub fn is_over_budget(&self) -> bool {
        self.purse.is_empty()
    }

    pub fn spent(&self) -> (Option<f64>, Option<String>) {
        self.purse.spent()
    }

    /// What the calls of a judge have on their way. `None` of a connection that is not there, at which no call is made.
    pub fn of_judge(&self, connection: &ConnectionId) -> Option<Arc<Paced>> {
        let lanes = self.lanes.iter().find(|lanes| lanes.connection == *connection)?;
        Some(Paced::of_judge(&lanes.pace, &self.purse))
    }

    /// How many answers are judged at a time that were over when the matrix went on.
    pub fn judged_at_once(&self) -> usize {
        self.lanes.iter().map(|lanes| lanes.pace.most()).max().unwrap_or(1) as usize
    }

    pub fn cell_begins(&self, run: &RunId) {
        *lock(&self.tally).open.entry(run.clone()).or_default() += 1;
        self.changed.notify_one();
    }

    pub fn cell_is_over(&self, run: &RunId, calls: Calls) {
        let mut tally = lock(&self.tally);
        if let Some(open) = tally.open.get_mut(run) {
            *open -= 1;
            if *open == 0 {
                tally.open.remove(run);
            }
        }
        let problem = count_hopeless(&mut tally.hopeless, calls.error);
        drop(tally);
        self.give_up_where(problem);
    }

    /// One call of a judge is over.
    pub fn judge_is_over(&self, error: Option<AppError>) {
        let problem = count_hopeless(&mut lock(&self.tally).hopeless_judges, error);
        self.give_up_where(problem);
    }

    fn give_up_where(&self, problem: Option<AppError>) {
        if let Some(problem) = problem {
            self.give_up(problem);
        }
        self.changed.notify_one();
    }

    /// Runs with cells that are not over.
    pub fn open_runs(&self) -> Vec<RunId> {
        lock(&self.tally).open.keys().cloned().collect()
    }

    /// A moment for the rate.
    pub fn note_progress(&self, over: u64) {
        let mut tally = lock(&self.tally);
        let at = unix_milliseconds();
        if tally.progress.back().is_some_and(|last| at < last.at + PROGRESS_EVERY) {
            return;
        }
        tally.progress.push_back(MatrixProgress { at, over });
        if tally.progress.len() > MOST_PROGRESS {
            tally.progress.pop_front();
        }
    }

    pub fn show_in(&self, matrix: &mut Matrix) {
        (matrix.spent, matrix.currency) = self.purse.spent();
        let tally = lock(&self.tally);
        matrix.progress = tally.progress.iter().copied().collect();
        matrix.slowed_to = self.lanes.iter().filter_map(|lanes| lanes.pace.slowed_to()).min();
        if matrix.problem.is_none() {
            matrix.problem.clone_from(&tally.problem);
        }
    }

    /// A row whose cells are being made, made by `make` when nobody else makes them.
    pub fn row(&self, row: u64, make: impl FnOnce() -> Result<RowRun, AppError>) -> Result<Arc<RowRun>, AppError> {
        let mut rows = lock(&self.rows);
        if let Some(known) = rows.get(&row).and_then(Weak::upgrade).filter(|known| !known.is_gone()) {
            return Ok(known);
        }
        if rows.len() >= MOST_ROWS {
            rows.retain(|_, row| row.strong_count() > 0);
        }
        let made = Arc::new(make()?);
        rows.insert(row, Arc::downgrade(&made));
        Ok(made)
    }
}

/// Gives the error once there were too many in a row.
fn count_hopeless(in_a_row: &mut u32, error: Option<AppError>) -> Option<AppError> {
    *in_a_row = match &error {
        Some(error) if is_hopeless(error) => *in_a_row + 1,
        _ => 0,
    };
    error.filter(|_| *in_a_row >= HOPELESS)
}

/// The next call would meet the same.
fn is_hopeless(error: &AppError) -> bool {
    match error {
        AppError::Network { stage, .. } => *stage != NetworkStage::Reset,
        AppError::Rejected(rejection) => matches!(
            rejection.category,
            RejectionCategory::Authentication | RejectionCategory::Permission | RejectionCategory::Exhausted
        ),
        _ => false,
    }
}
