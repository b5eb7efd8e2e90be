//! JSON values taken apart and put together as text, so that no number is spelled anew.

use juxta_wire::draft::{Message, Parameter};

use crate::json::{self, Kind};

/// The members of an object; `None` when `json` is none.
pub fn members(json: &str) -> Option<Vec<Parameter>> {
    let node = json::parse(json).ok()?;
    let Kind::Object(members) = &node.kind else { return None };
    Some(members.iter().map(|member| Parameter::new(&member.name, member.value.text(json))).collect())
}

/// The items of a list; `None` when `json` is none.
pub fn items(json: &str) -> Option<Vec<String>> {
    let node = json::parse(json).ok()?;
    let Kind::List(items) = &node.kind else { return None };
    Some(items.iter().map(|item| item.text(json).to_owned()).collect())
}

/// The text of a string.
pub fn text_of(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

pub fn object(members: &[Parameter]) -> String {
    let members: Vec<String> = members.iter().map(|one| format!("{}:{}", quoted(&one.name), one.json)).collect();
    format!("{{{}}}", members.join(","))
}

pub fn list(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

pub fn find<'a>(members: &'a [Parameter], name: &str) -> Option<&'a str> {
    members.iter().find(|member| member.name == name).map(|member| member.json.as_str())
}

/// The text of a member that is a string.
pub fn find_text(members: &[Parameter], name: &str) -> Option<String> {
    text_of(find(members, name)?)
}

/// Takes a member out.
pub fn take(members: &mut Vec<Parameter>, name: &str) -> Option<String> {
    let at = members.iter().position(|member| member.name == name)?;
    Some(members.remove(at).json)
}

/// The type of a message that is an item of responses: one that says its type itself.
pub fn item_kind(message: &Message) -> Option<String> {
    find_text(&message.members, "type")
}
