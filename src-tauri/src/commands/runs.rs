use juxta_engine::blocking;
use juxta_wire::error::AppError;
use juxta_wire::exchange::ExchangeView;
use juxta_wire::ids::{CellId, LaneId, RunId};
use juxta_wire::lane::Comparison;
use juxta_wire::live::CellSnapshot;
use juxta_wire::run::{Run, RunSummary};
use tauri::State;

use crate::state::Shell;

#[tauri::command]
pub async fn start_run(
    shell: State<'_, Shell>,
    comparison: Comparison,
    lanes: Option<Vec<LaneId>>,
) -> Result<Run, AppError> {
    shell.engine().start_run(comparison, lanes).await
}

#[tauri::command]
pub async fn stop_run(shell: State<'_, Shell>, run: RunId) -> Result<(), AppError> {
    shell.engine().stop_run(&run);
    Ok(())
}

#[tauri::command]
pub async fn stop_cell(shell: State<'_, Shell>, cell: CellId) -> Result<(), AppError> {
    shell.engine().stop_cell(&cell);
    Ok(())
}

#[tauri::command]
pub async fn retry_now(shell: State<'_, Shell>, cell: CellId) -> Result<(), AppError> {
    shell.engine().retry_now(&cell);
    Ok(())
}

#[tauri::command]
pub async fn list_runs(
    shell: State<'_, Shell>,
    limit: u32,
    before: Option<RunId>,
) -> Result<Vec<RunSummary>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.runs(limit, before.as_ref())).await
}

#[tauri::command]
pub async fn open_run(shell: State<'_, Shell>, id: RunId) -> Result<Run, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.open_run(&id)).await
}

#[tauri::command]
pub async fn open_cell(shell: State<'_, Shell>, id: CellId) -> Result<CellSnapshot, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.cell(&id)).await
}

#[tauri::command]
pub async fn open_exchange(shell: State<'_, Shell>, cell: CellId) -> Result<ExchangeView, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.exchange(&cell)).await
}

#[tauri::command]
pub async fn error_report(
    shell: State<'_, Shell>,
    cell: CellId,
    changed: Vec<String>,
    with_content: bool,
) -> Result<String, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.error_report(&cell, &changed, with_content)).await
}
