//! What models said about answers as judges.

use juxta_wire::check::JudgeVerdict;
use juxta_wire::ids::CellId;
use rusqlite::OptionalExtension;

use crate::documents::{from_json, to_json};
use crate::error::{Doing, StoreError};
use crate::store::Store;

impl Store {
    /// Empty before the judge was asked; `rule` is a digest of everything that was asked beside the answer.
    pub fn judgement(&self, cell: &CellId, rule: &str) -> Result<Vec<JudgeVerdict>, StoreError> {
        const DOING: &str = "read what the judge said";
        self.read(|database| {
            let found: Option<String> = database
                .prepare_cached("SELECT verdicts FROM judgements WHERE cell = ?1 AND rule = ?2")
                .doing(DOING)?
                .query_row([cell.as_str(), rule], |row| row.get(0))
                .optional()
                .doing(DOING)?;
            found.map_or_else(|| Ok(Vec::new()), |verdicts| from_json(DOING, &verdicts))
        })
    }

    /// Takes the place of what was kept for this answer and rule.
    pub fn save_judgement(&self, cell: &CellId, rule: &str, verdicts: &[JudgeVerdict]) -> Result<(), StoreError> {
        const DOING: &str = "keep what the judge said";
        let row = (cell.0.clone(), rule.to_owned(), to_json(DOING, &verdicts)?);
        self.write(DOING, move |database| {
            let sql = "INSERT OR REPLACE INTO judgements (cell, rule, verdicts) VALUES (?1, ?2, ?3)";
            database.prepare_cached(sql).doing(DOING)?.execute(row).doing(DOING)?;
            Ok(())
        })
    }
}
