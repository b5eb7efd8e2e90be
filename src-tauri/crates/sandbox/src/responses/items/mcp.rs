//! Tools behind servers that speak MCP.

use juxta_wire::endpoint::Dialect;
use serde_json::{Value, json};

use crate::responses::{Script, Stage};

pub(super) fn scripts(stage: &mut Stage<'_>) -> Vec<Script> {
    let request = json!({ "id": stage.id("mcpr"), "type": "mcp_approval_request", "server_label": "forecasts",
        "name": "delete_forecast", "arguments": "{\"city\":\"Bern\",\"day\":\"2026-03-14\"}" });
    let answer = json!({ "id": stage.id("mcpa"), "type": "mcp_approval_response", "approval_request_id": request["id"],
        "approve": true, "reason": "It is out of date." });
    let good = json!({ "output": "{\"city\":\"Bern\",\"high\":11.5}", "error": null, "status": "completed",
        "approval_request_id": null });
    let bad = json!({ "output": null, "error": error(stage.order.dialect), "status": "failed",
        "approval_request_id": request["id"] });
    vec![
        list(stage, "forecasts", true),
        list(stage, "archive", false),
        call(stage, "get_forecast", "{\"city\":\"Bern\"}", good, "response.mcp_call.completed"),
        Script::of(request),
        Script::of(answer),
        call(stage, "delete_forecast", "{\"city\":\"Bern\",\"day\":\"2026-03-14\"}", bad, "response.mcp_call.failed"),
    ]
}

/// Scale's documents have a text here, OpenAI's an object.
fn error(dialect: Dialect) -> Value {
    let text = "The forecast is locked by somebody else.";
    match dialect {
        Dialect::OpenAi => {
            json!({ "type": "mcp_tool_execution_error", "content": [{ "type": "text", "text": text }] })
        }
        Dialect::ScaleV5 | Dialect::ScaigridV1 => text.into(),
    }
}

fn list(stage: &mut Stage<'_>, server: &str, works: bool) -> Script {
    let tool = |name: &str, description: &str, changes: bool| {
        json!({ "name": name, "description": description, "annotations": { "readOnlyHint": !changes },
            "input_schema": { "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] } })
    };
    let tools = match works {
        true => json!([
            tool("get_forecast", "The forecast of a city.", false),
            tool("delete_forecast", "Deletes a forecast. Cannot be undone.", true),
        ]),
        false => json!([]),
    };
    let mut item = json!({ "id": stage.id("mcpl"), "type": "mcp_list_tools", "server_label": server, "tools": tools });
    if !works {
        item["error"] = "The server did not answer within 10 seconds.".into();
    }
    let end = if works { "response.mcp_list_tools.completed" } else { "response.mcp_list_tools.failed" };
    Script::of(item)
        .beginning(json!({ "tools": [], "error": null }))
        .event("response.mcp_list_tools.in_progress", json!({}))
        .work(end)
}

fn call(stage: &mut Stage<'_>, name: &str, arguments: &str, result: Value, end: &'static str) -> Script {
    let mut item = json!({ "id": stage.id("mcp"), "type": "mcp_call", "server_label": "forecasts", "name": name,
        "arguments": arguments });
    for (member, value) in crate::responses::script::members(result) {
        item[member.as_str()] = value;
    }
    Script::of(item)
        .beginning(json!({ "arguments": "", "output": null, "error": null }))
        .event("response.mcp_call.in_progress", json!({}))
        .deltas("response.mcp_call_arguments.delta", json!({}), arguments)
        .event("response.mcp_call_arguments.done", json!({ "arguments": arguments }))
        .work(end)
}
