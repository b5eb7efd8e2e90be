//! What comes out of a matrix: cells by the page, variants against a base, what changed row by row, and files.

use std::collections::BTreeMap;
use std::path::Path;

use juxta_stats::{Rate, Z_95, any_of};
use juxta_tests::tables::{Field, read_parquet};
use juxta_tests::world::{PATIENCE, World, chat, lane, sandbox};
use juxta_wire::check::{Check, CheckRule, CheckState};
use juxta_wire::draft::{Dataset, Message, Role};
use juxta_wire::endpoint::Dialect;
use juxta_wire::error::AppError;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::{
    MatrixBase, MatrixCell, MatrixCellState, MatrixCellsQuery, MatrixColumn, MatrixFilter, MatrixLimits, MatrixNews,
    MatrixPlan, MatrixState, RowChoice,
};
use juxta_wire::repeats::Verdict;
use serde_json::Value;

const ROWS: u64 = 10;
const REPEATS: u32 = 4;

fn table(folder: &Path, name: &str, rows: impl Iterator<Item = u64>) -> String {
    let lines = rows.map(|row| format!("\"Question {row}, \"\"größe\"\" 東京\",{row}\n"));
    let path = folder.join(name);
    std::fs::write(&path, format!("question,number\n{}", lines.collect::<String>())).expect("a table");
    path.display().to_string()
}

fn plan(models: &[&str], table: String, checks: &[(&str, &str)]) -> MatrixPlan {
    let connection = sandbox(Dialect::OpenAi);
    let mut comparison = chat(&connection, models[0], &[("stream", "true")]);
    comparison.lanes.extend(models[1..].iter().map(|model| lane(&connection, model)));
    comparison.repeats = REPEATS;
    comparison.draft.messages = vec![Message::text(Role::User, "{{question}}")];
    comparison.draft.dataset = Some(Dataset { path: table, row: 0, off: false });
    let check = |(name, text): &(&str, &str)| Check {
        name: (*name).to_owned(),
        rule: CheckRule::Contains { text: (*text).to_owned(), ignore_case: false, not: false },
    };
    comparison.draft.checks = checks.iter().map(check).collect();
    MatrixPlan {
        name: "Coins".to_owned(),
        comparison,
        prompts: Vec::new(),
        axes: Vec::new(),
        rows: RowChoice::All,
        limits: MatrixLimits::default(),
    }
}

/// Runs a matrix to its end.
async fn over(world: &World, plan: MatrixPlan) -> MatrixId {
    let draft = world.engine.save_matrix(None, plan).expect("a draft");
    let (heard, mut news) = tokio::sync::mpsc::unbounded_channel();
    world.engine.watch_matrices(Box::new(move |one| heard.send(one).is_ok()));
    let mut matrix = world.engine.start_matrix(&draft.id).await.expect("it begins");
    while matrix.state == MatrixState::Running {
        match tokio::time::timeout(PATIENCE, news.recv()).await.expect("news").expect("the engine is alive") {
            MatrixNews::Changed { matrix: told } if told.id == draft.id => matrix = *told,
            MatrixNews::Changed { .. } | MatrixNews::Gone { .. } => {}
        }
    }
    assert_eq!((matrix.state, matrix.problem), (MatrixState::Finished, None));
    draft.id
}

fn all() -> MatrixCellsQuery {
    MatrixCellsQuery {
        filter: MatrixFilter::All,
        variant: None,
        row: None,
        text: String::new(),
        sort: MatrixColumn::Row,
        descending: false,
        from: 0,
        count: 1000,
    }
}

fn passed(cells: &[MatrixCell], is_meant: impl Fn(&MatrixCell) -> bool) -> (u32, u32) {
    let meant = || cells.iter().filter(|cell| is_meant(cell));
    (meant().filter(|cell| cell.passed == Some(true)).count() as u32, meant().count() as u32)
}

#[tokio::test(flavor = "multi_thread")]
async fn cells_figures_and_changes_say_what_the_answers_say() {
    let world = World::start().await;
    let table = table(world.folder(), "rows.csv", 0..ROWS);
    let models = ["sandbox/coin-0.3", "sandbox/coin-0.95", "sandbox/fault/status-401"];
    let id = over(&world, plan(&models, table, &[("Says yes", "yes"), ("Says a word", "")])).await;

    let told = world.engine.matrix_cells(&id, &all()).expect("cells");
    let cells = told.cells;
    assert_eq!((told.total, cells.len() as u64), (ROWS * 12, ROWS * 12));
    assert_eq!(
        (told.columns, told.checks),
        (vec!["question".into(), "number".into()], vec!["Says yes".into(), "Says a word".into()])
    );
    for cell in &cells {
        let expected = [format!("Question {}, \"größe\" 東京", cell.row), cell.row.to_string()];
        assert_eq!(cell.values, expected);
        match cell.variant {
            2 => assert_eq!((cell.state, cell.checks[0]), (MatrixCellState::Failed, CheckState::Failed)),
            _ => {
                assert_eq!(cell.state, MatrixCellState::Finished);
                assert_eq!(cell.checks[0] == CheckState::Passed, cell.answer == "yes", "{cell:?}");
                assert_eq!(cell.checks[1], CheckState::CannotTell, "a check that looks for nothing cannot be used");
                assert!(cell.tokens.is_some() && cell.milliseconds > cell.time_to_first_token, "{cell:?}");
            }
        }
    }
    let found = |query: MatrixCellsQuery| world.engine.matrix_cells(&id, &query).expect("cells").total;
    assert_eq!(found(MatrixCellsQuery { filter: MatrixFilter::Failed, ..all() }), ROWS * 4);
    assert_eq!(found(MatrixCellsQuery { text: "QUESTION 7, \"GRÖSSE".to_owned(), ..all() }), 0);
    assert_eq!(found(MatrixCellsQuery { text: "QUESTION 7, \"GRÖßE".to_owned(), ..all() }), 12);
    let yes = cells.iter().filter(|cell| cell.answer == "yes").count() as u64;
    assert_eq!(found(MatrixCellsQuery { text: "yes".to_owned(), ..all() }), yes);

    let figures = world.engine.matrix_figures(&id, None).expect("figures");
    assert_eq!(figures.base, MatrixBase::Variant { index: 0 });
    for (variant, figures) in (0..3).zip(&figures.variants) {
        let of_it = |cell: &MatrixCell| cell.variant == variant;
        let said_yes = cells.iter().filter(|cell| of_it(cell) && cell.answer == "yes").count() as u32;
        let total = ROWS as u32 * REPEATS;
        let rate = &figures.checks[0];
        assert_eq!((rate.passed, rate.total), (said_yes, total));
        let wilson = Rate::new(said_yes, total).expect("a rate").wilson(Z_95);
        assert_eq!(rate.interval.map(|found| (found.low, found.high)), Some((wilson.low, wilson.high)));
        let ended = if variant == 2 { (0, u64::from(total)) } else { (u64::from(total), 0) };
        assert_eq!((figures.finished, figures.failed), ended);
        assert_eq!(figures.tokens.values.len() as u64, ended.0);
    }
    let against = figures.variants[1].checks[0].against.expect("it is held against the first");
    assert_eq!(against.verdict, Verdict::Better);
    let missing = world.engine.matrix_figures(&id, Some(MatrixBase::Variant { index: 3 }));
    assert!(matches!(missing, Err(AppError::NotFound { .. })), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_got_worse_most_come_first_whether_the_base_is_a_variant_or_a_matrix() {
    let world = World::start().await;
    let first = table(world.folder(), "first.csv", 0..ROWS);
    // Two rows are new, two are gone, and all stand elsewhere.
    let second = table(world.folder(), "second.csv", (2..ROWS + 2).rev());
    let before = over(&world, plan(&["sandbox/coin-0.9"], first, &[("Says yes", "yes")])).await;
    let id = over(&world, plan(&["sandbox/coin-0.4", "sandbox/coin-0.9"], second, &[("Says yes", "yes")])).await;
    let cells = |id: &MatrixId| world.engine.matrix_cells(id, &all()).expect("cells").cells;
    let (ours, earlier) = (cells(&id), cells(&before));
    for (base, theirs, pairs, unmatched) in [
        (MatrixBase::Variant { index: 1 }, &ours, ROWS, 0),
        (MatrixBase::Matrix { id: before.clone() }, &earlier, (ROWS - 2) * 2, 4),
    ] {
        let told = world.engine.matrix_changes(&id, &base, 0, 1000).expect("changes");
        assert_eq!((told.total, told.changes.len() as u64, told.unmatched), (pairs, pairs, unmatched), "{base:?}");
        let mut differences = Vec::new();
        for change in &told.changes {
            let is_base = |cell: &MatrixCell| {
                cell.values == change.values && (base != MatrixBase::Variant { index: 1 } || cell.variant == 1)
            };
            let own = passed(&ours, |cell| cell.row == change.row && cell.variant == change.variant);
            assert_eq!((change.passed, change.total), own);
            assert_eq!((change.base_passed, change.base_total), passed(theirs, is_base));
            let against = change.against.expect("both sides were judged");
            differences.push(against.difference);
            let shown = ours.iter().find(|cell| Some(&cell.cell) == change.cell.as_ref()).expect("a cell to open");
            assert_eq!((shown.row, shown.variant, &shown.answer), (change.row, change.variant, &change.answer));
            let base_shown = theirs.iter().find(|cell| Some(&cell.cell) == change.base_cell.as_ref());
            assert!(is_base(base_shown.expect("a cell to open")));
            if against.difference < 0.0 {
                assert_eq!((change.answer.as_str(), change.base_answer.as_str()), ("no", "yes"), "what shows it best");
            }
        }
        assert!(differences.is_sorted(), "{differences:?}");
        let count = |fits: fn(f64) -> bool| differences.iter().filter(|difference| fits(**difference)).count() as u64;
        assert_eq!((told.worse, told.better), (count(|one| one < 0.0), count(|one| one > 0.0)));
        assert_eq!(told.worse + told.better + told.same, told.total);
        let page = world.engine.matrix_changes(&id, &base, 3, 2).expect("a page");
        assert_eq!(page.changes, told.changes[3..5]);
    }
    let figures = world.engine.matrix_figures(&id, Some(MatrixBase::Matrix { id: before })).expect("figures");
    let shared = |cell: &&MatrixCell| cell.values[1].parse::<u64>().is_ok_and(|number| (2..ROWS).contains(&number));
    let theirs: Vec<MatrixCell> = earlier.iter().filter(shared).cloned().collect();
    for (variant, told) in (0..).zip(&figures.variants) {
        let own: Vec<MatrixCell> = ours.iter().filter(shared).filter(|cell| cell.variant == variant).cloned().collect();
        let [own, before] =
            [&own, &theirs].map(|cells| passed(cells, |_| true)).map(|(some, all)| f64::from(some) / f64::from(all));
        for rate in [told.all.as_ref(), told.checks.first()] {
            let against = rate.and_then(|rate| rate.against).expect("it is held against the only one");
            assert!((against.difference - (own - before)).abs() < 1e-12, "over the rows that both have: {against:?}");
        }
    }
    let mut rows: BTreeMap<u64, (u32, u32)> = BTreeMap::new();
    for cell in ours.iter().filter(|cell| cell.variant == 0) {
        let row = rows.entry(cell.row).or_default();
        *row = (row.0 + u32::from(cell.passed == Some(true)), row.1 + 1);
    }
    let any: f64 = rows.values().map(|(passed, total)| any_of(2, *passed, *total).expect("enough")).sum();
    let of_two = figures.variants[0].pass_at.iter().find(|at| at.k == 2).expect("there are four repeats");
    assert!((of_two.any - any / ROWS as f64).abs() < 1e-12, "the mean over the rows");
    assert!(figures.variants[0].pass_at.iter().all(|at| at.k <= REPEATS));
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_saved_whole_or_not_at_all() {
    let world = World::start().await;
    let table = table(world.folder(), "rows.csv", 0..2);
    let id = over(&world, plan(&["sandbox/markdown"], table, &[("Has code", "```")])).await;
    let path = world.folder().join("größe results.jsonl");
    std::fs::write(&path, "what was there").expect("a file");
    let calls = world.engine.save_matrix_results(&id, &path, None).expect("saved");
    let text = std::fs::read_to_string(&path).expect("the file");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((calls, lines.len()), (8, 8));
    for line in &lines {
        let cell = juxta_wire::ids::CellId(line["cell"].as_str().expect("an id").to_owned());
        let stored = world.engine.cell(&cell).expect("the call").cell;
        assert_eq!(line["answer"], stored.outcome.choices[0].text, "the answer is whole");
        assert!(line["checks"][0]["why"].as_str().is_some_and(|why| !why.is_empty()), "{}", line["checks"]);
    }
    let table = world.folder().join("results.parquet");
    assert_eq!(world.engine.save_matrix_results(&id, &table, None).expect("saved"), 8);
    let (names, rows) = read_parquet(&table);
    let expected = "row question number variant name prompt connection model repeat state passed";
    assert_eq!(names[..11].join(" "), expected);
    let own = |row: &Value| [&row["answer"], &row["cell"]].map(|text| text.as_str().expect("a text").to_owned());
    let read = |row: &Vec<Field>| {
        ["answer", "cell"].map(|name| match names.iter().position(|known| known == name) {
            Some(at) => row[at].to_string().trim_matches('"').to_owned(),
            None => panic!("there is no column {name}"),
        })
    };
    assert_eq!(rows.iter().map(read).collect::<Vec<_>>(), lines.iter().map(own).collect::<Vec<_>>());
    for name in ["results.txt", "results", "nowhere/results.csv"] {
        let refused = world.engine.save_matrix_results(&id, &world.folder().join(name), None);
        assert!(refused.is_err(), "{name}");
    }
    let draft = world.engine.save_matrix(None, plan(&["sandbox/echo"], String::new(), &[])).expect("a draft");
    assert!(world.engine.save_matrix_results(&draft.id, &path, None).is_err(), "nothing came of it yet");
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), text, "what was there stays");
    let left = std::fs::read_dir(world.folder()).expect("the folder").flatten();
    assert!(left.map(|entry| entry.file_name()).all(|name| !name.to_string_lossy().ends_with(".new")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_goes_through_a_file_and_its_table_moves_with_it() {
    let world = World::start().await;
    let here = table(world.folder(), "rows 東京.csv", 0..2);
    let written = plan(&["sandbox/echo"], here, &[("Says it", "{{question}}")]);
    let draft = world.engine.save_matrix(None, written.clone()).expect("a draft");
    let file = world.folder().join("coins.matrix.json");
    world.engine.write_matrix_file(&draft.id, &file).expect("written");
    let text = std::fs::read_to_string(&file).expect("the file");
    assert!(text.contains("\"path\": \"rows 東京.csv\""), "{text}");
    let with_more = text.replacen("{\n", "{\n  \"team\": \"Search\",\n", 1);
    std::fs::write(&file, with_more).expect("a file");
    world.engine.write_matrix_file(&draft.id, &file).expect("written again");
    assert!(
        std::fs::read_to_string(&file).expect("the file").contains("\"team\": \"Search\""),
        "what others added stays"
    );

    let elsewhere = tempfile::tempdir().expect("a folder");
    for name in ["coins.matrix.json", "rows 東京.csv"] {
        std::fs::copy(world.folder().join(name), elsewhere.path().join(name)).expect("a copy");
    }
    let mut read = world.engine.read_matrix_file(&elsewhere.path().join("coins.matrix.json")).expect("a plan");
    let dataset = read.comparison.draft.dataset.as_mut().expect("a table");
    assert_eq!(dataset.path, elsewhere.path().join("rows 東京.csv").display().to_string());
    dataset.path = written.comparison.draft.dataset.as_ref().expect("a table").path.clone();
    read.comparison.draft.messages[0].id = written.comparison.draft.messages[0].id.clone();
    assert_eq!(
        read,
        MatrixPlan {
            comparison: juxta_wire::lane::Comparison { name: written.name.clone(), ..written.comparison.clone() },
            ..written
        }
    );
    let missing = world.engine.read_matrix_file(Path::new("nowhere.json"));
    assert!(matches!(missing, Err(AppError::Invalid { .. })), "{missing:?}");
}
