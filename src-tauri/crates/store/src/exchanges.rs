//! Exchanges: what a cell sent and what came back, byte for byte.

use juxta_wire::ids::CellId;
use juxta_wire::run::Cell;
use rusqlite::OptionalExtension;

use crate::bodies::{BodyWriter, IndexRecord};
use crate::cells::Columns;
use crate::error::{Doing, StoreError};
use crate::store::Store;

/// Head, then body.
pub type RequestBytes = (Vec<u8>, Vec<u8>);

impl Store {
    /// Saves a cell that is about to be sent, with the head (secrets masked) and the body of its request, and gives the
    /// writer for the answer. A new attempt takes the place of the one before, whose count stays: [`Store::attempts`].
    pub fn begin_cell(&self, cell: &Cell, request_head: &[u8], request_body: &[u8]) -> Result<BodyWriter, StoreError> {
        const DOING: &str = "save the request";
        let columns = Columns::of(cell, DOING)?;
        let (head, body) = (request_head.to_vec(), request_body.to_vec());
        // Emptied first: a kill in between leaves a request without an answer, never with the answer to another.
        let writer = BodyWriter::create(self.body_paths(&cell.id)?)?;
        self.write(DOING, move |database| {
            columns.count_in_run(database)?;
            let sql = "INSERT INTO exchanges (cell, attempts, request_head, request_body) VALUES (?1, 1, ?2, ?3) \
                       ON CONFLICT (cell) DO UPDATE SET attempts = attempts + 1, request_head = excluded.request_head, \
                       request_body = excluded.request_body";
            database.prepare_cached(sql).doing(DOING)?.execute((columns.id.as_str(), head, body)).doing(DOING)?;
            columns.update(database)?;
            Columns::index(std::iter::once(&columns), database, DOING)
        })?;
        Ok(writer)
    }

    /// Head (secrets masked) and body of the request as sent last; `None` when the cell was never sent.
    pub fn request(&self, cell: &CellId) -> Result<Option<RequestBytes>, StoreError> {
        const DOING: &str = "read the request";
        self.read(|database| {
            database
                .prepare_cached("SELECT request_head, request_body FROM exchanges WHERE cell = ?1")
                .doing(DOING)?
                .query_row([cell.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
                .doing(DOING)
        })
    }

    /// How often the cell was sent.
    pub fn attempts(&self, cell: &CellId) -> Result<u32, StoreError> {
        const DOING: &str = "read the request";
        self.read(|database| {
            let attempts = database
                .prepare_cached("SELECT attempts FROM exchanges WHERE cell = ?1")
                .doing(DOING)?
                .query_row([cell.as_str()], |row| row.get(0))
                .optional()
                .doing(DOING)?;
            Ok(attempts.unwrap_or(0))
        })
    }

    /// The first `max` bytes of the recorded body and the size of the whole; while it arrives, what is written out.
    pub fn read_body(&self, cell: &CellId, max: u64) -> Result<(Vec<u8>, u64), StoreError> {
        self.body_paths(cell)?.read_body(max)
    }

    /// Keeps a picture that the answer of a cell named by its address.
    pub fn keep_picture(&self, cell: &CellId, number: u32, bytes: &[u8]) -> Result<(), StoreError> {
        self.body_paths(cell)?.keep_picture(number, bytes)
    }

    /// A picture that was kept; `None` when there is none.
    pub fn kept_picture(&self, cell: &CellId, number: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.body_paths(cell)?.picture(number);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StoreError::Body { doing: "read a picture", path, source }),
        }
    }

    /// When each chunk, event and comment came, in that order.
    pub fn read_index(&self, cell: &CellId) -> Result<Vec<IndexRecord>, StoreError> {
        self.body_paths(cell)?.read_index()
    }
}
