//! WAVE heads that were written before anybody knew how long the sound would be.

use std::borrow::Cow;

/// Lengths from here on are what servers write that do not know better.
const ENDLESS: u32 = 0x7fff_0000;

/// The same bytes with the true lengths, where the head says less or more than there is: servers that stream write 0 or
/// the largest number.
pub fn with_true_lengths(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Some((at, length)) = data_chunk(bytes) else { return Cow::Borrowed(bytes) };
    let rest = bytes.len() - at - 8;
    if length > 0 && length as usize <= rest {
        return Cow::Borrowed(bytes);
    }
    // Half a frame at the end is none.
    let block = usize::from(number(bytes, 12).unwrap_or(1)).max(1);
    let Ok(length) = u32::try_from(rest - rest % block) else { return Cow::Borrowed(bytes) };
    let all = u32::try_from(bytes.len() - 8).unwrap_or(u32::MAX);
    let mut whole = bytes.to_vec();
    set_lengths(&mut whole, at, all, length);
    Cow::Owned(whole)
}

/// Has a head promise more than will come where it does not know how long its samples are. False when the head is not
/// whole yet.
pub fn open_the_end(bytes: &mut [u8]) -> bool {
    let Some((at, length)) = data_chunk(bytes) else { return false };
    let block = u32::from(number(bytes, 12).unwrap_or(1)).max(1);
    let is_known = length > 0 && length < ENDLESS;
    set_lengths(bytes, at, u32::MAX, if is_known { length } else { ENDLESS - ENDLESS % block });
    true
}

/// Seconds that the head promises, where it means what it says.
pub fn promised(bytes: &[u8]) -> Option<f64> {
    let (_, length) = data_chunk(bytes)?;
    let byte_rate = u32::from(number(bytes, 8)?) | u32::from(number(bytes, 10)?) << 16;
    (length < ENDLESS && byte_rate > 0).then(|| f64::from(length) / f64::from(byte_rate))
}

/// Where the chunk of the samples begins, and how long it says that it is.
fn data_chunk(bytes: &[u8]) -> Option<(usize, u32)> {
    if !(bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE")) {
        return None;
    }
    let mut at = 12;
    while let Some(head) = bytes.get(at..at + 8) {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        if &head[..4] == b"data" {
            return Some((at, length));
        }
        // Chunks begin at even places.
        at += 8 + length as usize + length as usize % 2;
    }
    None
}

fn set_lengths(bytes: &mut [u8], at: usize, all: u32, data: u32) {
    bytes[4..8].copy_from_slice(&all.to_le_bytes());
    bytes[at + 4..at + 8].copy_from_slice(&data.to_le_bytes());
}

/// 16 bits of the description of the samples, at `at` of it: 8 is the bytes of a second, 12 those of one sample of every
/// channel.
fn number(bytes: &[u8], at: usize) -> Option<u16> {
    let place = bytes.windows(4).take(256).position(|four| four == b"fmt ")? + 8 + at;
    bytes.get(place..place + 2).map(|two| u16::from_le_bytes([two[0], two[1]]))
}
