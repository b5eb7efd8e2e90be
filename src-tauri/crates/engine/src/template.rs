//! `{{variables}}` in messages, and in the texts of a JSON value.

mod value;

use juxta_client::json::{self, Kind, Node};
use juxta_wire::draft::{Content, Message, Part, Variable};
use juxta_wire::error::{AppError, UnfitVariable};

pub use value::{Value, value};

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

/// The names in a text, in reading order.
pub fn names(template: &str) -> impl Iterator<Item = &str> {
    pieces(template).into_iter().filter_map(|piece| match piece {
        Piece::Text(_) => None,
        Piece::Variable(name) => Some(name),
    })
}

/// Fills in variables, and remembers which of them have no value, or one that is not of their kind.
#[derive(Debug)]
pub struct Template<'a> {
    variables: &'a [Variable],
    missing: Vec<String>,
    unfit: Vec<UnfitVariable>,
    filled: u32,
}

/// What a string of a JSON value becomes that is nothing but `{{name}}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alone {
    /// A string, whatever the kind of the variable.
    Text,
    /// The bare value of a number, of true and false and of JSON.
    Value,
}

impl<'a> Template<'a> {
    pub fn new(variables: &'a [Variable]) -> Self {
        Self { variables, missing: Vec::new(), unfit: Vec::new(), filled: 0 }
    }

    /// Places that a variable filled since this was last asked.
    pub fn take_filled(&mut self) -> u32 {
        std::mem::take(&mut self.filled)
    }

    /// # Errors
    /// All names without a value at once, and all that have one which does not fit.
    pub fn finish(self) -> Result<(), AppError> {
        let Self { missing, unfit, .. } = self;
        match missing.is_empty() && unfit.is_empty() {
            true => Ok(()),
            false => Err(AppError::Template { names: missing, unfit }),
        }
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
    pub fn json(&mut self, source: &str, alone: Alone) -> String {
        let Ok(node) = json::parse(source) else { return source.to_owned() };
        let mut filled = String::with_capacity(source.len());
        let mut at = 0;
        self.texts(source, &node, alone, &mut filled, &mut at);
        filled.push_str(&source[at..]);
        filled
    }

    fn texts(&mut self, source: &str, node: &Node, alone: Alone, out: &mut String, at: &mut usize) {
        match &node.kind {
            Kind::Object(members) => {
                members.iter().for_each(|member| self.texts(source, &member.value, alone, out, at));
            }
            Kind::List(items) => items.iter().for_each(|item| self.texts(source, item, alone, out, at)),
            Kind::Text => {
                let Some(template) = node.string(source) else { return };
                let bare = (alone == Alone::Value).then(|| self.bare(&template)).flatten();
                let before = self.filled;
                let text = self.text(&template);
                if self.filled > before {
                    out.push_str(&source[*at..node.span.start]);
                    out.push_str(&bare.unwrap_or_else(|| serde_json::Value::from(text).to_string()));
                    *at = node.span.end;
                }
            }
            Kind::Null | Kind::Boolean | Kind::Number => {}
        }
    }

    /// The bare value, where a text is nothing but one variable whose kind has one.
    fn bare(&self, template: &str) -> Option<String> {
        let [Piece::Variable(name)] = pieces(template)[..] else { return None };
        let variable = self.variables.iter().find(|variable| variable.name == name)?;
        match value(variable) {
            Value::Fits { bare, .. } => bare,
            Value::Missing | Value::Unfit { .. } => None,
        }
    }

    /// A text with its variables filled in.
    pub fn text(&mut self, template: &str) -> String {
        let mut text = String::with_capacity(template.len());
        for piece in pieces(template) {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Variable(name) => {
                    let variable = self.variables.iter().find(|variable| variable.name == name);
                    match variable.map_or(Value::Missing, value) {
                        Value::Fits { text: filled, .. } => {
                            self.filled += 1;
                            text.push_str(filled);
                        }
                        Value::Missing if !self.missing.iter().any(|known| known == name) => {
                            self.missing.push(name.to_owned());
                        }
                        Value::Unfit { message } if !self.unfit.iter().any(|known| known.name == name) => {
                            self.unfit.push(UnfitVariable { name: name.to_owned(), message });
                        }
                        Value::Missing | Value::Unfit { .. } => {}
                    }
                }
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
            Part::Audio { .. } | Part::Raw { .. } => part.clone(),
            Part::File { name, data, id, url } => Part::File {
                name: name.clone(),
                data: data.clone(),
                id: id.as_deref().map(|id| self.text(id)),
                url: url.as_deref().map(|url| self.text(url)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use juxta_wire::draft::{Role, VariableKind};

    fn rendered(template: &str, variables: &[(&str, &str)]) -> Result<String, Vec<String>> {
        let variables: Vec<Variable> = variables.iter().map(|(name, value)| Variable::text(*name, *value)).collect();
        let mut filling = Template::new(&variables);
        let messages = filling.messages(&[Message::text(Role::User, template)]);
        match filling.finish() {
            Ok(()) => match &messages[0].content {
                Content::Text { text } => Ok(text.clone()),
                other => panic!("a text became {other:?}"),
            },
            Err(AppError::Template { names, .. }) => Err(names),
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
        assert_eq!(filling.json(source, Alone::Text), expected);
        assert_eq!(filling.take_filled(), 2);
        assert_eq!(filling.json("{\"a\": {{a}}", Alone::Value), "{\"a\": {{a}}", "no JSON is left alone");
        assert_eq!(filling.json(r#"["{{b}}"]"#, Alone::Value), r#"["{{b}}"]"#);
        assert_eq!(filling.finish(), Err(AppError::Template { names: vec!["b".to_owned()], unfit: Vec::new() }));
    }

    fn of_kind(name: &str, kind: VariableKind, value: &str) -> Variable {
        Variable { kind, ..Variable::text(name, value) }
    }

    #[test]
    fn a_string_that_is_nothing_but_a_variable_becomes_its_bare_value() {
        let variables = [
            of_kind("n", VariableKind::Number, " 1.50e+3 "),
            of_kind("yes", VariableKind::Boolean, "TRUE"),
            of_kind("filter", VariableKind::Json, "{ \"a\" : [1.0, \"ü\"] }"),
            of_kind("tone", VariableKind::Choice { options: vec!["4".to_owned()] }, "4"),
            Variable::text("text", "5"),
        ];
        let source = r#"{"{{n}}":"{{n}}","b":["{{ yes }}","{{filter}}","{{tone}}","{{text}}"],"c":"{{n}} {{yes}} {{filter}}"," ":" {{n}}"}"#;
        let bare = r#"{"{{n}}":1.50e+3,"b":[true,{ "a" : [1.0, "ü"] },"4","5"],"c":" 1.50e+3  TRUE { \"a\" : [1.0, \"ü\"] }"," ":"  1.50e+3 "}"#;
        let texts = r#"{"{{n}}":" 1.50e+3 ","b":["TRUE","{ \"a\" : [1.0, \"ü\"] }","4","5"],"c":" 1.50e+3  TRUE { \"a\" : [1.0, \"ü\"] }"," ":"  1.50e+3 "}"#;
        for (alone, expected) in [(Alone::Value, bare), (Alone::Text, texts)] {
            let mut filling = Template::new(&variables);
            assert_eq!(filling.json(source, alone), expected);
            assert_eq!((filling.take_filled(), filling.finish()), (9, Ok(())));
        }
    }

    #[test]
    fn what_does_not_fit_its_kind_is_named_once_beside_what_is_missing() {
        let variables = [of_kind("weeks", VariableKind::Number, "four")];
        let mut filling = Template::new(&variables);
        assert_eq!(filling.text("{{weeks}} {{weeks}} {{gone}}"), "  ");
        let error = filling.finish().expect_err("two faults");
        let unfit = vec![UnfitVariable { name: "weeks".to_owned(), message: "weeks is no number".to_owned() }];
        assert_eq!(error, AppError::Template { names: vec!["gone".to_owned()], unfit });
        assert_eq!(error.to_string(), "variables without a value: gone; weeks is no number");
    }
}
