//! A recorded answer played again: on screen at every pace, and from loopback to anybody's code.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use juxta_tests::world::{Seen, World, chat};
use juxta_wire::error::AppError;
use juxta_wire::exchange::ResponseHead;
use juxta_wire::ids::{CellId, ConnectionId};
use juxta_wire::replay::{ReplayControl, ReplayPace};
use juxta_wire::run::{Cell, CellState};

fn sandbox(dialect: &str) -> ConnectionId {
    ConnectionId(format!("sandbox-{dialect}"))
}

async fn recorded(world: &World, dialect: &str, model: &str, stream: bool) -> Cell {
    let stream = if stream { "true" } else { "false" };
    let parameters: &[(&str, &str)] = match model {
        "sandbox/tools" => &[
            ("stream", stream),
            ("tools", r#"[{"type":"function","function":{"name":"weather","parameters":{"type":"object"}}}]"#),
        ],
        "sandbox/logprobs" => &[("stream", stream), ("logprobs", "true"), ("top_logprobs", "3")],
        _ => &[("stream", stream)],
    };
    world.run(chat(&sandbox(dialect), model, parameters)).await.remove(0)
}

/// Starts a replay and waits for its end, as the window hears of it.
async fn replayed(world: &World, cell: &Cell, pace: ReplayPace) -> Cell {
    let before = world.seen().told[&cell.id];
    let snapshot = world.engine.start_replay(&cell.id, pace).await.expect("a replay");
    assert!(matches!(snapshot.cell.state, CellState::Replaying { .. }), "{:?}", snapshot.cell.state);
    assert!(snapshot.cell.outcome.choices.iter().all(|choice| choice.text.is_empty()), "it starts from nothing");
    ended(world, cell, before).await.heads[&cell.id].clone()
}

/// Waits until the window hears of an end after the first `before` heads of the cell.
async fn ended(world: &World, cell: &Cell, before: usize) -> Seen {
    world.until(|seen| seen.told[&cell.id] > before && seen.states[&cell.id].is_over()).await
}

fn text(cell: &Cell) -> &str {
    cell.outcome.choices.first().map_or("", |choice| &choice.text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_tells_the_same_answer_with_the_same_figures() {
    let mut cases: Vec<(&str, &str, bool)> = vec![
        ("openai", "sandbox/short", false),
        ("scaigrid", "sandbox/short", false),
        ("scale", "sandbox/json", true),
        ("openai", "sandbox/tools", true),
        ("openai", "sandbox/logprobs", true),
        ("scaigrid", "sandbox/unicode", true),
        ("scale", "sandbox/reasoning", true),
        ("openai", "sandbox/flood-3000", true),
    ];
    let faults =
        ["error-mid-stream", "cut", "dribble", "no-done", "status-500"].map(|name| format!("sandbox/fault/{name}"));
    let world = World::start().await;
    let known = world.sandbox.scenarios();
    cases.extend(
        faults
            .iter()
            .filter(|model| known.iter().any(|scenario| model.ends_with(&format!("/{}", scenario.name))))
            .map(|model| ("openai", model.as_str(), true)),
    );
    assert!(cases.len() > 8, "some of the faults are there: {known:?}");
    for (dialect, model, stream) in cases {
        let live = recorded(&world, dialect, model, stream).await;
        if live.head.is_none() {
            continue;
        }
        let head = replayed(&world, &live, ReplayPace::AtOnce).await;
        let shown = world.seen().texts.get(&live.id).cloned().unwrap_or_default();
        // A batch tells the text after the one that the live run told: only what came after the restart counts.
        assert!(shown.ends_with(text(&live)), "{model}: {shown:?}");
        assert_eq!(head.state, live.state, "{model}");
        assert_eq!(head.error, live.error, "{model}");
        assert_eq!(head.metrics, live.metrics, "{model}");
        assert_eq!(head.milestones, live.milestones, "{model}");
        assert_eq!(head.outcome.usage, live.outcome.usage, "{model}");
        assert_eq!(head.outcome.events, live.outcome.events, "{model}");
        let stored = world.engine.cell(&live.id).expect("the cell").cell;
        assert_eq!(stored.outcome, live.outcome, "{model}: what was recorded stays as it is");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gaps_of_a_replay_are_those_of_the_recording() {
    let world = World::start().await;
    let live = recorded(&world, "openai", "sandbox/steady", true).await;
    let before = world.seen().shown[&live.id].len();
    replayed(&world, &live, ReplayPace::Times { factor: 1.0 }).await;
    let shown = world.seen().shown[&live.id][before..].to_vec();
    assert!(shown.len() > 20, "{} batches", shown.len());
    let mut errors: Vec<f64> = shown
        .windows(2)
        .map(|pair| ((pair[1].0 - pair[0].0).as_secs_f64() * 1000.0 - (pair[1].1 - pair[0].1)).abs())
        .collect();
    let median = median(&mut errors);
    assert!(median < 10.0, "median error of {} gaps on screen: {median} ms", errors.len());

    let quick = Instant::now();
    replayed(&world, &live, ReplayPace::Times { factor: 10.0 }).await;
    let took = quick.elapsed().as_secs_f64() * 1000.0;
    let length = live.milestones.last_text.expect("text");
    assert!(took > length / 10.0 * 0.8, "{took} ms for a tenth of {length} ms: not all at once");
    assert!(took < length * 0.8, "{took} ms for {length} ms: faster than it was");
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
async fn step_by_step_one_event_comes_at_a_time_and_the_rest_when_asked() {
    let world = World::start().await;
    let live = recorded(&world, "openai", "sandbox/short", true).await;
    let before = world.seen().told[&live.id];
    world.engine.start_replay(&live.id, ReplayPace::Step).await.expect("a replay");
    let arrived = || async { world.engine.cell(&live.id).expect("the cell").cell.arrivals.len() };
    assert_eq!(arrived().await, 0, "nothing comes by itself");
    for wanted in 1..=3 {
        world.engine.control_replay(&live.id, ReplayControl::Step);
        while arrived().await < wanted {
            tokio::task::yield_now().await;
        }
        assert_eq!(arrived().await, wanted);
        let state = world.engine.cell(&live.id).expect("the cell").cell.state;
        assert!(matches!(state, CellState::Replaying { paused: true, .. }), "{state:?}");
    }
    world.engine.control_replay(&live.id, ReplayControl::Finish);
    let seen = ended(&world, &live, before).await;
    assert_eq!(seen.heads[&live.id].outcome.events, live.outcome.events);
    assert_eq!(seen.heads[&live.id].metrics, live.metrics);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_can_be_paused_and_replaced_and_ends_with_the_engine() {
    let mut world = World::start().await;
    let live = recorded(&world, "openai", "sandbox/steady", true).await;
    world.engine.start_replay(&live.id, ReplayPace::Times { factor: 1.0 }).await.expect("a replay");
    world.engine.control_replay(&live.id, ReplayControl::Pause);
    let paused = |state: &CellState| matches!(state, CellState::Replaying { paused: true, .. });
    world.until(|seen| seen.states.get(&live.id).is_some_and(paused)).await;
    let moment = world.engine.cell(&live.id).expect("the cell").cell.arrivals.len();
    tokio::time::sleep(Duration::from_millis(120)).await;
    assert_eq!(world.engine.cell(&live.id).expect("the cell").cell.arrivals.len(), moment);

    let head = replayed(&world, &live, ReplayPace::AtOnce).await;
    assert_eq!(head.metrics, live.metrics, "the second replay takes the place of the first");
    world.engine.control_replay(&live.id, ReplayControl::Resume);
    assert_eq!(world.engine.cell(&live.id).expect("the cell").cell.state, live.state, "the first one is gone");

    world.engine.start_replay(&live.id, ReplayPace::Step).await.expect("a replay");
    world.restart().await;
    let stored = world.engine.cell(&live.id).expect("the cell").cell;
    assert_eq!((stored.state, stored.outcome), (live.state.clone(), live.outcome.clone()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_replayed_says_why() {
    let world = World::start().await;
    let unknown = CellId::new();
    let error = world.engine.start_replay(&unknown, ReplayPace::AtOnce).await.expect_err("no such cell");
    assert!(matches!(error, AppError::NotFound { .. }), "{error}");

    let live = recorded(&world, "openai", "sandbox/short", true).await;
    for factor in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = world.engine.start_replay(&live.id, ReplayPace::Times { factor }).await.expect_err("no pace");
        assert!(matches!(&error, AppError::Invalid { field, .. } if field == "factor"), "{error}");
    }

    let nobody = world.connect("Nobody", juxta_wire::endpoint::Dialect::OpenAi, "http://127.0.0.1:9");
    let failed = world.run(chat(&nobody.id, "m", &[])).await.remove(0);
    let error = world.engine.start_replay(&failed.id, ReplayPace::AtOnce).await.expect_err("no answer");
    assert!(error.to_string().contains("Nothing was received"), "{error}");

    let run = world.engine.start_run(chat(&sandbox("openai"), "sandbox/steady", &[("stream", "true")]), None).await;
    let run = run.expect("a run");
    let error = world.engine.start_replay(&run.cells[0].id, ReplayPace::AtOnce).await.expect_err("still arriving");
    assert!(error.to_string().contains("still arriving"), "{error}");
    world.engine.stop_run(&run.summary.id);
}

/// The body of an answer as `curl` writes it.
fn curl(url: &str, more: &[&str]) -> Vec<u8> {
    let output = Command::new("curl").args(["--silent", "--no-buffer"]).args(more).arg(url).output().expect("curl");
    output.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_gets_the_original_bytes_from_loopback() {
    let world = World::start().await;
    for (dialect, model, stream) in [
        ("openai", "sandbox/unicode", true),
        ("scaigrid", "sandbox/short", false),
        ("scale", "sandbox/flood-20000", true),
        ("openai", "sandbox/fault/status-500", false),
    ] {
        let live = recorded(&world, dialect, model, stream).await;
        let (body, _) = world.engine.recorded_body(&live.id).expect("the body");
        let recording = world.engine.replay_source(&live.id, 100.0).expect("a recording");
        let url = world.sandbox.replay(recording, 100.0);
        let path = format!("{url}/v1/chat/completions?x=1");
        let posted = tokio::task::spawn_blocking(move || {
            [curl(&path, &["-d", "{\"any\":1}"]), curl(&url, &["-X", "DELETE"]), curl(&url, &["--http1.0"])]
        });
        for received in posted.await.expect("curl ran") {
            assert!(received == body, "{model}: {} of {} bytes", received.len(), body.len());
        }
    }
}

/// When each piece of the body came, by a bare socket, with the head.
fn times(address: &str, path: &str) -> (String, Vec<(Duration, usize)>) {
    let mut socket = TcpStream::connect(address).expect("a connection");
    socket.set_nodelay(true).expect("an option");
    // Without chunks the body is what follows the head, so each read is a piece of it.
    write!(socket, "GET {path} HTTP/1.0\r\nhost: {address}\r\n\r\n").expect("sent");
    let began = Instant::now();
    let (mut head, mut buffer) = (Vec::new(), [0; 65536]);
    while !head.ends_with(b"\r\n\r\n") {
        assert_eq!(socket.read(&mut buffer[..1]).expect("the head"), 1);
        head.push(buffer[0]);
    }
    let mut pieces = Vec::new();
    loop {
        match socket.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(bytes) => pieces.push((began.elapsed(), bytes)),
        }
    }
    (String::from_utf8_lossy(&head).into_owned(), pieces)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_served_replay_keeps_the_head_and_the_pace() {
    let world = World::start().await;
    let live = recorded(&world, "scaigrid", "sandbox/steady", true).await;
    let recorded = live.head.clone().expect("a head");
    let mut told = Vec::new();
    // The machine may stand still for longer than a gap, in one of a few rounds and not in each.
    for _ in 0..5 {
        let recording = world.engine.replay_source(&live.id, 1.0).expect("a recording");
        let expected: Vec<f64> = recording.chunks.iter().map(|chunk| chunk.at.as_secs_f64() * 1000.0).collect();
        let url = world.sandbox.replay(recording, 1.0);
        let address = world.sandbox.address().to_string();
        let path = url.trim_start_matches(&format!("http://{address}")).to_owned();
        let (head, pieces) = tokio::task::spawn_blocking(move || times(&address, &path)).await.expect("read");
        has_the_head(&head, &recorded);
        let came: Vec<f64> = pieces.iter().map(|(at, _)| at.as_secs_f64() * 1000.0).collect();
        match pace(&came, &expected) {
            Ok(()) => return,
            Err(figures) => told.push(figures),
        }
    }
    panic!("{told:#?}");
}

fn has_the_head(head: &str, recorded: &ResponseHead) {
    assert!(head.starts_with("HTTP/1.0 200"), "{head}");
    for header in recorded.headers.iter().filter(|header| header.name.starts_with("x-")) {
        let line = format!("{}: {}", header.name, header.value).to_lowercase();
        assert!(head.to_lowercase().contains(&line), "{line} in {head}");
    }
    let own = head.to_lowercase().matches("x-scaigrid-request-id").count();
    assert_eq!(own, 1, "the recorded id and none of the replay's: {head}");
}

/// Whether pieces came when they were meant to.
fn pace(came: &[f64], expected: &[f64]) -> Result<(), String> {
    // Where the machine stands still, pieces pile up and are read as one. At once they would be a handful, and early.
    let (last, meant) = (came.last().copied().unwrap_or_default(), expected.last().copied().unwrap_or_default());
    if came.len() * 2 < expected.len() || last < meant * 0.9 {
        return Err(format!("{} of {} pieces came by themselves, in {last} ms", came.len(), expected.len()));
    }
    if came.len() < expected.len() {
        return Ok(());
    }
    let gaps = |times: &[f64]| -> Vec<f64> { times.windows(2).map(|pair| pair[1] - pair[0]).collect() };
    let mut errors: Vec<f64> =
        gaps(came).iter().zip(gaps(expected)).map(|(came, expected)| (came - expected).abs()).collect();
    let median = median(&mut errors);
    if median < 10.0 { Ok(()) } else { Err(format!("median error of {} gaps: {median} ms", errors.len())) }
}
