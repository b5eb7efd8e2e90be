//! Batches, one row each. What is in them is files.

use juxta_wire::batch::BatchJob;
use juxta_wire::ids::BatchId;
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

use crate::documents::{from_json, to_json};
use crate::error::{Doing, StoreError};
use crate::store::Store;

/// A batch with what nobody is shown of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredBatch {
    pub job: BatchJob,
    pub held: BatchHeld,
}

/// What it takes to go on with a batch after a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BatchHeld {
    /// The request that makes the batch may have left: from here on it is never sent again by itself.
    pub submitted: bool,
    /// Milliseconds between the last question and the next.
    pub wait: u64,
    /// Questions without a good answer, one after the other.
    pub failures: u32,
}

impl Store {
    /// In the order in which they were made.
    pub fn batches(&self) -> Result<Vec<StoredBatch>, StoreError> {
        const DOING: &str = "read the batches";
        self.read(|database| {
            let mut statement = database.prepare_cached("SELECT job, held FROM batches ORDER BY id").doing(DOING)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).doing(DOING)?;
            rows.map(|row| stored(DOING, &row.doing(DOING)?)).collect()
        })
    }

    pub fn batch(&self, id: &BatchId) -> Result<Option<StoredBatch>, StoreError> {
        const DOING: &str = "read the batch";
        self.read(|database| {
            let row = database
                .prepare_cached("SELECT job, held FROM batches WHERE id = ?1")
                .doing(DOING)?
                .query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
                .doing(DOING)?;
            row.map(|row| stored(DOING, &row)).transpose()
        })
    }

    /// Adds a batch, or replaces the one with its id.
    pub fn save_batch(&self, batch: &StoredBatch) -> Result<(), StoreError> {
        const DOING: &str = "save the batch";
        let row = (batch.job.id.0.clone(), to_json(DOING, &batch.job)?, to_json(DOING, &batch.held)?);
        self.write(DOING, move |database| {
            let sql = "INSERT INTO batches (id, job, held) VALUES (?1, ?2, ?3) \
                       ON CONFLICT (id) DO UPDATE SET job = excluded.job, held = excluded.held";
            database.prepare_cached(sql).doing(DOING)?.execute(row).doing(DOING)?;
            Ok(())
        })
    }

    /// One that is not there is removed already.
    pub fn delete_batch(&self, id: &BatchId) -> Result<(), StoreError> {
        const DOING: &str = "delete the batch";
        let id = id.0.clone();
        self.write(DOING, move |database| {
            database.execute("DELETE FROM batches WHERE id = ?1", [id]).doing(DOING)?;
            Ok(())
        })
    }
}

fn stored(doing: &'static str, (job, held): &(String, String)) -> Result<StoredBatch, StoreError> {
    Ok(StoredBatch { job: from_json(doing, job)?, held: from_json(doing, held)? })
}
