//! The words of a command as a POSIX shell takes them apart, as far as a pasted command needs it. Nothing is expanded:
//! variables stay visible, so that a key can be looked up where it lives.

mod ansi;
mod reader;

use std::fmt;

use juxta_wire::error::AppError;

pub(super) use reader::split;

#[derive(Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    /// `$NAME` or `${NAME}` where a shell would put a value in.
    Variable(String),
}

/// One word of the command. It may hold a key, so it does not print.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Word {
    pieces: Vec<Piece>,
    pub(super) place: Place,
}

impl fmt::Debug for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Word(••••)")
    }
}

impl Word {
    pub fn new(text: impl Into<String>) -> Self {
        Self::of(vec![Piece::Text(text.into())], Place::default())
    }

    fn of(mut pieces: Vec<Piece>, place: Place) -> Self {
        pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
        Self { pieces, place }
    }

    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The text with its variables spelled `$NAME`.
    pub fn text(&self) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Variable(name) => format!("${name}"),
            })
            .collect()
    }

    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The text up to the first variable.
    pub(super) fn start(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Text(text)) => text,
            _ => "",
        }
    }

    /// What follows the first `length` bytes of [`Word::start`].
    pub(super) fn after(&self, length: usize) -> Self {
        let mut pieces = self.pieces.clone();
        if let Some(Piece::Text(text)) = pieces.first_mut() {
            text.drain(..length);
        }
        Self::of(pieces, self.place)
    }

    /// This word with `text` in front of it.
    pub(super) fn behind(&self, text: &str) -> Self {
        let first = Piece::Text(format!("{text}{}", self.start()));
        let skipped = usize::from(!self.start().is_empty());
        Self::of(std::iter::once(first).chain(self.pieces[skipped..].iter().cloned()).collect(), self.place)
    }

    pub(super) fn followed_by(&self, text: &str) -> Self {
        let pieces = self.pieces.iter().cloned().chain([Piece::Text(text.to_owned())]);
        Self::of(pieces.collect(), self.place)
    }

    pub(super) fn trimmed(&self) -> Self {
        let mut pieces = self.pieces.clone();
        if let Some(Piece::Text(text)) = pieces.first_mut() {
            *text = text.trim_start().to_owned();
        }
        if let Some(Piece::Text(text)) = pieces.last_mut() {
            text.truncate(text.trim_end().len());
        }
        Self::of(pieces, self.place)
    }
}

/// Line and column, both from 1, in characters.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    line: usize,
    column: usize,
}

impl Place {
    fn of(characters: &[char], at: usize) -> Self {
        let before = &characters[..at.min(characters.len())];
        let line_start = before.iter().rposition(|character| *character == '\n').map_or(0, |end| end + 1);
        Self {
            line: before.iter().filter(|character| **character == '\n').count() + 1,
            column: before.len() - line_start + 1,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

pub(super) struct Words {
    pub words: Vec<Word>,
    /// The command in front of a `|` that curl stands behind.
    pub piped: Option<Vec<Word>>,
    /// Shell syntax that has no place in a request.
    pub unknown: Vec<String>,
}

pub(super) fn invalid(message: String) -> AppError {
    AppError::Invalid { field: "curl".to_owned(), message }
}
