//! Batches: files of requests that are answered in the background, one row after the other, by the same endpoints that
//! answer live.

pub(crate) mod check;
mod crew;
pub(crate) mod faults;
pub(crate) mod record;
mod results;
pub(crate) mod store;
pub(crate) mod work;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::state::now;
use faults::{Fault, Faults};
use record::{Record, Status};
use store::{Claimed, KeptFile, Store};

/// The oldest that are over make room when there are more.
const MOST_BATCHES: usize = 200;

/// A batch and what is known of it in this process.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    pub(crate) record: Record,
    pub(crate) faults: Faults,
    /// How often it was asked for.
    pub(crate) questions: u64,
    /// How often the addresses of its results were given.
    pub(crate) links_given: u64,
    /// Wakes the work when the batch is cancelled.
    pub(crate) cancelled: Arc<Notify>,
}

impl Batch {
    fn new(record: Record) -> Self {
        // Metadata was read once before it was taken.
        let of_metadata = record.metadata.as_ref().map(Faults::of_metadata).and_then(Result::ok).unwrap_or_default();
        let faults = of_metadata.and_of_model(record.model.as_deref());
        Self { record, faults, questions: 0, links_given: 0, cancelled: Arc::default() }
    }

    pub(crate) fn has_vanished(&self) -> bool {
        let over = self.record.completed + self.record.failed;
        self.faults.has(Fault::Vanished) && over > 0 && over * 2 >= self.record.total
    }
}

/// All batches of a sandbox, and the files that they are made of and lead to.
#[derive(Debug)]
pub(crate) struct Batches {
    store: Store,
    /// Oldest first.
    all: Mutex<Vec<Batch>>,
    /// Oldest first.
    files: Mutex<Vec<KeptFile>>,
    /// The work that is under way; `None` after the end.
    work: Mutex<Option<JoinSet<()>>>,
}

impl Batches {
    pub(crate) fn open(folder: Option<Claimed>) -> Self {
        let store = Store::new(folder);
        let (files, records) = store.read();
        Self {
            store,
            all: Mutex::new(records.into_iter().map(Batch::new).collect()),
            files: Mutex::new(files),
            work: Mutex::new(Some(JoinSet::new())),
        }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Those that are not over.
    fn unfinished(&self) -> Vec<String> {
        let all = lock(&self.all);
        all.iter().filter(|batch| !batch.record.status.is_over()).map(|batch| batch.record.id.clone()).collect()
    }

    pub(crate) fn add(&self, record: Record) -> io::Result<()> {
        self.store.save_batch(&record)?;
        let mut all = lock(&self.all);
        all.push(Batch::new(record));
        if all.len() > MOST_BATCHES
            && let Some(oldest) = all.iter().position(|batch| batch.record.status.is_over())
        {
            let Record { id, input_file, output_file, error_file, dialect, .. } = all.remove(oldest).record;
            drop(all);
            self.store.delete_batch(&id);
            // A file that was uploaded by itself stays until it is deleted.
            let own_input = (dialect != juxta_wire::endpoint::Dialect::OpenAi).then_some(input_file);
            for file in own_input.into_iter().chain([output_file, error_file]) {
                self.delete_file(&file);
            }
        }
        Ok(())
    }

    pub(crate) fn find(&self, id: &str) -> Option<Batch> {
        lock(&self.all).iter().find(|batch| batch.record.id == id).cloned()
    }

    /// Newest first.
    pub(crate) fn listing(&self) -> Vec<Batch> {
        lock(&self.all).iter().rev().filter(|batch| !batch.has_vanished()).cloned().collect()
    }

    /// Changes what this process knows; nothing is written.
    pub(crate) fn note<T>(&self, id: &str, change: impl FnOnce(&mut Batch) -> T) -> Option<T> {
        lock(&self.all).iter_mut().find(|batch| batch.record.id == id).map(change)
    }

    /// Changes a batch and writes it. `None` when there is none.
    pub(crate) fn change<T>(&self, id: &str, change: impl FnOnce(&mut Record) -> T) -> io::Result<Option<T>> {
        let mut all = lock(&self.all);
        let Some(batch) = all.iter_mut().find(|batch| batch.record.id == id) else { return Ok(None) };
        let changed = change(&mut batch.record);
        // Under the lock, so that an older state never replaces a newer one.
        self.store.save_batch(&batch.record)?;
        Ok(Some(changed))
    }

    /// Begins to cancel. `Err` has the status of one for which it is too late.
    pub(crate) fn cancel(&self, id: &str) -> io::Result<Option<Result<(), Status>>> {
        let cancelled = self.change(id, |record| match record.status {
            Status::Validating | Status::InProgress => {
                record.enter(Status::Cancelling, now());
                Ok(())
            }
            Status::Cancelling => Ok(()),
            status => Err(status),
        })?;
        if cancelled == Some(Ok(())) {
            self.note(id, |batch| batch.cancelled.notify_one());
        }
        Ok(cancelled)
    }

    pub(crate) fn keep_file(&self, file: KeptFile, bytes: &[u8]) -> io::Result<()> {
        self.store.write(&file.id, bytes)?;
        self.tell_of_file(file)
    }

    /// Lets a file be found whose content is written.
    pub(crate) fn tell_of_file(&self, file: KeptFile) -> io::Result<()> {
        self.store.save_file(&file)?;
        let mut files = lock(&self.files);
        files.retain(|known| known.id != file.id);
        files.push(file);
        Ok(())
    }

    pub(crate) fn file(&self, id: &str) -> Option<KeptFile> {
        self.files().into_iter().find(|file| file.id == id)
    }

    /// Oldest first, without those whose time is over.
    pub(crate) fn files(&self) -> Vec<KeptFile> {
        let now = now();
        lock(&self.files).iter().filter(|file| file.expires_at.is_none_or(|end| now < end)).cloned().collect()
    }

    pub(crate) fn content(&self, id: &str) -> io::Result<Bytes> {
        self.store.content(id)
    }

    /// False when there was none.
    pub(crate) fn delete_file(&self, id: &str) -> bool {
        let mut files = lock(&self.files);
        let before = files.len();
        files.retain(|file| file.id != id);
        let found = files.len() < before;
        drop(files);
        if found {
            self.store.delete_file(id);
        }
        found
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(tasks) = lock(&self.work).as_mut() {
            while tasks.try_join_next().is_some() {}
            tasks.spawn(work);
        }
    }

    /// Leaves all work as it is. The files are whole after each row.
    pub(crate) fn stop(&self) -> Option<JoinSet<()>> {
        lock(&self.work).take()
    }
}

/// Every value behind these locks is whole after each statement, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
