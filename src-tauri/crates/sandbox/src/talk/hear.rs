//! From a sound to what was said in it.

use std::f64::consts::TAU;

use super::{BEAT, HEAD, MARK, check, high, low};

/// One word, with the white space behind it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Heard {
    pub(crate) bytes: Vec<u8>,
    /// Seconds from the beginning of the sound.
    pub(crate) start: f64,
    pub(crate) end: f64,
    /// From 0 to 1: how clear the tones were.
    pub(crate) confidence: f64,
}

/// Seconds between two looks for a mark.
const STEP: f64 = 0.005;
/// Looks in one tone of a mark.
const STEPS: usize = 4;
/// How much of what is heard a mark has to be.
const CLEAR: f64 = 0.3;
/// How much of a syllable is listened to: its middle.
const MIDDLE: f64 = 0.74;
/// Below this the tones are no better than noise.
const GUESSED: f64 = 0.45;

/// The words of a sound of one channel; none when it is no speech of the sandbox.
pub(crate) fn hear(samples: &[f32], rate: u32) -> Vec<Heard> {
    if f64::from(rate) < 2.2 * MARK[1] {
        return Vec::new();
    }
    let ear = Ear { samples, rate: f64::from(rate) };
    let mut words: Vec<Heard> = Vec::new();
    for mark in ear.marks() {
        // What sounds like a mark inside of a word is none.
        if words.last().is_some_and(|word| mark < word.end - 0.003) {
            continue;
        }
        words.extend(ear.word(mark));
    }
    words
}

struct Ear<'sound> {
    samples: &'sound [f32],
    rate: f64,
}

impl Ear<'_> {
    fn window(&self, from: f64, seconds: f64) -> Option<&[f32]> {
        let begin = (from * self.rate).round();
        let count = (seconds * self.rate).round() as usize;
        if begin < 0.0 {
            return None;
        }
        self.samples.get(begin as usize..begin as usize + count)
    }

    /// Where words begin, in seconds.
    fn marks(&self) -> Vec<f64> {
        let count = (self.samples.len() as f64 / self.rate / STEP) as usize;
        let share = |tone: f64| -> Vec<f64> { (0..count).map(|step| self.share(tone, step as f64 * STEP)).collect() };
        let (first, second) = (share(MARK[0]), share(MARK[1]));
        let score = |step: usize| match (first.get(step), second.get(step + STEPS)) {
            (Some(first), Some(second)) => first.min(*second),
            _ => 0.0,
        };
        let is_peak = |step: usize| {
            let own = score(step);
            own > CLEAR
                && (step.saturating_sub(STEPS)..step).all(|other| score(other) < own)
                && (step + 1..=step + STEPS).all(|other| score(other) <= own)
        };
        (0..count).filter(|step| is_peak(*step)).map(|step| self.sharpen(step as f64 * STEP)).collect()
    }

    /// The same mark to half a millisecond.
    fn sharpen(&self, about: f64) -> f64 {
        let score = |at: f64| {
            let own = self.share(MARK[0], at) + self.share(MARK[1], at + BEAT);
            own - self.share(MARK[0], at + BEAT) - self.share(MARK[1], at)
        };
        let places = (-12..=12).map(|step| (about + f64::from(step) * 0.000_5).max(0.0));
        let scored = places.map(|at| (at, score(at)));
        scored.max_by(|one, other| one.1.total_cmp(&other.1)).map_or(about, |(at, _)| at)
    }

    /// How much of the loudness of one beat is this tone, from 0 to 1.
    fn share(&self, tone: f64, from: f64) -> f64 {
        let Some(window) = self.window(from, BEAT) else { return 0.0 };
        let loudness: f64 = window.iter().map(|sample| f64::from(sample * sample)).sum();
        // Quieter than the last bit of most recordings is silence.
        if loudness < 1e-9 * window.len() as f64 {
            return 0.0;
        }
        2.0 * power(window, tone / self.rate) / (window.len() as f64 * loudness)
    }

    fn word(&self, start: f64) -> Option<Heard> {
        let syllable = |from: f64, seconds: f64| {
            let window = self.window(from + seconds * (1.0 - MIDDLE) / 2.0, seconds * MIDDLE)?;
            Some(byte(window, self.rate))
        };
        let (milliseconds, _) = syllable(start + 2.0 * BEAT, BEAT)?;
        let (length, _) = syllable(start + 3.0 * BEAT, BEAT)?;
        if !(8..=200).contains(&milliseconds) || length == 0 {
            return None;
        }
        let seconds = f64::from(milliseconds) / 1_000.0;
        let at = |place: u8| start + HEAD + f64::from(place) * seconds;
        let heard: Vec<_> = (0..=length).map(|place| syllable(at(place), seconds)).collect::<Option<_>>()?;
        let mut bytes: Vec<u8> = heard.iter().map(|(byte, _)| *byte).collect();
        let sum = bytes.pop()?;
        let fits = check([milliseconds, length].into_iter().chain(bytes.iter().copied())) == sum;
        let clear = heard.iter().map(|(_, clear)| clear).sum::<f64>() / heard.len() as f64;
        if !fits && clear < GUESSED {
            return None;
        }
        let confidence = if fits { clear } else { clear * 0.4 };
        Some(Heard { bytes, start, end: at(length) + seconds, confidence: confidence.clamp(0.01, 0.99) })
    }
}

/// The byte whose tones are the loudest, and how much louder they are than the next, from 0 to 1.
fn byte(window: &[f32], rate: f64) -> (u8, f64) {
    let loudest = |tone: fn(u8) -> f64| {
        let mut powers: Vec<_> = (0..16).map(|place| (power(window, tone(place) / rate), place)).collect();
        powers.sort_by(|one, other| other.0.total_cmp(&one.0));
        let (first, second) = (powers[0], powers[1]);
        (first.1, (1.0 - (second.0 / first.0.max(f64::MIN_POSITIVE)).sqrt()).clamp(0.0, 1.0))
    };
    let (upper, lower) = (loudest(low), loudest(high));
    (upper.0 << 4 | lower.0, upper.1.min(lower.1))
}

/// Goertzel's way to the power of one tone; `frequency` in turns a sample.
fn power(window: &[f32], frequency: f64) -> f64 {
    let turn = 2.0 * (TAU * frequency).cos();
    let (mut before, mut last) = (0.0, 0.0);
    for sample in window {
        let next = f64::from(*sample) + turn * last - before;
        before = last;
        last = next;
    }
    last * last + before * before - turn * last * before
}
