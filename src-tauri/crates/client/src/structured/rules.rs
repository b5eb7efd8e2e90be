//! A schema made ready: the validators of its parts, and what was left out of it.

use jsonschema::{Validator, ValidatorMap};
use serde_json::{Map, Value};

use super::map::SchemaMap;

/// Above this many parts the schema is only used as a whole, and faults wait for the end: each part costs a validator of
/// its own, and parts that refer to others cost theirs again.
const MOST_PARTS: usize = 1_000;

pub(super) struct Rules {
    whole: Validator,
    parts: Option<ValidatorMap>,
    pub(super) map: SchemaMap,
    /// References that lead out of the document. They are never fetched.
    pub(super) not_checked: Vec<String>,
}

impl Rules {
    /// # Errors
    /// Why nothing can be checked by this schema, in a sentence for people.
    pub(super) fn new(schema: &Value) -> Result<Self, String> {
        let mut schema = schema.clone();
        let facts = Facts::of(&mut schema);
        let not_checked = without_remote(&mut schema, &facts);
        // Formats are told although newer drafts call them notes: who writes one wants to know.
        let options = jsonschema::options().should_validate_formats(true).offline();
        let unusable = |error: jsonschema::ValidationError<'static>| {
            let at = error.instance_path().as_str();
            let place = if at.is_empty() { String::new() } else { format!(" At {at}:") };
            format!("The schema that was sent cannot be used.{place} {error}.")
        };
        let whole = options.build(&schema).map_err(unusable)?;
        let is_split = facts.is_plain && facts.parts <= MOST_PARTS;
        let parts = if is_split { Some(options.build_map(&schema).map_err(unusable)?) } else { None };
        let map = SchemaMap::new(schema, facts.draft, parts.is_some());
        Ok(Self { whole, parts, map, not_checked })
    }

    pub(super) fn whole(&self) -> &Validator {
        &self.whole
    }

    /// The validator of the part at a JSON pointer.
    pub(super) fn validator(&self, pointer: &str) -> Option<&Validator> {
        self.parts.as_ref()?.get(&format!("#{pointer}"))
    }
}

/// What matters of the many drafts here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Draft {
    /// Nothing beside a `$ref` holds.
    pub(super) ref_alone: bool,
    /// `items` may be a list of schemas, and there is no `prefixItems`.
    pub(super) items_list: bool,
}

struct Facts {
    draft: Draft,
    ids: Vec<String>,
    /// What a reference means does not depend on where the reader comes from.
    is_plain: bool,
    parts: usize,
}

impl Facts {
    fn of(schema: &mut Value) -> Self {
        let dialect = schema["$schema"].as_str().unwrap_or_default().to_owned();
        let named = |names: &[&str]| names.iter().any(|name| dialect.contains(name));
        let ref_alone = named(&["draft-04", "draft-06", "draft-07"]);
        let mut facts = Self {
            draft: Draft { ref_alone, items_list: ref_alone || named(&["2019-09"]) },
            ids: Vec::new(),
            is_plain: true,
            parts: 0,
        };
        visit(schema, &mut |members| {
            facts.parts += 1;
            let id = ["$id", "id"].into_iter().find_map(|key| members.get(key).and_then(Value::as_str));
            facts.is_plain &= id.is_none() || facts.parts == 1;
            facts.is_plain &= !["$dynamicRef", "$recursiveRef"].iter().any(|key| members.contains_key(*key));
            facts.ids.extend(id.map(|id| id.trim_end_matches('#').to_owned()));
        });
        facts
    }

    fn is_within(&self, reference: &str) -> bool {
        let document = reference.split('#').next().unwrap_or_default();
        let is_known = |id: &String| id == document || id.ends_with(&format!("/{document}"));
        document.is_empty() || is_meta(document) || self.ids.iter().any(is_known)
    }
}

fn is_meta(address: &str) -> bool {
    ["http://json-schema.org/", "https://json-schema.org/"].iter().any(|start| address.starts_with(start))
}

/// Takes out the references to other documents, and says which they were.
fn without_remote(schema: &mut Value, facts: &Facts) -> Vec<String> {
    let mut left_out = Vec::new();
    visit(schema, &mut |members| {
        for key in ["$ref", "$dynamicRef", "$recursiveRef"] {
            let Some(reference) = members.get(key).and_then(Value::as_str) else { continue };
            if facts.is_within(reference) {
                continue;
            }
            left_out.push(reference.to_owned());
            if facts.draft.ref_alone {
                members.clear();
            } else {
                members.remove(key);
            }
        }
        if let Some(dialect) = members.get("$schema").and_then(Value::as_str).filter(|dialect| !is_meta(dialect)) {
            left_out.push(dialect.to_owned());
            members.remove("$schema");
        }
    });
    left_out.sort();
    left_out.dedup();
    left_out
}

/// Keywords whose members have names of their own.
const BY_NAME: &[&str] =
    &["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"];
/// Keywords that hold values, not schemas.
const VALUES: &[&str] = &["enum", "const", "default", "examples", "example"];

/// Every schema within a schema, outer ones first.
fn visit(schema: &mut Value, see: &mut impl FnMut(&mut Map<String, Value>)) {
    match schema {
        Value::Object(members) => {
            see(members);
            for (key, value) in members.iter_mut() {
                match value {
                    Value::Object(named) if BY_NAME.contains(&key.as_str()) => {
                        named.values_mut().for_each(|schema| visit(schema, see));
                    }
                    _ if VALUES.contains(&key.as_str()) => {}
                    _ => visit(value, see),
                }
            }
        }
        Value::Array(schemas) => schemas.iter_mut().for_each(|schema| visit(schema, see)),
        _ => {}
    }
}
