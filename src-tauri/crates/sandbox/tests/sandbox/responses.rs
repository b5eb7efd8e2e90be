//! Responses: what a request can ask, and what comes before and after it.

use serde_json::{Value, json};

use crate::caller::{RESPONSES, Reply, ask, call, sandbox, stream};

/// The text of all messages.
fn text(response: &Value) -> String {
    let items = response["output"].as_array().into_iter().flatten();
    let parts = items.flat_map(|item| item["content"].as_array().into_iter().flatten());
    parts.filter(|part| part["type"] == "output_text").filter_map(|part| part["text"].as_str()).collect()
}

fn names(reply: &Reply) -> Vec<String> {
    reply.events().into_iter().map(|(name, _)| name).collect()
}

#[tokio::test]
async fn a_response_reads_exactly_like_this() {
    let sandbox = sandbox().await;
    let members = json!({ "metadata": { "project": "a \"demo\"" }, "instructions": "Be brief.", "truncation": "auto",
        "temperature": 0, "store": false });
    let reply = ask(&sandbox, RESPONSES[1], "sandbox/echo", members).await;
    assert_eq!((reply.status, reply.header("Content-Type")), (200, Some("application/json")));
    let created = reply.json()["created_at"].to_string();
    let id = reply.header("X-Request-Id").expect("an id").trim_start_matches("req_").to_owned();
    let text = reply.text().replace(&id, "ID").replace(&created, "0");
    let item = r#"{"id":"msg_ID01","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hi you","annotations":[],"logprobs":[]}]}"#;
    let expected = format!(
        r#"{{"id":"resp_ID","object":"response","created_at":0,"status":"completed","background":false,"completed_at":0,"error":null,"incomplete_details":null,"model":"sandbox/echo","output":[{item}],"instructions":"Be brief.","max_output_tokens":null,"max_tool_calls":null,"parallel_tool_calls":true,"previous_response_id":null,"prompt":null,"prompt_cache_key":null,"reasoning":{{"effort":null,"summary":null}},"safety_identifier":null,"service_tier":"default","store":false,"temperature":0,"text":{{"format":{{"type":"text"}},"verbosity":"medium"}},"tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":1.0,"truncation":"auto","user":null,"metadata":{{"project":"a \"demo\""}},"usage":{{"input_tokens":11,"input_tokens_details":{{"cached_tokens":0,"cache_write_tokens":0}},"output_tokens":2,"output_tokens_details":{{"reasoning_tokens":0}},"total_tokens":13}}}}"#
    );
    assert_eq!(text, expected);
}

#[tokio::test]
async fn a_stream_has_named_and_numbered_events_and_no_end_mark() {
    let sandbox = sandbox().await;
    let reply = stream(&sandbox, RESPONSES[0], "sandbox/echo", json!({})).await;
    let expected = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ];
    assert_eq!(names(&reply), expected);
    assert!(!reply.text().contains("[DONE]"));
    let (_, delta) = &reply.events()[4];
    let item = delta["item_id"].clone();
    assert_eq!(
        *delta,
        json!({ "type": "response.output_text.delta", "sequence_number": 4, "output_index": 0, "item_id": item,
            "content_index": 0, "delta": "Hi", "logprobs": [] })
    );
    let marked = call(
        sandbox.address(),
        "POST",
        RESPONSES[0],
        &[("x-sandbox-rate", "0"), ("x-sandbox-done", "true")],
        r#"{"model":"sandbox/echo","input":"x","stream":true}"#,
    )
    .await;
    assert!(marked.text().ends_with("data: [DONE]\n\n"), "when it is asked for");
}

#[tokio::test]
async fn deltas_are_padded_when_that_is_asked_for() {
    let sandbox = sandbox().await;
    let members = json!({ "stream_options": { "include_obfuscation": true } });
    let padded = stream(&sandbox, RESPONSES[1], "sandbox/items-tools", members).await;
    let deltas: Vec<_> = padded.events().into_iter().filter(|(name, _)| name.ends_with(".delta")).collect();
    assert!(deltas.iter().all(|(_, data)| data["obfuscation"].as_str().is_some_and(|padding| !padding.is_empty())));
    let plain = stream(&sandbox, RESPONSES[1], "sandbox/items-tools", json!({})).await;
    assert!(!plain.text().contains("obfuscation"));
    assert_eq!(names(&padded), names(&plain));
}

#[tokio::test]
async fn a_proxy_writes_data_lines_only() {
    let sandbox = sandbox().await;
    for path in RESPONSES {
        let reply = stream(&sandbox, path, "sandbox/fault/data-only", json!({})).await;
        let text = reply.text();
        assert!(!text.contains("event: ") && !text.contains("sequence_number"));
        assert!(text.ends_with("data: [DONE]\n\n"));
        let frames = reply.frames();
        assert_eq!(frames.first().map(|frame| &frame["type"]), Some(&json!("response.created")));
        assert_eq!(frames.last().map(|frame| &frame["type"]), Some(&json!("response.completed")));
        assert!(frames.iter().all(|frame| frame["model"].is_string()), "with a member that does not belong there");
    }
}

#[tokio::test]
async fn a_response_goes_on_from_the_one_it_names() {
    let sandbox = sandbox().await;
    let path = RESPONSES[0];
    let tool = json!({ "type": "function", "name": "get_weather", "parameters": {
        "type": "object", "properties": { "city": { "type": "string" } } } });
    let first = ask(&sandbox, path, "sandbox/tools", json!({ "tools": [tool.clone()] })).await.json();
    let calls: Vec<_> = first["output"].as_array().expect("items").iter().collect();
    assert_eq!(calls.len(), 2, "two at once, because nothing forbids it");
    assert!(calls.iter().all(|call| call["type"] == "function_call" && call["name"] == "get_weather"));

    let results: Vec<_> = calls
        .iter()
        .map(|call| json!({ "type": "function_call_output", "call_id": call["call_id"], "output": "“sunny”" }))
        .collect();
    let members = json!({ "input": results, "tools": [tool], "previous_response_id": first["id"] });
    let second = ask(&sandbox, path, "sandbox/tools", members).await.json();
    assert_eq!(text(&second).matches("“sunny”").count(), 2);
    assert_eq!(second["previous_response_id"], first["id"]);

    // The words of the whole chain are counted, and a chain can be longer than two.
    let members = json!({ "input": [], "previous_response_id": second["id"] });
    let third = ask(&sandbox, path, "sandbox/echo", members).await.json();
    assert_eq!(text(&third), "Hi you", "what the person said two responses ago");
    let count = |response: &Value| response["usage"]["input_tokens"].as_u64().expect("a count");
    assert!(count(&first) < count(&second) && count(&second) < count(&third));
}

#[tokio::test]
async fn a_dialogue_of_three_steps_uses_no_id_twice() {
    let sandbox = sandbox().await;
    let tool = |name: &str| json!({ "type": "function", "name": name, "parameters": { "type": "object" } });
    let tools = json!([tool("get_weather"), tool("get_time")]);
    let mut members = json!({ "tools": tools, "input": [{ "role": "user", "content": "Plan" }] });
    let (mut steps, mut ids) = (Vec::new(), Vec::new());
    let told = loop {
        let response = ask(&sandbox, RESPONSES[1], "sandbox/tools-steps", members.clone()).await.json();
        let items = response["output"].as_array().expect("items").clone();
        let calls: Vec<_> = items.iter().filter(|item| item["type"] == "function_call").collect();
        if calls.is_empty() {
            break text(&response);
        }
        steps.push(calls.len());
        ids.extend(calls.iter().map(|call| call["call_id"].to_string()));
        // All of it is sent again, as callers do that store nothing.
        let input = members["input"].as_array_mut().expect("a list");
        for call in &calls {
            input.push((*call).clone());
            input.push(json!({ "type": "function_call_output", "call_id": call["call_id"], "output": "known" }));
        }
    };
    assert_eq!(steps, [2, 1]);
    assert_eq!(told.matches("known").count(), 3);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn the_model_of_steps_refuses_calls_that_are_not_answered_once() {
    let sandbox = sandbox().await;
    let tools = json!([{ "type": "function", "name": "get_time" }]);
    let first = ask(&sandbox, RESPONSES[1], "sandbox/tools-steps", json!({ "tools": tools })).await.json();
    let ids: Vec<Value> =
        first["output"].as_array().expect("items").iter().map(|call| call["call_id"].clone()).collect();
    let output = |id: &Value| json!({ "type": "function_call_output", "call_id": id, "output": "noon" });
    let (one, other, unknown) = (output(&ids[0]), output(&ids[1]), output(&json!("call_of_nobody")));
    let cases = [
        (json!([one, other]), 200),
        (json!([one]), 400),
        (json!([one, other, other]), 400),
        (json!([one, other, unknown]), 400),
        (json!("Never mind"), 400),
    ];
    for (input, status) in cases {
        let members = json!({ "tools": tools, "input": input, "previous_response_id": first["id"] });
        let reply = ask(&sandbox, RESPONSES[1], "sandbox/tools-steps", members.clone()).await;
        assert_eq!(reply.status, status, "{input}");
        if status == 400 {
            assert_eq!(reply.json()["error"]["param"], "input");
            let forgiving = ask(&sandbox, RESPONSES[1], "sandbox/tools", members).await;
            assert_eq!(forgiving.status, 200, "the other models forgive");
        }
    }

    let call = json!({ "id": "call_1", "type": "function", "function": { "name": "get_time", "arguments": "{}" } });
    let asked = json!([{ "role": "user", "content": "x" }, { "role": "assistant", "tool_calls": [call] }]);
    let chat = ask(&sandbox, "/v5/chat/completions", "sandbox/tools-steps", json!({ "messages": asked })).await;
    assert_eq!((chat.status, chat.json()["detail"][0]["loc"].clone()), (422, json!(["body", "messages"])));
}

#[tokio::test]
async fn what_was_not_stored_cannot_be_gone_on_from() {
    let sandbox = sandbox().await;
    for path in RESPONSES {
        let forgotten = ask(&sandbox, path, "sandbox/short", json!({ "store": false })).await.json();
        for id in [forgotten["id"].clone(), json!("resp_of_nobody")] {
            let refused = ask(&sandbox, path, "sandbox/short", json!({ "previous_response_id": id })).await;
            assert_eq!(refused.status, 400);
            let error = &refused.json()["error"];
            assert_eq!(error["code"], "previous_response_not_found");
            assert_eq!(error["param"], "previous_response_id");
            assert!(error["message"].as_str().is_some_and(|text| text.contains(id.as_str().expect("an id"))));
        }
    }
}

#[tokio::test]
async fn a_limit_leaves_the_response_incomplete_and_says_why() {
    let sandbox = sandbox().await;
    let response = ask(&sandbox, RESPONSES[0], "sandbox/short", json!({ "max_output_tokens": 5 })).await.json();
    assert_eq!(response["status"], "incomplete");
    assert_eq!(response["incomplete_details"], json!({ "reason": "max_output_tokens" }));
    assert_eq!(response["completed_at"], Value::Null);
    assert_eq!(response["output"][0]["status"], "incomplete");
    assert_eq!(response["usage"]["output_tokens"], 5);

    let cut = stream(&sandbox, RESPONSES[0], "sandbox/items-shell", json!({ "max_output_tokens": 3 })).await;
    let (name, last) = cut.events().pop().expect("events");
    assert_eq!(name, "response.incomplete");
    assert_eq!(last["response"]["incomplete_details"]["reason"], "max_output_tokens");

    let filtered = ask(&sandbox, RESPONSES[1], "sandbox/filtered", json!({})).await.json();
    assert_eq!(filtered["incomplete_details"], json!({ "reason": "content_filter" }));
}

#[tokio::test]
async fn reasoning_is_told_as_it_is_or_as_a_summary_and_can_be_encrypted() {
    let sandbox = sandbox().await;
    let plain = ask(&sandbox, RESPONSES[0], "sandbox/reasoning", json!({})).await.json();
    let thoughts = &plain["output"][0];
    assert_eq!((&thoughts["type"], &thoughts["summary"]), (&json!("reasoning"), &json!([])));
    assert_eq!(thoughts["content"][0]["type"], "reasoning_text");
    assert!(plain["usage"]["output_tokens_details"]["reasoning_tokens"].as_u64() > Some(50));

    let members = json!({ "reasoning": { "effort": "high", "summary": "detailed" },
        "include": ["reasoning.encrypted_content"] });
    let reply = stream(&sandbox, RESPONSES[0], "sandbox/reasoning", members).await;
    let (_, last) = reply.events().pop().expect("events");
    let summed = &last["response"]["output"][0];
    assert!(summed.get("content").is_none());
    assert_eq!(summed["summary"].as_array().map(Vec::len), Some(6), "a part for each paragraph of high effort");
    assert!(summed["encrypted_content"].is_string());
    let deltas: String = reply
        .events()
        .iter()
        .filter(|(name, data)| name == "response.reasoning_summary_text.delta" && data["summary_index"] == 2)
        .filter_map(|(_, data)| data["delta"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(summed["summary"][2]["text"], deltas);
    let none = ask(&sandbox, RESPONSES[0], "sandbox/reasoning", json!({ "reasoning": { "effort": "none" } })).await;
    assert_eq!(none.json()["output"][0]["type"], "message");
}

#[tokio::test]
async fn the_format_of_the_text_is_followed() {
    let sandbox = sandbox().await;
    let schema =
        json!({ "type": "object", "properties": { "name": { "type": "string" }, "size": { "type": "integer" } } });
    let format = json!({ "format": { "type": "json_schema", "name": "thing", "schema": schema, "strict": true } });
    let response = ask(&sandbox, RESPONSES[1], "sandbox/json", json!({ "text": format })).await.json();
    let value: Value = serde_json::from_str(&text(&response)).expect("JSON");
    assert!(value["name"].is_string() && value["size"].is_i64());
    assert_eq!(response["text"]["format"], format["format"]);
    assert_eq!(response["text"]["verbosity"], "medium");
}

#[tokio::test]
async fn tools_are_flat_here_and_custom_ones_get_text() {
    let sandbox = sandbox().await;
    let custom = json!({ "type": "custom", "name": "note" });
    let hidden = json!({ "type": "namespace", "name": "clock", "tools": [{ "type": "function", "name": "get_time" }] });
    let names = |response: &Value| -> Vec<(Value, Value)> {
        let items = response["output"].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| (item["type"].clone(), item["name"].clone())).collect()
    };
    let members = json!({ "tools": [custom.clone(), hidden] });
    let both = ask(&sandbox, RESPONSES[0], "sandbox/tools", members).await.json();
    assert_eq!(names(&both), [(json!("custom_tool_call"), json!("note")), (json!("function_call"), json!("get_time"))]);
    assert!(both["output"][0]["input"].as_str().is_some_and(|text| !text.is_empty()));
    let members = json!({ "tools": [custom.clone()], "tool_choice": { "type": "custom", "name": "note" } });
    let forced = ask(&sandbox, RESPONSES[0], "sandbox/short", members).await.json();
    assert_eq!(names(&forced), [(json!("custom_tool_call"), json!("note"))]);

    let offered = json!({ "type": "custom", "custom": { "name": "note" } });
    let chat = ask(&sandbox, "/v5/chat/completions", "sandbox/tools", json!({ "tools": [offered] })).await.json();
    let call = &chat["choices"][0]["message"]["tool_calls"][0];
    assert_eq!((&call["type"], &call["custom"]["name"]), (&json!("custom"), &json!("note")));
}

#[tokio::test]
async fn log_probabilities_come_with_the_deltas_and_with_the_text() {
    let sandbox = sandbox().await;
    let members = json!({ "include": ["message.output_text.logprobs"], "top_logprobs": 3 });
    let reply = stream(&sandbox, RESPONSES[1], "sandbox/logprobs", members).await;
    let joined: Vec<Value> = reply
        .events()
        .iter()
        .filter(|(name, _)| name == "response.output_text.delta")
        .flat_map(|(_, data)| data["logprobs"].as_array().cloned().unwrap_or_default())
        .collect();
    assert!(joined.iter().all(|token| token["top_logprobs"].as_array().map(Vec::len) == Some(3)));
    let (_, last) = reply.events().pop().expect("events");
    assert_eq!(last["response"]["output"][0]["content"][0]["logprobs"], Value::from(joined));
}

#[tokio::test]
async fn a_refusal_is_a_part_of_its_own_in_every_form() {
    let sandbox = sandbox().await;
    let response = ask(&sandbox, RESPONSES[0], "sandbox/refusal", json!({})).await.json();
    let part = &response["output"][0]["content"][0];
    assert_eq!(part["type"], "refusal");
    let words = part["refusal"].as_str().expect("words");
    let chat = ask(&sandbox, "/v5/chat/completions", "sandbox/refusal", json!({})).await.json();
    let message = &chat["choices"][0]["message"];
    assert_eq!((&message["content"], &message["refusal"]), (&Value::Null, &json!(words)));
    let streamed = stream(&sandbox, "/v5/chat/completions", "sandbox/refusal", json!({})).await;
    let joined: String =
        streamed.deltas(0).iter().filter_map(|delta| delta["refusal"].as_str().map(str::to_owned)).collect();
    assert_eq!(joined, words);
    let prompted = ask(&sandbox, "/v5/completions", "sandbox/refusal", json!({})).await.json();
    assert_eq!(prompted["choices"][0]["text"], words, "where there is only text it is text");
}

#[tokio::test]
async fn failed_and_cancelled_are_states_of_the_response() {
    let sandbox = sandbox().await;
    for (model, event, status) in
        [("failed", "response.failed", "failed"), ("cancelled", "response.incomplete", "cancelled")]
    {
        let reply = stream(&sandbox, RESPONSES[0], &format!("sandbox/{model}"), json!({})).await;
        let (name, last) = reply.events().pop().expect("events");
        assert_eq!((name.as_str(), &last["response"]["status"]), (event, &json!(status)));
        assert_eq!(last["response"]["error"]["code"].is_string(), status == "failed");
        assert_eq!(last["response"]["output"][0]["status"], "incomplete");
    }
}

#[tokio::test]
async fn an_error_in_the_stream_is_an_event_with_its_number() {
    let sandbox = sandbox().await;
    for path in RESPONSES {
        let reply = stream(&sandbox, path, "sandbox/fault/error-in-stream", json!({})).await;
        let events = reply.events();
        let (name, error) = events.last().expect("events");
        assert_eq!(name, "error");
        assert_eq!(error["sequence_number"], events.len() as u64 - 1);
        assert!(error["message"].is_string() && error["code"].is_string() && error["param"].is_null());
        assert!(!reply.text().contains("[DONE]"));
        let first = stream(&sandbox, path, "sandbox/fault/error-first-frame", json!({})).await;
        assert_eq!(names(&first), ["error"]);
    }
}

#[tokio::test]
async fn what_runs_in_the_background_is_queued_and_can_be_asked_for() {
    let sandbox = sandbox().await;
    let path = "/v1/responses";
    let body = r#"{"model":"sandbox/echo","input":"Later, please","background":true}"#;
    let queued = call(sandbox.address(), "POST", path, &[("x-sandbox-rate", "0")], body).await.json();
    assert_eq!((&queued["status"], &queued["output"]), (&json!("queued"), &json!([])));
    assert_eq!(queued["background"], true);
    let find = async |id: &Value| {
        let path = format!("{path}/{}", id.as_str().expect("an id"));
        call(sandbox.address(), "GET", &path, &[], "").await
    };
    let done = find(&queued["id"]).await.json();
    assert_eq!((done["status"].clone(), text(&done)), (json!("completed"), "Later, please".to_owned()));
    assert_eq!(find(&json!("resp_of_nobody")).await.status, 404);

    let slow = call(sandbox.address(), "POST", path, &[("x-sandbox-rate", "0.01")], body).await.json();
    assert_eq!(find(&slow["id"]).await.json()["status"], "in_progress", "ten seconds are not over");

    let streamed = stream(&sandbox, path, "sandbox/short", json!({ "background": true })).await;
    let events = streamed.events();
    let states: Vec<_> =
        events[..3].iter().map(|(name, data)| (name.as_str(), data["response"]["status"].clone())).collect();
    assert_eq!(
        states,
        [
            ("response.created", json!("queued")),
            ("response.queued", json!("queued")),
            ("response.in_progress", json!("in_progress"))
        ]
    );
}

#[tokio::test]
async fn input_is_checked_item_by_item() {
    let sandbox = sandbox().await;
    let cases = [
        (json!(5), json!(["body", "input"]), "string_type"),
        (json!(["x"]), json!(["body", "input", 0]), "dict_type"),
        (json!([{ "role": "user" }]), json!(["body", "input", 0, "content"]), "missing"),
        (json!([{ "role": "king", "content": "x" }]), json!(["body", "input", 0, "role"]), "literal_error"),
        (
            json!([{ "type": "reasoning" }, { "type": "function_call_output", "output": "" }]),
            json!(["body", "input", 1, "call_id"]),
            "missing",
        ),
    ];
    for (input, location, kind) in cases {
        let refused = ask(&sandbox, RESPONSES[0], "sandbox/echo", json!({ "input": input })).await;
        assert_eq!(refused.status, 422, "{input}");
        let detail = refused.json()["detail"][0].clone();
        assert_eq!((&detail["loc"], &detail["type"]), (&location, &json!(kind)), "{input}");
    }
    let parts = json!([{ "role": "user", "content": [{ "type": "input_text", "text": "two" },
        { "type": "input_image", "image_url": "data:image/png;base64,AA==" }, { "type": "input_text", "text": "parts" }] },
        { "type": "of_tomorrow", "anything": null }]);
    let told = ask(&sandbox, RESPONSES[0], "sandbox/echo", json!({ "input": parts })).await.json();
    assert_eq!(text(&told), "two\nparts", "items that nobody knows pass");
}
