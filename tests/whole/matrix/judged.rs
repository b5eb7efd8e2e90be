//! Judges of a matrix: they are asked within its limits, and about each answer, whatever comes in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use juxta_tests::counting::{Asked, Provider, Reply};
use juxta_tests::world::{World, chat};
use juxta_wire::check::{Check, CheckRule};
use juxta_wire::connection::Connection;
use juxta_wire::draft::{Dataset, Message, Parameter, Role};
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::error::AppError;
use juxta_wire::matrix::{MatrixLimits, MatrixPlan, MatrixState, RowChoice};

use super::{Heard, begin, connect, unlock};

/// How every judge is asked here, and nobody else.
const CRITERION: &str = "Criterion";

fn is_judge(asked: &Asked<'_>) -> bool {
    asked.body.contains(CRITERION)
}

/// Says PASS to every judge.
fn convinced() -> Provider {
    Provider::start(0, |asked| if is_judge(asked) { Reply::Says("Good.\nPASS") } else { Reply::Answer })
}

pub(super) fn judge(name: &str, connection: &Connection, repeats: u32) -> Check {
    let rule = CheckRule::Judge {
        connection: connection.id.clone(),
        endpoint: EndpointKind::Chat,
        model: "judge-model".to_owned(),
        prompt: format!("{CRITERION} {name}: {{{{question}}}} / {{{{answer}}}}"),
        repeats,
        parameters: Vec::new(),
    };
    Check { name: name.to_owned(), rule }
}

/// `rows` × `repeats` answers of one model, which `checks` look at.
fn plan(world: &World, connection: &Connection, rows: usize, repeats: u32, checks: Vec<Check>) -> MatrixPlan {
    let path = world.folder().join("orders.csv");
    let lines: String = (0..rows).map(|row| format!("{row}\n")).collect();
    std::fs::write(&path, format!("order\n{lines}")).expect("a table");
    let mut comparison = chat(&connection.id, "model-a", &[]);
    comparison.repeats = repeats;
    comparison.draft.messages = vec![Message::text(Role::User, "Order {{order}}?")];
    comparison.draft.dataset = Some(Dataset { path: path.display().to_string(), row: 0, off: false });
    comparison.draft.checks = checks;
    MatrixPlan {
        name: "Judged".to_owned(),
        comparison,
        prompts: Vec::new(),
        axes: Vec::new(),
        rows: RowChoice::All,
        limits: MatrixLimits::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_answers_that_no_judge_was_heard_about_are_judged_and_not_sent_again() {
    let mut world = World::start().await;
    let is_heard = Arc::new(AtomicBool::new(false));
    let heard_now = Arc::clone(&is_heard);
    let provider = Provider::start(0, move |asked| match is_judge(asked) {
        true if !heard_now.load(Ordering::SeqCst) => Reply::Silence,
        true => Reply::Says("PASS"),
        false => Reply::Answer,
    });
    let connection = connect(&world, &provider);
    let begun = begin(&world, plan(&world, &connection, 3, 1, vec![judge("Good", &connection, 1)])).await;
    // Every answer is there, and every judge is asked.
    provider.wait(|counted| counted.in_flight == 3 && counted.calls == 6);
    world.crash().await;
    unlock(&world, &connection);
    let found = world.engine.matrix(&begun.id).expect("it is kept");
    let counts = found.counts;
    assert_eq!((found.state, counts.in_flight, counts.finished), (MatrixState::Interrupted, 0, 3));
    assert_eq!((counts.not_judged, counts.passed), (3, 0), "nobody said anything about them");

    is_heard.store(true, Ordering::SeqCst);
    let before = provider.counted();
    let mut heard = Heard::of(&world);
    world.engine.start_matrix(&begun.id).await.expect("it goes on");
    let done = heard.end().await;
    assert_eq!((done.counts.finished, done.counts.not_judged, done.counts.passed), (3, 0, 3));
    let after = provider.counted();
    assert_eq!(after.calls - before.calls, 3, "judges alone are asked");
    assert!(after.answered.values().all(|times| *times == 1), "{:?}", after.answered);

    world.crash().await;
    let kept = world.engine.matrix(&begun.id).expect("it is kept");
    assert_eq!((kept.state, kept.counts), (MatrixState::Finished, done.counts));
    world.engine.start_matrix(&begun.id).await.expect("there is nothing to do");
    assert_eq!(provider.counted().calls, after.calls);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_calls_are_in_flight_than_allowed_with_judges_at_the_same_and_at_another_provider() {
    let world = World::start().await;
    // The first calls wait for one another, so that as many as may be are in flight together.
    let says = |asked: &Asked<'_>| if is_judge(asked) { Reply::Says("PASS") } else { Reply::Answer };
    let (ours, other) = (Provider::start(2, says), Provider::start(2, says));
    let (connection, elsewhere) = (connect(&world, &ours), connect(&world, &other));
    let checks = vec![judge("Here", &connection, 3), judge("There", &elsewhere, 4)];
    let mut plan = plan(&world, &connection, 5, 2, checks);
    plan.limits.in_flight = 2;
    let count = world.engine.count_matrix(&plan).expect("a count");
    assert_eq!((count.cells, count.judge_calls, &count.problems[..]), (10, 70, &[][..]));
    let mut heard = Heard::of(&world);
    begin(&world, plan).await;
    let done = heard.end().await;
    assert_eq!((done.counts.finished, done.counts.passed, done.counts.not_judged), (10, 10, 0));
    let (ours, other) = (ours.counted(), other.counted());
    assert_eq!((ours.calls, ours.most_in_flight), (10 + 30, 2));
    assert_eq!((other.calls, other.most_in_flight), (40, 2));
    assert!(world.seen().runs.is_empty(), "the window is told nothing of runs at which nobody looks");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_minute_has_more_calls_than_allowed_those_of_judges_counted() {
    let world = World::start().await;
    let provider = convinced();
    let connection = connect(&world, &provider);
    let mut plan = plan(&world, &connection, 3, 1, vec![judge("Good", &connection, 2)]);
    plan.limits.per_minute = Some(300);
    let mut heard = Heard::of(&world);
    let start = Instant::now();
    begin(&world, plan).await;
    assert_eq!(heard.end().await.counts.passed, 3);
    let came = provider.counted().came;
    assert_eq!(came.len(), 9);
    for (at, came) in (0..).zip(came) {
        let least = Duration::from_millis(200) * at;
        assert!(came - start >= least, "call {at} came after {:?}, and not before {least:?} it may", came - start);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn judges_spend_the_budget_and_are_asked_for_the_rest_when_it_grows() {
    let mut world = World::start().await;
    let prices = r#"{"currency":"EUR","models":{"model-a":{"input":1000,"output":1000},"judge-model":{"input":1000,"output":1000}}}"#;
    assert_eq!(world.engine.save_prices(prices).expect("prices").problem, None);
    let provider = convinced();
    let connection = connect(&world, &provider);
    let unjudged = plan(&world, &connection, 6, 1, Vec::new());
    let mut plan = plan(&world, &connection, 6, 1, vec![judge("Good", &connection, 1)]);
    (plan.limits.budget, plan.limits.in_flight) = (Some(0.1), 1);
    let [alone, with] = [&unjudged, &plan].map(|plan| world.engine.count_matrix(plan).expect("a count"));
    assert_eq!((alone.cells, alone.judge_calls, with.cells, with.judge_calls), (6, 0, 6, 6));
    assert!(with.tokens_in > alone.tokens_in, "{} {}", with.tokens_in, alone.tokens_in);
    for count in [&alone, &with] {
        let expected = count.tokens_in as f64 / 1000.0;
        assert!(count.cost_in.is_some_and(|cost| (cost - expected).abs() < 1e-9), "{:?} {expected}", count.cost_in);
    }
    let mut bounded = plan.clone();
    bounded.comparison.draft.parameters.push(Parameter::new("max_tokens", "100"));
    assert_eq!(world.engine.count_matrix(&bounded).expect("a count").cost_at_most, None, "a judge may say anything");
    if let CheckRule::Judge { parameters, .. } = &mut bounded.comparison.draft.checks[0].rule {
        parameters.push(Parameter::new("max_tokens", "50"));
    }
    let count = world.engine.count_matrix(&bounded).expect("a count");
    // The answers, what judges read of them, and what judges say.
    let expected = count.cost_in.expect("prices are known") + 6.0 * f64::from(100 + 100 + 50) / 1000.0;
    assert!(count.cost_at_most.is_some_and(|cost| (cost - expected).abs() < 1e-9), "{count:?} {expected}");

    // A call costs 0.015, and they come one after the other: four answers and three judges are more than 0.1.
    let mut heard = Heard::of(&world);
    let begun = begin(&world, plan.clone()).await;
    let over = heard.until("the end of the budget", |matrix| matrix.state == MatrixState::OverBudget).await;
    assert_eq!((over.counts.finished, over.counts.not_judged, over.counts.passed), (4, 1, 3));
    assert_eq!(provider.counted().calls, 7);
    let spent = |matrix: &juxta_wire::matrix::Matrix| matrix.spent.expect("prices are known");
    assert!((spent(&over) - 0.105).abs() < 1e-9, "{:?}", over.spent);
    world.restart().await;
    unlock(&world, &connection);
    let refused = world.engine.start_matrix(&begun.id).await.expect_err("it is spent");
    assert!(matches!(&refused, AppError::Invalid { field, .. } if field == "budget"), "{refused}");

    plan.limits.budget = Some(10.0);
    world.engine.save_matrix(Some(&begun.id), plan).expect("a larger budget");
    let mut heard = Heard::of(&world);
    world.engine.start_matrix(&begun.id).await.expect("it goes on");
    let done = heard.end().await;
    assert_eq!((done.counts.finished, done.counts.not_judged, done.counts.passed), (6, 0, 6));
    assert!((spent(&done) - 12.0 * 0.015).abs() < 1e-9, "what judges had cost is not forgotten: {:?}", done.spent);
    let counted = provider.counted();
    assert_eq!(counted.calls, 12);
    assert!(counted.answered.values().all(|times| *times == 1), "{:?}", counted.answered);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_says_too_many_in_the_middle_holds_answers_and_judges_up_and_loses_none() {
    const WAIT: Duration = Duration::from_millis(200);
    let world = World::start().await;
    let provider = Provider::start(0, |asked| match (is_judge(asked), asked.before) {
        // Each first call of a judge, and of some answers.
        (true, 0) => Reply::Refusal { status: 429, retry_after: Some("0.2") },
        (false, 0) if asked.body.contains("Order 1") => Reply::Refusal { status: 429, retry_after: Some("0.2") },
        (true, _) => Reply::Says("PASS"),
        (false, _) => Reply::Answer,
    });
    let connection = connect(&world, &provider);
    let mut plan = plan(&world, &connection, 4, 1, vec![judge("Good", &connection, 1)]);
    plan.limits.in_flight = 1;
    let mut heard = Heard::of(&world);
    begin(&world, plan).await;
    let done = heard.end().await;
    assert_eq!((done.counts.finished, done.counts.failed), (4, 0));
    assert_eq!((done.counts.passed, done.counts.not_judged), (4, 0));
    let counted = provider.counted();
    // Four judges and one answer were refused once.
    assert_eq!((counted.calls, counted.most_in_flight), (4 + 4 + 5, 1));
    assert!(counted.answered.values().all(|times| *times == 1), "{:?}", counted.answered);
    let waits = counted.came.windows(2).filter(|pair| pair[1] - pair[0] >= WAIT).count();
    assert!(waits >= 5, "nothing comes before the time that was asked for: {waits}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_whose_calls_failed_is_asked_again_with_what_failed() {
    let world = World::start().await;
    let provider = Provider::start(0, |asked| match (is_judge(asked), asked.before) {
        (true, 0) => Reply::Refusal { status: 500, retry_after: None },
        (true, _) => Reply::Says("PASS"),
        (false, _) => Reply::Answer,
    });
    let connection = connect(&world, &provider);
    let mut heard = Heard::of(&world);
    let begun = begin(&world, plan(&world, &connection, 3, 1, vec![judge("Good", &connection, 1)])).await;
    let done = heard.end().await;
    assert_eq!((done.counts.finished, done.counts.not_judged, done.counts.passed), (3, 3, 0));
    world.engine.retry_matrix_failures(&begun.id).await.expect("judges are asked again");
    let done =
        heard.until("verdicts", |matrix| matrix.state == MatrixState::Finished && matrix.counts.passed == 3).await;
    assert_eq!((done.counts.finished, done.counts.not_judged), (3, 0));
    assert_eq!(provider.counted().calls, 3 + 3 + 3, "no answer is sent again");
    assert!(world.engine.retry_matrix_failures(&begun.id).await.is_err(), "nothing is left to try");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_that_cannot_be_asked_is_said_before_anything_is_sent() {
    let world = World::start().await;
    let provider = convinced();
    let connection = connect(&world, &provider);
    let mut gone = connection.clone();
    gone.id = juxta_wire::ids::ConnectionId::new();
    let plan = plan(&world, &connection, 2, 1, vec![judge("Nobody", &gone, 1)]);
    let count = world.engine.count_matrix(&plan).expect("a count");
    assert!(count.problems.iter().any(|problem| problem.starts_with("Judge Nobody: ")), "{:?}", count.problems);
    let draft = world.engine.save_matrix(None, plan).expect("a draft");
    assert!(world.engine.start_matrix(&draft.id).await.is_err());
    assert_eq!(provider.counted().calls, 0);
}
