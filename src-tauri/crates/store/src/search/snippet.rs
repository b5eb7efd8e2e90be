//! A piece of a text around its first match.

use std::collections::VecDeque;
use std::ops::Range;

use juxta_wire::search::SnippetPart;

use crate::search::query::Words;
use crate::search::terms::each_term;

/// The most characters of a piece.
const LENGTH: usize = 160;
/// The most characters before the first match.
const BEFORE: usize = 40;

/// Calls `each` with the place of every match, until that says to stop with `false`.
pub fn each_match(words: &[&Words], text: &str, mut each: impl FnMut(Range<usize>) -> bool) {
    let longest = words.iter().map(|words| words.terms.len()).max().unwrap_or(0);
    // The terms before the one at hand, as many as the longest phrase has.
    let mut recent: VecDeque<(usize, String)> = VecDeque::new();
    each_term(text, |place, term| {
        for words in words {
            let Some((last, before)) = words.terms.split_last() else { continue };
            let is_last = if words.open { term.starts_with(last.as_str()) } else { term == last };
            if !is_last || recent.len() < before.len() {
                continue;
            }
            let mut found = recent.range(recent.len() - before.len()..);
            let start = found.clone().next().map_or(place.start, |(start, _)| *start);
            if before.iter().all(|term| found.next().is_some_and(|(_, found)| found == term)) && !each(start..place.end)
            {
                return false;
            }
        }
        if longest > 1 {
            recent.push_back((place.start, term.to_owned()));
            if recent.len() >= longest {
                recent.pop_front();
            }
        }
        true
    });
}

/// Whether every one of `words` is somewhere in one of the texts, each by itself.
pub fn has_match(words: &Words, text: &str) -> bool {
    let mut found = false;
    each_match(&[words], text, |_| {
        found = true;
        false
    });
    found
}

/// The piece around the first match, matches marked; `None` when there is none.
pub fn around(words: &[&Words], text: &str) -> Option<Vec<SnippetPart>> {
    let mut first = None;
    each_match(words, text, |place| {
        first = Some(place.start);
        false
    });
    let first = first?;
    let mut start = text[..first].char_indices().rev().take(BEFORE).last().map_or(first, |(at, _)| at);
    if start > 0 {
        // Not from the middle of a word, unless that is all there is.
        let blank = text[start..first].char_indices().find(|(_, letter)| letter.is_whitespace());
        start += blank.map_or(0, |(at, letter)| at + letter.len_utf8());
    }
    Some(piece(words, text, start))
}

/// The beginning of a text.
pub fn beginning(text: &str) -> Vec<SnippetPart> {
    piece(&[], text, 0)
}

fn piece(words: &[&Words], text: &str, start: usize) -> Vec<SnippetPart> {
    let is_cut_before = !text[..start].trim().is_empty();
    let room = LENGTH - 2;
    let rest = &text[start..];
    let mut end = text.len();
    let (mut taken, mut was_blank, mut last_blank) = (0, true, None);
    for (at, letter) in rest.char_indices() {
        let is_blank = letter.is_whitespace();
        if is_blank && !was_blank {
            last_blank = Some(at);
        }
        taken += usize::from(!(is_blank && was_blank));
        was_blank = is_blank;
        if taken > room {
            end = start + last_blank.filter(|blank| *blank > 0).unwrap_or(at);
            break;
        }
    }
    let is_cut_after = !text[end..].trim().is_empty();
    let shown = &text[start..end];
    let mut parts = Parts::default();
    if is_cut_before {
        parts.add("…", false);
    }
    let mut at = 0;
    each_match(words, shown, |place| {
        // A phrase and one of its words may lie over each other.
        let from = place.start.max(at);
        if place.end > from {
            parts.add(&shown[at..from], false);
            parts.add(&shown[from..place.end], true);
            at = place.end;
        }
        true
    });
    parts.add(&shown[at..], false);
    if is_cut_after {
        parts.add("…", false);
    }
    parts.parts
}

/// Parts as they are put together: blanks of any kind and number become one space.
#[derive(Default)]
struct Parts {
    parts: Vec<SnippetPart>,
}

impl Parts {
    fn add(&mut self, text: &str, hit: bool) {
        for letter in text.chars() {
            let last = self.parts.last().and_then(|part| part.text.chars().next_back());
            let letter = if letter.is_whitespace() { ' ' } else { letter };
            if letter == ' ' && last.is_none_or(|last| last == ' ') {
                continue;
            }
            match self.parts.last_mut() {
                Some(part) if part.hit == hit => part.text.push(letter),
                _ => self.parts.push(SnippetPart { text: letter.to_string(), hit }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::filters::Clock;
    use crate::search::query::parse;

    fn marked(query: &str, text: &str) -> Option<String> {
        let query = parse(query, Clock { now: 0, offset: 0 });
        let words: Vec<&Words> = query.words.iter().collect();
        let parts = around(&words, text)?;
        assert!(parts.iter().map(|part| part.text.chars().count()).sum::<usize>() <= LENGTH, "{parts:?}");
        assert!(parts.windows(2).all(|pair| pair[0].hit != pair[1].hit), "{parts:?}");
        Some(parts.iter().map(|part| if part.hit { format!("[{}]", part.text) } else { part.text.clone() }).collect())
    }

    #[test]
    fn matches_are_marked_as_they_were_written() {
        let cases = [
            ("rembourse", "Votre REMBOURSÉ  est\n\nlà", Some("Votre [REMBOURSÉ] est là")),
            ("rem", "Votre remboursement", Some("Votre [remboursement]")),
            ("rem ", "Votre remboursement", None),
            ("\"est là\" est", "il est, est là", Some("il [est], [est là]")),
            ("\"est là\"", "il est, est là", Some("il est, [est là]")),
            ("天気", "今日の天気は", Some("今日の[天気]は")),
            ("gpt-4", "use gpt-4o, gpt 5", Some("use [gpt-4o], gpt 5")),
            ("\"a b c\"", "a b a b c", Some("a b [a b c]")),
            ("🚲", "my 🚲!", Some("my [🚲]!")),
            ("x", "", None),
        ];
        for (query, text, expected) in cases {
            assert_eq!(marked(query, text).as_deref(), expected, "{query} in {text}");
        }
    }

    #[test]
    fn a_long_text_is_cut_between_words_on_both_sides() {
        let text = format!("{} needle {}", "früher Text ".repeat(1_000), "später 東京 ".repeat(1_000));
        let found = marked("needle", &text).unwrap();
        assert!(found.starts_with("…Text früher") || found.starts_with("…früher Text"), "{found}");
        assert!(found.contains("Text [needle] später") && found.ends_with('…'), "{found}");
        let without_blanks = format!("{}needle", "é".repeat(5_000));
        assert_eq!(marked("needle", &without_blanks), None, "it is one word");
        let long = "ab".repeat(500);
        assert!(marked("abab", &long).unwrap().starts_with("[abab"));
        assert_eq!(beginning(" \n a\tb ").len(), 1);
        assert_eq!(beginning(""), []);
    }
}
