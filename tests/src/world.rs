//! An engine in a folder of its own, with a sandbox to call: the app without its window.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use juxta_engine::sandbox_link::SandboxLink;
use juxta_engine::{Engine, Keys};
use juxta_sandbox::{Options, Sandbox};
use juxta_wire::connection::{Connection, ConnectionHeader, KeySource, Network, Proxy, SecretSlot};
use juxta_wire::draft::{Draft, Message, Parameter, Role};
use juxta_wire::endpoint::{Dialect, EndpointKind, ProfileId};
use juxta_wire::ids::{CellId, ComparisonId, ConnectionId, LaneId, RunId};
use juxta_wire::lane::{Comparison, Lane};
use juxta_wire::live::{Append, Batch};
use juxta_wire::run::{Cell, CellState, Run, RunSummary};
use tempfile::TempDir;
use tokio::sync::watch;

/// The key that every connection of a world uses. Tests search for it where it must not be.
pub const KEY: &str = "sgk_5f2c9d81e4b7a3600f9e8d7c6b5a4f2a";

/// How long a test waits for what must come. No measure of speed: it ends a wait for what never comes, with words.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub struct World {
    pub engine: Engine,
    pub sandbox: Sandbox,
    folder: TempDir,
    seen: watch::Receiver<Seen>,
}

/// What a window would know, from batches alone.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub texts: HashMap<CellId, String>,
    pub states: HashMap<CellId, CellState>,
    /// Every state a cell went through, in order.
    pub history: HashMap<CellId, Vec<CellState>>,
    /// The newest head of a cell: everything but its texts and arrivals.
    pub heads: HashMap<CellId, Cell>,
    /// The newest row of each run.
    pub runs: HashMap<RunId, RunSummary>,
    /// How many heads of a cell came.
    pub told: HashMap<CellId, usize>,
    /// When batches came that told of events: the moment, and the recorded time of the last of them, milliseconds.
    pub shown: HashMap<CellId, Vec<(Instant, f64)>>,
}

impl Seen {
    fn apply(&mut self, batch: Batch) {
        self.runs.extend(batch.runs.into_iter().map(|row| (row.id.clone(), row)));
        for update in batch.updates {
            if let Some(last) = update.arrivals.last() {
                self.shown.entry(update.cell.clone()).or_default().push((Instant::now(), *last));
            }
            let text = self.texts.entry(update.cell.clone()).or_default();
            for append in update.appends {
                match append {
                    Append::Text { text: more, choice: 0 } => text.push_str(&more),
                    Append::Restart => text.clear(),
                    _ => {}
                }
            }
            if let Some(head) = update.cell_head {
                let history = self.history.entry(update.cell.clone()).or_default();
                if history.last() != Some(&head.state) {
                    history.push(head.state.clone());
                }
                self.states.insert(update.cell.clone(), head.state.clone());
                *self.told.entry(update.cell.clone()).or_default() += 1;
                self.heads.insert(update.cell, *head);
            }
        }
    }
}

impl World {
    /// A sandbox that wants [`KEY`], and an engine that keeps keys in memory.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let sandbox = Sandbox::start(Options { token: Some(KEY.to_owned()), ..Options::default() })
            .await
            .expect("a port on loopback");
        let (engine, seen) = open(folder.path());
        engine.link_sandbox(SandboxLink { address: format!("http://{}", sandbox.address()), token: KEY.to_owned() });
        Self { engine, sandbox, folder, seen }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// Waits until the window would know what `enough` asks for. A state that passes is in [`Seen::history`].
    pub async fn until(&self, enough: impl Fn(&Seen) -> bool) -> Seen {
        let mut seen = self.seen.clone();
        match tokio::time::timeout(PATIENCE, seen.wait_for(|seen| enough(seen))).await {
            Ok(found) => found.expect("the engine is alive").clone(),
            Err(_) => panic!("it never came; states until then: {:#?}", self.seen().history),
        }
    }

    /// Runs to the end and gives the cells as they are stored.
    pub async fn run(&self, comparison: Comparison) -> Vec<Cell> {
        let run = self.engine.start_run(comparison, None).await.expect("a run");
        self.wait(&run).await
    }

    pub async fn wait(&self, run: &Run) -> Vec<Cell> {
        let ids: Vec<CellId> = run.cells.iter().map(|cell| cell.id.clone()).collect();
        self.until(|seen| ids.iter().all(|id| seen.states.get(id).is_some_and(CellState::is_over))).await;
        self.engine.run(&run.summary.id).expect("the stored run").cells
    }

    /// Closes the engine as the app does and opens the folder again.
    pub async fn restart(&mut self) {
        self.engine.shut_down().await;
        let sandbox = SandboxLink { address: format!("http://{}", self.sandbox.address()), token: KEY.to_owned() };
        // The old engine holds the folder until its last clone is gone.
        let parked = tempfile::tempdir().expect("a folder");
        let (empty, empty_seen) = open(parked.path());
        drop(std::mem::replace(&mut self.engine, empty));
        self.seen = empty_seen;
        let (engine, seen) = open_when_free(self.folder.path()).await;
        engine.link_sandbox(sandbox);
        self.engine = engine;
        self.seen = seen;
    }

    /// Ends the engine as a kill would and opens what it left behind.
    pub async fn crash(&mut self) {
        let left = tempfile::tempdir().expect("a folder");
        copy_folder(self.folder.path(), left.path());
        self.engine.shut_down().await;
        let (engine, seen) = open(left.path());
        let address = format!("http://{}", self.sandbox.address());
        engine.link_sandbox(SandboxLink { address, token: KEY.to_owned() });
        drop(std::mem::replace(&mut self.engine, engine));
        self.seen = seen;
        self.folder = left;
    }

    /// A saved connection with [`KEY`] to `origin`, in `dialect`.
    pub fn connect(&self, name: &str, dialect: Dialect, origin: &str) -> Connection {
        let profile = match dialect {
            Dialect::ScaleV5 => ProfileId::ScaleGp,
            Dialect::ScaigridV1 => ProfileId::Scaigrid,
            Dialect::OpenAi => ProfileId::OpenAiCompatible,
        };
        let headers = self
            .engine
            .profiles()
            .into_iter()
            .find(|info| info.id == profile)
            .map(|info| info.headers)
            .expect("the profile");
        let connection = Connection {
            id: ConnectionId::new(),
            name: name.to_owned(),
            profile,
            dialect,
            base_url: origin.to_owned(),
            headers,
            network: Network { proxy: Proxy::Direct, max_retries: 0, ..Network::default() },
            plain_http_agreed: false,
        };
        let connection = self.engine.save_connection(connection).expect("a connection");
        self.engine.store_key(connection, "key", KEY).expect("a stored key")
    }
}

/// A header row whose value is the key of slot `key`.
pub fn key_header(name: &str, value: &str) -> ConnectionHeader {
    ConnectionHeader {
        name: name.to_owned(),
        value: value.to_owned(),
        secret: Some(SecretSlot { slot: "key".to_owned(), source: KeySource::Absent }),
        only: Vec::new(),
    }
}

fn open(folder: &Path) -> (Engine, watch::Receiver<Seen>) {
    let engine = Engine::open(folder, Keys::Memory).expect("an engine");
    let seen = watch_engine(&engine);
    (engine, seen)
}

/// The database's writer may need a moment to let go of the folder.
async fn open_when_free(folder: &Path) -> (Engine, watch::Receiver<Seen>) {
    for _ in 0..200 {
        if let Ok(engine) = Engine::open(folder, Keys::Memory) {
            let seen = watch_engine(&engine);
            return (engine, seen);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    open(folder)
}

/// A folder as it is at this moment. The log of the database comes first: what is folded into the database meanwhile is in
/// both then, and not in neither.
pub fn copy_folder(from: &Path, to: &Path) {
    let mut entries: Vec<_> =
        std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")).collect();
    entries.sort_by_key(|entry| !entry.file_name().to_string_lossy().ends_with("-wal"));
    for entry in entries {
        let there = to.join(entry.file_name());
        match entry.file_type().expect("a kind").is_dir() {
            true => {
                std::fs::create_dir(&there).expect("a folder");
                copy_folder(&entry.path(), &there);
            }
            false => drop(std::fs::copy(entry.path(), &there).expect("a file")),
        }
    }
}

fn watch_engine(engine: &Engine) -> watch::Receiver<Seen> {
    let (send, seen) = watch::channel(Seen::default());
    let (numbers, mut acknowledged) = tokio::sync::mpsc::unbounded_channel();
    engine.subscribe(Arc::new(move |batch: Batch| {
        let number = batch.number;
        send.send_modify(|seen| seen.apply(batch));
        numbers.send(number).is_ok()
    }));
    // The closure above is kept by the engine, so it must not hold the engine: a task of its own acknowledges.
    let weak = engine.downgrade();
    tokio::spawn(async move {
        while let Some(number) = acknowledged.recv().await {
            match weak.upgrade() {
                Some(engine) => engine.acknowledge(number),
                None => break,
            }
        }
    });
    seen
}

/// A chat with one user message; `model` on `connection` is its only lane.
pub fn chat(connection: &ConnectionId, model: &str, parameters: &[(&str, &str)]) -> Comparison {
    Comparison {
        id: ComparisonId::new(),
        name: "Test".to_owned(),
        draft: Draft {
            messages: vec![Message::text(Role::User, "Why is the sky blue?")],
            parameters: parameters.iter().map(|(name, json)| Parameter::new(*name, *json)).collect(),
            ..Draft::default()
        },
        lanes: vec![lane(connection, model)],
        repeats: 1,
    }
}

pub fn lane(connection: &ConnectionId, model: &str) -> Lane {
    Lane {
        id: LaneId::new(),
        connection: connection.clone(),
        endpoint: EndpointKind::Chat,
        model: model.to_owned(),
        overrides: Vec::new(),
        forked_messages: None,
        muted: false,
        raw_body: None,
        hold: false,
        variables: Vec::new(),
    }
}

/// The built-in sandbox connection of a dialect.
pub fn sandbox(dialect: Dialect) -> ConnectionId {
    ConnectionId(
        match dialect {
            Dialect::OpenAi => "sandbox-openai",
            Dialect::ScaleV5 => "sandbox-scale",
            Dialect::ScaigridV1 => "sandbox-scaigrid",
        }
        .to_owned(),
    )
}

pub const DIALECTS: [Dialect; 3] = [Dialect::ScaleV5, Dialect::ScaigridV1, Dialect::OpenAi];
