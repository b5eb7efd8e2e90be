//! The keychain of Linux desktops. `tests/with-keychain` gives these tests a Secret Service of their own and sets
//! JUXTA_TEST_KEYCHAIN=1; without it they meet a machine that has none, whatever runs on this one.
#![cfg(all(unix, not(target_os = "macos")))]

use std::io::Write;
use std::process::{Command, Stdio};

use juxta_store::{Secrets, StoreError, account};
use juxta_wire::connection::{KeySource, KeychainStatus};
use juxta_wire::ids::ConnectionId;

const REAL: &str = "JUXTA_TEST_KEYCHAIN";
/// What `tests/with-keychain` opens the keyring with.
const PASSWORD: &[u8] = b"open";
const KEY: &str = "sk-schlüssel-🔑-4f2a";

#[test]
fn keys_are_kept_by_the_keychain_of_the_system_or_in_memory_when_there_is_none() {
    if std::env::var(REAL).is_ok_and(|value| value == "1") {
        a_real_keychain_keeps_keys();
        a_locked_keychain_is_told_from_an_empty_one();
    } else {
        // A child, because a process cannot be taken off its bus once it runs.
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "without_a_bus_keys_stay_in_memory", "--ignored"])
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
            .env(REAL, "0")
            .status()
            .unwrap();
        assert!(status.success());
    }
}

#[test]
#[ignore = "needs a session without a bus, which the test above makes"]
fn without_a_bus_keys_stay_in_memory() {
    assert_eq!(std::env::var(REAL).as_deref(), Ok("0"), "only the test above starts this one");
    let secrets = Secrets::open();
    let KeychainStatus::Missing { reason } = secrets.status() else { panic!("no keychain can answer here") };
    assert!(reason.starts_with("No keychain answers on this computer"), "{reason}");
    assert_eq!(secrets.write("a", KEY).unwrap(), KeySource::Memory { last_four: "4f2a".to_owned() });
    assert_eq!(secrets.read("a").unwrap().as_deref(), Some(KEY));
    assert!(matches!(secrets.read("b"), Err(StoreError::Keychain { .. })), "it may be in a keychain nobody can ask");
    assert!(matches!(secrets.probe_again(), KeychainStatus::Missing { .. }));
    secrets.forget("a").unwrap();
    assert!(secrets.read("a").is_err());
}

fn a_real_keychain_keeps_keys() {
    let secrets = Secrets::open();
    assert_eq!(secrets.status(), KeychainStatus::Available { name: "GNOME Keyring".to_owned() });
    assert_eq!(secrets.probe_again(), KeychainStatus::Available { name: "GNOME Keyring".to_owned() });

    let connection = ConnectionId::new();
    let here = account(&connection, "https://api.example.com", "key");
    let there = account(&connection, "https://api.example.org", "key");
    assert_eq!(secrets.read(&here).unwrap(), None);
    assert_eq!(secrets.write(&here, KEY).unwrap(), KeySource::Keychain { last_four: "4f2a".to_owned() });
    let later = Secrets::open();
    assert_eq!(later.read(&here).unwrap().as_deref(), Some(KEY), "as after a new start");
    assert_eq!(later.read(&there).unwrap(), None, "another origin has no key");

    let long = "k".repeat(100_000);
    secrets.write(&here, &long).unwrap();
    assert_eq!(later.read(&here).unwrap(), Some(long), "the new key took the place of the old");
    secrets.forget(&here).unwrap();
    assert_eq!(later.read(&here).unwrap(), None);
    secrets.forget(&here).unwrap();
}

fn a_locked_keychain_is_told_from_an_empty_one() {
    let secrets = Secrets::open();
    secrets.write("kept", KEY).unwrap();
    lock();
    let after = Secrets::open();
    let error = after.read("kept").unwrap_err();
    assert!(matches!(&error, StoreError::Keychain { reason } if reason.contains("locked")), "{error}");
    assert!(after.read("never there").is_err(), "a locked keychain cannot know that");
    assert_eq!(after.write("new", KEY).unwrap(), KeySource::Memory { last_four: "4f2a".to_owned() });
    let KeychainStatus::Missing { reason } = after.probe_again() else { panic!("nobody is there to unlock it") };
    assert!(reason.contains("locked"), "{reason}");

    unlock();
    assert_eq!(after.probe_again(), KeychainStatus::Available { name: "GNOME Keyring".to_owned() });
    assert_eq!(after.read("kept").unwrap().as_deref(), Some(KEY));
    assert_eq!(after.read("never there").unwrap(), None);
    assert_eq!(after.write("new", KEY).unwrap(), KeySource::Keychain { last_four: "4f2a".to_owned() });
    assert_eq!(Secrets::open().read("new").unwrap().as_deref(), Some(KEY));
}

fn lock() {
    use zbus::blocking::{Connection, Proxy};
    use zbus::zvariant::{ObjectPath, OwnedObjectPath};
    let bus = Connection::session().unwrap();
    let service =
        Proxy::new(&bus, "org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service")
            .unwrap();
    let collection: OwnedObjectPath = service.call("ReadAlias", &("default",)).unwrap();
    let locked: (Vec<OwnedObjectPath>, OwnedObjectPath) =
        service.call("Lock", &(vec![ObjectPath::from(&collection)],)).unwrap();
    assert_eq!(locked.0, [collection]);
}

/// Only a prompt can unlock a keyring, or a daemon that takes the place of the one that runs: the service goes away
/// and comes back.
fn unlock() {
    let mut daemon = Command::new("gnome-keyring-daemon")
        .args(["--replace", "--unlock", "--components=secrets"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    daemon.stdin.take().unwrap().write_all(PASSWORD).unwrap();
    assert!(daemon.wait().unwrap().success());
}
