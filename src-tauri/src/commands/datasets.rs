use juxta_engine::blocking;
use juxta_wire::dataset::{AddedRow, DatasetInfo, DatasetRow, FoundRows, TestRow, TestValue};
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::lane::Comparison;
use tauri::State;

use crate::state::Shell;

#[tauri::command]
pub async fn open_dataset(shell: State<'_, Shell>, path: String) -> Result<DatasetInfo, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.open_dataset(&path)).await
}

#[tauri::command]
pub async fn dataset_rows(
    shell: State<'_, Shell>,
    path: String,
    from: u64,
    count: u64,
) -> Result<Vec<DatasetRow>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.dataset_rows(&path, from, count)).await
}

#[tauri::command]
pub async fn dataset_row(shell: State<'_, Shell>, path: String, row: u64) -> Result<DatasetRow, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.dataset_row(&path, row)).await
}

#[tauri::command]
pub async fn dataset_column(
    shell: State<'_, Shell>,
    path: String,
    column: usize,
    count: u64,
) -> Result<Vec<Option<String>>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.dataset_column(&path, column, count)).await
}

#[tauri::command]
pub async fn find_dataset_rows(shell: State<'_, Shell>, path: String, text: String) -> Result<FoundRows, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.find_dataset_rows(&path, &text)).await
}

#[tauri::command]
pub async fn fill_row(shell: State<'_, Shell>, comparison: Comparison) -> Result<Comparison, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.fill_row(&comparison)).await
}

#[tauri::command]
pub async fn test_row(shell: State<'_, Shell>, cell: CellId) -> Result<TestRow, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.test_row(&cell)).await
}

#[tauri::command]
pub async fn add_test_row(shell: State<'_, Shell>, path: String, values: Vec<TestValue>) -> Result<AddedRow, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.add_test_row(&path, &values)).await
}

#[tauri::command]
pub async fn take_back_test_row(shell: State<'_, Shell>, added: AddedRow) -> Result<(), AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.take_back_test_row(&added)).await
}
