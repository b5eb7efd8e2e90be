//! The code that requests are exported as, run for real: what arrives is what was exported.
//!
//! tests/code/run brings the languages and starts this. Each target is run by its own interpreter or compiler, as it
//! stands, against a server that keeps the bytes.

mod media;
mod pasted;
mod same_value;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use juxta_client::export::{self, Target, Written};
use juxta_tests::code::{ANSWER, ARGUMENTS, CaptureServer, Endpoint, Fixture, KEYS, fixtures};
use juxta_tests::http_bytes::Message;
use juxta_tests::workspace::root;
use same_value::{Order, same_value};
use tempfile::TempDir;

/// What every library makes by itself.
const MADE: &[&str] = &["host", "content-length", "connection"];

/// A target with the fixtures that fit it, written into files.
struct Round {
    target: &'static Target,
    server: CaptureServer,
    /// With its place among all fixtures, by which its request is known.
    cases: Vec<(usize, Fixture, Written)>,
    folder: TempDir,
}

impl Round {
    fn new(id: &str, at_least: usize, file_end: &str) -> Self {
        let target = export::target(id).expect("a target");
        let server = CaptureServer::start().expect("a port on loopback");
        let mut cases = Vec::new();
        for (number, fixture) in fixtures(&server.origin()).into_iter().enumerate() {
            match target.write(&fixture.request) {
                Ok(written) => cases.push((number, fixture, written)),
                Err(unfit) => println!("{id}: {}: {unfit}", fixture.name),
            }
        }
        assert!(cases.len() >= at_least, "{id} fits {} fixtures only", cases.len());
        let folder = tempfile::tempdir().expect("a folder");
        for (number, _, written) in &cases {
            for (name, value) in KEYS {
                assert!(!written.text.contains(value), "{id}: the value of {name} stands in the text");
            }
            std::fs::write(folder.path().join(file_name(*number, file_end)), &written.text).expect("a file");
        }
        media::put_files(&cases, folder.path());
        Self { target, server, cases, folder }
    }

    /// Runs a program with the keys in its environment; fails with what it said.
    fn run(&self, program: impl AsRef<Path>, arguments: &[&str]) -> String {
        let program = program.as_ref();
        let output = Command::new(program)
            .args(arguments)
            .envs(KEYS.iter().copied())
            .current_dir(self.folder.path())
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {arguments:?}: {said}", program.display());
        String::from_utf8(output.stdout).expect("UTF-8 was printed")
    }

    /// What each file printed, from the runner of an interpreter.
    fn run_all(&self, program: &Path, runner: &str) -> BTreeMap<usize, String> {
        let runner = root().join("tests/code").join(runner);
        let (runner, folder) = (runner.to_string_lossy(), self.folder.path().to_string_lossy());
        self.run(program, &with_values(&[&runner, &folder]));
        let results = std::fs::read(self.folder.path().join("results.json")).expect("results");
        let results: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&results).expect("JSON");
        results
            .into_iter()
            .map(|(name, result)| {
                let number: usize = name[1..].parse().expect("a number");
                let (_, fixture, written) = self.case(number);
                assert!(result["error"].is_null(), "{}: {}\n{}", fixture.name, result["error"], start(&written.text));
                (number, result["printed"].as_str().expect("text").to_owned())
            })
            .collect()
    }

    fn case(&self, number: usize) -> &(usize, Fixture, Written) {
        self.cases.iter().find(|(known, _, _)| *known == number).expect("a case")
    }

    /// Holds what arrived against what was exported.
    fn compare(&self, printed: &BTreeMap<usize, String>) {
        let captured = self.server.take();
        let mut faults = String::new();
        assert_eq!(captured.len(), self.cases.len(), "{}: one request for each file", self.target.id);
        let by_mark: BTreeMap<String, &Message> =
            captured.iter().map(|message| (message.header(Fixture::MARK).unwrap_or_default(), message)).collect();
        for (number, fixture, written) in &self.cases {
            let message = by_mark.get(&number.to_string()).unwrap_or_else(|| panic!("{}: nothing came", fixture.name));
            for fault in self.faults(fixture, written, message, &printed[number]) {
                // Writing to a String cannot fail.
                let _ = writeln!(faults, "{}, {}: {fault}", self.target.id, fixture.name);
            }
        }
        assert!(faults.is_empty(), "{faults}");
        println!("{}: {} requests arrived as they were exported", self.target.id, self.cases.len());
    }

    fn faults(&self, fixture: &Fixture, written: &Written, message: &Message, printed: &str) -> Vec<String> {
        let mut faults = Vec::new();
        let first = format!("{} {} HTTP/1.1", fixture.request.method, fixture.path());
        if message.first_line() != first {
            faults.push(format!("{} instead of {first}", message.first_line()));
        }
        faults.extend(self.header_faults(fixture, written, message));
        let body = Fixture::real(&fixture.request.body);
        if let Some(form) = &fixture.request.form {
            faults.extend(media::form_faults(form, written, message));
        } else if self.target.is_raw {
            if message.body != body.as_bytes() {
                let came = String::from_utf8_lossy(&message.body);
                faults.push(format!("the body\n{}\ninstead of\n{}", start(&came), start(&body)));
            }
        } else {
            let says = |words: &str| written.checks.iter().any(|check| check.text.contains(words));
            let order = match (says("in the same order"), self.target.id) {
                (true, _) => Order::Same,
                (false, "javascript-openai") => Order::Any,
                (false, _) => Order::SameWithin,
            };
            let came = String::from_utf8_lossy(&message.body);
            let (body, order) = match says("asks for base64") {
                true => (media::with_base64(&body), Order::SameWithin),
                false => (body, order),
            };
            if let Err(fault) = same_value(&body, &came, order) {
                faults.push(fault);
            }
            if order != Order::Same && !says("asks for base64") && same_value(&body, &came, Order::Same).is_ok() {
                faults.push("the order is the same, and another one was said".to_owned());
            }
        }
        let endpoint = Endpoint::of(&fixture.path());
        // curl and packages that read no events print what comes; the others take the text out of a stream. A stream of
        // values has no text.
        let waits = written.checks.iter().any(|check| check.text.contains("as one text"));
        let is_as_it_came = self.target.id == "curl" || waits;
        let is_shown = match fixture.request.streams {
            true if is_as_it_came => printed.ends_with("\n\n") && endpoint.has_events(printed),
            _ if media::is_shown(endpoint, printed, self.folder.path()) => true,
            true if endpoint == Endpoint::Inference => endpoint.has_events(printed),
            _ => printed.contains(ANSWER) || printed.contains(&serde_json::Value::from(ANSWER).to_string()),
        };
        if !is_shown {
            faults.push(format!("printed {:?}", start(printed)));
        }
        faults
    }

    fn header_faults(&self, fixture: &Fixture, written: &Written, message: &Message) -> Vec<String> {
        let mut faults = Vec::new();
        let came: Vec<(String, String)> =
            message.headers().into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        let mut wanted: Vec<(String, String)> = Vec::new();
        for header in &fixture.request.headers {
            wanted.push((header.name.to_ascii_lowercase(), Fixture::real(&header.value)));
        }
        let is_wanted = |name: &str| wanted.iter().any(|(known, _)| known == name);
        let ours: Vec<(String, String)> = came.iter().filter(|(name, _)| is_wanted(name)).cloned().collect();
        let joined = written.checks.iter().any(|check| check.text.contains("on one line"));
        let keeps_order = matches!(self.target.id, "curl" | "python-httpx" | "rust-reqwest") && !joined;
        let (mut wanted_rows, mut our_rows) = (if joined { join(&wanted) } else { wanted.clone() }, ours);
        if keeps_order {
            // Values of one name stand together on the wire where a map of headers is sent.
            if self.target.id == "rust-reqwest" {
                let order: Vec<String> = wanted_rows.iter().map(|(name, _)| name.clone()).collect();
                wanted_rows.sort_by_key(|(name, _)| order.iter().position(|known| known == name));
            }
        } else {
            wanted_rows.sort();
            our_rows.sort();
        }
        if wanted_rows != our_rows {
            faults.push(format!("headers {our_rows:?}\ninstead of {wanted_rows:?}"));
        }
        let extra: BTreeSet<String> = came
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| !MADE.contains(name) && !is_wanted(name))
            .filter(|name| *name != "content-type" || fixture.request.form.is_none())
            .map(|name| if name.starts_with("x-stainless-") { "x-stainless-*" } else { name }.to_owned())
            .collect();
        let said = added(written);
        if extra != said {
            faults.push(format!("headers of its own {extra:?}, said {said:?}"));
        }
        faults
    }
}

/// The headers that the checks say a library adds.
fn added(written: &Written) -> BTreeSet<String> {
    let row = written.checks.iter().find_map(|check| check.text.split_once(" adds ").map(|(_, names)| names));
    let names = row.unwrap_or_default().replace(" and ", ", ");
    names.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn join(rows: &[(String, String)]) -> Vec<(String, String)> {
    let mut joined: Vec<(String, String)> = Vec::new();
    for (name, value) in rows {
        match joined.iter_mut().find(|(known, _)| known == name) {
            Some((_, before)) => before.push_str(&format!(", {value}")),
            None => joined.push((name.clone(), value.clone())),
        }
    }
    joined
}

/// Those of a program, and behind them what every script is given.
fn with_values<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().copied().chain(ARGUMENTS.iter().map(|(_, value)| *value)).collect()
}

fn file_name(number: usize, end: &str) -> String {
    format!("f{number:03}.{end}")
}

fn start(text: &str) -> String {
    text.chars().take(1500).collect()
}

fn from_environment(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os(name).unwrap_or_else(|| panic!("{name} is not set: run tests/code/run")))
}

fn python() -> PathBuf {
    from_environment("JUXTA_CODE_PYTHON")
}

#[test]
fn curl() {
    let round = Round::new("curl", 130, "sh");
    let printed = round
        .cases
        .iter()
        .map(|(number, _, _)| (*number, round.run("bash", &with_values(&[&file_name(*number, "sh")]))))
        .collect();
    round.compare(&printed);
}

#[test]
fn python_httpx() {
    let round = Round::new("python-httpx", 130, "py");
    let printed = round.run_all(&python(), "run_python.py");
    round.compare(&printed);
}

#[test]
fn python_requests() {
    let round = Round::new("python-requests", 130, "py");
    let printed = round.run_all(&python(), "run_python.py");
    round.compare(&printed);
}

#[test]
fn python_openai() {
    let round = Round::new("python-openai", 95, "py");
    let printed = round.run_all(&python(), "run_python.py");
    round.compare(&printed);
}

#[test]
fn python_scale_gp() {
    let round = Round::new("python-scale-gp", 95, "py");
    let printed = round.run_all(&python(), "run_python.py");
    round.compare(&printed);
}

fn node(id: &str, at_least: usize) {
    let round = Round::new(id, at_least, "mjs");
    #[cfg(unix)]
    std::os::unix::fs::symlink(from_environment("JUXTA_CODE_NODE"), round.folder.path().join("node_modules"))
        .expect("a link");
    let printed = round.run_all(Path::new("node"), "run_node.mjs");
    round.compare(&printed);
}

#[test]
fn javascript_fetch() {
    node("javascript-fetch", 130);
}

#[test]
fn javascript_openai() {
    node("javascript-openai", 95);
}

/// One program holds them all, each as it stands in a module of its own, so that it is compiled once.
#[test]
fn rust_reqwest() {
    let round = Round::new("rust-reqwest", 130, "rs");
    let folder = round.folder.path();
    let mut main = String::from("fn main() {\n    match std::env::var(\"FIXTURE\").as_deref() {\n");
    let mut modules = String::new();
    for (number, _, _) in &round.cases {
        let _ = writeln!(main, "        Ok(\"{number}\") => f{number:03}::run(),");
        let file = file_name(*number, "rs");
        let _ = writeln!(
            modules,
            "mod f{number:03} {{\n    include!(\"{file}\");\n    pub fn run() {{\n        main().unwrap()\n    }}\n}}"
        );
    }
    main.push_str("        _ => panic!(\"no such file\"),\n    }\n}\n");
    std::fs::write(folder.join("main.rs"), main + modules.as_str()).expect("a file");
    // The libraries in the versions that Juxta has, without TLS: loopback needs none, and it takes long to compile.
    std::fs::write(folder.join("Cargo.toml"), RUST_MANIFEST).expect("a file");
    std::fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).expect("the lock file");
    let target = from_environment("JUXTA_CODE_RUST");
    round.run("cargo", &["build", "--quiet", "--target-dir", &target.to_string_lossy()]);
    let program = target.join("debug/exported");
    let run =
        |number: &usize| round.run("env", &with_values(&[&format!("FIXTURE={number}"), &program.to_string_lossy()]));
    let printed = round.cases.iter().map(|(number, _, _)| (*number, run(number))).collect();
    round.compare(&printed);
}

const RUST_MANIFEST: &str = r#"
[workspace]

[package]
name = "exported"
version = "0.0.0"
edition = "2024"

[[bin]]
name = "exported"
path = "main.rs"

[dependencies]
reqwest = { version = "0.13", default-features = false, features = ["multipart"] }
serde_json = "1"
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }

[profile.dev]
debug = false
"#;
