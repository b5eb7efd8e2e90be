//! A session bus of a test's own.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::process::Group;
use super::{Home, Outcome};

/// A bus on which nobody offers anything: no keychain, no portal. It ends when this is dropped.
pub struct Bus {
    address: String,
    _daemon: Group,
}

impl Bus {
    pub fn start(home: &Home) -> Outcome<Self> {
        let wanted = format!("unix:path={}", home.path().join("run/bus").display());
        let mut daemon = Group::spawn(
            Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--nopidfile", "--print-address", "--address", &wanted])
                // Services that the machine could start are of the machine, not of this test.
                .env("XDG_DATA_DIRS", home.path().join("data"))
                .env("XDG_DATA_HOME", home.path().join("data"))
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        )?;
        let stdout = daemon.child().stdout.take().ok_or("dbus-daemon without an output")?;
        let mut address = String::new();
        BufReader::new(stdout).read_line(&mut address)?;
        match address.trim() {
            "" => Err("dbus-daemon ended without an address".into()),
            address => Ok(Self { address: address.to_owned(), _daemon: daemon }),
        }
    }

    /// For the environment variable `DBUS_SESSION_BUS_ADDRESS`.
    pub fn address(&self) -> &str {
        &self.address
    }
}
