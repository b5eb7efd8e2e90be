//! Completions and generate.

use serde_json::{Value, json};

use crate::caller::{COMPLETIONS, GENERATE, ask, sandbox, stream};

#[tokio::test]
async fn an_answer_to_a_prompt_reads_exactly_like_this() {
    let sandbox = sandbox().await;
    let details = r#""prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}"#;
    let choice = r#"{"text":"Hi you","index":0,"logprobs":null,"finish_reason":"stop"}"#;
    let counts = r#""prompt_tokens":2,"completion_tokens":2,"total_tokens":4"#;
    let cases = [
        (
            COMPLETIONS[0],
            format!(
                r#"{{"id":"cmpl-ID","object":"text_completion","created":0,"model":"echo","choices":[{choice}],"usage":{{{counts},{details}}}}}"#
            ),
        ),
        (
            COMPLETIONS[1],
            format!(
                r#"{{"id":"cmpl-ID","object":"text_completion","created":0,"model":"sandbox/echo","system_fingerprint":"fp_sandbox","choices":[{choice}],"usage":{{{counts},{details}}}}}"#
            ),
        ),
        (
            GENERATE,
            format!(
                r#"{{"status":"ok","data":{{"id":"cmpl-ID","object":"text_completion","created":0,"model":"sandbox/echo","choices":[{choice}],"usage":{{{counts}}}}},"meta":{{"request_id":"req_ID"}}}}"#
            ),
        ),
    ];
    for (path, expected) in cases {
        assert_eq!(ask(&sandbox, path, "sandbox/echo", json!({})).await.steady_text(), expected, "{path}");
    }
    let headed = ask(&sandbox, GENERATE, "sandbox/complete", json!({ "stream": true })).await;
    assert_eq!(headed.header("X-Scaigrid-Model"), Some("sandbox/complete"));
    assert_eq!(headed.header("Content-Type"), Some("application/json"), "nothing is said about streams there");
}

#[tokio::test]
async fn several_prompts_get_several_answers_each_and_streams_say_the_same() {
    let sandbox = sandbox().await;
    for path in COMPLETIONS {
        let members = json!({ "prompt": ["one ÿ", "two \"2\""], "n": 2, "echo": true, "suffix": "\nend" });
        let whole = ask(&sandbox, path, "sandbox/echo", members.clone()).await.json();
        let texts: Vec<_> =
            whole["choices"].as_array().expect("choices").iter().map(|choice| choice["text"].clone()).collect();
        assert_eq!(texts, ["one ÿone ÿ\nend", "one ÿone ÿ\nend", "two \"2\"two \"2\"\nend", "two \"2\"two \"2\"\nend"]);
        let streamed = stream(&sandbox, path, "sandbox/echo", members).await;
        for (index, text) in texts.iter().enumerate() {
            let choices = streamed.choices(index as u64);
            let joined: String = choices.iter().filter_map(|choice| choice["text"].as_str()).collect();
            assert_eq!(*text, joined);
            assert_eq!(choices.last().map(|choice| choice["finish_reason"].clone()), Some(json!("stop")));
        }
        assert_eq!(streamed.text().ends_with("data: [DONE]\n\n"), path == COMPLETIONS[1], "never on Scale's routes");
        assert!(!streamed.text().contains("\"usage\""), "nobody asked for it");
    }
}

#[tokio::test]
async fn usage_comes_last_when_it_is_asked_for() {
    let sandbox = sandbox().await;
    let members = json!({ "stream_options": { "include_usage": true }, "max_tokens": 4 });
    for path in COMPLETIONS {
        let frames = stream(&sandbox, path, "sandbox/complete", members.clone()).await.frames();
        let last = frames.last().expect("frames");
        assert_eq!((&last["choices"], &last["usage"]["completion_tokens"]), (&json!([]), &json!(4)));
        assert_eq!(frames[frames.len() - 2]["choices"][0]["finish_reason"], "length");
    }
}

#[tokio::test]
async fn stop_texts_and_seeds_hold_here_too() {
    let sandbox = sandbox().await;
    let stopped = json!({ "prompt": "one two three", "stop": ["three"] });
    for path in [COMPLETIONS[0], GENERATE] {
        let answer = ask(&sandbox, path, "sandbox/echo", stopped.clone()).await.json();
        let data = answer.get("data").unwrap_or(&answer);
        assert_eq!(data["choices"][0]["text"], "one two ");
    }
    let text = async |seed: u64| {
        ask(&sandbox, COMPLETIONS[1], "sandbox/complete", json!({ "seed": seed })).await.json()["choices"][0]["text"]
            .clone()
    };
    assert_eq!(text(1).await, text(1).await);
    assert_ne!(text(1).await, text(2).await);
}

#[tokio::test]
async fn log_probabilities_are_columns_whose_offsets_count_characters() {
    let sandbox = sandbox().await;
    let members = json!({ "logprobs": 3 });
    let whole = ask(&sandbox, COMPLETIONS[1], "sandbox/unicode", members.clone()).await.json();
    let (choice, columns) = (&whole["choices"][0], &whole["choices"][0]["logprobs"]);
    let column = |name: &str| columns[name].as_array().expect("a column").clone();
    let tokens = column("tokens");
    for name in ["token_logprobs", "top_logprobs", "text_offset"] {
        assert_eq!(column(name).len(), tokens.len(), "{name}");
    }
    let joined: String = tokens.iter().filter_map(Value::as_str).collect();
    assert_eq!(choice["text"], joined);
    let characters: Vec<char> = joined.chars().collect();
    for (token, offset) in tokens.iter().zip(column("text_offset")) {
        let (token, offset) = (token.as_str().expect("text"), offset.as_u64().expect("a place") as usize);
        assert!(characters[offset..].iter().collect::<String>().starts_with(token));
    }
    assert!(column("top_logprobs").iter().all(|top| top.as_object().is_some_and(|top| top.len() == 3)));

    let streamed = stream(&sandbox, COMPLETIONS[1], "sandbox/unicode", members).await;
    let rejoined: Vec<Value> = streamed
        .choices(0)
        .iter()
        .flat_map(|choice| choice["logprobs"]["text_offset"].as_array().cloned().unwrap_or_default())
        .collect();
    assert_eq!(rejoined, column("text_offset"), "counted through the whole stream");
}

#[tokio::test]
async fn prompts_are_checked() {
    let sandbox = sandbox().await;
    let cases = [
        (json!({ "prompt": 5 }), "string_type", "prompt"),
        (json!({ "prompt": [] }), "too_short", "prompt"),
        (json!({ "prompt": ["x", 5] }), "string_type", "prompt"),
        (json!({ "n": 3, "best_of": 2 }), "greater_than_equal", "best_of"),
    ];
    for (members, kind, name) in cases {
        let refused = ask(&sandbox, COMPLETIONS[0], "sandbox/echo", members.clone()).await;
        assert_eq!(refused.status, 422, "{members}");
        let detail = refused.json()["detail"][0].clone();
        assert_eq!((&detail["loc"], &detail["type"]), (&json!(["body", name]), &json!(kind)), "{members}");
    }
    let list = ask(&sandbox, GENERATE, "sandbox/echo", json!({ "prompt": ["x"] })).await;
    assert_eq!((list.status, list.json()["error"]["details"][0]["field"].clone()), (422, json!("prompt")));
}
