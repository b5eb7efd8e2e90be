//! Comparisons: the drafts with their lanes, saved while they are typed.

use juxta_wire::ids::ComparisonId;
use juxta_wire::lane::{Comparison, ComparisonSummary};
use rusqlite::{Connection, OptionalExtension};

use crate::documents::{endpoint_column, from_json, to_json, unix_milliseconds};
use crate::error::{Doing, StoreError};
use crate::store::Store;

impl Store {
    /// The one saved last comes first. Reads no draft.
    pub fn comparisons(&self) -> Result<Vec<ComparisonSummary>, StoreError> {
        const DOING: &str = "read the comparisons";
        self.read(|database| {
            let sql = "SELECT id, name, updated_at, lanes, endpoint FROM comparisons ORDER BY revision DESC";
            let mut statement = database.prepare_cached(sql).doing(DOING)?;
            let summaries = statement
                .query_map([], |row| {
                    Ok(ComparisonSummary {
                        id: ComparisonId(row.get(0)?),
                        name: row.get(1)?,
                        updated_at: row.get(2)?,
                        lanes: row.get(3)?,
                        endpoint: endpoint_column(row, "endpoint")?,
                    })
                })
                .doing(DOING)?;
            summaries.map(|summary| summary.doing(DOING)).collect()
        })
    }

    pub fn comparison(&self, id: &ComparisonId) -> Result<Option<Comparison>, StoreError> {
        const DOING: &str = "read the comparison";
        self.read(|database| {
            let document: Option<String> = database
                .prepare_cached("SELECT document FROM comparisons WHERE id = ?1")
                .doing(DOING)?
                .query_row([id.as_str()], |row| row.get(0))
                .optional()
                .doing(DOING)?;
            document.map(|document| from_json(DOING, &document)).transpose()
        })
    }

    /// Adds a comparison, or replaces the one with its id: one row, quick enough for every pause in typing.
    pub fn save_comparison(&self, comparison: &Comparison) -> Result<ComparisonSummary, StoreError> {
        const DOING: &str = "save the comparison";
        let comparison = NewComparison::of(comparison, DOING)?;
        self.write(DOING, move |database| comparison.save(database))
    }

    /// Removes a comparison; one that is not there is removed already. Its runs stay, each with its own snapshot.
    pub fn delete_comparison(&self, id: &ComparisonId) -> Result<(), StoreError> {
        const DOING: &str = "delete the comparison";
        let id = id.0.clone();
        self.write(DOING, move |database| {
            database.execute("DELETE FROM comparisons WHERE id = ?1", [id]).doing(DOING)?;
            Ok(())
        })
    }
}

/// A comparison, taken apart on the caller's thread so that the writer only writes.
pub(crate) struct NewComparison {
    doing: &'static str,
    summary: ComparisonSummary,
    document: String,
}

impl NewComparison {
    pub fn of(comparison: &Comparison, doing: &'static str) -> Result<Self, StoreError> {
        let summary = ComparisonSummary {
            id: comparison.id.clone(),
            name: comparison.name.clone(),
            updated_at: unix_milliseconds(),
            lanes: comparison.lanes.len() as u32,
            endpoint: comparison.endpoint(),
        };
        Ok(Self { doing, summary, document: to_json(doing, comparison)? })
    }

    pub fn save(self, database: &Connection) -> Result<ComparisonSummary, StoreError> {
        let sql = "INSERT INTO comparisons (id, revision, updated_at, lanes, endpoint, name, document) \
                   VALUES (?1, (SELECT coalesce(max(revision), 0) + 1 FROM comparisons), ?2, ?3, ?4, ?5, ?6) \
                   ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, updated_at = excluded.updated_at, \
                   lanes = excluded.lanes, endpoint = excluded.endpoint, name = excluded.name, document = excluded.document";
        let Self { doing, summary, document } = self;
        database
            .prepare_cached(sql)
            .doing(doing)?
            .execute((
                summary.id.as_str(),
                summary.updated_at,
                summary.lanes,
                summary.endpoint.name(),
                &summary.name,
                document,
            ))
            .doing(doing)?;
        Ok(summary)
    }
}
