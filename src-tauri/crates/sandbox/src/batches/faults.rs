//! What goes on with a batch beside its work. Words in `metadata.sandbox` choose it, or a model called
//! `sandbox/batch/` and such a word.

use serde_json::{Map, Value};

/// Before a word in the name of a model.
pub(crate) const MODEL: &str = "batch/";
/// Rows a second where nothing else is asked for.
const RATE: f64 = 200.0;
const SLOW: f64 = 2.0;
const SLOWEST: f64 = 0.01;
const FASTEST: f64 = 1e9;

/// A word and what it does.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    fault: Fault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Slow,
    Partial,
    Expired,
    Refused,
    Cancelled,
    Shuffled,
    LostAnswer,
    RateLimited,
    BrokenLines,
    Vanished,
    Html,
    Elsewhere,
    StaleLinks,
}

const fn word(name: &'static str, fault: Fault, description: &'static str) -> Word {
    Word { name, description, fault }
}

pub(crate) const WORDS: &[Word] = &[
    word("slow", Fault::Slow, "Batches only: two rows a second. rate-N does N a second, rate-0 as many as it can."),
    word(
        "partial",
        Fault::Partial,
        "Batches only: in every ten rows the third fails with 429 and the seventh with 500.",
    ),
    word("expired", Fault::Expired, "Batches only: the window ends when half of the rows are done."),
    word("refused", Fault::Refused, "Batches only: the file is refused, with the numbers of two lines."),
    word("cancelled", Fault::Cancelled, "Batches only: the provider cancels when half of the rows are done."),
    word("shuffled", Fault::Shuffled, "Batches only: results come in any order, not only nearly in order."),
    word(
        "lost-answer",
        Fault::LostAnswer,
        "Batches only: taken, and the connection closed without an answer. The same request again is answered.",
    ),
    word(
        "429",
        Fault::RateLimited,
        "Batches only: the first submit and every other question is refused with 429 and Retry-After: 1.",
    ),
    word(
        "broken-lines",
        Fault::BrokenLines,
        "Batches only: among the results a broken line, one twice and one of an unknown id.",
    ),
    word("vanished", Fault::Vanished, "Batches only: 404 as soon as half of the rows are done."),
    word(
        "html-error",
        Fault::Html,
        "Batches only: every other question is answered by a page of HTML with status 500.",
    ),
    word(
        "elsewhere",
        Fault::Elsewhere,
        "Batches only: results lie on another port, where the key must not go. ScaiGrid's form only.",
    ),
    word(
        "stale-links",
        Fault::StaleLinks,
        "Batches only: the first addresses of the results have expired. ScaiGrid's form only.",
    ),
];

/// The words of one batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Faults {
    all: Vec<Fault>,
    rate: Option<f64>,
}

impl Faults {
    /// Words apart by commas or blanks. Says which one is not known.
    pub(crate) fn of_metadata(metadata: &Map<String, Value>) -> Result<Self, String> {
        let mut faults = Self::default();
        let words = metadata.get("sandbox").and_then(Value::as_str).unwrap_or_default();
        for word in words.split([',', ' ']).filter(|word| !word.is_empty()) {
            if !faults.add(word) {
                let known: Vec<_> = WORDS.iter().map(|word| word.name).collect();
                return Err(format!("'{word}' is none of {}, rate-N", known.join(", ")));
            }
        }
        Ok(faults)
    }

    /// Adds what the name of a model asks for.
    pub(crate) fn and_of_model(mut self, model: Option<&str>) -> Self {
        let name = model.and_then(|model| model.strip_prefix(crate::models::VENDOR)?.strip_prefix(MODEL));
        // A name that is no word is a model that is not there, which each of its rows says.
        let _known = name.is_some_and(|name| self.add(name));
        self
    }

    fn add(&mut self, word: &str) -> bool {
        if let Some(rate) = word.strip_prefix("rate-") {
            self.rate = rate.parse().ok().filter(|rate| *rate == 0.0 || (SLOWEST..=FASTEST).contains(rate));
            return self.rate.is_some();
        }
        let found = WORDS.iter().find(|known| known.name == word);
        self.all.extend(found.map(|word| word.fault));
        found.is_some()
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.all.contains(&fault)
    }

    /// Rows a second; `None` is as fast as they can be answered.
    pub(crate) fn rate(&self) -> Option<f64> {
        let rate = self.rate.unwrap_or(if self.has(Fault::Slow) { SLOW } else { RATE });
        (rate > 0.0).then_some(rate)
    }
}

/// Whether a model may be called so, behind its vendor and [`MODEL`].
pub(crate) fn is_word(name: &str) -> bool {
    Faults::default().add(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(words: &str) -> Result<Faults, String> {
        let metadata = json!({ "sandbox": words, "other": "x" });
        Faults::of_metadata(metadata.as_object().expect("an object"))
    }

    #[test]
    fn words_are_read_from_metadata_and_from_the_model() {
        assert_eq!(Faults::of_metadata(&Map::new()), Ok(Faults::default()));
        let faults = of("partial,  slow, rate-0").expect("known words");
        assert!(faults.has(Fault::Partial) && faults.has(Fault::Slow) && !faults.has(Fault::Expired));
        assert_eq!(faults.rate(), None, "a number outranks the word");
        let faults = faults.and_of_model(Some("sandbox/batch/expired"));
        assert!(faults.has(Fault::Expired) && faults.has(Fault::Partial));
        assert_eq!(Faults::default().and_of_model(Some("sandbox/batch/rate-7.5")).rate(), Some(7.5));
        assert_eq!(Faults::default().and_of_model(Some("sandbox/short")), Faults::default());
        assert_eq!(Faults::default().rate(), Some(RATE));
    }

    #[test]
    fn an_unknown_word_is_named() {
        for words in ["slow nonsense", "nonsense", "rate-", "rate--1 nonsense", "rate-NaN", "rate-1e-9"] {
            let error = of(words).expect_err("an unknown word");
            assert!(error.starts_with("'nonsense'") || error.starts_with("'rate-"), "{error}");
        }
    }
}
