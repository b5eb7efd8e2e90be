//! Archives as others see them: the public schema of HAR 1.2, and a library that is not ours. `tests/har/run` brings both.

use std::path::PathBuf;
use std::process::Command;

use juxta_client::import;
use juxta_tests::world::{World, chat, lane, sandbox};
use juxta_wire::draft::{Message, Role};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::run::Cell;
use juxta_wire::settings::Settings;
use juxta_wire::transfer::{ExportFormat, ExportSubject};
use serde_json::{Value, json};

fn folder(variable: &str) -> PathBuf {
    std::env::var_os(variable).map(PathBuf::from).unwrap_or_else(|| panic!("{variable} is not set: run tests/har/run"))
}

fn checked(path: &str) -> Value {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/har/check.py");
    let output = Command::new(folder("JUXTA_HAR_PYTHON"))
        .arg(script)
        .arg(folder("JUXTA_HAR_SCHEMA"))
        .arg(path)
        .output()
        .expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("a line of JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_is_valid_and_others_read_the_same_in_it() {
    let world = World::start().await;
    let exports = tempfile::tempdir().expect("a folder");
    let settings = Settings { export_folder: Some(exports.path().display().to_string()), ..Settings::default() };
    world.engine.save_settings(&settings).expect("saved");
    let (mut runs, mut cells): (Vec<_>, Vec<Cell>) = (Vec::new(), Vec::new());
    let refused = "http://127.0.0.1:9";
    let nobody = world.connect("Nobody", Dialect::OpenAi, refused);
    for stream in ["true", "false"] {
        let mut comparison = chat(&sandbox(Dialect::ScaleV5), "sandbox/unicode", &[("stream", stream)]);
        comparison.name = format!("Größe “{stream}”");
        comparison.draft.messages[0] = Message::text(Role::User, "東京 \"quoted\" \\ 👩‍👩‍👧\r\nשלום");
        comparison.lanes.push(lane(&sandbox(Dialect::OpenAi), "no such model"));
        // Nobody listens there, so that an entry has no answer.
        comparison.lanes.push(lane(&nobody.id, "m"));
        // And this one cannot be sent at all, so that there is no entry for it.
        comparison.lanes.push(lane(&sandbox(Dialect::OpenAi), ""));
        comparison.repeats = 2;
        let run = world.engine.start_run(comparison, None).await.expect("a run");
        cells.extend(world.wait(&run).await);
        runs.push(run.summary);
    }
    let subject = ExportSubject::Runs { runs: runs.iter().map(|run| run.id.clone()).collect() };
    let saved = world.engine.export_runs(&subject, ExportFormat::Har).expect("an archive");
    let found = checked(&saved.path);
    assert_eq!((&found["creator"], &found["version"]), (&"Juxta".into(), &"1.2".into()));
    let names: Vec<Value> = runs.iter().map(|run| Value::from(run.name.as_str())).collect();
    assert_eq!(found["pages"].as_array(), Some(&names));
    let sent: Vec<&Cell> = cells.iter().filter(|cell| cell.request.is_some()).collect();
    assert_eq!((sent.len(), cells.len()), (12, 16));
    let entries = found["entries"].as_array().expect("entries");
    assert_eq!(entries.len(), sent.len());
    for cell in sent {
        let request = cell.request.as_ref().expect("a request");
        let body = String::from_utf8(world.engine.recorded_body(&cell.id).expect("a body").0).expect("text");
        let status = cell.head.as_ref().map_or(0, |head| head.status);
        let matching = entries.iter().filter(|entry| {
            entry["url"] == request.url.as_str()
                && entry["method"] == "POST"
                && entry["status"] == status
                && entry["request"] == request.body.as_str()
                && entry["response"].as_str().unwrap_or_default() == body
                && entry["time"].as_f64().is_some_and(|time| time >= 0.0)
        });
        assert!(matching.count() >= 1, "{} {status}", request.url);
    }
    let one = ExportSubject::Cell { cell: cells[0].id.clone() };
    let saved = world.engine.export_runs(&one, ExportFormat::Har).expect("an archive");
    assert_eq!(checked(&saved.path)["entries"].as_array().map(Vec::len), Some(1), "one cell is one entry");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_with_a_file_is_its_fields_and_comes_back_to_the_byte() {
    let world = World::start().await;
    let exports = tempfile::tempdir().expect("a folder");
    let settings = Settings { export_folder: Some(exports.path().display().to_string()), ..Settings::default() };
    world.engine.save_settings(&settings).expect("saved");
    let sound = b"RIFF\x24\0\0\0WAVE\xff\xfe no sound \r\n--";
    let recording = world.engine.import_recording("Grüße \"1\".wav", sound).expect("a recording");
    let parameters = [("prompt", "\"Łódź, \\\"東京\\\"\""), ("timestamp_granularities", "[\"word\",\"segment\"]")];
    let mut comparison = chat(&sandbox(Dialect::OpenAi), "sandbox/transcribe", &parameters);
    comparison.lanes[0].endpoint = EndpointKind::Transcribe;
    comparison.draft.messages.clear();
    comparison.draft.recording = Some(recording.id);
    let run = world.engine.start_run(comparison, None).await.expect("a run");
    let cells = world.wait(&run).await;
    let subject = ExportSubject::Runs { runs: vec![run.summary.id] };
    let saved = world.engine.export_runs(&subject, ExportFormat::Har).expect("an archive");

    let found = checked(&saved.path);
    assert_eq!(found["entries"][0]["request"], Value::Null, "the format has a text or fields");
    let file = json!({ "name": "file", "fileName": "Grüße \"1\".wav", "contentType": "audio/wav" });
    let expected = json!([
        { "name": "model", "value": "sandbox/transcribe" },
        file,
        { "name": "prompt", "value": "Łódź, \"東京\"" },
        { "name": "timestamp_granularities[]", "value": "word" },
        { "name": "timestamp_granularities[]", "value": "segment" },
    ]);
    assert_eq!(found["entries"][0]["fields"], expected);

    let read = import::har::read(&std::fs::read(&saved.path).expect("the archive")).expect("an archive of ours");
    let call = &read.runs[0].calls[0];
    let (_, body) = world.engine.recorded_request(&cells[0].id).expect("a recorded request");
    assert_eq!(call.request.as_ref().map(|request| &request.body), Some(&body));
    assert_eq!(call.cell.request, cells[0].request, "what is shown of it too");
}
