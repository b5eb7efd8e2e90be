use juxta_wire::outcome::{Choice, Outcome, ToolCall};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// What people see of a response: pieces appended where they belong, items in place of those before.
#[derive(Default)]
struct Seen {
    choices: Vec<Choice>,
}

impl Seen {
    fn take(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Text { choice, text } => self.choice(choice).text.push_str(text),
            Piece::Reasoning { choice, text } => self.choice(choice).reasoning.push_str(text),
            Piece::Refusal { choice, text } => self.choice(choice).refusal.push_str(text),
            Piece::Item { choice, item } => self.choice(choice).item = Some(item.clone()),
            Piece::ToolCall { choice, call, id, name, kind, arguments } => {
                assert_eq!(call, 0, "an item is one call at most");
                let choice = self.choice(choice);
                assert!(choice.item.is_some(), "the item comes before what it holds");
                if choice.tool_calls.is_empty() {
                    choice.tool_calls.push(ToolCall::default());
                }
                let call = &mut choice.tool_calls[0];
                assert!(id.is_none() || call.id.is_none(), "an id is told once");
                call.id = call.id.take().or(id.map(str::to_owned));
                call.name.push_str(name.unwrap_or_default());
                call.kind.push_str(kind.unwrap_or_default());
                call.arguments.push_str(arguments);
            }
        }
    }

    fn choice(&mut self, index: u32) -> &mut Choice {
        let at = self.choices.iter().position(|choice| choice.index == index).unwrap_or_else(|| {
            self.choices.push(Choice { index, ..Choice::default() });
            self.choices.len() - 1
        });
        &mut self.choices[at]
    }

    /// With the mapper's facts, and without what differs between a stream and a document of the same response.
    fn outcome(mut self, mapper: &Mapper) -> Outcome {
        let mut outcome = mapper.outcome();
        for choice in &mut outcome.choices {
            let seen = std::mem::take(self.choice(choice.index));
            for (call, told) in choice.tool_calls.iter_mut().zip(&seen.tool_calls) {
                call.arguments.clone_from(&told.arguments);
            }
            assert_eq!(choice.tool_calls, seen.tool_calls, "pieces and outcome agree");
            assert_eq!(
                (choice.text_deltas > 0, choice.reasoning_deltas > 0),
                match outcome.events {
                    0 => (false, false),
                    _ => (!seen.text.is_empty(), !seen.reasoning.is_empty()),
                }
            );
            let annotations = choice.annotations.take();
            *choice = Choice { index: choice.index, annotations, ..seen };
        }
        outcome.events = 0;
        outcome
    }
}

fn streamed(events: &[(String, Value)], named: bool) -> Outcome {
    let mut mapper = Mapper::new(Dialect::OpenAi);
    let mut seen = Seen::default();
    for (kind, event) in events {
        let mut event = event.clone();
        let name = if named { kind.as_str() } else { "" };
        if !named {
            event["type"] = kind.as_str().into();
        }
        assert_eq!(mapper.event(name, &event.to_string(), &mut |piece| seen.take(piece)), None, "{event}");
    }
    assert_eq!(mapper.end(), Ok(()));
    seen.outcome(&mapper)
}

fn read(document: &Value) -> Outcome {
    let mut mapper = Mapper::new(Dialect::OpenAi);
    let mut seen = Seen::default();
    assert_eq!(mapper.document(document.to_string().as_bytes(), &mut |piece| seen.take(piece)), Ok(()));
    assert_eq!(mapper.end(), Ok(()));
    seen.outcome(&mapper)
}

/// The events of which the published types tell; all but one of them do something.
#[test]
fn every_documented_event_is_known() {
    let documented = "audio.delta audio.done audio.transcript.delta audio.transcript.done
        code_interpreter_call_code.delta code_interpreter_call_code.done code_interpreter_call.completed
        code_interpreter_call.in_progress code_interpreter_call.interpreting completed content_part.added
        content_part.done created custom_tool_call_input.delta custom_tool_call_input.done failed
        file_search_call.completed file_search_call.in_progress file_search_call.searching
        function_call_arguments.delta function_call_arguments.done image_generation_call.completed
        image_generation_call.generating image_generation_call.in_progress image_generation_call.partial_image
        in_progress incomplete mcp_call_arguments.delta mcp_call_arguments.done mcp_call.completed mcp_call.failed
        mcp_call.in_progress mcp_list_tools.completed mcp_list_tools.failed mcp_list_tools.in_progress
        output_item.added output_item.done output_text.annotation.added output_text.delta output_text.done queued
        reasoning_summary_part.added reasoning_summary_part.done reasoning_summary_text.delta
        reasoning_summary_text.done reasoning_text.delta reasoning_text.done refusal.delta refusal.done
        web_search_call.completed web_search_call.in_progress web_search_call.searching";
    let kinds: Vec<String> = documented.split_whitespace().map(|kind| format!("response.{kind}")).collect();
    assert_eq!(kinds.len() + 1, 53, "with `error`");
    let unknown: Vec<&String> = kinds.iter().filter(|kind| matches!(Says::of(kind), Says::Unknown)).collect();
    assert_eq!(unknown, ["response.reasoning_summary_part.added"], "its text follows");
    assert!(matches!(Says::of("error"), Says::Error));
    for newer in [
        "shell_call_command.added",
        "shell_call_command.delta",
        "shell_call_output_content.done",
        "compaction.compacting",
    ] {
        assert!(!matches!(Says::of(&format!("response.{newer}")), Says::Unknown), "{newer}");
    }
}

#[test]
fn statuses_and_earlier_pictures_are_seen_while_the_item_grows() {
    let mut mapper = Mapper::new(Dialect::OpenAi);
    let mut told: Vec<(Option<String>, String)> = Vec::new();
    for event in [
        json!({"type": "response.output_item.added", "output_index": 0, "item": {"type": "image_generation_call"}}),
        json!({"type": "response.image_generation_call.generating", "output_index": 0}),
        json!({"type": "response.image_generation_call.generating", "output_index": 0}),
        json!({"type": "response.image_generation_call.partial_image", "output_index": 0, "partial_image_b64": "QQ=="}),
        json!({"type": "response.image_generation_call.completed", "output_index": 0}),
        json!({"type": "response.output_item.done", "output_index": 0, "item": {"type": "image_generation_call", "result": "QUE="}}),
        json!({"type": "response.image_generation_call.completed", "output_index": 0}),
    ] {
        mapper.event("", &event.to_string(), &mut |piece| match piece {
            Piece::Item { choice: 0, item } => told.push((item.status.clone(), item.json.clone())),
            other => panic!("{other:?}"),
        });
    }
    let begun = r#"{"type":"image_generation_call"}"#;
    let ahead = r#"{"type":"image_generation_call","partial_image_b64":"QQ=="}"#;
    let expected = [
        (None, begun),
        (Some("generating"), begun),
        (Some("generating"), ahead),
        (Some("completed"), ahead),
        (None, r#"{"type":"image_generation_call","result":"QUE="}"#),
    ];
    assert_eq!(told, expected.map(|(status, json)| (status.map(str::to_owned), json.to_owned())));
}

#[test]
fn a_place_beyond_all_sense_is_a_number_only() {
    let mut mapper = Mapper::new(Dialect::OpenAi);
    let mut seen = Seen::default();
    for index in [4_000_000_000_u64, 3, 4_000_000_000] {
        let event = json!({"type": "response.output_text.delta", "output_index": index, "delta": index.to_string()});
        mapper.event("", &event.to_string(), &mut |piece| seen.take(piece));
    }
    let texts: Vec<(u32, &str)> = seen.choices.iter().map(|choice| (choice.index, choice.text.as_str())).collect();
    assert_eq!(texts, [(0, "40000000004000000000"), (3, "3")]);
}

/// A response, and how its stream tells of it.
#[derive(Debug, Clone)]
struct Told {
    item: Value,
    /// Fragments that come before the item is whole; fewer than all of the text may come.
    fragments: Vec<String>,
    announced: bool,
    done: bool,
    whole: bool,
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,20}", "[\"\\\\\n🐻é]{0,8}", Just("x".repeat(20_000))]
}

fn told() -> impl Strategy<Value = Told> {
    let body = (0..6_usize, text(), text(), "[a-z]{1,8}", 1..5_usize, any::<[bool; 4]>());
    body.prop_map(|(kind, text, other, name, pieces, [announced, done, whole, all])| {
        let item = match kind {
            0 => json!({"type": "message", "role": "assistant", "content": [
                {"type": "output_text", "text": text, "annotations": [{"n": 1.0}]}, {"type": "refusal", "refusal": other}]}),
            1 => json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": text},
                {"type": "summary_text", "text": other}], "content": [{"type": "reasoning_text", "text": name}]}),
            2 => json!({"type": "function_call", "call_id": other, "name": name, "arguments": text}),
            3 => json!({"type": "code_interpreter_call", "code": text, "outputs": null}),
            4 => json!({"type": "shell_call", "call_id": "c", "action": {"commands": [text, other]}}),
            _ => json!({"type": "hologram_call", "status": "odd", "result": text}),
        };
        let step = text.chars().count().div_ceil(pieces).max(1);
        let characters: Vec<char> = text.chars().collect();
        let mut fragments: Vec<String> = characters.chunks(step).map(|chunk| chunk.iter().collect()).collect();
        if !all {
            fragments.truncate(pieces / 2);
        }
        Told { item, fragments, announced, done, whole }
    })
}

fn events_of(index: usize, told: &Told, item: &Value) -> Vec<(String, Value)> {
    let stem = match told.item["type"].as_str() {
        Some("message") => Some(("output_text", "text", "/content/0/text")),
        Some("reasoning") => Some(("reasoning_summary_text", "text", "/summary/0/text")),
        Some("function_call") => Some(("function_call_arguments", "arguments", "/arguments")),
        Some("code_interpreter_call") => Some(("code_interpreter_call_code", "code", "/code")),
        Some("shell_call") => Some(("shell_call_command", "command", "/action/commands/0")),
        _ => None,
    };
    let mut events = Vec::new();
    let mut push = |kind: &str, mut event: Value| {
        event["output_index"] = index.into();
        events.push((format!("response.{kind}"), event));
    };
    if told.announced {
        let mut begun = item.clone();
        for name in ["content", "summary", "arguments", "code", "action", "result"] {
            if let Some(member) = begun.get_mut(name) {
                *member = if member.is_string() { "".into() } else { Value::Null };
            }
        }
        push("output_item.added", json!({ "item": begun }));
    }
    if let Some((stem, member, place)) = stem {
        for fragment in &told.fragments {
            push(&format!("{stem}.delta"), json!({ "delta": fragment }));
        }
        if told.whole {
            push(&format!("{stem}.done"), json!({ member: item.pointer(place).expect("a text") }));
        }
    }
    if told.done {
        push("output_item.done", json!({ "item": item }));
    }
    events
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Whatever a server leaves out on the way, its stream means what its document means.
    #[test]
    fn a_stream_means_what_its_document_means(told in proptest::collection::vec(told(), 0..5), named: bool, with_ids: bool) {
        let items: Vec<Value> = told.iter().enumerate().map(|(index, told)| {
            let mut item = told.item.clone();
            if with_ids {
                item["id"] = format!("id_{index}").into();
            }
            item
        }).collect();
        let response = |status: &str, output: &[Value]| json!({"id": "resp_1", "object": "response", "status": status,
            "model": "m", "output": output, "usage": {"input_tokens": 3, "output_tokens": 4}});
        let mut events = vec![("response.created".to_owned(), json!({"response": response("in_progress", &[])}))];
        for (index, told) in told.iter().enumerate() {
            events.extend(events_of(index, told, &items[index]));
        }
        // A thin last response leaves out what came whole by itself.
        let all_came = told.iter().all(|told| told.done);
        let last = if all_came { Vec::new() } else { items.clone() };
        events.push(("response.completed".to_owned(), json!({"response": response("completed", &last)})));
        let mut stream = streamed(&events, named);
        let mut document = read(&response("completed", &items));
        // Where a long string stands is another place in each; that it can be found there, the cassettes show.
        for choice in stream.choices.iter_mut().chain(&mut document.choices) {
            for long in choice.item.iter_mut().flat_map(|item| &mut item.long) {
                (long.event, long.within) = (0, String::new());
            }
        }
        prop_assert_eq!(stream, document);
    }

    /// Nothing that is not an error is taken for one, and nothing falls over.
    #[test]
    fn any_members_of_any_event_are_taken(
        kinds in proptest::collection::vec(prop_oneof![
            "response\\.(output_text|refusal|output_item|content_part|reasoning_summary_part|audio|mcp_call|x)\\.(delta|done|added|failed|x)",
            "response\\.(created|completed|in_progress|x)",
            Just("response.output_text.annotation.added".to_owned()),
            Just("response.image_generation_call.partial_image".to_owned()),
        ], 1..8),
        members in proptest::collection::vec((
            prop_oneof!["output_index|item_id|content_index|delta|text|part|item|annotation|response|output|partial_image_b64|obfuscation"],
            prop_oneof![Just("null"), Just("0"), Just("-1"), Just("1e9"), Just("\"t\\u00e9\""), Just("[]"), Just("{}"), Just("[[{}]]"),
                Just(r#"{"type":"message","content":[5,{"text":"x"}]}"#), Just(r#"{"output":[5,{"type":"x"}]}"#)],
        ), 0..6),
    ) {
        let mut mapper = Mapper::new(Dialect::OpenAi);
        for kind in kinds {
            let members: String = members.iter().map(|(name, value)| format!(",\"{name}\":{value}")).collect();
            let event = format!("{{\"type\":\"{kind}\"{members}}}");
            prop_assert_eq!(mapper.event("", &event, &mut |_| {}), None, "{}", event);
        }
        prop_assert_eq!(mapper.unreadable_events(), 0);
    }
}
