//! Questions to the provider about one batch: how it is, where it is when nobody knows, and that it be cancelled.

use std::sync::Arc;

use juxta_client::call::Call;
use juxta_client::endpoints::batch::{self, BatchObject, Told};
use juxta_client::http::Http;
use juxta_client::providers::BatchRoute;
use juxta_store::StoredBatch;
use juxta_wire::batch::{BatchJob, BatchState};
use juxta_wire::connection::Connection;
use juxta_wire::error::AppError;
use juxta_wire::ids::{BatchId, ConnectionId};

use super::mend::in_one_step;
use super::{fetch, state};
use crate::run::{invalid, storage, unix_milliseconds};
use crate::{Engine, blocking};

/// The name of the entry by which a batch is found again at its provider.
pub(super) const OUR_MARK: &str = "juxta_batch";
/// Batches on a page when one is looked for, and pages.
const PAGE: u32 = 100;
const MOST_PAGES: usize = 20;

/// What a call about batches needs.
#[derive(Clone)]
pub(super) struct Line {
    pub http: Http,
    pub connection: Connection,
    engine: Engine,
}

impl Line {
    /// Blocks on the keychain.
    pub fn call(&self, route: BatchRoute<'_>) -> Result<Call, AppError> {
        batch::call(&self.connection, route, &|slot| self.engine.key(&self.connection, slot))
    }

    /// A call whose route has an id in it.
    pub async fn call_about(
        &self,
        id: &str,
        route: impl for<'a> Fn(&'a str) -> BatchRoute<'a> + Send + 'static,
    ) -> Result<Call, AppError> {
        let (line, id) = (self.clone(), id.to_owned());
        blocking(move || line.call(route(&id))).await
    }

    pub async fn call_for(&self, route: BatchRoute<'static>) -> Result<Call, AppError> {
        let line = self.clone();
        blocking(move || line.call(route)).await
    }
}

impl Engine {
    pub(super) async fn line(&self, connection: &ConnectionId) -> Result<Line, AppError> {
        let (engine, id) = (self.clone(), connection.clone());
        blocking(move || {
            let connection = engine.ready_connection(&id)?;
            let http = engine.http().get(&connection.network)?;
            Ok(Line { http, connection, engine })
        })
        .await
    }

    /// Asks the provider at once, and fetches what it has for a batch that is over.
    ///
    /// # Errors
    /// When there is no such batch, or when it was not sent. What the provider or the network says is in the batch.
    pub async fn ask_batch_now(&self, id: &BatchId) -> Result<BatchJob, AppError> {
        let shared = Arc::clone(self.batches_shared());
        let batch = self.row(id).await?;
        if matches!(batch.job.state, BatchState::Draft | BatchState::Sending) {
            return Err(invalid("batch", "The batch was not sent yet"));
        }
        let answered = shared.answered.notified();
        match shared.question(id) {
            Some(_question) => self.ask_about(id).await?,
            // Somebody asks already, and that answer will do.
            None => answered.await,
        }
        Ok(self.row(id).await?.job)
    }

    /// Stops a batch; what was done of it is kept.
    ///
    /// # Errors
    /// When the provider does not have it or is done with it, and what provider or network say.
    pub async fn cancel_batch(&self, id: &BatchId) -> Result<BatchJob, AppError> {
        let batch = self.row(id).await?;
        let Some(provider_id) = batch.job.provider_id.clone().filter(|_| batch.job.state.is_watched()) else {
            return Err(invalid("batch", "The provider is not at work on this batch"));
        };
        let line = self.line(&batch.job.connection).await?;
        let call = line.call_about(&provider_id, |id| BatchRoute::Cancel(id)).await?;
        let told = batch::cancel(&line.http, &call).await?;
        self.fold(id, told).await?;
        Ok(self.row(id).await?.job)
    }

    pub(super) async fn row(&self, id: &BatchId) -> Result<StoredBatch, AppError> {
        let (engine, id) = (self.clone(), id.clone());
        blocking(move || engine.stored_batch(&id)).await
    }

    /// One question. What goes wrong at the other end is kept with the batch.
    ///
    /// # Errors
    /// When the batch is not there any more, or cannot be written.
    pub(super) async fn ask_about(&self, id: &BatchId) -> Result<(), AppError> {
        let batch = self.row(id).await?;
        let asked = match (&batch.job.provider_id, batch.job.state) {
            (None, BatchState::Unknown) => return self.look_for(id, &batch).await,
            (Some(provider_id), state) if state != BatchState::Draft => self.ask_for(id, &batch, provider_id).await,
            _ => return Ok(()),
        };
        match asked {
            Ok(()) => Ok(()),
            Err(error) => self.note_failure(id, error).await,
        }
    }

    async fn ask_for(&self, id: &BatchId, batch: &StoredBatch, provider_id: &str) -> Result<(), AppError> {
        let line = self.line(&batch.job.connection).await?;
        let call = line.call_about(provider_id, |id| BatchRoute::One(id)).await?;
        let told = batch::get(&line.http, &call).await?;
        let object = told.object.clone();
        self.fold(id, told).await?;
        if object.state.is_over() && !batch.job.fetched {
            self.fetch(id, &line, &call, &object).await?;
        }
        Ok(())
    }

    async fn fetch(&self, id: &BatchId, line: &Line, call: &Call, object: &BatchObject) -> Result<(), AppError> {
        fetch::fetch(self, id, line, call, object).await?;
        let (engine, id) = (self.clone(), id.clone());
        blocking(move || {
            engine.change_batch(&id, |batch| {
                batch.job.fetched = true;
                batch.job.next_check = None;
                Ok(())
            })
        })
        .await?;
        Ok(())
    }

    /// Looks through the provider's list for a batch whose answer never came.
    pub(super) async fn look_for(&self, id: &BatchId, batch: &StoredBatch) -> Result<(), AppError> {
        let now = unix_milliseconds;
        match self.found(id, &batch.job).await {
            Ok(Some(told)) => self.fold(id, told).await,
            Ok(None) => self.note(id, move |batch| state::not_found(batch, now())).await,
            // The words on why nobody knows stay; those on the list are of the moment.
            Err(error) => {
                tracing::info!(%error, batch = %id, "the provider's list could not be looked through");
                self.note(id, move |batch| state::not_found(batch, now())).await
            }
        }
    }

    async fn found(&self, id: &BatchId, job: &BatchJob) -> Result<Option<Told>, AppError> {
        let line = self.line(&job.connection).await?;
        let call = line.call_for(BatchRoute::All).await?;
        let mut cursor: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let page = batch::list(&line.http, &call, None, PAGE, cursor.as_deref()).await?;
            let is_ours = |object: &&BatchObject| {
                object.metadata.iter().any(|entry| entry.name == OUR_MARK && entry.value == id.as_str())
            };
            if let Some(object) = page.batches.iter().find(is_ours) {
                let call = line.call_about(&object.id, |id| BatchRoute::One(id)).await?;
                return batch::get(&line.http, &call).await.map(Some);
            }
            if page.cursor.is_none() || page.cursor == cursor {
                break;
            }
            cursor = page.cursor;
        }
        Ok(None)
    }

    /// Takes over what the provider says. Its words are on the disk before the row says that they were heard.
    pub(super) async fn fold(&self, id: &BatchId, told: Told) -> Result<(), AppError> {
        let (engine, id) = (self.clone(), id.clone());
        blocking(move || {
            engine.keep_object(&id, &told.json)?;
            engine.change_batch(&id, |batch| {
                state::told(batch, &told.object, unix_milliseconds());
                Ok(())
            })
        })
        .await?;
        Ok(())
    }

    pub(super) fn keep_object(&self, id: &BatchId, json: &str) -> Result<(), AppError> {
        let path = self.batch_folder(id)?.join("object.json");
        self.alone(|| in_one_step(&path, |file| std::io::Write::write_all(file, json.as_bytes())).map_err(storage))
    }

    async fn note_failure(&self, id: &BatchId, error: AppError) -> Result<(), AppError> {
        tracing::info!(%error, batch = %id, "a question about a batch got no good answer");
        self.note(id, move |batch| state::failed(batch, error, unix_milliseconds())).await
    }

    async fn note(&self, id: &BatchId, change: impl FnOnce(&mut StoredBatch) + Send + 'static) -> Result<(), AppError> {
        let (engine, id) = (self.clone(), id.clone());
        blocking(move || {
            engine.change_batch(&id, |batch| {
                change(batch);
                Ok(())
            })
        })
        .await?;
        Ok(())
    }
}
