//! Prints what the store costs on this machine: `cargo run --release -p juxta-store --example measure`. With `matrix` behind
//! it, only what the cells of a matrix cost.
#![expect(clippy::print_stdout, reason = "figures are all it makes")]

mod matrix;

use std::time::{Duration, Instant};

use juxta_store::Store;
use juxta_wire::draft::{Draft, Message, Role};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::ids::{CellId, ComparisonId, ConnectionId, LaneId, RunId};
use juxta_wire::lane::Comparison;
use juxta_wire::outcome::{Choice, Outcome};
use juxta_wire::run::{Cell, CellState, Run, RunSummary};

const EVENTS: u64 = 200_000;
const EVENT: [u8; 290] = [b'x'; 290];
const RUNS: u64 = 100_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path())?;
    if std::env::args().nth(1).as_deref() != Some("matrix") {
        events(&store)?;
        typing(&store)?;
        runs(&store)?;
    }
    matrix::measure(&store)
}

/// The cost of an event on the path of a token: one chunk, one record, one look at the clock's last flush.
fn events(store: &Store) -> Result<(), Box<dyn std::error::Error>> {
    let mut each: Vec<f64> = Vec::new();
    for _ in 0..7 {
        let run = run(1, "a stream");
        store.insert_run(&run)?;
        let mut writer = store.begin_cell(&run.cells[0], b"HEAD", b"{}")?;
        let start = Instant::now();
        for number in 0..EVENTS {
            let at = number * 25;
            writer.chunk(at, &EVENT);
            writer.event(at, number * EVENT.len() as u64, EVENT.len() as u32, false);
            writer.flush_if_due(at);
        }
        let end = writer.finish()?;
        each.push(start.elapsed().as_nanos() as f64 / EVENTS as f64);
        assert_eq!(end.events, EVENTS);
    }
    each.sort_by(f64::total_cmp);
    println!(
        "event of {} bytes: {:.0} ns median of {} streams ({:.0} to {:.0})",
        EVENT.len(),
        each[each.len() / 2],
        each.len(),
        each[0],
        each[each.len() - 1]
    );
    Ok(())
}

fn typing(store: &Store) -> Result<(), Box<dyn std::error::Error>> {
    let mut draft = run(1, &"a draft of some length ".repeat(200)).snapshot;
    let mut times = Vec::new();
    for _ in 0..2_000 {
        draft.name.push('a');
        let start = Instant::now();
        store.save_comparison(&draft)?;
        times.push(start.elapsed());
    }
    print_spread("save of a 5 kB draft", times);
    Ok(())
}

fn runs(store: &Store) -> Result<(), Box<dyn std::error::Error>> {
    let text = "An answer of about four kilobytes. ".repeat(115);
    let mut saves = Vec::new();
    let start = Instant::now();
    for number in 0..RUNS {
        let run = run(number + 2, &text);
        let one = Instant::now();
        store.insert_run(&run)?;
        saves.push(one.elapsed());
    }
    println!("{RUNS} runs of 4 kB, one after the other: {:.1} s", start.elapsed().as_secs_f64());
    print_spread("insert of a run", saves);

    let mut first = Vec::new();
    for _ in 0..500 {
        let start = Instant::now();
        let page = store.runs(100, None)?;
        first.push(start.elapsed());
        assert_eq!(page.len(), 100);
    }
    print_spread("newest 100 runs", first);

    let (mut pages, mut before, mut seen) = (Vec::new(), None, 0);
    loop {
        let start = Instant::now();
        let page = store.runs(100, before.as_ref())?;
        pages.push(start.elapsed());
        seen += page.len();
        let Some(last) = page.last() else { break };
        before = Some(last.id.clone());
    }
    println!("{seen} runs listed in {} pages", pages.len());
    print_spread("any 100 runs", pages);
    Ok(())
}

fn print_spread(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{what}: {:.3} ms p50, {:.3} ms p99, {:.3} ms at most", at(0.5), at(0.99), at(1.0));
}

fn run(started_at: u64, text: &str) -> Run {
    let id = RunId::new();
    let snapshot = Comparison {
        id: ComparisonId::new(),
        name: "Measured".to_owned(),
        draft: Draft { messages: vec![Message::text(Role::User, "Tell me.")], ..Draft::default() },
        lanes: Vec::new(),
        repeats: 1,
    };
    let cell = Cell {
        id: CellId::new(),
        run: id.clone(),
        lane: LaneId::new(),
        lane_index: 0,
        repeat: 0,
        step: 0,
        connection: ConnectionId::new(),
        connection_name: "Sandbox".to_owned(),
        dialect: Dialect::ScaleV5,
        endpoint: EndpointKind::Chat,
        model: "echo".to_owned(),
        state: CellState::Finished,
        started_at: Some(started_at),
        attempt: 1,
        request: None,
        head: None,
        phases: Default::default(),
        milestones: Default::default(),
        metrics: Default::default(),
        outcome: Outcome { choices: vec![Choice { text: text.to_owned(), ..Choice::default() }], ..Outcome::default() },
        error: None,
        arrivals: Vec::new(),
        results: Vec::new(),
        arguments: Vec::new(),
        choice: 0,
        replaced: None,
        slice: None,
    };
    let summary = RunSummary {
        id,
        comparison: snapshot.id.clone(),
        name: snapshot.name.clone(),
        started_at,
        lanes: 1,
        endpoint: snapshot.endpoint(),
        cells: 1,
        finished: 1,
        unfinished: 0,
        live: false,
        starred: false,
        note: String::new(),
    };
    Run { summary, snapshot, cells: vec![cell] }
}
