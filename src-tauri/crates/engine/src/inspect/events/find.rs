//! Which events a filter lets through.

use juxta_wire::error::AppError;
use juxta_wire::events::EventFilter;
use memchr::memchr2;

use super::log::{Entry, EventLog};
use crate::inspect::BLOCK;

/// Events that are read together, in bytes, unless one alone is larger.
const TOGETHER: u64 = 4 * BLOCK as u64;

pub fn find(log: &mut EventLog, filter: &EventFilter) -> Result<Vec<u32>, AppError> {
    let needle = Needle::new(&filter.text);
    let wanted: Vec<(u32, Entry)> = (1u32..)
        .zip(log.entries())
        .filter(|(number, entry)| {
            (filter.kinds.is_empty() || filter.kinds.contains(&entry.kind))
                && (!filter.stalls_only || log.is_stall(*number))
        })
        .map(|(number, entry)| (number, *entry))
        .collect();
    let Some(needle) = needle else { return Ok(wanted.into_iter().map(|(number, _)| number).collect()) };
    let mut found = Vec::new();
    let mut rest = wanted.as_slice();
    while let Some((_, first)) = rest.first() {
        // A comment within an event stands before it in the list and after its first byte in the body, so places go
        // back a little now and then.
        let (mut start, mut end, mut count) = (first.offset, first.offset, 0);
        for (_, entry) in rest {
            let (low, high) = (start.min(entry.offset), end.max(entry.offset + u64::from(entry.length)));
            if count > 0 && high - low > TOGETHER {
                break;
            }
            (start, end, count) = (low, high, count + 1);
        }
        let bytes = log.read(start, (end - start) as usize)?;
        let (group, after) = rest.split_at(count);
        for (number, entry) in group {
            let from = (entry.offset - start) as usize;
            let raw = bytes.get(from..(from + entry.length as usize).min(bytes.len())).unwrap_or_default();
            if needle.is_in(raw) {
                found.push(*number);
            }
        }
        rest = after;
    }
    Ok(found)
}

/// A text to look for in raw bytes, letter case aside.
enum Needle {
    Ascii(Ascii),
    /// Letters whose case only Unicode knows: as they are, and as JSON may escape them.
    Unicode {
        lower: String,
        escaped: Ascii,
    },
}

impl Needle {
    /// `None` when there is nothing to look for.
    fn new(text: &str) -> Option<Self> {
        if text.is_ascii() {
            return Ascii::new(text.as_bytes()).map(Needle::Ascii);
        }
        let mut escaped = String::new();
        for character in text.chars() {
            match character.is_ascii() {
                true => escaped.push(character),
                false => {
                    escaped.extend(character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")))
                }
            }
        }
        Some(Needle::Unicode { lower: text.to_lowercase(), escaped: Ascii::new(escaped.as_bytes())? })
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        match self {
            Needle::Ascii(needle) => needle.is_in(bytes),
            Needle::Unicode { lower, escaped } => {
                escaped.is_in(bytes)
                    || !bytes.is_ascii() && String::from_utf8_lossy(bytes).to_lowercase().contains(lower.as_str())
            }
        }
    }
}

/// Looked for by its rarest byte.
struct Ascii {
    lower: Vec<u8>,
    /// Where the rarest byte stands in it.
    rarest: usize,
}

/// Bytes that are common in streams of JSON, the most common first. What is not listed is rare.
const COMMON: &[u8] = b"\"e:,tnaoi{}ds[]cl0hr\\_fpmu.1 gx2-byk34567890v/";

impl Ascii {
    fn new(text: &[u8]) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let commonness = |byte: &u8| COMMON.iter().rev().position(|common| common == byte).map_or(0, |rank| rank + 1);
        let (rarest, _) = lower.iter().enumerate().min_by_key(|(_, byte)| commonness(byte))?;
        Some(Self { lower, rarest })
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        let length = self.lower.len();
        let Some(last) = bytes.len().checked_sub(length) else { return false };
        let (one, other) = (self.lower[self.rarest], self.lower[self.rarest].to_ascii_uppercase());
        // Only where the whole may still begin.
        let mut from = 0;
        let searched = &bytes[self.rarest..=last + self.rarest];
        while let Some(at) = memchr2(one, other, &searched[from..]) {
            let start = from + at;
            if bytes[start..start + length].eq_ignore_ascii_case(&self.lower) {
                return true;
            }
            from = start + 1;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in(needle: &str, hay: &str) -> bool {
        Needle::new(needle).is_none_or(|needle| needle.is_in(hay.as_bytes()))
    }

    #[test]
    fn letter_case_does_not_matter_and_all_else_does() {
        for (needle, hay, expected) in [
            ("", "anything", true),
            ("a", "", false),
            ("scanned", "{\"content\":\" SCANNED\"}", true),
            ("\"Content\":", "{\"content\":\"x\"}", true),
            ("content\" :", "{\"content\":\"x\"}", false),
            ("aab", "aaaab", true),
            ("end", "at the very eND", true),
            ("end", "en d", false),
            ("zz", "z", false),
            ("é", "CAFÉ", true),
            ("ÉT", "caf\\u00E9t", false),
            ("ét", "caf\\u00E9t", true),
            ("🌊", "wave \\ud83c\\udf0a", true),
            ("東京", "東京タワー", true),
            ("東京", "tokyo", false),
        ] {
            assert_eq!(is_in(needle, hay), expected, "{needle:?} in {hay:?}");
        }
    }

    #[test]
    fn it_finds_what_a_plain_search_finds() {
        let hay = "The quick brown fox, \"THE\" lazy dog; 0123456789 [{}] the end";
        for start in 0..hay.len() {
            for end in start + 1..hay.len().min(start + 9) {
                let needle = &hay[start..end];
                assert!(is_in(&needle.to_uppercase(), hay) && is_in(needle, hay), "{needle:?}");
                let absent = format!("{needle}#");
                assert!(!is_in(&absent, hay), "{absent:?}");
            }
        }
    }
}
