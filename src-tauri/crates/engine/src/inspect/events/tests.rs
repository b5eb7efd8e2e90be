use juxta_wire::events::EventKind::{Comment, Done, Error, Message};

use super::*;
use crate::inspect::fixture::Recorded;

const ALL: EventFilter = EventFilter { text: String::new(), kinds: Vec::new(), stalls_only: false };

fn delta(member: &str, text: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"{member}\":{}}}}}]}}\n\n", serde_json::Value::from(text))
}

fn rows(engine: &Engine, cell: &CellId) -> Vec<EventRow> {
    let numbers = engine.find_events(cell, &ALL).unwrap();
    engine.read_events(cell, &numbers).unwrap()
}

/// Comments, reasoning, text with letters outside the first plane, a tool call, an error, an end mark.
fn stream() -> Vec<(u64, String)> {
    let call = |text: &str| {
        format!(
            "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"tool_calls\":[{{\"index\":0,\"id\":\"c1\",\"function\":\
             {{\"name\":\"f\",\"arguments\":{}}}}}]}}}}]}}\n\n",
            serde_json::Value::from(text)
        )
    };
    vec![
        (1_000, ": ping\n\n".to_owned()),
        (10_000, "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n".to_owned()),
        (20_000, delta("reasoning_content", "Hm")),
        (30_000, delta("content", "Hi 🌊")),
        (40_500, delta("content", " é")),
        (640_500, delta("content", "!")),
        (641_000, call("{\"a\":")),
        (642_000, call("1}")),
        (643_000, "event: error\ndata: {\"message\":\"broken\"}\n\n".to_owned()),
        (644_000, "data: [DONE]\n\n".to_owned()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_has_its_time_its_place_its_kind_and_its_text() {
    let recorded = Recorded::new();
    let stream = stream();
    let chunks: Vec<(u64, &[u8])> = stream.iter().map(|(at, text)| (*at, text.as_bytes())).collect();
    let cell = recorded.stream(&chunks);
    let engine = &recorded.engine;
    let rows = rows(engine, &cell);
    let seen: Vec<_> = rows.iter().map(|row| (row.at, row.kind, row.text.as_str())).collect();
    let role = r#"{"choices":[{"index":0,"delta":{"role":"assistant"}}]}"#;
    let expected = [
        (1.0, Comment, "ping"),
        (10.0, Message, role),
        (20.0, Message, "Hm"),
        (30.0, Message, "Hi 🌊"),
        (40.5, Message, " é"),
        (640.5, Message, "!"),
        (641.0, Message, "{\"a\":"),
        (642.0, Message, "1}"),
        (643.0, Error, "{\"message\":\"broken\"}"),
        (644.0, Done, "[DONE]"),
    ];
    assert_eq!(seen, expected);
    assert_eq!(rows[0].gap, None);
    assert_eq!((rows[5].gap, rows[5].stall, rows[4].stall), (Some(600.0), true, false));
    assert_eq!(rows[8].name.as_deref(), Some("error"));
    assert_eq!(rows[3].path.as_deref(), Some("$.choices[0].delta.content"));
    let part = |channel, start, end| Some(TextPart { channel, choice: 0, start, end });
    let parts: Vec<_> = rows.iter().map(|row| row.part).collect();
    assert_eq!(parts[..3], [None, None, part(TextChannel::Reasoning, 0, 2)]);
    assert_eq!(
        parts[3..6],
        [part(TextChannel::Text, 0, 5), part(TextChannel::Text, 5, 7), part(TextChannel::Text, 7, 8)]
    );
    assert_eq!(parts[6..8], [part(TextChannel::ToolCall, 0, 5), part(TextChannel::ToolCall, 5, 7)]);
    let mut offset = 0;
    for (row, (_, raw)) in rows.iter().zip(&stream) {
        let length = raw.len() as u64 - u64::from(row.kind == Comment);
        assert_eq!((row.offset, u64::from(row.bytes)), (offset, length), "event {}", row.number);
        offset += raw.len() as u64;
    }

    let view = engine.events(&cell).unwrap();
    assert_eq!((view.count, view.messages, view.errors, view.comments, view.stalls), (10, 8, 1, 1, 1));
    assert_eq!((view.bytes, view.longest_gap, view.live, view.document), (offset, Some(600.0), false, false));
    assert_eq!(engine.event_times(&cell).unwrap(), rows.iter().map(|row| row.at as f32).collect::<Vec<_>>());
    for (channel, offset, event) in [
        (TextChannel::Text, 0, Some(4)),
        (TextChannel::Text, 4, Some(4)),
        (TextChannel::Text, 5, Some(5)),
        (TextChannel::Text, 7, Some(6)),
        (TextChannel::Text, 8, None),
        (TextChannel::Reasoning, 1, Some(3)),
        (TextChannel::ToolCall, 6, Some(8)),
        (TextChannel::Refusal, 0, None),
    ] {
        assert_eq!(engine.event_of_text(&cell, channel, 0, offset).unwrap(), event, "{channel:?} {offset}");
    }
    assert_eq!(engine.event_of_text(&cell, TextChannel::Text, 1, 0).unwrap(), None, "another choice");
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_hold_at_once() {
    let recorded = Recorded::new();
    let stream = stream();
    let chunks: Vec<(u64, &[u8])> = stream.iter().map(|(at, text)| (*at, text.as_bytes())).collect();
    let cell = recorded.stream(&chunks);
    let find = |text: &str, kinds: &[EventKind], stalls_only| {
        let filter = EventFilter { text: text.to_owned(), kinds: kinds.to_vec(), stalls_only };
        recorded.engine.find_events(&cell, &filter).unwrap()
    };
    assert_eq!(find("", &[], false), (1..=10).collect::<Vec<_>>());
    assert_eq!(find("REASONING", &[], false), [3]);
    assert_eq!(find("É", &[], false), [5]);
    assert_eq!(find("🌊", &[], false), [4]);
    assert_eq!(find("", &[Error, Comment], false), [1, 9]);
    assert_eq!(find("", &[], true), [6]);
    assert_eq!(find("content", &[Error], false), [] as [u32; 0]);
    assert_eq!(find("\n\ndata", &[], false), [] as [u32; 0], "a match lies within one event");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_the_same_however_the_bytes_came() {
    let recorded = Recorded::new();
    let whole: String = stream().into_iter().map(|(_, text)| text).collect();
    let whole = whole.replace("\n\n", "\r\n: between\r\n\r\n");
    let expected: Vec<_> = {
        let cell = recorded.stream(&[(7, whole.as_bytes())]);
        rows(&recorded.engine, &cell)
    };
    assert_eq!(expected.iter().filter(|row| row.kind == Comment).count(), 11);
    for size in [1, 2, 3, 50] {
        let chunks: Vec<(u64, &[u8])> = whole.as_bytes().chunks(size).map(|chunk| (7, chunk)).collect();
        let cell = recorded.stream(&chunks);
        assert_eq!(rows(&recorded.engine, &cell), expected, "in pieces of {size}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_grows_is_that_of_the_whole() {
    let recorded = Recorded::new();
    let (cell, mut recorder) = recorded.begin(b"{}");
    let mut log = EventLog::new(recorded.engine.body_reader(&cell).unwrap(), EndpointKind::Chat);
    log.follow(true).unwrap();
    assert!(log.view().live && log.view().count == 0 && !log.view().document);
    for (at, text) in stream() {
        // Half of an event reaches the disk: it is none yet.
        let (first, second) = text.as_bytes().split_at(text.len() - 3);
        recorder.chunk(at - 500, first);
        recorder.flush();
        let before = log.view().count;
        log.follow(true).unwrap();
        assert!(log.view().count <= before + u32::from(text.starts_with(':')), "{text:?}");
        recorder.chunk(at, second);
        recorder.flush();
        log.follow(true).unwrap();
        assert_eq!(log.view().count, before + 1, "{text:?}");
    }
    recorder.end();
    log.follow(false).unwrap();
    assert_eq!(log.view().count, 10);
    assert!(!log.view().live);
    let grown = log.entries().to_vec();
    let whole = recorded.engine.event_log(&cell).unwrap();
    assert_eq!(lock(&whole).entries(), grown);
    assert_eq!(lock(&whole).part(6), log.part(6));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_has_no_events_and_a_cut_stream_has_those_that_came() {
    let recorded = Recorded::new();
    for body in ["{\"choices\":[]}", "{", "<html>", &"x".repeat(100)] {
        let cell = recorded.document(b"{}", body.as_bytes());
        let view = recorded.engine.events(&cell).unwrap();
        assert!(view.document && view.count == 0, "{body}");
        assert_eq!(recorded.engine.event_times(&cell).unwrap(), [] as [f32; 0]);
    }
    let empty = recorded.document(b"{}", b"");
    assert!(!recorded.engine.events(&empty).unwrap().document, "nothing came, so it was nothing");

    // The recorder died before it wrote times: the chunks still know.
    let (cell, mut recorder) = recorded.begin(b"{}");
    let body = format!(
        "{}{}data: {{\"choices\":[{{\"delta\":{{\"content\":\"\u{6771}",
        delta("content", "a"),
        delta("content", "b")
    );
    let cut = &body.as_bytes()[..body.len() - 1];
    recorder.chunk(5_000, cut);
    recorder.end();
    let found = rows(&recorded.engine, &cell);
    assert_eq!(found.iter().map(|row| (row.at, row.text.as_str())).collect::<Vec<_>>(), [(5.0, "a"), (5.0, "b")]);

    let unmarked = recorded.document(b"{}", delta("content", "from elsewhere").as_bytes());
    let found = rows(&recorded.engine, &unmarked);
    assert_eq!((found[0].at, found[0].text.as_str()), (1.0, "from elsewhere"), "a stream whose times nobody kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_counted_one_after_the_other_and_choices_apart() {
    let recorded = Recorded::new();
    let call = |index: u32, text: &str| {
        format!(
            "data: {{\"choices\":[{{\"index\":1,\"delta\":{{\"tool_calls\":[{{\"index\":{index},\"function\":\
             {{\"arguments\":{}}}}}]}}}}]}}\n\n",
            serde_json::Value::from(text)
        )
    };
    let both = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}},{\"index\":1,\"delta\":{\"content\":\"bc\"}}]}\n\n";
    let body = [call(0, "{"), call(1, "[1"), call(0, "}"), call(1, "]"), both.to_owned()].concat();
    let cell = recorded.stream(&[(1, body.as_bytes())]);
    let of = |channel, choice, offset| recorded.engine.event_of_text(&cell, channel, choice, offset).unwrap();
    let found: Vec<_> = (0..6).map(|offset| of(TextChannel::ToolCall, 1, offset)).collect();
    assert_eq!(found, [Some(1), Some(3), Some(2), Some(2), Some(4), None], "first all of one call, then of the next");
    assert_eq!((of(TextChannel::Text, 0, 0), of(TextChannel::Text, 1, 1)), (Some(5), Some(5)));
    let rows = rows(&recorded.engine, &cell);
    let part = |channel, choice, start, end| Some(TextPart { channel, choice, start, end });
    assert_eq!(rows[3].part, part(TextChannel::ToolCall, 1, 4, 5));
    assert_eq!((rows[4].part, rows[4].text.as_str()), (part(TextChannel::Text, 0, 0, 1), "a"));
}

/// A name without a type, a fragment, the end of a whole text, arguments: one row for each, and where its text stands.
#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_response_carry_their_texts() {
    let recorded = Recorded::of(EndpointKind::Responses);
    let frames = [
        "event: response.output_text.delta\ndata: {\"output_index\":1,\"delta\":\"Hi 🌊\"}\n\n",
        ": ping\n\n",
        "data: {\"type\":\"response.output_text.done\",\"output_index\":1,\"text\":\"Hi 🌊 é!\"}\n\n",
        "data: {\"type\":\"response.function_call_arguments.delta\",\"output_index\":2,\"delta\":\"{}\"}\n\n",
        "data: {\"type\":\"response.output_text.done\",\"output_index\":1,\"text\":\"Hi 🌊 é!\"}\n\n",
        "data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"message\":\"gone\"}}}\n\n",
    ];
    let chunks: Vec<(u64, &[u8])> = frames.iter().zip(1..).map(|(frame, at)| (at, frame.as_bytes())).collect();
    let cell = recorded.stream(&chunks);
    let rows = rows(&recorded.engine, &cell);
    let part = |channel, choice, start, end| Some(TextPart { channel, choice, start, end });
    let seen: Vec<_> = rows.iter().map(|row| (row.kind, row.part, row.path.as_deref())).collect();
    let expected = [
        (Message, part(TextChannel::Text, 1, 0, 5), Some("$.delta")),
        (Comment, None, None),
        (Message, part(TextChannel::Text, 1, 5, 8), Some("$.text")),
        (Message, part(TextChannel::ToolCall, 2, 0, 2), Some("$.delta")),
        (Message, None, None),
        (Error, None, None),
    ];
    assert_eq!(seen, expected);
    let texts: Vec<&str> = rows[..4].iter().map(|row| row.text.as_str()).collect();
    assert_eq!(texts, ["Hi 🌊", "ping", " é!", "{}"]);
    assert_eq!(recorded.engine.event_of_text(&cell, TextChannel::Text, 1, 6), Ok(Some(3)));
}
