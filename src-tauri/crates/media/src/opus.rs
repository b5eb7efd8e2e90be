//! Opus, which the other decoders do not read: in Ogg, and packet by packet.

use std::io::{Cursor, Read, Seek};

use ogg::reading::PacketReader;
use opus_decoder::OpusDecoder;

use crate::MediaError;
use crate::decode::Block;
use crate::sound::{MOST_SAMPLES, Sound};

/// Opus is always decoded at this rate.
pub(crate) const RATE: u32 = 48_000;

/// Decodes the packets of one stream.
pub(crate) struct Voice {
    decoder: OpusDecoder,
    channels: u16,
    /// Frames that are not part of the sound and come first.
    skip: usize,
    frame: Vec<f32>,
}

impl Voice {
    /// `head` is the identification header, as containers keep it (RFC 7845, 5.1).
    ///
    /// # Errors
    /// When it is none, or one of more than two channels.
    pub fn new(head: &[u8]) -> Result<Self, MediaError> {
        if !head.starts_with(b"OpusHead") || head.len() < 19 {
            return Err(MediaError::Sound("it is no Opus".to_owned()));
        }
        let channels = u16::from(head[9]);
        if !matches!(channels, 1 | 2) {
            return Err(MediaError::Sound(format!("it has {channels} channels")));
        }
        let decoder = OpusDecoder::new(RATE, usize::from(channels)).map_err(said)?;
        let frame = vec![0.0; OpusDecoder::MAX_FRAME_SIZE_48K * usize::from(channels)];
        let skip = usize::from(u16::from_le_bytes([head[10], head[11]]));
        Ok(Self { decoder, channels, skip, frame })
    }

    /// `None` when the packet is broken. What comes before the sound is left out.
    pub fn decode(&mut self, packet: &[u8]) -> Option<Block> {
        let count = self.decoder.decode_float(packet, &mut self.frame, false).ok()?;
        let skipped = count.min(self.skip);
        self.skip -= skipped;
        let channels = usize::from(self.channels);
        let samples = self.frame.get(skipped * channels..count * channels)?.to_vec();
        Some(Block { samples, channels: self.channels, rate: RATE })
    }
}

/// Opus in Ogg, page by page: only the last page says where the sound ends, so what is in a page waits for its end.
pub(crate) struct Stream<R: Read + Seek> {
    packets: PacketReader<R>,
    voice: Voice,
    /// Frames that belong to the head, and frames that were given.
    before: usize,
    given: usize,
    held: Vec<f32>,
    /// The next packet holds texts.
    is_tags: bool,
    broken: u32,
    has_end: bool,
}

impl<R: Read + Seek> Stream<R> {
    /// # Errors
    /// When it is no Opus in Ogg of one or two channels.
    pub fn open(bytes: R) -> Result<Self, MediaError> {
        let mut packets = PacketReader::new(bytes);
        let head = packets.read_packet_expected().map_err(said)?;
        let voice = Voice::new(&head.data)?;
        let before = voice.skip;
        Ok(Self { packets, voice, before, given: 0, held: Vec::new(), is_tags: true, broken: 0, has_end: false })
    }

    pub fn channels(&self) -> u16 {
        self.voice.channels
    }

    /// The samples of one page; `None` at the end, also of a file that was cut off.
    pub fn next(&mut self) -> Option<Vec<f32>> {
        let channels = usize::from(self.voice.channels);
        while !self.has_end
            && let Ok(Some(packet)) = self.packets.read_packet()
        {
            if std::mem::take(&mut self.is_tags) {
                continue;
            }
            match self.voice.decode(&packet.data) {
                Some(block) => self.held.extend_from_slice(&block.samples),
                None => self.broken += 1,
            }
            if packet.last_in_stream() {
                self.has_end = true;
                // The last page says where the sound ends; the packet may go on.
                let end = usize::try_from(packet.absgp_page()).unwrap_or(usize::MAX).saturating_sub(self.before);
                self.held.truncate(end.saturating_sub(self.given).saturating_mul(channels));
            } else if packet.last_in_page() && !self.held.is_empty() {
                break;
            }
        }
        self.given += self.held.len() / channels;
        let page = std::mem::take(&mut self.held);
        (!page.is_empty()).then_some(page)
    }

    /// What of it could not be read, once it is at its end.
    ///
    /// # Errors
    /// When it had no samples.
    pub fn damage(&self) -> Result<Option<String>, MediaError> {
        if self.given == 0 {
            return Err(MediaError::Sound("it has no samples".to_owned()));
        }
        Ok(match self.broken {
            0 if self.has_end => None,
            0 => Some("It is cut off: its last page is missing.".to_owned()),
            broken => Some(format!("{broken} parts of it could not be decoded.")),
        })
    }
}

/// # Errors
/// When it is no Opus in Ogg of one or two channels, or too long.
pub(crate) fn decode(bytes: &[u8]) -> Result<Sound, MediaError> {
    let mut stream = Stream::open(Cursor::new(bytes))?;
    let mut samples: Vec<f32> = Vec::new();
    while let Some(page) = stream.next() {
        if samples.len() + page.len() > MOST_SAMPLES {
            return Err(MediaError::SoundTooLong);
        }
        samples.extend_from_slice(&page);
    }
    let damage = stream.damage()?;
    Ok(Sound { damage, ..Sound::new(samples, stream.channels(), RATE) })
}

fn said(error: impl std::fmt::Display) -> MediaError {
    MediaError::Sound(error.to_string().trim_end_matches('.').to_owned())
}
