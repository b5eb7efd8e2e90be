//! Changes to the text of a line that leave every other byte of it as it is.

use std::ops::Range;

use juxta_client::json::{self, Kind, Node};
use serde_json::Value;

/// Commas that are taken away at once.
const MOST_COMMAS: usize = 16;

/// The text without the commas that keep it from being JSON; `None` where something else does.
pub(crate) fn without_stray_commas(text: &str) -> Option<String> {
    let mut mended = text.to_owned();
    for _ in 0..MOST_COMMAS {
        let fault = json::parse(&mended).err()?;
        if mended.get(fault.span.clone()) != Some(",") {
            return None;
        }
        mended.replace_range(fault.span, "");
        if json::parse(&mended).is_ok() {
            return Some(mended);
        }
    }
    None
}

/// The text with other JSON at `span`.
pub(crate) fn with_json_at(text: &str, span: Range<usize>, json: &str) -> String {
    [&text[..span.start], json, &text[span.end..]].concat()
}

/// The text of an object with one member more, as its first.
pub(crate) fn with_first_member(text: &str, name: &str, json: &str) -> Option<String> {
    let open = text.find('{')? + 1;
    let comma = if text[open..].trim_start().starts_with('}') { "" } else { "," };
    let member = format!("{}:{json}{comma}", Value::from(name));
    Some([&text[..open], &member, &text[open..]].concat())
}

/// The text without the members `names` of the object at `pointer`, each with one comma. `None` where there is no object.
pub(crate) fn without_members(text: &str, pointer: &str, names: &[&str]) -> Option<String> {
    let mut text = text.to_owned();
    loop {
        let root = json::parse(&text).ok()?;
        let Kind::Object(members) = &json::find(&root, pointer)?.kind else { return None };
        let Some(at) = members.iter().position(|member| names.contains(&member.name.as_str())) else {
            return Some(text);
        };
        let end = |node: &Node| node.span.end;
        let member = &members[at];
        let span = match (members.get(at + 1), at.checked_sub(1).and_then(|before| members.get(before))) {
            (Some(next), _) => member.name_span.start..next.name_span.start,
            (None, Some(before)) => end(&before.value)..end(&member.value),
            (None, None) => member.name_span.start..end(&member.value),
        };
        text.replace_range(span, "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_without_a_place_go_and_nothing_else() {
        for (text, expected) in [
            (r#"{"a":1,}"#, Some(r#"{"a":1}"#)),
            (r#"{"a":1,,"b":[1,, ,2 ,]},"#, Some(r#"{"a":1,"b":[1, 2 ]}"#)),
            (r#"{,"a":",,"}"#, Some(r#"{"a":",,"}"#)),
            (r#"{"a":1},{"b":2}"#, None),
            (r#"{"a":,}"#, None),
            (r#"{"a":1"#, None),
        ] {
            assert_eq!(without_stray_commas(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_member_goes_with_one_comma() {
        for (text, expected) in [
            (r#"{"body": {"a":1.0, "stream" : true, "b":2}}"#, r#"{"body": {"a":1.0, "b":2}}"#),
            (r#"{"body":{"stream":true,"a":1}}"#, r#"{"body":{"a":1}}"#),
            (r#"{"body":{"a":1 , "stream":true }}"#, r#"{"body":{"a":1 }}"#),
            (r#"{"body":{ "stream":true }}"#, r#"{"body":{  }}"#),
            (r#"{"body":{"stream":true,"stream_options":{"a":[1]},"stream":1}}"#, r#"{"body":{}}"#),
            (r#"{"body":{"a":{"stream":true}}}"#, r#"{"body":{"a":{"stream":true}}}"#),
        ] {
            let found = without_members(text, "/body", &["stream", "stream_options"]);
            assert_eq!(found.as_deref(), Some(expected), "{text}");
        }
        assert_eq!(without_members("[1]", "/body", &["stream"]), None);
    }

    #[test]
    fn a_member_comes_first() {
        assert_eq!(with_first_member(" {\"b\":1}", "a", "\"é\"").as_deref(), Some(" {\"a\":\"é\",\"b\":1}"));
        assert_eq!(with_first_member("{ }", "a", "1").as_deref(), Some("{\"a\":1 }"));
    }
}
