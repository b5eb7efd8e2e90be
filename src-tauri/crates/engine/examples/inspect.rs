//! How long the inspector takes with large answers: 100,000 events, and documents of 50 MB.
//!
//! `cargo run --release -p juxta-engine --example inspect`

use std::time::Instant;

use juxta_engine::{Engine, Keys};
use juxta_sse::{FrameKind, Parser};
use juxta_store::Store;
use juxta_wire::document::{DocumentForm, DocumentSource};
use juxta_wire::error::AppError;
use juxta_wire::events::{EventFilter, TextChannel};
use juxta_wire::ids::{CellId, LaneId, RunId};
use juxta_wire::run::{Cell, Run};
use serde_json::json;

const EVENTS: usize = 100_000;
const DOCUMENT: usize = 50 << 20;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
#[allow(clippy::print_stdout, reason = "printing is what it is for")]
async fn main() -> Result<(), Failure> {
    let folder = std::env::temp_dir().join(format!("juxta-inspect-{}", std::process::id()));
    let store = Store::open(&folder)?;
    let stream = record(&store, &events(), true)?;
    let json = record(&store, &document(), false)?;
    let line = record(&store, format!("\"{}\"", "a line without an end ".repeat(DOCUMENT / 22)).as_bytes(), false)?;
    drop(store);
    let engine = Engine::open(&folder, Keys::Memory)?;

    println!("{EVENTS} events");
    timed("open", || engine.events(&stream).map(|view| view.count as usize))?;
    timed("open again", || engine.events(&stream).map(|view| view.count as usize))?;
    timed("times of all", || engine.event_times(&stream).map(|times| times.len()))?;
    let page: Vec<u32> = (50_000..50_060).collect();
    timed("a page of 60 rows", || engine.read_events(&stream, &page).map(|rows| rows.len()))?;
    for text in ["token 99999", "absent", "content", "É"] {
        let filter = EventFilter { text: text.to_owned(), ..EventFilter::default() };
        timed(&format!("filter {text:?}"), || engine.find_events(&stream, &filter).map(|found| found.len()))?;
    }
    timed("event of a text", || engine.event_of_text(&stream, TextChannel::Text, 0, 500_000).map(|_| 1))?;

    for (name, cell) in [("JSON", json), ("one line", line)] {
        let source = DocumentSource::Response { cell };
        println!("{name} of 50 MB");
        for form in [DocumentForm::Pretty, DocumentForm::Exact, DocumentForm::Hex] {
            let open = || engine.document_info(&source, form).map(|info| info.rows as usize);
            timed(&format!("open {form:?}"), open)?;
            let rows = engine.document_info(&source, form)?.rows;
            let window = || engine.document_rows(&source, form, rows / 2, 200).map(|rows| rows.len());
            timed(&format!("200 rows {form:?}"), window)?;
        }
    }
    engine.shut_down().await;
    drop(engine);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

#[allow(clippy::print_stdout, reason = "printing is what it is for")]
fn timed(what: &str, work: impl FnOnce() -> Result<usize, AppError>) -> Result<(), AppError> {
    let begun = Instant::now();
    let count = work()?;
    println!("  {what}: {:.1} ms ({count})", begun.elapsed().as_secs_f64() * 1000.0);
    Ok(())
}

fn events() -> Vec<u8> {
    let event = |number: usize| {
        format!(
            "data: {{\"id\":\"chatcmpl-9f31c2d4e5\",\"object\":\"chat.completion.chunk\",\"created\":1763631682,\"model\":\
             \"a-model-of-some-length\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_0123456789\",\"choices\":\
             [{{\"index\":0,\"delta\":{{\"content\":\" token {number}\"}},\"logprobs\":null,\"finish_reason\":null}}]}}\n\n"
        )
    };
    (0..EVENTS).flat_map(|number| event(number).into_bytes()).collect()
}

fn document() -> Vec<u8> {
    let row = json!({"index": 7, "embedding": [0.012345678, -1.5e-7, 1.0, 0.25, -0.75], "text": "naïve “words”\n", "n": null});
    let row = row.to_string();
    let rows = vec![row.as_str(); DOCUMENT / row.len()];
    format!("{{\"object\":\"list\",\"data\":[{}],\"model\":\"m\"}}", rows.join(",")).into_bytes()
}

fn record(store: &Store, body: &[u8], is_stream: bool) -> Result<CellId, Failure> {
    let (run, id) = (RunId::new(), CellId::new());
    let cell: Cell = serde_json::from_value(json!({
        "id": id, "run": run, "lane": LaneId::new(), "laneIndex": 0, "repeat": 0, "connection": "c",
        "connectionName": "C", "dialect": "openAi", "endpoint": "chat", "model": "m", "state": {"kind": "finished"},
        "startedAt": 1_763_631_682_000u64, "attempt": 1, "request": null, "head": null, "phases": {}, "milestones": {},
        "metrics": {}, "outcome": {}, "error": null, "arrivals": [],
    }))?;
    let summary = json!({
        "id": run, "comparison": "x", "name": "Large", "startedAt": 1_763_631_682_000u64, "lanes": 1, "cells": 1,
        "finished": 1, "unfinished": 0, "live": false,
    });
    let snapshot = json!({
        "id": "x", "name": "Large", "draft": {"messages": [], "parameters": [], "variables": []}, "lanes": [], "repeats": 1,
    });
    store.insert_run(&Run {
        summary: serde_json::from_value(summary)?,
        snapshot: serde_json::from_value(snapshot)?,
        cells: vec![cell.clone()],
    })?;
    let mut writer = store.begin_cell(&cell, b"POST / HTTP/1.1\r\n\r\n", b"{}")?;
    let mut parser = Parser::new();
    for (index, chunk) in body.chunks(900).enumerate() {
        let at = index as u64 * 2_500;
        writer.chunk(at, chunk);
        if is_stream {
            parser.push(chunk, &mut |frame| {
                let is_comment = matches!(frame.kind, FrameKind::Comment { .. });
                writer.event(at, frame.offset, frame.length, is_comment);
            });
        }
    }
    writer.finish()?;
    Ok(id)
}
