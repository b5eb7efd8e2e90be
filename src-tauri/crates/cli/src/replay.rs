//! `juxta-cli replay`: a recorded answer once more, on the terminal or from loopback, with nothing sent.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use juxta_engine::{Engine, Keys};
use juxta_sandbox::{Options, Sandbox};
use juxta_wire::ids::CellId;
use juxta_wire::live::{Append, Batch};
use juxta_wire::replay::ReplayPace;
use tokio::sync::mpsc;

#[derive(clap::Args)]
pub struct Arguments {
    /// The data folder that has the answer. Juxta itself must be closed.
    data: PathBuf,
    /// Id of the call.
    cell: String,
    /// How many times faster than it came.
    #[arg(long, default_value_t = 1.0, conflicts_with = "at_once")]
    times: f64,
    /// Without any waiting.
    #[arg(long)]
    at_once: bool,
    /// Serves the recorded bytes on loopback instead, until it is interrupted, and prints one line of JSON with the
    /// address.
    #[arg(long, conflicts_with = "at_once")]
    serve: bool,
}

pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    // Nothing is sent, so no key is needed.
    let engine = Engine::open(&arguments.data, Keys::Memory).map_err(|error| error.to_string())?;
    let cell = CellId(arguments.cell.clone());
    let played = match arguments.serve {
        true => serve(&engine, &cell, arguments.times).await,
        false => play(&engine, &cell, &arguments).await,
    };
    engine.shut_down().await;
    played.map(|()| ExitCode::SUCCESS)
}

async fn serve(engine: &Engine, cell: &CellId, times: f64) -> Result<(), String> {
    let source = engine.replay_source(cell, times).map_err(|error| error.to_string())?;
    let sandbox = Sandbox::start(Options::default()).await.map_err(|error| error.to_string())?;
    let line = serde_json::json!({ "url": sandbox.replay(source, times) });
    let mut out = std::io::stdout();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| error.to_string())?;
    tokio::signal::ctrl_c().await.map_err(|error| error.to_string())?;
    sandbox.shutdown().await;
    Ok(())
}

/// Writes the first choice as it comes, and nothing else.
async fn play(engine: &Engine, cell: &CellId, arguments: &Arguments) -> Result<(), String> {
    let (send, mut batches) = mpsc::unbounded_channel::<Batch>();
    engine.subscribe(Arc::new(move |batch| send.send(batch).is_ok()));
    let pace = match arguments.at_once {
        true => ReplayPace::AtOnce,
        false => ReplayPace::Times { factor: arguments.times },
    };
    engine.start_replay(cell, pace).await.map_err(|error| error.to_string())?;
    let mut out = std::io::stdout();
    while let Some(batch) = batches.recv().await {
        engine.acknowledge(batch.number);
        for update in batch.updates.into_iter().filter(|update| update.cell == *cell) {
            for append in &update.appends {
                if let Append::Text { choice: 0, text } = append {
                    write!(out, "{text}").map_err(|error| error.to_string())?;
                }
            }
            out.flush().map_err(|error| error.to_string())?;
            if update.cell_head.is_some_and(|head| head.state.is_over()) {
                return writeln!(out).map_err(|error| error.to_string());
            }
        }
    }
    Err("The engine stopped".to_owned())
}
