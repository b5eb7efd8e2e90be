//! CPU of the whole pipeline against public clients on the same stream.
//!
//! `cargo bench -p juxta-tests --bench pipeline [-- EVENTS]`. Each subject runs in turn with its yardsticks, five times;
//! medians of the ratios are printed, with their range. Needs `curl` and `bash`, and builds the yardsticks once.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::path::{Path, PathBuf};
use std::process::Command;

use juxta_tests::flood::Flood;

const ROUNDS: usize = 5;

fn main() {
    let events = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned();
    let juxta = build(&root, &["build", "--release", "-p", "juxta-cli"], "release/juxta-cli");
    let yardsticks = root.join("tests/yardsticks/Cargo.toml");
    let async_openai = build(
        &root,
        &["build", "--release", "--manifest-path", &yardsticks.display().to_string()],
        "release/yardsticks",
    );
    let flood = Flood::start(events).expect("a port on loopback");
    let chat = format!("http://{}/v1/chat/completions", flood.address);
    let base = format!("http://{}/v1", flood.address);
    println!("{events} events, about 290 bytes each; CPU seconds (user + system)");
    let mut against_curl = Vec::new();
    let mut against_async_openai = Vec::new();
    for round in 1..=ROUNDS {
        let curl = cpu(Command::new("curl").args(["-sN", "-o", "/dev/null", "-d", "{}", &chat]));
        let ours = cpu(Command::new(&juxta).args(["bench", "sse", &chat]));
        let theirs = cpu(Command::new(&async_openai).arg(&base));
        println!("round {round}: curl {curl:.3}, juxta {ours:.3}, async-openai {theirs:.3}");
        against_curl.push(ours / curl);
        against_async_openai.push(ours / theirs);
    }
    print_ratio("juxta ÷ curl -sN (goal: at most 3.0)", against_curl);
    print_ratio("juxta ÷ async-openai (goal: at most 0.65)", against_async_openai);
}

fn print_ratio(name: &str, mut ratios: Vec<f64>) {
    ratios.sort_by(f64::total_cmp);
    println!("{name}: {:.2} ({:.2} to {:.2})", ratios[ratios.len() / 2], ratios[0], ratios[ratios.len() - 1]);
}

fn build(root: &Path, arguments: &[&str], binary: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let status = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--target-dir")
        .arg(&target)
        .current_dir(root)
        .status()
        .expect("cargo runs");
    assert!(status.success(), "cargo {arguments:?}");
    target.join(binary)
}

/// CPU seconds of a program and its children, as the shell tells them.
fn cpu(command: &mut Command) -> f64 {
    let mut timed = Command::new("bash");
    timed.args(["-c", "TIMEFORMAT='%U %S'; time \"$@\" >/dev/null 2>&1", "bash"]);
    timed.arg(command.get_program()).args(command.get_args());
    let output = timed.output().expect("bash runs");
    assert!(output.status.success(), "{command:?} failed");
    let times = String::from_utf8_lossy(&output.stderr).into_owned();
    times
        .split_whitespace()
        .map(|seconds| seconds.parse::<f64>().unwrap_or_else(|_| panic!("no times in {times:?}")))
        .sum()
}
