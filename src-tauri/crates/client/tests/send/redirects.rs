use juxta_client::call::CallHeader;
use juxta_client::send::EndKind;
use juxta_wire::error::AppError;
use juxta_wire::exchange::Redirect;

use crate::server::{STOP, STREAM_HEAD, Server, call, delta, run};

fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Moved\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

#[tokio::test]
async fn no_key_follows_a_redirect_to_another_origin() {
    let (near, far) = (Server::bind().await, Server::bind().await);
    let mut call = call(&near.url("/v1/chat"));
    call.headers.extend([
        CallHeader::plain("x-api-key", "sk-plain-0123456789"),
        CallHeader::secret("x-openai-api-key", "sk-openai-0123456789"),
        CallHeader::secret("x-house", "sk-house-0123456789"),
        CallHeader::plain("Cookie", "session=0123456789"),
        CallHeader::plain("X-Request-ID", "7"),
    ]);
    let location = far.url("/elsewhere");
    let (ended, seen, (first, second)) = run(&call, async {
        let first = near.answer(redirect(307, &location)).await;
        (first, far.answer(format!("{STREAM_HEAD}{}{STOP}", delta("Hi."))).await)
    })
    .await;
    assert_eq!((ended.kind, seen.text.as_str()), (EndKind::Finished, "Hi."));
    assert_eq!(first.head().matches("0123456789").count(), 5, "{}", first.head());
    let head = second.head();
    assert!(!head.contains("0123456789"), "{head}");
    assert!(head.starts_with("POST /elsewhere HTTP/1.1\r\n") && head.contains("x-request-id: 7\r\n"), "{head}");
    assert_eq!(second.body, call.body, "307 repeats the body");
    let dropped = ["Authorization", "x-api-key", "x-openai-api-key", "x-house", "Cookie"].map(str::to_owned).to_vec();
    let expected = vec![Redirect { status: 307, location, dropped_headers: dropped }];
    assert_eq!(seen.head.expect("a head").redirects, expected);
}

#[tokio::test]
async fn within_the_origin_the_keys_stay_and_303_becomes_a_get() {
    let server = Server::bind().await;
    let call = call(&server.url("/v1/chat"));
    let (ended, _, second) = run(&call, async {
        server.answer(redirect(303, "/v2/chat")).await;
        server.answer(format!("{STREAM_HEAD}{}{STOP}", delta("Hi."))).await
    })
    .await;
    assert_eq!(ended.kind, EndKind::Finished);
    let head = second.head();
    assert!(head.starts_with("GET /v2/chat HTTP/1.1\r\n") && head.contains("authorization: Bearer sk-test"), "{head}");
    assert!(second.body.is_empty() && !head.contains("content-type") && !head.contains("content-length"), "{head}");
}

#[tokio::test]
async fn a_circle_of_redirects_ends() {
    let server = Server::bind().await;
    let call = call(&server.url("/round"));
    let (ended, ..) = run(&call, async {
        for _ in 0..6 {
            server.answer(redirect(308, "/round")).await;
        }
    })
    .await;
    assert!(matches!(ended.kind, EndKind::Failed(AppError::Protocol { .. })), "{:?}", ended.kind);
}
