//! A server on loopback that keeps each request as it came and answers it as a chat server would.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::http_bytes::{self, Message};

/// The text of every answer.
pub const ANSWER: &str = "Hello 🐟 größe\u{2028}\"end\"";

pub struct CaptureServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    closing: AtomicBool,
    captured: Mutex<Vec<Message>>,
}

impl CaptureServer {
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let acceptor = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                for stream in listener.incoming() {
                    if shared.closing.load(Ordering::SeqCst) {
                        return;
                    }
                    let shared = Arc::clone(&shared);
                    // A client that went away before it was accepted has sent nothing.
                    let Ok(stream) = stream else { continue };
                    std::thread::spawn(move || serve(stream, &shared));
                }
            }
        });
        Ok(Self { address, shared, acceptor: Some(acceptor) })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes what has come since the last time.
    pub fn take(&self) -> Vec<Message> {
        std::mem::take(&mut *self.shared.captured.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for CaptureServer {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        // Wakes the acceptor, which then sees that it shall close.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

fn serve(mut stream: TcpStream, shared: &Shared) {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut was_asked = false;
    let request = loop {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(length) => bytes.extend_from_slice(&buffer[..length]),
        }
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        if head.contains("expect: 100-continue") && !was_asked {
            was_asked = true;
            if stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").is_err() {
                return;
            }
        }
        // Until all of the body is there, the message has no end.
        if let Ok(mut messages) = http_bytes::requests(&bytes)
            && let Some(message) = messages.pop()
        {
            break message;
        }
    };
    let answer = answer(&request);
    shared.captured.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    // In odd pieces, so that lines and characters are torn. A client that left has seen enough.
    for piece in answer.chunks(61) {
        if stream.write_all(piece).and_then(|()| stream.flush()).is_err() {
            return;
        }
    }
}

fn answer(request: &Message) -> Vec<u8> {
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let (kind, body) = match body["stream"] == true {
        // Scale's server sends no end mark, and its package cannot read one.
        true => ("text/event-stream", events(!request.first_line().contains("/v5/"))),
        false => ("application/json", document()),
    };
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn document() -> String {
    let message = serde_json::json!({ "role": "assistant", "content": ANSWER });
    let choice = serde_json::json!({ "index": 0, "message": message, "finish_reason": "stop" });
    serde_json::json!({ "id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice] })
        .to_string()
}

fn events(has_end_mark: bool) -> String {
    let chunk = |choices: serde_json::Value| {
        let chunk = serde_json::json!({
            "id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices,
        });
        format!("data: {chunk}\n\n")
    };
    let mut events = String::from(": hello\n\n");
    for letter in ANSWER.chars() {
        let delta = serde_json::json!({ "content": letter.to_string() });
        events.push_str(&chunk(serde_json::json!([{ "index": 0, "delta": delta, "finish_reason": null }])));
    }
    events.push_str(&chunk(serde_json::json!([{ "index": 0, "delta": {}, "finish_reason": "stop" }])));
    events.push_str(&chunk(serde_json::json!([])));
    if has_end_mark {
        events.push_str("data: [DONE]\n\n");
    }
    events
}
