//! A matrix against an earlier run.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::folder::{Folder, errors, lane, plan, says};
use crate::junit::{junit, number};

/// Says yes as often as its name says.
fn coin(rate: &str) -> Value {
    plan(&[lane(&format!("sandbox/coin-{rate}"))], says("yes"))
}

fn echo() -> Value {
    plan(&[lane("sandbox/echo")], says("plain"))
}

#[track_caller]
fn ended(output: &Output, status: i32, parts: &[&str]) {
    let said = errors(output);
    assert_eq!(output.status.code(), Some(status), "{said}");
    for part in parts {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn a_variant_that_got_worse_is_told_and_decides_the_status() {
    let folder = Folder::new();
    ended(&folder.run(&coin("1"), &["--out", "runs.jsonl"]), 0, &[]);
    // What is compared with is read before the new run takes its place.
    let arguments = ["--base", "runs.jsonl", "--fail-on-worse", "--out", "runs.jsonl", "--out", "report.html"];
    let output = folder.run(&coin("0"), &[&arguments[..], &["--junit", "junit.xml"]].concat());
    ended(
        &output,
        1,
        &[
            "Against runs.jsonl, row by row under each variant: 6 worse, 0 better, 0 as before\n",
            "A temperature 0  worse: 0.0 % pass (0 of 6), 100.0 % before (6 of 6), −100.0 points",
            "B temperature unset  worse: ",
            "row 1, A: 0 of 2 pass, 2 of 2 before  Größe \"quoted\"",
            "    now     no\n    before  yes\n",
        ],
    );
    assert!(folder.lines("runs.jsonl").iter().all(|line| line["answer"] == "no"), "the file is that of this run");

    let html = std::fs::read_to_string(folder.at("report.html")).expect("HTML");
    assert!(html.contains("worse than runs.jsonl") && html.contains("<h2>Against runs.jsonl</h2>"), "{html}");
    assert_eq!(html.matches("<h4>Before</h4><pre dir=\"auto\">yes</pre>").count(), 6, "both answers of each row");
    assert_eq!(html.matches("<h4>Now</h4><pre dir=\"auto\">no</pre>").count(), 6);
    assert!(html.contains("by “Says &lt;it&gt;”") && !html.contains("<script"), "nothing of a text is markup");

    let found = junit(&folder.at("junit.xml"));
    let counts: Vec<_> =
        found.suites.iter().map(|suite| ["tests", "failures"].map(|name| number(suite, name))).collect();
    assert_eq!(counts, [[7, 7], [7, 7]], "six calls, and the comparison");
    assert_eq!((found.cases.len(), number(&found.totals, "tests")), (14, 14));
    let worse: Vec<_> = found.reasons.iter().filter(|reason| reason.1 == "worse").collect();
    assert!(worse.len() == 2 && worse.iter().all(|reason| reason.2.starts_with("worse: 0.0 % pass")), "{worse:?}");
}

#[test]
fn a_variant_that_got_better_or_cannot_be_told_from_its_base_fails_nothing() {
    let folder = Folder::new();
    ended(&folder.run(&coin("0"), &["--out", "base.jsonl"]), 1, &[]);
    let arguments = ["--base", "base.jsonl", "--fail-on-worse", "--junit", "junit.xml"];
    ended(&folder.run(&coin("1"), &arguments), 0, &["A temperature 0  better: 100.0 % pass (6 of 6), 0.0 % before"]);
    assert_eq!(junit(&folder.at("junit.xml")).reasons, []);

    ended(&folder.run(&echo(), &["--out", "base.jsonl"]), 1, &[]);
    ended(&folder.run(&echo(), &["--base", "base.jsonl"]), 1, &["cannot tell: 33.3 % pass (2 of 6), 33.3 % before"]);
    ended(
        &folder.run(&echo(), &["--base", "base.jsonl", "--fail-on-worse"]),
        0,
        &["each variant: 0 worse, 0 better, 6 as before"],
    );

    // One answer of row 1 passed before.
    let text = std::fs::read_to_string(folder.at("base.jsonl")).expect("results");
    let at = text.find("\"state\":\"failed\",\"why\"").expect("a check that failed");
    let text = format!("{}\"state\":\"passed\"{}", &text[..at], &text[at + "\"state\":\"failed\"".len()..]);
    std::fs::write(folder.at("base.jsonl"), text).expect("a file");
    ended(
        &folder.run(&echo(), &["--base", "base.jsonl", "--fail-on-worse"]),
        0,
        &[
            "A temperature 0  cannot tell: 33.3 % pass (2 of 6), 50.0 % before (3 of 6)",
            " answers on each side would tell, ",
            " repeats of 3 rows\n",
            "row 1, A: 0 of 2 pass, 1 of 2 before",
        ],
    );
}

#[test]
fn rows_are_found_by_their_values_and_what_is_new_does_not_count() {
    let folder = Folder::new();
    let table = |rows: &str| std::fs::write(folder.at("rows 東京.csv"), rows).expect("a table");
    table("word,note\nplain,a\nother,b\ngone,c\n");
    ended(&folder.run(&echo(), &["--out", "base.jsonl"]), 1, &[]);
    // In another order, with the columns turned, and with rows that all fail.
    table("note,word\nd,new\ne,newer\nb,other\na,plain\n");
    let mut now = echo();
    now["checks"] = json!([
        { "name": "New", "rule": { "kind": "contains", "text": "never" } },
        { "name": "Says <it>", "rule": { "kind": "contains", "text": "plain" } },
    ]);
    ended(
        &folder.run(&now, &["--base", "base.jsonl", "--fail-on-worse"]),
        0,
        &[
            "Not compared, because base.jsonl has no such checks: New\n",
            "each variant: 0 worse, 0 better, 4 as before, 3 rows on one side only\n",
            "A temperature 0  cannot tell: 50.0 % pass (2 of 4), 50.0 % before (2 of 4)",
        ],
    );
    // No row of the base is left: that is no good sign.
    table("word,note\nplain,z\n");
    let output = folder.run(&echo(), &["--base", "base.jsonl", "--fail-on-worse", "--junit", "junit.xml"]);
    ended(&output, 1, &["A temperature 0  nothing to compare"]);
    let kinds: Vec<_> = junit(&folder.at("junit.xml")).reasons.into_iter().map(|reason| reason.1).collect();
    assert_eq!(kinds, ["judgement", "judgement"]);
}

#[test]
fn a_variant_that_is_new_is_told_and_fails_nothing() {
    let folder = Folder::new();
    ended(&folder.run(&echo(), &["--out", "base.jsonl"]), 1, &[]);
    let mut now = echo();
    now["axes"][0]["values"] = json!("0, unset, 1");
    let output = folder.run(&now, &["--base", "base.jsonl", "--fail-on-worse", "--out", "report.html"]);
    ended(&output, 0, &["B temperature unset  cannot tell: ", "C temperature 1  not in the base\n"]);
    let html = std::fs::read_to_string(folder.at("report.html")).expect("HTML");
    assert_eq!(html.matches("<td>not in the base</td>").count(), 1);
}

#[test]
fn a_matrix_in_the_data_folder_is_a_base_too() {
    let folder = Folder::new();
    let output = folder.run(&coin("1"), &["--data", "data"]);
    ended(&output, 0, &["Kept as "]);
    let said = errors(&output);
    let id = said.split("Kept as ").nth(1).and_then(|rest| rest.split('.').next()).expect("an id");
    let output = folder.run(&coin("0"), &["--data", "data", "--base", id, "--fail-on-worse"]);
    ended(
        &output,
        1,
        &[
            "Against Echoes <\"&\">, row by row under each variant: 6 worse",
            "A temperature 0  worse: ",
            "    now     no\n    before  yes\n",
        ],
    );
    let output = folder.run(&coin("1"), &["--data", "data", "--resume", "--base", id]);
    ended(&output, 2, &["The base is the matrix that would go on"]);
}

#[test]
fn what_cannot_be_a_base_is_said_before_anything_is_sent() {
    let folder = Folder::new();
    let plan = coin("1");
    ended(&folder.run(&plan, &["--out", "base.jsonl", "--out", "base.csv"]), 0, &[]);
    let base = std::fs::read_to_string(folder.at("base.jsonl")).expect("results");
    let write = |name: &str, text: &str| std::fs::write(folder.at(name), text).expect("a file");
    write("empty.jsonl", "\n");
    write("twice.jsonl", &format!("{base}{base}"));
    write("cut.jsonl", &base[..base.len() - 20]);
    let changed = |member: &str, value: Value| {
        let mut plan = plan.clone();
        plan[member] = value;
        plan
    };
    for (plan, base, part) in [
        (&plan, "nowhere.jsonl", "nowhere.jsonl: there is no such file"),
        (&plan, "base.csv", "base.csv: line 1 is no call of a matrix"),
        (&plan, "empty.jsonl", "there are no results"),
        (&plan, "twice.jsonl", "line 13: row 1, A, repeat 1 was there before"),
        (&plan, "cut.jsonl", "line 12"),
        (&changed("checks", json!([])), "base.jsonl", "no checks"),
        (
            &changed("checks", json!([{ "name": "Other", "rule": { "kind": "contains", "text": "yes" } }])),
            "base.jsonl",
            "no check there has the name of one in the file (Other)",
        ),
        (
            &changed("axes", json!([{ "parameter": "top_p", "values": "0.5, 1" }])),
            "base.jsonl",
            "no variant there has the name of one in the file (top_p 0.5, top_p 1)",
        ),
    ] {
        let output = folder.run(plan, &["--base", base, "--out", "all.jsonl"]);
        ended(&output, 2, &[part]);
        assert!(!Path::new(&folder.at("all.jsonl")).exists(), "{part}");
    }
    ended(&folder.run(&plan, &["--fail-on-worse"]), 2, &["--base"]);
}
