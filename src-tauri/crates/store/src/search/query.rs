//! What a person wrote into the search, read.
//!
//! Nothing stops a search: what cannot be understood is reported with its place, and the rest still counts.

use juxta_wire::search::QueryProblem;

use crate::search::filters::{Clock, Comparison, FILTERS, Filter, Operator};
use crate::search::terms::terms;

/// More words than anybody types; a text that was pasted by mistake has them.
const MOST_WORDS: usize = 64;

/// A query, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    pub words: Vec<Words>,
    pub filters: Vec<Chosen>,
    pub problems: Vec<QueryProblem>,
}

/// A word or a phrase.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    /// Follow each other; never empty.
    pub terms: Vec<String>,
    /// The last term is only the beginning of a word, because it is still being typed.
    pub open: bool,
    /// Calls that have it are left out.
    pub not: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    pub filter: Filter,
    /// Calls that it lets through are left out.
    pub not: bool,
    /// `status:failed`, as it would be written without quotes and in lower case.
    pub written: String,
}

pub fn parse(text: &str, clock: Clock) -> Query {
    let mut query = Query::default();
    let mut at = 0;
    // Where the last word ends, when it may go on.
    let mut typed_to = None;
    while let Some(item) = next_item(text, &mut at) {
        let (end, may_go_on, before) = (item.end, !item.not && item.quoted_from.is_none(), query.words.len());
        item.read(text, clock, &mut query);
        if query.words.len() > before {
            typed_to = may_go_on.then_some(end);
        }
    }
    // A space behind it ends a word. Filters behind it do not: they are added while it is being typed.
    if let (Some(end), Some(last)) = (typed_to, query.words.last_mut()) {
        let rest = &text[end..];
        last.open = rest.is_empty() || !rest.trim().is_empty();
    }
    query
}

/// A stretch of a query without a space outside of quotes.
struct Item {
    start: usize,
    end: usize,
    not: bool,
    /// Without its quotes.
    value: String,
    /// Where the value's first quote stood, in bytes of `value`.
    quoted_from: Option<usize>,
    is_closed: bool,
}

fn next_item(text: &str, at: &mut usize) -> Option<Item> {
    let rest = &text[*at..];
    let start = *at + rest.find(|letter: char| !letter.is_whitespace())?;
    let mut letters = text[start..].char_indices().map(|(offset, letter)| (start + offset, letter)).peekable();
    let mut item =
        Item { start, end: text.len(), not: false, value: String::new(), quoted_from: None, is_closed: true };
    if letters.peek().is_some_and(|(_, letter)| *letter == '-') {
        item.not = true;
        letters.next();
    }
    while let Some((offset, letter)) = letters.next() {
        match letter {
            '"' if !item.is_closed && letters.peek().is_some_and(|(_, next)| *next == '"') => {
                // Two quotes within quotes are one of the text.
                letters.next();
                item.value.push('"');
            }
            // A quote in the middle of a word is a letter as any other; only a value or a whole item is quoted.
            '"' if !item.is_closed || item.value.is_empty() || item.value.ends_with([':', '>', '<', '=']) => {
                item.is_closed = !item.is_closed;
                item.quoted_from.get_or_insert(item.value.len());
                let goes_on = letters.peek().is_some_and(|(_, next)| !next.is_whitespace());
                if item.is_closed && goes_on {
                    item.end = offset + 1;
                    break;
                }
            }
            _ if item.is_closed && letter.is_whitespace() => {
                item.end = offset;
                break;
            }
            _ => item.value.push(letter),
        }
    }
    *at = item.end;
    Some(item)
}

impl Item {
    fn read(self, text: &str, clock: Clock, query: &mut Query) {
        if !self.is_closed {
            query.problems.push(self.problem(text, "The quote is not closed".to_owned()));
        }
        if let Some((name, operator, value)) = self.as_filter() {
            match self.filter(name, operator, value, clock) {
                Some(Ok(filter)) => {
                    query.filters.push(filter);
                    return;
                }
                Some(Err(message)) => {
                    query.problems.push(self.problem(text, message));
                    return;
                }
                // An address or a time of day is no filter that somebody got wrong.
                None if operator == Operator::Colon && !value.starts_with("//") => {
                    let message = format!("There is no filter {name}: and it was looked for as words");
                    query.problems.push(self.problem(text, message));
                }
                None => {}
            }
        }
        let terms = terms(&self.value);
        if terms.is_empty() {
            return;
        }
        if query.words.len() == MOST_WORDS {
            if query.problems.len() < MOST_WORDS {
                query.problems.push(self.problem(text, format!("Only the first {MOST_WORDS} words are looked for")));
            }
            return;
        }
        query.words.push(Words { terms, open: false, not: self.not });
    }

    /// Name, operator and value, when it looks like a filter.
    fn as_filter(&self) -> Option<(&str, Operator, &str)> {
        let length = self.value.find(|letter: char| !letter.is_ascii_alphabetic())?;
        if length == 0 || self.quoted_from.is_some_and(|quote| quote <= length) {
            return None;
        }
        let (name, rest) = self.value.split_at(length);
        let operators = [
            (":", Operator::Colon),
            (">=", Operator::Compares(Comparison::AtLeast)),
            ("<=", Operator::Compares(Comparison::AtMost)),
            (">", Operator::Compares(Comparison::Above)),
            ("<", Operator::Compares(Comparison::Below)),
        ];
        operators.iter().find_map(|(sign, operator)| Some((name, *operator, rest.strip_prefix(sign)?)))
    }

    /// `None` when there is no filter of that name.
    fn filter(&self, name: &str, operator: Operator, value: &str, clock: Clock) -> Option<Result<Chosen, String>> {
        let name = name.to_ascii_lowercase();
        let spec = FILTERS.iter().find(|spec| spec.name == name)?;
        Some(match (operator, spec.compares) {
            (Operator::Colon, true) => Err(format!("Write {name}> or {name}<")),
            (Operator::Compares(_), false) => Err(format!("Write {name}: with a colon")),
            _ if value.trim().is_empty() => Err(format!("Write a value after {}", &self.value)),
            _ => (spec.read)(operator, value.trim(), clock).map(|filter| Chosen {
                filter,
                not: self.not,
                written: self.value.to_lowercase(),
            }),
        })
    }

    fn problem(&self, text: &str, message: String) -> QueryProblem {
        let units = |bytes: usize| text[..bytes].encode_utf16().count() as u32;
        QueryProblem { start: units(self.start), end: units(self.end), message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::facts::{Figure, Thing};
    use crate::search::filters::Status;
    use crate::search::texts::Field;

    const CLOCK: Clock = Clock { now: 1_795_000_000_000, offset: 60 };

    fn words(terms: &[&str], open: bool, not: bool) -> Words {
        Words { terms: terms.iter().map(|term| (*term).to_owned()).collect(), open, not }
    }

    fn filters(text: &str) -> Vec<(Filter, bool)> {
        let query = parse(text, CLOCK);
        assert_eq!(query.problems, [], "{text}");
        query.filters.into_iter().map(|chosen| (chosen.filter, chosen.not)).collect()
    }

    #[test]
    fn words_phrases_and_what_is_not_wanted() {
        let cases: &[(&str, &[Words])] = &[
            ("", &[]),
            (" \u{3000}\t", &[]),
            ("refund", &[words(&["refund"], true, false)]),
            ("refund ", &[words(&["refund"], false, false)]),
            ("Été gpt-4", &[words(&["ete"], false, false), words(&["gpt", "4"], true, false)]),
            ("\"on the way\"", &[words(&["on", "the", "way"], false, false)]),
            ("-\"on it\" -not", &[words(&["on", "it"], false, true), words(&["not"], false, true)]),
            ("\"a\"\"b\" c", &[words(&["a", "b"], false, false), words(&["c"], true, false)]),
            ("- -- \"\" ''", &[]),
            ("天気", &[words(&["天", "気"], true, false)]),
            ("5\" disk", &[words(&["5"], false, false), words(&["disk"], true, false)]),
            ("12:30 https://a.b", &[words(&["12", "30"], false, false), words(&["https", "a", "b"], true, false)]),
        ];
        for (text, expected) in cases {
            let query = parse(text, CLOCK);
            assert_eq!(query.words, *expected, "{text}");
            assert_eq!((query.filters, query.problems), (vec![], vec![]), "{text}");
        }
    }

    #[test]
    fn a_filter_behind_a_word_does_not_end_it() {
        let open = |text: &str| parse(text, CLOCK).words.last().map(|words| words.open);
        assert_eq!(open("refu status:failed"), Some(true));
        assert_eq!(open("status:failed refu"), Some(true));
        assert_eq!(open("refu -\"on it\""), Some(false), "another one was begun");
        assert_eq!(open("refu  "), Some(false));
    }

    #[test]
    fn filters_are_read_by_their_table() {
        let cases: &[(&str, Filter)] = &[
            ("model:openai/gpt-4o", Filter::Model("openai/gpt-4o".into())),
            ("MODEL:\"my model\"", Filter::Model("my model".into())),
            ("connection:\"a \"\"b\"\"\"", Filter::Connection("a \"b\"".into())),
            ("status:Ended-early", Filter::Status(Status::State("endedEarly"))),
            ("status:endedEarly", Filter::Status(Status::State("endedEarly"))),
            ("status:404", Filter::Status(Status::Code(404))),
            ("status:4XX", Filter::Status(Status::Class(4))),
            ("cost>$0.02", Filter::Figure(Figure::Cost, Comparison::Above, 0.02)),
            ("ttft<=1.5s", Filter::Figure(Figure::FirstText, Comparison::AtMost, 1500.0)),
            ("ttft>400ms", Filter::Figure(Figure::FirstText, Comparison::Above, 400.0)),
            ("tokens>=1,000", Filter::Figure(Figure::Output, Comparison::AtLeast, 1000.0)),
            ("has:tool", Filter::Has(Thing::Tool)),
            ("has:note", Filter::Noted),
            ("is:starred", Filter::Starred),
            ("in:answer", Filter::In(Field::Answer)),
            ("note:\"for Ada\"", Filter::Note(vec!["for".into(), "ada".into()])),
        ];
        for (text, expected) in cases {
            assert_eq!(filters(text), [(expected.clone(), false)], "{text}");
            assert_eq!(filters(&format!("-{text}")), [(expected.clone(), true)], "-{text}");
        }
    }

    #[test]
    fn a_mistake_is_reported_at_its_place_and_the_rest_still_searches() {
        let text = "😀 cost:1 refund status:maybe has: foo:bar after:soon \"open";
        let query = parse(text, CLOCK);
        let found: Vec<_> = query
            .problems
            .iter()
            .map(|problem| {
                let units: Vec<u16> = text.encode_utf16().collect();
                let place = &units[problem.start as usize..problem.end as usize];
                (String::from_utf16(place).unwrap(), problem.message.as_str())
            })
            .collect();
        let expected = [
            ("cost:1", "Write cost> or cost<"),
            (
                "status:maybe",
                "Write finished, failed, stopped, ended-early, interrupted, live, 404 or 4xx after status:",
            ),
            ("has:", "Write a value after has:"),
            ("foo:bar", "There is no filter foo: and it was looked for as words"),
            ("after:soon", "Write a day as 2026-11-21, or today, yesterday, 7d, 12h"),
            ("\"open", "The quote is not closed"),
        ];
        assert_eq!(found, expected.map(|(place, message)| (place.to_owned(), message)));
        let terms: Vec<_> = query.words.iter().map(|words| words.terms.join(" ")).collect();
        assert_eq!(terms, ["😀", "refund", "foo bar", "open"]);
    }
}
