//! Sounds as samples in memory.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{MediaError, decode, file, opus};

/// Samples that one sound may have, all channels together: an hour of speech, or 400 MB.
pub(crate) const MOST_SAMPLES: usize = 100_000_000;

/// What servers send as `pcm16`: samples alone, 16 bits, little-endian, one channel, this many a second.
pub const PCM16_RATE: u32 = 24_000;

/// A decoded sound. Samples of the channels take turns.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    pub samples: Vec<f32>,
    /// At least 1.
    pub channels: u16,
    /// At least 1.
    pub rate: u32,
    /// What of it could not be read, in words for people.
    pub damage: Option<String>,
}

impl Sound {
    pub(crate) fn new(samples: Vec<f32>, channels: u16, rate: u32) -> Self {
        Self { samples, channels: channels.max(1), rate: rate.max(1), damage: None }
    }

    /// Moments at which every channel has a sample.
    pub fn frames(&self) -> usize {
        self.samples.len() / usize::from(self.channels)
    }

    pub fn seconds(&self) -> f64 {
        self.frames() as f64 / f64::from(self.rate)
    }

    /// The loudest sample of each of `count` parts, 0 to 255.
    pub fn peaks(&self, count: usize) -> Vec<u8> {
        let count = count.min(self.frames());
        let channels = usize::from(self.channels);
        (0..count)
            .map(|part| {
                let place = |part: usize| self.frames() * part / count * channels;
                let loudest =
                    self.samples[place(part)..place(part + 1)].iter().fold(0.0_f32, |most, one| most.max(one.abs()));
                (loudest.min(1.0) * 255.0).round() as u8
            })
            .collect()
    }
}

/// What kind of sound this is. `asked` is the format that the request named, which is all that is known of bytes without
/// a head: `pcm16`.
pub fn media_type(bytes: &[u8], asked: Option<&str>) -> &'static str {
    match (file::media_type(bytes), asked) {
        // Samples may begin as a frame of MPEG audio would; a head says more.
        (Some(known), Some("pcm16" | "pcm")) if !matches!(known, "audio/mpeg" | "audio/aac") => known,
        (_, Some("pcm16" | "pcm")) => "audio/pcm",
        (Some(known), _) => known,
        (None, _) => "application/octet-stream",
    }
}

/// The ending that a file of such bytes has.
pub fn ending(media_type: &str) -> &'static str {
    match media_type {
        "audio/wav" => "wav",
        "audio/mpeg" => "mp3",
        "audio/flac" => "flac",
        "audio/opus" => "opus",
        "audio/ogg" => "ogg",
        "audio/aac" => "aac",
        "audio/mp4" => "m4a",
        "video/mp4" => "mp4",
        "video/webm" => "webm",
        "audio/pcm" => "pcm",
        _ => "bin",
    }
}

/// # Errors
/// When the bytes are of no known kind, broken, or more than fits.
pub fn decode(bytes: &[u8], asked: Option<&str>) -> Result<Sound, MediaError> {
    match media_type(bytes, asked) {
        _ if bytes.is_empty() => Err(MediaError::Empty),
        "audio/pcm" => pcm16(bytes),
        "audio/opus" => guarded(|| opus::decode(bytes)),
        known if is_sound(known) => guarded(|| decode::decode(bytes)),
        _ => Err(MediaError::Unknown),
    }
}

/// How long a sound is, without decoding it where its packets say that.
///
/// # Errors
/// As [`decode`].
pub fn seconds(bytes: &[u8], asked: Option<&str>) -> Result<f64, MediaError> {
    match media_type(bytes, asked) {
        known if !bytes.is_empty() && is_sound(known) && !matches!(known, "audio/pcm" | "audio/opus") => {
            guarded(|| decode::seconds(bytes))
        }
        _ => decode(bytes, asked).map(|sound| sound.seconds()),
    }
}

/// A film may have a sound.
fn is_sound(media_type: &str) -> bool {
    media_type.starts_with("audio/") || media_type.starts_with("video/")
}

/// The bytes are strangers', and the decoders are others' work: one that gives up at a damaged file must not take the app
/// with it.
pub(crate) fn guarded<T>(read: impl FnOnce() -> Result<T, MediaError>) -> Result<T, MediaError> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(MediaError::Sound("it is damaged in a way that no decoder knows".to_owned())))
}

fn pcm16(bytes: &[u8]) -> Result<Sound, MediaError> {
    let (pairs, _) = bytes.as_chunks::<2>();
    if pairs.len() > MOST_SAMPLES {
        return Err(MediaError::SoundTooLong);
    }
    let samples = pairs.iter().map(|pair| f32::from(i16::from_le_bytes(*pair)) / 32_768.0).collect();
    Ok(Sound::new(samples, 1, PCM16_RATE))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tone of 440 Hz at half of full volume.
    fn tone(frames: u32) -> Vec<i16> {
        let at = |frame: u32| (f64::from(frame) * 440.0 * std::f64::consts::TAU / f64::from(PCM16_RATE)).sin();
        (0..frames).map(|frame| (at(frame) * 16_384.0) as i16).collect()
    }

    fn pcm(samples: &[i16]) -> Vec<u8> {
        samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
    }

    fn wave(samples: &[i16], length: Option<u32>) -> Vec<u8> {
        let data = pcm(samples);
        let length = length.unwrap_or(data.len() as u32);
        let mut bytes = b"RIFF".to_vec();
        bytes.extend_from_slice(&length.saturating_add(36).to_le_bytes());
        bytes.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
        bytes.extend_from_slice(&PCM16_RATE.to_le_bytes());
        bytes.extend_from_slice(&(PCM16_RATE * 2).to_le_bytes());
        bytes.extend_from_slice(b"\x02\0\x10\0data");
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&data);
        bytes
    }

    #[test]
    fn samples_without_a_head_and_with_one_are_the_same_sound() {
        let samples = tone(PCM16_RATE / 2);
        let bare = decode(&pcm(&samples), Some("pcm16")).unwrap();
        assert_eq!((bare.channels, bare.rate, bare.seconds()), (1, PCM16_RATE, 0.5));
        for length in [None, Some(0), Some(u32::MAX), Some(900_000)] {
            let wave = wave(&samples, length);
            assert_eq!(media_type(&wave, Some("pcm16")), "audio/wav", "a head says more than what was asked for");
            let headed = decode(&wave, None).unwrap();
            assert_eq!((headed.channels, headed.rate, headed.frames()), (1, PCM16_RATE, samples.len()), "{length:?}");
            let apart = headed.samples.iter().zip(&bare.samples).map(|(one, other)| (one - other).abs());
            assert!(apart.fold(0.0, f32::max) < 0.001);
            assert!((seconds(&wave, None).unwrap() - 0.5).abs() < 0.001);
        }
    }

    #[test]
    fn peaks_follow_the_loudness() {
        let mut samples = tone(12_000);
        samples.extend(vec![0; 12_000]);
        let sound = decode(&pcm(&samples), Some("pcm16")).unwrap();
        let peaks = sound.peaks(10);
        assert!(peaks[..5].iter().all(|peak| (126..=129).contains(peak)), "{peaks:?}");
        assert!(peaks[5..].iter().all(|peak| *peak == 0), "{peaks:?}");
        assert_eq!(sound.peaks(0), Vec::<u8>::new());
        assert_eq!(decode(&pcm(&[1, 2]), Some("pcm")).unwrap().peaks(99).len(), 2);
    }

    #[test]
    fn what_cannot_be_heard_says_why() {
        assert!(matches!(decode(b"", Some("pcm16")), Err(MediaError::Empty)));
        assert!(matches!(decode(b"hello", None), Err(MediaError::Unknown)));
        assert!(matches!(decode(b"fLaC but not really", None), Err(MediaError::Sound(_))));
        assert!(matches!(decode(b"OggS and nothing more", None), Err(MediaError::Sound(_))));
        assert_eq!(decode(b"a", Some("pcm16")).unwrap().frames(), 0, "half a sample is none");
    }
}
