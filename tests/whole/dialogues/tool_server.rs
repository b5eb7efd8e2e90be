//! A server that answers for tools, with bytes as they are given.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What is said to a request.
pub enum Answer {
    /// These bytes, then the connection is closed.
    Bytes(Vec<u8>),
    /// Nothing, for as long as the other side waits.
    Silence,
}

/// Listens on a free loopback port until it is dropped.
pub struct ToolServer {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    /// Connections that are open now, and how many were.
    pub open: watch::Receiver<(usize, usize)>,
    task: JoinHandle<()>,
}

impl Drop for ToolServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl ToolServer {
    pub async fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (count, open) = watch::channel((0, 0));
        let (answer, kept) = (Arc::new(answer), Arc::clone(&heard));
        let task = tokio::spawn(async move {
            let mut tasks = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                count.send_modify(|(open, all)| (*open, *all) = (*open + 1, *all + 1));
                let (answer, kept, count) = (Arc::clone(&answer), Arc::clone(&kept), count.clone());
                tasks.spawn(async move {
                    serve(stream, &*answer, &kept).await;
                    count.send_modify(|(open, _)| *open -= 1);
                });
            }
        });
        Self { address, heard, open, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}/tool", self.address)
    }

    /// Whole requests in the order in which they came.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("not poisoned").clone()
    }
}

async fn serve(mut stream: TcpStream, answer: &(impl Fn(&str) -> Answer + ?Sized), kept: &Mutex<Vec<String>>) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let body = loop {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            let body = body.to_owned();
            kept.lock().expect("not poisoned").push(text);
            break body;
        }
    };
    match answer(&body) {
        Answer::Bytes(bytes) => {
            // Whoever has heard enough closes.
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Answer::Silence => while !matches!(stream.read(&mut buffer).await, Ok(0) | Err(_)) {},
    }
}

/// A whole answer.
pub fn http(status: &str, body: &[u8]) -> Answer {
    let mut bytes = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    Answer::Bytes(bytes)
}
