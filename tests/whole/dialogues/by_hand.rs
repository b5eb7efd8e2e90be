//! Every result comes from the person.

use juxta_client::endpoints::chat::encode_message;
use juxta_tests::world::DIALECTS;
use juxta_wire::draft::Message;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::run::{Cell, CellState};
use juxta_wire::tools::{ToolArguments, ToolReplies, ToolReply, ToolResult, ToolResultState};
use serde_json::{Value, json};

use super::{Bench, ids, replies, result};

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_by_hand_takes_three_steps_and_each_says_all_that_was_said() {
    for dialect in DIALECTS {
        let bench = Bench::new(dialect).await;
        let run = bench.world.engine.start_run(bench.comparison(EndpointKind::Chat), None).await.expect("a run");
        let mut cell = bench.over(&run.cells[0].id).await;
        let mut expected = vec![json!({"role": "user", "content": "Why is the sky blue?"})];
        for step in 0..3 {
            assert_eq!((cell.step, &cell.state), (step, &CellState::Finished), "{dialect:?}: {:?}", cell.error);
            let body: Value = serde_json::from_str(&bench.bodies()[step as usize]).expect("JSON");
            assert_eq!(body["messages"], json!(expected), "{dialect:?}, step {step}");
            assert_eq!(
                cell.request.as_ref().map(|view| view.body.as_str()),
                Some(bench.bodies()[step as usize].as_str())
            );
            let calls = ids(&cell);
            assert_eq!(calls.len(), [2, 1, 0][step as usize], "{dialect:?}, step {step}");
            if step == 2 {
                break;
            }
            let said = &cell.outcome.choices[0];
            let calls: Vec<Value> = said
                .tool_calls
                .iter()
                .map(|call| json!({"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}))
                .collect();
            let content = if said.text.is_empty() { Value::Null } else { json!(said.text) };
            expected.push(json!({"role": "assistant", "content": content, "tool_calls": calls}));
            for id in ids(&cell) {
                expected.push(
                    json!({"role": "tool", "content": format!("☀ \"21\"\\ {{{{x}}}} of {id}"), "tool_call_id": id}),
                );
            }
            let next =
                bench.world.engine.answer_calls(&cell.id, replies(&cell, "☀ \"21\"\\ {{x}}")).await.expect("a step");
            assert_eq!((&next.state, next.step), (&CellState::Queued, step + 1));
            cell = bench.over(&next.id).await;
        }
        assert!(cell.outcome.choices[0].text.contains("☀ \"21\"\\ {{x}}"), "{}", cell.outcome.choices[0].text);
        let cells = bench.cells(&run.summary.id);
        assert_eq!(
            cells.iter().map(|cell| (cell.step, cell.results.len())).collect::<Vec<_>>(),
            [(0, 2), (1, 1), (2, 0)]
        );
        let summary = bench.world.engine.runs(5, None).expect("runs").remove(0);
        assert_eq!((summary.cells, summary.finished, summary.live), (3, 3, false));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_answer_each_call_once_is_refused_with_words() {
    let bench = Bench::new(Dialect::OpenAi).await;
    let run = bench.world.engine.start_run(bench.comparison(EndpointKind::Chat), None).await.expect("a run");
    let cell = bench.over(&run.cells[0].id).await;
    let whole = replies(&cell, "x");
    let [first, second] = &whole.results[..] else { panic!("two calls: {:?}", whole.results) };
    let failed = ToolResultState::Failed { error: AppError::NotFound { what: "It".to_owned() } };
    let cases = [
        (vec![first.clone()], "has no result"),
        (vec![first.clone(), second.clone(), second.clone()], "answered twice"),
        (vec![first.clone(), second.clone(), result("other", "")], "No call of this answer has the id other"),
        (vec![first.clone(), ToolResult { state: failed, ..second.clone() }], "has no result yet"),
    ];
    for (results, expected) in cases {
        let replies = ToolReplies { results, ..whole.clone() };
        match bench.world.engine.answer_calls(&cell.id, replies).await {
            Err(AppError::Invalid { message, .. }) => assert!(message.contains(expected), "{message}"),
            other => panic!("{expected}: {other:?}"),
        }
    }
    assert_eq!(bench.bodies().len(), 1, "nothing was sent");
    assert_eq!(bench.cells(&run.summary.id).len(), 1);
}

/// The messages of a request.
fn sent(cell: &Cell) -> Value {
    let body: Value = serde_json::from_str(&cell.request.as_ref().expect("a request").body).expect("JSON");
    body["messages"].clone()
}

fn spelled(messages: &[Message]) -> Value {
    let one = |message: &Message| serde_json::from_slice(&encode_message(message).expect("a message")).expect("JSON");
    Value::from(messages.iter().map(one).collect::<Vec<Value>>())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_answered_anew_goes_another_way_and_nothing_is_lost() {
    let mut bench = Bench::new(Dialect::OpenAi).await;
    let run = bench.world.engine.start_run(bench.comparison(EndpointKind::Chat), None).await.expect("a run");
    let first = bench.over(&run.cells[0].id).await;
    let (long, odd) = ("🌊\"\\\n{{x}}".repeat(20_000), "\u{0}\u{2028} ");
    let mut made = vec![first.clone()];
    for (from, text) in [(0, "x"), (1, ""), (0, long.as_str()), (3, odd)] {
        let from = made[from].clone();
        let mut with = replies(&from, text);
        for result in &mut with.results {
            result.state = ToolResultState::Given { reply: ToolReply::Output { text: text.to_owned() } };
        }
        with.arguments = vec![ToolArguments { choice: 0, call: 0, text: format!("{{\"from\":{:?}}}", text.len()) }];
        let expected = spelled(&bench.world.engine.dialogue_messages(&from.id, Some(with.clone())).expect("messages"));
        let next = bench.world.engine.answer_calls(&from.id, with).await.expect("a step");
        let next = bench.over(&next.id).await;
        assert_eq!(sent(&next), expected);
        made.push(next);
    }
    // The steps that left cannot be answered.
    for gone in [1, 2] {
        let refused = bench.world.engine.answer_calls(&made[gone].id, replies(&made[gone], "late")).await;
        assert!(matches!(refused, Err(AppError::Invalid { .. })), "{refused:?}");
    }
    bench.world.restart().await;
    let cells = bench.cells(&run.summary.id);
    assert_eq!(cells.iter().map(|cell| cell.step).collect::<Vec<_>>(), [0, 1, 2, 1, 2]);
    assert_eq!(
        cells.iter().map(|cell| cell.replaced.is_some()).collect::<Vec<_>>(),
        [false, true, false, false, false]
    );
    // What each step was sent is made again from the store, of those that left too.
    for (before, step) in [(0, 3), (3, 4), (1, 2), (0, 1)] {
        let (before, step) = (&cells[before], &cells[step]);
        let replies = step.replaced.as_deref().cloned().unwrap_or(ToolReplies {
            choice: before.choice,
            results: before.results.clone(),
            arguments: before.arguments.clone(),
        });
        let again = bench.world.engine.dialogue_messages(&before.id, Some(replies)).expect("messages");
        assert_eq!(spelled(&again), sent(step), "step {}", step.step);
    }
    let up_to = bench.world.engine.dialogue_messages(&cells[4].id, None).expect("messages");
    let said = &cells[4].outcome.choices[0].text;
    let whole =
        [sent(&cells[4]).as_array().expect("a list").clone(), vec![json!({"role": "assistant", "content": said})]];
    assert_eq!(spelled(&up_to), json!(whole.concat()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_by_hand_has_no_place_for_results() {
    let bench = Bench::new(Dialect::OpenAi).await;
    let mut comparison = bench.comparison(EndpointKind::Chat);
    let tools = &comparison.draft.parameters[0].json;
    let body =
        format!(r#"{{"model":"sandbox/tools-steps","messages":[{{"role":"user","content":"Hi"}}],"tools":{tools}}}"#);
    comparison.lanes[0].raw_body = Some(body);
    let run = bench.world.engine.start_run(comparison, None).await.expect("a run");
    let cell = bench.over(&run.cells[0].id).await;
    assert_eq!(ids(&cell).len(), 2);
    match bench.world.engine.answer_calls(&cell.id, replies(&cell, "x")).await {
        Err(AppError::Invalid { message, .. }) => assert!(message.contains("by hand"), "{message}"),
        other => panic!("{other:?}"),
    }
}
