use juxta_store::StoreError;
use juxta_wire::ids::{CellId, RunId};
use juxta_wire::run::CellState;

use crate::fixtures::{cell, finish, folder, rejected, request, run};

#[test]
fn a_run_comes_back_whole_with_its_cells_lane_by_lane() {
    let folder = folder();
    let mut saved = run(1_000, 3, 2);
    let in_order = saved.clone();
    saved.cells.reverse();
    folder.store.insert_run(&saved).unwrap();
    assert_eq!(folder.store.run(&saved.summary.id).unwrap(), Some(in_order));
    assert_eq!(folder.store.run(&RunId::new()).unwrap(), None);
}

#[test]
fn a_finished_cell_comes_back_with_every_field() {
    let folder = folder();
    let mut run = run(1_000, 1, 1);
    folder.store.insert_run(&run).unwrap();
    let cell = &mut run.cells[0];
    let body = "{\"model\":\"ü\",\"messages\":[]}";
    cell.state = CellState::Waiting;
    cell.started_at = Some(1_001);
    cell.request = Some(request(body));
    folder.store.begin_cell(cell, b"POST / HTTP/1.1\r\n\r\n", body.as_bytes()).unwrap().finish().unwrap();
    assert_eq!(folder.store.cell(&cell.id).unwrap().as_ref(), Some(&*cell));

    finish(cell, "It is warm.");
    folder.store.save_cell(cell).unwrap();
    let folder = folder.reopen();
    assert_eq!(folder.store.cell(&cell.id).unwrap().as_ref(), Some(&*cell));
    assert_eq!(folder.store.run(&run.summary.id).unwrap().unwrap().cells, std::slice::from_ref(cell));
    assert_eq!(folder.store.cell_run(&cell.id).unwrap(), Some(run.summary.id));
    assert_eq!(folder.store.cell_run(&CellId::new()).unwrap(), None);
    assert_eq!(folder.store.cell(&CellId::new()).unwrap(), None);
}

#[test]
fn a_cell_that_was_never_sent_keeps_its_request_and_head() {
    let folder = folder();
    let mut run = run(1_000, 1, 1);
    folder.store.insert_run(&run).unwrap();
    let cell = &mut run.cells[0];
    finish(cell, "from elsewhere");
    cell.state = CellState::Failed;
    cell.request = Some(request("{}"));
    cell.error = Some(rejected());
    folder.store.save_cell(cell).unwrap();
    assert_eq!(folder.store.cell(&cell.id).unwrap().as_ref(), Some(&*cell));
    assert_eq!(folder.store.request(&cell.id).unwrap(), None, "nothing was sent");
    assert_eq!(folder.store.attempts(&cell.id).unwrap(), 0);

    cell.head = None;
    cell.request = None;
    folder.store.save_cell(cell).unwrap();
    assert_eq!(folder.store.cell(&cell.id).unwrap().as_ref(), Some(&*cell), "and what was taken away is gone");
}

#[test]
fn each_text_stands_once_in_the_database() {
    let folder = folder();
    let mut run = run(1_000, 1, 1);
    folder.store.insert_run(&run).unwrap();
    let cell = &mut run.cells[0];
    let (body, text) = (format!("{{\"x\":\"{}\"}}", "q".repeat(400_000)), "a".repeat(400_000));
    cell.state = CellState::Waiting;
    cell.request = Some(request(&body));
    folder.store.begin_cell(cell, b"", body.as_bytes()).unwrap().finish().unwrap();
    finish(cell, &text);
    folder.store.save_cell(cell).unwrap();
    let (id, folder) = (cell.id.clone(), folder.reopen());
    assert_eq!(folder.store.cell(&id).unwrap().unwrap().request.unwrap().body, body);
    let path = folder.path.path().join("juxta.sqlite");
    drop(folder.store);
    let database = std::fs::read(path).unwrap();
    // Pages hold runs of one letter, cut now and then by four bytes of a page's own.
    let letters = |letter: u8| {
        let long = |piece: &&[u8]| piece.len() > 1_000 && piece.iter().all(|byte| *byte == letter);
        database.chunks(4_096).map(|page| &page[8..3_000]).filter(long).count() * 4_096
    };
    for letter in [b'q', b'a'] {
        let bytes = letters(letter);
        assert!((300_000..500_000).contains(&bytes), "{bytes} bytes of {:?}", letter as char);
    }
}

#[test]
fn the_row_of_a_run_counts_its_cells_as_they_end() {
    let folder = folder();
    let mut run = run(1_000, 9, 1);
    folder.store.insert_run(&run).unwrap();
    let row = |finished, unfinished, live| {
        let row = folder.store.runs(1, None).unwrap().remove(0);
        assert_eq!((row.finished, row.unfinished, row.live), (finished, unfinished, live));
        assert_eq!(folder.store.run_summary(&row.id).unwrap(), Some(row));
    };
    row(0, 0, true);
    let retrying = CellState::Retrying { wait_ms: 500.0, attempt: 2, attempts: 3, error: rejected() };
    let running = [CellState::Waiting, CellState::Streaming, retrying];
    let over = [
        (CellState::Finished, 1, 0),
        (CellState::Stopped, 1, 1),
        (CellState::Failed, 1, 2),
        (CellState::EndedEarly, 1, 3),
        (CellState::Interrupted, 1, 4),
    ];
    for (cell, state) in run.cells.iter_mut().zip(&running) {
        cell.state = state.clone();
        folder.store.save_cell(cell).unwrap();
    }
    row(0, 0, true);
    for (cell, (state, finished, unfinished)) in run.cells.iter_mut().zip(over) {
        cell.state = state;
        folder.store.save_cell(cell).unwrap();
        folder.store.save_cell(cell).unwrap();
        row(finished, unfinished, true);
    }
    for cell in &mut run.cells {
        cell.state = CellState::Finished;
        folder.store.save_cell(cell).unwrap();
    }
    row(9, 0, false);
}

#[test]
fn a_run_whose_lanes_failed_before_sending_is_counted_from_the_start() {
    let folder = folder();
    let mut run = run(1_000, 2, 1);
    for cell in &mut run.cells {
        cell.state = CellState::Failed;
    }
    folder.store.insert_run(&run).unwrap();
    let row = folder.store.runs(9, None).unwrap().remove(0);
    assert_eq!((row.cells, row.unfinished, row.live), (2, 2, false));
}

#[test]
fn pages_of_runs_follow_each_other_without_gap_or_repetition() {
    let folder = folder();
    // Several started in the same millisecond, and not in the order of their ids.
    let mut all: Vec<_> = (0..57).map(|number| run(1_000 + (number * 7) % 10, 1, 1)).collect();
    for run in &all {
        folder.store.insert_run(run).unwrap();
    }
    all.sort_by(|a, b| (b.summary.started_at, &b.summary.id).cmp(&(a.summary.started_at, &a.summary.id)));
    let expected: Vec<_> = all.iter().map(|run| run.summary.clone()).collect();
    let mut listed = folder.store.runs(10, None).unwrap();
    while let Some(last) = listed.last() {
        let page = folder.store.runs(10, Some(&last.id)).unwrap();
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }
    assert_eq!(listed, expected);
    assert!(matches!(folder.store.runs(10, Some(&RunId::new())), Err(StoreError::NotFound { .. })));
}

#[test]
fn a_cell_of_no_run_is_refused_and_a_run_is_inserted_whole_or_not_at_all() {
    let folder = folder();
    let stray = cell(&RunId::new(), 0, 0);
    assert!(matches!(folder.store.save_cell(&stray), Err(StoreError::NotFound { .. })));
    assert!(matches!(folder.store.begin_cell(&stray, b"", b""), Err(StoreError::NotFound { .. })));
    let mut broken = run(1_000, 2, 1);
    broken.cells[1].id = broken.cells[0].id.clone();
    assert!(matches!(folder.store.insert_run(&broken), Err(StoreError::Database { .. })));
    assert_eq!(folder.store.runs(9, None).unwrap(), []);
    assert_eq!(folder.store.cell(&broken.cells[0].id).unwrap(), None);
}

#[test]
fn a_run_outlives_its_comparison_and_its_connection() {
    let folder = folder();
    let run = run(1_000, 1, 1);
    folder.store.save_comparison(&run.snapshot).unwrap();
    folder.store.insert_run(&run).unwrap();
    folder.store.delete_comparison(&run.snapshot.id).unwrap();
    folder.store.delete_connection(&run.cells[0].connection).unwrap();
    assert_eq!(folder.store.run(&run.summary.id).unwrap(), Some(run));
}
