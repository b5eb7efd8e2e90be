use juxta_engine::blocking;
use juxta_wire::code::{CodeRequest, CodeView};
use juxta_wire::error::AppError;
use tauri::State;

use crate::state::Shell;

#[tauri::command]
pub async fn code(shell: State<'_, Shell>, request: CodeRequest) -> Result<CodeView, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.code(&request)).await
}
