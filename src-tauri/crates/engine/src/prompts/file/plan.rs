//! What a draft says beside its messages and parameters: where values come from, and where results of tools do.

use juxta_wire::check::Check;
use juxta_wire::draft::{Dataset, ReasoningBack, Variable, VariableKind};
use juxta_wire::tools::{ToolCondition, ToolMode, ToolPlan, ToolRule, ToolSource};

use super::Layout;

pub(super) fn variable(variable: &Variable) -> Layout {
    let Variable { name, value, kind, default } = variable;
    let mut members = vec![("name".to_owned(), Layout::text(name))];
    members.extend(kind_name(kind).map(|kind| ("kind".to_owned(), Layout::text(kind))));
    if let VariableKind::Choice { options } = kind {
        members
            .push(("options".to_owned(), Layout::List(options.iter().map(|option| Layout::lines(option)).collect())));
    }
    if !default.is_empty() {
        members.push(("default".to_owned(), Layout::lines(default)));
    }
    members.push(("value".to_owned(), Layout::lines(value)));
    Layout::Object(members)
}

/// A text needs no word.
fn kind_name(kind: &VariableKind) -> Option<&'static str> {
    match kind {
        VariableKind::Text => None,
        VariableKind::Number => Some("number"),
        VariableKind::Boolean => Some("boolean"),
        VariableKind::Json => Some("json"),
        VariableKind::Choice { .. } => Some("choice"),
    }
}

pub(super) fn dataset(dataset: &Dataset) -> Layout {
    let Dataset { path, row, off } = dataset;
    let mut members = vec![("path".to_owned(), Layout::text(path))];
    if *row != 0 {
        members.push(("row".to_owned(), Layout::Raw(row.to_string())));
    }
    if *off {
        members.push(("off".to_owned(), Layout::Raw("true".to_owned())));
    }
    Layout::Object(members)
}

/// `None` for none that there is: a rule is plain data, and always has its JSON.
pub(super) fn check(check: &Check) -> Option<Layout> {
    let Check { name, rule } = check;
    let rule = serde_json::to_string(rule).ok()?;
    Some(Layout::object([("name", Layout::text(name)), ("rule", Layout::Raw(rule))]))
}

pub(super) fn reasoning_back(back: ReasoningBack) -> Option<&'static str> {
    match back {
        ReasoningBack::Usual => None,
        ReasoningBack::Always => Some("always"),
        ReasoningBack::Never => Some("never"),
    }
}

/// Nothing for a plan that nobody has touched.
pub(super) fn tool_plan(plan: &ToolPlan) -> Option<Layout> {
    let ToolPlan { mode, rules, most_steps } = plan;
    let mut members = Vec::new();
    match mode {
        ToolMode::Step => {}
        ToolMode::Auto => members.push(("mode".to_owned(), Layout::text("auto"))),
    }
    if *most_steps != ToolPlan::default().most_steps {
        members.push(("mostSteps".to_owned(), Layout::Raw(most_steps.to_string())));
    }
    if !rules.is_empty() {
        members.push(("rules".to_owned(), Layout::List(rules.iter().map(rule).collect())));
    }
    (!members.is_empty()).then_some(Layout::Object(members))
}

fn rule(rule: &ToolRule) -> Layout {
    let ToolRule { tool, when, gives } = rule;
    let mut members = vec![("tool".to_owned(), Layout::text(tool))];
    if !when.is_empty() {
        members.push(("when".to_owned(), Layout::List(when.iter().map(condition).collect())));
    }
    match gives {
        ToolSource::Text { text } => members.push(("text".to_owned(), Layout::lines(text))),
        ToolSource::Http { url, timeout_ms } => {
            members.push(("url".to_owned(), Layout::text(url)));
            members.push(("timeoutMs".to_owned(), Layout::Raw(timeout_ms.to_string())));
        }
    }
    Layout::Object(members)
}

fn condition(condition: &ToolCondition) -> Layout {
    let ToolCondition { pointer, equals } = condition;
    Layout::object([("pointer", Layout::text(pointer)), ("equals", Layout::lines(equals))])
}

#[cfg(test)]
mod tests {
    use juxta_wire::check::{CheckRule, LengthUnit};
    use juxta_wire::draft::Draft;
    use juxta_wire::endpoint::EndpointKind;
    use juxta_wire::ids::{ComparisonId, ConnectionId, LaneId};
    use juxta_wire::lane::{Comparison, Lane};

    use super::*;
    use crate::prompts::file::{read, write};

    fn prompt(checks: Vec<Check>) -> Comparison {
        let lane = Lane {
            id: LaneId::new(),
            connection: ConnectionId("c-1".to_owned()),
            endpoint: EndpointKind::Chat,
            model: "m".to_owned(),
            overrides: Vec::new(),
            forked_messages: None,
            muted: false,
            raw_body: None,
            hold: false,
            variables: Vec::new(),
        };
        let draft = Draft { checks, ..Draft::default() };
        Comparison { id: ComparisonId::new(), name: "Refund".to_owned(), draft, lanes: vec![lane], repeats: 20 }
    }

    #[test]
    fn checks_stand_one_by_one_and_come_back_as_they_were() {
        let check = |name: &str, rule| Check { name: name.to_owned(), rule };
        let odd = "\u{2028}\"\\ 退款 {{order_id}}\n";
        let prompt = prompt(vec![
            check("Names the order", CheckRule::Contains { text: odd.to_owned(), ignore_case: true, not: false }),
            check("", CheckRule::Length { unit: LengthUnit::Words, least: None, most: Some(110) }),
            check("Total", CheckRule::Number { path: Some("$.total".to_owned()), value: 0.1, tolerance: 1e-9 }),
            check("Fits", CheckRule::JsonSchema { schema: "{ \"type\": 1.0 ".to_owned() }),
        ]);
        let text = write(&prompt, &|_| "Desk".to_owned(), Vec::new());
        assert!(text.contains("\n      \"name\": \"Names the order\",\n"), "{text}");
        assert!(
            text.contains("\"rule\": {\"kind\":\"length\",\"unit\":\"words\",\"least\":null,\"most\":110}"),
            "{text}"
        );
        assert_eq!(read(&text, &|named| named.id.clone()), Ok(prompt));
        let broken = text.replace("\"length\"", "\"width\"");
        let unread = read(&broken, &|named| named.id.clone()).expect_err("no such rule");
        let line = broken.lines().position(|line| line.contains("width")).map(|line| line + 1);
        assert_eq!(Some(unread.line), line, "the line of the rule is named");
    }
}
