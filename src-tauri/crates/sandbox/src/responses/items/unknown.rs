//! What tomorrow's servers may send: nothing here must break a caller.

use serde_json::json;

use crate::answer::pieces_of;
use crate::responses::script::{TextKind, TextPart};
use crate::responses::spoken::message;
use crate::responses::{Script, Stage};

const MAP: &str = "isobars: 1012 1008 1004";

pub(super) fn scripts(stage: &mut Stage<'_>) -> Vec<Script> {
    let map = json!({ "id": stage.id("wm"), "type": "weather_map", "status": "folded",
        "layers": [{ "name": "Böen", "opacity": 0.5 }, { "name": "rain \"24 h\"", "opacity": null }],
        "text": MAP, "scale": 1e21, "big": 9_007_199_254_740_993_u64 });
    let map = Script::of(map)
        .beginning(json!({ "status": "unrolling" }))
        .event("response.weather_map.unrolling", json!({ "corner": 3 }))
        .deltas("response.weather_map_text.delta", json!({}), MAP)
        .event("response.weather_map_text.done", json!({ "text": MAP }))
        .event("response.folded", json!({ "by": "hand" }));
    let program = json!({ "id": stage.id("prog"), "type": "program", "call_id": "call_prog01",
        "code": "return await tools.get_weather({ city: 'Bern' })", "fingerprint": "0f1e2d" });
    let output = json!({ "id": stage.id("progo"), "type": "program_output", "call_id": "call_prog01", "status": "completed",
        "result": "11.5" });
    let tools = json!({ "id": stage.id("at"), "type": "additional_tools", "role": "developer", "tools": [] });
    // A message of an unknown role and status, with a part of an unknown kind beside the text.
    let mut odd = message(
        stage,
        TextPart::plain(TextKind::Output, pieces_of("Beside this text stands a part that is new.")),
        None,
    );
    let hologram = json!({ "type": "output_hologram", "depth": 3, "url": "https://example.org/hologram" });
    odd.closing["role"] = "narrator".into();
    odd.closing["status"] = "rehearsed".into();
    odd.closing["content"].as_array_mut().into_iter().for_each(|content| content.push(hologram.clone()));
    let odd = odd
        .event("response.content_part.added", json!({ "content_index": 1, "part": hologram }))
        .event("response.content_part.done", json!({ "content_index": 1, "part": hologram }));
    vec![map, Script::of(program), Script::of(output), Script::of(tools), odd]
}
