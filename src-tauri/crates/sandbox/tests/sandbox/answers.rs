//! Answers in one piece, and what a request can ask of any answer.

use serde_json::{Value, json};

use crate::caller::{CHATS, OPENAI, SCAIGRID, SCALE, ask, sandbox, stream};

#[tokio::test]
async fn each_dialect_has_its_own_envelope() {
    let sandbox = sandbox().await;
    let details = r#""prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}"#;
    let cases = [
        (
            SCALE,
            format!(
                r#"{{"id":"chatcmpl-ID","object":"chat.completion","created":0,"model":"echo","choices":[{{"index":0,"message":{{"role":"assistant","content":"Hi you"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":8,"completion_tokens":2,"total_tokens":10,{details}}}}}"#
            ),
        ),
        (
            SCAIGRID,
            r#"{"status":"ok","data":{"id":"chatcmpl-ID","object":"chat.completion","created":0,"model":"sandbox/echo","choices":[{"index":0,"message":{"role":"assistant","content":"Hi you"},"finish_reason":"stop"}],"usage":{"prompt_tokens":8,"completion_tokens":2,"total_tokens":10}},"meta":{"request_id":"req_ID"}}"#.to_owned(),
        ),
        (
            OPENAI,
            format!(
                r#"{{"id":"chatcmpl-ID","object":"chat.completion","created":0,"model":"sandbox/echo","choices":[{{"index":0,"message":{{"role":"assistant","content":"Hi you","refusal":null,"annotations":[]}},"logprobs":null,"finish_reason":"stop"}}],"usage":{{"prompt_tokens":8,"completion_tokens":2,"total_tokens":10,{details}}},"service_tier":"default","system_fingerprint":"fp_sandbox"}}"#
            ),
        ),
    ];
    for (path, expected) in cases {
        let reply = ask(&sandbox, path, "sandbox/echo", json!({})).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("Content-Type"), Some("application/json"));
        assert_eq!(reply.steady_text(), expected, "{path}");
    }
}

#[tokio::test]
async fn a_limit_ends_with_length_and_reasoning_counts_towards_it() {
    let sandbox = sandbox().await;
    for path in CHATS {
        let reply = stream(&sandbox, path, "sandbox/short", json!({ "max_tokens": 5 })).await;
        assert_eq!(reply.finish().as_deref(), Some("length"), "{path}");
        assert_eq!(
            reply
                .deltas(0)
                .iter()
                .filter(|delta| delta["content"].as_str().is_some_and(|text| !text.is_empty()))
                .count(),
            5
        );
    }
    let smaller = json!({ "max_tokens": 50, "max_completion_tokens": 3 });
    assert_eq!(ask(&sandbox, OPENAI, "sandbox/short", smaller).await.json()["usage"]["completion_tokens"], 3);
    let thinking = ask(&sandbox, OPENAI, "sandbox/reasoning", json!({ "max_tokens": 10 })).await.json();
    assert_eq!(thinking["choices"][0]["message"]["content"], "", "all of it went into reasoning");
    assert_eq!(thinking["usage"]["completion_tokens_details"]["reasoning_tokens"], 10);
}

#[tokio::test]
async fn text_ends_before_the_first_stop_text() {
    let sandbox = sandbox().await;
    let message = json!([{ "role": "user", "content": "one two three four" }]);
    for (stop, expected) in [
        (json!("three"), "one two "),
        (json!(["four", "wo"]), "one t"),
        (json!(["never"]), "one two three four"),
        (json!("one"), ""),
    ] {
        let members = json!({ "messages": message, "stop": stop });
        let reply = stream(&sandbox, SCALE, "sandbox/echo", members).await;
        assert_eq!(reply.said(0), expected, "{stop}");
        assert_eq!(reply.finish().as_deref(), Some("stop"));
    }
}

#[tokio::test]
async fn another_seed_is_another_text_and_the_same_seed_the_same() {
    let sandbox = sandbox().await;
    let text = async |seed: Value| stream(&sandbox, SCAIGRID, "sandbox/steady", json!({ "seed": seed })).await.said(0);
    assert_eq!(text(json!(7)).await, text(json!(7)).await);
    assert_ne!(text(json!(7)).await, text(json!(8)).await);
    assert_eq!(text(json!(0)).await, text(Value::Null).await, "no seed is seed 0");
}

#[tokio::test]
async fn log_probabilities_come_when_asked_and_their_bytes_join_to_the_text() {
    let sandbox = sandbox().await;
    let silent = stream(&sandbox, SCALE, "sandbox/logprobs", json!({})).await;
    assert!(!silent.text().contains("\"logprobs\":"));

    let members = json!({ "logprobs": true, "top_logprobs": 4 });
    let reply = stream(&sandbox, SCALE, "sandbox/logprobs", members.clone()).await;
    let tokens: Vec<Value> = reply
        .choices(0)
        .iter()
        .flat_map(|choice| choice["logprobs"]["content"].as_array().cloned().unwrap_or_default())
        .collect();
    let bytes: Vec<u8> = tokens
        .iter()
        .flat_map(|token| {
            token["bytes"].as_array().expect("bytes").iter().map(|byte| byte.as_u64().expect("a byte") as u8)
        })
        .collect();
    assert_eq!(String::from_utf8(bytes).expect("whole characters"), reply.said(0));
    assert!(
        tokens.iter().any(|token| token["token"].as_str().is_some_and(|text| text.contains("\\xf0"))),
        "a half character"
    );
    for token in &tokens {
        let top = token["top_logprobs"].as_array().expect("alternatives");
        assert_eq!(top.len(), 4);
        let shares: Vec<_> = top.iter().map(|one| one["logprob"].as_f64().expect("a number")).collect();
        assert!(shares.is_sorted_by(|more, less| more >= less), "likeliest first");
        assert!(shares.iter().all(|share| *share <= 0.0));
    }
    let whole = ask(&sandbox, SCALE, "sandbox/logprobs", members).await.json();
    assert_eq!(whole["choices"][0]["logprobs"]["content"], Value::from(tokens), "the same in one piece");
}

fn tools() -> Value {
    let tool = |name: &str, member: &str| {
        json!({ "type": "function", "function": { "name": name, "parameters": {
            "type": "object", "properties": { member: { "type": "string" } }, "required": [member] } } })
    };
    json!([tool("get_weather", "city"), tool("get_time", "zone")])
}

/// Names and joined arguments of the calls in a stream.
fn calls(deltas: &[Value]) -> Vec<(String, String)> {
    let mut calls: Vec<(String, String)> = Vec::new();
    for fragment in deltas.iter().flat_map(|delta| delta["tool_calls"].as_array().into_iter().flatten()) {
        let index = fragment["index"].as_u64().expect("an index") as usize;
        if index == calls.len() {
            assert!(fragment["id"].is_string(), "the first fragment names the call");
            calls.push((fragment["function"]["name"].as_str().expect("a name").to_owned(), String::new()));
        }
        calls[index].1.push_str(fragment["function"]["arguments"].as_str().expect("arguments"));
    }
    calls
}

#[tokio::test]
async fn tool_choice_decides_which_tools_are_called() {
    let sandbox = sandbox().await;
    let named = json!({ "type": "function", "function": { "name": "get_time" } });
    let cases: &[(&str, Value, &[&str])] = &[
        ("tools", json!({}), &["get_weather", "get_time"]),
        ("tools", json!({ "parallel_tool_calls": false }), &["get_weather"]),
        ("tools", json!({ "tool_choice": "none" }), &[]),
        ("tools", json!({ "tool_choice": named }), &["get_time"]),
        ("short", json!({ "tool_choice": "required", "parallel_tool_calls": false }), &["get_weather"]),
        ("short", json!({ "tool_choice": "auto" }), &[]),
    ];
    for (model, members, expected) in cases {
        let mut members = members.clone();
        members["tools"] = tools();
        let reply = stream(&sandbox, OPENAI, &format!("sandbox/{model}"), members.clone()).await;
        let calls = calls(&reply.deltas(0));
        assert_eq!(calls.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), *expected, "{members}");
        for (_, arguments) in &calls {
            let arguments: Value = serde_json::from_str(arguments).expect("arguments are JSON");
            assert!(arguments.as_object().is_some_and(|object| object.values().all(Value::is_string)));
        }
        let finish = if expected.is_empty() { "stop" } else { "tool_calls" };
        assert_eq!(reply.finish().as_deref(), Some(finish), "{members}");
    }
}

#[tokio::test]
async fn tool_results_are_answered_with_text() {
    let sandbox = sandbox().await;
    let call = json!({ "id": "call_1", "type": "function", "function": { "name": "get_weather", "arguments": "{}" } });
    let messages = json!([
        { "role": "user", "content": "Weather?" },
        { "role": "assistant", "content": null, "tool_calls": [call] },
        { "role": "tool", "tool_call_id": "call_1", "content": "21 degrees" },
    ]);
    let reply =
        ask(&sandbox, SCAIGRID, "sandbox/tools", json!({ "messages": messages, "tools": tools() })).await.json();
    let message = &reply["data"]["choices"][0]["message"];
    assert!(message["content"].as_str().is_some_and(|text| text.contains("21 degrees")), "{message}");
    assert!(message.get("tool_calls").is_none());
}

#[tokio::test]
async fn the_json_model_follows_the_format() {
    let sandbox = sandbox().await;
    let format = json!({ "response_format": { "type": "json_object" } });
    let object = stream(&sandbox, SCALE, "sandbox/json", format).await;
    assert!(serde_json::from_str::<Value>(&object.said(0)).expect("JSON").is_object());
    let schema =
        json!({ "type": "object", "properties": { "size": { "type": "integer", "minimum": 3, "maximum": 3 } } });
    let format =
        json!({ "response_format": { "type": "json_schema", "json_schema": { "name": "x", "schema": schema } } });
    let fitted = stream(&sandbox, SCALE, "sandbox/json", format).await;
    assert_eq!(fitted.said(0), r#"{"size":3}"#);
}

#[tokio::test]
async fn reasoning_comes_before_the_answer_and_grows_with_effort() {
    let sandbox = sandbox().await;
    let reply = stream(&sandbox, SCALE, "sandbox/reasoning", json!({})).await;
    let kinds: Vec<_> = reply.deltas(0).iter().map(|delta| delta.get("reasoning_content").is_some()).collect();
    let first = kinds.iter().position(|thinks| *thinks).expect("it thinks");
    let last = kinds.iter().rposition(|thinks| *thinks).expect("it thinks");
    assert!(kinds[first..=last].iter().all(|thinks| *thinks), "thinking is not interrupted");
    assert!(!reply.said(0).is_empty());
    let tokens = async |effort: &str| {
        let body = ask(&sandbox, OPENAI, "sandbox/reasoning", json!({ "reasoning_effort": effort })).await.json();
        body["usage"]["completion_tokens_details"]["reasoning_tokens"].as_u64().expect("a count")
    };
    assert_eq!(tokens("none").await, 0);
    assert!(tokens("low").await < tokens("high").await);
}

#[tokio::test]
async fn members_that_nobody_knows_are_accepted() {
    let sandbox = sandbox().await;
    for path in CHATS {
        let reply =
            ask(&sandbox, path, "sandbox/echo", json!({ "x_unknown": { "deep": [null] }, "temperature": null })).await;
        assert_eq!(reply.status, 200, "{path}");
    }
}

#[tokio::test]
async fn parts_and_several_messages_are_read() {
    let sandbox = sandbox().await;
    let messages = json!([
        { "role": "developer", "content": "Be kind." },
        { "role": "user", "content": "first" },
        { "role": "assistant", "content": "aha" },
        { "role": "user", "content": [
            { "type": "text", "text": "second" },
            { "type": "image_url", "image_url": { "url": "data:image/png;base64,AA==" } },
        ]},
    ]);
    let reply = ask(&sandbox, SCALE, "sandbox/echo", json!({ "messages": messages })).await;
    assert_eq!(reply.json()["choices"][0]["message"]["content"], "second");
}
