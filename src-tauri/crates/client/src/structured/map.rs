//! Which parts of a schema hold for a value, whatever text may still come.
//!
//! `properties`, `additionalProperties`, `items`, `prefixItems`, `allOf` and `$ref` hold without a condition. What
//! stands below `anyOf`, `if`, `not` or `patternProperties` does not, or not certainly, and is not followed.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::rules::Draft;

/// A part of the schema, by its number in the map.
pub(super) type Part = usize;

/// Parts of a schema, read when they are first needed.
pub(super) struct SchemaMap {
    schema: Value,
    draft: Draft,
    parts: Vec<(String, Option<Arc<Held>>)>,
    by_pointer: HashMap<String, Part>,
}

/// What a part says about a container, as far as it holds without a condition.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Parts that hold for the same value.
    same: Vec<Part>,
    properties: HashMap<String, Part>,
    additional: Additional,
    prefix: Vec<Part>,
    rest: Option<Part>,
    most_items: Option<u64>,
    most_properties: Option<u64>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Additional {
    #[default]
    Open,
    Forbidden,
    Part(Part),
}

/// What is certain to hold for one value.
#[derive(Debug, Default, Clone)]
pub(super) struct Certain {
    /// Each with what it says, those that it leads to among them.
    held: Vec<(Part, Arc<Held>)>,
}

impl SchemaMap {
    /// With `follows` false nothing is certain before the end.
    pub(super) fn new(schema: Value, draft: Draft, follows: bool) -> Self {
        let mut map = Self { schema, draft, parts: Vec::new(), by_pointer: HashMap::new() };
        if follows {
            map.part(String::new());
        }
        map
    }

    pub(super) fn root(&self) -> Vec<Part> {
        if self.parts.is_empty() { Vec::new() } else { vec![0] }
    }

    pub(super) fn pointer(&self, part: Part) -> &str {
        &self.parts[part].0
    }

    fn part(&mut self, pointer: String) -> Part {
        if let Some(part) = self.by_pointer.get(&pointer) {
            return *part;
        }
        self.parts.push((pointer.clone(), None));
        self.by_pointer.insert(pointer, self.parts.len() - 1);
        self.parts.len() - 1
    }

    /// Everything that certainly holds where `parts` hold.
    pub(super) fn certain(&mut self, parts: &[Part]) -> Certain {
        let mut certain = Certain::default();
        let mut waiting = parts.to_vec();
        while let Some(part) = waiting.pop() {
            if certain.held.iter().any(|(known, _)| *known == part) {
                continue;
            }
            let held = self.held(part);
            waiting.extend(&held.same);
            certain.held.push((part, held));
        }
        certain
    }

    fn held(&mut self, part: Part) -> Arc<Held> {
        let (pointer, known) = &self.parts[part];
        if let Some(held) = known {
            return Arc::clone(held);
        }
        let pointer = pointer.clone();
        let held = Arc::new(self.read(&pointer));
        self.parts[part].1 = Some(Arc::clone(&held));
        held
    }

    fn read(&mut self, pointer: &str) -> Held {
        let Some(Value::Object(members)) = self.schema.pointer(pointer).cloned() else { return Held::default() };
        let mut held = Held::default();
        let target = members.get("$ref").and_then(Value::as_str).map(str::to_owned);
        if let Some(target) = &target {
            held.same.extend(self.target(target));
            if self.draft.ref_alone {
                return held;
            }
        }
        let at = |steps: &[&str]| {
            steps.iter().fold(pointer.to_owned(), |path, step| path + "/" + &step.replace('~', "~0").replace('/', "~1"))
        };
        let count = |key: &str| members.get(key).and_then(Value::as_array).map_or(0, Vec::len);
        for index in 0..count("allOf") {
            held.same.push(self.part(at(&["allOf", &index.to_string()])));
        }
        if let Some(Value::Object(properties)) = members.get("properties") {
            for name in properties.keys() {
                held.properties.insert(name.clone(), self.part(at(&["properties", name])));
            }
        }
        // Which names a pattern takes is for the validator to say.
        if !members.contains_key("patternProperties") {
            held.additional = match members.get("additionalProperties") {
                Some(Value::Bool(false)) => Additional::Forbidden,
                Some(Value::Object(_)) => Additional::Part(self.part(at(&["additionalProperties"]))),
                _ => Additional::Open,
            };
        }
        let (prefix, rest) = match (self.draft.items_list, members.get("items")) {
            (true, Some(Value::Array(_))) => ("items", "additionalItems"),
            (true, _) => ("", "items"),
            (false, _) => ("prefixItems", "items"),
        };
        for index in 0..count(prefix) {
            held.prefix.push(self.part(at(&[prefix, &index.to_string()])));
        }
        if matches!(members.get(rest), Some(Value::Object(_))) {
            held.rest = Some(self.part(at(&[rest])));
        }
        held.most_items = members.get("maxItems").and_then(whole);
        held.most_properties = members.get("maxProperties").and_then(whole);
        held
    }

    /// The part that a reference within the document names; `None` for the forms that are left to the validator.
    fn target(&mut self, reference: &str) -> Option<Part> {
        let pointer = reference.strip_prefix('#').filter(|pointer| pointer.is_empty() || pointer.starts_with('/'))?;
        if pointer.contains('%') {
            return None;
        }
        self.schema.pointer(pointer)?;
        Some(self.part(pointer.to_owned()))
    }
}

fn whole(limit: &Value) -> Option<u64> {
    limit
        .as_u64()
        .or_else(|| limit.as_f64().filter(|limit| limit.fract() == 0.0 && *limit >= 0.0).map(|limit| limit as u64))
}

impl Certain {
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// What holds for the member of that name.
    pub(super) fn member(&self, name: &str) -> Vec<Part> {
        let additional = |held: &Held| match held.additional {
            Additional::Part(part) => Some(part),
            Additional::Open | Additional::Forbidden => None,
        };
        once(self.held.iter().filter_map(|(_, held)| held.properties.get(name).copied().or_else(|| additional(held))))
    }

    /// What holds for the element at that place.
    pub(super) fn element(&self, index: usize) -> Vec<Part> {
        once(self.held.iter().filter_map(|(_, held)| held.prefix.get(index).copied().or(held.rest)))
    }

    /// Parts that allow no member of that name.
    pub(super) fn forbidding(&self, name: &str) -> impl Iterator<Item = Part> {
        let forbids =
            move |held: &Held| held.additional == Additional::Forbidden && !held.properties.contains_key(name);
        self.held.iter().filter(move |(_, held)| forbids(held)).map(|(part, _)| *part)
    }

    /// Parts that allow only `count` elements.
    pub(super) fn ending_items_at(&self, count: usize) -> impl Iterator<Item = Part> {
        self.held.iter().filter(move |(_, held)| held.most_items == Some(count as u64)).map(|(part, _)| *part)
    }

    /// Parts that allow only `count` members.
    pub(super) fn ending_members_at(&self, count: usize) -> impl Iterator<Item = Part> {
        self.held.iter().filter(move |(_, held)| held.most_properties == Some(count as u64)).map(|(part, _)| *part)
    }
}

fn once(parts: impl Iterator<Item = Part>) -> Vec<Part> {
    let mut found: Vec<Part> = Vec::new();
    for part in parts {
        if !found.contains(&part) {
            found.push(part);
        }
    }
    found
}
