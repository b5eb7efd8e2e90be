//! Log probabilities of an answer's tokens.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TokensView {
    pub tokens: Vec<Token>,
    /// Why there are none, when there are none.
    pub absent: Option<String>,
    /// exp of the mean of −log probability.
    pub perplexity: Option<f64>,
    /// The most alternatives that any token has, the chosen one counted.
    pub alternatives: u32,
    /// Choices that have tokens.
    pub choices: Vec<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Token {
    /// What to show. Tokens that are pieces of one character are joined: the first has the character and the others
    /// nothing.
    pub text: String,
    /// Tokens that `text` was joined from: 1 for most, 0 for one that a token before it shows.
    pub joined: u32,
    /// Natural logarithm; `None` when the server sent none, or the −9999 that stands for none.
    pub logprob: Option<f64>,
    /// Bits, over the alternatives that were sent, the rest taken as one; `None` without alternatives.
    pub entropy: Option<f64>,
    /// The event that carried it, from 1; `None` when the answer was one document.
    pub event: Option<u32>,
    /// When that event came, milliseconds since the call began.
    pub at: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Alternative {
    pub text: String,
    pub logprob: f64,
    /// It is the one that was chosen.
    pub chosen: bool,
}
