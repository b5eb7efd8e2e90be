//! Tools of the caller: functions, custom tools, and the search for them.

use serde_json::json;

use crate::answer::{Call, pieces_of};
use crate::responses::spoken::tool_call;
use crate::responses::{Script, Stage};

fn call(id: &str, name: &str, custom: bool, input: &str) -> Call {
    Call { id: id.to_owned(), name: name.to_owned(), custom, input: pieces_of(input) }
}

const QUERY: &str = "SELECT city, \"high °C\"\nFROM forecast\nWHERE day = '2026-03-14'\n  AND path LIKE 'C:\\\\%';";

pub(super) fn scripts(stage: &mut Stage<'_>) -> Vec<Script> {
    let searched = stage.id("call");
    let search = json!({ "id": stage.id("tsc"), "type": "tool_search_call", "call_id": searched, "execution": "server",
        "status": "completed", "arguments": { "query": "weather", "limit": 2 } });
    let found = json!({ "id": stage.id("tso"), "type": "tool_search_output", "call_id": searched, "execution": "server",
        "status": "completed", "tools": [
            { "type": "function", "name": "get_weather", "description": "The forecast of one day.", "strict": true,
              "parameters": { "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"],
                "additionalProperties": false } },
            { "type": "custom", "name": "run_query", "description": "Runs SQL on the forecasts." },
        ] });
    let (bern, oslo, query) = (stage.id("call"), stage.id("call"), stage.id("call"));
    let output = json!({ "id": stage.id("fco"), "type": "function_call_output", "call_id": bern, "status": "completed",
        "output": "{\"city\":\"Bern\",\"high\":11.5,\"text\":\"Föhn, “clear”\"}" });
    let parts = json!({ "id": stage.id("fco"), "type": "function_call_output", "call_id": oslo, "status": "completed",
        "output": [{ "type": "input_text", "text": "Oslo: 4 °C, snow" }] });
    let rows = json!({ "id": stage.id("ctco"), "type": "custom_tool_call_output", "call_id": query, "status": "completed",
        "output": "city | high °C\n-----|--------\nBern | 11.5\nOslo | 4" });
    vec![
        Script::of(search).beginning(json!({ "arguments": {} })),
        Script::of(found).beginning(json!({ "tools": [] })),
        tool_call(stage, call(&bern, "get_weather", false, "{\"city\":\"Bern\",\"days\":1}")),
        tool_call(stage, call(&oslo, "get_weather", false, "{\"city\":\"Oslo\",\"days\":1}")),
        tool_call(stage, call(&query, "run_query", true, QUERY)),
        Script::of(output),
        Script::of(parts),
        Script::of(rows),
    ]
}
