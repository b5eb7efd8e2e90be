//! The figures under a lane. Unknown is `None`, never zero.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct Metrics {
    /// First visible token minus start of the request, milliseconds.
    pub time_to_first_token: Option<f64>,
    /// Visible tokens ÷ (last − first visible token). `None` when stopped, broken, or fewer than two tokens.
    pub tokens_per_second: Option<f64>,
    /// Milliseconds between the first and the last visible token: the divisor of `tokens_per_second`.
    pub visible_span: Option<f64>,
    pub input_tokens: Option<u64>,
    pub cached_tokens: Option<u64>,
    /// Answer tokens without reasoning.
    pub visible_tokens: Option<u64>,
    pub reasoning_tokens: Option<u64>,
    /// The output counts are counted deltas, because the server sent no usage.
    pub estimated: bool,
    /// Milliseconds spent on reasoning: its last token minus its first.
    pub reasoning_time: Option<f64>,
    pub cost: Option<Cost>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Cost {
    pub amount: f64,
    pub currency: String,
    /// `151 in × $2.50 + 90 out × $10.00 per million`.
    pub formula: String,
    /// When the price was written down, as in the price file.
    pub price_date: Option<String>,
    /// Made from estimated token counts.
    pub estimated: bool,
}
