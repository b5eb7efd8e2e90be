//! What Juxta can do, without a window: runs, connections, history. The shell and the command line are two faces of
//! this crate, and everything they show comes from here.
//!
//! An [`Engine`] belongs to one data folder. It is cheap to clone; all clones share everything.
//!
//! ```no_run
//! # async fn run() -> Result<(), juxta_wire::error::AppError> {
//! use juxta_engine::{Engine, Keys};
//!
//! let engine = Engine::open(std::path::Path::new("data"), Keys::System)?;
//! println!("{} connections", engine.connections()?.len());
//! engine.shut_down().await;
//! # Ok(())
//! # }
//! ```

pub mod answer_files;
pub mod batch;
mod body_edit;
mod checks;
mod code;
mod connections;
pub mod cost;
mod dataset;
mod dialogue;
mod embeddings;
mod error_report;
mod export;
mod history;
pub mod import;
mod inspect;
mod markup;
pub mod matrix;
pub mod metrics;
mod pictures;
mod prompts;
mod recordings;
mod recordings_left;
mod recover;
mod repeats;
pub mod replay;
pub mod report;
pub mod resolve;
pub mod run;
pub mod sandbox_link;
mod sheet;
pub mod sound;
mod structured;
pub mod template;
mod transcript;
pub mod words;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock, Weak};
use std::time::Duration;

use juxta_client::http::HttpClients;
use juxta_store::{Secrets, Store};
use juxta_wire::connection::Connection;
use juxta_wire::error::AppError;
use juxta_wire::exchange::{ExchangeView, Preview};
use juxta_wire::ids::{CellId, ComparisonId, ConnectionId, LaneId, RunId};
use juxta_wire::lane::{Comparison, ComparisonSummary};
use juxta_wire::live::CellSnapshot;
use juxta_wire::run::{Run, RunSummary};
use juxta_wire::settings::{PriceFile, Settings};
use tokio::sync::Semaphore;
use tokio_util::sync::DropGuard;
use tokio_util::task::TaskTracker;

use batch::Batches;
use checks::Judging;
use cost::Prices;
use dataset::Tables;
use dialogue::Asking;
use embeddings::Embeddings;
use inspect::Inspected;
use matrix::Matrices;
use replay::live::Replays;
use resolve::Beside;
use run::feed::{Feed, Window, lock};
use run::{LiveRuns, internal, storage};
use sandbox_link::SandboxLink;
use structured::SchemaChecks;

/// Where keys are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// The keychain of this computer; memory when none answers.
    System,
    /// Memory only, for tests and for the command line.
    Memory,
}

/// See the crate's tour.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

/// An [`Engine`] for whoever must not keep it alive.
#[derive(Clone)]
pub struct WeakEngine {
    inner: Weak<Inner>,
}

impl WeakEngine {
    /// `None` once the last engine was dropped.
    pub fn upgrade(&self) -> Option<Engine> {
        self.inner.upgrade().map(|inner| Engine { inner })
    }
}

struct Inner {
    folder: PathBuf,
    store: Store,
    secrets: Secrets,
    http: HttpClients,
    feed: Arc<Feed>,
    live_runs: LiveRuns,
    inspected: Inspected,
    replays: Replays,
    schema_checks: SchemaChecks,
    tables: Tables,
    embeddings: Embeddings,
    /// Held while the files of the prompts are looked at or written.
    prompts: Mutex<()>,
    /// Held while an answer gets its results and the next step is made.
    answering: Mutex<()>,
    asking: Asking,
    judging: Judging,
    batches: Arc<Batches>,
    matrices: Matrices,
    /// What goes on about batches ends with the last engine.
    _batches_end: DropGuard,
    prices: RwLock<Prices>,
    sandbox: RwLock<Option<SandboxLink>>,
    places: Mutex<HashMap<ConnectionId, (u32, Arc<Semaphore>)>>,
    tasks: TaskTracker,
    closing: AtomicBool,
}

impl Engine {
    /// Opens the data folder, makes it if it is not there, and brings back what a crash interrupted. Needs a tokio
    /// runtime: it starts the task that feeds the window.
    pub fn open(folder: &Path, keys: Keys) -> Result<Self, AppError> {
        let store = Store::open(folder).map_err(storage)?;
        let secrets = match keys {
            Keys::System => Secrets::open(),
            Keys::Memory => Secrets::in_memory(),
        };
        let (prices, _) = cost::open(folder)?;
        let batches = Arc::<Batches>::default();
        let engine = Self {
            inner: Arc::new(Inner {
                folder: folder.to_owned(),
                store,
                secrets,
                http: HttpClients::new(),
                feed: Arc::new(Feed::default()),
                live_runs: LiveRuns::default(),
                inspected: Inspected::default(),
                replays: Replays::default(),
                schema_checks: SchemaChecks::default(),
                tables: Tables::default(),
                embeddings: Embeddings::default(),
                prompts: Mutex::default(),
                answering: Mutex::default(),
                asking: Asking::default(),
                judging: Judging::default(),
                matrices: Matrices::default(),
                _batches_end: batches.stop.clone().drop_guard(),
                batches,
                prices: RwLock::new(prices),
                sandbox: RwLock::new(None),
                places: Mutex::default(),
                tasks: TaskTracker::new(),
                closing: AtomicBool::new(false),
            }),
        };
        recover::recover(&engine);
        matrix::recover_matrices(&engine);
        connections::forget_memory_keys(&engine)?;
        engine.tidy_history();
        let feed = engine.feed_handle();
        tokio::spawn(async move { feed.run().await });
        Ok(engine)
    }

    pub fn downgrade(&self) -> WeakEngine {
        WeakEngine { inner: Arc::downgrade(&self.inner) }
    }

    pub fn folder(&self) -> &Path {
        &self.inner.folder
    }

    /// Stops what runs, and waits until it is on disk.
    pub async fn shut_down(&self) {
        self.inner.closing.store(true, Ordering::Relaxed);
        self.inner.matrices.end();
        self.inner.live_runs.stop_all();
        self.inner.asking.stop_all();
        self.inner.judging.stop_all();
        self.inner.replays.stop_all();
        self.inner.batches.end();
        self.inner.tasks.close();
        if tokio::time::timeout(Duration::from_secs(3), self.inner.tasks.wait()).await.is_err() {
            tracing::warn!("some cells did not end in time; the next start shows them as interrupted");
        }
    }

    pub fn subscribe(&self, window: Window) {
        self.inner.feed.subscribe(window);
    }

    pub fn acknowledge(&self, number: u64) {
        self.inner.feed.acknowledge(number);
    }

    pub fn stop_run(&self, run: &RunId) {
        self.inner.live_runs.stop_run(run);
        self.inner.asking.stop_run(run);
    }

    /// Stops a cell; one that is over already stays as it is.
    pub fn stop_cell(&self, cell: &CellId) {
        if let Some(controls) = self.inner.live_runs.controls(cell) {
            controls.stop.cancel();
        }
        self.inner.asking.stop_cell(cell);
    }

    /// Ends the countdown of a cell that waits to try again.
    pub fn retry_now(&self, cell: &CellId) {
        if let Some(controls) = self.inner.live_runs.controls(cell) {
            controls.retry_now.notify_one();
        }
    }

    pub fn preview(&self, comparison: &Comparison, lane: &LaneId) -> Preview {
        let resolved = comparison
            .lanes
            .iter()
            .find(|candidate| candidate.id == *lane)
            .ok_or_else(|| AppError::NotFound { what: "The lane".into() })
            .and_then(|lane| {
                let comparison = self.with_row(comparison, |sent| sent.id == lane.id)?;
                let connection = self.ready_connection(&lane.connection)?;
                let keys = |slot: &_| self.masked_key(&connection, slot);
                let sound = self.sound_of(&comparison, lane)?;
                let beside = Beside { sound: sound.as_ref(), ..Beside::default() };
                let call = resolve::resolve_with(&comparison, lane, &connection, &keys, beside)?;
                Ok(resolve::without_fresh_values(call.view(), &connection))
            });
        match resolved {
            Ok(request) => Preview::Ready { request },
            Err(error) => Preview::Refused { error },
        }
    }

    pub fn comparisons(&self) -> Result<Vec<ComparisonSummary>, AppError> {
        self.store().comparisons().map_err(storage)
    }

    pub fn comparison(&self, id: &ComparisonId) -> Result<Comparison, AppError> {
        self.store().comparison(id).map_err(storage)?.ok_or_else(|| not_found("The comparison"))
    }

    pub fn save_comparison(&self, comparison: &Comparison) -> Result<ComparisonSummary, AppError> {
        let summary = self.store().save_comparison(comparison).map_err(storage)?;
        self.mirror(comparison);
        Ok(summary)
    }

    pub fn delete_comparison(&self, id: &ComparisonId) -> Result<(), AppError> {
        self.store().delete_comparison(id).map_err(storage)?;
        self.drop_mirror(id)
    }

    /// Newest first; runs that are live carry their counts of this moment.
    pub fn runs(&self, limit: u32, before: Option<&RunId>) -> Result<Vec<RunSummary>, AppError> {
        let mut runs = self.store().runs(limit, before).map_err(storage)?;
        for run in &mut runs {
            if let Some(live) = self.inner.live_runs.summary(&run.id) {
                *run = live;
            }
        }
        Ok(runs)
    }

    /// A run with its cells; those that are live as they are at this moment.
    pub fn run(&self, id: &RunId) -> Result<Run, AppError> {
        let mut run = self.store().run(id).map_err(storage)?.ok_or_else(|| not_found("The run"))?;
        if let Some(live) = self.inner.live_runs.summary(id) {
            run.summary = live;
        }
        Ok(run)
    }

    /// The same for somebody who looks at it: the window hears of it from now on.
    pub fn open_run(&self, id: &RunId) -> Result<Run, AppError> {
        self.feed().look_at(id);
        self.run(id)
    }

    pub fn cell(&self, id: &CellId) -> Result<CellSnapshot, AppError> {
        if let Some(snapshot) = self.inner.feed.snapshot(id) {
            return Ok(snapshot);
        }
        let cell = self.store().cell(id).map_err(storage)?.ok_or_else(|| not_found("The answer"))?;
        Ok(CellSnapshot { cell, sequence: self.feed().told(id) })
    }

    pub fn exchange(&self, id: &CellId) -> Result<ExchangeView, AppError> {
        report::exchange(self, id)
    }

    pub fn settings(&self) -> Result<Settings, AppError> {
        self.store().settings().map_err(storage)
    }

    pub fn save_settings(&self, settings: &Settings) -> Result<(), AppError> {
        self.store().save_settings(settings).map_err(storage)
    }

    pub fn price_file(&self) -> Result<PriceFile, AppError> {
        let (prices, file) = cost::open(&self.inner.folder)?;
        if file.problem.is_none() {
            self.set_prices(prices);
        }
        Ok(file)
    }

    pub fn save_prices(&self, text: &str) -> Result<PriceFile, AppError> {
        let (prices, file) = cost::save(&self.inner.folder, text)?;
        if let Some(prices) = prices {
            self.set_prices(prices);
        }
        Ok(file)
    }

    fn set_prices(&self, prices: Prices) {
        match self.inner.prices.write() {
            Ok(mut current) => *current = prices,
            Err(poisoned) => *poisoned.into_inner() = prices,
        }
    }

    pub(crate) fn prices(&self) -> Prices {
        match self.inner.prices.read() {
            Ok(prices) => prices.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        &self.inner.secrets
    }

    pub(crate) fn http(&self) -> &HttpClients {
        &self.inner.http
    }

    pub(crate) fn feed(&self) -> &Feed {
        &self.inner.feed
    }

    pub(crate) fn feed_handle(&self) -> Arc<Feed> {
        Arc::clone(&self.inner.feed)
    }

    pub(crate) fn live_runs(&self) -> &LiveRuns {
        &self.inner.live_runs
    }

    pub(crate) fn replays(&self) -> &Replays {
        &self.inner.replays
    }

    pub(crate) fn tables(&self) -> &Tables {
        &self.inner.tables
    }

    pub(crate) fn embeddings(&self) -> &Embeddings {
        &self.inner.embeddings
    }

    pub(crate) fn schema_checks(&self) -> &SchemaChecks {
        &self.inner.schema_checks
    }

    pub(crate) fn inspected(&self) -> &Inspected {
        &self.inner.inspected
    }

    pub(crate) fn answering(&self) -> &Mutex<()> {
        &self.inner.answering
    }

    pub(crate) fn asking(&self) -> &Asking {
        &self.inner.asking
    }

    pub(crate) fn judging(&self) -> &Judging {
        &self.inner.judging
    }

    pub(crate) fn batches_shared(&self) -> &Arc<Batches> {
        &self.inner.batches
    }

    pub(crate) fn matrices_shared(&self) -> &Matrices {
        &self.inner.matrices
    }

    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.inner.tasks
    }

    pub(crate) fn is_closing(&self) -> &AtomicBool {
        &self.inner.closing
    }

    /// The places of a connection: as many as it allows calls at a time. A changed number starts a new set.
    pub(crate) fn places(&self, connection: &Connection) -> Arc<Semaphore> {
        let wanted = connection.network.max_concurrent.max(1);
        let mut places = lock(&self.inner.places);
        match places.get(&connection.id) {
            Some((count, semaphore)) if *count == wanted => Arc::clone(semaphore),
            _ => {
                let semaphore = Arc::new(Semaphore::new(wanted as usize));
                places.insert(connection.id.clone(), (wanted, Arc::clone(&semaphore)));
                semaphore
            }
        }
    }
}

pub(crate) fn not_found(what: &str) -> AppError {
    AppError::NotFound { what: what.to_owned() }
}

/// Runs something that blocks (database, keychain) away from the tasks that stream.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work).await.map_err(internal)?
}
