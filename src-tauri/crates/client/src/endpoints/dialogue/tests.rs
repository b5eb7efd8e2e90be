use juxta_wire::draft::{Content, Message, Parameter, Part, Role};
use juxta_wire::outcome::{Choice, Outcome, OutputItem, ToolCall};
use juxta_wire::tools::{ToolArguments, ToolReply};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::endpoints::chat::encode_message;

fn call(id: Option<&str>, name: &str, arguments: &str, kind: &str) -> ToolCall {
    ToolCall {
        id: id.map(str::to_owned),
        kind: kind.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    }
}

fn chat(text: &str, tool_calls: Vec<ToolCall>) -> Outcome {
    let choice = Choice { text: text.to_owned(), reasoning: "Hm".to_owned(), tool_calls, ..Choice::default() };
    let other = Choice { index: 1, tool_calls: vec![call(Some("z"), "other", "", "function")], ..Choice::default() };
    Outcome { choices: vec![choice, other], ..Outcome::default() }
}

fn items(values: &[Value]) -> Outcome {
    let choice = |(value, index): (&Value, u32)| {
        let kind = value["type"].as_str().unwrap_or_default().to_owned();
        let item = OutputItem { kind, json: value.to_string(), ..OutputItem::default() };
        Choice { index, item: Some(item), ..Choice::default() }
    };
    Outcome { choices: values.iter().zip(0..).map(choice).collect(), ..Outcome::default() }
}

fn changed(choice: u32, call: u32, text: &str) -> ToolArguments {
    ToolArguments { choice, call, text: text.to_owned() }
}

fn spelled(message: &Message) -> Value {
    serde_json::from_slice(&encode_message(message).expect("a message")).expect("JSON")
}

#[test]
fn a_chat_says_its_calls_again_with_changed_arguments_and_custom_tools_in_their_own_form() {
    let outcome =
        chat("", vec![call(Some("a"), "f", r#"{"x":1.0}"#, "function"), call(Some("b"), "sql", "SELECT 1", "custom")]);
    let arguments = [changed(0, 1, "SELECT \"2\""), changed(1, 0, "not this")];
    let made = chat_answer(&outcome.choices[0], &arguments, None);
    assert_eq!(made.content, Content::Null);
    let calls = json!([
        {"id": "a", "type": "function", "function": {"name": "f", "arguments": r#"{"x":1.0}"#}},
        {"id": "b", "type": "custom", "custom": {"name": "sql", "input": "SELECT \"2\""}},
    ]);
    assert_eq!(spelled(&made), json!({"role": "assistant", "content": null, "tool_calls": calls}));
    let told = chat_answer(&outcome.choices[0], &[], Some("reasoning"));
    assert_eq!(spelled(&told)["reasoning"], "Hm");
    let last = chat("Done.", Vec::new());
    assert_eq!(spelled(&chat_answer(&last.choices[0], &[], None)), json!({"role": "assistant", "content": "Done."}));
}

#[test]
fn an_id_that_came_twice_is_answered_once_and_both_calls_are_kept() {
    let twice = chat("", vec![call(Some("a"), "f", "{}", "function"), call(Some("a"), "g", "{}", "function")]);
    let calls = calls(&twice, 0);
    assert_eq!(calls.len(), 2);
    let asked = questions(&calls);
    assert_eq!(asked.iter().map(|one| (one.id.as_str(), one.name.as_str())).collect::<Vec<_>>(), [("a", "f")]);
    assert_eq!(spelled(&chat_answer(&twice.choices[0], &[], None))["tool_calls"].as_array().map(Vec::len), Some(2));
    let nameless = chat("", vec![call(None, "f", "{}", "function"), call(Some(""), "g", "{}", "function")]);
    assert!(questions(&super::calls(&nameless, 0)).is_empty());
    assert_eq!(super::calls(&twice, 1)[0].name, "other");
    assert!(super::calls(&twice, 2).is_empty());
}

#[test]
fn items_that_the_server_answered_itself_are_not_asked_for() {
    let outcome = items(&[
        json!({"type": "reasoning", "summary": []}),
        json!({"type": "function_call", "call_id": "a", "name": "f", "arguments": "{\"x\":1.0}"}),
        json!({"type": "function_call_output", "call_id": "a", "output": "7"}),
        json!({"type": "custom_tool_call", "call_id": "b", "name": "sql", "input": "SELECT 1"}),
        json!({"type": "mcp_approval_request", "id": "m", "name": "pay", "arguments": "{}"}),
        json!({"type": "mcp_approval_response", "approval_request_id": "m", "approve": true}),
        json!({"type": "computer_call", "call_id": "c", "action": {}}),
        json!({"type": "web_search_call", "id": "w"}),
    ]);
    let calls = calls(&outcome, 7);
    let found: Vec<_> =
        calls.iter().map(|call| (call.choice, call.id.as_deref(), call.kind, call.given.as_str())).collect();
    assert_eq!(found, [(3, Some("b"), CallKind::Custom, "SELECT 1"), (6, Some("c"), CallKind::Item, "")]);
}

#[test]
fn items_go_back_as_they_came_in_their_order_and_spelling() {
    let reasoning = r#"{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAA","weight":1.50}"#;
    let message = r#"{"type":"message","id":"m","role":"assistant","content":[{"type":"output_text","text":"Hm","annotations":[]}]}"#;
    let call = r#"{"type":"function_call","call_id":"a","name":"f","arguments":"{\"x\":1.0}"}"#;
    let whole = [("reasoning", reasoning), ("message", message), ("function_call", call)];
    let whole: Vec<WholeItem> = (0..)
        .zip(whole)
        .map(|(choice, (kind, json))| WholeItem { choice, kind: kind.to_owned(), json: json.to_owned() })
        .collect();
    let made = item_messages(&whole, &[changed(2, 0, r#"{"x":2.0}"#)]);
    assert_eq!(made[0].members[4], Parameter::new("weight", "1.50"));
    assert_eq!((made[1].role, &made[1].order[..3]), (Role::Assistant, &["type", "id", "role"].map(str::to_owned)[..]));
    let part = r#"{"type":"output_text","text":"Hm","annotations":[]}"#.to_owned();
    assert_eq!(made[1].content, Content::Parts { parts: vec![Part::Raw { json: part }] });
    assert_eq!(made[2].members[3], Parameter::new("arguments", r#""{\"x\":2.0}""#));
}

#[test]
fn each_kind_of_call_takes_its_own_kind_of_reply() {
    let question = |kind| Question { id: "a".into(), kind, name: "f".into(), given: String::new() };
    let text = ToolReply::Output { text: String::new() };
    let approval = ToolReply::Approval { approve: true, reason: String::new() };
    let item = |json: &str| ToolReply::Item { json: json.to_owned() };
    let good = item(r#"{"type":"shell_call_output","call_id":"a"}"#);
    let cases = [
        (CallKind::Function, &text, true),
        (CallKind::Function, &good, true),
        (CallKind::Function, &approval, false),
        (CallKind::Custom, &text, true),
        (CallKind::Approval, &approval, true),
        (CallKind::Approval, &text, false),
        (CallKind::Item, &good, true),
        (CallKind::Item, &text, false),
        (CallKind::Item, &item(r#"{"type":"x","call_id":"b"}"#), false),
        (CallKind::Item, &item(r#"{"call_id":"a"}"#), false),
        (CallKind::Item, &item("[]"), false),
        (CallKind::Item, &item("{"), false),
    ];
    for (kind, reply, fits) in cases {
        assert_eq!(result_problem(&question(kind), reply).is_none(), fits, "{kind:?} {reply:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever ids, names, arguments and results hold, each arrives as it was, and each id is answered once.
    #[test]
    fn nothing_changes_on_the_way(said in proptest::collection::vec(any::<(String, String, String, String)>(), 1..6)) {
        let tool_calls = said.iter().map(|(id, name, given, _)| call(Some(id), name, given, "function")).collect();
        let outcome = chat("", tool_calls);
        let calls = calls(&outcome, 0);
        let asked = questions(&calls);
        let mut ids: Vec<&str> = said.iter().map(|one| one.0.as_str()).filter(|id| !id.is_empty()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut answered: Vec<&str> = asked.iter().map(|question| question.id.as_str()).collect();
        answered.sort_unstable();
        prop_assert_eq!(&answered, &ids);
        let assistant = spelled(&chat_answer(&outcome.choices[0], &[], None));
        for (at, (id, name, given, _)) in said.iter().enumerate() {
            let made = &assistant["tool_calls"][at];
            prop_assert_eq!(&made["id"], &json!(id));
            prop_assert_eq!(&made["function"], &json!({"name": name, "arguments": given}));
        }
        let replies: Vec<ToolReply> = asked.iter().map(|question| {
            let text = said.iter().find(|one| one.0 == question.id).map(|one| one.3.clone()).unwrap_or_default();
            ToolReply::Output { text }
        }).collect();
        let messages = output_messages(asked.iter().zip(&replies), true);
        for ((question, reply), message) in asked.iter().zip(&replies).zip(&messages) {
            let ToolReply::Output { text } = reply else { unreachable!() };
            prop_assert_eq!(spelled(message), json!({"role": "tool", "content": text, "tool_call_id": question.id}));
        }
    }
}
