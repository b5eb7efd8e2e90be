//! Text with places for what is not written down: keys, which are read from the environment where the code runs.

use std::fmt;

use super::Argument;

/// A stretch of a [`Text`].
#[derive(Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    /// Read from the environment variable of this name.
    Variable(String),
    /// Made anew for each call; this one is what a language writes that has no UUIDs of its own.
    Uuid(String),
    /// Given when the code is run.
    Argument(Argument),
}

/// Pieces in order; no two neighbours are plain text, and none of those is empty. It may hold a key when the person
/// asked for that, so it does not print.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Text(Vec<Piece>);

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Text(••••)")
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new([Piece::Text(text.to_owned())])
    }
}

impl Text {
    pub fn new(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let mut joined: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (joined.last_mut(), piece) {
                (_, Piece::Text(text)) if text.is_empty() => {}
                (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
                (_, piece) => joined.push(piece),
            }
        }
        Self(joined)
    }

    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text when it is all there.
    pub fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Each piece of plain text as it is, the others as `variable` spells them.
    pub fn spelled(&self, variable: impl Fn(&str) -> String) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) | Piece::Uuid(text) => text.clone(),
                Piece::Variable(name) => variable(name),
                Piece::Argument(argument) => variable(&argument.name),
            })
            .collect()
    }

    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Text(_) | Piece::Uuid(_) | Piece::Argument(_) => None,
        })
    }

    /// Something in it is known only where the code runs.
    pub fn has_places(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Variable(_) | Piece::Argument(_)))
    }

    pub fn has_uuid(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Uuid(_)))
    }

    /// Cuts each piece of plain text at every `secret` and puts `variable` there.
    pub fn with_variable(&self, secret: &str, variable: &str) -> Self {
        if secret.is_empty() {
            return self.clone();
        }
        Self::new(self.0.iter().flat_map(|piece| match piece {
            Piece::Text(text) => {
                let mut pieces = Vec::new();
                for (at, part) in text.split(secret).enumerate() {
                    if at > 0 {
                        pieces.push(Piece::Variable(variable.to_owned()));
                    }
                    pieces.push(Piece::Text(part.to_owned()));
                }
                pieces
            }
            other => vec![other.clone()],
        }))
    }

    /// Every piece of plain text as `change` makes it.
    pub fn mapped(&self, change: impl Fn(&str) -> String) -> Self {
        Self::new(self.0.iter().map(|piece| match piece {
            Piece::Text(text) => Piece::Text(change(text)),
            other => other.clone(),
        }))
    }

    /// Bytes of the plain text.
    pub fn len(&self) -> usize {
        self.0.iter().map(|piece| if let Piece::Text(text) = piece { text.len() } else { 0 }).sum()
    }
}

/// Whether a literal must not hold the character as it is: it would end the line, be changed by the compiler, or turn
/// the order of what is read on a screen.
pub fn is_awkward(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{61c}' | '\u{200e}' | '\u{200f}')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A literal between two `quote`s, as Python and JavaScript read it.
pub fn escaped(text: &str, quote: char) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push(quote);
    for character in text.chars() {
        match character {
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            '\\' => literal.push_str("\\\\"),
            same if same == quote => literal.extend(['\\', quote]),
            awkward if is_awkward(awkward) => literal.push_str(&format!("\\u{:04x}", u32::from(awkward))),
            other => literal.push(other),
        }
    }
    literal.push(quote);
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_cut_out_wherever_it_stands() {
        let text = Text::from("abc key-1 def key-1").with_variable("key-1", "KEY");
        assert_eq!(text.spelled(|name| format!("<{name}>")), "abc <KEY> def <KEY>");
        assert_eq!(text.pieces().len(), 4);
        assert_eq!(Text::from("key-1").with_variable("key-1", "KEY").pieces().len(), 1);
        assert_eq!(Text::from("plain").with_variable("", "KEY").literal(), Some("plain"));
        assert!(Text::new([Piece::Text(String::new())]).is_empty());
    }

    #[test]
    fn a_text_does_not_print() {
        assert_eq!(format!("{:?}", Text::from("secret")), "Text(••••)");
    }
}
