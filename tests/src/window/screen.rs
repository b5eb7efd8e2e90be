//! A display that nobody else uses.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::Outcome;
use super::process::Group;

/// An X server without a monitor. It ends when this is dropped.
pub struct Screen {
    display: String,
    _server: Group,
}

impl Screen {
    /// Starts one that is large enough for every window size of the design.
    pub fn start() -> Outcome<Self> {
        let mut server = Group::spawn(
            Command::new("Xvfb")
                // Without -noreset the server starts anew when its last window closes, and an app that is started just
                // then finds no display.
                .args(["-displayfd", "1", "-screen", "0", "2560x1440x24", "-nolisten", "tcp", "-noreset"])
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        )?;
        let stdout = server.child().stdout.take().ok_or("Xvfb without an output")?;
        let mut number = String::new();
        // The number comes when the server is ready for windows; nothing comes when it could not start.
        BufReader::new(stdout).read_line(&mut number)?;
        match number.trim() {
            "" => Err("Xvfb ended without a display".into()),
            number => Ok(Self { display: format!(":{number}"), _server: server }),
        }
    }

    /// For the environment variable `DISPLAY`.
    pub fn display(&self) -> &str {
        &self.display
    }
}
