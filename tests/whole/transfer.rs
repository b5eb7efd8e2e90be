//! Runs leave as files without a key and come back in another folder as what they were; files of others come in.

use std::path::Path;

use juxta_engine::{Engine, Keys};
use juxta_tests::world::{DIALECTS, KEY, World, chat, lane, sandbox};
use juxta_wire::connection::{Connection, KeySource};
use juxta_wire::draft::{Content, Message, Role};
use juxta_wire::endpoint::{Dialect, ProfileId};
use juxta_wire::error::AppError;
use juxta_wire::ids::{CellId, RunId};
use juxta_wire::lane::Comparison;
use juxta_wire::run::{Cell, CellState};
use juxta_wire::settings::Settings;
use juxta_wire::transfer::{ExportFormat, ExportSubject, Imported};
use tempfile::TempDir;

const FORMATS: [ExportFormat; 3] = [ExportFormat::Har, ExportFormat::Jsonl, ExportFormat::Bundle];

/// An engine that writes its exports where a test looks for them.
struct Desk {
    engine: Engine,
    folder: TempDir,
    exports: TempDir,
}

fn desk() -> Desk {
    let (folder, exports) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let engine = Engine::open(folder.path(), Keys::Memory).expect("an engine");
    export_into(&engine, exports.path());
    Desk { engine, folder, exports }
}

fn export_into(engine: &Engine, folder: &Path) {
    let settings = Settings { export_folder: Some(folder.display().to_string()), ..Settings::default() };
    engine.save_settings(&settings).expect("saved settings");
}

fn export(engine: &Engine, runs: &[RunId], format: ExportFormat) -> Vec<u8> {
    let saved = engine.export_runs(&ExportSubject::Runs { runs: runs.to_vec() }, format).expect("a file");
    let bytes = std::fs::read(&saved.path).expect("the file");
    assert_eq!(bytes.len() as u64, saved.bytes);
    bytes
}

fn import(engine: &Engine, name: &str, bytes: &[u8]) -> Imported {
    engine.import_data(name, bytes).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn refused(engine: &Engine, bytes: &[u8]) -> String {
    match engine.import_data("x", bytes) {
        Err(AppError::Invalid { field, message }) if field == "file" => message,
        other => panic!("{other:?}"),
    }
}

/// Two lanes, twice each, one of which fails; Unicode and quotes in the prompt; streaming and whole answers.
async fn runs(world: &World) -> Vec<RunId> {
    let mut ids = Vec::new();
    for (dialect, stream) in [(Dialect::OpenAi, "true"), (Dialect::ScaleV5, "false"), (Dialect::ScaigridV1, "true")] {
        let mut comparison = chat(&sandbox(dialect), "sandbox/unicode", &[("stream", stream), ("temperature", "0.20")]);
        comparison.name = format!("Größe / “{dialect:?}”");
        comparison.draft.messages[0] = Message::text(Role::User, "東京 \"quoted\" \\ 👩‍👩‍👧\r\nשלום");
        comparison.lanes.push(lane(&sandbox(dialect), "no such model"));
        comparison.repeats = 2;
        let run = world.engine.start_run(comparison, None).await.expect("a run");
        let cells = world.wait(&run).await;
        assert!(cells.iter().any(|cell| cell.state == CellState::Finished));
        assert!(cells.iter().any(|cell| cell.state == CellState::Failed));
        ids.push(run.summary.id);
    }
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_comes_back_elsewhere_is_the_run_it_was() {
    let world = World::start().await;
    let exports = tempfile::tempdir().expect("a folder");
    export_into(&world.engine, exports.path());
    let ids = runs(&world).await;
    for format in FORMATS {
        let other = desk();
        let file = export(&world.engine, &ids, format);
        let imported = import(&other.engine, "runs", &file);
        assert_eq!(imported.runs.len(), ids.len(), "{format:?}");
        assert!(imported.draft.is_none() && imported.saved.is_empty() && imported.keys_found.is_empty());
        for id in &ids {
            let (sent, come) = (world.engine.run(id).expect("the run"), other.engine.run(id).expect("the run"));
            assert_eq!(come.summary, sent.summary, "{format:?}");
            assert_eq!(come.snapshot, sent.snapshot, "{format:?}");
            assert_eq!(come.cells, sent.cells, "{format:?}: outcome, figures, times, errors");
            for cell in &sent.cells {
                let request = world.engine.recorded_request(&cell.id).expect("a request");
                assert_eq!(other.engine.recorded_request(&cell.id).expect("a request"), request, "{format:?}");
                let body = world.engine.recorded_body(&cell.id).expect("a body");
                assert_eq!(other.engine.recorded_body(&cell.id).expect("a body"), body, "{format:?}");
            }
        }
        assert!(export(&other.engine, &ids, format) == file, "{format:?}: the same file again, event times included");
        // Once more: they are here already, so they come in as others.
        let again = import(&other.engine, "runs", &file);
        assert!(again.runs.iter().all(|run| !ids.contains(&run.id)), "{format:?}");
        assert_eq!(other.engine.runs(99, None).expect("runs").len(), 2 * ids.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_run_sends_identical_bytes_again() {
    let world = World::start().await;
    let exports = tempfile::tempdir().expect("a folder");
    export_into(&world.engine, exports.path());
    let run = world.engine.start_run(chat(&sandbox(Dialect::OpenAi), "sandbox/short", &[("seed", "1e0")]), None).await;
    let run = run.expect("a run");
    let cells = world.wait(&run).await;
    let sent = world.engine.recorded_request(&cells[0].id).expect("a request").1;
    for format in FORMATS {
        let file = export(&world.engine, std::slice::from_ref(&run.summary.id), format);
        let imported = import(&world.engine, "again", &file);
        let snapshot = world.engine.run(&imported.runs[0].id).expect("the run").snapshot;
        let cells = world.run(snapshot).await;
        assert_eq!(world.engine.recorded_request(&cells[0].id).expect("a request").1, sent, "{format:?}");
    }
}

/// A connection whose address, headers and key all hold a secret.
fn leaky(world: &World, dialect: Dialect) -> Connection {
    let prefix = if dialect == Dialect::OpenAi { "/oai" } else { "" };
    let mut connection = world.connect("Leaky", dialect, &format!("http://{}{prefix}", world.sandbox.address()));
    connection.headers.push(juxta_tests::world::key_header("x-also", "before {{key}} after"));
    if let Some(row) = connection.headers.last_mut() {
        row.secret.as_mut().expect("a slot").source = KeySource::Memory { last_four: String::new() };
    }
    world.engine.save_connection(connection).expect("a connection")
}

/// Every text that somebody could read out of a file: its bytes, what is packed in it, and the answers put together.
fn readable(format: ExportFormat, file: &[u8]) -> Vec<String> {
    let mut texts = vec![String::from_utf8_lossy(file).into_owned()];
    if format == ExportFormat::Bundle {
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(file)).expect("a ZIP archive");
        for at in 0..zip.len() {
            let mut text = Vec::new();
            std::io::Read::read_to_end(&mut zip.by_index(at).expect("a file"), &mut text).expect("its bytes");
            texts.push(String::from_utf8_lossy(&text).into_owned());
        }
    }
    let answers: Vec<String> = texts.iter().map(|text| put_together(text)).collect();
    texts.extend(answers);
    texts
}

/// The deltas of a stream, also of one inside JSON.
fn put_together(text: &str) -> String {
    let plain = text.replace("\\\\", "\\").replace("\\\"", "\"");
    plain.split("\"content\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_export_of_any_kind_holds_a_key() {
    let world = World::start().await;
    let exports = tempfile::tempdir().expect("a folder");
    export_into(&world.engine, exports.path());
    let mut ids = Vec::new();
    let mut cells: Vec<CellId> = Vec::new();
    for dialect in DIALECTS {
        let connection = leaky(&world, dialect);
        for (model, stream) in [("sandbox/echo", "true"), ("sandbox/echo", "false"), (KEY, "true")] {
            let mut comparison = chat(&connection.id, model, &[("stream", stream), ("user", &format!("\"{KEY}\""))]);
            comparison.name = format!("With {KEY} in it");
            // Said back in pieces, as a whole, and inside JSON.
            comparison.draft.messages[0] =
                Message::text(Role::User, format!("{KEY} {{\\\"key\\\":\\\"{KEY}\\\"}} Basic {KEY}"));
            let run = world.engine.start_run(comparison, None).await.expect("a run");
            cells.extend(world.wait(&run).await.into_iter().map(|cell: Cell| cell.id));
            ids.push(run.summary.id);
        }
    }
    // A key in the path of the address: nobody is there, and the error may say where it looked.
    let mut gone = world.connect("Gone", Dialect::OpenAi, &format!("http://{}/{KEY}/x", world.sandbox.address()));
    gone.headers.clear();
    let gone = world.engine.save_connection(gone).expect("a connection");
    let run = world.engine.start_run(chat(&gone.id, "m", &[]), None).await.expect("a run");
    cells.extend(world.wait(&run).await.into_iter().map(|cell| cell.id));
    ids.push(run.summary.id);

    let answers: String = cells
        .iter()
        .map(|cell| {
            world
                .engine
                .cell(cell)
                .expect("a cell")
                .cell
                .outcome
                .choices
                .into_iter()
                .map(|one| one.text)
                .collect::<String>()
        })
        .collect();
    assert!(answers.contains(KEY), "the server said it back");

    let check = |what: &str, texts: Vec<String>| {
        for text in texts {
            for part in [KEY, &KEY[..20], &KEY[KEY.len() - 20..]] {
                let at = text.find(part);
                assert_eq!(
                    at,
                    None,
                    "{what}: {:?}",
                    at.map(|at| text[at.saturating_sub(80)..].chars().take(160).collect::<String>())
                );
            }
        }
    };
    for format in FORMATS {
        check(&format!("{format:?}"), readable(format, &export(&world.engine, &ids, format)));
    }
    let mut marked = 0;
    for cell in &cells {
        let subject = ExportSubject::Cell { cell: cell.clone() };
        let saved = world.engine.export_runs(&subject, ExportFormat::Body).expect("a body");
        marked += usize::from(saved.path.contains("keys-removed"));
        let body = std::fs::read(&saved.path).expect("the file");
        check(&saved.path, readable(ExportFormat::Body, &body));
        assert_eq!(body.len() as u64, world.engine.recorded_body(cell).expect("a body").1, "as long as it was");
    }
    assert!(marked >= 6, "the name of a file says that a key was taken out: {marked}");
    let text = format!("curl -H 'x-api-key: {KEY}'");
    let saved = world.engine.save_text("request.sh", &text).expect("a file");
    check("a text", vec![std::fs::read_to_string(&saved.path).expect("the file")]);
    world
        .engine
        .save_settings(&Settings { code_with_secrets: true, ..world.engine.settings().expect("settings") })
        .expect("saved");
    let saved = world.engine.save_text("request.sh", &text).expect("a file");
    assert_eq!(std::fs::read_to_string(&saved.path).expect("the file"), text, "the person allowed it");
    assert!(saved.path.ends_with("request (2).sh"), "{}", saved.path);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_going_on_and_bodies_of_many_are_refused_with_words() {
    let world = World::start().await;
    let exports = tempfile::tempdir().expect("a folder");
    export_into(&world.engine, exports.path());
    let run =
        world.engine.start_run(chat(&sandbox(Dialect::OpenAi), "sandbox/long", &[("stream", "true")]), None).await;
    let run = run.expect("a run");
    let subject = ExportSubject::Runs { runs: vec![run.summary.id.clone()] };
    let error = world.engine.export_runs(&subject, ExportFormat::Har).expect_err("it is going on");
    assert!(error.to_string().contains("still going"), "{error}");
    world.engine.stop_run(&run.summary.id);
    world.wait(&run).await;
    world.engine.export_runs(&subject, ExportFormat::Har).expect("it is over");

    let mut twice = chat(&sandbox(Dialect::OpenAi), "sandbox/short", &[]);
    twice.repeats = 2;
    let run = world.engine.start_run(twice, None).await.expect("a run");
    world.wait(&run).await;
    let subject = ExportSubject::Runs { runs: vec![run.summary.id] };
    let error = world.engine.export_runs(&subject, ExportFormat::Body).expect_err("two bodies");
    assert!(error.to_string().contains("one answer at a time"), "{error}");
    assert_eq!(std::fs::read_dir(exports.path()).expect("the folder").count(), 1, "nothing half is left");
}

/// As a browser's developer tools write it, with a key in a header.
fn browser_har(origin: &str, key: &str, body: &str, answer: Option<&str>) -> String {
    let response = answer.map_or_else(
        || serde_json::json!({"status": 0, "statusText": "", "headers": [], "content": {"size": 0, "mimeType": "x-unknown"}}),
        |text| {
            serde_json::json!({
                "status": 200, "statusText": "OK", "httpVersion": "h2",
                "headers": [{"name": "content-type", "value": "text/event-stream"}, {"name": "set-cookie", "value": "s=abcdefghijklmnop"}],
                "content": {"size": text.len(), "mimeType": "text/event-stream", "text": text}, "redirectURL": "", "_transferSize": 1
            })
        },
    );
    serde_json::json!({"log": {
        "version": "1.2",
        "creator": {"name": "WebInspector", "version": "537.36"},
        "pages": [],
        "entries": [
            {"request": {"method": "GET", "url": "https://a.example/app.js?token=1", "headers": []}, "response": {"status": 200}},
            {
                "startedDateTime": "2026-11-20T10:00:00.000+02:00",
                "time": 900.0,
                "request": {
                    "method": "POST", "url": format!("{origin}/v1/chat/completions"), "httpVersion": "h2",
                    "headers": [
                        {"name": ":authority", "value": "x"}, {"name": "sec-fetch-mode", "value": "cors"},
                        {"name": "authorization", "value": format!("Bearer {key}")}, {"name": "x-team", "value": "blue"}
                    ],
                    "postData": {"mimeType": "application/json", "text": body}
                },
                "response": response,
                "cache": {}, "serverIPAddress": "[::1]",
                "timings": {"blocked": 1.0, "dns": -1, "connect": -1, "ssl": -1, "send": 0.5, "wait": 400.0, "receive": 498.5},
                "_eventSourceMessages": [
                    {"time": 1_795_161_600.4, "eventName": "message", "eventId": "", "data": "{}"},
                    {"time": 1_795_161_600.7, "eventName": "message", "eventId": "", "data": "[DONE]"}
                ]
            }
        ]
    }})
    .to_string()
}

const STREAM: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hé\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_a_browser_recorded_is_a_past_run_and_its_key_goes_where_keys_are() {
    let desk = desk();
    let key = "sk-browser-0123456789abcdef";
    // Laid out as no form of ours would.
    let body =
        "{ \"messages\": [ {\"role\":\"user\",\"content\":\"H\\u00e9\"} ],\n \"model\": \"m\", \"temperature\": 1.0 }";
    let text = browser_har("https://api.example.com", key, body, Some(STREAM));
    let imported = import(&desk.engine, "trace.har", text.as_bytes());
    assert_eq!(imported.format, "HAR");
    assert_eq!(imported.unknown, ["Entry 1, GET https://a.example/app.js (no call that a lane makes)"]);
    assert_eq!(imported.keys_found, ["key"]);
    let run = desk.engine.run(&imported.runs[0].id).expect("the run");
    let cell = &run.cells[0];
    assert_eq!((cell.state.clone(), cell.outcome.choices[0].text.as_str()), (CellState::Finished, "Hé"));
    let times: Vec<f64> = cell.arrivals.iter().map(|at| at.round()).collect();
    assert_eq!(times, [400.0, 700.0], "events came when the browser saw them");
    assert_eq!(run.summary.started_at, 1_795_161_600_000, "the offset of the zone is heeded");
    assert_eq!(cell.phases.wait.map(|wait| (wait.end - wait.start).round()), Some(400.0));
    assert!(cell.phases.reused_connection && cell.phases.dns.is_none());
    assert_eq!(desk.engine.recorded_body(&cell.id).expect("a body").0, STREAM.as_bytes());
    assert_eq!(desk.engine.recorded_request(&cell.id).expect("a request").1, body.as_bytes());
    let connection = desk.engine.connections().expect("connections").into_iter().find(|one| one.id == cell.connection);
    let connection = connection.expect("the connection is saved with the run");
    assert_eq!(connection.profile, ProfileId::OpenAiCompatible);
    assert_eq!(connection.base_url, "https://api.example.com/v1");
    assert!(connection.headers.iter().any(|row| row.name == "x-team" && row.value == "blue"));
    assert!(connection.headers.iter().all(|row| !row.name.starts_with("sec-") && !row.name.starts_with(':')));
    assert_eq!(run.snapshot.lanes[0].raw_body.as_deref(), Some(body), "it would be sent to the byte again");
    // The second file finds the connection, and its key.
    let again = import(&desk.engine, "trace.har", text.as_bytes());
    assert_eq!(again.keys_found, Vec::<String>::new());
    let all = desk.engine.connections().expect("connections");
    assert_eq!(all.iter().filter(|one| one.profile == ProfileId::OpenAiCompatible).count(), 1);
    assert!(!serde_json::to_string(&(&imported, &run)).expect("JSON").contains(key));
    desk.engine.shut_down().await;
    assert_eq!(files_with(desk.folder.path(), key), Vec::<String>::new());
    drop(desk.exports);
}

/// Files under `folder` that hold `needle`.
fn files_with(folder: &Path, needle: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with(&path, needle));
        } else if std::fs::read(&path).expect("a file").windows(needle.len()).any(|window| window == needle.as_bytes())
        {
            found.push(path.display().to_string());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_without_an_answer_opens_as_a_draft() {
    let desk = desk();
    let body = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}],"seed":12345678901234567890}"#;
    let text = format!("\u{feff}{}", browser_har("https://api.example.com", "sk-0123456789abcdefg", body, None));
    let imported = import(&desk.engine, "trace.har", text.as_bytes());
    assert!(imported.runs.is_empty() && imported.saved.is_empty());
    let draft = imported.draft.expect("a draft");
    assert!(draft.is_new_connection, "nothing is saved before it is wanted");
    assert_eq!(draft.comparison.lanes[0].raw_body, None, "the form says it to the byte");
    assert_eq!(draft.comparison.draft.parameters[0].json, "12345678901234567890");
    assert!(desk.engine.connections().expect("connections").iter().all(|one| one.id != draft.connection.id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_become_drafts_up_to_a_limit() {
    let world = World::start().await;
    let line = |number: usize| {
        format!(
            "{{\"custom_id\":\"request-{number}\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\
             \"body\":{{\"model\":\"m\",\"messages\":[{{\"role\":\"user\",\"content\":\"“{number}”\"}}],\"top_p\":1.0}}}}\n"
        )
    };
    let file: String = (1..=3).map(line).collect();
    let imported = import(&world.engine, "batch.jsonl", file.as_bytes());
    assert_eq!(imported.format, "JSONL");
    let draft = imported.draft.expect("the first opens").comparison;
    assert_eq!((draft.name.as_str(), draft.draft.parameters[0].json.as_str()), ("request-1", "1.0"));
    let names: Vec<&str> = imported.saved.iter().map(|summary| summary.name.as_str()).collect();
    assert_eq!(names, ["request-2", "request-3"]);
    let saved: Comparison = world.engine.comparison(&imported.saved[0].id).expect("a saved draft");
    assert_eq!(saved.lanes[0].connection, sandbox(Dialect::OpenAi));
    assert_eq!(imported.unknown, ["the server (the lines name none: Sandbox is chosen)"]);

    let many: String = (0..201).map(line).collect();
    let message = refused(&world.engine, many.as_bytes());
    assert!(message.contains("201 requests") && message.contains("200"), "{message}");
    assert_eq!(world.engine.comparisons().expect("comparisons").len(), 2, "nothing of it came in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_file_says_where_and_leaves_nothing_behind() {
    let world = World::start().await;
    let exports = tempfile::tempdir().expect("a folder");
    export_into(&world.engine, exports.path());
    let run =
        world.engine.start_run(chat(&sandbox(Dialect::OpenAi), "sandbox/short", &[("stream", "true")]), None).await;
    let run = run.expect("a run");
    world.wait(&run).await;
    let ids = [run.summary.id];
    let desk = desk();
    for (bytes, expected) in [
        (&b""[..], "There is nothing in it"),
        (b"  \n", "There is nothing in it"),
        (b"hello", "This is neither a curl command nor HAR, JSON lines or a bundle of Juxta"),
        (b"[1]", "This is a JSON list: put each of its items on a line of its own, and import it again"),
        (b"{\"log\": [", "The JSON ends too early: see line 1, column 9"),
        (b"{\"log\":{\"entries\":[]}}", "There is no request in it that a lane can send"),
        (b"{\"x\":1}\n{\"messages\":[]", "The JSON ends too early: see line 2, column 14"),
        (b"PK\x03\x04 and no more", "This is no bundle that can be read: the list of its files is damaged"),
    ] {
        assert_eq!(refused(&desk.engine, bytes), expected, "{}", String::from_utf8_lossy(bytes));
    }
    for format in FORMATS {
        let file = export(&world.engine, &ids, format);
        for part in 1..20 {
            let cut = &file[..file.len() * part / 20];
            assert!(desk.engine.import_data("half", cut).is_err(), "{format:?}: {part} of 20 parts");
        }
        let mut bent = file.clone();
        let middle = bent.len() / 2;
        bent[middle] ^= 0x40;
        // It may still say something; then it came in whole.
        let came = usize::from(desk.engine.import_data("bent", &bent).is_ok());
        assert!(desk.engine.runs(99, None).expect("runs").len() >= came);
    }
    let error = refused(&desk.engine, b"{\"log\":{\"entries\":[{\"request\":{\"method\":\"POST\",\"url\":\"nowhere\",\"postData\":{\"text\":\"{\\\"messages\\\":[]}\"}}}]}}");
    assert_eq!(error, "Entry 1: its url is no http address");
    // What a file brings is there whole or not at all: an id that cannot name a file stops it at the last moment.
    let har = String::from_utf8(export(&world.engine, &ids, ExportFormat::Har)).expect("text");
    let cell = &world.engine.run(&ids[0]).expect("the run").cells[0].id.0.clone();
    let desk = self::desk();
    let before = desk.engine.runs(99, None).expect("runs").len();
    assert!(desk.engine.import_data("bad id", har.replace(cell.as_str(), "../../x").as_bytes()).is_err());
    assert_eq!(desk.engine.runs(99, None).expect("runs").len(), before);
    assert_eq!(desk.engine.comparisons().expect("comparisons").len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pasted_command_is_a_draft_as_ever() {
    let world = World::start().await;
    let command = format!(
        "curl http://{}/oai/v1/chat/completions -d '{{\"model\":\"m\",\"messages\":[]}}' -k",
        world.sandbox.address()
    );
    let imported = import(&world.engine, "", command.as_bytes());
    assert_eq!((imported.format.as_str(), imported.unknown.as_slice()), ("curl", &["-k".to_owned()][..]));
    assert_eq!(imported.draft.expect("a draft").connection.id, sandbox(Dialect::OpenAi));

    // A body in a file of this computer is read by its whole path only, and the person is told.
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("body.json");
    std::fs::write(&file, "{\"model\":\"m\",\n\"messages\":[{\"role\":\"user\",\"content\":\"größe\"}]}")
        .expect("a file");
    let command = |path: &str| format!("curl http://{}/oai/v1/chat/completions -d @{path}", world.sandbox.address());
    let imported = import(&world.engine, "", command(&file.display().to_string()).as_bytes());
    assert_eq!(imported.unknown, [format!("the body is that of the file {}, read from this computer", file.display())]);
    let draft = imported.draft.expect("a draft").comparison.draft;
    assert!(matches!(&draft.messages[0].content, Content::Text { text } if text == "größe"));
    let imported = import(&world.engine, "", command("body.json").as_bytes());
    assert!(imported.unknown.contains(&"the file of -d @body.json".to_owned()), "{:?}", imported.unknown);
}
