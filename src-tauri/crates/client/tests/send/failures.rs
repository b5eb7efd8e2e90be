use juxta_client::http::HttpClients;
use juxta_client::send::{EndKind, send};
use juxta_wire::connection::{Network, Proxy};
use juxta_wire::error::{AppError, NetworkStage, Rejection, RejectionCategory};
use tokio_util::sync::CancellationToken;

use crate::server::{STOP, STREAM_HEAD, Seen, Server, call, delta, http, network, run};

fn rejection(kind: EndKind) -> Rejection {
    match kind {
        EndKind::Failed(AppError::Rejected(rejection)) => *rejection,
        other => panic!("not rejected: {other:?}"),
    }
}

async fn failure(url: &str, network: &Network) -> (NetworkStage, String, u16) {
    let http = HttpClients::new().get(network).expect("a client");
    let ended = send(&http, &call(url), &mut Seen::default(), &CancellationToken::new()).await;
    match ended.kind {
        EndKind::Failed(AppError::Network { stage, host, port, message, .. }) => {
            assert!(!message.is_empty() && !message.contains("0123456789"), "{message}");
            (stage, host, port)
        }
        other => panic!("{other:?}"),
    }
}

async fn closed_port() -> u16 {
    let url = Server::bind().await.url("");
    url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
}

#[tokio::test]
async fn a_port_where_nobody_listens_refuses() {
    let port = closed_port().await;
    let found = failure(&format!("http://127.0.0.1:{port}/v1"), &network()).await;
    assert_eq!(found, (NetworkStage::Refused, "127.0.0.1".to_owned(), port));
}

#[tokio::test]
async fn a_name_that_does_not_exist_fails_at_dns() {
    let found = failure("https://no-such-host.invalid/v1", &network()).await;
    assert_eq!(found, (NetworkStage::Dns, "no-such-host.invalid".to_owned(), 443));
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_the_one_to_blame() {
    let port = closed_port().await;
    let network = Network { proxy: Proxy::Url { url: format!("127.0.0.1:{port}") }, ..network() };
    for url in ["http://server.example/v1", "https://server.example/v1"] {
        assert_eq!(failure(url, &network).await, (NetworkStage::Proxy, "127.0.0.1".to_owned(), port), "{url}");
    }
}

#[tokio::test]
async fn a_proxy_gets_its_credentials_and_the_whole_address() {
    let server = Server::bind().await;
    let proxy = server.url("").replace("http://", "http://me:word@");
    let network = Network { proxy: Proxy::Url { url: proxy }, ..network() };
    let http = HttpClients::new().get(&network).expect("a client");
    let (call, mut seen, cancel) = (call("http://server.example/v1/chat"), Seen::default(), CancellationToken::new());
    let answer = format!("{STREAM_HEAD}{}{STOP}", delta("Hi."));
    let (ended, received) = tokio::join!(send(&http, &call, &mut seen, &cancel), server.answer(answer));
    assert_eq!(ended.kind, EndKind::Finished);
    let head = received.head();
    assert!(head.starts_with("POST http://server.example/v1/chat HTTP/1.1\r\nhost: server.example\r\n"), "{head}");
    assert!(head.contains("proxy-authorization: Basic bWU6d29yZA==\r\n"), "{head}");
}

#[tokio::test]
async fn a_server_that_hangs_up_without_an_answer_resets() {
    let server = Server::bind().await;
    let call = call(&server.url("/v1"));
    let (ended, ..) = run(&call, server.answer("")).await;
    assert!(
        matches!(ended.kind, EndKind::Failed(AppError::Network { stage: NetworkStage::Reset, .. })),
        "{:?}",
        ended.kind
    );
    assert!(!ended.any_byte, "it may be tried again");
}

#[tokio::test]
async fn something_that_does_not_speak_http_is_no_answer() {
    let server = Server::bind().await;
    let call = call(&server.url("/v1"));
    let (ended, ..) = run(&call, server.answer("220 mail.example ESMTP\r\n")).await;
    assert!(matches!(ended.kind, EndKind::Failed(AppError::Network { .. })), "{:?}", ended.kind);
}

#[tokio::test]
async fn a_refusal_keeps_the_servers_words_and_its_wait() {
    let server = Server::bind().await;
    let call = call(&server.url("/v1"));
    let body = r#"{"error":{"message":"slow down","type":"x","code":"rate_limit"}}"#;
    let answer = format!(
        "HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\nretry-after: 2\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let (ended, seen, _) = run(&call, server.answer(answer)).await;
    let rejection = rejection(ended.kind);
    assert_eq!((rejection.status, rejection.category), (429, RejectionCategory::RateLimit));
    assert_eq!((rejection.message.as_str(), rejection.retry_after), ("slow down", Some(2.0)));
    assert_eq!((seen.body.as_slice(), ended.any_byte), (body.as_bytes(), false));
}

#[tokio::test]
async fn a_web_page_in_place_of_an_answer_says_its_first_line() {
    let page = "<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>";
    for status in ["502 Bad Gateway", "200 OK"] {
        let server = Server::bind().await;
        let call = call(&server.url("/v1"));
        let answer = format!("HTTP/1.1 {status}\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n{page}");
        let (ended, ..) = run(&call, server.answer(answer)).await;
        let rejection = rejection(ended.kind);
        assert_eq!(rejection.content_type.as_deref(), Some("text/html"), "{status}");
        assert!(!rejection.message.contains('<') && !rejection.message.is_empty(), "{}", rejection.message);
    }
}

#[tokio::test]
async fn a_refusal_that_never_ends_is_cut() {
    let server = Server::bind().await;
    let call = call(&server.url("/v1"));
    let (ended, _, sent) = run(&call, async {
        let mut peer = server.accept().await;
        peer.request().await;
        peer.write("HTTP/1.1 500 Internal Server Error\r\nconnection: close\r\n\r\n").await;
        let mut sent = 0_usize;
        while tokio::io::AsyncWriteExt::write_all(&mut peer.0, &[b'x'; 65_536]).await.is_ok() {
            sent += 65_536;
        }
        sent
    })
    .await;
    assert_eq!(rejection(ended.kind).status, 500);
    assert!(ended.body_bytes >= 4 << 20 && ended.body_bytes <= sent as u64 + 65_536, "{}", ended.body_bytes);
}

#[tokio::test]
async fn a_second_call_uses_the_connection_again_and_says_so() {
    let server = Server::bind().await;
    let (http, call, cancel) = (http(), call(&server.url("/v1")), CancellationToken::new());
    let json = r#"{"choices":[{"index":0,"message":{"content":"Hi."},"finish_reason":"stop"}]}"#;
    let answer =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{json}", json.len());
    let serve = async {
        let mut peer = server.accept().await;
        for _ in 0..2 {
            peer.request().await;
            peer.write(&answer).await;
        }
        peer
    };
    let calls = async {
        let first = send(&http, &call, &mut Seen::default(), &cancel).await;
        (first, send(&http, &call, &mut Seen::default(), &cancel).await)
    };
    let ((first, second), _peer) = tokio::join!(calls, serve);
    assert!(first.phases.connect.is_some() && !first.phases.reused_connection, "{:?}", first.phases);
    assert!(second.phases.connect.is_none() && second.phases.reused_connection, "{:?}", second.phases);
    assert!(second.phases.send.is_some() && second.phases.wait.is_some(), "{:?}", second.phases);
}
