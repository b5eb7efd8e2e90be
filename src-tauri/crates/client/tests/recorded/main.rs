//! Runs that leave as files and come back are the runs they were.

#[path = "../support/readers.rs"]
mod readers;
mod runs;

use juxta_client::import::{har as har_in, jsonl as jsonl_in};
use juxta_client::recorded::{RecordedRun, har, jsonl};
use juxta_client::redact::KnownKeys;
use proptest::prelude::*;

fn sorted(mut runs: Vec<RecordedRun>) -> Vec<RecordedRun> {
    for run in &mut runs {
        run.calls.sort_by(|a, b| a.cell.id.cmp(&b.cell.id));
    }
    runs
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn an_archive_brings_back_the_runs_it_was_made_of(runs in prop::collection::vec(runs::run(), 1..3)) {
        let bytes = har::write(&runs, "1.2.3", "").expect("an archive");
        let read = har_in::read(&bytes).expect("an archive that can be read");
        prop_assert_eq!(sorted(read.runs), sorted(runs));
        prop_assert!(read.entries.is_empty() && read.unknown.is_empty());
    }

    #[test]
    fn lines_bring_back_the_runs_they_were_made_of(runs in prop::collection::vec(runs::run(), 1..3)) {
        let bytes = jsonl::write(&runs).expect("lines");
        let calls: usize = runs.iter().map(|run| run.calls.len()).sum();
        prop_assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), calls, "one line for each call");
        let read = jsonl_in::read(&bytes).expect("lines that can be read");
        prop_assert_eq!(read.runs.len(), runs.len());
        for (run, back) in runs.iter().zip(&read.runs) {
            prop_assert_eq!(&run.summary, &back.run.summary);
            prop_assert_eq!(&run.snapshot, &back.run.snapshot);
            for (call, back) in run.calls.iter().zip(&back.run.calls) {
                prop_assert_eq!(call, back);
            }
        }
    }

    #[test]
    fn an_archive_of_another_tool_says_the_same_without_our_members(run in runs::run()) {
        let bytes = har::write(std::slice::from_ref(&run), "1.2.3", "").expect("an archive");
        let mut value: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
        value["log"].as_object_mut().expect("a log").remove("_juxta");
        let entries = value["log"]["entries"].as_array_mut().expect("entries");
        for entry in entries.iter_mut() {
            entry.as_object_mut().expect("an entry").remove("_juxta");
        }
        let count = entries.len();
        let read = har_in::read(value.to_string().as_bytes()).expect("an archive that can be read");
        prop_assert!(read.runs.is_empty());
        prop_assert_eq!(read.entries.len() + read.unknown.len(), count);
        for entry in read.entries {
            let call = run.calls.iter().filter(|call| call.cell.request.is_some()).nth(entry.number - 1).expect("the call");
            prop_assert_eq!(&entry.body, &call.cell.request.as_ref().expect("a request").body);
            prop_assert_eq!(entry.started_at, Some(call.cell.started_at.unwrap_or_default()));
            match (&entry.answer, &call.cell.head) {
                (Some(answer), Some(head)) => {
                    prop_assert_eq!(answer.status, head.status);
                    prop_assert_eq!(&answer.body, &call.body);
                }
                (None, None) => {}
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }

    #[test]
    fn no_key_is_left_in_any_file(mut run in runs::run(), key in "sk-[a-zA-Z0-9\"\\\\/+ä_-]{12,40}") {
        runs::plant(&mut run, &key);
        let keys = KnownKeys::new([key.clone()]);
        prop_assert!(run.remove_keys(&keys));
        let har = har::write(std::slice::from_ref(&run), "1.2.3", "").expect("an archive");
        let lines = jsonl::write(std::slice::from_ref(&run)).expect("lines");
        for bytes in [&har, &lines] {
            let left: Vec<_> = keys
                .find(bytes)
                .into_iter()
                .map(|place| String::from_utf8_lossy(&bytes[place.start.saturating_sub(60)..place.end]).into_owned())
                .collect();
            prop_assert!(left.is_empty(), "{:?}", left);
        }
        let read = har_in::read(&har).expect("an archive that can be read");
        prop_assert_eq!(sorted(read.runs), sorted(vec![run]));
    }

    #[test]
    fn no_text_makes_a_reader_fall_over(text in "\\PC{0,400}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        readers::check_curl(text.as_bytes());
        readers::check_curl(format!("curl {text}").as_bytes());
        readers::check_files(text.as_bytes());
        readers::check_files(&bytes);
    }

    #[test]
    fn commands_of_likely_words_are_read_or_refused(
        words in prop::collection::vec(
            prop_oneof![
                Just("-H".to_owned()), Just("-d".to_owned()), Just("--data-urlencode".to_owned()), Just("-u".to_owned()),
                Just("-x".to_owned()), Just("--json".to_owned()), Just("-F".to_owned()), Just("-X".to_owned()),
                Just("--url".to_owned()), Just("https://u:p@a.example/v1?key=1".to_owned()), Just("$'\\u00e4\\x".to_owned()),
                Just("'".to_owned()), Just("\"$A${B".to_owned()), Just("\\\n".to_owned()), Just("^\"x^\"".to_owned()), "\\PC{0,20}",
            ],
            0..14,
        )
    ) {
        readers::check_curl(format!("curl {}", words.join(" ")).as_bytes());
    }

    #[test]
    fn a_damaged_archive_is_refused_whole(run in runs::run(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = har::write(std::slice::from_ref(&run), "1.2.3", "").expect("an archive");
        let at = at.index(bytes.len());
        bytes[at] = byte;
        readers::check_files(&bytes);
        bytes.truncate(at);
        prop_assert!(har_in::read(&bytes).is_err(), "half an archive is none");
        readers::check_files(&bytes);
    }
}

#[test]
fn an_archive_says_where_it_is_broken_and_quotes_nothing() {
    for (text, expected) in [
        ("{\"log\": {\n \"entries\": [,]}}", "This is no JSON: see line 2, column 14"),
        ("{\"log\": {\"entries\": [", "The JSON ends too early: see line 1, column 21"),
        ("{\"log\": {}}", "This is JSON, but no HTTP archive: it has no log with entries"),
        (
            "{\"log\": {\"entries\": [{\"request\": {\"method\": \"GET\", \"url\": 7}}]}}",
            "Entry 1: request.url is not what belongs there",
        ),
        ("{\"log\": {\"entries\": [{}]}}", "Entry 1 has no request"),
        (
            "{\"log\": {\"entries\": [{\"request\": {\"method\": \"GET\", \"url\": \"u\"}}, {\"request\": {\"method\": \"GET\"}}]}}",
            "Entry 2 has no request.url",
        ),
        (
            "{\"log\": {\"entries\": [{\"request\": {\"method\": \"POST\", \"url\": \"u\", \"postData\": {\"text\": \"{\\\"messages\\\":[]}\"}}, \
             \"response\": {\"status\": 200, \"content\": {\"text\": \"sk-secret!\", \"encoding\": \"base64\"}}}]}}",
            "Entry 1: a body is said to be base64 and is not",
        ),
    ] {
        let error = har_in::read(text.as_bytes()).expect_err(text);
        assert_eq!(error.to_string(), format!("file: {expected}"));
    }
    let wide: Vec<u8> = "{\"log\":{\"entries\":[]}}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let error = har_in::read(&wide).expect_err("UTF-16").to_string();
    assert!(error.contains("UTF-16") && error.contains("save it as UTF-8"), "{error}");
    let error = jsonl_in::read(b"{\"messages\":[]}\n\n{\"body\": nope}\n").expect_err("a broken line").to_string();
    assert_eq!(error, "file: This is no JSON: see line 3, column 11");
    let error = har_in::read(b"{\"log\":\n\xff").expect_err("no UTF-8").to_string();
    assert_eq!(error, "file: The file is no UTF-8 text: see byte 9 in line 2");
}

#[test]
fn lines_of_others_are_requests_in_their_own_spelling() {
    let lines = concat!(
        "\u{feff}{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"messages\":[],\"temperature\":1.0}}\r\n",
        "\n",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"ä\"}],\"seed\":12345678901234567890}\n",
        "{\"id\":\"b\",\"custom_id\":\"a\",\"response\":{\"status_code\":200,\"body\":{}},\"error\":null}\n",
        "{\"x\":1}\n",
        "{\"input\": [],\"model\":\"m\"}\n",
        "{\"prompt\":\"a line of a data set\",\"completion\":\"b\"}\n",
        "{\"custom_id\":\"c\",\"url\":\"/v1/responses\",\"body\":{ \"input\":\"\\u00e4\"}}",
    );
    let file = jsonl_in::read(lines.as_bytes()).expect("lines");
    let bodies: Vec<_> = file
        .requests
        .iter()
        .map(|request| (request.line, request.custom_id.as_deref(), request.body.as_str()))
        .collect();
    assert_eq!(
        bodies,
        [
            (1, Some("a"), r#"{"model":"m","messages":[],"temperature":1.0}"#),
            (3, None, r#"{"messages":[{"role":"user","content":"ä"}],"seed":12345678901234567890}"#),
            (6, None, r#"{"input": [],"model":"m"}"#),
            (8, Some("c"), r#"{ "input":"\u00e4"}"#),
        ]
    );
    assert_eq!(
        file.unknown,
        [
            "line 4 (an answer without its request)",
            "line 5 (no request: it has neither body nor messages)",
            "line 7 (no request: it has neither body nor messages)",
        ]
    );
    let pretty = "{\n  \"model\": \"m\",\n  \"messages\": []\n}\n";
    assert_eq!(jsonl_in::read(pretty.as_bytes()).expect("one object").requests[0].body, pretty.trim());
}
