//! Keys that a server said back piece by piece: each event carries a few letters, and only together they are the key.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Arrival, ArrivalKind};
use crate::json::{self, Kind, Member, Node};
use crate::redact::{KnownKeys, cover};

/// Members that say which of several texts an event carries a piece of.
const NUMBERS: [&str; 4] = ["index", "output_index", "content_index", "summary_index"];

/// The texts of one place in the events, joined: `choices[0].delta.content`, say.
#[derive(Default)]
struct Joined {
    text: String,
    /// For each byte of `text`, which bytes of the body spell its character.
    origin: Vec<Range<usize>>,
}

/// Covers the pieces where they stand. The texts are put together by their JSON paths, so it needs no knowledge of the
/// dialect.
pub(super) fn remove(body: &mut [u8], arrivals: &[Arrival], keys: &KnownKeys) -> bool {
    let mut joined: BTreeMap<String, Joined> = BTreeMap::new();
    let events: Vec<Range<usize>> = arrivals
        .iter()
        .filter(|arrival| arrival.kind == ArrivalKind::Event)
        .filter_map(|arrival| {
            let start = usize::try_from(arrival.offset).ok()?;
            let end = start + arrival.length as usize;
            (end <= body.len()).then_some(start..end)
        })
        .collect();
    for event in &events {
        collect_event(body, event.clone(), &mut joined);
    }
    let mut touched: Vec<Range<usize>> = Vec::new();
    for (_, joined) in joined {
        for place in keys.find(joined.text.as_bytes()) {
            let mut covered = 0;
            let mut last = 0..0;
            for origin in &joined.origin[place] {
                if *origin != last {
                    cover(&mut body[origin.clone()], covered);
                    covered += origin.len();
                    last = origin.clone();
                    touched.push(origin.clone());
                }
            }
        }
    }
    for event in events.iter().filter(|event| touched.iter().any(|place| event.contains(&place.start))) {
        cover_token_bytes(&mut body[event.clone()]);
    }
    !touched.is_empty()
}

fn collect_event(body: &[u8], event: Range<usize>, joined: &mut BTreeMap<String, Joined>) {
    let mut at = event.start;
    for line in body[event].split_inclusive(|byte| *byte == b'\n' || *byte == b'\r') {
        let start = at;
        at += line.len();
        let Some(data) = line.strip_prefix(b"data:") else { continue };
        let Ok(data) = std::str::from_utf8(data) else { continue };
        let trimmed = data.trim_start();
        let start = start + "data:".len() + (data.len() - trimmed.len());
        if let Ok(value) = json::parse(trimmed) {
            collect(trimmed, &value, start, "", joined);
        }
    }
}

/// `source` begins at `at` in the body.
fn collect(source: &str, node: &Node, at: usize, path: &str, joined: &mut BTreeMap<String, Joined>) {
    match &node.kind {
        Kind::Text => joined.entry(path.to_owned()).or_default().push(node.text(source), at + node.span.start),
        Kind::Object(members) => {
            // Answers that stream side by side, calls of several tools, and items of a response with their parts are told
            // apart by their numbers.
            let is_number = |member: &&Member| NUMBERS.contains(&member.name.as_str());
            let numbers = members.iter().filter(is_number).map(|member| member.value.text(source));
            let index = numbers.collect::<Vec<_>>().join(",");
            for member in members {
                collect(source, &member.value, at, &format!("{path}#{index}.{}", member.name), joined);
            }
        }
        Kind::List(items) => {
            for item in items {
                collect(source, item, at, &format!("{path}[]"), joined);
            }
        }
        Kind::Null | Kind::Boolean | Kind::Number => {}
    }
}

impl Joined {
    /// Adds a JSON string, quotes included, that begins at `at` in the body.
    fn push(&mut self, json: &str, at: usize) {
        let mut rest = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
        let mut at = at + 1;
        while !rest.is_empty() {
            let length = spelled_length(rest);
            let (spelled, after) = rest.split_at(length);
            let text: String = serde_json::from_str(&format!("\"{spelled}\"")).unwrap_or_default();
            self.origin.extend(std::iter::repeat_n(at..at + length, text.len()));
            self.text.push_str(&text);
            at += length;
            rest = after;
        }
    }
}

/// Bytes of the first character of the inside of a JSON string.
fn spelled_length(text: &str) -> usize {
    let Some(escape) = text.strip_prefix('\\') else { return text.chars().next().map_or(0, char::len_utf8) };
    let length = match escape.as_bytes() {
        [b'u', b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B', ..] => 12,
        [b'u', ..] => 6,
        _ => 2,
    };
    length.min(text.len())
}

/// The same letters may stand beside the text as numbers: `"bytes":[115,107]`. Numbers stay numbers of that length.
fn cover_token_bytes(event: &mut [u8]) {
    const NAME: &[u8] = b"\"bytes\"";
    let starts: Vec<usize> = memchr::memmem::find_iter(event, NAME).map(|at| at + NAME.len()).collect();
    for start in starts {
        let Some(open) = event[start..].iter().position(|byte| *byte == b'[').map(|at| start + at) else { continue };
        if event[start..open].iter().any(|byte| !matches!(byte, b':' | b' ')) {
            continue;
        }
        for byte in event[open..].iter_mut().take_while(|byte| **byte != b']') {
            if byte.is_ascii_digit() {
                *byte = b'3';
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(data: &[&str]) -> (Vec<u8>, Vec<Arrival>) {
        let (mut body, mut arrivals) = (Vec::new(), Vec::new());
        for data in data {
            let event = format!("data: {data}\n\n");
            arrivals.push(Arrival {
                kind: ArrivalKind::Event,
                at: 1,
                offset: body.len() as u64,
                length: event.len() as u32,
            });
            body.extend_from_slice(event.as_bytes());
        }
        (body, arrivals)
    }

    #[test]
    fn a_key_that_came_in_pieces_goes_and_its_neighbours_stay() {
        let keys = KnownKeys::new(["sk-12\"34ä56".to_owned()]);
        let (mut body, arrivals) = stream(&[
            r#"{"choices":[{"index":0,"delta":{"content":"It is sk-1"},"logprobs":{"content":[{"token":"x","bytes":[115,7]}]}}]}"#,
            r#"{"choices":[{"index":1,"delta":{"content":"other"}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"2\""}}]}"#,
            r#"{"choices":[{"delta":{"content":"\u0033\u00344\u00e45"},"index":0}]}"#,
            r#"{"choices":[{"delta":{"content":"4\u00e456. Good."},"index":0}]}"#,
            "[DONE]",
        ]);
        assert!(!remove(&mut body, &arrivals, &keys), "this is another text: 3344");
        let (mut body, arrivals) = stream(&[
            r#"{"choices":[{"index":0,"delta":{"content":"It is sk-1"},"logprobs":{"content":[{"token":"x","bytes":[115,7]}]}}]}"#,
            r#"{"choices":[{"index":1,"delta":{"content":"other"}}]}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"2\""}}]}"#,
            r#"{"choices":[{"delta":{"content":"\u00334\u00e45"},"index":0}]}"#,
            r#"{"choices":[{"delta":{"content":"6. Good."},"index":0}]}"#,
            "[DONE]",
        ]);
        let length = body.len();
        assert!(remove(&mut body, &arrivals, &keys));
        assert_eq!(body.len(), length);
        let clean = String::from_utf8(body).expect("UTF-8");
        for kept in ["It is ", "other", ". Good.", "[DONE]", "\"bytes\":[333,3]"] {
            assert!(clean.contains(kept), "{kept}: {clean}");
        }
        for gone in ["sk-1", "2\\\"", "\\u0033"] {
            assert!(!clean.contains(gone), "{gone}: {clean}");
        }
        for line in clean.lines().filter_map(|line| line.strip_prefix("data: {")) {
            serde_json::from_str::<serde_json::Value>(&format!("{{{line}")).expect("still JSON");
        }
    }

    #[test]
    fn pieces_of_items_that_come_by_turns_are_put_together_each_for_itself() {
        let keys = KnownKeys::new(["sk-123456".to_owned()]);
        let (mut body, arrivals) = stream(&[
            r#"{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"sk-12"}"#,
            r#"{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"meanwhile"}"#,
            r#"{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"3456."}"#,
        ]);
        assert!(remove(&mut body, &arrivals, &keys));
        let clean = String::from_utf8(body).expect("UTF-8");
        assert!(clean.contains("meanwhile") && !clean.contains("sk-12") && !clean.contains("3456"), "{clean}");
    }
}
