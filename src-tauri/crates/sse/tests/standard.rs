//! One case for each rule of the standard and for each fault that other parsers are known for.

#[path = "support/found.rs"]
mod found;
#[path = "support/reference.rs"]
mod reference;

use found::feed;
use reference::Found;

fn event(data: &str) -> Found {
    named("", data)
}

fn named(name: &str, data: &str) -> Found {
    Found::Event { name: name.to_owned(), data: data.to_owned(), id: None, retry: None }
}

fn comment(text: &str) -> Found {
    Found::Comment(text.to_owned())
}

/// Whole and byte by byte.
fn assert_found(body: &[u8], expected: &[Found]) {
    let whole: Vec<Found> = feed([body]).into_iter().map(|placed| placed.found).collect();
    assert_eq!(whole, expected, "{:?}", String::from_utf8_lossy(body));
    found::check(body, &[]);
}

#[test]
fn the_rules_of_the_standard_hold() {
    let cases: &[(&str, &[u8], &[Found])] = &[
        ("one message", b"data: hello\n\n", &[event("hello")]),
        (
            "several data lines are joined by line feeds",
            b"data: YHOO\ndata: +2\ndata: 10\n\n",
            &[event("YHOO\n+2\n10")],
        ),
        ("only one space is taken away", b"data:  two \n\n", &[event(" two ")]),
        ("the space may be missing", b"data:x\n\n", &[event("x")]),
        ("a tab is not a space", b"data:\tx\n\n", &[event("\tx")]),
        ("a field without a colon has an empty value", b"data\n\n", &[event("")]),
        ("two empty data fields are one line feed", b"data\ndata\n\n", &[event("\n")]),
        ("a name", b"event: error\ndata: {}\n\n", &[named("error", "{}")]),
        ("the last name wins", b"event: a\nevent: b\ndata\n\n", &[named("b", "")]),
        ("an empty name is a message", b"event: a\nevent:\ndata\n\n", &[event("")]),
        ("a name does not outlive its frame", b"event: a\n\ndata: x\n\n", &[event("x")]),
        ("no data, no event", b"event: a\nid: 1\nretry: 5\n\n", &[]),
        ("blank lines are nothing", b"\n\n\r\n\r\r", &[]),
        ("unknown fields are ignored", b"foo: bar\ndata: x\nData: y\n data: z\n\n", &[event("x")]),
        ("a colon may come in the value", b"data: a: b\n\n", &[event("a: b")]),
        ("CR ends a line", b"data: a\rdata: b\r\rdata: c\r\r", &[event("a\nb"), event("c")]),
        ("CRLF ends a line", b"data: a\r\ndata: b\r\n\r\ndata: c\r\n\r\n", &[event("a\nb"), event("c")]),
        ("line ends may be mixed", b"data: a\ndata: b\r\ndata: c\r\n\ndata: d\n\r", &[event("a\nb\nc"), event("d")]),
        (
            "comments are told",
            b": ping\n\n:\ndata: x\n:in between\n\n",
            &[comment(" ping"), comment(""), comment("in between"), event("x")],
        ),
        ("a byte order mark at the start is no text", b"\xEF\xBB\xBFdata: x\n\n", &[event("x")]),
        ("only one", b"\xEF\xBB\xBF\xEF\xBB\xBFdata: x\n\n", &[]),
        ("and only at the start", b"data: x\n\n\xEF\xBB\xBFdata: y\n\n", &[event("x")]),
        ("within a value it stays", b"data: \xEF\xBB\xBFx\n\n", &[event("\u{FEFF}x")]),
        ("invalid UTF-8 is replaced", b"data: a\xFFb\xC3\n\n", &[event("a\u{FFFD}b\u{FFFD}")]),
        ("a NUL in data stays", b"data: a\0b\n\n", &[event("a\0b")]),
    ];
    for (rule, body, expected) in cases {
        let found: Vec<Found> = feed([*body]).into_iter().map(|placed| placed.found).collect();
        assert_eq!(&found, expected, "{rule}");
        found::check(body, &[]);
    }
}

#[test]
fn id_and_retry_belong_to_the_event_that_carries_them() {
    let with = |id: Option<&str>, retry| Found::Event {
        name: String::new(),
        data: "x".to_owned(),
        id: id.map(str::to_owned),
        retry,
    };
    let body = b"id: 1\nretry: 250\ndata: x\n\n\
        data: x\n\n\
        id\ndata: x\n\n\
        id: a\0b\nretry: 2s\nretry: -1\nretry:\ndata: x\n\n\
        id: 2\nid: 3\nretry: 1\nretry: no\ndata: x\n\n\
        retry: 18446744073709551616\ndata: x\n\n";
    assert_found(
        body,
        &[
            with(Some("1"), Some(250)),
            with(None, None),
            with(Some(""), None),
            with(None, None),
            with(Some("3"), Some(1)),
            with(None, Some(u64::MAX)),
        ],
    );
}

#[test]
fn an_event_whose_blank_line_never_came_is_told_as_unfinished_and_not_as_an_event() {
    let cases: &[(&[u8], Option<&str>)] = &[
        (b"data: a\n\ndata: b", Some("data: b")),
        (b"data: a\n\ndata: b\n", Some("data: b\n")),
        (b"data: a\n\ndata: b\r\n", Some("data: b\r\n")),
        (b"data: a\n\n: pi", Some(": pi")),
        (b"data: a\n\n: ping\n", None),
        (b"data: a\n\n\n", None),
        (b"data: a\n\ndata: \xF0\x9F\xA6", Some("data: \u{FFFD}")),
    ];
    for (body, expected) in cases {
        let unfinished = feed([*body]).into_iter().find_map(|placed| placed.unfinished);
        assert_eq!(unfinished.as_deref(), *expected, "{:?}", String::from_utf8_lossy(body));
        found::check(body, &[]);
    }
    assert_eq!(feed([b"\xEF\xBB\xBFdata".as_slice()])[0].unfinished.as_deref(), Some("data"), "without the mark");
    assert_eq!(feed([b"\xEF\xBB\xBF".as_slice()]), [], "a mark alone is nothing");
}

#[test]
fn payload_keeps_its_blanks_at_both_ends() {
    // Parsers that trim lines lose the blanks that tokens begin and end with.
    assert_found(b"data:   indented \t\n\n", &[event("  indented \t")]);
    assert_found("data: \u{A0}\u{3000}\n\n".as_bytes(), &[event("\u{A0}\u{3000}")]);
}

#[test]
fn a_crlf_cut_in_two_is_one_line_end() {
    // Parsers that look at each chunk alone see a blank line here, and so an event that is none.
    let chunks: [&[u8]; 4] = [b"data: a\r", b"\ndata: b\r\n\r", b"\ndata: c\r", b"\n\r\n"];
    let found: Vec<Found> = feed(chunks).into_iter().map(|placed| placed.found).collect();
    assert_eq!(found, [event("a\nb"), event("c")]);
}

#[test]
fn a_character_cut_in_two_arrives_whole() {
    let crab = "data: 🦀\n\n".as_bytes();
    for at in 6..crab.len() {
        let found: Vec<Found> = feed([&crab[..at], &crab[at..]]).into_iter().map(|placed| placed.found).collect();
        assert_eq!(found, [event("🦀")], "cut at {at}");
    }
}

#[test]
fn an_event_is_told_with_the_chunk_that_completes_it() {
    use juxta_sse::Parser;
    for (first, then) in [
        (b"data: a\n\n".as_slice(), b"data: b\n\n".as_slice()),
        (b"data: a\r\r", b"data: b\r\r"),
        (b"data: a\r\n\r\n", b"data: b\r\n\r\n"),
    ] {
        let mut parser = Parser::new();
        for chunk in [first, then] {
            let mut events = 0;
            parser.push(chunk, &mut |_| events += 1);
            assert_eq!(events, 1, "{:?} is complete", String::from_utf8_lossy(chunk));
        }
    }
}

#[test]
fn a_comment_is_told_with_its_line_and_not_with_the_blank_line_after_it() {
    use juxta_sse::Parser;
    let mut comments = 0;
    let mut parser = Parser::new();
    parser.push(b": ping\n", &mut |_| comments += 1);
    assert_eq!(comments, 1);
}

#[test]
fn offsets_lead_back_to_the_raw_bytes() {
    let body = b"\xEF\xBB\xBF: hi\r\n\r\ndata: a\r\n\r\n\n\nevent: x\n: mid\ndata: b\n\ndata: rest";
    let slices: Vec<&[u8]> = feed([body.as_slice()])
        .iter()
        .map(|placed| &body[placed.offset as usize..placed.offset as usize + placed.length as usize])
        .collect();
    let expected: [&[u8]; 5] =
        [b": hi\r\n", b"data: a\r\n\r\n", b": mid\n", b"event: x\n: mid\ndata: b\n\n", b"data: rest"];
    assert_eq!(slices, expected);
}

#[test]
fn data_of_a_frame_within_one_chunk_is_the_chunk_itself() {
    use juxta_sse::{FrameKind, Parser};
    let chunk = b"event: x\ndata: {\"a\":1}\n\n".as_slice();
    Parser::new().push(chunk, &mut |frame| {
        let FrameKind::Event { data, .. } = frame.kind else { panic!("an event") };
        assert!(chunk.as_ptr_range().contains(&data.as_ptr()), "not a copy");
    });
}

#[test]
fn a_parser_serves_the_next_body_after_finish() {
    use juxta_sse::Parser;
    let mut parser = Parser::new();
    let mut found = Vec::new();
    parser.push(b"data: a\n\ndata: cut", &mut |_| {});
    parser.finish(&mut |_| {});
    parser.push(b"\xEF\xBB\xBFdata: b\n\n", &mut |frame| found.push((frame.offset, frame.length)));
    assert_eq!(found, [(0, 12)]);
}

#[test]
fn an_event_of_megabytes_in_small_chunks_comes_out_whole() {
    let text = "x".repeat(3 << 20);
    let body = format!("data: {text}\n\ndata: after\n\n");
    let found: Vec<Found> = feed(body.as_bytes().chunks(1400)).into_iter().map(|placed| placed.found).collect();
    assert!(found == [event(&text), event("after")], "both events, whole");
}
