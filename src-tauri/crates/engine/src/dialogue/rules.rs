//! What the rules of a plan give for a call.

use juxta_client::endpoints::dialogue::{CallKind, Question};
use juxta_client::json;
use juxta_wire::draft::Variable;
use juxta_wire::error::AppError;
use juxta_wire::tools::{ToolCondition, ToolRule};

use crate::run::invalid;
use crate::template::Template;

/// The first rule that fits a call. Approvals and calls whose result is no text are the person's affair.
pub(super) fn fitting<'a>(rules: &'a [ToolRule], question: &Question) -> Option<&'a ToolRule> {
    if !matches!(question.kind, CallKind::Function | CallKind::Custom) {
        return None;
    }
    let names = |rule: &&ToolRule| rule.tool == ToolRule::ANY || rule.tool == question.name;
    rules.iter().filter(names).find(|rule| rule.when.iter().all(|condition| holds(condition, &question.given)))
}

fn holds(condition: &ToolCondition, given: &str) -> bool {
    let ToolCondition { pointer, equals } = condition;
    if pointer.is_empty() && given == equals {
        return true;
    }
    let Ok(root) = json::parse(given) else { return false };
    let Some(node) = json::find(&root, pointer) else { return false };
    match node.string(given) {
        Some(text) => text == *equals,
        None => json::compact(node.text(given)) == json::compact(equals),
    }
}

/// The text of a rule for a call.
///
/// # Errors
/// Variables without a value, and a pointer that leads to nothing in the arguments.
pub(super) fn rendered(template: &str, question: &Question, variables: &[Variable]) -> Result<String, AppError> {
    let mut filling = Template::new(variables);
    let mut text = String::new();
    for piece in pieces(template) {
        match piece {
            Piece::Other(part) => text.push_str(&filling.text(part)),
            Piece::Arguments(pointer) => text.push_str(&argument(question, pointer)?),
        }
    }
    filling.finish()?;
    Ok(text)
}

/// A string stands without its quotes, anything else as the model spelled it.
fn argument(question: &Question, pointer: &str) -> Result<String, AppError> {
    let Question { name, given, .. } = question;
    if pointer.is_empty() {
        return Ok(given.clone());
    }
    let root = json::parse(given).ok();
    let node = root.as_ref().and_then(|root| json::find(root, pointer));
    let node = node.ok_or_else(|| invalid(name, &format!("The arguments of {name} have nothing at {pointer}")))?;
    Ok(node.string(given).unwrap_or_else(|| node.text(given).to_owned()))
}

/// The parts of a rule's text in which variables may stand.
pub(crate) fn variable_parts(template: &str) -> impl Iterator<Item = &str> {
    pieces(template).into_iter().filter_map(|piece| match piece {
        Piece::Other(part) => Some(part),
        Piece::Arguments(_) => None,
    })
}

#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Other(&'a str),
    /// With its pointer.
    Arguments(&'a str),
}

fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(open) = template[at..].find("{{").map(|found| at + found) {
        let Some(close) = template[open..].find("}}").map(|found| open + found) else { break };
        let inside = template[open + 2..close].trim();
        match inside.strip_prefix("arguments").filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            Some(pointer) => {
                pieces.push(Piece::Other(&template[from..open]));
                pieces.push(Piece::Arguments(pointer));
                from = close + 2;
                at = from;
            }
            None => at = open + 1,
        }
    }
    pieces.push(Piece::Other(&template[from..]));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use juxta_wire::tools::ToolSource;

    fn question(given: &str) -> Question {
        Question { id: "a".into(), kind: CallKind::Function, name: "f".into(), given: given.into() }
    }

    fn rule(tool: &str, when: &[(&str, &str)]) -> ToolRule {
        let when = when
            .iter()
            .map(|(pointer, equals)| ToolCondition { pointer: (*pointer).to_owned(), equals: (*equals).to_owned() });
        let gives = ToolSource::Text { text: String::new() };
        ToolRule { tool: tool.to_owned(), when: when.collect(), gives }
    }

    #[test]
    fn the_first_rule_whose_conditions_all_hold_is_taken() {
        let given = r#"{"city":"Ås \"N\"", "days": 1.0, "at": {"x" : [1, null]}, "a/b": true}"#;
        let cases: &[(&[(&str, &str)], bool)] = &[
            (&[], true),
            (&[("/city", "Ås \"N\"")], true),
            (&[("/city", "\"Ås\"")], false),
            (&[("/days", "1.0"), ("/a~1b", "true")], true),
            (&[("/days", "1"), ("/a~1b", "true")], false),
            (&[("/at", "{\"x\":[1,null]}")], true),
            (&[("/at/x/0", " 1 ")], true),
            (&[("/at/x/1", "null")], true),
            (&[("/nothing", "")], false),
            (&[("", given)], true),
        ];
        for (when, expected) in cases {
            let rules = [rule("g", &[]), rule("f", when)];
            assert_eq!(fitting(&rules, &question(given)).is_some(), *expected, "{when:?}");
        }
        let rules = [rule("f", &[("/days", "2")]), rule(ToolRule::ANY, &[]), rule("f", &[])];
        assert_eq!(fitting(&rules, &question(given)), Some(&rules[1]));
        let free = question("SELECT 1");
        assert!(fitting(&[rule("f", &[("", "SELECT 1")])], &free).is_some());
        assert!(fitting(&[rule("f", &[("/x", "1")])], &free).is_none());
        for kind in [CallKind::Approval, CallKind::Item] {
            assert!(fitting(&rules, &Question { kind, ..question(given) }).is_none());
        }
    }

    #[test]
    fn arguments_are_no_variables() {
        let parts: Vec<&str> = variable_parts("{{a}} {{arguments}}{{ arguments/x }}-{{argumentsx}}").collect();
        assert_eq!(parts, ["{{a}} ", "", "-{{argumentsx}}"]);
    }

    #[test]
    fn a_text_has_variables_and_arguments_in_it() {
        let variables = [Variable::text("name", "Ada"), Variable::text("arguments", "not this")];
        let given = r#"{"city":"Å\"s","days":1.0,"at":{"a/b":[ 1 ]}}"#;
        let cases = [
            ("", Ok("")),
            ("{{name}}: {{arguments/city}} {{ arguments/days }}", Ok("Ada: Å\"s 1.0")),
            ("{{arguments}}", Ok(given)),
            ("{{arguments/at/a~1b}}{{arguments/at/a~1b/0}}", Ok("[ 1 ]1")),
            ("{\"a\":{{\"b\":1}}} {{argumentsx}} {{", Err("argumentsx")),
            ("{{arguments/none}}", Err("/none")),
            ("{{other}}{{name}}", Err("other")),
        ];
        for (template, expected) in cases {
            match (rendered(template, &question(given), &variables), expected) {
                (Ok(text), Ok(expected)) => assert_eq!(text, expected, "{template}"),
                (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{template}: {error}"),
                (result, expected) => panic!("{template}: {result:?}, not {expected:?}"),
            }
        }
    }
}
