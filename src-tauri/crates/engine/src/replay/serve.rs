//! A recorded answer for a server on loopback, which gives it to the person's own code.

use std::time::Duration;

use juxta_store::RecordKind;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::replay::{RecordedChunk, Recording};
use juxta_wire::run::CellState;

use super::live::check_factor;
use crate::Engine;
use crate::run::invalid;

impl Engine {
    /// The answer of a cell that is over, with everything that a server needs to give it again, `factor` times as fast.
    /// Reads from the disk.
    pub fn replay_source(&self, id: &CellId, factor: f64) -> Result<Recording, AppError> {
        check_factor(factor)?;
        let recorded = self.recorded(id)?;
        let cell = recorded.cell;
        let Some(head) = cell.head else {
            return Err(invalid("cell", "No response head was received, so there is nothing to serve."));
        };
        let chunks = recorded
            .index
            .iter()
            .filter(|record| record.kind == RecordKind::Chunk)
            .map(|record| RecordedChunk { at: Duration::from_micros(record.at), bytes: record.length as usize })
            .collect();
        Ok(Recording {
            status: head.status,
            // A cookie is masked in the record, and a mask is no cookie.
            headers: head
                .headers
                .into_iter()
                .filter(|header| !header.secret)
                .map(|header| (header.name, header.value))
                .collect(),
            head_at: Duration::from_secs_f64(cell.phases.wait.map_or(0.0, |wait| wait.end / 1000.0).max(0.0)),
            body: recorded.body.to_vec(),
            chunks,
            broken: matches!(cell.error, Some(AppError::Network { .. })) && cell.state != CellState::Finished,
        })
    }
}
