//! WAVE heads that were written before anybody knew how long the sound would be.

use std::borrow::Cow;

/// The same bytes with the true lengths, where the head says less or more than there is: servers that stream write 0 or
/// the largest number.
pub fn with_true_lengths(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !(bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE")) {
        return Cow::Borrowed(bytes);
    }
    let mut at = 12;
    while let Some(head) = bytes.get(at..at + 8) {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let rest = bytes.len() - at - 8;
        if &head[..4] == b"data" {
            if length > 0 && length <= rest {
                return Cow::Borrowed(bytes);
            }
            // Half a frame at the end is none.
            let block = block_align(bytes).max(1);
            let Ok(length) = u32::try_from(rest - rest % block) else { return Cow::Borrowed(bytes) };
            let mut whole = bytes.to_vec();
            whole[at + 4..at + 8].copy_from_slice(&length.to_le_bytes());
            let all = u32::try_from(bytes.len() - 8).unwrap_or(u32::MAX);
            whole[4..8].copy_from_slice(&all.to_le_bytes());
            return Cow::Owned(whole);
        }
        // Chunks begin at even places.
        at += 8 + length + length % 2;
    }
    Cow::Borrowed(bytes)
}

/// Bytes of one sample of every channel.
fn block_align(bytes: &[u8]) -> usize {
    let place = bytes.windows(4).take(256).position(|four| four == b"fmt ");
    let value = place.and_then(|at| bytes.get(at + 20..at + 22));
    value.map_or(1, |two| usize::from(u16::from_le_bytes([two[0], two[1]])))
}
