//! Log probabilities, read from the recorded bytes when somebody looks at them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use juxta_client::endpoints::chat::{Probability, TokenProbability, logprobs};
use juxta_wire::error::AppError;
use juxta_wire::events::EventKind;
use juxta_wire::ids::CellId;
use juxta_wire::run::CellState;
use juxta_wire::tokens::{Alternative, Token, TokensView};
use serde_json::value::RawValue;

use super::Recording;
use super::documents::data_of;
use super::events::EventLog;
use super::recent::Weigh;
use crate::run::feed::lock;
use crate::run::storage;
use crate::{Engine, not_found};

/// The largest answer in one document that is read for its tokens.
const LARGEST_DOCUMENT: u64 = 64 << 20;

/// The tokens of one answer, as far as its events were read.
#[derive(Default)]
pub(super) struct TokenLog {
    /// Events that were read.
    events: usize,
    /// The one document was read.
    is_read: bool,
    choices: BTreeMap<u32, Vec<Held>>,
}

/// A token without its alternatives, which are read again when they are asked for.
struct Held {
    spelled: String,
    /// Only when they are others than those of `spelled`.
    bytes: Option<Vec<u8>>,
    logprob: Option<f64>,
    entropy: Option<f64>,
    alternatives: u32,
    /// 0 when the answer was one document.
    event: u32,
    /// Milliseconds.
    at: Option<f64>,
}

impl Weigh for TokenLog {
    fn weight(&self) -> usize {
        self.choices.values().map(|tokens| tokens.capacity() * (size_of::<Held>() + 24)).sum()
    }
}

impl Engine {
    /// The tokens of one choice with their probabilities, or why there are none.
    pub fn tokens(&self, cell: &CellId, choice: u32) -> Result<TokensView, AppError> {
        let tokens = self.token_log(cell)?;
        let tokens = lock(&tokens);
        let choices: Vec<u32> = tokens.choices.keys().copied().collect();
        let held = tokens.choices.get(&choice).map_or(&[][..], Vec::as_slice);
        let absent = match (held.is_empty(), choices.is_empty()) {
            (false, _) => None,
            (true, true) => Some(self.why_no_tokens(cell)?),
            (true, false) => Some(format!("Choice {} has no log probabilities; another choice has.", choice + 1)),
        };
        Ok(TokensView {
            tokens: joined(held),
            absent,
            perplexity: perplexity(held),
            alternatives: held.iter().map(|token| token.alternatives).max().unwrap_or(0),
            choices,
        })
    }

    /// What else could have stood in the place of a token, the likeliest first. `token` counts from 0.
    pub fn alternatives(&self, cell: &CellId, choice: u32, token: u32) -> Result<Vec<Alternative>, AppError> {
        let tokens = self.token_log(cell)?;
        let (event, position) = {
            let tokens = lock(&tokens);
            let held = tokens.choices.get(&choice).map_or(&[][..], Vec::as_slice);
            let event = held.get(token as usize).ok_or_else(|| not_found("The token"))?.event;
            let before = held[..token as usize].iter().rev().take_while(|held| held.event == event).count();
            (event, before)
        };
        let log = self.event_log(cell)?;
        let json = match event {
            0 => document(&mut lock(&log))?,
            event => lock(&log).raw(event)?.as_deref().and_then(data_of).unwrap_or_default(),
        };
        let found = logprobs(&String::from_utf8_lossy(&json)).into_iter().filter(|(index, _)| *index == choice);
        let token = found.flat_map(|(_, tokens)| tokens).nth(position).ok_or_else(|| not_found("The token"))?;
        Ok(alternatives(&token))
    }

    fn token_log(&self, cell: &CellId) -> Result<Arc<Mutex<TokenLog>>, AppError> {
        let Recording { attempt, .. } = self.recording(cell)?;
        let log = self.event_log(cell)?;
        let tokens = self.inspected().tokens.get(attempt, || Ok(TokenLog::default()))?;
        lock(&tokens).follow(&mut lock(&log))?;
        Ok(tokens)
    }

    fn why_no_tokens(&self, id: &CellId) -> Result<String, AppError> {
        let cell = self.cell_head(id)?;
        let asked = match self.store().request(id).map_err(storage)? {
            Some((_, body)) => asks_for_logprobs(&body),
            None => false,
        };
        Ok(match (asked, &cell.state) {
            (false, _) => {
                "The request did not ask for log probabilities. Set logprobs to true and run again.".to_owned()
            }
            (true, state) if !state.is_over() => "No log probabilities have come yet.".to_owned(),
            (true, CellState::Failed) if cell.milestones.first_text.is_none() => {
                "The call failed before any token came.".to_owned()
            }
            (true, _) => format!("{} sent none although logprobs was true.", cell.model),
        })
    }
}

fn asks_for_logprobs(body: &[u8]) -> bool {
    let members: HashMap<String, &RawValue> = serde_json::from_slice(body).unwrap_or_default();
    members.get("logprobs").is_some_and(|value| !matches!(value.get(), "false" | "null" | "0"))
}

/// The whole body of an answer that is one document.
fn document(log: &mut EventLog) -> Result<Vec<u8>, AppError> {
    let length = log.length()?.min(LARGEST_DOCUMENT);
    log.read(0, length as usize)
}

impl TokenLog {
    fn follow(&mut self, log: &mut EventLog) -> Result<(), AppError> {
        let view = log.view();
        if view.document && !view.live && !self.is_read {
            self.is_read = true;
            let json = document(log)?;
            self.take(&json, 0, None);
        }
        while let Some(entry) = log.entries().get(self.events).copied() {
            self.events += 1;
            if entry.kind != EventKind::Message {
                continue;
            }
            let raw = log.read(entry.offset, entry.length as usize)?;
            if let Some(data) = data_of(&raw) {
                self.take(&data, self.events as u32, Some(entry.at as f64 / 1000.0));
            }
        }
        Ok(())
    }

    fn take(&mut self, json: &[u8], event: u32, at: Option<f64>) {
        for (choice, tokens) in logprobs(&String::from_utf8_lossy(json)) {
            let held = tokens.into_iter().map(|token| Held {
                entropy: entropy(&token),
                alternatives: alternatives(&token).len() as u32,
                logprob: token.chosen.logprob,
                bytes: token.chosen.bytes.filter(|bytes| *bytes != token.chosen.token.as_bytes()),
                spelled: token.chosen.token,
                event,
                at,
            });
            self.choices.entry(choice).or_default().extend(held);
        }
    }
}

/// The likeliest first, the chosen one among them when its probability is known.
fn alternatives(token: &TokenProbability) -> Vec<Alternative> {
    let is_chosen = |one: &Probability| one.token == token.chosen.token && one.bytes == token.chosen.bytes;
    let mut has_chosen = false;
    let mut found: Vec<Alternative> = Vec::with_capacity(token.alternatives.len() + 1);
    for one in &token.alternatives {
        let chosen = !has_chosen && is_chosen(one);
        has_chosen |= chosen;
        if let Some(logprob) = one.logprob {
            found.push(Alternative { text: text_of(one), logprob, chosen });
        }
    }
    if let Some(logprob) = token.chosen.logprob.filter(|_| !has_chosen) {
        found.push(Alternative { text: text_of(&token.chosen), logprob, chosen: true });
    }
    found.sort_by(|one, other| other.logprob.total_cmp(&one.logprob));
    found
}

/// Its bytes when they are text, else as the server spells it.
fn text_of(one: &Probability) -> String {
    let text = one.bytes.as_deref().filter(|bytes| !bytes.is_empty()).and_then(|bytes| str::from_utf8(bytes).ok());
    text.unwrap_or(&one.token).to_owned()
}

/// Bits, the alternatives that were not sent taken as one.
fn entropy(token: &TokenProbability) -> Option<f64> {
    if token.alternatives.is_empty() {
        return None;
    }
    let shares: Vec<f64> = alternatives(token).iter().map(|one| one.logprob.exp().min(1.0)).collect();
    let rest = (1.0 - shares.iter().sum::<f64>()).max(0.0);
    let bits = |share: f64| if share > 0.0 { -share * share.log2() } else { 0.0 };
    Some(shares.into_iter().chain([rest]).map(bits).sum())
}

fn perplexity(tokens: &[Held]) -> Option<f64> {
    let known: Vec<f64> = tokens.iter().filter_map(|token| token.logprob).collect();
    (!known.is_empty()).then(|| (-known.iter().sum::<f64>() / known.len() as f64).exp())
}

/// The tokens as they are shown: pieces of one character joined by their bytes.
fn joined(held: &[Held]) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(held.len());
    let mut rest = held;
    while let Some(first) = rest.first() {
        let (text, count) = match join(rest) {
            Some((text, count)) => (text, count),
            None => (first.spelled.clone(), 1),
        };
        let (these, after) = rest.split_at(count);
        let mut text = Some(text);
        tokens.extend(these.iter().map(|token| Token {
            joined: if text.is_some() { count as u32 } else { 0 },
            text: text.take().unwrap_or_default(),
            logprob: token.logprob,
            entropy: token.entropy,
            event: (token.event > 0).then_some(token.event),
            at: token.at,
        }));
        rest = after;
    }
    tokens
}

/// Tokens whose bytes are a whole text only together, and that text. `None` when they never become one.
fn join(tokens: &[Held]) -> Option<(String, usize)> {
    let mut bytes = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match &token.bytes {
            // A token of no bytes stands for something that is no text.
            Some(own) if !own.is_empty() => bytes.extend_from_slice(own),
            _ if index == 0 => return Some((token.spelled.clone(), 1)),
            _ => bytes.extend_from_slice(token.spelled.as_bytes()),
        }
        match str::from_utf8(&bytes) {
            Ok(text) => return Some((text.to_owned(), index + 1)),
            Err(error) if error.error_len().is_some() => return None,
            Err(_) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(spelled: &str, bytes: &[u8]) -> Held {
        Held {
            spelled: spelled.to_owned(),
            bytes: Some(bytes.to_vec()).filter(|bytes| bytes != spelled.as_bytes()),
            logprob: Some(-1.0),
            entropy: None,
            alternatives: 0,
            event: 1,
            at: None,
        }
    }

    fn shown(tokens: &[Held]) -> Vec<(String, u32)> {
        joined(tokens).into_iter().map(|token| (token.text, token.joined)).collect()
    }

    #[test]
    fn pieces_of_a_character_are_shown_by_the_first_of_them() {
        let wave = "🌊".as_bytes();
        let tokens = [
            held("A", b"A"),
            held("\\xf0\\x9f", &wave[..2]),
            held("\\x8c\\x8a", &wave[2..]),
            held(" \\xe6", b" \xe6"),
            held("\\x9d", b"\x9d"),
            held("\\xb1!", b"\xb1!"),
        ];
        let expected = [("A", 1), ("🌊", 2), ("", 0), (" 東!", 3), ("", 0), ("", 0)];
        assert_eq!(shown(&tokens), expected.map(|(text, count)| (text.to_owned(), count)));
    }

    #[test]
    fn bytes_that_never_become_text_are_spelled_as_the_server_spelled_them() {
        let tokens = [held("\\xff", b"\xff"), held("a", b"a"), held("<end>", b""), held("\\xf0\\x9f", b"\xf0\x9f")];
        let expected = [("\\xff", 1), ("a", 1), ("<end>", 1), ("\\xf0\\x9f", 1)];
        assert_eq!(shown(&tokens), expected.map(|(text, count)| (text.to_owned(), count)));
        let broken_off = [held("\\xf0\\x9f", b"\xf0\x9f"), held("b", b"b")];
        assert_eq!(shown(&broken_off), [("\\xf0\\x9f".to_owned(), 1), ("b".to_owned(), 1)]);
    }

    fn probability(token: &str, share: f64) -> Probability {
        Probability { token: token.to_owned(), bytes: None, logprob: Some(share.ln()) }
    }

    #[test]
    fn entropy_counts_the_rest_as_one() {
        let of = |chosen: f64, others: &[f64]| {
            let mut token = TokenProbability { chosen: probability("a", chosen), alternatives: Vec::new() };
            let names = ["a", "b", "c", "d"];
            token.alternatives = others.iter().zip(names).map(|(share, name)| probability(name, *share)).collect();
            entropy(&token)
        };
        let near = |value: Option<f64>, expected: f64| value.is_some_and(|value| (value - expected).abs() < 1e-9);
        assert!(near(of(0.5, &[0.5, 0.5]), 1.0));
        assert!(near(of(0.5, &[0.5]), 1.0), "the other half is one more possibility");
        assert!(near(of(0.25, &[0.25, 0.25, 0.25]), 2.0));
        assert!(near(of(1.0, &[1.0]), 0.0));
        assert_eq!(of(0.5, &[]), None);
    }

    #[test]
    fn the_chosen_token_is_marked_once_and_added_when_it_is_not_among_the_likeliest() {
        let token = TokenProbability {
            chosen: probability("x", 0.01),
            alternatives: vec![
                probability("b", 0.3),
                probability("a", 0.6),
                Probability { logprob: None, ..probability("never", 1.0) },
            ],
        };
        let found = alternatives(&token);
        let found: Vec<_> = found.iter().map(|one| (one.text.as_str(), one.chosen)).collect();
        assert_eq!(found, [("a", false), ("b", false), ("x", true)]);
    }

    #[test]
    fn a_request_asks_for_logprobs_or_does_not() {
        for (body, asks) in [
            (r#"{"model":"m","logprobs":true}"#, true),
            (r#"{"logprobs":3}"#, true),
            (r#"{"logprobs":false}"#, false),
            (r#"{"logprobs":null,"top_logprobs":5}"#, false),
            (r#"{"messages":[{"logprobs":true}]}"#, false),
            ("not JSON", false),
        ] {
            assert_eq!(asks_for_logprobs(body.as_bytes()), asks, "{body}");
        }
    }
}
