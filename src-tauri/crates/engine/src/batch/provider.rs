//! What a provider has that was made elsewhere.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use juxta_client::call::Call;
use juxta_client::endpoints::batch::{self, BatchObject, Place, Told};
use juxta_client::providers::BatchRoute;
use juxta_store::{BatchHeld, StoredBatch};
use juxta_wire::batch::{BatchCounts, BatchJob, BatchState, ProviderBatch, ProviderBatches};
use juxta_wire::error::AppError;
use juxta_wire::ids::{BatchId, ConnectionId};

use super::ask::{Line, OUR_MARK};
use super::state;
use crate::run::{storage, unix_milliseconds};
use crate::{Engine, blocking};

const PAGE: u32 = 20;

impl Engine {
    /// One page of the batches that the provider has, with those that are known here marked.
    ///
    /// # Errors
    /// When the connection has no batches, and what provider or network say.
    pub async fn provider_batches(
        &self,
        connection: &ConnectionId,
        state: Option<String>,
        cursor: Option<String>,
    ) -> Result<ProviderBatches, AppError> {
        let line = self.line(connection).await?;
        let call = line.call_for(BatchRoute::All).await?;
        let page = batch::list(&line.http, &call, state.as_deref(), PAGE, cursor.as_deref()).await?;
        let engine = self.clone();
        let ours = blocking(move || engine.store().batches().map_err(storage)).await?;
        let known = |object: &BatchObject| {
            ours.iter().find(|batch| is_same(batch, connection, object)).map(|batch| batch.job.id.clone())
        };
        let batches = page.batches.into_iter().map(|object| listed(known(&object), object)).collect();
        Ok(ProviderBatches { batches, cursor: page.cursor })
    }

    /// Takes a batch into the list that was made elsewhere, with the file of its requests where the provider has that.
    /// One that is in the list stays as it is.
    ///
    /// # Errors
    /// As [`Engine::provider_batches`]; when files cannot be written.
    pub async fn adopt_batch(&self, connection: &ConnectionId, provider_id: &str) -> Result<BatchJob, AppError> {
        let line = self.line(connection).await?;
        let call = line.call_about(provider_id, |id| BatchRoute::One(id)).await?;
        let told = batch::get(&line.http, &call).await?;
        let engine = self.clone();
        let ours = blocking(move || engine.store().batches().map_err(storage)).await?;
        if let Some(known) = ours.iter().find(|batch| is_same(batch, connection, &told.object)) {
            if known.job.provider_id.is_none() {
                self.fold(&known.job.id, told).await?;
            }
            return Ok(self.row(&known.job.id).await?.job);
        }
        let id = BatchId::new();
        let folder = self.batch_folder(&id)?;
        std::fs::create_dir_all(&folder).map_err(storage)?;
        let request = folder.join("request.jsonl");
        if let Err(error) = take_requests(&line, &call, told.object.input.as_ref(), &request).await {
            tracing::info!(%error, "the requests of a batch from elsewhere could not be had");
            std::fs::write(&request, "").map_err(storage)?;
        }
        let (engine, connection) = (self.clone(), connection.clone());
        blocking(move || engine.keep_adopted(id, connection, told)).await
    }

    fn keep_adopted(&self, id: BatchId, connection: ConnectionId, told: Told) -> Result<BatchJob, AppError> {
        self.keep_object(&id, &told.json)?;
        let now = unix_milliseconds();
        let metadata = told.object.metadata.iter().filter(|entry| entry.name != OUR_MARK).cloned().collect();
        let job = BatchJob {
            id,
            name: told.object.id.clone(),
            connection,
            endpoint: None,
            model: None,
            state: BatchState::Other,
            provider_id: None,
            provider_state: None,
            counts: BatchCounts::default(),
            window: None,
            url: None,
            metadata,
            problem: None,
            retry_of: None,
            made_at: told.object.made_at.unwrap_or(now),
            sent_at: None,
            ended_at: None,
            next_check: None,
            progress: Vec::new(),
            fetched: false,
        };
        let mut batch = StoredBatch { job, held: BatchHeld::default() };
        state::told(&mut batch, &told.object, now);
        self.alone(|| self.keep_batch(&batch))
    }
}

/// By its id at the provider, or by the mark that we sent along where its answer never came.
fn is_same(ours: &StoredBatch, connection: &ConnectionId, object: &BatchObject) -> bool {
    let job = &ours.job;
    if job.connection != *connection {
        return false;
    }
    match &job.provider_id {
        Some(id) => *id == object.id,
        None => object.metadata.iter().any(|entry| entry.name == OUR_MARK && entry.value == job.id.as_str()),
    }
}

fn listed(known: Option<BatchId>, object: BatchObject) -> ProviderBatch {
    ProviderBatch {
        provider_id: object.id,
        state: object.state,
        provider_state: object.word,
        counts: object.counts.unwrap_or_default(),
        window: object.window,
        metadata: object.metadata,
        made_at: object.made_at,
        ended_at: object.ended_at,
        known,
        problem: object.problem,
    }
}

async fn take_requests(line: &Line, call: &Call, input: Option<&Place>, path: &Path) -> Result<(), AppError> {
    let Some(place) = input else {
        return std::fs::write(path, "").map_err(storage);
    };
    let mut file = BufWriter::new(File::create(path).map_err(storage)?);
    match place {
        Place::Address(address) => batch::fetch_address(&line.http, call, address, &mut file).await?,
        Place::File(id) => {
            let call = line.call_about(id, |id| BatchRoute::FileContent(id)).await?;
            batch::fetch_file(&line.http, &call, &mut file).await?
        }
    };
    file.flush().map_err(storage)
}
