//! A caller that knows HTTP only as bytes, so that it forgives nothing.

use std::io::ErrorKind;
use std::net::SocketAddr;

use juxta_sandbox::{Options, Sandbox};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const TOKEN: &str = "a-token-of-the-test";

pub const SCALE: &str = "/v5/chat/completions";
pub const SCAIGRID: &str = "/v1/inference/chat";
pub const OPENAI: &str = "/oai/v1/chat/completions";
pub const CHATS: [&str; 3] = [SCALE, SCAIGRID, OPENAI];

pub const RESPONSES: [&str; 2] = ["/v5/responses", "/v1/responses"];
pub const INFERENCE: &str = "/v5/inference";
pub const GENERATE: &str = "/v1/inference/generate";
pub const COMPLETIONS: [&str; 2] = ["/v5/completions", "/v1/completions"];

/// Every endpoint that answers with text, in every dialect that has it.
pub const TEXTS: [(Dialect, EndpointKind, &str); 9] = [
    (Dialect::ScaleV5, EndpointKind::Chat, SCALE),
    (Dialect::ScaigridV1, EndpointKind::Chat, SCAIGRID),
    (Dialect::OpenAi, EndpointKind::Chat, OPENAI),
    (Dialect::ScaleV5, EndpointKind::Responses, RESPONSES[0]),
    (Dialect::OpenAi, EndpointKind::Responses, RESPONSES[1]),
    (Dialect::ScaleV5, EndpointKind::Generic, INFERENCE),
    (Dialect::ScaigridV1, EndpointKind::Generate, GENERATE),
    (Dialect::ScaleV5, EndpointKind::Completions, COMPLETIONS[0]),
    (Dialect::OpenAi, EndpointKind::Completions, COMPLETIONS[1]),
];

pub async fn sandbox() -> Sandbox {
    let options = Options { token: Some(TOKEN.to_owned()), ..Options::default() };
    Sandbox::start(options).await.expect("a free port on loopback")
}

/// Whether a model makes vectors, pictures or sounds, and so has nothing to say.
pub fn is_of_media(id: &str) -> bool {
    ["embed", "draw", "transcribe", "speak"].iter().any(|kind| id.starts_with(&format!("sandbox/{kind}")))
}

/// How the connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The body came to its end.
    Whole,
    /// The connection closed before.
    Cut,
    Reset,
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// As on the wire.
    pub headers: Vec<(String, String)>,
    /// HTTP chunks, when the body came in chunks; else one.
    pub chunks: Vec<Vec<u8>>,
    pub end: End,
}

impl Reply {
    pub fn body(&self) -> Vec<u8> {
        self.chunks.concat()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body()).expect("a body of UTF-8")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body()).expect("a body of JSON")
    }

    /// By the exact spelling of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The data of each unnamed frame, without the end mark.
    pub fn frames(&self) -> Vec<Value> {
        let text = self.text();
        let data = text.split("\n\n").filter_map(|frame| frame.strip_prefix("data: "));
        data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).expect("a frame of JSON")).collect()
    }

    /// Name and data of each event.
    pub fn events(&self) -> Vec<(String, Value)> {
        let text = self.text();
        let named = text.split("\n\n").filter_map(|frame| frame.strip_prefix("event: ")?.split_once("\ndata: "));
        named.map(|(name, data)| (name.to_owned(), serde_json::from_str(data).expect("an event of JSON"))).collect()
    }

    /// What choice `index` said in all.
    pub fn said(&self, index: u64) -> String {
        self.deltas(index).iter().filter_map(|delta| delta["content"].as_str()).collect()
    }

    pub fn deltas(&self, index: u64) -> Vec<Value> {
        self.choices(index).into_iter().map(|choice| choice["delta"].clone()).collect()
    }

    pub fn choices(&self, index: u64) -> Vec<Value> {
        let frames = self.frames();
        let choices = frames.iter().flat_map(|frame| frame["choices"].as_array().into_iter().flatten());
        choices.filter(|choice| choice["index"] == index).cloned().collect()
    }

    pub fn finish(&self) -> Option<String> {
        let last = self.choices(0).pop()?;
        last["finish_reason"].as_str().map(str::to_owned)
    }

    /// The text with what differs from call to call replaced.
    pub fn steady_text(&self) -> String {
        let id = ["X-Scaigrid-Request-Id", "X-Request-Id"].iter().find_map(|name| self.header(name));
        let id = id.expect("an id in the head").trim_start_matches("req_");
        let text = self.text().replace(id, "ID");
        let Some((_, after)) = text.split_once("\"created\":") else { return text };
        let created: String = after.chars().take_while(char::is_ascii_digit).collect();
        text.replace(&created, "0")
    }
}

/// Sends one request with the right key in every header that may hold it, and reads until the connection ends.
pub async fn call(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let bearer = format!("Bearer {TOKEN}");
    let mut all = vec![("x-api-key", TOKEN), ("Authorization", bearer.as_str())];
    all.extend(headers);
    call_with(address, method, path, &all, body).await
}

/// The same with exactly these headers.
pub async fn call_with(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    read(open(address, method, path, headers, body).await).await
}

/// Any bytes, with the content type among the headers.
pub async fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    let mut stream = TcpStream::connect(address).await.expect("the sandbox listens");
    stream.write_all(&[request.as_bytes(), body].concat()).await.expect("the sandbox reads");
    read(stream).await
}

async fn read(mut stream: TcpStream) -> Reply {
    let mut bytes = Vec::new();
    let end = loop {
        match stream.read_buf(&mut bytes).await {
            Ok(0) => break End::Whole,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break End::Reset,
            Err(error) => panic!("reading failed: {error}"),
        }
    };
    parse(&bytes, end)
}

/// Sends a request and leaves the answer to the test.
pub async fn open(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
    let mut stream = TcpStream::connect(address).await.expect("the sandbox listens");
    stream.write_all(request.as_bytes()).await.expect("the sandbox reads");
    stream
}

fn parse(bytes: &[u8], end: End) -> Reply {
    let split = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a whole head");
    let head = std::str::from_utf8(&bytes[..split]).expect("a head of text");
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let chunked = headers.iter().any(|(name, value)| name == "Transfer-Encoding" && value == "chunked");
    let length = headers.iter().find(|(name, _)| name == "Content-Length").and_then(|(_, value)| value.parse().ok());
    let body = &bytes[split + 4..];
    let (chunks, whole) = if chunked { dechunk(body) } else { (vec![body.to_vec()], length == Some(body.len())) };
    let end = if end == End::Whole && !whole { End::Cut } else { end };
    Reply { status: status.expect("a status line"), headers, chunks, end }
}

/// The chunks, and whether the last one, which is empty, was there.
fn dechunk(mut rest: &[u8]) -> (Vec<Vec<u8>>, bool) {
    let mut chunks = Vec::new();
    loop {
        let Some(line) = rest.windows(2).position(|window| window == b"\r\n") else { return (chunks, false) };
        let size = std::str::from_utf8(&rest[..line]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let size = size.expect("a chunk size");
        if size == 0 {
            return (chunks, true);
        }
        let Some(chunk) = rest.get(line + 2..line + 2 + size) else { return (chunks, false) };
        chunks.push(chunk.to_vec());
        rest = rest.get(line + 4 + size..).unwrap_or_default();
    }
}

/// A chat request as JSON. `members` come on top.
pub fn chat(model: &str, members: Value) -> String {
    body(EndpointKind::Chat, model, members)
}

/// The same for any endpoint.
pub fn body(endpoint: EndpointKind, model: &str, members: Value) -> String {
    let mut body = match endpoint {
        EndpointKind::Chat | EndpointKind::Models => json!({ "messages": [{ "role": "user", "content": "Hi you" }] }),
        EndpointKind::Responses | EndpointKind::Embed => json!({ "input": "Hi you" }),
        EndpointKind::Synthesize => json!({ "input": "Hi you", "voice": "nova" }),
        EndpointKind::Transcribe => json!({}),
        EndpointKind::Generic => json!({}),
        EndpointKind::Generate | EndpointKind::Completions | EndpointKind::Image => json!({ "prompt": "Hi you" }),
    };
    body["model"] = model.into();
    let object = body.as_object_mut().expect("an object");
    object.extend(members.as_object().expect("an object of members").clone());
    body.to_string()
}

/// A request to one of [`TEXTS`] that is not slowed down; to any other path it is a chat.
pub async fn ask(sandbox: &Sandbox, path: &str, model: &str, members: Value) -> Reply {
    let endpoint = TEXTS.iter().find(|(_, _, known)| *known == path).map_or(EndpointKind::Chat, |(_, kind, _)| *kind);
    call(sandbox.address(), "POST", path, &[("x-sandbox-rate", "0")], &body(endpoint, model, members)).await
}

/// The same as a stream.
pub async fn stream(sandbox: &Sandbox, path: &str, model: &str, mut members: Value) -> Reply {
    members["stream"] = json!(true);
    ask(sandbox, path, model, members).await
}
