//! JSON that is still being written: read byte by byte, cut anywhere, also within an escape or a number.
//!
//! The reader keeps one bit a level, so depth costs no stack. What it finds goes to a [`Sink`] as soon as it is certain:
//! a number is over when something else follows it.

use std::ops::Range;

/// Where something stands in a text: bytes to slice it by, UTF-16 units for a page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub byte: usize,
    pub unit: usize,
}

impl Place {
    /// The place behind `text`, which begins here.
    pub fn behind(self, text: &str) -> Self {
        Self { byte: self.byte + text.len(), unit: self.unit + text.encode_utf16().count() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    Object,
    List,
}

/// Hears what stands in a growing text. Places are of the whole text, quotes and brackets are part of their value.
pub trait Sink {
    fn opened(&mut self, container: Container, at: Place);
    /// The name of a member.
    fn named(&mut self, span: Range<Place>);
    /// A string, a number or a word is complete.
    fn told(&mut self, span: Range<Place>);
    /// The innermost container is complete.
    fn closed(&mut self, end: Place);
}

/// What a text is in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Middle {
    /// Before a value that has to come.
    Value,
    Text,
    Number,
    Word,
    Name,
    /// Between members or elements of the innermost container.
    Between,
    /// The value is complete.
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Value,
    ValueOrClose,
    Name,
    NameOrClose,
    Colon,
    CommaOrClose,
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    None,
    Text { is_name: bool, escape: Escape },
    Number(Numeral),
    Word { word: &'static [u8], read: usize },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Begun,
    /// Hexadecimal digits that are still to come.
    Hex(u8),
}

/// How far a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numeral {
    Minus,
    Zero,
    Whole,
    Point,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
}

impl Numeral {
    fn is_number(self) -> bool {
        matches!(self, Numeral::Zero | Numeral::Whole | Numeral::Fraction | Numeral::ExponentDigits)
    }

    fn next(self, byte: u8) -> Option<Self> {
        match (self, byte) {
            (Numeral::Minus, b'0') => Some(Numeral::Zero),
            (Numeral::Minus, b'1'..=b'9') | (Numeral::Whole, b'0'..=b'9') => Some(Numeral::Whole),
            (Numeral::Zero | Numeral::Whole, b'.') => Some(Numeral::Point),
            (Numeral::Point | Numeral::Fraction, b'0'..=b'9') => Some(Numeral::Fraction),
            (Numeral::Zero | Numeral::Whole | Numeral::Fraction, b'e' | b'E') => Some(Numeral::Exponent),
            (Numeral::Exponent, b'+' | b'-') => Some(Numeral::ExponentSign),
            (Numeral::Exponent | Numeral::ExponentSign | Numeral::ExponentDigits, b'0'..=b'9') => {
                Some(Numeral::ExponentDigits)
            }
            _ => None,
        }
    }
}

/// Reads one JSON value with nothing but white space around it, in as many pieces as it comes.
#[derive(Debug)]
pub struct Growing {
    at: Place,
    expected: Expected,
    token: Token,
    /// Where the token in hand begins.
    token_start: Place,
    open: Vec<Container>,
    /// The first place that does not fit; nothing is read behind it.
    fault: Option<Place>,
}

impl Default for Growing {
    fn default() -> Self {
        Self {
            at: Place::default(),
            expected: Expected::Value,
            token: Token::None,
            token_start: Place::default(),
            open: Vec::new(),
            fault: None,
        }
    }
}

impl Growing {
    /// Reads what follows the text so far.
    pub fn feed(&mut self, more: &str, sink: &mut impl Sink) {
        for byte in more.bytes() {
            if self.fault.is_some() {
                return;
            }
            if !self.byte(byte, sink) {
                self.fault = Some(self.at);
                return;
            }
            self.at.byte += 1;
            // A character of four bytes is two units.
            self.at.unit += usize::from(byte & 0xC0 != 0x80) + usize::from(byte >= 0xF0);
        }
    }

    /// No more text comes: a number that nothing follows is over.
    pub fn finish(&mut self, sink: &mut impl Sink) {
        if let Token::Number(digits) = self.token
            && digits.is_number()
            && self.open.is_empty()
            && self.fault.is_none()
        {
            self.end_value(sink);
        }
    }

    /// The first place that does not fit. Where a token went wrong, the token begins at [`Growing::token_start`].
    pub fn fault(&self) -> Option<Place> {
        self.fault
    }

    /// Where the string, number or word in hand begins; where the text ends when there is none.
    pub fn token_start(&self) -> Place {
        if self.token == Token::None { self.at } else { self.token_start }
    }

    pub fn at(&self) -> Place {
        self.at
    }

    pub fn is_complete(&self) -> bool {
        self.expected == Expected::End && self.token == Token::None && self.fault.is_none()
    }

    pub fn middle(&self) -> Middle {
        match (self.token, self.expected) {
            (Token::Text { is_name: true, .. }, _) => Middle::Name,
            (Token::Text { is_name: false, .. }, _) => Middle::Text,
            (Token::Number(_), _) => Middle::Number,
            (Token::Word { .. }, _) => Middle::Word,
            (Token::None, Expected::Value | Expected::Colon) => Middle::Value,
            (Token::None, Expected::End) => Middle::Over,
            (Token::None, _) => Middle::Between,
        }
    }

    /// False when the byte does not fit.
    fn byte(&mut self, byte: u8, sink: &mut impl Sink) -> bool {
        match self.token {
            Token::None => self.between(byte, sink),
            Token::Text { is_name, escape } => self.text(byte, is_name, escape, sink),
            Token::Number(digits) => match digits.next(byte) {
                Some(next) => {
                    self.token = Token::Number(next);
                    true
                }
                None if digits.is_number() => {
                    self.end_value(sink);
                    self.between(byte, sink)
                }
                None => false,
            },
            Token::Word { word, read } => {
                if word[read] != byte {
                    return false;
                }
                self.token = Token::Word { word, read: read + 1 };
                if read + 1 == word.len() {
                    self.end_value_behind(sink);
                }
                true
            }
        }
    }

    fn between(&mut self, byte: u8, sink: &mut impl Sink) -> bool {
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            return true;
        }
        match (self.expected, byte) {
            (Expected::ValueOrClose, b']') | (Expected::NameOrClose, b'}') => self.close(sink),
            (Expected::CommaOrClose, b']') if self.open.last() == Some(&Container::List) => self.close(sink),
            (Expected::CommaOrClose, b'}') if self.open.last() == Some(&Container::Object) => self.close(sink),
            (Expected::CommaOrClose, b',') => {
                self.expected = match self.open.last() {
                    Some(Container::Object) => Expected::Name,
                    _ => Expected::Value,
                };
            }
            (Expected::Colon, b':') => self.expected = Expected::Value,
            (Expected::Name | Expected::NameOrClose, b'"') => {
                self.begin(Token::Text { is_name: true, escape: Escape::None })
            }
            (Expected::Value | Expected::ValueOrClose, _) => return self.value(byte, sink),
            _ => return false,
        }
        true
    }

    fn value(&mut self, byte: u8, sink: &mut impl Sink) -> bool {
        match byte {
            b'{' => self.open(Container::Object, sink),
            b'[' => self.open(Container::List, sink),
            b'"' => self.begin(Token::Text { is_name: false, escape: Escape::None }),
            b'-' => self.begin(Token::Number(Numeral::Minus)),
            b'0' => self.begin(Token::Number(Numeral::Zero)),
            b'1'..=b'9' => self.begin(Token::Number(Numeral::Whole)),
            b't' => self.begin(Token::Word { word: b"true", read: 1 }),
            b'f' => self.begin(Token::Word { word: b"false", read: 1 }),
            b'n' => self.begin(Token::Word { word: b"null", read: 1 }),
            _ => return false,
        }
        true
    }

    fn text(&mut self, byte: u8, is_name: bool, escape: Escape, sink: &mut impl Sink) -> bool {
        let next = match (escape, byte) {
            (Escape::None, b'"') => {
                if is_name {
                    self.end_name(sink);
                } else {
                    self.end_value_behind(sink);
                }
                return true;
            }
            (Escape::None, b'\\') => Escape::Begun,
            (Escape::None, 0..0x20) => return false,
            (Escape::None, _) => return true,
            (Escape::Begun, b'u') => Escape::Hex(4),
            (Escape::Begun, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')
            | (Escape::Hex(1), b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => Escape::None,
            (Escape::Hex(left), b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => Escape::Hex(left - 1),
            (Escape::Begun | Escape::Hex(_), _) => return false,
        };
        self.token = Token::Text { is_name, escape: next };
        true
    }

    fn begin(&mut self, token: Token) {
        self.token = token;
        self.token_start = self.at;
    }

    fn open(&mut self, container: Container, sink: &mut impl Sink) {
        sink.opened(container, self.at);
        self.open.push(container);
        self.expected = match container {
            Container::Object => Expected::NameOrClose,
            Container::List => Expected::ValueOrClose,
        };
    }

    fn close(&mut self, sink: &mut impl Sink) {
        self.open.pop();
        sink.closed(self.next());
        self.after_value();
    }

    /// Behind the ASCII sign that stands here.
    fn next(&self) -> Place {
        Place { byte: self.at.byte + 1, unit: self.at.unit + 1 }
    }

    fn end_name(&mut self, sink: &mut impl Sink) {
        self.token = Token::None;
        self.expected = Expected::Colon;
        sink.named(self.token_start..self.next());
    }

    /// The sign that stands here is the last of the value.
    fn end_value_behind(&mut self, sink: &mut impl Sink) {
        self.token = Token::None;
        self.after_value();
        sink.told(self.token_start..self.next());
    }

    /// The sign that stands here is the first behind the value.
    fn end_value(&mut self, sink: &mut impl Sink) {
        self.token = Token::None;
        self.after_value();
        sink.told(self.token_start..self.at);
    }

    fn after_value(&mut self) {
        self.expected = if self.open.is_empty() { Expected::End } else { Expected::CommaOrClose };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    /// Writes down what it hears.
    #[derive(Default, Debug, PartialEq)]
    struct Heard(Vec<(String, usize, usize)>);

    impl Sink for Heard {
        fn opened(&mut self, container: Container, at: Place) {
            self.0.push((format!("{container:?}"), at.byte, at.unit));
        }
        fn named(&mut self, span: Range<Place>) {
            self.0.push((format!("name from {}", span.start.byte), span.end.byte, span.end.unit));
        }
        fn told(&mut self, span: Range<Place>) {
            self.0.push((format!("value from {}", span.start.byte), span.end.byte, span.end.unit));
        }
        fn closed(&mut self, end: Place) {
            self.0.push(("closed".to_owned(), end.byte, end.unit));
        }
    }

    fn read(pieces: &[&str]) -> (Growing, Heard) {
        let (mut growing, mut heard) = (Growing::default(), Heard::default());
        for piece in pieces {
            growing.feed(piece, &mut heard);
        }
        (growing, heard)
    }

    #[test]
    fn places_count_bytes_and_units() {
        let text = "{\"🌊\": [12, \"é\"]}";
        let (growing, heard) = read(&[text]);
        assert!(growing.is_complete());
        let expected = [
            ("Object", 0, 0),
            ("name from 1", 7, 5),
            ("List", 9, 7),
            ("value from 10", 12, 10),
            ("value from 14", 18, 15),
            ("closed", 19, 16),
            ("closed", 20, 17),
        ];
        assert_eq!(heard.0, expected.map(|(what, byte, unit)| (what.to_owned(), byte, unit)));
    }

    #[test]
    fn it_says_what_the_text_is_in_the_middle_of() {
        for (text, middle) in [
            ("", Middle::Value),
            (" {", Middle::Between),
            ("{\"a", Middle::Name),
            ("{\"a\\u00", Middle::Name),
            ("{\"a\"", Middle::Value),
            ("{\"a\": ", Middle::Value),
            ("{\"a\": -", Middle::Number),
            ("{\"a\": 1", Middle::Number),
            ("{\"a\": tr", Middle::Word),
            ("{\"a\": \"x\\", Middle::Text),
            ("{\"a\": \"x\"", Middle::Between),
            ("[1,", Middle::Value),
            ("[1] ", Middle::Over),
        ] {
            assert_eq!(read(&[text]).0.middle(), middle, "{text}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "[".repeat(1_000_000);
        let (growing, heard) = read(&[&deep]);
        assert_eq!((growing.fault(), heard.0.len()), (None, 1_000_000));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_takes_what_a_whole_reader_takes_however_it_is_cut(
            text in r#"([\[\]{},:" \n]|"[a🌊\\u0-9dD]{0,6}"|-?[0-9.eE]{1,4}|true|null|"\\ud83d\\ude00"){0,8}"#,
            cut in any::<prop::sample::Index>(),
        ) {
            let (mut whole, mut heard) = read(&[&text]);
            let mut at = cut.index(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let (_, in_two) = read(&[&text[..at], &text[at..]]);
            prop_assert_eq!(&heard, &in_two);
            whole.finish(&mut heard);
            let expected = serde_json::from_str::<&RawValue>(&text).is_ok();
            prop_assert_eq!(whole.is_complete(), expected, "{:?}", &text);
        }

        /// What fits so far may still become JSON, and what does not fit never does.
        #[test]
        fn a_fault_is_told_no_sooner_and_no_later_than_it_is_certain(
            text in r#"(\{|\}|\[|\]|,|:|"a"|1|true){0,7}"#,
        ) {
            let (growing, _) = read(&[&text]);
            if let Some(place) = growing.fault() {
                let (before, _) = read(&[&text[..place.byte]]);
                prop_assert_eq!(before.fault(), None);
            }
        }
    }
}
