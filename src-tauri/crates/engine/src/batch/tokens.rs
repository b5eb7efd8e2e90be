//! How many tokens a text is, roughly: the rule that the page estimates by, over the JSON that the text stands in.

use memchr::memchr;

/// A string of at least this many bytes that looks like no words is a picture or a sound, whose tokens nobody can guess.
const LONGEST_WORD: usize = 1024;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Latin,
    Digit,
    Break,
    Space,
    Mark,
    /// Any other script.
    Other,
}

/// A run of Latin letters is one token for each 8 begun, a run of digits or of marks one for each 3, a character of any
/// other script one for each 1.5, and line breaks one a run.
pub(crate) fn estimate(json: &str) -> u64 {
    let bytes = json.as_bytes();
    let (mut tokens, mut others, mut run, mut at) = (0, 0, 0u64, 0);
    let mut before = Class::Space;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'"'
            && let Some(end) = end_of_data(&bytes[at + 1..])
        {
            at += end + 2;
            continue;
        }
        let (class, used) = class_of(byte, &bytes[at..]);
        at += used;
        if class != before {
            tokens += cost(before, run);
            (before, run) = (class, 0);
        }
        match class {
            Class::Other => others += 1,
            _ => run += 1,
        }
    }
    tokens + cost(before, run) + (others * 2u64).div_ceil(3)
}

fn cost(class: Class, run: u64) -> u64 {
    match class {
        Class::Latin => run.div_ceil(8),
        Class::Digit | Class::Mark => run.div_ceil(3),
        Class::Break => u64::from(run > 0),
        Class::Space | Class::Other => 0,
    }
}

/// What stands at the beginning of `rest`, and how many bytes it takes.
fn class_of(byte: u8, rest: &[u8]) -> (Class, usize) {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' => (Class::Latin, 1),
        b'0'..=b'9' => (Class::Digit, 1),
        b'\n' | b'\r' => (Class::Break, 1),
        b'\\' => match rest.get(1) {
            Some(b'n' | b'r') => (Class::Break, 2),
            Some(b't') => (Class::Space, 2),
            Some(b'u') => (Class::Other, 6),
            _ => (Class::Mark, 2),
        },
        0..=b' ' => (Class::Space, 1),
        0xC3..=0xC8 => (Class::Latin, 2),
        0xC9 if rest.get(1).is_some_and(|next| *next <= 0x8F) => (Class::Latin, 2),
        0xC0..=0xDF => (Class::Other, 2),
        0xE0..=0xEF => (Class::Other, 3),
        0xF0..=0xFF => (Class::Other, 4),
        _ => (Class::Mark, 1),
    }
}

/// Where a string ends whose inside this is, if it is data.
fn end_of_data(inside: &[u8]) -> Option<usize> {
    let head = inside.get(..LONGEST_WORD)?;
    let is_data = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=:;,-_.".contains(byte);
    if head.iter().all(is_data) { memchr(b'"', inside) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_estimated_as_on_the_page() {
        for (text, expected) in [
            ("", 0),
            ("    ", 0),
            ("Hello", 1),
            ("20418", 2),
            ("a, b.", 4),
            ("{{a}}", 3),
            ("a\\n\\n\\nb", 3),
            ("東京都", 2),
            ("😀", 1),
            ("internationalisation", 3),
            ("Grüße aus Köln", 3),
            ("12345", 2),
            ("a, b", 3),
            ("one\\ntwo", 3),
            ("日本語です", 4),
            ("\\u65e5\\u672c\\u8a9e", 2),
            ("🎉🎉🎉", 2),
        ] {
            assert_eq!(estimate(text), expected, "{text}");
        }
    }

    #[test]
    fn pictures_in_a_body_are_no_words() {
        let picture = format!("\"data:image/png;base64,{}\"", "iVBORw0KGgo".repeat(5000));
        assert_eq!(estimate(&format!("[{picture},\"Hello\"]")), estimate("[,\"Hello\"]"));
        let words = format!("\"{}\"", "word ".repeat(5000));
        assert!(estimate(&words) >= 5000);
        assert!(estimate("\"unclosed") > 0);
    }
}
