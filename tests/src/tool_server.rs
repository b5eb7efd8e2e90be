//! A tool that answers over HTTP on loopback, and keeps what it was asked.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Answers every request with the same words, until it is dropped.
pub struct ToolServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Value>>>,
    task: JoinHandle<()>,
}

impl Drop for ToolServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ToolServer {
    pub async fn start(words: &'static str) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let asked: Arc<Mutex<Vec<Value>>> = Arc::default();
        let kept = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let Ok(Some(body)) = read_body(&mut stream).await else { continue };
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(body);
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    words.len()
                );
                let whole = [head.as_bytes(), words.as_bytes()].concat();
                if stream.write_all(&whole).await.is_ok() {
                    stream.shutdown().await.ok();
                }
            }
        });
        Ok(Self { address, asked, task })
    }

    pub fn url(&self) -> String {
        format!("http://{}/tool", self.address)
    }

    /// The bodies of all requests so far.
    pub fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The JSON that came behind the head; `None` when the other end went away before that.
async fn read_body(stream: &mut TcpStream) -> std::io::Result<Option<Value>> {
    let mut bytes = Vec::new();
    let mut block = [0; 4096];
    loop {
        if let Some(body) = whole_body(&bytes) {
            return Ok(serde_json::from_slice(body).ok());
        }
        match stream.read(&mut block).await? {
            0 => return Ok(None),
            read => bytes.extend_from_slice(&block[..read]),
        }
    }
}

fn whole_body(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..end]).ok()?.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"))?.trim().parse().ok()?;
    bytes[end..].get(..length)
}
