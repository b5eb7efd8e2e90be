//! The text in `$'…'`, where backslashes work as in C. Browsers write bodies so.

/// Bytes under way: `\x` gives bytes, which may be halves of a character.
pub(super) struct Ansi<'a> {
    characters: &'a [char],
    pub at: usize,
    pub bytes: Vec<u8>,
}

impl<'a> Ansi<'a> {
    /// Reads behind the opening quote.
    pub(super) fn new(characters: &'a [char], at: usize) -> Self {
        Self { characters, at, bytes: Vec::new() }
    }

    /// Up to and with the closing quote; `false` when there is none.
    pub(super) fn read(&mut self) -> bool {
        while let Some(character) = self.next() {
            match character {
                '\'' => return true,
                '\\' => self.escape(),
                other => self.push(other),
            }
        }
        false
    }

    fn next(&mut self) -> Option<char> {
        let character = self.characters.get(self.at).copied()?;
        self.at += 1;
        Some(character)
    }

    fn push(&mut self, character: char) {
        self.bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn escape(&mut self) {
        let Some(escape) = self.next() else { return };
        match escape {
            'a' => self.push('\u{7}'),
            'b' => self.push('\u{8}'),
            'e' | 'E' => self.push('\u{1b}'),
            'f' => self.push('\u{c}'),
            'n' => self.push('\n'),
            'r' => self.push('\r'),
            't' => self.push('\t'),
            'v' => self.push('\u{b}'),
            '\\' | '\'' | '"' | '?' => self.push(escape),
            '0'..='7' => {
                self.at -= 1;
                self.byte(8, 3, escape);
            }
            'x' => self.byte(16, 2, escape),
            'u' => self.character(4, escape),
            'U' => self.character(8, escape),
            other => self.as_written(other),
        }
    }

    fn as_written(&mut self, escape: char) {
        self.push('\\');
        self.push(escape);
    }

    fn byte(&mut self, radix: u32, most: usize, escape: char) {
        match self.digits(radix, most) {
            // Three octal digits can exceed a byte; a shell keeps the low eight bits.
            Some(value) => self.bytes.push((value & 0xff) as u8),
            None => self.as_written(escape),
        }
    }

    fn character(&mut self, most: usize, escape: char) {
        let Some(value) = self.digits(16, most) else { return self.as_written(escape) };
        let whole = self.other_half(value).unwrap_or(value);
        self.push(char::from_u32(whole).unwrap_or(char::REPLACEMENT_CHARACTER));
    }

    /// Browsers write UTF-16: two escapes for a character beyond the first 65,536.
    fn other_half(&mut self, high: u32) -> Option<u32> {
        let follows = self.characters[self.at..].starts_with(&['\\', 'u']);
        if !(0xd800..0xdc00).contains(&high) || !follows {
            return None;
        }
        let before = self.at;
        self.at += 2;
        match self.digits(16, 4) {
            Some(low) if (0xdc00..0xe000).contains(&low) => Some(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)),
            _ => {
                self.at = before;
                None
            }
        }
    }

    fn digits(&mut self, radix: u32, most: usize) -> Option<u32> {
        let mut value: Option<u32> = None;
        for _ in 0..most {
            let Some(digit) = self.characters.get(self.at).and_then(|character| character.to_digit(radix)) else {
                break;
            };
            self.at += 1;
            value = Some(value.unwrap_or(0).wrapping_mul(radix).wrapping_add(digit));
        }
        value
    }
}
