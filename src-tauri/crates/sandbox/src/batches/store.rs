//! Batches and their files as plain files: what is found in the folder at the start goes on.
//!
//! `batches/{id}.json` is a batch, `files/{id}.jsonl` the content of a file and `files/{id}.json` what is told of it. A
//! content that nothing is told of belongs to a batch that is not over.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::record::Record;

/// A file that can be fetched. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptFile {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) purpose: String,
    pub(crate) bytes: u64,
    pub(crate) created_at: u64,
    pub(crate) expires_at: Option<u64>,
    /// Whether OpenAI's listing has it. What belongs to ScaiGrid's batches has addresses only.
    pub(crate) listed: bool,
}

impl KeptFile {
    pub(crate) fn row(&self) -> Value {
        json!({ "id": self.id, "object": "file", "bytes": self.bytes, "created_at": self.created_at,
            "expires_at": self.expires_at, "filename": self.name, "purpose": self.purpose, "status": "processed",
            "status_details": null })
    }
}

/// How long a sandbox that ends may hold on to its folder.
const TURNS: u32 = 100;
const TURN: Duration = Duration::from_millis(20);

/// A folder that no other sandbox works in: rows that two answer would be there twice.
#[derive(Debug)]
pub(crate) struct Claimed {
    folder: PathBuf,
    /// The system lets go of it with the process, however that ends.
    _lock: fs::File,
}

impl Claimed {
    /// `None` when another sandbox has it.
    pub(crate) async fn claim(folder: PathBuf) -> io::Result<Option<Self>> {
        fs::create_dir_all(&folder)?;
        let lock = fs::File::create(folder.join("lock"))?;
        for _ in 0..TURNS {
            match lock.try_lock() {
                Ok(()) => return Ok(Some(Self { folder, _lock: lock })),
                Err(fs::TryLockError::WouldBlock) => tokio::time::sleep(TURN).await,
                Err(fs::TryLockError::Error(error)) => return Err(error),
            }
        }
        Ok(None)
    }
}

/// The folder. One that nobody gave is made when it is needed, and goes with this.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    given: Option<Claimed>,
    is_made: OnceLock<()>,
}

impl Store {
    pub(crate) fn new(given: Option<Claimed>) -> Self {
        let own = || std::env::temp_dir().join(format!("juxta-sandbox-{}", uuid::Uuid::new_v4().simple()));
        let folder = given.as_ref().map_or_else(own, |claimed| claimed.folder.clone());
        Self { folder, given, is_made: OnceLock::new() }
    }

    /// Everything that is there, oldest first. What cannot be read is passed over: it is no reason not to start.
    pub(crate) fn read(&self) -> (Vec<KeptFile>, Vec<Record>) {
        let (mut files, mut records) = (read_all(&self.folder.join("files")), read_all(&self.folder.join("batches")));
        files.sort_by_key(|file: &KeptFile| file.created_at);
        records.sort_by_key(|record: &Record| record.created_at);
        (files, records)
    }

    fn make(&self) -> io::Result<()> {
        if self.is_made.get().is_none() {
            fs::create_dir_all(self.folder.join("files"))?;
            fs::create_dir_all(self.folder.join("batches"))?;
            // Whoever was quicker has done the same.
            let _first = self.is_made.set(());
        }
        Ok(())
    }

    fn content_path(&self, id: &str) -> PathBuf {
        self.folder.join("files").join(format!("{id}.jsonl"))
    }

    pub(crate) fn save_batch(&self, record: &Record) -> io::Result<()> {
        self.make()?;
        write_whole(&self.folder.join("batches").join(format!("{}.json", record.id)), &serde_json::to_vec(record)?)
    }

    pub(crate) fn save_file(&self, file: &KeptFile) -> io::Result<()> {
        self.make()?;
        write_whole(&self.folder.join("files").join(format!("{}.json", file.id)), &serde_json::to_vec(file)?)
    }

    pub(crate) fn write(&self, id: &str, bytes: &[u8]) -> io::Result<()> {
        self.make()?;
        write_whole(&self.content_path(id), bytes)
    }

    /// Empty when nothing was written yet.
    pub(crate) fn content(&self, id: &str) -> io::Result<Bytes> {
        match fs::read(self.content_path(id)) {
            Ok(bytes) => Ok(bytes.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Bytes::new()),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn has_content(&self, id: &str) -> bool {
        self.content_path(id).exists()
    }

    pub(crate) fn append(&self, id: &str) -> io::Result<fs::File> {
        self.make()?;
        fs::OpenOptions::new().create(true).append(true).open(self.content_path(id))
    }

    /// Removes the content and what is told of it.
    pub(crate) fn delete_file(&self, id: &str) {
        for path in [self.content_path(id), self.folder.join("files").join(format!("{id}.json"))] {
            remove(&path);
        }
    }

    pub(crate) fn delete_batch(&self, id: &str) {
        remove(&self.folder.join("batches").join(format!("{id}.json")));
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.given.is_none() && self.is_made.get().is_some() {
            // The system empties its folder for such files when this fails.
            let _removed = fs::remove_dir_all(&self.folder);
        }
    }
}

/// A file that is in the way of nobody may stay when it cannot be removed.
fn remove(path: &Path) {
    let _removed = fs::remove_file(path);
}

fn read_all<T: DeserializeOwned>(folder: &Path) -> Vec<T> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let jsons = paths.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
    jsons.filter_map(|path| serde_json::from_slice(&fs::read(path).ok()?).ok()).collect()
}

/// The old or the new content, whenever the process ends.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    let mut file = fs::File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(part, path)
}
