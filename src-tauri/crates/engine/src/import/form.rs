//! What a lane can take over from a form. Forms go to transcriptions; every other lane sends JSON.

use juxta_client::import::body::Body;
use juxta_client::import::curl::{FormContent, FormPart};
use juxta_wire::draft::{Message, Parameter, Role};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use serde_json::{Map, Value};

use super::content::Content;
use super::target::a_call;

pub(super) fn read(parts: &[FormPart], endpoint: EndpointKind, dialect: Dialect) -> Content {
    let mut body = Body::default();
    match endpoint {
        _ if parts.is_empty() => body.unknown.push("the message (the command has no body)".to_owned()),
        EndpointKind::Transcribe => transcription(parts, dialect, &mut body),
        _ => json_instead(parts, endpoint, &mut body),
    }
    Content { endpoint, body, raw_body: None }
}

/// The model and the prompt of a form; everything else is named.
fn json_instead(parts: &[FormPart], endpoint: EndpointKind, body: &mut Body) {
    body.unknown.push(format!("the form ({} sends JSON)", a_call(endpoint)));
    for part in parts {
        match (part.name.as_str(), &part.content) {
            ("model", FormContent::Text(model)) if body.model.is_empty() => body.model.clone_from(model),
            ("prompt", FormContent::Text(prompt)) if body.messages.is_empty() => {
                body.messages.push(Message::text(Role::User, prompt));
            }
            _ => body.unknown.push(part.named()),
        }
    }
}

/// The fields of a transcription. Its sound is not read from a path that somebody pasted: the person is asked for it.
fn transcription(parts: &[FormPart], dialect: Dialect, body: &mut Body) {
    let mut fields: Vec<(String, Field)> = Vec::new();
    let mut order: Vec<String> = Vec::new();
    for part in parts {
        let name = match (&part.content, part.name.as_str()) {
            (FormContent::File(_), "file") if !order.iter().any(|known| known == "file") => {
                body.unknown.push(format!("{}: open this sound in Audio, and it is sent", part.named()));
                "file".to_owned()
            }
            (FormContent::Text(model), "model") if body.model.is_empty() && !model.is_empty() => {
                body.model.clone_from(model);
                "model".to_owned()
            }
            (FormContent::Text(text), name) if !matches!(name, "" | "file" | "model") => {
                match take(&mut fields, name, text, dialect) {
                    Some(name) => name,
                    None => {
                        body.unknown.push(part.named());
                        continue;
                    }
                }
            }
            _ => {
                body.unknown.push(part.named());
                continue;
            }
        };
        if let (FormContent::Text(_), Some(kind)) = (&part.content, &part.content_type) {
            body.unknown.push(format!("the type {kind} of the form field {}", part.name));
        }
        if let (FormContent::Text(_), Some(file_name)) = (&part.content, &part.file_name) {
            body.unknown.push(format!("the file name {file_name} of the form field {}", part.name));
        }
        if !order.contains(&name) {
            order.push(name);
        }
    }
    let usual = ["model", "file"].into_iter().filter(|name| order.iter().any(|known| known == name));
    if !usual.chain(fields.iter().map(|(name, _)| name.as_str())).eq(order.iter().map(String::as_str)) {
        body.order = order;
    }
    body.parameters = fields.into_iter().map(|(name, field)| Parameter { json: field.json(&name), name }).collect();
}

/// What one or more fields of a form are the parameter of.
enum Field {
    Text(String),
    List(Vec<String>),
    Members(Map<String, Value>),
}

impl Field {
    fn json(self, name: &str) -> String {
        match self {
            // A form has only texts; these two are no texts in the words of the endpoint.
            Self::Text(text) if name == "stream" && matches!(text.as_str(), "true" | "false") => text,
            Self::Text(text) if name == "temperature" && is_number(&text) => text,
            Self::Text(text) => Value::String(text).to_string(),
            Self::List(texts) => Value::from(texts).to_string(),
            Self::Members(members) => Value::Object(members).to_string(),
        }
    }
}

fn is_number(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    begins && !text.ends_with(char::is_whitespace) && serde_json::from_str::<f64>(text).is_ok()
}

/// Adds a field to those that are known; gives the name of its parameter, or nothing when a form of that dialect could not
/// have sent it.
fn take(fields: &mut Vec<(String, Field)>, name: &str, text: &str, dialect: Dialect) -> Option<String> {
    let brackets = |name: &str| {
        let (base, inner) = name.strip_suffix(']')?.split_once('[')?;
        (!base.is_empty() && !inner.contains(['[', ']'])).then(|| (base.to_owned(), inner.to_owned()))
    };
    let (base, inner) = match (dialect, brackets(name)) {
        (Dialect::OpenAi, Some((base, inner))) => (base, Some(inner)),
        _ => (name.to_owned(), None),
    };
    let known = fields.iter_mut().find(|(known, _)| *known == base).map(|(_, field)| field);
    match (known, inner) {
        (None, None) => fields.push((base.clone(), Field::Text(text.to_owned()))),
        (None, Some(inner)) if inner.is_empty() => fields.push((base.clone(), Field::List(vec![text.to_owned()]))),
        (None, Some(inner)) => {
            fields.push((base.clone(), Field::Members(Map::from_iter([(inner, Value::from(text))]))));
        }
        (Some(Field::List(texts)), Some(inner)) if inner.is_empty() => texts.push(text.to_owned()),
        (Some(Field::Members(members)), Some(inner)) if !inner.is_empty() && !members.contains_key(&inner) => {
            members.insert(inner, Value::from(text));
        }
        // Here a list repeats its name.
        (Some(Field::List(texts)), None) if dialect != Dialect::OpenAi => texts.push(text.to_owned()),
        (Some(field @ Field::Text(_)), None) if dialect != Dialect::OpenAi => {
            if let Field::Text(first) = field {
                *field = Field::List(vec![std::mem::take(first), text.to_owned()]);
            }
        }
        (Some(_), _) => return None,
    }
    Some(base)
}

#[cfg(test)]
mod tests {
    use juxta_client::import::curl;

    use super::*;

    /// Model, parameters with their JSON, the order of all, and what has no place.
    type Imported = (String, Vec<(String, String)>, Vec<String>, Vec<String>);

    fn imported(dialect: Dialect, form: &str) -> Imported {
        let command =
            curl::parse(&format!("curl https://a.example/v1/audio/transcriptions {form}")).expect("a command");
        let body = read(&command.form, EndpointKind::Transcribe, dialect).body;
        let parameters = body.parameters.into_iter().map(|parameter| (parameter.name, parameter.json)).collect();
        (body.model, parameters, body.order, body.unknown)
    }

    #[test]
    fn a_form_becomes_a_transcription_and_asks_for_its_sound() {
        let (model, parameters, order, unknown) = imported(
            Dialect::OpenAi,
            r#"-F model=whisper-1 -F 'file=@talks/größe.mp3;type=audio/mpeg;filename="a b.mp3"' -F temperature=0.20 \
               -F 'timestamp_granularities[]=word' -F 'timestamp_granularities[]=segment' --form-string 'prompt=@x;y "z"' \
               -F 'chunking_strategy[type]=server_vad' -F stream=true -F language=1"#,
        );
        let owned = |rows: &[(&str, &str)]| -> Vec<(String, String)> {
            rows.iter().map(|(name, json)| ((*name).to_owned(), (*json).to_owned())).collect()
        };
        assert_eq!(model, "whisper-1");
        assert_eq!(
            parameters,
            owned(&[
                ("temperature", "0.20"),
                ("timestamp_granularities", r#"["word","segment"]"#),
                ("prompt", r#""@x;y \"z\"""#),
                ("chunking_strategy", r#"{"type":"server_vad"}"#),
                ("stream", "true"),
                ("language", "\"1\""),
            ])
        );
        assert_eq!(order, Vec::<String>::new(), "the usual one");
        assert_eq!(unknown.len(), 1, "{unknown:?}");
        assert!(unknown[0].contains("talks/größe.mp3") && unknown[0].contains("open this sound"), "{unknown:?}");
    }

    #[test]
    fn what_has_no_place_is_named_and_another_order_stays() {
        let (model, parameters, order, unknown) = imported(
            Dialect::OpenAi,
            "-F file=@a.wav -F file=@b.wav -F 'prompt=<notes.txt' -F 'x=1;type=text/x' -F x=2 -F model=m -F 'g=(' -F '=)'",
        );
        assert_eq!((model.as_str(), parameters), ("m", vec![("x".to_owned(), "\"1\"".to_owned())]));
        assert_eq!(order, ["file", "x", "model"]);
        let all = unknown.join("\n");
        for word in [
            "a.wav",
            "b.wav",
            "notes.txt",
            "the type text/x of the form field x",
            "the form field x (a text)",
            "field g",
        ] {
            assert!(all.contains(word), "{word}: {all}");
        }
    }

    #[test]
    fn a_list_repeats_its_name_where_the_dialect_does_so() {
        let (_, parameters, _, unknown) =
            imported(Dialect::ScaigridV1, "-F model=m -F t=word -F t=segment -F t=x -F 'u[]=1'");
        let expected = [("t", r#"["word","segment","x"]"#), ("u[]", "\"1\"")];
        assert_eq!(parameters, expected.map(|(name, json)| (name.to_owned(), json.to_owned())));
        assert_eq!(unknown, Vec::<String>::new());
    }
}
