use std::fs;

use juxta_wire::batch::{BatchColumn, BatchJob, BatchLines, BatchPlan, BatchRowsQuery, BatchSource, BatchTab};
use juxta_wire::ids::{BatchId, ConnectionId};
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A folder of a batch whose requests are `ids`.
fn folder(ids: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let lines: Vec<String> = ids.iter().map(|id| request(id)).collect();
    put(&folder, "request.jsonl", lines.join("\n"));
    folder
}

fn put(folder: &tempfile::TempDir, name: &str, content: impl AsRef<[u8]>) {
    fs::write(folder.path().join(name), content).expect("written");
}

fn request(id: &str) -> String {
    let content = format!("Ask for “{id}”\n");
    let body = json!({"model": "m", "messages": [{"role": "user", "content": content}]});
    json!({"custom_id": id, "method": "POST", "url": "/v1/inference/chat", "body": body}).to_string()
}

fn answer(id: &str, words: &str, tokens: u64) -> String {
    let data = json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": tokens, "total_tokens": tokens + 1}});
    let body = json!({"status": "ok", "data": data});
    json!({"id": "br", "custom_id": id, "response": {"status_code": 200, "body": body}, "error": null}).to_string()
}

fn failure(id: &str, status: u16) -> String {
    let body = json!({"error": {"code": "rate_limited", "message": "Slow down"}});
    json!({"id": "br", "custom_id": id, "response": {"status_code": status, "body": body}, "error": null}).to_string()
}

fn open(folder: &tempfile::TempDir, is_over: bool) -> Joined {
    Joined::open(folder.path(), is_over).expect("files that can be read")
}

fn query(tab: BatchTab, text: &str, sort: BatchColumn, descending: bool) -> BatchRowsQuery {
    BatchRowsQuery { tab, text: text.to_owned(), sort, descending, from: 0, count: 1000 }
}

fn ids(joined: &Joined, query: &BatchRowsQuery) -> Vec<String> {
    joined.rows(query).expect("rows").rows.into_iter().map(|row| row.custom_id).collect()
}

#[test]
fn answers_are_joined_whatever_order_they_come_in() {
    let folder = folder(&["a", "ü\"\\", "c", "d"]);
    put(&folder, "output.jsonl", [answer("c", "Third\nline", 3), answer("ü\"\\", "", 0)].join("\r\n"));
    put(&folder, "errors.jsonl", format!("{}\n", failure("a", 429)));
    for (is_over, last) in [(false, BatchRowState::Waiting), (true, BatchRowState::Missing)] {
        let joined = open(&folder, is_over);
        let found = joined.rows(&query(BatchTab::Results, "", BatchColumn::Line, false)).expect("rows");
        let rows: Vec<_> = found
            .rows
            .iter()
            .map(|row| (row.line, row.state, row.status, row.result.as_str(), row.tokens_out))
            .collect();
        assert_eq!(rows[0], (1, BatchRowState::Failed, Some(429), "429 rate_limited. Slow down", None));
        assert_eq!((rows[1].1, rows[1].4), (BatchRowState::Done, Some(0)));
        assert_eq!(rows[2], (3, BatchRowState::Done, Some(200), "Third line", Some(3)));
        assert_eq!(rows[3], (4, last, None, "", None));
        assert_eq!(found.strays, [] as [&str; 0]);
        let missing = u64::from(is_over);
        assert_eq!((found.total, found.results, found.failures, found.requests), (4, 3, 1 + missing, 4));
        assert_eq!(joined.failures(), if is_over { vec![1, 4] } else { vec![1] });
    }
    let detail = open(&folder, true).detail(3).expect("a row");
    assert_eq!((detail.request, detail.response), (request("c"), Some(answer("c", "Third\nline", 3))));
    assert_eq!(detail.text.as_deref(), Some("Third\nline"));
    assert!(matches!(open(&folder, true).detail(9), Err(AppError::NotFound { .. })));
}

#[test]
fn what_is_odd_is_told_and_costs_nothing_else() {
    let folder = folder(&["a", "b"]);
    let lines = [
        answer("a", "first", 1),
        answer("a", "second", 2),
        "<html>".to_owned(),
        answer("x", "for nobody", 1),
        String::new(),
        answer("b", "yes", 1)[..40].to_owned(),
    ];
    put(&folder, "output.jsonl", lines.join("\n"));
    let joined = open(&folder, true);
    let found = joined.rows(&query(BatchTab::Results, "", BatchColumn::Line, false)).expect("rows");
    assert_eq!(found.rows[0].result, "first");
    assert_eq!(found.rows[1].state, BatchRowState::Missing);
    let told = [
        "Line 2 of output.jsonl answers a again; the first answer counts.",
        "Line 3 of output.jsonl cannot be read.",
        "Line 4 of output.jsonl answers x, which was not asked.",
        "Line 6 of output.jsonl, the last one, is cut off.",
    ];
    assert_eq!(found.strays, told);

    let many: Vec<String> = (0..150).map(|at| answer(&format!("x{at}"), "", 0)).collect();
    put(&folder, "output.jsonl", many.join("\n"));
    let strays =
        open(&folder, true).rows(&query(BatchTab::Results, "", BatchColumn::Line, false)).expect("rows").strays;
    assert_eq!((strays.len(), strays[100].as_str()), (101, "And 50 lines more."));
}

#[test]
fn results_are_read_while_they_come() {
    let folder = folder(&["a", "b"]);
    let whole = answer("b", "yes", 1);
    put(&folder, "output.jsonl.part", format!("{}\n{}", answer("a", "one", 1), &whole[..50]));
    let joined = open(&folder, false);
    let found = joined.rows(&query(BatchTab::Results, "", BatchColumn::Line, false)).expect("rows");
    assert_eq!((found.results, found.strays.len(), found.rows[1].state), (1, 0, BatchRowState::Waiting));
    assert!(joined.is_current(false) && !joined.is_current(true));

    put(&folder, "output.jsonl", format!("{}\n{whole}\n", answer("a", "one", 1)));
    assert!(!joined.is_current(false));
    assert_eq!(open(&folder, true).failures(), [] as [u64; 0]);
}

#[test]
fn rows_of_a_batch_from_elsewhere_are_its_answers() {
    let folder = tempfile::tempdir().expect("a folder");
    put(&folder, "output.jsonl", [answer("z", "one", 1), failure("a", 500), answer("z", "two", 1)].join("\n"));
    let joined = open(&folder, true);
    let found = joined.rows(&query(BatchTab::Results, "", BatchColumn::CustomId, false)).expect("rows");
    assert_eq!(
        found.rows.iter().map(|row| (row.line, row.custom_id.as_str())).collect::<Vec<_>>(),
        [(2, "a"), (1, "z")]
    );
    assert_eq!((found.rows[1].result.as_str(), found.strays.len()), ("one", 1));
    let again = crate::batch::build::failures(&joined, None, folder.path());
    assert!(matches!(again, Err(AppError::Invalid { .. })), "{again:?}");
}

#[test]
fn rows_are_filtered_and_sorted_and_equal_ones_stay_in_order() {
    let folder = folder(&["r1", "r2", "r3", "r4", "r5"]);
    let lines =
        [answer("r5", "apple \"pie\"", 7), answer("r1", "Zebra", 7), answer("r4", "ähnlich", 20), failure("r2", 500)];
    put(&folder, "output.jsonl", lines.join("\n"));
    let joined = open(&folder, true);
    let of = |text: &str, sort, descending| ids(&joined, &query(BatchTab::Results, text, sort, descending));
    assert_eq!(of("", BatchColumn::Tokens, false), ["r1", "r5", "r4", "r2", "r3"]);
    assert_eq!(of("", BatchColumn::Tokens, true), ["r4", "r1", "r5", "r2", "r3"]);
    assert_eq!(of("", BatchColumn::Line, true), ["r5", "r4", "r3", "r2", "r1"]);
    assert_eq!(of("", BatchColumn::CustomId, true), ["r5", "r4", "r3", "r2", "r1"]);
    assert_eq!(of("", BatchColumn::Result, false), ["r2", "r5", "r1", "r4", "r3"]);
    assert_eq!(of("", BatchColumn::Status, false), ["r1", "r4", "r5", "r2", "r3"]);
    assert_eq!(of("ZEBRA", BatchColumn::Line, false), ["r1"]);
    assert_eq!(of("\"pie\"", BatchColumn::Line, false), ["r5"]);
    assert_eq!(of("ask for “r3", BatchColumn::Line, false), ["r3"], "in the input");
    assert_eq!(of("slow down", BatchColumn::Line, false), ["r2"]);
    assert_eq!(of("custom_id", BatchColumn::Line, false), [] as [&str; 0], "names are no texts");
    assert_eq!(ids(&joined, &query(BatchTab::Failures, "", BatchColumn::Line, false)), ["r2", "r3"]);

    let page = BatchRowsQuery { from: 1, count: 2, ..query(BatchTab::Results, "", BatchColumn::Tokens, false) };
    assert_eq!(ids(&joined, &page), ["r5", "r4"]);
    let beyond = BatchRowsQuery { from: 99, ..page };
    assert_eq!((ids(&joined, &beyond).len(), joined.rows(&beyond).expect("rows").total), (0, 5));

    let lines = |query: &BatchRowsQuery| {
        let BatchLines { lines, failed } = joined.lines(query).expect("lines");
        (lines, failed)
    };
    let page = BatchRowsQuery { from: 2, count: 2, ..query(BatchTab::Results, "", BatchColumn::Tokens, false) };
    assert_eq!(lines(&page), (vec![4, 2], vec![2]));
    let all = BatchRowsQuery { count: u64::MAX, ..query(BatchTab::Results, "", BatchColumn::Line, true) };
    assert_eq!(lines(&all), (vec![5, 4, 3, 2, 1], vec![3, 2]));
    assert_eq!(lines(&BatchRowsQuery { from: 9, ..all }), (vec![], vec![]));
}

#[test]
fn a_search_letter_by_letter_finds_what_one_at_once_finds() {
    let folder = folder(&["r1", "r2", "r3", "r4", "r5"]);
    let lines = [answer("r5", "apple pie", 7), answer("r1", "pear", 9), answer("r4", "Applied", 8), failure("r2", 500)];
    put(&folder, "output.jsonl", lines.join("\n"));
    let typed = open(&folder, true);
    let all = (BatchTab::Results, BatchColumn::Tokens, true);
    let failures = (BatchTab::Failures, BatchColumn::Line, false);
    for (text, (tab, sort, descending)) in [
        ("a", all),
        ("ap", all),
        ("app", (BatchTab::Results, BatchColumn::Line, false)),
        ("APPLE", all),
        ("APPLE pie", all),
        ("appl", all),
        ("l", all),
        ("lo", failures),
        ("slow", failures),
        ("", failures),
        ("r", all),
    ] {
        let query = query(tab, text, sort, descending);
        assert_eq!(ids(&typed, &query), ids(&open(&folder, true), &query), "{text:?}");
    }
}

/// Line 2 of the input was left out, so the second request is the third row of the table.
fn with_table() -> tempfile::TempDir {
    let folder = folder(&["r1-A", "r3-A"]);
    put(&folder, "table.jsonl", "[\"name\",\"request\"]\n[\"Ann, “A”\",\"1\"]\n[\"Bo\",\"2\"]\n[\"=Cy\\n\",\"3\"]\n");
    put(&folder, "mends.json", r#"{"2":{"kind":"leaveOut"}}"#);
    put(&folder, "output.jsonl", answer("r3-A", "a \"quoted\", word\n", 5));
    put(&folder, "errors.jsonl", failure("r1-A", 429));
    folder
}

#[test]
fn values_of_the_table_stand_beside_their_requests() {
    let folder = with_table();
    let joined = open(&folder, true);
    let found = joined.rows(&query(BatchTab::Results, "", BatchColumn::Line, false)).expect("rows");
    assert_eq!(found.columns, ["name", "request"]);
    assert_eq!(found.rows[0].cells, ["Ann, “A”", "1"]);
    assert_eq!(found.rows[1].cells, ["=Cy\n", "3"]);
    assert_eq!(ids(&joined, &query(BatchTab::Results, "=cy", BatchColumn::Line, false)), ["r3-A"]);

    // One that does not fit its requests says nothing.
    let folder = with_table();
    fs::remove_file(folder.path().join("mends.json")).expect("removed");
    let joined = open(&folder, true);
    assert_eq!(joined.columns(), [] as [&str; 0]);
}

fn job() -> BatchJob {
    let plan = BatchPlan {
        name: "Names <1>".to_owned(),
        connection: ConnectionId::new(),
        window: None,
        metadata: Vec::new(),
        url: None,
    };
    let source = BatchSource::Text { name: String::new(), text: String::new() };
    crate::batch::draft(BatchId::new(), &plan, None, &source)
}

#[test]
fn joined_rows_are_saved_for_other_programs() {
    let folder = with_table();
    let joined = open(&folder, true);
    let csv = folder.path().join("saved.csv");
    assert_eq!(joined.save(&job(), &csv).expect("saved"), 2);
    let expected = "custom_id,name,request,state,status,result,tokens_out,milliseconds\r\n\
                    r1-A,\"Ann, “A”\",1,failed,429,429 rate_limited. Slow down,,\r\n\
                    r3-A,\"=Cy\n\",3,done,200,\"a \"\"quoted\"\", word\n\",5,\r\n";
    assert_eq!(fs::read_to_string(&csv).expect("a file"), expected);

    let lines = folder.path().join("saved.JSONL");
    joined.save(&job(), &lines).expect("saved");
    let text = fs::read_to_string(&lines).expect("a file");
    let first = text.lines().next().expect("a line");
    let expected = format!(
        "{{\"custom_id\":\"r1-A\",\"name\":\"Ann, “A”\",\"input_request\":\"1\",\"request\":{},\"response\":{}}}",
        request("r1-A"),
        failure("r1-A", 429)
    );
    assert_eq!(first, expected);
    assert_eq!(text.lines().count(), 2);
    assert!(matches!(joined.save(&job(), &folder.path().join("saved.xlsx")), Err(AppError::Invalid { .. })));
}

#[test]
fn a_report_of_a_batch_asks_for_no_other_file_and_nothing_in_it_is_markup() {
    let folder = folder(&["<b>", "c", "d"]);
    let odd = "</pre><script>alert(\"1\")</script>\n\u{1}東京 👩‍👩‍👧 &amp;";
    put(&folder, "output.jsonl", [answer("<b>", odd, 12_345), answer("x", "for nobody", 1)].join("\n"));
    put(&folder, "errors.jsonl", failure("c", 429));
    let page = page_of(&folder);
    assert_eq!(open(&folder, true).save(&job(), &page).expect("saved"), 3);
    let html = fs::read_to_string(&page).expect("a file");
    for asks in ["<script", "src=", "href=", "url(", "@import", "http://", "https://"] {
        assert!(!html.contains(asks), "the report asks for nothing: {asks}");
    }
    for part in [
        "<h1>Names &lt;1&gt;</h1>",
        "<p>3 requests, 1 answered, 1 failed, 1 without an answer.</p>",
        "<li>Line 2 of output.jsonl answers x, which was not asked.</li>",
        "<h3>&lt;b&gt;</h3>\n<pre dir=\"auto\">Ask for “&lt;b&gt;”\n</pre>",
        "&lt;/pre&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;\n\u{FFFD}東京 👩‍👩‍👧 &amp;amp;</pre>",
        "<p class=\"figures\">12,345 tokens</p>",
        "<h4 class=\"state\">failed</h4><pre dir=\"auto\">429 rate_limited. Slow down</pre>",
        "<h4 class=\"state\">missing</h4></div>",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert_eq!(html.matches("<article>").count(), 3);

    // Where a table says what was asked, its values stand there.
    let folder = with_table();
    open(&folder, true).save(&job(), &page_of(&folder)).expect("saved");
    let html = fs::read_to_string(page_of(&folder)).expect("a file");
    assert!(html.contains("<dt>name</dt><dd>Ann, “A”</dd>\n<dt>request</dt><dd>1</dd>"), "{html}");
    assert!(!html.contains("Ask for"), "{html}");
}

fn page_of(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("saved.html")
}

#[test]
fn what_failed_is_tried_again_with_the_same_bytes_and_values() {
    let folder = with_table();
    let joined = open(&folder, true);
    let again = tempfile::tempdir().expect("a folder");
    let built = crate::batch::build::failures(&joined, None, again.path()).expect("built");
    assert_eq!(built.lines, 1);
    assert_eq!(fs::read_to_string(again.path().join("input.jsonl")).expect("a file"), format!("{}\n", request("r1-A")));
    let table = fs::read_to_string(again.path().join("table.jsonl")).expect("a file");
    assert_eq!(table, "[\"name\",\"request\"]\n[\"Ann, “A”\",\"1\"]\n");
    let none = crate::batch::build::failures(&joined, Some(&[2]), again.path());
    assert!(matches!(none, Err(AppError::Invalid { .. })), "{none:?}");
}

/// Fifty thousand rows open with a few figures each and no texts.
#[test]
fn fifty_thousand_rows_are_joined_out_of_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let requests: Vec<String> = (0..50_000).map(|at| request(&format!("t-{at}"))).collect();
    let answers: Vec<String> =
        (0..50_000).rev().map(|at| answer(&format!("t-{at}"), &format!("Answer {at}"), at)).collect();
    put(&folder, "request.jsonl", requests.join("\n"));
    put(&folder, "output.jsonl", answers.join("\n"));
    let joined = open(&folder, true);
    let last = BatchRowsQuery { from: 49_998, count: 5, ..query(BatchTab::Results, "", BatchColumn::Tokens, false) };
    let found = joined.rows(&last).expect("rows");
    assert_eq!(found.rows.iter().map(|row| row.result.as_str()).collect::<Vec<_>>(), ["Answer 49998", "Answer 49999"]);
    assert_eq!((found.results, found.failures, found.strays.len()), (50_000, 0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_request_has_its_own_answer_once(
        order in Just((0..30usize).collect::<Vec<_>>()).prop_shuffle(),
        answered in 0..=30usize,
        split in 0..=30usize,
    ) {
        let names: Vec<String> = (0..30).map(|at| format!("id-{at}")).collect();
        let folder = folder(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let lines: Vec<String> = order[..answered].iter().map(|at| answer(&names[*at], &format!("to {at}"), 1)).collect();
        let split = split.min(answered);
        put(&folder, "output.jsonl", lines[..split].join("\n"));
        put(&folder, "errors.jsonl", lines[split..].join("\r\n"));
        let joined = open(&folder, true);
        let found = joined.rows(&query(BatchTab::Results, "", BatchColumn::Line, false)).expect("rows");
        prop_assert_eq!(found.strays.len(), 0);
        for (at, row) in found.rows.iter().enumerate() {
            let expected = match order[..answered].contains(&at) {
                true => (BatchRowState::Done, format!("to {at}")),
                false => (BatchRowState::Missing, String::new()),
            };
            prop_assert_eq!((row.state, row.result.clone()), expected);
        }
        prop_assert_eq!(joined.failures().len(), 30 - answered);
    }
}
