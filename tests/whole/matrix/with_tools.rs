//! A matrix whose cells are dialogues with tools.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use juxta_tests::counting::{Asked, Provider, Reply};
use juxta_tests::world::World;
use juxta_wire::connection::Connection;
use juxta_wire::draft::Parameter;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::{MatrixCellsQuery, MatrixColumn, MatrixFilter, MatrixPlan, MatrixState};
use juxta_wire::run::CellState;
use juxta_wire::tools::{ToolMode, ToolPlan, ToolRule, ToolSource};

use super::{Heard, begin, connect, unlock};
use crate::dialogues::tool_server::{Answer, ToolServer, http};

const TOOLS: &str =
    r#"[{"type":"function","function":{"name":"find_order","parameters":{"type":"object","properties":{}}}}]"#;

/// A second step says what the tool gave.
fn is_second(asked: &Asked<'_>) -> bool {
    asked.body.contains(r#""role":"tool""#)
}

fn plan(world: &World, connection: &Connection, rows: usize, repeats: u32, gives: ToolSource) -> MatrixPlan {
    let mut plan = super::plan(world, connection, rows, repeats);
    plan.prompts.truncate(1);
    plan.axes.clear();
    plan.comparison.lanes.truncate(1);
    plan.comparison.draft.parameters.push(Parameter::new("tools", TOOLS));
    let rule = ToolRule { tool: ToolRule::ANY.to_owned(), when: Vec::new(), gives };
    plan.comparison.draft.tool_plan = ToolPlan { mode: ToolMode::Auto, rules: vec![rule], ..ToolPlan::default() };
    plan
}

fn text() -> ToolSource {
    ToolSource::Text { text: "It is on its way".to_owned() }
}

/// Every cell with the steps of its dialogue: how each ended, and which one the list opens.
fn dialogues(world: &World, id: &MatrixId) -> Vec<(Vec<(u32, CellState)>, u32)> {
    let query = MatrixCellsQuery {
        filter: MatrixFilter::All,
        variant: None,
        row: None,
        text: String::new(),
        sort: MatrixColumn::Row,
        descending: false,
        from: 0,
        count: 100,
    };
    let cells = world.engine.matrix_cells(id, &query).expect("cells").cells;
    let told = cells.iter().map(|cell| {
        let run = world.engine.run(&cell.run).expect("a run");
        let its_own = run.cells.iter().filter(|step| (step.lane_index, step.repeat) == (cell.variant, cell.repeat));
        let opened = run.cells.iter().find(|step| step.id == cell.cell).expect("a cell to open");
        (its_own.map(|step| (step.step, step.state.clone())).collect(), opened.step)
    });
    told.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cell_is_a_dialogue_to_its_end_and_its_steps_keep_to_the_limits() {
    let world = World::start().await;
    let provider =
        Provider::start(2, |asked| if is_second(asked) { Reply::Answer } else { Reply::Calls("find_order") });
    let connection = connect(&world, &provider);
    let mut plan = plan(&world, &connection, 4, 2, text());
    plan.limits.in_flight = 2;
    let mut heard = Heard::of(&world);
    let begun = begin(&world, plan).await;
    let done = heard.end().await;
    assert_eq!((done.counts.finished, done.counts.failed, done.counts.passed), (8, 0, 8), "the last step is judged");
    let counted = provider.counted();
    assert_eq!((counted.calls, counted.most_in_flight), (16, 2));
    let whole = (vec![(0, CellState::Finished), (1, CellState::Finished)], 1);
    assert_eq!(dialogues(&world, &begun.id), vec![whole; 8]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialogue_that_was_cut_off_while_its_tool_was_asked_is_sent_anew_after_a_crash() {
    let mut world = World::start().await;
    let provider =
        Provider::start(0, |asked| if is_second(asked) { Reply::Answer } else { Reply::Calls("find_order") });
    let answers = Arc::new(AtomicBool::new(false));
    let answers_now = Arc::clone(&answers);
    let tool = ToolServer::start(move |_| match answers_now.load(Ordering::SeqCst) {
        true => http("200 OK", b"It is on its way"),
        false => Answer::Silence,
    })
    .await;
    let connection = connect(&world, &provider);
    let gives = ToolSource::Http { url: tool.url(), timeout_ms: 600_000 };
    let begun = begin(&world, plan(&world, &connection, 2, 1, gives)).await;
    tool.open.clone().wait_for(|(open, _)| *open == 2).await.expect("both tools are asked");
    world.crash().await;
    unlock(&world, &connection);
    let found = world.engine.matrix(&begun.id).expect("it is kept");
    assert_eq!((found.state, found.counts.finished, found.counts.in_flight), (MatrixState::Interrupted, 0, 0));

    answers.store(true, Ordering::SeqCst);
    let before = provider.counted().calls;
    assert_eq!(before, 2);
    let mut heard = Heard::of(&world);
    world.engine.start_matrix(&begun.id).await.expect("it goes on");
    let done = heard.end().await;
    assert_eq!((done.counts.finished, done.counts.passed), (2, 2));
    assert_eq!(provider.counted().calls - before, 4, "two steps of each");
    // What was cut off stays in the run, before what took its place.
    let steps = [(0, CellState::Finished), (0, CellState::Finished), (1, CellState::Finished)];
    assert_eq!(dialogues(&world, &begun.id), vec![(steps.to_vec(), 1); 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialogue_whose_second_step_was_in_flight_is_sent_anew_after_a_crash() {
    let mut world = World::start().await;
    let answers = Arc::new(AtomicBool::new(false));
    let answers_now = Arc::clone(&answers);
    let provider = Provider::start(0, move |asked| match is_second(asked) {
        false => Reply::Calls("find_order"),
        true if answers_now.load(Ordering::SeqCst) => Reply::Answer,
        true => Reply::Silence,
    });
    let connection = connect(&world, &provider);
    let begun = begin(&world, plan(&world, &connection, 2, 1, text())).await;
    provider.wait(|counted| counted.calls == 4 && counted.in_flight == 2);
    world.crash().await;
    unlock(&world, &connection);
    let found = world.engine.matrix(&begun.id).expect("it is kept");
    assert_eq!((found.state, found.counts.finished, found.counts.in_flight), (MatrixState::Interrupted, 0, 0));

    answers.store(true, Ordering::SeqCst);
    let mut heard = Heard::of(&world);
    world.engine.start_matrix(&begun.id).await.expect("it goes on");
    let done = heard.end().await;
    assert_eq!((done.counts.finished, done.counts.passed), (2, 2));
    assert_eq!(provider.counted().calls, 8);
    let steps =
        [(0, CellState::Finished), (1, CellState::Interrupted), (0, CellState::Finished), (1, CellState::Finished)];
    assert_eq!(dialogues(&world, &begun.id), vec![(steps.to_vec(), 1); 2]);
}
