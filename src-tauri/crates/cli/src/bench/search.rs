//! `juxta-cli bench search`: what finding a call costs.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Search {
    /// A folder of its own. A new one is filled first: 100,000 runs take some minutes and three gigabytes.
    folder: PathBuf,
    /// Runs of a new folder.
    #[arg(long, default_value_t = 100_000)]
    runs: u64,
}

pub fn run(arguments: &Search) -> Result<ExitCode, String> {
    let folder = &arguments.folder;
    // A person's own history is never measured: the commits of the measurement would be in it.
    if folder.join("juxta.sqlite").exists() && !folder.join("plain.sqlite").exists() {
        return Err(format!("{} is a data folder, and not one of this command", folder.display()));
    }
    let report = juxta_store::measure::search(folder, arguments.runs, |line| eprintln!("{line}"))
        .map_err(|error| error.to_string())?;
    writeln!(std::io::stdout(), "{report}").map_err(|error| error.to_string())?;
    Ok(ExitCode::SUCCESS)
}
