//! The sound of a call for speech that still runs: what is recorded of it is decoded as it comes.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use juxta_client::endpoints::media::synthesize;
use juxta_client::observe::event_of;
use juxta_media::arriving::{self, Arriving, Incoming};
use juxta_media::sound::Sound;
use juxta_sse::{Frame, Parser};
use juxta_store::BodyReader;
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::run::{Cell, CellState};

use super::{asked_format, unheard};
use crate::Engine;
use crate::run::storage;

/// How often the record of a call is looked at. It is written five times a second.
const BEAT: Duration = Duration::from_millis(40);
/// Bytes read from it at a time.
const BLOCK: usize = 64 << 10;
/// Bytes that tell a sound from events and from a text.
const TELLING: usize = 512;

/// What can be heard of an answer.
pub enum Heard {
    Whole(Sound),
    /// More of it comes by itself.
    Arriving(Arriving),
}

impl Engine {
    /// The sound of a choice. Of a call for speech that is not over it is what has come and what will come; nobody has to
    /// wait for it.
    ///
    /// # Errors
    /// When the answer has none, or one that cannot be decoded.
    pub fn sound_to_hear(&self, cell: &CellId, choice: u32) -> Result<Heard, AppError> {
        let head = self.cell_head(cell)?;
        if head.endpoint != EndpointKind::Synthesize || !is_coming(&head.state) {
            return self.sound(cell, choice).map(Heard::Whole);
        }
        let asked = head.request.as_ref().and_then(|request| asked_format(request.body.as_bytes()));
        let (incoming, arriving) = arriving::begin(asked.as_deref()).map_err(unheard)?;
        let body = self.store().open_body(cell).map_err(storage)?;
        let follower =
            Follower { engine: self.clone(), cell: cell.clone(), body, at: 0, gathered: Gathered::default() };
        self.tasks().spawn_blocking(move || follower.run(incoming));
        Ok(Heard::Arriving(arriving))
    }
}

/// A replay reads what is there already.
fn is_coming(state: &CellState) -> bool {
    !state.is_over() && !matches!(state, CellState::Replaying { .. })
}

/// Reads the record of one call as it grows.
struct Follower {
    engine: Engine,
    cell: CellId,
    body: BodyReader,
    at: u64,
    gathered: Gathered,
}

impl Follower {
    /// Until the call is over, or until nobody listens any more.
    fn run(mut self, incoming: Incoming) {
        let ended = loop {
            if !incoming.is_wanted() {
                return;
            }
            // Looked at before the bytes: what is over lies there whole.
            let head = match self.engine.cell_head(&self.cell) {
                Ok(head) => head,
                Err(error) => break Some(error.to_string()),
            };
            let is_over = !is_coming(&head.state);
            if has_answered(&head)
                && let Err(error) = self.read_on(&incoming, is_over)
            {
                break Some(error.to_string());
            }
            if is_over {
                break self.why_it_ended(&head);
            }
            if self.engine.is_closing().load(Ordering::Relaxed) {
                break Some("Juxta is being closed.".to_owned());
            }
            thread::sleep(BEAT);
        };
        if let Some(problem) = ended {
            incoming.break_off(problem);
        }
    }

    fn read_on(&mut self, incoming: &Incoming, is_last: bool) -> Result<(), AppError> {
        let mut block = vec![0; BLOCK];
        loop {
            let count = self.body.read_at(self.at, &mut block).map_err(storage)?;
            self.at += count as u64;
            let is_end = count < block.len();
            let sound = self.gathered.take(&block[..count], is_last && is_end);
            if !sound.is_empty() {
                incoming.push(&sound);
            }
            if is_end {
                return Ok(());
            }
        }
    }

    /// `None` when it came whole.
    fn why_it_ended(&self, head: &Cell) -> Option<String> {
        let why = match head.state {
            CellState::Finished if self.gathered.is_text() => "The answer is text, and no sound.",
            CellState::Finished => return None,
            _ if !self.gathered.has_sound() => "The call ended before a sound came.",
            CellState::Stopped => "The call was stopped. This is what had come of it.",
            _ => "The call broke off. This is what had come of it.",
        };
        Some(why.to_owned())
    }
}

/// What was received is the answer, and not the refusal of an attempt.
fn has_answered(head: &Cell) -> bool {
    let is_success = || head.head.as_ref().is_some_and(|head| (200..300).contains(&head.status));
    match head.state {
        CellState::Queued | CellState::Waiting | CellState::Retrying { .. } => false,
        _ => is_success(),
    }
}

/// The bytes of a sound within those of a body that grows: all of them, or what its events carry.
#[derive(Default)]
struct Gathered {
    form: Form,
    held: Vec<u8>,
}

#[derive(Default)]
enum Form {
    #[default]
    Unknown,
    Sound,
    Events(Box<Parser>),
    /// An error that came as a success, most likely.
    Text,
}

impl Gathered {
    /// Gives what of the sound is new.
    fn take(&mut self, bytes: &[u8], is_last: bool) -> Vec<u8> {
        self.held.extend_from_slice(bytes);
        if matches!(self.form, Form::Unknown) && (is_last || self.held.len() >= TELLING) {
            self.form = form(&self.held);
        }
        match &mut self.form {
            Form::Unknown => Vec::new(),
            Form::Sound => std::mem::take(&mut self.held),
            Form::Text => {
                self.held.clear();
                Vec::new()
            }
            Form::Events(parser) => {
                let mut sound = Vec::new();
                let mut on_frame = |frame: Frame<'_>| {
                    if let Some((name, data)) = event_of(frame.kind) {
                        sound.extend(synthesize::sound_of_event(name, data).unwrap_or_default());
                    }
                };
                parser.push(&std::mem::take(&mut self.held), &mut on_frame);
                if is_last {
                    parser.finish(&mut on_frame);
                }
                sound
            }
        }
    }

    fn has_sound(&self) -> bool {
        matches!(self.form, Form::Sound | Form::Events(_))
    }

    fn is_text(&self) -> bool {
        matches!(self.form, Form::Text)
    }
}

fn form(start: &[u8]) -> Form {
    let fields: [&[u8]; 5] = [b"data:", b"event:", b"id:", b"retry:", b":"];
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    match () {
        () if synthesize::is_sound(start) => Form::Sound,
        () if fields.iter().any(|field| text.starts_with(field)) => Form::Events(Box::default()),
        () => Form::Text,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::*;

    fn gathered(body: &[u8], piece: usize) -> (Vec<u8>, Gathered) {
        let mut gathered = Gathered::default();
        let mut sound = Vec::new();
        for part in body.chunks(piece) {
            sound.extend(gathered.take(part, false));
        }
        sound.extend(gathered.take(&[], true));
        (sound, gathered)
    }

    #[test]
    fn a_sound_is_told_from_events_and_from_a_text_however_its_body_is_cut() {
        let samples: Vec<u8> = (0..3_000_u32).map(|at| (at * 11 % 256) as u8).collect();
        let event = |part: &[u8]| {
            let event = json!({"type": "speech.audio.delta", "audio": STANDARD.encode(part)});
            format!(": “ping”\ndata: {event}\r\n\r\n")
        };
        let events: String = samples.chunks(701).map(event).collect();
        let error = json!({"error": {"message": "Die Stimme ruht \\ \"heute\""}}).to_string();
        for piece in [1, 7, 512, 100_000] {
            assert_eq!(gathered(&samples, piece).0, samples, "{piece}");
            assert_eq!(gathered(events.as_bytes(), piece).0, samples, "{piece}");
            let (sound, text) = gathered(error.as_bytes(), piece);
            assert!(sound.is_empty() && text.is_text(), "{piece}");
        }
        let (sound, nothing) = gathered(b"", 1);
        assert!(sound.is_empty() && nothing.is_text() && !nothing.has_sound());
        assert_eq!(gathered(&[0, 1, 2], 1).0, [0, 1, 2], "less than tells is taken at the end");
    }
}
