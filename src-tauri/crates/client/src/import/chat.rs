//! A chat body as JSON text, read back into a model, messages and parameters: the way back of
//! [`crate::endpoints::chat::encode`]. Numbers keep their spelling and keys their order.

use std::fmt;

use juxta_wire::draft::{Content, Message, Parameter, Part, Role};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// What a chat body holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChatBody {
    /// Empty when the body names none.
    pub model: String,
    pub messages: Vec<Message>,
    /// Every other member, in order.
    pub parameters: Vec<Parameter>,
    /// What has no place in these, by its path: `messages[2].role`.
    pub unknown: Vec<String>,
}

/// Reads `body`. Nothing makes it fail: what does not fit is named.
pub fn read(body: &str) -> ChatBody {
    let mut read = ChatBody::default();
    let members: Members<'_> = match serde_json::from_str(body) {
        Ok(members) => members,
        Err(error) => {
            read.unknown.push(match error.is_data() {
                true => "the body (it is no JSON object)".to_owned(),
                // The words of the error may quote the body.
                false => format!("the body (no JSON at its line {} column {})", error.line(), error.column()),
            });
            return read;
        }
    };
    let mut has_messages = false;
    for (name, value) in unique(members, "", &mut read.unknown) {
        match name.as_str() {
            "model" => match string(value) {
                Some(model) => read.model = model,
                None => read.unknown.push(name),
            },
            "messages" => {
                has_messages = true;
                read.messages = messages(value, &mut read.unknown);
            }
            _ => read.parameters.push(Parameter { name, json: value.get().to_owned() }),
        }
    }
    if !has_messages {
        read.unknown.push("the kind of call (the body has no messages)".to_owned());
    }
    read
}

fn messages(value: &RawValue, unknown: &mut Vec<String>) -> Vec<Message> {
    let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(value.get()) else {
        unknown.push("messages".to_owned());
        return Vec::new();
    };
    items.iter().enumerate().filter_map(|(at, item)| message(item, &format!("messages[{at}]"), unknown)).collect()
}

fn message(value: &RawValue, path: &str, unknown: &mut Vec<String>) -> Option<Message> {
    let Ok(given) = serde_json::from_str::<Members<'_>>(value.get()) else {
        unknown.push(path.to_owned());
        return None;
    };
    let mut role = None;
    let mut content = Content::Null;
    let mut members = Vec::new();
    for (name, value) in unique(given, path, unknown) {
        match name.as_str() {
            "role" => role = string(value).and_then(|role| Role::ALL.into_iter().find(|known| known.as_str() == role)),
            "content" => match read_content(value) {
                Some(read) => content = read,
                None => unknown.push(format!("{path}.content")),
            },
            _ => members.push(Parameter { name, json: value.get().to_owned() }),
        }
    }
    let Some(role) = role else {
        // A message whose role is not known would say something else under another one.
        unknown.push(format!("{path} (its role)"));
        return None;
    };
    Some(Message { content, members, ..Message::text(role, "") })
}

fn read_content(value: &RawValue) -> Option<Content> {
    if value.get() == "null" {
        return Some(Content::Null);
    }
    if let Some(text) = string(value) {
        return Some(Content::Text { text });
    }
    let parts: Vec<&RawValue> = serde_json::from_str(value.get()).ok()?;
    Some(Content::Parts { parts: parts.into_iter().map(part).collect() })
}

/// A text or an image when it holds exactly what their forms hold; else it stays as it is.
fn part(value: &RawValue) -> Part {
    known_part(value).unwrap_or_else(|| Part::Raw { json: value.get().to_owned() })
}

fn known_part(value: &RawValue) -> Option<Part> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Text {
        text: String,
        #[serde(rename = "type")]
        kind: String,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Image {
        image_url: Url,
        #[serde(rename = "type")]
        kind: String,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Url {
        url: String,
        // `null` is not the same as no detail, and fails here.
        #[serde(default, deserialize_with = "some_string")]
        detail: Option<String>,
    }

    if let Ok(Text { text, kind }) = serde_json::from_str(value.get()) {
        return (kind == "text").then_some(Part::Text { text });
    }
    let Image { image_url, kind } = serde_json::from_str(value.get()).ok()?;
    (kind == "image_url").then_some(Part::Image { url: image_url.url, detail: image_url.detail })
}

fn some_string<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

fn string(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

/// Of two members of one name the later one counts, as with nearly every parser; the other is named.
fn unique<'a>(members: Members<'a>, path: &str, unknown: &mut Vec<String>) -> Vec<(String, &'a RawValue)> {
    let mut unique: Vec<(String, &RawValue)> = Vec::with_capacity(members.0.len());
    for (name, value) in members.0 {
        match unique.iter_mut().find(|(known, _)| *known == name) {
            Some((_, earlier)) => {
                *earlier = value;
                let dot = if path.is_empty() { "" } else { "." };
                unknown.push(format!("{path}{dot}{name} (it is there twice)"));
            }
            None => unique.push((name, value)),
        }
    }
    unique
}

/// The members of an object in order, values as they are spelled.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(pairs)
            }
        }
        deserializer.deserialize_map(Pairs).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::chat;

    fn back(body: &str) -> String {
        let read = read(body);
        assert_eq!(read.unknown, Vec::<String>::new(), "{body}");
        let bytes = chat::encode(&read.model, &read.messages, &read.parameters).expect("a body");
        String::from_utf8(bytes).expect("UTF-8")
    }

    #[test]
    fn a_body_comes_back_as_it_was_written() {
        for body in [
            r#"{"model":"a/b","messages":[{"role":"user","content":"Hi"}]}"#,
            r#"{"model":"","messages":[],"temperature":0.20,"seed":12345678901234567890123,"x":1e-3,"stop":[ "a" ]}"#,
            r#"{"model":"m","messages":[{"role":"user","content":""},{"role":"assistant","content":null,"tool_calls":[{"id":"c","n":1.0}]},{"role":"tool","content":"4","tool_call_id":"c"}]}"#,
            r#"{"model":"m","messages":[{"role":"developer","content":"“ä” 🐟 `x` $HOME \\ \" \n"}],"z":1,"a":{"c":0,"b":null}}"#,
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}},{"type":"image_url","image_url":{"url":"https://a.example/null.png"}},{"type":"image_url","image_url":{"url":"u","detail":"low"}}]}]}"#,
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}},{"type":"input_audio","input_audio":{"data":""}},{"type":"image_url","image_url":{"url":"u","detail":null}},{"text":"odd","type":"other"},7,null]}]}"#,
        ] {
            assert_eq!(back(body), body);
        }
    }

    #[test]
    fn what_has_no_place_is_named_by_its_path() {
        for (body, expected) in [
            ("", "the body (no JSON at its line 1 column 0)"),
            ("a=b", "the body (no JSON at its line 1 column 1)"),
            ("[]", "the body (it is no JSON object)"),
            (r#"{"input":"x"}"#, "the kind of call (the body has no messages)"),
            (r#"{"model":4,"messages":[]}"#, "model"),
            (r#"{"messages":"hello"}"#, "messages"),
            (r#"{"messages":[4]}"#, "messages[0]"),
            (r#"{"messages":[{"role":"function","content":"x"}]}"#, "messages[0] (its role)"),
            (r#"{"messages":[{"content":"x"}]}"#, "messages[0] (its role)"),
            (r#"{"messages":[{"role":"user","content":{"a":1}}]}"#, "messages[0].content"),
            (r#"{"messages":[],"n":1,"n":2}"#, "n (it is there twice)"),
            (r#"{"messages":[{"role":"user","role":"system","content":""}]}"#, "messages[0].role (it is there twice)"),
        ] {
            assert_eq!(read(body).unknown, [expected], "{body}");
        }
        assert_eq!(read(r#"{"messages":[],"n":1,"n":2}"#).parameters, [Parameter::new("n", "2")]);
    }
}
