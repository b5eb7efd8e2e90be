//! Searching in files and on the web.

use serde_json::{Value, json};

use crate::answer::pieces_of;
use crate::responses::script::{TextKind, TextPart};
use crate::responses::spoken::message;
use crate::responses::{Script, Stage};

pub(super) fn scripts(stage: &mut Stage<'_>) -> Vec<Script> {
    let files = json!({ "id": stage.id("fs"), "type": "file_search_call", "status": "completed",
        "queries": ["time to first token", "how a stream ends"], "results": [
            { "file_id": "file_guide01", "filename": "guide.pdf", "score": 0.91, "attributes": { "chapter": 4, "draft": false },
              "text": "A stream ends with an event that holds the whole response." },
            { "file_id": "file_notes02", "filename": "notes – März.md", "score": 0.47, "attributes": {},
              "text": "Measure from the moment the request was written." },
        ] });
    let files = Script::of(files)
        .beginning(json!({ "results": null }))
        .event("response.file_search_call.in_progress", json!({}))
        .work("response.file_search_call.searching")
        .work("response.file_search_call.completed");
    let searches = [
        json!({ "type": "search", "query": "server-sent events end of stream", "queries": ["server-sent events end of stream"],
            "sources": [{ "type": "url", "url": "https://example.org/streaming" }, { "type": "url", "url": "https://example.com/sse" }] }),
        json!({ "type": "open_page", "url": "https://example.org/streaming" }),
        json!({ "type": "find_in_page", "url": "https://example.org/streaming", "pattern": "response.completed" }),
    ];
    let mut scripts = vec![files];
    scripts.extend(searches.into_iter().map(|action| web(stage, action)));
    let text = "The last event of a stream holds the whole response.";
    let cited = vec![json!({ "type": "url_citation", "url": "https://example.org/streaming", "title": "Streaming",
        "start_index": 0, "end_index": text.len() })];
    let part = TextPart { annotations: cited, ..TextPart::plain(TextKind::Output, pieces_of(text)) };
    scripts.push(message(stage, part, None));
    scripts
}

fn web(stage: &mut Stage<'_>, action: Value) -> Script {
    let item = json!({ "id": stage.id("ws"), "type": "web_search_call", "status": "completed", "action": action });
    Script::of(item)
        .event("response.web_search_call.in_progress", json!({}))
        .work("response.web_search_call.searching")
        .work("response.web_search_call.completed")
}
