//! The way back from a file. A file is read whole or not at all.

mod plan;

use juxta_client::json::{self, Kind, Member, Node};
use juxta_wire::draft::{Content, Draft, Grid, Message, Parameter, Part, Role};
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::ids::{ComparisonId, ConnectionId, LaneId, MessageId, RecordingId};
use juxta_wire::lane::{Comparison, Lane, MAX_LANES, Override};

use super::{FORMAT, NamedConnection};

/// Members of the outermost object that this version writes.
pub(super) const KNOWN: [&str; 18] = [
    "format",
    "id",
    "name",
    "messages",
    "variables",
    "dataset",
    "parameters",
    "order",
    "textInput",
    "toolPlan",
    "reasoningBack",
    "texts",
    "batch",
    "recording",
    "grid",
    "checks",
    "lanes",
    "repeats",
];

/// Why a file cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// From 1.
    pub line: usize,
    pub message: String,
}

pub(super) type Reading<T> = Result<T, Unread>;

/// Reads the text of a file. `resolve` finds the connection that a lane means.
///
/// # Errors
/// The first place that does not fit.
pub fn read(text: &str, resolve: &dyn Fn(&NamedConnection) -> ConnectionId) -> Reading<Comparison> {
    let reader = Reader::new(text, resolve);
    let root = reader.root()?;
    reader.comparison(&root, FORMAT)
}

/// Outermost members that are none of the prompt's, with their JSON as it is spelled.
pub fn other_members(text: &str) -> Vec<(String, String)> {
    members_but(text, |name| KNOWN.contains(&name))
}

pub(super) fn members_but(text: &str, is_known: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let Ok(Node { kind: Kind::Object(members), .. }) = json::parse(text) else { return Vec::new() };
    members
        .iter()
        .filter(|member| !is_known(&member.name))
        .map(|member| (member.name.clone(), member.value.text(text).to_owned()))
        .collect()
}

pub(super) struct Reader<'a> {
    text: &'a str,
    resolve: &'a dyn Fn(&NamedConnection) -> ConnectionId,
}

/// The members of one object.
pub(super) struct Object<'a> {
    members: &'a [Member],
    start: usize,
}

impl<'a> Object<'a> {
    pub(super) fn find(&self, name: &str) -> Option<&'a Node> {
        self.members.iter().rev().find(|member| member.name == name).map(|member| &member.value)
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, resolve: &'a dyn Fn(&NamedConnection) -> ConnectionId) -> Self {
        Self { text: text.strip_prefix('\u{FEFF}').unwrap_or(text), resolve }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    pub(super) fn root(&self) -> Reading<Node> {
        json::parse(self.text).map_err(|fault| self.unread(fault.span.start, fault.message))
    }
}

impl Reader<'_> {
    fn unread(&self, at: usize, message: impl Into<String>) -> Unread {
        let line = self.text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        Unread { line, message: message.into() }
    }

    pub(super) fn wrong<T>(&self, node: &Node, expected: &str) -> Reading<T> {
        Err(self.unread(node.span.start, format!("Here should stand {expected}.")))
    }

    pub(super) fn object<'a>(&self, node: &'a Node, what: &str) -> Reading<Object<'a>> {
        match &node.kind {
            Kind::Object(members) => Ok(Object { members, start: node.span.start }),
            _ => self.wrong(node, &format!("{what}: an object, between {{ and }}")),
        }
    }

    pub(super) fn list<'a>(&self, node: Option<&'a Node>, what: &str) -> Reading<&'a [Node]> {
        match node {
            None => Ok(&[]),
            Some(Node { kind: Kind::List(items), .. }) => Ok(items),
            Some(node) => self.wrong(node, &format!("{what}: a list, between [ and ]")),
        }
    }

    pub(super) fn need<'a>(&self, object: &Object<'a>, name: &str) -> Reading<&'a Node> {
        object.find(name).ok_or_else(|| self.unread(object.start, format!("This object needs a member {name:?}.")))
    }

    pub(super) fn string(&self, node: &Node) -> Reading<String> {
        node.string(self.text).map_or_else(|| self.wrong(node, "a text"), Ok)
    }

    /// A string, or a list of lines.
    pub(super) fn lines(&self, node: &Node) -> Reading<String> {
        match &node.kind {
            Kind::List(items) => {
                let lines: Reading<Vec<String>> = items.iter().map(|item| self.string(item)).collect();
                Ok(lines?.join("\n"))
            }
            _ => self.string(node).or_else(|_| self.wrong(node, "a text, or a list of its lines")),
        }
    }

    fn is_set(&self, object: &Object<'_>, name: &str) -> Reading<bool> {
        match object.find(name) {
            None => Ok(false),
            Some(node) if node.kind == Kind::Boolean => Ok(node.text(self.text) == "true"),
            Some(node) => self.wrong(node, "true or false"),
        }
    }

    pub(super) fn comparison(&self, root: &Node, expected: &str) -> Reading<Comparison> {
        let object = self.object(root, "a prompt")?;
        let format = self.need(&object, "format")?;
        if self.string(format)? != expected {
            return self.wrong(format, &format!("{expected:?}; the file may be of a later version of Juxta"));
        }
        let id = object.find("id").map(|node| self.string(node)).transpose()?;
        let lanes = object.find("lanes");
        let lanes: Vec<Lane> =
            self.list(lanes, "the lanes")?.iter().map(|lane| self.lane(lane)).collect::<Reading<_>>()?;
        let is_of_media = lanes.first().is_some_and(|lane| lane.endpoint.is_of_media());
        if lanes.is_empty() || lanes.len() > MAX_LANES && !is_of_media {
            let place = object.find("lanes").unwrap_or(root);
            return self.wrong(place, &format!("one lane or more, and at most {MAX_LANES}"));
        }
        let repeats = match object.find("repeats") {
            None => 1,
            Some(node) => match node.text(self.text).parse() {
                Ok(repeats) if repeats > 0 => repeats,
                _ => return self.wrong(node, "a whole number above 0"),
            },
        };
        Ok(Comparison {
            id: id.map_or_else(ComparisonId::new, ComparisonId),
            name: self.string(self.need(&object, "name")?)?,
            draft: self.draft(&object)?,
            lanes,
            repeats,
        })
    }

    fn draft(&self, object: &Object<'_>) -> Reading<Draft> {
        let variables = self.list(object.find("variables"), "the variables")?.iter();
        let texts = self.list(object.find("texts"), "the texts")?.iter();
        Ok(Draft {
            messages: self.messages(object.find("messages"))?,
            parameters: self.parameters(object.find("parameters"))?,
            variables: variables.map(|variable| self.variable(variable)).collect::<Reading<_>>()?,
            order: self.order(object)?,
            text_input: self.is_set(object, "textInput")?,
            tool_plan: self.tool_plan(object.find("toolPlan"))?,
            reasoning_back: self.reasoning_back(object.find("reasoningBack"))?,
            dataset: self.dataset(object.find("dataset"))?,
            texts: texts.map(|text| self.lines(text)).collect::<Reading<_>>()?,
            batch: self.whole_number(object.find("batch"), 0)?,
            recording: object.find("recording").map(|id| self.string(id)).transpose()?.map(RecordingId),
            grid: object.find("grid").map(|node| self.grid(node)).transpose()?.unwrap_or_default(),
            checks: self.checks(object.find("checks"))?,
        })
    }

    fn grid(&self, node: &Node) -> Reading<Grid> {
        serde_json::from_str(node.text(self.text)).or_else(|_| self.wrong(node, "a grid of pictures"))
    }

    fn order(&self, object: &Object<'_>) -> Reading<Vec<String>> {
        self.list(object.find("order"), "the order")?.iter().map(|name| self.string(name)).collect()
    }

    pub(super) fn messages(&self, node: Option<&Node>) -> Reading<Vec<Message>> {
        self.list(node, "the messages")?.iter().map(|message| self.message(message)).collect()
    }

    fn message(&self, node: &Node) -> Reading<Message> {
        let object = self.object(node, "a message")?;
        let named = self.need(&object, "role")?;
        let spelled = self.string(named)?;
        let Some(role) = Role::ALL.into_iter().find(|role| role.as_str() == spelled) else {
            let all: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
            return self.wrong(named, &format!("one of these roles: {}", all.join(", ")));
        };
        let content = match (object.find("text"), object.find("parts")) {
            (Some(text), _) if text.kind == Kind::Null => Content::Null,
            (Some(text), _) => Content::Text { text: self.lines(text)? },
            (None, Some(parts)) => {
                let parts = self.list(Some(parts), "the parts")?.iter().map(|part| self.part(part));
                Content::Parts { parts: parts.collect::<Reading<_>>()? }
            }
            (None, None) => Content::Absent,
        };
        Ok(Message {
            id: MessageId::new(),
            role,
            content,
            muted: self.is_set(&object, "muted")?,
            members: self.parameters(object.find("members"))?,
            order: self.order(&object)?,
        })
    }

    fn part(&self, node: &Node) -> Reading<Part> {
        let object = self.object(node, "a part")?;
        if let Some(text) = object.find("text") {
            return Ok(Part::Text { text: self.lines(text)? });
        }
        if let Some(url) = object.find("image") {
            let detail = object.find("detail").map(|detail| self.string(detail)).transpose()?;
            return Ok(Part::Image { url: self.string(url)?, detail });
        }
        if let Some(data) = object.find("audio") {
            return Ok(Part::Audio { data: self.string(data)?, format: self.string(self.need(&object, "format")?)? });
        }
        if let Some(file) = object.find("file") {
            let file = self.object(file, "a file")?;
            let text = |name| file.find(name).map(|node| self.string(node)).transpose();
            return Ok(Part::File { name: text("name")?, data: text("data")?, id: text("id")?, url: text("url")? });
        }
        match self.value(&object)? {
            Some(json) => Ok(Part::Raw { json }),
            None => self.wrong(node, "a part with \"text\", \"image\", \"audio\", \"file\" or \"json\""),
        }
    }

    /// A JSON value as it is spelled, or the unfinished beginning of one.
    fn value(&self, object: &Object<'_>) -> Reading<Option<String>> {
        let whole = object.find("value").or_else(|| object.find("json"));
        match (whole, object.find("unfinished")) {
            (Some(node), _) => Ok(Some(node.text(self.text).to_owned())),
            (None, Some(node)) => self.lines(node).map(Some),
            (None, None) => Ok(None),
        }
    }

    fn parameters(&self, node: Option<&Node>) -> Reading<Vec<Parameter>> {
        match node {
            None => Ok(Vec::new()),
            Some(Node { kind: Kind::Object(members), .. }) => {
                Ok(members.iter().map(|member| Parameter::new(&member.name, member.value.text(self.text))).collect())
            }
            Some(Node { kind: Kind::List(items), .. }) => items.iter().map(|item| self.parameter(item)).collect(),
            Some(node) => self.wrong(node, "the parameters: an object, between { and }"),
        }
    }

    fn parameter(&self, node: &Node) -> Reading<Parameter> {
        let object = self.object(node, "a parameter")?;
        let name = self.string(self.need(&object, "name")?)?;
        match self.value(&object)? {
            Some(json) => Ok(Parameter { name, json }),
            None => self.wrong(node, "a parameter with a \"value\""),
        }
    }

    fn lane(&self, node: &Node) -> Reading<Lane> {
        let object = self.object(node, "a lane")?;
        let id = object.find("id").map(|id| self.string(id)).transpose()?;
        let named = self.need(&object, "endpoint")?;
        let spelled = self.string(named)?;
        let Some(endpoint) = EndpointKind::callable().find(|endpoint| endpoint.name() == spelled) else {
            let all: Vec<&str> = EndpointKind::callable().map(EndpointKind::name).collect();
            return self.wrong(named, &format!("one of these endpoints: {}", all.join(", ")));
        };
        let overrides = self.list(object.find("overrides"), "the overrides")?.iter();
        let variables = self.list(object.find("variables"), "the variables")?.iter();
        let forked = object.find("messages").filter(|node| node.kind != Kind::Null);
        Ok(Lane {
            id: id.map_or_else(LaneId::new, LaneId),
            connection: self.connection(self.need(&object, "connection")?)?,
            endpoint,
            model: self.string(self.need(&object, "model")?)?,
            overrides: overrides.map(|change| self.change(change)).collect::<Reading<_>>()?,
            forked_messages: forked.map(|messages| self.messages(Some(messages))).transpose()?,
            muted: self.is_set(&object, "muted")?,
            raw_body: object.find("body").map(|body| self.lines(body)).transpose()?,
            hold: self.is_set(&object, "hold")?,
            variables: variables.map(|variable| self.variable(variable)).collect::<Reading<_>>()?,
        })
    }

    fn connection(&self, node: &Node) -> Reading<ConnectionId> {
        let object = self.object(node, "a connection")?;
        let text = |name: &str| object.find(name).map_or(Ok(String::new()), |node| self.string(node));
        Ok((self.resolve)(&NamedConnection { id: ConnectionId(text("id")?), name: text("name")? }))
    }

    fn change(&self, node: &Node) -> Reading<Override> {
        let object = self.object(node, "an override")?;
        match object.find("unset") {
            Some(name) => Ok(Override::Unset { name: self.string(name)? }),
            None => Ok(Override::Set { parameter: self.parameter(node)? }),
        }
    }
}
