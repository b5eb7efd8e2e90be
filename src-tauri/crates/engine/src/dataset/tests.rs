use std::fmt::Write as _;
use std::fs;

use juxta_wire::dataset::DatasetForm;
use juxta_wire::draft::{Draft, Message, Role};
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::exchange::Preview;
use juxta_wire::ids::{ComparisonId, ConnectionId, LaneId};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::Keys;

struct Desk {
    engine: Engine,
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let engine = Engine::open(folder.path(), Keys::Memory).expect("an engine");
        fs::create_dir_all(folder.path().join("prompts/tables")).expect("a folder");
        Self { engine, folder }
    }

    /// Writes a file into the folder of the prompts.
    fn put(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.folder.path().join("prompts").join(name), content).expect("written");
        name.to_owned()
    }

    fn open(&self, path: &str) -> DatasetInfo {
        self.engine.open_dataset(path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn rows(&self, path: &str) -> Vec<DatasetRow> {
        self.engine.dataset_rows(path, 0, 1000).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn cells(&self, path: &str) -> Vec<Vec<Option<String>>> {
        self.rows(path).into_iter().map(|row| row.cells).collect()
    }
}

fn cells(rows: &[&[&str]]) -> Vec<Vec<Option<String>>> {
    rows.iter().map(|row| row.iter().map(|cell| Some((*cell).to_owned())).collect()).collect()
}

#[tokio::test]
async fn a_column_has_its_whole_values_and_nothing_where_a_row_has_none() {
    let desk = Desk::new();
    let long = "☀".repeat(2 * LONGEST_IN_LIST);
    let csv = desk.put("a.csv", format!("id,text\n1,{long}\n2\n3,\"two\nlines\"\n"));
    let column = |path: &str, column, count| desk.engine.dataset_column(path, column, count).unwrap();
    assert_eq!(column(&csv, 1, 10), [Some(long), None, Some("two\nlines".to_owned())]);
    assert_eq!(column(&csv, 0, 1), [Some("1".to_owned())]);
    assert_eq!(column(&csv, 7, 10), [None, None, None], "there is no such column");
    let lines = desk.put("a.jsonl", "{\"text\":\"a\"}\n{\"other\":1}\n");
    assert_eq!(column(&lines, 0, 10), [Some("a".to_owned()), None]);
}

fn prompt(text: &str, dataset: Dataset) -> Comparison {
    Comparison {
        id: ComparisonId::new(),
        name: "Table".to_owned(),
        draft: Draft { messages: vec![Message::text(Role::User, text)], dataset: Some(dataset), ..Draft::default() },
        lanes: vec![Lane {
            id: LaneId::new(),
            connection: ConnectionId("c".to_owned()),
            endpoint: EndpointKind::Chat,
            model: "m".to_owned(),
            overrides: Vec::new(),
            forked_messages: None,
            muted: false,
            raw_body: None,
            hold: false,
            variables: Vec::new(),
        }],
        repeats: 1,
    }
}

fn message(error: AppError) -> String {
    match error {
        AppError::Invalid { field, message } if field == "dataset" => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn csv_files_of_every_dialect_are_read() {
    let desk = Desk::new();
    let table = [&["Ada", "a, \"b\"\nc"][..], &["東京", ""]];
    for (name, separator, text) in [
        ("a.csv", ",", "\u{FEFF}name,note\r\nAda,\"a, \"\"b\"\"\nc\"\r\n東京,\r\n"),
        ("b.csv", ";", "name;note\nAda;\"a, \"\"b\"\"\nc\"\n\n東京;\"\""),
        ("c.tsv", "\t", "\n\"name\"\t note \r\"Ada\"\t\"a, \"\"b\"\"\nc\"\r東京\t\r"),
    ] {
        let path = desk.put(name, text);
        let info = desk.open(&path);
        assert_eq!(info.form, DatasetForm::Csv { separator: separator.to_owned() }, "{name}");
        assert_eq!((info.columns, info.rows, info.bad), (vec!["name".to_owned(), "note".to_owned()], 2, 0), "{name}");
        assert_eq!(desk.cells(&path), cells(&table), "{name}");
    }
}

#[tokio::test]
async fn objects_on_lines_give_their_texts_and_the_json_of_the_rest() {
    let desk = Desk::new();
    let text = "{\"a\":\"x\\n\\u00e9\",\"n\":1.50e+3}\r\n\n  \n{\"n\":{\"b\" : [1,null]},\"c\":null, \"ü\":\"\"}\n[1]\n{\"a\":";
    let path = desk.put("rows.jsonl", text);
    let info = desk.open(&path);
    assert_eq!(info.form, DatasetForm::JsonLines);
    assert_eq!(info.columns, ["a", "n", "c", "ü"]);
    assert_eq!((info.rows, info.bad, info.first_bad.map(|row| row.line)), (4, 2, Some(5)));
    let rows = desk.rows(&path);
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(rows[0].cells, [some("x\né"), some("1.50e+3"), None, None]);
    assert_eq!(rows[1].cells, [None, some("{\"b\" : [1,null]}"), some("null"), some("")]);
    assert_eq!(rows[2].problem.as_deref(), Some("it is no JSON object, between { and }"));
    assert!(rows[3].problem.as_ref().is_some_and(|problem| problem.starts_with("it is no JSON: ")), "{:?}", rows[3]);
}

#[tokio::test]
async fn a_bad_row_says_its_line_and_why_and_the_others_work() {
    let desk = Desk::new();
    let path = desk.put("bad.csv", b"a,b\r\n\"1\r\n\",2\r\n3\r\n4,5,6\r\n\xff,7\r\n8,9\r\n\"10,11\r\n12,13\r\n");
    let info = desk.open(&path);
    assert_eq!((info.rows, info.bad), (6, 4));
    let rows = desk.rows(&path);
    let said: Vec<_> = rows.iter().map(|row| (row.line, row.problem.as_deref().unwrap_or_default())).collect();
    let expected = [
        (2, ""),
        (4, "it has 1 value, and the table has 2 columns"),
        (5, "it has 3 values, and the table has 2 columns"),
        (6, "it is not UTF-8"),
        (7, ""),
        (8, "a quotation mark is never closed"),
    ];
    assert_eq!(said, expected);
    let sent = prompt("{{a}}", Dataset { path: path.clone(), row: 1, off: false });
    assert_eq!(
        message(desk.engine.fill_row(&sent).expect_err("a bad row")),
        "Row 2 of bad.csv cannot be read: in line 4, it has 1 value, and the table has 2 columns."
    );
    let good = prompt("{{a}}", Dataset { path, row: 4, off: false });
    assert_eq!(desk.engine.fill_row(&good).expect("a good row").draft.variables, [Variable::text("a", "8")]);
}

#[tokio::test]
async fn what_is_no_table_is_said() {
    let desk = Desk::new();
    for (name, content, said) in [
        ("none.csv", &b""[..], "none.csv cannot be read: it is empty: the first row names the columns."),
        ("wide.csv", b"\xff\xfea\0", "wide.csv cannot be read: it is UTF-16: save it as UTF-8."),
        (
            "list.json",
            b"[1]",
            "list.json cannot be read: it is no table: save it with one JSON object on each line, or as CSV.",
        ),
    ] {
        desk.put(name, content);
        assert_eq!(message(desk.engine.open_dataset(name).expect_err(name)), said);
    }
    let folder = message(desk.engine.open_dataset("tables").expect_err("a folder"));
    assert_eq!(folder, "tables cannot be read: it is a folder: choose a file.");
    let gone = message(desk.engine.open_dataset("tables/gone.csv").expect_err("no file"));
    assert!(gone.starts_with("There is no file gone.csv in ") && gone.contains("own values"), "{gone}");
    assert_eq!(message(desk.engine.open_dataset(" ").expect_err("no path")), "Choose a file, or type its path");
}

#[tokio::test]
async fn a_path_within_the_folder_of_the_prompts_is_kept_relative() {
    let desk = Desk::new();
    desk.put("tables/a.csv", "a\n1\n");
    let whole = desk.folder.path().join("prompts/tables/a.csv");
    let info = desk.open(&whole.display().to_string());
    assert_eq!((info.path.as_str(), info.file.as_str()), ("tables/a.csv", whole.display().to_string().as_str()));
    let beside = desk.folder.path().join("b.csv");
    fs::write(&beside, "a\n1\n").expect("written");
    assert_eq!(desk.open(&beside.display().to_string()).path, beside.display().to_string());
}

#[tokio::test]
async fn the_row_fills_what_is_used_and_the_rest_keeps_its_value() {
    let desk = Desk::new();
    let path = desk.put("t.csv", "city,weeks,note,city\nBonn,4,unused,second\nKöln,,x,y\n");
    let mut sent = prompt("{{city}} {{weeks}} {{tone}}", Dataset { path, row: 0, off: false });
    sent.draft.variables = vec![Variable::text("tone", "kind"), Variable::text("weeks", "9")];
    let filled = desk.engine.fill_row(&sent).expect("filled");
    let expected = vec![Variable::text("tone", "kind"), Variable::text("weeks", "4"), Variable::text("city", "Bonn")];
    assert_eq!(filled.draft.variables, expected);
    assert_eq!(filled.draft.dataset, sent.draft.dataset, "the row stays named");
    if let Some(dataset) = &mut sent.draft.dataset {
        dataset.row = 1;
    }
    let filled = desk.engine.fill_row(&sent).expect("filled");
    assert_eq!(filled.draft.variables[1], Variable::text("weeks", ""), "an empty cell is not the person's own value");
    let mut own = sent.clone();
    own.draft.dataset = own.draft.dataset.map(|dataset| Dataset { off: true, path: "gone.csv".to_owned(), ..dataset });
    assert_eq!(desk.engine.fill_row(&own).expect("own values"), own);
    let mut needless = own;
    needless.draft.messages = vec![Message::text(Role::User, "No variable")];
    needless.draft.dataset = Some(Dataset { path: "gone.csv".to_owned(), row: 0, off: false });
    assert_eq!(desk.engine.fill_row(&needless).expect("nothing to fill"), needless);
}

#[tokio::test]
async fn a_missing_file_or_row_refuses_the_send_in_words() {
    let desk = Desk::new();
    let path = desk.put("t.csv", "a\n1\n2\n3\n");
    let sent = prompt("{{a}}", Dataset { path: path.clone(), row: 3, off: false });
    let refused = |sent: &Comparison| match desk.engine.preview(sent, &sent.lanes[0].id) {
        Preview::Refused { error } => message(error),
        Preview::Ready { request } => panic!("{}", request.body),
    };
    assert_eq!(refused(&sent), "t.csv has 3 rows, and row 4 is chosen. Choose another.");
    fs::remove_file(desk.folder.path().join("prompts").join(&path)).expect("removed");
    assert!(refused(&sent).starts_with("There is no file t.csv in "));
    let error = desk.engine.start_run(sent, None).await.expect_err("nothing is sent");
    assert!(message(error).starts_with("There is no file t.csv in "));
    assert!(desk.engine.runs(10, None).expect("runs").is_empty());
}

#[tokio::test]
async fn a_file_that_changed_is_read_anew() {
    let desk = Desk::new();
    let path = desk.put("t.csv", "a\n1\n");
    assert_eq!(desk.open(&path).rows, 1);
    desk.put("t.csv", "b,a\n2,3\n4,5\n");
    let info = desk.open(&path);
    assert_eq!((info.rows, info.columns), (2, vec!["b".to_owned(), "a".to_owned()]));
    assert_eq!(desk.engine.dataset_row(&path, 1).expect("a row").cells, cells(&[&["4", "5"]])[0]);
}

#[tokio::test]
async fn rows_are_found_far_into_a_file_and_by_their_texts() {
    let desk = Desk::new();
    let mut text = "id,note\n".to_owned();
    for row in 0..1000 {
        let _ = write!(text, "{row},\"line\nÄ {}\"\n", row % 7);
    }
    let path = desk.put("long.csv", &text);
    assert_eq!(desk.open(&path).rows, 1000);
    for row in [0, 1, 63, 64, 65, 127, 128, 999] {
        let found = desk.engine.dataset_row(&path, row).expect("a row");
        assert_eq!((found.row, found.line), (row, 2 + 2 * row));
        assert_eq!(found.cells[0].as_deref(), Some(row.to_string().as_str()));
    }
    let some = desk.engine.dataset_rows(&path, 62, 5).expect("rows");
    assert_eq!(some.iter().map(|row| row.row).collect::<Vec<_>>(), [62, 63, 64, 65, 66]);
    assert_eq!(desk.engine.find_dataset_rows(&path, "ä 3").expect("found").rows.len(), 143);
    assert_eq!(desk.engine.find_dataset_rows(&path, "ä 3").expect("found").rows[1], 10);
    assert_eq!(desk.engine.find_dataset_rows(&path, "\"").expect("found"), FoundRows::default());
    let objects = desk.put("o.jsonl", "{\"a\":\"\\u00c4b\"}\n{\"b\":\"c\"}\n");
    assert_eq!(desk.engine.find_dataset_rows(&objects, "äB").expect("found").rows, [0]);
}

/// A writer of its own: quotation marks where they must be, and where `quoted` wants them.
fn csv(rows: &[Vec<(String, bool)>], separator: char, end: &str) -> String {
    let mut text = String::new();
    for row in rows {
        for (at, (cell, quoted)) in row.iter().enumerate() {
            if at > 0 {
                text.push(separator);
            }
            let must = cell.contains([separator, '"', '\n', '\r']) || (row.len() == 1 && cell.is_empty());
            match must || *quoted {
                true => text.push_str(&format!("\"{}\"", cell.replace('"', "\"\""))),
                false => text.push_str(cell),
            }
        }
        text.push_str(end);
    }
    text
}

fn cell() -> impl Strategy<Value = (String, bool)> {
    let text = prop_oneof![any::<String>(), "[a-c,;\t\"\r\n ]{0,6}", Just("\u{FEFF}é".to_owned()), "[a-z]{0,3}"];
    (text, any::<bool>())
}

fn table() -> impl Strategy<Value = Vec<Vec<(String, bool)>>> {
    (1..5_usize).prop_flat_map(|columns| vec(vec(cell(), columns), 0..150))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_table_that_is_written_is_read(
        rows in table(),
        separator in proptest::sample::select(vec![',', ';', '\t', '|']),
        end in proptest::sample::select(vec!["\n", "\r\n", "\r"]),
        mark in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let columns = rows.first().map_or(2, Vec::len);
        let head: Vec<(String, bool)> = (0..columns).map(|at| (format!("c{at}"), false)).collect();
        let all: Vec<_> = std::iter::once(head).chain(rows.iter().cloned()).collect();
        let path = folder.path().join("t.csv");
        let text = csv(&all, separator, end);
        fs::write(&path, if mark { format!("\u{FEFF}{text}") } else { text }).expect("written");
        let table = Table::open_cut(&path, records::Cut::Csv(separator as u8)).expect("a table");
        prop_assert_eq!((table.rows, table.bad, table.columns.len()), (rows.len() as u64, 0, columns));
        let expected: Vec<Vec<Option<String>>> =
            rows.iter().map(|row| row.iter().map(|(cell, _)| Some(cell.clone())).collect()).collect();
        let read: Vec<_> = table.read(0, u64::MAX).expect("rows").into_iter().map(|row| row.cells).collect();
        prop_assert_eq!(&read, &expected);
        for at in (0..rows.len()).step_by(13) {
            let one = table.read(at as u64, 1).expect("a row");
            prop_assert_eq!(&one[0].cells, &expected[at], "row {}", at);
        }
    }

    #[test]
    fn every_object_that_is_written_is_read(values in vec((any::<String>(), any::<i64>(), any::<bool>()), 0..40)) {
        let folder = tempfile::tempdir().expect("a folder");
        let lines: Vec<String> = values
            .iter()
            .map(|(text, number, yes)| serde_json::json!({ "text": text, "number": number, "yes": [yes] }).to_string())
            .collect();
        let path = folder.path().join("t.jsonl");
        fs::write(&path, lines.join("\n")).expect("written");
        let table = Table::open(&path).expect("a table");
        prop_assert_eq!((table.rows, table.bad), (values.len() as u64, 0));
        for (row, (text, number, yes)) in table.read(0, u64::MAX).expect("rows").iter().zip(&values) {
            let cell = |name: &str| {
                let at = table.columns.iter().position(|column| column == name).expect("a column");
                row.cells[at].clone().expect("a value")
            };
            prop_assert_eq!((cell("text"), cell("number"), cell("yes")), (text.clone(), number.to_string(), format!("[{yes}]")));
        }
    }
}
