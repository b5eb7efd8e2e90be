//! The open data folder.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use juxta_wire::ids::CellId;
use rusqlite::Connection;

use crate::bodies::BodyPaths;
use crate::error::StoreError;
use crate::search::FacetCache;
use crate::writer::Writer;
use crate::{database, recovery};

/// Readers that stay open while nobody reads.
const IDLE_READERS: usize = 4;

/// A data folder, open. Clones share it; when the last one is dropped, the writer thread ends and the folder is free.
///
/// Every call blocks on the disk: from async code, call it where blocking is allowed. A write comes back when it is
/// committed, and every read that starts after that sees it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

// Fields drop from top to bottom: the writer's connection closes last and folds the log into the database, and only
// then may another process have the folder.
struct Inner {
    readers: Mutex<Vec<Connection>>,
    facet_cache: FacetCache,
    /// Counts what was written, so that a reader can tell whether what it worked out still holds.
    writes: AtomicU64,
    writer: Writer,
    database: PathBuf,
    bodies: PathBuf,
    _lock: FolderLock,
}

impl Store {
    /// Opens the folder, which is made when it is not there, and marks what was running when Juxta last ended as
    /// interrupted: see [`Store::interrupted`].
    ///
    /// Fails with [`StoreError::InUse`] while another process has the folder open, and with
    /// [`StoreError::NewerSchema`] when a later Juxta has written it.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Folder { folder: folder.to_owned(), source };
        create_private(folder).map_err(failed)?;
        let lock = File::create(folder.join("juxta.lock")).map_err(failed)?;
        let lock = match lock.try_lock() {
            Ok(()) => FolderLock(lock),
            Err(TryLockError::WouldBlock) => return Err(StoreError::InUse { folder: folder.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        };

        let database = folder.join("juxta.sqlite");
        let mut connection = database::open_for_writing(&database)?;
        recovery::let_go_of_deleted_runs(&connection)?;
        let interrupted = recovery::interrupt_running_cells(&mut connection)?;
        if interrupted > 0 {
            tracing::info!(interrupted, "cells were running when Juxta last ended");
        }
        Ok(Self {
            inner: Arc::new(Inner {
                readers: Mutex::default(),
                facet_cache: FacetCache::default(),
                writes: AtomicU64::default(),
                writer: Writer::start(connection, database::merge_words).map_err(failed)?,
                database,
                bodies: folder.join("bodies"),
                _lock: lock,
            }),
        })
    }

    /// Runs `work` on the writer thread: all of it is committed when this returns `Ok`, none of it otherwise.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let result = self.inner.writer.write(doing, work);
        self.inner.writes.fetch_add(1, Ordering::Relaxed);
        result
    }

    /// Waits until all that was written is on the medium, where a loss of power cannot reach it. A write alone survives
    /// the end of the process only.
    pub fn sync(&self) -> Result<(), StoreError> {
        const DOING: &str = "bring the data to the medium";
        let log = self.inner.database.with_extension("sqlite-wal");
        // Without a log all of it was folded into the database, which waits for the medium.
        match fs::OpenOptions::new().write(true).open(&log).and_then(|file| file.sync_all()) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::Body { doing: DOING, path: log, source })
            }
            _ => Ok(()),
        }
    }

    /// Grows with every write that came back.
    pub(crate) fn writes(&self) -> u64 {
        self.inner.writes.load(Ordering::Relaxed)
    }

    pub(crate) fn facet_cache(&self) -> &FacetCache {
        &self.inner.facet_cache
    }

    /// Runs `work` on a connection that only reads, beside the writer and other readers.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = self.readers().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => database::open_for_reading(&self.inner.database)?,
        };
        let result = work(&connection);
        let mut readers = self.readers();
        if readers.len() < IDLE_READERS {
            readers.push(connection);
        }
        result
    }

    pub(crate) fn body_paths(&self, cell: &CellId) -> Result<BodyPaths, StoreError> {
        BodyPaths::new(&self.inner.bodies, cell)
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.inner.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives the folder free when it drops, and not only when the last copy of the file closes: a process that is being
/// started beside us holds a copy of every open file until it has become the other program.
struct FolderLock(File);

impl Drop for FolderLock {
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::warn!(%error, "the data folder was not unlocked; closing the file does it");
        }
    }
}

/// Prompts and answers are nobody else's business on a machine that people share.
fn create_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
