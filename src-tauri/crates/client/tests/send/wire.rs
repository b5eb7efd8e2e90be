use bytes::Bytes;
use http::Method;
use juxta_client::call::CallHeader;

use crate::server::{Server, call, run};

/// What is shown before sending is what goes over the wire, byte for byte.
#[tokio::test]
async fn the_head_that_is_shown_is_the_head_that_is_sent() {
    let names = ["X-Api-Key", "accept", "X-Request-ID", "x-a", "User-Agent", "content-type", "X-A", "authorization"];
    let values = ["plain", "Grüße", "a, b; c=\"d\"", "Bearer sk-0123456789", "{}"];
    let bodies = [0, 1, 300, 70_000, 200_000];
    let mut made = 0;
    for (turn, method) in
        [Method::POST, Method::GET, Method::PUT, Method::POST, Method::DELETE].iter().cycle().take(45).enumerate()
    {
        let server = Server::bind().await;
        let path = ["/v1/chat", "/", "/a%20b/c?x=1&y=%C3%BC", "/v5/chat/completions/models?limit=1000"][turn % 4];
        let mut call = call(&server.url(path));
        call.method = method.clone();
        call.headers = (0..turn % 7)
            .map(|at| {
                let (name, value) = (names[(turn + at * 3) % names.len()], values[(turn * 2 + at) % values.len()]);
                if at % 2 == 0 { CallHeader::plain(name, value) } else { CallHeader::secret(name, value) }
            })
            .collect();
        if !call.headers.iter().any(|header| header.name == "accept") {
            call.headers.insert(turn % (call.headers.len() + 1), CallHeader::plain("accept", "application/json"));
        }
        if *method != Method::GET {
            call.body = Bytes::from(vec![b'x'; bodies[turn % bodies.len()]]);
        } else {
            call.body = Bytes::new();
        }
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
        let (_, _, received) = run(&call, server.answer(answer)).await;
        let shown = String::from_utf8(call.head_bytes(false)).expect("text");
        assert_eq!(received.head(), shown, "turn {turn}");
        assert!(received.body == call.body, "turn {turn}: the body differs");
        let viewed: String =
            call.view_headers().iter().map(|header| format!("{}: {}\r\n", header.name, header.value)).collect();
        let masked = String::from_utf8(call.head_bytes(true)).expect("text");
        assert!(masked.ends_with(&format!("{viewed}\r\n")), "turn {turn}: {masked}");
        made += 1;
    }
    assert_eq!(made, 45);
}
