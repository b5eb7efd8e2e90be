//! The parts of a body that only these endpoints have.

use juxta_wire::draft::{Message, sort_members};
use juxta_wire::endpoint::Dialect;
use juxta_wire::error::AppError;
use juxta_wire::exchange::SentKey;
use serde_json::Value;

use crate::endpoints::carry::Notes;
use crate::endpoints::encode::Form;
use crate::endpoints::prompt;
use crate::endpoints::writer::{Writer, check_json, invalid};
use crate::multipart::{self, Content, Part, Written};

/// What a picture is drawn of, or what is spoken: the texts of the messages. What is no text is not sent and noted.
pub(in crate::endpoints) fn one_text(lead: Option<&str>, messages: &[Message], notes: &mut Notes) -> String {
    let mut own = Notes::new(false);
    let text = prompt::prompt_text(lead, messages, &mut own);
    notes.list.extend(own.list.into_iter().filter(|note| note.to.is_none()));
    text
}

/// A list of texts; one text bare where that is wanted.
pub(in crate::endpoints) fn write_texts(body: &mut Writer, texts: &[String], bare: bool) {
    if let ([text], true) = (texts, bare) {
        return body.string(text);
    }
    body.bytes(b"[");
    for text in texts {
        body.separate(b'[');
        body.string(text);
    }
    body.bytes(b"]");
}

/// The form of a transcription: the model, the file, and a field of text for each parameter.
///
/// # Errors
/// [`AppError::Invalid`] for a parameter whose text is no JSON, or one that stands there twice.
pub(in crate::endpoints) fn transcription(
    form: &Form<'_>,
    keys: &[SentKey],
    order: &[String],
    notes: &mut Notes,
) -> Result<Written, AppError> {
    let mut fields: Vec<(&str, Field<'_>)> = vec![("model", Field::Texts(vec![("model".into(), form.model.into())]))];
    fields.extend(form.attached.map(|file| {
        let content = Content::File { name: file.name, media_type: file.media_type, bytes: file.bytes };
        ("file", Field::File(content))
    }));
    for key in keys {
        check_json(&key.name, &key.json)?;
        if fields.iter().any(|(name, _)| *name == key.name) {
            return Err(invalid(&key.name, "This field is already sent; a form has it only once."));
        }
        let texts = texts_of(form.route.dialect, &key.name, &key.json);
        if texts.is_empty() {
            notes.lost(&key.name, "A form has only texts, and there is none in it.");
        }
        fields.push((&key.name, Field::Texts(texts)));
    }
    sort_members(&mut fields, order, |(name, _)| name);
    let parts: Vec<Part<'_>> = fields
        .iter()
        .flat_map(|(name, field)| match field {
            Field::File(content) => vec![Part { name, content: *content }],
            Field::Texts(texts) => {
                texts.iter().map(|(name, text)| Part { name, content: Content::Text(text) }).collect()
            }
        })
        .collect();
    Ok(multipart::write(&parts))
}

enum Field<'a> {
    File(Content<'a>),
    /// The fields that a parameter becomes: name and text.
    Texts(Vec<(String, String)>),
}

/// A value as fields. A list repeats its name; OpenAI's own client puts `[]` behind it, and ScaiGrid's document names none.
/// An object becomes a field for each member, `name[member]`. Numbers keep their spelling.
fn texts_of(dialect: Dialect, name: &str, json: &str) -> Vec<(String, String)> {
    let nested = |json: &str| {
        // Members and items stay as they are spelled; only the outermost form is opened.
        let raw: Vec<Box<serde_json::value::RawValue>> = serde_json::from_str(json).unwrap_or_default();
        raw.iter().map(|item| plain(item.get())).collect::<Vec<String>>()
    };
    match json.trim_start().as_bytes().first() {
        Some(b'n') => Vec::new(),
        Some(b'[') => {
            let name = match dialect {
                Dialect::OpenAi => format!("{name}[]"),
                Dialect::ScaigridV1 | Dialect::ScaleV5 => name.to_owned(),
            };
            nested(json).into_iter().map(|text| (name.clone(), text)).collect()
        }
        Some(b'{') if dialect == Dialect::OpenAi => {
            let members = crate::endpoints::carry::members(json).unwrap_or_default();
            members.iter().map(|member| (format!("{name}[{}]", member.name), plain(&member.json))).collect()
        }
        _ => vec![(name.to_owned(), plain(json))],
    }
}

/// The content of a string; every other value as it is spelled.
fn plain(json: &str) -> String {
    match serde_json::from_str::<Value>(json) {
        Ok(Value::String(text)) => text,
        _ => json.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_becomes_the_fields_that_servers_read() {
        let owned = |fields: &[(&str, &str)]| -> Vec<(String, String)> {
            fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
        };
        for (dialect, json, expected) in [
            (Dialect::OpenAi, r#""Grüße \"\\\n""#, &[("p", "Grüße \"\\\n")][..]),
            (Dialect::OpenAi, " 0.20 ", &[("p", "0.20")]),
            (Dialect::OpenAi, "true", &[("p", "true")]),
            (Dialect::OpenAi, "null", &[]),
            (Dialect::OpenAi, r#"["word","segment"]"#, &[("p[]", "word"), ("p[]", "segment")]),
            (Dialect::ScaigridV1, r#"["word","segment"]"#, &[("p", "word"), ("p", "segment")]),
            (Dialect::ScaigridV1, "[]", &[]),
            (
                Dialect::OpenAi,
                r#"{"type":"server_vad","threshold":0.50}"#,
                &[("p[type]", "server_vad"), ("p[threshold]", "0.50")],
            ),
            (Dialect::ScaigridV1, r#"{"a":1.0}"#, &[("p", r#"{"a":1.0}"#)]),
            (Dialect::OpenAi, "1e400", &[("p", "1e400")]),
        ] {
            assert_eq!(texts_of(dialect, "p", json), owned(expected), "{json}");
        }
    }

    #[test]
    fn texts_are_a_list_unless_one_is_wanted_bare() {
        let written = |texts: &[&str], bare| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            let mut body = Writer::default();
            write_texts(&mut body, &texts, bare);
            String::from_utf8(body.bytes).expect("UTF-8")
        };
        assert_eq!(written(&["a"], true), "\"a\"");
        assert_eq!(written(&["a"], false), "[\"a\"]");
        assert_eq!(written(&["a", "{{b}} \"\\"], true), r#"["a","{{b}} \"\\"]"#);
        assert_eq!(written(&[], false), "[]");
    }
}
