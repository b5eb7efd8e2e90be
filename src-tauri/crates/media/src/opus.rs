//! Opus, which the other decoders do not read: in Ogg, and packet by packet.

use std::io::Cursor;

use ogg::reading::PacketReader;
use opus_decoder::OpusDecoder;

use crate::MediaError;
use crate::decode::Block;
use crate::sound::{MOST_SAMPLES, Sound};

/// Opus is always decoded at this rate.
const RATE: u32 = 48_000;

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

/// # Errors
/// When it is no Opus in Ogg of one or two channels, or too long.
pub(crate) fn decode(bytes: &[u8]) -> Result<Sound, MediaError> {
    let mut packets = PacketReader::new(Cursor::new(bytes));
    let head = packets.read_packet_expected().map_err(said)?;
    let mut voice = Voice::new(&head.data)?;
    let (skip, channels) = (voice.skip, usize::from(voice.channels));
    let mut samples: Vec<f32> = Vec::new();
    let mut end = None;
    let mut broken = 0_u32;
    let mut is_tags = true;
    // A file that was cut off gives what it has.
    while let Ok(Some(packet)) = packets.read_packet() {
        if std::mem::take(&mut is_tags) {
            continue;
        }
        match voice.decode(&packet.data) {
            Some(block) if samples.len() + block.samples.len() > MOST_SAMPLES => return Err(MediaError::SoundTooLong),
            Some(block) => samples.extend_from_slice(&block.samples),
            None => broken += 1,
        }
        if packet.last_in_stream() {
            end = usize::try_from(packet.absgp_page()).ok();
        }
    }
    if samples.is_empty() {
        return Err(MediaError::Sound("it has no samples".to_owned()));
    }
    // The last page says where the sound ends; the packet may go on.
    if let Some(end) = end {
        samples.truncate(end.saturating_sub(skip).saturating_mul(channels));
    }
    let mut sound = Sound::new(samples, voice.channels, RATE);
    sound.damage = match (broken, end) {
        (0, Some(_)) => None,
        (0, None) => Some("It is cut off: its last page is missing.".to_owned()),
        (broken, _) => Some(format!("{broken} parts of it could not be decoded.")),
    };
    Ok(sound)
}

fn said(error: impl std::fmt::Display) -> MediaError {
    MediaError::Sound(error.to_string().trim_end_matches('.').to_owned())
}
