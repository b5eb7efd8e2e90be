//! A server on loopback that speaks the text, model and media endpoints of Scale GenAI Platform (`/v5`), ScaiGrid
//! (`/v1`) and OpenAI (`/oai/v1`), so that every part of Juxta can be tried and tested without an account. What its
//! speech says, its transcriber hears, also after encoding; its vectors are near where texts are alike.
//!
//! A request becomes an [`order`](request) (checked against the parameter tables of `juxta-wire`), the chosen
//! [model](models) turns it into an [`answer`], [`frames`] spells that in the dialect as a list of [actions](action),
//! a [fault](faults) may rewrite the list, and [`delivery`] plays it on the socket. Everything before the last step is
//! pure, and the same request always gives the same text.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use juxta_sandbox::{Options, Sandbox};
//!
//! let sandbox = Sandbox::start(Options { token: Some("secret".into()), ..Options::default() }).await?;
//! assert!(sandbox.address().ip().is_loopback());
//! assert!(sandbox.models().iter().any(|model| model.id == "sandbox/short"));
//! sandbox.shutdown().await;
//! # std::io::Result::Ok(())
//! # }).unwrap();
//! ```

mod action;
mod answer;
mod auth;
mod batches;
mod capture;
mod chance;
mod content;
mod delivery;
mod dialect;
mod faults;
mod files;
mod frames;
mod json;
mod listen;
mod media;
mod models;
mod pieces;
mod refusal;
mod replay;
mod request;
mod responses;
mod routes;
mod sample;
mod sound;
mod speech;
mod state;
mod talk;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use juxta_wire::replay::Recording;
use juxta_wire::window::{SandboxFaults, SandboxModel, SandboxScenario};
use tokio::net::TcpListener;

use batches::store::Claimed;

pub use capture::Capture;

/// How to start a sandbox.
#[derive(Debug, Clone)]
pub struct Options {
    /// A loopback address; port 0 picks a free one.
    pub listen: SocketAddr,
    /// What callers must send as `x-api-key` or as bearer token; `None` lets everybody in.
    pub token: Option<String>,
    /// Where batches and their files are kept, so that the next sandbox goes on with them. Without it, or while another
    /// sandbox works in it, they live in the system's folder for such files, and end with the sandbox.
    pub folder: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), token: None, folder: None }
    }
}

/// A running server. Dropping it closes its sockets; [`Sandbox::shutdown`] also waits until they are closed.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    elsewhere: SocketAddr,
    state: Arc<state::State>,
    doors: [listen::Door; 2],
    work: Work,
}

/// The batches that are under way. They stop where they are with the sandbox, and go on with the next.
#[derive(Debug)]
struct Work(Arc<state::State>);

impl Drop for Work {
    fn drop(&mut self) {
        drop(self.0.batches().stop());
    }
}

impl Sandbox {
    /// Listens and serves on the tokio runtime of the caller.
    ///
    /// Fails with [`io::ErrorKind::InvalidInput`] for an address that is not loopback: the sandbox has no business on
    /// a network.
    pub async fn start(options: Options) -> io::Result<Self> {
        if !options.listen.ip().is_loopback() {
            let reason = format!("the sandbox listens on loopback only, not on {}", options.listen);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        let listener = TcpListener::bind(options.listen).await?;
        let other = TcpListener::bind(SocketAddr::new(options.listen.ip(), 0)).await?;
        let (address, elsewhere) = (listener.local_addr()?, other.local_addr()?);
        let folder = match options.folder {
            Some(folder) => Claimed::claim(folder).await?,
            None => None,
        };
        let state = Arc::new(state::State::new(options.token, elsewhere, folder));
        let doors = [
            listen::Door::open(listener, address, Arc::clone(&state)),
            listen::Door::open(other, elsewhere, Arc::clone(&state)),
        ];
        batches::work::resume(&state, address);
        let work = Work(Arc::clone(&state));
        Ok(Self { address, elsewhere, state, doors, work })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A second server of the same sandbox, which asks for no token: where the redirect scenario points. What reaches
    /// it is in [`Sandbox::captures`] with this address in [`Capture::received_on`].
    pub fn elsewhere(&self) -> SocketAddr {
        self.elsewhere
    }

    pub fn token(&self) -> Option<&str> {
        self.state.token()
    }

    pub fn faults(&self) -> SandboxFaults {
        self.state.faults()
    }

    /// Holds from the next request on; answers that are under way stay as they are.
    pub fn set_faults(&self, faults: SandboxFaults) {
        self.state.set_faults(faults);
    }

    pub fn models(&self) -> Vec<SandboxModel> {
        models::listing()
    }

    pub fn scenarios(&self) -> Vec<SandboxScenario> {
        faults::listing()
    }

    /// Serves a recorded answer, `factor` times as fast as it came, until the sandbox ends. Returns its address: every
    /// method and every path below it gets the recording, and no token is asked for.
    pub fn replay(&self, recording: Recording, factor: f64) -> String {
        format!("http://{}{}", self.address, self.state.replays().serve(recording, factor))
    }

    /// The last 256 requests, oldest first, with those that were refused; fewer when their bodies exceed 128 MB.
    pub fn captures(&self) -> Vec<Capture> {
        self.state.captures()
    }

    /// Answers that are being generated at this moment. It falls as soon as a caller hangs up.
    pub fn answers_under_way(&self) -> usize {
        self.state.answers_under_way()
    }

    /// Closes every socket and returns when all are closed.
    pub async fn shutdown(self) {
        for door in self.doors {
            door.shut().await;
        }
        if let Some(mut work) = self.work.0.batches().stop() {
            work.shutdown().await;
        }
    }
}
