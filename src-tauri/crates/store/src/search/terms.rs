//! Text as terms: folded words with their places.
//!
//! A term is a run of letters and digits without case and without diacritics, so that `Zürich`, `zurich` and `ZÜRICH`
//! are one. Scripts that put no spaces between words give a term for each character, and so do pictographs; a word of
//! several terms is looked for as a phrase, which finds it anywhere in a sentence.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;

/// A term is cut here, bytes: past it, only encoded data goes on, and nobody looks for its end.
const LONGEST: usize = 64;

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Word,
    /// A term of its own.
    Single,
    /// Belongs to the character before it.
    Mark,
    Gap,
}

fn class(character: char) -> Class {
    match character {
        '0'..='9' | 'a'..='z' | 'A'..='Z' => Class::Word,
        '\0'..='\u{7f}' => Class::Gap,
        '\u{300}'..='\u{36f}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe2f}' => Class::Mark,
        // Thai to Burmese, Khmer, kana, Han; then symbols and pictographs.
        '\u{e00}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => {
            if character.is_alphanumeric() {
                Class::Single
            } else {
                Class::Gap
            }
        }
        '\u{2600}'..='\u{27bf}' | '\u{1f300}'..='\u{1faff}' => Class::Single,
        _ if character.is_alphanumeric() => Class::Word,
        _ => Class::Gap,
    }
}

/// Whether a term that begins like this is one character of a script without spaces, which is never a beginning.
pub fn is_single(term: &str) -> bool {
    term.chars().next().is_some_and(|first| class(first) == Class::Single)
}

/// Calls `each` with the place of every term in `text` and its folded form, until that says to stop with `false`.
pub fn each_term(text: &str, mut each: impl FnMut(Range<usize>, &str) -> bool) {
    let mut term = String::with_capacity(LONGEST);
    let mut start = None;
    let mut end = 0;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii() {
            if byte.is_ascii_alphanumeric() {
                start.get_or_insert(at);
                if term.len() < LONGEST {
                    term.push(char::from(byte.to_ascii_lowercase()));
                }
            } else if let Some(start) = start.take() {
                if !each(start..at, &term) {
                    return;
                }
                term.clear();
            }
            at += 1;
            end = at;
            continue;
        }
        // `at` stands on a boundary: it moves by whole characters.
        let Some(character) = text[at..].chars().next() else { break };
        let next = at + character.len_utf8();
        match class(character) {
            Class::Word => {
                start.get_or_insert(at);
                fold(character, &mut term);
            }
            Class::Mark if start.is_some() => {}
            other => {
                if let Some(start) = start.take() {
                    if !each(start..at, &term) {
                        return;
                    }
                    term.clear();
                }
                if other == Class::Single {
                    term.push(character);
                    if !each(at..next, &term) {
                        return;
                    }
                    term.clear();
                }
            }
        }
        at = next;
        end = at;
    }
    if let Some(start) = start {
        each(start..end, &term);
    }
}

fn fold(character: char, term: &mut String) {
    if term.len() >= LONGEST {
        return;
    }
    // Hangul would fall apart into letters that nobody types.
    if ('\u{ac00}'..='\u{d7a3}').contains(&character) {
        term.push(character);
        return;
    }
    let plain = character.nfkd().filter(|part| class(*part) != Class::Mark && class(*part) != Class::Gap);
    term.extend(plain.flat_map(char::to_lowercase).filter(|part| class(*part) != Class::Mark));
}

/// All terms of a short text.
pub fn terms(text: &str) -> Vec<String> {
    let mut terms = Vec::new();
    each_term(text, |_, term| {
        terms.push(term.to_owned());
        true
    });
    terms
}

/// The first `count` characters, when there are as many.
pub fn beginning(term: &str, count: usize) -> Option<&str> {
    let mut ends = term.char_indices().map(|(at, character)| at + character.len_utf8());
    ends.nth(count.checked_sub(1)?).map(|end| &term[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_diacritics_and_forms_of_writing_fold_together() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("… — !?", &[]),
            ("Zürich, ZÜRICH zu\u{308}rich", &["zurich", "zurich", "zurich"]),
            ("remboursé'e", &["rembourse", "e"]),
            ("gpt-4o_mini/V2", &["gpt", "4o", "mini", "v2"]),
            ("Straße ΣΊΣΥΦΟΣ İstanbul", &["straße", "σισυφοσ", "istanbul"]),
            ("ﬁn Ａ１ ½", &["fin", "a1", "12"]),
            ("今日の天気", &["今", "日", "の", "天", "気"]),
            ("안녕하세요 세계", &["안녕하세요", "세계"]),
            ("go🚲now ☀️", &["go", "🚲", "now", "☀"]),
            ("\u{301}a", &["a"]),
            ("ไทย", &["ไ", "ท", "ย"]),
        ];
        for (text, expected) in cases {
            assert_eq!(terms(text), *expected, "{text}");
        }
    }

    #[test]
    fn a_place_covers_what_was_written_and_not_what_it_folds_to() {
        let text = "–Été 東 u\u{308}ber";
        let mut found = Vec::new();
        each_term(text, |place, _| {
            found.push(&text[place]);
            true
        });
        assert_eq!(found, ["Été", "東", "u\u{308}ber"]);
    }

    #[test]
    fn a_term_without_end_is_cut_and_the_next_one_is_not_touched() {
        let text = format!("{} next", "é".repeat(10_000));
        let found = terms(&text);
        assert_eq!(found.len(), 2);
        assert!(found[0].len() <= LONGEST + 4);
        assert_eq!(found[1], "next");
    }

    #[test]
    fn beginnings_are_counted_in_characters() {
        assert_eq!(beginning("über", 2), Some("üb"));
        assert_eq!(beginning("ab", 3), None);
        assert_eq!(beginning("ab", 0), None);
    }
}
