//! What the models say. The texts are about the thing that people come here to look at: how answers arrive.

mod book;

pub(crate) use book::book;

use crate::chance::Chance;

/// Sections in a text file are parted by a line of two percent signs.
fn sections(file: &'static str) -> Vec<&'static str> {
    file.split("\n%%\n").map(str::trim_end).collect()
}

/// One of `texts`; seed 0 takes the first, neighbouring seeds take neighbours.
fn pick<'text>(texts: &[&'text str], seed: u64) -> &'text str {
    texts[(seed % texts.len() as u64) as usize]
}

const SHORT: &[&str] = &[
    "Streaming sends each token as soon as it exists, so you can start to read while the rest is still being written. \
     This answer is short; most of its time went into the first word.",
    "Time to first token is the wait between sending a request and seeing the answer begin. People notice it more than \
     the speed that follows.",
    "A token is a piece of a word, four or five characters on average. Prices, limits and speeds are all counted in \
     tokens.",
    "Server-sent events are plain text over HTTP: a line that begins with `data:`, then a blank line. That simplicity is \
     why almost every provider uses them.",
    "A finish reason of `stop` means the model was done, `length` that it ran out of room. An answer without either \
     probably lost its connection.",
    "Temperature spreads the choice of each word. At 0 the likeliest word wins; towards 2 the unlikely ones get their \
     turn, for better or worse.",
    "A seed asks the server to repeat itself. Here it always works, because nothing about this model is left to chance.",
    "Tokens per second tells how fast text arrives once it has begun. Eighty are faster than anybody reads, and still \
     slow for a program that waits for the end.",
];

/// Two or three sentences.
pub(crate) fn short(seed: u64) -> &'static str {
    pick(SHORT, seed)
}

const OPENINGS: &[&str] = &[
    "Here is what happens between the moment you press Run and the moment the last word arrives.",
    "Let us follow one request from the button to the screen.",
    "An answer that streams has a small history of its own. This is it.",
    "You asked, and something is already on its way. A short tour of what that something is:",
    "It looks like typing, but there is more to it.",
];

const CLOSINGS: &[&str] = &[
    "That is the whole journey. Run it again beside another model, and watch where the two differ.",
    "If you want to see the pieces themselves, open the exchange: every frame is kept as it came.",
    "Try the same prompt with another speed, or let something go wrong on purpose, and see what changes.",
];

/// About 400 tokens of prose. Seed 0 keeps the order of the page, others shuffle its paragraphs.
pub(crate) fn steady(seed: u64) -> String {
    let mut paragraphs = sections(include_str!("content/steady.md"));
    shuffle(&mut paragraphs, seed);
    let mut text = vec![pick(OPENINGS, seed)];
    text.append(&mut paragraphs);
    text.push(pick(CLOSINGS, seed));
    text.join("\n\n")
}

fn shuffle<T>(items: &mut [T], seed: u64) {
    if seed == 0 {
        return;
    }
    let mut chance = Chance::new(seed);
    for last in (1..items.len()).rev() {
        items.swap(last, chance.below(last + 1));
    }
}

/// A document with everything that Markdown has. The seed chooses its first sentence.
pub(crate) fn markdown(seed: u64) -> String {
    let document = include_str!("content/markdown.md");
    match document.split_once("\n\n") {
        Some((title, rest)) => format!("{title}\n\n{}\n\n{}", pick(OPENINGS, seed), rest.trim_end()),
        None => document.to_owned(),
    }
}

/// Thoughts, longer with more effort. `none` thinks nothing.
pub(crate) fn reasoning(effort: Option<&str>) -> String {
    let thoughts = sections(include_str!("content/reasoning.md"));
    let count = match effort {
        Some("none") => 0,
        Some("minimal") => 1,
        Some("low") => 2,
        Some("high") => 6,
        Some("xhigh" | "max") => thoughts.len(),
        // Medium, which is what servers do when nothing is said.
        _ => 4,
    };
    thoughts[..count.min(thoughts.len())].join("\n\n")
}

const REASONED: &[&str] = &[
    "**About twelve seconds.** A thousand tokens at 80 a second take 12.5 s; the wait for the first token, a fifth of a \
     second here, hardly counts for an answer of that length. For an answer of twenty tokens it would be almost half of \
     the time, which is why short answers are judged by their first token and long ones by their speed.",
    "**Roughly 12.7 seconds in all:** 0.2 s until it begins and 12.5 s of writing. Double the speed and you save six \
     seconds; remove the wait at the start and you save a fifth of one. It is the other way round for a one-line answer.",
    "**It depends on which wait you mean.** You can begin to read after 0.2 s, and the last word of a thousand tokens \
     comes after 12.7 s. Reading takes you about three minutes, so for you the answer is always ahead.",
];

pub(crate) fn reasoned_answer(seed: u64) -> &'static str {
    pick(REASONED, seed)
}

const EMOJI: &[&str] = &[
    "A wave 🌊 is four bytes, and a tokenizer may well cut it in two. The same happens to a rocket 🚀, a seedling 🌱 and a \
     violin 🎻: each half is a token, and only both together are a character. A careful server waits for the second half \
     before it sends anything.",
    "Look at the bytes of a comet ☄ and of a whale 🐋. The first fits into three bytes, the second needs four, and here \
     its tokens end in the middle. Ask for `logprobs` and you see both halves 🔍 with a probability each.",
    "Half a character is not text. So when a token ends inside a lighthouse 🗼 or a bicycle 🚲, its bytes are listed next \
     to its name, and joining the bytes of neighbours 🤝 gives the text back.",
];

pub(crate) fn emoji_prose(seed: u64) -> &'static str {
    pick(EMOJI, seed)
}

pub(crate) const REFUSAL: &str =
    "I’m sorry, but I can’t help with that. This refusal is simulated, and nothing you wrote caused it.";

const CONTINUATIONS: &[&str] = &[
    " there was a stream that never hurried. It sent one word, and then the next, and whoever waited for the end had read \
     everything by the time it came.",
    " and that is where the text goes on by itself: a prompt has no roles and no turns, only words that were written and \
     words that are likely to follow.",
    " a token at a time, as rain fills a barrel. Nobody saw it happen, and in the morning it was full.",
];

/// Goes on from whatever stood there.
pub(crate) fn continuation(seed: u64) -> &'static str {
    pick(CONTINUATIONS, seed)
}

pub(crate) const UNICODE: &str = include_str!("content/unicode.md");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pieces;

    #[test]
    fn another_seed_is_another_text_and_the_same_seed_the_same() {
        for speak in [steady, markdown, |seed| short(seed).to_owned(), |seed| emoji_prose(seed).to_owned()] {
            assert_eq!(speak(3), speak(3));
            assert_ne!(speak(0), speak(1));
        }
    }

    #[test]
    fn more_effort_is_more_reasoning() {
        let lengths: Vec<_> = ["none", "minimal", "low", "medium", "high", "max"]
            .iter()
            .map(|effort| pieces::cut(&reasoning(Some(effort))).len())
            .collect();
        assert!(lengths.is_sorted_by(|less, more| less < more), "{lengths:?}");
        assert_eq!(reasoning(None), reasoning(Some("medium")));
    }

    #[test]
    fn the_markdown_document_has_every_construct() {
        let text = markdown(0);
        for construct in [
            "# ",
            "## ",
            "### ",
            "\n- ",
            "\n  - ",
            "\n1. ",
            "\n| ",
            "\n```rust\n",
            "\n```python\n",
            "\n> ",
            "](https://",
            "![",
            "**",
            "`",
        ] {
            assert!(text.contains(construct), "{construct:?}");
        }
        assert_eq!(text.matches("\n```").count() % 2, 0, "every fence closes");
    }

    #[test]
    fn tokens_are_four_to_five_characters_long_on_average() {
        let text = steady(0) + &markdown(0);
        let average = text.chars().count() as f64 / pieces::cut(&text).len() as f64;
        assert!((3.5..5.5).contains(&average), "{average}");
    }
}
