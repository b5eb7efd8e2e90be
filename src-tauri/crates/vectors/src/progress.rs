//! How far long work has come, and whether anybody still waits for it.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::VectorError;

/// Steps from nothing to the end.
const WHOLE: f64 = 10_000.0;

/// Shared by the work and by whoever waits for it.
#[derive(Debug, Default)]
pub struct Progress {
    reached: AtomicU32,
    is_stopped: AtomicBool,
}

impl Progress {
    /// How much is done, 0 to 1. It never falls.
    pub fn share(&self) -> f32 {
        (f64::from(self.reached.load(Ordering::Relaxed)) / WHOLE) as f32
    }

    /// Asks the work to end. It does so at its next step, with [`VectorError::Stopped`].
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    pub fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// All of it, for work of one part.
    pub fn whole(&self) -> Part<'_> {
        self.part(0.0, 1.0)
    }

    /// What lies between two shares, for work of several parts.
    pub fn part(&self, from: f64, to: f64) -> Part<'_> {
        Part { progress: self, from, to }
    }
}

/// A stretch of the whole, which one part of the work goes through from 0 to 1.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    progress: &'a Progress,
    from: f64,
    to: f64,
}

impl Part<'_> {
    /// Says that this share of the part is done.
    ///
    /// # Errors
    /// When the work is to end.
    pub fn reach(&self, share: f64) -> Result<(), VectorError> {
        if self.progress.is_stopped() {
            return Err(VectorError::Stopped);
        }
        let whole = self.from + share.clamp(0.0, 1.0) * (self.to - self.from);
        self.progress.reached.fetch_max((whole * WHOLE) as u32, Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_and_nothing_goes_back() {
        let progress = Progress::default();
        let (first, second) = (progress.part(0.0, 0.25), progress.part(0.25, 1.0));
        let mut told = Vec::new();
        for (part, share) in [(first, 0.5), (first, 1.0), (second, 0.0), (first, 0.1), (second, 1.0), (second, 7.0)] {
            part.reach(share).unwrap();
            told.push(progress.share());
        }
        assert_eq!(told, [0.125, 0.25, 0.25, 0.25, 1.0, 1.0]);
        progress.stop();
        assert!(matches!(second.reach(1.0), Err(VectorError::Stopped)));
    }
}
