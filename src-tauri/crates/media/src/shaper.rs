//! From what a device gives to what a recording keeps: one channel, 16 bits, the wanted rate.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};

use crate::MediaError;

/// Frames of the device that are turned into others at once.
const CHUNK: usize = 512;

pub(crate) struct Shaper {
    channels: usize,
    resampler: Option<Resampling>,
}

struct Resampling {
    fft: Fft<f32>,
    waiting: Vec<f32>,
    out: Vec<f32>,
    /// Frames of its output that are before the sound.
    delay: usize,
    taken: u64,
    given: u64,
}

impl Shaper {
    /// # Errors
    /// When there is no way from one rate to the other.
    pub fn new(channels: u16, from: u32, to: u32) -> Result<Self, MediaError> {
        let made = |error: &dyn std::fmt::Display| MediaError::Device(error.to_string());
        let resampler = if from == to {
            None
        } else {
            let fft = Fft::new(from as usize, to as usize, CHUNK, 1, FixedSync::Input).map_err(|error| made(&error))?;
            let (delay, room) = (fft.output_delay(), fft.output_frames_max());
            Some(Resampling { fft, waiting: Vec::new(), out: vec![0.0; room], delay, taken: 0, given: 0 })
        };
        Ok(Self { channels: usize::from(channels.max(1)), resampler })
    }

    /// Samples of the channels take turns; whole frames.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<i16>) {
        let mono = samples.chunks_exact(self.channels).map(|frame| frame.iter().sum::<f32>() / frame.len() as f32);
        match &mut self.resampler {
            None => out.extend(mono.map(sixteen_bits)),
            Some(resampling) => {
                let before = resampling.waiting.len();
                resampling.waiting.extend(mono);
                resampling.taken += (resampling.waiting.len() - before) as u64;
                resampling.run(u64::MAX, out);
            }
        }
    }

    /// What is still on its way, so that the end is as late as it was.
    pub fn finish(&mut self, out: &mut Vec<i16>) {
        let Some(resampling) = &mut self.resampler else { return };
        let whole = (resampling.taken as f64 * resampling.fft.resample_ratio()).round() as u64;
        // The delay is shorter than a few chunks; the bound is for a resampler that gives nothing.
        for _ in 0..64 {
            if resampling.given >= whole {
                break;
            }
            resampling.waiting.resize(resampling.waiting.len() + CHUNK, 0.0);
            resampling.run(whole, out);
        }
        resampling.waiting.clear();
    }
}

impl Resampling {
    /// Up to a number of frames altogether.
    fn run(&mut self, most: u64, out: &mut Vec<i16>) {
        loop {
            let needed = self.fft.input_frames_next();
            if self.waiting.len() < needed {
                return;
            }
            let room = self.out.len();
            let (Ok(from), Ok(mut to)) =
                (InterleavedSlice::new(&self.waiting, 1, needed), InterleavedSlice::new_mut(&mut self.out, 1, room))
            else {
                return;
            };
            let Ok((taken, given)) = self.fft.process_into_buffer(&from, &mut to, None) else { return };
            self.waiting.drain(..taken.max(1));
            let skipped = self.delay.min(given);
            self.delay -= skipped;
            let left = usize::try_from(most.saturating_sub(self.given)).unwrap_or(usize::MAX);
            let new = &self.out[skipped..given][..left.min(given - skipped)];
            self.given += new.len() as u64;
            out.extend(new.iter().copied().map(sixteen_bits));
        }
    }
}

fn sixteen_bits(sample: f32) -> i16 {
    // A cast of a float stops at the ends of the whole numbers, and takes no number for 0.
    (sample * 32_768.0).round() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaped(channels: u16, from: u32, to: u32, hertz: f64) -> (Vec<i16>, Vec<f64>) {
        let wave = |rate: u32, at: usize| (at as f64 / f64::from(rate) * hertz * std::f64::consts::TAU).sin() * 0.5;
        let mut shaper = Shaper::new(channels, from, to).unwrap();
        let given: Vec<f32> =
            (0..from as usize).flat_map(|at| vec![wave(from, at) as f32; usize::from(channels)]).collect();
        let mut out = Vec::new();
        given.chunks(usize::from(channels) * 441).for_each(|part| shaper.push(part, &mut out));
        shaper.finish(&mut out);
        let meant = (0..to as usize).map(|at| wave(to, at) * 32_768.0).collect();
        (out, meant)
    }

    #[test]
    fn a_tone_is_the_same_tone_at_another_rate_and_in_its_place() {
        for (channels, from, to) in
            [(2, 48_000, 16_000), (1, 44_100, 16_000), (2, 8_000, 16_000), (1, 96_000, 16_000), (3, 16_000, 16_000)]
        {
            let (out, meant) = shaped(channels, from, to, 1_000.0);
            assert_eq!(out.len(), meant.len(), "{from} to {to}");
            let edge = to as usize / 50;
            let apart = |at: usize| (f64::from(out[at]) - meant[at]).abs();
            let most = (edge..out.len() - edge).map(apart).fold(0.0, f64::max);
            // The resampler tells its delay in whole samples. Of 44,100 a second half a sample of the device is left over,
            // of 96,000 half a sample of the recording: 11 and 31 millionths of a second.
            let allowed = match from {
                44_100 => 1_200.0,
                96_000 => 3_300.0,
                _ => 33.0,
            };
            assert!(most < allowed, "{from} to {to}: {most} of 32,768");
        }
    }

    #[test]
    fn what_the_new_rate_cannot_hold_is_left_out() {
        let (out, _) = shaped(1, 48_000, 16_000, 11_000.0);
        let loudest = out[800..15_200].iter().map(|sample| i32::from(*sample).abs()).max().unwrap();
        assert!(loudest < 16, "a tone above half of the rate comes back as another one: {loudest}");
    }

    #[test]
    fn what_is_too_loud_or_no_number_is_no_crackle() {
        let mut out = Vec::new();
        let given = [1.5, -1.5, f32::NAN, f32::INFINITY, -0.25];
        Shaper::new(1, 16_000, 16_000).unwrap().push(&given, &mut out);
        assert_eq!(out, [i16::MAX, i16::MIN, 0, i16::MAX, -8_192]);
    }
}
