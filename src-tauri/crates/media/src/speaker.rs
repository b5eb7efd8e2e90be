//! One sound at a time, out loud.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use juxta_wire::ids::CellId;
use juxta_wire::media::{Playback, SoundOrder};
use rodio::{ChannelCount, DeviceSinkBuilder, MixerDeviceSink, SampleRate, Source};

use crate::MediaError;
use crate::sound::Sound;

/// Plays sounds of answers on the device that the system calls its default one. The device is open only while a sound is on.
#[derive(Default)]
pub struct Speaker {
    now: Mutex<Option<Playing>>,
}

struct Playing {
    cell: CellId,
    choice: u32,
    tape: Arc<Tape>,
    /// Closing it ends the sound. A paused sound keeps it.
    device: Option<MixerDeviceSink>,
}

/// A sound and how far it was played. The device's thread reads it without waiting for anybody.
struct Tape {
    sound: Sound,
    /// The next frame to be heard.
    next: AtomicUsize,
    paused: AtomicBool,
    ended: AtomicBool,
}

impl Speaker {
    /// Plays the sound of an answer from `seconds` on; what was heard before ends.
    ///
    /// # Errors
    /// When no device can be opened.
    pub fn play(&self, cell: CellId, choice: u32, sound: Sound, seconds: f64) -> Result<(), MediaError> {
        let tape = Arc::new(Tape {
            sound,
            next: AtomicUsize::new(0),
            paused: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        });
        tape.seek(seconds);
        let mut now = self.now();
        *now = None;
        *now = Some(Playing { cell, choice, device: Some(open(&tape)?), tape });
        Ok(())
    }

    fn pause(&self) {
        if let Some(playing) = self.now().as_ref() {
            playing.tape.paused.store(true, Ordering::Relaxed);
        }
    }

    /// Goes on from where the sound is, or from its beginning when it was over.
    ///
    /// # Errors
    /// When no device can be opened.
    fn resume(&self) -> Result<(), MediaError> {
        let mut now = self.now();
        let Some(playing) = now.as_mut() else { return Ok(()) };
        let tape = &playing.tape;
        tape.paused.store(false, Ordering::Relaxed);
        if tape.ended.swap(false, Ordering::Relaxed) {
            tape.next.store(0, Ordering::Relaxed);
            playing.device = None;
        }
        if playing.device.is_none() {
            playing.device = Some(open(tape)?);
        }
        Ok(())
    }

    /// Moves to `seconds` from the beginning. A sound that was over stands there, paused.
    fn seek(&self, seconds: f64) {
        if let Some(playing) = self.now().as_mut() {
            if playing.tape.ended.swap(false, Ordering::Relaxed) {
                playing.device = None;
                playing.tape.paused.store(true, Ordering::Relaxed);
            }
            playing.tape.seek(seconds);
        }
    }

    /// Does as told, and tells where the sound is then.
    ///
    /// # Errors
    /// When no device can be opened.
    pub fn control(&self, order: SoundOrder) -> Result<Option<Playback>, MediaError> {
        match order {
            SoundOrder::Pause => self.pause(),
            SoundOrder::Resume => self.resume()?,
            SoundOrder::Seek { position } => self.seek(position),
            SoundOrder::Stop => self.stop(),
            SoundOrder::Look => {}
        }
        Ok(self.playback())
    }

    fn stop(&self) {
        *self.now() = None;
    }

    /// `None` when nothing was played, or when it was stopped.
    pub fn playback(&self) -> Option<Playback> {
        let mut now = self.now();
        let playing = now.as_mut()?;
        let tape = &playing.tape;
        let ended = tape.ended.load(Ordering::Relaxed);
        if ended {
            playing.device = None;
        }
        let rate = f64::from(tape.sound.rate);
        Some(Playback {
            cell: playing.cell.clone(),
            choice: playing.choice,
            playing: !ended && playing.device.is_some() && !tape.paused.load(Ordering::Relaxed),
            position: tape.next.load(Ordering::Relaxed).min(tape.sound.frames()) as f64 / rate,
            seconds: tape.sound.seconds(),
        })
    }

    fn now(&self) -> MutexGuard<'_, Option<Playing>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tape {
    fn seek(&self, seconds: f64) {
        // A cast of a float stops at the ends of the whole numbers.
        let frame = (seconds.max(0.0) * f64::from(self.sound.rate)) as usize;
        self.next.store(frame.min(self.sound.frames()), Ordering::Relaxed);
    }
}

fn open(tape: &Arc<Tape>) -> Result<MixerDeviceSink, MediaError> {
    let said = |error: rodio::DeviceSinkError| MediaError::Device(error.to_string().to_lowercase());
    let mut failures: u64 = 0;
    let builder = DeviceSinkBuilder::from_default_device().map_err(said)?;
    // Some drivers report the same fault hundreds of times a second and play on.
    let builder = builder.with_error_callback(move |error| {
        if failures.is_power_of_two() || failures == 0 {
            tracing::warn!(%error, failures, "the sound device reports a fault");
        }
        failures += 1;
    });
    let mut device = builder.open_stream().map_err(said)?;
    device.log_on_drop(false);
    device.mixer().add(Needle { tape: Arc::clone(tape), frame: 0, channel: 0 });
    Ok(device)
}

/// Reads a tape for the device.
struct Needle {
    tape: Arc<Tape>,
    frame: usize,
    /// The channel whose sample comes next.
    channel: u16,
}

impl Iterator for Needle {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        let tape = &*self.tape;
        if self.channel == 0 {
            if tape.paused.load(Ordering::Relaxed) {
                return Some(0.0);
            }
            self.frame = tape.next.load(Ordering::Relaxed);
            if self.frame >= tape.sound.frames() {
                tape.ended.store(true, Ordering::Relaxed);
                return None;
            }
            // Whoever moved the tape in the meantime is right.
            let _ = tape.next.compare_exchange(self.frame, self.frame + 1, Ordering::Relaxed, Ordering::Relaxed);
        }
        let at = self.frame * usize::from(tape.sound.channels) + usize::from(self.channel);
        self.channel = (self.channel + 1) % tape.sound.channels;
        tape.sound.samples.get(at).copied().or(Some(0.0))
    }
}

impl Source for Needle {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> ChannelCount {
        ChannelCount::new(self.tape.sound.channels).unwrap_or(ChannelCount::MIN)
    }

    fn sample_rate(&self) -> SampleRate {
        SampleRate::new(self.tape.sound.rate).unwrap_or(SampleRate::MIN)
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tape(samples: Vec<f32>, channels: u16) -> Arc<Tape> {
        Arc::new(Tape {
            sound: Sound::new(samples, channels, 10),
            next: AtomicUsize::new(0),
            paused: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        })
    }

    #[test]
    fn a_tape_can_be_moved_and_held_between_its_frames() {
        let tape = tape((0..20).map(|sample| sample as f32).collect(), 2);
        let mut needle = Needle { tape: Arc::clone(&tape), frame: 0, channel: 0 };
        assert_eq!(needle.by_ref().take(3).collect::<Vec<_>>(), [0.0, 1.0, 2.0]);
        tape.seek(0.7);
        assert_eq!(needle.by_ref().take(3).collect::<Vec<_>>(), [3.0, 14.0, 15.0], "a frame is not torn apart");
        tape.paused.store(true, Ordering::Relaxed);
        assert_eq!(needle.by_ref().take(3).collect::<Vec<_>>(), [0.0; 3]);
        tape.paused.store(false, Ordering::Relaxed);
        assert_eq!(needle.by_ref().collect::<Vec<_>>(), [16.0, 17.0, 18.0, 19.0]);
        assert!(tape.ended.load(Ordering::Relaxed));
        tape.seek(f64::INFINITY);
        tape.seek(f64::NAN);
        assert_eq!(tape.next.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_speaker_that_plays_nothing_takes_every_order() {
        let speaker = Speaker::default();
        speaker.pause();
        speaker.seek(3.0);
        speaker.stop();
        assert!(speaker.resume().is_ok());
        assert_eq!(speaker.playback(), None);
    }
}
