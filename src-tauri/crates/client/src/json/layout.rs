//! The same JSON with other white space. Both functions expect JSON; of other text they keep every byte that is no white
//! space outside of strings.

/// Without white space between its parts.
pub fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for piece in pieces(json) {
        out.push_str(piece);
    }
    out
}

/// One member or item on a line, indented by two. What is empty stays on its line.
pub fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0usize;
    let mut pieces = pieces(json).peekable();
    while let Some(piece) = pieces.next() {
        match piece {
            "{" | "[" => {
                out.push_str(piece);
                if let Some(close) = pieces.next_if(|next| matches!(*next, "}" | "]")) {
                    out.push_str(close);
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            "}" | "]" => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push_str(piece);
            }
            "," => {
                out.push(',');
                new_line(&mut out, depth);
            }
            ":" => out.push_str(": "),
            _ => out.push_str(piece),
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// Strings, plain words and signs, one after the other.
fn pieces(json: &str) -> impl Iterator<Item = &str> {
    let bytes = json.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while bytes.get(at).is_some_and(|byte| is_space(*byte)) {
            at += 1;
        }
        let start = at;
        match bytes.get(at)? {
            b'"' => at = end_of_string(bytes, at),
            b'{' | b'}' | b'[' | b']' | b',' | b':' => at += 1,
            _ => {
                let ends = |byte: &u8| is_space(*byte) || b"{}[],:\"".contains(byte);
                at += bytes[at..].iter().position(ends).unwrap_or(bytes.len() - at);
            }
        }
        Some(&json[start..at])
    })
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Behind the closing quote, or the end of the text when there is none.
fn end_of_string(bytes: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_outside_of_strings_changes() {
        let json = "{\"a\" : [ 1.0,1e-3 ,{ } , [\n] ],\"b \\\" , :\\\\\":\"x  y\",\"ü\":null}";
        let expected = "{\n  \"a\": [\n    1.0,\n    1e-3,\n    {},\n    []\n  ],\n  \"b \\\" , :\\\\\": \"x  y\",\n  \"ü\": null\n}";
        assert_eq!(indented(json), expected);
        assert_eq!(compact(json), "{\"a\":[1.0,1e-3,{},[]],\"b \\\" , :\\\\\":\"x  y\",\"ü\":null}");
        assert_eq!(compact(&indented(json)), compact(json));
        assert_eq!(indented(&indented(json)), indented(json));
    }

    #[test]
    fn what_is_no_json_loses_nothing_but_white_space() {
        for text in ["", "\"open \\", "\"open \\\"", "}}]", "a=b", "{\"a\":", "ü 🐟"] {
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(letters(&indented(text)), letters(text), "{text:?}");
            assert_eq!(letters(&compact(text)), letters(text), "{text:?}");
        }
    }
}
