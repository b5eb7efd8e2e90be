//! `juxta-cli run`: a saved comparison through the same engine as the window's.

use std::collections::HashMap;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use juxta_engine::answer_files::AnswerFiles;
use juxta_engine::sandbox_link::{self, SandboxLink, is_sandbox};
use juxta_engine::{Engine, Keys};
use juxta_sandbox::{Options, Sandbox};
use juxta_wire::connection::Connection;
use juxta_wire::ids::{CellId, RecordingId};
use juxta_wire::lane::Comparison;
use juxta_wire::live::Batch;
use juxta_wire::run::{Cell, CellState};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

#[derive(clap::Args)]
pub struct Arguments {
    /// A comparison as JSON. It may hold `connections` beside its lanes; keys come from environment variables. The `sound`
    /// that transcriptions send is named beside them too, a file by its path from this one.
    file: PathBuf,
    /// Writes the lines here instead of to stdout.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Writes what answers hold beside text into this folder: pictures, sounds, transcripts, and vectors as npy. The line
    /// of a cell names its files.
    #[arg(long)]
    files: Option<PathBuf>,
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
    /// A file that becomes the draft's recording.
    sound: Option<PathBuf>,
}

/// What is written of a cell.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    cell: &'a Cell,
    /// Names in the folder for files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<String>,
}

pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let text = std::fs::read_to_string(&arguments.file).map_err(|error| at(&arguments.file, error))?;
    let mut saved: SavedComparison = serde_json::from_str(&text).map_err(|error| at(&arguments.file, error))?;
    find_table(&mut saved.comparison, &arguments)?;
    let mut out = writer(arguments.out.as_deref())?;
    if let Some(folder) = &arguments.files {
        std::fs::create_dir_all(folder).map_err(|error| at(folder, error))?;
    }
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
    if let Some(sound) = &saved.sound {
        saved.comparison.draft.recording = Some(take_sound(&engine, &beside(&arguments.file, sound))?);
    }
    let all_finished = follow(&engine, saved.comparison, &mut out, arguments.files.as_deref()).await?;
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
        let beside = beside(&arguments.file, Path::new(&dataset.path));
        let whole = std::path::absolute(&beside).map_err(|error| at(&beside, error))?;
        dataset.path = whole.display().to_string();
    }
    Ok(())
}

/// A path as it is meant in `file`.
fn beside(file: &Path, path: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(path)
}

/// Keeps a file as a recording, as the window does with one that is dropped on it.
fn take_sound(engine: &Engine, path: &Path) -> Result<RecordingId, String> {
    let bytes = std::fs::read(path).map_err(|error| at(path, error))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    engine.import_recording(&name, &bytes).map(|recording| recording.id).map_err(|error| at(path, error))
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
pub async fn link_sandbox(engine: &Engine, comparison: &Comparison) -> Result<Option<Sandbox>, String> {
    if !comparison.lanes.iter().any(|lane| is_sandbox(&lane.connection)) {
        return Ok(None);
    }
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let token = sandbox_link::new_token();
    let sandbox = Sandbox::start(Options { listen, token: Some(token.clone()), folder: None })
        .await
        .map_err(|error| format!("The sandbox could not start: {error}"))?;
    engine.link_sandbox(SandboxLink { address: format!("http://{}", sandbox.address()), token });
    Ok(Some(sandbox))
}

/// Runs to the end, dialogues with tools too. `true` when every cell finished.
async fn follow(
    engine: &Engine,
    comparison: Comparison,
    out: &mut dyn Write,
    files: Option<&Path>,
) -> Result<bool, String> {
    let (send, mut batches) = mpsc::channel::<Batch>(64);
    engine.subscribe(Arc::new(move |batch| send.try_send(batch).is_ok()));
    let run = engine.start_run(comparison, None).await.map_err(|error| error.to_string())?;
    let mut following =
        Following { engine, out, files, known: HashMap::new(), waiting: Vec::new(), all_finished: true };
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
    /// The folder for what is no text.
    files: Option<&'a Path>,
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
            let files = self.write_files(&cell)?;
            let line = serde_json::to_string(&Line { cell: &cell, files }).map_err(|error| error.to_string())?;
            writeln!(self.out, "{line}").and_then(|()| self.out.flush()).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// The names of the files that were written of an answer. What could not be had is said beside the progress.
    fn write_files(&self, cell: &Cell) -> Result<Vec<String>, String> {
        let Some(folder) = self.files else { return Ok(Vec::new()) };
        let answer = match self.engine.answer_files(&cell.id) {
            Ok(answer) => answer,
            Err(error) => AnswerFiles { problems: vec![error.to_string()], ..AnswerFiles::default() },
        };
        for problem in answer.problems {
            eprintln!("{}  {problem}", name(cell));
        }
        let many = answer.files.len() > 1;
        let mut names = Vec::new();
        for (at_file, file) in answer.files.into_iter().enumerate() {
            let number = if many { format!("-{}", at_file + 1) } else { String::new() };
            let name = format!("{}{number}.{}", file_stem(cell), file.ending);
            let path = folder.join(&name);
            std::fs::write(&path, &file.bytes).map_err(|error| at(&path, error))?;
            names.push(name);
        }
        Ok(names)
    }
}

/// `A2-openai-tts-1`: lane, repeat and model, and the first of the texts where a cell sends some of them.
fn file_stem(cell: &Cell) -> String {
    let is_taken = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | ' ');
    let model: String = cell.model.chars().map(|c| if is_taken(c) { '-' } else { c }).take(100).collect();
    let letter = char::from(b'A' + (cell.lane_index % 26) as u8);
    let round = if cell.lane_index < 26 { String::new() } else { format!("{}-", cell.lane_index / 26 + 1) };
    let slice = cell.slice.as_ref().map_or_else(String::new, |slice| format!("-from-{}", slice.from + 1));
    format!("{letter}{round}{}-{model}{slice}", cell.repeat + 1)
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
