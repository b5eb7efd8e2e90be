//! Calls of one kind: the same model at the same endpoint of the same connection.

use juxta_wire::ids::CellId;
use juxta_wire::metrics::Metrics;
use serde::Deserialize;

use crate::documents::from_json;
use crate::error::{Doing, StoreError};
use crate::store::Store;

/// One call, with its figures.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneCall {
    pub cell: CellId,
    pub metrics: Metrics,
}

/// The one part of a cell's document that is wanted here.
#[derive(Deserialize)]
struct Figures {
    metrics: Metrics,
}

impl Store {
    /// The `limit` last calls of `cell`'s kind that began before it, and the cell itself, newest first. Those of deleted
    /// runs are left out. Empty for a cell that never began.
    pub fn lane_calls(&self, cell: &CellId, limit: u32) -> Result<Vec<LaneCall>, StoreError> {
        const DOING: &str = "read the earlier calls";
        // The endpoint has no column of its own; few rows get as far as being asked for theirs.
        let sql = "SELECT earlier.id, earlier.document FROM cells AS this \
                   JOIN cells AS earlier ON earlier.connection = this.connection AND earlier.model = this.model \
                   AND (earlier.started_at, earlier.id) <= (this.started_at, this.id) \
                   LEFT JOIN run_marks ON run_marks.run = earlier.run \
                   WHERE this.id = ?1 AND deleted_at IS NULL AND json_extract(earlier.document, '$.endpoint') = \
                   json_extract(this.document, '$.endpoint') \
                   ORDER BY earlier.started_at DESC, earlier.id DESC LIMIT ?2";
        self.read(|database| {
            let mut statement = database.prepare_cached(sql).doing(DOING)?;
            let rows = statement
                .query_map((cell.as_str(), limit), |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
                .doing(DOING)?;
            rows.map(|row| {
                let (id, document) = row.doing(DOING)?;
                let figures: Figures = from_json(DOING, &document)?;
                Ok(LaneCall { cell: CellId(id), metrics: figures.metrics })
            })
            .collect()
        })
    }
}
