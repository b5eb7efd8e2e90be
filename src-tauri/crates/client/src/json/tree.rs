//! JSON with the place of every value. Two members of one name are no fault here: whoever reads the object decides.

use std::ops::Range;

use super::words;

/// Deeper than any body a server takes, and shallow enough for the stack.
const DEEPEST: usize = 200;

/// A value, and the bytes it stands at.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub span: Range<usize>,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Null,
    Boolean,
    Number,
    Text,
    List(Vec<Node>),
    Object(Vec<Member>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Escapes resolved. Half a surrogate pair, which no text can hold, becomes U+FFFD.
    pub name: String,
    pub name_span: Range<usize>,
    pub value: Node,
}

impl Node {
    /// As it is spelled in `source`, which must be the text it was parsed from.
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        &source[self.span.clone()]
    }

    /// The text of a string; `None` for another value, and for a string with half a surrogate pair.
    pub fn string(&self, source: &str) -> Option<String> {
        match self.kind {
            Kind::Text => serde_json::from_str(self.text(source)).ok(),
            _ => None,
        }
    }
}

/// Why a text is no JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Bytes of the text.
    pub span: Range<usize>,
    pub message: String,
}

/// Reads one JSON value with nothing behind it.
///
/// # Errors
/// The first fault.
pub fn parse(source: &str) -> Result<Node, Fault> {
    let mut parser = Parser { source, bytes: source.as_bytes(), at: 0 };
    parser.space()?;
    if parser.is_done() {
        return Err(fault(0..source.len(), words::EMPTY));
    }
    let node = parser.value(0)?;
    parser.space()?;
    match parser.is_done() {
        true => Ok(node),
        false => Err(parser.fault_here(words::behind_the_end(parser.peek()))),
    }
}

fn fault(span: Range<usize>, message: impl Into<String>) -> Fault {
    Fault { span, message: message.into() }
}

struct Parser<'a> {
    source: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn is_done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// At the word or sign that stands here, the last character when the text is over.
    fn fault_here(&self, message: impl Into<String>) -> Fault {
        let rest = &self.source[self.at..];
        let length = match rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '+' | '-' | '$')) {
            Some(0) => rest.chars().next().map_or(0, char::len_utf8),
            Some(end) => end,
            None => rest.len(),
        };
        match length {
            0 => self.fault_behind(self.source.len(), message),
            length => fault(self.at..self.at + length, message),
        }
    }

    /// At the last character before `end`, white space passed over: where something is missing.
    fn fault_behind(&self, end: usize, message: impl Into<String>) -> Fault {
        let before = self.source[..end].trim_end();
        let last = before.chars().next_back().map_or(0, char::len_utf8);
        fault(before.len() - last..before.len(), message)
    }

    fn space(&mut self) -> Result<(), Fault> {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'/' if matches!(self.bytes.get(self.at + 1), Some(b'/' | b'*')) => {
                    let end = memchr::memchr(b'\n', &self.bytes[self.at..]).map_or(self.bytes.len(), |n| self.at + n);
                    return Err(fault(self.at..end, words::COMMENT));
                }
                _ => break,
            }
        }
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Node, Fault> {
        if depth > DEEPEST {
            return Err(self.fault_here(format!("This is nested more than {DEEPEST} levels deep.")));
        }
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => Kind::Object(self.object(depth)?),
            Some(b'[') => Kind::List(self.list(depth)?),
            Some(b'"') => {
                self.string()?;
                Kind::Text
            }
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                Kind::Number
            }
            _ => self.word()?,
        };
        Ok(Node { span: start..self.at, kind })
    }

    fn object(&mut self, depth: usize) -> Result<Vec<Member>, Fault> {
        let open = self.at;
        let mut members = Vec::new();
        self.at += 1;
        self.space()?;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(members);
        }
        loop {
            members.push(self.member(open, depth)?);
            let end = self.at;
            self.space()?;
            match self.peek() {
                Some(b'}') => {
                    self.at += 1;
                    return Ok(members);
                }
                Some(b',') => self.comma(b'}', words::NO_MEMBER_BEHIND_COMMA)?,
                Some(b'"') => return Err(self.fault_behind(end, words::NO_COMMA_IN_OBJECT)),
                Some(_) => return Err(self.fault_here(words::instead_of_comma(self.peek(), '}'))),
                None => return Err(fault(open..open + 1, words::OPEN_OBJECT)),
            }
        }
    }

    fn member(&mut self, open: usize, depth: usize) -> Result<Member, Fault> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => self.string()?,
            Some(_) => return Err(self.fault_here(words::instead_of_name(self.peek()))),
            None => return Err(fault(open..open + 1, words::OPEN_OBJECT)),
        }
        let name_span = start..self.at;
        let end = self.at;
        self.space()?;
        if self.peek() != Some(b':') {
            return Err(match self.peek() {
                Some(b'=') => self.fault_here("A colon stands between a name and its value, not =."),
                _ => self.fault_behind(end, words::NO_COLON),
            });
        }
        self.at += 1;
        let colon = self.at;
        self.space()?;
        if matches!(self.peek(), None | Some(b'}' | b',' | b']')) {
            return Err(self.fault_behind(colon, words::NO_VALUE));
        }
        let value = self.value(depth + 1)?;
        Ok(Member { name: lossy(&self.source[name_span.clone()]), name_span, value })
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Fault> {
        let open = self.at;
        let mut items = Vec::new();
        self.at += 1;
        self.space()?;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(items);
        }
        loop {
            match self.peek() {
                None => return Err(fault(open..open + 1, words::OPEN_LIST)),
                Some(b',') => return Err(self.fault_here("A value is missing before this comma.")),
                Some(_) => items.push(self.value(depth + 1)?),
            }
            let end = self.at;
            self.space()?;
            match self.peek() {
                Some(b']') => {
                    self.at += 1;
                    return Ok(items);
                }
                Some(b',') => self.comma(b']', words::NO_ITEM_BEHIND_COMMA)?,
                Some(b':') => return Err(self.fault_here("A list has values without names. Members stand in { }.")),
                Some(b'}') => return Err(self.fault_here(words::instead_of_comma(self.peek(), ']'))),
                Some(_) => return Err(self.fault_behind(end, words::NO_COMMA_IN_LIST)),
                None => return Err(fault(open..open + 1, words::OPEN_LIST)),
            }
        }
    }

    /// Goes over a comma, which may not stand before `close`.
    fn comma(&mut self, close: u8, message: &str) -> Result<(), Fault> {
        let comma = self.at;
        self.at += 1;
        self.space()?;
        match self.peek() {
            Some(byte) if byte == close => Err(fault(comma..comma + 1, message)),
            Some(b',') => Err(self.fault_here("One comma is enough.")),
            _ => Ok(()),
        }
    }

    fn string(&mut self) -> Result<(), Fault> {
        let open = self.at;
        self.at += 1;
        loop {
            let rest = &self.bytes[self.at..];
            let Some(found) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)) else {
                return Err(self.open_string(open));
            };
            self.at += found;
            match self.bytes[self.at] {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.escape()?,
                // Mostly the closing quote of this line is what is missing.
                b'\n' | b'\r' => return Err(self.open_string(open)),
                b'\t' => return Err(fault(self.at..self.at + 1, "A tab in a text is written \\t.")),
                byte => {
                    let message = format!("A control character in a text is written as an escape: \\u{byte:04x}.");
                    return Err(fault(self.at..self.at + 1, message));
                }
            }
        }
    }

    fn open_string(&self, open: usize) -> Fault {
        let line = memchr::memchr2(b'\n', b'\r', &self.bytes[open..]).map_or(self.bytes.len(), |n| open + n);
        fault(open..line, words::OPEN_TEXT)
    }

    fn escape(&mut self) -> Result<(), Fault> {
        let start = self.at;
        let hex = |bytes: &[u8]| bytes.len() == 4 && bytes.iter().all(u8::is_ascii_hexdigit);
        match self.bytes.get(start + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') if self.bytes.get(start + 2..start + 6).is_some_and(hex) => self.at += 6,
            Some(b'u') => return Err(fault(start..start + 2, "Four hexadecimal digits follow \\u.")),
            Some(_) => {
                let length = self.source[start + 1..].chars().next().map_or(0, char::len_utf8);
                return Err(fault(
                    start..start + 1 + length,
                    "This escape does not exist. A backslash itself is written \\\\.",
                ));
            }
            None => return Err(fault(start..start + 1, words::OPEN_TEXT)),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        let rest = &self.source[self.at..];
        let end =
            rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '+' | '-' | '_')).unwrap_or(rest.len());
        let word = &rest[..end];
        if let Some(message) = words::number_fault(word) {
            return Err(fault(self.at..self.at + end, message));
        }
        self.at += end;
        Ok(())
    }

    fn word(&mut self) -> Result<Kind, Fault> {
        let rest = &self.source[self.at..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let kind = match &rest[..end] {
            "null" => Kind::Null,
            "true" | "false" => Kind::Boolean,
            word => return Err(self.fault_here(words::instead_of_value(word, self.peek()))),
        };
        self.at += end;
        Ok(kind)
    }
}

/// The text of a JSON string, with U+FFFD for each half of a surrogate pair.
pub(crate) fn lossy(json: &str) -> String {
    serde_json::from_str(json).unwrap_or_else(|_| {
        let bytes: serde_json::Result<BytesOf> = serde_json::from_str(json);
        bytes.map_or_else(|_| json.to_owned(), |bytes| bytes.0)
    })
}

/// serde_json gives a string with half a surrogate pair as bytes.
struct BytesOf(String);

impl<'de> serde::Deserialize<'de> for BytesOf {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl serde::de::Visitor<'_> for Bytes {
            type Value = String;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a string")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<String, E> {
                Ok(String::from_utf8_lossy(bytes).into_owned())
            }
            fn visit_str<E>(self, text: &str) -> Result<String, E> {
                Ok(text.to_owned())
            }
        }
        deserializer.deserialize_bytes(Bytes).map(BytesOf)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    #[test]
    fn every_value_knows_its_place() {
        let source = "{ \"ä\\u0041\" : [1.0, null ,\"x\"], \"b\":{}}";
        let node = parse(source).expect("JSON");
        let Kind::Object(members) = &node.kind else { panic!("an object") };
        assert_eq!(members.iter().map(|member| member.name.as_str()).collect::<Vec<_>>(), ["äA", "b"]);
        assert_eq!(&source[members[0].name_span.clone()], "\"ä\\u0041\"");
        let Kind::List(items) = &members[0].value.kind else { panic!("a list") };
        let texts: Vec<&str> = items.iter().map(|item| item.text(source)).collect();
        assert_eq!(texts, ["1.0", "null", "\"x\""]);
        assert_eq!(items[2].string(source).as_deref(), Some("x"));
        assert_eq!(members[1].value.text(source), "{}");
    }

    /// The marked part is where the fault is, and the words are what a person reads beside it.
    #[test]
    fn a_fault_has_its_place_and_words_that_help() {
        for (marked, words) in [
            ("«»", "There is nothing here"),
            ("«  \n»", "There is nothing here"),
            ("{\"a\": «1»\n \"b\": 2}", "A comma is missing between two members"),
            ("{\"a\": \"x«\"» \"b\": 2}", "A comma is missing between two members"),
            ("[1«2» 3]", "A comma is missing between two values"),
            ("{\"a\": 1«,»}", "no member behind this comma"),
            ("{\"a\": 1«,» \n}", "no member behind this comma"),
            ("[1«,»]", "no value behind this comma"),
            ("[1,«,»2]", "One comma is enough"),
            ("{«,»\"a\":1}", "A name between double quotes"),
            ("{\"a«\"» 1}", "A colon is missing"),
            ("{\"a\" «=» 1}", "A colon stands between"),
            ("{\"a\"«:»}", "A value is missing"),
            ("{\"a\"«:» , \"b\": 1}", "A value is missing"),
            ("{«temperature»: 1}", "A name stands between double quotes"),
            ("{«'»a': 1}", "double quotes"),
            ("{\"a\": «'»x'}", "double quotes"),
            ("{\"a\": «True»}", "Write true"),
            ("{\"a\": «None»}", "Write null"),
            ("{\"a\": «undefined»}", "Write null"),
            ("{\"a\": «NaN»}", "JSON has no NaN"),
            ("{\"a\": «.5»}", "digit before the point"),
            ("{\"a\": «1.»}", "digit behind the point"),
            ("{\"a\": «-.5»}", "digit before the point"),
            ("{\"a\": «007»}", "does not begin with 0"),
            ("{\"a\": «+1»}", "without a plus"),
            ("{\"a\": «0x1F»}", "decimal digits"),
            ("{\"a\": «1_000»}", "without separators"),
            ("{\"a\": «1e»}", "digits follow."),
            ("{\"a\": «-»}", "This is no number"),
            ("{\"a\": «hello»}", "Text stands between double quotes"),
            ("{\"a\": «\"hello»\n}", "The closing quote of this text is missing"),
            ("{\"a\": \"x«\t»y\"}", "written \\t"),
            ("{\"a\": \"x«\u{1}»y\"}", "\\u0001"),
            ("{\"a\": \"«\\x»41\"}", "This escape does not exist"),
            ("{\"a\": \"«\\ü»\"}", "This escape does not exist"),
            ("{\"a\": \"«\\u»12\"}", "Four hexadecimal digits"),
            ("«{»\"a\": 1", "This { is never closed"),
            ("{\"a\": «{»\"b\": 1", "This { is never closed"),
            ("{\"a\": «[»1, 2", "This [ is never closed"),
            ("{\"a\": [1«}»", "A list is closed with ]"),
            ("{\"a\": 1«]»", "An object is closed with }"),
            ("{\"a\": 1} «{»\"b\": 2}", "ends before this"),
            ("{\"a\": 1}«}»", "One } too many"),
            ("{\"a\": 1 «// why»\n}", "no comments"),
            ("{ «/* x */ \"a\": 1}»", "no comments"),
            ("[«\u{feff}»1]", "no place in JSON"),
        ] {
            let source = marked.replace(['«', '»'], "");
            let start = marked.find('«').expect("a mark");
            let span = start..marked.find('»').expect("a mark") - '«'.len_utf8();
            let fault = parse(&source).expect_err(marked);
            assert!(fault.message.contains(words), "{marked}: {}", fault.message);
            assert_eq!(fault.span, span, "{marked}: {}", fault.message);
        }
        let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
        assert!(parse(&deep).expect_err("deep").message.contains("200 levels"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_takes_what_the_parser_of_the_rest_takes(
            text in r#"([\[\]{},:" \n]|"[a\\u0-9dD]{0,6}"|-?[0-9.eE]{1,4}|true|null|"\\ud83d\\ude00"){0,8}"#,
        ) {
            let expected = serde_json::from_str::<&RawValue>(&text).is_ok();
            let found = parse(&text);
            prop_assert_eq!(found.is_ok(), expected, "{:?}: {:?}", &text, &found);
            if let Err(fault) = found {
                prop_assert!(fault.span.start <= fault.span.end && text.get(fault.span.clone()).is_some());
            }
        }

        #[test]
        fn no_text_upsets_it(text in any::<String>()) {
            if let Err(fault) = parse(&text) {
                prop_assert!(text.get(fault.span).is_some());
            }
        }
    }
}
