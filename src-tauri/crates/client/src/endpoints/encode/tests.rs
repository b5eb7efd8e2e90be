use juxta_wire::draft::{Content, Part};
use juxta_wire::endpoint::Dialect;

use super::*;

/// A draft with one lane that does not override anything.
struct Lane<'a> {
    base: EndpointKind,
    endpoint: EndpointKind,
    dialect: Dialect,
    messages: Vec<Message>,
    draft: &'a [(&'a str, &'a str)],
    overrides: &'a [(&'a str, &'a str)],
    unset: &'a [&'a str],
    order: &'a [&'a str],
}

fn lane(base: EndpointKind, endpoint: EndpointKind, dialect: Dialect) -> Lane<'static> {
    let messages = vec![Message::text(Role::User, "Hi")];
    Lane { base, endpoint, dialect, messages, draft: &[], overrides: &[], unset: &[], order: &[] }
}

impl Lane<'_> {
    fn encoded(&self) -> Result<Encoded, String> {
        let draft: Vec<Parameter> = self.draft.iter().map(|(name, json)| Parameter::new(*name, *json)).collect();
        let mut keys: Vec<SentKey> =
            draft.iter().map(|one| key(&one.name, one.json.clone(), KeyOrigin::Draft)).collect();
        keys.retain(|key| !self.unset.contains(&key.name.as_str()));
        for (name, json) in self.overrides {
            let own = key(name, (*json).to_owned(), KeyOrigin::Lane);
            match keys.iter_mut().find(|key| key.name == *name) {
                Some(known) => *known = own,
                None => keys.push(own),
            }
        }
        let order: Vec<String> = self.order.iter().map(|name| (*name).to_owned()).collect();
        let route = Route { base: self.base, endpoint: self.endpoint, dialect: self.dialect };
        let form = Form {
            route,
            model: "m",
            messages: &self.messages,
            text_input: false,
            texts: &[],
            attached: None,
            more: &[],
            is_forked: false,
            draft: &draft,
            keys: &keys,
            unset: self.unset,
            order: &order,
        };
        encode(&form).map_err(|error| match error {
            AppError::Invalid { field, .. } => field,
            other => panic!("{other}"),
        })
    }

    /// Body, and what is said: `from > to` or `from !`.
    fn sent(&self) -> (String, Vec<String>) {
        let encoded = self.encoded().unwrap_or_else(|field| panic!("{field}"));
        let body = String::from_utf8(encoded.bytes).expect("UTF-8");
        let names: Vec<String> = carry::members(&body).expect("an object").into_iter().map(|one| one.name).collect();
        let keys: Vec<String> = encoded.keys.iter().map(|key| key.name.clone()).collect();
        assert_eq!(keys, names, "every key of the body is named, in the order sent");
        let said = encoded.carried.iter().map(|note| match &note.to {
            Some(to) => format!("{} > {to}", note.from),
            None => format!("{} !", note.from),
        });
        (body, said.collect())
    }
}

use EndpointKind::{Chat, Completions, Generate, Generic, Responses};

#[test]
fn a_chat_goes_to_responses_in_their_words() {
    let lane = Lane {
        draft: &[
            ("temperature", "0.20"),
            ("max_completion_tokens", "1e2"),
            ("max_tokens", "5"),
            ("verbosity", "\"low\""),
            ("reasoning_effort", "\"high\""),
            ("response_format", r#"{"type":"json_schema","json_schema":{"name":"n","schema":{"minimum":1.0}}}"#),
            ("tools", r#"[{"type":"function","function":{"name":"f"}}]"#),
            ("tool_choice", r#"{"type":"function","function":{"name":"f"}}"#),
            ("stream", "true"),
            ("stream_options", r#"{"include_usage":true}"#),
            ("seed", "7"),
            ("x_own", "1.50"),
        ],
        ..lane(Chat, Responses, Dialect::ScaleV5)
    };
    let (body, said) = lane.sent();
    assert_eq!(
        body,
        concat!(
            r#"{"model":"m","input":[{"role":"user","content":"Hi"}],"temperature":0.20,"max_output_tokens":1e2,"#,
            r#""text":{"verbosity":"low","format":{"type":"json_schema","name":"n","schema":{"minimum":1.0}}},"#,
            r#""reasoning":{"effort":"high"},"tools":[{"type":"function","name":"f"}],"#,
            r#""tool_choice":{"type":"function","name":"f"},"stream":true,"x_own":1.50}"#
        )
    );
    assert_eq!(
        said,
        [
            "max_completion_tokens > max_output_tokens",
            "max_tokens !",
            "verbosity > text.verbosity",
            "reasoning_effort > reasoning.effort",
            "response_format > text.format",
            "tools > tools",
            "tool_choice > tool_choice",
            "stream_options.include_usage !",
            "seed !",
            "messages > input",
        ]
    );
    assert!(lane.encoded().expect("a body").streams);
}

#[test]
fn responses_go_to_a_chat_in_its_words() {
    let lane = Lane {
        draft: &[
            ("instructions", "\"Be brief.\""),
            ("max_output_tokens", "64"),
            ("reasoning", r#"{"effort":"low","summary":"auto"}"#),
            ("text", r#"{"format":{"type":"json_schema","name":"n","schema":{}},"verbosity":"low"}"#),
            ("tools", r#"[{"type":"web_search"},{"type":"function","name":"f"}]"#),
            ("include", r#"["message.output_text.logprobs","reasoning.encrypted_content"]"#),
            ("previous_response_id", "\"resp_1\""),
            ("truncation", "null"),
        ],
        ..lane(Responses, Chat, Dialect::OpenAi)
    };
    let (body, said) = lane.sent();
    assert_eq!(
        body,
        concat!(
            r#"{"model":"m","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}],"#,
            r#""max_completion_tokens":64,"reasoning_effort":"low","#,
            r#""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}},"verbosity":"low","#,
            r#""tools":[{"type":"function","function":{"name":"f"}}],"logprobs":true}"#
        )
    );
    assert_eq!(
        said,
        [
            "instructions > messages",
            "max_output_tokens > max_completion_tokens",
            "reasoning > reasoning_effort",
            "reasoning.summary !",
            "text > response_format",
            "text > verbosity",
            "tools > tools",
            "tools[0] !",
            "include > logprobs",
            "include[1] !",
            "previous_response_id !",
            "truncation !",
        ]
    );
    let scaigrid = Lane { dialect: Dialect::ScaigridV1, draft: &[("max_output_tokens", "64")], ..lane };
    assert!(scaigrid.sent().0.contains(r#""max_tokens":64"#), "each dialect has its own name for it");
}

#[test]
fn a_prompt_has_the_texts_alone_and_says_so() {
    let mut messages = vec![
        Message::text(Role::System, "Be brief."),
        Message { muted: true, ..Message::text(Role::User, "hidden") },
        Message::text(Role::User, ""),
        Message::text(Role::Assistant, "Yes\n"),
    ];
    let image = Part::Image { url: "data:,".to_owned(), detail: None };
    let text = Part::Raw { json: r#"{"type":"input_text","text":"raw"}"#.to_owned() };
    messages[2].content = Content::Parts { parts: vec![Part::Text { text: "Look".to_owned() }, image, text] };
    messages[3].members = vec![Parameter::new("tool_calls", "[{}]"), Parameter::new("refusal", "null")];
    let lane = Lane {
        messages,
        draft: &[
            ("max_completion_tokens", "9"),
            ("logprobs", "true"),
            ("top_logprobs", "3"),
            ("tools", "[]"),
            ("stop", "[\"a\"]"),
            ("stream", "true"),
        ],
        ..lane(Chat, Completions, Dialect::ScaleV5)
    };
    let (body, said) = lane.sent();
    assert_eq!(
        body,
        r#"{"model":"m","prompt":"Be brief.\n\nLook\nraw\n\nYes\n","max_tokens":9,"logprobs":3,"stop":["a"],"stream":true}"#
    );
    let expected = [
        "max_completion_tokens > max_tokens",
        "logprobs > logprobs",
        "top_logprobs > logprobs",
        "tools !",
        "messages[2].content[1] !",
        "messages[3].tool_calls !",
        "messages > prompt",
    ];
    assert_eq!(said, expected);
    let generate = Lane { endpoint: Generate, dialect: Dialect::ScaigridV1, ..lane };
    let (body, said) = generate.sent();
    assert_eq!(body, r#"{"model":"m","prompt":"Be brief.\n\nLook\nraw\n\nYes\n","max_tokens":9,"stop":["a"]}"#);
    assert!(said.contains(&"stream !".to_owned()) && said.contains(&"logprobs !".to_owned()), "{said:?}");
}

#[test]
fn generic_inference_without_args_is_asked_as_a_chat_is() {
    let draft = [("temperature", "0.20"), ("stream", "true"), ("inference_configuration", r#"{"num_retries":1}"#)];
    let made = Lane {
        draft: &draft,
        overrides: &[("temperature", "1.0"), ("x_own", "2")],
        order: &["stream", "messages", "model"],
        ..lane(Chat, Generic, Dialect::ScaleV5)
    };
    let (body, said) = made.sent();
    let args = r#"{"messages":[{"role":"user","content":"Hi"}],"temperature":1.0,"stream":true}"#;
    assert_eq!(
        body,
        format!(r#"{{"args":{args},"model":"m","inference_configuration":{{"num_retries":1}},"x_own":2}}"#)
    );
    assert_eq!(said, ["messages > args.messages", "temperature > args.temperature", "stream > args.stream"]);
    assert!(made.encoded().expect("a body").streams, "the args ask for it");

    let set = Lane { overrides: &[("args", r#"{ "prompt":"x","stream":true }"#)], ..made };
    let (body, said) = set.sent();
    let expected = r#"{"args":{ "prompt":"x","stream":true },"model":"m","inference_configuration":{"num_retries":1}}"#;
    assert_eq!(body, expected);
    assert_eq!(said, ["temperature !", "stream !", "messages !"]);
    assert!(set.encoded().expect("a body").streams);

    let responses = Lane {
        base: Responses,
        draft: &[("max_output_tokens", "5"), ("instructions", "\"Hm\""), ("store", "true"), ("truncation", "null")],
        ..lane(Responses, Generic, Dialect::ScaleV5)
    };
    let (body, said) = responses.sent();
    let messages = r#"[{"role":"system","content":"Hm"},{"role":"user","content":"Hi"}]"#;
    let args = format!(r#"{{"messages":{messages},"max_completion_tokens":5,"store":true}}"#);
    assert_eq!(body, format!(r#"{{"model":"m","args":{args}}}"#));
    let expected = [
        "messages > args.messages",
        "max_output_tokens > args.max_completion_tokens",
        "instructions > args.messages",
        "truncation !",
        "store > args.store",
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_draft_for_generic_inference_speaks_the_words_of_a_chat() {
    let draft = [("max_tokens", "5"), ("args", "{}"), ("inference_configuration", "{}"), ("x_own", "1.0")];
    let lane = Lane { draft: &draft, order: &["args", "model"], ..lane(Generic, Responses, Dialect::ScaleV5) };
    let (body, said) = lane.sent();
    let input = r#""input":[{"role":"user","content":"Hi"}]"#;
    assert_eq!(body, format!(r#"{{{input},"model":"m","max_output_tokens":5,"x_own":1.0}}"#));
    let expected = ["max_tokens > max_output_tokens", "args !", "inference_configuration !", "messages > input"];
    assert_eq!(said, expected);
}

#[test]
fn what_the_lane_says_itself_always_wins() {
    let draft =
        [("max_tokens", "5"), ("verbosity", "\"low\""), ("max_output_tokens", "6"), ("reasoning_effort", "\"low\"")];
    let lane = Lane {
        draft: &draft,
        overrides: &[("text", "{\"x\": 1}"), ("seed", "7")],
        unset: &["reasoning"],
        ..lane(Chat, Responses, Dialect::ScaleV5)
    };
    let (body, said) = lane.sent();
    let input = r#""input":[{"role":"user","content":"Hi"}]"#;
    assert_eq!(body, format!(r#"{{"model":"m",{input},"max_output_tokens":6,"text":{{"x": 1}},"seed":7}}"#));
    assert_eq!(said, ["max_tokens !", "verbosity !", "reasoning_effort !", "messages > input"]);
}

#[test]
fn the_order_of_the_draft_is_kept_under_other_names() {
    let lane = Lane {
        draft: &[("max_tokens", "5"), ("stream", "true")],
        order: &["stream", "max_tokens", "messages", "model"],
        ..lane(Chat, Responses, Dialect::ScaleV5)
    };
    let input = r#""input":[{"role":"user","content":"Hi"}]"#;
    assert_eq!(lane.sent().0, format!(r#"{{"stream":true,"max_output_tokens":5,{input},"model":"m"}}"#));
}

#[test]
fn a_value_that_is_no_json_is_named_and_cannot_write_members() {
    for json in ["", "{", "\"low\",\"x\":1", "1}"] {
        for name in ["reasoning_effort", "verbosity", "tools", "seed", "stream", "x_own"] {
            let draft = [(name, json)];
            for endpoint in [Responses, Completions, Generic] {
                let lane = Lane { draft: &draft, ..lane(Chat, endpoint, Dialect::ScaleV5) };
                let field = lane.encoded().expect_err("no JSON");
                assert_eq!(field.trim_start_matches("args."), name, "{json:?}");
            }
        }
    }
    let member = Parameter::new("call_id", "\"a\",\"x\":1");
    let kind = Parameter::new("type", "\"function_call\"");
    let item = Message { members: vec![kind, member], content: Content::Absent, ..Message::text(Role::Assistant, "") };
    for endpoint in [Responses, Chat, Generic, Completions] {
        let lane = Lane { messages: vec![item.clone()], ..lane(Responses, endpoint, Dialect::ScaleV5) };
        if endpoint != Completions || lane.base != endpoint {
            assert_eq!(lane.encoded().expect_err("no JSON"), "messages[0].call_id", "{endpoint:?}");
        }
    }
}

#[test]
fn where_nothing_differs_nothing_is_carried() {
    let draft = [("max_output_tokens", "5"), ("seed", "1"), ("x", "null")];
    let lane = Lane { draft: &draft, ..lane(Responses, Responses, Dialect::ScaleV5) };
    let input = r#""input":[{"role":"user","content":"Hi"}]"#;
    assert_eq!(lane.sent(), (format!(r#"{{"model":"m",{input},"max_output_tokens":5,"seed":1,"x":null}}"#), vec![]));
}
