use serde_json::json;

use super::*;

fn of(value: &Value) -> BatchObject {
    read(&value.to_string()).expect("a batch")
}

#[test]
fn the_same_batch_is_read_under_every_name() {
    let expected = BatchObject {
        id: "batch_01".to_owned(),
        state: BatchState::Running,
        word: "in_progress".to_owned(),
        counts: Some(BatchCounts { total: 120, done: 40, failed: 1 }),
        window: Some("24h".to_owned()),
        metadata: vec![MetadataEntry { name: "project".to_owned(), value: "demo".to_owned() }],
        made_at: Some(1_795_165_200_000),
        ended_at: None,
        input: None,
        output: Vec::new(),
        errors: Vec::new(),
        problem: None,
    };
    let scaigrid = json!({ "status": "ok", "data": {
        "id": "batch_01", "status": "in_progress", "endpoint_completion_window": "24h",
        "request_counts": { "total": 120, "completed": 40, "failed": 1 },
        "output_file_url": null, "error_file_url": null, "created_at": "2026-11-20T09:00:00Z",
        "completed_at": null, "expires_at": "2026-11-21T09:00:00Z", "errors": null, "metadata": { "project": "demo" } },
      "meta": { "request_id": "req_5" } });
    let openai = json!({ "id": "batch_01", "object": "batch", "endpoint": "/v1/chat/completions", "errors": null,
        "completion_window": "24h", "status": "in_progress", "output_file_id": null, "created_at": 1_795_165_200,
        "expires_at": 1_795_251_600, "request_counts": { "total": 120, "completed": 40, "failed": 1 },
        "metadata": { "project": "demo" } });
    let flat = json!({ "batch": { "batch_id": "batch_01", "state": "in_progress", "window": "24h",
        "total_requests": "120", "completed_requests": 40.0, "failed_requests": 1,
        "created_at": "2026-11-20T10:00:00+01:00", "metadata": { "project": "demo" } } });
    let odd = json!({ "id": "batch_01", "status": "in_progress", "completion_window": "24h", "unknown": [1, { "a": 2 }],
        "counts": { "total": 120, "succeeded": 40, "errored": 1 }, "created_at": 1_795_165_200_000_u64,
        "ended_at": "soon", "errors": [], "error": {}, "metadata": { "project": "demo" } });
    for value in [scaigrid, openai, flat, odd] {
        assert_eq!(of(&value), expected, "{value}");
    }
}

#[test]
fn a_word_that_nobody_knows_is_kept() {
    for (word, expected) in [
        ("validating", BatchState::Queued),
        ("PENDING", BatchState::Queued),
        ("In-Progress", BatchState::Running),
        ("processing", BatchState::Running),
        ("finalizing", BatchState::Finalizing),
        ("canceling", BatchState::Cancelling),
        ("succeeded", BatchState::Finished),
        ("partially_completed", BatchState::Finished),
        ("error", BatchState::Refused),
        ("expired", BatchState::Expired),
        ("canceled", BatchState::Cancelled),
        ("dreaming 東京", BatchState::Other),
    ] {
        let read = of(&json!({ "id": "b", "status": word }));
        assert_eq!((read.state, read.word.as_str()), (expected, word));
    }
    let nothing = of(&json!({ "id": 7 }));
    assert_eq!((nothing.id.as_str(), nothing.state, nothing.word.as_str()), ("7", BatchState::Other, ""));
    assert_eq!(nothing.counts, None);
}

#[test]
fn results_are_found_wherever_a_provider_names_them() {
    let address = |text: &str| Place::Address(text.to_owned());
    let file = |text: &str| Place::File(text.to_owned());
    for (members, output, errors) in [
        (json!({ "output_file_id": "file-1", "error_file_id": "file-2" }), vec![file("file-1")], vec![file("file-2")]),
        (
            json!({ "output_file_url": "https://a/o?sig=1&x=ü", "error_file_url": "/e" }),
            vec![address("https://a/o?sig=1&x=ü")],
            vec![address("/e")],
        ),
        (json!({ "output_file_url": "", "results_url": "https://a/o" }), vec![address("https://a/o")], Vec::new()),
        (
            json!({ "result_urls": ["https://a/1", null, "https://a/2"] }),
            vec![address("https://a/1"), address("https://a/2")],
            Vec::new(),
        ),
        (
            json!({ "result_urls": { "output": "https://a/o", "errors": "https://a/e" } }),
            vec![address("https://a/o")],
            vec![address("https://a/e")],
        ),
        (json!({ "output_file": { "id": "file-3", "url": "https://a/3" } }), vec![file("file-3")], Vec::new()),
        (
            json!({ "output_file": "file-4", "error_file": "https://a/e" }),
            vec![file("file-4")],
            vec![address("https://a/e")],
        ),
        (json!({ "output_file_id": "same", "error_file_id": "same" }), vec![file("same")], Vec::new()),
        (json!({ "result_urls": 4.5e300, "output_url": false }), Vec::new(), Vec::new()),
        (json!({ "output_url": [], "error_urls": {} }), Vec::new(), Vec::new()),
    ] {
        let mut whole = members.clone();
        whole["id"] = json!("b");
        let read = of(&whole);
        assert_eq!((read.output, read.errors), (output, errors), "{members}");
    }
    let input = of(&json!({ "id": "b", "input_file_id": "file-9" })).input;
    assert_eq!(input, Some(file("file-9")));
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_lines() {
    let problem = |errors: Value| of(&json!({ "id": "b", "status": "failed", "errors": errors })).problem;
    let rows = json!({ "object": "list", "data": [
        { "code": "invalid_json_line", "message": "This line is not parseable", "line": 3 },
        { "code": "duplicate_custom_id", "message": "Twice", "line": null } ] });
    assert_eq!(problem(rows).as_deref(), Some("Line 3: This line is not parseable\nTwice"));
    let many: Vec<Value> = (1..=7).map(|line| json!({ "message": "no", "line": line })).collect();
    assert_eq!(
        problem(json!(many)).as_deref(),
        Some("Line 1: no\nLine 2: no\nLine 3: no\nLine 4: no\nLine 5: no\nand 2 more")
    );
    assert_eq!(problem(json!(" in words ")).as_deref(), Some("in words"));
    assert_eq!(problem(json!({ "code": "BAD_FILE" })).as_deref(), Some("BAD_FILE"));
    for nothing in [json!(null), json!([]), json!({}), json!(""), json!(7)] {
        assert_eq!(problem(nothing.clone()), None, "{nothing}");
    }
}

#[test]
fn times_are_read_in_every_spelling_and_nonsense_is_no_time() {
    for (value, expected) in [
        (json!("2026-11-20T09:00:00Z"), Some(1_795_165_200_000)),
        (json!("2026-11-20T09:00:00.250Z"), Some(1_795_165_200_250)),
        (json!("2026-11-20 09:00:00"), Some(1_795_165_200_000)),
        (json!(1_795_165_200.25), Some(1_795_165_200_250)),
        (json!("1795165200"), Some(1_795_165_200_000)),
        (json!(1_795_165_200_000_u64), Some(1_795_165_200_000)),
        (json!(0), None),
        (json!(-5), None),
        (json!("1969-01-01T00:00:00Z"), None),
        (json!("yesterday"), None),
        (json!(true), None),
    ] {
        assert_eq!(time(&value), expected, "{value}");
    }
}

#[test]
fn a_page_leads_to_the_next_in_each_form() {
    let row = |id: &str| json!({ "id": id, "status": "completed" });
    for (page, ids, cursor) in [
        (
            json!({ "status": "ok", "data": { "items": [row("a"), row("b")] },
                "pagination": { "has_more": true, "next_cursor": "c 2" } }),
            vec!["a", "b"],
            Some("c 2"),
        ),
        (json!({ "data": [row("a")], "pagination": { "has_more": false, "next_cursor": "c" } }), vec!["a"], None),
        (json!({ "data": { "batches": [row("a")], "next_cursor": "n" } }), vec!["a"], Some("n")),
        (
            json!({ "object": "list", "data": [row("a"), row("b")], "has_more": true, "last_id": "z" }),
            vec!["a", "b"],
            Some("z"),
        ),
        (json!({ "object": "list", "data": [row("a"), 5, {}, row("b")], "has_more": true }), vec!["a", "b"], Some("b")),
        (json!({ "object": "list", "data": [], "has_more": true }), Vec::new(), None),
        (json!([row("a")]), vec!["a"], None),
    ] {
        let read = read_page(&page.to_string()).unwrap_or_else(|| panic!("no list: {page}"));
        let found: Vec<&str> = read.batches.iter().map(|batch| batch.id.as_str()).collect();
        assert_eq!((found, read.cursor.as_deref()), (ids, cursor), "{page}");
    }
}

#[test]
fn what_is_no_batch_is_none() {
    for json in ["", "<html>", "null", "[]", "{}", "\"batch\"", r#"{"data":null}"#, r#"{"status":"completed"}"#] {
        assert_eq!(read(json), None, "{json}");
    }
    for json in ["<html>", "{}", "5", r#"{"data":{"id":"b"}}"#] {
        assert_eq!(read_page(json), None, "{json}");
    }
    assert_eq!(read_file_id(r#"{"id":"file-1","object":"file"}"#).as_deref(), Some("file-1"));
    assert_eq!(read_file_id(r#"{"data":{"file_id":"f"}}"#).as_deref(), Some("f"));
    assert_eq!(read_file_id("{}"), None);
}
