//! Every result comes from the person.

use juxta_tests::world::DIALECTS;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::run::CellState;
use juxta_wire::tools::{ToolReplies, ToolResult, ToolResultState};
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
