//! Opus in Ogg, which the other decoders do not read.

use std::io::Cursor;

use ogg::reading::PacketReader;
use opus_decoder::OpusDecoder;

use crate::MediaError;
use crate::sound::{MOST_SAMPLES, Sound};

/// Opus is always decoded at this rate.
const RATE: u32 = 48_000;

/// # Errors
/// When it is no Opus in Ogg of one or two channels, or too long.
pub fn decode(bytes: &[u8]) -> Result<Sound, MediaError> {
    let wrong = |what: &dyn std::fmt::Display| MediaError::Sound(what.to_string());
    let mut packets = PacketReader::new(Cursor::new(bytes));
    let head = packets.read_packet_expected().map_err(|error| wrong(&error))?;
    if !head.data.starts_with(b"OpusHead") || head.data.len() < 19 {
        return Err(MediaError::Sound("it is no Opus".to_owned()));
    }
    let channels = usize::from(head.data[9]);
    if !matches!(channels, 1 | 2) {
        return Err(MediaError::Sound(format!("it has {channels} channels")));
    }
    let skipped = usize::from(u16::from_le_bytes([head.data[10], head.data[11]]));
    let mut decoder = OpusDecoder::new(RATE, channels).map_err(|error| wrong(&error))?;
    let mut frame = vec![0.0_f32; OpusDecoder::MAX_FRAME_SIZE_48K * channels];
    let mut samples = Vec::new();
    let mut end = None;
    let mut is_tags = true;
    // A file that was cut off gives what it has.
    while let Ok(Some(packet)) = packets.read_packet() {
        if std::mem::take(&mut is_tags) {
            continue;
        }
        let count = decoder.decode_float(&packet.data, &mut frame, false).map_err(|error| wrong(&error))?;
        if samples.len() + count * channels > MOST_SAMPLES {
            return Err(MediaError::SoundTooLong);
        }
        samples.extend_from_slice(&frame[..count * channels]);
        if packet.last_in_stream() {
            end = usize::try_from(packet.absgp_page()).ok();
        }
    }
    // The last page says where the sound ends; the packet may go on.
    if let Some(end) = end {
        samples.truncate(end.max(skipped) * channels);
    }
    samples.drain(..(skipped * channels).min(samples.len()));
    Ok(Sound::new(samples, channels as u16, RATE))
}
