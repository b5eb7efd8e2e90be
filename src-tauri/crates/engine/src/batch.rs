//! Batches: files of requests that a provider answers when it has time.
//!
//! `batches/<id>/` in the data folder holds what is true of one: `input.jsonl` as it was made, `mends.json`, `table.jsonl`
//! where it was made of a table, `request.jsonl` as it is sent, `output.jsonl` and `errors.jsonl` as they came, and
//! `object.json`, the provider's last word; `trial.json` names the lines that were sent live before. The database has one row for each batch, and none for its lines.

mod ask;
mod book;
pub mod build;
pub mod check;
mod edit;
mod excerpt;
mod fetch;
pub mod join;
pub(crate) mod line;
mod look;
pub mod mend;
mod pick;
mod provider;
mod send;
mod state;
mod table;
pub(crate) mod tokens;
pub mod trial;
mod watch;
mod windows;
pub(crate) mod words;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use juxta_store::{BatchHeld, StoredBatch};
use juxta_wire::batch::{
    BatchCounts, BatchJob, BatchLines, BatchNews, BatchPlan, BatchRowDetail, BatchRows, BatchRowsQuery, BatchSource,
    BatchState, MetadataEntry,
};
use juxta_wire::error::AppError;
use juxta_wire::ids::BatchId;

use crate::Engine;
use crate::run::feed::lock;
use crate::run::{invalid, storage, unix_milliseconds};
use join::Joined;

pub use book::BatchListener;
pub(crate) use book::Batches;

/// Batches whose rows stay at hand.
const MOST_JOINED: usize = 3;

impl Engine {
    /// Newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn batches(&self) -> Result<Vec<BatchJob>, AppError> {
        let batches = self.store().batches().map_err(storage)?;
        Ok(batches.into_iter().rev().map(|batch| batch.job).collect())
    }

    /// Makes a draft of a batch, and begins a look at its file.
    ///
    /// # Errors
    /// When the source cannot be read, has no requests, or cannot be written.
    pub fn make_batch(&self, source: BatchSource, plan: BatchPlan) -> Result<BatchJob, AppError> {
        self.ready_connection(&plan.connection)?;
        let id = BatchId::new();
        let folder = self.batch_folder(&id)?;
        fs::create_dir_all(&folder).map_err(storage)?;
        let made = self.write_input(&source, &plan, &folder).and_then(|retry_of| {
            let job = draft(id.clone(), &plan, retry_of, &source);
            self.alone(|| self.keep_batch(&StoredBatch { job, held: BatchHeld::default() }))
        });
        match made {
            Ok(job) => {
                self.begin_look(&id);
                Ok(job)
            }
            Err(error) => {
                // Nothing refers to it.
                let _ = fs::remove_dir_all(&folder);
                Err(error)
            }
        }
    }

    /// Writes `input.jsonl`; gives the batch that this one tries again.
    fn write_input(&self, source: &BatchSource, plan: &BatchPlan, folder: &Path) -> Result<Option<BatchId>, AppError> {
        let input = folder.join("input.jsonl");
        match source {
            BatchSource::File { path } => {
                copy(Path::new(path), &input).map_err(|error| invalid("file", &format!("{path}: {error}")))?;
                Ok(None)
            }
            BatchSource::Text { text, .. } => {
                fs::write(&input, text).map_err(storage)?;
                Ok(None)
            }
            BatchSource::Prompt { comparison } => {
                build::prompt(self, comparison, &plan.connection, folder)?;
                Ok(None)
            }
            BatchSource::Failures { batch, lines } => {
                let joined = self.joined(batch)?;
                build::failures(&joined, lines.as_deref(), folder)?;
                Ok(Some(batch.clone()))
            }
        }
    }

    /// Changes what a batch is called, and, before it is sent, how it is sent.
    ///
    /// # Errors
    /// When there is no such batch or no such connection.
    pub fn plan_batch(&self, id: &BatchId, plan: BatchPlan) -> Result<BatchJob, AppError> {
        let mut is_other_file = false;
        let job = self.change_batch(id, |batch| {
            batch.job.name = name(&plan.name, &batch.job.name);
            if batch.job.state != BatchState::Draft {
                return Ok(());
            }
            self.ready_connection(&plan.connection)?;
            let url = some(plan.url.as_deref());
            is_other_file = batch.job.connection != plan.connection || batch.job.url != url;
            batch.job.connection = plan.connection.clone();
            batch.job.window = some(plan.window.as_deref());
            batch.job.metadata = metadata(&plan.metadata);
            batch.job.url = url;
            Ok(())
        })?;
        if is_other_file {
            // What holds for a file depends on who is to take it.
            self.begin_look(id);
        }
        Ok(job)
    }

    /// Forgets a batch here. Its provider is told nothing.
    ///
    /// # Errors
    /// While it is on its way.
    pub fn drop_batch(&self, id: &BatchId) -> Result<(), AppError> {
        let folder = self.batch_folder(id)?;
        self.forget_look(id);
        self.alone(|| {
            if self.stored_batch(id)?.job.state == BatchState::Sending {
                return Err(invalid("batch", "The batch is on its way. Wait until it is known what becomes of it"));
            }
            self.store().delete_batch(id).map_err(storage)?;
            self.batches_shared().tell(&BatchNews::Gone { id: id.clone() });
            Ok(())
        })?;
        lock(&self.batches_shared().joined).retain(|(known, _)| known != id);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                // The next start removes what has no row.
                tracing::warn!(%error, batch = %id, "the files of a batch could not be removed");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Rows of requests joined to their answers.
    ///
    /// # Errors
    /// When there is no such batch, or when its files cannot be read.
    pub fn batch_rows(&self, id: &BatchId, query: &BatchRowsQuery) -> Result<BatchRows, AppError> {
        self.joined(id)?.rows(query)
    }

    /// The lines of rows, without a look at what is in them.
    ///
    /// # Errors
    /// As [`Engine::batch_rows`].
    pub fn batch_lines(&self, id: &BatchId, query: &BatchRowsQuery) -> Result<BatchLines, AppError> {
        self.joined(id)?.lines(query)
    }

    /// One row to its bytes.
    ///
    /// # Errors
    /// As [`Engine::batch_rows`]; when there is no such line.
    pub fn batch_row(&self, id: &BatchId, line: u64) -> Result<BatchRowDetail, AppError> {
        self.joined(id)?.detail(line)
    }

    /// Writes all joined rows into a file, whose ending says in which form. Gives how many there are.
    ///
    /// # Errors
    /// As [`Engine::batch_rows`]; when the file cannot be written.
    pub fn save_batch(&self, id: &BatchId, path: &Path) -> Result<u64, AppError> {
        self.joined(id)?.save(&self.stored_batch(id)?.job, path)
    }

    fn joined(&self, id: &BatchId) -> Result<Arc<Joined>, AppError> {
        let job = self.stored_batch(id)?.job;
        let is_over = job.state.is_over() && job.fetched;
        let shared = self.batches_shared();
        let known = lock(&shared.joined).iter().find(|(known, _)| known == id).map(|(_, joined)| Arc::clone(joined));
        if let Some(joined) = known.filter(|joined| joined.is_current(is_over)) {
            return Ok(joined);
        }
        let joined = Arc::new(Joined::open(&self.batch_folder(id)?, is_over)?);
        let mut at_hand = lock(&shared.joined);
        at_hand.retain(|(known, _)| known != id);
        at_hand.insert(0, (id.clone(), Arc::clone(&joined)));
        at_hand.truncate(MOST_JOINED);
        Ok(joined)
    }
}

fn draft(id: BatchId, plan: &BatchPlan, retry_of: Option<BatchId>, source: &BatchSource) -> BatchJob {
    let otherwise = match source {
        BatchSource::File { path } => Path::new(path).file_stem().map(|stem| stem.to_string_lossy().into_owned()),
        BatchSource::Text { name, .. } => Some(name.clone()),
        BatchSource::Prompt { comparison } => Some(comparison.name.clone()),
        BatchSource::Failures { .. } => None,
    };
    BatchJob {
        id,
        name: name(&plan.name, otherwise.as_deref().unwrap_or_default()),
        connection: plan.connection.clone(),
        endpoint: None,
        model: None,
        state: BatchState::Draft,
        provider_id: None,
        provider_state: None,
        counts: BatchCounts::default(),
        window: some(plan.window.as_deref()),
        url: some(plan.url.as_deref()),
        metadata: metadata(&plan.metadata),
        problem: None,
        retry_of,
        made_at: unix_milliseconds(),
        sent_at: None,
        ended_at: None,
        next_check: None,
        progress: Vec::new(),
        fetched: false,
    }
}

/// What was given, or what it was called before, without what no list can show.
fn name(given: &str, otherwise: &str) -> String {
    let cleaned = |text: &str| -> String { text.trim().chars().filter(|one| !one.is_control()).take(200).collect() };
    [cleaned(given), cleaned(otherwise)].into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| "Batch".to_owned())
}

fn some(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The mark by which a batch is found again is ours to set.
fn metadata(given: &[MetadataEntry]) -> Vec<MetadataEntry> {
    given.iter().filter(|entry| !entry.name.is_empty() && entry.name != ask::OUR_MARK).cloned().collect()
}

fn copy(from: &Path, into: &Path) -> io::Result<()> {
    let mut file = File::create(into)?;
    io::copy(&mut File::open(from)?, &mut file)?;
    file.flush()
}
