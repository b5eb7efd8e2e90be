//! Texts where markup reads them.

use std::fmt;

/// A text inside HTML or XML, in an element or in an attribute between double quotes. Characters that no XML may hold
/// become U+FFFD.
pub(crate) struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut from = 0;
        for (at, character) in self.0.char_indices() {
            let instead = match character {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\'' => "&#39;",
                // A parser would make a line feed of it.
                '\r' => "&#13;",
                '\t' | '\n' => continue,
                '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => "\u{FFFD}",
                _ => continue,
            };
            f.write_str(&self.0[from..at])?;
            f.write_str(instead)?;
            from = at + character.len_utf8();
        }
        f.write_str(&self.0[from..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup() {
        let text = "<script>alert('\"&amp;')</script>\r\n\ttab\u{0}\u{1B}[1m\u{FFFF} 東京";
        let escaped = Escaped(text).to_string();
        assert_eq!(
            escaped,
            "&lt;script&gt;alert(&#39;&quot;&amp;amp;&#39;)&lt;/script&gt;&#13;\n\ttab\u{FFFD}\u{FFFD}[1m\u{FFFD} 東京"
        );
        assert_eq!(Escaped("plain").to_string(), "plain");
        assert_eq!(Escaped("").to_string(), "");
    }
}
