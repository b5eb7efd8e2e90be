//! A document of any length: pages of prose, lists, tables with computed figures, and code.

use std::fmt::Write;

use super::{sections, shuffle};
use crate::answer::Piece;
use crate::chance::Chance;
use crate::pieces;

/// Exactly this many tokens of Markdown. Another seed puts the pages of each chapter into another order.
pub(crate) fn book(tokens: usize, seed: u64) -> Vec<Piece> {
    let mut book = Vec::with_capacity(tokens);
    let mut number = 1;
    while book.len() < tokens {
        let text = chapter(number, seed);
        book.extend(pieces::cut(&text).into_iter().take(tokens - book.len()).map(Piece::new));
        number += 1;
    }
    book
}

const TITLES: &[&str] =
    &["Waiting and reading", "What travels", "Counting", "When things break", "Side by side", "Small print"];

fn chapter(number: u64, seed: u64) -> String {
    let mut chance = Chance::new(number.wrapping_mul(1_000_003).wrapping_add(seed));
    let title = TITLES[(number - 1) as usize % TITLES.len()];
    let mut pages: Vec<String> = sections(include_str!("book.md")).into_iter().map(str::to_owned).collect();
    pages.push(speed_table(&mut chance));
    pages.push(cost_table(&mut chance));
    pages.push(rust_code(number, &mut chance));
    pages.push(python_code(number, &mut chance));
    pages.push(json_code(number, &mut chance));
    // The first chapter of seed 0 is as written; later ones should not look like copies of it.
    shuffle(&mut pages, seed.wrapping_add(number - 1));
    format!("## {number}. {title}\n\n{}\n\n", pages.join("\n\n"))
}

fn speed_table(chance: &mut Chance) -> String {
    let mut table = String::from(
        "How long an answer takes, from its length and its speed:\n\n| Tokens | Speed (tokens/s) | Wait (ms) | Writing (s) | Total (s) |\n|--:|--:|--:|--:|--:|\n",
    );
    for _ in 0..6 {
        let tokens = 50 * (1 + chance.below(60));
        let speed = 20 * (1 + chance.below(12));
        let wait = 40 * (2 + chance.below(20));
        let writing = tokens as f64 / speed as f64;
        let total = writing + wait as f64 / 1000.0;
        // Writing to a String cannot fail.
        let _ = writeln!(table, "| {tokens} | {speed} | {wait} | {writing:.1} | {total:.1} |");
    }
    table.trim_end().to_owned()
}

fn cost_table(chance: &mut Chance) -> String {
    let mut table = String::from(
        "What a day costs, at an invented price for a million tokens:\n\n| Calls | Tokens in | Tokens out | Price in | Price out | Cost |\n|--:|--:|--:|--:|--:|--:|\n",
    );
    for _ in 0..5 {
        let calls = 100 * (1 + chance.below(90));
        let (tokens_in, tokens_out) = (100 * (1 + chance.below(40)), 50 * (1 + chance.below(20)));
        let (price_in, price_out) = (0.25 * (1 + chance.below(12)) as f64, (1 + chance.below(16)) as f64);
        let cost = calls as f64 * (tokens_in as f64 * price_in + tokens_out as f64 * price_out) / 1e6;
        let _ = writeln!(
            table,
            "| {calls} | {tokens_in} | {tokens_out} | {price_in:.2} | {price_out:.2} | **{cost:.2}** |"
        );
    }
    table.trim_end().to_owned()
}

fn rust_code(number: u64, chance: &mut Chance) -> String {
    let (limit, rate) = (10 * (1 + chance.below(50)), 20 * (1 + chance.below(20)));
    format!(
        "A bucket that lets {rate} tokens through each second and saves up at most {limit}:\n\n\
         ```rust\n\
         use std::time::Instant;\n\n\
         /// Chapter {number}: how to slow down politely.\n\
         pub struct Bucket {{\n    left: f64,\n    filled: Instant,\n}}\n\n\
         impl Bucket {{\n    const LIMIT: f64 = {limit}.0;\n    const RATE: f64 = {rate}.0;\n\n    \
         pub fn take(&mut self, now: Instant) -> bool {{\n        \
         let since = now.duration_since(self.filled).as_secs_f64();\n        \
         self.left = (self.left + since * Self::RATE).min(Self::LIMIT);\n        \
         self.filled = now;\n        \
         let enough = self.left >= 1.0;\n        if enough {{\n            self.left -= 1.0;\n        }}\n        enough\n    }}\n}}\n\
         ```"
    )
}

fn python_code(number: u64, chance: &mut Chance) -> String {
    let share = 50 + 5 * chance.below(10);
    format!(
        "The value below which {share} per cent of all waits lie:\n\n\
         ```python\n\
         def percentile_{number}(waits: list[float], share: float = {:.2}) -> float | None:\n    \
         \"\"\"None when nothing was measured: an unknown figure is not zero.\"\"\"\n    \
         if not waits:\n        return None\n    \
         ordered = sorted(waits)\n    \
         position = share * (len(ordered) - 1)\n    \
         below, part = int(position), position % 1\n    \
         above = min(below + 1, len(ordered) - 1)\n    \
         return ordered[below] * (1 - part) + ordered[above] * part\n\
         ```",
        share as f64 / 100.0
    )
}

fn json_code(number: u64, chance: &mut Chance) -> String {
    let (first, tokens) = (90 + chance.below(400), 20 + chance.below(900));
    format!(
        "What one run leaves behind:\n\n\
         ```json\n\
         {{\n  \"run\": {number},\n  \"first_token_ms\": {first},\n  \"completion_tokens\": {tokens},\n  \
         \"finish_reason\": \"stop\",\n  \"bytes\": {}\n}}\n\
         ```",
        tokens * 290
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_has_exactly_the_tokens_asked_for_and_is_no_copy_of_one_page() {
        let pieces = book(20_000, 0);
        assert_eq!(pieces.len(), 20_000);
        let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert!(text.contains("```rust") && text.contains("```python") && text.contains("|--:|"));
        let (first, second) = (chapter(1, 0), chapter(2, 0));
        assert_ne!(first[20..], second[20..]);
        assert_ne!(chapter(1, 1), first, "the seed counts");
        assert_eq!(book(1, 0).len(), 1);
    }

    #[test]
    fn fences_close_before_a_chapter_ends() {
        for number in 1..12 {
            assert_eq!(chapter(number, 0).matches("```").count() % 2, 0);
        }
    }
}
