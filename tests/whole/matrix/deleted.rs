//! Runs of a matrix that are deleted in the history: what was sent stays known, and is not sent again.

use std::collections::BTreeSet;

use juxta_tests::counting::{Provider, Reply};
use juxta_tests::world::{PATIENCE, World};
use juxta_wire::error::AppError;
use juxta_wire::ids::{MatrixId, RunId};
use juxta_wire::matrix::{
    Matrix, MatrixBase, MatrixCell, MatrixCellState, MatrixCellsQuery, MatrixColumn, MatrixFilter, MatrixState,
};

use super::{Heard, answers, begin, connect, plan, unlock};

fn cells(world: &World, id: &MatrixId) -> Vec<MatrixCell> {
    let query = MatrixCellsQuery {
        filter: MatrixFilter::All,
        variant: None,
        row: None,
        text: String::new(),
        sort: MatrixColumn::Row,
        descending: false,
        from: 0,
        count: 1000,
    };
    world.engine.matrix_cells(id, &query).expect("cells").cells
}

/// Runs in the history, without those that were deleted.
fn history(world: &World) -> BTreeSet<RunId> {
    world.engine.runs(100, None).expect("runs").into_iter().map(|run| run.id).collect()
}

/// Deleted runs leave the disk a while after the next start.
async fn until_gone(world: &World, run: &RunId) {
    let gone = async {
        while world.engine.run(run).is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("the run leaves the disk");
}

const PRICES: &str =
    r#"{"currency":"EUR","models":{"model-a":{"input":1000,"output":1000},"model-b":{"input":1000,"output":1000}}}"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_and_deleted_is_told_and_paid_for_and_never_sent_again() {
    let mut world = World::start().await;
    assert_eq!(world.engine.save_prices(PRICES).expect("prices").problem, None);
    // The third row is answered the second time.
    let provider = Provider::start(0, |asked| match asked.body.contains("der 2") || asked.body.contains(": 2 /") {
        true if asked.before == 0 => Reply::Refusal { status: 500, retry_after: None },
        _ => Reply::Answer,
    });
    let connection = connect(&world, &provider);
    let mut heard = Heard::of(&world);
    let begun = begin(&world, plan(&world, &connection, 3, 1)).await;
    let before = heard.end().await;
    assert_eq!((before.counts.finished, before.counts.failed, before.counts.passed), (36, 18, 36));
    let spent = |matrix: &Matrix| matrix.spent.expect("prices are known");
    assert!((spent(&before) - 36.0 * 0.015).abs() < 1e-9, "{:?}", before.spent);
    let all = cells(&world, &begun.id);
    let [first, third] = [0, 2].map(|row| all.iter().find(|cell| cell.row == row).expect("a cell").run.clone());
    let figures = world.engine.matrix_figures(&begun.id, None).expect("figures");

    world.engine.delete_runs(&[first.clone(), third.clone()]).expect("deleted");
    for started in [false, true] {
        if started {
            world.restart().await;
            unlock(&world, &connection);
            until_gone(&world, &first).await;
            until_gone(&world, &third).await;
        }
        let told = world.engine.matrix(&begun.id).expect("the matrix");
        assert_eq!((told.counts, told.state), (before.counts, MatrixState::Finished), "{started}");
        let all = cells(&world, &begun.id);
        let (gone, kept): (Vec<_>, Vec<_>) = all.iter().partition(|cell| cell.gone);
        assert!(kept.iter().all(|cell| cell.row == 1), "{started}");
        assert_eq!((gone.len(), kept.len()), (36, 18), "{started}");
        for cell in gone {
            assert_eq!(cell.values[0], cell.row.to_string());
            match cell.row {
                0 => assert_eq!((cell.state, &cell.answer[..]), (MatrixCellState::Finished, "yes")),
                _ => assert_eq!((cell.state, cell.answer.contains("Not now")), (MatrixCellState::Failed, true)),
            }
        }
        assert_eq!(world.engine.matrix_figures(&begun.id, None).expect("figures"), figures, "{started}");
        world.engine.start_matrix(&begun.id).await.expect("nothing is missing");
    }
    assert_eq!(provider.counted().calls, 54, "nothing is sent again");
    let changes = world.engine.matrix_changes(&begun.id, &MatrixBase::Variant { index: 0 }, 0, 1000).expect("changes");
    for change in &changes.changes {
        let is_open = (change.cell.is_some(), change.base_cell.is_some());
        assert_eq!(is_open, (change.row == 1, change.row == 1), "there is no call to open in row {}", change.row);
    }
    let lines = world.folder().join("results.jsonl");
    assert_eq!(world.engine.save_matrix_results(&begun.id, &lines, None).expect("saved"), 18, "answers that are there");
    let junit = world.folder().join("results.xml");
    world.engine.save_matrix_results(&begun.id, &junit, None).expect("saved");
    let junit = std::fs::read_to_string(junit).expect("the file");
    assert_eq!(junit.matches("<testcase ").count(), 54, "verdicts stay");
    assert_eq!(junit.matches("<error type=\"call\"").count(), 18);

    let mut heard = Heard::of(&world);
    world.engine.retry_matrix_failures(&begun.id).await.expect("what failed is asked for");
    let done = heard.end().await;
    assert_eq!((done.counts.finished, done.counts.failed), (54, 0));
    assert!((spent(&done) - 54.0 * 0.015).abs() < 1e-9, "what was deleted was paid for: {:?}", done.spent);
    assert_eq!(provider.counted().calls, 54 + 18);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_of_a_row_whose_run_was_deleted_gets_another_run() {
    let mut world = World::start().await;
    let provider = answers(0);
    let connection = connect(&world, &provider);
    let mut plan = plan(&world, &connection, 1, 3);
    plan.limits.in_flight = 1;
    let mut heard = Heard::of(&world);
    let begun = begin(&world, plan).await;
    heard.until("some answers", |matrix| matrix.counts.finished >= 5).await;
    let [run] = <[RunId; 1]>::try_from(history(&world).into_iter().collect::<Vec<_>>()).expect("one run");
    world.engine.delete_runs(std::slice::from_ref(&run)).expect("deleted");
    // The call that was in flight was stopped, perhaps, and is sent when somebody wants that.
    let still = |matrix: &Matrix| matrix.state != MatrixState::Running;
    heard.until("stillness", still).await;
    world.engine.start_matrix(&begun.id).await.expect("it goes on");
    let over = |matrix: &Matrix| matrix.state == MatrixState::Finished;
    if !over(&world.engine.matrix(&begun.id).expect("the matrix")) {
        heard.until("the end", over).await;
    }
    let counts = world.engine.matrix(&begun.id).expect("the matrix").counts;
    assert_eq!((counts.finished, counts.failed), (54, 0));
    let calls = provider.counted().calls;
    assert!((54..=55).contains(&calls), "at most the one that was in flight was sent twice: {calls}");

    let history = history(&world);
    assert!(!history.contains(&run));
    assert_eq!(history.len(), 1, "one run for the rest of the row");
    let all = cells(&world, &begun.id);
    let gone = all.iter().filter(|cell| cell.gone).count();
    assert!(gone >= 5, "{gone}");
    assert!(all.iter().all(|cell| cell.gone == (cell.run == run) && cell.gone != history.contains(&cell.run)));
    world.restart().await;
    until_gone(&world, &run).await;
    assert_eq!(cells(&world, &begun.id), all, "as it was before the run had left the disk");
    assert!(matches!(world.engine.run(&run), Err(AppError::NotFound { .. })));
}
