//! Prices: one editable file, one lookup, one formula. A model that is not in the file costs an unknown amount.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use juxta_wire::error::AppError;
use juxta_wire::metrics::{Cost, Metrics};
use juxta_wire::settings::PriceFile;
use serde::Deserialize;

/// Prices per million tokens.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Price {
    input: f64,
    /// Price of input tokens that were cached; without it they cost as much as others.
    cached_input: Option<f64>,
    output: f64,
}

/// The parsed price file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Prices {
    currency: String,
    /// When the prices were written down, as the person wrote it.
    as_of: Option<String>,
    models: BTreeMap<String, Price>,
}

/// What a new folder starts with: prices of the sandbox, which are as simulated as its answers.
const STARTING_FILE: &str = r#"{
  "currency": "USD",
  "asOf": "2026-11-21",
  "models": {
    "sandbox/steady": { "input": 0.40, "cachedInput": 0.10, "output": 1.60 },
    "sandbox/markdown": { "input": 0.40, "cachedInput": 0.10, "output": 1.60 },
    "sandbox/reasoning": { "input": 1.10, "output": 4.40 }
  }
}
"#;

fn file(folder: &Path) -> PathBuf {
    folder.join("prices.json")
}

fn parse(text: &str) -> Result<Prices, String> {
    let prices: Prices = serde_json::from_str(text).map_err(|error| error.to_string())?;
    for (model, price) in &prices.models {
        let numbers = [Some(price.input), price.cached_input, Some(price.output)];
        if numbers.into_iter().flatten().any(|number| !number.is_finite() || number < 0.0) {
            return Err(format!("{model}: a price is zero or more"));
        }
    }
    Ok(prices)
}

/// Reads the price file, and writes the one to start from when there is none.
pub fn open(folder: &Path) -> Result<(Prices, PriceFile), AppError> {
    let path = file(folder);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            write(&path, STARTING_FILE)?;
            STARTING_FILE.to_owned()
        }
        Err(error) => return Err(storage(&path, &error)),
    };
    Ok(describe(&path, text))
}

/// Saves what the person typed, if it can be read as prices; otherwise says what is wrong and changes nothing.
pub fn save(folder: &Path, text: &str) -> Result<(Option<Prices>, PriceFile), AppError> {
    let path = file(folder);
    match parse(text) {
        Ok(_) => {
            write(&path, text)?;
            let (prices, described) = describe(&path, text.to_owned());
            Ok((Some(prices), described))
        }
        Err(_) => Ok((None, describe(&path, text.to_owned()).1)),
    }
}

fn describe(path: &Path, text: String) -> (Prices, PriceFile) {
    let parsed = parse(&text);
    let described = PriceFile {
        path: path.display().to_string(),
        text,
        problem: parsed.as_ref().err().cloned(),
        models: parsed.as_ref().map_or(0, |prices| prices.models.len() as u32),
    };
    (parsed.unwrap_or_default(), described)
}

/// Written beside and renamed, so that a crash leaves the old file or the new one.
fn write(path: &Path, text: &str) -> Result<(), AppError> {
    let beside = path.with_extension("json.new");
    std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path)).map_err(|error| storage(path, &error))
}

fn storage(path: &Path, error: &std::io::Error) -> AppError {
    AppError::Storage { message: format!("{}: {error}", path.display()) }
}

impl Prices {
    /// What `metrics` cost with `model`. `None` when the price or a token count is unknown.
    pub fn cost(&self, model: &str, metrics: &Metrics) -> Option<Cost> {
        let price = self.models.get(model)?;
        let input = metrics.input_tokens?;
        let output = metrics.visible_tokens? + metrics.reasoning_tokens.unwrap_or(0);
        let cached = metrics.cached_tokens.unwrap_or(0).min(input);
        let cached_price = price.cached_input.unwrap_or(price.input);
        let amount =
            (input - cached) as f64 * price.input + cached as f64 * cached_price + output as f64 * price.output;
        let mut formula = format!("{} in × {}", input - cached, self.money(price.input));
        if cached > 0 {
            formula.push_str(&format!(" + {cached} cached × {}", self.money(cached_price)));
        }
        formula.push_str(&format!(" + {output} out × {} per million", self.money(price.output)));
        Some(Cost {
            amount: amount / 1e6,
            currency: self.currency.clone(),
            formula,
            price_date: self.as_of.clone(),
            estimated: metrics.estimated,
        })
    }

    /// What so many input tokens cost, with the currency.
    pub(crate) fn of_input(&self, model: &str, tokens: u64) -> Option<(f64, String)> {
        let price = self.models.get(model)?;
        Some((tokens as f64 * price.input / 1e6, self.currency.clone()))
    }

    fn money(&self, amount: f64) -> String {
        if self.currency == "USD" { format!("${amount:.2}") } else { format!("{amount:.2} {}", self.currency) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices() -> Prices {
        parse(r#"{"currency":"USD","asOf":"2026-03-12","models":{"a/b":{"input":2.5,"cachedInput":1.25,"output":10}}}"#)
            .expect("a price file")
    }

    fn metrics(input: Option<u64>, cached: Option<u64>, visible: Option<u64>, reasoning: Option<u64>) -> Metrics {
        Metrics {
            input_tokens: input,
            cached_tokens: cached,
            visible_tokens: visible,
            reasoning_tokens: reasoning,
            ..Metrics::default()
        }
    }

    #[test]
    fn cost_counts_cached_input_and_reasoning() {
        let cost = prices().cost("a/b", &metrics(Some(151), None, Some(90), None)).expect("a cost");
        assert!((cost.amount - 0.001_277_5).abs() < 1e-12, "{}", cost.amount);
        assert_eq!(cost.formula, "151 in × $2.50 + 90 out × $10.00 per million");
        let cost = prices().cost("a/b", &metrics(Some(1000), Some(400), Some(10), Some(90))).expect("a cost");
        assert!((cost.amount - (600.0 * 2.5 + 400.0 * 1.25 + 100.0 * 10.0) / 1e6).abs() < 1e-12);
        assert_eq!(cost.formula, "600 in × $2.50 + 400 cached × $1.25 + 100 out × $10.00 per million");
    }

    #[test]
    fn what_is_unknown_stays_unknown() {
        assert_eq!(prices().cost("a/c", &metrics(Some(1), None, Some(1), None)), None);
        assert_eq!(prices().cost("a/b", &metrics(None, None, Some(1), None)), None);
        assert_eq!(prices().cost("a/b", &metrics(Some(1), None, None, None)), None);
    }

    #[test]
    fn a_broken_file_is_named_and_never_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let (first, _) = open(folder.path()).expect("the file to start from");
        assert_eq!(first.models.len(), 3);
        let (parsed, described) = save(folder.path(), "{\"currency\":").expect("an answer");
        assert_eq!(parsed, None);
        assert!(described.problem.is_some_and(|problem| problem.contains("line 1")));
        assert_eq!(open(folder.path()).expect("the old file").0, first);
        let negative = r#"{"currency":"EUR","models":{"x":{"input":-1,"output":0}}}"#;
        assert_eq!(save(folder.path(), negative).expect("an answer").0, None);
    }
}
