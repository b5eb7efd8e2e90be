//! Every scenario, and that none is without a test.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use juxta_sandbox::Sandbox;
use juxta_wire::window::SandboxFaults;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::caller::{CHATS, End, OPENAI, Reply, SCAIGRID, SCALE, TOKEN, ask, call, chat, open, sandbox, stream};

/// A stream under a scenario that is chosen by model name.
async fn under(sandbox: &Sandbox, path: &str, scenario: &str) -> Reply {
    stream(sandbox, path, &format!("sandbox/fault/{scenario}"), json!({})).await
}

/// A name and what must hold of a reply.
type Oddity = (&'static str, fn(&Reply) -> bool);

/// Scenarios that change how a sound answer is written, and what must be in its bytes.
const WRITTEN_ODDLY: &[Oddity] = &[
    ("crlf", |reply| reply.text().contains("}\r\n\r\n") && !reply.text().replace("\r\n", "").contains('\n')),
    ("comments", |reply| reply.text().contains(": keep-alive\n\nid: 2\nretry: 3000\n: between the lines\ndata: {")),
    ("bom", |reply| reply.body().starts_with("\u{feff}data: ".as_bytes())),
    ("no-space", |reply| reply.text().contains("data:{") && !reply.text().contains("data: ")),
    ("enveloped-chunks", |reply| reply.text().starts_with(r#"data: {"status":"ok","data":{"id":"#)),
    ("one-byte-writes", |reply| reply.chunks.iter().all(|chunk| chunk.len() == 1)),
    ("split-utf8", |reply| reply.chunks.iter().any(|chunk| std::str::from_utf8(chunk).is_err())),
    ("huge-event", |reply| reply.chunks.iter().any(|chunk| chunk.len() > 8 * 1024 * 1024)),
    ("wrong-content-type", |reply| reply.header("Content-Type") == Some("text/plain; charset=utf-8")),
    ("thousand", |reply| reply.finish().as_deref() == Some("stop")),
    ("status-429-once", |reply| reply.finish().as_deref() == Some("stop")),
    ("data-only", |reply| reply.finish().as_deref() == Some("stop")),
    ("no-usage", |reply| !reply.text().contains("\"usage\":{")),
    ("usage-on-empty-choice", |reply| {
        reply.frames().last().is_some_and(|frame| {
            frame["choices"] == json!([{ "index": 0, "delta": {} }]) && frame["usage"]["total_tokens"].is_u64()
        })
    }),
];

/// Scenarios that are a refusal: status, and the codes of ScaiGrid and OpenAI.
const REFUSED: &[(&str, u16, &str, &str)] = &[
    ("status-401", 401, "AUTH_TOKEN_INVALID", "invalid_api_key"),
    ("status-403", 403, "AUTHZ_PERMISSION_DENIED", "permission_denied"),
    ("status-413", 413, "REQUEST_TOO_LARGE", "request_too_large"),
    ("status-422", 422, "VALIDATION_ERROR", "decimal_above_max_value"),
    ("status-429", 429, "RATE_LIMITED", "rate_limit_exceeded"),
    ("budget-exceeded", 429, "BUDGET_EXCEEDED", "billing_hard_limit_reached"),
    ("quota-exceeded", 429, "QUOTA_EXCEEDED", "insufficient_quota"),
    ("status-503", 503, "MODEL_UNAVAILABLE", "service_unavailable"),
];

/// Scenarios with a test of their own, below or among those of media.
const ON_THEIR_OWN: &[&str] = &[
    "stall",
    "cut",
    "reset",
    "no-finish",
    "error-in-stream",
    "error-first-frame",
    "status-500-html",
    "status-503-twice",
    "redirect",
    "json-instead-of-stream",
    "slow-first-byte",
];

#[tokio::test]
async fn every_scenario_has_a_test_and_a_model() {
    let sandbox = sandbox().await;
    let listed: BTreeSet<_> = sandbox.scenarios().into_iter().map(|scenario| scenario.name).collect();
    let tested: BTreeSet<_> = WRITTEN_ODDLY
        .iter()
        .map(|(name, _)| *name)
        .chain(REFUSED.iter().map(|(name, ..)| *name))
        .chain(ON_THEIR_OWN.iter().copied())
        .map(str::to_owned)
        .collect();
    assert_eq!(listed, tested);
    let models: BTreeSet<_> = sandbox.models().into_iter().map(|model| model.id).collect();
    assert!(listed.iter().all(|name| models.contains(&format!("sandbox/fault/{name}"))));
}

#[tokio::test]
async fn odd_writing_is_really_odd_and_loses_nothing() {
    let sandbox = sandbox().await;
    for path in CHATS {
        for (name, is_odd) in WRITTEN_ODDLY {
            let mut reply = under(&sandbox, path, name).await;
            if *name == "status-429-once" {
                assert_eq!(reply.status, 429, "the first time");
                reply = under(&sandbox, path, name).await;
            }
            assert_eq!((reply.status, reply.end), (200, End::Whole), "{name}");
            assert!(is_odd(&reply), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn what_is_written_oddly_is_the_same_text() {
    let sandbox = sandbox().await;
    let plain = stream(&sandbox, SCALE, "sandbox/unicode", json!({})).await;
    let split = under(&sandbox, SCALE, "split-utf8").await;
    assert_eq!(split.said(0), plain.said(0));
    let plain = stream(&sandbox, SCALE, "sandbox/steady", json!({})).await;
    type Undo = (&'static str, fn(String) -> String);
    let undo: &[Undo] = &[
        ("crlf", |text| text.replace("\r\n", "\n")),
        ("bom", |text| text.trim_start_matches('\u{feff}').to_owned()),
        ("no-space", |text| text.replace("data:", "data: ")),
        ("enveloped-chunks", |text| {
            text.replace("data: {\"status\":\"ok\",\"data\":", "data: ").replace("}]}}\n", "}]}\n")
        }),
        ("comments", |text| {
            let lines = text.lines().filter(|line| !line.starts_with([':', 'i', 'r']));
            let text: String = lines.map(|line| format!("{line}\n")).collect();
            text.replace("\n\n\n", "\n\n").trim_start().to_owned()
        }),
    ];
    for (name, undo) in undo {
        let mut odd = under(&sandbox, SCALE, name).await;
        odd.chunks = vec![undo(odd.text()).replace(&format!("fault/{name}"), "steady").into_bytes()];
        assert!(odd.steady_text() == plain.steady_text(), "{name}");
    }
}

#[tokio::test]
async fn refusals_have_the_status_of_their_name_and_the_code_of_their_dialect() {
    let sandbox = sandbox().await;
    for path in CHATS {
        for (name, status, scaigrid, openai) in REFUSED {
            let reply = under(&sandbox, path, name).await;
            assert_eq!(reply.status, *status, "{path} {name}");
            let body = reply.json();
            match path {
                SCAIGRID => {
                    assert_eq!(body["error"]["code"], *scaigrid, "{name}");
                    assert_eq!(body["error"].get("retry_after").is_some(), *name == "status-429");
                    assert!(reply.header("X-Scaigrid-Request-Id").is_some());
                }
                OPENAI => assert_eq!(body["error"]["code"], *openai, "{name}"),
                _ => assert!(body["detail"].is_string() || body["detail"].is_array() || body["error"].is_object()),
            }
            let waits = (*status == 429).then_some("5");
            assert_eq!(reply.header("Retry-After"), waits, "{path} {name}");
            let final_word = name.ends_with("exceeded").then_some("false");
            assert_eq!(reply.header("X-Should-Retry"), final_word, "{path} {name}");
        }
    }
    let sent = ask(&sandbox, SCALE, "sandbox/fault/status-422", json!({ "temperature": 1.5 })).await.json();
    assert_eq!(
        sent["detail"],
        json!([{ "loc": ["body", "temperature"], "msg": "Input should be less than or equal to 2",
            "type": "less_than_equal", "input": 1.5, "ctx": { "le": 2 } }])
    );
    let limited = under(&sandbox, SCAIGRID, "status-429").await;
    assert_eq!(limited.header("X-Scaigrid-Ratelimit-Remaining"), Some("0"));
}

#[tokio::test]
async fn a_refusal_once_is_counted_for_each_request() {
    let sandbox = sandbox().await;
    let statuses = async |text: &str| {
        let members = json!({ "messages": [{ "role": "user", "content": text }] });
        let mut statuses = Vec::new();
        for _ in 0..4 {
            statuses.push(ask(&sandbox, OPENAI, "sandbox/fault/status-429-once", members.clone()).await.status);
        }
        statuses
    };
    assert_eq!(statuses("one").await, [429, 200, 429, 200]);
    assert_eq!(statuses("two").await, [429, 200, 429, 200]);
}

#[tokio::test]
async fn a_cut_and_a_reset_keep_what_came_before() {
    let sandbox = sandbox().await;
    for path in CHATS {
        for (name, end) in [("cut", End::Cut), ("reset", End::Reset)] {
            let reply = under(&sandbox, path, name).await;
            assert_eq!((reply.status, reply.end), (200, end), "{path} {name}");
            assert_eq!(reply.frames().len(), 13, "the role and twelve tokens");
            assert_eq!(reply.finish(), None);
            let whole = ask(&sandbox, path, &format!("sandbox/fault/{name}"), json!({})).await;
            assert_eq!(whole.end, end, "in one piece: {path} {name}");
            assert!(serde_json::from_slice::<Value>(&whole.body()).is_err(), "half of the JSON");
        }
    }
}

#[tokio::test]
async fn a_stall_sends_some_text_and_then_nothing() {
    let sandbox = sandbox().await;
    let body = chat("sandbox/fault/stall", json!({ "stream": true }));
    let headers = [("x-api-key", TOKEN), ("x-sandbox-rate", "0")];
    let mut stream = open(sandbox.address(), "POST", SCALE, &headers, &body).await;
    let mut received = Vec::new();
    while received.windows(6).filter(|window| window == b"data: ").count() < 13 {
        assert_ne!(stream.read_buf(&mut received).await.expect("it stays open"), 0, "it does not end");
    }
    let more = tokio::time::timeout(Duration::from_millis(300), stream.read_buf(&mut received)).await;
    assert!(more.is_err() || !received.ends_with(b"0\r\n\r\n"), "it neither goes on nor ends");
    assert_eq!(sandbox.answers_under_way(), 1);
}

#[tokio::test]
async fn a_stream_without_finish_ends_properly_and_says_nothing_about_why() {
    let sandbox = sandbox().await;
    for path in CHATS {
        let reply = under(&sandbox, path, "no-finish").await;
        assert_eq!(reply.end, End::Whole);
        assert_eq!(reply.finish(), None);
        assert!(!reply.text().contains("[DONE]") && !reply.text().contains("\"usage\":{"));
        let sound = stream(&sandbox, path, "sandbox/steady", json!({})).await;
        assert_eq!(reply.said(0), sound.said(0), "all of the text came");
    }
}

#[tokio::test]
async fn error_frames_have_the_shape_of_their_dialect() {
    let sandbox = sandbox().await;
    let message = "The backend closed the connection.";
    let scale = format!(
        "data: {{\"error\":{{\"message\":\"{message}\",\"type\":\"server_error\",\"param\":null,\"code\":\"502\"}}}}\n\n"
    );
    let openai = format!(
        "data: {{\"error\":{{\"message\":\"{message}\",\"type\":\"server_error\",\"param\":null,\"code\":\"backend_error\"}}}}\n\n"
    );
    let scaigrid =
        format!("event: error\ndata: {{\"code\":\"BACKEND_ERROR\",\"message\":\"{message}\"}}\n\ndata: [DONE]\n\n");
    for (path, in_stream) in [(SCALE, &scale), (OPENAI, &openai), (SCAIGRID, &scaigrid)] {
        let reply = under(&sandbox, path, "error-in-stream").await;
        assert_eq!((reply.status, reply.end), (200, End::Whole));
        assert!(reply.text().ends_with(in_stream.as_str()), "{path}");
        assert_eq!(reply.text().matches("\"delta\"").count(), 13, "{path}: text came before");
        let done = if path == OPENAI { "data: [DONE]\n\n" } else { "" };
        assert_eq!(under(&sandbox, path, "error-first-frame").await.text(), format!("{in_stream}{done}"), "{path}");
        let whole = ask(&sandbox, path, "sandbox/fault/error-in-stream", json!({})).await;
        assert_eq!(whole.status, 502, "{path}: without a stream it is a status");
    }
}

#[tokio::test]
async fn a_proxy_in_between_answers_with_a_page() {
    let sandbox = sandbox().await;
    let reply = under(&sandbox, SCAIGRID, "status-500-html").await;
    assert_eq!((reply.status, reply.header("Content-Type")), (500, Some("text/html; charset=utf-8")));
    assert!(reply.text().starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn json_comes_where_a_stream_was_asked_for() {
    let sandbox = sandbox().await;
    for path in CHATS {
        let reply = under(&sandbox, path, "json-instead-of-stream").await;
        assert_eq!(reply.header("Content-Type"), Some("application/json"));
        let body = reply.json();
        assert!(body.get("data").unwrap_or(&body)["choices"][0]["message"]["content"].is_string());
    }
}

#[tokio::test]
async fn a_redirect_leads_to_another_port_that_remembers_and_answers() {
    let sandbox = sandbox().await;
    let reply = under(&sandbox, SCALE, "redirect").await;
    assert_eq!(reply.status, 307);
    let target = format!("http://{}{SCALE}", sandbox.elsewhere());
    assert_eq!(reply.header("Location"), Some(target.as_str()));
    let body = chat("sandbox/fault/redirect", json!({ "max_tokens": 3, "stream": true }));
    let arrived = call(sandbox.elsewhere(), "POST", SCALE, &[("x-sandbox-rate", "0")], &body).await;
    assert_eq!((arrived.status, arrived.finish().as_deref()), (200, Some("length")));
    let captures = sandbox.captures();
    assert_eq!(captures.last().expect("a capture").received_on, sandbox.elsewhere());
    assert_eq!(captures[0].received_on, sandbox.address());
}

#[tokio::test]
async fn a_slow_first_byte_takes_three_seconds() {
    let sandbox = sandbox().await;
    let begun = Instant::now();
    let reply = ask(&sandbox, SCAIGRID, "sandbox/fault/slow-first-byte", json!({ "max_tokens": 1 })).await;
    assert_eq!(reply.status, 200);
    assert!(begun.elapsed() >= Duration::from_secs(3));
}

#[tokio::test]
async fn header_goes_before_model_name_and_model_name_before_menu() {
    let sandbox = sandbox().await;
    let status = async |header: &[(&str, &str)], model: &str| {
        let body = chat(model, json!({ "max_tokens": 1 }));
        call(sandbox.address(), "POST", SCALE, header, &body).await.status
    };
    sandbox.set_faults(SandboxFaults { scenario: Some("status-503".to_owned()), ..SandboxFaults::default() });
    assert_eq!(sandbox.faults().scenario.as_deref(), Some("status-503"));
    assert_eq!(status(&[], "sandbox/short").await, 503);
    assert_eq!(status(&[], "sandbox/fault/status-403").await, 403);
    assert_eq!(status(&[("x-sandbox-fault", "status-401")], "sandbox/fault/status-403").await, 401);
    assert_eq!(status(&[("x-sandbox-fault", "nonsense")], "sandbox/short").await, 422, "a typing error is told");
    assert_eq!(status(&[("x-sandbox-rate", "quick")], "sandbox/short").await, 422);
    let listing = call(sandbox.address(), "GET", "/v1/models", &[], "").await;
    assert_eq!(listing.status, 200, "the menu leaves the model picker alone");
    sandbox.set_faults(SandboxFaults::default());
    assert_eq!(status(&[], "sandbox/short").await, 200);
}

#[tokio::test]
async fn a_rate_slows_tokens_down() {
    let sandbox = sandbox().await;
    sandbox.set_faults(SandboxFaults { tokens_per_second: Some(20.0), ..SandboxFaults::default() });
    let begun = Instant::now();
    let body = chat("sandbox/fast", json!({ "max_tokens": 20, "stream": true }));
    let reply = call(sandbox.address(), "POST", SCALE, &[], &body).await;
    assert_eq!(reply.finish().as_deref(), Some("length"));
    // Twenty tokens at twenty a second, with gaps that vary: never in less than half of a second.
    assert!(begun.elapsed() >= Duration::from_millis(500));
}
