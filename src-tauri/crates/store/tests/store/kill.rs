//! What is there after a SIGKILL. Each test starts this same test binary again as a child, reads what the child
//! reports as done, kills it in the middle of its work, and opens the folder.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use juxta_store::{RecordKind, Store};
use juxta_wire::ids::CellId;
use juxta_wire::run::{Cell, CellState};

use crate::fixtures::{comparison, finish, request, run};

const CHILD_FOLDER: &str = "JUXTA_TEST_KILL";

/// Starts a child and kills it after it reported `reports` times; gives the reports.
fn kill_after(reports: usize, child: &str, folder: &Path) -> Vec<String> {
    let mut child: Child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", child, "--ignored", "--nocapture"])
        .env(CHILD_FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let seen: Vec<String> = lines
        .map(|line| line.unwrap())
        .filter_map(|line| line.split_once("done: ").map(|(_, report)| report.to_owned()))
        .take(reports)
        .collect();
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert!(!status.success(), "it must die in the middle of its work, not end");
    assert_eq!(seen.len(), reports, "it must have worked until then");
    seen
}

fn child_folder() -> std::path::PathBuf {
    std::env::var_os(CHILD_FOLDER).expect("only the other tests start this one").into()
}

/// Straight to the pipe: the test harness may keep back what `println` says.
fn report(done: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "done: {done}").unwrap();
    out.flush().unwrap();
}

fn event(number: u64) -> Vec<u8> {
    format!("data: {{\"n\":{number},\"text\":\"{}\"}}\n\n", "x".repeat(number as usize % 50)).into_bytes()
}

#[test]
fn everything_that_was_written_out_is_there_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let reports = kill_after(12, "kill::child_that_streams", folder.path());
    let (id, written) = reports.last().unwrap().split_once(' ').unwrap();
    let written: u64 = written.parse().unwrap();
    assert!(written > 0);

    let store = Store::open(folder.path()).unwrap();
    let id = CellId(id.to_owned());
    let (body, total) = store.read_body(&id, u64::MAX).unwrap();
    assert!(total >= written, "{total} bytes are there, {written} were reported");
    let expected: Vec<u8> = (0..).flat_map(event).take(body.len()).collect();
    assert!(body == expected, "the bytes are those that were sent");
    let index = store.read_index(&id).unwrap();
    let chunks = index.iter().filter(|record| record.kind == RecordKind::Chunk);
    let indexed: u64 = chunks.map(|record| u64::from(record.length)).sum();
    assert!(indexed >= written && indexed <= total);
    for record in index {
        let bytes = &body[record.offset as usize..][..record.length as usize];
        assert!(bytes.ends_with(b"\n\n"), "a record points at the bytes of its event");
    }

    let cell = store.cell(&id).unwrap().unwrap();
    assert_eq!(cell.state, CellState::Interrupted);
    assert_eq!(store.interrupted().unwrap(), std::slice::from_ref(&id));
    assert_eq!(store.request(&id).unwrap(), Some((b"HEAD".to_vec(), b"{}".to_vec())));
    assert_eq!(cell.request, Some(request("{}")));
    let row = store.runs(1, None).unwrap().remove(0);
    assert_eq!((row.finished, row.unfinished, row.live), (1, 1, false), "the cell that had finished stays so");

    // Nobody folded it yet, and Juxta dies again: it is still to be done.
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.interrupted().unwrap(), std::slice::from_ref(&id));
    let row = store.runs(1, None).unwrap().remove(0);
    assert_eq!((row.finished, row.unfinished), (1, 1), "counted once");
    let mut folded: Cell = store.cell(&id).unwrap().unwrap();
    folded.outcome.events = 7;
    store.save_cell(&folded).unwrap();
    assert_eq!(store.interrupted().unwrap(), []);
    assert_eq!(store.cell(&id).unwrap(), Some(folded));
}

#[test]
#[ignore = "the child of the test above, which kills it"]
fn child_that_streams() {
    let store = Store::open(&child_folder()).unwrap();
    let mut run = run(1_000, 2, 1);
    store.insert_run(&run).unwrap();
    finish(&mut run.cells[1], "done before");
    store.save_cell(&run.cells[1]).unwrap();
    let cell = &mut run.cells[0];
    cell.state = CellState::Streaming;
    cell.request = Some(request("{}"));
    let mut writer = store.begin_cell(cell, b"HEAD", b"{}").unwrap();
    let start = Instant::now();
    let now = || start.elapsed().as_micros() as u64;
    let (mut offset, mut said) = (0, 0);
    for number in 0.. {
        let bytes = event(number);
        writer.chunk(now(), &bytes);
        writer.event(now(), offset, bytes.len() as u32, false);
        offset += bytes.len() as u64;
        writer.flush_if_due(now());
        // What is on disk counts, not what was handed over.
        let written = store.read_body(&cell.id, 0).unwrap().1;
        if written > said {
            said = written;
            report(format_args!("{} {written}", cell.id));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_draft_that_was_saved_while_typing_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let reports = kill_after(300, "kill::child_that_types", folder.path());
    let (id, typed) = reports.last().unwrap().split_once(' ').unwrap();
    let store = Store::open(folder.path()).unwrap();
    let saved = store.comparison(&juxta_wire::ids::ComparisonId(id.to_owned())).unwrap().unwrap();
    let letters: usize = saved.name.len();
    let reported: usize = typed.parse().unwrap();
    assert!(letters >= reported, "{letters} letters are there, {reported} were reported as saved");
    assert_eq!(store.comparisons().unwrap()[0].name, saved.name, "the row and the document are of one save");
}

#[test]
#[ignore = "the child of the test above, which kills it"]
fn child_that_types() {
    let store = Store::open(&child_folder()).unwrap();
    let mut draft = comparison("", "Tell me about the sea.");
    loop {
        draft.name.push('a');
        store.save_comparison(&draft).unwrap();
        report(format_args!("{} {}", draft.id, draft.name.len()));
    }
}
