//! Runs that become rows of a table: what is written is what comes back, and every byte that was there stays.

use std::fs;

use juxta_tests::world::{World, chat, sandbox};
use juxta_wire::check::{Check, CheckRule, CheckState};
use juxta_wire::dataset::TestValue;
use juxta_wire::draft::{Dataset, Draft, Message, Role, Variable};
use juxta_wire::endpoint::Dialect;
use juxta_wire::lane::Comparison;

const HARD: &str = "He said: \"a;b, c\"\r\n\t退款 \\ \u{FEFF} end ";

fn value(name: &str, value: &str) -> TestValue {
    TestValue { name: name.to_owned(), value: value.to_owned() }
}

fn echoing(text: &str, variables: &[(&str, &str)]) -> Comparison {
    let mut comparison = chat(&sandbox(Dialect::OpenAi), "sandbox/echo", &[]);
    comparison.name = "Refunds: \"where?\"".to_owned();
    comparison.draft = Draft {
        messages: vec![Message::text(Role::User, text)],
        variables: variables.iter().map(|(name, value)| Variable::text(*name, *value)).collect(),
        ..Draft::default()
    };
    comparison
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_becomes_a_row_that_is_run_as_a_test() {
    let world = World::start().await;
    let variables = [("order", HARD), ("city", "Łódź"), ("unused", "x")];
    let cell = world.run(echoing("{{order}} in {{city}}", &variables)).await.remove(0);
    let row = world.engine.test_row(&cell.id).expect("a row");
    assert_eq!(row.values, [value("order", HARD), value("city", "Łódź")], "what is not sent is not kept");
    assert_eq!(row.answer, format!("{HARD} in Łódź"));
    assert_eq!(row.path, "Refunds-where-tests.csv");

    let mut values = row.values;
    values.push(value("expected", &row.answer));
    let added = world.engine.add_test_row(&row.path, &values).expect("a new file");
    assert_eq!((added.path.as_str(), added.row, added.is_new), (row.path.as_str(), 0, true));
    let again = world.engine.add_test_row(&row.path, &values).expect("one row more");
    assert_eq!((again.row, again.is_new, again.before), (1, false, added.after));

    let mut comparison = echoing("{{order}} in {{city}}", &[("order", ""), ("city", "")]);
    comparison.draft.dataset = Some(Dataset { path: row.path.clone(), row: 1, off: false });
    let rule = CheckRule::Contains { text: "{{expected}}".to_owned(), ignore_case: false, not: false };
    comparison.draft.checks = vec![Check { name: "As expected".to_owned(), rule }];
    let cell = world.run(comparison).await.remove(0);
    let result = world.engine.check_cell(&cell.id, None).expect("a look").remove(0);
    assert_eq!(result.state, CheckState::Passed, "{}: a column that only checks read is read", result.why);
    let row = world.engine.test_row(&cell.id).expect("a row");
    assert_eq!(row.path, "Refunds-where-tests.csv", "the table of its draft");
    assert_eq!(row.values.len(), 3, "with what is expected");

    world.engine.take_back_test_row(&again).expect("taken back");
    assert_eq!(fs::metadata(&added.file).expect("the file").len(), added.after);
    world.engine.take_back_test_row(&added).expect("taken back");
    assert!(!fs::exists(&added.file).expect("a look"), "there was no such file");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_put_behind_tables_of_every_form() {
    let world = World::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let hard = [value("text", HARD), value("expected", "")];
    for (name, before, columns) in [
        ("commas.csv", "text,expected,more\n\"one\r\ntwo\",2,3\n", 3),
        ("semicolons.csv", "\u{FEFF}expected;text\r\n1,5;a\r\n2,5;b", 2),
        ("tabs.tsv", "text\texpected\na, b\tc; d\n", 2),
        ("only.csv", "expected,text\n", 2),
        ("lines.jsonl", "{\"text\": 1.0, \"n\": [1]}\r\n\r\n{\"text\":\"\\ud83c\\udf0a\"}", 3),
        ("empty.jsonl", "", 2),
        ("empty.csv", "", 2),
        ("new.ndjson", "-", 2),
    ] {
        let path = folder.path().join(name);
        let is_there = before != "-";
        let before = if is_there { before } else { "" };
        if is_there {
            fs::write(&path, before).expect("written");
        }
        let shown = path.display().to_string();
        let rows = if before.is_empty() { 0 } else { world.engine.open_dataset(&shown).expect("a table").rows };
        let added = world.engine.add_test_row(&shown, &hard).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((added.row, added.is_new), (rows, !is_there), "{name}");
        let info = world.engine.open_dataset(&shown).expect("a table");
        assert_eq!((info.rows, info.bad, info.columns.len()), (rows + 1, 0, columns), "{name}");
        let row = world.engine.dataset_row(&shown, rows).expect("the row");
        for TestValue { name: column, value } in &hard {
            let at = info.columns.iter().position(|known| known == column).expect("the column");
            assert_eq!(row.cells[at].as_ref(), Some(value), "{name}");
        }
        let after = fs::read(&path).expect("the file");
        assert!(after.starts_with(before.as_bytes()), "{name}: what was there stays");
        let crlf = before.contains("\r\n") && !before.contains("\"one");
        assert_eq!(after.ends_with(b"\r\n"), crlf, "{name}: lines end as they did");
        let left: Vec<_> =
            fs::read_dir(folder.path()).expect("a folder").flatten().map(|one| one.file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".part")), "{left:?}");

        world.engine.take_back_test_row(&added).expect("taken back");
        match is_there {
            true => assert_eq!(fs::read(&path).expect("the file"), before.as_bytes(), "{name}"),
            false => assert!(!path.exists(), "{name}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_does_not_fit_stays_as_it_is_and_says_why() {
    let world = World::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let values = [value("text", "a"), value("expected", "b")];
    for (name, content, says) in [
        ("other.csv", "text,more\n1,2\n", "has no column for expected. Its columns are text, more."),
        ("open.csv", "text,expected\n\"never closed,2\n", "cannot be read"),
        ("short.csv", "text,expected\n1\n", "In line 2, it has 1 value"),
        ("list.jsonl", "[1]\n", "cannot be read"),
        ("wide.csv", "t\0e\0x\0t\0", "has no column"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("written");
        let error = world.engine.add_test_row(&path.display().to_string(), &values).expect_err(name).to_string();
        assert!(error.contains(says), "{name}: {error}");
        assert_eq!(fs::read_to_string(&path).expect("the file"), content, "{name}");
    }
    for (name, says) in [("new.txt", ".csv or a .jsonl"), ("", "Choose a file")] {
        let path = if name.is_empty() { String::new() } else { folder.path().join(name).display().to_string() };
        let error = world.engine.add_test_row(&path, &values).expect_err(name).to_string();
        assert!(error.contains(says), "{name}: {error}");
    }
    let path = folder.path().join("changed.csv");
    let shown = path.display().to_string();
    let added = world.engine.add_test_row(&shown, &values).expect("a row");
    fs::write(&path, "text,expected\nc,d\n").expect("written");
    let error = world.engine.take_back_test_row(&added).expect_err("somebody wrote it").to_string();
    assert!(error.contains("was changed since"), "{error}");
    assert_eq!(fs::read_to_string(&path).expect("the file"), "text,expected\nc,d\n");
}
