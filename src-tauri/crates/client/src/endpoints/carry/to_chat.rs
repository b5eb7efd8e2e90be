//! Items of responses as messages of a chat.

use juxta_wire::draft::{Content, Message, Parameter, Part, Role};
use juxta_wire::error::AppError;

use super::Notes;
use super::json_text::{find, find_text, item_kind, items, list, members, object, quoted, take, text_of};
use crate::endpoints::writer::check_json;

/// Messages and items as messages alone. What an item that went into another message leaves behind is muted, so that
/// places still mean what they meant.
///
/// # Errors
/// [`AppError::Invalid`] for a member that is no JSON.
pub fn to_chat(messages: &[Message], notes: &mut Notes) -> Result<Vec<Message>, AppError> {
    let mut made: Vec<Message> = Vec::with_capacity(messages.len());
    for (at, message) in messages.iter().enumerate() {
        let path = format!("messages[{at}]");
        for member in message.members.iter().filter(|_| !message.muted) {
            check_json(&format!("{path}.{}", member.name), &member.json)?;
        }
        let next = match item_kind(message).filter(|_| !message.muted).as_deref() {
            None => with_parts_of_chats(&path, message.clone(), notes),
            Some("message") => with_parts_of_chats(&path, without_item_members(&path, message, notes), notes),
            Some("function_call") => add_call(&path, &mut made, message, ("function", "arguments"), notes),
            Some("custom_tool_call") => add_call(&path, &mut made, message, ("custom", "input"), notes),
            Some("function_call_output" | "custom_tool_call_output") => tool_result(&path, message, notes),
            Some(kind) => {
                notes.lost(&path, format!("An item of type {kind} has no form in a chat."));
                muted(message)
            }
        };
        made.push(next);
    }
    Ok(made)
}

fn muted(message: &Message) -> Message {
    Message { muted: true, ..message.clone() }
}

fn without_item_members(path: &str, message: &Message, notes: &mut Notes) -> Message {
    let mut message = message.clone();
    take(&mut message.members, "type");
    for name in ["id", "status", "phase"] {
        if take(&mut message.members, name).is_some() {
            notes.lost(format!("{path}.{name}"), "A message of a chat has none.");
        }
    }
    message
}

fn with_parts_of_chats(path: &str, mut message: Message, notes: &mut Notes) -> Message {
    if message.muted {
        return message;
    }
    if let Content::Parts { parts } = &mut message.content {
        *parts = parts_of_chats(&format!("{path}.content"), std::mem::take(parts), notes);
    }
    message
}

fn parts_of_chats(path: &str, parts: Vec<Part>, notes: &mut Notes) -> Vec<Part> {
    let mut kept = Vec::with_capacity(parts.len());
    for (at, part) in parts.into_iter().enumerate() {
        match part {
            Part::Raw { json } => match part_of_chats(&json) {
                Some(part) => kept.push(part),
                None => notes.lost(format!("{path}[{at}]"), "A chat takes no part of this type."),
            },
            Part::File { url: Some(_), .. } => {
                notes.lost(format!("{path}[{at}]"), "A chat takes no file by its address.")
            }
            part => kept.push(part),
        }
    }
    kept
}

fn part_of_chats(json: &str) -> Option<Part> {
    let as_it_is = || Some(Part::Raw { json: json.to_owned() });
    let Some(mut part) = members(json) else { return as_it_is() };
    match find_text(&part, "type").as_deref() {
        Some("input_text" | "output_text") => Some(Part::Text { text: find_text(&part, "text")? }),
        Some("input_image") => {
            Some(Part::Image { url: find_text(&part, "image_url")?, detail: find_text(&part, "detail") })
        }
        Some("input_file") if find(&part, "file_url").is_some() => None,
        Some("input_file") => {
            take(&mut part, "type");
            let file = [Parameter::new("type", "\"file\""), Parameter::new("file", object(&part))];
            Some(Part::Raw { json: object(&file) })
        }
        _ => as_it_is(),
    }
}

/// A call goes to the message of the model before it, or makes one.
fn add_call(
    path: &str,
    made: &mut [Message],
    message: &Message,
    (kind, input): (&str, &str),
    notes: &mut Notes,
) -> Message {
    let item = &message.members;
    let mut said = Vec::new();
    said.extend(find(item, "name").map(|json| Parameter::new("name", json)));
    said.extend(find(item, input).map(|json| Parameter::new(input, json)));
    let mut call = Vec::new();
    call.extend(find(item, "call_id").map(|json| Parameter::new("id", json)));
    call.push(Parameter::new("type", quoted(kind)));
    call.push(Parameter::new(kind, object(&said)));
    let call = object(&call);
    notes.moved(path, "messages", "The call is one of the tool calls of a message.");
    let before = made.iter_mut().rev().find(|message| !message.muted);
    if let Some(before) = before.filter(|message| message.role == Role::Assistant) {
        match before.members.iter_mut().find(|member| member.name == "tool_calls") {
            None => before.members.push(Parameter::new("tool_calls", list(&[call]))),
            Some(calls) => {
                let all: Vec<String> = items(&calls.json).unwrap_or_default().into_iter().chain([call]).collect();
                calls.json = list(&all);
            }
        }
        return muted(message);
    }
    let members = vec![Parameter::new("tool_calls", list(&[call]))];
    Message { content: Content::Null, members, ..Message::text(Role::Assistant, "") }
}

fn tool_result(path: &str, message: &Message, notes: &mut Notes) -> Message {
    let output = find(&message.members, "output").unwrap_or("\"\"");
    let content = match (text_of(output), items(output)) {
        (Some(text), _) => Content::Text { text },
        (None, Some(parts)) => {
            let parts = parts.into_iter().map(|json| Part::Raw { json }).collect();
            Content::Parts { parts: parts_of_chats(&format!("{path}.output"), parts, notes) }
        }
        (None, None) => Content::Text { text: output.to_owned() },
    };
    notes.moved(path, "messages", "The result is a message of the role tool.");
    let id = find(&message.members, "call_id").map(|json| Parameter::new("tool_call_id", json));
    Message { content, members: id.into_iter().collect(), ..Message::text(Role::Tool, "") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(json: &[(&str, &str)]) -> Message {
        let members = json.iter().map(|(name, json)| Parameter::new(*name, *json)).collect();
        Message { content: Content::Absent, members, ..Message::text(Role::Assistant, "") }
    }

    #[test]
    fn calls_and_results_of_items_are_messages_of_a_chat() {
        let said = Message {
            members: vec![Parameter::new("type", "\"message\""), Parameter::new("id", "\"msg_1\"")],
            content: Content::Parts {
                parts: vec![Part::Raw { json: r#"{"type":"output_text","text":"Wait.","annotations":[]}"#.to_owned() }],
            },
            ..Message::text(Role::Assistant, "")
        };
        let messages = [
            Message::text(Role::User, "Weather?"),
            item(&[("type", "\"reasoning\""), ("summary", "[]")]),
            said,
            item(&[("type", "\"function_call\""), ("call_id", "\"a\""), ("name", "\"f\""), ("arguments", "\"{}\"")]),
            item(&[("type", "\"custom_tool_call\""), ("call_id", "\"b\""), ("name", "\"g\""), ("input", "\"x\"")]),
            item(&[("type", "\"function_call_output\""), ("call_id", "\"a\""), ("output", "\"4 °C\"")]),
        ];
        let mut notes = Notes::new(true);
        let made = to_chat(&messages, &mut notes).expect("all of it is JSON");
        let mut body = crate::endpoints::writer::Writer::default();
        crate::endpoints::chat::write_messages(&mut body, &made).expect("messages");
        let expected = concat!(
            r#"[{"role":"user","content":"Weather?"},"#,
            r#"{"role":"assistant","content":[{"type":"text","text":"Wait."}],"tool_calls":["#,
            r#"{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},"#,
            r#"{"id":"b","type":"custom","custom":{"name":"g","input":"x"}}]},"#,
            r#"{"role":"tool","content":"4 °C","tool_call_id":"a"}]"#
        );
        assert_eq!(String::from_utf8(body.bytes).expect("UTF-8"), expected);
        assert_eq!(made.len(), messages.len(), "places mean what they meant");
        let lost: Vec<&str> =
            notes.list.iter().filter(|note| note.to.is_none()).map(|note| note.from.as_str()).collect();
        assert_eq!(lost, ["messages[1]", "messages[2].id"]);
    }
}
