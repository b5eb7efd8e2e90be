//! The look at the file of a batch, in the background, and what a person does about its faults.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use juxta_store::StoredBatch;
use juxta_wire::batch::{BatchCheck, BatchMend, BatchNews, BatchState};
use juxta_wire::error::AppError;
use juxta_wire::ids::BatchId;

use super::check::{self, Checked, Rules};
use super::mend::{self, Mends};
use crate::run::feed::lock;
use crate::run::invalid;
use crate::{Engine, blocking};

/// A file up to this size is looked at anew while the person waits.
const QUICK: u64 = 8 << 20;

/// A look that goes on, or that is over.
#[derive(Default)]
pub(crate) struct Look {
    is_stopped: AtomicBool,
    found: Mutex<Checked>,
}

impl Look {
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    fn found(&self) -> Checked {
        lock(&self.found).clone()
    }
}

impl Engine {
    /// What the look at a batch's file has found so far. Begins one where there was none since the start.
    ///
    /// # Errors
    /// When there is no such batch.
    pub fn batch_check(&self, id: &BatchId) -> Result<BatchCheck, AppError> {
        self.stored_batch(id)?;
        match self.known_look(id) {
            Some(look) => Ok(look.found().check),
            None => Ok(self.begin_look(id).found().check),
        }
    }

    /// What the whole look finds; comes back when it is over.
    ///
    /// # Errors
    /// When there is no such batch, or when its file cannot be read.
    pub async fn whole_batch_check(&self, id: &BatchId) -> Result<BatchCheck, AppError> {
        self.learn_windows_for(id).await;
        let (engine, id) = (self.clone(), id.clone());
        blocking(move || engine.whole_look(&id)).await.map(|checked| checked.check)
    }

    /// Chooses what is done about a line, or takes the choice back.
    ///
    /// # Errors
    /// When the batch was sent, or for a mend that is more than a line.
    pub fn mend_batch_line(&self, id: &BatchId, line: u64, mend: Option<BatchMend>) -> Result<BatchCheck, AppError> {
        self.change_mends(id, |mends| {
            match &mend {
                Some(mend) => mends.insert(line, mend.clone()),
                None => mends.remove(&line),
            };
        })?;
        self.look_anew(id, |check| {
            for fault in check.faults.iter_mut().filter(|fault| fault.line == line) {
                fault.chosen.clone_from(&mend);
            }
        })
    }

    /// Leaves out every line with a fault about which nothing was chosen.
    ///
    /// # Errors
    /// When the batch was sent.
    pub fn leave_out_faults(&self, id: &BatchId) -> Result<BatchCheck, AppError> {
        let undecided = self.whole_look(id)?.undecided;
        self.change_mends(id, |mends| {
            for line in &undecided {
                mends.insert(*line, BatchMend::LeaveOut);
            }
        })?;
        self.look_anew(id, |check| {
            for fault in check.faults.iter_mut().filter(|fault| fault.chosen.is_none()) {
                fault.chosen = Some(BatchMend::LeaveOut);
            }
        })
    }

    fn change_mends(&self, id: &BatchId, change: impl FnOnce(&mut Mends)) -> Result<(), AppError> {
        let path = self.batch_folder(id)?.join("mends.json");
        self.alone(|| {
            still_draft(&self.stored_batch(id)?)?;
            let mut mends = mend::read(&path)?;
            change(&mut mends);
            mend::save(&mends, &path)
        })
    }

    /// Looks again: at once where that is quick, else in the background, with `meanwhile` for what is known already.
    fn look_anew(&self, id: &BatchId, meanwhile: impl FnOnce(&mut BatchCheck)) -> Result<BatchCheck, AppError> {
        let known = self.known_look(id).map(|look| look.found());
        let bytes = std::fs::metadata(self.batch_folder(id)?.join("input.jsonl")).map_or(0, |file| file.len());
        match known {
            Some(mut known) if bytes > QUICK => {
                meanwhile(&mut known.check);
                self.begin_look(id);
                Ok(known.check)
            }
            _ => Ok(self.finish_look(id, &self.new_look(id))?.check),
        }
    }

    /// A look that is over: the known one, or one that is made now.
    pub(super) fn whole_look(&self, id: &BatchId) -> Result<Checked, AppError> {
        match self.known_look(id).map(|look| look.found()) {
            Some(found) if found.check.done => Ok(found),
            _ => self.finish_look(id, &self.new_look(id)),
        }
    }

    /// Begins a look in the background; one that goes on is stopped.
    pub(super) fn begin_look(&self, id: &BatchId) -> Arc<Look> {
        let look = self.new_look(id);
        let (engine, id, begun) = (self.clone(), id.clone(), Arc::clone(&look));
        self.tasks().spawn(async move {
            engine.learn_windows_for(&id).await;
            if begun.is_stopped.load(Ordering::Relaxed) {
                return;
            }
            let (of, looked) = (engine.clone(), id.clone());
            let whole = Arc::clone(&begun);
            if let Err(error) = blocking(move || of.finish_look(&looked, &whole)).await {
                tracing::warn!(%error, batch = %id, "the file of a batch could not be looked at");
                let check = BatchCheck { done: true, notes: vec![error.to_string()], ..begun.found().check };
                engine.forget_look(&id);
                engine.batches_shared().tell(&BatchNews::Check { id, check: Box::new(check) });
            }
        });
        look
    }

    pub(super) fn forget_look(&self, id: &BatchId) {
        if let Some(look) = lock(&self.batches_shared().looks).remove(id) {
            look.stop();
        }
    }

    fn known_look(&self, id: &BatchId) -> Option<Arc<Look>> {
        lock(&self.batches_shared().looks).get(id).cloned()
    }

    fn new_look(&self, id: &BatchId) -> Arc<Look> {
        let look = Arc::new(Look::default());
        if let Some(before) = lock(&self.batches_shared().looks).insert(id.clone(), Arc::clone(&look)) {
            before.stop();
        }
        look
    }

    /// Reads the file to its end.
    fn finish_look(&self, id: &BatchId, look: &Look) -> Result<Checked, AppError> {
        let folder = self.batch_folder(id)?;
        let rules = self.rules(&self.stored_batch(id)?)?;
        let mends = mend::read(&folder.join("mends.json"))?;
        let shared = self.batches_shared();
        let mut told = |check: &BatchCheck| {
            lock(&look.found).check.clone_from(check);
            shared.tell(&BatchNews::Check { id: id.clone(), check: Box::new(check.clone()) });
            if look.is_stopped.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let checked = check::check(&input_of(&folder), &mends, &rules, &mut told)?;
        if !checked.check.done || look.is_stopped.load(Ordering::Relaxed) {
            return Ok(checked);
        }
        lock(&look.found).clone_from(&checked);
        self.change_batch(id, |batch| {
            if batch.job.state == BatchState::Draft {
                batch.job.endpoint = checked.endpoint;
                batch.job.model.clone_from(&checked.model);
                batch.job.counts.total = checked.check.sent;
            }
            Ok(())
        })?;
        shared.tell(&BatchNews::Check { id: id.clone(), check: Box::new(checked.check.clone()) });
        Ok(checked)
    }

    pub(super) fn rules(&self, batch: &StoredBatch) -> Result<Rules, AppError> {
        let connection = self.ready_connection(&batch.job.connection)?;
        Ok(Rules {
            dialect: connection.dialect,
            is_sent_along: batch.job.url.is_none(),
            windows: self.windows_of(&connection),
        })
    }
}

pub(super) fn input_of(folder: &Path) -> std::path::PathBuf {
    folder.join("input.jsonl")
}

pub(super) fn still_draft(batch: &StoredBatch) -> Result<(), AppError> {
    match batch.job.state {
        BatchState::Draft => Ok(()),
        _ => Err(invalid("batch", "The batch was sent and can no longer be changed")),
    }
}
