//! A server that writes a prepared chat stream as fast as the socket takes it: each token an event, each event an HTTP
//! chunk, as real servers send them. Only benchmarks use it; it understands just enough HTTP for that.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// Texts of about five characters, as tokens are.
const TEXTS: [&str; 8] = [" quick", " brown", " token", "s are", " sent ", "one by", " one, ", "always"];

/// Events in one prepared block.
const BLOCK: usize = 256;

/// A flood server. It serves until the process ends.
pub struct Flood {
    pub address: SocketAddr,
}

impl Flood {
    /// Each answer has `events` deltas, then a finish reason, usage and `[DONE]`.
    pub fn start(events: usize) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                std::thread::spawn(move || {
                    // A client that hangs up ends its answer, and that is all.
                    let _ = answer(connection, events);
                });
            }
        });
        Ok(Self { address })
    }
}

fn answer(mut connection: TcpStream, events: usize) -> io::Result<()> {
    connection.set_nodelay(true)?;
    while read_request(&mut connection)? {
        connection
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")?;
        let block: Vec<u8> = (0..BLOCK).flat_map(|at| chunk(&delta(TEXTS[at % TEXTS.len()]))).collect();
        for _ in 0..events / BLOCK {
            connection.write_all(&block)?;
        }
        let rest: Vec<u8> = (0..events % BLOCK).flat_map(|at| chunk(&delta(TEXTS[at % TEXTS.len()]))).collect();
        connection.write_all(&rest)?;
        connection.write_all(&chunk(&end(events)))?;
        connection.write_all(&chunk("data: [DONE]\n\n"))?;
        connection.write_all(b"0\r\n\r\n")?;
    }
    Ok(())
}

fn delta(text: &str) -> String {
    format!(
        "data: {{\"id\":\"chatcmpl-9a1b2c3d4e5f60718293a4b5c6d7e8f9\",\"object\":\"chat.completion.chunk\",\
         \"created\":1795000000,\"model\":\"flood\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_44709d6fcb\",\
         \"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}},\"logprobs\":null,\"finish_reason\":null}}],\
         \"usage\":null}}\n\n"
    )
}

fn end(events: usize) -> String {
    format!(
        "data: {{\"id\":\"chatcmpl-9a1b2c3d4e5f60718293a4b5c6d7e8f9\",\"object\":\"chat.completion.chunk\",\
         \"created\":1795000000,\"model\":\"flood\",\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"stop\"}}],\
         \"usage\":{{\"prompt_tokens\":1,\"completion_tokens\":{events},\"total_tokens\":{}}}}}\n\n",
        events + 1
    )
}

fn chunk(text: &str) -> Vec<u8> {
    format!("{:x}\r\n{text}\r\n", text.len()).into_bytes()
}

/// `false` when the client closed the connection.
fn read_request(connection: &mut TcpStream) -> io::Result<bool> {
    let mut reader = BufReader::new(connection);
    let mut length = 0;
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(false);
        }
        let header = line.trim_end();
        if header.is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(true)
}
