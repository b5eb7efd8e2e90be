//! Sockets: what is remembered of a request, hanging up, shutting down.

use std::time::Duration;

use juxta_sandbox::{Options, Sandbox};
use serde_json::json;
use tokio::io::AsyncReadExt;

use crate::caller::{SCAIGRID, SCALE, TOKEN, call, chat, open, sandbox};

#[tokio::test]
async fn only_loopback_is_listened_on() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let options = Options { listen: address.parse().expect("an address"), token: None, folder: None };
        let refused = Sandbox::start(options).await.expect_err("not loopback");
        assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput, "{address}");
    }
}

#[tokio::test]
async fn captures_hold_the_request_as_it_was_sent() {
    let sandbox = sandbox().await;
    let body = "{ \"model\" : \"sandbox/echo\",\n\t\"messages\":[{\"role\":\"user\",\"content\":\"é\"}], \"temperature\": 0.20 }";
    let headers = [("x-sandbox-rate", "0"), ("X-Request-ID", "mine")];
    let reply = call(sandbox.address(), "POST", &format!("{SCALE}?a=b%2Fc"), &headers, body).await;
    assert_eq!(reply.status, 200);
    let captures = sandbox.captures();
    let capture = captures.last().expect("a capture");
    assert_eq!(capture.received_on, sandbox.address());
    assert_eq!((capture.method.as_str(), capture.path.as_str()), ("POST", "/v5/chat/completions?a=b%2Fc"));
    assert_eq!(capture.body, body.as_bytes());
    assert_eq!(capture.header("x-request-id"), Some("mine"));
    let names: Vec<_> = capture.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "host",
            "connection",
            "x-api-key",
            "authorization",
            "x-sandbox-rate",
            "x-request-id",
            "content-type",
            "content-length"
        ]
    );
    assert!(!format!("{capture:?}").contains(TOKEN), "keys stay out of logs");
}

#[tokio::test]
async fn the_latest_256_requests_are_remembered_with_those_that_were_refused() {
    let sandbox = sandbox().await;
    for number in 0..260 {
        call(sandbox.address(), "GET", &format!("/v5/nothing/{number}"), &[], "").await;
    }
    let captures = sandbox.captures();
    assert_eq!(captures.len(), 256);
    assert_eq!(captures[0].path, "/v5/nothing/4");
    assert_eq!(captures[255].path, "/v5/nothing/259");
}

/// Waits until nothing is generated any more. It fails by never returning, so that no machine is too slow for it.
async fn quiet(sandbox: &Sandbox) {
    while sandbox.answers_under_way() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn generation_ends_when_the_caller_hangs_up() {
    let sandbox = sandbox().await;
    for model in ["sandbox/rate-1x1000", "sandbox/fault/stall", "sandbox/flood-5000000"] {
        let body = chat(model, json!({ "stream": true }));
        let headers = [("x-api-key", TOKEN)];
        let mut stream = open(sandbox.address(), "POST", SCALE, &headers, &body).await;
        let mut some = [0; 64];
        stream.read_exact(&mut some).await.expect("an answer begins");
        assert_eq!(sandbox.answers_under_way(), 1, "{model}");
        drop(stream);
        quiet(&sandbox).await;
    }
    // Also while it is still silent.
    let headers = [("Authorization", format!("Bearer {TOKEN}"))].map(|(name, value)| (name, value));
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let body = chat("sandbox/rate-1x1000", json!({}));
    let stream = open(sandbox.address(), "POST", SCAIGRID, &headers, &body).await;
    while sandbox.answers_under_way() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(stream);
    quiet(&sandbox).await;
}

#[tokio::test]
async fn shutting_down_closes_connections_that_are_open() {
    let sandbox = sandbox().await;
    let body = chat("sandbox/fault/stall", json!({ "stream": true }));
    let mut stream = open(sandbox.address(), "POST", SCALE, &[("x-api-key", TOKEN)], &body).await;
    let mut some = [0; 16];
    stream.read_exact(&mut some).await.expect("an answer begins");
    let address = sandbox.address();
    sandbox.shutdown().await;
    let mut rest = Vec::new();
    // Closed with or without a goodbye: either way the read ends.
    let _end = stream.read_to_end(&mut rest).await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody listens any more");
}
