//! What is heard: sounds of answers, and recordings.

use juxta_engine::sound::Heard;
use juxta_engine::{Engine, blocking};
use juxta_media::peaks::Overview;
use juxta_media::sound;
use juxta_media::speaker::Turn;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::media::{Playback, SoundFacts, SoundOrder, SoundPicture, SoundSource, SoundTurn};
use juxta_wire::transfer::Exported;
use tauri::State;

use super::media::media;
use crate::state::Shell;

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

/// A waveform `width` parts wide of the stretch between two shares of the whole, 0 to 1, and the loudness of all of it.
#[tauri::command]
pub async fn sound_picture(
    shell: State<'_, Shell>,
    source: SoundSource,
    width: usize,
    from: f64,
    to: f64,
) -> Result<SoundPicture, AppError> {
    let (engine, overviews) = (shell.engine().clone(), shell.overviews());
    blocking(move || match &source {
        SoundSource::Answer { cell, choice } => {
            Ok(Overview::new(&engine.sound(cell, *choice)?).picture(width, from, to))
        }
        SoundSource::Recording { recording } => {
            let bytes = engine.recording_bytes(recording)?;
            let overview = overviews.of(&bytes, None).map_err(media)?;
            Ok(overview.picture(width, from, to))
        }
    })
    .await
}

/// Plays a sound from `position` on, in seconds; what was heard before ends.
#[tauri::command]
pub async fn play_sound(
    shell: State<'_, Shell>,
    cell: CellId,
    choice: u32,
    position: f64,
) -> Result<Option<Playback>, AppError> {
    let turn = SoundTurn { source: SoundSource::Answer { cell, choice }, gain: 0.0 };
    play_sounds(shell, vec![turn], position, 1.0).await
}

/// Plays sounds one after the other, the first from `position` on; what was heard before ends. The sound of a call that
/// runs is heard as it comes.
#[tauri::command]
pub async fn play_sounds(
    shell: State<'_, Shell>,
    turns: Vec<SoundTurn>,
    position: f64,
    speed: f64,
) -> Result<Option<Playback>, AppError> {
    let (engine, speaker) = (shell.engine().clone(), shell.speaker());
    blocking(move || {
        let turns = turns.into_iter().map(|turn| {
            Ok(match to_hear(&engine, &turn.source)? {
                Heard::Whole(sound) => Turn::whole(turn.source, sound, turn.gain),
                Heard::Arriving(sound) => Turn::arriving(turn.source, sound, turn.gain),
            })
        });
        let turns = turns.collect::<Result<Vec<_>, AppError>>()?;
        speaker.play(turns, position, speed).map_err(media)?;
        Ok(speaker.playback())
    })
    .await
}

#[tauri::command]
pub async fn control_sound(shell: State<'_, Shell>, order: SoundOrder) -> Result<Option<Playback>, AppError> {
    let speaker = shell.speaker();
    blocking(move || speaker.control(order).map_err(media)).await
}

fn to_hear(engine: &Engine, source: &SoundSource) -> Result<Heard, AppError> {
    match source {
        SoundSource::Answer { cell, choice } => engine.sound_to_hear(cell, *choice),
        SoundSource::Recording { recording } => {
            sound::decode(&engine.recording_bytes(recording)?, None).map(Heard::Whole).map_err(media)
        }
    }
}
