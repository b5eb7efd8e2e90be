use juxta_wire::error::AppError;
use juxta_wire::window::{SandboxFaults, SandboxInfo};
use tauri::State;

use crate::state::Shell;

#[tauri::command]
pub async fn sandbox(shell: State<'_, Shell>) -> Result<SandboxInfo, AppError> {
    Ok(shell.sandbox_info())
}

#[tauri::command]
pub async fn set_sandbox_faults(shell: State<'_, Shell>, faults: SandboxFaults) -> Result<SandboxInfo, AppError> {
    shell.sandbox().set_faults(faults);
    Ok(shell.sandbox_info())
}
