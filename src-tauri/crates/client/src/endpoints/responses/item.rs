//! One output item: what is known of it, and what of its texts was told.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use juxta_wire::outcome::{self, LongString, OutputItem, ToolCall};

use super::event::{Channel, Item, Part};
use crate::endpoints::item::{self, Source};
use crate::loose::{self, Raw};
use crate::observe::Piece;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Texts of it came, itself not yet.
    Guessed,
    Begun,
    /// Nothing of it will change but by the response as a whole.
    Whole,
}

#[derive(Debug)]
pub struct State {
    pub output_index: Option<u64>,
    pub choice: u32,
    pub stage: Stage,
    /// Without its JSON once it is whole: whoever receives the pieces has it.
    pub known: OutputItem,
    /// Of the newest JSON that was told.
    digest: u64,
    /// JSON of an object whose members came in events of their own and stand in for those that the item will have.
    ahead: Option<(String, Vec<LongString>)>,
    told: Vec<Told>,
    call: Option<ToolCall>,
    /// JSON text of each.
    annotations: Vec<String>,
    text_deltas: u64,
    reasoning_deltas: u64,
}

/// A text of the item, by its length and a digest of its bytes.
#[derive(Debug)]
struct Told {
    channel: Channel,
    part: u64,
    bytes: usize,
    digest: Rolling,
}

/// FNV-1a: what it says of a text does not depend on the fragments in which the text came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rolling(u64);

impl Default for Rolling {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Rolling {
    fn add(&mut self, text: &str) {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

impl State {
    /// An item that did not come itself.
    pub fn guessed(kind: &str, id: Option<&str>, output_index: Option<u64>, choice: u32) -> Self {
        let mut json = serde_json::Map::new();
        for (name, value) in [("type", Some(kind)), ("id", id)] {
            if let Some(value) = value {
                json.insert(name.to_owned(), value.into());
            }
        }
        Self {
            output_index,
            choice,
            stage: Stage::Guessed,
            known: OutputItem {
                kind: kind.to_owned(),
                id: id.map(str::to_owned),
                json: serde_json::Value::Object(json).to_string(),
                ..OutputItem::default()
            },
            digest: 0,
            ahead: None,
            told: Vec::new(),
            call: None,
            annotations: Vec::new(),
            text_deltas: 0,
            reasoning_deltas: 0,
        }
    }

    /// Takes the item itself. `counts` says that its texts, as far as they are new, came as tokens of a stream.
    pub fn take(&mut self, json: &str, stage: Stage, source: Source<'_>, counts: bool, on: &mut impl FnMut(Piece<'_>)) {
        let read = item::item(json, source);
        let digest = digest(json);
        let is_news = self.digest != digest || self.known.status != read.status;
        let (id, whole) = (self.known.id.take(), stage == Stage::Whole);
        self.known = OutputItem { id: read.id.clone().or(id), ..read };
        (self.digest, self.stage) = (digest, stage);
        if whole {
            self.ahead = None;
        }
        if is_news {
            self.tell_item(on);
        }
        if whole {
            (self.known.json, self.known.long) = (String::new(), Vec::new());
        }
        let Ok(Some(item)) = loose::object::<Item<'_>>(json) else { return };
        self.take_call(loose::some_text(item.call_id).as_deref(), loose::some_text(item.name).as_deref(), on);
        for (channel, part, text) in texts(&self.known.kind, &item) {
            self.complete(channel, part, &text, counts, on);
        }
        let annotations = annotations(&item);
        if !annotations.is_empty() {
            self.annotations = annotations;
        }
    }

    pub fn tell_item(&self, on: &mut impl FnMut(Piece<'_>)) {
        match &self.ahead {
            None => on(Piece::Item { choice: self.choice, item: &self.known }),
            Some((members, long)) => {
                let mut item = self.known.clone();
                item.json = joined(&item.json, members);
                item.long.extend_from_slice(long);
                on(Piece::Item { choice: self.choice, item: &item });
            }
        }
    }

    /// Members that an event brings ahead of the item; `json` is an object with them.
    pub fn take_ahead(&mut self, json: &str, event: u32, on: &mut impl FnMut(Piece<'_>)) {
        if self.stage != Stage::Whole {
            let OutputItem { json, long, .. } = item::value(json, Source { event, within: "" });
            self.ahead = Some((json, long));
            self.tell_item(on);
        }
    }

    pub fn take_status(&mut self, status: &str, on: &mut impl FnMut(Piece<'_>)) {
        if self.stage != Stage::Whole && self.known.status.as_deref() != Some(status) {
            self.known.status = Some(status.to_owned());
            self.tell_item(on);
        }
    }

    pub fn take_annotation(&mut self, json: &str) {
        if self.stage != Stage::Whole {
            self.annotations.push(json.to_owned());
        }
    }

    /// What is known of the call that this item is, if it is one.
    pub fn take_call(&mut self, id: Option<&str>, name: Option<&str>, on: &mut impl FnMut(Piece<'_>)) {
        if !is_call(&self.known.kind) {
            return;
        }
        let is_new = self.call.is_none();
        let call = self.call.get_or_insert_with(|| ToolCall { kind: self.known.kind.clone(), ..ToolCall::default() });
        // Each is told once.
        let id = id.filter(|_| call.id.is_none());
        let name = name.filter(|_| call.name.is_empty());
        if let Some(id) = id {
            call.id = Some(id.to_owned());
        }
        if let Some(name) = name {
            name.clone_into(&mut call.name);
        }
        if is_new || id.is_some() || name.is_some() {
            let kind = is_new.then_some(call.kind.as_str());
            on(Piece::ToolCall { choice: self.choice, call: 0, id, name, kind, arguments: "" });
        }
    }

    /// A fragment at the end of a text.
    pub fn append(&mut self, channel: Channel, part: u64, text: &str, counts: bool, on: &mut impl FnMut(Piece<'_>)) {
        if text.is_empty() {
            return;
        }
        if channel == Channel::Tool {
            self.take_call(None, None, on);
        }
        let Self { choice, told, .. } = self;
        let is_known = told.iter().any(|told| told.channel == channel && told.part == part);
        if !is_known {
            let separator = channel.separator();
            if !separator.is_empty() && told.iter().any(|told| told.channel.separator() == separator) {
                tell(*choice, channel, separator, on);
            }
            told.push(Told { channel, part, bytes: 0, digest: Rolling::default() });
        }
        tell(*choice, channel, text, on);
        if let Some(told) = told.iter_mut().rev().find(|told| told.channel == channel && told.part == part) {
            told.bytes += text.len();
            told.digest.add(text);
        }
        match channel {
            Channel::Text => self.text_deltas += u64::from(counts),
            Channel::Summary | Channel::Thought => self.reasoning_deltas += u64::from(counts),
            Channel::Refusal | Channel::Tool => {}
        }
    }

    /// The whole of a text: what of it did not come as fragments is told now. Fragments that made up another text stay as
    /// they came.
    pub fn complete(&mut self, channel: Channel, part: u64, text: &str, counts: bool, on: &mut impl FnMut(Piece<'_>)) {
        let told = self.told.iter().find(|told| told.channel == channel && told.part == part);
        let rest = match told {
            None => text,
            Some(told) => match text.split_at_checked(told.bytes) {
                Some((beginning, rest)) if told.digest == rolling(beginning) => rest,
                _ => return,
            },
        };
        self.append(channel, part, rest, counts, on);
    }

    pub fn outcome(&self) -> outcome::Choice {
        outcome::Choice {
            index: self.choice,
            tool_calls: self.call.iter().cloned().collect(),
            annotations: (!self.annotations.is_empty()).then(|| format!("[{}]", self.annotations.join(","))),
            text_deltas: self.text_deltas,
            reasoning_deltas: self.reasoning_deltas,
            ..outcome::Choice::default()
        }
    }
}

fn tell(choice: u32, channel: Channel, text: &str, on: &mut impl FnMut(Piece<'_>)) {
    on(match channel {
        Channel::Text => Piece::Text { choice, text },
        Channel::Refusal => Piece::Refusal { choice, text },
        Channel::Summary | Channel::Thought => Piece::Reasoning { choice, text },
        Channel::Tool => Piece::ToolCall { choice, call: 0, id: None, name: None, kind: None, arguments: text },
    });
}

/// Kinds of items that give a tool something.
fn is_call(kind: &str) -> bool {
    matches!(kind, "function_call" | "custom_tool_call" | "mcp_call" | "code_interpreter_call" | "shell_call")
}

/// The texts of a whole item, in the order in which they come as fragments.
fn texts<'a>(kind: &str, item: &Item<'a>) -> Vec<(Channel, u64, Cow<'a, str>)> {
    let tool = |raw| spelled(raw).map(|text| (Channel::Tool, 0, text)).into_iter().collect();
    match kind {
        "function_call" | "mcp_call" => tool(item.arguments),
        "custom_tool_call" => tool(item.input),
        "code_interpreter_call" => tool(item.code),
        "shell_call" => {
            let commands = item.action.0.as_ref().and_then(|action| action.commands);
            let commands = loose::elements(commands).into_iter().enumerate();
            commands.filter_map(|(part, text)| Some((Channel::Tool, part as u64, spelled(Some(text))?))).collect()
        }
        kind => {
            let text = if kind == "reasoning" { Channel::Thought } else { Channel::Text };
            let summary = parts(item.summary, Channel::Summary);
            summary.into_iter().chain(parts(item.content, text)).collect()
        }
    }
}

/// A string as it is; another value, which some servers send, as its JSON text.
fn spelled<'a>(raw: Raw<'a>) -> Option<Cow<'a, str>> {
    loose::text(raw).or_else(|| raw.map(|raw| Cow::Borrowed(raw.get())))
}

/// The texts of a list of parts, or of a string that stands in its place.
fn parts<'a>(raw: Raw<'a>, text: Channel) -> Vec<(Channel, u64, Cow<'a, str>)> {
    if let Some(whole) = loose::text(raw) {
        return vec![(text, 0, whole)];
    }
    let parts = loose::elements(raw).into_iter().enumerate();
    parts
        .filter_map(|(position, raw)| part(raw.get(), text).map(|(channel, text)| (channel, position as u64, text)))
        .collect()
}

/// The text of a part of a content. `text` is where it goes unless its type says otherwise.
pub fn part<'a>(json: &'a str, text: Channel) -> Option<(Channel, Cow<'a, str>)> {
    let part: Part<'a> = loose::object(json).ok()??;
    match loose::text(part.kind).as_deref() {
        Some("refusal") => Some((Channel::Refusal, loose::text(part.refusal)?)),
        Some("reasoning_text") => Some((Channel::Thought, loose::text(part.text)?)),
        _ => Some((text, loose::text(part.text)?)),
    }
}

fn annotations(item: &Item<'_>) -> Vec<String> {
    let parts: Vec<Part<'_>> = item.content.map(|content| loose::array(content.get())).unwrap_or_default();
    let annotations = parts.into_iter().flat_map(|part| loose::elements(part.annotations));
    annotations.map(|annotation| annotation.get().to_owned()).collect()
}

/// An object with the members of another behind its own.
fn joined(object: &str, members: &str) -> String {
    let (Some(before), Some(after)) = (object.trim_end().strip_suffix('}'), members.strip_prefix('{')) else {
        return object.to_owned();
    };
    let separator = if before.trim_end().ends_with('{') { "" } else { "," };
    format!("{before}{separator}{after}")
}

fn rolling(text: &str) -> Rolling {
    let mut rolling = Rolling::default();
    rolling.add(text);
    rolling
}

fn digest(json: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    json.hash(&mut hasher);
    hasher.finish()
}
