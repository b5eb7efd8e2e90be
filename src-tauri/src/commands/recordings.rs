//! Sounds that are kept, and what is heard in them.

use juxta_engine::blocking;
use juxta_wire::error::AppError;
use juxta_wire::ids::{CellId, RecordingId};
use juxta_wire::recording::Recording;
use juxta_wire::transcript::Transcript;
use tauri::State;
use tauri::ipc::Request;

use super::transfer::named_bytes;
use crate::state::Shell;

/// Newest first.
#[tauri::command]
pub async fn list_recordings(shell: State<'_, Shell>) -> Result<Vec<Recording>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.recordings()).await
}

/// The bytes of a file come as they are, its name in a header.
#[tauri::command]
pub async fn import_recording(shell: State<'_, Shell>, request: Request<'_>) -> Result<Recording, AppError> {
    let (name, bytes) = named_bytes(&request)?;
    let engine = shell.engine().clone();
    blocking(move || engine.import_recording(&name, &bytes)).await
}

#[tauri::command]
pub async fn rename_recording(
    shell: State<'_, Shell>,
    recording: RecordingId,
    name: String,
) -> Result<Recording, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.rename_recording(&recording, &name)).await
}

#[tauri::command]
pub async fn delete_recording(shell: State<'_, Shell>, recording: RecordingId) -> Result<(), AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.delete_recording(&recording)).await
}

/// Keeps the sound of an answer as a recording.
#[tauri::command]
pub async fn keep_sound(
    shell: State<'_, Shell>,
    cell: CellId,
    choice: u32,
    name: String,
) -> Result<Recording, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.keep_sound(&cell, choice, &name)).await
}

#[tauri::command]
pub async fn transcript(shell: State<'_, Shell>, cell: CellId) -> Result<Transcript, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.transcript(&cell)).await
}
