//! Looking for keys that are known, however a text or a body spells them.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::mask;

/// Repeated over the place of a key that was taken out of recorded bytes. Letters only, so that JSON, addresses, base64
/// and markup stay what they were; and as long as what it covers, so that offsets and lengths stay true.
const REMOVED: &[u8] = b"KeyRemoved";

/// Shorter secrets would match ordinary text.
const SHORTEST: usize = 4;
/// Shorter pieces of base64 or hexadecimal text would, too.
const SHORTEST_ENCODED: usize = 8;
/// How often a text may have been percent-encoded.
const MOST_ENCODINGS: usize = 3;

/// Keys that must not leave. It finds them as they are and as a body may spell them: with JSON escapes of any kind and
/// depth, percent-encoded, with the entities of markup, inside base64, in hexadecimal digits.
#[derive(Clone, Default)]
pub struct KnownKeys {
    patterns: Vec<Pattern>,
    /// Bytes that a match may begin with.
    first: Vec<bool>,
}

impl std::fmt::Debug for KnownKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "KnownKeys({})", self.patterns.len())
    }
}

#[derive(Clone)]
struct Pattern {
    characters: Vec<char>,
    mask: String,
}

impl KnownKeys {
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut keys = Self { patterns: Vec::new(), first: vec![false; 256] };
        for secret in secrets {
            let secret = secret.trim();
            if secret.chars().count() >= SHORTEST {
                keys.add(secret, mask(secret));
                for encoded in encodings(secret.as_bytes()) {
                    keys.add(&encoded, mask(""));
                }
            }
        }
        keys
    }

    fn add(&mut self, text: &str, mask: String) {
        let mut characters: Vec<char> = text.chars().collect();
        // How many backslashes stand for one depends on how often a text was escaped.
        characters.dedup_by(|next, before| *next == '\\' && *before == '\\');
        if self.patterns.iter().any(|known| known.characters == characters) {
            return;
        }
        if let Some(first) = characters.first() {
            for byte in [first.encode_utf8(&mut [0; 4]).as_bytes()[0], b'\\', b'%', b'&'] {
                self.first[usize::from(byte)] = true;
            }
            self.patterns.push(Pattern { characters, mask });
        }
    }

    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Where keys stand, in order and apart from each other, each with the number of its pattern.
    fn places(&self, text: &[u8]) -> Vec<(Range<usize>, usize)> {
        let mut places: Vec<(Range<usize>, usize)> = Vec::new();
        if self.patterns.is_empty() {
            return places;
        }
        for at in 0..text.len() {
            if !self.first[usize::from(text[at])] {
                continue;
            }
            let ends = self
                .patterns
                .iter()
                .enumerate()
                .filter_map(|(number, pattern)| pattern.match_end(text, at).map(|end| (end, number)));
            let Some((end, number)) = ends.max_by_key(|(end, _)| *end) else { continue };
            match places.last_mut() {
                Some((before, kept)) if before.end > at => {
                    if end > before.end {
                        if end - at > before.len() {
                            *kept = number;
                        }
                        before.end = end;
                    }
                }
                _ => places.push((at..end, number)),
            }
        }
        places
    }

    pub fn are_in(&self, text: &[u8]) -> bool {
        !self.places(text).is_empty()
    }

    /// The places of all keys in `text`, in order and apart from each other.
    pub fn find(&self, text: &[u8]) -> Vec<Range<usize>> {
        self.places(text).into_iter().map(|(place, _)| place).collect()
    }

    /// `text` with each key as `••••4f2a`.
    pub fn masked(&self, text: &str) -> String {
        let mut clean = String::with_capacity(text.len());
        let mut end = 0;
        for (place, number) in self.places(text.as_bytes()) {
            // Matches begin and end between characters.
            clean.push_str(text.get(end..place.start).unwrap_or_default());
            clean.push_str(&self.patterns[number].mask);
            end = place.end;
        }
        clean.push_str(text.get(end..).unwrap_or_default());
        clean
    }

    /// Covers every key in `bytes` with `KeyRemoved…`, as long as it was. Says whether there was one.
    pub fn remove(&self, bytes: &mut [u8]) -> bool {
        let places = self.places(bytes);
        for (place, _) in &places {
            cover(&mut bytes[place.clone()], 0);
        }
        !places.is_empty()
    }

    /// As [`remove`](Self::remove).
    pub fn remove_from_text(&self, text: &mut String) -> bool {
        let places = self.places(text.as_bytes());
        for (place, _) in &places {
            let mut mark = vec![0; place.len()];
            cover(&mut mark, 0);
            text.replace_range(place.clone(), &String::from_utf8_lossy(&mark));
        }
        !places.is_empty()
    }
}

/// Writes the mark over `bytes`, of which `before` bytes are behind it already.
pub(crate) fn cover(bytes: &mut [u8], before: usize) {
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = REMOVED[(before + at) % REMOVED.len()];
    }
}

/// How a secret looks inside base64 that began anywhere before it, and in hexadecimal digits.
fn encodings(secret: &[u8]) -> Vec<String> {
    let mut encodings = Vec::new();
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(secret);
        // Digits that also hold bits of what stands around the secret differ from text to text.
        let whole = bytes.len() * 8 / 6;
        let skipped = (before * 8).div_ceil(6);
        for encoded in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            encodings.extend(encoded.get(skipped..whole).map(str::to_owned));
        }
    }
    let lower: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    encodings.push(lower.to_uppercase());
    encodings.push(lower);
    encodings.retain(|encoded| encoded.len() >= SHORTEST_ENCODED);
    encodings
}

impl Pattern {
    fn match_end(&self, text: &[u8], at: usize) -> Option<usize> {
        let most = if self.characters.contains(&'%') { MOST_ENCODINGS } else { 0 };
        (0..=most).filter_map(|times| self.match_end_encoded(text, at, times)).max()
    }

    /// For a text in which percent signs were encoded so many times. It has to be known: in `%2525` two characters of a
    /// key may stand, or three, or five.
    fn match_end_encoded(&self, text: &[u8], at: usize, times: usize) -> Option<usize> {
        self.characters.iter().try_fold(at, |at, character| match character {
            '\\' => backslashes(text, at),
            '%' if times > 0 => percent_sign(text, at, times),
            other => spelled(text, at, *other),
        })
    }
}

/// `%25`, and `25` more for each time that it was encoded again.
fn percent_sign(text: &[u8], at: usize, times: usize) -> Option<usize> {
    let digits = text.get(at..)?.strip_prefix(b"%")?.get(..2 * times)?;
    digits.chunks(2).all(|pair| pair == b"25").then_some(at + 1 + 2 * times)
}

/// One or more of them, because a pattern has one for any number.
fn backslashes(text: &[u8], at: usize) -> Option<usize> {
    let one = |at: usize| {
        let slashes = text.get(at..)?.iter().take_while(|byte| **byte == b'\\').count();
        let escaped = if slashes > 0 { escaped(text, at + slashes, '\\') } else { None };
        escaped.or_else(|| percent_encoded(text, at, b"\\"))
    };
    let Some(mut end) = one(at) else {
        let slashes = text.get(at..)?.iter().take_while(|byte| **byte == b'\\').count();
        return (slashes > 0).then_some(at + slashes);
    };
    while let Some(more) = one(end) {
        end = more;
    }
    Some(end)
}

/// The end of `character` at `at`, in any of its spellings.
fn spelled(text: &[u8], at: usize, character: char) -> Option<usize> {
    let mut buffer = [0; 4];
    let literal = character.encode_utf8(&mut buffer).as_bytes();
    let slashes = text.get(at..)?.iter().take_while(|byte| **byte == b'\\').count();
    let after = at + slashes;
    if text[after..].starts_with(literal) {
        return Some(after + literal.len());
    }
    if slashes > 0 {
        return escaped(text, after, character);
    }
    percent_encoded(text, at, literal).or_else(|| entity(text, at, character))
}

/// Behind the backslashes: `u0041`, or the two halves of a character beyond the first 65,536.
fn escaped(text: &[u8], at: usize, character: char) -> Option<usize> {
    let mut units = [0; 2];
    let mut at = at;
    for (number, unit) in character.encode_utf16(&mut units).iter().enumerate() {
        if number > 0 {
            let slashes = text.get(at..)?.iter().take_while(|byte| **byte == b'\\').count();
            if slashes == 0 {
                return None;
            }
            at += slashes;
        }
        let digits = text.get(at..at + 5)?.strip_prefix(b"u")?;
        let found = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        if found != *unit {
            return None;
        }
        at += 5;
    }
    Some(at)
}

/// `%41`; `%2541` when it was encoded twice.
fn percent_encoded(text: &[u8], at: usize, literal: &[u8]) -> Option<usize> {
    if literal == b" " && text.get(at) == Some(&b'+') {
        return Some(at + 1);
    }
    let mut at = at;
    for byte in literal {
        if text.get(at) != Some(&b'%') {
            return None;
        }
        at += 1;
        while text.get(at..).is_some_and(|rest| rest.starts_with(b"25")) && *byte != b'%' {
            at += 2;
        }
        let digits = std::str::from_utf8(text.get(at..at + 2)?).ok()?;
        if u8::from_str_radix(digits, 16).ok()? != *byte {
            return None;
        }
        at += 2;
    }
    Some(at)
}

fn entity(text: &[u8], at: usize, character: char) -> Option<usize> {
    let names: &[&[u8]] = match character {
        '&' => &[b"&amp;", b"&#38;", b"&#x26;"],
        '<' => &[b"&lt;", b"&#60;", b"&#x3c;"],
        '>' => &[b"&gt;", b"&#62;", b"&#x3e;"],
        '"' => &[b"&quot;", b"&#34;", b"&#x22;"],
        '\'' => &[b"&apos;", b"&#39;", b"&#x27;"],
        _ => return None,
    };
    let rest = text.get(at..)?;
    names
        .iter()
        .find(|name| rest.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)))
        .map(|name| at + name.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    const KEY: &str = r#"sk-"ä🐟\\/+ 4f2a<&"#;

    fn spellings() -> Vec<String> {
        let json = serde_json::Value::from(KEY).to_string();
        let inner = json[1..json.len() - 1].to_owned();
        let twice = serde_json::Value::from(inner.as_str()).to_string();
        let units: String = KEY.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
        let percent: String = url::form_urlencoded::byte_serialize(KEY.as_bytes()).collect();
        let all_percent: String = KEY.bytes().map(|byte| format!("%{byte:02x}")).collect();
        vec![
            KEY.to_owned(),
            inner,
            twice[1..twice.len() - 1].to_owned(),
            units,
            percent.clone(),
            percent.replace('%', "%25"),
            all_percent,
            KEY.replace('/', "\\/"),
            KEY.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;"),
            KEY.bytes().map(|byte| format!("{byte:02x}")).collect(),
        ]
    }

    #[test]
    fn a_key_is_found_in_every_spelling_and_nothing_is_left_of_it() {
        let keys = KnownKeys::new([KEY.to_owned()]);
        for spelling in spellings() {
            let text = format!("before {spelling} after");
            let mut bytes = text.clone().into_bytes();
            assert!(keys.remove(&mut bytes), "{spelling}");
            assert_eq!(bytes.len(), text.len(), "offsets stay true");
            let clean = String::from_utf8(bytes).expect("UTF-8");
            assert!(clean.starts_with("before KeyRemoved") && clean.ends_with(" after"), "{clean}");
            assert!(!clean.contains("4f2a"), "{clean}");
            let mut same = text.clone();
            assert!(keys.remove_from_text(&mut same));
            assert_eq!(same, clean);
            assert!(keys.masked(&text).starts_with("before ••••"), "{}", keys.masked(&text));
        }
    }

    #[test]
    fn a_percent_sign_of_a_key_is_found_however_often_it_was_encoded() {
        for key in ["50%off-4f2a", "%%25%2525", "a%25b%c3%", "é%é%2"] {
            let keys = KnownKeys::new([key.to_owned()]);
            let mut spelling = key.to_owned();
            for times in 0..=MOST_ENCODINGS {
                assert_eq!(
                    keys.masked(&format!("<{spelling}>")),
                    format!("<{}>", mask(key)),
                    "{times} times: {spelling}"
                );
                spelling = url::form_urlencoded::byte_serialize(spelling.as_bytes()).collect();
            }
            let every: String = key.bytes().map(|byte| format!("%{byte:02x}")).collect();
            assert!(keys.are_in(every.as_bytes()) && keys.are_in(every.replace('%', "%25").as_bytes()), "{every}");
            let json: String = key.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            assert!(keys.are_in(json.as_bytes()), "{json}");
        }
    }

    #[test]
    fn a_key_inside_base64_is_found_wherever_it_begins() {
        let key = "sgk_5f2c9d81e4b7a3600f9e8d7c6b5a4f2a";
        let keys = KnownKeys::new([key.to_owned()]);
        for before in ["", "u", "us", "user:", "user :"] {
            let text = format!("Basic {}", STANDARD.encode(format!("{before}{key} and more")));
            let mut clean = text.clone();
            assert!(keys.remove_from_text(&mut clean), "{before}");
            let decoded = STANDARD.decode(&clean[6..]).expect("still base64");
            let decoded = String::from_utf8_lossy(&decoded).into_owned();
            assert!(!decoded.contains(&key[2..key.len() - 2]) && decoded.ends_with(" and more"), "{decoded}");
        }
    }

    #[test]
    fn json_stays_json() {
        let keys = KnownKeys::new(["nkey-0123".to_owned(), "\"quoted".to_owned()]);
        for text in [r#"{"a":"\nkey-0123"}"#, r#"{"a":"\\nkey-0123\"quoted\""}"#, r#"["\u006ekey-0123"]"#] {
            let mut clean = text.to_owned();
            assert!(keys.remove_from_text(&mut clean), "{text}");
            serde_json::from_str::<serde_json::Value>(&clean).unwrap_or_else(|error| panic!("{clean}: {error}"));
        }
    }

    #[test]
    fn keys_that_overlap_leave_no_rest() {
        let keys = KnownKeys::new(["abcdefgh".to_owned(), "efghijkl".to_owned(), "abc".to_owned()]);
        let mut text = "x abcdefghijkl abc".to_owned();
        assert!(keys.remove_from_text(&mut text));
        assert_eq!(text, "x KeyRemovedKe abc", "three characters are no key");
        assert!(!KnownKeys::default().are_in(b"anything"));
    }
}
