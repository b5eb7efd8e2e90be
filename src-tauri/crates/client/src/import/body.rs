//! A request body as JSON text, read back into a model, messages and parameters: the way back of
//! [`crate::endpoints::encode`]. Numbers keep their spelling and keys their order.

mod chat;
mod input;

use std::collections::HashSet;
use std::ops::Range;

use juxta_wire::body_edit::Severity;
use juxta_wire::draft::{Message, Parameter, Role};
use juxta_wire::endpoint::EndpointKind;

use crate::json::{self, Kind, Member, Node};

/// What a body holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Body {
    /// Empty when the body names none.
    pub model: String,
    pub messages: Vec<Message>,
    /// What vectors are asked of.
    pub texts: Vec<String>,
    /// The input of a response, or of a call for vectors, was a bare text.
    pub is_text: bool,
    /// Every other member, in order.
    pub parameters: Vec<Parameter>,
    /// Where the value of each parameter stands, in bytes.
    pub spans: Vec<Range<usize>>,
    /// As [`juxta_wire::draft::Draft::order`]: empty when the members stand in the usual order.
    pub order: Vec<String>,
    /// With an error among them, the rest is less than the whole body.
    pub problems: Vec<Problem>,
    /// What has no place in these, by its path, for a list: `messages[2].role`.
    pub unknown: Vec<String>,
}

/// Something wrong with a body, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Bytes of the text.
    pub span: Range<usize>,
    pub severity: Severity,
    /// `messages[2].role`; empty for the body as a whole.
    pub path: String,
    pub message: String,
}

/// Reads `body`. Nothing makes it fail: what does not fit is named, and of two members of one name the later one counts,
/// as with nearly every parser.
pub fn read(endpoint: EndpointKind, body: &str) -> Body {
    let mut reader = Reader { endpoint, source: body, read: Body::default() };
    match json::parse(body) {
        Ok(node) => reader.body(&node),
        Err(fault) => {
            let before = &body[..fault.span.start];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            reader.error(fault.span, "", fault.message);
            // The words may quote the body, so only the place goes into the list.
            reader.read.unknown.push(format!("the body (no JSON at its line {line} column {column})"));
        }
    }
    reader.read
}

/// Names of the members that stand first when nothing else is said.
pub fn leading(endpoint: EndpointKind) -> Vec<&'static str> {
    ["model"].into_iter().chain(endpoint.content_member()).collect()
}

struct Reader<'a> {
    endpoint: EndpointKind,
    source: &'a str,
    read: Body,
}

impl Reader<'_> {
    fn error(&mut self, span: Range<usize>, path: &str, message: impl Into<String>) {
        let message = message.into();
        self.read.problems.push(Problem { span, severity: Severity::Error, path: path.to_owned(), message });
    }

    /// An error at a value that has no place, which is named by its path too.
    fn homeless(&mut self, node: &Node, path: &str, message: &str) {
        self.read.unknown.push(path.to_owned());
        self.error(node.span.clone(), path, message);
    }

    fn body(&mut self, node: &Node) {
        let Kind::Object(members) = &node.kind else {
            self.read.unknown.push("the body (it is no JSON object)".to_owned());
            return self.error(node.span.clone(), "", "A body is an object: it begins with { and ends with }.");
        };
        let members = self.unique(members, "");
        let content = self.endpoint.content_member();
        let mut others = Vec::new();
        for member in &members {
            match member.name.as_str() {
                "model" => match member.value.string(self.source) {
                    Some(model) => self.read.model = model,
                    None => self.homeless(&member.value, "model", "The model is a text: \"name\"."),
                },
                name if content == Some(name) => self.content_member(&member.value),
                name => {
                    self.nested(&member.value, name);
                    others.push(self.parameter(member));
                    self.read.spans.push(member.value.span.clone());
                }
            }
        }
        let has = |name: &str| members.iter().any(|member| member.name == name);
        let leading: Vec<&str> =
            leading(self.endpoint).into_iter().filter(|name| *name == "model" || has(name)).collect();
        self.read.order = order(&members, &leading, &others);
        self.read.parameters = others;
        let open = node.span.start..node.span.start + 1;
        if self.endpoint == EndpointKind::Chat && !has("messages") {
            self.read.unknown.push("the kind of call (the body has no messages)".to_owned());
            self.error(open.clone(), "", "There are no messages. A chat needs them: \"messages\": [].");
        }
        if !has("model") {
            self.error(open, "", "There is no model. To choose it later, write \"model\": \"\".");
        }
    }

    /// What the messages of a draft become.
    fn content_member(&mut self, node: &Node) {
        match self.endpoint {
            EndpointKind::Responses => self.input(node),
            EndpointKind::Generate | EndpointKind::Completions | EndpointKind::Image | EndpointKind::Synthesize => {
                match node.string(self.source) {
                    Some(prompt) => self.read.messages.push(Message::text(Role::User, prompt)),
                    None => {
                        let member = self.endpoint.content_member().unwrap_or_default();
                        self.homeless(node, member, "The form knows one text here.");
                    }
                }
            }
            EndpointKind::Embed => self.texts(node),
            EndpointKind::Transcribe => self.homeless(node, "file", "A file goes into a form, and not into JSON."),
            EndpointKind::Chat | EndpointKind::Generic | EndpointKind::Models => self.messages(node),
        }
    }

    /// One text, or a list of them. Some servers take tokens as well, which are numbers.
    fn texts(&mut self, node: &Node) {
        if let Some(text) = node.string(self.source) {
            self.read.is_text = true;
            return self.read.texts.push(text);
        }
        let texts = match &node.kind {
            Kind::List(items) => items.iter().map(|item| item.string(self.source)).collect::<Option<Vec<String>>>(),
            _ => None,
        };
        match texts {
            Some(texts) => self.read.texts = texts,
            None => self.homeless(node, "input", "The form knows one text here, or a list of texts."),
        }
    }

    fn parameter(&self, member: &Member) -> Parameter {
        Parameter::new(&member.name, member.value.text(self.source))
    }

    /// The later of two members of one name, at the place of the earlier one; the other is named.
    fn unique<'m>(&mut self, members: &'m [Member], path: &str) -> Vec<&'m Member> {
        let mut unique: Vec<&Member> = Vec::with_capacity(members.len());
        for member in members {
            match unique.iter_mut().find(|known| known.name == member.name) {
                Some(earlier) => {
                    *earlier = member;
                    let path = join(path, &member.name);
                    self.read.unknown.push(format!("{path} (it is there twice)"));
                    let message = format!("{} stands here a second time. A key can be there only once.", member.name);
                    self.error(member.name_span.clone(), &path, message);
                }
                None => unique.push(member),
            }
        }
        unique
    }

    /// Warns of names that stand twice inside a value, which is kept as it is.
    fn nested(&mut self, node: &Node, path: &str) {
        match &node.kind {
            Kind::Object(members) => {
                let mut names = HashSet::with_capacity(members.len());
                for member in members {
                    let path = join(path, &member.name);
                    if !names.insert(member.name.as_str()) {
                        self.read.problems.push(Problem {
                            span: member.name_span.clone(),
                            severity: Severity::Warning,
                            path: path.clone(),
                            message: format!(
                                "{} stands here a second time. Most servers read the last one.",
                                member.name
                            ),
                        });
                    }
                    self.nested(&member.value, &path);
                }
            }
            Kind::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.nested(item, &format!("{path}[{at}]"));
                }
            }
            Kind::Null | Kind::Boolean | Kind::Number | Kind::Text => {}
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The values of an object that has exactly these members in this order.
fn fields<'n, const N: usize>(node: &'n Node, names: [&str; N]) -> Option<[&'n Node; N]> {
    let Kind::Object(members) = &node.kind else { return None };
    let fits = members.len() == N && members.iter().zip(names).all(|(member, name)| member.name == name);
    let values: Vec<&Node> = members.iter().map(|member| &member.value).collect();
    if fits { values.try_into().ok() } else { None }
}

/// Empty when the members stand as they are written without an order: `first`, then `others`.
fn order(members: &[&Member], first: &[&str], others: &[Parameter]) -> Vec<String> {
    let usual = first.iter().copied().chain(others.iter().map(|other| other.name.as_str()));
    match members.iter().map(|member| member.name.as_str()).eq(usual) {
        true => Vec::new(),
        false => members.iter().map(|member| member.name.clone()).collect(),
    }
}
