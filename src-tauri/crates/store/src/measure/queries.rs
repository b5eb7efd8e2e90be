//! What is looked for.

use std::collections::BTreeMap;

use crate::measure::seed;
use crate::measure::words::{Chance, VOCABULARY, Words};

/// Queries of each kind: what is typed, and what LIKE is given for it.
pub fn queries(words: &Words) -> BTreeMap<&'static str, Vec<(String, String)>> {
    const EACH: usize = 60;
    let mut chance = Chance(99);
    let mut kinds: BTreeMap<&'static str, Vec<(String, String)>> = BTreeMap::new();
    let like = |text: &str| format!("%{text}%");
    for number in 0..EACH {
        // Evenly over the ranks by their order of magnitude, so that the most common and the rarest are all there.
        let rank = (VOCABULARY as f64).powf((number as f64 + chance.share()) / EACH as f64) as usize;
        let word = words.words[rank.min(VOCABULARY - 1)].clone();
        kinds.entry("word").or_default().push((format!("{word} "), like(&word)));
        let second = words.word(&mut chance).to_owned();
        kinds.entry("twoWords").or_default().push((format!("{word} {second} "), format!("%{word}%{second}%")));
        let beginning: String = word.chars().take(1 + number % 6).collect();
        kinds.entry("prefix").or_default().push((beginning.clone(), like(&beginning)));
        let pair = format!("{word} {second}");
        kinds.entry("phrase").or_default().push((format!("\"{pair}\""), like(&pair)));
    }
    // Two and three words that really follow each other somewhere.
    for number in 0..EACH as u64 {
        let (_, text) = seed::run(number * 1_663, words);
        let words: Vec<&str> = text.split(' ').filter(|word| word.chars().all(char::is_alphanumeric)).collect();
        let at = 20 + number as usize;
        let phrase = words[at..at + 2 + number as usize % 2].join(" ");
        kinds.entry("phrase").or_default().push((format!("\"{phrase}\""), like(&phrase)));
    }
    kinds
}

/// None, and those that stand before a query.
pub const FILTERS: [&str; 8] = [
    "",
    "model:openai/gpt-4o ",
    "model:lab/rare ",
    "status:failed ",
    "cost>0.045 ",
    "ttft<230 ",
    "after:7d has:tool ",
    "before:30d connection:\"Own server\" ",
];
