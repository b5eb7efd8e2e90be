//! Keychains that are missing, forget, or hide behind a lock. The real one is met in `tests/keychain.rs`.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use keyring_core::api::{Credential, CredentialApi, CredentialStoreApi};
use keyring_core::{Entry, Error};

use super::*;

/// A keychain of the tests' own, with the faults of real ones.
#[derive(Clone, Default)]
struct Drawer(Arc<DrawerState>);

#[derive(Default)]
struct DrawerState {
    items: Mutex<HashMap<String, Vec<u8>>>,
    /// No service answers.
    is_missing: AtomicBool,
    /// Takes what it is given and keeps nothing.
    is_bottomless: AtomicBool,
    /// Keeps something else than it was given.
    is_garbling: AtomicBool,
    /// Refuses to write, and finds nothing.
    is_locked: AtomicBool,
}

struct Item {
    drawer: Drawer,
    account: String,
}

impl Drawer {
    fn items(&self) -> MutexGuard<'_, HashMap<String, Vec<u8>>> {
        self.0.items.lock().unwrap()
    }

    fn secrets(&self, is_locked: fn() -> bool) -> Secrets {
        let drawer = self.clone();
        Secrets::with(Box::new(move || {
            if drawer.0.is_missing.load(SeqCst) {
                return Err(Error::PlatformFailure("no such name on the bus".into()));
            }
            Ok(Keychain { store: Arc::new(drawer.clone()), name: "Drawer".to_owned(), has_labels: false, is_locked })
        }))
    }
}

impl CredentialStoreApi for Drawer {
    fn vendor(&self) -> String {
        "tests".to_owned()
    }
    fn id(&self) -> String {
        "drawer".to_owned()
    }
    fn build(&self, _: &str, account: &str, _: Option<&HashMap<&str, &str>>) -> keyring_core::Result<Entry> {
        let item = Item { drawer: self.clone(), account: account.to_owned() };
        Ok(Entry::new_with_credential(Arc::new(item)))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl CredentialApi for Item {
    fn set_secret(&self, secret: &[u8]) -> keyring_core::Result<()> {
        let state = &self.drawer.0;
        if state.is_locked.load(SeqCst) {
            return Err(Error::NoStorageAccess("no result".into()));
        }
        if !state.is_bottomless.load(SeqCst) {
            let mut kept = secret.to_vec();
            if state.is_garbling.load(SeqCst) {
                kept.truncate(3);
            }
            self.drawer.items().insert(self.account.clone(), kept);
        }
        Ok(())
    }
    fn get_secret(&self) -> keyring_core::Result<Vec<u8>> {
        if self.drawer.0.is_locked.load(SeqCst) {
            return Err(Error::NoEntry);
        }
        self.drawer.items().get(&self.account).cloned().ok_or(Error::NoEntry)
    }
    fn delete_credential(&self) -> keyring_core::Result<()> {
        self.get_secret()?;
        self.drawer.items().remove(&self.account);
        Ok(())
    }
    fn get_credential(&self) -> keyring_core::Result<Option<Arc<Credential>>> {
        Ok(None)
    }
    fn get_specifiers(&self) -> Option<(String, String)> {
        None
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

const KEY: &str = "sk-never-on-a-screen-4f2a";

fn available() -> KeychainStatus {
    KeychainStatus::Available { name: "Drawer".to_owned() }
}

fn reason(status: KeychainStatus) -> String {
    match status {
        KeychainStatus::Missing { reason } => reason,
        KeychainStatus::Available { name } => panic!("{name} should not be available"),
    }
}

#[test]
fn a_key_goes_to_the_keychain_and_none_of_it_stays_in_memory() {
    let drawer = Drawer::default();
    let secrets = drawer.secrets(|| false);
    assert_eq!(secrets.read("a").unwrap(), None);
    assert_eq!(secrets.write("a", KEY).unwrap(), KeySource::Keychain { last_four: "4f2a".to_owned() });
    assert_eq!(secrets.status(), available());
    assert!(secrets.state().memory.is_empty());
    assert_eq!(drawer.secrets(|| false).read("a").unwrap().as_deref(), Some(KEY), "as after a new start");

    secrets.forget("a").unwrap();
    assert_eq!(secrets.read("a").unwrap(), None);
    secrets.forget("a").unwrap();
}

#[test]
fn a_keychain_that_does_not_give_back_what_it_took_is_not_trusted() {
    for (fault, words) in
        [(Fault::Bottomless, "did not give it back"), (Fault::Garbling, "another one"), (Fault::Locked, "locked")]
    {
        let drawer = Drawer::default();
        fault.of(&drawer).store(true, SeqCst);
        let secrets = drawer.secrets(|| false);
        assert_eq!(secrets.write("a", KEY).unwrap(), KeySource::Memory { last_four: "4f2a".to_owned() });
        let reason = reason(secrets.status());
        assert!(reason.contains(words), "{reason}");
        assert_eq!(secrets.read("a").unwrap().as_deref(), Some(KEY), "it can still be used");
    }
}

enum Fault {
    Bottomless,
    Garbling,
    Locked,
}

impl Fault {
    fn of<'a>(&self, drawer: &'a Drawer) -> &'a AtomicBool {
        match self {
            Fault::Bottomless => &drawer.0.is_bottomless,
            Fault::Garbling => &drawer.0.is_garbling,
            Fault::Locked => &drawer.0.is_locked,
        }
    }
}

#[test]
fn a_locked_keychain_that_finds_nothing_is_not_believed() {
    let drawer = Drawer::default();
    let secrets = drawer.secrets(|| true);
    secrets.write("a", KEY).unwrap();
    drawer.0.is_locked.store(true, SeqCst);
    assert!(matches!(secrets.read("a"), Err(StoreError::Keychain { reason }) if reason.contains("locked")));
    assert!(matches!(secrets.forget("a"), Err(StoreError::Keychain { .. })), "it would still be there");

    drawer.0.is_locked.store(false, SeqCst);
    assert_eq!(secrets.read("a").unwrap().as_deref(), Some(KEY));
    assert_eq!(secrets.status(), available());
}

#[test]
fn a_keychain_that_appears_later_is_found_when_it_is_asked_again() {
    let drawer = Drawer::default();
    drawer.0.is_missing.store(true, SeqCst);
    let secrets = drawer.secrets(|| false);
    assert!(reason(secrets.status()).contains("no such name on the bus"));
    assert!(matches!(secrets.read("a"), Err(StoreError::Keychain { .. })), "the key may be where nobody can look");
    secrets.write("a", KEY).unwrap();
    assert!(drawer.items().is_empty());
    assert!(matches!(secrets.probe_again(), KeychainStatus::Missing { .. }));

    drawer.0.is_missing.store(false, SeqCst);
    assert_eq!(secrets.probe_again(), available());
    assert!(drawer.items().is_empty(), "asking leaves nothing behind");
    assert_eq!(secrets.read("a").unwrap().as_deref(), Some(KEY), "and takes nothing from memory");
    assert_eq!(secrets.write("a", KEY).unwrap(), KeySource::Keychain { last_four: "4f2a".to_owned() });
    assert!(secrets.state().memory.is_empty());
}

#[test]
fn memory_alone_is_certain_of_what_it_does_not_have() {
    let secrets = Secrets::in_memory();
    assert_eq!(secrets.read("a").unwrap(), None);
    secrets.forget("a").unwrap();
    assert_eq!(secrets.write("a", KEY).unwrap(), KeySource::Memory { last_four: "4f2a".to_owned() });
    assert_eq!(secrets.clone().read("a").unwrap().as_deref(), Some(KEY));
    assert!(matches!(secrets.probe_again(), KeychainStatus::Missing { .. }));
    assert_eq!(secrets.write("a", "").unwrap(), KeySource::Absent);
    assert_eq!(secrets.read("a").unwrap(), None, "an empty key is no key");
}

#[test]
fn nothing_prints_a_key() {
    let secrets = Secrets::in_memory();
    secrets.write("a", KEY).unwrap();
    let memory = format!("{:?}", secrets.state().memory);
    let printed = format!("{secrets:?} {memory}");
    assert!(printed.contains("••••") && !printed.contains("4f2a") && !printed.contains("sk-"), "{printed}");
    let carrying = Error::BadEncoding(KEY.as_bytes().to_vec());
    assert!(!keychain::reason(&carrying).contains(&KEY[..4]));
}

#[test]
fn a_short_key_shows_none_of_its_characters() {
    for (secret, shown) in [("", ""), ("abc", ""), ("seven77", ""), ("eight888", "t888"), ("schlüssel-äöüß", "äöüß")]
    {
        assert_eq!(last_four(secret), shown);
    }
}

#[test]
fn a_key_is_bound_to_its_connection_and_to_the_origin() {
    let connection = ConnectionId("0199".to_owned());
    let here = account(&connection, "https://api.example.com", "key");
    assert_eq!(here, "0199 https://api.example.com key");
    assert_ne!(here, account(&connection, "https://api.example.org", "key"));
    assert_ne!(here, account(&ConnectionId("0200".to_owned()), "https://api.example.com", "key"));
}
