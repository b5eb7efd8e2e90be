//! A server on loopback that keeps each request as it came and answers it as a server of its endpoint would.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use super::form::form_parts;
use crate::http_bytes::{self, Message};

/// The text of every answer.
pub const ANSWER: &str = "Hello 🐟 größe\u{2028}\"end\"";

/// Every sound and every picture of an answer, and `iVBORw0KGgo=` as JSON has it.
pub const BYTES: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The address of a picture.
const PICTURE: &str = "/picture.png";

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
    // A picture is fetched by its address, which is no call.
    if !request.first_line().contains(PICTURE) {
        shared.captured.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    }
    // In odd pieces, so that lines and characters are torn. A client that left has seen enough.
    for piece in answer.chunks(61) {
        if stream.write_all(piece).and_then(|()| stream.flush()).is_err() {
            return;
        }
    }
}

fn answer(request: &Message) -> Vec<u8> {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let first_line = request.first_line();
    let path = first_line.split(' ').nth(1).unwrap_or_default();
    let endpoint = Endpoint::of(path);
    let with = |kind: &str, body: &[u8]| {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    };
    let parts = form_parts(request).unwrap_or_default();
    let field = |name: &str| parts.iter().find(|part| part.name == name).map(|part| part.content.as_slice());
    match endpoint {
        _ if path == PICTURE => return with("image/png", BYTES),
        Endpoint::Sound if body["stream_format"] != "sse" => return with("audio/mpeg", BYTES),
        Endpoint::Sound => return with("text/event-stream", format!("data: {}\n\n", json!(ANSWER)).as_bytes()),
        Endpoint::Transcript if field("stream") == Some(b"true") => {
            return with("text/event-stream", endpoint.events(true).as_bytes());
        }
        Endpoint::Transcript if field("response_format") == Some(b"srt") => {
            return with("text/plain", ANSWER.as_bytes());
        }
        Endpoint::Pictures if body["response_format"] == "url" => {
            let url = format!("http://{}{PICTURE}", request.header("host").unwrap_or_default());
            return with(
                "application/json",
                json!({ "created": 1, "data": [{ "url": url, "note": ANSWER }] }).to_string().as_bytes(),
            );
        }
        Endpoint::Vectors if body["encoding_format"] == "base64" => {
            let data = json!([{ "object": "embedding", "index": 0, "embedding": "AACAPgAAwL8AAABB", "note": ANSWER }]);
            return with(
                "application/json",
                json!({ "object": "list", "model": "m", "data": data }).to_string().as_bytes(),
            );
        }
        _ => {}
    }
    let (kind, body) = match body["stream"] == true || body["args"]["stream"] == true {
        // Scale's server sends no end mark, and its package cannot read one.
        true => ("text/event-stream", endpoint.events(!path.contains("/v5/"))),
        false => ("application/json", endpoint.document().to_string()),
    };
    with(kind, body.as_bytes())
}

/// What is called, and so how it answers.
#[derive(Clone, Copy, PartialEq)]
pub enum Endpoint {
    Chat,
    Completions,
    Responses,
    Inference,
    Vectors,
    Pictures,
    Sound,
    Transcript,
}

impl Endpoint {
    pub fn of(path: &str) -> Self {
        match path.split('?').next().unwrap_or_default() {
            path if path.ends_with("/responses") => Self::Responses,
            path if path.ends_with("/v1/completions") || path.ends_with("/v5/completions") => Self::Completions,
            path if path.ends_with("/generate") => Self::Completions,
            path if path.ends_with("/inference") => Self::Inference,
            path if path.ends_with("/embeddings") => Self::Vectors,
            path if path.ends_with("/images/generations") || path.ends_with("/images/generate") => Self::Pictures,
            path if path.ends_with("/audio/speech") || path.ends_with("/audio/synthesize") => Self::Sound,
            path if path.contains("/audio/transcri") => Self::Transcript,
            _ => Self::Chat,
        }
    }

    /// Whether `printed` holds the events of a stream as they came, all of them and in order.
    pub fn has_events(self, printed: &str) -> bool {
        let name = match self {
            Self::Chat => "content",
            Self::Completions | Self::Inference => "text",
            Self::Responses | Self::Transcript => "delta",
            Self::Vectors | Self::Pictures | Self::Sound => return printed.contains(&json!(ANSWER).to_string()),
        };
        // Some print JSON with blanks.
        let printed = printed.replace("\": \"", "\":\"");
        let mut rest = printed.as_str();
        ANSWER.chars().all(|letter| {
            let behind = rest.split_once(&format!("\"{name}\":{}", json!(letter.to_string())));
            rest = behind.map_or("", |(_, behind)| behind);
            behind.is_some()
        })
    }

    fn document(self) -> Value {
        match self {
            Self::Chat => json!({ "id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [
                { "index": 0, "message": { "role": "assistant", "content": ANSWER }, "finish_reason": "stop" },
            ] }),
            Self::Completions => {
                json!({ "id": "1", "object": "text_completion", "created": 1, "model": "m", "choices": [
                { "index": 0, "text": ANSWER, "logprobs": null, "finish_reason": "stop" },
            ] })
            }
            Self::Responses => json!({
                "id": "1", "object": "response", "created_at": 1, "model": "m", "status": "completed",
                "parallel_tool_calls": true, "tool_choice": "auto", "tools": [], "output": [
                    { "type": "reasoning", "id": "1", "summary": [] },
                    { "type": "message", "id": "2", "role": "assistant", "status": "completed", "content": [
                        { "type": "output_text", "text": ANSWER, "annotations": [] },
                    ] },
                ],
            }),
            Self::Inference => {
                json!({ "object": "generic_inference", "response": { "text": ANSWER, "scores": [1.0] } })
            }
            Self::Vectors => json!({ "object": "list", "model": "m", "data": [
                { "object": "embedding", "index": 0, "embedding": [0.25, -1.5, 8.0], "note": ANSWER },
            ] }),
            Self::Pictures => {
                json!({ "created": 1, "data": [{ "b64_json": "iVBORw0KGgo=", "revised_prompt": ANSWER }] })
            }
            Self::Sound => json!(null),
            Self::Transcript => json!({ "text": ANSWER }),
        }
    }

    fn events(self, has_end_mark: bool) -> String {
        let mut events = String::from(": hello\n\n");
        if self == Self::Pictures {
            for kind in ["image_generation.partial_image", "image_generation.completed"] {
                let data = json!({ "type": kind, "b64_json": "iVBORw0KGgo=", "note": ANSWER });
                events.push_str(&format!("event: {kind}\ndata: {data}\n\n"));
            }
            return events;
        }
        for (at, letter) in ANSWER.chars().enumerate() {
            events.push_str(&self.piece(at, &letter.to_string()));
        }
        events.push_str(&match self {
            Self::Chat => [json!([{ "index": 0, "delta": {}, "finish_reason": "stop" }]), json!([])]
                .map(|choices| chunk("chat.completion.chunk", &choices))
                .concat(),
            Self::Completions => chunk("text_completion", &json!([])),
            Self::Responses => {
                let response = self.document();
                let data = json!({ "type": "response.completed", "sequence_number": 99, "response": response });
                format!("event: response.completed\ndata: {data}\n\n")
            }
            Self::Transcript => {
                let data = json!({ "type": "transcript.text.done", "text": ANSWER });
                format!("event: transcript.text.done\ndata: {data}\n\n")
            }
            Self::Inference | Self::Vectors | Self::Pictures | Self::Sound => String::new(),
        });
        if has_end_mark {
            events.push_str("data: [DONE]\n\n");
        }
        events
    }

    fn piece(self, at: usize, text: &str) -> String {
        match self {
            Self::Chat => chunk(
                "chat.completion.chunk",
                &json!([{ "index": 0, "delta": { "content": text }, "finish_reason": null }]),
            ),
            Self::Completions => {
                chunk("text_completion", &json!([{ "index": 0, "text": text, "finish_reason": null }]))
            }
            Self::Responses => {
                let data = json!({
                    "type": "response.output_text.delta", "sequence_number": at, "item_id": "2", "output_index": 1,
                    "content_index": 0, "delta": text, "logprobs": [],
                });
                format!("event: response.output_text.delta\ndata: {data}\n\n")
            }
            Self::Transcript => {
                let data = json!({ "type": "transcript.text.delta", "delta": text, "logprobs": [] });
                format!("event: transcript.text.delta\ndata: {data}\n\n")
            }
            Self::Inference | Self::Vectors | Self::Pictures | Self::Sound => {
                format!("data: {}\n\n", json!({ "object": "generic_inference.chunk", "response": { "text": text } }))
            }
        }
    }
}

fn chunk(object: &str, choices: &Value) -> String {
    format!("data: {}\n\n", json!({ "id": "1", "object": object, "created": 1, "model": "m", "choices": choices }))
}
