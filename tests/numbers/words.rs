//! Word error rates, and the steps behind them, are those of jiwer.

use std::fs;

use juxta_engine::words;
use juxta_wire::words::{WordStep, WordStepKind};
use serde::Deserialize;

use crate::{Numbers, printed};

#[derive(Deserialize)]
struct Told {
    rate: f64,
    hits: u32,
    substitutions: u32,
    deletions: u32,
    insertions: u32,
    said: Vec<String>,
    heard: Vec<String>,
    /// Kind, then where it begins and ends in what was said, and in what was heard.
    steps: Vec<(String, usize, usize, usize, usize)>,
}

impl Told {
    fn steps(&self) -> Vec<WordStep> {
        let mut steps = Vec::new();
        for (kind, said, said_end, heard, heard_end) in &self.steps {
            let kind = match kind.as_str() {
                "equal" => WordStepKind::Same,
                "substitute" => WordStepKind::Substituted,
                "delete" => WordStepKind::Deleted,
                "insert" => WordStepKind::Inserted,
                other => panic!("what is {other}?"),
            };
            let at = |words: &[String], start: usize, end: usize, step: usize| {
                (start + step < end).then(|| words[start + step].clone())
            };
            for step in 0..(said_end - said).max(heard_end - heard) {
                let (said, heard) = (at(&self.said, *said, *said_end, step), at(&self.heard, *heard, *heard_end, step));
                steps.push(WordStep { kind, said, heard });
            }
        }
        steps
    }
}

/// A hundred pairs by chance from a few words, so that there are many ways from one to the other, and some by hand.
fn pairs() -> Vec<(String, String)> {
    let known = ["the", "cat", "The", "Größe", "東京", "don't", "don’t", "mat,", "mat", "👩‍👩‍👧", "a", "\"", "\\"];
    let gaps = [" ", " ", " ", "  ", "\n", " \n ", "\t", "\u{a0}", "\u{2003}\u{2003}", "\u{1c}\u{1c}"];
    let mut numbers = Numbers(11);
    let mut text = |most: usize| {
        let count = numbers.below(most);
        let mut text = String::new();
        for _ in 0..count {
            text += known[numbers.below(known.len())];
            text += gaps[numbers.below(gaps.len())];
        }
        text
    };
    let mut pairs: Vec<(String, String)> = (0..100).map(|at| (format!("one {}", text(4 + at)), text(4 + at))).collect();
    let by_hand = [
        ("the quick brown fox jumps over the lazy dog", "the quick brown dog jumped over lazy dogs"),
        ("  spaces   around  ", "spaces around"),
        ("nothing was heard", ""),
        ("a b c d e f", "b c d e f g"),
        ("a a a b", "b a a a"),
    ];
    pairs.extend(by_hand.map(|(said, heard)| (said.to_owned(), heard.to_owned())));
    // Longer than the blocks in which the package counts.
    pairs.push((text(900), text(900)));
    pairs
}

#[test]
fn word_error_rates_and_their_steps_are_those_of_jiwer() {
    let pairs = pairs();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pairs.json");
    fs::write(&file, serde_json::to_vec(&pairs).expect("JSON")).expect("written");
    let told: Vec<Told> = serde_json::from_str(&printed("words.py", &file)).expect("a list");
    assert_eq!(told.len(), pairs.len());
    for ((said, heard), told) in pairs.iter().zip(told) {
        let found = words::compare(said, heard, false).expect("short enough");
        assert!((found.rate - told.rate).abs() < 1e-9, "{said:?} {heard:?}: {} {}", found.rate, told.rate);
        assert_eq!(
            (found.hits, found.substitutions, found.deletions, found.insertions),
            (told.hits, told.substitutions, told.deletions, told.insertions),
            "{said:?} {heard:?}"
        );
        assert_eq!(found.steps, told.steps(), "{said:?} {heard:?}");
    }
}
