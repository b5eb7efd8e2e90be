//! All that an app under test can see of a home directory.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::Outcome;

/// A folder that outlives the app, so that the app can be started on it again, and not the test.
pub struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    pub fn new() -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("juxta-home-").tempdir()?;
        for name in ["data", "config", "cache", "run", "tmp", "logs"] {
            fs::create_dir(folder.path().join(name))?;
        }
        // Programs refuse a runtime folder that others can read.
        fs::set_permissions(folder.path().join("run"), fs::Permissions::from_mode(0o700))?;
        Ok(Self { folder })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What the app wrote to its standard output and error in all its starts.
    pub fn log(&self) -> String {
        fs::read(self.log_file()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Files that hold these bytes somewhere, the log included.
    pub fn files_with(&self, needle: &[u8]) -> Outcome<Vec<PathBuf>> {
        let mut found = Vec::new();
        for file in self.files()? {
            // A file may go away between the listing and the reading: then it holds nothing.
            let bytes = fs::read(&file).unwrap_or_default();
            if bytes.windows(needle.len()).any(|window| window == needle) {
                found.push(file);
            }
        }
        Ok(found)
    }

    /// Every plain file.
    pub fn files(&self) -> Outcome<Vec<PathBuf>> {
        let mut files = Vec::new();
        let mut folders = vec![self.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    files.push(entry.path());
                }
            }
        }
        Ok(files)
    }

    pub(super) fn log_file(&self) -> PathBuf {
        self.path().join("logs/app.log")
    }

    /// The environment of an app that shall see this folder and nothing of the machine's own session.
    pub(super) fn environment(&self, display: &str) -> Vec<(&'static str, String)> {
        let folder = |name: &str| self.path().join(name).display().to_string();
        vec![
            ("HOME", self.path().display().to_string()),
            ("XDG_DATA_HOME", folder("data")),
            ("XDG_CONFIG_HOME", folder("config")),
            ("XDG_CACHE_HOME", folder("cache")),
            ("XDG_RUNTIME_DIR", folder("run")),
            ("TMPDIR", folder("tmp")),
            ("DISPLAY", display.to_owned()),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("LANG", "C.UTF-8".to_owned()),
            ("TZ", "UTC".to_owned()),
            ("GDK_BACKEND", "x11".to_owned()),
            // Without these an app that finds no session bus may start one, and leave it behind.
            ("DBUS_SESSION_BUS_ADDRESS", "disabled:".to_owned()),
            ("NO_AT_BRIDGE", "1".to_owned()),
            // The software painter is the faster one here, but a WebDriver screenshot hangs with it (WebKitGTK 2.50.6).
            ("WEBKIT_DISABLE_DMABUF_RENDERER", "0".to_owned()),
            ("RUST_BACKTRACE", "1".to_owned()),
        ]
    }
}
