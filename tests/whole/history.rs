//! Past runs, found again and sent again.

use std::path::{Path, PathBuf};
use std::time::Duration;

use juxta_engine::Engine;
use juxta_tests::world::{DIALECTS, KEY, PATIENCE, Seen, World, chat, lane, sandbox};
use juxta_wire::draft::{Content, Message, Parameter, Part, Role, Variable};
use juxta_wire::endpoint::Dialect;
use juxta_wire::ids::RunId;
use juxta_wire::lane::{Comparison, Override};
use juxta_wire::run::CellState;
use juxta_wire::search::{SearchPage, SearchQuery};

fn search(engine: &Engine, text: &str) -> SearchPage {
    let query = SearchQuery { text: text.to_owned(), limit: 50, ..SearchQuery::default() };
    engine.search(&query).expect("a page")
}

/// Every way in which a lane can differ from the draft.
fn everything(dialect: Dialect) -> Comparison {
    let connection = sandbox(dialect);
    let mut comparison = chat(&connection, "sandbox/short", &[("temperature", "0.70"), ("seed", "9007199254740993")]);
    comparison.draft.variables = vec![Variable::text("city", "Zürich \"Altstadt\" \\ 東京\n👩‍👩‍👧")];
    comparison.draft.messages = vec![
        Message::text(Role::System, ""),
        Message::text(Role::User, "How warm is {{city}}? {\"a\":{{\"b\":1}}}"),
        Message { muted: true, ..Message::text(Role::Assistant, "{{unknown}}") },
    ];
    comparison.draft.order = ["seed", "messages", "model", "temperature"].map(str::to_owned).to_vec();
    let mut overridden = lane(&connection, "sandbox/short");
    overridden.overrides = vec![
        Override::Unset { name: "temperature".into() },
        Override::Set { parameter: Parameter::new("x_unknown", "{\"b\":1.0,\"a\":[1e3, null]}") },
    ];
    let mut forked = lane(&connection, "sandbox/short");
    let mut parts = Message::text(Role::User, "");
    parts.content = Content::Parts {
        parts: vec![
            Part::Text { text: "Another {{city}}".into() },
            Part::Image { url: "data:image/png;base64,iVBORw0KGgo=".into(), detail: None },
        ],
    };
    forked.forked_messages = Some(vec![parts]);
    let mut by_hand = lane(&connection, "sandbox/short");
    by_hand.raw_body = Some(
        "{ \"model\" : \"sandbox/short\",\r\n\t\"messages\":[{\"role\":\"user\",\"content\":\"\\u00fcber\"}],\"n\":1 }\n".into(),
    );
    comparison.lanes.extend([overridden, forked, by_hand]);
    comparison.repeats = 2;
    comparison
}

/// A value that its provider wants anew for each call, so that not even a second press of Run repeats it.
fn is_fresh(header: &str) -> bool {
    header == "x-request-id"
}

/// What a run sent, cell by cell: the lines of the head and the body.
fn sent(world: &World, run: &RunId) -> Vec<(Vec<String>, Vec<u8>)> {
    let run = world.engine.run(run).expect("the run");
    let of = |id| {
        let (head, body) = world.engine.recorded_request(id).expect("a request");
        let head = String::from_utf8(head).expect("a head of text");
        let lines = head.lines().filter(|line| !is_fresh(line.split(':').next().unwrap_or_default()));
        (lines.map(str::to_owned).collect(), body)
    };
    run.cells.iter().map(|cell| of(&cell.id)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_restored_and_sent_again_sends_the_same_bytes() {
    let mut world = World::start().await;
    for dialect in DIALECTS {
        let first = world.engine.start_run(everything(dialect), None).await.expect("a run");
        world.wait(&first).await;
        let captured = |world: &World| {
            let mut captured: Vec<_> = world
                .sandbox
                .captures()
                .into_iter()
                .filter(|capture| capture.method == "POST")
                .map(|mut capture| {
                    capture.headers.retain(|(name, _)| !is_fresh(name));
                    (capture.path, capture.headers, capture.body)
                })
                .collect();
            let mut newest = captured.split_off(captured.len() - first.cells.len());
            newest.sort();
            newest
        };
        let before = captured(&world);
        assert_eq!(before.len(), 8, "four lanes, twice each");

        // As after a new start: nothing of it is in memory any more.
        world.restart().await;
        let restored = world.engine.run(&first.summary.id).expect("the run").snapshot;
        assert_eq!(restored, first.snapshot, "{dialect:?}: the whole editor comes back");
        let second = world.engine.start_run(restored, None).await.expect("a run");
        world.wait(&second).await;
        assert_eq!(captured(&world), before, "{dialect:?}: the same went over the wire");
        assert_eq!(sent(&world, &second.summary.id), sent(&world, &first.summary.id), "{dialect:?}: cell by cell");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_found_while_it_runs_when_it_is_over_and_until_it_is_deleted() {
    let mut world = World::start().await;
    // It begins to answer and goes on for as long as the test needs it.
    let mut comparison = chat(&sandbox(Dialect::OpenAi), "sandbox/fault/stall", &[("stream", "true")]);
    comparison.draft.messages = vec![Message::text(Role::User, "Tell me of wombats in Zürich")];
    comparison.lanes.push(lane(&sandbox(Dialect::OpenAi), "no such model"));
    let run = world.engine.start_run(comparison, None).await.expect("a run");
    let id = run.summary.id.clone();
    let (streams, refused) = (&run.cells[0].id, &run.cells[1].id);
    let is_set = |seen: &Seen| {
        seen.states.get(streams) == Some(&CellState::Streaming)
            && seen.states.get(refused).is_some_and(CellState::is_over)
    };
    world.until(is_set).await;
    let live = search(&world.engine, "status:live");
    let row = live.rows.iter().find(|row| row.cell == run.cells[0].id).expect("the live call");
    assert_eq!(row.state, "streaming");
    world.engine.star_run(&id, true).expect("a star");
    world.engine.note_run(&id, "while it ran").expect("a note");
    let listed = world.engine.runs(1, None).expect("runs").remove(0);
    assert_eq!((listed.starred, listed.note.as_str()), (true, "while it ran"), "also in the row of a live run");
    world.engine.stop_run(&id);
    world.wait(&run).await;

    let found = search(&world.engine, "zurich wombat");
    assert_eq!(found.rows.len(), 2);
    assert_eq!(search(&world.engine, "is:starred note:ran status:stopped").rows[0].cell, run.cells[0].id);
    assert_eq!(search(&world.engine, "has:error").rows[0].cell, run.cells[1].id);
    assert_eq!(world.engine.totals(0).expect("totals").calls, 2);

    world.engine.delete_runs(std::slice::from_ref(&id)).expect("deleted");
    assert_eq!(search(&world.engine, "").rows, []);
    assert_eq!(world.engine.runs(9, None).expect("runs"), []);
    world.engine.undelete_runs(std::slice::from_ref(&id)).expect("brought back");
    assert_eq!(search(&world.engine, "wombat").rows.len(), 2);

    world.engine.delete_runs(std::slice::from_ref(&id)).expect("deleted");
    world.restart().await;
    // Opening removes what was deleted, beside everything else.
    let bodies =
        |world: &World| files(world.folder()).iter().filter(|path| path.to_string_lossy().contains("bodies")).count();
    let removed = async {
        while world.engine.run(&id).is_ok() || bodies(&world) > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, removed).await.expect("gone for good");
    assert_eq!(search(&world.engine, "").rows, []);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    // One that was just removed has none.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_row_of_the_index_holds_a_key_or_its_terms() {
    let world = World::start().await;
    let connection = world.connect("Own", Dialect::OpenAi, &format!("http://{}/oai", world.sandbox.address()));
    for model in ["sandbox/short", "no such model"] {
        world.run(chat(&connection.id, model, &[])).await;
    }
    assert_eq!(search(&world.engine, "in:headers authorization").rows.len(), 2, "headers are in the index");
    assert_eq!(search(&world.engine, KEY).rows, []);
    world.engine.shut_down().await;
    // The index holds folded terms, so a key would stand there in pieces.
    let term = KEY.rsplit('_').next().expect("a piece");
    for path in files(world.folder()) {
        let bytes = std::fs::read(&path).expect("a file");
        for piece in [KEY, term, &term[..16]] {
            let found = bytes.windows(piece.len()).any(|window| window == piece.as_bytes());
            assert!(!found, "{piece} in {}", path.display());
        }
    }
}
