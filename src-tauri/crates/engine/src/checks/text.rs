//! Rules about the text of an answer.

use std::ops::Range;

use juxta_wire::check::{CheckResult, LengthUnit};
use regex::Regex;

use super::Judged;

/// Characters of a text that are repeated to a person.
const LONGEST_QUOTE: usize = 60;

/// What was looked for, short enough for a sentence.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("“{}…”", &text[..end]),
        None => format!("“{text}”"),
    }
}

pub(super) fn find(text: &str, finder: &Regex, sought: &str, not: bool) -> Judged {
    let mut matches = finder.find_iter(text).map(|found| found.range());
    let Some(first) = matches.next() else {
        return Judged::new(not, format!("The answer has no {}.", sought.trim_start_matches("a ")));
    };
    let ranges: Vec<Range<usize>> = std::iter::once(first).chain(matches.take(CheckResult::MOST_PLACES)).collect();
    let times = match ranges.len() {
        1 => "once".to_owned(),
        count if count > CheckResult::MOST_PLACES => format!("more than {} times", CheckResult::MOST_PLACES),
        count => format!("{count} times"),
    };
    Judged::new(!not, format!("The answer has {sought} {times}.")).at(ranges)
}

pub(super) fn length(text: &str, unit: LengthUnit, least: Option<u32>, most: Option<u32>) -> Judged {
    let (count, word) = match unit {
        LengthUnit::Words => (text.split_whitespace().count(), "word"),
        LengthUnit::Characters => (text.chars().count(), "character"),
    };
    let plural = if count == 1 { "" } else { "s" };
    let told = format!("The answer has {count} {word}{plural}");
    let (least, most) = (least.map(|least| least as usize), most.map(|most| most as usize));
    match (least, most) {
        (Some(least), _) if count < least => Judged::new(false, format!("{told}, and at least {least} are wanted.")),
        (_, Some(most)) if count > most => {
            let surplus = surplus(text, unit, most);
            Judged::new(false, format!("{told}, and at most {most} are wanted.")).at(vec![surplus])
        }
        _ => Judged::new(true, format!("{told}.")),
    }
}

/// What stands behind the first `most`.
fn surplus(text: &str, unit: LengthUnit, most: usize) -> Range<usize> {
    let from = match unit {
        LengthUnit::Characters => text.char_indices().nth(most).map(|(at, _)| at),
        LengthUnit::Words => {
            let word = text.split_whitespace().nth(most);
            word.map(|word| word.as_ptr() as usize - text.as_ptr() as usize)
        }
    };
    from.unwrap_or(text.len())..text.trim_end().len().max(from.unwrap_or(text.len()))
}

pub(super) fn number(text: &str, value: f64, tolerance: f64) -> Judged {
    match last_number(text) {
        None => Judged::new(false, "There is no number in the answer."),
        Some((range, found)) => {
            Judged::new(is_near(found, value, tolerance), format!("The last number is {found}.")).at(vec![range])
        }
    }
}

/// Decimal fractions are not exact in binary: 1.1 is within 0.1 of 1.
pub(super) fn is_near(found: f64, value: f64, tolerance: f64) -> bool {
    (found - value).abs() <= tolerance + 1e-12 * found.abs().max(value.abs())
}

/// Commas may stand between thousands. What continues a word, as in `gpt-4o` or `Q3`, is none.
fn last_number(text: &str) -> Option<(Range<usize>, f64)> {
    let bytes = text.as_bytes();
    let mut last = None;
    let mut at = 0;
    while at < bytes.len() {
        let is_start =
            bytes[at].is_ascii_digit() || bytes[at] == b'.' && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !is_start {
            at += 1;
            continue;
        }
        let end = number_end(bytes, at);
        let before = &text[..at];
        let start = at - sign(before);
        let continues = text[..start].chars().next_back().is_some_and(|one| one.is_alphanumeric() || one == '_');
        let is_signed = start < at;
        let (start, is_number) = match (is_signed, continues) {
            // `10-12` is a range, and `gpt-4` a name: its digits belong to what stands before.
            (true, true) => (at, before[..start].ends_with(|one: char| one.is_ascii_digit())),
            (_, continues) => (start, !continues),
        };
        if is_number {
            let spelled: String = text[start..end].replace(',', "").replace('−', "-");
            last =
                spelled.parse().ok().filter(|found: &f64| found.is_finite()).map(|found| (start..end, found)).or(last);
        }
        at = end;
    }
    last
}

/// Bytes of the sign at the end of a text.
fn sign(before: &str) -> usize {
    before.chars().next_back().filter(|one| matches!(one, '-' | '+' | '−')).map_or(0, char::len_utf8)
}

fn number_end(bytes: &[u8], start: usize) -> usize {
    let digits =
        |from: usize| from + bytes[from.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut end = digits(start);
    if end > start && end - start <= 3 {
        while bytes.get(end) == Some(&b',') && digits(end + 1) == end + 4 {
            end += 4;
        }
    }
    if bytes.get(end) == Some(&b'.') && digits(end + 1) > end + 1 {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let exponent = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if digits(exponent) > exponent {
            end = digits(exponent);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_number_is_read_as_people_write_it() {
        for (text, expected) in [
            ("It is 42.", Some(("42", 42.0))),
            ("7 of 9 km", Some(("9", 9.0))),
            ("−1,234,567.50 €", Some(("−1,234,567.50", -1_234_567.5))),
            ("1,23 and 12,3456", Some(("3456", 3_456.0))),
            ("-2.5e-3", Some(("-2.5e-3", -0.002_5))),
            ("10-12", Some(("12", 12.0))),
            ("x=-4", Some(("-4", -4.0))),
            ("+.5", Some(("+.5", 0.5))),
            ("9 by gpt-4o in Q3", Some(("9", 9.0))),
            ("3.", Some(("3", 3.0))),
            ("2e", Some(("2", 2.0))),
            ("größe１２ none", None),
            ("", None),
            ("1e999", None),
        ] {
            let found = last_number(text);
            let found = found.as_ref().map(|(range, number)| (&text[range.clone()], *number));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_decimal_fraction_is_within_the_tolerance_that_it_is_written_with() {
        assert!(is_near(1.1, 1.0, 0.1) && is_near(0.3, 0.1 + 0.2, 0.0));
        assert!(!is_near(1.101, 1.0, 0.1) && !is_near(1.000_001, 1.0, 0.0));
    }

    #[test]
    fn a_quotation_is_cut_between_letters() {
        assert_eq!(quoted("é"), "“é”");
        assert_eq!(quoted(&"🌊".repeat(61)), format!("“{}…”", "🌊".repeat(60)));
    }

    #[test]
    fn what_is_too_long_begins_behind_what_may_stand() {
        assert_eq!(surplus(" a  b c\n", LengthUnit::Words, 1), 4..7);
        assert_eq!(surplus("🌊a ", LengthUnit::Characters, 1), 4..5);
        assert_eq!(surplus("a ", LengthUnit::Characters, 1), 1..1, "white space at the end is not marked");
    }
}
