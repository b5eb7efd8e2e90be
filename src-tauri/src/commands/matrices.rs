//! Prompts over models, values, rows and repeats, run from here.

use std::path::Path;

use juxta_engine::blocking;
use juxta_wire::error::AppError;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::{
    Matrix, MatrixBase, MatrixCells, MatrixCellsQuery, MatrixChanges, MatrixCount, MatrixFigures, MatrixNews,
    MatrixPlan,
};
use tauri::State;
use tauri::ipc::Channel;

use crate::state::Shell;

/// Newest first.
#[tauri::command]
pub async fn matrices(shell: State<'_, Shell>) -> Result<Vec<Matrix>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.matrices()).await
}

#[tauri::command]
pub async fn matrix(shell: State<'_, Shell>, id: MatrixId) -> Result<Matrix, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.matrix(&id)).await
}

/// A new draft without an id.
#[tauri::command]
pub async fn save_matrix(shell: State<'_, Shell>, id: Option<MatrixId>, plan: MatrixPlan) -> Result<Matrix, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.save_matrix(id.as_ref(), plan)).await
}

#[tauri::command]
pub async fn count_matrix(shell: State<'_, Shell>, plan: MatrixPlan) -> Result<MatrixCount, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.count_matrix(&plan)).await
}

#[tauri::command]
pub async fn start_matrix(shell: State<'_, Shell>, id: MatrixId) -> Result<Matrix, AppError> {
    shell.engine().start_matrix(&id).await
}

#[tauri::command]
pub async fn pause_matrix(shell: State<'_, Shell>, id: MatrixId) -> Result<Matrix, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.pause_matrix(&id)).await
}

#[tauri::command]
pub async fn retry_matrix_failures(shell: State<'_, Shell>, id: MatrixId) -> Result<Matrix, AppError> {
    shell.engine().retry_matrix_failures(&id).await
}

/// Its runs stay in the history.
#[tauri::command]
pub async fn drop_matrix(shell: State<'_, Shell>, id: MatrixId) -> Result<(), AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.drop_matrix(&id)).await
}

#[tauri::command]
pub async fn matrix_cells(
    shell: State<'_, Shell>,
    id: MatrixId,
    query: MatrixCellsQuery,
) -> Result<MatrixCells, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.matrix_cells(&id, &query)).await
}

#[tauri::command]
pub async fn matrix_figures(
    shell: State<'_, Shell>,
    id: MatrixId,
    base: Option<MatrixBase>,
) -> Result<MatrixFigures, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.matrix_figures(&id, base)).await
}

#[tauri::command]
pub async fn matrix_changes(
    shell: State<'_, Shell>,
    id: MatrixId,
    base: MatrixBase,
    from: u64,
    count: u64,
) -> Result<MatrixChanges, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.matrix_changes(&id, &base, from, count)).await
}

/// Writes what is over into a file, whose ending says in which form, and says how many calls that are.
#[tauri::command]
pub async fn save_matrix_results(shell: State<'_, Shell>, id: MatrixId, path: String) -> Result<u64, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.save_matrix_results(&id, Path::new(&path), None)).await
}

#[tauri::command]
pub async fn write_matrix_file(shell: State<'_, Shell>, id: MatrixId, path: String) -> Result<(), AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.write_matrix_file(&id, Path::new(&path))).await
}

#[tauri::command]
pub async fn read_matrix_file(shell: State<'_, Shell>, path: String) -> Result<MatrixPlan, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.read_matrix_file(Path::new(&path))).await
}

/// From now on the channel hears what happens to matrices.
#[tauri::command]
pub async fn watch_matrices(shell: State<'_, Shell>, on_news: Channel<MatrixNews>) -> Result<(), AppError> {
    shell.engine().watch_matrices(Box::new(move |news| on_news.send(news).is_ok()));
    Ok(())
}
