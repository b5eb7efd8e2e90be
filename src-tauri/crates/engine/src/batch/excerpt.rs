//! What stands around a place of a line, for a list of faults.

use std::ops::Range;

/// Characters of an excerpt, the marks for what was left out not counted.
const LONGEST: usize = 198;
/// Characters before the place, where there are more behind it.
const BEFORE: usize = 60;
/// The most characters of the place itself.
const PLACE: usize = 90;

/// A stretch of a line, and the place within it in UTF-16 units.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Excerpt {
    pub text: String,
    pub from: u32,
    pub to: u32,
}

/// What stands around `place` in `text`, beginning at `from` if that is near enough.
pub(crate) fn around(text: &str, from: usize, place: Range<usize>) -> Excerpt {
    let before = &text[from.min(place.start)..place.start];
    let start = match before.char_indices().rev().nth(BEFORE - 1) {
        Some((cut, _)) => place.start - before.len() + cut,
        None => place.start - before.len(),
    };
    let marked_end = after(text, place.start, PLACE).min(place.end);
    let kept = text[start..marked_end].chars().count();
    let end = after(text, marked_end, LONGEST.saturating_sub(kept));
    let lead = if start > from { "…" } else { "" };
    let tail = if end < text.len() { "…" } else { "" };
    let units = |part: &str| part.encode_utf16().count() as u32;
    let from = units(lead) + units(&text[start..place.start]);
    Excerpt { text: [lead, &text[start..end], tail].concat(), from, to: from + units(&text[place.start..marked_end]) }
}

/// Of bytes that are no text from `at` on.
pub(crate) fn around_bytes(bytes: &[u8], at: usize) -> Excerpt {
    let (head, rest) = bytes.split_at(at);
    let head = String::from_utf8_lossy(head);
    let rest = String::from_utf8_lossy(&rest[..rest.len().min(4 * LONGEST)]);
    let first = rest.chars().next().map_or(0, char::len_utf8);
    around(&[&*head, &*rest].concat(), 0, head.len()..head.len() + first)
}

/// The place `count` characters behind `at`.
fn after(text: &str, at: usize, count: usize) -> usize {
    text[at..].char_indices().nth(count).map_or(text.len(), |(further, _)| at + further)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(excerpt: &Excerpt) -> String {
        let units: Vec<u16> = excerpt.text.encode_utf16().collect();
        String::from_utf16_lossy(&units[excerpt.from as usize..excerpt.to as usize])
    }

    #[test]
    fn the_place_is_in_the_excerpt_and_the_excerpt_is_short() {
        let text = format!("{}«{}»{}", "😀é".repeat(300), "place", "日本".repeat(300));
        let place = text.find("place").expect("there");
        let excerpt = around(&text, 0, place..place + 5);
        assert_eq!(marked(&excerpt), "place");
        assert!(excerpt.text.starts_with('…') && excerpt.text.ends_with('…'));
        assert_eq!(excerpt.text.chars().count(), LONGEST + 2);

        let whole = around("{\"a\":1,}", 0, 6..7);
        assert_eq!((whole.text.as_str(), marked(&whole).as_str()), ("{\"a\":1,}", ","));
        let long = around(&text, 0, 0..text.len());
        assert_eq!((long.from, marked(&long).chars().count()), (0, PLACE));
        assert_eq!(marked(&around("abc", 0, 3..3)), "");
    }

    #[test]
    fn bytes_that_are_no_text_are_marked() {
        let excerpt = around_bytes(b"{\"a\":\"caf\xe9\"}", 9);
        assert_eq!((excerpt.text.as_str(), marked(&excerpt).as_str()), ("{\"a\":\"caf\u{FFFD}\"}", "\u{FFFD}"));
    }
}
