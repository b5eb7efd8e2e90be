//! What the inspector reads of real calls, while they run and afterwards.

use juxta_tests::world::{DIALECTS, World, chat, sandbox};
use juxta_wire::document::{DocumentForm, DocumentMedia, DocumentSource};
use juxta_wire::endpoint::Dialect;
use juxta_wire::events::{EventFilter, EventKind, TextChannel};
use juxta_wire::exchange::HeadFactKind;
use juxta_wire::run::CellState;
use juxta_wire::window::SandboxFaults;

/// Answers are written at once.
fn quick(world: &World) {
    world.sandbox.set_faults(SandboxFaults { tokens_per_second: Some(0.0), ..SandboxFaults::default() });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_join_to_the_answer_streamed_or_whole_in_every_dialect() {
    let world = World::start().await;
    quick(&world);
    for dialect in DIALECTS {
        for stream in ["true", "false"] {
            let parameters = [("logprobs", "true"), ("top_logprobs", "5"), ("stream", stream)];
            let cell = world.run(chat(&sandbox(dialect), "sandbox/logprobs", &parameters)).await.remove(0);
            assert_eq!(cell.state, CellState::Finished, "{dialect:?}: {:?}", cell.error);
            let view = world.engine.tokens(&cell.id, 0).expect("tokens");
            let text: String = view.tokens.iter().map(|token| token.text.as_str()).collect();
            assert_eq!(text, cell.outcome.choices[0].text, "{dialect:?}, stream {stream}");
            assert!(view.tokens.iter().any(|token| token.joined == 2), "some characters are two tokens");
            assert!(view.perplexity.is_some_and(|perplexity| perplexity > 1.0));
            assert_eq!((view.alternatives, view.choices.as_slice(), view.absent), (5, &[0][..], None));
            for (index, token) in view.tokens.iter().enumerate() {
                assert!(token.entropy.is_some_and(|bits| (0.0..3.0).contains(&bits)));
                let found = world.engine.alternatives(&cell.id, 0, index as u32).expect("alternatives");
                let chosen: Vec<_> = found.iter().filter(|one| one.chosen).collect();
                assert_eq!((found.len(), chosen.len()), (5, 1));
                assert_eq!(Some(chosen[0].logprob), token.logprob, "token {index}");
                assert!(found.is_sorted_by(|one, next| one.logprob >= next.logprob));
                // The event of a token is the one that carried its text.
                if let Some(event) = token.event.filter(|_| token.joined > 0) {
                    let row = world.engine.read_events(&cell.id, &[event]).expect("the event").remove(0);
                    assert_eq!(row.text, token.text);
                    assert_eq!(token.at, Some(row.at));
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn why_there_are_no_tokens_is_said() {
    let world = World::start().await;
    quick(&world);
    let absent = |cell: &juxta_wire::run::Cell| world.engine.tokens(&cell.id, 0).expect("a view").absent;
    let unasked = world.run(chat(&sandbox(Dialect::OpenAi), "sandbox/short", &[("stream", "true")])).await.remove(0);
    let expected = "The request did not ask for log probabilities. Set logprobs to true and run again.";
    assert_eq!(absent(&unasked).as_deref(), Some(expected));
    // A flood does not look at what it was asked.
    let parameters = [("stream", "true"), ("logprobs", "true")];
    let unsent = world.run(chat(&sandbox(Dialect::OpenAi), "sandbox/flood-20", &parameters)).await.remove(0);
    assert_eq!(absent(&unsent).as_deref(), Some("sandbox/flood-20 sent none although they were asked for."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_lead_to_the_answer_and_back() {
    let world = World::start().await;
    quick(&world);
    for dialect in DIALECTS {
        for model in ["sandbox/unicode", "sandbox/reasoning"] {
            let cell = world.run(chat(&sandbox(dialect), model, &[("stream", "true")])).await.remove(0);
            let choice = &cell.outcome.choices[0];
            let view = world.engine.events(&cell.id).expect("events");
            assert!(!view.document && !view.live);
            assert_eq!(u64::from(view.messages), cell.outcome.events, "{dialect:?}, {model}");
            let numbers = world.engine.find_events(&cell.id, &EventFilter::default()).expect("all");
            let rows = world.engine.read_events(&cell.id, &numbers).expect("rows");
            assert_eq!(rows.len() as u32, view.count);
            for (channel, text) in [(TextChannel::Text, &choice.text), (TextChannel::Reasoning, &choice.reasoning)] {
                let units: Vec<u16> = text.encode_utf16().collect();
                let carried = rows
                    .iter()
                    .filter_map(|row| row.part.filter(|part| part.channel == channel).map(|part| (row, part)));
                let mut next = 0;
                for (row, part) in carried {
                    assert_eq!(part.start, next, "{dialect:?}, {model}: parts follow each other");
                    let said = String::from_utf16_lossy(&units[part.start as usize..part.end as usize]);
                    assert_eq!(row.text, said, "event {}", row.number);
                    assert!(
                        row.path.as_deref().is_some_and(|path| path.starts_with("$.choices[0].delta.")),
                        "{:?}",
                        row.path
                    );
                    let found = world.engine.event_of_text(&cell.id, channel, 0, part.end - 1).expect("a look-up");
                    assert_eq!(found, Some(row.number));
                    next = part.end;
                }
                assert_eq!(next as usize, units.len(), "{dialect:?}, {model}: all of the text came in events");
            }
            assert_eq!(rows.iter().any(|row| row.kind == EventKind::Done), cell.outcome.end_marker, "{dialect:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_can_be_looked_at_while_it_runs_and_its_window_misses_nothing() {
    let world = World::start().await;
    let run = world
        .engine
        .start_run(chat(&sandbox(Dialect::ScaigridV1), "sandbox/rate-200x150", &[("stream", "true")]), None)
        .await
        .expect("a run");
    let id = run.cells[0].id.clone();
    let source = DocumentSource::Response { cell: id.clone() };
    let mut last = (0, 0);
    let mut looks = 0;
    world.until(|seen| seen.texts.get(&id).is_some_and(|text| !text.is_empty())).await;
    while !world.seen().states.get(&id).is_some_and(CellState::is_over) {
        let info = world.engine.document_info(&source, DocumentForm::Pretty).expect("a document");
        let view = world.engine.events(&id).expect("events");
        assert!(view.count >= last.0 && info.bytes >= last.1, "it only grows");
        last = (view.count, info.bytes);
        let rows = world.engine.document_rows(&source, DocumentForm::Exact, 0, 3).expect("rows");
        assert!(info.bytes == 0 || rows[0].text.starts_with("data: "), "{rows:?}");
        let exchange = world.engine.exchange(&id).expect("an exchange");
        assert!(exchange.facts.iter().any(|fact| fact.kind == HeadFactKind::RequestId), "{:?}", exchange.facts);
        looks += 1;
        world
            .until(|seen| {
                seen.texts[&id].len() as u64 > looks * 40 || seen.states.get(&id).is_some_and(CellState::is_over)
            })
            .await;
    }
    let cells = world.wait(&run).await;
    assert_eq!(world.seen().texts[&id], cells[0].outcome.choices[0].text, "looking took nothing from the window");
    let view = world.engine.events(&id).expect("events");
    assert!(!view.live && u64::from(view.messages) == cells[0].outcome.events);
    let info = world.engine.document_info(&source, DocumentForm::Exact).expect("a document");
    assert_eq!((info.live, info.media), (false, DocumentMedia::EventStream));
    assert_eq!(
        world.engine.document_bytes(&source).expect("bytes"),
        world.engine.recorded_body(&id).expect("a body").0
    );
    assert!(looks > 1, "it was looked at while it ran");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_answered_is_said_and_the_preview_is_what_was_sent() {
    let world = World::start().await;
    quick(&world);
    let comparison = chat(&sandbox(Dialect::ScaigridV1), "sandbox/short", &[("temperature", "0.70")]);
    let lane = comparison.lanes[0].id.clone();
    let cell = world.run(comparison.clone()).await.remove(0);
    let facts = world.engine.exchange(&cell.id).expect("an exchange").facts;
    let of = |kind| facts.iter().find(|fact| fact.kind == kind).map(|fact| fact.value.as_str());
    assert_eq!(of(HeadFactKind::Backend), Some("sandbox-1"), "{facts:?}");
    assert_eq!(of(HeadFactKind::Model), Some("sandbox/short"));
    assert!(of(HeadFactKind::RequestId).is_some());

    let sent = DocumentSource::Request { cell: cell.id.clone() };
    let preview = DocumentSource::Preview { comparison: Box::new(comparison), lane };
    for form in [DocumentForm::Pretty, DocumentForm::Exact] {
        let info = |source| world.engine.document_info(source, form).expect("a document");
        let (sent_info, preview_info) = (info(&sent), info(&preview));
        assert_eq!((&sent_info.sha256, &sent_info.keys), (&preview_info.sha256, &preview_info.keys));
        let rows = |source| world.engine.document_rows(source, form, 0, 500).expect("rows");
        let without_id = |rows: Vec<juxta_wire::document::DocumentRow>| -> Vec<String> {
            rows.into_iter().map(|row| row.text).filter(|text| !text.starts_with("x-request-id")).collect()
        };
        assert_eq!(without_id(rows(&sent)), without_id(rows(&preview)), "head and body, but for the fresh id");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn earlier_calls_of_the_lane_are_listed_newest_first() {
    let world = World::start().await;
    quick(&world);
    let call = |model: &'static str, dialect| world.run(chat(&sandbox(dialect), model, &[("stream", "true")]));
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(call("sandbox/short", Dialect::OpenAi).await.remove(0).id);
        call("sandbox/markdown", Dialect::OpenAi).await;
        call("sandbox/short", Dialect::ScaleV5).await;
    }
    let history = world.engine.lane_history(&ids[1]).expect("a history");
    let listed: Vec<_> = history.iter().map(|timing| timing.cell.clone()).collect();
    assert_eq!(listed, [ids[1].clone(), ids[0].clone()], "not the later one, no other model, no other connection");
    let first = world.engine.cell(&ids[0]).expect("the first").cell.run;
    world.engine.delete_runs(&[first]).expect("a deletion");
    assert_eq!(world.engine.lane_history(&ids[1]).expect("a history").len(), 1, "what was deleted is in no list");
    assert!(history.iter().all(|timing| timing.time_to_first_token.is_some() && timing.longest_gap.is_some()));
}
