//! Values by their JSON pointer.

use super::tree::{Kind, Node, parse};

/// The value that `pointer` leads to; the whole for an empty one. Of two members with one name the last counts.
pub fn find<'a>(node: &'a Node, pointer: &str) -> Option<&'a Node> {
    let mut at = node;
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return None;
    }
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        at = match &at.kind {
            Kind::Object(members) => &members.iter().rev().find(|member| member.name == step)?.value,
            Kind::List(items) => {
                let is_index = step == "0" || !step.starts_with(['0', '+']);
                items.get(step.parse::<usize>().ok().filter(|_| is_index)?)?
            }
            Kind::Null | Kind::Boolean | Kind::Number | Kind::Text => return None,
        };
    }
    Some(at)
}

/// `source` with another value where `pointer` leads, and as it is when it leads nowhere.
pub fn with_value(source: &str, pointer: &str, json: &str) -> String {
    let root = parse(source).ok();
    match root.as_ref().and_then(|root| find(root, pointer)) {
        Some(node) => [&source[..node.span.start], json, &source[node.span.end..]].concat(),
        None => source.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_finds_what_it_names() {
        let source = r#"{"a/b":{"~":[10, {"ü":"x"}]},"":1.50,"twice":1,"twice":2}"#;
        let root = parse(source).expect("JSON");
        let found = |pointer: &str| find(&root, pointer).map(|node| node.text(source));
        assert_eq!(found(""), Some(source));
        assert_eq!(found("/a~1b/~0/0"), Some("10"));
        assert_eq!(found("/a~1b/~0/1/ü"), Some("\"x\""));
        assert_eq!(found("/"), Some("1.50"));
        assert_eq!(found("/twice"), Some("2"));
        for nothing in ["/a", "a", "/a~1b/~0/2", "/a~1b/~0/01", "/a~1b/~0/+1", "/a~1b/~0/-", "/a~1b/~0/0/x"] {
            assert_eq!(found(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_value_is_put_where_another_stood_and_the_rest_stays() {
        let source = " { \"a\" : [1.0 , 2] }\n";
        assert_eq!(with_value(source, "/a/1", "\"ü\""), " { \"a\" : [1.0 , \"ü\"] }\n");
        assert_eq!(with_value(source, "/b", "3"), source);
        assert_eq!(with_value("no JSON", "", "3"), "no JSON");
    }
}
