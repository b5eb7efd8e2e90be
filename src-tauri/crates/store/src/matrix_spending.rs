//! What a matrix pays for: the calls of its rows, those too that others took the place of, and those of its judges. What
//! they had cost is known when their runs are gone.

use juxta_wire::ids::{MatrixId, RunId};
use rusqlite::{Connection, Row};

use crate::error::{Doing, StoreError};
use crate::store::Store;

/// Of a cell's document.
const AMOUNT: &str = "json_extract(document, '$.metrics.cost.amount')";
const CURRENCY: &str = "json_extract(document, '$.metrics.cost.currency')";

impl Store {
    /// From now on a matrix pays for the calls of a run that is none of its rows.
    pub fn charge_matrix(&self, id: &MatrixId, run: &RunId) -> Result<(), StoreError> {
        let (id, run) = (id.clone(), run.clone());
        self.write("note what a matrix pays for", move |database| charge(database, &id, &run))
    }

    /// What all calls of a matrix have cost, with the currency. `None` when no price is known.
    pub fn matrix_spent(&self, id: &MatrixId) -> Result<Option<(f64, String)>, StoreError> {
        const DOING: &str = "add up what a matrix has cost";
        self.read(|database| {
            let sql = format!(
                "SELECT sum(amount), max(currency) FROM ( \
                 SELECT amount, currency FROM matrix_spending WHERE matrix = ?1 UNION ALL \
                 SELECT {AMOUNT}, {CURRENCY} FROM matrix_spending JOIN cells ON cells.run = matrix_spending.run \
                 WHERE matrix_spending.matrix = ?1 AND json_valid(document))"
            );
            let read = |row: &Row<'_>| Ok((row.get::<_, Option<f64>>(0)?, row.get::<_, Option<String>>(1)?));
            let (amount, currency) =
                database.prepare_cached(&sql).doing(DOING)?.query_row([id.as_str()], read).doing(DOING)?;
            Ok(amount.zip(currency))
        })
    }
}

pub(crate) fn charge(database: &Connection, id: &MatrixId, run: &RunId) -> Result<(), StoreError> {
    const DOING: &str = "note what a matrix pays for";
    let sql = "INSERT OR IGNORE INTO matrix_spending (run, matrix) VALUES (?1, ?2)";
    database.prepare_cached(sql).doing(DOING)?.execute((run.as_str(), id.as_str())).doing(DOING)?;
    Ok(())
}

/// To be called where runs are removed, before their cells are gone.
pub(crate) fn keep_amounts(database: &Connection, runs: &[String]) -> Result<(), StoreError> {
    const DOING: &str = "keep what deleted runs had cost";
    let sql = format!(
        "UPDATE matrix_spending SET (amount, currency) = \
         (SELECT sum({AMOUNT}), max({CURRENCY}) FROM cells WHERE cells.run = ?1 AND json_valid(document)) WHERE run = ?1"
    );
    let mut statement = database.prepare_cached(&sql).doing(DOING)?;
    for run in runs {
        statement.execute([run]).doing(DOING)?;
    }
    Ok(())
}
