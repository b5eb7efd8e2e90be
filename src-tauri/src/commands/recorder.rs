use juxta_engine::blocking;
use juxta_media::device;
use juxta_wire::error::AppError;
use juxta_wire::ids::RecordingId;
use juxta_wire::media::{InputDevice, RecorderNews, RecordingRate};
use juxta_wire::recording::Recording;
use tauri::State;
use tauri::ipc::Channel;

use super::media::media;
use crate::state::Shell;

#[tauri::command]
pub async fn list_inputs() -> Result<Vec<InputDevice>, AppError> {
    blocking(|| device::inputs().map_err(media)).await
}

/// Begins to record. The channel is told about twenty times a second how that goes, and how it ended if nobody stopped it.
#[tauri::command]
pub async fn start_recording(
    shell: State<'_, Shell>,
    device: Option<String>,
    rate: RecordingRate,
    channel: Channel<RecorderNews>,
) -> Result<RecordingId, AppError> {
    let (engine, studio) = (shell.engine().clone(), shell.studio());
    blocking(move || {
        let recording = RecordingId::new();
        let path = engine.recording_to_be(&recording)?;
        let tell = move |news| {
            // A page that was closed hears nothing more; the recording goes on.
            let _ = channel.send(news);
        };
        studio.begin(path, recording.clone(), device, rate, tell).map_err(media)?;
        Ok(recording)
    })
    .await
}

#[tauri::command]
pub async fn pause_recording(shell: State<'_, Shell>) -> Result<(), AppError> {
    shell.studio().pause();
    Ok(())
}

#[tauri::command]
pub async fn resume_recording(shell: State<'_, Shell>) -> Result<(), AppError> {
    shell.studio().resume();
    Ok(())
}

/// Ends the recording, also one that ended by itself, and keeps it under a name. `None` when there is none.
#[tauri::command]
pub async fn stop_recording(shell: State<'_, Shell>, name: String) -> Result<Option<Recording>, AppError> {
    let (engine, studio) = (shell.engine().clone(), shell.studio());
    blocking(move || studio.end().map(|recording| engine.keep_recording(&recording, &name)).transpose()).await
}
