//! Takes a command apart, character by character.

use std::mem;

use juxta_wire::error::AppError;

use super::ansi::Ansi;
use super::{Piece, Place, Word, Words, invalid};

/// Takes one command apart. What follows it, behind a `|` or on a later line, is named and left.
pub(in super::super) fn split(command: &str) -> Result<Words, AppError> {
    let characters = match command.contains("^\"") {
        true => without_carets(command),
        false => command.chars().collect(),
    };
    let mut reader = Reader { characters, at: 0, words: Vec::new(), piped: None, word: None, unknown: Vec::new() };
    reader.read()?;
    Ok(Words { words: reader.words, piped: reader.piped, unknown: reader.unknown })
}

/// What `cmd.exe` makes of its escapes; the quotes that are left follow rules close enough to a shell's.
fn without_carets(command: &str) -> Vec<char> {
    let mut plain = Vec::with_capacity(command.len());
    let mut characters = command.chars().filter(|character| *character != '\r');
    while let Some(character) = characters.next() {
        match character {
            '^' => match characters.next() {
                // A caret before a line end joins the lines.
                Some('\n') | None => {}
                Some(escaped) => plain.push(escaped),
            },
            other => plain.push(other),
        }
    }
    plain
}

struct Building {
    pieces: Vec<Piece>,
    text: String,
    place: Place,
}

struct Reader {
    characters: Vec<char>,
    at: usize,
    words: Vec<Word>,
    piped: Option<Vec<Word>>,
    word: Option<Building>,
    unknown: Vec<String>,
}

impl Reader {
    fn read(&mut self) -> Result<(), AppError> {
        while let Some(character) = self.next() {
            match character {
                '\n' => {
                    self.end_word();
                    if self.is_another_command_next() {
                        self.name("what follows the first command");
                        break;
                    }
                }
                blank if blank.is_whitespace() => self.end_word(),
                '\\' | '^' if self.joins_lines() => {}
                '\\' => {
                    if let Some(escaped) = self.next() {
                        self.push(escaped);
                    }
                }
                '\'' => self.single_quoted()?,
                '"' => self.double_quoted()?,
                '$' if self.peek() == Some('\'') => self.ansi_quoted()?,
                '$' if self.peek() == Some('"') => {
                    self.at += 1;
                    self.double_quoted()?;
                }
                '$' => self.dollar(),
                '`' => self.backtick(),
                '#' if self.word.is_none() => {
                    while self.peek().is_some_and(|next| next != '\n') {
                        self.at += 1;
                    }
                }
                '|' if self.begins_a_pipe() => {
                    self.end_word();
                    self.piped = Some(mem::take(&mut self.words));
                }
                '|' | ';' | '<' | '>' => {
                    self.name(&format!("what follows {character}"));
                    break;
                }
                // Elsewhere it is part of an address that was pasted without quotes.
                '&' if self.peek().is_none_or(|next| next.is_whitespace() || next == '&') => {
                    self.name("what follows &");
                    break;
                }
                other => self.push(other),
            }
        }
        self.end_word();
        Ok(())
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += 1;
        Some(character)
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn name(&mut self, what: &str) {
        if !self.unknown.iter().any(|known| known == what) {
            self.unknown.push(what.to_owned());
        }
    }

    /// The word under way; a new one begins at the character read last.
    fn building(&mut self) -> &mut Building {
        let (characters, at) = (&self.characters, self.at.saturating_sub(1));
        self.word.get_or_insert_with(|| Building {
            pieces: Vec::new(),
            text: String::new(),
            place: Place::of(characters, at),
        })
    }

    fn push(&mut self, character: char) {
        self.building().text.push(character);
    }

    fn end_word(&mut self) {
        if let Some(mut word) = self.word.take() {
            word.pieces.push(Piece::Text(word.text));
            self.words.push(Word::of(word.pieces, word.place));
        }
    }

    /// Behind `\` or `^`: whether the line goes on below. Blanks that slipped in before the line end are forgiven.
    fn joins_lines(&mut self) -> bool {
        let mut at = self.at;
        while matches!(self.characters.get(at), Some(' ' | '\t' | '\r')) {
            at += 1;
        }
        if !matches!(self.characters.get(at), Some('\n') | None) {
            return false;
        }
        // A shell joins the halves of a word; with a blank between them nobody means that.
        if matches!(self.characters.get(self.at), Some(' ' | '\t')) {
            self.end_word();
        }
        self.at = at + 1;
        true
    }

    /// Whether what was read so far prints what curl takes.
    fn begins_a_pipe(&self) -> bool {
        let first = self.words.iter().find(|word| word.text() != "$");
        self.piped.is_none()
            && self.peek() != Some('|')
            && first.is_some_and(|word| super::super::pipe::PRINTERS.contains(&word.text().as_str()))
    }

    /// Whether the next line that is not empty is no option of this command. A lost backslash is forgiven.
    fn is_another_command_next(&self) -> bool {
        let rest = self.characters.get(self.at..).unwrap_or_default();
        match rest.iter().find(|character| !character.is_whitespace()) {
            Some(first) => !self.words.is_empty() && !matches!(first, '-' | '\'' | '"' | '#'),
            None => false,
        }
    }

    fn single_quoted(&mut self) -> Result<(), AppError> {
        let opened = self.at - 1;
        self.building();
        loop {
            match self.next() {
                Some('\'') => return Ok(()),
                Some(character) => self.push(character),
                None => return Err(self.unclosed("'", opened)),
            }
        }
    }

    fn double_quoted(&mut self) -> Result<(), AppError> {
        let opened = self.at - 1;
        self.building();
        loop {
            match self.next() {
                Some('"') => return Ok(()),
                Some('\\') => match self.peek() {
                    Some(escaped @ ('$' | '`' | '"' | '\\')) => {
                        self.at += 1;
                        self.push(escaped);
                    }
                    Some('\n') => self.at += 1,
                    _ => self.push('\\'),
                },
                Some('$') => self.dollar(),
                Some('`') => self.backtick(),
                Some(character) => self.push(character),
                None => return Err(self.unclosed("\"", opened)),
            }
        }
    }

    fn ansi_quoted(&mut self) -> Result<(), AppError> {
        let opened = self.at - 1;
        self.building();
        let mut ansi = Ansi::new(&self.characters, self.at + 1);
        if !ansi.read() {
            return Err(self.unclosed("$'", opened));
        }
        let (at, bytes) = (ansi.at, ansi.bytes);
        self.at = at;
        let text = String::from_utf8(bytes).map_err(|_| {
            invalid(format!("The text in $'…' at {} is not UTF-8", Place::of(&self.characters, opened)))
        })?;
        self.building().text.push_str(&text);
        Ok(())
    }

    /// Behind a `$` that is not quoted away.
    fn dollar(&mut self) {
        let rest = self.characters.get(self.at..).unwrap_or_default();
        let open = rest.first().copied();
        let braced = open == Some('{');
        let name: String = rest
            .iter()
            .skip(usize::from(braced))
            .take_while(|character| character.is_ascii_alphanumeric() || **character == '_')
            .collect();
        let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        let closed = !braced || rest.get(1 + name.len()) == Some(&'}');
        if is_name && closed {
            let word = self.building();
            let text = mem::take(&mut word.text);
            word.pieces.extend([Piece::Text(text), Piece::Variable(name.clone())]);
            self.at += name.len() + if braced { 2 } else { 0 };
            return;
        }
        match open {
            Some('(') => self.name("a command in $(…)"),
            Some('{') if is_name => self.name("a shell expansion in ${…}"),
            _ => {}
        }
        self.push('$');
    }

    fn backtick(&mut self) {
        self.name("a command in backticks");
        self.push('`');
    }

    fn unclosed(&self, quote: &str, opened: usize) -> AppError {
        invalid(format!("The {quote} at {} is never closed", Place::of(&self.characters, opened)))
    }
}
