//! One task asks about all batches that are under way, each when its time has come. It sleeps while there are none.

use std::collections::HashSet;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use juxta_client::endpoints::batch;
use juxta_wire::batch::BatchState;
use juxta_wire::error::AppError;
use juxta_wire::ids::BatchId;
use tokio::task::JoinSet;

use super::book::Batches;
use super::state;
use crate::run::{storage, unix_milliseconds};
use crate::{Engine, WeakEngine, blocking};

/// A computer that slept has missed its timers; its clock tells. It is looked at so often while a batch is watched.
const LONGEST_SLEEP: u64 = 5_000;

impl Engine {
    /// Goes on with the batches where the last start left them: what was on its way when Juxta ended is looked for at its
    /// provider, what is under way is asked about, what is over is fetched. To be called once, when connections can be
    /// used.
    ///
    /// # Errors
    /// When the batches cannot be read.
    pub async fn go_on_with_batches(&self) -> Result<(), AppError> {
        let engine = self.clone();
        blocking(move || engine.settle_batches()).await?;
        let (engine, shared) = (self.downgrade(), Arc::clone(self.batches_shared()));
        self.tasks().spawn(watch(engine, shared));
        Ok(())
    }

    fn settle_batches(&self) -> Result<(), AppError> {
        let batches = self.store().batches().map_err(storage)?;
        let known: HashSet<&str> = batches.iter().map(|batch| batch.job.id.as_str()).collect();
        self.sweep(&known);
        let left = batches.iter().filter(|batch| batch.job.state == BatchState::Sending);
        for id in left.map(|batch| &batch.job.id) {
            // The answer may have reached the disk before the row did.
            let answer = fs::read_to_string(self.batch_folder(id)?.join("object.json")).ok();
            let object = answer.as_deref().and_then(batch::read);
            self.change_batch(id, |batch| {
                let now = unix_milliseconds();
                match object {
                    Some(object) => state::told(batch, &object, now),
                    None if batch.held.submitted => {
                        batch.job.state = BatchState::Unknown;
                        batch.held.failures = 0;
                        batch.job.next_check = Some(now);
                    }
                    None => {
                        batch.job.state = BatchState::Draft;
                        batch.job.sent_at = None;
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Removes folders whose batch was never made to its end. What was sent or came stays, whatever became of its row.
    fn sweep(&self, known: &HashSet<&str>) {
        const SENT_OR_CAME: [&str; 4] = ["request.jsonl", "object.json", "output.jsonl", "errors.jsonl"];
        let Ok(entries) = fs::read_dir(self.folder().join("batches")) else { return };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let is_known = path.file_name().and_then(|name| name.to_str()).is_none_or(|name| known.contains(name));
            let is_half_made = SENT_OR_CAME.iter().all(|file| !path.join(file).exists());
            if !is_known
                && is_half_made
                && let Err(error) = fs::remove_dir_all(&path)
            {
                tracing::warn!(%error, "what was left of a batch could not be removed");
            }
        }
    }

    /// What is due is asked about now; the rest says when.
    fn due_batches(&self) -> Result<(Vec<BatchId>, Option<u64>), AppError> {
        let now = unix_milliseconds();
        let shared = self.batches_shared();
        let mut batches = self.store().batches().map_err(storage)?;
        batches.retain(|batch| state::is_asked_about(batch) && !shared.is_asked_about(&batch.job.id));
        let (due, later): (Vec<_>, Vec<_>) = batches.into_iter().partition(|batch| state::is_due(batch, now));
        let next = later.iter().filter_map(|batch| batch.job.next_check).min();
        Ok((due.into_iter().map(|batch| batch.job.id).collect(), next.map(|at| at.saturating_sub(now))))
    }
}

async fn watch(engine: WeakEngine, shared: Arc<Batches>) {
    let mut questions = JoinSet::new();
    while let Some(strong) = engine.upgrade() {
        // Before the rows are read: a change in between is not slept through.
        let changed = shared.changed.notified();
        let looked = {
            let engine = strong.clone();
            blocking(move || engine.due_batches()).await
        };
        let (due, next) = looked.unwrap_or_else(|error| {
            tracing::warn!(%error, "the batches could not be looked through");
            (Vec::new(), Some(LONGEST_SLEEP))
        });
        for id in due {
            let (engine, shared) = (strong.clone(), Arc::clone(&shared));
            questions.spawn(async move {
                let Some(_question) = shared.question(&id) else { return };
                let asked = tokio::select! {
                    biased;
                    () = shared.stop.cancelled() => return,
                    asked = engine.ask_about(&id) => asked,
                };
                match asked {
                    // It was dropped meanwhile.
                    Ok(()) | Err(AppError::NotFound { .. }) => {}
                    Err(error) => {
                        tracing::warn!(%error, batch = %id, "a batch could not be asked about");
                        // A disk that refuses is not asked a thousand times a second.
                        tokio::select! {
                            () = shared.stop.cancelled() => {}
                            () = tokio::time::sleep(Duration::from_millis(LONGEST_SLEEP)) => {}
                        }
                    }
                }
            });
        }
        drop(strong);
        let sleep = async {
            match next {
                Some(wait) => tokio::time::sleep(Duration::from_millis(wait.clamp(1, LONGEST_SLEEP))).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = shared.stop.cancelled() => break,
            () = changed => {}
            Some(_) = questions.join_next() => {}
            () = sleep => {}
        }
    }
    while questions.join_next().await.is_some() {}
}
