//! Where in its JSON the text of an event stands.

use juxta_wire::events::TextChannel;
use serde_json::Value;

/// The JSON path of `text` in `data`, for example `$.choices[0].delta.content`. Of a text that was put together from
/// several strings it is that of the first.
pub fn of_text(data: &str, channel: TextChannel, choice: u32, text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(data).ok()?;
    let mut search = Search { members: members(channel), choice, text, whole: None, part: None };
    search.visit(&value, &mut "$".to_owned(), false);
    search.whole.or(search.part)
}

/// Members that hold the text of a channel.
fn members(channel: TextChannel) -> &'static [&'static str] {
    match channel {
        TextChannel::Text => &["content", "text", "delta", "response", "output", "data"],
        TextChannel::Reasoning => {
            &["reasoning_content", "reasoning", "thinking", "thinking_blocks", "content", "text", "delta"]
        }
        TextChannel::Refusal => &["refusal", "content", "text", "delta"],
        TextChannel::ToolCall => &["arguments", "input", "delta", "code", "command", "commands"],
    }
}

struct Search<'a> {
    members: &'static [&'static str],
    choice: u32,
    text: &'a str,
    whole: Option<String>,
    part: Option<String>,
}

impl Search<'_> {
    /// `fits` says that the value stands in a member that may hold the text.
    fn visit(&mut self, value: &Value, path: &mut String, fits: bool) {
        if self.whole.is_some() {
            return;
        }
        let length = path.len();
        match value {
            Value::String(found) if fits => self.compare(found, path),
            Value::Object(members) => {
                for (name, value) in members {
                    push_member(path, name);
                    let fits = self.members.contains(&name.as_str());
                    // Arguments may be an object instead of its text.
                    if fits
                        && value.is_object()
                        && serde_json::from_str(self.text).is_ok_and(|said: Value| said == *value)
                    {
                        self.whole = Some(path.clone());
                    }
                    if name == "choices" {
                        self.visit_choices(value, path)
                    } else {
                        self.visit(value, path, fits)
                    }
                    path.truncate(length);
                }
            }
            Value::Array(elements) => {
                for (index, value) in elements.iter().enumerate() {
                    path.push_str(&format!("[{index}]"));
                    self.visit(value, path, fits);
                    path.truncate(length);
                }
            }
            _ => {}
        }
    }

    fn visit_choices(&mut self, choices: &Value, path: &mut String) {
        let length = path.len();
        for (position, choice) in choices.as_array().into_iter().flatten().enumerate() {
            let index = choice.get("index").and_then(Value::as_u64).unwrap_or(position as u64);
            if index == u64::from(self.choice) {
                path.push_str(&format!("[{position}]"));
                self.visit(choice, path, false);
                path.truncate(length);
            }
        }
    }

    fn compare(&mut self, found: &str, path: &str) {
        if found == self.text {
            self.whole = Some(path.to_owned());
        } else if self.part.is_none()
            && !found.is_empty()
            && (self.text.starts_with(found) || found.ends_with(self.text))
        {
            self.part = Some(path.to_owned());
        }
    }
}

fn push_member(path: &mut String, name: &str) {
    let is_plain = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
    match is_plain {
        true => {
            path.push('.');
            path.push_str(name);
        }
        false => path.push_str(&format!("[{}]", Value::from(name))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TextChannel::{Reasoning, Refusal, Text, ToolCall};

    #[test]
    fn the_path_leads_to_the_string_that_was_carried() {
        for (data, channel, choice, text, expected) in [
            (r#"{"choices":[{"index":0,"delta":{"content":"Hi"}}]}"#, Text, 0, "Hi", "$.choices[0].delta.content"),
            (
                r#"{"choices":[{"index":1,"delta":{"content":"a"}},{"index":0,"delta":{"content":"a"}}]}"#,
                Text,
                0,
                "a",
                "$.choices[1].delta.content",
            ),
            (
                r#"{"data":{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}}]}}"#,
                Text,
                0,
                "ab",
                "$.data.choices[0].message.content[0].text",
            ),
            (r#"{"choices":[{"text":"old"}]}"#, Text, 0, "old", "$.choices[0].text"),
            (
                r#"{"choices":[{"delta":{"content":"","reasoning_content":"hm"}}]}"#,
                Reasoning,
                0,
                "hm",
                "$.choices[0].delta.reasoning_content",
            ),
            (r#"{"choices":[{"delta":{"refusal":"no"}}]}"#, Refusal, 0, "no", "$.choices[0].delta.refusal"),
            (
                r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a"}}]}}]}"#,
                ToolCall,
                0,
                "{\"a",
                "$.choices[0].delta.tool_calls[0].function.arguments",
            ),
            (
                r#"{"choices":[{"message":{"tool_calls":[{"function":{"arguments":{"b":1,"a":2}}}]}}]}"#,
                ToolCall,
                0,
                r#"{"b":1,"a":2}"#,
                "$.choices[0].message.tool_calls[0].function.arguments",
            ),
            (r#"{"type":"response.output_text.delta","delta":"Hi"}"#, Text, 0, "Hi", "$.delta"),
            (r#"{"type":"response.output_text.done","text":"Hi there"}"#, Text, 0, "there", "$.text"),
            (
                r#"{"response":{"output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}]}}"#,
                Text,
                0,
                "Hi",
                "$.response.output[0].content[0].text",
            ),
            (r#"{"item":{"action":{"commands":["ls"]}}}"#, ToolCall, 0, "ls", "$.item.action.commands[0]"),
            (r#"{"object":"generic_inference.chunk","response":"Hi"}"#, Text, 0, "Hi", "$.response"),
            (r#"{"odd name":{"content":"x"}}"#, Text, 0, "x", r#"$["odd name"].content"#),
        ] {
            assert_eq!(of_text(data, channel, choice, text).as_deref(), Some(expected), "{data}");
        }
        assert_eq!(of_text("[DONE]", Text, 0, "x"), None);
        assert_eq!(of_text(r#"{"choices":[]}"#, Text, 0, "x"), None);
    }
}
