//! The sound of an answer: base64 in many small pieces, of which the mappers keep nothing.

use std::borrow::Cow;

use juxta_wire::endpoint::EndpointKind;

use super::chat::{Chunk, Delta, choice_index, unwrapped};
use super::responses::{Event, Says};
use crate::loose::{self, members};

members!(Part {
    kind: loose::Raw<'a> = "type",
    data: loose::Raw<'a> = "data",
});

/// Gathers the bytes of one choice's sound from the events of a stream, or from the document that an answer is.
///
/// ```
/// use juxta_client::endpoints::Spoken;
/// use juxta_wire::endpoint::EndpointKind;
///
/// let mut spoken = Spoken::new(EndpointKind::Chat, 0);
/// spoken.event("", r#"{"choices":[{"index":0,"delta":{"audio":{"data":"UklG"}}}]}"#);
/// assert_eq!(spoken.into_bytes(), b"RIF");
/// ```
#[derive(Debug)]
pub struct Spoken {
    endpoint: EndpointKind,
    choice: u32,
    base64: Base64,
}

impl Spoken {
    /// The sound of a response belongs to none of its items, so `choice` says nothing there.
    pub fn new(endpoint: EndpointKind, choice: u32) -> Self {
        Self { endpoint, choice, base64: Base64::default() }
    }

    /// Takes one event; one that carries no sound does nothing.
    pub fn event(&mut self, name: &str, data: &str) {
        match self.endpoint {
            EndpointKind::Responses => {
                let Ok(Some(event)) = loose::object::<Event<'_>>(data.trim()) else { return };
                let kind = loose::some_text(event.kind).unwrap_or(Cow::Borrowed(name));
                if let Says::Audio = Says::of(&kind) {
                    self.base64.push(&loose::text(event.delta).unwrap_or_default());
                }
            }
            _ => self.chunk(data.trim()),
        }
    }

    /// Takes an answer that came as one JSON document.
    pub fn document(&mut self, json: &[u8]) {
        let text = String::from_utf8_lossy(json);
        self.chunk(text.trim_start_matches('\u{FEFF}'));
    }

    fn chunk(&mut self, json: &str) {
        let Ok(Some(chunk)) = loose::object::<Chunk<'_>>(json) else { return };
        for (position, choice) in unwrapped(chunk).choices.items().into_iter().enumerate() {
            if choice_index(&choice, position) != self.choice {
                continue;
            }
            match (choice.delta.0, choice.message.0) {
                (Some(delta), _) => self.delta(&delta),
                // A last message that repeats the deltas says nothing new.
                (None, Some(message)) if self.base64.is_empty() => self.delta(&message),
                (None, _) => {}
            }
        }
    }

    fn delta(&mut self, delta: &Delta<'_>) {
        if let Some(audio) = &delta.audio.0 {
            self.base64.push(&loose::text(audio.data).unwrap_or_default());
        }
        // Some servers give it as a part of the content.
        for part in loose::elements(delta.content) {
            let Ok(Some(part)) = loose::object::<Part<'_>>(part.get()) else { continue };
            if loose::text(part.kind).is_some_and(|kind| matches!(&*kind, "audio" | "output_audio")) {
                self.base64.push(&loose::text(part.data).unwrap_or_default());
            }
        }
    }

    /// Half a byte at the end is none.
    pub fn into_bytes(mut self) -> Vec<u8> {
        self.base64.close_group();
        self.base64.bytes
    }
}

/// Base64 that goes on. Fragments may be padded one by one, or cut anywhere; letters of neither alphabet are passed over.
#[derive(Debug, Default)]
struct Base64 {
    bytes: Vec<u8>,
    /// Up to three letters, six bits each.
    bits: u32,
    letters: u32,
}

impl Base64 {
    fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.letters == 0
    }

    fn push(&mut self, text: &str) {
        self.bytes.reserve(text.len() / 4 * 3);
        for letter in text.bytes() {
            let six = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'a'..=b'z' => letter - b'a' + 26,
                b'0'..=b'9' => letter - b'0' + 52,
                b'+' | b'-' => 62,
                b'/' | b'_' => 63,
                b'=' => {
                    self.close_group();
                    continue;
                }
                _ => continue,
            };
            self.bits = self.bits << 6 | u32::from(six);
            self.letters += 1;
            if self.letters == 4 {
                self.bytes.extend_from_slice(&self.bits.to_be_bytes()[1..]);
                (self.bits, self.letters) = (0, 0);
            }
        }
    }

    fn close_group(&mut self) {
        let [_, first, second, _] = (self.bits << (6 * (4 - self.letters.min(4)))).to_be_bytes();
        match self.letters {
            2 => self.bytes.push(first),
            3 => self.bytes.extend_from_slice(&[first, second]),
            _ => {}
        }
        (self.bits, self.letters) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn delta(index: u32, audio: serde_json::Value) -> String {
        json!({"choices": [{"index": index, "delta": {"audio": audio}}]}).to_string()
    }

    #[test]
    fn fragments_of_a_chat_belong_to_their_choice() {
        let mut spoken = Spoken::new(EndpointKind::Chat, 1);
        spoken.event("", &delta(1, json!({"id": "audio_1", "transcript": "Hi"})));
        spoken.event("", &delta(0, json!({"data": STANDARD.encode("other")})));
        spoken.event("", &delta(1, json!({"data": STANDARD.encode("a")})));
        spoken.event("", &delta(1, json!({"data": STANDARD.encode("bc 🐟"), "transcript": null})));
        spoken.event("", "[DONE]");
        spoken.event("", &delta(1, json!(7)));
        // Repeats what came.
        spoken.event("", &json!({"choices": [{"index": 1, "message": {"audio": {"data": "YWJj"}}}]}).to_string());
        assert_eq!(spoken.into_bytes(), "abc 🐟".as_bytes());
    }

    #[test]
    fn documents_have_it_in_the_message_or_in_a_part() {
        let message =
            json!({"content": null, "audio": {"id": "a", "data": "UklG", "transcript": "Hi", "expires_at": 1}});
        let plain = json!({"choices": [{"index": 0, "message": message}]});
        let part = json!({"content": [{"type": "text", "text": "Hi"}, {"type": "audio", "data": "UklG"}]});
        for document in
            [plain.clone(), json!({"status": "ok", "data": plain}), json!({"choices": [{"index": 0, "message": part}]})]
        {
            let mut spoken = Spoken::new(EndpointKind::Chat, 0);
            spoken.document(document.to_string().as_bytes());
            assert_eq!(spoken.into_bytes(), b"RIF", "{document}");
        }
    }

    #[test]
    fn events_of_a_response_are_of_one_sound() {
        let mut spoken = Spoken::new(EndpointKind::Responses, 4);
        for (name, data) in [
            ("", r#"{"type":"response.audio.delta","delta":"Uk"}"#),
            ("response.audio.delta", r#"{"delta":"lG"}"#),
            ("", r#"{"type":"response.audio.transcript.delta","delta":"UklG"}"#),
            ("", r#"{"type":"response.output_audio.delta","delta":"Rg=="}"#),
            ("", "{"),
        ] {
            spoken.event(name, data);
        }
        assert_eq!(spoken.into_bytes(), b"RIFF");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn bytes_come_back_however_they_were_cut(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 0..6), cut in 1usize..5) {
            let mut padded = Base64::default();
            let mut url_safe = Base64::default();
            for part in &parts {
                padded.push(&STANDARD.encode(part));
                url_safe.push(&URL_SAFE.encode(part));
            }
            let mut whole = Base64::default();
            let text = STANDARD_NO_PAD.encode(parts.concat());
            text.as_bytes().chunks(cut).for_each(|letters| whole.push(str::from_utf8(letters).expect("ASCII")));
            whole.close_group();
            prop_assert_eq!(&padded.bytes, &parts.concat());
            prop_assert_eq!(&url_safe.bytes, &parts.concat());
            prop_assert_eq!(&whole.bytes, &parts.concat());
        }
    }
}
