//! `juxta-cli`: the engine of Juxta without a window.

mod batch;
mod bench;
mod matrix;
mod replay;
mod run;
mod sandbox;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "juxta-cli", version, about = "The engine of Juxta without a window")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a saved comparison and writes one JSON line for each cell.
    ///
    /// Progress goes to stderr. The exit status is 0 only when every cell finished.
    Run(run::Arguments),
    /// Hands work to a provider's queue, follows it and joins its results.
    Batch(batch::Arguments),
    /// Runs a matrix: prompts over models, values, rows and repeats, judged by its checks.
    ///
    /// Progress goes to stderr. The exit status is 0 when every call finished and passed every check, 1 when not, and 2
    /// when the file or what is asked for cannot be used. With `--fail-on-worse` it follows the comparison with `--base`.
    Matrix(matrix::Arguments),
    /// Plays a recorded answer again, on the terminal or from an address on loopback.
    Replay(replay::Arguments),
    /// Runs the sandbox alone, until it is interrupted.
    ///
    /// Prints one line of JSON with its address and the token it wants.
    Sandbox(sandbox::Arguments),
    /// Measures the real pipeline.
    #[command(subcommand)]
    Bench(bench::Bench),
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Run(arguments) => run::run(arguments).await,
        Command::Batch(arguments) => batch::run(arguments).await,
        Command::Matrix(arguments) => matrix::run(arguments).await,
        Command::Replay(arguments) => replay::run(arguments).await,
        Command::Sandbox(arguments) => sandbox::run(arguments).await,
        Command::Bench(bench) => bench::run(bench).await,
    };
    match result {
        Ok(code) => code,
        Err(message) => {
            eprintln!("juxta-cli: {message}");
            ExitCode::from(2)
        }
    }
}
