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
    let saved: SavedComparison = serde_json::from_str(&text).map_err(|error| at(&arguments.file, error))?;
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

/// Runs to the end. `true` when every cell finished.
async fn follow(engine: &Engine, comparison: Comparison, out: &mut dyn Write) -> Result<bool, String> {
    let (send, mut batches) = mpsc::channel::<Batch>(64);
    engine.subscribe(Arc::new(move |batch| send.try_send(batch).is_ok()));
    let run = engine.start_run(comparison, None).await.map_err(|error| error.to_string())?;
    let mut open: HashMap<CellId, Progress> =
        run.cells.iter().map(|cell| (cell.id.clone(), Progress { name: name(cell), state: None })).collect();
    let mut all_finished = true;
    while !open.is_empty() {
        let Some(batch) = batches.recv().await else { return Err("The engine stopped".to_owned()) };
        engine.acknowledge(batch.number);
        for head in batch.updates.into_iter().filter_map(|update| update.cell_head) {
            let Some(progress) = open.get_mut(&head.id) else { continue };
            progress.tell(&head);
            if head.state.is_over() {
                open.remove(&head.id);
                all_finished &= head.state == CellState::Finished;
                let cell = engine.cell(&head.id).map_err(|error| error.to_string())?.cell;
                let line = serde_json::to_string(&cell).map_err(|error| error.to_string())?;
                writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| error.to_string())?;
            }
        }
    }
    Ok(all_finished)
}

fn name(cell: &Cell) -> String {
    let letter = char::from(b'A' + (cell.lane_index % 26) as u8);
    match cell.repeat {
        0 => format!("{letter} {}", cell.model),
        repeat => format!("{letter}{} {}", repeat + 1, cell.model),
    }
}

struct Progress {
    name: String,
    state: Option<&'static str>,
}

impl Progress {
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
