//! Handing over a batch, once. What the row says is on the medium before the first byte leaves, and what the provider
//! answers is on it before anybody is told.

use std::path::Path;

use juxta_client::endpoints::batch::{self, Input, Order, Submitted, Told};
use juxta_client::providers::BatchRoute;
use juxta_store::StoredBatch;
use juxta_wire::batch::{BatchJob, BatchMend, BatchState, MetadataEntry};
use juxta_wire::endpoint::Dialect;
use juxta_wire::error::AppError;
use juxta_wire::ids::BatchId;

use super::ask::OUR_MARK;
use super::look::still_draft;
use super::{line, mend, pick};
use crate::run::{internal, invalid, storage, unix_milliseconds};
use crate::{Engine, blocking};

/// Milliseconds until the provider's list is looked through for the first time.
const FIRST_LOOK: u64 = 1_000;

impl Engine {
    /// Sends a batch. Lines with faults about which nothing was chosen stay out, as the look counts them. What provider or
    /// network say is in the batch: a draft that could not be sent is a draft, and says why.
    ///
    /// # Errors
    /// When it was sent already, when no line is left to be sent, or when its files cannot be written.
    pub async fn send_batch(&self, id: &BatchId) -> Result<BatchJob, AppError> {
        self.learn_windows_for(id).await;
        let (engine, of) = (self.clone(), id.clone());
        blocking(move || engine.write_request(&of)).await?;
        self.begin_sending(id, BatchState::Draft).await
    }

    /// Sends a batch again of which nobody knows whether its provider has it. The provider's list is looked through once
    /// more first.
    ///
    /// # Errors
    /// When something else is known of it.
    pub async fn send_batch_again(&self, id: &BatchId) -> Result<BatchJob, AppError> {
        let batch = self.row(id).await?;
        if batch.job.state != BatchState::Unknown {
            return Err(invalid("batch", "It is known what became of this batch"));
        }
        self.look_for(id, &batch).await?;
        let batch = self.row(id).await?;
        match batch.job.state {
            BatchState::Unknown => self.begin_sending(id, BatchState::Unknown).await,
            _ => Ok(batch.job),
        }
    }

    /// Writes the file that is sent.
    fn write_request(&self, id: &BatchId) -> Result<(), AppError> {
        still_draft(&self.stored_batch(id)?)?;
        let checked = self.whole_look(id)?;
        if !checked.check.done {
            return Err(invalid("batch", "The file is still being looked at"));
        }
        if checked.check.sent == 0 {
            return Err(invalid("batch", "No line is left that could be sent"));
        }
        let folder = self.batch_folder(id)?;
        self.alone(|| {
            still_draft(&self.stored_batch(id)?)?;
            let path = folder.join("mends.json");
            let mut mends = mend::read(&path)?;
            for line in checked.undecided {
                mends.insert(line, BatchMend::LeaveOut);
            }
            mend::save(&mends, &path)?;
            mend::write(&folder.join("input.jsonl"), &mends, &folder.join("request.jsonl"))?;
            Ok(())
        })
    }

    /// The sending outlives whoever asked for it.
    async fn begin_sending(&self, id: &BatchId, from: BatchState) -> Result<BatchJob, AppError> {
        let (engine, of) = (self.clone(), id.clone());
        let batch = blocking(move || engine.mark_sending(&of, from)).await?;
        let (engine, of) = (self.clone(), id.clone());
        let sending = self.tasks().spawn(async move { engine.hand_over(&of, batch).await });
        sending.await.map_err(internal)??;
        Ok(self.row(id).await?.job)
    }

    fn mark_sending(&self, id: &BatchId, from: BatchState) -> Result<StoredBatch, AppError> {
        self.change_batch(id, |batch| {
            if batch.job.state != from {
                return Err(invalid("batch", "The batch was sent already"));
            }
            batch.job.state = BatchState::Sending;
            batch.job.sent_at = Some(unix_milliseconds());
            batch.job.problem = None;
            batch.job.next_check = None;
            // What was sent once may be there, whatever becomes of this try.
            batch.held.submitted |= from == BatchState::Unknown;
            Ok(())
        })?;
        self.store().sync().map_err(storage)?;
        self.stored_batch(id)
    }

    /// From here on a batch is at its provider, back with the person, or somewhere that nobody knows.
    async fn hand_over(&self, id: &BatchId, batch: StoredBatch) -> Result<(), AppError> {
        let may_be_there = batch.held.submitted;
        let (outcome, submitted) = match self.submit(id, &batch).await {
            Ok(submitted) => (submitted, true),
            Err(error) => (Submitted::NotTaken(error), false),
        };
        let (engine, of) = (self.clone(), id.clone());
        match outcome {
            Submitted::Taken(object, json) => self.fold(id, Told { object: *object, json }).await,
            Submitted::NotTaken(error) => {
                let state = if may_be_there { BatchState::Unknown } else { BatchState::Draft };
                blocking(move || engine.give_back(&of, state, error, may_be_there)).await
            }
            Submitted::Unknown(error) => {
                blocking(move || engine.give_back(&of, BatchState::Unknown, error, submitted)).await
            }
        }
    }

    fn give_back(&self, id: &BatchId, state: BatchState, error: AppError, submitted: bool) -> Result<(), AppError> {
        self.change_batch(id, |batch| {
            batch.job.state = state;
            batch.job.problem = Some(error);
            batch.held.submitted = submitted;
            batch.held.failures = 0;
            batch.held.wait = FIRST_LOOK;
            if state == BatchState::Unknown {
                batch.job.next_check = Some(unix_milliseconds() + FIRST_LOOK);
            } else {
                batch.job.sent_at = None;
            }
            Ok(())
        })?;
        Ok(())
    }

    /// An error means that the request was not made.
    async fn submit(&self, id: &BatchId, batch: &StoredBatch) -> Result<Submitted, AppError> {
        let line = self.line(&batch.job.connection).await?;
        let request = self.batch_folder(id)?.join("request.jsonl");
        let call = line.call_for(BatchRoute::All).await?;
        let mut kept = None;
        if batch.job.url.is_none() && line.connection.dialect == Dialect::OpenAi {
            // Nothing comes of a file alone, so this may be done again.
            let call = line.call_for(BatchRoute::Files).await?;
            kept = Some(batch::upload(&line.http, &call, &request).await?);
        }
        let (engine, of, file) = (self.clone(), id.clone(), request.clone());
        let endpoint = blocking(move || {
            engine.change_batch(&of, |batch| {
                batch.held.submitted = true;
                Ok(())
            })?;
            engine.store().sync().map_err(storage)?;
            first_path(&file)
        })
        .await?;
        let mark = MetadataEntry { name: OUR_MARK.to_owned(), value: id.to_string() };
        let metadata: Vec<MetadataEntry> = batch.job.metadata.iter().cloned().chain([mark]).collect();
        let window = match line.connection.dialect {
            Dialect::OpenAi => Some(batch.job.window.as_deref().unwrap_or("24h")),
            Dialect::ScaigridV1 | Dialect::ScaleV5 => batch.job.window.as_deref(),
        };
        let order = Order { window, endpoint: &endpoint, metadata: &metadata };
        let input = match (&batch.job.url, &kept) {
            (Some(url), _) => Input::Address(url),
            (None, Some(file)) => Input::Kept(file),
            (None, None) => Input::File(&request),
        };
        batch::submit(&line.http, &call, input, order).await
    }
}

/// The path that the first line calls, as it is spelled there.
fn first_path(request: &Path) -> Result<String, AppError> {
    let mut lines = line::Lines::open(request).map_err(storage)?;
    while let Some(line) = lines.next_line().map_err(storage)? {
        let Ok(text) = std::str::from_utf8(line.bytes) else { continue };
        let [url] = pick::picked(text, ["url"]);
        if let Some(url) = pick::text(url) {
            return Ok(url.into_owned());
        }
    }
    Ok("/v1/chat/completions".to_owned())
}
