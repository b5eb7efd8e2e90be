//! Where the samples of a sound are, for a reader that may never wait: whole, or still growing.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::sound::{MOST_SAMPLES, Sound};

/// Samples of one piece of a growing sound.
const PIECE: usize = 1 << 16;

pub(crate) enum Reel {
    Whole(Sound),
    Growing(Arc<Growing>),
}

/// Samples that one thread appends and another reads without a lock: pieces are made once and never moved. Samples of the
/// channels take turns.
pub(crate) struct Growing {
    shape: OnceLock<(u16, u32)>,
    /// The bits of the samples.
    pieces: Box<[OnceLock<Box<[AtomicU32]>>]>,
    count: AtomicUsize,
    complete: AtomicBool,
    problem: OnceLock<String>,
}

impl Growing {
    pub fn new() -> Self {
        Self {
            shape: OnceLock::new(),
            pieces: (0..MOST_SAMPLES.div_ceil(PIECE)).map(|_| OnceLock::new()).collect(),
            count: AtomicUsize::new(0),
            complete: AtomicBool::new(false),
            problem: OnceLock::new(),
        }
    }

    /// Channels and rate; the first that are told count.
    pub fn is_of(&self, channels: u16, rate: u32) {
        let _ = self.shape.set((channels.max(1), rate.max(1)));
    }

    /// For the one thread that appends. False when there is no more room.
    pub fn append(&self, samples: &[f32]) -> bool {
        let begin = self.count.load(Ordering::Relaxed);
        if begin + samples.len() > MOST_SAMPLES {
            return false;
        }
        for (at, sample) in (begin..).zip(samples) {
            let piece = self.pieces[at / PIECE].get_or_init(|| (0..PIECE).map(|_| AtomicU32::new(0)).collect());
            piece[at % PIECE].store(sample.to_bits(), Ordering::Relaxed);
        }
        self.count.store(begin + samples.len(), Ordering::Release);
        true
    }

    /// No more samples come; why not, when that is too early.
    pub fn complete(&self, problem: Option<String>) {
        if let Some(problem) = problem {
            let _ = self.problem.set(problem);
        }
        self.complete.store(true, Ordering::Release);
    }

    fn sample(&self, at: usize) -> f32 {
        let piece = self.pieces.get(at / PIECE).and_then(OnceLock::get);
        piece.map_or(0.0, |piece| f32::from_bits(piece[at % PIECE].load(Ordering::Relaxed)))
    }
}

impl Reel {
    /// Channels and rate, as soon as they are known.
    pub fn shape(&self) -> Option<(u16, u32)> {
        match self {
            Self::Whole(sound) => Some((sound.channels, sound.rate)),
            Self::Growing(growing) => growing.shape.get().copied(),
        }
    }

    /// Frames that are there. Every one below can be read.
    pub fn frames(&self) -> usize {
        match self {
            Self::Whole(sound) => sound.frames(),
            Self::Growing(growing) => {
                let channels = growing.shape.get().map_or(1, |(channels, _)| usize::from(*channels));
                growing.count.load(Ordering::Acquire) / channels
            }
        }
    }

    pub fn is_complete(&self) -> bool {
        match self {
            Self::Whole(_) => true,
            Self::Growing(growing) => growing.complete.load(Ordering::Acquire),
        }
    }

    pub fn problem(&self) -> Option<&str> {
        match self {
            Self::Whole(sound) => sound.damage.as_deref(),
            Self::Growing(growing) => growing.problem.get().map(String::as_str),
        }
    }

    /// `at` counts the samples of all channels.
    pub fn sample(&self, at: usize) -> f32 {
        match self {
            Self::Whole(sound) => sound.samples.get(at).copied().unwrap_or(0.0),
            Self::Growing(growing) => growing.sample(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_thread_appends_another_reads() {
        let growing = Arc::new(Growing::new());
        let reel = Reel::Growing(Arc::clone(&growing));
        assert_eq!((reel.frames(), reel.shape(), reel.is_complete()), (0, None, false));
        let all = 3 * PIECE + 10;
        let writer = std::thread::spawn(move || {
            growing.is_of(2, 48_000);
            for begin in (0..all).step_by(1_000) {
                let samples: Vec<f32> = (begin..all.min(begin + 1_000)).map(|at| at as f32).collect();
                assert!(growing.append(&samples));
            }
            growing.complete(None);
        });
        let mut seen = 0;
        while !(reel.is_complete() && seen == reel.frames()) {
            let there = reel.frames();
            (seen * 2..there * 2).for_each(|at| assert_eq!(reel.sample(at), at as f32));
            seen = there;
            std::thread::yield_now();
        }
        writer.join().unwrap();
        assert_eq!((seen, reel.shape(), reel.sample(usize::MAX)), (all / 2, Some((2, 48_000)), 0.0));
    }
}
