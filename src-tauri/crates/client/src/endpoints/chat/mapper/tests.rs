use juxta_wire::error::RejectionCategory;
use juxta_wire::outcome::{Choice as Folded, Outcome, SpokenAnswer, ToolCall};

use super::*;

/// Appends pieces to the outcome, as whoever receives them does.
fn fold(outcome: &mut Vec<Folded>, piece: Piece<'_>) {
    let place = |outcome: &mut Vec<Folded>, index: u32| {
        outcome.iter().position(|choice| choice.index == index).unwrap_or_else(|| {
            outcome.push(Folded { index, ..Folded::default() });
            outcome.len() - 1
        })
    };
    match piece {
        Piece::Text { choice, text } => {
            let place = place(outcome, choice);
            outcome[place].text.push_str(text);
        }
        Piece::Reasoning { choice, text } => {
            let place = place(outcome, choice);
            outcome[place].reasoning.push_str(text);
        }
        Piece::Refusal { choice, text } => {
            let place = place(outcome, choice);
            outcome[place].refusal.push_str(text);
        }
        Piece::ToolCall { choice, call, id, name, kind, arguments } => {
            let place = place(outcome, choice);
            let calls = &mut outcome[place].tool_calls;
            calls.resize_with(calls.len().max(call as usize + 1), ToolCall::default);
            let call = &mut calls[call as usize];
            assert!(id.is_none() || call.id.is_none(), "an id is told once");
            assert!(name.is_none() || call.name.is_empty(), "a name is told once");
            assert!(kind.is_none() || call.kind.is_empty(), "a kind is told once");
            call.id = call.id.take().or(id.map(str::to_owned));
            call.name.push_str(name.unwrap_or_default());
            call.kind.push_str(kind.unwrap_or_default());
            call.arguments.push_str(arguments);
        }
        Piece::Item { .. } => panic!("a chat has no items"),
    }
}

/// The mapper's facts with the texts of its pieces; what both say of a tool call must agree.
fn merged(mapper: &Mapper, mut texts: Vec<Folded>) -> Outcome {
    let mut outcome = mapper.outcome();
    for choice in &mut outcome.choices {
        let Some(at) = texts.iter().position(|texts| texts.index == choice.index) else { continue };
        let texts = texts.swap_remove(at);
        assert_eq!(texts.tool_calls.len(), choice.tool_calls.len());
        for (call, told) in choice.tool_calls.iter_mut().zip(texts.tool_calls) {
            call.arguments.clone_from(&told.arguments);
            assert_eq!(*call, told, "pieces and outcome agree");
        }
        (choice.text, choice.reasoning, choice.refusal) = (texts.text, texts.reasoning, texts.refusal);
    }
    assert!(texts.is_empty(), "every piece belongs to a choice of the outcome");
    outcome
}

/// Feeds unnamed events; an error fails the test.
fn mapped(events: &[&str]) -> (Outcome, Mapper) {
    let mut mapper = Mapper::new(Dialect::ScaleV5);
    let mut texts = Vec::new();
    for event in events {
        assert_eq!(mapper.event("", event, &mut |piece| fold(&mut texts, piece)), None, "{event}");
    }
    (merged(&mapper, texts), mapper)
}

/// The choices of a stream whose chunks have these as their `choices`.
fn choices(chunks: &[&str]) -> Vec<Folded> {
    let events: Vec<String> = chunks.iter().map(|choices| format!(r#"{{"choices":{choices}}}"#)).collect();
    mapped(&events.iter().map(String::as_str).collect::<Vec<_>>()).0.choices
}

/// The one choice of a stream of these deltas.
fn deltas(deltas: &[&str]) -> Folded {
    let chunks: Vec<String> = deltas.iter().map(|delta| format!(r#"[{{"index":0,"delta":{delta}}}]"#)).collect();
    let mut choices = choices(&chunks.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(choices.len(), 1);
    choices.remove(0)
}

fn call(id: Option<&str>, kind: &str, name: &str, arguments: &str) -> ToolCall {
    ToolCall {
        id: id.map(str::to_owned),
        kind: kind.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    }
}

#[test]
fn a_stream_gives_its_text_and_its_facts() {
    let (outcome, mapper) = mapped(&[
        r#"{"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
        r#"{"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"Be"},"finish_reason":null}]}"#,
        r#"{"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"rn"},"finish_reason":null}]}"#,
        r#"{"id":"c1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        r#"{"id":"c1","model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}"#,
        "[DONE]",
    ]);
    let expected = Outcome {
        choices: vec![Folded {
            text: "Bern".to_owned(),
            finish_reason: Some("stop".to_owned()),
            text_deltas: 2,
            ..Folded::default()
        }],
        usage: Some(Usage {
            input_tokens: Some(9),
            output_tokens: Some(2),
            total_tokens: Some(11),
            ..Usage::default()
        }),
        model: Some("m".to_owned()),
        response_id: Some("c1".to_owned()),
        end_marker: true,
        events: 6,
        ..Outcome::default()
    };
    assert_eq!(outcome, expected);
    assert_eq!(mapper.end(), Ok(()));
}

#[test]
fn a_stream_ends_with_a_mark_or_with_a_finish_reason_of_every_choice() {
    let open = r#"{"choices":[{"index":0,"delta":{"content":"a"}}]}"#;
    let stop = |index: u32| format!(r#"{{"choices":[{{"index":{index},"delta":{{}},"finish_reason":"stop"}}]}}"#);
    let other = r#"{"choices":[{"index":1,"delta":{"content":"b"}}]}"#;
    let (first, second) = (stop(0), stop(1));
    let cases: &[(&[&str], bool)] = &[
        (&[], false),
        (&[open], false),
        (&[open, &first], true),
        (&[open, other, &first], false),
        (&[open, other, &first, &second], true),
        (&[open, "[DONE]"], true),
        (&[open, " [DONE] \n"], true),
        (&["[DONE]"], true),
        (&[r#"{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":""}]}"#], false),
    ];
    for (events, ended) in cases {
        let (_, mapper) = mapped(events);
        assert_eq!(mapper.is_ended(), *ended, "{events:?}");
        let early =
            matches!(mapper.end(), Err(AppError::EndedEarly { events: count, .. }) if count == events.len() as u64);
        assert_eq!(early, !ended, "{events:?}");
    }
}

#[test]
fn chunks_come_out_of_every_wrapping() {
    for chunk in [
        r#"{"data":{"id":"c","choices":[{"delta":{"content":"a"}}],"usage":{"tokens_in":1}}}"#,
        r#"{"status":"ok","data":{"id":"c","choices":[{"delta":{"content":"a"}}]},"usage":{"input_tokens":1}}"#,
        r#"{"code":0,"message":"ok","data":{"id":"c","choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":1}}}"#,
        r#"{"error":null,"id":"c","choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":1.0},"data":5}"#,
    ] {
        let (outcome, _) = mapped(&[chunk]);
        assert_eq!(outcome.choices[0].text, "a", "{chunk}");
        assert_eq!(outcome.response_id.as_deref(), Some("c"), "{chunk}");
        assert_eq!(outcome.usage.and_then(|usage| usage.input_tokens), Some(1), "{chunk}");
    }
}

#[test]
fn an_error_is_seen_in_every_shape_and_the_end_mark_does_not_undo_it() {
    let cases = [
        ("error", r#"{"code":"BACKEND_ERROR","message":"gone"}"#),
        ("error", r#"{"error":{"code":"BACKEND_ERROR","message":"gone"}}"#),
        ("error", r#"{"status":"error","error":{"code":"BACKEND_ERROR","message":"gone"}}"#),
        ("", r#"{"error":{"message":"gone","type":"x","param":null,"code":"BACKEND_ERROR"}}"#),
        ("", r#"{"error":{"message":"gone","code":"BACKEND_ERROR"},"choices":[]}"#),
        ("", r#"{"error":{"message":"gone","code":"BACKEND_ERROR"},"choices":[{"delta":{},"finish_reason":"error"}]}"#),
        ("", r#"{"status":"error","code":"BACKEND_ERROR","message":"gone"}"#),
        ("", r#"{"object":"error","code":"BACKEND_ERROR","message":"gone"}"#),
        ("", r#"{"data":{"error":{"message":"gone","code":"BACKEND_ERROR"}}}"#),
        ("chunk", r#"{"error":{"message":"gone","code":"BACKEND_ERROR"}}"#),
    ];
    for (name, data) in cases {
        let mut mapper = Mapper::new(Dialect::ScaigridV1);
        let mut texts = Vec::new();
        let text = r#"{"choices":[{"delta":{"content":"kept"}}]}"#;
        assert_eq!(mapper.event("", text, &mut |piece| fold(&mut texts, piece)), None);
        let Some(AppError::Rejected(rejection)) = mapper.event(name, data, &mut |piece| fold(&mut texts, piece)) else {
            panic!("an error: {data}")
        };
        assert_eq!((rejection.category, rejection.event), (RejectionCategory::InStream, Some(2)), "{data}");
        assert_eq!((rejection.code.as_deref(), rejection.message.as_str()), (Some("BACKEND_ERROR"), "gone"), "{data}");
        assert_eq!(mapper.event("", "[DONE]", &mut |piece| fold(&mut texts, piece)), None);
        assert_eq!(merged(&mapper, texts).choices[0].text, "kept", "{data}");
    }
    let plain = Mapper::new(Dialect::OpenAi).event("error", "the backend is gone", &mut |_| {});
    let Some(AppError::Rejected(rejection)) = plain else { panic!("an error without JSON") };
    assert_eq!(rejection.message, "the backend is gone");
}

#[test]
fn the_unknown_does_nothing() {
    let (outcome, mapper) = mapped(&[
        "{}",
        "5",
        "null",
        "\"text\"",
        "[]",
        "",
        r#"{"type":"ping"}"#,
        r#"{"choices":null}"#,
        r#"{"choices":{}}"#,
        r#"{"choices":[null,5,{}]}"#,
        r#"{"choices":[{"index":"x","delta":[],"finish_reason":{}}],"usage":"much","id":7,"model":{}}"#,
        r#"{"choices":[{"delta":{"content":5,"tool_calls":"no","function_call":[],"annotations":{},"refusal":1}}]}"#,
        r#"{"choices":[{"delta":{"content":null,"audio":"UklG","obfuscation":"x"}}]}"#,
        r#"{"error":{},"message":"fine"}"#,
        r#"{"error":""}"#,
        r#"{"error":false,"detail":null}"#,
    ]);
    assert!(outcome.choices.iter().all(|choice| *choice == Folded { index: choice.index, ..Folded::default() }));
    assert_eq!((outcome.usage, outcome.model, outcome.response_id, mapper.unreadable_events()), (None, None, None, 0));
    let mut mapper = Mapper::new(Dialect::OpenAi);
    assert_eq!(mapper.event("ping", r#"{"choices":5}"#, &mut |_| panic!("no piece")), None);
}

#[test]
fn what_is_spoken_is_told_in_its_words_and_its_sound_is_counted() {
    let audio =
        |members: &str| format!(r#"{{"choices":[{{"index":0,"delta":{{"content":null,"audio":{{{members}}}}}}}]}}"#);
    let events = [
        audio(r#""id":"audio_1""#),
        audio(r#""transcript":"Good ""#),
        audio(r#""data":"UklGRg==""#),
        audio(r#""transcript":"mörning 🐟","data":"AAAA""#),
        audio(r#""expires_at":1795003600"#),
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#.to_owned(),
    ];
    let (outcome, _) = mapped(&events.iter().map(String::as_str).collect::<Vec<_>>());
    let [choice] = outcome.choices.as_slice() else { panic!("one choice") };
    assert_eq!((choice.text.as_str(), choice.text_deltas), ("Good mörning 🐟", 2));
    let id = Some("audio_1".to_owned());
    let spoken = SpokenAnswer { id, expires_at: Some(1_795_003_600), is_transcript: true, characters: 12 };
    assert_eq!(choice.audio, Some(spoken));
}

#[test]
fn words_that_are_written_and_spoken_are_told_once() {
    for events in [
        vec![r#"{"choices":[{"delta":{"content":"Hi.","audio":{"data":"AA==","transcript":"Hi."}}}]}"#],
        vec![
            r#"{"choices":[{"delta":{"content":"H"}}]}"#,
            r#"{"choices":[{"delta":{"content":"i."}}]}"#,
            r#"{"choices":[{"delta":{"audio":{"data":"AA=="}}}]}"#,
            r#"{"choices":[{"delta":{"audio":{"transcript":"Hi."}}}]}"#,
            r#"{"choices":[{"message":{"audio":{"data":"AA==","transcript":"Hi."}}}]}"#,
        ],
    ] {
        let (outcome, _) = mapped(&events);
        assert_eq!(outcome.choices[0].text, "Hi.");
        let spoken = SpokenAnswer { characters: 4, ..SpokenAnswer::default() };
        assert_eq!(outcome.choices[0].audio, Some(spoken), "the words are the content's");
    }
}

#[test]
fn details_of_a_reasoning_count_where_nothing_else_says_it() {
    let details = r#"[{"type":"reasoning.text","text":"Hm"},{"type":"reasoning.summary","summary":", so"},{"type":"reasoning.encrypted","data":"AAAA"}]"#;
    for (delta, expected) in [
        (format!(r#""reasoning_details":{details}"#), "Hm, so"),
        (format!(r#""reasoning":"Hm.","reasoning_details":{details}"#), "Hm."),
        (format!(r#""reasoning":"","reasoning_details":{details},"content":"Yes.""#), "Hm, so"),
    ] {
        let event = format!(r#"{{"choices":[{{"delta":{{{delta}}}}}]}}"#);
        let (outcome, _) = mapped(&[&event, &event]);
        assert_eq!(outcome.choices[0].reasoning, expected.repeat(2), "{delta}");
    }
}

#[test]
fn an_event_that_is_no_json_is_skipped_unless_nothing_else_came() {
    let (outcome, mapper) = mapped(&["oops", r#"{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}"#, "{"]);
    assert_eq!((outcome.choices[0].text.as_str(), outcome.events), ("a", 3));
    assert_eq!((mapper.unreadable_events(), mapper.end()), (2, Ok(())));

    let (_, mapper) = mapped(&["oops", "<html>"]);
    let Err(AppError::Protocol { excerpt, .. }) = mapper.end() else { panic!("not understood") };
    assert_eq!(excerpt, "oops", "the first is shown");
}

#[test]
fn usage_may_stand_on_any_chunk_and_the_last_wins() {
    let zero = r#"{"choices":[{"index":0,"delta":{"content":"a"}}],"usage":{"prompt_tokens":0,"completion_tokens":0}}"#;
    let full = r#""usage":{"prompt_tokens":9,"completion_tokens":3}"#;
    for last in [
        format!(r#"{{"choices":[],{full}}}"#),
        format!(r#"{{"choices":[{{"index":0,"delta":{{}}}}],{full}}}"#),
        format!(r#"{{"choices":[{{"index":0,"delta":{{}},"finish_reason":"stop"}}],{full}}}"#),
        format!(r#"{{{full}}}"#),
    ] {
        let (outcome, _) = mapped(&[zero, zero, &last, r#"{"choices":[],"usage":null}"#]);
        let usage = outcome.usage.expect("usage");
        assert_eq!((usage.input_tokens, usage.output_tokens), (Some(9), Some(3)), "{last}");
        assert_eq!(outcome.choices[0].text, "aa", "{last}");
    }
}

#[test]
fn reasoning_is_found_under_all_its_names_and_told_once() {
    let expected = |text: &str, reasoning: &str, text_deltas, reasoning_deltas| Folded {
        text: text.to_owned(),
        reasoning: reasoning.to_owned(),
        text_deltas,
        reasoning_deltas,
        ..Folded::default()
    };
    for member in ["reasoning_content", "reasoning", "thinking"] {
        let first = format!(r#"{{"{member}":"I th"}}"#);
        let second = format!(r#"{{"{member}":"ink","content":""}}"#);
        assert_eq!(deltas(&[&first, &second, r#"{"content":"Yes"}"#]), expected("Yes", "I think", 1, 2), "{member}");
    }
    assert_eq!(deltas(&[r#"{"reasoning_content":"a","reasoning":"a","thinking":"a"}"#]), expected("", "a", 0, 1));
    let blocks = r#"[{"type":"thinking","thinking":"a","signature":"s"},{"type":"thinking","thinking":"b"}]"#;
    assert_eq!(deltas(&[&format!(r#"{{"thinking_blocks":{blocks}}}"#)]).reasoning, "ab");
    assert_eq!(deltas(&[&format!(r#"{{"reasoning_content":"ab","thinking_blocks":{blocks}}}"#)]).reasoning, "ab");
    assert_eq!(deltas(&[r#"{"reasoning_content":"a","content":"b"}"#]), expected("b", "a", 1, 1), "both in one delta");
    let parts = r#"{"content":["a",{"type":"thinking","thinking":[{"type":"text","text":"t"}]},{"type":"text","text":"b"},
        {"type":"refusal","refusal":"r"},{"type":"image"},7]}"#;
    let folded = deltas(&[parts]);
    assert_eq!((folded.text.as_str(), folded.reasoning.as_str(), folded.refusal.as_str()), ("ab", "t", "r"));
}

#[test]
fn fragments_of_tool_calls_find_their_call() {
    let weather = |arguments: &str| call(Some("c1"), "function", "get_weather", arguments);
    let cases: &[(&str, &[&str], Vec<ToolCall>)] = &[
        (
            "by index, id and name only in the first",
            &[
                r#"[{"index":0,"id":"c1","type":"function","function":{"name":"get_weather","arguments":""}}]"#,
                r#"[{"index":0,"function":{"arguments":"{\"city\":"}}]"#,
                r#"[{"index":1,"id":"c2","type":"function","function":{"name":"now","arguments":"{"}}]"#,
                r#"[{"index":0,"function":{"arguments":"\"Bern\"}"}},{"index":1,"function":{"arguments":"}"}}]"#,
            ],
            vec![weather(r#"{"city":"Bern"}"#), call(Some("c2"), "function", "now", "{}")],
        ),
        (
            "id, name and type repeated",
            &[
                r#"[{"index":0,"id":"c1","type":"function","function":{"name":"get_weather","arguments":"a"}}]"#,
                r#"[{"index":0,"id":"c1","type":"function","function":{"name":"get_weather","arguments":"b"}}]"#,
            ],
            vec![weather("ab")],
        ),
        (
            "without index, by id, else the last",
            &[
                r#"[{"id":"c1","function":{"name":"get_weather","arguments":"a"}}]"#,
                r#"[{"id":"c2","function":{"name":"now","arguments":"x"}}]"#,
                r#"[{"id":"c1","function":{"arguments":"b"}}]"#,
                r#"[{"function":{"arguments":"y"}}]"#,
            ],
            vec![weather("ab"), call(Some("c2"), "function", "now", "xy")],
        ),
        (
            "every call numbered 0",
            &[
                r#"[{"index":0,"id":"c1","function":{"name":"get_weather","arguments":"a"}}]"#,
                r#"[{"index":0,"id":"c2","function":{"name":"get_weather","arguments":"x"}}]"#,
                r#"[{"index":0,"function":{"arguments":"y"}}]"#,
            ],
            vec![weather("a"), call(Some("c2"), "function", "get_weather", "xy")],
        ),
        (
            "neither index nor id, whole calls",
            &[r#"[{"function":{"name":"get_weather","arguments":{"city":"Bern", "n":1.0}}},
                    {"function":{"name":"now","arguments":{}}}]"#],
            vec![
                call(None, "function", "get_weather", r#"{"city":"Bern", "n":1.0}"#),
                call(None, "function", "now", "{}"),
            ],
        ),
        (
            "a custom tool",
            &[
                r#"[{"index":0,"id":"c1","type":"custom","custom":{"name":"sql","input":"sel"}}]"#,
                r#"[{"index":0,"custom":{"input":"ect 1"}}]"#,
            ],
            vec![call(Some("c1"), "custom", "sql", "select 1")],
        ),
        (
            "null arguments",
            &[r#"[{"index":0,"id":"c1","function":{"name":"now","arguments":null}}]"#],
            vec![call(Some("c1"), "function", "now", "")],
        ),
        ("a bare call", &[r#"[{"index":3}]"#], vec![call(None, "function", "", "")]),
    ];
    for (what, fragments, expected) in cases {
        let fragments: Vec<String> = fragments.iter().map(|calls| format!(r#"{{"tool_calls":{calls}}}"#)).collect();
        let folded = deltas(&fragments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(folded.tool_calls, *expected, "{what}");
    }
}

#[test]
fn the_deprecated_function_call_is_a_call_of_its_kind() {
    let folded = deltas(&[
        r#"{"function_call":{"name":"now","arguments":""}}"#,
        r#"{"function_call":{"arguments":"{\"a\""}}"#,
        r#"{"function_call":{"arguments":":1}"}}"#,
    ]);
    assert_eq!(folded.tool_calls, [call(None, "function_call", "now", r#"{"a":1}"#)]);
}

#[test]
fn choices_refusals_annotations_and_whole_messages_are_taken() {
    let folded = choices(&[
        r#"[{"index":1,"delta":{"content":"one"}}]"#,
        r#"[{"index":0,"delta":{"role":"assistant","content":"zero"}},{"index":1,"delta":{"content":"!"}}]"#,
        r#"[{"delta":{"refusal":"I "}},{"delta":{"refusal":"won't"},"finish_reason":"content_filter"}]"#,
        r#"[{"index":0,"delta":{"annotations":[{"type":"url_citation","n":1.50}]},"finish_reason":"stop"}]"#,
        r#"[{"index":0,"delta":{"annotations":[{"type":"other"}]}}]"#,
        r#"[{"index":2,"message":{"content":"whole","tool_calls":[{"id":"a","function":{"name":"f"}},{"function":{"name":"f"}}]}}]"#,
        r#"[{"index":2,"message":{"content":"whole again"}}]"#,
        r#"[{"index":3,"text":"completion"}]"#,
    ]);
    let expected = [
        Folded {
            text: "zero".to_owned(),
            refusal: "I ".to_owned(),
            annotations: Some(r#"[{"type":"url_citation","n":1.50},{"type":"other"}]"#.to_owned()),
            finish_reason: Some("stop".to_owned()),
            text_deltas: 1,
            ..Folded::default()
        },
        Folded {
            index: 1,
            text: "one!".to_owned(),
            refusal: "won't".to_owned(),
            finish_reason: Some("content_filter".to_owned()),
            text_deltas: 2,
            ..Folded::default()
        },
        Folded {
            index: 2,
            text: "whole".to_owned(),
            tool_calls: vec![call(Some("a"), "function", "f", ""), call(None, "function", "f", "")],
            text_deltas: 1,
            ..Folded::default()
        },
        Folded { index: 3, text: "completion".to_owned(), text_deltas: 1, ..Folded::default() },
    ];
    assert_eq!(folded, expected);
}

fn document(json: &str) -> Result<Outcome, AppError> {
    let mut mapper = Mapper::new(Dialect::ScaigridV1);
    let mut texts = Vec::new();
    mapper.document(json.as_bytes(), &mut |piece| fold(&mut texts, piece))?;
    assert_eq!(mapper.end(), Ok(()), "a document is whole");
    Ok(merged(&mapper, texts))
}

#[test]
fn a_document_is_read_with_and_without_its_envelope() {
    let answer = r#"{"id":"c1","model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant",
        "content":"Hi.","reasoning_content":"Hm.","refusal":null,"annotations":[],"audio":{"data":"","transcript":"Hi."},
        "tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},
            {"id":"b","type":"custom","custom":{"name":"sql","input":"select 1"}},
            {"function":{"name":"f","arguments":{"x":1}}},{"function":{"name":"f"}}]}}],
        "usage":{"prompt_tokens":9,"completion_tokens":3}}"#;
    let expected = Outcome {
        choices: vec![Folded {
            text: "Hi.".to_owned(),
            reasoning: "Hm.".to_owned(),
            audio: Some(SpokenAnswer::default()),
            finish_reason: Some("stop".to_owned()),
            tool_calls: vec![
                call(Some("a"), "function", "f", "{}"),
                call(Some("b"), "custom", "sql", "select 1"),
                call(None, "function", "f", r#"{"x":1}"#),
                call(None, "function", "f", ""),
            ],
            ..Folded::default()
        }],
        usage: Some(Usage { input_tokens: Some(9), output_tokens: Some(3), ..Usage::default() }),
        model: Some("m".to_owned()),
        response_id: Some("c1".to_owned()),
        ..Outcome::default()
    };
    for json in [
        answer.to_owned(),
        format!("\u{FEFF} {answer}\n"),
        format!(r#"{{"data":{answer}}}"#),
        format!(r#"{{"status":"ok","data":{answer},"meta":{{"request_id":"r"}}}}"#),
    ] {
        assert_eq!(document(&json), Ok(expected.clone()), "{json}");
    }
}

#[test]
fn a_document_that_is_no_answer_says_why() {
    let Err(AppError::Rejected(rejection)) = document(
        r#"{"status":"error","error":{"code":"BUDGET_EXCEEDED","message":"spent"},"meta":{"request_id":"r"}}"#,
    ) else {
        panic!("an error under status 200")
    };
    assert_eq!(
        (rejection.category, rejection.message.as_str(), rejection.request_id.as_deref(), rejection.retryable),
        (RejectionCategory::Exhausted, "spent", Some("r"), false)
    );
    let Err(AppError::Protocol { at, excerpt, .. }) = document("{\"choices\":\n [}") else { panic!("no JSON") };
    assert_eq!((at, excerpt.as_str()), (14, "{\"choices\":\n [}"));
    for json in ["{}", "[]", "\"text\"", r#"{"data":{"items":[]}}"#] {
        assert!(matches!(document(json), Err(AppError::Protocol { .. })), "{json}");
    }
}
