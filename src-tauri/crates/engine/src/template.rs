//! `{{variables}}` in messages, and in the texts of a JSON value.

use juxta_client::json::{self, Kind, Node};
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

/// Fills in variables, and remembers which of them have no value.
#[derive(Debug)]
pub struct Template<'a> {
    variables: &'a [Variable],
    missing: Vec<String>,
    filled: u32,
}

impl<'a> Template<'a> {
    pub fn new(variables: &'a [Variable]) -> Self {
        Self { variables, missing: Vec::new(), filled: 0 }
    }

    /// Places that a variable filled since this was last asked.
    pub fn take_filled(&mut self) -> u32 {
        std::mem::take(&mut self.filled)
    }

    /// # Errors
    /// All names without a value at once.
    pub fn finish(self) -> Result<(), AppError> {
        if self.missing.is_empty() { Ok(()) } else { Err(AppError::Template { names: self.missing }) }
    }

    /// Messages that are muted stay as they are and need no values.
    pub fn messages(&mut self, messages: &[Message]) -> Vec<Message> {
        let rendered = messages.iter().map(|message| match message.muted {
            true => message.clone(),
            false => Message { content: self.content(&message.content), ..message.clone() },
        });
        rendered.collect()
    }

    /// A JSON value with the variables in its texts filled in; everything else stays to the byte, and so does what is no
    /// JSON. Names of members are no texts.
    pub fn json(&mut self, source: &str) -> String {
        let Ok(node) = json::parse(source) else { return source.to_owned() };
        let mut filled = String::with_capacity(source.len());
        let mut at = 0;
        self.texts(source, &node, &mut filled, &mut at);
        filled.push_str(&source[at..]);
        filled
    }

    fn texts(&mut self, source: &str, node: &Node, out: &mut String, at: &mut usize) {
        match &node.kind {
            Kind::Object(members) => {
                members.iter().for_each(|member| self.texts(source, &member.value, out, at));
            }
            Kind::List(items) => items.iter().for_each(|item| self.texts(source, item, out, at)),
            Kind::Text => {
                let Some(template) = node.string(source) else { return };
                let before = self.filled;
                let text = self.text(&template);
                if self.filled > before {
                    out.push_str(&source[*at..node.span.start]);
                    out.push_str(&serde_json::Value::from(text).to_string());
                    *at = node.span.end;
                }
            }
            Kind::Null | Kind::Boolean | Kind::Number => {}
        }
    }

    fn text(&mut self, template: &str) -> String {
        let mut text = String::with_capacity(template.len());
        for piece in pieces(template) {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Variable(name) => match self.variables.iter().find(|variable| variable.name == name) {
                    Some(variable) if !variable.value.is_empty() => {
                        self.filled += 1;
                        text.push_str(&variable.value);
                    }
                    _ if self.missing.iter().any(|known| known == name) => {}
                    _ => self.missing.push(name.to_owned()),
                },
            }
        }
        text
    }

    fn content(&mut self, content: &Content) -> Content {
        match content {
            Content::Text { text } => Content::Text { text: self.text(text) },
            Content::Null => Content::Null,
            Content::Absent => Content::Absent,
            Content::Parts { parts } => Content::Parts { parts: parts.iter().map(|part| self.part(part)).collect() },
        }
    }

    fn part(&mut self, part: &Part) -> Part {
        match part {
            Part::Text { text } => Part::Text { text: self.text(text) },
            Part::Image { url, detail } if url.starts_with("data:") => {
                Part::Image { url: url.clone(), detail: detail.clone() }
            }
            Part::Image { url, detail } => Part::Image { url: self.text(url), detail: detail.clone() },
            Part::Raw { json } => Part::Raw { json: json.clone() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use juxta_wire::draft::Role;

    fn rendered(template: &str, variables: &[(&str, &str)]) -> Result<String, Vec<String>> {
        let variables: Vec<Variable> = variables.iter().map(|(name, value)| Variable::text(*name, *value)).collect();
        let mut filling = Template::new(&variables);
        let messages = filling.messages(&[Message::text(Role::User, template)]);
        match filling.finish() {
            Ok(()) => match &messages[0].content {
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
        let variables = [Variable::text("a", "x")];
        let messages = [Message::text(Role::User, "{{a}} {{ a }} {{b c}}"), Message::text(Role::User, "{{a}}")];
        let mut filling = Template::new(&variables);
        filling.messages(&messages);
        assert_eq!((filling.take_filled(), filling.take_filled()), (3, 0));
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
    fn muted_messages_stay_as_they_are_and_need_no_values() {
        let mut muted = Message::text(Role::User, "{{unknown}}");
        muted.muted = true;
        let mut filling = Template::new(&[]);
        assert_eq!(filling.messages(std::slice::from_ref(&muted)), [muted]);
        assert_eq!(filling.finish(), Ok(()));
    }

    #[test]
    fn texts_of_a_value_are_filled_and_the_rest_stays_to_the_byte() {
        let variables = [Variable::text("a", "\"x\"\n")];
        let mut filling = Template::new(&variables);
        let source = r#"{ "{{a}}":1.0, "b" : ["\u0041{{a}}", "\u0041", {"c":"{{ a }}{{not a name}}"}],"d":"\ud800"}"#;
        let expected = r#"{ "{{a}}":1.0, "b" : ["A\"x\"\n", "\u0041", {"c":"\"x\"\n{{not a name}}"}],"d":"\ud800"}"#;
        assert_eq!(filling.json(source), expected);
        assert_eq!(filling.take_filled(), 2);
        assert_eq!(filling.json("{\"a\": {{a}}"), "{\"a\": {{a}}", "no JSON is left alone");
        assert_eq!(filling.json(r#"["{{b}}"]"#), r#"["{{b}}"]"#);
        assert_eq!(filling.finish(), Err(AppError::Template { names: vec!["b".to_owned()] }));
    }
}
