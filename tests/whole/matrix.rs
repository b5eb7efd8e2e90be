//! Matrices against a provider that counts: nothing is lost, nothing is sent twice, and no more at a time than it may.

mod deleted;
mod judged;
mod limits;
mod with_tools;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use juxta_tests::counting::{Counted, Provider, Reply};
use juxta_tests::world::{PATIENCE, World, chat, lane};
use juxta_wire::check::{Check, CheckRule};
use juxta_wire::connection::{Connection, Network};
use juxta_wire::draft::{Dataset, Message, Role};
use juxta_wire::endpoint::Dialect;
use juxta_wire::error::AppError;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::{
    Matrix, MatrixAxis, MatrixLimits, MatrixNews, MatrixPlan, MatrixPrompt, MatrixState, RowChoice,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

fn answers(gate: usize) -> Provider {
    Provider::start(gate, |_| Reply::Answer)
}

fn connect(world: &World, provider: &Provider) -> Connection {
    let mut connection = world.connect("Counting", Dialect::OpenAi, &provider.origin);
    connection.network = Network { max_retries: 0, ..connection.network };
    world.engine.save_connection(connection).expect("a connection")
}

fn prompt(name: &str, text: &str) -> MatrixPrompt {
    MatrixPrompt { name: name.to_owned(), messages: vec![Message::text(Role::User, text)] }
}

/// 3 prompts × 2 models × 3 values × `rows` × `repeats`.
fn plan(world: &World, connection: &Connection, rows: usize, repeats: u32) -> MatrixPlan {
    let path = world.folder().join("orders Größe.csv");
    let mut text = "order,note\n".to_owned();
    for row in 0..rows {
        writeln!(text, "{row},\"a \"\"b\"\" \\ 東京 {row}\"").expect("a string takes all");
    }
    std::fs::write(&path, text).expect("a table");
    let mut comparison = chat(&connection.id, "model-a", &[]);
    comparison.lanes.push(lane(&connection.id, "model-b"));
    comparison.repeats = repeats;
    comparison.draft.dataset = Some(Dataset { path: path.display().to_string(), row: 0, off: false });
    let rule = CheckRule::Contains { text: "yes".to_owned(), ignore_case: false, not: false };
    comparison.draft.checks = vec![Check { name: "Says yes".to_owned(), rule }];
    MatrixPlan {
        name: "Orders".to_owned(),
        comparison,
        prompts: vec![
            prompt("Short", "Order {{order}}?"),
            prompt("Long", "Where is order {{order}}? It is said: {{note}}"),
            prompt("Polite", "Please: {{order}} / {{note}}"),
        ],
        axes: vec![MatrixAxis { parameter: "temperature".to_owned(), values: "0..1 step 0.5".to_owned() }],
        rows: RowChoice::All,
        limits: MatrixLimits::default(),
    }
}

struct Heard(UnboundedReceiver<Matrix>);

impl Heard {
    fn of(world: &World) -> Self {
        let (send, heard) = unbounded_channel();
        world.engine.watch_matrices(Box::new(move |news| match news {
            MatrixNews::Changed { matrix } => send.send(*matrix).is_ok(),
            MatrixNews::Gone { .. } => true,
        }));
        Self(heard)
    }

    /// Waits for news that are as wanted.
    async fn until(&mut self, what: &str, enough: impl Fn(&Matrix) -> bool) -> Matrix {
        let mut last = None;
        let search = async {
            loop {
                let matrix = self.0.recv().await.expect("the engine is alive");
                if enough(&matrix) {
                    return matrix;
                }
                last = Some((matrix.state, matrix.counts, matrix.slowed_to, matrix.problem));
            }
        };
        let found = tokio::time::timeout(PATIENCE * 5, search).await;
        found.unwrap_or_else(|_| panic!("it never came: {what}; the last that came is {last:?}"))
    }

    async fn end(&mut self) -> Matrix {
        self.until("the end", |matrix| matrix.state == MatrixState::Finished).await
    }
}

/// The key was in memory and is gone after a start.
fn unlock(world: &World, connection: &Connection) {
    world.engine.store_key(connection.clone(), "key", juxta_tests::world::KEY).expect("a key");
}

async fn begin(world: &World, plan: MatrixPlan) -> Matrix {
    let draft = world.engine.save_matrix(None, plan).expect("a draft");
    assert_eq!(draft.state, MatrixState::Draft);
    world.engine.start_matrix(&draft.id).await.expect("it begins")
}

fn each_once(counted: &Counted, bodies: usize, repeats: u32) {
    assert_eq!(counted.answered.len(), bodies);
    let others: Vec<_> = counted.answered.iter().filter(|(_, times)| **times != repeats).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn eighteen_hundred_calls_are_counted_first_and_sent_once_eight_at_a_time() {
    let world = World::start().await;
    let provider = answers(8);
    let connection = connect(&world, &provider);
    let plan = plan(&world, &connection, 20, 5);
    let count = world.engine.count_matrix(&plan).expect("a count");
    assert_eq!((count.prompts, count.lanes, count.values, count.rows, count.repeats), (3, 2, 3, 20, 5));
    assert_eq!((count.cells, count.variants.len(), &count.problems[..]), (1800, 18, &[][..]));
    assert_eq!(count.variants[4].name, "Short · model-b · temperature 0.5");
    assert_eq!(count.variants[17].letter, "R");
    assert!(count.tokens_in > 1800 * 5, "{}", count.tokens_in);
    assert_eq!((count.cost_in, count.cost_at_most), (None, None), "nobody knows the price");
    assert_eq!(provider.counted().calls, 0, "counting sends nothing");

    let mut heard = Heard::of(&world);
    let begun = begin(&world, plan).await;
    assert_eq!((begun.state, begun.counts.total), (MatrixState::Running, 1800));
    let rate = |matrix: &Matrix| matrix.progress.len() > 1 && matrix.progress.is_sorted_by_key(|moment| moment.over);
    heard.until("a rate", rate).await;
    let done = heard.end().await;
    let counts = done.counts;
    assert_eq!((counts.finished, counts.failed, counts.in_flight, counts.passed), (1800, 0, 0, 1800));
    let counted = provider.counted();
    assert_eq!((counted.calls, counted.most_in_flight, counted.in_flight), (1800, 8, 0));
    each_once(&counted, 360, 5);

    // A row is a run like any other, with the variants as its lanes.
    let runs = world.engine.runs(100, None).expect("the history");
    assert_eq!(runs.len(), 20);
    assert!(runs.iter().all(|run| (run.cells, run.finished, run.lanes, run.live) == (90, 90, 18, false)));
    let run = world.engine.run(&runs[19].id).expect("the first row");
    assert_eq!(run.summary.name, "Orders · row 1");
    assert_eq!(
        run.snapshot.draft.variables.iter().find(|one| one.name == "order").map(|one| one.value.as_str()),
        Some("0")
    );
    assert!(world.seen().states.is_empty(), "the window is told nothing of runs at which nobody looks");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_and_a_new_start_of_juxta_leave_only_what_is_missing_to_be_sent() {
    let mut world = World::start().await;
    let provider = answers(0);
    let connection = connect(&world, &provider);
    let mut heard = Heard::of(&world);
    let begun = begin(&world, plan(&world, &connection, 6, 2)).await;
    heard.until("some answers", |matrix| matrix.counts.finished >= 20).await;
    world.engine.pause_matrix(&begun.id).expect("a pause");
    let paused = |matrix: &Matrix| matrix.state == MatrixState::Paused && matrix.counts.in_flight == 0;
    let still = heard.until("stillness", paused).await;
    let sent = provider.counted().calls;
    assert_eq!(still.counts.finished, sent, "those in flight came to their end");
    assert!(sent < 216, "{sent}");
    assert!(world.engine.retry_matrix_failures(&begun.id).await.is_err(), "none failed");

    world.engine.start_matrix(&begun.id).await.expect("it goes on");
    heard.until("some more", |matrix| matrix.counts.finished >= sent + 20).await;
    world.restart().await;
    unlock(&world, &connection);
    let mut heard = Heard::of(&world);
    let found = world.engine.matrix(&begun.id).expect("it is kept");
    assert_eq!((found.state, found.counts.in_flight), (MatrixState::Interrupted, 0));
    let interrupted = provider.counted();
    let answered: u32 = interrupted.answered.values().sum();
    world.engine.start_matrix(&begun.id).await.expect("it goes on");
    let done = heard.end().await;
    assert_eq!((done.counts.finished, done.counts.failed), (216, 0));
    let counted = provider.counted();
    let again = counted.calls - interrupted.calls;
    assert_eq!(again, 216 - found.counts.finished, "what was over is not sent again");
    assert!(u64::from(answered) - found.counts.finished <= 8, "only what was in flight is sent a second time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_says_too_many_is_called_less_and_nothing_fails() {
    let world = World::start().await;
    const REFUSED: std::ops::Range<u64> = 20..40;
    let provider = Provider::start(0, |asked| match REFUSED.contains(&asked.calls_before) {
        true => Reply::Refusal { status: 429, retry_after: Some("0.2") },
        false => Reply::Answer,
    });
    let connection = connect(&world, &provider);
    let mut heard = Heard::of(&world);
    let begun = begin(&world, plan(&world, &connection, 6, 2)).await;
    let slowed = heard.until("a slowing down", |matrix| matrix.slowed_to.is_some()).await;
    assert!(slowed.slowed_to.is_some_and(|calls| calls <= 4));
    let done = heard.end().await;
    assert_eq!((done.id, done.counts.finished, done.counts.failed), (begun.id, 216, 0));
    each_once(&provider.counted(), 108, 2);
    assert_eq!(provider.counted().calls, 216 + 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_sent_again_and_nothing_else() {
    let world = World::start().await;
    let provider = Provider::start(0, |asked| match asked.body.contains("Please") && asked.before == 0 {
        true => Reply::Refusal { status: 500, retry_after: None },
        false => Reply::Answer,
    });
    let connection = connect(&world, &provider);
    let mut heard = Heard::of(&world);
    let begun = begin(&world, plan(&world, &connection, 4, 1)).await;
    let done = heard.end().await;
    assert_eq!((done.counts.finished, done.counts.failed, provider.counted().calls), (48, 24, 72));
    world.engine.retry_matrix_failures(&begun.id).await.expect("they are sent again");
    let done = heard.end().await;
    assert_eq!((done.counts.finished, done.counts.failed, done.counts.passed), (72, 0, 72));
    assert_eq!(provider.counted().calls, 96);
    each_once(&provider.counted(), 72, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_ends_it_and_a_larger_one_goes_on() {
    let world = World::start().await;
    let prices = r#"{"currency":"EUR","models":{"model-a":{"input":1000,"output":1000},"model-b":{"input":1000,"output":1000}}}"#;
    assert_eq!(world.engine.save_prices(prices).expect("prices").problem, None);
    let provider = answers(0);
    let connection = connect(&world, &provider);
    let mut plan = plan(&world, &connection, 4, 2);
    plan.limits.budget = Some(1.0);
    let count = world.engine.count_matrix(&plan).expect("a count");
    assert!(count.cost_in.is_some_and(|cost| cost > 1.0) && count.cost_at_most.is_none(), "no length is set");
    assert_eq!(count.currency.as_deref(), Some("EUR"));
    let mut heard = Heard::of(&world);
    let begun = begin(&world, plan.clone()).await;
    let over = heard.until("the end of the budget", |matrix| matrix.state == MatrixState::OverBudget).await;
    // A call costs 0.015.
    let spent = over.spent.expect("the price is known");
    assert!((1.0..1.0 + 8.0 * 0.0151).contains(&spent), "{spent}");
    assert!((spent - over.counts.finished as f64 * 0.015).abs() < 1e-9);
    let refused = world.engine.start_matrix(&begun.id).await.expect_err("it is spent");
    assert!(matches!(&refused, AppError::Invalid { field, .. } if field == "budget"), "{refused}");
    plan.limits.budget = Some(100.0);
    world.engine.save_matrix(Some(&begun.id), plan).expect("a larger budget");
    world.engine.start_matrix(&begun.id).await.expect("it goes on");
    assert_eq!(heard.end().await.counts.finished, 144);
    each_once(&provider.counted(), 72, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_pause_stops_what_is_in_flight_and_it_is_sent_later() {
    let world = World::start().await;
    let is_open = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let gate = Arc::clone(&is_open);
    let provider = Provider::start(0, move |_| {
        match gate.load(std::sync::atomic::Ordering::SeqCst) {
            true => {}
            // Longer than the test waits for the pause.
            false => std::thread::sleep(Duration::from_millis(300)),
        }
        Reply::Answer
    });
    let connection = connect(&world, &provider);
    let mut heard = Heard::of(&world);
    let begun = begin(&world, plan(&world, &connection, 2, 1)).await;
    heard.until("calls in flight", |matrix| matrix.counts.in_flight > 0).await;
    world.engine.pause_matrix(&begun.id).expect("a pause");
    world.engine.pause_matrix(&begun.id).expect("a stop");
    heard.until("stillness", |matrix| matrix.state == MatrixState::Paused && matrix.counts.in_flight == 0).await;
    is_open.store(true, std::sync::atomic::Ordering::SeqCst);
    world.engine.start_matrix(&begun.id).await.expect("it goes on");
    let done = heard.end().await;
    assert_eq!((done.counts.finished, done.counts.failed), (36, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_cannot_run_says_why_and_sends_nothing() {
    type Change<'a> = &'a dyn Fn(&mut MatrixPlan);
    let world = World::start().await;
    let provider = answers(0);
    let connection = connect(&world, &provider);
    let good = plan(&world, &connection, 2, 1);
    let problems = |change: Change<'_>| {
        let mut plan = good.clone();
        change(&mut plan);
        (world.engine.count_matrix(&plan).expect("a count").problems.join("\n"), plan)
    };
    let cases: [(&str, Change<'_>); 8] = [
        ("muted", &|plan| plan.comparison.lanes.iter_mut().for_each(|lane| lane.muted = true)),
        ("temperature", &|plan| plan.axes[0].values = "0..1 step 0".to_owned()),
        ("lane for each model", &|plan| plan.axes[0].parameter = "model".to_owned()),
        ("no row 3", &|plan| plan.rows = RowChoice::Numbers { text: "1-3".to_owned() }),
        ("called Short", &|plan| plan.prompts[1].name = "Short".to_owned()),
        ("nobody", &|plan| plan.prompts[0].messages = vec![Message::text(Role::User, "{{nobody}}")]),
        ("no file", &|plan| plan.comparison.draft.dataset.as_mut().expect("a table").path = "none.csv".to_owned()),
        ("Repeat between", &|plan| plan.comparison.repeats = 0),
    ];
    for (part, change) in cases {
        let (problem, plan) = problems(change);
        assert!(problem.contains(part), "{part}: {problem}");
        let draft = world.engine.save_matrix(None, plan).expect("a draft may be anything");
        assert!(world.engine.start_matrix(&draft.id).await.is_err(), "{part}");
    }
    let gone = world.engine.matrix(&MatrixId::new()).expect_err("there is none");
    assert!(matches!(gone, AppError::NotFound { .. }));
    assert_eq!(provider.counted().calls, 0);
}
