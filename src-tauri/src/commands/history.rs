use juxta_engine::blocking;
use juxta_wire::error::AppError;
use juxta_wire::ids::RunId;
use juxta_wire::search::{FilterHelp, SearchFacets, SearchPage, SearchQuery, Totals};
use tauri::State;

use crate::state::Shell;

#[tauri::command]
pub async fn search(shell: State<'_, Shell>, query: SearchQuery) -> Result<SearchPage, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.search(&query)).await
}

#[tauri::command]
pub async fn search_facets(shell: State<'_, Shell>, text: String, offset: i32) -> Result<SearchFacets, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.search_facets(&text, offset)).await
}

#[tauri::command]
pub async fn search_help(shell: State<'_, Shell>) -> Result<Vec<FilterHelp>, AppError> {
    Ok(shell.engine().search_help())
}

#[tauri::command]
pub async fn star_run(shell: State<'_, Shell>, run: RunId, starred: bool) -> Result<(), AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.star_run(&run, starred)).await
}

#[tauri::command]
pub async fn note_run(shell: State<'_, Shell>, run: RunId, note: String) -> Result<(), AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.note_run(&run, &note)).await
}

#[tauri::command]
pub async fn delete_runs(shell: State<'_, Shell>, runs: Vec<RunId>) -> Result<(), AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.delete_runs(&runs)).await
}

#[tauri::command]
pub async fn undelete_runs(shell: State<'_, Shell>, runs: Vec<RunId>) -> Result<(), AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.undelete_runs(&runs)).await
}

#[tauri::command]
pub async fn totals(shell: State<'_, Shell>, since: u64) -> Result<Totals, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.totals(since)).await
}
