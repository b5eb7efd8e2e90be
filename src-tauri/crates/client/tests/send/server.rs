//! A server that does exactly what a test says, and an observer that keeps everything.

use std::time::Duration;

use bytes::Bytes;
use juxta_client::call::{Call, CallHeader};
use juxta_client::http::{Http, HttpClients};
use juxta_client::observe::{Observer, Piece};
use juxta_client::send::{Ended, send};
use juxta_wire::connection::{Network, Proxy};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::exchange::ResponseHead;
use juxta_wire::timing::Phases;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

pub const STREAM_HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
pub const CHUNKED_STREAM_HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

pub struct Server(TcpListener);

impl Server {
    pub async fn bind() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.expect("a port"))
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.0.local_addr().expect("an address"))
    }

    pub async fn accept(&self) -> Peer {
        let (stream, _) = self.0.accept().await.expect("a client");
        stream.set_nodelay(true).expect("no delay");
        Peer(stream)
    }

    /// Takes one request, answers it and closes.
    pub async fn answer(&self, answer: impl AsRef<[u8]>) -> Received {
        let mut peer = self.accept().await;
        let received = peer.request().await;
        peer.write(answer).await;
        received
    }
}

pub struct Peer(pub TcpStream);

#[derive(Debug)]
pub struct Received {
    pub head: Vec<u8>,
    pub body: Vec<u8>,
}

impl Received {
    pub fn head(&self) -> String {
        String::from_utf8(self.head.clone()).expect("a head is text")
    }
}

impl Peer {
    pub async fn request(&mut self) -> Received {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(self.0.read_buf(&mut bytes).await.expect("readable") > 0, "the client went away");
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |digits| digits.parse::<usize>().expect("a length"));
        while bytes.len() < end + length {
            assert!(self.0.read_buf(&mut bytes).await.expect("readable") > 0, "the client went away");
        }
        assert_eq!(bytes.len(), end + length, "bytes after the body");
        let body = bytes.split_off(end);
        Received { head: bytes, body }
    }

    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.expect("writable");
        self.0.flush().await.expect("flushed");
    }

    /// Waits until the client closes; anything it still sends is a mistake.
    pub async fn is_closed(&mut self) -> bool {
        matches!(self.0.read(&mut [0; 16]).await, Ok(0) | Err(_))
    }
}

/// Keeps all that a call reports.
#[derive(Default)]
pub struct Seen {
    pub body: Vec<u8>,
    pub text: String,
    pub reasoning: String,
    /// Offset, length, comment.
    pub events: Vec<(u64, u32, bool)>,
    pub head: Option<ResponseHead>,
    pub phases: Vec<Phases>,
    pub last_at: u64,
    pub stop_at_text: Option<CancellationToken>,
}

impl Observer for Seen {
    fn phases(&mut self, phases: &Phases) {
        self.phases.push(phases.clone());
    }

    fn head(&mut self, _at: u64, head: &ResponseHead) {
        self.head = Some(head.clone());
    }

    fn chunk(&mut self, at: u64, bytes: &[u8]) {
        assert!(at >= self.last_at, "time runs backwards");
        self.last_at = at;
        self.body.extend_from_slice(bytes);
    }

    fn event(&mut self, _at: u64, offset: u64, length: u32, comment: bool) {
        self.events.push((offset, length, comment));
    }

    fn piece(&mut self, _at: u64, piece: Piece<'_>) {
        match piece {
            Piece::Text { text, .. } => self.text.push_str(text),
            Piece::Reasoning { text, .. } => self.reasoning.push_str(text),
            Piece::Refusal { .. } | Piece::ToolCall { .. } | Piece::Item { .. } => {}
        }
        if let Some(cancel) = &self.stop_at_text {
            cancel.cancel();
        }
    }

    fn idle(&mut self) {}
}

pub fn network() -> Network {
    Network { proxy: Proxy::Direct, ..Network::default() }
}

pub fn http() -> Http {
    HttpClients::new().get(&network()).expect("a client")
}

pub fn call(url: &str) -> Call {
    Call {
        method: http::Method::POST,
        url: url.parse().expect("an address"),
        headers: vec![
            CallHeader::plain("accept", "text/event-stream, application/json"),
            CallHeader::plain("content-type", "application/json"),
            CallHeader::secret("Authorization", "Bearer sk-test-0123456789"),
        ],
        body: Bytes::from_static(br#"{"model":"m","messages":[],"stream":true}"#),
        endpoint: EndpointKind::Chat,
        dialect: Dialect::OpenAi,
        idle_timeout: Duration::from_secs(60),
    }
}

/// Makes the call beside a server and returns what both saw.
pub async fn run<T>(call: &Call, server: impl Future<Output = T>) -> (Ended, Seen, T) {
    let mut seen = Seen::default();
    let cancel = CancellationToken::new();
    let http = http();
    let (ended, served) = tokio::join!(send(&http, call, &mut seen, &cancel), server);
    (ended, seen, served)
}

/// One chunk of a chat in OpenAI's form.
pub fn delta(text: &str) -> String {
    let text = serde_json::Value::from(text);
    format!("data: {{\"id\":\"c\",\"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{text}}}}}]}}\n\n")
}

pub const STOP: &str = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";

/// Wraps bytes as one chunk of a chunked body.
pub fn chunk(bytes: &str) -> String {
    format!("{:x}\r\n{bytes}\r\n", bytes.len())
}
