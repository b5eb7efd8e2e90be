//! From live cells to one window: at most one batch a frame, none above the size that Tauri's channel carries fast, and
//! a bounded number on the way.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use juxta_wire::ids::{CellId, RunId};
use juxta_wire::live::{Batch, CellSnapshot, MAX_BATCH_BYTES};
use juxta_wire::run::{Cell, RunSummary};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::live::LiveCell;

/// One frame at 60 a second.
const FRAME: Duration = Duration::from_millis(16);
/// With more streams than this, text goes out every other frame: nobody reads more columns at once, and each batch
/// costs the window a layout.
const FEW: usize = 2;
/// Batches that may travel unacknowledged: about 330 kB.
const MOST_UNACKNOWLEDGED: u64 = 48;

/// Runs that are known to be quiet. Those before them are long over.
const MOST_QUIET: usize = 10_000;

/// Takes a batch to the window; `false` when the window is gone.
pub type Window = Arc<dyn Fn(Batch) -> bool + Send + Sync>;

pub type SharedCell = Arc<Mutex<LiveCell>>;

/// Locks a cell. A panic while a cell was locked leaves it readable: text is only ever appended.
pub fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Default)]
struct State {
    cells: Vec<SharedCell>,
    by_id: HashMap<CellId, SharedCell>,
    /// Number of the last update of each cell that is over: what is said of it later fits on.
    told: HashMap<CellId, u64>,
    runs: Vec<RunSummary>,
    /// Nobody looks at these runs, of which there may be thousands: a window is told nothing of them.
    quiet: HashSet<RunId>,
    quiet_in_order: VecDeque<RunId>,
    /// Somebody looked at these.
    looked_at: HashSet<RunId>,
    window: Option<Window>,
    sent: u64,
    acknowledged: u64,
}

/// The live cells of all runs, and the window that watches them.
#[derive(Default)]
pub struct Feed {
    state: Mutex<State>,
    /// Something changed that a window would show.
    changed: Notify,
    /// Something changed that should not wait for the frame.
    urgent: Notify,
}

impl Feed {
    pub fn add(&self, cell: LiveCell) -> SharedCell {
        let id = cell.head().id.clone();
        let shared = Arc::new(Mutex::new(cell));
        let mut state = lock(&self.state);
        state.cells.push(Arc::clone(&shared));
        state.by_id.insert(id, Arc::clone(&shared));
        shared
    }

    /// Takes a cell away before its end was told.
    pub fn remove(&self, id: &CellId) {
        let mut state = lock(&self.state);
        if state.by_id.remove(id).is_some() {
            state.cells.retain(|cell| lock(cell).head().id != *id);
        }
    }

    /// A live cell, or one that is over but not yet told to the window.
    pub fn cell(&self, id: &CellId) -> Option<SharedCell> {
        lock(&self.state).by_id.get(id).cloned()
    }

    pub fn cells_of(&self, run: &RunId) -> Vec<SharedCell> {
        lock(&self.state).cells.iter().filter(|cell| lock(cell).head().run == *run).cloned().collect()
    }

    pub fn snapshot(&self, id: &CellId) -> Option<CellSnapshot> {
        self.cell(id).map(|cell| lock(&cell).snapshot())
    }

    /// Number of the last update of a cell that is over.
    pub fn told(&self, id: &CellId) -> u64 {
        lock(&self.state).told.get(id).copied().unwrap_or_default()
    }

    /// Text is still on its way, from a server or a recording.
    pub fn is_growing(&self, id: &CellId) -> bool {
        self.cell(id).is_some_and(|cell| !lock(&cell).head().state.is_over())
    }

    /// Something else is to be said of a cell that is over, and stored.
    pub fn tell_stored(&self, cell: &Cell) {
        let mut state = lock(&self.state);
        match state.by_id.get(&cell.id) {
            Some(shared) => lock(shared).change(|head| {
                head.results.clone_from(&cell.results);
                head.arguments.clone_from(&cell.arguments);
                head.choice = cell.choice;
                head.replaced.clone_from(&cell.replaced);
            }),
            None if state.quiet.contains(&cell.run) => return,
            None => {
                let sequence = state.told.get(&cell.id).copied().unwrap_or_default();
                let shared = Arc::new(Mutex::new(LiveCell::stored(cell, sequence)));
                state.cells.push(Arc::clone(&shared));
                state.by_id.insert(cell.id.clone(), shared);
            }
        }
        drop(state);
        self.touch_now();
    }

    /// The row of a run changed.
    pub fn tell_run(&self, summary: RunSummary) {
        let mut state = lock(&self.state);
        if state.quiet.contains(&summary.id) {
            return;
        }
        state.runs.retain(|known| known.id != summary.id);
        state.runs.push(summary);
        drop(state);
        self.changed.notify_one();
    }

    /// Nothing of the run goes to the window before somebody looks at it.
    pub fn hush(&self, run: &RunId) {
        let mut state = lock(&self.state);
        if state.looked_at.contains(run) || !state.quiet.insert(run.clone()) {
            return;
        }
        state.quiet_in_order.push_back(run.clone());
        if state.quiet_in_order.len() > MOST_QUIET
            && let Some(oldest) = state.quiet_in_order.pop_front()
        {
            state.quiet.remove(&oldest);
        }
    }

    /// Somebody looks at a run: from now on the window is told of it.
    pub fn look_at(&self, run: &RunId) {
        let mut state = lock(&self.state);
        state.quiet.remove(run);
        state.looked_at.insert(run.clone());
        drop(state);
        self.touch_now();
    }

    /// Text arrived: it goes out with the next frame.
    pub fn touch(&self) {
        self.changed.notify_one();
    }

    /// A first token or a new state: it goes out now.
    pub fn touch_now(&self) {
        self.changed.notify_one();
        self.urgent.notify_one();
    }

    /// A window opens its channel. The one before, if any, is forgotten; numbers go on.
    pub fn subscribe(&self, window: Window) {
        let mut state = lock(&self.state);
        state.window = Some(window);
        state.acknowledged = state.sent;
        drop(state);
        self.touch_now();
    }

    pub fn acknowledge(&self, number: u64) {
        let mut state = lock(&self.state);
        state.acknowledged = state.acknowledged.max(number.min(state.sent));
        drop(state);
        self.changed.notify_one();
    }

    /// Sends batches until the task that runs it is dropped.
    pub async fn run(&self) {
        let mut next = Instant::now();
        loop {
            self.changed.notified().await;
            tokio::select! {
                () = tokio::time::sleep_until(next) => {}
                () = self.urgent.notified() => {}
            }
            let streams = self.send();
            next = Instant::now() + if streams > FEW { FRAME * 2 } else { FRAME };
        }
    }

    /// Returns how many cells are still told of.
    fn send(&self) -> usize {
        let mut state = lock(&self.state);
        let Some(window) = state.window.clone() else {
            state.forget_told();
            return 0;
        };
        while state.sent - state.acknowledged < MOST_UNACKNOWLEDGED {
            let Some(batch) = state.next_batch() else { break };
            if !window(batch) {
                state.window = None;
                break;
            }
        }
        state.forget_told();
        state.cells.len()
    }
}

impl State {
    fn next_batch(&mut self) -> Option<Batch> {
        let mut budget = MAX_BATCH_BYTES;
        let runs = std::mem::take(&mut self.runs);
        budget = budget.saturating_sub(runs.len() * 320);
        let mut updates = Vec::new();
        let mut served = 0;
        for cell in &self.cells {
            if budget < MAX_BATCH_BYTES / 8 {
                break;
            }
            let mut cell = lock(cell);
            if !self.quiet.contains(&cell.head().run) {
                updates.extend(cell.take_update(&mut budget));
            }
            served += 1;
        }
        if updates.is_empty() && runs.is_empty() {
            return None;
        }
        // Whoever was not served goes first next time, so that a flood in lane A starves nobody.
        if served < self.cells.len() {
            self.cells.rotate_left(served);
        }
        self.sent += 1;
        Some(Batch { number: self.sent, updates, runs })
    }

    fn forget_told(&mut self) {
        let window = self.window.is_some();
        self.cells.retain(|cell| {
            let cell = lock(cell);
            let is_quiet = self.quiet.contains(&cell.head().run);
            let told = cell.head().state.is_over() && (!window || is_quiet || cell.is_told());
            if told {
                self.by_id.remove(&cell.head().id);
                if !is_quiet {
                    self.told.insert(cell.head().id.clone(), cell.sequence());
                }
            }
            !told
        });
    }
}
