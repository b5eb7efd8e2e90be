//! Runs over real HTTP: side by side, stopped, refused, broken, tried again.

use juxta_tests::world::{DIALECTS, World, chat, lane, sandbox};
use juxta_wire::endpoint::Dialect;
use juxta_wire::error::{AppError, RejectionCategory};
use juxta_wire::lane::Override;
use juxta_wire::run::{Cell, CellState};

const STREAM: &[(&str, &str)] = &[("stream", "true")];

fn text(cell: &Cell) -> &str {
    cell.outcome.choices.first().map_or("", |choice| choice.text.as_str())
}

fn rejection(cell: &Cell) -> &juxta_wire::error::Rejection {
    match &cell.error {
        Some(AppError::Rejected(rejection)) => rejection,
        other => panic!("expected a rejection, got {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_dialects_stream_side_by_side_and_the_window_sees_what_is_stored() {
    let mut world = World::start().await;
    let mut comparison = chat(&sandbox(Dialect::ScaleV5), "sandbox/short", STREAM);
    comparison.lanes = DIALECTS.iter().map(|dialect| lane(&sandbox(*dialect), "sandbox/short")).collect();
    comparison.repeats = 2;
    let run = world.engine.start_run(comparison, None).await.expect("a run");
    let cells = world.wait(&run).await;
    assert_eq!(cells.len(), 6);
    let seen = world.seen();
    for cell in &cells {
        assert_eq!(cell.state, CellState::Finished, "{:?}", cell.error);
        assert!(!text(cell).is_empty());
        assert_eq!(seen.texts[&cell.id], text(cell), "the window was told all of it");
        let marks = &cell.milestones;
        assert!(marks.first_byte <= marks.first_text && marks.first_text <= marks.end, "{marks:?}");
        assert!(cell.metrics.time_to_first_token.is_some());
        assert_eq!(cell.arrivals.len() as u64, cell.outcome.events);
    }
    assert!(cells.iter().all(|cell| text(cell) == text(&cells[0])), "one model answers alike in every dialect");
    let summary = world.engine.runs(10, None).expect("the list").remove(0);
    assert_eq!((summary.finished, summary.unfinished, summary.live), (6, 0, false));
    world.restart().await;
    let again = world.engine.run(&run.summary.id).expect("the run after a restart");
    assert_eq!(again.cells, cells, "a restart changes nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_cell_keeps_its_text_and_its_neighbour_runs_on() {
    let world = World::start().await;
    let mut comparison = chat(&sandbox(Dialect::OpenAi), "sandbox/rate-50x4000", STREAM);
    comparison.lanes.push(lane(&sandbox(Dialect::ScaigridV1), "sandbox/short"));
    let run = world.engine.start_run(comparison, None).await.expect("a run");
    let slow = run.cells[0].id.clone();
    world.until(|seen| seen.texts.get(&slow).is_some_and(|text| text.len() > 20)).await;
    world.engine.stop_cell(&slow);
    let cells = world.wait(&run).await;
    assert_eq!(cells[0].state, CellState::Stopped);
    assert!(text(&cells[0]).len() > 20);
    assert_eq!(cells[0].metrics.tokens_per_second, None, "no speed for what was stopped");
    assert_eq!(cells[1].state, CellState::Finished);
    // The generator notices that nobody listens.
    for _ in 0..500 {
        if world.sandbox.answers_under_way() == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the server still generates for a caller that hung up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_422_names_the_parameter_in_every_dialect() {
    let world = World::start().await;
    for dialect in DIALECTS {
        let mut comparison = chat(&sandbox(dialect), "sandbox/short", STREAM);
        comparison.lanes[0].overrides =
            vec![Override::Set { parameter: juxta_wire::draft::Parameter::new("temperature", "2.4") }];
        let cells = world.run(comparison).await;
        assert_eq!(cells[0].state, CellState::Failed, "{dialect:?}");
        let rejection = rejection(&cells[0]);
        assert_eq!(rejection.category, RejectionCategory::Validation, "{dialect:?}");
        assert_eq!(rejection.fields[0].parameter.as_deref(), Some("temperature"), "{dialect:?}");
        assert_eq!(cells[0].attempt, 1, "{dialect:?}: it is not tried again");
    }
}

/// Scenario, state at the end, tries with two retries allowed.
const SCENARIOS: &[(&str, CellState, u32)] = &[
    ("budget-exceeded", CellState::Failed, 1),
    ("quota-exceeded", CellState::Failed, 1),
    ("status-401", CellState::Failed, 1),
    ("status-403", CellState::Failed, 1),
    ("error-in-stream", CellState::Failed, 1),
    ("cut", CellState::EndedEarly, 1),
    ("crlf", CellState::Finished, 1),
    ("comments", CellState::Finished, 1),
    ("split-utf8", CellState::Finished, 1),
    ("huge-event", CellState::Finished, 1),
    ("no-usage", CellState::Finished, 1),
    ("json-instead-of-stream", CellState::Finished, 1),
    ("one-byte-writes", CellState::Finished, 1),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_ends_as_it_should_in_every_dialect_and_keeps_its_text() {
    let world = World::start().await;
    for dialect in DIALECTS {
        for (scenario, state, attempts) in SCENARIOS {
            let mut faults = world.sandbox.faults();
            faults.scenario = Some((*scenario).to_owned());
            faults.tokens_per_second = Some(2_000.0);
            world.sandbox.set_faults(faults);
            let cells = world.run(chat(&sandbox(dialect), "sandbox/short", STREAM)).await;
            let cell = &cells[0];
            assert_eq!(cell.state, *state, "{dialect:?}, {scenario}: {:?}", cell.error);
            assert_eq!(cell.attempt, *attempts, "{dialect:?}, {scenario}");
            let keeps_text = matches!(*scenario, "error-in-stream" | "cut") || *state == CellState::Finished;
            assert_eq!(!text(cell).is_empty(), keeps_text, "{dialect:?}, {scenario}: {:?}", text(cell));
            assert_eq!(cell.error.is_some(), *state != CellState::Finished, "{dialect:?}, {scenario}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_429_counts_down_and_is_sent_again_when_the_person_says_so() {
    let world = World::start().await;
    let mut faults = world.sandbox.faults();
    faults.scenario = Some("status-429-once".to_owned());
    world.sandbox.set_faults(faults);
    let run = world
        .engine
        .start_run(chat(&sandbox(Dialect::ScaigridV1), "sandbox/short", STREAM), None)
        .await
        .expect("a run");
    let id = run.cells[0].id.clone();
    let waits = |state: &&CellState| matches!(state, CellState::Retrying { .. });
    let seen = world.until(|seen| seen.history.get(&id).is_some_and(|states| states.iter().any(|s| waits(&s)))).await;
    let Some(CellState::Retrying { wait_ms, attempt, error, .. }) = seen.history[&id].iter().find(waits) else {
        unreachable!("just waited for")
    };
    assert_eq!(*attempt, 2);
    assert!(*wait_ms >= 1000.0, "the server's own wait is kept: {wait_ms}");
    assert!(matches!(error, AppError::Rejected(rejection) if rejection.category == RejectionCategory::RateLimit));
    world.engine.retry_now(&id);
    let cells = world.wait(&run).await;
    assert_eq!((cells[0].state.clone(), cells[0].attempt), (CellState::Finished, 2), "{:?}", cells[0].error);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lane_that_cannot_be_resolved_fails_by_itself() {
    let world = World::start().await;
    let mut comparison = chat(&sandbox(Dialect::OpenAi), "sandbox/short", STREAM);
    comparison.lanes.push(lane(&juxta_wire::ids::ConnectionId("gone".into()), "m"));
    comparison.lanes.push(lane(&sandbox(Dialect::OpenAi), ""));
    let cells = world.run(comparison).await;
    let states: Vec<_> = cells.iter().map(|cell| cell.state.clone()).collect();
    assert_eq!(states, [CellState::Finished, CellState::Failed, CellState::Failed]);
    assert!(matches!(&cells[2].error, Some(AppError::Invalid { field, .. }) if field == "model"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_in_mid_stream_leaves_an_interrupted_cell_with_its_text() {
    let mut world = World::start().await;
    let run = world
        .engine
        .start_run(chat(&sandbox(Dialect::ScaleV5), "sandbox/rate-50x4000", STREAM), None)
        .await
        .expect("a run");
    let id = run.cells[0].id.clone();
    let seen = world.until(|seen| seen.texts.get(&id).is_some_and(|text| text.len() > 40)).await;
    world.restart().await;
    let cell = world.engine.cell(&id).expect("the cell").cell;
    assert_eq!(cell.state, CellState::Interrupted);
    assert!(text(&cell).starts_with(&seen.texts[&id]), "nothing that the window had is lost");
}
