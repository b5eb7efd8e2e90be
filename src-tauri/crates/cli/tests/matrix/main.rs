//! `juxta-cli matrix`, run as a system for continuous integration runs it.

mod base;
mod folder;
mod junit;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use folder::{Folder, errors, lane, plan, says};
use junit::{junit, number};

#[test]
fn where_every_answer_passes_the_status_is_0_and_every_form_has_all_of_them() {
    let folder = Folder::new();
    let outs = ["all.jsonl", "all.csv", "all.parquet", "all.html"];
    let mut arguments: Vec<&str> = outs.iter().flat_map(|name| ["--out", name]).collect();
    arguments.extend(["--junit", "junit.xml"]);
    let output = folder.run(&plan(&[lane("sandbox/echo")], says("{{word}}")), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let said = errors(&output);
    let before = said.find("= 12 calls").expect("the count");
    assert!(before < said.find("12 of 12 finished").expect("the end"), "{said}");
    assert!(output.stdout.is_empty(), "progress goes to stderr");

    let lines = folder.lines("all.jsonl");
    assert_eq!(lines.len(), 12);
    let places: BTreeSet<_> = lines
        .iter()
        .map(|line| (line["row"].as_u64(), line["variant"].as_str().map(str::to_owned), line["repeat"].as_u64()))
        .collect();
    assert_eq!(places.len(), 12, "each call once");
    for line in &lines {
        assert_eq!(line["answer"], line["values"]["word"], "{line}");
        assert_eq!((&line["passed"], &line["checks"][0]["state"]), (&json!(true), &json!("passed")), "{line}");
        assert_eq!(line["parameters"].get("temperature").is_some(), line["variant"] == "A", "{line}");
        assert!(line["cell"].is_string() && line["milliseconds"].as_f64().is_some_and(|time| time > 0.0), "{line}");
    }
    assert!(lines.iter().any(|line| line["values"]["note"] == "two\nlines"), "values are whole");

    let csv = std::fs::read_to_string(folder.at("all.csv")).expect("CSV");
    assert!(
        csv.starts_with("row,word,expected,note,variant,name,prompt,connection,model,temperature,repeat,"),
        "{csv}"
    );
    assert_eq!(csv.matches("\r\n").count(), 13, "a head and 12 rows");
    let parquet = std::fs::read(folder.at("all.parquet")).expect("Parquet");
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    let html = std::fs::read_to_string(folder.at("all.html")).expect("HTML");
    assert_eq!(html.matches("<div class=\"answer passed\">").count(), 12);
    for asks in ["<script", "src=", "href=", "url(", "@import", "http://", "https://"] {
        assert!(!html.contains(asks), "the report asks for nothing: {asks}");
    }
    assert!(html.contains("&lt;script&gt;alert(1)") && html.contains("<svg") && html.contains("prefers-color-scheme"));

    let found = junit(&folder.at("junit.xml"));
    assert_eq!((found.suites.len(), found.cases.len(), found.reasons.len()), (2, 12, 0));
    assert_eq!((number(&found.totals, "tests"), number(&found.totals, "failures")), (12, 0));
    assert_eq!(found.totals["name"], "Echoes <\"&\">");
    let names: BTreeSet<_> = found.cases.iter().map(|case| (&case["classname"], &case["name"])).collect();
    assert_eq!(names.len(), 12, "systems tell cases apart by their names");
    assert!(found.cases.iter().any(|case| case["name"].contains("Größe \"quoted\"")), "{:?}", found.cases);
}

#[test]
fn an_answer_that_fails_a_check_is_a_failure_and_a_call_that_fails_an_error() {
    let folder = Folder::new();
    let lanes = [lane("sandbox/echo"), lane("sandbox/fault/status-401")];
    let output = folder.run(&plan(&lanes, says("東京")), &["--junit", "junit.xml", "--out", "all.jsonl"]);
    assert_eq!(output.status.code(), Some(1), "{}", errors(&output));
    let found = junit(&folder.at("junit.xml"));
    let counts = |of: &BTreeMap<String, String>| ["tests", "failures", "errors"].map(|name| number(of, name));
    assert_eq!(counts(&found.totals), [24, 8, 12], "four of six answers of two variants lack it");
    let by_suite: Vec<_> = found.suites.iter().map(counts).collect();
    assert_eq!(by_suite, [[6, 4, 0], [6, 4, 0], [6, 0, 6], [6, 0, 6]]);
    let kinds = |kind: &str| found.reasons.iter().filter(|reason| reason.1 == kind).count();
    assert_eq!((kinds("check"), kinds("call")), (8, 12));
    assert!(found.reasons.iter().any(|reason| reason.2.starts_with("Says <it>: ")), "{:?}", found.reasons);
    assert!(found.texts.iter().any(|text| text.contains("\\\\ <b>&amp;")), "answers stand beside: {:?}", found.texts);
    let failed = folder.lines("all.jsonl").into_iter().filter(|line| line["state"]["kind"] == "failed");
    let failed: Vec<_> = failed.collect();
    assert_eq!(failed.len(), 12);
    assert!(failed.iter().all(|line| line["error"]["kind"] == "rejected"), "{:?}", failed[0]);
}

#[test]
fn what_is_wrong_with_the_file_is_said_and_nothing_is_sent() {
    let folder = Folder::new();
    let good = plan(&[lane("sandbox/echo")], says("x"));
    let changed = |member: &str, value: Value| {
        let mut plan = good.clone();
        plan[member] = value;
        plan
    };
    for (plan, part) in [
        (changed("axes", json!([{ "parameter": "temperature" }])), "line "),
        (changed("rows", json!({ "numbers": "9" })), "row 9"),
        (changed("dataset", json!({ "path": "nowhere.csv" })), "nowhere.csv"),
        (changed("format", json!("juxta-matrix/99")), "juxta-matrix/1"),
        (changed("lanes", json!([])), "one lane"),
    ] {
        let output = folder.run(&plan, &["--out", "all.jsonl"]);
        let said = errors(&output);
        assert_eq!(output.status.code(), Some(2), "{part}: {said}");
        assert!(said.contains(part), "{part}: {said}");
        assert!(!folder.at("all.jsonl").exists(), "{part}");
    }
    for (arguments, part) in [
        (&["--out", "all.docx"][..], ".parquet"),
        (&["--out", "nowhere/all.csv"], "no such folder"),
        (&["--junit", "all.csv"], ".xml"),
        (&["--resume"], "--data"),
    ] {
        let output = folder.run(&good, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(errors(&output).contains(part), "{}", errors(&output));
    }
}

#[test]
fn the_count_alone_sends_nothing() {
    let folder = Folder::new();
    let output = folder.run(&plan(&[lane("sandbox/echo")], says("x")), &["--count", "--out", "all.jsonl"]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    assert!(errors(&output).contains("1 prompt × 1 model × 2 values × 3 rows × 2 repeats = 12 calls, about"));
    assert!(!folder.at("all.jsonl").exists());
    let rule = json!({
        "kind": "judge",
        "connection": "sandbox-openai",
        "endpoint": "chat",
        "model": "sandbox/judge",
        "prompt": "Is it good? {{answer}}",
        "repeats": 3,
        "parameters": [],
    });
    let judged = plan(&[lane("sandbox/echo")], json!([{ "name": "Good", "rule": rule }]));
    let output = folder.run(&judged, &["--count"]);
    assert!(errors(&output).contains("= 12 calls and 36 calls of judges, about"), "{}", errors(&output));
}

#[test]
fn what_is_over_is_not_sent_again_and_what_failed_only_when_that_is_asked_for() {
    let folder = Folder::new();
    let lanes = [lane("sandbox/echo"), lane("sandbox/fault/status-401")];
    let plan = plan(&lanes, says("{{word}}"));
    let cells = |name: &str| -> BTreeMap<String, bool> {
        let lines = folder.lines(name).into_iter();
        lines
            .map(|line| (line["cell"].as_str().expect("an id").to_owned(), line["state"]["kind"] == "failed"))
            .collect()
    };
    for (name, more) in [
        ("first.jsonl", &[][..]),
        ("second.jsonl", &["--resume"]),
        ("third.jsonl", &["--resume", "--retry-failures"]),
        ("fourth.jsonl", &[]),
    ] {
        let output = folder.run(&plan, &[&["--data", "data", "--out", name], more].concat());
        assert_eq!(output.status.code(), Some(1), "{name}: {}", errors(&output));
    }
    let [first, second, third, fourth] = ["first.jsonl", "second.jsonl", "third.jsonl", "fourth.jsonl"].map(cells);
    assert_eq!((first.len(), first.values().filter(|failed| **failed).count()), (24, 12));
    assert_eq!(first, second, "nothing was missing");
    let same: Vec<bool> = first.keys().filter(|id| third.contains_key(*id)).map(|id| first[id]).collect();
    assert_eq!((third.len(), same.len()), (24, 12), "what failed was sent again");
    assert!(same.iter().all(|failed| !failed), "what had finished stayed");
    assert!(fourth.keys().all(|id| !first.contains_key(id) && !third.contains_key(id)), "without the word it is new");
}

#[test]
fn the_example_is_one() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sandbox.matrix.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_juxta-cli"));
    let output = command.args(["matrix", "--count"]).arg(example).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    assert!(errors(&output).contains("2 prompts × 2 models × 2 values × 1 row × 3 repeats = 24 calls"));
}
