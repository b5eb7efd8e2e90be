use juxta_engine::blocking;
use juxta_wire::check::{Check, CheckResult, CheckRule};
use juxta_wire::error::AppError;
use juxta_wire::ids::{CellId, LaneId, RunId};
use juxta_wire::repeats::Repeats;
use tauri::State;

use crate::state::Shell;

#[tauri::command]
pub async fn repeats(
    shell: State<'_, Shell>,
    run: RunId,
    base: LaneId,
    checks: Option<Vec<Check>>,
) -> Result<Repeats, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.repeats(&run, &base, checks)).await
}

#[tauri::command]
pub async fn check_cell(
    shell: State<'_, Shell>,
    cell: CellId,
    checks: Option<Vec<Check>>,
) -> Result<Vec<CheckResult>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.check_cell(&cell, checks)).await
}

#[tauri::command]
pub async fn check_problem(shell: State<'_, Shell>, rule: CheckRule) -> Result<Option<String>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || Ok(engine.check_problem(&rule))).await
}
