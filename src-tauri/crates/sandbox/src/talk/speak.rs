//! From a text to its sound.

use std::f64::consts::TAU;

use super::{BEAT, MARK, RATE, SYLLABLE, check, tones};

/// How somebody sounds.
#[derive(Debug, PartialEq)]
pub(crate) struct Voice {
    pub(crate) name: &'static str,
    /// Hertz of the hum below the tones.
    pitch: f64,
    /// How loud all of it is.
    level: f64,
    /// How loud the high tones are beside the low ones: from dull to sharp.
    brightness: f64,
    /// How much of a hum there is.
    hum: f64,
}

const fn voice(name: &'static str, pitch: f64, level: f64, brightness: f64, hum: f64) -> Voice {
    Voice { name, pitch, level, brightness, hum }
}

/// The first is taken where a request names none.
pub(crate) const VOICES: &[Voice] = &[
    voice("alloy", 140.0, 0.30, 1.0, 0.5),
    voice("ash", 110.0, 0.24, 0.8, 0.7),
    voice("ballad", 125.0, 0.20, 0.7, 0.8),
    voice("cedar", 95.0, 0.28, 0.7, 0.9),
    voice("coral", 205.0, 0.32, 1.3, 0.4),
    voice("echo", 120.0, 0.16, 0.9, 0.5),
    voice("fable", 165.0, 0.26, 1.1, 0.6),
    voice("marin", 190.0, 0.30, 1.0, 0.5),
    voice("nova", 215.0, 0.38, 1.4, 0.4),
    voice("onyx", 80.0, 0.34, 0.6, 1.0),
    voice("sage", 175.0, 0.12, 0.9, 0.5),
    voice("shimmer", 240.0, 0.22, 1.6, 0.3),
    voice("verse", 130.0, 0.30, 1.2, 0.6),
];

impl Voice {
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        VOICES.iter().find(|voice| voice.name == name)
    }
}

/// As services allow it.
const SPEEDS: [f64; 2] = [0.25, 4.0];

/// Before the first word and after the last, in seconds.
const QUIET: f64 = 0.15;
/// The hum ends below the lowest tone.
const HUM_BELOW: f64 = 420.0;
/// The most bytes of a word: its length is a byte.
const LONGEST: usize = 240;

/// One channel at [`RATE`]. Every character is said, also the white space between the words.
pub(crate) fn speak(text: &str, voice: &Voice, speed: f64) -> Vec<f32> {
    let syllable = (SYLLABLE / speed.clamp(SPEEDS[0], SPEEDS[1])).round() as u8;
    let mut speech = Speech { samples: Vec::new(), voice, tune: 0.0 };
    speech.rest(QUIET);
    for word in words(text) {
        speech.word(word, syllable);
        let pause = if ends_sentence(word) { 6.0 } else { 1.5 };
        speech.rest(pause * f64::from(syllable) / 1_000.0);
        // The voice falls with the sentence.
        speech.tune = if ends_sentence(word) { 0.0 } else { (speech.tune + 0.03).min(0.25) };
    }
    speech.rest(QUIET);
    speech.samples
}

pub(crate) fn ends_sentence(word: &str) -> bool {
    word.contains('\n') || word.trim_end().ends_with(['.', '!', '?', '…', '。'])
}

/// Words with the white space behind them; what is too long is said in parts.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut before = ' ';
        let end = rest
            .char_indices()
            .find(|(at, character)| {
                let begins = *at > 0 && before.is_whitespace() && !character.is_whitespace();
                before = *character;
                begins || at + character.len_utf8() > LONGEST
            })
            .map_or(rest.len(), |(at, _)| at);
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after;
    }
    words
}

struct Speech<'voice> {
    samples: Vec<f32>,
    voice: &'voice Voice,
    /// How far the voice has fallen: 0.1 is a tenth lower.
    tune: f64,
}

impl Speech<'_> {
    fn rest(&mut self, seconds: f64) {
        self.samples.resize(self.samples.len() + (seconds * f64::from(RATE)).round() as usize, 0.0);
    }

    fn word(&mut self, word: &str, syllable: u8) {
        let begin = self.samples.len();
        let level = self.voice.level;
        for tone in MARK {
            self.tone([(tone, level), (0.0, 0.0)], begin, BEAT);
        }
        let length = word.len().min(LONGEST) as u8;
        let head = [syllable, length];
        for byte in head {
            self.byte(byte, begin, BEAT);
        }
        let data = self.samples.len();
        let sum = check(head.into_iter().chain(word.bytes()));
        for byte in word.bytes().chain([sum]) {
            self.byte(byte, begin, f64::from(syllable) / 1_000.0);
        }
        self.hum(data);
    }

    fn byte(&mut self, byte: u8, begin: usize, seconds: f64) {
        let [low, high] = tones(byte);
        let sharp = self.voice.brightness / (1.0 + self.voice.brightness);
        let level = self.voice.level * 1.4;
        self.tone([(low, level * (1.0 - sharp)), (high, level * sharp)], begin, seconds);
    }

    /// Appends tones whose end is counted from `begin`, so that a word never drifts.
    fn tone(&mut self, tones: [(f64, f64); 2], begin: usize, seconds: f64) {
        let rate = f64::from(RATE);
        let so_far = (self.samples.len() - begin) as f64;
        let count = ((so_far + seconds * rate).round() - so_far) as usize;
        // Fades in and out, or it would click.
        let edge = (rate * 0.002).min(count as f64 / 6.0);
        for at in 0..count {
            let time = at as f64 / rate;
            let fade = (at.min(count - at) as f64 / edge).min(1.0);
            let sample: f64 = tones.iter().map(|(hertz, level)| level * (time * hertz * TAU).sin()).sum();
            self.samples.push((sample * fade) as f32);
        }
    }

    /// The voice itself, under all that was said since `begin`.
    fn hum(&mut self, begin: usize) {
        let Voice { pitch, level, hum, .. } = *self.voice;
        let count = self.samples.len() - begin;
        let rate = f64::from(RATE);
        let pitch = pitch * (1.0 - self.tune);
        let harmonics = ((HUM_BELOW / pitch) as u32).clamp(1, 3);
        for at in 0..count {
            let time = at as f64 / rate;
            let swell = (std::f64::consts::PI * at as f64 / count as f64).sin();
            let sung: f64 = (1..=harmonics).map(|of| (time * pitch * TAU * f64::from(of)).sin() / f64::from(of)).sum();
            self.samples[begin + at] += (sung * hum * level * 0.6 * swell) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_join_to_the_text() {
        let long = "ä".repeat(500);
        for text in ["", " ", "a", " two  words\nand more ", "日本語", &long] {
            let words = words(text);
            assert_eq!(words.concat(), text);
            assert!(words.iter().all(|word| !word.is_empty() && word.len() <= LONGEST));
        }
        assert_eq!(words("one two"), ["one ", "two"]);
    }

    #[test]
    fn voices_differ_and_none_is_too_loud() {
        for (place, voice) in VOICES.iter().enumerate() {
            let sound = speak("A loud sentence, ÿ.", voice, 1.0);
            let most = sound.iter().fold(0.0_f32, |most, one| most.max(one.abs()));
            assert!((0.1..1.0).contains(&most), "{}: {most}", voice.name);
            for other in &VOICES[..place] {
                assert_ne!(speak("A", other, 1.0), speak("A", voice, 1.0), "{} and {}", voice.name, other.name);
            }
        }
    }
}
