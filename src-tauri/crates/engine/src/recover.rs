//! After a crash: cells that were running are interrupted, and their text is folded again from the bytes on disk.

use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::run::{Cell, CellState};

use crate::dialogue::unanswered;
use crate::run::storage;
use crate::{Engine, metrics, not_found, replay};

/// Tools that were asked when Juxta ended have not answered.
fn recover_asking(engine: &Engine) -> Result<(), AppError> {
    for id in engine.store().asking().map_err(storage)? {
        let Some(mut cell) = engine.store().cell(&id).map_err(storage)? else { continue };
        for result in &mut cell.results {
            unanswered(result, "Juxta ended before the tool had answered");
        }
        engine.store().save_cell(&cell).map_err(storage)?;
    }
    Ok(())
}

/// Never fails the start: a cell that cannot be brought back stays as the store marked it, and the log says why.
pub(crate) fn recover(engine: &Engine) {
    let interrupted = match engine.store().interrupted() {
        Ok(interrupted) => interrupted,
        Err(error) => {
            tracing::error!(%error, "interrupted answers could not be listed");
            return;
        }
    };
    for id in interrupted {
        if let Err(error) = recover_cell(engine, &id) {
            tracing::warn!(%error, cell = %id, "an interrupted answer could not be read again");
        }
    }
    if let Err(error) = recover_asking(engine) {
        tracing::warn!(%error, "calls whose tools were being asked still say so");
    }
}

fn recover_cell(engine: &Engine, id: &CellId) -> Result<(), AppError> {
    let cell = engine.store().cell(id).map_err(storage)?.ok_or_else(|| not_found("The answer"))?;
    let (body, _) = engine.store().read_body(id, u64::MAX).map_err(storage)?;
    let index = engine.store().read_index(id).map_err(storage)?;
    let replayed = replay::replay(&cell, &body, &index);
    let mut cell = Cell {
        state: CellState::Interrupted,
        outcome: replayed.outcome,
        milestones: replayed.milestones,
        arrivals: replayed.arrivals,
        ..cell
    };
    cell.metrics = metrics::compute(&cell.state, &cell.outcome, &cell.milestones);
    cell.metrics.cost = engine.prices().cost(&cell.model, &cell.metrics);
    engine.store().save_cell(&cell).map_err(storage)
}
