use juxta_wire::document::DocumentMedia;
use juxta_wire::lane::Comparison;

use super::*;
use crate::inspect::fixture::{HEAD, Recorded};

const FORMS: [DocumentForm; 3] = [DocumentForm::Pretty, DocumentForm::Exact, DocumentForm::Hex];

fn all_rows(engine: &Engine, source: &DocumentSource, form: DocumentForm) -> Vec<DocumentRow> {
    let total = engine.document_info(source, form).unwrap().rows;
    let mut rows = Vec::new();
    while (rows.len() as u32) < total {
        let some = engine.document_rows(source, form, rows.len() as u32, MOST_ROWS).unwrap();
        assert!(!some.is_empty(), "{form:?}: {} of {total} rows", rows.len());
        rows.extend(some);
    }
    assert_eq!(rows.len() as u32, total);
    assert_eq!(engine.document_rows(source, form, total, 10).unwrap(), [], "there is nothing after the last row");
    rows
}

/// The text again from its rows.
fn joined(rows: &[DocumentRow]) -> String {
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        if index > 0 && row.line.is_some() {
            text.push('\n');
        }
        text.push_str(&row.text);
    }
    text
}

fn odd_bodies() -> Vec<(&'static str, Vec<u8>)> {
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let line = format!("{{\"a\":\"{}\"}}", "é\\\"x".repeat(1_000_000));
    vec![
        ("empty", Vec::new()),
        ("one byte", b"x".to_vec()),
        ("not UTF-8", b"{\"a\":\"\xff\xc3\"}\n\xf0\x9f".to_vec()),
        ("half pairs", br#"{"\ud83e":"\udd80","b":"\ud83e\ud83e"}"#.to_vec()),
        ("five megabytes in a line", line.into_bytes()),
        ("deep", deep.into_bytes()),
        ("a mark", b"\xef\xbb\xbf{\"a\":1}".to_vec()),
        ("CRLF", b"{\r\n \"a\":1}\r\n".to_vec()),
        ("NUL", b"a\0b\n\0".to_vec()),
        ("cut", br#"{"choices":[{"message":{"content":"Hel"#.to_vec()),
        ("numbers", b"[1.0,1e-3,12345678901234567890,-0,1E+400]".to_vec()),
        ("two values", b"{}\n{}".to_vec()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_of_odd_bodies_is_whole_and_says_what_it_is() {
    let recorded = Recorded::new();
    let engine = &recorded.engine;
    for (name, body) in odd_bodies() {
        let cell = recorded.document(b"{}", &body);
        let source = DocumentSource::Response { cell };
        for form in FORMS {
            let info = engine.document_info(&source, form).unwrap();
            assert_eq!(
                (info.bytes, info.body_bytes, info.live),
                (body.len() as u64, body.len() as u64, false),
                "{name}"
            );
            assert_eq!(info.utf8, str::from_utf8(&body).is_ok(), "{name}");
            let whole = serde_json::from_slice::<&serde_json::value::RawValue>(
                body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body),
            );
            assert_eq!(info.json, whole.is_ok() || name == "not UTF-8" && info.json, "{name}");
            let rows = all_rows(engine, &source, form);
            match form {
                DocumentForm::Hex => {
                    assert_eq!(rows.len(), body.len().div_ceil(16));
                    let bytes: Vec<u8> = rows.iter().flat_map(|row| unhex(&row.text)).collect();
                    assert!(bytes == body, "{name}");
                }
                DocumentForm::Exact => {
                    let lossy: Vec<String> = rows.iter().map(|row| row.text.clone()).collect();
                    assert!(lossy.iter().all(|row| row.chars().count() <= 440), "{name}");
                    if info.utf8 {
                        assert!(joined(&rows) == String::from_utf8_lossy(&body).replace("\r\n", "\n"), "{name}");
                    }
                }
                DocumentForm::Pretty if info.json && info.utf8 => {
                    // Taking out the space that was put in gives the text with the space it had taken out.
                    let same = |text: &str| {
                        let text = text.trim_start_matches('\u{feff}');
                        serde_json::from_str::<&serde_json::value::RawValue>(text).map(|_| squeezed(text)).unwrap()
                    };
                    assert!(same(&joined(&rows)) == same(str::from_utf8(&body).unwrap()), "{name}");
                }
                DocumentForm::Pretty => {}
            }
        }
        assert!(engine.document_bytes(&source).unwrap() == body, "{name}");
    }
}

/// JSON without the space between its tokens.
fn squeezed(json: &str) -> String {
    let (mut text, mut is_in_text, mut is_escaped) = (String::new(), false, false);
    for character in json.chars() {
        if is_in_text || !character.is_ascii_whitespace() {
            text.push(character);
        }
        is_in_text ^= character == '"' && !is_escaped;
        is_escaped = is_in_text && character == '\\' && !is_escaped;
    }
    text
}

fn unhex(row: &str) -> Vec<u8> {
    let digits = &row[row.find("  ").unwrap()..row.find('|').unwrap()];
    digits.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_has_its_head_before_its_body_and_keys_in_the_body() {
    let recorded = Recorded::new();
    let cell = recorded.document(br#"{"model":"m","messages":[{"a":1}],"stream":true}"#, b"{}");
    let source = DocumentSource::Request { cell };
    let rows = all_rows(&recorded.engine, &source, DocumentForm::Pretty);
    let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
    assert_eq!(
        texts[..5],
        ["POST /v1/chat/completions HTTP/1.1", "host: example.org", "authorization: Bearer ••4f2a", "", "{"]
    );
    assert_eq!(rows.iter().filter_map(|row| row.line).collect::<Vec<_>>(), (1..=rows.len() as u32).collect::<Vec<_>>());
    let info = recorded.engine.document_info(&source, DocumentForm::Pretty).unwrap();
    let keys: Vec<_> = info.keys.iter().map(|key| (key.name.as_str(), texts[key.row as usize].trim())).collect();
    assert_eq!(keys, [("model", "\"model\": \"m\","), ("messages", "\"messages\": ["), ("stream", "\"stream\": true")]);
    assert_eq!(info.bytes, HEAD.len() as u64 + info.body_bytes);
    let exact = recorded.engine.document_info(&source, DocumentForm::Exact).unwrap();
    assert!(exact.keys.iter().all(|key| key.row == 4), "the body is one line");
    let hex = recorded.engine.document_info(&source, DocumentForm::Hex).unwrap();
    assert_eq!(hex.keys[0].row as usize, (HEAD.len() + 1) / 16);
    let bytes: Vec<u8> =
        all_rows(&recorded.engine, &source, DocumentForm::Hex).iter().flat_map(|row| unhex(&row.text)).collect();
    assert_eq!(bytes.len() as u64, info.bytes);
    assert!(bytes.starts_with(HEAD));
    assert!(recorded.engine.document_bytes(&source).unwrap().starts_with(b"{\"model\""), "the head is not among them");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_payload_is_what_the_envelope_holds_byte_for_byte() {
    let recorded = Recorded::new();
    let body = "\u{feff} {\"status\":\"ok\",\"data\": {\"choices\" :[1.0],\"é\":2}, \"meta\":{}} ";
    let cell = recorded.document(b"{}", body.as_bytes());
    let source = DocumentSource::Payload { cell };
    assert_eq!(recorded.engine.document_bytes(&source).unwrap(), "{\"choices\" :[1.0],\"é\":2}".as_bytes());
    let info = recorded.engine.document_info(&source, DocumentForm::Pretty).unwrap();
    assert_eq!(info.keys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>(), ["choices", "é"]);
    assert_eq!(all_rows(&recorded.engine, &source, DocumentForm::Exact).len(), 1);
    for body in [r#"{"choices":[],"data":{}}"#, "{\"a\":1}", "data: 1\n\n", "<html>", ""] {
        let cell = recorded.document(b"{}", body.as_bytes());
        let bytes = recorded.engine.document_bytes(&DocumentSource::Payload { cell }).unwrap();
        assert_eq!(String::from_utf8_lossy(&bytes), body, "without an envelope it is the body");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_pretty_by_its_data_and_exact_as_it_came() {
    let recorded = Recorded::new();
    let stream = ": ping\n\nevent: message\nid: 7\ndata: {\"a\":[1,\ndata: 2]}\n\ndata: {\"b\":1}\r\n\r\n";
    let cell = recorded.stream(&[(5, stream.as_bytes())]);
    let texts = |number, form| {
        let source = DocumentSource::Event { cell: cell.clone(), number };
        all_rows(&recorded.engine, &source, form).into_iter().map(|row| row.text).collect::<Vec<_>>()
    };
    assert_eq!(texts(2, DocumentForm::Pretty), ["{", "  \"a\": [", "    1,", "    2", "  ]", "}"]);
    assert_eq!(texts(2, DocumentForm::Exact)[..2], ["event: message", "id: 7"]);
    assert_eq!(texts(1, DocumentForm::Pretty)[0], ": ping");
    let info = |number, form| {
        recorded.engine.document_info(&DocumentSource::Event { cell: cell.clone(), number }, form).unwrap()
    };
    assert_eq!(info(3, DocumentForm::Pretty).keys, [DocumentKey { name: "b".into(), row: 1 }]);
    assert_eq!(info(3, DocumentForm::Exact).keys, [DocumentKey { name: "b".into(), row: 0 }]);
    assert_eq!(info(2, DocumentForm::Exact).keys, [], "the body spells it over two lines");
    assert_eq!(info(3, DocumentForm::Exact).media, DocumentMedia::Json);
    let missing = DocumentSource::Event { cell: cell.clone(), number: 4 };
    assert!(matches!(recorded.engine.document_info(&missing, DocumentForm::Hex), Err(AppError::NotFound { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_payload_of_an_event_is_its_data_out_of_its_envelope() {
    let recorded = Recorded::new();
    let stream = ": ping\n\nevent: message\ndata: {\"a\":[1.0,\ndata: 2]}\n\ndata: {\"status\":\"ok\",\"data\":{\"é\" :1e2}}\n\ndata: [DONE]\n\nid: 7\n\n";
    let cell = recorded.stream(&[(5, stream.as_bytes())]);
    let bytes = |number| {
        let source = DocumentSource::EventPayload { cell: cell.clone(), number };
        String::from_utf8(recorded.engine.document_bytes(&source).unwrap()).unwrap()
    };
    let payloads: Vec<_> = (1..=4).map(bytes).collect();
    assert_eq!(payloads, [" ping", "{\"a\":[1.0,\n2]}", "{\"é\" :1e2}", "[DONE]"]);
    let source = DocumentSource::EventPayload { cell: cell.clone(), number: 3 };
    assert_eq!(recorded.engine.document_info(&source, DocumentForm::Pretty).unwrap().keys[0].name, "é");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_follows_its_file_and_begins_anew_with_another_try() {
    let recorded = Recorded::new();
    let (cell, mut recorder) = recorded.begin(b"{}");
    let source = DocumentSource::Response { cell: cell.clone() };
    let info = |form| recorded.engine.document_info(&source, form).unwrap();
    assert_eq!((info(DocumentForm::Exact).rows, info(DocumentForm::Exact).bytes), (0, 0));
    recorder.chunk(1, b"{\"a\":1,\n");
    recorder.flush();
    assert_eq!((info(DocumentForm::Pretty).rows, info(DocumentForm::Pretty).json), (2, false));
    recorder.chunk(2, b"\"b\":\"\xc3");
    recorder.flush();
    assert!(!info(DocumentForm::Exact).utf8, "half a character is there");
    recorder.chunk(3, b"\xa9\"}");
    recorder.end();
    let pretty = info(DocumentForm::Pretty);
    assert_eq!((pretty.rows, pretty.json, pretty.utf8), (4, true, true));
    assert_eq!(pretty.keys.iter().map(|key| key.row).collect::<Vec<_>>(), [1, 2]);

    let stored = recorded.engine.store().cell(&cell).unwrap().unwrap();
    let mut writer = recorded.engine.store().begin_cell(&stored, HEAD, b"{}").unwrap();
    writer.chunk(1, b"<html>\nanother\nanswer of more bytes than the one before");
    writer.finish().unwrap();
    let again = info(DocumentForm::Pretty);
    assert_eq!((again.rows, again.json, again.media), (3, false, DocumentMedia::Html));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said() {
    let recorded = Recorded::new();
    let nobody = CellId::new();
    for source in [
        DocumentSource::Request { cell: nobody.clone() },
        DocumentSource::Response { cell: nobody.clone() },
        DocumentSource::Payload { cell: nobody.clone() },
        DocumentSource::Event { cell: nobody.clone(), number: 1 },
        DocumentSource::EventPayload { cell: nobody.clone(), number: 1 },
    ] {
        let asked = recorded.engine.document_info(&source, DocumentForm::Pretty);
        assert!(matches!(asked, Err(AppError::NotFound { .. })), "{source:?}: {asked:?}");
    }
    let comparison = Comparison {
        id: juxta_wire::ids::ComparisonId::new(),
        name: String::new(),
        draft: Default::default(),
        lanes: Vec::new(),
        repeats: 1,
    };
    let preview = DocumentSource::Preview { comparison: Box::new(comparison), lane: juxta_wire::ids::LaneId::new() };
    assert!(recorded.engine.document_info(&preview, DocumentForm::Pretty).is_err());
}
