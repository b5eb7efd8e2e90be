use juxta_engine::blocking;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::schema::SchemaCheck;
use tauri::State;

use crate::state::Shell;

#[tauri::command]
pub async fn schema_check(shell: State<'_, Shell>, cell: CellId, choice: u32) -> Result<Option<SchemaCheck>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.schema_check(&cell, choice)).await
}
