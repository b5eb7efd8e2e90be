//! What opening does about a Juxta that ended in the middle of a run.

use juxta_wire::ids::CellId;
use juxta_wire::run::CellState;
use rusqlite::Connection;

use crate::documents::to_json;
use crate::error::{Doing, StoreError};
use crate::store::Store;

/// As in the partial index `cells_running`.
const RUNNING: &str = "state IN ('queued', 'waiting', 'streaming', 'retrying')";

/// Marks every cell that was not over as interrupted and remembers that its outcome is to be computed again. Gives
/// their number.
pub(crate) fn interrupt_running_cells(database: &mut Connection) -> Result<usize, StoreError> {
    const DOING: &str = "mark what was interrupted";
    let state = to_json(DOING, &CellState::Interrupted)?;
    let transaction = database.transaction().doing(DOING)?;
    let count = format!(
        "UPDATE runs SET unfinished = unfinished + \
         (SELECT count(*) FROM cells WHERE cells.run = runs.id AND {RUNNING}) \
         WHERE id IN (SELECT run FROM cells WHERE {RUNNING})"
    );
    transaction.execute(&count, []).doing(DOING)?;
    // A damaged document must not keep the whole folder shut; whoever reads that cell is told.
    let mark = format!(
        "UPDATE cells SET state = 'interrupted', unfolded = 1, document = CASE WHEN json_valid(document) \
         THEN json_set(document, '$.state', json(?1)) ELSE document END WHERE {RUNNING}"
    );
    let interrupted = transaction.execute(&mark, [state]).doing(DOING)?;
    let list = format!("UPDATE calls SET state = 'interrupted' WHERE in_words <> 1 AND {RUNNING}");
    transaction.execute(&list, []).doing(DOING)?;
    transaction.commit().doing(DOING)?;
    Ok(interrupted)
}

/// What was deleted before this opening cannot be brought back: see [`Store::remove_deleted`].
pub(crate) fn let_go_of_deleted_runs(database: &Connection) -> Result<(), StoreError> {
    const DOING: &str = "look for deleted runs";
    let sql = "UPDATE run_marks SET deleted_at = 0 WHERE deleted_at IS NOT NULL AND deleted_at <> 0";
    database.execute(sql, []).doing(DOING)?;
    Ok(())
}

impl Store {
    /// Cells that were running when Juxta ended, at this opening or an earlier one, and whose outcome nobody has
    /// computed again since. The body of each is on disk ([`Store::read_body`], [`Store::read_index`],
    /// [`Store::request`], all of which have nothing for a cell that was still queued), but folding it takes the
    /// provider's mapper, which lives elsewhere: whoever has it calls [`Store::save_cell`], which takes the cell off
    /// this list.
    pub fn interrupted(&self) -> Result<Vec<CellId>, StoreError> {
        const DOING: &str = "read what was interrupted";
        self.read(|database| {
            let mut statement =
                database.prepare_cached("SELECT id FROM cells WHERE unfolded = 1 ORDER BY id").doing(DOING)?;
            let ids = statement.query_map([], |row| row.get(0).map(CellId)).doing(DOING)?;
            ids.map(|id| id.doing(DOING)).collect()
        })
    }
}
