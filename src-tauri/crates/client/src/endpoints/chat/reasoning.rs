//! Under which of its names a server tells what a model thought.

use super::chunk::{Chunk, Delta, texts};
use crate::loose::{self, Raw};

/// The member that carries reasoning in an event or a document; `None` when it has none there.
pub fn reasoning_member(json: &str) -> Option<&'static str> {
    let chunk = loose::object::<Chunk<'_>>(json.trim()).ok().flatten()?;
    match chunk.choices.is_empty() {
        true => reasoning_member(chunk.data?.get()),
        false => chunk.choices.items().iter().find_map(|choice| {
            let said = [&choice.delta.0, &choice.message.0];
            said.into_iter().flatten().find_map(named)
        }),
    }
}

/// Blocks have a signature and other facts beside their text, which a text cannot stand for.
fn named(delta: &Delta<'_>) -> Option<&'static str> {
    let names: [(&str, Raw<'_>); 3] =
        [("reasoning_content", delta.reasoning_content), ("reasoning", delta.reasoning), ("thinking", delta.thinking)];
    names.into_iter().find(|(_, raw)| !texts(*raw).is_empty()).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_answered_in_its_own_words() {
        let cases = [
            (r#"{"choices":[{"delta":{"reasoning_content":"Hm"}}]}"#, Some("reasoning_content")),
            (r#"{"choices":[{"delta":{"reasoning_content":"","reasoning":"Hm"}}]}"#, Some("reasoning")),
            (r#"{"choices":[{"message":{"content":"x","thinking":"Hm"}}]}"#, Some("thinking")),
            (r#"{"status":"ok","data":{"choices":[{"message":{"reasoning":"Hm"}}]}}"#, Some("reasoning")),
            (r#"{"choices":[{"delta":{"content":"x"}}]}"#, None),
            ("[DONE]", None),
            ("", None),
        ];
        for (json, expected) in cases {
            assert_eq!(reasoning_member(json), expected, "{json}");
        }
    }
}
