//! Requests and recorded calls of endpoints that are no chat come in as what they are, to the byte.

use juxta_engine::Engine;
use juxta_tests::world::{KEY, World, sandbox};
use juxta_wire::code::{CodeRequest, CodeSource};
use juxta_wire::draft::Content;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::exchange::Preview;
use juxta_wire::ids::RunId;
use juxta_wire::lane::{Comparison, Lane};
use juxta_wire::replay::ReplayPace;
use juxta_wire::run::{Cell, CellState};
use juxta_wire::search::SearchQuery;
use juxta_wire::settings::Settings;
use juxta_wire::transfer::{ExportFormat, ExportSubject, Imported};
use juxta_wire::window::CurlImport;
use serde_json::{Value, json};

const CALLS: [(Dialect, EndpointKind, &str); 6] = [
    (Dialect::ScaleV5, EndpointKind::Responses, "/v5/responses"),
    (Dialect::OpenAi, EndpointKind::Responses, "/oai/v1/responses"),
    (Dialect::ScaleV5, EndpointKind::Completions, "/v5/completions"),
    (Dialect::OpenAi, EndpointKind::Completions, "/oai/v1/completions"),
    (Dialect::ScaleV5, EndpointKind::Generic, "/v5/inference"),
    (Dialect::ScaigridV1, EndpointKind::Generate, "/v1/inference/generate"),
];

/// Laid out as no form of ours would.
fn body(endpoint: EndpointKind, stream: bool) -> String {
    let text = r#""Say \"it's\" `so` for $5: gr\u00f6\u00dfer 🐟 \\ {{name}}""#;
    let content = match endpoint {
        EndpointKind::Responses => format!("\"input\": {text}, \"stream\": {stream}"),
        EndpointKind::Generic => format!("\"args\": {{ \"prompt\": {text}, \"stream\": {stream} }}"),
        _ => format!("\"prompt\": {text}, \"stream\": {stream}"),
    };
    format!("{{ {content},\n  \"model\": \"sandbox/short\" }}")
}

fn command(world: &World, path: &str, body: &str) -> String {
    let key =
        if path.starts_with("/v5/") { format!("x-api-key: {KEY}") } else { format!("Authorization: Bearer {KEY}") };
    let body = body.replace('\'', r"'\''");
    format!(
        "curl -N http://{}{path} -H 'Content-Type: application/json' -H '{key}' -d '{body}'",
        world.sandbox.address()
    )
}

fn paste(world: &World, command: &str) -> CurlImport {
    world.engine.import_curl(command).unwrap_or_else(|error| panic!("{command}: {error}"))
}

fn previewed(engine: &Engine, comparison: &Comparison) -> (String, String) {
    match engine.preview(comparison, &comparison.lanes[0].id) {
        Preview::Ready { request } => (request.url, request.body),
        Preview::Refused { error } => panic!("{error}"),
    }
}

/// What of a lane an import decides.
fn shown(lane: &Lane) -> (EndpointKind, &str, Option<&str>) {
    (lane.endpoint, &lane.model, lane.raw_body.as_deref())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_of_any_endpoint_is_made_again_to_the_byte_and_back_into_a_command() {
    let world = World::start().await;
    for (dialect, endpoint, path) in CALLS {
        for stream in [true, false] {
            let body = body(endpoint, stream);
            let found = paste(&world, &command(&world, path, &body));
            assert_eq!(found.unknown, Vec::<String>::new(), "{path}");
            assert_eq!((&found.connection.id, found.is_new_connection), (&sandbox(dialect), false), "{path}");
            let comparison = found.comparison;
            assert_eq!(shown(&comparison.lanes[0]), (endpoint, "sandbox/short", Some(body.as_str())));
            let url = format!("http://{}{path}", world.sandbox.address());
            assert_eq!(previewed(&world.engine, &comparison), (url, body.clone()));

            let source =
                CodeSource::Lane { comparison: Box::new(comparison.clone()), lane: comparison.lanes[0].id.clone() };
            let request = CodeRequest {
                source,
                target: "curl".into(),
                environment: vec![],
                with_secrets: false,
                as_arguments: false,
            };
            let again = paste(&world, &world.engine.code(&request).expect("a command").text);
            assert_eq!(again.unknown, Vec::<String>::new(), "{path}");
            assert_eq!(again.connection.id, found.connection.id);
            assert_eq!(shown(&again.comparison.lanes[0]), shown(&comparison.lanes[0]));
            assert_eq!(again.comparison.draft.parameters, comparison.draft.parameters);
            assert_eq!(again.comparison.draft.messages[0].content, comparison.draft.messages[0].content);

            let cells = world.run(comparison).await;
            assert_eq!((&cells[0].state, cells[0].endpoint), (&CellState::Finished, endpoint), "{:?}", cells[0].error);
            let received = world.sandbox.captures().pop().expect("the sandbox was called");
            assert_eq!((received.path.as_str(), received.body.as_ref()), (path, body.as_bytes()));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_form_sends_just_so_opens_in_the_form() {
    let world = World::start().await;
    for (path, body, messages) in [
        ("/v5/responses", r#"{"model":"sandbox/short","input":"Hé {{x}}","store":false}"#, 1),
        (
            "/oai/v1/responses",
            r#"{"input":[{"role":"user","content":"a"},{"type":"item_reference","id":"i"}],"model":"sandbox/short"}"#,
            2,
        ),
        ("/v5/completions", r#"{"model":"sandbox/short","prompt":"x","temperature":0.20}"#, 1),
        ("/v1/inference/generate", r#"{"prompt":"","model":"sandbox/short"}"#, 1),
        ("/v5/inference", r#"{"model":"sandbox/short","args":{"a":[1.0]}}"#, 0),
    ] {
        let pretty = juxta_client::json::indented(body);
        let found = paste(&world, &command(&world, path, &pretty));
        assert_eq!((&found.unknown, found.comparison.lanes[0].raw_body.as_deref()), (&vec![], None), "{path}");
        assert_eq!(found.comparison.draft.messages.len(), messages, "{path}");
        // A parameter keeps its layout; the form lays out the rest.
        let preview = previewed(&world.engine, &found.comparison).1;
        assert_eq!(juxta_client::json::compact(&preview), body);
        let cells = world.run(found.comparison).await;
        let received = world.sandbox.captures().pop().expect("the sandbox was called");
        assert_eq!(
            (received.path.as_str(), received.body.as_ref()),
            (path, preview.as_bytes()),
            "{:?}",
            cells[0].error
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_commands_keep_what_they_said_and_name_only_what_is_not_kept() {
    let world = World::start().await;
    for odd in
        ["{\"model\":", "[1]", "null", "a=b&c", "{\"model\":4,\"input\":[{\"type\":\"x\"}],\"input\":7}", "{}", "é🐟"]
    {
        let found = paste(&world, &command(&world, "/oai/v1/responses", odd));
        assert_eq!(found.unknown, Vec::<String>::new(), "{odd}");
        assert_eq!(shown(&found.comparison.lanes[0]), (EndpointKind::Responses, "", Some(odd)));
        assert_eq!(previewed(&world.engine, &found.comparison).1, odd);
        assert_eq!(found.comparison.draft.messages.len(), 1, "there is a message to write into");
    }
    for (rest, endpoint, kept, unknown) in [
        (
            "https://a.example/v1/responses",
            EndpointKind::Responses,
            None,
            &["the method GET (a response is a POST)", "the message (the command has no body)"][..],
        ),
        (
            "https://a.example/v1/completions -F model=m -F prompt=x -F file=@a.txt",
            EndpointKind::Completions,
            None,
            &["the form (a completion sends JSON)", "the form field file (the file a.txt, text/plain)"],
        ),
        (
            "https://a.example/v1 -d '{\"input\":\"x\"}'",
            EndpointKind::Responses,
            Some("{\"input\":\"x\"}"),
            &["the path /v1 (a response goes to /v1/responses)"],
        ),
        ("https://a.example/api/paas/v4/responses -d {}", EndpointKind::Responses, Some("{}"), &[]),
        ("https://a.example/responses?v=1 -d {}", EndpointKind::Responses, Some("{}"), &[]),
        ("http://10.0.0.5/public/v5/inference -d {}", EndpointKind::Generic, Some("{}"), &[]),
        (
            "https://a.example/v1/moderations -d '{\"model\":\"m\",\"input\":\"x\"}'",
            EndpointKind::Chat,
            None,
            &[
                "the path /v1/moderations (a chat goes to /v1/chat/completions)",
                "the kind of call (the body has no messages)",
            ],
        ),
    ] {
        let found = paste(&world, &format!("curl {rest}"));
        assert_eq!(found.unknown, unknown, "{rest}");
        let lane = &found.comparison.lanes[0];
        assert_eq!((lane.endpoint, lane.raw_body.as_deref()), (endpoint, kept), "{rest}");
        if unknown.is_empty() {
            let address = rest.split(' ').next().unwrap_or_default();
            world.engine.save_connection(found.connection).expect("a connection");
            assert_eq!(previewed(&world.engine, &found.comparison).0, address);
        }
    }
}

/// A run of every endpoint, streaming and whole, as they were imported.
async fn runs(world: &World) -> Vec<RunId> {
    let mut ids = Vec::new();
    for (_, endpoint, path) in CALLS {
        for stream in [true, false] {
            let comparison = paste(world, &command(world, path, &body(endpoint, stream))).comparison;
            let run = world.engine.start_run(comparison, None).await.expect("a run");
            let cells = world.wait(&run).await;
            assert_eq!(cells[0].state, CellState::Finished, "{path}: {:?}", cells[0].error);
            ids.push(run.summary.id);
        }
    }
    ids
}

fn export(world: &World, runs: &[RunId], format: ExportFormat) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = Settings { export_folder: Some(folder.path().display().to_string()), ..Settings::default() };
    world.engine.save_settings(&settings).expect("saved settings");
    let saved = world.engine.export_runs(&ExportSubject::Runs { runs: runs.to_vec() }, format).expect("a file");
    std::fs::read(&saved.path).expect("the file")
}

fn import(world: &World, bytes: &[u8]) -> Imported {
    world.engine.import_data("calls", bytes).unwrap_or_else(|error| panic!("{error}"))
}

fn only_cell(world: &World, run: &RunId) -> Cell {
    world.engine.run(run).expect("the run").cells.remove(0)
}

/// The window is told what the call meant.
async fn replays(world: &World, cell: &Cell) {
    let told = world.seen().told.get(&cell.id).copied().unwrap_or_default();
    world.engine.start_replay(&cell.id, ReplayPace::AtOnce).await.expect("a replay");
    let is_told = |seen: &juxta_tests::world::Seen| seen.told.get(&cell.id).is_some_and(|now| *now > told);
    let seen = world.until(|seen| is_told(seen) && seen.states[&cell.id].is_over()).await;
    let head = &seen.heads[&cell.id];
    assert_eq!((&head.state, head.endpoint, &head.metrics), (&cell.state, cell.endpoint, &cell.metrics));
}

/// How many calls History shows for each endpoint.
fn found(world: &World) -> Vec<usize> {
    let count = |name: &str| {
        let query = SearchQuery { text: format!("endpoint:{name}"), limit: 50, ..SearchQuery::default() };
        world.engine.search(&query).expect("a page").rows.len()
    };
    ["chat", "responses", "completions", "generic", "generate"].map(count).to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_of_any_endpoint_come_back_as_they_were() {
    let world = World::start().await;
    let ids = runs(&world).await;
    for format in [ExportFormat::Har, ExportFormat::Jsonl, ExportFormat::Bundle] {
        let other = World::start().await;
        let imported = import(&other, &export(&world, &ids, format));
        assert_eq!((imported.runs.len(), &imported.unknown), (ids.len(), &vec![]), "{format:?}");
        for id in &ids {
            let (sent, come) = (world.engine.run(id).expect("the run"), other.engine.run(id).expect("the run"));
            assert_eq!((&come.snapshot, &come.cells), (&sent.snapshot, &sent.cells), "{format:?}");
            let body = sent.snapshot.lanes[0].raw_body.clone().expect("a body");
            assert_eq!(previewed(&other.engine, &come.snapshot).1, body, "{format:?}");
            replays(&other, &come.cells[0]).await;
        }
        assert_eq!(found(&other), [0, 4, 4, 2, 2], "{format:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_another_tool_recorded_are_read_as_calls_of_their_endpoint() {
    let world = World::start().await;
    let ids = runs(&world).await;
    // Without what is ours, it is an archive as any tool writes it.
    let mut archive: Value = serde_json::from_slice(&export(&world, &ids, ExportFormat::Har)).expect("JSON");
    archive["log"].as_object_mut().expect("a log").remove("_juxta");
    for entry in archive["log"]["entries"].as_array_mut().expect("entries") {
        entry.as_object_mut().expect("an entry").remove("_juxta");
    }
    let other = World::start().await;
    let text = archive.to_string().replace(&world.sandbox.address().to_string(), &other.sandbox.address().to_string());
    let imported = import(&other, text.as_bytes());
    assert!(imported.unknown.iter().all(|what| what.contains("the key in")), "{:?}", imported.unknown);
    assert_eq!(imported.runs.len(), ids.len());
    for (id, run) in ids.iter().zip(&imported.runs) {
        let (sent, come) = (only_cell(&world, id), only_cell(&other, &run.id));
        assert_eq!((come.endpoint, come.dialect, &come.model), (sent.endpoint, sent.dialect, &sent.model));
        assert_eq!((&come.state, &come.outcome), (&sent.state, &sent.outcome), "{}", come.endpoint.name());
        assert_eq!(come.connection, sandbox(sent.dialect));
        let request = world.engine.recorded_request(&sent.id).expect("a request").1;
        assert_eq!(other.engine.recorded_request(&come.id).expect("a request").1, request);
        replays(&other, &come).await;
        let snapshot = other.engine.run(&run.id).expect("the run").snapshot;
        other.run(snapshot).await;
        assert_eq!(other.sandbox.captures().pop().expect("a call").body.as_ref(), request);
    }
    assert_eq!(found(&other), [0, 8, 8, 4, 4], "each came in, and was sent again");

    // The same as lines that are requests only.
    let lines = String::from_utf8(export(&world, &ids, ExportFormat::Jsonl)).expect("text");
    let lines = lines.lines().map(|line| {
        let line: std::collections::BTreeMap<String, Box<serde_json::value::RawValue>> =
            serde_json::from_str(line).expect("JSON");
        format!("{{\"custom_id\":{},\"url\":{},\"body\":{}}}\n", line["custom_id"], line["url"], line["body"])
    });
    let imported = import(&other, lines.collect::<String>().as_bytes());
    let first = imported.draft.expect("the first opens").comparison;
    let saved = imported.saved.iter().map(|summary| other.engine.comparison(&summary.id).expect("a saved draft"));
    let drafts: Vec<Comparison> = std::iter::once(first).chain(saved).collect();
    let expected =
        CALLS.iter().flat_map(|(dialect, endpoint, _)| [true, false].map(|stream| (dialect, endpoint, stream)));
    assert_eq!(drafts.len(), ids.len());
    for ((dialect, endpoint, stream), draft) in expected.zip(&drafts) {
        let body = body(*endpoint, stream).replace('\n', "");
        assert_eq!(shown(&draft.lanes[0]), (*endpoint, "sandbox/short", Some(body.as_str())));
        assert_eq!(draft.lanes[0].connection, sandbox(*dialect));
        assert_eq!(previewed(&other.engine, draft).1, body);
    }
    assert!(imported.unknown.iter().all(|what| what.starts_with("the server (")), "{:?}", imported.unknown);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_entries_and_lines_are_kept_or_named() {
    let world = World::start().await;
    let entry = |method: &str, path: &str, body: Option<&str>, answer: Option<(u16, &str)>| {
        let (status, text) = answer.unwrap_or((0, ""));
        json!({
            "request": {"method": method, "url": format!("https://a.example{path}"), "headers": [],
                "postData": body.map(|text| json!({"mimeType": "application/json", "text": text}))},
            "response": {"status": status, "headers": [], "content": {"text": text}}
        })
    };
    let broken = "{\"model\": \"m\", \"input\": \"é";
    let refusal = r#"{"error":{"message":"no JSON","type":"invalid_request_error","code":null}}"#;
    let entries = [
        entry("POST", "/v1/responses", Some(broken), Some((400, refusal))),
        entry("POST", "/v1/completions", Some(r#"{"model":"m","prompt":["a","b"]}"#), None),
        entry("POST", "/v1/moderations", Some(r#"{"model":"m","input":"x"}"#), Some((200, "{}"))),
        entry("POST", "/forms/7/responses", Some(r#"{"answers":[1]}"#), Some((200, "{}"))),
        entry("POST", "/v1/responses", None, Some((200, "{}"))),
        entry("OPTIONS", "/v1/responses", None, Some((204, ""))),
        entry("GET", "/v1/responses/resp_1", None, Some((200, "{}"))),
    ];
    let imported = import(&world, json!({"log": {"entries": entries}}).to_string().as_bytes());
    let left_out = [
        "POST https://a.example/v1/moderations",
        "POST https://a.example/forms/7/responses",
        "POST https://a.example/v1/responses",
        "OPTIONS https://a.example/v1/responses",
        "GET https://a.example/v1/responses/resp_1",
    ];
    let named = (3..).zip(left_out).map(|(number, what)| format!("Entry {number}, {what} (no call that a lane makes)"));
    assert_eq!(imported.unknown, named.collect::<Vec<_>>());
    let cell = only_cell(&world, &imported.runs[0].id);
    assert_eq!((cell.endpoint, cell.model.as_str(), cell.state), (EndpointKind::Responses, "", CellState::Failed));
    assert_eq!(world.engine.recorded_request(&cell.id).expect("a request").1, broken.as_bytes());
    let draft = imported.draft.expect("what was not answered opens").comparison;
    assert_eq!(shown(&draft.lanes[0]), (EndpointKind::Completions, "m", Some(r#"{"model":"m","prompt":["a","b"]}"#)));

    let lines = concat!(
        "{\"input\":[],\"model\":\"m\"}\n",
        "{\"body\":{\"model\":\"m\",\"prompt\":\"“x”\"}}\n",
        "{\"model\":\"m\",\"args\":{\"prompt\":\"x\"}}\n",
        "{\"url\":\"\",\"body\":{\"model\":\"m\",\"messages\":[]}}\n",
        "{\"prompt\":\"a line of a data set\",\"completion\":\"b\"}\n",
        "{\"url\":\"/v1/embeddings?key=x\",\"body\":{\"model\":\"m\",\"input\":\"x\"}}\n",
    );
    let imported = import(&world, lines.as_bytes());
    let first = imported.draft.expect("the first opens").comparison;
    let saved = imported.saved.iter().map(|summary| world.engine.comparison(&summary.id).expect("a saved draft"));
    let drafts: Vec<Comparison> = std::iter::once(first).chain(saved).collect();
    let endpoints: Vec<EndpointKind> = drafts.iter().map(|draft| draft.lanes[0].endpoint).collect();
    use EndpointKind::{Chat, Completions, Embed, Generic, Responses};
    assert_eq!(endpoints, [Responses, Completions, Generic, Chat, Embed]);
    assert_eq!(drafts[2].lanes[0].connection, sandbox(Dialect::ScaleV5));
    assert!(matches!(&drafts[1].draft.messages[0].content, Content::Text { text } if text == "“x”"));
    let named = "line 5 (no request: it has neither body nor messages)";
    assert!(imported.unknown.contains(&named.to_owned()), "{:?}", imported.unknown);
}
