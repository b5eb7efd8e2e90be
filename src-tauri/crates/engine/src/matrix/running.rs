//! A matrix while its cells are being sent.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

use juxta_store::{MatrixBegun, StoredMatrix};
use juxta_wire::connection::Connection;
use juxta_wire::error::{AppError, NetworkStage, RejectionCategory};
use juxta_wire::ids::{MatrixId, RunId};
use juxta_wire::matrix::{Matrix, MatrixLimits, MatrixProgress};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::pace::Pace;
use super::paced::Calls;
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
    pause: Mutex<CancellationToken>,
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

/// The variants of one connection, which go their own way through the rows.
pub(super) struct ConnectionLanes {
    most: u32,
    pub pace: Arc<Pace>,
    pub variants: Vec<u32>,
}

#[derive(Default)]
struct Tally {
    spent: Option<f64>,
    currency: Option<String>,
    budget: Option<f64>,
    progress: VecDeque<MatrixProgress>,
    problem: Option<AppError>,
    hopeless: u32,
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
        let (spent, currency) = spent.unzip();
        Self {
            id: matrix.id.clone(),
            name: matrix.plan.name.clone(),
            lanes: lanes.collect(),
            variables,
            begun,
            pause: Mutex::default(),
            tally: Mutex::new(Tally { spent, currency, budget: limits.budget, ..Tally::default() }),
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

    pub fn go_on(&self) {
        *lock(&self.pause) = CancellationToken::new();
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
        lock(&self.tally).budget = limits.budget;
    }

    pub fn is_over_budget(&self) -> bool {
        let tally = lock(&self.tally);
        tally.budget.is_some_and(|budget| tally.spent.unwrap_or_default() >= budget)
    }

    pub fn spent(&self) -> (Option<f64>, Option<String>) {
        let tally = lock(&self.tally);
        (tally.spent, tally.currency.clone())
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
        if calls.currency.is_some() {
            *tally.spent.get_or_insert_default() += calls.spent;
            tally.currency = tally.currency.take().or(calls.currency);
        }
        tally.hopeless = match &calls.error {
            Some(error) if is_hopeless(error) => tally.hopeless + 1,
            _ => 0,
        };
        let problem = calls.error.filter(|_| tally.hopeless >= HOPELESS);
        drop(tally);
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
        let tally = lock(&self.tally);
        matrix.spent = tally.spent;
        matrix.currency.clone_from(&tally.currency);
        matrix.progress = tally.progress.iter().copied().collect();
        matrix.slowed_to = self.lanes.iter().filter_map(|lanes| lanes.pace.slowed_to()).min();
        if matrix.problem.is_none() {
            matrix.problem.clone_from(&tally.problem);
        }
    }

    /// A row whose cells are being made, made by `make` when nobody else makes them.
    pub fn row(&self, row: u64, make: impl FnOnce() -> Result<RowRun, AppError>) -> Result<Arc<RowRun>, AppError> {
        let mut rows = lock(&self.rows);
        if let Some(known) = rows.get(&row).and_then(Weak::upgrade) {
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
