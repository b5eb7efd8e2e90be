use juxta_wire::endpoint::Dialect;
use juxta_wire::error::AppError;
use juxta_wire::outcome::Outcome;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::endpoints::chat::Mapper;
use crate::observe::Piece;

/// Everything a mapper says about a stream, and how many events it recognised.
#[derive(Debug, PartialEq)]
struct Told {
    pieces: Vec<String>,
    errors: Vec<Option<AppError>>,
    outcome: Outcome,
}

fn run(events: &[(String, String)], with_templates: bool) -> (Told, u64) {
    let mut mapper = Mapper::new(Dialect::OpenAi);
    let (mut pieces, mut errors) = (Vec::new(), Vec::new());
    for (name, data) in events {
        let mut keep = |piece: Piece<'_>| pieces.push(format!("{piece:?}"));
        errors.push(if with_templates {
            mapper.event(name, data, &mut keep)
        } else {
            mapper.event_without_templates(name, data, &mut keep)
        });
    }
    (Told { pieces, errors, outcome: mapper.outcome() }, mapper.recognised())
}

fn recognised(data: &[&str]) -> u64 {
    let events: Vec<(String, String)> = data.iter().map(|data| (String::new(), (*data).to_owned())).collect();
    let (fast, hits) = run(&events, true);
    assert_eq!(fast, run(&events, false).0, "the same as reading in full");
    hits
}

#[test]
fn deltas_that_differ_only_in_their_text_are_recognised() {
    let delta = |text: &str| format!(r#"{{"id":"c","choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}"#);
    let events = [delta("a"), delta(" b"), delta("ü🦀"), delta("x\\n\\\"y\\u00e9"), delta("}]}")];
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    assert_eq!(recognised(&events), 4, "all but the first");
}

#[test]
fn padding_interleaved_choices_and_reasoning_are_recognised() {
    let padded = |text: &str, pad: &str| {
        format!(r#"{{"choices":[{{"delta":{{"content":"{text}"}},"finish_reason":null}}],"obfuscation":"{pad}"}}"#)
    };
    let events = [padded("a", "xyz"), padded("bcd", "1"), padded("e", ""), padded("f", "q\\n")];
    assert_eq!(recognised(&events.each_ref().map(String::as_str)), 2, "not the first, not the escaped padding");

    let choice = |index: u32, member: &str, text: &str| {
        format!(r#"{{"choices":[{{"index":{index},"delta":{{"{member}":"{text}"}}}}]}}"#)
    };
    let mut events = Vec::new();
    for text in ["a", "b", "c"] {
        for index in 0..2 {
            events.push(choice(index, "reasoning_content", text));
            events.push(choice(index, "content", text));
        }
    }
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    assert_eq!(recognised(&events), 8, "four templates, each met twice again");
}

#[test]
fn what_is_more_than_a_text_is_read_in_full() {
    let first = r#"{"choices":[{"index":0,"delta":{"content":"a"}}]}"#;
    for other in [
        r#"{"choices":[{"index":0,"delta":{"content":""}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"b"}}]} "#,
        r#"{"choices":[{"index":0,"delta":{"content":"b","role":"assistant"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"b","content":"c"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"b\"},"x":{"content":"c"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"\ud83e"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"\x"}}]}"#,
        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\u{1}b\"}}]}",
        r#"{"choices":[{"index":0,"delta":{"content":"b"#,
        r#"{"choices":[{"index":0,"delta":{"content":"b\"#,
        r#"{"choices":[{"index":1,"delta":{"content":"b"}}]}"#,
    ] {
        assert_eq!(recognised(&[first, other]), 0, "{other}");
    }
    for never in [
        r#"{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"a","reasoning":"b"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"a","tool_calls":[{"index":0,"function":{"arguments":"x"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":["a"]}}]}"#,
        r#"{"choices":[{"index":0,"message":{"content":"a"}}]}"#,
        r#"{"error":{"message":"m"},"choices":[{"index":0,"delta":{"content":"a"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"a","annotations":[{}]}}]}"#,
    ] {
        assert_eq!(recognised(&[never, never]), 0, "{never}");
    }
}

#[test]
fn usage_that_a_delta_carries_along_still_wins_when_it_comes_last() {
    let delta = |text: &str, tokens: u32| {
        format!(r#"{{"choices":[{{"delta":{{"content":"{text}"}}}}],"usage":{{"prompt_tokens":{tokens}}}}}"#)
    };
    let events = [delta("a", 1), delta("b", 2), delta("c", 1), delta("d", 2), delta("e", 1)];
    assert_eq!(recognised(&events.each_ref().map(String::as_str)), 3);
    let empty = [delta("a", 1), r#"{"choices":[{"delta":{"content":"b"}}],"usage":{}}"#.to_owned(), delta("c", 7)];
    let again = [empty[1].as_str(), empty[2].as_str(), empty[1].as_str()];
    recognised(&again);
}

/// The inside of a JSON string, valid or not.
fn inside() -> impl Strategy<Value = String> {
    let known = [
        "a",
        " ",
        "Be",
        "rn",
        "é",
        "🦀",
        "\\n",
        "\\\"",
        "\\\\",
        "\\u00e9",
        "\\ud83e\\udd80",
        "\\ud83e",
        "\\",
        "\"",
        "\\x",
        "\u{1}",
        "\n",
        "}",
        "{\\\"a\\\":1}",
        "\"}}]}",
        "[DONE]",
        "",
    ];
    prop_oneof![
        8 => vec(0..known.len(), 0..3).prop_map(move |at| at.into_iter().map(|at| known[at]).collect::<String>()),
        4 => "[a-z ]{1,6}",
    ]
}

/// Events that are alike but for one text, from a few forms, so that templates are learned, met, missed and replaced.
fn event() -> impl Strategy<Value = (String, String)> {
    let forms: &[&str] = &[
        r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"@"},"finish_reason":null}]}"#,
        r#"{"id":"d","model":"n","choices":[{"index":1,"delta":{"content":"@","role":"assistant"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"@"},"finish_reason":""}],"usage":null}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"@","refusal":"","tool_calls":[],"annotations":[]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"reasoning_content":"@","content":"","reasoning":null}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"reasoning_content":"","reasoning":"@"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"reasoning_content":"@","reasoning":"x"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"thinking":"@"}}],"usage":{"prompt_tokens":3,"cost":"@"}}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"@"}}],"usage":{"prompt_tokens":0,"completion_tokens":0}}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"@"}}],"obfuscation":"@"}"#,
        r#"{"obfuscation":"@","choices":[{"index":0,"delta":{"content":"@"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"x","content":"@"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"@","content":"x"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"@"},"delta":{}}]}"#,
        r#"{"status":"ok","data":{"choices":[{"index":2,"delta":{"content":"@"}}]}}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"@"},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":["@",{"type":"text","text":"@"}]}}]}"#,
        r#"{"choices":[{"index":0,"message":{"content":"@"}}]}"#,
        r#"{"choices":[{"index":0,"text":"@"}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"@"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"refusal":"@"}}]}"#,
        r#"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3}}"#,
        r#"{"error":{"message":"@"}}"#,
        r#"{"id":"@","choices":[{"index":0,"delta":{"content":"@"}}]}"#,
        "@",
        "[DONE]",
    ];
    let name = prop_oneof![20 => Just(""), 1 => Just("error"), 1 => Just("message")];
    // The first forms more often, so that they meet themselves again.
    let form = prop_oneof![3 => 0..4_usize, 2 => 0..forms.len()];
    (name, form, inside(), inside()).prop_map(|(name, form, first, second)| {
        let (head, rest) = forms[form].split_once('@').unwrap_or((forms[form], ""));
        let data = match forms[form].contains('@') {
            true => format!("{head}{first}{}", rest.replace('@', &second)),
            false => head.to_owned(),
        };
        (name.to_owned(), data)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn recognising_and_reading_in_full_tell_the_same(events in vec(event(), 0..40)) {
        prop_assert_eq!(run(&events, true).0, run(&events, false).0);
    }
}
