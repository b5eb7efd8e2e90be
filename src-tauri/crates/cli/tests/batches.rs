//! Batches with real processes: one that hands over and is killed, another that is the provider.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const ROWS: usize = 25;
/// Moments at which the program is killed, some side by side.
const KILLS: u64 = 20;
const SIDE_BY_SIDE: u64 = 4;

fn juxta() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_juxta-cli"));
    command.env("JUXTA_MEMORY_KEYS", "1").stdin(Stdio::null());
    command
}

/// A provider of its own.
struct Provider {
    process: Child,
    address: String,
}

impl Provider {
    fn start(folder: &Path) -> Self {
        let mut process = juxta()
            .args(["sandbox", "--open", "--folder"])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let line: Value = serde_json::from_str(&line).expect("JSON");
        let address = line["address"].as_str().expect("an address").to_owned();
        Self { process, address }
    }

    /// All batches that it took.
    fn batches(&self) -> Vec<Value> {
        let host = self.address.strip_prefix("http://").expect("plain http");
        let mut socket = TcpStream::connect(host).expect("the provider listens");
        let request =
            format!("GET /v1/inference/batch?limit=100 HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).expect("a request");
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8_lossy(&answer);
        let (from, to) = (answer.find('{').expect("JSON"), answer.rfind('}').expect("JSON"));
        let answer: Value = serde_json::from_str(&answer[from..=to]).expect("JSON");
        let data = &answer["data"];
        data.as_array().or_else(|| data["items"].as_array()).expect("a list").clone()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn id(row: usize) -> String {
    format!("größe-\"{row}\"")
}

fn requests(folder: &Path) -> PathBuf {
    let path = folder.join("requests 東京.jsonl");
    let line = |row: usize| {
        serde_json::json!({ "custom_id": id(row), "method": "POST", "url": "/v1/inference/chat", "body": {
            "model": "sandbox/short", "messages": [{ "role": "user", "content": format!("Row {row} \\ \u{2028}") }] } })
    };
    let text: String = (0..ROWS).map(|row| format!("{}\n", line(row))).collect();
    std::fs::write(&path, text).expect("a file");
    path
}

fn batch(data: &Path, arguments: &[&str]) -> Command {
    let mut command = juxta();
    command.args(["batch", "--data"]).arg(data).args(arguments);
    command
}

fn submit(data: &Path, file: &Path, provider: &Provider) -> Command {
    let mut command = batch(data, &["submit"]);
    command.arg(file).args(["--wait", "--dialect", "scaigrid", "--base-url", &provider.address]);
    command
}

fn done(command: &mut Command) -> Output {
    command.output().expect("the program runs")
}

fn listed(data: &Path) -> Vec<Value> {
    let output = done(&mut batch(data, &["list"]));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// Each id with the number of its rows, and whether it was answered.
fn joined(data: &Path, id: &str) -> BTreeMap<String, (u32, bool)> {
    let out = data.join("joined.jsonl");
    let output = done(batch(data, &["results", id, "--out"]).arg(&out));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(&out).expect("joined rows");
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).expect("a line of JSON");
        let known = found.entry(row["custom_id"].as_str().expect("an id").to_owned()).or_insert((0, false));
        *known = (known.0 + 1, !row["response"].is_null());
    }
    found
}

fn every_row_once() -> BTreeMap<String, (u32, bool)> {
    (0..ROWS).map(|row| (id(row), (1, true))).collect()
}

/// Goes on as a person would, until the results are here; gives the batch's id.
fn go_on(data: &Path, file: &Path, provider: &Provider) -> String {
    loop {
        let under_way = listed(data).into_iter().find(|job| job["state"] != "draft");
        let Some(job) = under_way else {
            assert!(provider.batches().is_empty(), "what is a draft here was never sent");
            let output = done(&mut submit(data, file, provider));
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            continue;
        };
        let id = job["id"].as_str().expect("an id").to_owned();
        if job["state"] == "finished" && job["fetched"] == true {
            return id;
        }
        let output = done(&mut batch(data, &["watch", &id]));
        let after = listed(data).into_iter().find(|job| job["id"] == id.as_str()).expect("the batch");
        if after["state"] == "unknown" {
            assert!(provider.batches().is_empty(), "one that the provider has is found there");
            let output = done(&mut batch(data, &["send", &id]));
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        } else if after["state"] != "draft" {
            assert!(output.status.success(), "{after}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

/// One data folder, one provider, one kill. Gives the state in which the kill left the batch.
fn killed_after(pause: Duration) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let file = requests(folder.path());
    let provider = Provider::start(&folder.path().join("provider"));
    let mut process =
        submit(&data, &file, &provider).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs");
    // The moment is what is varied here; nothing waits for anything.
    std::thread::sleep(pause);
    process.kill().expect("a process");
    process.wait().expect("an end");
    let left = listed(&data).first().map_or_else(|| "nothing".to_owned(), |job| job["state"].to_string());
    let id = go_on(&data, &file, &provider);
    assert_eq!(joined(&data, &id), every_row_once(), "{pause:?}, left {left}");
    assert_eq!(provider.batches().len(), 1, "{pause:?}, left {left}: the provider has it once");
    left
}

#[test]
fn whenever_it_is_killed_nothing_is_lost_doubled_or_sent_twice() {
    // Any numbers will do that are not the same at each run.
    let mut seed = u64::from(std::process::id()) ^ undisturbed().as_nanos() as u64;
    let mut moments: Vec<Duration> = Vec::new();
    for at in 0..KILLS {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let within = f64::from((seed >> 40) as u32) / f64::from(1_u32 << 24);
        moments.push(undisturbed().mul_f64((at as f64 + within) / KILLS as f64));
    }
    let mut left = Vec::new();
    for some in moments.chunks(SIDE_BY_SIDE as usize) {
        std::thread::scope(|scope| {
            let all: Vec<_> = some.iter().map(|pause| scope.spawn(|| killed_after(*pause))).collect();
            left.extend(all.into_iter().map(|one| one.join().expect("nothing lost")));
        });
    }
    assert_eq!(left.len() as u64, KILLS);
}

/// How long it takes from the start of the program until all is here.
fn undisturbed() -> Duration {
    use std::sync::OnceLock;
    static TAKEN: OnceLock<Duration> = OnceLock::new();
    *TAKEN.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let file = requests(folder.path());
        let provider = Provider::start(&folder.path().join("provider"));
        let begun = Instant::now();
        let output = done(&mut submit(&data, &file, &provider));
        let taken = begun.elapsed();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let id = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        assert_eq!(joined(&data, &id), every_row_once());
        taken
    })
}

#[test]
fn a_file_with_faults_is_named_line_by_line_and_nothing_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let file = folder.path().join("bad.jsonl");
    std::fs::write(&file, "{\"custom_id\":\"a\"\n").expect("a file");
    let provider = Provider::start(&folder.path().join("provider"));
    let output = done(&mut submit(&data, &file, &provider));
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("bad.jsonl:1: "), "{errors}");
    assert!(provider.batches().is_empty() && listed(&data).is_empty());
}
