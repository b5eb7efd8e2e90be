//! Pages of the 50,000 cells of a matrix.

use std::time::Instant;

use juxta_store::{MatrixCellRow, MatrixOrder, MatrixPlace, Store, StoredMatrix};
use juxta_wire::check::CheckState;
use juxta_wire::ids::{CellId, MatrixId, RunId};
use juxta_wire::matrix::{
    MatrixCellState, MatrixCellsQuery, MatrixColumn, MatrixFilter, MatrixLimits, MatrixPlan, MatrixState, RowChoice,
};

use super::{print_spread, run};

const ROWS: u64 = 2_500;
const VARIANTS: u32 = 4;
const REPEATS: u32 = 5;

type Done = Result<(), Box<dyn std::error::Error>>;

pub fn measure(store: &Store) -> Done {
    let begun = Instant::now();
    let id = seed(store)?;
    store.sync()?;
    println!("{} cells written in {:.1} s", ROWS * u64::from(VARIANTS * REPEATS), begun.elapsed().as_secs_f64());
    let query = |sort, descending| MatrixCellsQuery {
        filter: MatrixFilter::All,
        variant: None,
        row: None,
        text: String::new(),
        sort,
        descending,
        from: 0,
        count: 100,
    };
    for sort in [
        MatrixColumn::Row,
        MatrixColumn::Variant,
        MatrixColumn::State,
        MatrixColumn::Checks,
        MatrixColumn::Answer,
        MatrixColumn::Tokens,
        MatrixColumn::Milliseconds,
    ] {
        for from in [0, 25_000, 49_900] {
            pages(store, &id, &format!("{sort:?} from {from}"), &MatrixCellsQuery { from, ..query(sort, true) })?;
        }
    }
    for filter in [MatrixFilter::Passed, MatrixFilter::NotPassed, MatrixFilter::Failed, MatrixFilter::InFlight] {
        let query = MatrixCellsQuery { filter, from: 1_000, ..query(MatrixColumn::Tokens, false) };
        pages(store, &id, &format!("{filter:?} by tokens"), &query)?;
    }
    for text in ["answer", "größe 2417", "row 77 ", "nowhere"] {
        let query = MatrixCellsQuery { text: text.to_owned(), ..query(MatrixColumn::Tokens, true) };
        pages(store, &id, &format!("with {text:?} by tokens"), &query)?;
    }
    let begun = Instant::now();
    let (mut read, mut after) = (0, None);
    loop {
        let cells = store.matrix_cells_after(&id, MatrixOrder::Rows, after, 2_000)?;
        let Some(last) = cells.last() else { break };
        after = Some(last.place);
        read += cells.len();
    }
    println!("{read} cells read through in {:.3} s", begun.elapsed().as_secs_f64());
    Ok(())
}

fn pages(store: &Store, id: &MatrixId, name: &str, query: &MatrixCellsQuery) -> Done {
    let mut times = Vec::new();
    let mut total = 0;
    for _ in 0..9 {
        let begun = Instant::now();
        total = store.matrix_cells(id, query)?.total;
        times.push(begun.elapsed());
    }
    print_spread(&format!("100 of {total} cells: {name}"), times);
    Ok(())
}

fn seed(store: &Store) -> Result<MatrixId, Box<dyn std::error::Error>> {
    let id = MatrixId::new();
    let comparison = run(0, "").snapshot;
    store.save_matrix(&StoredMatrix {
        id: id.clone(),
        plan: MatrixPlan {
            name: "Matrix".to_owned(),
            comparison: comparison.clone(),
            prompts: Vec::new(),
            axes: Vec::new(),
            rows: RowChoice::All,
            limits: MatrixLimits::default(),
        },
        state: MatrixState::Draft,
        problem: None,
        made_at: 0,
        started_at: None,
        ended_at: None,
        spent: None,
        currency: None,
        begun: None,
    })?;
    for row in 0..ROWS {
        let run = run(row, "An answer.");
        let values = [format!("Row {row} of the table"), "A question. ".repeat(20)];
        store.add_matrix_cell(&id, row, Some(&run), &values, &run.cells[0])?;
        let cells = (0..VARIANTS * REPEATS).map(|at| cell(&run.summary.id, row, at % VARIANTS, at / VARIANTS));
        store.save_matrix_cells(&id, cells.collect())?;
    }
    Ok(id)
}

fn cell(run: &RunId, row: u64, variant: u32, repeat: u32) -> MatrixCellRow {
    let seed = (row * 7_919 + u64::from(variant * 31 + repeat * 101)) % 997;
    let state = match seed {
        0 => MatrixCellState::InFlight,
        1..20 => MatrixCellState::Failed,
        _ => MatrixCellState::Finished,
    };
    let passed = !seed.is_multiple_of(3);
    let answer = format!("Answer {seed} to größe {row}. {}", "It says a few words more. ".repeat(20));
    MatrixCellRow {
        place: MatrixPlace { row, variant, repeat },
        run: run.clone(),
        cell: CellId::new(),
        state,
        passed: Some(passed),
        checks: vec![if passed { CheckState::Passed } else { CheckState::Failed }; 3],
        answer: answer.chars().take(300).collect(),
        search: answer.to_lowercase(),
        tokens: Some(seed),
        time_to_first_token: Some(seed as f64 / 7.0),
        milliseconds: Some(seed as f64 * 3.1),
        cost: None,
        currency: None,
        gone: false,
    }
}
