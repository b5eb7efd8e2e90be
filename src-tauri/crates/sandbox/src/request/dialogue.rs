//! Which calls of tools a request says were made, and which it answers.

use serde_json::{Map, Value};

/// Ids in the order in which they stand.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Dialogue {
    pub(crate) called: Vec<String>,
    answered: Vec<String>,
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

impl Dialogue {
    pub(super) fn of_messages(body: &Map<String, Value>) -> Self {
        let messages = || body.get("messages").and_then(Value::as_array).into_iter().flatten();
        let calls = messages().flat_map(|message| message["tool_calls"].as_array().into_iter().flatten());
        Self {
            called: calls.filter_map(|call| text(&call["id"])).collect(),
            answered: messages().filter_map(|message| text(&message["tool_call_id"])).collect(),
        }
    }

    pub(crate) fn of_items<'items>(items: impl Iterator<Item = &'items Value>) -> Self {
        let mut dialogue = Self::default();
        for item in items {
            let list = match item["type"].as_str() {
                Some("function_call" | "custom_tool_call") => &mut dialogue.called,
                Some("function_call_output" | "custom_tool_call_output") => &mut dialogue.answered,
                _ => continue,
            };
            list.extend(text(&item["call_id"]));
        }
        dialogue
    }

    /// What a server that minds refuses: every id that was called is to be answered once, and no other is.
    pub(crate) fn flaw(&self) -> Option<String> {
        let times = |list: &[String], id: &str| list.iter().filter(|other| *other == id).count();
        if let Some(id) = self.called.iter().find(|id| times(&self.answered, id) == 0) {
            return Some(format!("No tool output was found for the call {id}"));
        }
        if let Some(id) = self.answered.iter().find(|id| times(&self.called, id) == 0) {
            return Some(format!("No call was found for the tool output of {id}"));
        }
        let twice = self.answered.iter().find(|id| times(&self.answered, id) > 1)?;
        Some(format!("The call {twice} was answered more than once"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_answered_once_and_nothing_else_is() {
        let of = |called: &[&str], answered: &[&str]| {
            let list = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
            Dialogue { called: list(called), answered: list(answered) }.flaw()
        };
        assert_eq!(of(&[], &[]), None);
        assert_eq!(of(&["a", "b"], &["b", "a"]), None, "in any order");
        assert!(of(&["a", "b"], &["a"]).is_some_and(|flaw| flaw.contains("call b")));
        assert!(of(&["a"], &["a", "c"]).is_some_and(|flaw| flaw.contains("output of c")));
        assert!(of(&["a"], &["a", "a"]).is_some_and(|flaw| flaw.contains("more than once")));
    }
}
