//! Keys, unknown paths, unknown models: each dialect's own words, whole bodies compared.

use serde_json::{Value, json};

use crate::caller::{CHATS, OPENAI, SCAIGRID, SCALE, TOKEN, ask, call, call_with, chat, sandbox};

/// The shapes of a refusal in the three dialects. `id` is ScaiGrid's request id.
fn scale(text: &str) -> Value {
    json!({ "detail": text })
}

fn scaigrid(code: &str, text: &str, id: &str) -> Value {
    json!({ "status": "error", "error": { "code": code, "message": text }, "meta": { "request_id": id } })
}

fn openai(code: Option<&str>, text: &str) -> Value {
    json!({ "error": { "message": text, "type": "invalid_request_error", "param": null, "code": code } })
}

#[tokio::test]
async fn a_missing_and_a_wrong_key_are_told_apart() {
    let sandbox = sandbox().await;
    let missing = "No API key came with the request.";
    let wrong = "The API key is not the one this sandbox was started with.";
    let body = chat("sandbox/short", json!({}));
    for (method, path) in [
        ("POST", SCALE),
        ("GET", "/v5/chat/completions/models"),
        ("GET", "/v5/models"),
        ("POST", SCAIGRID),
        ("GET", "/v1/models"),
        ("POST", OPENAI),
        ("GET", "/oai/v1/models"),
    ] {
        let without = call_with(sandbox.address(), method, path, &[], &body).await;
        let mistaken = [("Authorization", "Bearer wrong"), ("x-api-key", "wrong")];
        let mistaken = call_with(sandbox.address(), method, path, &mistaken, &body).await;
        assert_eq!((without.status, mistaken.status), (401, 401), "{path}");
        let id = |reply: &crate::caller::Reply| reply.header("X-Scaigrid-Request-Id").unwrap_or_default().to_owned();
        let expected = if path.starts_with("/v5") {
            (scale(missing), scale(wrong))
        } else if path.starts_with("/oai") {
            (openai(None, missing), openai(Some("invalid_api_key"), wrong))
        } else {
            (
                scaigrid("AUTH_TOKEN_MISSING", missing, &id(&without)),
                scaigrid("AUTH_TOKEN_INVALID", wrong, &id(&mistaken)),
            )
        };
        assert_eq!((without.json(), mistaken.json()), expected, "{path}");
    }
}

#[tokio::test]
async fn scale_takes_its_header_whatever_else_comes_along() {
    let sandbox = sandbox().await;
    let bearer = format!("Bearer {TOKEN}");
    for (headers, status) in [
        (vec![("x-api-key", TOKEN)], 200),
        (vec![("Authorization", bearer.as_str())], 200),
        (vec![("x-api-key", TOKEN), ("Authorization", "Bearer of-somebody-else")], 200),
        (vec![("x-api-key", "wrong"), ("Authorization", bearer.as_str())], 401),
    ] {
        let reply = call_with(sandbox.address(), "GET", "/v5/models", &headers, "").await;
        assert_eq!(reply.status, status, "{headers:?}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_in_the_dialect_of_the_path() {
    let sandbox = sandbox().await;
    for (method, path, status) in [
        ("GET", "/v5/nothing", 404),
        ("GET", SCALE, 405),
        ("GET", "/v1/nothing", 404),
        ("DELETE", "/v1/models", 405),
        ("GET", "/oai/v1/nothing", 404),
        ("PUT", "/oai/v1/models", 405),
        ("GET", "/v1/models/sandbox/short", 404),
    ] {
        let reply = call(sandbox.address(), method, path, &[], "").await;
        assert_eq!(reply.status, status, "{method} {path}");
        let body = reply.json();
        if path.starts_with("/v5") {
            let text = if status == 404 { "Not Found" } else { "Method Not Allowed" };
            assert_eq!(body, json!({ "detail": text }));
        } else if path.starts_with("/oai") {
            let code = if status == 404 { "unknown_url" } else { "method_not_supported" };
            assert_eq!(body["error"]["code"], code);
        } else {
            let code = if status == 404 { "NOT_FOUND" } else { "METHOD_NOT_ALLOWED" };
            assert_eq!(body["error"]["code"], code);
            assert_eq!(body["meta"]["request_id"], reply.header("X-Scaigrid-Request-Id").expect("always there"));
        }
    }
}

#[tokio::test]
async fn an_unknown_model_is_404_but_400_behind_scale() {
    let sandbox = sandbox().await;
    let text = "The model `openai/gpt-none` does not exist here.";
    for path in CHATS {
        let reply = ask(&sandbox, path, "openai/gpt-none", json!({})).await;
        let expected = match path {
            SCALE => (
                400,
                json!({ "error": { "message": text, "type": "invalid_request_error", "param": "model", "code": "400" } }),
            ),
            OPENAI => (404, openai(Some("model_not_found"), text)),
            _ => (404, scaigrid("MODEL_NOT_FOUND", text, reply.header("X-Scaigrid-Request-Id").expect("always there"))),
        };
        assert_eq!((reply.status, reply.json()), expected, "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let sandbox = sandbox().await;
    for (path, status) in [(SCALE, 422), (SCAIGRID, 422), (OPENAI, 400)] {
        let reply = call(sandbox.address(), "POST", path, &[], "{\"model\":").await;
        assert_eq!(reply.status, status, "{path}");
        let body = reply.json();
        match path {
            SCALE => assert_eq!(body["detail"][0]["type"], "json_invalid"),
            SCAIGRID => assert_eq!(body["error"]["code"], "VALIDATION_ERROR"),
            _ => assert_eq!(body["error"]["type"], "invalid_request_error"),
        }
    }
}
