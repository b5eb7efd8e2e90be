//! A replay on screen: a recorded answer goes to the window the way it went when it came, at a pace of choice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::live::CellSnapshot;
use juxta_wire::metrics::Metrics;
use juxta_wire::outcome::Outcome;
use juxta_wire::replay::{ReplayControl, ReplayPace};
use juxta_wire::run::{Cell, CellState};
use juxta_wire::timing::Milestones;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{Player, milliseconds};
use crate::run::feed::{SharedCell, lock};
use crate::run::live::{LiveCell, without_texts};
use crate::run::{invalid, storage};
use crate::{Engine, blocking, metrics, not_found};

/// Replays under way. Taking one out of the map ends it where it is.
#[derive(Default)]
pub(crate) struct Replays {
    playing: Mutex<HashMap<CellId, Playing>>,
}

struct Playing {
    controls: mpsc::UnboundedSender<ReplayControl>,
    cell: SharedCell,
}

/// Events that are played before other tasks get a turn.
const TURN: usize = 1_024;

impl Replays {
    pub fn stop_all(&self) {
        lock(&self.playing).clear();
    }

    fn controls(&self, cell: &CellId) -> Option<mpsc::UnboundedSender<ReplayControl>> {
        lock(&self.playing).get(cell).map(|playing| playing.controls.clone())
    }

    /// Forgets a replay that has ended, unless another one of the same cell took its place.
    fn forget(&self, id: &CellId, ended: &SharedCell) {
        let mut playing = lock(&self.playing);
        if playing.get(id).is_some_and(|known| Arc::ptr_eq(&known.cell, ended)) {
            playing.remove(id);
        }
    }
}

impl Engine {
    /// Plays the recorded answer of a cell that is over. A replay of it that is under way is replaced. Nothing is sent
    /// and nothing is stored; at the end the cell is told as the recorded bytes make it.
    pub async fn start_replay(&self, id: &CellId, pace: ReplayPace) -> Result<CellSnapshot, AppError> {
        if let ReplayPace::Times { factor } = pace {
            check_factor(factor)?;
        }
        let (engine, wanted) = (self.clone(), id.clone());
        let recorded = blocking(move || engine.recorded(&wanted)).await?;
        let player = Player::new(&recorded.cell, recorded.body, &recorded.index);
        let mode = Mode::new(pace, 0);
        let mut head = recorded.cell.clone();
        head.state = mode.state(pace, &player);
        head.outcome = Outcome::default();
        head.milestones = Milestones::default();
        head.metrics = Metrics::default();
        head.error = None;
        head.arrivals = Vec::new();

        let (send, controls) = mpsc::unbounded_channel();
        // The one before ends when its sender goes; its cell makes room first, so that it can tell nothing any more.
        self.feed().remove(id);
        let shared = self.feed().add(LiveCell::new(head));
        let playing = Playing { controls: send, cell: Arc::clone(&shared) };
        lock(&self.replays().playing).insert(id.clone(), playing);
        let snapshot = lock(&shared).snapshot();
        let replay = Replay { engine: self.clone(), shared, player, pace, mode, controls, recorded: recorded.cell };
        self.tasks().spawn(replay.run());
        Ok(snapshot)
    }

    /// Does nothing when no replay of the cell is under way: it may have ended just now.
    pub fn control_replay(&self, id: &CellId, control: ReplayControl) {
        if let Some(controls) = self.replays().controls(id) {
            // It may end between the look and the word.
            let _ended = controls.send(control);
        }
    }

    /// What a cell that is over has received. Reads from the disk.
    pub(super) fn recorded(&self, id: &CellId) -> Result<Recorded, AppError> {
        if self.live_runs().controls(id).is_some() {
            return Err(invalid("cell", "This answer is still arriving. Replay it when it has ended."));
        }
        let cell = self.store().cell(id).map_err(storage)?.ok_or_else(|| not_found("The answer"))?;
        let (body, _) = self.store().read_body(id, u64::MAX).map_err(storage)?;
        let index = self.store().read_index(id).map_err(storage)?;
        if body.is_empty() && cell.head.is_none() {
            return Err(invalid("cell", "Nothing was received for this call, so there is nothing to replay."));
        }
        Ok(Recorded { cell, body: Bytes::from(body), index })
    }
}

pub(super) fn check_factor(factor: f64) -> Result<(), AppError> {
    match factor.is_finite() && factor > 0.0 {
        true => Ok(()),
        false => Err(invalid("factor", "A pace is a number above 0, for example 1 or 10.")),
    }
}

/// A cell with the bytes that came for it.
pub(super) struct Recorded {
    pub cell: Cell,
    pub body: Bytes,
    pub index: Vec<juxta_store::IndexRecord>,
}

/// How the replay goes on by itself. Positions are microseconds of the recording.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    /// Was at `position` at the moment `since`, and moves `factor` times as fast as the clock.
    Moving {
        factor: f64,
        since: Instant,
        position: u64,
    },
    Paused {
        position: u64,
    },
    /// Everything that is left is due.
    Rushing,
}

impl Mode {
    fn new(pace: ReplayPace, position: u64) -> Self {
        match pace {
            ReplayPace::Times { factor } => Mode::Moving { factor, since: Instant::now(), position },
            ReplayPace::Step => Mode::Paused { position },
            ReplayPace::AtOnce => Mode::Rushing,
        }
    }

    fn position(self, player: &Player) -> u64 {
        match self {
            Mode::Moving { factor, since, position } => {
                position.saturating_add((since.elapsed().as_secs_f64() * 1e6 * factor) as u64).min(player.length())
            }
            Mode::Paused { position } => position,
            Mode::Rushing => player.length(),
        }
    }

    /// When the clock reaches `at` of the recording; `None` when it never does by itself.
    fn due(self, at: u64) -> Option<Instant> {
        match self {
            Mode::Moving { factor, since, position } => {
                let wait = at.saturating_sub(position) as f64 / 1e6 / factor;
                // More than a year is as good as never, and an instant cannot be arbitrarily far away.
                Some(since + Duration::try_from_secs_f64(wait.min(3e7)).unwrap_or_default())
            }
            Mode::Paused { .. } => None,
            Mode::Rushing => Some(Instant::now()),
        }
    }

    fn state(self, pace: ReplayPace, player: &Player) -> CellState {
        CellState::Replaying {
            pace,
            paused: matches!(self, Mode::Paused { .. }),
            position: milliseconds(self.position(player)),
            length: milliseconds(player.length()),
        }
    }
}

struct Replay {
    engine: Engine,
    shared: SharedCell,
    player: Player,
    pace: ReplayPace,
    mode: Mode,
    controls: mpsc::UnboundedReceiver<ReplayControl>,
    recorded: Cell,
}

impl Replay {
    async fn run(mut self) {
        self.engine.feed().touch_now();
        while let Some(at) = self.player.next_at() {
            let due = self.mode.due(at);
            let wait = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                control = self.controls.recv() => match control {
                    Some(control) => self.control(control),
                    // Another replay took its place, or Juxta closes.
                    None => return,
                },
                () = wait => {
                    self.play_what_is_due();
                    tokio::task::yield_now().await;
                }
            }
        }
        self.end();
    }

    fn control(&mut self, control: ReplayControl) {
        let position = self.mode.position(&self.player);
        self.mode = match control {
            ReplayControl::Pause => Mode::Paused { position },
            ReplayControl::Resume => {
                // Step by step has no speed of its own.
                if self.pace == ReplayPace::Step {
                    self.pace = ReplayPace::Times { factor: 1.0 };
                }
                Mode::new(self.pace, position)
            }
            ReplayControl::Step => {
                let mut cell = lock(&self.shared);
                let reached = self.player.next_at().unwrap_or(position);
                self.player.play_next(&mut cell);
                Mode::Paused { position: reached }
            }
            ReplayControl::Finish => Mode::Rushing,
        };
        let state = self.mode.state(self.pace, &self.player);
        lock(&self.shared).change(|cell| cell.state = state);
        self.engine.feed().touch_now();
    }

    fn play_what_is_due(&mut self) {
        let position = self.mode.position(&self.player);
        let mut cell = lock(&self.shared);
        for _ in 0..TURN {
            if self.player.next_at().is_none_or(|at| at > position) {
                break;
            }
            self.player.play_next(&mut cell);
        }
        drop(cell);
        self.engine.feed().touch();
    }

    /// Tells the cell as it was recorded, with everything that the bytes decide computed from them anew.
    fn end(self) {
        let mut live = lock(&self.shared);
        let replayed = self.player.fold(&live);
        let mut cell = self.recorded;
        cell.milestones = Milestones { end: cell.milestones.end, ..replayed.milestones };
        cell.outcome = replayed.outcome;
        let cost = cell.metrics.cost.take();
        cell.metrics = Metrics { cost, ..metrics::compute(&cell.state, &cell.outcome, &cell.milestones) };
        cell.outcome.choices = cell.outcome.choices.into_iter().map(without_texts).collect();
        cell.arrivals = Vec::new();
        let id = cell.id.clone();
        live.change(|head| *head = cell);
        drop(live);
        self.engine.replays().forget(&id, &self.shared);
        self.engine.feed().touch_now();
    }
}
