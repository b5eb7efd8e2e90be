//! Waveforms of any width, and what else is found out when a sound is read through once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use juxta_wire::media::{SoundPicture, Waveform};
use sha2::{Digest, Sha256};

use crate::sound::{self, Sound};
use crate::{MediaError, loudness};

/// Parts that are kept of a sound, however long it is: more than a screen is wide, magnified.
const PARTS: usize = 1 << 16;
/// Sounds that are kept.
const MOST: usize = 64;

/// Lowest and highest sample, and the mean of the squares.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Part {
    low: f32,
    high: f32,
    square: f32,
}

/// A sound, read through once: enough for every waveform of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    parts: Vec<Part>,
    /// Everything but the waveform.
    facts: SoundPicture,
}

impl Overview {
    pub fn new(sound: &Sound) -> Self {
        let facts = SoundPicture {
            seconds: sound.seconds(),
            rate: sound.rate,
            channels: sound.channels,
            waveform: Waveform::default(),
            loudness: loudness::of(sound),
            damage: sound.damage.clone(),
        };
        let (frames, channels) = (sound.frames(), usize::from(sound.channels));
        let count = frames.min(PARTS);
        let place = |part: usize| (part as u128 * frames as u128 / count as u128) as usize * channels;
        let parts = (0..count).map(|part| Part::of(&sound.samples[place(part)..place(part + 1)])).collect();
        Self { parts, facts }
    }

    /// `width` parts of the stretch between two shares of the whole, 0 to 1; fewer where the sound has no more.
    pub fn picture(&self, width: usize, from: f64, to: f64) -> SoundPicture {
        let count = self.parts.len();
        let at = |share: f64| ((share.clamp(0.0, 1.0) * count as f64) as usize).min(count);
        let parts = self.parts.get(at(from)..at(to)).unwrap_or_default();
        let width = width.min(parts.len());
        let mut waveform = Waveform::default();
        for column in 0..width {
            let of = &parts[parts.len() * column / width..parts.len() * (column + 1) / width];
            Part::joined(of).draw(&mut waveform);
        }
        SoundPicture { waveform, ..self.facts.clone() }
    }
}

impl Part {
    fn of(samples: &[f32]) -> Self {
        let edge = |least: f32, sample: &f32| least.min(*sample);
        let square = samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32;
        let low = samples.iter().fold(f32::INFINITY, edge);
        let high = -samples.iter().map(|sample| -sample).fold(f32::INFINITY, |least, sample| least.min(sample));
        Self { low, high, square }
    }

    fn joined(parts: &[Self]) -> Self {
        Self {
            low: parts.iter().fold(f32::INFINITY, |low, part| low.min(part.low)),
            high: parts.iter().fold(f32::NEG_INFINITY, |high, part| high.max(part.high)),
            square: parts.iter().map(|part| part.square).sum::<f32>() / parts.len().max(1) as f32,
        }
    }

    fn draw(self, waveform: &mut Waveform) {
        let level = |sample: f32| (sample.clamp(-1.0, 1.0) * 127.0).round() as i8;
        waveform.low.push(level(self.low));
        waveform.high.push(level(self.high));
        waveform.rms.push((self.square.sqrt().min(1.0) * 127.0).round() as u8);
    }
}

/// Adds a part to a waveform that grows.
pub(crate) fn draw(samples: &[f32], waveform: &mut Waveform) {
    if !samples.is_empty() {
        Part::of(samples).draw(waveform);
    }
}

/// Overviews by what they are of, so that a sound is decoded once however often and wide it is drawn.
#[derive(Default)]
pub struct Overviews {
    /// The newest last.
    kept: Mutex<VecDeque<([u8; 32], Arc<Overview>)>>,
}

impl Overviews {
    /// # Errors
    /// When the bytes cannot be decoded.
    pub fn of(&self, bytes: &[u8], asked: Option<&str>) -> Result<Arc<Overview>, MediaError> {
        let mut digest = Sha256::new();
        digest.update(asked.unwrap_or_default());
        digest.update([0]);
        digest.update(bytes);
        let digest: [u8; 32] = digest.finalize().into();
        if let Some(known) = self.find(&digest) {
            return Ok(known);
        }
        let made = Arc::new(Overview::new(&sound::decode(bytes, asked)?));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((digest, Arc::clone(&made)));
        if kept.len() > MOST {
            kept.pop_front();
        }
        Ok(made)
    }

    fn find(&self, digest: &[u8; 32]) -> Option<Arc<Overview>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(known, _)| known == digest)?;
        let found = kept.remove(at)?;
        let overview = Arc::clone(&found.1);
        kept.push_back(found);
        Some(overview)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second that is silent, then a square wave at half of full volume, then a spike downwards.
    fn sound() -> Sound {
        let mut samples = vec![0.0; 100_000];
        for (at, sample) in samples[50_000..].iter_mut().enumerate() {
            *sample = if at % 2 == 0 { 0.5 } else { -0.5 };
        }
        samples[99_999] = -1.0;
        Sound::new(samples, 1, 100_000)
    }

    #[test]
    fn a_waveform_shows_every_spike_at_any_width() {
        let overview = Overview::new(&sound());
        for width in [1, 2, 7, 640, 3_000, PARTS] {
            let waveform = overview.picture(width, 0.0, 1.0).waveform;
            assert_eq!((waveform.low.len(), waveform.high.len(), waveform.rms.len()), (width, width, width));
            assert_eq!((waveform.low[width - 1], waveform.high.iter().max()), (-127, Some(&64)), "{width}");
        }
        let halves = overview.picture(2, 0.0, 1.0).waveform;
        assert_eq!((halves.low[0], halves.high[0], halves.rms[0], halves.rms[1]), (0, 0, 0, 64));
        assert_eq!(overview.picture(1_000_000, 0.0, 1.0).waveform.low.len(), PARTS);
        assert_eq!(overview.picture(0, 0.0, 1.0).waveform, Waveform::default());
    }

    #[test]
    fn a_stretch_of_a_sound_has_a_waveform_of_its_own() {
        let overview = Overview::new(&sound());
        assert!(overview.picture(10, 0.0, 0.4).waveform.rms.iter().all(|rms| *rms == 0));
        assert!(overview.picture(10, 0.6, 0.9).waveform.rms.iter().all(|rms| *rms == 64));
        for (from, to) in [(0.9, 0.1), (f64::NAN, 1.0), (2.0, 3.0)] {
            overview.picture(10, from, to);
        }
        let empty = Overview::new(&Sound::new(Vec::new(), 1, 8_000));
        assert_eq!(empty.picture(10, 0.0, 1.0).waveform, Waveform::default());
    }

    #[test]
    fn the_same_bytes_are_decoded_once() {
        let overviews = Overviews::default();
        let bytes = |number: u16| [number.to_le_bytes(), [1, 2]].concat();
        let one = overviews.of(&bytes(1), Some("pcm16")).unwrap();
        for number in 2..=MOST as u16 {
            overviews.of(&bytes(number), Some("pcm16")).unwrap();
        }
        assert!(Arc::ptr_eq(&one, &overviews.of(&bytes(1), Some("pcm16")).unwrap()));
        overviews.of(&bytes(9_999), Some("pcm16")).unwrap();
        assert!(Arc::ptr_eq(&one, &overviews.of(&bytes(1), Some("pcm16")).unwrap()), "what is used stays");
        assert!(overviews.of(&bytes(1), None).is_err(), "the same bytes as something else");
        assert!(overviews.kept.lock().unwrap().len() <= MOST);
    }
}
