//! Generic inference, and that every model and every scenario can be used everywhere.

use serde_json::{Value, json};

use crate::caller::{End, INFERENCE, TEXTS, ask, body, call, is_of_media, sandbox};

/// A type, and whether a value is of it.
type Kind = (&'static str, fn(&Value) -> bool);

#[tokio::test]
async fn values_of_every_type_are_answers() {
    let sandbox = sandbox().await;
    let kinds: [Kind; 7] = [
        ("object", Value::is_object),
        ("array", Value::is_array),
        ("string", Value::is_string),
        ("integer", Value::is_i64),
        ("number", Value::is_f64),
        ("boolean", Value::is_boolean),
        ("null", Value::is_null),
    ];
    for (kind, is) in kinds {
        let model = format!("sandbox/value-{kind}");
        let whole = ask(&sandbox, INFERENCE, &model, json!({})).await.json();
        assert_eq!(whole["object"], "generic_inference");
        assert!(whole.get("response").is_some_and(is), "{kind}: {whole}");

        let reply = ask(&sandbox, INFERENCE, &model, json!({ "args": { "stream": true } })).await;
        assert_eq!(reply.header("Content-Type"), Some("text/event-stream; charset=utf-8"));
        assert!(!reply.text().contains("[DONE]"), "it ends by closing");
        let frames = reply.frames();
        assert!(frames.iter().all(|frame| frame["object"] == "generic_inference.chunk"));
        let chunks: Vec<_> = frames.iter().map(|frame| frame["response"].clone()).collect();
        let joined = match &whole["response"] {
            Value::String(_) => chunks.iter().filter_map(Value::as_str).collect::<String>().into(),
            whole => {
                let parts = [whole.as_array().map(Vec::len), whole.as_object().map(serde_json::Map::len)];
                assert_eq!(chunks.len(), parts.into_iter().flatten().next().unwrap_or(1), "one more with each chunk");
                chunks.last().expect("a chunk").clone()
            }
        };
        assert_eq!(joined, whole["response"], "{kind}");
    }
}

#[tokio::test]
async fn args_come_back_as_they_were() {
    let sandbox = sandbox().await;
    let args =
        json!({ "z": 1, "a": [null, 9_007_199_254_740_993_u64, 0.1], "text": "日本語 \"quotes\" \\ 🌊", "": {} });
    for model in ["sandbox/echo", "sandbox/value-args"] {
        let reply = ask(&sandbox, INFERENCE, model, json!({ "args": args })).await;
        assert_eq!(reply.text(), format!(r#"{{"object":"generic_inference","response":{args}}}"#));
    }
    let refused = ask(&sandbox, INFERENCE, "sandbox/echo", json!({ "args": [1] })).await;
    assert_eq!(refused.json()["detail"][0]["loc"], json!(["body", "args"]));
}

#[tokio::test]
async fn models_that_talk_find_their_prompt_in_the_args() {
    let sandbox = sandbox().await;
    let args = json!({ "prompt": "x", "max_tokens": 3 });
    let response = ask(&sandbox, INFERENCE, "sandbox/short", json!({ "args": args })).await.json()["response"].clone();
    assert_eq!((&response["finish_reason"], &response["usage"]["completion_tokens"]), (&json!("length"), &json!(3)));
    let args = json!({ "prompt": "x", "max_tokens": 3, "stream": true });
    let frames = ask(&sandbox, INFERENCE, "sandbox/short", json!({ "args": args })).await.frames();
    let text: String = frames.iter().filter_map(|frame| frame["response"]["text"].as_str()).collect();
    assert_eq!(response["text"], text);
    assert_eq!(frames.last().map(|frame| &frame["response"]["finish_reason"]), Some(&json!("length")));
}

#[tokio::test]
async fn every_model_answers_at_every_endpoint() {
    let sandbox = sandbox().await;
    for (_, endpoint, path) in TEXTS {
        for model in sandbox.models() {
            if is_of_media(&model.id)
                || model.id.contains("/fault/")
                || model.id.contains("flood")
                || model.id.contains("rate-")
            {
                continue;
            }
            let reply = ask(&sandbox, path, &model.id, json!({ "max_tokens": 400, "max_output_tokens": 400 })).await;
            assert_eq!(reply.status, 200, "{path} {}", model.id);
            assert!(reply.json().is_object(), "{endpoint:?}");
        }
    }
}

#[tokio::test]
async fn keys_models_and_scenarios_mean_the_same_at_every_endpoint() {
    let sandbox = sandbox().await;
    for (dialect, endpoint, path) in TEXTS {
        let wrong = [("x-api-key", "wrong"), ("Authorization", "Bearer wrong")];
        let asked = body(endpoint, "sandbox/short", json!({}));
        let refused = crate::caller::call_with(sandbox.address(), "POST", path, &wrong, &asked).await;
        assert_eq!(refused.status, 401, "{path}");
        let unknown = ask(&sandbox, path, "sandbox/none", json!({})).await;
        assert!([400, 404].contains(&unknown.status), "{dialect:?} {path}");
        let limited = ask(&sandbox, path, "sandbox/fault/status-429", json!({})).await;
        assert_eq!((limited.status, limited.header("Retry-After")), (429, Some("5")), "{path}");
        let cut =
            call(sandbox.address(), "POST", path, &[("x-sandbox-fault", "cut"), ("x-sandbox-rate", "0")], &asked).await;
        assert_eq!(cut.end, End::Cut, "{path}");
    }
}
