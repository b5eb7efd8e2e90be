//! What the thread of a sound device reads, and where in it the ear is. Nothing here waits or asks for memory.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use crate::reel::Reel;

/// One sound of several that are heard one after the other.
pub(crate) struct Tape {
    pub reel: Reel,
    /// 1 is as it was recorded.
    pub gain: f32,
}

pub(crate) struct Deck {
    tapes: Vec<Tape>,
    /// What the device is given next, packed: tape, frame and whether it is held change together.
    next: AtomicU64,
    /// The bits of an `f32`.
    speed: AtomicU32,
    /// Counts the jumps, so that a mark from before one is known as such.
    jumps: AtomicU64,
    mark: Mutex<Mark>,
}

/// When something that the device was given will be heard.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: Instant,
    jumps: u64,
    tape: usize,
    /// Frames, where the device's block begins and ends.
    from: f64,
    to: f64,
    /// Where it was begun, jumped to, or last told to be: what is heard from there on is not before it.
    floor: f64,
    /// The block held the end of the last tape, and all of it is heard at this time.
    over: Option<Instant>,
}

/// Where the ear is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Heard {
    pub tape: usize,
    /// In frames of that tape.
    pub frame: f64,
    pub over: bool,
}

/// A place on one of the tapes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    tape: usize,
    frame: f64,
}

/// Bits of the fraction of a frame, and of a frame with it. The next ones count tapes, and the last one holds them.
const FRACTION: u32 = 23;
const FRAME: u32 = 55;
const HELD: u64 = 1 << 63;

impl Place {
    fn packed(self) -> u64 {
        // A cast of a float stops at the ends of the whole numbers.
        let frame = (self.frame * f64::from(1_u32 << FRACTION)) as u64;
        (self.tape as u64) << FRAME | frame.min((1 << FRAME) - 1)
    }

    fn of(packed: u64) -> Self {
        let frame = packed & ((1 << FRAME) - 1);
        Self { tape: ((packed & !HELD) >> FRAME) as usize, frame: frame as f64 / f64::from(1_u32 << FRACTION) }
    }
}

impl Deck {
    /// At most 255 tapes.
    pub fn new(tapes: Vec<Tape>) -> Self {
        let now = Instant::now();
        Self {
            tapes,
            next: AtomicU64::new(0),
            speed: AtomicU32::new(1.0_f32.to_bits()),
            jumps: AtomicU64::new(1),
            mark: Mutex::new(Mark { at: now, jumps: 0, tape: 0, from: 0.0, to: 0.0, floor: 0.0, over: None }),
        }
    }

    pub fn tape(&self, at: usize) -> Option<&Tape> {
        self.tapes.get(at)
    }

    pub fn pause(&self, paused: bool) {
        // What is heard goes on from where it stood, and not from before.
        if paused {
            self.next.fetch_or(HELD, Ordering::Relaxed);
        } else if self.next.fetch_and(!HELD, Ordering::Relaxed) & HELD != 0 {
            self.jumps.fetch_add(1, Ordering::Release);
        }
    }

    pub fn is_paused(&self) -> bool {
        self.next.load(Ordering::Relaxed) & HELD != 0
    }

    pub fn set_speed(&self, speed: f32) {
        self.speed.store(speed.to_bits(), Ordering::Relaxed);
    }

    pub fn speed(&self) -> f32 {
        f32::from_bits(self.speed.load(Ordering::Relaxed))
    }

    /// To a frame of one of the tapes.
    pub fn jump(&self, tape: usize, frame: f64) {
        let frame = self.tapes.get(tape).map_or(0.0, |tape| frame.max(0.0).min(tape.reel.frames() as f64));
        let place = Place { tape, frame }.packed();
        self.next.update(Ordering::Relaxed, Ordering::Relaxed, |next| place | next & HELD);
        self.jumps.fetch_add(1, Ordering::Release);
    }

    /// What is heard at a time. The device was given more than that, and was given it before.
    pub fn heard(&self, now: Instant) -> Heard {
        let mut mark = self.mark.lock().unwrap_or_else(PoisonError::into_inner);
        let next = Place::of(self.next.load(Ordering::Relaxed));
        let is_fresh = mark.jumps == self.jumps.load(Ordering::Acquire);
        if is_fresh && mark.over.is_some_and(|over| now >= over) {
            return Heard { tape: mark.tape, frame: mark.to, over: true };
        }
        if !is_fresh || self.is_paused() {
            return Heard { tape: next.tape, frame: next.frame, over: false };
        }
        let ahead = now.saturating_duration_since(mark.at).as_secs_f64();
        let behind = mark.at.saturating_duration_since(now).as_secs_f64();
        let rate = self.tapes.get(mark.tape).map_or(1, Tape::rate);
        let frame = mark.from + (ahead - behind) * f64::from(rate) * f64::from(self.speed());
        // What devices say of their latency trembles; the ear does not go back.
        mark.floor = frame.min(mark.to).max(mark.floor);
        Heard { tape: mark.tape, frame: mark.floor, over: false }
    }

    /// Fills a block for a device of that shape; its beginning is heard after `latency`.
    pub fn fill(&self, block: &mut [f32], channels: usize, rate: u32, latency: Duration) {
        let at = Instant::now() + latency;
        let jumps = self.jumps.load(Ordering::Acquire);
        let before = self.next.load(Ordering::Relaxed);
        block.fill(0.0);
        if before & HELD != 0 {
            return;
        }
        let first = Place::of(before);
        let mut place = first;
        let mut over = None;
        for (count, out) in block.chunks_mut(channels.max(1)).enumerate() {
            if self.is_at_the_end(&mut place) {
                over = Some(at + Duration::from_secs_f64(count as f64 / f64::from(rate.max(1))));
                break;
            }
            // What has not come yet is waited for.
            let Some(tape) = self.tapes.get(place.tape).filter(|tape| place.frame < tape.reel.frames() as f64) else {
                break;
            };
            tape.frame_into(place.frame, out);
            place.frame += f64::from(tape.rate()) / f64::from(rate.max(1)) * f64::from(self.speed());
        }
        let length = self.tapes.get(place.tape).map_or(0.0, |tape| tape.reel.frames() as f64);
        place.frame = place.frame.min(length);
        // Whoever jumped in the meantime is right.
        let moved = self.next.compare_exchange(before, place.packed(), Ordering::Relaxed, Ordering::Relaxed);
        // What was held meanwhile is not heard, and is the first to be when it goes on.
        if moved.is_err_and(|next| next & HELD != 0) {
            block.fill(0.0);
        }
        if moved.is_err() || self.jumps.load(Ordering::Acquire) != jumps {
            return;
        }
        let mut mark = match self.mark.try_lock() {
            Ok(mark) => mark,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Whoever looks just now sees the block before.
            Err(TryLockError::WouldBlock) => return,
        };
        let from = if place.tape == first.tape { first.frame } else { 0.0 };
        let goes_on = mark.jumps == jumps && mark.tape == place.tape;
        let floor = if goes_on { mark.floor } else { from };
        let over = mark.over.filter(|_| goes_on).or(over);
        *mark = Mark { at, jumps, tape: place.tape, from, to: place.frame, floor, over };
    }

    /// Goes over to the next tape where one is at its end. True at the end of the last.
    fn is_at_the_end(&self, place: &mut Place) -> bool {
        while let Some(tape) = self.tapes.get(place.tape)
            && tape.reel.is_complete()
            && place.frame >= tape.reel.frames() as f64
        {
            if place.tape + 1 == self.tapes.len() {
                return true;
            }
            *place = Place { tape: place.tape + 1, frame: 0.0 };
        }
        false
    }
}

impl Tape {
    /// 1 until it is known.
    pub fn rate(&self) -> u32 {
        self.reel.shape().map_or(1, |(_, rate)| rate)
    }

    /// One frame, in between by a cubic curve, with the channels that the device has.
    fn frame_into(&self, frame: f64, out: &mut [f32]) {
        let Some((channels, _)) = self.reel.shape() else { return };
        let channels = usize::from(channels);
        let last = self.reel.frames().saturating_sub(1);
        let (whole, part) = (frame as usize, frame.fract() as f32);
        let sample = |at: usize, channel: usize| self.reel.sample(at.min(last) * channels + channel);
        let value = |channel: usize| {
            let one = sample(whole, channel);
            if part == 0.0 {
                return one * self.gain;
            }
            let (zero, two) = (sample(whole.saturating_sub(1), channel), sample(whole + 1, channel));
            let three = sample(whole + 2, channel);
            let bend = two - zero
                + part * (2.0 * zero - 5.0 * one + 4.0 * two - three)
                + part * part * (3.0 * (one - two) + three - zero);
            (one + 0.5 * part * bend) * self.gain
        };
        match (channels, out.len()) {
            (1, _) => out.fill(value(0)),
            (_, 1) => out[0] = (0..channels).map(value).sum::<f32>() / channels as f32,
            _ => out.iter_mut().take(channels).enumerate().for_each(|(channel, out)| *out = value(channel)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::Sound;

    fn tape(samples: Vec<f32>, channels: u16) -> Tape {
        Tape { reel: Reel::Whole(Sound::new(samples, channels, 10)), gain: 1.0 }
    }

    fn block(deck: &Deck, frames: usize, channels: usize) -> Vec<f32> {
        let mut block = vec![9.0; frames * channels];
        deck.fill(&mut block, channels, 10, Duration::ZERO);
        block
    }

    #[test]
    fn a_tape_can_be_moved_and_held_between_its_frames() {
        let deck = Deck::new(vec![tape((0..20).map(|sample| sample as f32).collect(), 2)]);
        assert_eq!(block(&deck, 2, 2), [0.0, 1.0, 2.0, 3.0]);
        deck.jump(0, 7.0);
        assert_eq!(block(&deck, 1, 2), [14.0, 15.0]);
        deck.pause(true);
        assert_eq!(block(&deck, 2, 2), [0.0; 4]);
        assert_eq!(deck.heard(Instant::now()).frame, 8.0);
        deck.pause(false);
        assert_eq!(block(&deck, 3, 2), [16.0, 17.0, 18.0, 19.0, 0.0, 0.0]);
        assert!(deck.heard(Instant::now() + Duration::from_secs(1)).over);
        deck.jump(0, f64::INFINITY);
        deck.jump(0, f64::NAN);
        assert_eq!(deck.heard(Instant::now()), Heard { tape: 0, frame: 0.0, over: false }, "nothing is no place");
    }

    #[test]
    fn whenever_it_is_held_each_sample_is_heard_once() {
        let samples: Vec<f32> = (1..=20_000).map(|sample| sample as f32).collect();
        let deck = Deck::new(vec![tape(samples.clone(), 1)]);
        let mut heard = Vec::new();
        std::thread::scope(|scope| {
            let hand = scope.spawn(|| {
                while !deck.heard(Instant::now() + Duration::from_secs(60)).over {
                    deck.pause(true);
                    let held = deck.heard(Instant::now()).frame;
                    std::thread::yield_now();
                    assert_eq!(deck.heard(Instant::now()).frame, held, "it moved while it was held");
                    deck.pause(false);
                    std::thread::yield_now();
                }
            });
            while !hand.is_finished() {
                heard.extend(block(&deck, 7, 1).into_iter().filter(|sample| *sample != 0.0));
            }
        });
        assert_eq!(heard, samples);
    }

    #[test]
    fn one_sound_follows_the_other_within_a_block() {
        let deck = Deck::new(vec![tape(vec![1.0; 3], 1), Tape { gain: 0.5, ..tape(vec![1.0; 3], 1) }]);
        assert_eq!(block(&deck, 7, 1), [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.0]);
        assert_eq!(deck.heard(Instant::now() + Duration::from_secs(1)), Heard { tape: 1, frame: 3.0, over: true });
    }

    #[test]
    fn channels_are_those_of_the_device() {
        assert_eq!(block(&Deck::new(vec![tape(vec![0.5, -0.5], 1)]), 2, 2), [0.5, 0.5, -0.5, -0.5]);
        assert_eq!(block(&Deck::new(vec![tape(vec![0.5, 0.1], 2)]), 1, 1), [0.3]);
        assert_eq!(block(&Deck::new(vec![tape(vec![0.5, 0.1], 2)]), 1, 4), [0.5, 0.1, 0.0, 0.0]);
    }

    #[test]
    fn a_faster_tape_is_over_sooner_and_stays_smooth() {
        let ramp: Vec<f32> = (0..100).map(|sample| sample as f32).collect();
        let deck = Deck::new(vec![tape(ramp, 1)]);
        deck.set_speed(1.5);
        let heard = block(&deck, 60, 1);
        for (at, sample) in heard.iter().enumerate().skip(1).take(64) {
            assert!((sample - at as f32 * 1.5).abs() < 0.001, "{at}: {sample}");
        }
        assert_eq!(deck.heard(Instant::now() + Duration::from_secs(60)).frame.round(), 90.0);
    }

    #[test]
    fn the_ear_is_behind_the_device_and_never_before_the_jump() {
        let deck = Deck::new(vec![tape(vec![0.0; 100], 1)]);
        deck.jump(0, 20.0);
        let latency = Duration::from_secs(60);
        deck.fill(&mut [0.0; 10], 1, 10, latency);
        let now = Instant::now();
        assert_eq!(deck.heard(now).frame, 20.0);
        let soon = deck.heard(now + latency + Duration::from_millis(500)).frame;
        assert!((24.0..=25.1).contains(&soon), "{soon}");
        assert_eq!(deck.heard(now + 2 * latency).frame, 30.0, "no further than what was given");
    }
}
