//! A prompt made of messages.

use juxta_wire::draft::{Content, Message, Part};

use crate::endpoints::carry::{Notes, find_text, item_kind, members};

/// The texts of the messages, a blank line between two of them. Roles are not part of it. What is no text is not sent and
/// noted.
pub(in crate::endpoints) fn prompt_text(lead: Option<&str>, messages: &[Message], notes: &mut Notes) -> String {
    let sent = messages.iter().enumerate().filter(|(_, message)| !message.muted);
    let mut texts: Vec<String> = lead.map(str::to_owned).into_iter().collect();
    for (at, message) in sent {
        texts.extend(text_of_message(&format!("messages[{at}]"), message, notes));
    }
    let message = match texts.len() {
        0 | 1 => "The text is the prompt. Its role is not sent.",
        _ => "The texts are the prompt, a blank line between two of them. Their roles are not sent.",
    };
    notes.told("messages", "prompt", message);
    texts.join("\n\n")
}

fn text_of_message(path: &str, message: &Message, notes: &mut Notes) -> Option<String> {
    if let Some(kind) = item_kind(message).filter(|kind| kind != "message") {
        notes.lost(path, format!("An item of type {kind} is no text."));
        return None;
    }
    for member in message.members.iter().filter(|member| member.json.trim() != "null") {
        let message = match member.name.as_str() {
            "type" => continue,
            "tool_calls" => "A prompt has no tool calls.",
            "tool_call_id" => "The result goes along as text; which call it belongs to is not said.",
            _ => "A prompt is text alone.",
        };
        notes.lost(format!("{path}.{}", member.name), message);
    }
    match &message.content {
        Content::Null | Content::Absent => None,
        Content::Text { text } => Some(text.clone()),
        Content::Parts { parts } => {
            let texts = parts.iter().enumerate().filter_map(|(at, part)| {
                let text = text_of_part(part);
                if text.is_none() {
                    notes.lost(format!("{path}.content[{at}]"), "A prompt is text alone.");
                }
                text
            });
            let texts: Vec<String> = texts.collect();
            (!texts.is_empty()).then(|| texts.join("\n"))
        }
    }
}

fn text_of_part(part: &Part) -> Option<String> {
    match part {
        Part::Text { text } => Some(text.clone()),
        Part::Image { .. } | Part::Audio { .. } | Part::File { .. } => None,
        Part::Raw { json } => {
            let members = members(json)?;
            match find_text(&members, "type")?.as_str() {
                "text" | "input_text" | "output_text" => find_text(&members, "text"),
                _ => None,
            }
        }
    }
}
