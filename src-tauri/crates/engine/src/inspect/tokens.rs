//! Log probabilities, read from the recorded bytes when somebody looks at them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};

use juxta_client::endpoints::logprobs::{Probability, TokenProbability, logprobs};
use juxta_wire::endpoint::EndpointKind;
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
    /// Texts whose tokens came: a server may send those of a whole text after them once more, and more than once.
    parts: HashSet<(u32, u64)>,
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
    /// Among the tokens of its choice in that event.
    place: u32,
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
        let (event, place) = {
            let tokens = lock(&tokens);
            let held = tokens.choices.get(&choice).and_then(|held| held.get(token as usize));
            let held = held.ok_or_else(|| not_found("The token"))?;
            (held.event, held.place)
        };
        let log = self.event_log(cell)?;
        let json = match event {
            0 => document(&mut lock(&log))?,
            event => lock(&log).raw(event)?.as_deref().and_then(data_of).unwrap_or_default(),
        };
        let found = logprobs(&String::from_utf8_lossy(&json)).into_iter().filter(|found| found.choice == choice);
        let token = found.flat_map(|found| found.tokens).nth(place as usize).ok_or_else(|| not_found("The token"))?;
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
        let Some(how) = how_to_ask(cell.endpoint) else {
            return Ok("This endpoint has no log probabilities.".to_owned());
        };
        let asked = match self.store().request(id).map_err(storage)? {
            Some((_, body)) => asks_for_logprobs(&body, cell.endpoint),
            None => false,
        };
        Ok(match (asked, &cell.state) {
            (false, _) => format!("The request did not ask for log probabilities. {how} and run again."),
            (true, state) if !state.is_over() => "No log probabilities have come yet.".to_owned(),
            (true, CellState::Failed) if cell.milestones.first_text.is_none() => {
                "The call failed before any token came.".to_owned()
            }
            (true, _) => format!("{} sent none although they were asked for.", cell.model),
        })
    }
}

/// What to do to get log probabilities; `None` where there are none to be had.
fn how_to_ask(endpoint: EndpointKind) -> Option<&'static str> {
    match endpoint {
        EndpointKind::Chat => Some("Set logprobs to true"),
        EndpointKind::Completions => Some("Set logprobs to a number"),
        EndpointKind::Responses => Some("Add message.output_text.logprobs to include"),
        EndpointKind::Generic
        | EndpointKind::Generate
        | EndpointKind::Embed
        | EndpointKind::Image
        | EndpointKind::Transcribe
        | EndpointKind::Synthesize
        | EndpointKind::Models => None,
    }
}

fn asks_for_logprobs(body: &[u8], endpoint: EndpointKind) -> bool {
    let members: HashMap<String, &RawValue> = serde_json::from_slice(body).unwrap_or_default();
    let says = |name: &str, no: &[&str]| members.get(name).is_some_and(|value| !no.contains(&value.get()));
    match endpoint {
        EndpointKind::Responses => {
            let included: Vec<&str> =
                members.get("include").and_then(|list| serde_json::from_str(list.get()).ok()).unwrap_or_default();
            included.contains(&"message.output_text.logprobs") || says("top_logprobs", &["null", "0"])
        }
        // The number of other likely tokens: with 0 the chosen one still comes.
        EndpointKind::Completions => says("logprobs", &["null", "false"]),
        _ => says("logprobs", &["null", "false", "0"]),
    }
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
        let mut places: HashMap<u32, u32> = HashMap::new();
        for found in logprobs(&String::from_utf8_lossy(json)) {
            let first = places.entry(found.choice).or_default();
            let from = *first;
            *first += found.tokens.len() as u32;
            if !self.parts.insert((found.choice, found.part)) && found.is_whole {
                continue;
            }
            let held = found.tokens.into_iter().zip(from..).map(|(token, place)| Held {
                entropy: entropy(&token),
                alternatives: alternatives(&token).len() as u32,
                logprob: token.chosen.logprob,
                bytes: token.chosen.bytes.filter(|bytes| *bytes != token.chosen.token.as_bytes()),
                spelled: token.chosen.token,
                event,
                place,
                at,
            });
            self.choices.entry(found.choice).or_default().extend(held);
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
mod tests;
