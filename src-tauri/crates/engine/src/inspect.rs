//! What the inspector reads: recorded bytes as rows, events, tokens, times.
//!
//! Everything here comes from the files of a cell and follows them as they grow, for a cell that runs and for one of
//! last year alike. What was found out about a file is kept for the last few cells that were looked at, and begins anew
//! when a cell is sent again.

mod documents;
mod events;
#[cfg(test)]
pub(crate) mod fixture;
mod item;
mod recent;
mod timing;
mod tokens;

use juxta_store::BodyReader;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::run::Cell;

use crate::run::feed::lock;
use crate::run::storage;
use crate::{Engine, not_found};
use documents::{Document, DocumentId};
use events::EventLog;
use recent::Recent;
use tokens::TokenLog;

/// Bytes read from a file at a time.
const BLOCK: usize = 256 << 10;

/// One try of a cell: what was read of an earlier one says nothing about it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Attempt {
    cell: CellId,
    number: u32,
}

/// What is known of the cells that were looked at last.
pub(crate) struct Inspected {
    documents: Recent<DocumentId, Document>,
    events: Recent<Attempt, EventLog>,
    tokens: Recent<Attempt, TokenLog>,
}

impl Default for Inspected {
    fn default() -> Self {
        Self {
            documents: Recent::new(12, 96 << 20),
            events: Recent::new(24, 64 << 20),
            tokens: Recent::new(4, 64 << 20),
        }
    }
}

/// An answer to look at.
struct Recording {
    attempt: Attempt,
    /// More bytes may come. Found out before the files are looked at: what is over lies there whole.
    live: bool,
}

impl Engine {
    fn recording(&self, cell: &CellId) -> Result<Recording, AppError> {
        let live = self.live_runs().controls(cell).is_some();
        let number = self.store().attempts(cell).map_err(storage)?;
        if number == 0 && self.store().cell_run(cell).map_err(storage)?.is_none() {
            return Err(not_found("The answer"));
        }
        Ok(Recording { attempt: Attempt { cell: cell.clone(), number }, live })
    }

    fn body_reader(&self, cell: &CellId) -> Result<BodyReader, AppError> {
        self.store().open_body(cell).map_err(storage)
    }

    /// A cell as it is now; one that runs comes without its texts. Asking leaves alone what the window is told.
    pub(crate) fn cell_head(&self, id: &CellId) -> Result<Cell, AppError> {
        if let Some(live) = self.feed().cell(id) {
            return Ok(lock(&live).head().clone());
        }
        self.store().cell(id).map_err(storage)?.ok_or_else(|| not_found("The answer"))
    }
}
