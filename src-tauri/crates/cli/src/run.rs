//! `juxta-cli run`: a saved comparison through the same engine as the window's.

use std::collections::HashMap;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use juxta_engine::sandbox_link::{self, SandboxLink, is_sandbox};
use juxta_engine::{Engine, Keys};
use juxta_sandbox::{Options, Sandbox};
use juxta_wire::connection::Connection;
use juxta_wire::ids::CellId;
use juxta_wire::lane::Comparison;
use juxta_wire::live::Batch;
use juxta_wire::run::{Cell, CellState};
use serde::Deserialize;
use tokio::sync::mpsc;

#[derive(clap::Args)]
pub struct Arguments {
    /// A comparison as JSON. It may hold `connections` beside its lanes; keys come from environment variables.
    file: PathBuf,
    /// Writes the lines here instead of to stdout.
    #[arg(long)]
    out: Option<PathBuf>,
    /// A data folder of Juxta whose connections and keys are used, and which keeps the run. Juxta itself must be closed.
    #[arg(long)]
    data: Option<PathBuf>,
}

#[derive(Deserialize)]
struct SavedComparison {
    #[serde(flatten)]
    comparison: Comparison,
    #[serde(default)]
    connections: Vec<Connection>,
}

pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let text = std::fs::read_to_string(&arguments.file).map_err(|error| at(&arguments.file, error))?;
    let mut saved: SavedComparison = serde_json::from_str(&text).map_err(|error| at(&arguments.file, error))?;
    find_table(&mut saved.comparison, &arguments)?;
    let mut out = writer(arguments.out.as_deref())?;
    // A folder for this run only, unless one was named.
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let engine = match &arguments.data {
        Some(folder) => Engine::open(folder, Keys::System),
        None => Engine::open(scratch.path(), Keys::Memory),
    }
    .map_err(|error| error.to_string())?;
    let sandbox = link_sandbox(&engine, &saved.comparison).await?;
    for connection in saved.connections {
        engine.save_connection(connection).map_err(|error| error.to_string())?;
    }
    let all_finished = follow(&engine, saved.comparison, &mut out).await?;
    engine.shut_down().await;
    if let Some(sandbox) = sandbox {
        sandbox.shutdown().await;
    }
    Ok(if all_finished { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Without a data folder there is no folder of prompts either: the table lies beside the file.
fn find_table(comparison: &mut Comparison, arguments: &Arguments) -> Result<(), String> {
    if let (Some(dataset), None) = (&mut comparison.draft.dataset, &arguments.data)
        && !dataset.path.starts_with("~/")
    {
        let beside = arguments.file.parent().unwrap_or(Path::new("")).join(&dataset.path);
        let whole = std::path::absolute(&beside).map_err(|error| at(&beside, error))?;
        dataset.path = whole.display().to_string();
    }
    Ok(())
}

fn at(path: &Path, error: impl std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

fn writer(out: Option<&Path>) -> Result<Box<dyn Write + Send>, String> {
    Ok(match out {
        Some(path) => Box::new(std::fs::File::create(path).map_err(|error| at(path, error))?),
        None => Box::new(std::io::stdout()),
    })
}

/// Starts a sandbox when a lane wants one.
async fn link_sandbox(engine: &Engine, comparison: &Comparison) -> Result<Option<Sandbox>, String> {
    if !comparison.lanes.iter().any(|lane| is_sandbox(&lane.connection)) {
        return Ok(None);
    }
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let token = sandbox_link::new_token();
    let sandbox = Sandbox::start(Options { listen, token: Some(token.clone()) })
        .await
        .map_err(|error| format!("The sandbox could not start: {error}"))?;
    engine.link_sandbox(SandboxLink { address: format!("http://{}", sandbox.address()), token });
    Ok(Some(sandbox))
}

/// Runs to the end, dialogues with tools too. `true` when every cell finished.
async fn follow(engine: &Engine, comparison: Comparison, out: &mut dyn Write) -> Result<bool, String> {
    let (send, mut batches) = mpsc::channel::<Batch>(64);
    engine.subscribe(Arc::new(move |batch| send.try_send(batch).is_ok()));
    let run = engine.start_run(comparison, None).await.map_err(|error| error.to_string())?;
    let mut following = Following { engine, out, known: HashMap::new(), waiting: Vec::new(), all_finished: true };
    for cell in &run.cells {
        following.known.insert(cell.id.clone(), Progress::of(cell));
    }
    let (mut ended, mut cells, mut live) = (0, run.summary.cells, true);
    while live || ended < cells {
        let Some(batch) = batches.recv().await else { return Err("The engine stopped".to_owned()) };
        engine.acknowledge(batch.number);
        for head in batch.updates.into_iter().filter_map(|update| update.cell_head) {
            ended += u32::from(following.tell(&head)?);
        }
        for summary in batch.runs.into_iter().filter(|summary| summary.id == run.summary.id) {
            (cells, live) = (summary.cells, summary.live);
        }
    }
    following.write(|_| true)?;
    Ok(following.all_finished)
}

struct Following<'a> {
    engine: &'a Engine,
    out: &'a mut dyn Write,
    known: HashMap<CellId, Progress>,
    /// Answers that are over, and may still get results.
    waiting: Vec<Cell>,
    all_finished: bool,
}

impl Following<'_> {
    /// `true` when the cell is over with this.
    fn tell(&mut self, head: &Cell) -> Result<bool, String> {
        if !self.known.contains_key(&head.id) {
            // A step that comes now has the results of the one before it.
            self.write(|over| over.lane == head.lane && over.repeat == head.repeat)?;
        }
        let progress = self.known.entry(head.id.clone()).or_insert_with(|| Progress::of(head));
        if progress.is_over {
            return Ok(false);
        }
        progress.tell(head);
        progress.is_over = head.state.is_over();
        if !progress.is_over {
            return Ok(false);
        }
        self.all_finished &= head.state == CellState::Finished;
        self.waiting.push(head.clone());
        Ok(true)
    }

    /// A line for each answer that is meant.
    fn write(&mut self, is_meant: impl Fn(&Cell) -> bool) -> Result<(), String> {
        let (meant, rest) = std::mem::take(&mut self.waiting).into_iter().partition(is_meant);
        self.waiting = rest;
        let meant: Vec<Cell> = meant;
        for cell in meant {
            let cell = self.engine.cell(&cell.id).map_err(|error| error.to_string())?.cell;
            let line = serde_json::to_string(&cell).map_err(|error| error.to_string())?;
            writeln!(self.out, "{line}").and_then(|()| self.out.flush()).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

fn name(cell: &Cell) -> String {
    let letter = char::from(b'A' + (cell.lane_index % 26) as u8);
    let step = if cell.step == 0 { String::new() } else { format!(", step {}", cell.step + 1) };
    match cell.repeat {
        0 => format!("{letter} {}{step}", cell.model),
        repeat => format!("{letter}{} {}{step}", repeat + 1, cell.model),
    }
}

struct Progress {
    name: String,
    state: Option<&'static str>,
    is_over: bool,
}

impl Progress {
    fn of(cell: &Cell) -> Self {
        Self { name: name(cell), state: None, is_over: false }
    }

    /// One line on stderr for each new state.
    fn tell(&mut self, cell: &Cell) {
        let word = match &cell.state {
            CellState::Queued => "queued",
            CellState::Waiting => "waiting",
            CellState::Streaming => "streaming",
            CellState::Retrying { .. } => "trying again",
            CellState::Replaying { .. } => "replaying",
            CellState::Finished => "finished",
            CellState::Stopped => "stopped",
            CellState::Failed => "failed",
            CellState::EndedEarly => "ended early",
            CellState::Interrupted => "interrupted",
        };
        if self.state.replace(word) == Some(word) {
            return;
        }
        let why = cell.error.as_ref().map_or_else(String::new, |error| format!(": {error}"));
        eprintln!("{}  {word}{why}", self.name);
    }
}
