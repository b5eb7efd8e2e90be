//! Writing JSON text by hand where a tree would cost an allocation for each token.

/// Appends `text` as a JSON string. Characters outside ASCII stay as they are, so that frames hold real UTF-8.
pub(crate) fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_reads_back_the_same() {
        for text in ["", "plain", "a \"quote\" and \\ and\nlines\r\t\u{0}\u{1f}", "日本 👩‍👩‍👧 e\u{301}"]
        {
            let mut out = String::new();
            push_quoted(&mut out, text);
            assert_eq!(serde_json::from_str::<String>(&out).expect("JSON"), text);
        }
    }
}
