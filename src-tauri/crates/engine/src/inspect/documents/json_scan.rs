//! JSON that is read as it comes: whether it is one whole value, and where the members of its outermost object begin.
//!
//! A parser that builds a value would need many times the memory of the text, and refuse deep nesting; this one keeps
//! one bit for each open bracket.

/// Members that are named, at most. Nobody picks from a longer list.
const MOST_KEYS: usize = 2_000;
/// Bytes of a name that are kept.
const LONGEST_NAME: usize = 1_024;

/// A member of the outermost object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub name: String,
    /// Where the quote that opens its name stands.
    pub offset: u64,
}

#[derive(Debug, Default)]
pub struct JsonScan {
    at: u64,
    state: State,
    /// The open brackets, one bit each: set for an object.
    stack: Vec<u64>,
    depth: usize,
    keys: Vec<Key>,
    /// The name being read, with its quotes, when it is of the outermost object.
    name: Option<(u64, Vec<u8>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Start,
    /// So many bytes of a byte order mark.
    Mark(u8),
    /// A value must come.
    Value,
    /// A value or the end of the array.
    FirstElement,
    /// A name or the end of the object.
    FirstMember,
    /// A name must come.
    Member,
    Colon,
    Text {
        is_name: bool,
    },
    Escape {
        is_name: bool,
    },
    Hex {
        is_name: bool,
        left: u8,
    },
    Number(Number),
    /// The rest of `true`, `false` or `null`.
    Literal(&'static [u8]),
    /// A value is over.
    After,
    Broken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Minus,
    Zero,
    Integer,
    Point,
    Fraction,
    E,
    Sign,
    Exponent,
}

impl JsonScan {
    /// Every byte so far belongs to JSON, though there may be none or the end may be missing.
    pub fn is_possible(&self) -> bool {
        self.state != State::Broken
    }

    /// The bytes so far are one whole JSON value.
    pub fn is_whole(&self) -> bool {
        self.depth == 0
            && match self.state {
                State::After => true,
                State::Number(number) => number.may_end(),
                _ => false,
            }
    }

    /// The value begins an object or an array.
    pub fn is_nested(&self) -> bool {
        self.is_possible() && !self.stack.is_empty()
    }

    /// In the order in which they stand, also those of an object whose end is missing.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    pub fn weight(&self) -> usize {
        self.stack.capacity() * 8 + self.keys.iter().map(|key| 48 + key.name.len()).sum::<usize>()
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        let mut index = 0;
        while let Some(&byte) = bytes.get(index) {
            index += 1;
            let here = self.at + index as u64 - 1;
            match self.state {
                State::Broken => break,
                State::Text { is_name } => {
                    // The inside of a string is most of what there is.
                    let rest = &bytes[index - 1..];
                    let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
                    let plain = plain.unwrap_or(rest.len());
                    self.collect(&rest[..plain]);
                    index += plain;
                    let Some(&byte) = rest.get(plain) else {
                        index -= 1;
                        continue;
                    };
                    self.state = match byte {
                        b'"' => self.end_of_text(is_name),
                        b'\\' => {
                            self.collect(b"\\");
                            State::Escape { is_name }
                        }
                        _ => State::Broken,
                    };
                }
                _ => {
                    // A number is ended by the byte after it, which is then read for itself.
                    if let State::Number(number) = self.state {
                        match number.next(byte) {
                            Some(next) => {
                                self.state = State::Number(next);
                                continue;
                            }
                            None if number.may_end() => self.state = State::After,
                            None => self.state = State::Broken,
                        }
                    }
                    self.state = self.step(byte, here);
                }
            }
        }
        self.at += bytes.len() as u64;
    }

    fn step(&mut self, byte: u8, here: u64) -> State {
        let is_space = matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        match self.state {
            State::Start if byte == 0xEF => State::Mark(1),
            State::Mark(1) if byte == 0xBB => State::Mark(2),
            State::Mark(2) if byte == 0xBF => State::Value,
            State::Start | State::Value | State::FirstElement | State::FirstMember | State::Member | State::Colon
                if is_space =>
            {
                // Spaces before the value do not keep the mark out, and no server sends both.
                if self.state == State::Start { State::Value } else { self.state }
            }
            State::After if is_space => State::After,
            State::FirstElement if byte == b']' => self.close(false),
            State::FirstMember if byte == b'}' => self.close(true),
            State::Start | State::Value | State::FirstElement => self.begin_value(byte),
            State::FirstMember | State::Member if byte == b'"' => {
                if self.depth == 1 && self.keys.len() < MOST_KEYS {
                    self.name = Some((here, vec![b'"']));
                }
                State::Text { is_name: true }
            }
            State::Colon if byte == b':' => State::Value,
            State::Escape { is_name } => match byte {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                    self.collect(&[byte]);
                    State::Text { is_name }
                }
                b'u' => {
                    self.collect(b"u");
                    State::Hex { is_name, left: 4 }
                }
                _ => State::Broken,
            },
            State::Hex { is_name, left } if byte.is_ascii_hexdigit() => {
                self.collect(&[byte]);
                if left == 1 { State::Text { is_name } } else { State::Hex { is_name, left: left - 1 } }
            }
            State::Literal([expected, rest @ ..]) if byte == *expected => match rest {
                [] => State::After,
                rest => State::Literal(rest),
            },
            State::After if self.depth > 0 => match byte {
                b',' if self.is_in_object() => State::Member,
                b',' => State::Value,
                b'}' => self.close(true),
                b']' => self.close(false),
                _ => State::Broken,
            },
            _ => State::Broken,
        }
    }

    fn begin_value(&mut self, byte: u8) -> State {
        match byte {
            b'{' => {
                self.open(true);
                State::FirstMember
            }
            b'[' => {
                self.open(false);
                State::FirstElement
            }
            b'"' => State::Text { is_name: false },
            b'-' => State::Number(Number::Minus),
            b'0' => State::Number(Number::Zero),
            b'1'..=b'9' => State::Number(Number::Integer),
            b't' => State::Literal(b"rue"),
            b'f' => State::Literal(b"alse"),
            b'n' => State::Literal(b"ull"),
            _ => State::Broken,
        }
    }

    fn end_of_text(&mut self, is_name: bool) -> State {
        if !is_name {
            return State::After;
        }
        if let Some((offset, mut quoted)) = self.name.take() {
            quoted.push(b'"');
            // Half a surrogate pair is JSON's to write and nobody's to read; such a name is shown as it is spelled.
            let name = serde_json::from_slice(&quoted)
                .unwrap_or_else(|_| String::from_utf8_lossy(&quoted[1..quoted.len() - 1]).into_owned());
            self.keys.push(Key { name, offset });
        }
        State::Colon
    }

    fn collect(&mut self, bytes: &[u8]) {
        if let Some((_, name)) = &mut self.name {
            let room = LONGEST_NAME.saturating_sub(name.len());
            name.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }

    fn open(&mut self, is_object: bool) {
        let (word, bit) = (self.depth / 64, self.depth % 64);
        if word == self.stack.len() {
            self.stack.push(0);
        }
        self.stack[word] = self.stack[word] & !(1 << bit) | u64::from(is_object) << bit;
        self.depth += 1;
    }

    fn close(&mut self, is_object: bool) -> State {
        if self.depth == 0 || self.is_in_object() != is_object {
            return State::Broken;
        }
        self.depth -= 1;
        State::After
    }

    fn is_in_object(&self) -> bool {
        let last = self.depth - 1;
        self.stack[last / 64] >> (last % 64) & 1 == 1
    }
}

impl Number {
    fn next(self, byte: u8) -> Option<Self> {
        match (self, byte) {
            (Number::Minus, b'0') => Some(Number::Zero),
            (Number::Minus, b'1'..=b'9') => Some(Number::Integer),
            (Number::Integer, b'0'..=b'9') => Some(Number::Integer),
            (Number::Zero | Number::Integer, b'.') => Some(Number::Point),
            (Number::Point | Number::Fraction, b'0'..=b'9') => Some(Number::Fraction),
            (Number::Zero | Number::Integer | Number::Fraction, b'e' | b'E') => Some(Number::E),
            (Number::E, b'+' | b'-') => Some(Number::Sign),
            (Number::E | Number::Sign | Number::Exponent, b'0'..=b'9') => Some(Number::Exponent),
            _ => None,
        }
    }

    fn may_end(self) -> bool {
        matches!(self, Number::Zero | Number::Integer | Number::Fraction | Number::Exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(bytes: &[u8], size: usize) -> JsonScan {
        let mut scan = JsonScan::default();
        bytes.chunks(size.max(1)).for_each(|chunk| scan.feed(chunk));
        scan
    }

    #[test]
    fn it_says_what_a_json_parser_says_however_the_bytes_are_cut() {
        let texts = [
            "",
            " ",
            "{}",
            "[]",
            " [ ] ",
            "{\"a\":1}",
            "[1,2,]",
            "[,1]",
            "{\"a\"}",
            "{\"a\":}",
            "{,}",
            "{a:1}",
            "[1 2]",
            "nul",
            "null",
            "nullx",
            "true ",
            "falsee",
            "0",
            "01",
            "-",
            "-0",
            "1.",
            "1.5",
            ".5",
            "1e",
            "1e+",
            "1e-3",
            "1E5",
            "-1.50E+07 ",
            "+1",
            "\"\"",
            "\"a",
            "\"\\u00e9\"",
            "\"\\u00g9\"",
            "\"\\x\"",
            "\"tab\there\"",
            "\"é東🌊\"",
            "[[[]]",
            "[}",
            "{]",
            "[{\"a\":[{}]}]",
            "1 1",
            "{} {}",
            "[\"a\",\"b\"]",
            "{\"a\":1,\"b\":[true,null]}",
            "{\"a\":1,}",
            "\u{feff}{\"a\":1}",
            "--1",
            "1-1",
            "12345678901234567890123",
            "[1e400]",
        ];
        for text in texts {
            let parses =
                serde_json::from_str::<&serde_json::value::RawValue>(text.trim_start_matches('\u{feff}')).is_ok();
            for size in [1, 2, 3, 7, 1000] {
                assert_eq!(scan(text.as_bytes(), size).is_whole(), parses, "{text:?} in pieces of {size}");
            }
            for (end, _) in text.char_indices() {
                let is_possible = scan(&text.as_bytes()[..end], 1000).is_possible();
                assert!(is_possible || !parses, "{text:?}: the beginning {:?} of JSON is possible", &text[..end]);
            }
        }
    }

    #[test]
    fn members_of_the_outermost_object_are_named_with_their_place() {
        let json = r#" {"a":{"inner":1},"b\u00e9\"":"{\"no\":1}" , "":[{"no":2}],"\ud83e":null}"#;
        for size in [1, 5, 1000] {
            let found = scan(json.as_bytes(), size);
            let keys: Vec<(&str, u64)> = found.keys().iter().map(|key| (key.name.as_str(), key.offset)).collect();
            assert_eq!(keys, [("a", 2), ("bé\"", 18), ("", 45), (r"\ud83e", 59)], "in pieces of {size}");
            for (_, offset) in keys {
                assert_eq!(json.as_bytes()[offset as usize], b'"');
            }
        }
        assert_eq!(scan(br#"[{"a":1}]"#, 9).keys(), [], "an array has no members");
    }

    #[test]
    fn ten_thousand_levels_are_nothing_special() {
        let deep = format!("{}1{}", "[{\"a\":".repeat(10_000), "}]".repeat(10_000));
        let found = scan(deep.as_bytes(), 4096);
        assert!(found.is_whole());
        assert!(!scan(&deep.as_bytes()[..deep.len() - 1], 4096).is_whole());
        assert!(!scan(deep.replacen("}]", "]]", 1).as_bytes(), 4096).is_possible(), "brackets must match");
    }
}
