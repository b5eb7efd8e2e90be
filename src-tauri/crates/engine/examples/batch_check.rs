//! How long a look at the file of a batch takes, and how much memory: 1,000,000 lines of 400 bytes, held against counting
//! their line feeds and against reading each into a `serde_json::Value`.
//!
//! `cargo run --release -p juxta-engine --example batch_check [lines]`

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use juxta_engine::batch::check::{Rules, check};
use juxta_engine::batch::mend::Mends;
use juxta_wire::endpoint::Dialect;
use serde_json::{Value, json};

const LINES: u64 = 1_000_000;
/// Of a line with its end.
const LENGTH: usize = 400;

type Failure = Box<dyn std::error::Error>;

#[allow(clippy::print_stdout, reason = "printing is what it is for")]
fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next();
    // The look runs in a process of its own, so that its memory is nobody else's.
    if first.as_deref() == Some("--look") {
        return look(Path::new(&arguments.next().ok_or("a path follows")?));
    }
    let lines: u64 = first.map_or(Ok(LINES), |count| count.parse())?;
    let path = std::env::temp_dir().join(format!("juxta-batch-check-{}.jsonl", std::process::id()));
    write(&path, lines)?;
    let bytes = std::fs::metadata(&path)?.len();
    println!("{lines} lines, {:.1} MB", bytes as f64 / 1e6);
    // Once for the cache of files.
    feeds(&path)?;

    let counted = timed(|| feeds(&path))?;
    let wc = || -> Result<(), Failure> {
        Command::new("wc").arg("-l").arg(&path).output()?;
        Ok(())
    };
    // Not every system has it.
    let wc = if wc().is_ok() { Some(timed(wc)?) } else { None };
    let values = timed(|| values(&path))?;
    let output = Command::new(std::env::current_exe()?).arg("--look").arg(&path).output()?;
    std::fs::remove_file(&path)?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let looked = Duration::from_secs_f64(told["seconds"].as_f64().unwrap_or_default());

    let row = |name: &str, time: Duration| {
        let rate = bytes as f64 / 1e6 / time.as_secs_f64();
        let ratio = looked.as_secs_f64() / time.as_secs_f64();
        println!(
            "  {name:<24}{:>9.1} ms {rate:>9.1} MB/s   the look takes {ratio:.2} times as long",
            time.as_secs_f64() * 1e3
        );
    };
    row("look", looked);
    row("line feeds", counted);
    if let Some(wc) = wc {
        row("wc -l", wc);
    }
    row("serde_json::Value", values);
    println!("  faults {}, sound {}", told["faults"], told["sent"]);
    match told["peak"].as_u64() {
        Some(peak) => println!("  peak memory {:.1} MB", peak as f64 / 1e6),
        None => println!("  peak memory is not told by this system"),
    }
    Ok(())
}

fn write(path: &Path, lines: u64) -> Result<(), Failure> {
    let mut file = BufWriter::new(File::create(path)?);
    for line in 0..lines {
        let request = |text: &str| {
            json!({"custom_id": format!("t-{line:07}"), "method": "POST", "url": "/v1/inference/chat", "body": {
                "model": "scailabs/poolnoodle-omni", "temperature": 0.2, "max_tokens": 200, "messages": [
                    {"role": "system", "content": "Answer the customer in two sentences."},
                    {"role": "user", "content": text}]}})
            .to_string()
        };
        let bare = request("").len() + 1;
        let words = format!("Order NL-{line:07}: the rear light “stopped” charging.\\n");
        let text: String = words.chars().cycle().take(LENGTH.saturating_sub(bare + 24)).collect();
        writeln!(file, "{}", request(&text))?;
    }
    Ok(file.flush()?)
}

#[allow(clippy::print_stdout, reason = "the other process reads it")]
fn look(path: &Path) -> Result<(), Failure> {
    let rules = Rules { dialect: Dialect::ScaigridV1, is_sent_along: false, windows: Default::default() };
    let begun = Instant::now();
    let checked = check(path, &Mends::new(), &rules, &mut |_| ControlFlow::Continue(()))?;
    let seconds = begun.elapsed().as_secs_f64();
    let told = json!({
        "seconds": seconds, "peak": peak(), "faults": checked.check.fault_count, "sent": checked.check.sent,
    });
    println!("{told}");
    Ok(())
}

/// The most memory that this process held, where the system tells it.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kilobytes * 1024)
}

fn feeds(path: &Path) -> Result<(), Failure> {
    let mut file = File::open(path)?;
    let mut block = vec![0; 256 << 10];
    let mut count = 0;
    loop {
        match file.read(&mut block)? {
            0 => break,
            read => count += block[..read].iter().filter(|byte| **byte == b'\n').count(),
        }
    }
    std::hint::black_box(count);
    Ok(())
}

fn values(path: &Path) -> Result<(), Failure> {
    for line in BufReader::new(File::open(path)?).lines() {
        std::hint::black_box(serde_json::from_str::<Value>(&line?)?);
    }
    Ok(())
}

fn timed(work: impl FnOnce() -> Result<(), Failure>) -> Result<Duration, Failure> {
    let begun = Instant::now();
    work()?;
    Ok(begun.elapsed())
}
