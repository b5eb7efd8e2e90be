//! `printf '%s' '…' | curl … -d @-`: a body that is piped in, as it is written when it is too long for an argument.

use super::Word;

/// Programs that print their arguments.
pub(super) const PRINTERS: &[&str] = &["printf", "echo"];

/// What such a command prints. `None` for one whose arguments mean something else.
pub(super) fn printed(words: &[Word]) -> Option<Word> {
    let mut words = words.iter().skip_while(|word| word.text() == "$");
    let program = words.next()?.text();
    let arguments: Vec<&Word> = words.collect();
    match (program.as_str(), arguments.as_slice()) {
        ("printf", [form, text]) if form.text() == "%s" => Some((*text).clone()),
        ("printf", [form, text]) if form.text() == r"%s\n" => Some(text.followed_by("\n")),
        ("printf", [text]) if !text.text().contains(['%', '\\']) => Some((*text).clone()),
        ("echo", [option, text]) if option.text() == "-n" => Some((*text).clone()),
        ("echo", [text]) if !text.start().starts_with('-') => Some(text.followed_by("\n")),
        _ => None,
    }
}
