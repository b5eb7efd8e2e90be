//! Which file mirrors which comparison.

use juxta_wire::ids::ComparisonId;
use rusqlite::{OptionalExtension, Row};

use crate::error::{Doing, StoreError};
use crate::store::Store;

/// A comparison and its file, as they were when they said the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptLink {
    pub comparison: ComparisonId,
    pub path: String,
    pub text: String,
}

impl PromptLink {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { comparison: ComparisonId(row.get(0)?), path: row.get(1)?, text: row.get(2)? })
    }
}

impl Store {
    /// Reads one text, where [`Store::prompt_links`] reads all.
    pub fn prompt_link(&self, comparison: &ComparisonId) -> Result<Option<PromptLink>, StoreError> {
        const DOING: &str = "read which file the prompt has";
        self.read(|database| {
            let sql = "SELECT comparison, path, text FROM prompt_files WHERE comparison = ?1";
            let mut statement = database.prepare_cached(sql).doing(DOING)?;
            statement.query_row([comparison.as_str()], PromptLink::read).optional().doing(DOING)
        })
    }

    pub fn prompt_links(&self) -> Result<Vec<PromptLink>, StoreError> {
        const DOING: &str = "read which prompts have files";
        self.read(|database| {
            let sql = "SELECT comparison, path, text FROM prompt_files ORDER BY path";
            let mut statement = database.prepare_cached(sql).doing(DOING)?;
            let links = statement.query_map([], PromptLink::read).doing(DOING)?;
            links.map(|link| link.doing(DOING)).collect()
        })
    }

    /// Adds a link, or replaces that of its comparison. A path that another comparison had is this one's now.
    pub fn save_prompt_link(&self, link: PromptLink) -> Result<(), StoreError> {
        const DOING: &str = "remember the file of the prompt";
        self.write(DOING, move |database| {
            let sql = "INSERT OR REPLACE INTO prompt_files (comparison, path, text) VALUES (?1, ?2, ?3)";
            let PromptLink { comparison, path, text } = link;
            database.prepare_cached(sql).doing(DOING)?.execute((comparison.as_str(), path, text)).doing(DOING)?;
            Ok(())
        })
    }

    pub fn delete_prompt_link(&self, comparison: &ComparisonId) -> Result<(), StoreError> {
        const DOING: &str = "forget the file of the prompt";
        let comparison = comparison.0.clone();
        self.write(DOING, move |database| {
            database.execute("DELETE FROM prompt_files WHERE comparison = ?1", [comparison]).doing(DOING)?;
            Ok(())
        })
    }
}
