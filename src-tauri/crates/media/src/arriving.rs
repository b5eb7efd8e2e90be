//! Sounds that are decoded while their bytes still arrive.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use symphonia::core::io::MediaSource;

use crate::decode::Packets;
use crate::reel::Growing;
use crate::{MediaError, sound, wav};

/// Bytes that tell one kind from another.
const HEAD: usize = 64;
/// A WAVE head that is longer is none.
const LONGEST_HEAD: usize = 1 << 16;

/// The end at which bytes come in. Dropping it means that no more will.
pub struct Arriving {
    pipe: Arc<Pipe>,
    pub(crate) reel: Arc<Growing>,
}

impl Arriving {
    /// Begins to decode on a thread of its own. `asked` is the format that the request named. Samples without a head, WAV
    /// and MP3 can be heard at once; of others it depends on where their index stands.
    ///
    /// # Errors
    /// When there is no thread.
    pub fn begin(asked: Option<&str>) -> Result<Self, MediaError> {
        let (pipe, reel) = (Arc::new(Pipe::default()), Arc::new(Growing::new()));
        let mut end = Bytes { pipe: Arc::clone(&pipe), before: Vec::new(), at: 0 };
        let (growing, asked) = (Arc::clone(&reel), asked.map(str::to_owned));
        let thread = std::thread::Builder::new().name("sound that arrives".to_owned());
        thread
            .spawn(move || {
                let problem = sound::guarded(|| end.decode_into(&growing, asked.as_deref())).err();
                growing.complete(problem.map(|problem| problem.to_string()));
            })
            .map_err(|error| MediaError::Sound(error.to_string()))?;
        Ok(Self { pipe, reel })
    }

    /// Never waits.
    pub fn push(&self, bytes: &[u8]) {
        self.pipe.state().bytes.extend_from_slice(bytes);
        self.pipe.came.notify_all();
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.pipe.state().over = true;
        self.pipe.came.notify_all();
    }
}

#[derive(Default)]
struct Pipe {
    state: Mutex<Came>,
    came: Condvar,
}

#[derive(Default)]
struct Came {
    bytes: Vec<u8>,
    over: bool,
}

impl Pipe {
    fn state(&self) -> MutexGuard<'_, Came> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for at least one byte; none means that it is over.
    fn take(&self) -> Vec<u8> {
        let mut state = self.state();
        while state.bytes.is_empty() && !state.over {
            state = self.came.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::take(&mut state.bytes)
    }
}

/// The other end, for decoders.
struct Bytes {
    pipe: Arc<Pipe>,
    /// Taken from the pipe and read up to `at`.
    before: Vec<u8>,
    at: usize,
}

impl Bytes {
    fn decode_into(&mut self, growing: &Growing, asked: Option<&str>) -> Result<(), MediaError> {
        self.wait_for(HEAD);
        match sound::media_type(&self.before, asked) {
            _ if self.before.is_empty() => return Err(MediaError::Empty),
            "audio/pcm" => return self.samples_into(growing),
            "application/octet-stream" => return Err(MediaError::Unknown),
            "audio/wav" => {
                // What the head says of its length was written before anybody knew.
                while wav::endless(&self.before).is_none() && self.before.len() < LONGEST_HEAD && self.more() {}
                self.before = wav::endless(&self.before).ok_or(MediaError::Unknown)?;
            }
            _ => {}
        }
        let rest = Self { pipe: Arc::clone(&self.pipe), before: std::mem::take(&mut self.before), at: 0 };
        let mut packets = Packets::open(Box::new(rest))?;
        let mut shape = None;
        while let Some(block) = packets.next() {
            if *shape.get_or_insert((block.channels, block.rate)) != (block.channels, block.rate) {
                continue;
            }
            growing.is_of(block.channels, block.rate);
            if !growing.append(&block.samples) {
                return Err(MediaError::SoundTooLong);
            }
        }
        shape.map(|_| ()).ok_or_else(|| MediaError::Sound("it has no samples".to_owned()))
    }

    fn samples_into(&mut self, growing: &Growing) -> Result<(), MediaError> {
        growing.is_of(1, sound::PCM16_RATE);
        loop {
            let (pairs, half) = self.before.as_chunks::<2>();
            let samples: Vec<f32> = pairs.iter().map(|pair| f32::from(i16::from_le_bytes(*pair)) / 32_768.0).collect();
            if !growing.append(&samples) {
                return Err(MediaError::SoundTooLong);
            }
            self.before = half.to_vec();
            if !self.more() {
                return Ok(());
            }
        }
    }

    fn wait_for(&mut self, count: usize) {
        while self.before.len() < count && self.more() {}
    }

    fn more(&mut self) -> bool {
        let taken = self.pipe.take();
        self.before.extend_from_slice(&taken);
        !taken.is_empty()
    }
}

impl Read for Bytes {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.before.len() {
            self.before = self.pipe.take();
            self.at = 0;
        }
        let count = into.len().min(self.before.len() - self.at);
        into[..count].copy_from_slice(&self.before[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

impl Seek for Bytes {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
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
