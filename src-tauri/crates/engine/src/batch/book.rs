//! What all that is done with batches shares: who hears news, who is being asked about, and one way to change a row.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use juxta_store::StoredBatch;
use juxta_wire::batch::{BatchJob, BatchNews};
use juxta_wire::error::AppError;
use juxta_wire::ids::BatchId;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::join::Joined;
use super::look::Look;
use super::trial::Trials;
use super::windows::KnownWindows;
use crate::run::feed::lock;
use crate::run::storage;
use crate::{Engine, not_found};

/// Hears what happens to batches; `false` when it hears nothing any more.
pub type BatchListener = Box<dyn Fn(BatchNews) -> bool + Send>;

#[derive(Default)]
pub(crate) struct Batches {
    /// Held while a row is read, changed and written, or the files that belong to it.
    changing: Mutex<()>,
    listeners: Mutex<Vec<BatchListener>>,
    asked_about: Mutex<HashSet<BatchId>>,
    pub(super) looks: Mutex<HashMap<BatchId, Arc<Look>>>,
    /// The last ones whose rows were looked at.
    pub(super) joined: Mutex<Vec<(BatchId, Arc<Joined>)>>,
    pub(super) trials: Mutex<Trials>,
    /// Held while lines are chosen to be sent live, and while what came of them is read and told.
    pub(super) trying: Mutex<()>,
    pub(super) windows: Mutex<KnownWindows>,
    /// A question about some batch has ended.
    pub(super) answered: Notify,
    /// A row has changed.
    pub(super) changed: Notify,
    pub(crate) stop: CancellationToken,
}

/// Somebody asks about a batch. Two at a time would write the same files.
pub(super) struct Question {
    batches: Arc<Batches>,
    id: BatchId,
}

impl Drop for Question {
    fn drop(&mut self) {
        lock(&self.batches.asked_about).remove(&self.id);
        self.batches.answered.notify_waiters();
    }
}

impl Batches {
    /// `None` while somebody else asks about it.
    pub(super) fn question(self: &Arc<Self>, id: &BatchId) -> Option<Question> {
        lock(&self.asked_about).insert(id.clone()).then(|| Question { batches: Arc::clone(self), id: id.clone() })
    }

    pub(super) fn is_asked_about(&self, id: &BatchId) -> bool {
        lock(&self.asked_about).contains(id)
    }

    /// Ends what goes on about batches. A batch that is being handed over is not among it.
    pub(crate) fn end(&self) {
        self.stop.cancel();
        for look in lock(&self.looks).values() {
            look.stop();
        }
    }

    pub(super) fn tell(&self, news: &BatchNews) {
        lock(&self.listeners).retain(|listener| listener(news.clone()));
    }
}

impl Engine {
    /// From now on `listener` hears what happens to batches.
    pub fn watch_batches(&self, listener: BatchListener) {
        lock(&self.batches_shared().listeners).push(listener);
    }

    pub(super) fn stored_batch(&self, id: &BatchId) -> Result<StoredBatch, AppError> {
        self.store().batch(id).map_err(storage)?.ok_or_else(|| not_found("The batch"))
    }

    /// The folder of its files. An id comes from the page and becomes part of a path.
    pub(super) fn batch_folder(&self, id: &BatchId) -> Result<PathBuf, AppError> {
        let text = id.as_str();
        let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        match is_plain {
            true => Ok(self.folder().join("batches").join(text)),
            false => Err(not_found("The batch")),
        }
    }

    /// Runs `work` while nobody else changes a batch.
    pub(super) fn alone<T>(&self, work: impl FnOnce() -> Result<T, AppError>) -> Result<T, AppError> {
        let _changing = lock(&self.batches_shared().changing);
        work()
    }

    /// Changes a row and tells of it. Nothing is written when `change` fails.
    pub(super) fn change_batch(
        &self,
        id: &BatchId,
        change: impl FnOnce(&mut StoredBatch) -> Result<(), AppError>,
    ) -> Result<BatchJob, AppError> {
        self.alone(|| {
            let mut batch = self.stored_batch(id)?;
            change(&mut batch)?;
            self.keep_batch(&batch)
        })
    }

    /// Within [`Engine::alone`].
    pub(super) fn keep_batch(&self, batch: &StoredBatch) -> Result<BatchJob, AppError> {
        self.store().save_batch(batch).map_err(storage)?;
        let shared = self.batches_shared();
        shared.tell(&BatchNews::Changed { batch: Box::new(batch.job.clone()) });
        shared.changed.notify_one();
        Ok(batch.job.clone())
    }
}
