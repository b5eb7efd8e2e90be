use juxta_engine::blocking;
use juxta_wire::check::{Check, CheckResult, CheckRule, JudgeCount};
use juxta_wire::error::AppError;
use juxta_wire::ids::{CellId, LaneId, RunId};
use juxta_wire::repeats::Repeats;
use juxta_wire::run::RunSummary;
use tauri::State;

use crate::state::Shell;

#[tauri::command]
pub async fn repeats(
    shell: State<'_, Shell>,
    runs: Vec<RunId>,
    base: LaneId,
    checks: Option<Vec<Check>>,
) -> Result<Repeats, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.repeats(&runs, &base, checks)).await
}

#[tauri::command]
pub async fn same_runs(shell: State<'_, Shell>, run: RunId) -> Result<Vec<RunSummary>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.same_runs(&run)).await
}

#[tauri::command]
pub async fn ask_judges(shell: State<'_, Shell>, runs: Vec<RunId>, checks: Option<Vec<Check>>) -> Result<(), AppError> {
    let engine = shell.engine().clone();
    engine.ask_judges_about(&runs, checks).await
}

#[tauri::command]
pub async fn stop_judges(shell: State<'_, Shell>, runs: Vec<RunId>) -> Result<(), AppError> {
    shell.engine().stop_judges(&runs);
    Ok(())
}

#[tauri::command]
pub async fn count_judges(
    shell: State<'_, Shell>,
    runs: Vec<RunId>,
    checks: Option<Vec<Check>>,
) -> Result<JudgeCount, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.count_judges(&runs, checks)).await
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
