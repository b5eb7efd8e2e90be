//! Pages of a matrix's cells against the same cells sorted and filtered plainly.

use std::cmp::Ordering;
use std::path::Path;

use juxta_store::{MatrixCellRow, MatrixOrder, MatrixPlace, Store, StoredMatrix};
use juxta_wire::check::CheckState;
use juxta_wire::ids::{CellId, MatrixId};
use juxta_wire::matrix::{
    MatrixCellState, MatrixCellsQuery, MatrixColumn, MatrixFilter, MatrixLimits, MatrixPlan, MatrixState, RowChoice,
};

use rusqlite::Connection;

use crate::fixtures::{Folder, comparison, folder, run};

const ROWS: u64 = 14;
const VARIANTS: u32 = 3;
const REPEATS: u32 = 4;

fn matrix(store: &Store) -> MatrixId {
    let id = MatrixId::new();
    let comparison = comparison("Matrix", "{{city}}");
    let plan = MatrixPlan {
        name: "Matrix".to_owned(),
        comparison,
        prompts: Vec::new(),
        axes: Vec::new(),
        rows: RowChoice::All,
        limits: MatrixLimits::default(),
    };
    let stored = StoredMatrix {
        id: id.clone(),
        plan,
        state: MatrixState::Draft,
        problem: None,
        made_at: 1,
        started_at: None,
        ended_at: None,
        spent: None,
        currency: None,
        begun: None,
    };
    store.save_matrix(&stored).unwrap();
    id
}

fn values(row: u64) -> Vec<String> {
    vec![format!("Row {row}"), if row.is_multiple_of(5) { "Größe 東京 100%".to_owned() } else { String::new() }]
}

/// Some cells of every kind, in an order of their own.
fn fill(store: &Store, id: &MatrixId) -> Vec<MatrixCellRow> {
    let mut all = Vec::new();
    for row in (0..ROWS).rev() {
        let mut its_run = run(row, 1, 1);
        its_run.cells[0].lane_index = 0;
        store.add_matrix_cell(id, row, Some(&its_run), &values(row), &its_run.cells[0]).unwrap();
        for place in 0..VARIANTS * REPEATS {
            let (variant, repeat) = (place % VARIANTS, place / VARIANTS);
            let seed = (row * 31 + u64::from(place) * 17) % 23;
            let state = match seed {
                0..3 => MatrixCellState::InFlight,
                3..6 => MatrixCellState::Failed,
                _ => MatrixCellState::Finished,
            };
            let checks = match (state, seed % 4) {
                (MatrixCellState::InFlight, _) => vec![],
                (_, 0) => vec![CheckState::Passed, CheckState::Passed],
                (_, 1) => vec![CheckState::Failed, CheckState::Passed],
                (_, 2) => vec![CheckState::Failed, CheckState::Failed],
                _ => vec![CheckState::Passed, CheckState::CannotTell],
            };
            let passed = match (checks.is_empty(), seed % 4) {
                (true, _) | (_, 3) => None,
                (_, at) => Some(at == 0),
            };
            let answer =
                if state == MatrixCellState::InFlight { String::new() } else { format!("Answer_{seed} \\ 'Ü'") };
            let known = (state == MatrixCellState::Finished).then_some(seed);
            all.push(MatrixCellRow {
                place: MatrixPlace { row, variant, repeat },
                run: its_run.summary.id.clone(),
                cell: CellId::new(),
                state,
                passed,
                checks,
                search: format!("{}\nand more of it: größe 50%", answer.to_lowercase()),
                answer,
                tokens: known,
                time_to_first_token: known.map(|seed| seed as f64 / 3.0),
                milliseconds: known.filter(|seed| seed % 2 == 0).map(|seed| 0.1 * seed as f64),
                cost: known.map(|seed| -(seed as f64)),
                currency: known.map(|_| "USD".to_owned()),
                gone: false,
            });
        }
    }
    store.save_matrix_cells(id, all.clone()).unwrap();
    all.iter_mut().for_each(|cell| cell.search = String::new());
    all
}

fn query(sort: MatrixColumn) -> MatrixCellsQuery {
    MatrixCellsQuery {
        filter: MatrixFilter::All,
        variant: None,
        row: None,
        text: String::new(),
        sort,
        descending: false,
        from: 0,
        count: 1000,
    }
}

const COLUMNS: [MatrixColumn; 9] = [
    MatrixColumn::Row,
    MatrixColumn::Variant,
    MatrixColumn::Repeat,
    MatrixColumn::State,
    MatrixColumn::Checks,
    MatrixColumn::Answer,
    MatrixColumn::Tokens,
    MatrixColumn::Milliseconds,
    MatrixColumn::Cost,
];
const FILTERS: [MatrixFilter; 5] =
    [MatrixFilter::All, MatrixFilter::Passed, MatrixFilter::NotPassed, MatrixFilter::Failed, MatrixFilter::InFlight];

fn fits(cell: &MatrixCellRow, query: &MatrixCellsQuery) -> bool {
    let finished = cell.state == MatrixCellState::Finished;
    let fits = match query.filter {
        MatrixFilter::All => true,
        MatrixFilter::Passed => finished && cell.passed == Some(true),
        MatrixFilter::NotPassed => finished && cell.passed == Some(false),
        MatrixFilter::Failed => cell.state == MatrixCellState::Failed,
        MatrixFilter::InFlight => cell.state == MatrixCellState::InFlight,
    };
    let text = query.text.trim().to_lowercase();
    let search = format!("{}\nand more of it: größe 50%", cell.answer.to_lowercase());
    fits && query.variant.is_none_or(|variant| variant == cell.place.variant)
        && query.row.is_none_or(|row| row == cell.place.row)
        && (search.contains(&text) || values(cell.place.row).join("\n").to_lowercase().contains(&text))
}

/// `None` for what is not known.
fn key(cell: &MatrixCellRow, column: MatrixColumn) -> Option<(f64, String)> {
    let number = |number: f64| Some((number, String::new()));
    match column {
        MatrixColumn::Row => number(cell.place.row as f64),
        MatrixColumn::Variant => number(f64::from(cell.place.variant)),
        MatrixColumn::Repeat => number(f64::from(cell.place.repeat)),
        MatrixColumn::State => Some((0.0, format!("{:?}", cell.state).to_lowercase())),
        MatrixColumn::Checks => {
            let failed = cell.checks.iter().filter(|state| **state == CheckState::Failed).count();
            (!cell.checks.is_empty()).then_some((failed as f64, String::new()))
        }
        MatrixColumn::Answer => (!cell.answer.is_empty()).then(|| (0.0, cell.answer.to_ascii_lowercase())),
        MatrixColumn::Tokens => cell.tokens.and_then(|tokens| number(tokens as f64)),
        MatrixColumn::Milliseconds => cell.milliseconds.and_then(number),
        MatrixColumn::Cost => cell.cost.and_then(number),
    }
}

fn plainly(all: &[MatrixCellRow], query: &MatrixCellsQuery) -> Vec<MatrixPlace> {
    let mut found: Vec<&MatrixCellRow> = all.iter().filter(|cell| fits(cell, query)).collect();
    found.sort_by(|one, other| match (key(one, query.sort), key(other, query.sort)) {
        (Some(ours), Some(theirs)) => {
            let order = ours.0.total_cmp(&theirs.0).then(ours.1.cmp(&theirs.1)).then(one.place.cmp(&other.place));
            if query.descending { order.reverse() } else { order }
        }
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => one.place.cmp(&other.place),
    });
    found.into_iter().map(|cell| cell.place).collect()
}

#[test]
fn every_order_under_every_filter_is_that_of_the_same_cells_sorted_plainly() {
    let folder = folder();
    let other = matrix(&folder.store);
    let id = matrix(&folder.store);
    let all = fill(&folder.store, &id);
    fill(&folder.store, &other);
    let texts = ["", "größe 100%", " 東京 ", "answer_1", "_1 \\ '", "row 1", "nowhere", "50%"];
    for sort in COLUMNS {
        for filter in FILTERS {
            for (at, text) in texts.into_iter().enumerate() {
                for descending in [false, true] {
                    let query = MatrixCellsQuery {
                        filter,
                        text: text.to_owned(),
                        descending,
                        variant: (at % 3 == 2).then_some(1),
                        row: (at == 6 || at == 7).then_some(5),
                        ..query(sort)
                    };
                    let expected = plainly(&all, &query);
                    let found = folder.store.matrix_cells(&id, &query).unwrap();
                    let places: Vec<MatrixPlace> = found.cells.iter().map(|cell| cell.place).collect();
                    assert_eq!(places, expected, "{query:?}");
                    assert_eq!(found.total, expected.len() as u64, "{query:?}");
                }
            }
        }
    }
}

#[test]
fn pages_follow_one_another_without_a_gap() {
    let folder = folder();
    let id = matrix(&folder.store);
    let all = fill(&folder.store, &id);
    for sort in [MatrixColumn::Row, MatrixColumn::Milliseconds, MatrixColumn::Checks] {
        let whole = plainly(&all, &query(sort));
        let mut pages = Vec::new();
        for from in (0..whole.len() as u64 + 20).step_by(7) {
            let found = folder.store.matrix_cells(&id, &MatrixCellsQuery { from, count: 7, ..query(sort) }).unwrap();
            assert_eq!(found.total, whole.len() as u64);
            pages.extend(found.cells.iter().map(|cell| cell.place));
        }
        assert_eq!(pages, whole, "{sort:?}");
    }
}

#[test]
fn what_was_written_is_read_in_either_order_and_by_its_place() {
    let folder = folder();
    let id = matrix(&folder.store);
    let mut all = fill(&folder.store, &id);
    let folder = folder.reopen();
    for order in [MatrixOrder::Rows, MatrixOrder::Variants] {
        match order {
            MatrixOrder::Rows => all.sort_by_key(|cell| cell.place),
            MatrixOrder::Variants => all.sort_by_key(|cell| (cell.place.variant, cell.place.row, cell.place.repeat)),
        }
        let (mut read, mut after) = (Vec::new(), None);
        loop {
            let cells = folder.store.matrix_cells_after(&id, order, after, 5).unwrap();
            let Some(last) = cells.last() else { break };
            after = Some(last.place);
            read.extend(cells);
        }
        assert_eq!(read, all, "{order:?}");
    }
    let some = &all[7];
    assert_eq!(folder.store.matrix_cell(&id, some.place).unwrap().as_ref(), Some(some));
    let nowhere = MatrixPlace { row: ROWS, ..some.place };
    assert_eq!(folder.store.matrix_cell(&id, nowhere).unwrap(), None);
    assert_eq!(folder.store.matrix_rows(&id).unwrap(), (0..ROWS).collect::<Vec<_>>());
    let rows = [5, ROWS, 0];
    assert_eq!(folder.store.matrix_row_values(&id, &rows).unwrap(), [values(5), Vec::new(), values(0)]);
}

/// Makes the folder as the ninth version kept it: cells go with their runs, and nobody notes what is paid for.
fn to_ninth_version(path: &Path) {
    const COLUMNS: &str = "matrix, row, variant, repeat, state, passed, tokens, first_token, milliseconds, cost, currency, \
                           run, cell, checks, answer, search";
    let database = Connection::open(path.join("juxta.sqlite")).unwrap();
    let eighth = include_str!("../../src/schema/008-matrices.sql");
    let change = format!(
        "CREATE TEMP TABLE kept AS SELECT * FROM matrices; CREATE TEMP TABLE kept_runs AS SELECT * FROM matrix_runs; \
         CREATE TEMP TABLE kept_cells AS SELECT {COLUMNS} FROM matrix_cells; \
         DROP TABLE matrix_spending; DROP TABLE matrix_cells; DROP TABLE matrix_runs; DROP TABLE matrices; {eighth} \
         INSERT INTO matrices SELECT * FROM kept; INSERT INTO matrix_runs SELECT * FROM kept_runs; \
         INSERT INTO matrix_cells ({COLUMNS}) SELECT * FROM kept_cells; PRAGMA user_version = 9"
    );
    database.execute_batch(&change).unwrap();
}

#[test]
fn a_folder_of_the_ninth_version_keeps_its_cells_and_loses_none_with_their_runs() {
    let Folder { store, path } = folder();
    let id = matrix(&store);
    let mut all = fill(&store, &id);
    all.sort_by_key(|cell| cell.place);
    drop(store);
    to_ninth_version(path.path());
    let folder = Folder { store: Store::open(path.path()).unwrap(), path };
    let read = |store: &Store| store.matrix_cells_after(&id, MatrixOrder::Rows, None, 1000).unwrap();
    assert_eq!(read(&folder.store), all);
    let run = folder.store.matrix_run(&id, 3).unwrap().unwrap();
    folder.store.delete_runs(std::slice::from_ref(&run)).unwrap();
    all.iter_mut().for_each(|cell| cell.gone = cell.run == run);
    assert_eq!(read(&folder.store), all);
    assert_eq!(folder.store.matrix_run(&id, 3).unwrap(), None, "no further cell goes into it");
    folder.store.undelete_runs(std::slice::from_ref(&run)).unwrap();
    assert!(read(&folder.store).iter().all(|cell| !cell.gone));
    folder.store.delete_runs(std::slice::from_ref(&run)).unwrap();
    let folder = folder.reopen();
    while folder.store.remove_deleted(10).unwrap().is_some() {}
    assert!(folder.store.run(&run).unwrap().is_none());
    assert_eq!(read(&folder.store), all);
    assert_eq!(folder.store.matrix_row_values(&id, &[3]).unwrap(), [values(3)], "what was sent is told");
}
