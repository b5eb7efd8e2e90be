//! Batches from the engine to the sandbox and back: what is handed over, when the answer never comes, and after a restart.

mod live;
mod saved;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use juxta_engine::Engine;
use juxta_tests::http_bytes::{self, Message};
use juxta_tests::tee::TeeProxy;
use juxta_tests::world::{PATIENCE, World, sandbox};
use juxta_wire::batch::{
    BatchColumn, BatchJob, BatchNews, BatchPlan, BatchRowState, BatchRowsQuery, BatchSource, BatchState, BatchTab,
    MetadataEntry,
};
use juxta_wire::endpoint::Dialect;
use juxta_wire::ids::{BatchId, ConnectionId};
use juxta_wire::window::SandboxFaults;
use serde_json::Value;
use tokio::sync::Notify;

const DIALECTS: [Dialect; 2] = [Dialect::ScaigridV1, Dialect::OpenAi];

async fn start() -> World {
    let world = World::start().await;
    world.sandbox.set_faults(SandboxFaults { tokens_per_second: Some(0.0), ..SandboxFaults::default() });
    world.engine.go_on_with_batches().await.expect("batches");
    world
}

fn id(row: usize) -> String {
    format!("{row}-größe\"\\東京")
}

/// Lines that an editor would have written on different systems.
fn text(dialect: Dialect, rows: usize) -> String {
    let url = if dialect == Dialect::OpenAi { "/v1/chat/completions" } else { "/v1/inference/chat" };
    let line = |row: usize| {
        let end = if row.is_multiple_of(3) { "\r\n" } else { "\n" };
        let body = serde_json::json!({ "model": "sandbox/short",
            "messages": [{ "role": "user", "content": format!("Row {row} \u{2028} 🌦") }] });
        let id = Value::from(id(row));
        format!("{{ \"custom_id\":{id} , \"method\":\"POST\",\"url\":\"{url}\",\"body\":{body} }}{end}")
    };
    (0..rows).map(line).collect()
}

fn plan(connection: &ConnectionId, faults: &str) -> BatchPlan {
    let entry = |name: &str, value: &str| MetadataEntry { name: name.to_owned(), value: value.to_owned() };
    let metadata = [entry("größe", "a\"\\"), entry("sandbox", faults)];
    let metadata = metadata.into_iter().filter(|entry| !entry.value.is_empty()).collect();
    BatchPlan { name: "Names".to_owned(), connection: connection.clone(), window: None, metadata, url: None }
}

async fn make(engine: &Engine, plan: BatchPlan, text: &str) -> BatchJob {
    let source = BatchSource::Text { name: "Typed".to_owned(), text: text.to_owned() };
    let engine = engine.clone();
    tokio::task::spawn_blocking(move || engine.make_batch(source, plan)).await.expect("no panic").expect("a batch")
}

fn job(engine: &Engine, id: &BatchId) -> BatchJob {
    engine.batches().expect("batches").into_iter().find(|job| job.id == *id).expect("the batch")
}

/// Waits for news until the batch is as it should be.
async fn until(engine: &Engine, id: &BatchId, enough: impl Fn(&BatchJob) -> bool) -> BatchJob {
    let heard = Arc::new(Notify::new());
    let tell = Arc::clone(&heard);
    engine.watch_batches(Box::new(move |news| {
        if matches!(news, BatchNews::Changed { .. }) {
            tell.notify_one();
        }
        Arc::strong_count(&tell) > 1
    }));
    let waiting = async {
        loop {
            let now = job(engine, id);
            if enough(&now) {
                return now;
            }
            heard.notified().await;
        }
    };
    match tokio::time::timeout(PATIENCE, waiting).await {
        Ok(job) => job,
        Err(_) => panic!("it stays so: {:?}", job(engine, id)),
    }
}

fn is_here(job: &BatchJob) -> bool {
    job.state.is_over() && job.fetched
}

/// Each id with its state; an id that stands there twice is a mistake.
fn joined(engine: &Engine, id: &BatchId) -> BTreeMap<String, BatchRowState> {
    let query = BatchRowsQuery {
        tab: BatchTab::Requests,
        text: String::new(),
        sort: BatchColumn::Line,
        descending: false,
        from: 0,
        count: 10_000,
    };
    let rows = engine.batch_rows(id, &query).expect("rows");
    assert_eq!(rows.strays, Vec::<String>::new());
    let mut found = BTreeMap::new();
    for row in rows.rows {
        let id = row.custom_id.clone();
        assert!(found.insert(row.custom_id, row.state).is_none(), "{id} stands there twice");
    }
    found
}

fn all_done(rows: usize) -> BTreeMap<String, BatchRowState> {
    (0..rows).map(|row| (id(row), BatchRowState::Done)).collect()
}

fn posts(proxy: &TeeProxy) -> Vec<Message> {
    let all =
        proxy.connections().into_iter().flat_map(|one| http_bytes::requests(&one.sent()).expect("whole requests"));
    all.filter(|request| request.first_line().starts_with("POST ")).collect()
}

fn file(world: &World, id: &BatchId, name: &str) -> PathBuf {
    world.folder().join("batches").join(id.as_str()).join(name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_handed_over_is_the_file_to_the_byte_and_its_results_come_back_joined() {
    let world = start().await;
    for dialect in DIALECTS {
        let proxy = TeeProxy::start(world.sandbox.address()).expect("a port on loopback");
        let prefix = if dialect == Dialect::OpenAi { "/oai" } else { "" };
        let connection = world.connect("Proxy", dialect, &format!("{}{prefix}", proxy.origin())).id;
        // Large enough that it goes out in several pieces.
        let rows = 700;
        let typed = text(dialect, rows);
        let batch = make(&world.engine, plan(&connection, "rate-0"), &typed).await;
        let sent = world.engine.send_batch(&batch.id).await.expect("sent");
        assert!(sent.provider_id.is_some(), "{:?}", sent.problem);
        let request = std::fs::read(file(&world, &batch.id, "request.jsonl")).expect("the file");
        assert!(request == typed.as_bytes(), "a file without faults is sent as it was typed");
        let posts = posts(&proxy);
        let submit = posts.last().expect("a submit");
        let body: Value = serde_json::from_slice(&submit.raw_body).expect("JSON");
        assert_eq!(body["metadata"]["juxta_batch"], batch.id.as_str());
        assert_eq!(body["metadata"]["größe"], "a\"\\");
        match dialect {
            Dialect::OpenAi => {
                assert_eq!(posts.len(), 2, "the file, then the batch");
                assert_eq!(
                    (&body["endpoint"], &body["completion_window"]),
                    (&"/v1/chat/completions".into(), &"24h".into())
                );
                let form = &posts[0].raw_body;
                let at = form.windows(request.len()).position(|bytes| bytes == request).expect("the file in the form");
                let head = String::from_utf8_lossy(&form[..at]);
                assert!(head.contains("name=\"purpose\"\r\n\r\nbatch\r\n"), "{head}");
            }
            Dialect::ScaigridV1 | Dialect::ScaleV5 => {
                assert_eq!(posts.len(), 1);
                let file = STANDARD.decode(body["input_file_base64"].as_str().expect("base64")).expect("base64");
                assert!(file == request, "the file in the request");
            }
        }
        let over = until(&world.engine, &batch.id, is_here).await;
        assert_eq!((over.state, over.counts.done, over.counts.failed), (BatchState::Finished, rows as u64, 0));
        assert_eq!(over.problem, None);
        assert_eq!(joined(&world.engine, &batch.id), all_done(rows));
        assert!(!file(&world, &batch.id, "output.jsonl.part").exists());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_whose_answer_is_lost_is_found_again_and_not_sent_twice() {
    let world = start().await;
    for dialect in DIALECTS {
        let connection = sandbox(dialect);
        let batch = make(&world.engine, plan(&connection, "lost-answer rate-0"), &text(dialect, 9)).await;
        let sent = world.engine.send_batch(&batch.id).await.expect("an answer of ours");
        assert_eq!(sent.state, BatchState::Unknown, "{:?}", sent.problem);
        assert!(sent.problem.is_some(), "what broke is said");
        until(&world.engine, &batch.id, is_here).await;
        assert_eq!(joined(&world.engine, &batch.id), all_done(9));
        let there = world.engine.provider_batches(&connection, None, None).await.expect("a list").batches;
        let ours: Vec<_> = there.iter().filter(|one| one.known.as_ref() == Some(&batch.id)).collect();
        assert_eq!((ours.len(), there.len()), (1, 1), "{there:?}");
        world.engine.send_batch_again(&batch.id).await.expect_err("it is known what became of it");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_finishes_while_nobody_looks_is_there_at_the_next_start() {
    let mut world = start().await;
    let mut made = Vec::new();
    for dialect in DIALECTS {
        let batch = make(&world.engine, plan(&sandbox(dialect), "shuffled rate-40"), &text(dialect, 40)).await;
        let sent = world.engine.send_batch(&batch.id).await.expect("sent");
        assert!(!sent.state.is_over(), "{sent:?}");
        made.push(batch.id);
    }
    world.restart().await;
    for id in &made {
        assert!(!is_here(&job(&world.engine, id)), "nothing goes on by itself before it is asked to");
    }
    world.engine.go_on_with_batches().await.expect("batches");
    for id in &made {
        let over = until(&world.engine, id, is_here).await;
        assert_eq!((over.state, over.counts.done), (BatchState::Finished, 40));
        assert_eq!(joined(&world.engine, id), all_done(40));
    }
    for dialect in DIALECTS {
        let there = world.engine.provider_batches(&sandbox(dialect), None, None).await.expect("a list");
        assert_eq!(there.batches.len(), 1, "{there:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_are_tried_again_as_a_batch_of_their_own() {
    let world = start().await;
    let dialect = Dialect::ScaigridV1;
    let connection = sandbox(dialect);
    let batch = make(&world.engine, plan(&connection, "partial rate-0"), &text(dialect, 20)).await;
    world.engine.send_batch(&batch.id).await.expect("sent");
    let over = until(&world.engine, &batch.id, is_here).await;
    assert_eq!((over.counts.done, over.counts.failed), (16, 4));
    let failed: Vec<String> = joined(&world.engine, &batch.id)
        .into_iter()
        .filter(|(_, state)| *state == BatchRowState::Failed)
        .map(|(id, _)| id)
        .collect();
    let source = BatchSource::Failures { batch: batch.id.clone(), lines: None };
    let again = world.engine.make_batch(source, plan(&connection, "rate-0")).expect("a batch");
    assert_eq!(again.retry_of.as_ref(), Some(&batch.id));
    world.engine.send_batch(&again.id).await.expect("sent");
    until(&world.engine, &again.id, is_here).await;
    let answered = joined(&world.engine, &again.id);
    assert_eq!(answered.keys().cloned().collect::<Vec<_>>(), failed);
    assert!(answered.values().all(|state| *state == BatchRowState::Done), "{answered:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_is_cancelled_keeps_what_was_done() {
    let world = start().await;
    let dialect = Dialect::ScaigridV1;
    let batch = make(&world.engine, plan(&sandbox(dialect), "rate-20"), &text(dialect, 2_000)).await;
    world.engine.send_batch(&batch.id).await.expect("sent");
    until(&world.engine, &batch.id, |job| job.counts.done > 0).await;
    world.engine.cancel_batch(&batch.id).await.expect("cancelled");
    let over = until(&world.engine, &batch.id, is_here).await;
    assert_eq!(over.state, BatchState::Cancelled);
    let rows = joined(&world.engine, &batch.id);
    let done = rows.values().filter(|state| **state == BatchRowState::Done).count();
    assert!(done as u64 == over.counts.done && done > 0 && done < 2_000, "{done} of {:?}", over.counts);
    world.engine.cancel_batch(&batch.id).await.expect_err("it is over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_busy_or_not_there_leaves_a_draft_that_can_be_sent() {
    let world = start().await;
    let dialect = Dialect::ScaigridV1;
    let port = juxta_tests::servers::closed_port().await.expect("a port");
    let nobody = world.connect("Nobody", dialect, &format!("http://127.0.0.1:{port}")).id;
    let batch = make(&world.engine, plan(&nobody, ""), &text(dialect, 3)).await;
    let sent = world.engine.send_batch(&batch.id).await.expect("an answer of ours");
    assert_eq!((sent.state, sent.sent_at), (BatchState::Draft, None), "nothing left this computer");
    assert!(sent.problem.is_some());

    let busy = plan(&sandbox(dialect), "429 rate-0");
    world.engine.plan_batch(&batch.id, busy).expect("another connection");
    let sent = world.engine.send_batch(&batch.id).await.expect("an answer of ours");
    assert_eq!(sent.state, BatchState::Draft, "429 to the submit is a refusal");
    let sent = world.engine.send_batch(&batch.id).await.expect("an answer of ours");
    assert!(sent.provider_id.is_some(), "{:?}", sent.problem);
    until(&world.engine, &batch.id, is_here).await;
    assert_eq!(joined(&world.engine, &batch.id), all_done(3));
}
