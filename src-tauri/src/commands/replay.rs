use juxta_engine::blocking;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::live::CellSnapshot;
use juxta_wire::replay::{ReplayControl, ReplayPace, ServedReplay};
use tauri::State;

use crate::state::Shell;

#[tauri::command]
pub async fn start_replay(shell: State<'_, Shell>, cell: CellId, pace: ReplayPace) -> Result<CellSnapshot, AppError> {
    shell.engine().start_replay(&cell, pace).await
}

#[tauri::command]
pub async fn control_replay(shell: State<'_, Shell>, cell: CellId, control: ReplayControl) -> Result<(), AppError> {
    shell.engine().control_replay(&cell, control);
    Ok(())
}

#[tauri::command]
pub async fn serve_replay(shell: State<'_, Shell>, cell: CellId, factor: f64) -> Result<ServedReplay, AppError> {
    let engine = shell.engine().clone();
    let recording = blocking(move || engine.replay_source(&cell, factor)).await?;
    Ok(ServedReplay::at(shell.sandbox().replay(recording, factor)))
}
