//! Which parameter of one endpoint is which of another. A parameter that is not here goes along under its own name where
//! the endpoint has one of that name, and not at all where it has not.

use EndpointKind::{Chat, Completions, Generate, Responses};
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::exchange::SentKey;
use juxta_wire::params::ParameterTable;

use super::json_text::{items, list, members, object, quoted, text_of};
use super::shapes;

/// A parameter of the draft, and what it is seen with.
pub struct Source<'a> {
    pub json: &'a str,
    /// All keys of the lane.
    pub keys: &'a [SentKey],
    /// The endpoint it goes to.
    pub table: &'a ParameterTable,
}

impl Source<'_> {
    pub fn has(&self, name: &str) -> bool {
        self.table.parameters.iter().any(|spec| spec.name == name)
    }

    /// What the lane sends for another parameter.
    fn beside(&self, name: &str) -> Option<&str> {
        self.keys.iter().find(|key| key.name == name).map(|key| key.json.trim())
    }
}

/// What becomes of a parameter.
#[derive(Debug, PartialEq)]
pub enum Fate {
    /// Goes here, with this value. A path with a point is a member of an object.
    Sent { to: &'static str, json: String },
    /// Another parameter of the draft, which goes here, says it along.
    Said { to: &'static str },
    /// What the model is told before the messages.
    Lead { text: String },
    /// Not sent; `member` says which part of it, empty for all.
    Lost { member: String, message: &'static str },
}

/// One row of the table.
pub struct Rule {
    pub from: &'static [EndpointKind],
    pub to: &'static [EndpointKind],
    pub name: &'static str,
    pub how: How,
}

pub enum How {
    /// The same value under the first of these names that the endpoint has.
    As(&'static [&'static str]),
    Made(fn(&Source<'_>) -> Vec<Fate>),
}

const PROMPT: &[EndpointKind] = &[Completions, Generate];

const fn rule(from: &'static [EndpointKind], to: &'static [EndpointKind], name: &'static str, how: How) -> Rule {
    Rule { from, to, name, how }
}

pub const RULES: &[Rule] = &[
    rule(&[Chat], &[Responses], "max_completion_tokens", How::As(&["max_output_tokens"])),
    rule(&[Chat], &[Responses], "max_tokens", How::Made(|one| older_limit(one, "max_output_tokens"))),
    rule(&[Chat], PROMPT, "max_completion_tokens", How::As(&["max_tokens"])),
    rule(&[Chat], PROMPT, "max_tokens", How::Made(|one| older_limit(one, "max_tokens"))),
    rule(&[Responses], &[Chat], "max_output_tokens", How::As(&["max_completion_tokens", "max_tokens"])),
    rule(&[Responses], PROMPT, "max_output_tokens", How::As(&["max_tokens"])),
    rule(PROMPT, &[Responses], "max_tokens", How::As(&["max_output_tokens"])),
    rule(&[Chat], &[Responses], "reasoning_effort", How::As(&["reasoning.effort"])),
    rule(&[Responses], &[Chat], "reasoning", How::Made(reasoning_parts)),
    rule(&[Chat], &[Responses], "response_format", How::Made(response_format)),
    rule(&[Chat], &[Responses], "verbosity", How::As(&["text.verbosity"])),
    rule(&[Responses], &[Chat], "text", How::Made(text_parts)),
    rule(&[Chat], &[Responses], "tools", How::Made(|one| tools(shapes::flat_tools(one.json)))),
    rule(&[Responses], &[Chat], "tools", How::Made(|one| tools(shapes::nested_tools(one.json)))),
    rule(&[Chat], &[Responses], "tool_choice", How::Made(|one| choice(shapes::flat_choice(one.json)))),
    rule(&[Responses], &[Chat], "tool_choice", How::Made(nested_choice)),
    rule(&[Chat], &[Responses], "functions", How::Made(|_| lost(OLD_FUNCTIONS))),
    rule(&[Chat], &[Responses], "function_call", How::Made(|_| lost(OLD_FUNCTIONS))),
    rule(&[Chat], &[Responses], "logprobs", How::Made(logprobs_to_include)),
    rule(&[Chat], PROMPT, "logprobs", How::Made(logprobs_to_number)),
    rule(&[Chat], PROMPT, "top_logprobs", How::Made(top_logprobs_to_number)),
    rule(PROMPT, &[Chat], "logprobs", How::Made(number_to_logprobs)),
    rule(PROMPT, &[Responses], "logprobs", How::Made(number_to_include)),
    rule(&[Responses], &[Chat], "include", How::Made(include_to_logprobs)),
    rule(&[Chat, Completions], &[Responses], "stream_options", How::Made(stream_options)),
    rule(&[Responses], &[Chat, Completions, Generate], "instructions", How::Made(instructions)),
];

const OLD_FUNCTIONS: &str = "Responses know tools only, not this older form.";
const OTHER_FORM: &str = "Its value has a form that is not known here.";
const LOGPROBS: &str = "message.output_text.logprobs";

fn sent(to: &'static str, json: impl Into<String>) -> Fate {
    Fate::Sent { to, json: json.into() }
}

fn lost(message: &'static str) -> Vec<Fate> {
    vec![lost_member("", message)]
}

fn lost_member(member: &str, message: &'static str) -> Fate {
    Fate::Lost { member: member.to_owned(), message }
}

fn older_limit(one: &Source<'_>, to: &'static str) -> Vec<Fate> {
    match one.beside("max_completion_tokens") {
        Some(_) => lost("max_completion_tokens says it, and is sent."),
        None => vec![sent(to, one.json)],
    }
}

fn reasoning_parts(one: &Source<'_>) -> Vec<Fate> {
    let Some(members) = members(one.json) else { return lost(OTHER_FORM) };
    let parts = members.into_iter().map(|member| match member.name.as_str() {
        "effort" => sent("reasoning_effort", member.json),
        name => lost_member(name, "A chat can only be told the effort."),
    });
    parts.collect()
}

fn response_format(one: &Source<'_>) -> Vec<Fate> {
    shapes::flat_format(one.json).map_or_else(|| lost(OTHER_FORM), |json| vec![sent("text.format", json)])
}

fn text_parts(one: &Source<'_>) -> Vec<Fate> {
    let Some(members) = members(one.json) else { return lost(OTHER_FORM) };
    let parts = members.into_iter().map(|member| match member.name.as_str() {
        "format" => match shapes::nested_format(&member.json) {
            Some(json) => sent("response_format", json),
            None => lost_member("format", OTHER_FORM),
        },
        "verbosity" => sent("verbosity", member.json),
        name => lost_member(name, "A chat has no such setting."),
    });
    parts.collect()
}

fn tools(tools: Option<shapes::Tools>) -> Vec<Fate> {
    let Some(tools) = tools else { return lost(OTHER_FORM) };
    let is_empty = tools.kept == 0 && !tools.lost.is_empty();
    let lost =
        tools.lost.iter().map(|(at, _)| lost_member(&format!("[{at}]"), "A tool of this type has no form here."));
    let mut fates: Vec<Fate> = lost.collect();
    if !is_empty {
        fates.insert(0, sent("tools", tools.json));
    }
    fates
}

fn choice(json: Option<String>) -> Vec<Fate> {
    json.map_or_else(|| lost(OTHER_FORM), |json| vec![sent("tool_choice", json)])
}

fn nested_choice(one: &Source<'_>) -> Vec<Fate> {
    let tools = one.beside("tools").and_then(shapes::nested_tools);
    if tools.is_some_and(|tools| tools.kept == 0 && !tools.lost.is_empty()) {
        return lost("None of the tools goes along, so there is nothing to choose.");
    }
    match shapes::nested_choice(one.json) {
        Some(json) => vec![sent("tool_choice", json)],
        None => lost("A chat can choose its own functions only."),
    }
}

fn logprobs_to_include(one: &Source<'_>) -> Vec<Fate> {
    match one.json.trim() {
        "true" => vec![sent("include", list(&[quoted(LOGPROBS)]))],
        _ => lost("Responses send log probabilities only when they are asked to, so there is nothing to say."),
    }
}

fn logprobs_to_number(one: &Source<'_>) -> Vec<Fate> {
    match (one.json.trim(), one.beside("top_logprobs")) {
        ("true", Some(number)) if number != "null" => vec![sent("logprobs", number)],
        ("true", _) => vec![sent("logprobs", "0")],
        _ => {
            lost("Here log probabilities are only sent when a number of them is asked for, so there is nothing to say.")
        }
    }
}

fn top_logprobs_to_number(one: &Source<'_>) -> Vec<Fate> {
    match one.beside("logprobs") {
        // Both are one number here.
        Some("true") => vec![Fate::Said { to: "logprobs" }],
        _ => lost("Without logprobs it has no meaning."),
    }
}

fn number_to_logprobs(one: &Source<'_>) -> Vec<Fate> {
    match one.json.trim() {
        "null" => vec![sent("logprobs", "null")],
        "0" => vec![sent("logprobs", "true")],
        number => vec![sent("logprobs", "true"), sent("top_logprobs", number)],
    }
}

fn number_to_include(one: &Source<'_>) -> Vec<Fate> {
    let include = || sent("include", list(&[quoted(LOGPROBS)]));
    match one.json.trim() {
        "null" => lost("Responses send log probabilities only when they are asked to, so there is nothing to say."),
        "0" => vec![include()],
        number => vec![include(), sent("top_logprobs", number)],
    }
}

fn include_to_logprobs(one: &Source<'_>) -> Vec<Fate> {
    let Some(items) = items(one.json) else { return lost(OTHER_FORM) };
    let parts = items.iter().enumerate().map(|(at, item)| match text_of(item).as_deref() {
        Some(LOGPROBS) => sent("logprobs", "true"),
        _ => lost_member(&format!("[{at}]"), "A chat has nothing of this kind to include."),
    });
    parts.collect()
}

fn stream_options(one: &Source<'_>) -> Vec<Fate> {
    let Some(members) = members(one.json) else { return lost(OTHER_FORM) };
    let (mut kept, mut fates) = (Vec::new(), Vec::new());
    for member in members {
        match member.name.as_str() {
            "include_usage" => {
                fates.push(lost_member("include_usage", "Responses always tell their tokens at the end."))
            }
            _ if one.has("stream_options") => kept.push(member),
            name => fates.push(lost_member(name, "This endpoint has no such option.")),
        }
    }
    if !kept.is_empty() {
        fates.insert(0, sent("stream_options", object(&kept)));
    }
    fates
}

fn instructions(one: &Source<'_>) -> Vec<Fate> {
    match text_of(one.json) {
        Some(text) => vec![Fate::Lead { text }],
        None => lost("It is no text."),
    }
}

/// The row for a parameter.
pub fn find_rule(from: EndpointKind, to: EndpointKind, name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name && rule.from.contains(&from) && rule.to.contains(&to))
}

#[cfg(test)]
mod tests {
    use juxta_wire::endpoint::Dialect;
    use juxta_wire::params;

    use super::*;

    #[test]
    fn every_rule_begins_and_ends_at_parameters_that_there_are() {
        let has = |endpoint: EndpointKind, name: &str| {
            let mut tables = Dialect::ALL.into_iter().map(|dialect| params::table(endpoint, dialect));
            tables.any(|table| table.parameters.iter().any(|spec| spec.name == name))
        };
        for (at, rule) in RULES.iter().enumerate() {
            assert!(rule.from.iter().any(|endpoint| has(*endpoint, rule.name)), "{}", rule.name);
            if let How::As(names) = rule.how {
                for name in names {
                    let top = name.split('.').next().expect("a name");
                    assert!(rule.to.iter().any(|endpoint| has(*endpoint, top)), "{name}");
                }
            }
            let again = RULES[..at].iter().any(|other| {
                other.name == rule.name
                    && other.from.iter().any(|one| rule.from.contains(one))
                    && other.to.iter().any(|one| rule.to.contains(one))
            });
            assert!(!again, "{} has two rules", rule.name);
        }
    }
}
