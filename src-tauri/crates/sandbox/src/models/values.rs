//! Models that are no chat: their answers are plain JSON of every type.

use serde_json::{Map, Value, json};

#[derive(Debug)]
pub(crate) struct ValueModel {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) value: fn(&Map<String, Value>) -> Value,
}

pub(crate) const MODELS: &[ValueModel] = &[
    ValueModel {
        name: "value-object",
        description: "Generic inference: an object, nested.",
        value: |_| {
            json!({ "caption": "A lighthouse at dusk – “flat colours”", "objects": [
                { "label": "lighthouse", "score": 0.98, "box": [205, 38, 235, 140] },
                { "label": "headland", "score": 0.91, "box": [0, 120, 320, 200] },
            ], "unsafe": false, "language": null, "model": { "name": "sandbox", "version": "1.0" } })
        },
    },
    ValueModel {
        name: "value-array",
        description: "Generic inference: a list of unlike values.",
        value: |_| json!([0.12, -0.5, 3, "sunny", "日本語 \"quoted\" \\ 🌊", true, null, ["nested", []], { "label": "rain" }]),
    },
    ValueModel {
        name: "value-string",
        description: "Generic inference: a text.",
        value: |_| json!("A bare text is an answer too: with “quotes”, a \\ backslash,\nand a second line 🌊."),
    },
    ValueModel { name: "value-integer", description: "Generic inference: the number 7, bare.", value: |_| json!(7) },
    ValueModel { name: "value-number", description: "Generic inference: a fraction.", value: |_| json!(0.9375) },
    ValueModel { name: "value-boolean", description: "Generic inference: false, bare.", value: |_| json!(false) },
    ValueModel { name: "value-null", description: "Generic inference: null.", value: |_| Value::Null },
    ValueModel {
        name: "value-args",
        description: "Generic inference: the args it was given.",
        value: |args| args.clone().into(),
    },
];
