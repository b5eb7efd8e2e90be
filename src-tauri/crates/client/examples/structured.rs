//! What it costs to check an answer while it streams: the same answer ten times as long, in pieces of four characters,
//! looked at as often as a page looks. Ten times the text should cost about ten times as much.
//!
//! `cargo run --release -p juxta-client --example structured`
#![expect(clippy::print_stdout, reason = "it is there to print")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use juxta_client::structured::{Checker, SentSchema};
use serde_json::json;

/// Characters between two looks: 1,000 tokens a second, five looks.
const BETWEEN_LOOKS: usize = 800;

fn main() {
    let sent = SentSchema {
        name: "orders".into(),
        schema: json!({ "type": "object", "additionalProperties": false, "required": ["orders"], "properties": {
            "orders": { "type": "array", "items": { "$ref": "#/$defs/Order" } } },
            "$defs": { "Order": { "type": "object", "additionalProperties": false, "required": ["id", "state", "lines"],
                "properties": { "id": { "type": "integer" }, "state": { "enum": ["open", "paid"] },
                    "lines": { "type": "array", "items": { "type": "object", "properties": {
                        "text": { "type": "string", "pattern": "^[^\\n]*$" }, "price": { "type": "number" } } } } } } } }),
        is_written: true,
    };
    let mut times = Vec::new();
    for length in [100_000, 1_000_000] {
        let text = answer(length);
        let time = checked(&sent, &text);
        println!("{:>9} characters: {:>8.1} ms", text.chars().count(), time.as_secs_f64() * 1e3);
        times.push(time.as_secs_f64());
    }
    println!("ten times the text costs {:.1} times as much", times[1] / times[0]);
}

fn answer(length: usize) -> String {
    let mut text = String::from("{\"orders\":[");
    let mut id = 0;
    while text.len() < length {
        let comma = if id == 0 { "" } else { "," };
        // One in a thousand has a fault.
        let state = if id % 1000 == 7 { "blue" } else { "open" };
        let line = r#"{"text":"Rücklicht 🌊 \"neu\"","price":49.9}"#;
        // Writing to a string does not fail.
        _ = write!(text, r#"{comma}{{"id":{id},"state":"{state}","lines":[{line},{line},{line}]}}"#);
        id += 1;
    }
    text + "]}"
}

fn checked(sent: &SentSchema, text: &str) -> Duration {
    let characters: Vec<char> = text.chars().collect();
    let start = Instant::now();
    let mut checker = Checker::new(sent);
    let mut since = 0;
    for piece in characters.chunks(4) {
        checker.feed(&piece.iter().collect::<String>());
        since += piece.len();
        if since >= BETWEEN_LOOKS {
            since = 0;
            checker.look(false);
        }
    }
    checker.look(true);
    start.elapsed()
}
