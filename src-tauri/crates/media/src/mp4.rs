//! Where the sound of an MP4 file begins: encoders of AAC put silence before it, and say how much in the edit list.

/// Boxes that are looked into on the way.
const PATH: [&[u8; 4]; 2] = [b"moov", b"trak"];
/// An encoder needs a few packets at most; more is an edit.
const MOST: u32 = 8_192;

/// Frames that come before the sound of the first track; 0 when the file says nothing of that, or is no MP4.
pub(crate) fn frames_before(bytes: &[u8]) -> usize {
    if bytes.get(4..8) != Some(b"ftyp") {
        return 0;
    }
    let track = PATH.iter().try_fold(bytes, |inside, name| child(inside, name));
    track.and_then(first_edit).filter(|frames| *frames <= MOST).unwrap_or(0) as usize
}

/// The media time of the first edit, in the time scale of the track, which for sound is its rate.
fn first_edit(track: &[u8]) -> Option<u32> {
    let list = child(child(track, b"edts")?, b"elst")?;
    let at = if *list.first()? == 0 { 12 } else { 20 };
    let number = |at: usize| list.get(at..at + 4).map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]));
    // Times of 64 bits have their lower half behind.
    if at == 12 { number(12) } else { number(20).filter(|_| number(16) == Some(0)) }
}

/// The content of the first box of this name.
fn child<'a>(inside: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    let mut rest = inside;
    loop {
        let head = rest.get(..8)?;
        let short = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        let (start, length) = match short {
            0 => (8, rest.len()),
            1 => {
                let long = rest.get(8..16)?.try_into().ok()?;
                (16, usize::try_from(u64::from_be_bytes(long)).ok()?)
            }
            length => (8, length as usize),
        };
        let end = length.min(rest.len());
        if &head[4..8] == name {
            return rest.get(start..end);
        }
        rest = rest.get(length.max(8)..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let mut bytes = (content.len() as u32 + 8).to_be_bytes().to_vec();
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(content);
        bytes
    }

    fn file(media_time: u32) -> Vec<u8> {
        let mut list = vec![0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 3, 232];
        list.extend_from_slice(&media_time.to_be_bytes());
        list.extend_from_slice(&[0, 1, 0, 0]);
        let track = named(b"trak", &[named(b"tkhd", &[0; 8]), named(b"edts", &named(b"elst", &list))].concat());
        [named(b"ftyp", b"M4A "), named(b"mdat", &[7; 30]), named(b"moov", &track)].concat()
    }

    #[test]
    fn the_edit_list_says_where_the_sound_begins() {
        assert_eq!(frames_before(&file(1_024)), 1_024);
        assert_eq!(frames_before(&file(9_000_000)), 0, "that is an edit and no delay");
        assert_eq!(frames_before(&file(u32::MAX)), 0, "an empty edit");
        assert_eq!(frames_before(b"RIFF"), 0);
        let whole = file(1_024);
        for cut in 0..whole.len() {
            frames_before(&whole[..cut]);
        }
    }
}
