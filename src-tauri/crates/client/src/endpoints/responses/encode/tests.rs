use super::*;

fn message(role: Role, content: Content, members: &[(&str, &str)]) -> Message {
    let members = members.iter().map(|(name, json)| Parameter::new(*name, *json)).collect();
    Message { content, members, ..Message::text(role, "") }
}

fn text(text: &str) -> Content {
    Content::Text { text: text.to_owned() }
}

fn parts(parts: &[&str]) -> Content {
    Content::Parts { parts: parts.iter().map(|json| Part::Raw { json: (*json).to_owned() }).collect() }
}

/// The items and the places that are not sent.
fn written(messages: &[Message]) -> (String, Vec<String>) {
    let mut body = Writer::default();
    let mut notes = Notes::new(true);
    write_input(&mut body, messages, &mut notes).expect("all of it is JSON");
    (String::from_utf8(body.bytes).expect("UTF-8"), notes.list.into_iter().map(|note| note.from).collect())
}

#[test]
fn messages_are_items_with_parts_of_their_own() {
    let image = Part::Image { url: "data:image/png;base64,AA==".to_owned(), detail: Some("low".to_owned()) };
    let said = Part::Text { text: "Look \"here\"".to_owned() };
    let messages = [
        message(Role::Developer, text("Be brief."), &[]),
        Message { muted: true, ..message(Role::User, text("hidden"), &[]) },
        message(Role::User, Content::Parts { parts: vec![said.clone(), image] }, &[("x", "1.0")]),
        message(Role::Assistant, Content::Parts { parts: vec![said] }, &[("refusal", "\"No.\"")]),
        message(Role::Assistant, text(""), &[("refusal", "null"), ("tool_calls", "null")]),
    ];
    let expected = concat!(
        r#"[{"role":"developer","content":"Be brief."},"#,
        r#"{"role":"user","content":[{"type":"input_text","text":"Look \"here\""},"#,
        r#"{"type":"input_image","image_url":"data:image/png;base64,AA==","detail":"low"}],"x":1.0},"#,
        r#"{"role":"assistant","content":[{"type":"output_text","text":"Look \"here\""},{"type":"refusal","refusal":"No."}]},"#,
        r#"{"role":"assistant","content":""}]"#
    );
    assert_eq!(written(&messages), (expected.to_owned(), vec![]));
}

#[test]
fn raw_parts_of_chats_are_translated_and_others_stay_to_the_byte() {
    let content = parts(&[
        r#"{ "type":"input_image","file_id":"f" }"#,
        r#"{"type":"text","text":"a","cache_control":{"n":1.0}}"#,
        r#"{"type":"image_url","image_url":{"url":"u","detail":"high"}}"#,
        r#"{"type":"image_url","image_url":"plain"}"#,
        r#"{"type":"file","file":{"filename":"a.pdf","file_data":"data:,"}}"#,
        r#"{"type":"input_audio","input_audio":{"data":"","format":"wav"}}"#,
        "7",
    ]);
    let expected = concat!(
        r#"[{"role":"user","content":[{ "type":"input_image","file_id":"f" },"#,
        r#"{"type":"input_text","text":"a","cache_control":{"n":1.0}},"#,
        r#"{"type":"input_image","image_url":"u","detail":"high"},{"type":"input_image","image_url":"plain"},"#,
        r#"{"type":"input_file","filename":"a.pdf","file_data":"data:,"},7]}]"#
    );
    let (items, lost) = written(&[message(Role::User, content, &[])]);
    assert_eq!((items.as_str(), lost), (expected, vec!["messages[0].content[5]".to_owned()]));
}

#[test]
fn files_are_parts_of_a_response_and_sounds_are_not() {
    let some = |text: &str| Some(text.to_owned());
    let content = Content::Parts {
        parts: vec![
            Part::Audio { data: "UklG".to_owned(), format: "wav".to_owned() },
            Part::File { name: some("ä.pdf"), data: some("data:application/pdf;base64,JVBE"), id: None, url: None },
            Part::File { name: None, data: None, id: some("file_1"), url: some("https://f.example/?a=\"b\"") },
        ],
    };
    let expected = concat!(
        r#"[{"role":"user","content":[{"type":"input_file","filename":"ä.pdf","#,
        r#""file_data":"data:application/pdf;base64,JVBE"},"#,
        r#"{"type":"input_file","file_id":"file_1","file_url":"https://f.example/?a=\"b\""}]}]"#
    );
    let (items, lost) = written(&[message(Role::User, content, &[])]);
    assert_eq!((items.as_str(), lost), (expected, vec!["messages[0].content[0]".to_owned()]));
    let alone = Content::Parts { parts: vec![Part::Audio { data: String::new(), format: "wav".to_owned() }] };
    let (items, lost) = written(&[message(Role::User, alone, &[])]);
    assert_eq!(items, "[]");
    assert_eq!(lost, ["messages[0].content[0]", "messages[0]"], "the message has nothing else to say");
}

#[test]
fn calls_and_their_results_are_items_of_their_own() {
    let calls = r#"[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1.0}"}},{"id":"b","type":"custom","custom":{"name":"g","input":"raw"}},{"type":"odd"}]"#;
    let messages = [
        message(Role::Assistant, text("Wait."), &[("tool_calls", calls)]),
        message(Role::Tool, text("4 °C"), &[("tool_call_id", "\"a\""), ("name", "\"f\"")]),
        message(Role::Tool, parts(&[r#"{"type":"text","text":"ok"}"#]), &[("tool_call_id", "\"b\"")]),
        message(Role::Assistant, Content::Null, &[("tool_calls", "[]")]),
    ];
    let expected = concat!(
        r#"[{"role":"assistant","content":"Wait."},"#,
        r#"{"type":"function_call","call_id":"a","name":"f","arguments":"{\"x\":1.0}"},"#,
        r#"{"type":"custom_tool_call","call_id":"b","name":"g","input":"raw"},"#,
        r#"{"type":"function_call_output","call_id":"a","output":"4 °C"},"#,
        r#"{"type":"custom_tool_call_output","call_id":"b","output":[{"type":"input_text","text":"ok"}]}]"#
    );
    let (items, lost) = written(&messages);
    assert_eq!(items, expected);
    assert_eq!(lost, ["messages[0].tool_calls[2]", "messages[1].name", "messages[3]"]);
}

#[test]
fn a_message_that_says_its_type_is_that_item() {
    let order = ["id", "type"].map(str::to_owned).to_vec();
    let reasoning = [("type", "\"reasoning\""), ("id", "\"rs_1\""), ("summary", "[ ]")];
    let messages = [
        Message { order, ..message(Role::Assistant, Content::Absent, &reasoning) },
        message(Role::Tool, Content::Absent, &[("type", "\"mcp_approval_response\""), ("approve", "true")]),
        message(
            Role::Assistant,
            parts(&[r#"{"type":"output_text","text":"x"}"#]),
            &[("type", "\"message\""), ("id", "\"msg\"")],
        ),
    ];
    let expected = concat!(
        r#"[{"id":"rs_1","type":"reasoning","summary":[ ]},{"type":"mcp_approval_response","approve":true},"#,
        r#"{"role":"assistant","content":[{"type":"output_text","text":"x"}],"type":"message","id":"msg"}]"#
    );
    assert_eq!(written(&messages), (expected.to_owned(), vec![]));
}

#[test]
fn what_is_no_json_is_named() {
    let failed = |message: Message| {
        let muted = Message { muted: true, ..Message::text(Role::User, "") };
        match write_input(&mut Writer::default(), &[muted, message], &mut Notes::new(false)) {
            Err(AppError::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(failed(message(Role::User, text(""), &[("x", "bob")])), "messages[1].x");
    assert_eq!(failed(message(Role::User, text(""), &[("x", "1"), ("x", "1")])), "messages[1].x");
    assert_eq!(failed(message(Role::User, parts(&["1", "{"]), &[])), "messages[1].content[1]");
    assert_eq!(failed(message(Role::Tool, parts(&["{"]), &[])), "messages[1].content[0]");
    assert_eq!(failed(message(Role::User, text(""), &[("type", "\"x\""), ("content", "1")])), "messages[1].content");
}
