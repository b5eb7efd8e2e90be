//! Cutting text into tokens of four to five characters, as tokenizers do.

/// The most bytes that a word keeps in one token, its leading space not counted.
const WHOLE_WORD: usize = 9;

/// Token after token; joined they are `text` again.
pub(crate) fn cut(text: &str) -> Vec<&str> {
    let mut tokens = Vec::with_capacity(text.len() / 4 + 1);
    let mut rest = text;
    while !rest.is_empty() {
        let length = next(rest);
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after;
    }
    tokens
}

/// Bytes of the first token of a text that is not empty.
fn next(text: &str) -> usize {
    let space = usize::from(text.starts_with(' '));
    let body = &text[space..];
    let Some(first) = body.chars().next() else { return space };
    let run = |belongs: fn(char) -> bool| body.find(|character| !belongs(character)).unwrap_or(body.len());
    let taken = if first.is_ascii_alphanumeric() {
        let word = run(|character| character.is_ascii_alphanumeric());
        if word <= WHOLE_WORD { word } else { 5 + word % 2 }
    } else if first == ' ' || first == '\n' {
        // Indentation and blank lines are one token each, up to a limit.
        body.bytes().take(12).take_while(|byte| *byte == first as u8).count()
    } else if first.is_ascii() {
        body.bytes().take(3).take_while(|byte| byte.is_ascii_punctuation()).count().max(1)
    } else {
        body.chars().take(2).take_while(|character| !character.is_ascii()).map(char::len_utf8).sum()
    };
    space + taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_joined_are_the_text_again() {
        for text in ["", " ", "Time to first token.", "  indented\n\n\nand `code()`;", "日本語のテキスト 👩‍👩‍👧 é", "a  b"]
        {
            assert_eq!(cut(text).concat(), text);
        }
    }

    #[test]
    fn long_words_are_cut_and_short_ones_stay_whole() {
        assert_eq!(cut("the transmissions end"), ["the", " transm", "issions", " end"]);
        assert_eq!(cut("fn main() {\n    1\n}"), ["fn", " main", "()", " {", "\n", "    ", "1", "\n", "}"]);
    }
}
