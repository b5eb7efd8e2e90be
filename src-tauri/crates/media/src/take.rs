//! One recording, without its device: from samples as they come to a file, a level and a waveform.

use std::io::{self, Seek, Write};

use juxta_wire::ids::RecordingId;
use juxta_wire::media::{RecorderNews, RecorderState, Waveform};

use crate::meter::Meter;
use crate::peaks;
use crate::shaper::Shaper;
use crate::wav_file::WavFile;

/// Parts of a second that one part of the waveform stands for.
const PARTS: u32 = 50;

pub(crate) struct Take<W: Write + Seek> {
    recording: RecordingId,
    file: WavFile<W>,
    shaper: Shaper,
    rate: u32,
    meter: Meter,
    samples: Vec<i16>,
    /// Less than a part of the waveform.
    part: Vec<f32>,
    waveform: Waveform,
}

impl<W: Write + Seek> Take<W> {
    pub fn new(recording: RecordingId, file: WavFile<W>, shaper: Shaper, rate: u32) -> Self {
        Self {
            recording,
            file,
            shaper,
            rate,
            meter: Meter::new(rate),
            samples: Vec::new(),
            part: Vec::new(),
            waveform: Waveform::default(),
        }
    }

    /// Whole frames of the device, on their way to the disk.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn push(&mut self, given: &[f32]) -> io::Result<()> {
        self.samples.clear();
        self.shaper.push(given, &mut self.samples);
        self.keep()
    }

    /// Ends the file. What was still on its way gets into it.
    ///
    /// # Errors
    /// When it cannot be written; the head is true all the same, if it can be written at all.
    pub fn finish(&mut self) -> io::Result<()> {
        self.samples.clear();
        self.shaper.finish(&mut self.samples);
        let kept = self.keep();
        peaks::draw(&std::mem::take(&mut self.part), &mut self.waveform);
        kept.and(self.file.seal())
    }

    /// Makes the head true, when nothing more can be written.
    pub fn seal(&mut self) {
        if let Err(error) = self.file.seal() {
            tracing::warn!(%error, "the head of a recording could not be written");
        }
    }

    fn keep(&mut self) -> io::Result<()> {
        self.meter.push(&self.samples);
        let length = (self.rate / PARTS).max(1) as usize;
        for sample in &self.samples {
            self.part.push(f32::from(*sample) / 32_768.0);
            if self.part.len() == length {
                peaks::draw(&self.part, &mut self.waveform);
                self.part.clear();
            }
        }
        self.file.append(&self.samples)
    }

    /// What is new since it was asked last.
    pub fn news(&mut self, state: RecorderState, problem: Option<String>) -> RecorderNews {
        let level = self.meter.look();
        RecorderNews {
            recording: self.recording.clone(),
            state,
            seconds: self.file.frames() as f64 / f64::from(self.rate),
            bytes: self.file.bytes(),
            rate: self.rate,
            rms: level.rms,
            peak: level.peak,
            held: level.held,
            waveform: std::mem::take(&mut self.waveform),
            problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::sound;

    #[test]
    fn a_take_is_what_was_given_and_tells_of_it_as_it_comes() {
        let mut bytes = Cursor::new(Vec::new());
        let mut take = Take::new(
            RecordingId::new(),
            WavFile::begin(&mut bytes, 16_000).unwrap(),
            Shaper::new(2, 48_000, 16_000).unwrap(),
            16_000,
        );
        // A second that is loud on the left only, in pieces of no round length, then half a second of silence.
        let wave = |at: usize| (at as f64 / 48_000.0 * 440.0 * std::f64::consts::TAU).sin() as f32;
        let mut given: Vec<f32> = (0..48_000).flat_map(|at| [wave(at), 0.0]).collect();
        given.resize(given.len() + 48_000, 0.0);
        let mut told = Waveform::default();
        let mut levels = Vec::new();
        for piece in given.chunks(2 * 1_231) {
            take.push(piece).unwrap();
            let news = take.news(RecorderState::Recording, None);
            levels.push(news.rms);
            told.high.extend(news.waveform.high);
        }
        take.finish().unwrap();
        let end = take.news(RecorderState::Ended, None);
        told.high.extend(end.waveform.high);
        assert_eq!((end.seconds, end.bytes, end.rate), (1.5, 48_044, 16_000));
        assert_eq!(told.high.len(), 75);
        assert!(told.high[2..48].iter().all(|high| (62..=65).contains(high)), "{:?}", told.high);
        assert!(told.high[53..].iter().all(|high| *high <= 1), "{:?}", told.high);
        // Half of a full tone is 9 dB below full scale.
        assert!((levels[levels.len() / 3] + 9.03).abs() < 0.3, "{levels:?}");
        let sound = sound::decode(&bytes.into_inner(), None).unwrap();
        assert_eq!((sound.channels, sound.rate, sound.frames()), (1, 16_000, 24_000));
    }
}
