//! What a call of a matrix has on its way that others do not: places to wait for, somebody who pays, and somebody who hears
//! of the end.

use std::sync::{Arc, Mutex};

use juxta_wire::error::{AppError, RejectionCategory};
use juxta_wire::ids::CellId;
use juxta_wire::run::Cell;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::pace::{Pace, Place};
use super::purse::Purse;
use crate::run::feed::lock;

/// Held by the task of a cell, and by those of the steps that its dialogue goes on with. When the last of them lets go of
/// it, the dialogue is over. The calls of a judge about one answer share one.
pub(crate) struct Paced {
    pace: Arc<Pace>,
    purse: Arc<Purse>,
    /// A dialogue that was begun goes on to its end, whatever it costs; a judge can be asked later.
    needs_money: bool,
    /// Of its first call.
    place: Mutex<Option<Place>>,
    calls: Arc<Mutex<Calls>>,
    _over: Option<oneshot::Sender<()>>,
}

/// What became of the calls of a dialogue.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Calls {
    /// The last one, and why it failed.
    pub last: Option<CellId>,
    pub error: Option<AppError>,
}

impl Paced {
    /// Of a cell that has its place, with what tells of the end.
    pub fn new(pace: &Arc<Pace>, purse: &Arc<Purse>, place: Place) -> (Arc<Self>, End) {
        let (over, is_over) = oneshot::channel();
        let calls = Arc::<Mutex<Calls>>::default();
        let end = End { is_over, calls: Arc::clone(&calls) };
        let paced = Self {
            pace: Arc::clone(pace),
            purse: Arc::clone(purse),
            needs_money: false,
            place: Mutex::new(Some(place)),
            calls,
            _over: Some(over),
        };
        (Arc::new(paced), end)
    }

    /// Of a judge, whose calls wait for their places as the later steps of a dialogue do.
    pub fn of_judge(pace: &Arc<Pace>, purse: &Arc<Purse>) -> Arc<Self> {
        Arc::new(Self {
            pace: Arc::clone(pace),
            purse: Arc::clone(purse),
            needs_money: true,
            place: Mutex::default(),
            calls: Arc::default(),
            _over: None,
        })
    }

    /// The turn of the next call. `None` once `stop` is cancelled, or where there is no money for it.
    pub async fn place(&self, stop: &CancellationToken) -> Option<Place> {
        let first = lock(&self.place).take();
        match first {
            Some(place) => Some(place),
            None => self.pace.next(stop).await.filter(|_| !self.needs_money || !self.purse.is_empty()),
        }
    }

    /// Milliseconds until a call that was refused may be made again.
    pub fn wait_ms(&self) -> f64 {
        self.pace.wait().as_secs_f64() * 1000.0
    }

    pub fn is_over(&self, cell: &Cell) {
        // A cell that never came to its call gives its place back.
        drop(lock(&self.place).take());
        if let Some(cost) = &cell.metrics.cost {
            self.purse.pay(cost);
        }
        let mut calls = lock(&self.calls);
        calls.last = Some(cell.id.clone());
        calls.error.clone_from(&cell.error);
    }
}

/// The end of a dialogue.
pub(crate) struct End {
    /// Never told anything: its other side goes away.
    is_over: oneshot::Receiver<()>,
    calls: Arc<Mutex<Calls>>,
}

impl End {
    pub async fn wait(self) -> Calls {
        let _ = self.is_over.await;
        lock(&self.calls).clone()
    }
}

/// Whether an answer says that there are too many calls, and after how many seconds the next may come. A budget that is used
/// up is none of that.
pub(crate) fn too_many(error: &AppError) -> Option<Option<f64>> {
    match error {
        AppError::Rejected(rejection) if rejection.category == RejectionCategory::RateLimit && rejection.retryable => {
            Some(rejection.retry_after)
        }
        _ => None,
    }
}
