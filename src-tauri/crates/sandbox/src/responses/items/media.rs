//! Images, code that draws, a screen that is used, and audio.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::answer::pieces_of;
use crate::responses::script::{TextKind, TextPart};
use crate::responses::spoken::message;
use crate::responses::{Script, Stage};

const PARTIAL: [&[u8]; 2] = [
    include_bytes!("../../content/lighthouse-partial-0.png"),
    include_bytes!("../../content/lighthouse-partial-1.png"),
];
const IMAGE: &[u8] = include_bytes!("../../content/lighthouse.png");
const SCREEN: &[u8] = include_bytes!("../../content/screen.png");
const CHART: &[u8] = include_bytes!("../../content/chart.png");

pub(super) fn scripts(stage: &mut Stage<'_>) -> Vec<Script> {
    vec![
        image(stage),
        broken_image(stage),
        code(stage),
        click(stage),
        screen_call(stage),
        screen_output(stage),
        audio(stage),
    ]
}

fn image(stage: &mut Stage<'_>) -> Script {
    let item = json!({ "id": stage.id("ig"), "type": "image_generation_call", "status": "completed",
        "result": STANDARD.encode(IMAGE), "revised_prompt": "A lighthouse on a headland at dusk, flat colours",
        "size": "512x320", "quality": "low", "output_format": "png", "background": "opaque", "action": "generate" });
    let mut script = Script::of(item)
        .beginning(json!({ "result": null }))
        .event("response.image_generation_call.in_progress", json!({}))
        .work("response.image_generation_call.generating");
    for (index, bytes) in PARTIAL.iter().enumerate() {
        let partial = json!({ "partial_image_index": index, "partial_image_b64": STANDARD.encode(bytes),
            "size": "512x320", "quality": "low", "output_format": "png", "background": "opaque" });
        script = script.work_with("response.image_generation_call.partial_image", partial);
    }
    script.work("response.image_generation_call.completed")
}

/// A failure has no event of its own: only the item says so.
fn broken_image(stage: &mut Stage<'_>) -> Script {
    let item = json!({ "id": stage.id("ig"), "type": "image_generation_call", "status": "failed", "result": null,
        "error": { "code": "moderation_blocked", "type": "image_generation_error", "message": "The prompt was refused." } });
    Script::of(item)
        .beginning(json!({ "error": null }))
        .event("response.image_generation_call.in_progress", json!({}))
        .work("response.image_generation_call.generating")
}

const CODE: &str = "import csv\n\nwith open(\"table.csv\") as table:\n    rows = list(csv.DictReader(table))\n\n\
    print(len(rows), \"rows\")\nchart(rows, \"tokens_per_second\")\n";

fn code(stage: &mut Stage<'_>) -> Script {
    let chart = format!("data:image/png;base64,{}", STANDARD.encode(CHART));
    let item = json!({ "id": stage.id("ci"), "type": "code_interpreter_call", "status": "completed",
        "container_id": "cntr_sandbox01", "code": CODE,
        "outputs": [{ "type": "logs", "logs": "4 rows\n" }, { "type": "image", "url": chart }] });
    Script::of(item)
        .beginning(json!({ "code": "", "outputs": null }))
        .event("response.code_interpreter_call.in_progress", json!({}))
        .deltas("response.code_interpreter_call_code.delta", json!({}), CODE)
        .event("response.code_interpreter_call_code.done", json!({ "code": CODE }))
        .work("response.code_interpreter_call.interpreting")
        .work("response.code_interpreter_call.completed")
}

/// As it was before one call could hold several actions.
fn click(stage: &mut Stage<'_>) -> Script {
    let item = json!({ "id": stage.id("cu"), "type": "computer_call", "call_id": "call_screen00", "status": "completed",
        "pending_safety_checks": [], "action": { "type": "click", "button": "left", "x": 520, "y": 110 } });
    Script::of(item)
}

fn screen_call(stage: &mut Stage<'_>) -> Script {
    let item = json!({ "id": stage.id("cu"), "type": "computer_call", "call_id": "call_screen01", "status": "completed",
        "pending_safety_checks": [{ "id": "sc_01", "code": "malicious_instructions",
            "message": "The page asks the model to do something that nobody asked for." }],
        "actions": [
            { "type": "screenshot" },
            { "type": "move", "x": 500, "y": 100 },
            { "type": "click", "button": "left", "x": 520, "y": 110 },
            { "type": "double_click", "x": 180, "y": 97 },
            { "type": "type", "text": "Grüezi \"Welt\"" },
            { "type": "keypress", "keys": ["CTRL", "A"] },
            { "type": "scroll", "x": 320, "y": 200, "scroll_x": 0, "scroll_y": 240 },
            { "type": "drag", "path": [{ "x": 80, "y": 200 }, { "x": 300, "y": 210 }] },
            { "type": "wait" },
        ] });
    Script::of(item)
}

fn screen_output(stage: &mut Stage<'_>) -> Script {
    let item = json!({ "id": stage.id("cuo"), "type": "computer_call_output", "call_id": "call_screen01",
        "status": "completed", "acknowledged_safety_checks": [{ "id": "sc_01" }],
        "output": { "type": "computer_screenshot", "image_url": format!("data:image/png;base64,{}", STANDARD.encode(SCREEN)) } });
    Script::of(item)
}

const SPOKEN: &str = "Three notes, one after the other.";

/// Audio belongs to the response and not to an item; it comes while the message is written.
fn audio(stage: &mut Stage<'_>) -> Script {
    let mut script = message(stage, TextPart::plain(TextKind::Output, pieces_of(SPOKEN)), None);
    for piece in pieces_of(SPOKEN) {
        script = script.event("response.audio.transcript.delta", json!({ "delta": piece.text }));
    }
    script = script.event("response.audio.transcript.done", json!({}));
    for bytes in notes().chunks(6_000) {
        script = script.work_with("response.audio.delta", json!({ "delta": STANDARD.encode(bytes) }));
    }
    script.event("response.audio.done", json!({}))
}

const RATE: u32 = 8_000;

/// A WAV file of three short notes: 16 bits, one channel.
fn notes() -> Vec<u8> {
    let mut samples = Vec::new();
    for frequency in [440.0, 554.37, 659.26_f64] {
        let length = RATE / 4;
        samples.extend((0..length).map(|at| {
            let time = f64::from(at) / f64::from(RATE);
            // Fades in and out, or it would click.
            let fade = (f64::from(at.min(length - at)) / 200.0).min(1.0);
            ((time * frequency * std::f64::consts::TAU).sin() * 9_000.0 * fade) as i16
        }));
    }
    let bytes = samples.len() as u32 * 2;
    let mut file = Vec::with_capacity(44 + bytes as usize);
    file.extend(b"RIFF");
    file.extend((36 + bytes).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    for half in [1_u16, 1] {
        file.extend(half.to_le_bytes());
    }
    file.extend(RATE.to_le_bytes());
    file.extend((RATE * 2).to_le_bytes());
    for half in [2_u16, 16] {
        file.extend(half.to_le_bytes());
    }
    file.extend(b"data");
    file.extend(bytes.to_le_bytes());
    file.extend(samples.into_iter().flat_map(i16::to_le_bytes));
    file
}
