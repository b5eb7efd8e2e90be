//! The first lines of a draft sent live, what models take, and what is left of batches at a start.

use juxta_wire::batch::{BatchFaultKind, BatchMend, BatchTrial};
use juxta_wire::run::CellState;

use super::*;

/// Waits for news until every line that was sent live is over.
async fn until_over(engine: &Engine, id: &BatchId, begun: BatchTrial) -> BatchTrial {
    let heard = Arc::new(Notify::new());
    let tell = Arc::clone(&heard);
    engine.watch_batches(Box::new(move |news| {
        if matches!(news, BatchNews::Trial { .. }) {
            tell.notify_one();
        }
        Arc::strong_count(&tell) > 1
    }));
    let waiting = async {
        loop {
            let now = engine.batch_trial(id).expect("a batch").expect("lines were sent live");
            assert_eq!((&now.run, now.lines), (&begun.run, begun.lines));
            if now.over == now.lines {
                return now;
            }
            heard.notified().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("every line is over")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_lines_go_out_live_to_the_byte_and_say_what_the_whole_would_take() {
    let world = start().await;
    let proxy = TeeProxy::start(world.sandbox.address()).expect("a port on loopback");
    let connection = world.connect("Proxy", Dialect::ScaigridV1, &proxy.origin()).id;
    let line = |id: &str, body: &str| {
        format!("{{\"custom_id\":\"{id}\",\"method\":\"POST\",\"url\":\"/v1/inference/chat\",\"body\":{body}}}\r\n")
    };
    let body = |model: &str, text: &str| {
        format!(
            "{{ \"temperature\":0.20 ,\"model\":\"{model}\", \"messages\":[{{\"role\":\"user\",\"content\":\"{text}\"}}] }}"
        )
    };
    let bodies = [
        body("sandbox/short", "größe \\\"1\\\" \\\\ ☀"),
        body("sandbox/short", "left out by hand"),
        body("sandbox/short", "its id is taken"),
        body("sandbox/fault/status-422", "refused"),
        body("sandbox/short", "ユニコード"),
        body("sandbox/short", "not among the first"),
    ];
    let ids = ["a", "b", "a", "refused", "e", "f"];
    let text: String = ids.iter().zip(&bodies).map(|(id, body)| line(id, body)).collect();
    let batch = make(&world.engine, plan(&connection, ""), &format!("\n{text}")).await;
    world.engine.mend_batch_line(&batch.id, 3, Some(BatchMend::LeaveOut)).expect("left out");
    assert_eq!(world.engine.batch_trial(&batch.id).expect("a batch"), None);

    let begun = world.engine.try_batch(&batch.id, 3).await.expect("sent live");
    assert_eq!((begun.lines, begun.over, begun.answered), (3, 0, 0));
    let trial = until_over(&world.engine, &batch.id, begun).await;
    assert_eq!(trial.answered, 2);
    let [failure] = trial.failures.as_slice() else { panic!("{:?}", trial.failures) };
    assert_eq!((failure.line, failure.custom_id.as_str(), &failure.state), (5, "refused", &CellState::Failed));
    assert!(failure.error.is_some(), "the provider's words");
    let (median, mean) = trial.median_tokens_out.zip(trial.mean_tokens_out).expect("tokens were counted");
    assert!(median >= 1.0 && mean >= 1.0 && trial.input_ratio.is_some_and(|ratio| ratio > 0.0), "{trial:?}");
    assert_eq!(trial.mean_cost, None, "no price is known");

    let mut sent: Vec<Vec<u8>> = posts(&proxy).into_iter().map(|post| post.raw_body).collect();
    sent.sort();
    let mut expected: Vec<Vec<u8>> = [0, 3, 4].map(|at| bodies[at].clone().into_bytes()).into();
    expected.sort();
    assert_eq!(sent, expected, "each body as it stands in its line, and nothing else");
    let run = world.engine.run(&trial.run).expect("a run of the history");
    assert_eq!(
        (run.summary.name.as_str(), run.summary.finished, run.summary.unfinished),
        ("Names · 3 lines live", 2, 1)
    );
    assert_eq!(job(&world.engine, &batch.id).state, BatchState::Draft, "the queue has heard nothing");

    let again = world.engine.try_batch(&batch.id, 100).await.expect("sent live again");
    assert!(again.run != trial.run && again.lines == 4, "{again:?}");
    until_over(&world.engine, &batch.id, again).await;
    world.engine.send_batch(&batch.id).await.expect("sent");
    world.engine.try_batch(&batch.id, 1).await.expect_err("it is no draft any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_that_were_live_when_juxta_ended_are_said_to_be_interrupted() {
    let mut world = start().await;
    world.sandbox.set_faults(SandboxFaults { tokens_per_second: Some(0.01), ..SandboxFaults::default() });
    let batch = make(&world.engine, plan(&sandbox(Dialect::OpenAi), ""), &text(Dialect::OpenAi, 3)).await;
    let begun = world.engine.try_batch(&batch.id, 2).await.expect("sent live");
    world.engine.try_batch(&batch.id, 2).await.expect_err("they are being sent");
    world.restart().await;
    let trial = world.engine.batch_trial(&batch.id).expect("a batch").expect("lines were sent live");
    assert_eq!((&trial.run, trial.over, trial.answered), (&begun.run, 2, 0));
    assert!(trial.failures.iter().all(|failure| failure.state == CellState::Interrupted), "{:?}", trial.failures);
}

/// The sandbox's models take 128,000 tokens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_with_more_than_its_model_takes_is_a_fault_that_can_be_kept() {
    let world = start().await;
    for dialect in DIALECTS {
        let long = text(dialect, 2).replacen("Row 1", &"word ".repeat(130_000), 1);
        let batch = make(&world.engine, plan(&sandbox(dialect), ""), &long).await;
        let check = world.engine.whole_batch_check(&batch.id).await.expect("a look");
        let [fault] = check.faults.as_slice() else { panic!("{:?}", check.faults.len()) };
        assert_eq!((fault.line, fault.kind, check.sent), (2, BatchFaultKind::TooLong, 1));
        assert!(fault.message.contains("sandbox/short takes 128,000"), "{}", fault.message);
        let kept = world.engine.mend_batch_line(&batch.id, 2, fault.mend.clone()).expect("kept");
        assert_eq!(kept.sent, 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_a_start_only_what_was_never_a_batch_goes() {
    let mut world = start().await;
    let draft = make(&world.engine, plan(&sandbox(Dialect::OpenAi), ""), &text(Dialect::OpenAi, 1)).await;
    world.engine.whole_batch_check(&draft.id).await.expect("a look");
    let folder = world.folder().join("batches");
    let left = [
        ("half-made", "input.jsonl", false),
        ("empty-handed", "mends.json", false),
        ("sent", "request.jsonl", true),
        ("taken", "object.json", true),
        ("answered", "output.jsonl", true),
        ("refused", "errors.jsonl", true),
    ];
    for (name, file, _) in left {
        std::fs::create_dir_all(folder.join(name)).expect("a folder");
        std::fs::write(folder.join(name).join("input.jsonl"), "{}\n").expect("a file");
        std::fs::write(folder.join(name).join(file), "{}\n").expect("a file");
    }
    world.restart().await;
    world.engine.go_on_with_batches().await.expect("batches");
    for (name, file, stays) in left {
        assert_eq!(folder.join(name).join(file).exists(), stays, "{name}");
    }
    assert!(file(&world, &draft.id, "input.jsonl").exists(), "a draft that is known stays");
}
