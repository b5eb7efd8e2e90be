//! Streams, byte for byte.

use juxta_wire::window::SandboxFaults;
use serde_json::json;

use crate::caller::{CHATS, End, OPENAI, SCAIGRID, SCALE, ask, call, chat, is_of_media, sandbox, stream};

#[tokio::test]
async fn a_scale_stream_has_no_end_mark_and_no_usage_unless_asked() {
    let sandbox = sandbox().await;
    let reply = stream(&sandbox, SCALE, "sandbox/echo", json!({})).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("Content-Type"), Some("text/event-stream; charset=utf-8"));
    assert_eq!(reply.end, End::Whole);
    let chunk = |rest: &str| {
        format!(
            "data: {{\"id\":\"chatcmpl-ID\",\"object\":\"chat.completion.chunk\",\"created\":0,\"model\":\"echo\",{rest}}}\n\n"
        )
    };
    let expected = [
        r#""choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]"#,
        r#""choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]"#,
        r#""choices":[{"index":0,"delta":{"content":" you"},"finish_reason":null}]"#,
        r#""choices":[{"index":0,"delta":{},"finish_reason":"stop"}]"#,
    ]
    .map(chunk)
    .concat();
    assert_eq!(reply.steady_text(), expected);

    let with_usage =
        stream(&sandbox, SCALE, "sandbox/echo", json!({ "stream_options": { "include_usage": true } })).await;
    let usage = r#""choices":[],"usage":{"prompt_tokens":8,"completion_tokens":2,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#;
    assert_eq!(with_usage.steady_text(), expected + &chunk(usage));
}

#[tokio::test]
async fn a_scaigrid_stream_is_bare_has_usage_on_its_last_chunk_and_ends_with_a_mark() {
    let sandbox = sandbox().await;
    let body = chat("sandbox/echo", json!({ "stream": true }));
    let headers = [("x-sandbox-rate", "0"), ("X-Request-ID", "carried-through")];
    let reply = call(sandbox.address(), "POST", SCAIGRID, &headers, &body).await;
    assert_eq!(reply.header("Content-Type"), Some("text/event-stream"));
    assert_eq!(reply.header("X-Scaigrid-Model"), Some("sandbox/echo"));
    assert!(reply.header("X-Scaigrid-Backend").is_some());
    assert!(reply.header("X-Scaigrid-Ratelimit-Limit").is_some());
    assert!(reply.header("X-Scaigrid-Ratelimit-Remaining").is_some());
    assert!(reply.header("X-Scaigrid-Ratelimit-Reset").is_some());
    assert_eq!(reply.header("X-Request-Id"), Some("carried-through"));
    let chunk = |rest: &str| {
        format!(
            "data: {{\"id\":\"chatcmpl-ID\",\"object\":\"chat.completion.chunk\",\"created\":0,\"model\":\"sandbox/echo\",{rest}}}\n\n"
        )
    };
    let expected = [
        r#""choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]"#,
        r#""choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]"#,
        r#""choices":[{"index":0,"delta":{"content":" you"},"finish_reason":null}]"#,
        r#""choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":8,"completion_tokens":2,"total_tokens":10}"#,
    ]
    .map(chunk)
    .concat();
    assert_eq!(reply.steady_text(), expected + "data: [DONE]\n\n");
}

#[tokio::test]
async fn an_openai_stream_says_null_for_usage_until_it_has_it() {
    let sandbox = sandbox().await;
    let chunk = |rest: &str| {
        format!(
            "data: {{\"id\":\"chatcmpl-ID\",\"object\":\"chat.completion.chunk\",\"created\":0,\"model\":\"sandbox/echo\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_sandbox\",{rest}}}\n\n"
        )
    };
    let choices = [
        r#""choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]"#,
        r#""choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":null,"finish_reason":null}]"#,
        r#""choices":[{"index":0,"delta":{"content":" you"},"logprobs":null,"finish_reason":null}]"#,
        r#""choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]"#,
    ];
    for path in [OPENAI, "/v1/chat/completions"] {
        let plain = stream(&sandbox, path, "sandbox/echo", json!({})).await;
        assert_eq!(plain.steady_text(), choices.map(chunk).concat() + "data: [DONE]\n\n", "{path}");

        let members = json!({ "stream_options": { "include_usage": true } });
        let with_usage = stream(&sandbox, path, "sandbox/echo", members).await;
        let nulls = choices.map(|choice| chunk(&format!("{choice},\"usage\":null"))).concat();
        let usage = r#""choices":[],"usage":{"prompt_tokens":8,"completion_tokens":2,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#;
        assert_eq!(with_usage.steady_text(), nulls + &chunk(usage) + "data: [DONE]\n\n", "{path}");
    }
}

#[tokio::test]
async fn each_token_is_an_http_chunk_of_its_own() {
    let sandbox = sandbox().await;
    let reply = stream(&sandbox, OPENAI, "sandbox/short", json!({})).await;
    assert_eq!(reply.chunks.len(), reply.frames().len() + 1, "every frame and the end mark");
}

#[tokio::test]
async fn no_model_ends_a_scale_stream_with_a_mark_unless_asked_by_header_or_menu() {
    let sandbox = sandbox().await;
    let models = sandbox.models();
    for model in models.iter().filter(|model| !model.id.contains("/fault/") && !is_of_media(&model.id)) {
        let plain = stream(&sandbox, SCALE, &model.id, json!({ "max_tokens": 4 })).await;
        assert!(!plain.text().contains("[DONE]"), "{}", model.id);
        let headers = [("x-sandbox-rate", "0"), ("x-sandbox-done", "true")];
        let body = chat(&model.id, json!({ "max_tokens": 4, "stream": true }));
        let asked = call(sandbox.address(), "POST", SCALE, &headers, &body).await;
        assert!(asked.text().ends_with("data: [DONE]\n\n"), "{}", model.id);
    }
    sandbox.set_faults(SandboxFaults { done_on_scale: true, ..SandboxFaults::default() });
    let by_menu = stream(&sandbox, SCALE, "sandbox/short", json!({})).await;
    assert!(by_menu.text().ends_with("data: [DONE]\n\n"));
}

#[tokio::test]
async fn a_stream_and_a_whole_answer_say_the_same_and_count_the_same() {
    let sandbox = sandbox().await;
    for path in CHATS {
        for model in ["short", "steady", "markdown", "reasoning", "unicode", "logprobs", "rate-0x900"] {
            let model = format!("sandbox/{model}");
            let members = json!({ "seed": 5, "stream_options": { "include_usage": true } });
            let streamed = stream(&sandbox, path, &model, members.clone()).await;
            let whole = ask(&sandbox, path, &model, members).await.json();
            let whole = whole.get("data").unwrap_or(&whole).clone();
            assert_eq!(streamed.said(0), whole["choices"][0]["message"]["content"].as_str().expect("text"), "{model}");
            let reasoning: String =
                streamed.deltas(0).iter().filter_map(|delta| delta["reasoning_content"].as_str()).collect();
            assert_eq!(reasoning, whole["choices"][0]["message"]["reasoning_content"].as_str().unwrap_or_default());
            let usage = streamed.frames().last().expect("frames")["usage"].clone();
            assert_eq!(usage, whole["usage"], "{path} {model}");
        }
    }
}

#[tokio::test]
async fn choices_take_turns_and_differ() {
    let sandbox = sandbox().await;
    let reply = stream(&sandbox, OPENAI, "sandbox/short", json!({ "n": 3 })).await;
    let order: Vec<_> = reply.frames().iter().take(6).map(|frame| frame["choices"][0]["index"].as_u64()).collect();
    assert_eq!(order, [0, 1, 2, 0, 1, 2].map(Some));
    assert_ne!(reply.said(0), reply.said(1));
    assert_ne!(reply.said(1), reply.said(2));
    for index in 0..3 {
        assert_eq!(reply.choices(index).pop().expect("choices")["finish_reason"], "stop");
    }
}

#[tokio::test]
async fn a_flood_repeats_its_document_for_as_long_as_asked() {
    let sandbox = sandbox().await;
    let members = json!({ "stream_options": { "include_usage": true } });
    let reply = stream(&sandbox, SCALE, "sandbox/flood-20100", members.clone()).await;
    let text = reply.text();
    assert_eq!(text.matches("{\"content\":").count(), 20_100);
    assert!(text.contains("\"completion_tokens\":20100"));
    assert!(text.contains("\"finish_reason\":\"stop\""));
    let short = stream(&sandbox, SCALE, "sandbox/flood", json!({ "max_tokens": 7 })).await;
    assert_eq!(short.finish().as_deref(), Some("length"));
    assert_eq!(short.text().matches("{\"content\":").count(), 7);
}
