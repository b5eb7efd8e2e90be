//! Tools, choices of tools and formats: nested in a chat, flat in responses.

use juxta_wire::draft::Parameter;

use super::json_text::{find, find_text, items, list, members, object, quoted, take, text_of};

/// What became of a list of tools.
pub struct Tools {
    pub json: String,
    /// Places of those that have no form there, with their types.
    pub lost: Vec<(usize, String)>,
    pub kept: usize,
}

/// Tools of a chat as responses have them; `None` when this is no list.
pub fn flat_tools(json: &str) -> Option<Tools> {
    each(json, |mut tool| {
        let kind = find_text(&tool, "type")?;
        match kind.as_str() {
            "function" | "custom" => flat(&mut tool, &kind),
            _ => Some(object(&tool)),
        }
    })
}

/// Tools of responses as a chat has them: those that the provider runs itself have no form there.
pub fn nested_tools(json: &str) -> Option<Tools> {
    each(json, |tool| {
        let kind = find_text(&tool, "type")?;
        matches!(kind.as_str(), "function" | "custom").then(|| nested(tool, &kind))
    })
}

fn each(json: &str, shape: impl Fn(Vec<Parameter>) -> Option<String>) -> Option<Tools> {
    let mut lost = Vec::new();
    let mut kept = Vec::new();
    for (at, tool) in items(json)?.iter().enumerate() {
        let tool = members(tool).unwrap_or_default();
        let kind = find_text(&tool, "type").unwrap_or_default();
        match shape(tool) {
            Some(shaped) => kept.push(shaped),
            None => lost.push((at, kind)),
        }
    }
    Some(Tools { json: list(&kept), lost, kept: kept.len() })
}

/// `{"type":"function","function":{…}}` to `{"type":"function",…}`; what is flat already stays.
fn flat(tool: &mut Vec<Parameter>, kind: &str) -> Option<String> {
    let Some(inner) = take(tool, kind) else { return Some(object(tool)) };
    for member in members(&inner)? {
        let json = if kind == "custom" && member.name == "format" { flat_grammar(&member.json) } else { member.json };
        tool.push(Parameter { name: member.name, json });
    }
    Some(object(tool))
}

fn nested(tool: Vec<Parameter>, kind: &str) -> String {
    if find(&tool, kind).is_some_and(|inner| members(inner).is_some()) {
        return object(&tool);
    }
    let inner = tool.into_iter().filter(|member| member.name != "type");
    let inner = inner.map(|member| match kind == "custom" && member.name == "format" {
        true => Parameter::new("format", nested_grammar(&member.json)),
        false => member,
    });
    let inner: Vec<Parameter> = inner.collect();
    object(&[Parameter::new("type", quoted(kind)), Parameter::new(kind, object(&inner))])
}

fn flat_grammar(json: &str) -> String {
    let Some(mut format) = members(json) else { return json.to_owned() };
    let Some(grammar) = take(&mut format, "grammar") else { return json.to_owned() };
    format.extend(members(&grammar).unwrap_or_default());
    object(&format)
}

fn nested_grammar(json: &str) -> String {
    match members(json) {
        Some(format) if find_text(&format, "type").as_deref() == Some("grammar") => {
            let inner: Vec<Parameter> = format.into_iter().filter(|member| member.name != "type").collect();
            object(&[Parameter::new("type", quoted("grammar")), Parameter::new("grammar", object(&inner))])
        }
        _ => json.to_owned(),
    }
}

/// A choice of tools of a chat as responses have it; `None` for a form that is not known.
pub fn flat_choice(json: &str) -> Option<String> {
    if text_of(json).is_some() || json.trim() == "null" {
        return Some(json.to_owned());
    }
    let mut choice = members(json)?;
    let kind = find_text(&choice, "type")?;
    match kind.as_str() {
        "function" | "custom" => flat(&mut choice, &kind),
        "allowed_tools" => {
            let Some(inner) = take(&mut choice, "allowed_tools") else { return Some(object(&choice)) };
            for mut member in members(&inner)? {
                if member.name == "tools" {
                    member.json = flat_tools(&member.json)?.json;
                }
                choice.push(member);
            }
            Some(object(&choice))
        }
        _ => Some(json.to_owned()),
    }
}

/// A choice of tools of responses as a chat has it; `None` for one of a tool that the provider runs itself.
pub fn nested_choice(json: &str) -> Option<String> {
    if text_of(json).is_some() || json.trim() == "null" {
        return Some(json.to_owned());
    }
    let choice = members(json)?;
    let kind = find_text(&choice, "type")?;
    match kind.as_str() {
        "function" | "custom" => Some(nested(choice, &kind)),
        "allowed_tools" if find(&choice, "allowed_tools").is_some() => Some(object(&choice)),
        "allowed_tools" => {
            let mut inner: Vec<Parameter> = choice.into_iter().filter(|member| member.name != "type").collect();
            for member in inner.iter_mut().filter(|member| member.name == "tools") {
                let tools = nested_tools(&member.json)?;
                if !tools.lost.is_empty() {
                    return None;
                }
                member.json = tools.json;
            }
            let inner = object(&inner);
            Some(object(&[Parameter::new("type", quoted(&kind)), Parameter::new(kind, inner)]))
        }
        _ => None,
    }
}

/// `response_format` as `text.format`: a schema stands flat there.
pub fn flat_format(json: &str) -> Option<String> {
    if json.trim() == "null" {
        return Some(json.to_owned());
    }
    let mut format = members(json)?;
    if find_text(&format, "type").as_deref() == Some("json_schema")
        && let Some(inner) = take(&mut format, "json_schema")
    {
        format.extend(members(&inner)?);
    }
    Some(object(&format))
}

/// `text.format` as `response_format`.
pub fn nested_format(json: &str) -> Option<String> {
    if json.trim() == "null" {
        return Some(json.to_owned());
    }
    let format = members(json)?;
    let is_flat =
        find_text(&format, "type").as_deref() == Some("json_schema") && find(&format, "json_schema").is_none();
    if !is_flat {
        return Some(object(&format));
    }
    let inner: Vec<Parameter> = format.into_iter().filter(|member| member.name != "type").collect();
    Some(object(&[Parameter::new("type", quoted("json_schema")), Parameter::new("json_schema", object(&inner))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_go_flat_and_back_with_their_numbers_as_they_were() {
        let nested = r#"[{"type":"function","function":{"name":"f","parameters":{"maximum":1.0e3},"strict":true}},{"type":"custom","custom":{"name":"g","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"s: \"a\""}}}}]"#;
        let flat = r#"[{"type":"function","name":"f","parameters":{"maximum":1.0e3},"strict":true},{"type":"custom","name":"g","format":{"type":"grammar","syntax":"lark","definition":"s: \"a\""}}]"#;
        assert_eq!(flat_tools(nested).expect("a list").json, flat);
        assert_eq!(nested_tools(flat).expect("a list").json, nested);
        assert_eq!(flat_tools(flat).expect("a list").json, flat, "what is flat stays flat");
        assert_eq!(nested_tools(nested).expect("a list").json, nested);
    }

    #[test]
    fn a_tool_without_a_form_is_named() {
        let tools = nested_tools(r#"[{"type":"web_search"},{"type":"function","name":"f"},7]"#).expect("a list");
        assert_eq!(tools.json, r#"[{"type":"function","function":{"name":"f"}}]"#);
        assert_eq!((tools.kept, tools.lost), (1, vec![(0, "web_search".to_owned()), (2, String::new())]));
        assert!(nested_tools("{}").is_none());
    }

    #[test]
    fn choices_and_formats_go_flat_and_back() {
        for (nested, flat) in [
            (r#""auto""#, r#""auto""#),
            ("null", "null"),
            (r#"{"type":"function","function":{"name":"f"}}"#, r#"{"type":"function","name":"f"}"#),
            (
                r#"{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}}"#,
                r#"{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]}"#,
            ),
        ] {
            assert_eq!(flat_choice(nested).as_deref(), Some(flat));
            assert_eq!(nested_choice(flat).as_deref(), Some(nested));
        }
        assert_eq!(nested_choice(r#"{"type":"web_search"}"#), None);
        for (nested, flat) in [
            (r#"{"type":"json_object"}"#, r#"{"type":"json_object"}"#),
            (
                r#"{"type":"json_schema","json_schema":{"name":"n","schema":{"minimum":0.10},"strict":true}}"#,
                r#"{"type":"json_schema","name":"n","schema":{"minimum":0.10},"strict":true}"#,
            ),
        ] {
            assert_eq!(flat_format(nested).as_deref(), Some(flat));
            assert_eq!(nested_format(flat).as_deref(), Some(nested));
        }
        assert_eq!(flat_format("7"), None);
    }
}
