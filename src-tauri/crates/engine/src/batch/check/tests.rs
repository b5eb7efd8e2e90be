use std::collections::BTreeSet;
use std::fs;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::batch::mend;

const SCAIGRID: Dialect = Dialect::ScaigridV1;
const OPENAI: Dialect = Dialect::OpenAi;

fn rules(dialect: Dialect) -> Rules {
    Rules { dialect, is_sent_along: true, windows: Arc::new(HashMap::from([("small".to_owned(), 1000)])) }
}

fn looked(file: impl AsRef<[u8]>, mends: &Mends, rules: &Rules) -> Checked {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("input.jsonl");
    fs::write(&path, file).expect("written");
    check(&path, mends, rules, &mut |_| ControlFlow::Continue(())).expect("a file that can be read")
}

fn good(id: &str) -> String {
    json!({"custom_id": id, "method": "POST", "url": "/v1/inference/chat", "body": {
        "model": "m", "messages": [{"role": "user", "content": "One line, with “quotes”."}], "temperature": 0.2,
    }})
    .to_string()
}

fn marked(fault: &BatchFault) -> String {
    let units: Vec<u16> = fault.excerpt.encode_utf16().collect();
    String::from_utf16_lossy(&units[fault.from as usize..fault.to as usize])
}

fn label(mend: Option<&BatchMend>) -> Option<&str> {
    match mend? {
        BatchMend::Replace { label, .. } => Some(label),
        BatchMend::LeaveOut => Some("Leave out"),
    }
}

/// A line, its fault, how the marked place and the words begin or what they hold, and the mend with its label.
type Case = (String, BatchFaultKind, &'static str, &'static str, Option<(&'static str, String)>);

/// Each line stands alone in a file.
#[test]
fn every_fault_has_its_place_its_words_and_its_mend() {
    use BatchFaultKind::{Endpoint, Field, Json, Method, MissingField, MissingId, Stream, TooLong};
    let body = r#""body":{"model":"m","messages":[{"role":"user","content":"x"}]}"#;
    let head = r#"{"custom_id":"a","method":"POST","url":"/v1/inference/chat""#;
    let long = format!(
        r#"{head},"body":{{"model":"small","messages":[{{"role":"user","content":"{}"}}]}}}}"#,
        "word ".repeat(2000)
    );
    let cases: Vec<Case> = vec![
        (
            format!("{head},,{body}}}"),
            Json,
            ",",
            "One comma is enough",
            Some(("Remove comma", format!("{head},{body}}}"))),
        ),
        (
            format!("{head},{body}}},"),
            Json,
            ",",
            "ends before this",
            Some(("Remove comma", format!("{head},{body}}}"))),
        ),
        (format!("{head},{body}"), Json, "{", "never closed", None),
        ("[1]".to_owned(), Json, "[1]", "one JSON object", None),
        ("nonsense".to_owned(), Json, "nonsense", "quotes", None),
        (
            format!("\u{FEFF}{head},{body}}}"),
            Json,
            "\u{FEFF}",
            "byte order mark",
            Some(("Remove mark", format!("{head},{body}}}"))),
        ),
        (
            format!(r#"{{"method":"POST","url":"/v1/inference/chat",{body}}}"#),
            MissingId,
            "",
            "no custom_id",
            Some(("Add id", format!(r#"{{"custom_id":"line-1","method":"POST","url":"/v1/inference/chat",{body}}}"#))),
        ),
        (
            format!(r#"{{"custom_id": 7.0,"method":"POST","url":"/v1/inference/chat",{body}}}"#),
            MissingId,
            "7.0",
            "to be a text",
            Some(("Rename", format!(r#"{{"custom_id": "7.0","method":"POST","url":"/v1/inference/chat",{body}}}"#))),
        ),
        (
            format!(r#"{{"custom_id":"a","method":"get","url":"/v1/inference/chat",{body}}}"#),
            Method,
            "\"get\"",
            "POST",
            Some(("Set POST", format!("{head},{body}}}"))),
        ),
        (
            format!(r#"{{"custom_id":"a","method":"POST","url":"/v1/chat/completions",{body}}}"#),
            Endpoint,
            "\"/v1/chat/completions\"",
            "/v1/inference/chat",
            Some(("Set /v1/inference/chat", format!("{head},{body}}}"))),
        ),
        (
            format!(r#"{{"custom_id":"a","method":"POST","url":"/v1/models",{body}}}"#),
            Endpoint,
            "\"/v1/models\"",
            "no endpoint",
            None,
        ),
        (format!(r#"{head},"body":{{"model":"m"}}}}"#), MissingField, "{\"model\":\"m\"}", "no messages", None),
        (format!("{head}}}"), MissingField, "", "no body", None),
        (
            format!(r#"{head},"body":{{"messages":[{{"role":"user"}}]}}}}"#),
            MissingField,
            r#"{"messages":[{"role":"user"}]}"#,
            "no model",
            None,
        ),
        (
            format!(r#"{head},"body":{{"model":"m","messages":[{{"role":"user"}}],"temperature":"hot"}}}}"#),
            Field,
            "\"hot\"",
            "temperature",
            Some((
                "Keep",
                format!(r#"{head},"body":{{"model":"m","messages":[{{"role":"user"}}],"temperature":"hot"}}}}"#),
            )),
        ),
        (
            format!(r#"{head},"body":{{"model":"m","messages":[{{"content":"x"}}]}}}}"#),
            Field,
            r#"[{"content":"x"}]"#,
            "messages.0 has no role",
            Some(("Keep", format!(r#"{head},"body":{{"model":"m","messages":[{{"content":"x"}}]}}}}"#))),
        ),
        (
            format!(r#"{head},"body":{{"model":"m","stream" : true, "messages":[{{"role":"user"}}]}}}}"#),
            Stream,
            "true",
            "whole answers",
            Some(("Remove stream", format!(r#"{head},"body":{{"model":"m","messages":[{{"role":"user"}}]}}}}"#))),
        ),
        (long.clone(), TooLong, "[", "tokens in, and small takes 1,000", Some(("Keep", long))),
    ];
    for (line, kind, place, words, mend) in cases {
        let checked = looked(&line, &Mends::new(), &rules(SCAIGRID));
        let [fault] = checked.check.faults.as_slice() else { panic!("{line}: {:?}", checked.check.faults) };
        assert_eq!((fault.line, fault.kind), (1, kind), "{line}: {}", fault.message);
        assert!(marked(fault).starts_with(place), "{line}: {} for {place}", marked(fault));
        assert!(fault.message.contains(words), "{line}: {}", fault.message);
        assert!(fault.excerpt.chars().count() <= 200, "{line}");
        let mend = mend.map(|(label, text)| BatchMend::Replace { label: label.to_owned(), text });
        assert_eq!(fault.mend, mend, "{line}");
        assert_eq!((checked.check.sent, checked.undecided.as_slice()), (0, [1].as_slice()), "{line}");

        // What is offered helps.
        if let Some(mend) = mend {
            let mended = looked(&line, &Mends::from([(1, mend.clone())]), &rules(SCAIGRID));
            assert_eq!((mended.check.sent, mended.undecided.len()), (1, 0), "{line}: {:?}", mended.check.faults);
            assert_eq!(mended.check.faults[0].chosen, Some(mend), "{line}");
        }
    }
}

#[test]
fn files_of_any_system_are_read() {
    let lines = [good("a\u{2028}"), good("b"), good("c")];
    for (file, sent) in [
        (lines.join("\r\n"), 3),
        (format!("\n\r\n  \n{}\n\n\n", lines.join("\n \n")), 3),
        (lines.join("\n"), 3),
        (String::new(), 0),
        ("\n\n".to_owned(), 0),
    ] {
        let checked = looked(&file, &Mends::new(), &rules(SCAIGRID));
        assert_eq!((checked.check.sent, checked.check.lines), (sent, sent), "{file:?}");
        assert_eq!(checked.check.faults, [], "{file:?}");
        assert_eq!(checked.check.bytes_read, file.len() as u64);
        assert!(checked.check.done && checked.undecided.is_empty());
        assert_eq!(checked.check.notes.len(), usize::from(sent == 0));
    }
}

#[test]
fn bytes_that_are_no_text_are_a_fault_of_their_line() {
    let mut file = good("a").into_bytes();
    file.extend(b"\n{\"custom_id\":\"\xff\xfe\"}\n");
    file.extend(good("b").into_bytes());
    let checked = looked(&file, &Mends::new(), &rules(SCAIGRID));
    assert_eq!((checked.check.sent, checked.undecided.as_slice()), (2, [2].as_slice()));
    assert_eq!(
        (checked.check.faults[0].kind, marked(&checked.check.faults[0]).as_str()),
        (BatchFaultKind::Json, "\u{FFFD}")
    );
}

#[test]
fn ids_that_are_offered_are_those_of_no_line_not_even_a_later_one() {
    let second = good("a").replace("custom_id", "custom\\u005fid");
    let without = good("x").replacen(r#""custom_id":"x","#, "", 1).replacen(r#","custom_id":"x""#, "", 1);
    let file = [good("a"), second, good("a"), without, good("a-2"), good("line-4")].join("\n");
    let checked = looked(&file, &Mends::new(), &rules(SCAIGRID));
    let offered: Vec<(u64, String)> = checked
        .check
        .faults
        .iter()
        .map(|fault| match &fault.mend {
            Some(BatchMend::Replace { text, .. }) => {
                let line: serde_json::Value = serde_json::from_str(text).expect("JSON");
                (fault.line, line["custom_id"].as_str().expect("a text").to_owned())
            }
            mend => panic!("{mend:?}"),
        })
        .collect();
    let mut all: BTreeSet<&str> = offered.iter().map(|(_, id)| id.as_str()).collect();
    all.extend(["a", "a-2", "line-4"]);
    assert_eq!((offered.len(), all.len()), (3, 6), "{offered:?}");
    assert_eq!(checked.check.faults[0].message, "First used on line 1.");

    // All of them chosen at once leave no fault to decide about, and stay the same.
    let mends: Mends =
        checked.check.faults.iter().map(|fault| (fault.line, fault.mend.clone().expect("a mend"))).collect();
    let mended = looked(&file, &mends, &rules(SCAIGRID));
    assert_eq!((mended.check.sent, mended.undecided.len(), mended.check.fault_count), (6, 0, 3));
    assert!(mended.check.faults.iter().all(|fault| fault.mend == fault.chosen && fault.chosen.is_some()));
}

#[test]
fn a_line_that_is_left_out_gives_its_id_back_and_a_mend_can_show_the_next_fault() {
    let file = [good("a"), good("a")].join("\n");
    let mends = Mends::from([(1, BatchMend::LeaveOut)]);
    let checked = looked(&file, &mends, &rules(SCAIGRID));
    assert_eq!((checked.check.sent, checked.check.fault_count), (1, 0));

    let two = good("a").replace("POST", "GET").replace("0.2", "20");
    let first = looked(&two, &Mends::new(), &rules(SCAIGRID));
    let mend = first.check.faults[0].mend.clone().expect("a mend");
    assert_eq!(label(Some(&mend)), Some("Set POST"));
    let second = looked(&two, &Mends::from([(1, mend)]), &rules(SCAIGRID));
    let fault = &second.check.faults[0];
    assert_eq!((fault.kind, label(fault.mend.as_ref()), &fault.chosen), (BatchFaultKind::Field, Some(KEEP), &None));
    assert_eq!((second.check.sent, second.undecided.as_slice()), (0, [1].as_slice()));
    let kept = looked(&two, &Mends::from([(1, fault.mend.clone().expect("a mend"))]), &rules(SCAIGRID));
    assert_eq!((kept.check.sent, kept.undecided.len()), (1, 0));
}

#[test]
fn scaigrid_mixes_endpoints_and_openai_takes_the_one_of_most_first_lines() {
    let line = |id: &str, url: &str, body: &str| {
        format!(r#"{{"custom_id":"{id}","method":"POST","url":"{url}","body":{body}}}"#)
    };
    let mixed = [good("a"), line("b", "/v1/inference/embed", r#"{"model":"m","input":["x"]}"#)].join("\n");
    let checked = looked(&mixed, &Mends::new(), &rules(SCAIGRID));
    assert_eq!((checked.check.sent, checked.endpoint, checked.model.as_deref()), (2, None, Some("m")));

    let chat = r#"{"model":"m","messages":[{"role":"user","content":"x"}],"unknown":{"a":[]}}"#;
    let lines = [
        line("a", "/v1/embeddings", r#"{"model":"m","input":"x"}"#),
        line("b", "/v1/chat/completions", chat),
        line("c", "/v1/chat/completions", chat),
        line("d", "https://api.openai.com/v1/chat/completions", chat),
        line("e", "/v1/chat/completions", &chat.replace("\"m\"", "\"other\"")),
    ];
    let checked = looked(lines.join("\n"), &Mends::new(), &rules(OPENAI));
    let found: Vec<_> =
        checked.check.faults.iter().map(|fault| (fault.line, fault.kind, label(fault.mend.as_ref()))).collect();
    let endpoint = BatchFaultKind::Endpoint;
    assert_eq!(found, [(1, endpoint, None), (4, endpoint, Some("Set /v1/chat/completions"))]);
    assert_eq!((checked.endpoint, checked.model), (Some(EndpointKind::Chat), None));
    assert!(checked.check.notes[0].contains("2 models"), "{:?}", checked.check.notes);
}

#[test]
fn a_file_that_is_too_large_to_go_along_is_noted() {
    let one = good("a").replace("One line", &"long ".repeat(200_000));
    let file = |count: usize| {
        let lines: Vec<String> = (0..count).map(|at| one.replacen("\"a\"", &format!("\"{at}\""), 1)).collect();
        lines.join("\n")
    };
    let notes = |count, is_sent_along| {
        let rules = Rules { is_sent_along, ..rules(SCAIGRID) };
        looked(file(count), &Mends::new(), &rules).check.notes
    };
    assert_eq!(notes(2, true), [] as [&str; 0]);
    assert!(notes(8, true)[0].contains("as base64"));
    assert!(notes(11, true)[0].contains("less than 10.0 MB"));
    assert_eq!(notes(11, false), [] as [&str; 0]);
}

#[test]
fn more_faults_than_are_told_are_counted() {
    let file = "x\n".repeat(1200);
    let checked = looked(&file, &Mends::new(), &rules(SCAIGRID));
    assert_eq!((checked.check.faults.len(), checked.check.fault_count), (MOST_FAULTS, 1200));
    assert_eq!(checked.undecided, (1..=1200).collect::<Vec<u64>>());
    let mends: Mends = checked.undecided.iter().map(|line| (*line, BatchMend::LeaveOut)).collect();
    let left = looked(&file, &mends, &rules(SCAIGRID));
    assert_eq!((left.undecided.len(), left.check.sent, left.check.fault_count), (0, 0, MOST_FAULTS as u64));
}

#[test]
fn a_look_can_be_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("input.jsonl");
    let long = good("a").replace("One line", &"long ".repeat(400_000));
    fs::write(&path, vec![long; 12].join("\n")).expect("written");
    let mut told = 0;
    let checked = check(&path, &Mends::new(), &rules(SCAIGRID), &mut |check| {
        told += 1;
        assert!(!check.done && check.bytes_read < check.bytes);
        ControlFlow::Break(())
    })
    .expect("read");
    // A machine that is fast enough is through before it is first told.
    assert!(told == 1 && !checked.check.done || told == 0 && checked.check.done);
}

/// Puts `fault` into a sound line.
fn seeded(fault: u8, id: &str) -> Vec<u8> {
    let line = good(id);
    match fault {
        0 => line.replacen(",\"", ",,\"", 1).into_bytes(),
        1 => good("r-0").into_bytes(),
        2 => line.replace("POST", "GET").into_bytes(),
        3 => line.replace("/v1/inference/chat", "/v1/inference/nothing").into_bytes(),
        4 => line.replace("\"messages\"", "\"message\"").into_bytes(),
        5 => line.replace("0.2", "7").into_bytes(),
        6 => line.replacen("\"temperature\"", "\"stream\":true,\"temperature\"", 1).into_bytes(),
        _ => [line.as_bytes(), b"\xff"].concat(),
    }
}

/// What was asked for: seven faults in fifty thousand lines, and exactly their numbers.
#[test]
fn seven_faults_among_fifty_thousand_lines_are_exactly_those_that_are_told() {
    let mut lines: Vec<Vec<u8>> = (0..50_000).map(|at| good(&format!("r-{at}")).into_bytes()).collect();
    let places = [117u64, 904, 1_733, 2_950, 4_411, 31_000, 50_000];
    for (fault, place) in places.iter().enumerate() {
        lines[*place as usize - 1] = seeded(fault as u8, &format!("r-{}", place - 1));
    }
    let checked = looked(lines.join(&b'\n'), &Mends::new(), &rules(SCAIGRID));
    assert_eq!(checked.undecided, places);
    assert_eq!(checked.check.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), places);
    assert_eq!((checked.check.sent, checked.check.lines, checked.check.fault_count), (49_993, 50_000, 7));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn faults_at_any_places_are_exactly_those_that_are_told_and_leaving_them_out_leaves_the_rest(
        faults in proptest::collection::btree_map(2u64..=400, 0u8..8, 7),
        is_windows in any::<bool>(),
        is_ended in any::<bool>(),
    ) {
        let end = if is_windows { "\r\n" } else { "\n" };
        let lines: Vec<Vec<u8>> = (1..=400u64)
            .map(|at| match faults.get(&at) {
                Some(fault) => seeded(*fault, &format!("r-{}", at - 1)),
                None => good(&format!("r-{}", at - 1)).into_bytes(),
            })
            .collect();
        let mut file = lines.join(end.as_bytes());
        if is_ended {
            file.extend(end.as_bytes());
        }
        let checked = looked(&file, &Mends::new(), &rules(SCAIGRID));
        let expected: Vec<u64> = faults.keys().copied().collect();
        prop_assert_eq!(&checked.undecided, &expected);
        let told: Vec<u64> = checked.check.faults.iter().map(|fault| fault.line).collect();
        prop_assert_eq!(told, expected);

        let mends: Mends = checked.undecided.iter().map(|line| (*line, BatchMend::LeaveOut)).collect();
        let folder = tempfile::tempdir().expect("a folder");
        let (input, request) = (folder.path().join("input"), folder.path().join("request"));
        fs::write(&input, &file).expect("written");
        let written = mend::write(&input, &mends, &request).expect("written");
        prop_assert_eq!(written.lines, 393);
        let again = looked(fs::read(&request).expect("a file"), &Mends::new(), &rules(SCAIGRID));
        prop_assert_eq!((again.check.sent, again.check.fault_count), (393, 0));
    }
}
