//! Every kind of output item and every event of a response's stream, from models with names.

use std::collections::{BTreeMap, BTreeSet};

use juxta_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::caller::{RESPONSES, ask, sandbox, stream};

/// The 25 kinds that the published schema names.
const KINDS: [&str; 25] = [
    "message",
    "file_search_call",
    "function_call",
    "function_call_output",
    "web_search_call",
    "computer_call",
    "computer_call_output",
    "reasoning",
    "tool_search_call",
    "tool_search_output",
    "compaction",
    "image_generation_call",
    "code_interpreter_call",
    "local_shell_call",
    "local_shell_call_output",
    "shell_call",
    "shell_call_output",
    "apply_patch_call",
    "apply_patch_call_output",
    "mcp_call",
    "mcp_list_tools",
    "mcp_approval_request",
    "mcp_approval_response",
    "custom_tool_call",
    "custom_tool_call_output",
];

/// Every event over server-sent events: the 53 of the schema, and the six that came later.
const EVENTS: [&str; 59] = [
    "error",
    "response.audio.delta",
    "response.audio.done",
    "response.audio.transcript.delta",
    "response.audio.transcript.done",
    "response.code_interpreter_call.completed",
    "response.code_interpreter_call.in_progress",
    "response.code_interpreter_call.interpreting",
    "response.code_interpreter_call_code.delta",
    "response.code_interpreter_call_code.done",
    "response.compaction.compacting",
    "response.completed",
    "response.content_part.added",
    "response.content_part.done",
    "response.created",
    "response.custom_tool_call_input.delta",
    "response.custom_tool_call_input.done",
    "response.failed",
    "response.file_search_call.completed",
    "response.file_search_call.in_progress",
    "response.file_search_call.searching",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.image_generation_call.completed",
    "response.image_generation_call.generating",
    "response.image_generation_call.in_progress",
    "response.image_generation_call.partial_image",
    "response.in_progress",
    "response.incomplete",
    "response.mcp_call.completed",
    "response.mcp_call.failed",
    "response.mcp_call.in_progress",
    "response.mcp_call_arguments.delta",
    "response.mcp_call_arguments.done",
    "response.mcp_list_tools.completed",
    "response.mcp_list_tools.failed",
    "response.mcp_list_tools.in_progress",
    "response.output_item.added",
    "response.output_item.done",
    "response.output_text.annotation.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.queued",
    "response.reasoning_summary_part.added",
    "response.reasoning_summary_part.done",
    "response.reasoning_summary_text.delta",
    "response.reasoning_summary_text.done",
    "response.reasoning_text.delta",
    "response.reasoning_text.done",
    "response.refusal.delta",
    "response.refusal.done",
    "response.shell_call_command.added",
    "response.shell_call_command.delta",
    "response.shell_call_command.done",
    "response.shell_call_output_content.delta",
    "response.shell_call_output_content.done",
    "response.web_search_call.completed",
    "response.web_search_call.in_progress",
    "response.web_search_call.searching",
];

/// The models that show items, and those of the others that have an event of their own.
fn models(sandbox: &Sandbox) -> Vec<String> {
    let shows = |id: &str| id.starts_with("sandbox/items-");
    let mut models: Vec<_> = sandbox.models().into_iter().map(|model| model.id).filter(|id| shows(id)).collect();
    let others = ["refusal", "filtered", "failed", "cancelled", "reasoning", "fault/error-in-stream"];
    models.extend(others.iter().map(|name| format!("sandbox/{name}")));
    models
}

#[tokio::test]
async fn every_kind_of_item_and_every_event_comes_from_a_model() {
    let sandbox = sandbox().await;
    for path in RESPONSES {
        let (mut kinds, mut names) = (BTreeSet::new(), BTreeSet::new());
        for model in models(&sandbox) {
            let background = json!({ "background": model == "sandbox/refusal" });
            for (name, data) in stream(&sandbox, path, &model, background).await.events() {
                assert_eq!(data["type"], name, "the name is the type");
                if name == "response.output_item.done" {
                    kinds.insert(data["item"]["type"].as_str().expect("a type").to_owned());
                }
                names.insert(name);
            }
        }
        let missing: Vec<_> = KINDS.iter().filter(|kind| !kinds.contains(**kind)).collect();
        assert!(missing.is_empty(), "{path}: no item of the kinds {missing:?}");
        let missing: Vec<_> = EVENTS.iter().filter(|name| !names.contains(**name)).collect();
        assert!(missing.is_empty(), "{path}: no event of the types {missing:?}");
    }
}

/// What the deltas of an item must join to: the event, and the member of the item that is whole in the end.
const JOINED: &[(&str, &str)] = &[
    ("response.output_text.delta", "/content/0/text"),
    ("response.refusal.delta", "/content/0/refusal"),
    ("response.reasoning_text.delta", "/content/0/text"),
    ("response.function_call_arguments.delta", "/arguments"),
    ("response.mcp_call_arguments.delta", "/arguments"),
    ("response.custom_tool_call_input.delta", "/input"),
    ("response.code_interpreter_call_code.delta", "/code"),
];

#[tokio::test]
async fn what_streams_is_what_stands_in_the_item_and_in_the_response() {
    let sandbox = sandbox().await;
    let mut joined = 0;
    for model in models(&sandbox) {
        let whole = ask(&sandbox, RESPONSES[1], &model, json!({})).await;
        let events = stream(&sandbox, RESPONSES[1], &model, json!({})).await.events();
        let numbers: Vec<_> = events.iter().map(|(_, data)| data["sequence_number"].as_u64()).collect();
        let expected: Vec<_> = (0..events.len() as u64).map(Some).collect();
        assert_eq!(numbers, expected, "{model}: numbered from zero without gaps");

        let mut items: BTreeMap<u64, Value> = BTreeMap::new();
        let mut texts: BTreeMap<(u64, &str), String> = BTreeMap::new();
        for (name, data) in &events {
            let Some(index) = data["output_index"].as_u64() else { continue };
            match name.as_str() {
                "response.output_item.added" => assert!(items.insert(index, data["item"].clone()).is_none(), "once"),
                "response.output_item.done" => {
                    let added = items.insert(index, data["item"].clone()).expect("it was added before");
                    assert_eq!((&added["id"], &added["type"]), (&data["item"]["id"], &data["item"]["type"]));
                }
                _ => {
                    if let Some(id) = data.get("item_id") {
                        assert_eq!(*id, items[&index]["id"], "{name}");
                    }
                    if let Some((name, _)) = JOINED.iter().find(|(delta, _)| delta == name) {
                        let text = texts.entry((index, name)).or_default();
                        text.push_str(data["delta"].as_str().expect("text"));
                    }
                }
            }
        }
        for ((index, name), text) in &texts {
            let (_, pointer) = JOINED.iter().find(|(delta, _)| delta == name).expect("one of them");
            if model != "sandbox/fault/error-in-stream" {
                assert_eq!(items[index].pointer(pointer), Some(&json!(text)), "{model}: {name}");
                joined += 1;
            }
        }
        let (last, data) = events.last().expect("events");
        if last == "error" {
            assert_eq!(whole.status, 502);
            continue;
        }
        let response = &data["response"];
        assert_eq!(response["output"], items.into_values().collect::<Value>(), "{model}: the last event holds all");
        assert_eq!(steady(&whole.json()), steady(response), "{model}: whole and streamed are the same");
    }
    assert!(joined > 10);
}

/// A response without the part of its ids that is the request's.
fn steady(response: &Value) -> String {
    let own = response["id"].as_str().and_then(|id| id.strip_prefix("resp_")).expect("an id");
    response.to_string().replace(own, "ID")
}

#[tokio::test]
async fn annotations_of_all_four_kinds_come_one_by_one_and_stand_in_the_text() {
    let sandbox = sandbox().await;
    let events = stream(&sandbox, RESPONSES[0], "sandbox/items-text", json!({})).await.events();
    let added: Vec<Value> = events
        .iter()
        .filter(|(name, _)| name == "response.output_text.annotation.added")
        .map(|(_, data)| data["annotation"].clone())
        .collect();
    let kinds: Vec<_> = added.iter().map(|annotation| annotation["type"].as_str().unwrap_or_default()).collect();
    assert_eq!(kinds, ["url_citation", "file_citation", "container_file_citation", "file_path"]);
    let (_, last) = events.last().expect("events");
    let messages: Vec<_> =
        last["response"]["output"].as_array().into_iter().flatten().filter(|item| item["type"] == "message").collect();
    assert_eq!(messages[0]["phase"], "commentary");
    assert_eq!(messages[1]["phase"], "final_answer");
    let part = &messages[1]["content"][0];
    assert_eq!(part["annotations"], Value::from(added.clone()));
    let characters: Vec<char> = part["text"].as_str().expect("text").chars().collect();
    let at = |name: &str| added[0][name].as_u64().expect("an index") as usize;
    assert_eq!(characters[at("start_index")..at("end_index")].iter().collect::<String>(), "[1]");
}

#[tokio::test]
async fn a_failed_tool_call_is_spelled_as_each_dialect_spells_it() {
    let sandbox = sandbox().await;
    let mut errors = Vec::new();
    for path in RESPONSES {
        let response = ask(&sandbox, path, "sandbox/items-mcp", json!({})).await.json();
        let failed = |item: &&Value| item["type"] == "mcp_call" && item["status"] == "failed";
        let item = response["output"].as_array().into_iter().flatten().find(failed).expect("a failed call").clone();
        errors.push(item["error"].clone());
    }
    assert!(errors[0].is_string(), "Scale's documents have a text");
    assert_eq!(errors[1]["type"], "mcp_tool_execution_error");
}

#[tokio::test]
async fn models_that_show_items_say_so_where_there_are_none() {
    let sandbox = sandbox().await;
    let reply = ask(&sandbox, "/v5/chat/completions", "sandbox/items-media", json!({})).await.json();
    let text = reply["choices"][0]["message"]["content"].as_str().expect("text");
    assert!(text.contains("responses endpoint"), "{text}");
}
