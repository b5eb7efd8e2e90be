//! What is said about an answer that does not match its schema: one sentence for each keyword.

use jsonschema::error::{TypeKind, ValidationErrorKind as Keyword};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use crate::json::{Kind, Node};

/// Characters of a value or a list that are repeated in a sentence.
const LONGEST: usize = 60;
/// Values of an `enum` that are named.
const MOST_OPTIONS: usize = 6;

/// A value with the text it was read from.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub node: &'a Node,
    pub source: &'a str,
}

/// `at` finds a value by its pointer; `error` is about `told`.
pub(super) fn sentence(error: &ValidationError<'_>, told: Told<'_>, at: &dyn Fn(&str) -> Option<Node>) -> String {
    let got = value(told);
    match error.kind() {
        Keyword::Type { kind } => format!("Expected {}, got {got}", types(kind)),
        Keyword::Enum { options } => format!("Expected {}, got {got}", choices(options)),
        Keyword::Constant { expected_value } => format!("Expected {}, got {got}", short(&expected_value.to_string())),
        Keyword::Required { property } => format!("The member {} is missing", short(&property.to_string())),
        Keyword::FalseSchema => "The schema allows nothing here".to_owned(),
        Keyword::AdditionalItems { limit } => too_many("element", *limit as u64),
        Keyword::MaxItems { limit } => too_many("element", *limit),
        Keyword::MaxProperties { limit } => too_many("member", *limit),
        Keyword::MinItems { limit } => too_few(told, *limit, "element"),
        Keyword::MinProperties { limit } => too_few(told, *limit, "member"),
        Keyword::MaxLength { limit } => {
            format!("Expected at most {}, got {}", count(*limit, "character"), length(told))
        }
        Keyword::MinLength { limit } => {
            format!("Expected at least {}, got {}", count(*limit, "character"), length(told))
        }
        Keyword::Maximum { limit } => format!("Expected at most {limit}, got {got}"),
        Keyword::Minimum { limit } => format!("Expected at least {limit}, got {got}"),
        Keyword::ExclusiveMaximum { limit } => format!("Expected less than {limit}, got {got}"),
        Keyword::ExclusiveMinimum { limit } => format!("Expected more than {limit}, got {got}"),
        Keyword::MultipleOf { multiple_of } => format!("Expected a multiple of {multiple_of}, got {got}"),
        Keyword::Pattern { pattern } => format!("Expected a text that matches {}, got {got}", short(pattern)),
        Keyword::Format { format } => format!("Expected a text in the format {format}, got {got}"),
        Keyword::UniqueItems => "Two elements of this list are equal".to_owned(),
        Keyword::Contains => "The list lacks an element that the schema wants, or has too many of them".to_owned(),
        Keyword::Not { .. } => format!("The schema forbids this value: {got}"),
        Keyword::AnyOf { context } | Keyword::OneOfNotValid { context } => none_fits(error, context, told, at),
        Keyword::OneOfMultipleValid { .. } => {
            "This fits more than one of the alternatives, and only one may fit".to_owned()
        }
        Keyword::PropertyNames { error } => {
            format!("The schema does not allow this name: {}", short(&error.instance().to_string()))
        }
        Keyword::UnevaluatedItems { .. } => "The list has elements that the schema does not allow".to_owned(),
        Keyword::ContentEncoding { content_encoding } => format!("Expected a text encoded as {content_encoding}"),
        Keyword::ContentMediaType { content_media_type } => format!("Expected a text of the type {content_media_type}"),
        Keyword::BacktrackLimitExceeded { .. } | Keyword::RegexEngineFailure { .. } => {
            "The pattern takes too long to check on this text".to_owned()
        }
        // Told for each member or with words of their own; what is left is rare, and the library says it well.
        Keyword::AdditionalProperties { .. }
        | Keyword::UnevaluatedProperties { .. }
        | Keyword::Custom { .. }
        | Keyword::FromUtf8 { .. }
        | Keyword::Referencing(_) => error.to_string(),
    }
}

pub(super) fn unknown_name(name: &str) -> String {
    format!("The schema does not allow a member named {}", short(&Value::from(name).to_string()))
}

pub(super) fn second_name(name: &str) -> String {
    format!(
        "The name {} stands here a second time. Readers disagree which of the two counts",
        short(&Value::from(name).to_string())
    )
}

/// The number that came is left out: a list that goes on would change it.
pub(super) fn too_many(what: &str, limit: u64) -> String {
    match limit {
        0 => format!("No {what} is allowed here"),
        _ => format!("At most {} allowed here", is_or_are(limit, what)),
    }
}

fn is_or_are(limit: u64, what: &str) -> String {
    format!("{} {}", count(limit, what), if limit == 1 { "is" } else { "are" })
}

fn too_few(told: Told<'_>, limit: u64, what: &str) -> String {
    let has = match &told.node.kind {
        Kind::List(items) => items.len(),
        Kind::Object(members) => members.len(),
        _ => 0,
    };
    format!("Expected at least {}, got {has}", count(limit, what))
}

fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn length(told: Told<'_>) -> String {
    told.node.string(told.source).map_or_else(|| value(told), |text| text.chars().count().to_string())
}

/// `the string "49,90"`, as it is spelled in the answer.
fn value(told: Told<'_>) -> String {
    let text = told.node.text(told.source);
    match &told.node.kind {
        Kind::Null | Kind::Boolean => text.to_owned(),
        Kind::Number => format!("the number {}", short(text)),
        Kind::Text => format!("the string {}", short_string(text)),
        Kind::List(items) if items.is_empty() => "an empty list".to_owned(),
        Kind::List(_) => "a list".to_owned(),
        Kind::Object(members) if members.is_empty() => "an empty object".to_owned(),
        Kind::Object(_) => "an object".to_owned(),
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A quote stands at the end, cut or not.
fn short_string(text: &str) -> String {
    let cut = short(text);
    if cut.len() == text.len() || cut.ends_with('"') { cut } else { format!("{cut}\"") }
}

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => name_of(*one).to_owned(),
        TypeKind::Multiple(several) => {
            let (null, others): (Vec<_>, Vec<_>) = several.into_iter().partition(|kind| *kind == JsonType::Null);
            one_of(others.into_iter().chain(null).map(name_of).map(str::to_owned).collect())
        }
    }
}

fn name_of(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Null => "null",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "a list",
        JsonType::Object => "an object",
    }
}

/// `a, b or c`, each once.
fn one_of(names: Vec<String>) -> String {
    let mut once: Vec<String> = Vec::new();
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    match once.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => "nothing".to_owned(),
    }
}

fn choices(options: &Value) -> String {
    let Some(options) = options.as_array() else { return short(&options.to_string()) };
    let named: Vec<String> = options.iter().take(MOST_OPTIONS).map(|option| short(&option.to_string())).collect();
    match options.len() {
        0 => "nothing".to_owned(),
        1 => named.concat(),
        all if all > MOST_OPTIONS => format!("one of {} or {} more", named.join(", "), all - MOST_OPTIONS),
        _ => format!("one of {}", one_of(named)),
    }
}

/// Says what is wrong with the alternative that comes nearest: one whose fault lies deepest, and of those the first.
fn none_fits(
    error: &ValidationError<'_>,
    context: &[Vec<ValidationError<'static>>],
    told: Told<'_>,
    at: &dyn Fn(&str) -> Option<Node>,
) -> String {
    let here = error.instance_path().as_str();
    let is_here = |fault: &ValidationError<'_>| fault.instance_path().as_str() == here;
    let mut wanted = Vec::new();
    for branch in context {
        match branch.as_slice() {
            [only] if is_here(only) => match only.kind() {
                Keyword::Type { kind } => wanted.push(types(kind)),
                _ => break,
            },
            _ => break,
        }
    }
    if !wanted.is_empty() && wanted.len() == context.len() {
        return format!("Expected {}, got {}", one_of(wanted), value(told));
    }
    let depth = |branch: &&Vec<ValidationError<'static>>| {
        let is_other = branch.iter().any(|fault| is_here(fault) && matches!(fault.kind(), Keyword::Type { .. }));
        (is_other, branch.len())
    };
    let none = format!("This fits none of {}", count(context.len() as u64, "alternative"));
    let Some(nearest) = context.iter().min_by_key(depth).and_then(|branch| branch.first()) else { return none };
    let place = nearest.instance_path().as_str().strip_prefix(here).unwrap_or_default();
    // What is within an alternative of an alternative would be a riddle.
    let is_plain = !matches!(nearest.kind(), Keyword::AnyOf { .. } | Keyword::OneOfNotValid { .. });
    match at(nearest.instance_path().as_str()) {
        Some(node) if is_plain => {
            let reason = match nearest.kind() {
                Keyword::AdditionalProperties { unexpected } | Keyword::UnevaluatedProperties { unexpected } => {
                    unknown_name(unexpected.first().map_or("", String::as_str))
                }
                _ => sentence(nearest, Told { node: &node, source: told.source }, at),
            };
            let place = if place.is_empty() { String::new() } else { format!("at {} ", short(place)) };
            format!("{none}. The nearest fails {place}: {reason}").replace(" :", ":")
        }
        _ => none,
    }
}
