//! The keychain of each system. The crate `keyring` connects once in the life of a process; its parts, used here, can
//! be asked again when a keychain appears later.

use keyring_core::Result;

use super::keychain::Keychain;

/// macOS answers for a locked keychain with an error of its own.
#[cfg(target_os = "macos")]
pub(super) fn open() -> Result<Keychain> {
    Ok(Keychain {
        store: apple_native_keyring_store::keychain::Store::new()?,
        name: "Keychain".to_owned(),
        has_labels: false,
        is_locked: || false,
    })
}

/// Credentials of Windows are open while the person is logged in.
#[cfg(target_os = "windows")]
pub(super) fn open() -> Result<Keychain> {
    Ok(Keychain {
        store: windows_native_keyring_store::Store::new()?,
        name: "Credential Manager".to_owned(),
        has_labels: false,
        is_locked: || false,
    })
}

/// A locked Secret Service may find no items, which looks like having none.
#[cfg(all(unix, not(target_os = "macos")))]
pub(super) fn open() -> Result<Keychain> {
    Ok(Keychain {
        store: zbus_secret_service_keyring_store::Store::new()?,
        name: secret_service::name(),
        has_labels: true,
        is_locked: || {
            secret_service::is_locked().unwrap_or_else(|error| {
                tracing::warn!(%error, "the keychain did not say whether it is locked");
                true
            })
        },
    })
}

#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service {
    use zbus::blocking::{Connection, Proxy, fdo::DBusProxy};
    use zbus::zvariant::OwnedObjectPath;

    const BUS_NAME: &str = "org.freedesktop.secrets";

    /// Processes that own the name, as the kernel cuts theirs to 15 characters.
    const NAMES: &[(&str, &str)] = &[
        ("gnome-keyring-d", "GNOME Keyring"),
        ("kwalletd5", "KDE Wallet"),
        ("kwalletd6", "KDE Wallet"),
        ("ksecretd", "KDE Wallet"),
        ("keepassxc", "KeePassXC"),
    ];

    /// What a person calls the service that answers.
    pub fn name() -> String {
        let known = owner().ok().and_then(|process| NAMES.iter().find(|(owner, _)| *owner == process));
        known.map_or("Secret Service", |(_, name)| name).to_owned()
    }

    fn owner() -> zbus::Result<String> {
        let bus = Connection::session()?;
        let process = DBusProxy::new(&bus)?.get_connection_unix_process_id(BUS_NAME.try_into()?)?;
        let command = std::fs::read_to_string(format!("/proc/{process}/comm"))?;
        Ok(command.trim_end().to_owned())
    }

    /// Whether the collection that keeps our items is there and locked.
    pub fn is_locked() -> zbus::Result<bool> {
        let bus = Connection::session()?;
        let service = Proxy::new(&bus, BUS_NAME, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service")?;
        let collection: OwnedObjectPath = service.call("ReadAlias", &("default",))?;
        if collection.as_str() == "/" {
            return Ok(false);
        }
        Proxy::new(&bus, BUS_NAME, collection, "org.freedesktop.Secret.Collection")?.get_property("Locked")
    }
}
