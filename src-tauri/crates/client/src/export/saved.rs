//! Answers that are no text: the code saves them as a file.

use juxta_wire::endpoint::EndpointKind;

use super::Request;
use super::value::{self, Value};
use crate::providers;

impl Request {
    /// What the answer's bytes are saved as, where they are a sound.
    pub(super) fn saves(&self) -> Option<String> {
        let url = self.url.literal()?;
        let (_, endpoint) = providers::endpoint_of(url)?;
        if endpoint != EndpointKind::Synthesize || self.streams {
            return None;
        }
        let Ok(Value::Object(members)) = value::read(&self.body) else { return None };
        let text = |name: &str| {
            members.iter().find_map(|member| match &member.value {
                Value::Text(text) if member.name.literal() == Some(name) => text.literal(),
                _ => None,
            })
        };
        // Events are text.
        if text("stream_format") == Some("sse") {
            return None;
        }
        Some(format!("speech.{}", ending(text("response_format"), "mp3")))
    }

    /// How the name of a picture ends that this request asks for.
    pub(super) fn picture_ending(&self) -> String {
        let Ok(Value::Object(members)) = value::read(&self.body) else { return "png".to_owned() };
        let format = members.iter().find_map(|member| match &member.value {
            Value::Text(text) if member.name.literal() == Some("output_format") => text.literal(),
            _ => None,
        });
        ending(format, "png")
    }
}

/// A format as the end of a file's name, where it can be one.
fn ending(format: Option<&str>, usual: &str) -> String {
    let is_plain = |format: &&str| {
        (1..=8).contains(&format.len()) && format.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    format.filter(is_plain).unwrap_or(usual).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_is_saved_under_the_ending_of_its_format() {
        for (path, body, name) in [
            ("/v1/audio/speech", r#"{"model":"m","input":"x"}"#, Some("speech.mp3")),
            ("/v1/audio/speech", r#"{"response_format":"flac"}"#, Some("speech.flac")),
            ("/v1/audio/speech", r#"{"response_format":"../../x"}"#, Some("speech.mp3")),
            ("/v1/audio/speech", r#"{"stream_format":"sse"}"#, None),
            ("/v1/inference/audio/synthesize", r#"{"response_format":"pcm"}"#, Some("speech.pcm")),
            ("/v1/chat/completions", "{}", None),
        ] {
            let url = format!("https://a.example{path}");
            let request = Request { url: url.as_str().into(), body: body.into(), ..Request::default() };
            assert_eq!(request.saves().as_deref(), name, "{path} {body}");
        }
    }
}
