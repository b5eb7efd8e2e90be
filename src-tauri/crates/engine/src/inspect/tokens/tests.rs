use super::*;

fn held(spelled: &str, bytes: &[u8]) -> Held {
    Held {
        spelled: spelled.to_owned(),
        bytes: Some(bytes.to_vec()).filter(|bytes| bytes != spelled.as_bytes()),
        logprob: Some(-1.0),
        entropy: None,
        alternatives: 0,
        event: 1,
        place: 0,
        at: None,
    }
}

fn shown(tokens: &[Held]) -> Vec<(String, u32)> {
    joined(tokens).into_iter().map(|token| (token.text, token.joined)).collect()
}

#[test]
fn pieces_of_a_character_are_shown_by_the_first_of_them() {
    let wave = "🌊".as_bytes();
    let tokens = [
        held("A", b"A"),
        held("\\xf0\\x9f", &wave[..2]),
        held("\\x8c\\x8a", &wave[2..]),
        held(" \\xe6", b" \xe6"),
        held("\\x9d", b"\x9d"),
        held("\\xb1!", b"\xb1!"),
    ];
    let expected = [("A", 1), ("🌊", 2), ("", 0), (" 東!", 3), ("", 0), ("", 0)];
    assert_eq!(shown(&tokens), expected.map(|(text, count)| (text.to_owned(), count)));
}

#[test]
fn bytes_that_never_become_text_are_spelled_as_the_server_spelled_them() {
    let tokens = [held("\\xff", b"\xff"), held("a", b"a"), held("<end>", b""), held("\\xf0\\x9f", b"\xf0\x9f")];
    let expected = [("\\xff", 1), ("a", 1), ("<end>", 1), ("\\xf0\\x9f", 1)];
    assert_eq!(shown(&tokens), expected.map(|(text, count)| (text.to_owned(), count)));
    let broken_off = [held("\\xf0\\x9f", b"\xf0\x9f"), held("b", b"b")];
    assert_eq!(shown(&broken_off), [("\\xf0\\x9f".to_owned(), 1), ("b".to_owned(), 1)]);
}

fn probability(token: &str, share: f64) -> Probability {
    Probability { token: token.to_owned(), bytes: None, logprob: Some(share.ln()) }
}

#[test]
fn entropy_counts_the_rest_as_one() {
    let of = |chosen: f64, others: &[f64]| {
        let mut token = TokenProbability { chosen: probability("a", chosen), alternatives: Vec::new() };
        let names = ["a", "b", "c", "d"];
        token.alternatives = others.iter().zip(names).map(|(share, name)| probability(name, *share)).collect();
        entropy(&token)
    };
    let near = |value: Option<f64>, expected: f64| value.is_some_and(|value| (value - expected).abs() < 1e-9);
    assert!(near(of(0.5, &[0.5, 0.5]), 1.0));
    assert!(near(of(0.5, &[0.5]), 1.0), "the other half is one more possibility");
    assert!(near(of(0.25, &[0.25, 0.25, 0.25]), 2.0));
    assert!(near(of(1.0, &[1.0]), 0.0));
    assert_eq!(of(0.5, &[]), None);
}

#[test]
fn the_chosen_token_is_marked_once_and_added_when_it_is_not_among_the_likeliest() {
    let token = TokenProbability {
        chosen: probability("x", 0.01),
        alternatives: vec![
            probability("b", 0.3),
            probability("a", 0.6),
            Probability { logprob: None, ..probability("never", 1.0) },
        ],
    };
    let found = alternatives(&token);
    let found: Vec<_> = found.iter().map(|one| (one.text.as_str(), one.chosen)).collect();
    assert_eq!(found, [("a", false), ("b", false), ("x", true)]);
}

#[test]
fn a_request_asks_for_logprobs_or_does_not() {
    use EndpointKind::{Chat, Completions, Responses};
    for (endpoint, body, asks) in [
        (Chat, r#"{"model":"m","logprobs":true}"#, true),
        (Chat, r#"{"logprobs":3}"#, true),
        (Chat, r#"{"logprobs":false}"#, false),
        (Chat, r#"{"logprobs":null,"top_logprobs":5}"#, false),
        (Chat, r#"{"messages":[{"logprobs":true}]}"#, false),
        (Chat, "not JSON", false),
        (Completions, r#"{"logprobs":0}"#, true),
        (Completions, r#"{"logprobs":null}"#, false),
        (Responses, r#"{"include":["x","message.output_text.logprobs"]}"#, true),
        (Responses, r#"{"top_logprobs":2}"#, true),
        (Responses, r#"{"include":["x"],"logprobs":true}"#, false),
    ] {
        assert_eq!(asks_for_logprobs(body.as_bytes(), endpoint), asks, "{body}");
    }
}

#[tokio::test]
async fn tokens_that_come_again_with_the_whole_text_are_counted_once() {
    use super::super::fixture::Recorded;
    let recorded = Recorded::of(EndpointKind::Responses);
    let token =
        |text: &str| format!(r#"{{"token":"{text}","logprob":-0.5,"top_logprobs":[{{"token":"z","logprob":-1.5}}]}}"#);
    let delta = |text: &str| {
        let kind = r#""type":"response.output_text.delta","output_index":1,"content_index":0"#;
        format!("data: {{{kind},\"delta\":\"{text}\",\"logprobs\":[{}]}}\n\n", token(text))
    };
    let both = format!("{},{}", token("a"), token("é"));
    let parts = format!(r#"[{{"text":"aé","logprobs":[{both}]}},{{"text":"!","logprobs":[{}]}}]"#, token("!"));
    let item = format!(r#"{{"type":"message","content":{parts}}}"#);
    let frames = [
        delta("a"),
        delta("é"),
        format!(
            "data: {{\"type\":\"response.output_text.done\",\"output_index\":1,\"text\":\"aé\",\"logprobs\":[{both}]}}\n\n"
        ),
        format!("data: {{\"type\":\"response.output_item.done\",\"output_index\":1,\"item\":{item}}}\n\n"),
        format!("data: {{\"type\":\"response.completed\",\"response\":{{\"output\":[{{}},{item}]}}}}\n\n"),
    ];
    let chunks: Vec<(u64, &[u8])> = frames.iter().zip(1..).map(|(frame, at)| (at, frame.as_bytes())).collect();
    let id = recorded.stream(&chunks);
    let view = recorded.engine.tokens(&id, 1).unwrap();
    let texts: Vec<(&str, Option<u32>)> = view.tokens.iter().map(|token| (token.text.as_str(), token.event)).collect();
    assert_eq!(texts, [("a", Some(1)), ("é", Some(2)), ("!", Some(4))]);
    let of = |token| {
        recorded.engine.alternatives(&id, 1, token).unwrap().into_iter().map(|one| one.text).collect::<Vec<_>>()
    };
    assert_eq!([of(1), of(2)], [["é", "z"], ["!", "z"]]);
}
