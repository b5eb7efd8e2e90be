//! One log file in the data folder. It holds no prompts, no answers and no keys: only ids, states and errors.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

/// Above this many bytes a start moves the log aside.
const LARGE: u64 = 4 << 20;

/// Starts logging. Without a place to write, the app works on without a log.
pub fn start(folder: &Path) {
    let folder = folder.join("logs");
    let file = folder.join("juxta.log");
    if let Err(error) = fs::create_dir_all(&folder) {
        eprintln!("No log is kept: {}: {error}", folder.display());
        return;
    }
    if fs::metadata(&file).is_ok_and(|metadata| metadata.len() > LARGE)
        && let Err(error) = fs::rename(&file, folder.join("juxta.old.log"))
    {
        eprintln!("The log grows on: {error}");
    }
    match OpenOptions::new().create(true).append(true).open(&file) {
        Ok(file) => {
            let filter = EnvFilter::try_from_env("JUXTA_LOG").unwrap_or_else(|_| EnvFilter::new("warn,juxta=info"));
            tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(Mutex::new(file)).init();
        }
        Err(error) => eprintln!("No log is kept: {}: {error}", file.display()),
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!(place = ?panic.location().map(ToString::to_string), "panic");
        before(panic);
    }));
}
