//! The body of a chat request.

use juxta_wire::draft::{Content, Message, Parameter, Part, Role, sort_members};
use juxta_wire::error::AppError;

use crate::endpoints::encode::write_body;
use crate::endpoints::writer::{Members, Writer};

/// `{"model":…,"messages":[…],…}`: the parameters follow in their order, each with its JSON text untouched, so that
/// `0.20` goes out as `0.20`. Messages that are muted stay out. `order` names the members in another order, as
/// [`Draft::order`](juxta_wire::draft::Draft::order) says.
///
/// The error names what does not fit: a parameter whose text is no JSON, a name that stands there twice, or that would
/// write over `model`, `messages`, `role` or `content`. Messages are named by their place in `messages`, muted ones
/// counted: `messages[2].tool_calls`.
pub fn encode(
    model: &str,
    messages: &[Message],
    parameters: &[Parameter],
    order: &[String],
) -> Result<Vec<u8>, AppError> {
    write_body(model, Some(("messages", &|body| write_messages(body, messages))), parameters, order)
}

/// The value of `messages`.
pub(in crate::endpoints) fn write_messages(body: &mut Writer, messages: &[Message]) -> Result<(), AppError> {
    body.bytes(b"[");
    for (at, message) in messages.iter().enumerate().filter(|(_, message)| !message.muted) {
        body.separate(b'[');
        write_message(body, &format!("messages[{at}]"), message)?;
    }
    body.bytes(b"]");
    Ok(())
}

/// One message as it stands in a body.
///
/// # Errors
/// As [`encode`], with paths that begin at the message: `.tool_calls`.
pub fn encode_message(message: &Message) -> Result<Vec<u8>, AppError> {
    let mut body = Writer::default();
    write_message(&mut body, "", message)?;
    Ok(body.bytes)
}

/// What a message may hold.
#[derive(Clone, Copy)]
enum Member<'a> {
    Role(Role),
    Content(&'a Content),
    Other(&'a Parameter),
}

impl Member<'_> {
    fn name(&self) -> &str {
        match self {
            Member::Role(_) => "role",
            Member::Content(_) => "content",
            Member::Other(parameter) => &parameter.name,
        }
    }
}

fn write_message(body: &mut Writer, path: &str, message: &Message) -> Result<(), AppError> {
    let content = (message.content != Content::Absent).then_some(Member::Content(&message.content));
    let usual = std::iter::once(Member::Role(message.role)).chain(content);
    let mut all: Vec<Member<'_>> = usual.chain(message.members.iter().map(Member::Other)).collect();
    sort_members(&mut all, &message.order, Member::name);
    let mut members = Members::open(body, path);
    for member in all {
        match member {
            Member::Role(role) => members.string("role", role.as_str())?,
            Member::Content(content) => write_content(members.name("content")?, path, content)?,
            Member::Other(parameter) => members.json(&parameter.name, &parameter.json)?,
        }
    }
    members.close();
    Ok(())
}

fn write_content(body: &mut Writer, path: &str, content: &Content) -> Result<(), AppError> {
    match content {
        Content::Null | Content::Absent => body.bytes(b"null"),
        Content::Text { text } => body.string(text),
        Content::Parts { parts } => {
            body.bytes(b"[");
            for (at, part) in parts.iter().enumerate() {
                body.separate(b'[');
                write_part(body, &format!("{path}.content[{at}]"), part)?;
            }
            body.bytes(b"]");
        }
    }
    Ok(())
}

/// What a file may hold, in the order in which it is written.
pub(crate) const FILE_MEMBERS: [&str; 4] = ["filename", "file_data", "file_id", "file_url"];

fn write_part(body: &mut Writer, path: &str, part: &Part) -> Result<(), AppError> {
    match part {
        Part::Text { text } => {
            body.bytes(br#"{"type":"text","text":"#);
            body.string(text);
            body.bytes(b"}");
        }
        Part::Image { url, detail } => {
            body.bytes(br#"{"type":"image_url","image_url":{"url":"#);
            body.string(url);
            if let Some(detail) = detail {
                body.bytes(br#","detail":"#);
                body.string(detail);
            }
            body.bytes(b"}}");
        }
        Part::Audio { data, format } => {
            body.bytes(br#"{"type":"input_audio","input_audio":{"data":"#);
            body.string(data);
            body.bytes(br#","format":"#);
            body.string(format);
            body.bytes(b"}}");
        }
        Part::File { name, data, id, url } => {
            body.bytes(br#"{"type":"file","file":"#);
            let mut file = Members::open(body, path);
            for (name, value) in FILE_MEMBERS.into_iter().zip([name, data, id, url]) {
                if let Some(value) = value {
                    file.string(name, value)?;
                }
            }
            file.close();
            body.bytes(b"}");
        }
        Part::Raw { json } => body.json(path, json)?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(messages: &[Message], parameters: &[Parameter]) -> Result<String, String> {
        match encode("openai/gpt-4o", messages, parameters, &[]) {
            Ok(bytes) => Ok(String::from_utf8(bytes).expect("UTF-8")),
            Err(AppError::Invalid { field, .. }) => Err(field),
            Err(other) => panic!("{other}"),
        }
    }

    fn message(role: Role, content: Content, members: &[(&str, &str)]) -> Message {
        let members = members.iter().map(|(name, json)| Parameter::new(*name, *json)).collect();
        Message { content, members, ..Message::text(role, "") }
    }

    #[test]
    fn values_keep_their_spelling_and_their_order() {
        let parameters = [
            Parameter::new("temperature", "0.20"),
            Parameter::new("seed", "12345678901234567890123"),
            Parameter::new("stop", "[ \"END\",\n \"\\u0041\" ]"),
            Parameter::new("metadata", r#"{"b":1e-3,"a":null}"#),
            Parameter::new("x-\"odd\"", "null"),
            Parameter::new("stream", "true"),
        ];
        assert_eq!(
            encoded(&[], &parameters).as_deref(),
            Ok(concat!(
                r#"{"model":"openai/gpt-4o","messages":[],"temperature":0.20,"seed":12345678901234567890123,"#,
                "\"stop\":[ \"END\",\n \"\\u0041\" ],",
                r#""metadata":{"b":1e-3,"a":null},"x-\"odd\"":null,"stream":true}"#
            ))
        );
    }

    #[test]
    fn messages_of_every_form_are_written_and_muted_ones_left_out() {
        let parts = vec![
            Part::Text { text: "What is \"this\"?\n".to_owned() },
            Part::Image { url: "data:image/png;base64,AA==".to_owned(), detail: Some("low".to_owned()) },
            Part::Image { url: "https://example.org/a.png".to_owned(), detail: None },
            Part::Audio { data: "UklG/+==".to_owned(), format: "w\"v".to_owned() },
            Part::File {
                name: Some("a \"b\" ä.pdf".to_owned()),
                data: Some("data:application/pdf;base64,JVBERg==".to_owned()),
                id: None,
                url: None,
            },
            Part::File {
                name: None,
                data: None,
                id: Some("file_1".to_owned()),
                url: Some("https://f.example".to_owned()),
            },
            Part::File { name: None, data: None, id: None, url: None },
            Part::Raw { json: r#"{"type":"input_audio","input_audio":{"data":"","format":"wav"}}"#.to_owned() },
        ];
        let messages = [
            Message::text(Role::Developer, "Be brief."),
            Message { muted: true, ..Message::text(Role::System, "hidden") },
            message(Role::User, Content::Parts { parts }, &[]),
            message(Role::User, Content::Parts { parts: Vec::new() }, &[]),
            message(Role::Assistant, Content::Null, &[("tool_calls", r#"[{"id":"c1"}]"#), ("refusal", "null")]),
            message(Role::Tool, Content::Text { text: "4".to_owned() }, &[("tool_call_id", r#""c1""#)]),
        ];
        let expected = [
            r#"{"model":"openai/gpt-4o","messages":[{"role":"developer","content":"Be brief."}"#,
            r#"{"role":"user","content":[{"type":"text","text":"What is \"this\"?\n"}"#,
            r#"{"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","detail":"low"}}"#,
            r#"{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}"#,
            r#"{"type":"input_audio","input_audio":{"data":"UklG/+==","format":"w\"v"}}"#,
            r#"{"type":"file","file":{"filename":"a \"b\" ä.pdf","file_data":"data:application/pdf;base64,JVBERg=="}}"#,
            r#"{"type":"file","file":{"file_id":"file_1","file_url":"https://f.example"}}"#,
            r#"{"type":"file","file":{}}"#,
            r#"{"type":"input_audio","input_audio":{"data":"","format":"wav"}}]}"#,
            r#"{"role":"user","content":[]}"#,
            r#"{"role":"assistant","content":null,"tool_calls":[{"id":"c1"}],"refusal":null}"#,
            r#"{"role":"tool","content":"4","tool_call_id":"c1"}]}"#,
        ];
        assert_eq!(encoded(&messages, &[]), Ok(expected.join(",")));
    }

    #[test]
    fn members_stand_in_the_order_that_was_asked_for() {
        let order = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let tool = Message {
            order: order(&["tool_call_id", "gone", "content"]),
            ..message(Role::Tool, Content::Text { text: "4".to_owned() }, &[("x", "1"), ("tool_call_id", r#""c""#)])
        };
        let absent = message(Role::Assistant, Content::Absent, &[("tool_calls", "[]")]);
        let parameters = [Parameter::new("a", "1"), Parameter::new("b", "2.0"), Parameter::new("stream", "true")];
        let names = order(&["stream", "messages", "gone", "b", "model", "stream"]);
        let bytes = encode("m", &[tool, absent], &parameters, &names).expect("a body");
        assert_eq!(
            String::from_utf8(bytes).expect("UTF-8"),
            concat!(
                r#"{"stream":true,"messages":[{"tool_call_id":"c","content":"4","role":"tool","x":1},"#,
                r#"{"role":"assistant","tool_calls":[]}],"b":2.0,"model":"m","a":1}"#
            )
        );
        let twice = [Parameter::new("a", "1"), Parameter::new("a", "2")];
        assert!(encode("m", &[], &twice, &names).is_err(), "an order does not make a name twice all right");
    }

    #[test]
    fn the_error_names_what_does_not_fit() {
        let parameter = |name: &str, json: &str| encoded(&[], &[Parameter::new(name, json)]);
        for json in ["", " ", "0.", "[1,", "{a:1}", "1 2", "nul", "'x'", "\"a\nb\""] {
            assert_eq!(parameter("stop", json), Err("stop".to_owned()), "{json:?}");
        }
        assert_eq!(parameter("model", "\"other\""), Err("model".to_owned()), "the lane names the model");
        assert_eq!(parameter("messages", "[]"), Err("messages".to_owned()));
        let twice = [Parameter::new("n", "1"), Parameter::new("seed", "1"), Parameter::new("n", "2")];
        assert_eq!(encoded(&[], &twice), Err("n".to_owned()));

        let muted = Message { muted: true, ..Message::text(Role::User, "") };
        let in_message =
            |content, members: &[(&str, &str)]| encoded(&[muted.clone(), message(Role::User, content, members)], &[]);
        let text = || Content::Text { text: String::new() };
        assert_eq!(in_message(text(), &[("name", "bob")]), Err("messages[1].name".to_owned()));
        assert_eq!(in_message(text(), &[("role", "\"user\"")]), Err("messages[1].role".to_owned()));
        assert_eq!(in_message(text(), &[("a", "1"), ("a", "1")]), Err("messages[1].a".to_owned()));
        let parts = vec![Part::Text { text: String::new() }, Part::Raw { json: "{".to_owned() }];
        assert_eq!(in_message(Content::Parts { parts }, &[]), Err("messages[1].content[1]".to_owned()));
    }

    mod properties {
        use proptest::collection::vec;
        use proptest::prelude::*;

        use super::*;

        /// JSON text of any value, with odd spacing.
        fn json() -> impl Strategy<Value = String> {
            let leaf = prop_oneof![
                Just("null".to_owned()),
                Just(" true ".to_owned()),
                "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
                any::<String>().prop_map(|text| serde_json::to_string(&text).expect("JSON")),
            ];
            leaf.prop_recursive(3, 16, 4, |inner| {
                prop_oneof![
                    vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
                    vec(inner, 0..4).prop_map(|items| {
                        let members: Vec<String> =
                            items.iter().enumerate().map(|(at, item)| format!("\"k{at}\" :{item}")).collect();
                        format!("{{{}\n}}", members.join(","))
                    }),
                ]
            })
        }

        proptest! {
            #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

            #[test]
            fn a_body_is_json_that_holds_what_was_given_byte_for_byte(
                texts in vec(any::<String>(), 0..4),
                values in vec((any::<String>(), json()), 0..6),
            ) {
                let messages: Vec<Message> = texts.iter().map(|text| Message::text(Role::User, text)).collect();
                let mut parameters: Vec<Parameter> = Vec::new();
                for (name, json) in values {
                    if name != "model" && name != "messages" && parameters.iter().all(|other| other.name != name) {
                        parameters.push(Parameter { name, json });
                    }
                }
                let body = encode("m", &messages, &parameters, &[]).expect("all of it is JSON");
                let parsed: serde_json::Map<String, serde_json::Value> =
                    serde_json::from_slice(&body).expect("the body is JSON");
                let names: Vec<&str> = parsed.keys().map(String::as_str).collect();
                let mut expected = vec!["model", "messages"];
                expected.extend(parameters.iter().map(|parameter| parameter.name.as_str()));
                prop_assert_eq!(names, expected, "each key once, in order");
                for (message, text) in parsed["messages"].as_array().expect("a list").iter().zip(&texts) {
                    prop_assert_eq!(message["content"].as_str(), Some(text.as_str()));
                }
                let body = String::from_utf8(body).expect("UTF-8");
                for parameter in &parameters {
                    let name = serde_json::to_string(&parameter.name).expect("JSON");
                    let member = format!("{name}:{}", parameter.json);
                    prop_assert!(body.contains(&member), "spelled as given");
                }
            }
        }
    }
}
