//! `juxta-cli bench`: the real pipeline (HTTP, recorder, parser, mapper, batches) against any server, and the history.

mod search;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use juxta_engine::{Engine, Keys};
use juxta_wire::connection::{Connection, Network, Proxy};
use juxta_wire::draft::{Draft, Message, Parameter, Role};
use juxta_wire::endpoint::{Dialect, EndpointKind, ProfileId};
use juxta_wire::ids::{ComparisonId, ConnectionId, LaneId};
use juxta_wire::lane::{Comparison, Lane, MAX_LANES};
use juxta_wire::live::{Append, Batch};
use juxta_wire::run::CellState;
use serde::Serialize;
use tokio::sync::mpsc;

#[derive(clap::Subcommand)]
pub enum Bench {
    /// Streams a chat from a server and prints one line of JSON with what it cost.
    Sse(Sse),
    /// Looks for words among very many runs and prints one line of JSON with what it took, beside a plain scan.
    ///
    /// Progress goes to stderr, with every query that took more than 10 ms.
    Search(search::Search),
}

#[derive(clap::Args)]
pub struct Sse {
    /// The whole address of an OpenAI-compatible chat endpoint, on this computer.
    url: String,
    #[arg(long, default_value = "sandbox/flood")]
    model: String,
    /// Streams at the same time.
    #[arg(long, default_value_t = 1)]
    streams: u32,
    /// Milliseconds that the reader of the batches sleeps after each, to stand for a slow window.
    #[arg(long, default_value_t = 0)]
    slow_reader: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Figures {
    events: u64,
    text_bytes: u64,
    batches: u64,
    largest_batch_bytes: usize,
    wall_seconds: f64,
    /// User and system time of this process; `None` where the system does not tell.
    cpu_seconds: Option<f64>,
    cpu_microseconds_per_event: Option<f64>,
    peak_memory_bytes: Option<u64>,
    finished: u32,
}

pub async fn run(bench: Bench) -> Result<ExitCode, String> {
    match bench {
        Bench::Sse(arguments) => sse(arguments).await,
        Bench::Search(arguments) => search::run(&arguments),
    }
}

async fn sse(arguments: Sse) -> Result<ExitCode, String> {
    only_this_computer(&arguments.url)?;
    if !(1..=64).contains(&arguments.streams) {
        return Err("--streams goes from 1 to 64".to_owned());
    }
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let engine = Engine::open(folder.path(), Keys::Memory).map_err(|error| error.to_string())?;
    let connection = connection(&arguments);
    let comparison = comparison(&arguments, &connection.id);
    engine.save_connection(connection).map_err(|error| error.to_string())?;
    let (send, batches) = mpsc::channel::<Batch>(64);
    engine.subscribe(Arc::new(move |batch| send.try_send(batch).is_ok()));
    let cpu = cpu_seconds();
    let began = Instant::now();
    let run = engine.start_run(comparison, None).await.map_err(|error| error.to_string())?;
    let read = read(&engine, batches, run.cells.len(), arguments.slow_reader).await?;
    let wall_seconds = began.elapsed().as_secs_f64();
    let cpu_seconds = cpu_seconds().zip(cpu).map(|(after, before)| after - before);
    let mut events = 0;
    for cell in &run.cells {
        events += engine.cell(&cell.id).map_err(|error| error.to_string())?.cell.outcome.events;
    }
    let figures = Figures {
        events,
        text_bytes: read.text_bytes,
        batches: read.batches,
        largest_batch_bytes: read.largest,
        wall_seconds,
        cpu_seconds,
        cpu_microseconds_per_event: cpu_seconds.filter(|_| events > 0).map(|seconds| seconds * 1e6 / events as f64),
        peak_memory_bytes: peak_memory_bytes(),
        finished: read.finished,
    };
    engine.shut_down().await;
    let line = serde_json::to_string(&figures).map_err(|error| error.to_string())?;
    use std::io::Write as _;
    writeln!(std::io::stdout(), "{line}").map_err(|error| error.to_string())?;
    Ok(if figures.finished as usize == run.cells.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A load test is for servers of one's own.
fn only_this_computer(url: &str) -> Result<(), String> {
    let rest = url.strip_prefix("http://").ok_or("The address starts with http://")?;
    let authority = rest.split('/').next().unwrap_or_default();
    let address: SocketAddr = authority.parse().map_err(|_| "Name the server as 127.0.0.1:PORT".to_owned())?;
    if address.ip().is_loopback() { Ok(()) } else { Err("Only a server on this computer is measured".to_owned()) }
}

fn connection(arguments: &Sse) -> Connection {
    Connection {
        id: ConnectionId("bench".into()),
        name: "Bench".into(),
        profile: ProfileId::OpenAiCompatible,
        dialect: Dialect::OpenAi,
        base_url: arguments.url.clone(),
        headers: Vec::new(),
        network: Network { proxy: Proxy::Direct, max_concurrent: 64, max_retries: 0, ..Network::default() },
        plain_http_agreed: false,
    }
}

fn comparison(arguments: &Sse, connection: &ConnectionId) -> Comparison {
    let lanes = arguments.streams.min(MAX_LANES as u32);
    Comparison {
        id: ComparisonId::new(),
        name: "Bench".into(),
        draft: Draft {
            messages: vec![Message::text(Role::User, "Go")],
            parameters: vec![Parameter::new("stream", "true")],
            ..Draft::default()
        },
        lanes: (0..lanes)
            .map(|_| Lane {
                id: LaneId::new(),
                connection: connection.clone(),
                endpoint: EndpointKind::Chat,
                model: arguments.model.clone(),
                overrides: Vec::new(),
                forked_messages: None,
                muted: false,
                raw_body: None,
                hold: false,
                variables: Vec::new(),
            })
            .collect(),
        repeats: arguments.streams.div_ceil(lanes),
    }
}

#[derive(Default)]
struct Read {
    batches: u64,
    text_bytes: u64,
    largest: usize,
    finished: u32,
}

/// Reads as a window does: everything serialised once, acknowledged once.
async fn read(engine: &Engine, mut batches: mpsc::Receiver<Batch>, cells: usize, sleep: u64) -> Result<Read, String> {
    let mut read = Read::default();
    let mut over = 0;
    while over < cells {
        let Some(batch) = batches.recv().await else { return Err("The engine stopped".to_owned()) };
        if sleep > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(sleep)).await;
        }
        let json = serde_json::to_string(&batch).map_err(|error| error.to_string())?;
        read.largest = read.largest.max(json.len());
        read.batches += 1;
        engine.acknowledge(batch.number);
        for update in batch.updates {
            read.text_bytes += update.appends.iter().map(text_bytes).sum::<u64>();
            if let Some(head) = update.cell_head.filter(|head| head.state.is_over()) {
                over += 1;
                read.finished += u32::from(head.state == CellState::Finished);
            }
        }
    }
    Ok(read)
}

fn text_bytes(append: &Append) -> u64 {
    match append {
        Append::Text { text, .. } | Append::Reasoning { text, .. } | Append::Refusal { text, .. } => text.len() as u64,
        Append::ToolCall { arguments, .. } => arguments.len() as u64,
        Append::Item { .. } | Append::Restart => 0,
    }
}

/// From `/proc`, where there is one.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second member is the program's name in brackets and may hold spaces.
    let members: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = members.get(11)?.parse::<u64>().ok()? + members.get(12)?.parse::<u64>().ok()?;
    // Linux counts in hundredths of a second for programs, whatever its own clock.
    Some(ticks as f64 / 100.0)
}

fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}
