//! Keys: in the keychain of the computer, or in memory and said plainly.
//!
//! A keychain can be absent, locked, or can take a secret and not give it back. So a key counts as kept only when it
//! was written and read back; otherwise it stays in memory until Juxta closes, and [`Secrets::status`] says why.
//! Nothing here is ever written to the data folder.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::keychain::Keychain;
use crate::error::StoreError;
use juxta_wire::connection::{KeySource, KeychainStatus};
use juxta_wire::ids::ConnectionId;

mod keychain;
mod system;
#[cfg(test)]
mod tests;

/// A value shorter than this shows none of its characters.
const SHORT: usize = 8;

/// The name under which a keychain keeps a secret. The origin is part of it: a connection whose address changes does
/// not hand its key to the new host.
pub fn account(connection: &ConnectionId, origin: &str, slot: &str) -> String {
    format!("{connection} {origin} {slot}")
}

/// The keys of all connections. Clones share them.
///
/// Every call blocks, and one that meets a locked keychain may wait for the person to answer its prompt. Calls may come
/// from a thread of an async runtime where blocking is allowed; each talks to the keychain on a thread of its own,
/// because the D-Bus library may block on a runtime, which panics inside another one.
#[derive(Clone)]
pub struct Secrets {
    inner: Arc<Inner>,
}

struct Inner {
    /// `None` when no keychain is wanted.
    opener: Option<Box<Opener>>,
    state: Mutex<State>,
}

/// Connects to a keychain.
type Opener = dyn Fn() -> keyring_core::Result<Keychain> + Send + Sync;

struct State {
    keychain: Option<Keychain>,
    status: KeychainStatus,
    memory: HashMap<String, Sensitive>,
}

/// A secret in memory, which prints as dots.
struct Sensitive(String);

impl fmt::Debug for Sensitive {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("••••")
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        formatter.debug_struct("Secrets").field("status", &state.status).field("memory", &state.memory.len()).finish()
    }
}

impl Secrets {
    /// Uses the keychain of the system, when one answers. Asks it nothing that could raise a prompt.
    pub fn open() -> Self {
        Self::with(Box::new(system::open))
    }

    /// Keeps keys in memory only: for tests, and for the command line when it is told to.
    pub fn in_memory() -> Self {
        let status = KeychainStatus::Missing { reason: "Keys are kept in memory only.".to_owned() };
        Self::new(None, State { keychain: None, status, memory: HashMap::new() })
    }

    fn with(opener: Box<Opener>) -> Self {
        let status = KeychainStatus::Missing { reason: String::new() };
        let secrets = Self::new(Some(opener), State { keychain: None, status, memory: HashMap::new() });
        // A failure is in the status from now on.
        let _ = secrets.connect();
        secrets
    }

    fn new(opener: Option<Box<Opener>>, state: State) -> Self {
        Self { inner: Arc::new(Inner { opener, state: Mutex::new(state) }) }
    }

    /// What the last attempt to use the keychain met.
    pub fn status(&self) -> KeychainStatus {
        self.state().status.clone()
    }

    /// Keeps `secret` in the keychain, or in memory when that cannot be. An empty secret is forgotten instead.
    pub fn write(&self, account: &str, secret: &str) -> Result<KeySource, StoreError> {
        if secret.is_empty() {
            self.forget(account)?;
            return Ok(KeySource::Absent);
        }
        let last_four = last_four(secret);
        match self.keychain() {
            Some(keychain) => match on_own_thread(|| keychain.write_and_read_back(account, secret)) {
                Ok(()) => {
                    let mut state = self.state();
                    state.memory.remove(account);
                    state.status = KeychainStatus::Available { name: keychain.name };
                    return Ok(KeySource::Keychain { last_four });
                }
                Err(reason) => self.lost(reason),
            },
            None => tracing::info!("no keychain answers, a key stays in memory"),
        }
        self.state().memory.insert(account.to_owned(), Sensitive(secret.to_owned()));
        Ok(KeySource::Memory { last_four })
    }

    /// `None` when nothing is kept under this name. An error means that it is not known, because the keychain does not
    /// answer or is locked: a locked one may say that it has no such secret although it has.
    pub fn read(&self, account: &str) -> Result<Option<String>, StoreError> {
        if let Some(secret) = self.state().memory.get(account) {
            return Ok(Some(secret.0.clone()));
        }
        match self.keychain() {
            Some(keychain) => on_own_thread(|| keychain.read(account)).map_err(|reason| self.refuse(reason)),
            None => self.without_keychain(None),
        }
    }

    /// Removes a secret from wherever it is; one that is nowhere is removed already.
    pub fn forget(&self, account: &str) -> Result<(), StoreError> {
        let was_in_memory = self.state().memory.remove(account).is_some();
        let removed = match self.keychain() {
            Some(keychain) => on_own_thread(|| keychain.forget(account)).map_err(|reason| self.refuse(reason)),
            None => self.without_keychain(()),
        };
        // It was in memory because the keychain would not have it.
        if was_in_memory { Ok(()) } else { removed }
    }

    /// Tries the keychain again, by writing and removing a value of no meaning, which may raise its prompt. Keys that
    /// are in memory stay there until they are written again.
    pub fn probe_again(&self) -> KeychainStatus {
        const PROBE: &str = "probe";
        if let Some(Ok(keychain)) = self.connect() {
            let probed = on_own_thread(|| {
                keychain.write_and_read_back(PROBE, PROBE)?;
                keychain.forget(PROBE)
            });
            if let Err(reason) = probed {
                self.lost(reason);
            }
        }
        self.status()
    }

    /// The keychain, connected now if it was not before.
    fn keychain(&self) -> Option<Keychain> {
        let known = self.state().keychain.clone();
        known.or_else(|| self.connect()?.ok())
    }

    /// `None` when no keychain is wanted. Leaves what it met in the status.
    fn connect(&self) -> Option<Result<Keychain, StoreError>> {
        let opener = self.inner.opener.as_ref()?;
        let opened = on_own_thread(|| opener().map_err(|error| keychain::reason(&error)));
        Some(match opened {
            Ok(keychain) => {
                let mut state = self.state();
                state.keychain = Some(keychain.clone());
                state.status = KeychainStatus::Available { name: keychain.name.clone() };
                Ok(keychain)
            }
            Err(reason) => Err(self.refuse(reason)),
        })
    }

    /// The answer when there is no keychain: certain if none was wanted, unknown if it does not answer.
    fn without_keychain<T>(&self, answer: T) -> Result<T, StoreError> {
        match (&self.inner.opener, self.status()) {
            (Some(_), KeychainStatus::Missing { reason }) => Err(StoreError::Keychain { reason }),
            _ => Ok(answer),
        }
    }

    fn refuse(&self, reason: String) -> StoreError {
        self.lost(reason.clone());
        StoreError::Keychain { reason }
    }

    fn lost(&self, reason: String) {
        tracing::warn!(%reason, "the keychain is not usable");
        let mut state = self.state();
        // The next call connects again: the service may have gone and come back.
        state.keychain = None;
        state.status = KeychainStatus::Missing { reason };
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn on_own_thread<T: Send>(work: impl FnOnce() -> Result<T, String> + Send) -> Result<T, String> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("juxta-keychain".to_owned()).spawn_scoped(scope, work);
        match thread.map(|thread| thread.join()) {
            Ok(Ok(result)) => result,
            Ok(Err(_panic)) => Err("The keychain's library broke down.".to_owned()),
            Err(error) => Err(format!("The keychain could not be asked ({error}).")),
        }
    })
}

/// The end of a secret, by which a person tells it from others; nothing of a short one.
fn last_four(secret: &str) -> String {
    let characters = secret.chars().count();
    if characters < SHORT { String::new() } else { secret.chars().skip(characters - 4).collect() }
}
