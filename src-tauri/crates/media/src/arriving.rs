//! Sounds that are decoded while their bytes still arrive.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use symphonia::core::io::MediaSource;

use crate::decode::Packets;
use crate::reel::{Growing, Reel};
use crate::sound::Sound;
use crate::{MediaError, mp4, opus, sound, wav};

/// Bytes that tell one kind from another.
const HEAD: usize = 64;
/// A WAVE head that is longer is none.
const LONGEST_HEAD: usize = 1 << 16;
/// Bytes behind the reader that are kept once there are samples: readers of Ogg go back a little.
const BEHIND: usize = 64 << 10;

/// Begins to decode bytes that are yet to come, on a thread of its own. `asked` is the format that the request named.
///
/// Samples without a head, WAV, MP3 and most others can be heard at once. A file whose index stands at its end is decoded
/// when it is whole.
///
/// # Errors
/// When there is no thread.
pub fn begin(asked: Option<&str>) -> Result<(Incoming, Arriving), MediaError> {
    let (pipe, reel) = (Arc::new(Pipe::default()), Arc::new(Growing::new()));
    let mut end = Bytes { pipe: Arc::clone(&pipe), at: 0 };
    let (growing, asked) = (Arc::downgrade(&reel), asked.map(str::to_owned));
    let incoming = Incoming { pipe: Arc::clone(&pipe), listener: Weak::clone(&growing) };
    let thread = std::thread::Builder::new().name("sound that arrives".to_owned());
    thread
        .spawn(move || {
            let read = sound::guarded(|| end.decode_into(&growing, asked.as_deref()));
            let heard = match read {
                Ok(damage) => damage,
                Err(problem) => Some(problem.to_string()),
            };
            // Why nothing more came explains what the decoder met.
            let told = pipe.state().problem.take();
            if let Some(growing) = growing.upgrade() {
                growing.complete(told.or(heard));
            }
        })
        .map_err(|error| MediaError::Sound(error.to_string()))?;
    Ok((incoming, Arriving { reel }))
}

/// The end at which bytes come in. Dropping it means that no more will.
pub struct Incoming {
    pipe: Arc<Pipe>,
    listener: Weak<Growing>,
}

impl Incoming {
    /// Never waits.
    pub fn push(&self, bytes: &[u8]) {
        self.pipe.state().bytes.extend_from_slice(bytes);
        self.pipe.came.notify_all();
    }

    /// No more bytes will come, for a reason that people are told.
    pub fn break_off(self, problem: String) {
        self.pipe.state().problem = Some(problem);
    }

    /// Whether anybody still holds the sound.
    pub fn is_wanted(&self) -> bool {
        self.listener.strong_count() > 0
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.pipe.state().over = true;
        self.pipe.came.notify_all();
    }
}

/// A sound as far as it has come.
pub struct Arriving {
    pub(crate) reel: Arc<Growing>,
}

impl Arriving {
    /// Moments at which every channel has a sample.
    pub fn frames(&self) -> usize {
        self.reel().frames()
    }

    /// Nothing more will come.
    pub fn is_complete(&self) -> bool {
        self.reel().is_complete()
    }

    /// What there is now, with why there is no more.
    pub fn so_far(&self) -> Sound {
        let reel = self.reel();
        let (channels, rate) = reel.shape().unwrap_or((1, 1));
        let samples = (0..reel.frames() * usize::from(channels)).map(|at| reel.sample(at)).collect();
        let damage = reel.problem().map(str::to_owned);
        Sound { damage, ..Sound::new(samples, channels, rate) }
    }

    fn reel(&self) -> Reel {
        Reel::Growing(Arc::clone(&self.reel))
    }
}

#[derive(Default)]
struct Pipe {
    state: Mutex<Came>,
    came: Condvar,
}

#[derive(Default)]
struct Came {
    /// Everything from `first` on.
    bytes: Vec<u8>,
    /// Bytes before these, which are needed no more.
    first: usize,
    /// What was read can go: there are samples, so the whole will not be read once more.
    has_sound: bool,
    over: bool,
    problem: Option<String>,
}

impl Pipe {
    fn state(&self) -> MutexGuard<'_, Came> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there are bytes from `at` on, up to the one before `to`, or until it is over.
    fn wait_for(&self, to: usize) -> MutexGuard<'_, Came> {
        let mut state = self.state();
        while state.first + state.bytes.len() < to && !state.over {
            state = self.came.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state
    }
}

/// The other end, for decoders.
struct Bytes {
    pipe: Arc<Pipe>,
    /// How far it was read.
    at: usize,
}

/// Why it is not decoded any further.
enum Stop {
    Problem(MediaError),
    Unheard,
}

impl From<MediaError> for Stop {
    fn from(problem: MediaError) -> Self {
        Self::Problem(problem)
    }
}

impl Bytes {
    /// What of it could not be decoded.
    fn decode_into(&mut self, growing: &Weak<Growing>, asked: Option<&str>) -> Result<Option<String>, MediaError> {
        let kind = {
            let came = self.pipe.wait_for(HEAD);
            if came.bytes.is_empty() {
                return Err(MediaError::Empty);
            }
            sound::media_type(&came.bytes, asked)
        };
        let out = Out { pipe: Arc::clone(&self.pipe), growing: Weak::clone(growing) };
        let read = match kind {
            "audio/pcm" => self.samples_into(&out),
            "application/octet-stream" => Err(Stop::Problem(MediaError::Unknown)),
            "audio/opus" => self.opus_into(&out),
            _ => self.packets_into(kind, &out),
        };
        match read {
            Ok(damage) => Ok(damage),
            Err(Stop::Unheard) => Ok(None),
            // Its index may come last.
            Err(Stop::Problem(MediaError::Sound(_))) if !self.pipe.state().has_sound => self.whole_into(&out, asked),
            Err(Stop::Problem(problem)) => Err(problem),
        }
    }

    fn samples_into(&mut self, out: &Out) -> Result<Option<String>, Stop> {
        let mut half: Vec<u8> = Vec::new();
        let mut block = vec![0; 32 << 10];
        out.append(1, sound::PCM16_RATE, &[])?;
        loop {
            let count = self.read(&mut block).unwrap_or(0);
            if count == 0 {
                return Ok(None);
            }
            half.extend_from_slice(&block[..count]);
            let (pairs, rest) = half.as_chunks::<2>();
            let samples: Vec<f32> = pairs.iter().map(|pair| f32::from(i16::from_le_bytes(*pair)) / 32_768.0).collect();
            half = rest.to_vec();
            out.append(1, sound::PCM16_RATE, &samples)?;
        }
    }

    fn opus_into(&mut self, out: &Out) -> Result<Option<String>, Stop> {
        let mut stream = opus::Stream::open(self.again())?;
        while let Some(samples) = stream.next() {
            out.append(stream.channels(), opus::RATE, &samples)?;
        }
        Ok(stream.damage()?)
    }

    fn packets_into(&mut self, kind: &str, out: &Out) -> Result<Option<String>, Stop> {
        if kind == "audio/wav" {
            self.open_the_end_of_wave();
        }
        let mut packets = Packets::open(Box::new(self.again()))?;
        // The index was read by now, where it stands in front.
        packets.skip = mp4::frames_before(&self.pipe.state().bytes);
        let Some(mut last) = packets.next() else {
            return Err(MediaError::Sound("it has no samples".to_owned()).into());
        };
        let (channels, rate) = (last.channels, last.rate);
        let mut frames = 0;
        // One block behind: where the sound ends is known after the last one.
        while let Some(block) = packets.next() {
            if (block.channels, block.rate) != (channels, rate) {
                packets.broken += 1;
                continue;
            }
            out.append(channels, rate, &last.samples)?;
            frames += last.samples.len() / usize::from(channels);
            last = block;
        }
        if kind == "audio/ogg"
            && let Some(end) = end_of_ogg(&self.pipe.state().bytes).and_then(|end| end.checked_sub(frames))
        {
            last.samples.truncate(end.saturating_mul(usize::from(channels)));
        }
        out.append(channels, rate, &last.samples)?;
        Ok(packets.damage())
    }

    /// What a head says of its length may have been written before anybody knew.
    fn open_the_end_of_wave(&self) {
        let mut wanted = HEAD;
        loop {
            let mut came = self.pipe.wait_for(wanted);
            let length = came.bytes.len();
            if wav::open_the_end(&mut came.bytes) || came.over || length > LONGEST_HEAD {
                return;
            }
            wanted = length + 1;
        }
    }

    fn whole_into(&self, out: &Out, asked: Option<&str>) -> Result<Option<String>, MediaError> {
        let bytes = std::mem::take(&mut self.pipe.wait_for(usize::MAX).bytes);
        let sound = sound::decode(&bytes, asked)?;
        match out.append(sound.channels, sound.rate, &sound.samples) {
            Ok(()) | Err(Stop::Unheard) => Ok(sound.damage),
            Err(Stop::Problem(problem)) => Err(problem),
        }
    }

    /// From the beginning.
    fn again(&self) -> Self {
        Self { pipe: Arc::clone(&self.pipe), at: 0 }
    }
}

/// Frames of a whole sound, as the last page of Ogg says; `None` where that is missing.
fn end_of_ogg(tail: &[u8]) -> Option<usize> {
    const LAST: u8 = 4;
    let at = tail.windows(4).rposition(|four| four == b"OggS")?;
    let place = tail.get(at + 6..at + 14)?.try_into().ok()?;
    (tail[at + 5] & LAST != 0).then(|| usize::try_from(u64::from_le_bytes(place)).ok())?
}

/// Where decoded samples go.
struct Out {
    pipe: Arc<Pipe>,
    growing: Weak<Growing>,
}

impl Out {
    fn append(&self, channels: u16, rate: u32, samples: &[f32]) -> Result<(), Stop> {
        let growing = self.growing.upgrade().ok_or(Stop::Unheard)?;
        growing.is_of(channels, rate);
        if !growing.append(samples) {
            return Err(MediaError::SoundTooLong.into());
        }
        if !samples.is_empty() {
            self.pipe.state().has_sound = true;
        }
        Ok(())
    }
}

impl Read for Bytes {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut came = self.pipe.wait_for(self.at + 1);
        let from = self.at.checked_sub(came.first).ok_or(io::ErrorKind::Unsupported)?;
        let rest = came.bytes.get(from..).unwrap_or_default();
        let count = into.len().min(rest.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        // In steps, so that what stays is moved seldom.
        let gone = (from + count).saturating_sub(BEHIND);
        if came.has_sound && gone > 4 * BEHIND {
            came.bytes.drain(..gone);
            came.first += gone;
        }
        Ok(count)
    }
}

/// Within what is still there; a reader of Ogg looks for its next page so.
impl Seek for Bytes {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => usize::try_from(at).ok(),
            SeekFrom::Current(by) => isize::try_from(by).ok().and_then(|by| self.at.checked_add_signed(by)),
            SeekFrom::End(_) => None,
        };
        let is_there = |at: &usize| *at >= self.pipe.state().first;
        self.at = at.filter(is_there).ok_or(io::ErrorKind::Unsupported)?;
        Ok(self.at as u64)
    }
}

impl MediaSource for Bytes {
    fn is_seekable(&self) -> bool {
        false
    }

    fn byte_len(&self) -> Option<u64> {
        None
    }
}
