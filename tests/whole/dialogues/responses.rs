//! Responses go on after the one that the server keeps, or say everything again; and what becomes of reasoning.

use juxta_wire::draft::{Parameter, ReasoningBack};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::lane::Override;
use juxta_wire::run::{Cell, CellState};
use juxta_wire::tools::{ToolArguments, ToolReplies, ToolReply, ToolResult, ToolResultState};
use serde_json::{Value, json};

use super::tool_server::{ToolServer, http};
use super::{Bench, ids, replies, result};

fn outputs(cell: &Cell, text: &str) -> Vec<Value> {
    let output =
        |id: &String| json!({"type": "function_call_output", "call_id": id, "output": format!("{text} of {id}")});
    ids(cell).iter().map(output).collect()
}

fn items(cell: &Cell) -> Vec<Value> {
    let items = cell.outcome.choices.iter().filter_map(|choice| choice.item.as_ref());
    items.map(|item| serde_json::from_str(&item.json).expect("JSON")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_kept_response_only_results_are_sent_and_else_everything_is() {
    for dialect in [Dialect::ScaleV5, Dialect::OpenAi] {
        for (store, streams) in [(None, true), (Some("true"), false), (Some("false"), true), (Some(" false "), false)] {
            let is_kept = store.is_none_or(|json| json.trim() != "false");
            let bench = Bench::new(dialect).await;
            let mut comparison = bench.comparison(EndpointKind::Responses);
            let parameters = &mut comparison.draft.parameters;
            parameters.extend(store.map(|json| Parameter::new("store", json)));
            parameters.push(Parameter::new("stream", streams.to_string()));
            let run = bench.world.engine.start_run(comparison, None).await.expect("a run");
            let mut cell = bench.over(&run.cells[0].id).await;
            let mut said: Vec<Value> = vec![json!({"role": "user", "content": "Why is the sky blue?"})];
            for step in 0..3 {
                assert_eq!(
                    (cell.step, &cell.state),
                    (step, &CellState::Finished),
                    "{dialect:?} {store:?}: {:?}",
                    cell.error
                );
                let body: Value = serde_json::from_str(&bench.bodies()[step as usize]).expect("JSON");
                let name = format!("{dialect:?}, store {store:?}, step {step}");
                assert_eq!(body["input"], json!(said), "{name}");
                assert_eq!(ids(&cell).len(), [2, 1, 0][step as usize], "{name}");
                if step == 2 {
                    break;
                }
                let next = bench.world.engine.answer_calls(&cell.id, replies(&cell, "\"21\" ☀")).await.expect("a step");
                let results = outputs(&cell, "\"21\" ☀");
                said = if is_kept { results } else { said.into_iter().chain(items(&cell)).chain(results).collect() };
                let previous = cell.outcome.response_id.clone();
                cell = bench.over(&next.id).await;
                let body: Value = serde_json::from_str(&bench.bodies()[step as usize + 1]).expect("JSON");
                assert_eq!(
                    body.get("previous_response_id"),
                    previous.filter(|_| is_kept).map(Value::from).as_ref(),
                    "{name}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_arguments_are_said_again_with_the_items_and_what_follows_relies_on_the_server_again() {
    let bench = Bench::new(Dialect::OpenAi).await;
    let run = bench.world.engine.start_run(bench.comparison(EndpointKind::Responses), None).await.expect("a run");
    let first = bench.over(&run.cells[0].id).await;
    let arguments = vec![ToolArguments {
        choice: first.outcome.choices[0].index,
        call: 0,
        text: "{\"city\": \"Ås \\\"N\\\"\"}".into(),
    }];
    let with = ToolReplies { arguments, ..replies(&first, "x") };
    let second = bench.world.engine.answer_calls(&first.id, with).await.expect("a step");
    let second = bench.over(&second.id).await;
    let body: Value = serde_json::from_str(&bench.bodies()[1]).expect("JSON");
    let mut said = items(&first);
    said[0]["arguments"] = json!("{\"city\": \"Ås \\\"N\\\"\"}");
    let question = json!({"role": "user", "content": "Why is the sky blue?"});
    assert_eq!(body["input"], json!([vec![question], said, outputs(&first, "x")].concat()));
    assert!(body.get("previous_response_id").is_none());
    let third = bench.world.engine.answer_calls(&second.id, replies(&second, "y")).await.expect("a step");
    bench.over(&third.id).await;
    let body: Value = serde_json::from_str(&bench.bodies()[2]).expect("JSON");
    assert_eq!(body["input"], json!(outputs(&second, "y")));
    assert_eq!(body["previous_response_id"], json!(second.outcome.response_id));
}

/// A model server that gives the same answer to every request.
async fn answering(answer: Value) -> (Bench, ToolServer, juxta_wire::connection::Connection) {
    let bench = Bench::new(Dialect::OpenAi).await;
    let server = ToolServer::start(move |_| {
        let super::tool_server::Answer::Bytes(bytes) = http("200 OK", answer.to_string().as_bytes()) else {
            unreachable!()
        };
        let text = String::from_utf8(bytes).expect("UTF-8");
        super::tool_server::Answer::Bytes(
            text.replacen("\r\n", "\r\ncontent-type: application/json\r\n", 1).into_bytes(),
        )
    })
    .await;
    let connection = bench.world.connect("Own", Dialect::OpenAi, &format!("http://{}", server.address));
    (bench, server, connection)
}

fn body(request: &str) -> Value {
    serde_json::from_str(request.split_once("\r\n\r\n").expect("a body").1).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_told_its_reasoning_in_its_servers_own_word_when_that_is_wanted() {
    for member in ["reasoning_content", "reasoning"] {
        for (back, expected) in
            [(ReasoningBack::Usual, false), (ReasoningBack::Always, true), (ReasoningBack::Never, false)]
        {
            let call = json!({"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}});
            let message = json!({"role": "assistant", "content": null, member: "Hm \"so\"", "tool_calls": [call]});
            let answer =
                json!({"id": "c", "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]});
            let (bench, server, connection) = answering(answer).await;
            let mut comparison = bench.comparison(EndpointKind::Chat);
            comparison.lanes[0].connection = connection.id;
            comparison.draft.reasoning_back = back;
            let run = bench.world.engine.start_run(comparison, None).await.expect("a run");
            let cell = bench.over(&run.cells[0].id).await;
            let next = bench.world.engine.answer_calls(&cell.id, replies(&cell, "x")).await.expect("a step");
            bench.over(&next.id).await;
            let said = &body(&server.heard()[1])["messages"][1];
            assert_eq!(said["tool_calls"][0]["id"], "call_1");
            let other = if member == "reasoning" { "reasoning_content" } else { "reasoning" };
            assert_eq!(said.get(member), expected.then(|| json!("Hm \"so\"")).as_ref(), "{member} {back:?}");
            assert_eq!(said.get(other), None);
        }
    }
}

fn response(output: Value) -> Value {
    json!({"id": "resp_1", "object": "response", "status": "completed", "model": "m", "output": output})
}

#[tokio::test(flavor = "multi_thread")]
async fn reasoning_that_must_not_go_back_is_left_out_and_the_server_not_relied_on() {
    let long = "🌊\"\\".repeat(9_000);
    let reasoning = json!({"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": long});
    let call = json!({"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}", "status": "completed"});
    for (back, store, expected) in [
        (ReasoningBack::Never, None, json!([call])),
        (ReasoningBack::Never, Some("false"), json!([call])),
        (ReasoningBack::Usual, Some("false"), json!([reasoning, call])),
        (ReasoningBack::Always, Some("false"), json!([reasoning, call])),
        (ReasoningBack::Always, None, json!([])),
    ] {
        let (bench, server, connection) = answering(response(json!([reasoning, call]))).await;
        let mut comparison = bench.comparison(EndpointKind::Responses);
        comparison.lanes[0].connection = connection.id;
        comparison.draft.reasoning_back = back;
        comparison.draft.parameters.extend(store.map(|json| Parameter::new("store", json)));
        let run = bench.world.engine.start_run(comparison, None).await.expect("a run");
        let cell = bench.over(&run.cells[0].id).await;
        let next = bench.world.engine.answer_calls(&cell.id, replies(&cell, "x")).await.expect("a step");
        bench.over(&next.id).await;
        let sent = body(&server.heard()[1]);
        let is_alone = expected == json!([]);
        let question = if is_alone { vec![] } else { vec![json!({"role": "user", "content": "Why is the sky blue?"})] };
        let expected = [question, expected.as_array().expect("a list").clone(), outputs(&cell, "x")].concat();
        assert_eq!(sent["input"], json!(expected), "{back:?} {store:?}");
        assert_eq!(sent.get("previous_response_id").is_some(), is_alone, "{back:?} {store:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_call_is_answered_in_its_own_form() {
    let output = json!([
        {"id": "a", "type": "mcp_approval_request", "server_label": "s", "name": "pay", "arguments": "{}"},
        {"id": "c_1", "type": "custom_tool_call", "call_id": "custom", "name": "sql", "input": "SELECT 1"},
        {"id": "sh_1", "type": "shell_call", "call_id": "shell", "action": {"commands": ["ls"]}, "status": "completed"},
        {"id": "done", "type": "function_call", "call_id": "done", "name": "f", "arguments": "{}"},
        {"id": "done_o", "type": "function_call_output", "call_id": "done", "output": "by the server"},
    ]);
    let (bench, server, connection) = answering(response(output)).await;
    let mut comparison = bench.comparison(EndpointKind::Responses);
    comparison.lanes[0].connection = connection.id;
    let run = bench.world.engine.start_run(comparison, None).await.expect("a run");
    let cell = bench.over(&run.cells[0].id).await;
    let shell = json!({"type": "shell_call_output", "call_id": "shell", "output": [{"stdout": "a\n", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}], "max_output_length": 4.0});
    let with = |id: &str, reply: ToolReply| ToolResult { state: ToolResultState::Given { reply }, ..result(id, "") };
    let approval = ToolReply::Approval { approve: false, reason: "No \"money\"".into() };
    let good = vec![
        with("a", approval.clone()),
        result("custom", "one row"),
        with("shell", ToolReply::Item { json: shell.to_string() }),
    ];
    let refuse = |results: Vec<ToolResult>| {
        let (engine, id) = (bench.world.engine.clone(), cell.id.clone());
        async move { engine.answer_calls(&id, ToolReplies { choice: 0, results, arguments: vec![] }).await }
    };
    for wrong in [
        vec![result("a", "yes"), good[1].clone(), good[2].clone()],
        vec![good[0].clone(), with("custom", approval), good[2].clone()],
        vec![good[0].clone(), good[1].clone(), result("shell", "a")],
        vec![good[0].clone(), good[1].clone(), with("shell", ToolReply::Item { json: "[1]".into() })],
        vec![
            good[0].clone(),
            good[1].clone(),
            with("shell", ToolReply::Item { json: shell.to_string().replace("\"shell\"", "\"x\"") }),
        ],
        [good.clone(), vec![result("done", "again")]].concat(),
    ] {
        let refused = refuse(wrong).await;
        assert!(matches!(refused, Err(AppError::Invalid { .. })), "{refused:?}");
    }
    let next = refuse(good).await.expect("a step");
    bench.over(&next.id).await;
    let sent = body(&server.heard()[1]);
    assert_eq!(
        sent["input"],
        json!([
            {"type": "mcp_approval_response", "approval_request_id": "a", "approve": false, "reason": "No \"money\""},
            {"type": "custom_tool_call_output", "call_id": "custom", "output": "one row"},
            shell,
        ])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_has_the_answer_already() {
    let call = json!({"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"});
    let (bench, server, connection) = answering(response(json!([call]))).await;
    let mut comparison = bench.comparison(EndpointKind::Responses);
    comparison.lanes[0].connection = connection.id;
    comparison.lanes[0].overrides.push(Override::Set { parameter: Parameter::new("conversation", "\"conv_1\"") });
    let run = bench.world.engine.start_run(comparison, None).await.expect("a run");
    let cell = bench.over(&run.cells[0].id).await;
    let arguments = vec![ToolArguments { choice: 0, call: 0, text: "{\"x\":1}".into() }];
    let next = bench
        .world
        .engine
        .answer_calls(&cell.id, ToolReplies { arguments, ..replies(&cell, "x") })
        .await
        .expect("a step");
    let failed = bench.over(&next.id).await;
    assert!(
        matches!(&failed.error, Some(AppError::Invalid { field, .. }) if field == "arguments"),
        "{:?}",
        failed.error
    );
    let next = bench.world.engine.answer_calls(&cell.id, replies(&cell, "x")).await.expect("a step");
    bench.over(&next.id).await;
    let sent = body(&server.heard()[1]);
    assert_eq!((&sent["input"], sent.get("previous_response_id")), (&json!(outputs(&cell, "x")), None));
}
