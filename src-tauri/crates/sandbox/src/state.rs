//! What all requests of one sandbox share.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use juxta_wire::endpoint::Dialect;
use juxta_wire::window::SandboxFaults;

use crate::batches::Batches;
use crate::batches::store::Claimed;
use crate::capture::{Capture, Captures};
use crate::files::Files;
use crate::media::shelf::{Picture, Shelf};
use crate::replay::Replays;
use crate::responses::memory::{Memory, Remembered};

#[derive(Debug)]
pub(crate) struct State {
    token: Option<String>,
    elsewhere: SocketAddr,
    /// When the process began to serve, Unix seconds: the `created` of every answer, so that repeats are equal.
    started: u64,
    faults: Mutex<SandboxFaults>,
    captures: Mutex<Captures>,
    /// Requests that were refused and will be served later, with how often they were.
    refused: Mutex<HashMap<u64, u32>>,
    /// Calls of models that answer differently from call to call, by model and seed.
    tosses: Mutex<HashMap<(String, u64), u64>>,
    requests: AtomicUsize,
    answers: Arc<AtomicUsize>,
    replays: Arc<Replays>,
    responses: Mutex<Memory>,
    pictures: Mutex<Shelf>,
    files: Mutex<Files>,
    batches: Batches,
    /// Token frames of the flood in each dialect, written when first asked for.
    floods: [OnceLock<Arc<[Bytes]>>; 3],
}

impl State {
    pub(crate) fn new(token: Option<String>, elsewhere: SocketAddr, folder: Option<Claimed>) -> Self {
        Self {
            token,
            elsewhere,
            started: now(),
            faults: Mutex::default(),
            captures: Mutex::default(),
            refused: Mutex::default(),
            tosses: Mutex::default(),
            requests: AtomicUsize::new(0),
            answers: Arc::default(),
            replays: Arc::default(),
            responses: Mutex::default(),
            pictures: Mutex::default(),
            files: Mutex::default(),
            batches: Batches::open(folder),
            floods: Default::default(),
        }
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub(crate) fn elsewhere(&self) -> SocketAddr {
        self.elsewhere
    }

    pub(crate) fn started(&self) -> u64 {
        self.started
    }

    pub(crate) fn faults(&self) -> SandboxFaults {
        lock(&self.faults).clone()
    }

    pub(crate) fn set_faults(&self, faults: SandboxFaults) {
        *lock(&self.faults) = faults;
    }

    pub(crate) fn capture(&self, capture: Capture) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        lock(&self.captures).push(capture);
    }

    pub(crate) fn captures(&self) -> Vec<Capture> {
        lock(&self.captures).to_vec()
    }

    /// Requests so far.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// True until the same request has come so often, then false once.
    pub(crate) fn refuse_this_time(&self, path: &str, body: &[u8], times: u32) -> bool {
        let mut hasher = DefaultHasher::new();
        (path, body).hash(&mut hasher);
        let key = hasher.finish();
        let mut refused = lock(&self.refused);
        let so_far = refused.remove(&key).unwrap_or_default();
        if so_far >= times {
            return false;
        }
        refused.insert(key, so_far + 1);
        true
    }

    /// The seed of the next call of a model that was asked with `seed`.
    pub(crate) fn next_toss(&self, model: &str, seed: u64) -> u64 {
        let mut tosses = lock(&self.tosses);
        let calls = tosses.entry((model.to_owned(), seed)).or_default();
        *calls += 1;
        // Far from the seeds next to this one, which other calls are asked with.
        seed.wrapping_mul(1_000_003).wrapping_add(*calls)
    }

    pub(crate) fn replays(&self) -> &Arc<Replays> {
        &self.replays
    }

    pub(crate) fn remember(&self, response: Remembered) {
        lock(&self.responses).keep(response);
    }

    pub(crate) fn remembered(&self, id: &str) -> Option<Remembered> {
        lock(&self.responses).find(id).cloned()
    }

    pub(crate) fn offer(&self, picture: Picture) {
        lock(&self.pictures).put(picture);
    }

    pub(crate) fn picture(&self, token: &str) -> Option<Picture> {
        lock(&self.pictures).find(token).cloned()
    }

    pub(crate) fn files(&self) -> MutexGuard<'_, Files> {
        lock(&self.files)
    }

    pub(crate) fn batches(&self) -> &Batches {
        &self.batches
    }

    pub(crate) fn flood(&self, dialect: Dialect, write: impl FnOnce() -> Arc<[Bytes]>) -> Arc<[Bytes]> {
        let slot = match dialect {
            Dialect::ScaleV5 => 0,
            Dialect::ScaigridV1 => 1,
            Dialect::OpenAi => 2,
        };
        Arc::clone(self.floods[slot].get_or_init(write))
    }

    pub(crate) fn begin_answer(&self) -> UnderWay {
        self.answers.fetch_add(1, Ordering::SeqCst);
        UnderWay(Arc::clone(&self.answers))
    }

    pub(crate) fn answers_under_way(&self) -> usize {
        self.answers.load(Ordering::SeqCst)
    }
}

/// Counts an answer while it lives.
#[derive(Debug)]
pub(crate) struct UnderWay(Arc<AtomicUsize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Unix seconds.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Every value behind these locks is whole after each statement, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
