//! What an event costs on its way from bytes to text: `cargo bench -p juxta-client --bench stream`.
//!
//! No socket and no disk: parser and mapper alone, in nanoseconds an event. Each row is the best of several rounds, which
//! on a shared machine is the figure that other work disturbs least.
#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use juxta_client::endpoints::Mapper;
use juxta_client::observe::Piece;
use juxta_sse::{FrameKind, Parser};
use juxta_wire::endpoint::{Dialect, EndpointKind};

const EVENTS: usize = 100_000;
const ROUNDS: usize = 7;

fn main() {
    let plain = stream(|at| delta(WORDS[at % WORDS.len()], 1_795_000_000, ""));
    let escaped = stream(|at| delta(["\\n\\n", "\\\"a\\\"", "x\\ty"][at % 3], 1_795_000_000, ""));
    // A server that stamps each chunk anew: no two are alike, so each is read in full, and learned in vain.
    let stamped = stream(|at| delta(WORDS[at % WORDS.len()], 1_795_000_000 + at as u64, ""));
    let top = logprobs(20);
    let with_logprobs = stream(|at| delta(WORDS[at % WORDS.len()], 1_795_000_000 + at as u64, &top));
    println!("{} bytes an event", plain.iter().map(Vec::len).sum::<usize>() / EVENTS);

    row("parser, an event a chunk", EVENTS, || {
        parse(plain.iter().map(Vec::as_slice));
    });
    let whole = plain.concat();
    row("parser, chunks of 16 kB", EVENTS, || {
        parse(whole.chunks(16 << 10));
    });
    row("parser, chunks of 100 bytes", EVENTS, || {
        parse(whole.chunks(100));
    });
    row("mapper, recognised", EVENTS, || map(&plain));
    row("mapper, recognised with escapes", EVENTS, || map(&escaped));
    row("mapper, read in full", EVENTS, || map(&stamped));
    row("mapper, read in full with 20 logprobs", EVENTS, || map(&with_logprobs));
    let items = stream(|at| item_delta(WORDS[at % WORDS.len()], at));
    row("mapper, a text of a response", EVENTS, || map_as(EndpointKind::Responses, &items));
    row("the yardstick: serde_json to a Value", EVENTS, || {
        for event in &stamped {
            let value: serde_json::Value = serde_json::from_slice(&event[6..event.len() - 2]).expect("JSON");
            black_box(value);
        }
    });
    row("parser and mapper, an event a chunk", EVENTS, || {
        let mut mapper = Mapper::new(EndpointKind::Chat, Dialect::OpenAi);
        let mut text = 0;
        let mut parser = Parser::new();
        for chunk in &plain {
            parser.push(chunk, &mut |frame| {
                if let FrameKind::Event { name, data, .. } = frame.kind {
                    mapper.event(name, data, &mut |piece| text += length(piece));
                }
            });
        }
        black_box((text, mapper.outcome()));
    });

    let huge = delta(&"x".repeat(8 << 20), 1, "");
    row("one event of 8 MB in chunks of 16 kB, parser and mapper", 1, || {
        let mut parser = Parser::new();
        let mut mapper = Mapper::new(EndpointKind::Chat, Dialect::OpenAi);
        let mut text = 0;
        for chunk in huge.chunks(16 << 10) {
            parser.push(chunk, &mut |frame| {
                if let FrameKind::Event { name, data, .. } = frame.kind {
                    mapper.event(name, data, &mut |piece| text += length(piece));
                }
            });
        }
        assert_eq!(text, 8 << 20);
    });
}

const WORDS: [&str; 5] = [" the", "Bern", " is a", " lovely", "."];

fn stream(event: impl Fn(usize) -> Vec<u8>) -> Vec<Vec<u8>> {
    (0..EVENTS).map(event).collect()
}

fn delta(text: &str, created: u64, logprobs: &str) -> Vec<u8> {
    let logprobs = if logprobs.is_empty() { "null" } else { logprobs };
    format!(
        "data: {{\"id\":\"chatcmpl-9a1b2c3d4e5f60718293a4b5c6d7e8f9\",\"object\":\"chat.completion.chunk\",\
         \"created\":{created},\"model\":\"gpt-4o-2024-08-06\",\"service_tier\":\"default\",\
         \"system_fingerprint\":\"fp_1a2b3c4d5e\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}},\
         \"logprobs\":{logprobs},\"finish_reason\":null}}]}}\n\n"
    )
    .into_bytes()
}

fn logprobs(count: usize) -> String {
    let one = r#"{"token":" the","logprob":-1.2345678,"bytes":[32,116,104,101]}"#;
    let top = vec![one; count].join(",");
    format!(
        r#"{{"content":[{{"token":" the","logprob":-0.12,"bytes":[32,116],"top_logprobs":[{top}]}}],"refusal":null}}"#
    )
}

fn parse<'a>(chunks: impl Iterator<Item = &'a [u8]>) {
    let mut parser = Parser::new();
    let mut events = 0;
    for chunk in chunks {
        parser.push(chunk, &mut |frame| {
            if let FrameKind::Event { data, .. } = frame.kind {
                black_box(data);
                events += 1;
            }
        });
    }
    assert_eq!(events, EVENTS);
}

fn item_delta(text: &str, number: usize) -> Vec<u8> {
    format!(
        "data: {{\"type\":\"response.output_text.delta\",\"sequence_number\":{number},\"output_index\":1,\
         \"item_id\":\"msg_0123456789abcdef0123456789abcdef0123456789abcdef\",\"content_index\":0,\
         \"delta\":\"{text}\",\"logprobs\":[],\"obfuscation\":\"0123456789\"}}\n\n"
    )
    .into_bytes()
}

fn map(events: &[Vec<u8>]) {
    map_as(EndpointKind::Chat, events);
}

/// Maps the data of events without parsing them first.
fn map_as(endpoint: EndpointKind, events: &[Vec<u8>]) {
    let mut mapper = Mapper::new(endpoint, Dialect::OpenAi);
    let mut text = 0;
    for event in events {
        let data = std::str::from_utf8(&event[6..event.len() - 2]).expect("UTF-8");
        mapper.event("", data, &mut |piece| text += length(piece));
    }
    black_box((text, mapper.outcome()));
}

fn length(piece: Piece<'_>) -> usize {
    match piece {
        Piece::Text { text, .. } | Piece::Reasoning { text, .. } | Piece::Refusal { text, .. } => text.len(),
        Piece::ToolCall { arguments, .. } => arguments.len(),
        Piece::Item { item, .. } => item.json.len(),
    }
}

fn row(name: &str, events: usize, work: impl Fn()) {
    let once = || {
        let began = Instant::now();
        work();
        began.elapsed()
    };
    let best = (0..ROUNDS).map(|_| once()).min().unwrap_or(Duration::ZERO);
    println!("{:>12.1} ns  {name}", best.as_nanos() as f64 / events as f64);
}
