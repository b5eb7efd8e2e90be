//! Dialogues with tools: a step after the other, in one run.

use juxta_wire::ids::{CellId, RunId};
use juxta_wire::lane::Comparison;
use juxta_wire::run::Cell;
use rusqlite::{Connection, OptionalExtension};

use crate::cells::{Columns, cells_where};
use crate::documents::from_json;
use crate::error::{Doing, StoreError};
use crate::search::place;
use crate::store::Store;

impl Store {
    /// All cells of one lane and repeat, in the order in which they were made. A step that was sent anew comes behind
    /// those that it took the place of.
    pub fn dialogue(&self, run: &RunId, lane_index: u32, repeat: u32) -> Result<Vec<Cell>, StoreError> {
        self.read(|database| {
            let which = "cells.run = ?1 AND cells.lane_index = ?2 AND cells.repeat = ?3 ORDER BY cells.id";
            cells_where(database, which, (run.as_str(), lane_index, repeat))
        })
    }

    /// The comparison as it was when Run was pressed.
    pub fn run_snapshot(&self, run: &RunId) -> Result<Option<Comparison>, StoreError> {
        const DOING: &str = "read the run";
        self.read(|database| {
            let found: Option<String> = database
                .prepare_cached("SELECT snapshot FROM runs WHERE id = ?1")
                .doing(DOING)?
                .query_row([run.as_str()], |row| row.get(0))
                .optional()
                .doing(DOING)?;
            found.map(|snapshot| from_json(DOING, &snapshot)).transpose()
        })
    }

    /// Adds `next` to its run, and replaces `changed`, which are there already. All in one transaction: a call that has
    /// all its results has a step behind it.
    pub fn add_step(&self, changed: &[&Cell], next: &Cell) -> Result<(), StoreError> {
        const DOING: &str = "save the next step";
        let changed = changed
            .iter()
            .map(|cell| Columns::of(cell, DOING)?.measured(self))
            .collect::<Result<Vec<_>, StoreError>>()?;
        let next = Columns::of(next, DOING)?;
        self.write(DOING, move |database| {
            for cell in &changed {
                cell.count_in_run(database)?;
                cell.update(database)?;
            }
            insert_step(database, &next)?;
            Columns::index(changed.iter().chain([&next]), database, DOING)
        })
    }

    /// Cells some of whose calls were being answered when Juxta ended.
    pub fn asking(&self) -> Result<Vec<CellId>, StoreError> {
        const DOING: &str = "read which tools were asked";
        self.read(|database| {
            let mut statement =
                database.prepare_cached("SELECT id FROM cells WHERE asking = 1 ORDER BY id").doing(DOING)?;
            let ids = statement.query_map([], |row| row.get(0).map(CellId)).doing(DOING)?;
            ids.map(|id| id.doing(DOING)).collect()
        })
    }
}

pub(crate) fn insert_step(database: &Connection, next: &Columns) -> Result<(), StoreError> {
    const DOING: &str = "save the next step";
    let started_at: u64 = database
        .prepare_cached("UPDATE runs SET cells = cells + 1 WHERE id = ?1 RETURNING started_at")
        .doing(DOING)?
        .query_row([next.run.as_str()], |row| row.get(0))
        .optional()
        .doing(DOING)?
        .ok_or(StoreError::NotFound { what: "the run" })?;
    next.insert(database)?;
    place::add(database, DOING, started_at, std::slice::from_ref(next))
}
