//! The input of a response.

use juxta_wire::draft::{Content, Message, Parameter, Part, Role};

use super::{Reader, fields, order};
use crate::json::{Kind, Member, Node};

impl Reader<'_> {
    /// A text is what a user says; a list has items.
    pub(super) fn input(&mut self, node: &Node) {
        match &node.kind {
            Kind::Text => match node.string(self.source) {
                Some(text) => {
                    self.read.is_text = true;
                    self.read.messages.push(Message::text(Role::User, text));
                }
                None => self.homeless(node, "input", "This is no text in Unicode."),
            },
            Kind::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    if let Some(message) = self.item(item, &format!("input[{at}]")) {
                        self.read.messages.push(message);
                    }
                }
            }
            _ => self.homeless(node, "input", "The input is a text, or a list of items between [ and ]."),
        }
    }

    /// A message with a role that a draft knows, the result of a call, or an item as it stands.
    fn item(&mut self, node: &Node, path: &str) -> Option<Message> {
        let Kind::Object(members) = &node.kind else {
            self.homeless(node, path, "An item is an object.");
            return None;
        };
        let members = self.unique(members, path);
        let find = |name: &str| members.iter().find(|member| member.name == name).map(|member| &member.value);
        let kind = find("type").and_then(|kind| kind.string(self.source));
        let role = find("role").and_then(|role| role.string(self.source));
        let role = role.and_then(|name| Role::ALL.into_iter().find(|known| known.as_str() == name));
        let is_message = find("type").is_none() || kind.as_deref() == Some("message");
        if let Some(role) = role.filter(|role| is_message && *role != Role::Tool)
            && let Some(message) = self.said(&members, role, path)
        {
            return Some(message);
        }
        if let Some(message) = self.result(node) {
            return Some(message);
        }
        self.nested(node, path);
        let answers = kind.is_some_and(|kind| kind.ends_with("_output") || kind.ends_with("_response"));
        Some(Message {
            content: Content::Absent,
            members: members.iter().map(|member| self.parameter(member)).collect(),
            order: members.iter().map(|member| member.name.clone()).collect(),
            ..Message::text(if answers { Role::Tool } else { Role::Assistant }, "")
        })
    }

    fn said(&mut self, members: &[&Member], role: Role, path: &str) -> Option<Message> {
        let mut content = Content::Absent;
        let mut others: Vec<Parameter> = Vec::new();
        for member in members {
            match member.name.as_str() {
                "role" => {}
                "content" => content = self.said_content(&member.value, role, path)?,
                name => {
                    self.nested(&member.value, &format!("{path}.{name}"));
                    others.push(self.parameter(member));
                }
            }
        }
        let usual: &[&str] = if content == Content::Absent { &["role"] } else { &["role", "content"] };
        let order = order(members, usual, &others);
        Some(Message { content, members: others, order, ..Message::text(role, "") })
    }

    fn said_content(&mut self, node: &Node, role: Role, path: &str) -> Option<Content> {
        match &node.kind {
            Kind::Null => Some(Content::Null),
            Kind::Text => Some(Content::Text { text: node.string(self.source)? }),
            Kind::List(parts) => {
                let parts = parts.iter().enumerate().map(|(at, part)| {
                    self.part_of_form(part, role).unwrap_or_else(|| {
                        self.nested(part, &format!("{path}.content[{at}]"));
                        Part::Raw { json: part.text(self.source).to_owned() }
                    })
                });
                Some(Content::Parts { parts: parts.collect() })
            }
            Kind::Boolean | Kind::Number | Kind::Object(_) => None,
        }
    }

    /// A text, an image or a file when it holds exactly what their forms hold, in their order.
    fn part_of_form(&self, node: &Node, role: Role) -> Option<Part> {
        let text = |node: &Node| node.string(self.source);
        let text_type = if role == Role::Assistant { "output_text" } else { "input_text" };
        if let Some([kind, said]) = fields(node, ["type", "text"]) {
            return (text(kind)? == text_type).then(|| text(said)).flatten().map(|text| Part::Text { text });
        }
        if let Kind::Object(members) = &node.kind
            && let Some((kind, said)) = members.split_first()
            && kind.name == "type"
            && text(&kind.value)? == "input_file"
        {
            return self.file(said);
        }
        let (kind, url, detail) = match fields(node, ["type", "image_url", "detail"]) {
            Some([kind, url, detail]) => (kind, url, Some(text(detail)?)),
            None => fields(node, ["type", "image_url"]).map(|[kind, url]| (kind, url, None))?,
        };
        (text(kind)? == "input_image").then(|| text(url)).flatten().map(|url| Part::Image { url, detail })
    }

    /// The result of a function, as a chat's message with the role of a tool has it.
    fn result(&self, node: &Node) -> Option<Message> {
        let [kind, id, output] = fields(node, ["type", "call_id", "output"])?;
        if kind.string(self.source)? != "function_call_output" {
            return None;
        }
        let members = vec![Parameter::new("tool_call_id", id.text(self.source))];
        Some(Message { members, ..Message::text(Role::Tool, output.string(self.source)?) })
    }
}
