//! Models that answer by the schema they were sent, each but the first with one thing wrong.

use serde_json::{Map, Value};

use super::speak_json;
use crate::answer::{Reply, pieces_of};
use crate::request::{Format, Order};
use crate::sample;

#[derive(Debug)]
pub(crate) struct SchemaModel {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    wrong: Wrong,
}

/// What an answer has wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Nothing,
    /// A value that no `enum` of the schema has.
    Enum,
    Type,
    /// A member that the schema does not know.
    Member,
    /// Stops in the middle, as with too small a limit of tokens.
    Cut,
    Words,
    Fence,
}

pub(crate) const MODELS: &[SchemaModel] = &[
    SchemaModel {
        name: "schema-valid",
        description: "Answers by the schema that was sent, slowly enough to watch.",
        wrong: Wrong::Nothing,
    },
    SchemaModel {
        name: "schema-wrong-enum",
        description: "By the schema, but one value is none of its enum.",
        wrong: Wrong::Enum,
    },
    SchemaModel {
        name: "schema-wrong-type",
        description: "By the schema, but one number comes as a string.",
        wrong: Wrong::Type,
    },
    SchemaModel {
        name: "schema-unknown-key",
        description: "By the schema, with a member that it does not know.",
        wrong: Wrong::Member,
    },
    SchemaModel {
        name: "schema-cut",
        description: "By the schema, but out of tokens in the middle.",
        wrong: Wrong::Cut,
    },
    SchemaModel { name: "schema-words", description: "Sentences where JSON was asked for.", wrong: Wrong::Words },
    SchemaModel {
        name: "schema-fence",
        description: "JSON by the schema, within a Markdown fence.",
        wrong: Wrong::Fence,
    },
];

impl SchemaModel {
    pub(crate) fn answer(&self, order: &Order, seed: u64) -> Reply {
        let (schema, mut value) = match &order.format {
            Format::Text => return speak_json(order, seed),
            Format::JsonObject => (Value::Null, sample::free_object(seed)),
            Format::JsonSchema(schema) => (schema.clone(), sample::value(schema, seed)),
        };
        let root = Schema { root: &schema, at: &schema };
        match self.wrong {
            Wrong::Enum => _ = root.break_one(&mut value, &mut wrong_choice),
            // A number reads best; without one, any text or truth will do.
            Wrong::Type => {
                _ = root.break_one(&mut value, &mut number_as_text) || root.break_one(&mut value, &mut other_type);
            }
            Wrong::Member => _ = root.break_one(&mut value, &mut unknown_member),
            Wrong::Nothing | Wrong::Cut | Wrong::Words | Wrong::Fence => {}
        }
        let text = format!("{value:#}");
        match self.wrong {
            Wrong::Cut => {
                let mut content = pieces_of(&text);
                content.truncate(content.len() * 3 / 5);
                Reply { content, cut: true, ..Reply::default() }
            }
            Wrong::Words => {
                Reply::text("Of course. Here is what you asked for, in words: it is all there, and none of it is JSON.")
            }
            Wrong::Fence => Reply::text(&format!("```json\n{text}\n```")),
            Wrong::Nothing | Wrong::Enum | Wrong::Type | Wrong::Member => Reply::text(&text),
        }
    }
}

/// A place in a schema, with the document that references in it point into.
#[derive(Clone, Copy)]
struct Schema<'schema> {
    root: &'schema Value,
    at: &'schema Value,
}

impl<'schema> Schema<'schema> {
    fn to(self, at: &'schema Value) -> Self {
        let target = at["$ref"].as_str().and_then(|pointer| pointer.strip_prefix('#'));
        Self { at: target.and_then(|pointer| self.root.pointer(pointer)).unwrap_or(at), ..self }
    }

    /// Lets `wrong` change the first value that it wants to, inner ones and later elements first, so that the fault
    /// stands in the middle of the answer.
    fn break_one(self, value: &mut Value, wrong: &mut impl FnMut(&Value, &mut Value) -> bool) -> bool {
        let here = self.to(self.at);
        let within = match &mut *value {
            Value::Object(members) => {
                members.iter_mut().any(|(name, member)| here.to(&here.at["properties"][name]).break_one(member, wrong))
            }
            Value::Array(items) => items.iter_mut().rev().any(|item| here.to(&here.at["items"]).break_one(item, wrong)),
            _ => false,
        };
        within || wrong(here.at, value)
    }
}

fn wrong_choice(schema: &Value, value: &mut Value) -> bool {
    let Some(choices) = schema["enum"].as_array() else { return false };
    let others = ["blue", "something else"].map(Value::from);
    let Some(other) = others.into_iter().find(|other| !choices.contains(other)) else { return false };
    *value = other;
    true
}

fn number_as_text(schema: &Value, value: &mut Value) -> bool {
    let is_number = matches!(schema["type"].as_str(), Some("number" | "integer"));
    if is_number {
        *value = "49,90".into();
    }
    is_number
}

fn other_type(schema: &Value, value: &mut Value) -> bool {
    let other = match schema["type"].as_str() {
        Some("string") => 12.into(),
        Some("boolean") => "yes".into(),
        _ => return false,
    };
    *value = other;
    true
}

fn unknown_member(schema: &Value, value: &mut Value) -> bool {
    let is_closed = schema["additionalProperties"] == Value::Bool(false);
    let Some(members) = value.as_object_mut().filter(|_| is_closed) else { return false };
    // In the middle, as a model would do it.
    let known = std::mem::replace(members, Map::new());
    let half = known.len() / 2;
    for (index, (name, member)) in known.into_iter().enumerate() {
        if index == half {
            members.insert("comment".into(), "The schema does not know this member.".into());
        }
        members.insert(name, member);
    }
    members.entry("comment").or_insert_with(|| "The schema does not know this member.".into());
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn broken(wrong: impl FnMut(&Value, &mut Value) -> bool) -> (Value, Value) {
        let schema = json!({ "type": "object", "additionalProperties": false, "$defs": { "colour": { "enum": ["red", "blue"] } },
            "properties": { "items": { "type": "array", "items": { "type": "object", "properties": {
                "price": { "type": "number" }, "colour": { "$ref": "#/$defs/colour" },
            } } }, "paid": { "type": "boolean" } } });
        let whole = sample::value(&schema, 3);
        let mut value = whole.clone();
        let mut wrong = wrong;
        assert!(Schema { root: &schema, at: &schema }.break_one(&mut value, &mut wrong));
        (whole, value)
    }

    #[test]
    fn one_place_is_wrong_and_the_rest_is_not() {
        let (mut whole, value) = broken(wrong_choice);
        assert_eq!(value["items"][1]["colour"], "something else");
        whole["items"][1]["colour"] = value["items"][1]["colour"].clone();
        assert_eq!(whole, value);

        let (mut whole, value) = broken(number_as_text);
        assert_eq!(value["items"][1]["price"], "49,90");
        whole["items"][1]["price"] = "49,90".into();
        assert_eq!(whole, value);

        let (whole, mut value) = broken(unknown_member);
        assert!(value.as_object_mut().expect("an object").remove("comment").is_some());
        assert_eq!(whole, value);
    }
}
