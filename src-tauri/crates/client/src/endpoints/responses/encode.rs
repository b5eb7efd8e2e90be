//! The `input` of a response: items made of messages.

mod parts;

use std::collections::HashSet;

use juxta_wire::draft::{Content, Message, Parameter, Part, Role, sort_members};
use juxta_wire::error::AppError;

use crate::endpoints::carry::{self, Notes, find, find_text, item_kind, items, take, text_of};
use crate::endpoints::writer::{Members, Writer, check_json};

use parts::{Speaker, written_parts};

/// `[…]`, also for a single text, so that the form of the body does not depend on what is in it. A message whose members
/// name a type is an item already and is written as it stands; a `message` is written with role and content all the same.
///
/// # Errors
/// [`AppError::Invalid`] for a member that is no JSON or stands there twice, named by its place: `messages[2].name`.
pub(in crate::endpoints) fn write_input(
    body: &mut Writer,
    messages: &[Message],
    notes: &mut Notes,
) -> Result<(), AppError> {
    let mut input = Input { body, notes, custom_calls: HashSet::new() };
    input.body.bytes(b"[");
    for (at, message) in messages.iter().enumerate().filter(|(_, message)| !message.muted) {
        let path = format!("messages[{at}]");
        for member in &message.members {
            check_json(&format!("{path}.{}", member.name), &member.json)?;
        }
        match item_kind(message) {
            Some(kind) if kind != "message" => input.item(&path, message)?,
            _ if message.role == Role::Tool => input.tool_result(&path, message)?,
            _ => input.message(&path, message)?,
        }
    }
    input.body.bytes(b"]");
    Ok(())
}

/// Members of a chat's messages that have no form here.
const ONLY_IN_CHATS: [(&str, &str); 5] = [
    ("name", "An item has no name of a speaker."),
    ("audio", "An item has no form for earlier audio."),
    ("function_call", "Items know tool calls only, not this older form."),
    ("reasoning_content", "Reasoning is only taken back as the item that it came as."),
    ("reasoning", "Reasoning is only taken back as the item that it came as."),
];

struct Input<'a> {
    body: &'a mut Writer,
    notes: &'a mut Notes,
    /// Ids of calls whose result is a result of a custom tool.
    custom_calls: HashSet<String>,
}

impl Input<'_> {
    /// An item as it stands: its role is said by its type.
    fn item(&mut self, path: &str, message: &Message) -> Result<(), AppError> {
        self.body.separate(b'[');
        self.object(path, None, Some(&message.content), &message.members, &message.order)
    }

    fn message(&mut self, path: &str, message: &Message) -> Result<(), AppError> {
        let mut members = message.members.clone();
        self.without_those_of_chats(path, &mut members);
        let calls = take(&mut members, "tool_calls").filter(|json| json.trim() != "null");
        let refusal = take(&mut members, "refusal").filter(|json| json.trim() != "null");
        let calls = calls.map_or_else(Vec::new, |json| self.calls(path, &json));
        let content = self.content(path, message, refusal, !calls.is_empty())?;
        if let Some(content) = content {
            self.body.separate(b'[');
            self.object(path, Some(message.role), Some(&content), &members, &message.order)?;
        }
        for call in calls {
            self.body.separate(b'[');
            self.body.bytes(call.as_bytes());
        }
        Ok(())
    }

    fn without_those_of_chats(&mut self, path: &str, members: &mut Vec<Parameter>) {
        for (name, why) in ONLY_IN_CHATS {
            if take(members, name).is_some_and(|json| json.trim() != "null") {
                self.notes.lost(format!("{path}.{name}"), why);
            }
        }
    }

    /// What a message says; `None` when that is nothing.
    fn content(
        &mut self,
        path: &str,
        message: &Message,
        refusal: Option<String>,
        has_calls: bool,
    ) -> Result<Option<Content>, AppError> {
        let mut content = message.content.clone();
        if let Content::Text { text } = &content
            && text.is_empty()
            && has_calls
        {
            content = Content::Absent;
        }
        if let Some(refusal) = refusal {
            let refusal = Part::Raw { json: format!(r#"{{"type":"refusal","refusal":{refusal}}}"#) };
            let parts = match content {
                Content::Text { text } => vec![Part::Text { text }, refusal],
                Content::Parts { parts } => parts.into_iter().chain([refusal]).collect(),
                Content::Null | Content::Absent => vec![refusal],
            };
            content = Content::Parts { parts };
        }
        let is_said = match &content {
            Content::Text { .. } => true,
            Content::Parts { parts } => parts.is_empty() || parts.iter().any(parts::has_form),
            Content::Null | Content::Absent => false,
        };
        if is_said {
            return Ok(Some(content));
        }
        if let Content::Parts { parts } = &content {
            // For the notes about each of them.
            written_parts(&format!("{path}.content"), parts, Speaker::of(message.role), self.notes)?;
        }
        if !has_calls {
            self.notes.lost(path, "It has no content, and an item without any has no form.");
        }
        Ok(None)
    }

    /// The calls of a message, each as an item.
    fn calls(&mut self, path: &str, json: &str) -> Vec<String> {
        let Some(calls) = items(json) else {
            self.notes.lost(format!("{path}.tool_calls"), "They are no list of calls.");
            return Vec::new();
        };
        let mut made = Vec::with_capacity(calls.len());
        for (at, call) in calls.iter().enumerate() {
            match self.call(call) {
                Some(item) => made.push(item),
                None => self.notes.lost(format!("{path}.tool_calls[{at}]"), "A call of this type has no form here."),
            }
        }
        made
    }

    fn call(&mut self, json: &str) -> Option<String> {
        let call = carry::members(json)?;
        let kind = find(&call, "type").map_or_else(|| Some("function".to_owned()), text_of)?;
        let (item, input) = match kind.as_str() {
            "function" => ("function_call", "arguments"),
            "custom" => ("custom_tool_call", "input"),
            _ => return None,
        };
        let said = carry::members(find(&call, &kind)?)?;
        if kind == "custom" {
            self.custom_calls.extend(find_text(&call, "id"));
        }
        let mut members = vec![Parameter::new("type", format!("\"{item}\""))];
        let mut add = |name: &str, json: Option<&str>| members.extend(json.map(|json| Parameter::new(name, json)));
        add("call_id", find(&call, "id"));
        add("name", find(&said, "name"));
        add(input, find(&said, input));
        Some(carry::object(&members))
    }

    fn tool_result(&mut self, path: &str, message: &Message) -> Result<(), AppError> {
        let mut members = message.members.clone();
        self.without_those_of_chats(path, &mut members);
        let id = take(&mut members, "tool_call_id");
        let is_custom = id.as_deref().and_then(text_of).is_some_and(|id| self.custom_calls.contains(&id));
        let kind = if is_custom { "custom_tool_call_output" } else { "function_call_output" };
        let output = match &message.content {
            Content::Text { text } => carry::quoted(text),
            Content::Parts { parts } => written_parts(&format!("{path}.content"), parts, Speaker::Others, self.notes)?,
            Content::Null | Content::Absent => "\"\"".to_owned(),
        };
        take(&mut members, "type");
        let mut item = vec![Parameter::new("type", format!("\"{kind}\""))];
        item.extend(id.map(|id| Parameter::new("call_id", id)));
        item.push(Parameter::new("output", output));
        item.append(&mut members);
        self.body.separate(b'[');
        self.object(path, None, None, &item, &message.order)
    }

    fn object(
        &mut self,
        path: &str,
        role: Option<Role>,
        content: Option<&Content>,
        members: &[Parameter],
        order: &[String],
    ) -> Result<(), AppError> {
        enum Member<'a> {
            Role(Role),
            Content(&'a Content),
            Other(&'a Parameter),
        }
        let content = content.filter(|content| **content != Content::Absent).map(Member::Content);
        let usual = role.map(Member::Role).into_iter().chain(content);
        let mut all: Vec<Member<'_>> = usual.chain(members.iter().map(Member::Other)).collect();
        sort_members(&mut all, order, |member| match member {
            Member::Role(_) => "role",
            Member::Content(_) => "content",
            Member::Other(parameter) => &parameter.name,
        });
        let mut written = Members::open(self.body, path);
        for member in all {
            match member {
                Member::Role(role) => written.string("role", role.as_str())?,
                Member::Content(Content::Text { text }) => written.string("content", text)?,
                Member::Content(Content::Parts { parts }) => {
                    let speaker = role.map_or(Speaker::Others, Speaker::of);
                    let parts = written_parts(&format!("{path}.content"), parts, speaker, self.notes)?;
                    written.name("content")?.bytes(parts.as_bytes());
                }
                Member::Content(Content::Null | Content::Absent) => written.name("content")?.bytes(b"null"),
                Member::Other(parameter) => written.json(&parameter.name, &parameter.json)?,
            }
        }
        written.close();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
