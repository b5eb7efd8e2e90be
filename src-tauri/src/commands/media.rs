//! Pictures and sounds: what is attached before it is sent, and what an answer says aloud.

use juxta_engine::blocking;
use juxta_media::{MediaError, file, picture};
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::media::{FileFacts, Playback, Shrink, SmallerPicture, SoundFacts, SoundOrder};
use juxta_wire::transfer::Exported;
use tauri::State;

use crate::state::Shell;

/// `data` is base64, or a `data:` URL of it.
#[tauri::command]
pub async fn file_facts(data: String) -> Result<FileFacts, AppError> {
    blocking(move || file::from_base64(&data).map(|bytes| file::facts(&bytes)).map_err(|error| unfit("file", error)))
        .await
}

/// From one `data:` URL to another.
#[tauri::command]
pub async fn smaller_picture(url: String, shrink: Shrink) -> Result<SmallerPicture, AppError> {
    blocking(move || picture::smaller_url(&url, &shrink).map_err(|error| unfit("picture", error))).await
}

#[tauri::command]
pub async fn sound_facts(shell: State<'_, Shell>, cell: CellId, choice: u32) -> Result<SoundFacts, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.sound_facts(&cell, choice)).await
}

#[tauri::command]
pub async fn save_sound(shell: State<'_, Shell>, cell: CellId, choice: u32) -> Result<Exported, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.save_sound(&cell, choice)).await
}

/// Plays a sound from `position` on, in seconds; what was heard before ends.
#[tauri::command]
pub async fn play_sound(
    shell: State<'_, Shell>,
    cell: CellId,
    choice: u32,
    position: f64,
) -> Result<Option<Playback>, AppError> {
    let (engine, speaker) = (shell.engine().clone(), shell.speaker());
    blocking(move || {
        let sound = engine.sound(&cell, choice)?;
        speaker.play(cell, choice, sound, position).map_err(|error| unfit("sound", error))?;
        Ok(speaker.playback())
    })
    .await
}

#[tauri::command]
pub async fn control_sound(shell: State<'_, Shell>, order: SoundOrder) -> Result<Option<Playback>, AppError> {
    let speaker = shell.speaker();
    blocking(move || speaker.control(order).map_err(|error| unfit("sound", error))).await
}

fn unfit(field: &str, error: MediaError) -> AppError {
    AppError::Invalid { field: field.to_owned(), message: error.to_string() }
}
