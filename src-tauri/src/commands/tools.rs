use juxta_engine::blocking;
use juxta_wire::draft::Message;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::run::Cell;
use juxta_wire::tools::{ToolReplies, ToolResult};
use tauri::State;

use crate::state::Shell;

#[tauri::command]
pub async fn answer_calls(shell: State<'_, Shell>, cell: CellId, replies: ToolReplies) -> Result<Cell, AppError> {
    shell.engine().answer_calls(&cell, replies).await
}

#[tauri::command]
pub async fn suggest_results(shell: State<'_, Shell>, cell: CellId, choice: u32) -> Result<Vec<ToolResult>, AppError> {
    shell.engine().suggest_results(&cell, choice).await
}

#[tauri::command]
pub async fn dialogue_messages(
    shell: State<'_, Shell>,
    cell: CellId,
    replies: Option<ToolReplies>,
) -> Result<Vec<Message>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.dialogue_messages(&cell, replies)).await
}
