//! One sound at a time, out loud.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use juxta_wire::media::{Playback, SoundOrder, SoundSource};

use crate::MediaError;
use crate::arriving::Arriving;
use crate::deck::{Deck, Tape};
use crate::device::{self, Output};
use crate::reel::Reel;
use crate::sound::Sound;

/// How much slower and faster a sound can be heard.
const SPEEDS: (f32, f32) = (0.5, 2.0);
/// Sounds that can follow each other.
const MOST_TURNS: usize = 255;

/// Plays sounds on the device that the system calls its default one. The device is open only while a sound is on.
#[derive(Default)]
pub struct Speaker {
    now: Mutex<Option<Playing>>,
}

struct Playing {
    sources: Vec<SoundSource>,
    deck: Arc<Deck>,
    /// Closing it ends the sound. A paused sound keeps it.
    device: Option<Output>,
}

/// Something to be heard.
pub struct Turn {
    source: SoundSource,
    tape: Tape,
}

impl Turn {
    pub fn whole(source: SoundSource, sound: Sound, gain: f64) -> Self {
        Self { source, tape: Tape { reel: Reel::Whole(sound), gain: factor(gain) } }
    }

    /// A sound that is heard as far as it has come.
    pub fn arriving(source: SoundSource, sound: Arriving, gain: f64) -> Self {
        Self { source, tape: Tape { reel: Reel::Growing(sound.reel), gain: factor(gain) } }
    }
}

/// Decibels as a factor.
fn factor(decibels: f64) -> f32 {
    if decibels.is_finite() { 10_f64.powf(decibels.clamp(-60.0, 40.0) / 20.0) as f32 } else { 1.0 }
}

impl Speaker {
    /// Plays sounds one after the other, the first from `seconds` on; what was heard before ends.
    ///
    /// # Errors
    /// When no device can be opened.
    pub fn play(&self, turns: Vec<Turn>, seconds: f64, speed: f64) -> Result<(), MediaError> {
        let (sources, tapes): (Vec<_>, Vec<_>) =
            turns.into_iter().take(MOST_TURNS).map(|turn| (turn.source, turn.tape)).unzip();
        let mut now = self.now();
        *now = None;
        if tapes.is_empty() {
            return Ok(());
        }
        let deck = Arc::new(Deck::new(tapes));
        set_speed(&deck, speed);
        seek(&deck, 0, seconds);
        let device = device::open_output(&deck)?;
        *now = Some(Playing { sources, device: Some(device), deck });
        Ok(())
    }

    /// Does as told, and tells where the sound is then.
    ///
    /// # Errors
    /// When no device can be opened.
    pub fn control(&self, order: SoundOrder) -> Result<Option<Playback>, MediaError> {
        let mut now = self.now();
        match (order, now.as_mut()) {
            (SoundOrder::Stop, _) => *now = None,
            (SoundOrder::Look, _) | (_, None) => {}
            (SoundOrder::Pause, Some(playing)) => playing.deck.pause(true),
            (SoundOrder::Resume, Some(playing)) => playing.resume()?,
            (SoundOrder::Speed { speed }, Some(playing)) => set_speed(&playing.deck, speed),
            (SoundOrder::Seek { position }, Some(playing)) => playing.seek(position),
        }
        Ok(now.as_mut().and_then(Playing::look))
    }

    /// `None` when nothing was played, or when it was stopped.
    pub fn playback(&self) -> Option<Playback> {
        self.now().as_mut()?.look()
    }

    fn now(&self) -> MutexGuard<'_, Option<Playing>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Playing {
    /// Goes on from where the sound is, or from its beginning when it was over.
    fn resume(&mut self) -> Result<(), MediaError> {
        if self.deck.heard(Instant::now()).over {
            self.deck.jump(0, 0.0);
            self.device = None;
        }
        self.deck.pause(false);
        if self.device.as_ref().is_none_or(Output::is_lost) {
            self.device = None;
            self.device = Some(device::open_output(&self.deck)?);
        }
        Ok(())
    }

    /// A sound that was over stands there, paused.
    fn seek(&mut self, seconds: f64) {
        let heard = self.deck.heard(Instant::now());
        if heard.over {
            self.device = None;
            self.deck.pause(true);
        }
        seek(&self.deck, heard.tape, seconds);
    }

    fn look(&mut self) -> Option<Playback> {
        let heard = self.deck.heard(Instant::now());
        let lost = self.device.as_ref().and_then(Output::lost);
        if heard.over || lost.is_some() {
            self.device = None;
        }
        // Where a device went away the sound waits, so that it can be gone on with.
        if lost.is_some() {
            self.deck.pause(true);
        }
        let tape = self.deck.tape(heard.tape)?;
        let rate = f64::from(tape.rate());
        Some(Playback {
            source: self.sources.get(heard.tape)?.clone(),
            turn: heard.tape as u32,
            playing: !heard.over && self.device.is_some() && !self.deck.is_paused(),
            arriving: !tape.reel.is_complete(),
            position: heard.frame / rate,
            seconds: tape.reel.frames() as f64 / rate,
            speed: f64::from(self.deck.speed()),
            problem: lost.or_else(|| tape.reel.problem().map(str::to_owned)),
        })
    }
}

fn seek(deck: &Deck, tape: usize, seconds: f64) {
    let rate = deck.tape(tape).map_or(1, Tape::rate);
    deck.jump(tape, seconds * f64::from(rate));
}

fn set_speed(deck: &Deck, speed: f64) {
    let speed = if speed.is_finite() { speed as f32 } else { 1.0 };
    deck.set_speed(speed.clamp(SPEEDS.0, SPEEDS.1));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speaker_that_plays_nothing_takes_every_order() {
        let speaker = Speaker::default();
        let orders = [
            SoundOrder::Pause,
            SoundOrder::Seek { position: 3.0 },
            SoundOrder::Speed { speed: f64::NAN },
            SoundOrder::Stop,
            SoundOrder::Resume,
            SoundOrder::Look,
        ];
        for order in orders {
            assert_eq!(speaker.control(order).unwrap(), None);
        }
        assert!(speaker.play(Vec::new(), 0.0, 1.0).is_ok());
        assert_eq!(speaker.playback(), None);
    }

    #[test]
    fn decibels_are_factors_within_reason() {
        assert!((factor(-6.0206) - 0.5).abs() < 1e-4);
        assert_eq!((factor(0.0), factor(f64::NAN), factor(1e9)), (1.0, 1.0, 100.0));
    }
}
