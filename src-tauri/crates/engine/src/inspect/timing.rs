//! The times of a call among earlier calls of its kind.

use juxta_store::{LaneCall, RecordKind};
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::timing::LaneTiming;

use super::events::gaps;
use crate::Engine;
use crate::run::storage;

/// Calls that a history shows.
const MOST: u32 = 20;

impl Engine {
    /// The last calls of the same model at the same endpoint of the same connection, up to and with this one, newest
    /// first.
    pub fn lane_history(&self, cell: &CellId) -> Result<Vec<LaneTiming>, AppError> {
        let calls = self.store().lane_calls(cell, MOST).map_err(storage)?;
        calls.into_iter().map(|call| self.timing_of(call)).collect()
    }

    fn timing_of(&self, call: LaneCall) -> Result<LaneTiming, AppError> {
        let longest_gap = self.longest_gap(&call.cell)?;
        Ok(LaneTiming {
            cell: call.cell,
            time_to_first_token: call.metrics.time_to_first_token,
            tokens_per_second: call.metrics.tokens_per_second,
            longest_gap,
        })
    }

    /// From the index alone: the body may be large, and what the events said does not matter here.
    fn longest_gap(&self, cell: &CellId) -> Result<Option<f64>, AppError> {
        let (records, _) = self.body_reader(cell)?.records_after(0).map_err(storage)?;
        let times = records.iter().filter(|record| record.kind != RecordKind::Chunk).map(|record| record.at);
        Ok(gaps(times).reduce(f64::max))
    }
}
