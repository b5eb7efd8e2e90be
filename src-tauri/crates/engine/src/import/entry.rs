//! A call that another tool recorded, as a past run of one call. What it did not record stays empty.

use juxta_client::call::Sensitive;
use juxta_client::classify::{Answer, classify};
use juxta_client::import::curl::CurlCommand;
use juxta_client::import::har::{HarAnswer, HarEntry};
use juxta_client::recorded::{RecordedCall, RecordedRequest, RecordedRun, head_of};
use juxta_client::redact::{is_auth_header, mask_header};
use juxta_wire::connection::Connection;
use juxta_wire::error::AppError;
use juxta_wire::exchange::{HeaderOrigin, HeaderView, RequestView, ResponseHead};
use juxta_wire::ids::{CellId, RunId};
use juxta_wire::lane::{Comparison, Lane};
use juxta_wire::outcome::Outcome;
use juxta_wire::run::{Cell, CellState, RunSummary};

use super::content::Content;
use super::data::{Taking, record};
use crate::replay::Replayed;
use crate::run::{invalid, unix_milliseconds};
use crate::{metrics, replay, resolve};

/// Headers that a browser or the message itself adds, and that belong to no connection.
const NOISE: &[&str] = &[
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "dnt",
    "host",
    "origin",
    "pragma",
    "priority",
    "referer",
    "te",
    "transfer-encoding",
    "upgrade-insecure-requests",
    "user-agent",
];

impl Taking<'_> {
    pub(super) fn take_entry(&mut self, entry: HarEntry) -> Result<(), AppError> {
        let part = format!("entry {}", entry.number);
        let headers = entry.headers.iter().filter(|(name, _)| is_asked(name)).map(|(name, value)| {
            // Another tool masked it, or Juxta did: there is no key in it any more, only how it was announced.
            let value = match value.expose().split_once("••••") {
                Some((before, _)) if before.ends_with(' ') => Sensitive::new(format!("{before}<masked>")),
                Some(_) => Sensitive::new("<masked>"),
                None => value.clone(),
            };
            (name.clone(), value)
        });
        let command = CurlCommand::of_request(&entry.method, &entry.url, headers, Some(entry.body.clone()))
            .map_err(|_| invalid("file", &format!("Entry {}: its url is no http address", entry.number)))?;
        let (connection, endpoint) = self.adopt(&command, &part)?;
        let content = Content::of(endpoint, &entry.body);
        let comparison = self.comparison("From HAR", content, &connection, &part);
        let comparison = self.exact(comparison, &connection, &entry.body);
        match entry.answer {
            Some(answer) => {
                if answer.body.is_empty() {
                    self.name(format!("{part}: the body of the answer (the file does not hold it)"));
                }
                let url = command.url.to_string();
                let request = Request { url, method: &entry.method, headers: &entry.headers, body: &entry.body };
                let run = self.run_of(comparison, &connection, request, answer, entry.started_at, entry.phases);
                self.add_run(run)
            }
            None => {
                self.add_draft(comparison);
                Ok(())
            }
        }
    }

    /// A form that would not send `body` to the byte gives way to the body itself.
    pub(super) fn exact(&self, mut comparison: Comparison, connection: &Connection, body: &str) -> Comparison {
        let is_same = comparison.lanes.first().is_some_and(|lane| {
            self.resolved(&comparison, lane, connection).is_some_and(|request| request.body == body)
        });
        if !is_same && let Some(lane) = comparison.lanes.first_mut() {
            lane.raw_body = Some(body.to_owned());
        }
        comparison
    }

    fn resolved(&self, comparison: &Comparison, lane: &Lane, connection: &Connection) -> Option<RequestView> {
        // Keys play no part in what the body is.
        let keys = |slot: &_| resolve::masked_key(slot);
        resolve::resolve(comparison, lane, connection, &keys).ok().map(|call| call.view().clone())
    }

    fn run_of(
        &self,
        comparison: Comparison,
        connection: &Connection,
        request: Request<'_>,
        answer: HarAnswer,
        started_at: Option<u64>,
        phases: juxta_wire::timing::Phases,
    ) -> RecordedRun {
        let started_at = started_at.unwrap_or_else(unix_milliseconds);
        let lane = &comparison.lanes[0];
        let view = RequestView {
            method: request.method.to_owned(),
            url: request.url,
            headers: request.headers.iter().map(|(name, value)| header(name, value.expose())).collect(),
            body: request.body.to_owned(),
            body_bytes: request.body.len() as u64,
            keys: Vec::new(),
            absent: Vec::new(),
            warnings: Vec::new(),
            carried: Vec::new(),
            parts: Vec::new(),
        };
        let view = match self.resolved(&comparison, lane, connection) {
            Some(resolved) => RequestView { keys: resolved.keys, absent: resolved.absent, ..view },
            None => view,
        };
        let mut cell = Cell {
            id: CellId::new(),
            run: RunId::new(),
            lane: lane.id.clone(),
            lane_index: 0,
            repeat: 0,
            step: 0,
            connection: connection.id.clone(),
            connection_name: connection.name.clone(),
            dialect: connection.dialect,
            endpoint: lane.endpoint,
            model: lane.model.clone(),
            state: CellState::Finished,
            started_at: Some(started_at),
            attempt: 1,
            head: Some(ResponseHead {
                status: answer.status,
                protocol: answer.protocol.clone(),
                headers: answer.headers.iter().map(|(name, value)| header(name, value.expose())).collect(),
                remote_address: answer.remote_address.clone(),
                redirects: Vec::new(),
                tls: None,
            }),
            request: Some(view.clone()),
            phases,
            milestones: Default::default(),
            metrics: Default::default(),
            outcome: Outcome::default(),
            error: None,
            arrivals: Vec::new(),
            results: Vec::new(),
            arguments: Vec::new(),
            choice: 0,
            replaced: None,
            slice: None,
        };
        let index: Vec<_> = answer.arrivals.iter().map(record).collect();
        let replayed = replay::replay(&cell, &answer.body, &index);
        (cell.state, cell.error) = end(&answer, &replayed, connection);
        cell.outcome = replayed.outcome;
        cell.milestones = replayed.milestones;
        cell.arrivals = replayed.arrivals;
        cell.metrics = metrics::compute(&cell.state, &cell.outcome, &cell.milestones);
        cell.metrics.cost = self.engine.prices().cost(&cell.model, &cell.metrics);
        let summary = RunSummary {
            id: cell.run.clone(),
            comparison: comparison.id.clone(),
            name: comparison.name.clone(),
            started_at,
            lanes: 1,
            endpoint: comparison.endpoint(),
            cells: 1,
            finished: u32::from(cell.state == CellState::Finished),
            unfinished: u32::from(cell.state != CellState::Finished),
            live: false,
            starred: false,
            note: String::new(),
        };
        let request = RecordedRequest { attempts: 1, head: head_of(&view), body: view.body.into_bytes() };
        let call = RecordedCall { cell, request: Some(request), body: answer.body, arrivals: answer.arrivals };
        RecordedRun { summary, snapshot: comparison, calls: vec![call] }
    }
}

struct Request<'a> {
    url: String,
    method: &'a str,
    headers: &'a [(String, Sensitive)],
    body: &'a str,
}

fn is_asked(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !NOISE.contains(&name.as_str()) && !name.starts_with("sec-") && !name.starts_with(':')
}

/// As a screen shows it; what is stored has no key.
fn header(name: &str, value: &str) -> HeaderView {
    let secret = is_auth_header(name);
    HeaderView {
        name: name.to_owned(),
        value: if secret { mask_header(value) } else { value.to_owned() },
        secret,
        origin: HeaderOrigin::Protocol,
    }
}

/// How the call ended, as far as the file tells.
fn end(answer: &HarAnswer, replayed: &Replayed, connection: &Connection) -> (CellState, Option<AppError>) {
    let outcome = &replayed.outcome;
    if !(200..300).contains(&answer.status) {
        let headers = answer.headers.iter().filter_map(|(name, value)| {
            let name = http::HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, http::HeaderValue::from_str(value.expose()).ok()?))
        });
        let rejection = classify(&Answer {
            status: answer.status,
            headers: &headers.collect(),
            body: &answer.body,
            dialect: connection.dialect,
            now: std::time::SystemTime::now(),
            elapsed_ms: answer.arrivals.last().map_or(0.0, |last| last.at as f64 / 1000.0),
        });
        return (CellState::Failed, Some(AppError::Rejected(Box::new(rejection))));
    }
    let ended = |message: &str| AppError::EndedEarly { events: outcome.events, message: message.to_owned() };
    if answer.body.is_empty() {
        return (CellState::EndedEarly, Some(ended("The imported file does not hold the body of this answer")));
    }
    match &replayed.end {
        Err(AppError::EndedEarly { .. }) if outcome.events > 0 => {
            (CellState::EndedEarly, Some(ended("The recorded stream ended before the answer was over")))
        }
        Err(error) if outcome.events > 0 => (CellState::Failed, Some(error.clone())),
        _ => (CellState::Finished, None),
    }
}
