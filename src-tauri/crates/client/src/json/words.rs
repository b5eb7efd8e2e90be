//! What is said about text that is no JSON.

pub const EMPTY: &str = "There is nothing here. A body begins with {.";
pub const COMMENT: &str = "JSON has no comments. Take this away.";
pub const NO_MEMBER_BEHIND_COMMA: &str = "There is no member behind this comma. Take the comma away.";
pub const NO_ITEM_BEHIND_COMMA: &str = "There is no value behind this comma. Take the comma away.";
pub const NO_COMMA_IN_OBJECT: &str = "A comma is missing between two members.";
pub const NO_COMMA_IN_LIST: &str = "A comma is missing between two values.";
pub const NO_COLON: &str = "A colon is missing behind this name.";
pub const NO_VALUE: &str = "A value is missing.";
pub const OPEN_TEXT: &str =
    "The closing quote of this text is missing. A quote inside a text is written \\\", a line break \\n.";
pub const OPEN_OBJECT: &str = "This { is never closed.";
pub const OPEN_LIST: &str = "This [ is never closed.";

const SINGLE_QUOTE: &str = "JSON wants double quotes.";

pub fn behind_the_end(next: Option<u8>) -> &'static str {
    match next {
        Some(b'}') => "One } too many.",
        Some(b']') => "One ] too many.",
        _ => "The JSON ends before this. Take the rest away.",
    }
}

/// Where a comma or `close` should be.
pub fn instead_of_comma(next: Option<u8>, close: char) -> String {
    match (next, close) {
        (Some(b']'), '}') => "An object is closed with }, not with ].".to_owned(),
        (Some(b'}'), ']') => "A list is closed with ], not with }.".to_owned(),
        (Some(b'\''), _) => SINGLE_QUOTE.to_owned(),
        _ => format!("A comma or {close} is missing before this."),
    }
}

pub fn instead_of_name(next: Option<u8>) -> &'static str {
    match next {
        Some(b'\'') => SINGLE_QUOTE,
        Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => "A name stands between double quotes.",
        _ => "A name between double quotes is missing here.",
    }
}

/// `word` is empty when a sign stands there.
pub fn instead_of_value(word: &str, next: Option<u8>) -> String {
    match (word, next) {
        ("True" | "TRUE", _) => "Write true, in small letters.".to_owned(),
        ("False" | "FALSE", _) => "Write false, in small letters.".to_owned(),
        ("None" | "nil" | "undefined" | "NULL" | "Null", _) => "Write null.".to_owned(),
        ("NaN" | "Infinity", _) => format!("JSON has no {word}."),
        ("", Some(b'+')) => "A number is written without a plus.".to_owned(),
        ("", Some(b'.')) => "A number needs a digit before the point.".to_owned(),
        ("", Some(b'\'')) => SINGLE_QUOTE.to_owned(),
        ("", Some(byte)) if b"]},:".contains(&byte) => NO_VALUE.to_owned(),
        ("", _) => "This has no place in JSON.".to_owned(),
        _ => "Text stands between double quotes.".to_owned(),
    }
}

/// `None` when `word` is a number of JSON.
pub fn number_fault(word: &str) -> Option<&'static str> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = match plain.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (plain, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_hexadecimal = plain.starts_with("0x") || plain.starts_with("0X");
    match () {
        () if is_hexadecimal => Some("A number is written in decimal digits."),
        () if plain.contains('_') => Some("A number is written without separators."),
        () if whole.is_empty() && fraction.is_some() => Some("A number needs a digit before the point."),
        () if whole.len() > 1 && whole.starts_with('0') && digits(whole) => {
            Some("A number does not begin with 0 unless a point follows.")
        }
        () if fraction == Some("") => Some("A number needs a digit behind the point."),
        () if exponent == Some("") => Some("After the e, digits follow."),
        () if digits(whole) && fraction.is_none_or(digits) && exponent.is_none_or(digits) => None,
        () => Some("This is no number."),
    }
}
