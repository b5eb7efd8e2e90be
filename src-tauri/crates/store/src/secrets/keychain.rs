//! One keychain that answers, and what its failures mean in plain words.

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::{CredentialStore, Entry};

/// Under which a keychain files everything of Juxta.
const SERVICE: &str = "dev.juxta.app";

#[derive(Clone)]
pub(super) struct Keychain {
    pub store: Arc<CredentialStore>,
    /// What a person calls it.
    pub name: String,
    pub has_labels: bool,
    /// For keychains that find nothing while they are locked.
    pub is_locked: fn() -> bool,
}

/// Failures are reasons for the person to read.
impl Keychain {
    pub fn write_and_read_back(&self, account: &str, secret: &str) -> Result<(), String> {
        let entry = self.entry(account)?;
        entry.set_password(secret).map_err(|error| reason(&error))?;
        match entry.get_password() {
            Ok(kept) if kept == secret => Ok(()),
            Ok(_) => Err("The keychain took the key but gave back another one.".to_owned()),
            Err(error) => Err(format!("The keychain took the key but did not give it back. {}", reason(&error))),
        }
    }

    pub fn read(&self, account: &str) -> Result<Option<String>, String> {
        match self.entry(account)?.get_password() {
            Ok(secret) => Ok(Some(secret)),
            Err(keyring_core::Error::NoEntry) => self.unless_locked(None),
            Err(error) => Err(reason(&error)),
        }
    }

    pub fn forget(&self, account: &str) -> Result<(), String> {
        match self.entry(account)?.delete_credential() {
            Ok(()) => Ok(()),
            Err(keyring_core::Error::NoEntry) => self.unless_locked(()),
            Err(error) => Err(reason(&error)),
        }
    }

    fn unless_locked<T>(&self, answer: T) -> Result<T, String> {
        if (self.is_locked)() { Err("The keychain is locked.".to_owned()) } else { Ok(answer) }
    }

    fn entry(&self, account: &str) -> Result<Entry, String> {
        // Keyring viewers list an item by its label, where the system has one.
        let label = format!("Juxta: {account}");
        let modifiers = self.has_labels.then(|| HashMap::from([("label", label.as_str())]));
        self.store.build(SERVICE, account, modifiers.as_ref()).map_err(|error| reason(&error))
    }
}

/// Says an error of a keychain in plain words. Never prints one with `Debug`: some carry the secret.
pub(super) fn reason(error: &keyring_core::Error) -> String {
    use keyring_core::Error;
    match error {
        Error::PlatformFailure(cause) => format!("No keychain answers on this computer ({cause})."),
        Error::NoStorageAccess(cause) => format!("The keychain is locked or refuses access ({cause})."),
        Error::TooLong(_, limit) => format!("The key is longer than the {limit} characters that the keychain takes."),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "The keychain holds no text under this name.".to_owned(),
        Error::Ambiguous(_) => "The keychain holds more than one key under this name.".to_owned(),
        other => format!("The keychain failed: {other}."),
    }
}
