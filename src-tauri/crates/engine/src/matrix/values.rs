//! What somebody typed as the values of a parameter, as JSON.

use juxta_wire::params::{ParameterKind, ParameterSpec};

/// The most values that one range makes.
const MOST_IN_RANGE: u64 = 1_000;
/// Sends no such key.
const UNSET: &str = "unset";

/// Values set apart by commas: JSON, bare words, `unset`, and ranges such as `0..1 step 0.25`. Each is JSON text, spelled
/// as it was typed where that is JSON; `None` sends no such key. `spec` is what the table says of the parameter.
///
/// # Errors
/// In words that name what was typed.
pub(super) fn parse(text: &str, spec: Option<&ParameterSpec>) -> Result<Vec<Option<String>>, String> {
    let mut values = Vec::new();
    for item in items(text)? {
        if item.is_empty() {
            return Err("there is a comma with nothing beside it".to_owned());
        }
        if item == UNSET {
            values.push(None);
        } else if takes_numbers(spec)
            && let Some(range) = Range::of(item)
        {
            values.extend(range?.values()?.into_iter().map(Some));
        } else {
            values.push(Some(value(item, spec)));
        }
    }
    for (at, one) in values.iter().enumerate() {
        if values[..at].contains(one) {
            return Err(format!("{} stands there twice", one.as_deref().unwrap_or(UNSET)));
        }
    }
    Ok(values)
}

/// Cuts at commas that stand in no string, list or object.
fn items(text: &str) -> Result<Vec<&str>, String> {
    let (mut items, mut from, mut depth, mut in_string, mut escaped) = (Vec::new(), 0, 0usize, false, false);
    for (at, one) in text.char_indices() {
        if in_string {
            match one {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match one {
            // An inch sign within a word begins no string.
            '"' if depth > 0 || text[from..at].trim().is_empty() => in_string = true,
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                items.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    if in_string {
        return Err("a quotation mark is missing at the end of a text".to_owned());
    }
    if depth > 0 {
        return Err("a bracket is not closed".to_owned());
    }
    items.push(text[from..].trim());
    // Nothing at all is no empty value.
    if items == [""] {
        return Err("there are no values".to_owned());
    }
    Ok(items)
}

fn takes_numbers(spec: Option<&ParameterSpec>) -> bool {
    spec.is_none_or(|spec| matches!(spec.kind, ParameterKind::Number { .. } | ParameterKind::Integer { .. }))
}

/// A bare word is a text; what is JSON stays as it is, except where the parameter can only be a text.
fn value(item: &str, spec: Option<&ParameterSpec>) -> String {
    let is_json = serde_json::from_str::<&serde_json::value::RawValue>(item).is_ok();
    let is_for_words = spec.is_some_and(|spec| {
        matches!(
            spec.kind,
            ParameterKind::Text { .. } | ParameterKind::TextOrList { .. } | ParameterKind::TextOrObject { .. }
        )
    });
    let is_spelled_out = item.starts_with(['"', '[', '{']) || item == "null";
    if is_json && (is_spelled_out || !is_for_words) { item.to_owned() } else { quoted(item) }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Numbers at equal distances. They are counted in units of their last decimal place, so that none has dust.
struct Range {
    from: i128,
    to: i128,
    step: i128,
    decimals: u32,
}

impl Range {
    /// `None` for what is no range.
    fn of(item: &str) -> Option<Result<Self, String>> {
        let (from, rest) = item.split_once("..")?;
        let (to, step) = match rest.split_once("step") {
            Some((to, step)) => (to, Some(step)),
            None => (rest, None),
        };
        let (from, to) = (Decimal::of(from)?, Decimal::of(to)?);
        let step = match step {
            Some(text) => match Decimal::of(text) {
                Some(step) => step,
                None => return Some(Err(format!("the step of {item} is no number"))),
            },
            None => Decimal { digits: 1, decimals: 0 },
        };
        let decimals = from.decimals.max(to.decimals).max(step.decimals);
        let (Some(from), Some(to), Some(step)) = (from.at(decimals), to.at(decimals), step.at(decimals)) else {
            return Some(Err(format!("the numbers of {item} are too large")));
        };
        if step <= 0 {
            return Some(Err(format!("the step of {item} is not above 0")));
        }
        Some(Ok(Self { from, to, step, decimals }))
    }

    /// From the first on, both ends included; downwards when the second is the smaller.
    fn values(&self) -> Result<Vec<String>, String> {
        let distance = self.to.abs_diff(self.from);
        let count = distance / self.step.unsigned_abs() + 1;
        if count > u128::from(MOST_IN_RANGE) {
            return Err(format!("a range has {count} values, and at most {MOST_IN_RANGE} are taken"));
        }
        let step = if self.to < self.from { -self.step } else { self.step };
        Ok((0..count as i128).map(|at| spelled(self.from + at * step, self.decimals)).collect())
    }
}

/// A decimal number without an exponent.
struct Decimal {
    digits: i128,
    decimals: u32,
}

impl Decimal {
    fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let (sign, plain) = match text.strip_prefix('-') {
            Some(plain) => (-1, plain),
            None => (1, text),
        };
        let (whole, part) = plain.split_once('.').unwrap_or((plain, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(part) || whole.len() + part.len() > 18 {
            return None;
        }
        let digits: i128 = format!("{whole}{part}").parse().ok()?;
        Some(Self { digits: sign * digits, decimals: part.len() as u32 })
    }

    fn at(&self, decimals: u32) -> Option<i128> {
        self.digits.checked_mul(10i128.checked_pow(decimals - self.decimals)?)
    }
}

/// As a person would write it: `0`, `0.25`, `0.5`.
fn spelled(units: i128, decimals: u32) -> String {
    let scale = 10u128.pow(decimals);
    let (whole, part) = (units.unsigned_abs() / scale, units.unsigned_abs() % scale);
    let sign = if units < 0 { "-" } else { "" };
    let part = format!("{part:0width$}", width = decimals as usize);
    match part.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        part => format!("{sign}{whole}.{part}"),
    }
}

#[cfg(test)]
mod tests {
    use juxta_wire::endpoint::Dialect;
    use juxta_wire::params::chat;

    use super::*;

    fn read(name: &str, text: &str) -> Result<Vec<String>, String> {
        let table = chat::parameters(Dialect::OpenAi);
        let spec = table.iter().find(|spec| spec.name == name);
        let values = parse(text, spec)?;
        Ok(values.into_iter().map(|value| value.unwrap_or_else(|| "—".to_owned())).collect())
    }

    #[test]
    fn ranges_have_no_dust_and_are_spelled_as_people_write() {
        for (text, expected) in [
            ("0..1 step 0.25", vec!["0", "0.25", "0.5", "0.75", "1"]),
            ("0..0.3 step 0.1", vec!["0", "0.1", "0.2", "0.3"]),
            ("0.10..0.30 step 0.10", vec!["0.1", "0.2", "0.3"]),
            ("1..0 step 0.5", vec!["1", "0.5", "0"]),
            ("-0.5..0.5 step 0.5", vec!["-0.5", "0", "0.5"]),
            ("0..1 step 0.4", vec!["0", "0.4", "0.8"]),
            ("1..3", vec!["1", "2", "3"]),
            ("2 .. 2", vec!["2"]),
            ("0..0.5 step 0.5, 0.7, 1.0", vec!["0", "0.5", "0.7", "1.0"]),
            ("0.20, 1E-1, unset", vec!["0.20", "1E-1", "—"]),
        ] {
            assert_eq!(read("temperature", text).as_deref(), Ok(&expected.map_strings()[..]), "{text}");
        }
    }

    trait MapStrings {
        fn map_strings(self) -> Vec<String>;
    }

    impl MapStrings for Vec<&str> {
        fn map_strings(self) -> Vec<String> {
            self.into_iter().map(str::to_owned).collect()
        }
    }

    #[test]
    fn words_and_json_become_what_the_parameter_takes() {
        for (name, text, expected) in [
            ("reasoning_effort", "low, high", vec!["\"low\"", "\"high\""]),
            ("reasoning_effort", "\"low\", 5", vec!["\"low\"", "\"5\""]),
            ("stop", "[\"a,b\", \"c\"], END", vec!["[\"a,b\", \"c\"]", "\"END\""]),
            ("metadata", "{\"a\": [1, 2]}, unset", vec!["{\"a\": [1, 2]}", "—"]),
            ("stream", "true, false", vec!["true", "false"]),
            ("nobody_knows", "true, 5, fünf „x“, 1..2", vec!["true", "5", "\"fünf „x“\"", "1", "2"]),
            ("seed", "12345678901234567890", vec!["12345678901234567890"]),
        ] {
            assert_eq!(read(name, text).as_deref(), Ok(&expected.map_strings()[..]), "{name}: {text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_in_words() {
        for (text, part) in [
            ("", "no values"),
            (" , 1", "comma"),
            ("1,", "comma"),
            ("0.5, 0.5", "twice"),
            ("unset, unset", "unset stands there twice"),
            ("0..1 step 0", "not above 0"),
            ("0..1 step much", "no number"),
            ("0..100000", "at most 1000"),
            ("\"a, b", "quotation mark"),
            ("[1, 2", "bracket"),
        ] {
            let problem = read("temperature", text).expect_err(text);
            assert!(problem.contains(part), "{text}: {problem}");
        }
    }
}
