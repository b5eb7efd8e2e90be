//! Sounds in containers, packet by packet: WAV, MP3, FLAC, Ogg, MP4, WebM and AAC without any.

use std::io::Cursor;

use symphonia::core::audio::SampleBuffer;
use symphonia::core::codecs::{CODEC_TYPE_NULL, CODEC_TYPE_OPUS, CodecParameters, Decoder, DecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, Packet};
use symphonia::core::io::{MediaSource, MediaSourceStream, ReadOnlySource};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::probe::Hint;
use symphonia::core::units::TimeBase;

use crate::sound::{MOST_SAMPLES, Sound};
use crate::{MediaError, file, mp4, opus, wav};

/// Bytes, opened as a sound whose first packet comes next.
pub(crate) struct Packets {
    reader: Box<dyn FormatReader>,
    track: u32,
    decoder: Codec,
    /// Frames at the beginning that the encoder put before the sound.
    pub skip: usize,
    /// Packets that could not be read.
    pub broken: u32,
}

enum Codec {
    Common(Box<dyn Decoder>),
    Opus(Box<opus::Voice>),
}

/// What one packet holds. Samples of the channels take turns.
pub(crate) struct Block {
    pub samples: Vec<f32>,
    pub channels: u16,
    pub rate: u32,
}

impl Packets {
    /// # Errors
    /// When there is no track that can be decoded.
    pub fn open(source: Box<dyn MediaSource>) -> Result<Self, MediaError> {
        let stream = MediaSourceStream::new(source, Default::default());
        let format = FormatOptions { enable_gapless: true, ..FormatOptions::default() };
        let probe = symphonia::default::get_probe();
        let reader = probe.format(&Hint::new(), stream, &format, &MetadataOptions::default()).map_err(said)?.format;
        let mut reason = MediaError::Sound("it has no sound".to_owned());
        let mut chosen = None;
        for track in reader.tracks().iter().filter(|track| track.codec_params.codec != CODEC_TYPE_NULL) {
            match codec(&track.codec_params) {
                Ok(decoder) => {
                    chosen = Some((track.id, decoder));
                    break;
                }
                Err(error) => reason = error,
            }
        }
        let Some((track, decoder)) = chosen else { return Err(reason) };
        Ok(Self { reader, track, decoder, skip: 0, broken: 0 })
    }

    /// The next packet, still encoded; `None` at the end, also when that comes too early.
    fn next_packet(&mut self) -> Option<Packet> {
        loop {
            match self.reader.next_packet() {
                Ok(packet) if packet.track_id() == self.track => return Some(packet),
                Ok(_) => {}
                Err(Error::DecodeError(_)) if self.broken < MOST_BROKEN => self.broken += 1,
                Err(_) => return None,
            }
        }
    }

    /// The next packet that can be decoded.
    pub fn next(&mut self) -> Option<Block> {
        loop {
            let packet = self.next_packet()?;
            let block = match &mut self.decoder {
                Codec::Opus(voice) => voice.decode(packet.buf()),
                Codec::Common(decoder) => decoder.decode(&packet).ok().map(|decoded| {
                    let spec = *decoded.spec();
                    let mut buffer = SampleBuffer::<f32>::new(decoded.capacity() as u64, spec);
                    buffer.copy_interleaved_ref(decoded);
                    Block {
                        samples: buffer.samples().to_vec(),
                        channels: spec.channels.count() as u16,
                        rate: spec.rate,
                    }
                }),
            };
            match block {
                Some(mut block) if block.channels > 0 && block.rate > 0 => {
                    let frames = block.samples.len() / usize::from(block.channels);
                    let skipped = frames.min(self.skip);
                    self.skip -= skipped;
                    block.samples.drain(..skipped * usize::from(block.channels));
                    if !block.samples.is_empty() {
                        return Some(block);
                    }
                }
                _ if self.broken >= MOST_BROKEN => return None,
                _ => self.broken += 1,
            }
        }
    }

    /// What could not be read, in words for people.
    pub fn damage(&self) -> Option<String> {
        (self.broken > 0).then(|| format!("{} parts of it could not be decoded.", self.broken))
    }

    /// Seconds that the head promises.
    fn promised(&self) -> Option<f64> {
        let track = self.reader.tracks().iter().find(|track| track.id == self.track)?;
        let (frames, rate) = (track.codec_params.n_frames?, track.codec_params.sample_rate?);
        match track.codec_params.time_base {
            Some(base) => {
                let time = base.calc_time(frames);
                Some(time.seconds as f64 + time.frac)
            }
            None => Some(frames as f64 / f64::from(rate)),
        }
    }
}

/// A file in which so many packets are broken is given up.
const MOST_BROKEN: u32 = 10_000;
/// A sound that ends earlier than its head says by more is cut off; encoders differ by a packet.
const LEAST_MISSING: f64 = 0.1;

/// # Errors
/// When nothing of it can be decoded, or when it is too long.
pub(crate) fn decode(bytes: &[u8]) -> Result<Sound, MediaError> {
    let mut packets = open(bytes)?;
    let Some(first) = packets.next() else { return Err(MediaError::Sound("it has no samples".to_owned())) };
    let (channels, rate) = (first.channels, first.rate);
    let mut samples = first.samples;
    while let Some(block) = packets.next() {
        // What changes its shape on the way is no longer the same sound.
        if (block.channels, block.rate) != (channels, rate) {
            packets.broken += 1;
            continue;
        }
        if samples.len() + block.samples.len() > MOST_SAMPLES {
            return Err(MediaError::SoundTooLong);
        }
        samples.extend_from_slice(&block.samples);
    }
    let mut sound = Sound::new(samples, channels, rate);
    // AAC without a container has no head: the library guesses its length from the first packets.
    let has_head = file::media_type(bytes) != Some("audio/aac");
    let promised = wav::promised(bytes).or_else(|| packets.promised().filter(|_| has_head));
    let missing = promised.unwrap_or(0.0) - sound.seconds();
    let is_cut = missing > LEAST_MISSING;
    let cut = || is_cut.then(|| format!("It is cut off: {missing:.1} s that its head promises are missing."));
    sound.damage = packets.damage().or_else(cut);
    Ok(sound)
}

/// How long a sound is: the lengths of its packets, which are not decoded. Heads are wrong too often.
///
/// # Errors
/// When it has no packets.
pub(crate) fn seconds(bytes: &[u8]) -> Result<f64, MediaError> {
    let mut packets = open(bytes)?;
    if matches!(packets.decoder, Codec::Opus(_)) {
        return decode(bytes).map(|sound| sound.seconds());
    }
    let base = packets.reader.tracks().iter().find(|track| track.id == packets.track).map(|track| &track.codec_params);
    let base = base.and_then(|params| params.time_base.or(params.sample_rate.map(|rate| TimeBase::new(1, rate))));
    let Some(base) = base.filter(|_| packets.skip == 0) else { return decode(bytes).map(|sound| sound.seconds()) };
    let mut length = 0;
    while let Some(packet) = packets.next_packet() {
        length += packet.dur();
    }
    if length == 0 {
        // Some containers do not say how long a packet is.
        return decode(bytes).map(|sound| sound.seconds());
    }
    let time = base.calc_time(length);
    Ok(time.seconds as f64 + time.frac)
}

/// Of an MP3 without a head the library would guess the length from its first frames, and cut the rest off, if it could look
/// ahead.
fn open(bytes: &[u8]) -> Result<Packets, MediaError> {
    let skip = mp4::frames_before(bytes);
    let whole = Cursor::new(wav::with_true_lengths(bytes).into_owned());
    let mut packets = match file::media_type(bytes) {
        Some("audio/mpeg") => Packets::open(Box::new(ReadOnlySource::new(whole))),
        _ => Packets::open(Box::new(whole)),
    }?;
    packets.skip = skip;
    Ok(packets)
}

fn codec(params: &CodecParameters) -> Result<Codec, MediaError> {
    if params.codec == CODEC_TYPE_OPUS {
        let head = params.extra_data.as_deref().unwrap_or_default();
        return opus::Voice::new(head).map(|voice| Codec::Opus(Box::new(voice)));
    }
    symphonia::default::get_codecs().make(params, &DecoderOptions::default()).map(Codec::Common).map_err(said)
}

fn said(error: Error) -> MediaError {
    MediaError::Sound(error.to_string().trim_end_matches('.').to_owned())
}
