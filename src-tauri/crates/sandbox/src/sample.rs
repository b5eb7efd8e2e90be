//! Values that fit a JSON schema, for tool arguments and structured answers.

use serde_json::{Map, Value, json};

use crate::chance::Chance;

const CITIES: &[&str] = &["Bern", "Oslo", "Lisbon", "Kyoto", "Nairobi", "Montreal", "Tallinn"];
const WORDS: &[&str] = &["amber", "harbour", "lantern", "meadow", "orchard", "ripple", "summit", "willow"];
const DAYS: &[&str] = &["2026-03-14", "2026-05-09", "2026-08-21", "2026-11-02"];

/// How deep a schema is followed. A schema may contain itself.
const DEEPEST: usize = 8;

/// A value for `schema`. The same seed gives the same value.
pub(crate) fn value(schema: &Value, seed: u64) -> Value {
    Sampler { root: schema, chance: Chance::new(seed) }.value("value", schema, 0)
}

struct Sampler<'schema> {
    root: &'schema Value,
    chance: Chance,
}

impl Sampler<'_> {
    fn value(&mut self, name: &str, schema: &Value, depth: usize) -> Value {
        if depth > DEEPEST {
            return Value::Null;
        }
        if let Some(fixed) = schema.get("const") {
            return fixed.clone();
        }
        if let Some(choices) = schema["enum"].as_array().filter(|choices| !choices.is_empty()) {
            return choices[self.chance.below(choices.len())].clone();
        }
        if let Some(pointer) = schema["$ref"].as_str() {
            let target = pointer.strip_prefix('#').and_then(|path| self.root.pointer(path)).cloned();
            return self.value(name, &target.unwrap_or(Value::Null), depth + 1);
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            if let Some(first) = schema[key].as_array().and_then(|options| options.first()) {
                return self.value(name, &first.clone(), depth + 1);
            }
        }
        match kind(schema) {
            "object" => self.object(schema, depth),
            "array" => self.array(name, schema, depth),
            "integer" => self.integer(schema).into(),
            "number" => (self.integer(schema) as f64 + if schema.get("maximum").is_some() { 0.0 } else { 0.5 }).into(),
            "boolean" => (self.chance.below(2) == 0).into(),
            "null" => Value::Null,
            _ => self.text(name, schema).into(),
        }
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let mut object = Map::new();
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            object.insert(name.clone(), self.value(name, member, depth + 1));
        }
        object.into()
    }

    fn array(&mut self, name: &str, schema: &Value, depth: usize) -> Value {
        let least = schema["minItems"].as_u64().unwrap_or(2);
        let most = schema["maxItems"].as_u64().unwrap_or(u64::MAX);
        let length = least.max(2).min(most).min(64);
        (0..length).map(|_| self.value(name, &schema["items"], depth + 1)).collect()
    }

    fn integer(&mut self, schema: &Value) -> i64 {
        let bound = |key: &str, step: i64| schema.get(key).and_then(Value::as_f64).map(|bound| bound as i64 + step);
        let least = bound("minimum", 0).or(bound("exclusiveMinimum", 1)).unwrap_or(1);
        let most = bound("maximum", 0).or(bound("exclusiveMaximum", -1)).unwrap_or(least.saturating_add(24)).max(least);
        let span = usize::try_from(most.saturating_sub(least)).unwrap_or(1000).min(1000);
        least + self.chance.below(span + 1) as i64
    }

    fn text(&mut self, name: &str, schema: &Value) -> String {
        let mut pick = |words: &[&str]| words[self.chance.below(words.len())].to_owned();
        let format = schema["format"].as_str().unwrap_or_default();
        let text = match (format, name.to_ascii_lowercase().as_str()) {
            ("date", _) | (_, "date" | "day") => pick(DAYS),
            ("date-time", _) => format!("{}T09:30:00Z", pick(DAYS)),
            ("email", _) | (_, "email") => format!("{}@example.org", pick(WORDS)),
            ("uri", _) | (_, "url" | "uri") => format!("https://example.org/{}", pick(WORDS)),
            (_, "city" | "location" | "place" | "town") => pick(CITIES),
            (_, "unit" | "units") => "celsius".to_owned(),
            _ => format!("{} {}", pick(WORDS), pick(WORDS)),
        };
        let most = schema["maxLength"].as_u64().map_or(usize::MAX, |most| most as usize);
        let least = schema["minLength"].as_u64().unwrap_or(0).min(4096) as usize;
        let mut text: String = text.chars().take(most).collect();
        while text.chars().count() < least {
            text.push('.');
        }
        text
    }
}

/// The type to make. A list of types means any of them; a schema without one is an object when it has members.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null"),
        _ if schema.get("properties").is_some() => "object",
        _ => "string",
    }
}

/// What a caller gets that asked for JSON without saying what should be in it.
pub(crate) fn free_object(seed: u64) -> Value {
    let mut chance = Chance::new(seed);
    let first_token = 120 + chance.below(200);
    let tokens = 40 + chance.below(400);
    json!({
        "topic": "streaming",
        "summary": "Tokens are sent as they are made, so reading can begin before writing ends.",
        "measurements": { "time_to_first_token_ms": first_token, "tokens": tokens, "tokens_per_second": 80 },
        "keywords": ["server-sent events", "delta", "finish reason"],
        "simulated": true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_fits_its_schema() {
        let schema = json!({ "type": "object", "$defs": { "place": { "type": "string", "maxLength": 3 } }, "properties": {
            "city": { "type": "string" }, "unit": { "enum": ["celsius", "kelvin"] },
            "days": { "type": "integer", "minimum": 1, "maximum": 3 }, "exact": { "const": 4 },
            "tags": { "type": "array", "items": { "type": "boolean" }, "minItems": 3 },
            "maybe": { "type": ["null", "number"] }, "where": { "$ref": "#/$defs/place" },
        }});
        for seed in 0..50 {
            let sample = value(&schema, seed);
            assert!(CITIES.contains(&sample["city"].as_str().expect("text")));
            assert!(["celsius", "kelvin"].contains(&sample["unit"].as_str().expect("text")));
            assert!((1..=3).contains(&sample["days"].as_i64().expect("whole")));
            assert_eq!(sample["exact"], 4);
            assert_eq!(sample["tags"].as_array().expect("list").len(), 3);
            assert!(sample["tags"][0].is_boolean());
            assert!(sample["maybe"].is_number());
            assert_eq!(sample["where"].as_str().expect("text").len(), 3);
            assert_eq!(value(&schema, seed), sample, "the same seed gives the same value");
        }
    }

    #[test]
    fn a_schema_that_contains_itself_ends() {
        let schema = json!({ "type": "object", "properties": { "next": { "$ref": "#" } } });
        assert!(value(&schema, 0)["next"].is_object());
    }
}
