//! The schema that a request carried.

use juxta_wire::endpoint::EndpointKind;
use serde_json::{Value, json};

/// What an answer was asked to be.
#[derive(Debug, Clone, PartialEq)]
pub struct SentSchema {
    pub name: String,
    pub schema: Value,
    /// The request had a schema; without one any object will do.
    pub is_written: bool,
}

impl SentSchema {
    /// Reads the body of a request as it went out. `None` when it asks for no JSON.
    pub fn of(endpoint: EndpointKind, body: &str) -> Option<Self> {
        let place = match endpoint {
            EndpointKind::Chat => "/response_format",
            EndpointKind::Responses => "/text/format",
            EndpointKind::Completions
            | EndpointKind::Generic
            | EndpointKind::Generate
            | EndpointKind::Embed
            | EndpointKind::Image
            | EndpointKind::Transcribe
            | EndpointKind::Synthesize
            | EndpointKind::Models => return None,
        };
        // A body may hold pictures, and most bodies ask for no JSON.
        if !body.contains("json_") {
            return None;
        }
        let body: Value = serde_json::from_str(body).ok()?;
        let format = body.pointer(place)?;
        match format.get("type")?.as_str()? {
            "json_object" => Some(Self::any_object()),
            "json_schema" => {
                // Chat has the members one level deeper than responses.
                let described = format.get("json_schema").unwrap_or(format);
                let name = described.get("name").and_then(Value::as_str).unwrap_or("the schema");
                match described.get("schema") {
                    Some(schema) => Some(Self { name: name.to_owned(), schema: schema.clone(), is_written: true }),
                    None => Some(Self { name: name.to_owned(), ..Self::any_object() }),
                }
            }
            _ => None,
        }
    }

    fn any_object() -> Self {
        Self { name: "JSON object".to_owned(), schema: json!({ "type": "object" }), is_written: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_read_from_where_each_endpoint_has_it() {
        let schema = json!({ "type": "array" });
        let chat =
            json!({ "response_format": { "type": "json_schema", "json_schema": { "name": "n", "schema": schema } } });
        let responses = json!({ "text": { "format": { "type": "json_schema", "name": "n", "schema": schema } } });
        let expected = Some(SentSchema { name: "n".into(), schema, is_written: true });
        assert_eq!(SentSchema::of(EndpointKind::Chat, &chat.to_string()), expected);
        assert_eq!(SentSchema::of(EndpointKind::Responses, &responses.to_string()), expected);
        assert_eq!(SentSchema::of(EndpointKind::Responses, &chat.to_string()), None);
        assert_eq!(SentSchema::of(EndpointKind::Generic, &chat.to_string()), None);
    }

    #[test]
    fn an_object_may_be_asked_for_without_a_schema() {
        for (kind, body) in [
            (EndpointKind::Chat, r#"{"response_format":{"type":"json_object"}}"#),
            (EndpointKind::Responses, r#"{"text":{"format":{"type":"json_object"},"verbosity":"low"}}"#),
        ] {
            let sent = SentSchema::of(kind, body).expect("an object");
            assert_eq!((sent.schema, sent.is_written), (json!({ "type": "object" }), false));
        }
        for body in [r#"{"response_format":{"type":"text"}}"#, r#"{"messages":[]}"#, "no JSON", "[]", ""] {
            assert_eq!(SentSchema::of(EndpointKind::Chat, body), None, "{body}");
        }
    }
}
