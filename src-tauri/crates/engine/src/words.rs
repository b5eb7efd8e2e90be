//! What was said against what was heard, word by word.
//!
//! Words and counts are those of the Python package jiwer with its usual settings, so that figures can be compared: words
//! are what stands between spaces, and of several ways to explain the difference the same one is taken.

use std::collections::HashMap;

use juxta_wire::error::AppError;
use juxta_wire::words::{WordComparison, WordStep, WordStepKind};

use crate::run::invalid;

/// Words of each text, once their common beginning and end are taken away: more than two hours of speech.
const MOST_WORDS: usize = 20_000;

/// Compares two texts. `loosely` takes no account of capitals and of punctuation.
///
/// # Errors
/// When the texts are too long.
pub fn compare(reference: &str, heard: &str, loosely: bool) -> Result<WordComparison, AppError> {
    let plain = |text: &str| if loosely { without_style(text) } else { text.to_owned() };
    let (reference, heard) = (plain(reference), plain(heard));
    let (said, heard) = (words(&reference), words(&heard));
    let steps = steps(&said, &heard)?;
    let count = |kind| steps.iter().filter(|step| step.kind == kind).count() as u32;
    let [hits, substitutions, deletions, insertions] =
        [WordStepKind::Same, WordStepKind::Substituted, WordStepKind::Deleted, WordStepKind::Inserted].map(count);
    let wrong = f64::from(substitutions) + f64::from(deletions) + f64::from(insertions);
    // Where nothing was said, every word that was heard is wrong.
    let rate = wrong / (said.len().max(1)) as f64;
    Ok(WordComparison { hits, substitutions, deletions, insertions, rate, steps })
}

/// Python counts four separators of files among its spaces.
fn is_space(letter: char) -> bool {
    letter.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&letter)
}

/// Several spaces of any kind are one, and a single one that is no blank stays inside its word.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let mut letters = text.trim_matches(is_space).chars().peekable();
    while let Some(letter) = letters.next() {
        let is_run = is_space(letter) && letters.peek().is_some_and(|next| is_space(*next));
        while is_run && letters.next_if(|next| is_space(*next)).is_some() {}
        if is_run || letter == ' ' {
            words.push(std::mem::take(&mut word));
        } else {
            word.push(letter);
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

fn without_style(text: &str) -> String {
    let is_mark = |letter: &char| {
        // An apostrophe makes another word of it.
        (letter.is_ascii_punctuation() && *letter != '\'')
            || matches!(letter, '¡' | '¿' | '«' | '»' | '\u{2010}'..='\u{2018}' | '\u{201a}'..='\u{2027}' | '\u{2030}'..='\u{205e}')
            || matches!(letter, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '！' | '，' | '．' | '：' | '；' | '？')
    };
    text.chars()
        .filter(|letter| !is_mark(letter))
        .map(|letter| match letter {
            '\u{2019}' => '\'',
            letter if is_space(letter) => ' ',
            letter => letter,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

/// The shortest way from what was said to what was heard.
fn steps(said: &[String], heard: &[String]) -> Result<Vec<WordStep>, AppError> {
    let same = |(one, other): &(&String, &String)| one == other;
    let before = said.iter().zip(heard).take_while(same).count();
    let (said_rest, heard_rest) = (&said[before..], &heard[before..]);
    let after = said_rest.iter().rev().zip(heard_rest.iter().rev()).take_while(same).count();
    let (middle, other) = (&said_rest[..said_rest.len() - after], &heard_rest[..heard_rest.len() - after]);
    if middle.len() > MOST_WORDS || other.len() > MOST_WORDS {
        return Err(invalid("words", &format!("Texts of up to {MOST_WORDS} different words are compared.")));
    }
    let same = |word: &String| step(WordStepKind::Same, Some(word), Some(word));
    let mut steps: Vec<WordStep> = said[..before].iter().map(same).collect();
    steps.extend(Table::new(middle, other).way(middle, other));
    steps.extend(said[said.len() - after..].iter().map(same));
    Ok(steps)
}

fn step(kind: WordStepKind, said: Option<&String>, heard: Option<&String>) -> WordStep {
    WordStep { kind, said: said.cloned(), heard: heard.cloned() }
}

/// Where each place of the table is left on the way back: two bits, since there are as many places as pairs of words.
struct Table {
    width: usize,
    ways: Vec<u8>,
}

const BOTH: u8 = 0;
const SAID: u8 = 1;
const HEARD: u8 = 2;

impl Table {
    fn new(said: &[String], heard: &[String]) -> Self {
        let mut numbers = HashMap::new();
        let mut numbered = |words: &[String]| -> Vec<u32> {
            let number = |word: &String| {
                let next = numbers.len() as u32;
                *numbers.entry(word.clone()).or_insert(next)
            };
            words.iter().map(number).collect()
        };
        let (said, heard) = (numbered(said), numbered(heard));
        let width = heard.len();
        let mut table = Self { width, ways: vec![0; (said.len() * width).div_ceil(4)] };
        let mut above: Vec<u32> = (0..=width as u32).collect();
        let mut row = above.clone();
        for (line, word) in said.iter().enumerate() {
            row[0] = line as u32 + 1;
            for column in 0..width {
                let diagonal = above[column] + u32::from(*word != heard[column]);
                let least = diagonal.min(above[column + 1] + 1).min(row[column] + 1);
                row[column + 1] = least;
                // A word left out is preferred, then one that was added where that saves a word, then another word.
                let way = if least == above[column + 1] + 1 {
                    SAID
                } else if row[column] < above[column] {
                    HEARD
                } else {
                    BOTH
                };
                let at = line * width + column;
                table.ways[at / 4] |= way << (at % 4 * 2);
            }
            std::mem::swap(&mut above, &mut row);
        }
        table
    }

    fn way(&self, said: &[String], heard: &[String]) -> Vec<WordStep> {
        let (mut line, mut column) = (said.len(), heard.len());
        let mut steps = Vec::with_capacity(line.max(column));
        while line > 0 || column > 0 {
            let way = match (line, column) {
                (0, _) => HEARD,
                (_, 0) => SAID,
                (line, column) => {
                    let at = (line - 1) * self.width + column - 1;
                    self.ways[at / 4] >> (at % 4 * 2) & 3
                }
            };
            steps.push(match way {
                SAID => step(WordStepKind::Deleted, Some(&said[line - 1]), None),
                HEARD => step(WordStepKind::Inserted, None, Some(&heard[column - 1])),
                _ if said[line - 1] == heard[column - 1] => {
                    step(WordStepKind::Same, Some(&said[line - 1]), Some(&heard[column - 1]))
                }
                _ => step(WordStepKind::Substituted, Some(&said[line - 1]), Some(&heard[column - 1])),
            });
            line -= usize::from(way != HEARD);
            column -= usize::from(way != SAID);
        }
        steps.reverse();
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(said: &str, heard: &str) -> (u32, u32, u32, u32) {
        let found = compare(said, heard, false).unwrap();
        (found.hits, found.substitutions, found.deletions, found.insertions)
    }

    #[test]
    fn words_are_what_stands_between_blanks() {
        assert_eq!(words("  a \n\n b\tc  d\u{a0}e \r\n"), ["a", "b\tc", "d\u{a0}e"]);
        assert_eq!(words(" \n "), Vec::<String>::new());
    }

    #[test]
    fn differences_are_told_word_by_word() {
        assert_eq!(counts("the cat sat on the mat", "the cat sat on the mat"), (6, 0, 0, 0));
        assert_eq!(counts("the cat sat", "the bat sat down"), (2, 1, 0, 1));
        assert_eq!(counts("a b c d", "b c d"), (3, 0, 1, 0));
        assert_eq!(counts("Größe 東京", "größe 東京"), (1, 1, 0, 0));
        let found = compare("one two three five", "one three five four", false).unwrap();
        let shown: Vec<_> = found.steps.iter().map(|step| (step.said.as_deref(), step.heard.as_deref())).collect();
        assert_eq!(
            shown,
            [
                (Some("one"), Some("one")),
                (Some("two"), None),
                (Some("three"), Some("three")),
                (Some("five"), Some("five")),
                (None, Some("four"))
            ]
        );
        assert!((found.rate - 0.5).abs() < 1e-12);
    }

    #[test]
    fn silence_has_a_rate_too() {
        let rate = |said, heard| compare(said, heard, false).unwrap().rate;
        assert_eq!([rate("", ""), rate("a b", ""), rate("", "a b"), rate(" ", "\n")], [0.0, 1.0, 2.0, 0.0]);
    }

    #[test]
    fn capitals_and_marks_count_only_where_they_are_asked_for() {
        let (said, heard) = ("“Don’t stop,” she said — twice!", "don't stop she\tsaid twice");
        assert_eq!(compare(said, heard, true).unwrap().rate, 0.0);
        assert!(compare(said, heard, false).unwrap().rate > 0.5);
    }

    #[test]
    fn long_texts_are_compared_and_endless_ones_refused() {
        let text = |step: usize| (0..3_000).map(|at| format!("w{} ", at * step)).collect::<String>();
        assert_eq!(compare(&text(1), &text(1), false).unwrap().hits, 3_000);
        assert!(compare(&text(1), &text(2), false).unwrap().hits > 0);
        let endless = "a ".repeat(MOST_WORDS + 1);
        assert!(compare(&endless, "b", false).is_err());
    }
}
