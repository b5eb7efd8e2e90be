//! How loud what comes in is, as a needle shows it.

use std::collections::VecDeque;

/// Decibels below full scale that stand for silence.
pub(crate) const SILENCE: f64 = -90.0;
/// Seconds for which the needle of the peak stays.
const HOLD: f64 = 1.5;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Level {
    pub rms: f64,
    pub peak: f64,
    pub held: f64,
}

/// Collects between two looks.
pub(crate) struct Meter {
    rate: u32,
    squares: f64,
    count: u64,
    peak: i32,
    /// Samples that were seen.
    seen: u64,
    /// Peaks of earlier looks that none since has reached, with when they were; the highest first.
    peaks: VecDeque<(u64, i32)>,
}

impl Meter {
    pub fn new(rate: u32) -> Self {
        Self { rate, squares: 0.0, count: 0, peak: 0, seen: 0, peaks: VecDeque::new() }
    }

    pub fn push(&mut self, samples: &[i16]) {
        for sample in samples {
            let value = i32::from(*sample);
            self.peak = self.peak.max(value.abs());
            self.squares += f64::from(value) * f64::from(value);
        }
        self.count += samples.len() as u64;
        self.seen += samples.len() as u64;
    }

    /// What came since the last look.
    pub fn look(&mut self) -> Level {
        let rms = if self.count == 0 { 0.0 } else { (self.squares / self.count as f64).sqrt() };
        while self.peaks.back().is_some_and(|(_, peak)| *peak <= self.peak) {
            self.peaks.pop_back();
        }
        self.peaks.push_back((self.seen, self.peak));
        let hold = (HOLD * f64::from(self.rate)) as u64;
        while self.peaks.front().is_some_and(|(at, _)| at + hold < self.seen) {
            self.peaks.pop_front();
        }
        let held = self.peaks.front().map_or(0, |(_, peak)| *peak);
        let level = Level { rms: decibels(rms), peak: decibels(self.peak.into()), held: decibels(held.into()) };
        (self.squares, self.count, self.peak) = (0.0, 0, 0);
        level
    }
}

fn decibels(sample: f64) -> f64 {
    (20.0 * (sample / 32_768.0).log10()).max(SILENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_held_for_a_second_and_a_half() {
        let mut meter = Meter::new(1_000);
        assert_eq!(meter.look(), Level { rms: SILENCE, peak: SILENCE, held: SILENCE });
        meter.push(&[16_384, -16_384]);
        let loud = meter.look();
        assert!((loud.peak + 6.02).abs() < 0.01 && (loud.rms + 6.02).abs() < 0.01, "{loud:?}");
        let mut held = Vec::new();
        for _ in 0..20 {
            meter.push(&[100; 100]);
            let level = meter.look();
            assert!(level.peak < -50.0 && level.rms < -50.0);
            held.push(level.held > -7.0);
        }
        assert_eq!(held.iter().filter(|held| **held).count(), 15, "{held:?}");
        meter.push(&[i16::MIN]);
        assert_eq!(meter.look().held, 0.0);
    }
}
