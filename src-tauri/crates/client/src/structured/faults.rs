//! From what the validator finds in a value to places in the text.

use std::collections::HashSet;

use jsonschema::error::ValidationErrorKind as Keyword;
use jsonschema::{ValidationError, Validator};
use juxta_wire::schema::SchemaFault;
use serde_json::{Map, Number, Value};

use super::words::{self, Told};
use crate::json::{Kind, Member, Node, Place, lossy};

/// A complete value of an answer.
pub(super) struct Whole<'a> {
    /// The text of the value, and nothing else.
    pub source: &'a str,
    pub node: &'a Node,
    /// Where it begins in the answer.
    pub start: Place,
    /// JSON pointer of it within the answer.
    pub pointer: &'a str,
}

/// A fault with bytes of the value's text.
struct Found {
    span: std::ops::Range<usize>,
    pointer: String,
    schema_pointer: String,
    keyword: String,
    message: String,
}

/// At most `most` faults of a value. `part` is the pointer of the schema's part that `validator` was made from.
pub(super) fn find(
    whole: &Whole<'_>,
    value: &Value,
    validator: &Validator,
    part: &str,
    most: usize,
) -> Vec<SchemaFault> {
    let mut found = Vec::new();
    // Most values match, and a yes is much cheaper than a list without entries.
    if validator.is_valid(value) {
        return Vec::new();
    }
    for error in validator.iter_errors(value) {
        if found.len() >= most {
            break;
        }
        tell(whole, &error, part, &mut found);
    }
    placed(whole, found)
}

fn tell(whole: &Whole<'_>, error: &ValidationError<'_>, part: &str, found: &mut Vec<Found>) {
    let path = error.instance_path().as_str();
    let node = at(whole.node, path).unwrap_or(whole.node);
    // A reference leads to a place that is told from the root of the document.
    let within = error.schema_path().as_str();
    let schema_pointer = match error.evaluation_path().as_str() == within {
        true => format!("{part}{within}"),
        false => within.to_owned(),
    };
    let keyword = match error.kind() {
        // The library's own word for `false` in the place of a schema.
        Keyword::FalseSchema => "false".to_owned(),
        kind => kind.keyword().to_owned(),
    };
    let pointer = format!("{}{path}", whole.pointer);
    // Where a schema has no other word on members, the library tells of the first and calls it a false schema.
    if let (Keyword::FalseSchema, Kind::Object(members)) = (error.kind(), &node.kind)
        && within.ends_with("/additionalProperties")
        && !path.ends_with("/additionalProperties")
    {
        let mut seen = HashSet::new();
        for member in members.iter().filter(|member| seen.insert(&member.name)) {
            found.push(unknown(
                &member.name,
                member.name_span.clone(),
                &pointer,
                &schema_pointer,
                "additionalProperties",
            ));
        }
        return;
    }
    match error.kind() {
        Keyword::AdditionalProperties { unexpected } | Keyword::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                let span = member(node, name).map_or(node.span.clone(), |member| member.name_span.clone());
                found.push(unknown(name, span, &pointer, &schema_pointer, &keyword));
            }
        }
        kind => {
            let span = match kind {
                Keyword::MaxItems { limit } => element(node, *limit),
                Keyword::AdditionalItems { limit } => element(node, *limit as u64),
                Keyword::MaxProperties { limit } => name_behind(node, *limit),
                Keyword::PropertyNames { error } => {
                    error.instance().as_str().and_then(|name| member(node, name)).map(|member| member.name_span.clone())
                }
                _ => None,
            };
            let told = Told { node, source: whole.source };
            let message = words::sentence(error, told, &|path| at(whole.node, path).cloned());
            found.push(Found { span: span.unwrap_or(node.span.clone()), pointer, schema_pointer, keyword, message });
        }
    }
}

/// A member that the schema does not know, of the object at `pointer`.
fn unknown(name: &str, span: std::ops::Range<usize>, pointer: &str, schema_pointer: &str, keyword: &str) -> Found {
    Found {
        span,
        pointer: format!("{pointer}/{}", escaped(name)),
        schema_pointer: schema_pointer.to_owned(),
        keyword: keyword.to_owned(),
        message: words::unknown_name(name),
    }
}

/// Counts units once over the text, however many faults there are.
fn placed(whole: &Whole<'_>, found: Vec<Found>) -> Vec<SchemaFault> {
    let mut bytes: Vec<usize> = found.iter().flat_map(|found| [found.span.start, found.span.end]).collect();
    bytes.sort_unstable();
    bytes.dedup();
    let mut units = Vec::with_capacity(bytes.len());
    let mut place = whole.start;
    for byte in &bytes {
        place = place.behind(&whole.source[place.byte - whole.start.byte..*byte]);
        units.push(place.unit);
    }
    let unit = |byte: usize| bytes.binary_search(&byte).map_or(0, |index| units[index]) as u32;
    let fault = |found: Found| SchemaFault {
        start: unit(found.span.start),
        end: unit(found.span.end),
        pointer: found.pointer,
        schema_pointer: found.schema_pointer,
        keyword: found.keyword,
        message: found.message,
    };
    found.into_iter().map(fault).collect()
}

/// A step of a JSON pointer.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn at<'n>(node: &'n Node, pointer: &str) -> Option<&'n Node> {
    pointer.split('/').skip(1).try_fold(node, |node, step| match &node.kind {
        Kind::List(items) => items.get(step.parse::<usize>().ok()?),
        Kind::Object(_) => member(node, &step.replace("~1", "/").replace("~0", "~")).map(|member| &member.value),
        _ => None,
    })
}

/// Of two members of one name the first, which is the one that [`value_of`] takes.
fn member<'n>(node: &'n Node, name: &str) -> Option<&'n Member> {
    let Kind::Object(members) = &node.kind else { return None };
    members.iter().find(|member| member.name == name)
}

fn element(node: &Node, index: u64) -> Option<std::ops::Range<usize>> {
    let Kind::List(items) = &node.kind else { return None };
    items.get(usize::try_from(index).ok()?).map(|item| item.span.clone())
}

/// The name of the first member that is too many.
fn name_behind(node: &Node, limit: u64) -> Option<std::ops::Range<usize>> {
    let Kind::Object(members) = &node.kind else { return None };
    let mut seen = HashSet::new();
    let mut first_of_name = members.iter().filter(|member| seen.insert(member.name.as_str()));
    first_of_name.nth(usize::try_from(limit).ok()?).map(|member| member.name_span.clone())
}

/// The value as a validator wants it. A name that stands twice keeps its first value: that one was told of already.
pub(super) fn value_of(node: &Node, source: &str) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Boolean => Value::Bool(node.text(source) == "true"),
        Kind::Number => number(node.text(source)).into(),
        Kind::Text => lossy(node.text(source)).into(),
        Kind::List(items) => items.iter().map(|item| value_of(item, source)).collect(),
        Kind::Object(members) => {
            let mut object = Map::with_capacity(members.len());
            for member in members {
                object.entry(member.name.as_str()).or_insert_with(|| value_of(&member.value, source));
            }
            object.into()
        }
    }
}

/// A number that no float can hold becomes the largest one, which is past the same limits.
fn number(text: &str) -> Number {
    serde_json::from_str(text).unwrap_or_else(|_| {
        let largest = if text.starts_with('-') { f64::MIN } else { f64::MAX };
        Number::from_f64(largest).unwrap_or_else(|| Number::from(0))
    })
}
