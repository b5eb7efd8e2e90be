//! `{{variables}}` in messages.

use juxta_wire::draft::{Content, Message, Part, Variable};
use juxta_wire::error::AppError;

/// One stretch of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str),
}

/// A name is letters, digits, `_`, `-` and `.`; anything else between braces is ordinary text, so that JSON and code
/// in a prompt need no escaping.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    let mut text_from = 0;
    let mut at = 0;
    while let Some(open) = rest[at..].find("{{") {
        let open = at + open;
        let inside = open + 2;
        let Some(close) = rest[inside..].find("}}") else { break };
        let name = rest[inside..inside + close].trim();
        if is_name(name) {
            if open > text_from {
                pieces.push(Piece::Text(&rest[text_from..open]));
            }
            pieces.push(Piece::Variable(name));
            rest = &rest[inside + close + 2..];
            text_from = 0;
            at = 0;
        } else {
            at = open + 1;
        }
    }
    if !rest[text_from..].is_empty() {
        pieces.push(Piece::Text(&rest[text_from..]));
    }
    pieces
}

/// Messages with their variables filled in.
#[derive(Debug, PartialEq)]
pub struct Rendered {
    /// Those that are not muted.
    pub messages: Vec<Message>,
    /// Places that a variable filled.
    pub filled: u32,
}

/// Fills in the variables of every message that is not muted. All names without a value are reported at once.
pub fn render(messages: &[Message], variables: &[Variable]) -> Result<Rendered, AppError> {
    let mut missing: Vec<String> = Vec::new();
    let mut filled = 0;
    let mut fill = |template: &str| -> String {
        let mut text = String::with_capacity(template.len());
        for piece in pieces(template) {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Variable(name) => match variables.iter().find(|variable| variable.name == name) {
                    Some(variable) if !variable.value.is_empty() => {
                        filled += 1;
                        text.push_str(&variable.value);
                    }
                    _ if missing.iter().any(|known| known == name) => {}
                    _ => missing.push(name.to_owned()),
                },
            }
        }
        text
    };
    let rendered = messages
        .iter()
        .filter(|message| !message.muted)
        .map(|message| Message { content: render_content(&message.content, &mut fill), ..message.clone() })
        .collect();
    if missing.is_empty() {
        Ok(Rendered { messages: rendered, filled })
    } else {
        Err(AppError::Template { names: missing })
    }
}

fn render_content(content: &Content, fill: &mut impl FnMut(&str) -> String) -> Content {
    match content {
        Content::Text { text } => Content::Text { text: fill(text) },
        Content::Null => Content::Null,
        Content::Absent => Content::Absent,
        Content::Parts { parts } => Content::Parts {
            parts: parts
                .iter()
                .map(|part| match part {
                    Part::Text { text } => Part::Text { text: fill(text) },
                    Part::Image { url, detail } if url.starts_with("data:") => {
                        Part::Image { url: url.clone(), detail: detail.clone() }
                    }
                    Part::Image { url, detail } => Part::Image { url: fill(url), detail: detail.clone() },
                    Part::Raw { json } => Part::Raw { json: json.clone() },
                })
                .collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use juxta_wire::draft::Role;

    fn rendered(template: &str, variables: &[(&str, &str)]) -> Result<String, Vec<String>> {
        let variables: Vec<Variable> = variables
            .iter()
            .map(|(name, value)| Variable { name: (*name).to_owned(), value: (*value).to_owned() })
            .collect();
        match render(&[Message::text(Role::User, template)], &variables) {
            Ok(rendered) => match &rendered.messages[0].content {
                Content::Text { text } => Ok(text.clone()),
                other => panic!("a text became {other:?}"),
            },
            Err(AppError::Template { names }) => Err(names),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn names_are_filled_and_other_braces_stay() {
        let cases = [
            ("Hi {{name}}!", "Hi Ada!"),
            ("{{ name }}{{name}}", "AdaAda"),
            ("{\"a\":{{\"b\":1}}}", "{\"a\":{{\"b\":1}}}"),
            ("{{not a name}} {{name}}", "{{not a name}} Ada"),
            ("{{{name}}}", "{Ada}"),
            ("open {{name", "open {{name"),
            ("{{ö.x-1}}", "umlaut"),
        ];
        for (template, expected) in cases {
            let result = rendered(template, &[("name", "Ada"), ("ö.x-1", "umlaut")]);
            assert_eq!(result.as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn places_are_counted_and_not_names() {
        let variables = [Variable { name: "a".into(), value: "x".into() }];
        let messages = [Message::text(Role::User, "{{a}} {{ a }} {{b c}}"), Message::text(Role::User, "{{a}}")];
        assert_eq!(render(&messages, &variables).map(|rendered| rendered.filled), Ok(3));
    }

    #[test]
    fn a_value_is_not_a_template() {
        assert_eq!(rendered("{{a}}", &[("a", "{{b}}"), ("b", "x")]).as_deref(), Ok("{{b}}"));
    }

    #[test]
    fn every_name_without_a_value_is_reported_once() {
        assert_eq!(
            rendered("{{a}} {{b}} {{a}} {{c}}", &[("b", ""), ("c", "x")]),
            Err(vec!["a".to_owned(), "b".to_owned()])
        );
    }

    #[test]
    fn muted_messages_are_left_out_and_need_no_values() {
        let mut muted = Message::text(Role::User, "{{unknown}}");
        muted.muted = true;
        assert_eq!(render(&[muted], &[]), Ok(Rendered { messages: vec![], filled: 0 }));
    }
}
