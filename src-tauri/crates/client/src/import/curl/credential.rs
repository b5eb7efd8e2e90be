//! Where a header value holds a key, and what stays when the key is taken out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::CurlHeader;
use super::words::{Piece, Word};
use crate::call::Sensitive;

const KEY: &str = "{{key}}";

/// A header value taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Plain(String),
    /// `template` holds `{{key}}` in the place of the key.
    Key {
        template: String,
        key: Sensitive,
    },
    /// `template` holds `{{key}}` in the place of the environment variable.
    Environment {
        template: String,
        variable: String,
    },
    /// Documentation's stand-in for a key: `<your key>`, `sk-...`.
    Placeholder {
        template: String,
    },
    /// More than one variable, or a key that is partly a variable.
    Mixed,
}

impl CurlHeader {
    /// `is_credential`: whether the value is a key, by the header's name.
    pub fn value(&self, is_credential: bool) -> Value {
        let text = self.value.text();
        match (self.value.variables().next(), is_credential) {
            (None, false) => Value::Plain(text),
            (None, true) => literal(&text),
            (Some(_), _) => variable(&self.value, is_credential),
        }
    }
}

fn literal(text: &str) -> Value {
    let (scheme, key) = match text.split_once(' ') {
        Some((scheme, key)) if is_scheme(scheme) => (scheme, key.trim()),
        _ => ("", text),
    };
    let template = if scheme.is_empty() { KEY.to_owned() } else { format!("{scheme} {KEY}") };
    match quoted_variable(key) {
        Some(variable) => Value::Environment { template, variable: variable.to_owned() },
        None if is_placeholder(key) => Value::Placeholder { template },
        None => Value::Key { template, key: Sensitive::new(key) },
    }
}

/// `$NAME` in single quotes goes out as it stands, but nobody has such a key.
fn quoted_variable(key: &str) -> Option<&str> {
    let name = key.strip_prefix('$')?;
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    let fits = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    fits.then_some(name)
}

fn variable(value: &Word, is_credential: bool) -> Value {
    let mut template = String::new();
    let mut found = None;
    for piece in value.pieces() {
        match piece {
            Piece::Text(text) => template.push_str(text),
            Piece::Variable(name) if found.is_none() => {
                found = Some(name.clone());
                template.push_str(KEY);
            }
            Piece::Variable(_) => return Value::Mixed,
        }
    }
    let around = template.replacen(KEY, "", 1);
    match found {
        // Whatever stands beside the variable may be a part of the key.
        Some(_) if is_credential && !(around.is_empty() || is_scheme(around.trim_end())) => Value::Mixed,
        Some(variable) => Value::Environment { template, variable },
        None => Value::Mixed,
    }
}

/// `Bearer`, `Basic`, `Api-Key`: what may stand before a key.
fn is_scheme(text: &str) -> bool {
    !text.is_empty() && text.len() <= 10 && text.chars().all(|letter| letter.is_ascii_alphabetic() || letter == '-')
}

fn is_placeholder(key: &str) -> bool {
    let wrapped = [('<', '>'), ('{', '}'), ('[', ']')]
        .iter()
        .any(|(open, close)| key.starts_with(*open) && key.ends_with(*close));
    let upper = key.to_ascii_uppercase();
    wrapped
        || key.ends_with("...")
        || key.ends_with('…')
        || upper.starts_with("YOUR_")
        || upper.starts_with("YOUR-")
        || key.chars().all(|character| matches!(character, 'x' | 'X' | '*' | '•'))
}

/// `user:password` as a header.
pub(super) fn basic(user: &str) -> CurlHeader {
    CurlHeader { name: "Authorization".to_owned(), value: Word::new(format!("Basic {}", STANDARD.encode(user))) }
}
