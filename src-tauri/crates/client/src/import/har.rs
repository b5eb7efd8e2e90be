//! An HTTP Archive, read as the calls it holds: Juxta's own come back as the runs they were, those of other tools as
//! requests with their answers.

use std::collections::HashMap;

use jiff::Timestamp;
use juxta_sse::{FrameKind, Parser};
use juxta_wire::error::AppError;
use juxta_wire::ids::RunId;
use juxta_wire::run::CellState;
use juxta_wire::timing::{Phases, Span};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::called;
use super::text::{self, invalid};
use crate::call::Sensitive;
use crate::recorded::har::{OwnEntry, OwnLog, VERSION};
use crate::recorded::{Arrival, ArrivalKind, RecordedCall, RecordedRequest, RecordedRun};

/// Entries that are named when they are left out; the others are counted.
const NAMED: usize = 20;

/// What an archive holds.
#[derive(Debug, Default, PartialEq)]
pub struct HarFile {
    /// Of Juxta, whole.
    pub runs: Vec<RecordedRun>,
    /// Calls that other tools recorded.
    pub entries: Vec<HarEntry>,
    /// Entries that are no calls of a lane, named one by one.
    pub unknown: Vec<String>,
}

/// A request that a lane could make, with its answer when there was one.
#[derive(Debug, PartialEq)]
pub struct HarEntry {
    /// From 1, as in the file.
    pub number: usize,
    pub method: String,
    pub url: String,
    /// Values may be keys, which Debug does not show.
    pub headers: Vec<(String, Sensitive)>,
    pub body: String,
    /// Unix milliseconds.
    pub started_at: Option<u64>,
    pub phases: Phases,
    pub answer: Option<HarAnswer>,
}

#[derive(Debug, PartialEq)]
pub struct HarAnswer {
    pub status: u16,
    pub protocol: String,
    pub headers: Vec<(String, Sensitive)>,
    pub remote_address: Option<String>,
    pub body: Vec<u8>,
    /// With the times of events where the file has them; else everything came at the end.
    pub arrivals: Vec<Arrival>,
}

#[derive(Deserialize)]
struct Har<'a> {
    #[serde(borrow)]
    log: Log<'a>,
}

#[derive(Deserialize)]
struct Log<'a> {
    #[serde(borrow)]
    entries: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    _juxta: Option<&'a RawValue>,
}

/// Only what stands in here is looked at; anything else in an entry may be whatever it likes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    started_date_time: Option<String>,
    request: Request,
    #[serde(default)]
    response: Option<Response>,
    #[serde(default)]
    timings: Option<Timings>,
    #[serde(default)]
    time: Option<f64>,
    #[serde(default, rename = "serverIPAddress")]
    server_address: Option<String>,
    #[serde(default, rename = "_eventSourceMessages")]
    messages: Option<Vec<Message>>,
    #[serde(default)]
    _juxta: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Header>,
    #[serde(default)]
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    #[serde(default)]
    value: Option<String>,
}

#[derive(Deserialize)]
struct PostData {
    #[serde(default)]
    text: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(default)]
    status: i64,
    #[serde(default)]
    http_version: Option<String>,
    #[serde(default)]
    headers: Vec<Header>,
    #[serde(default)]
    content: Option<Content>,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    encoding: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Timings {
    blocked: Option<f64>,
    dns: Option<f64>,
    connect: Option<f64>,
    ssl: Option<f64>,
    send: Option<f64>,
    wait: Option<f64>,
    receive: Option<f64>,
}

#[derive(Deserialize)]
struct Message {
    /// Seconds since 1970.
    time: f64,
}

/// Whether `text` is a whole JSON object with a `log`.
pub fn has_log(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Top<'a> {
        #[serde(borrow)]
        log: Option<&'a RawValue>,
    }
    serde_json::from_str::<Top<'_>>(text).is_ok_and(|top| top.log.is_some())
}

/// Reads an archive.
///
/// # Errors
/// [`AppError::Invalid`] for `file`, with the line and column or the entry, when any part of it cannot be read: half an
/// archive would look like a whole one.
pub fn read(bytes: &[u8]) -> Result<HarFile, AppError> {
    let source = text::decode(bytes)?;
    let har: Har<'_> = serde_json::from_str(source).map_err(|error| match error.is_data() {
        true => invalid("This is JSON, but no HTTP archive: it has no log with entries"),
        false => text::no_json(&error, 1),
    })?;
    let own: Option<OwnLog> =
        har.log._juxta.filter(|own| is_known(own)).map(|own| text::read(own.get(), "log._juxta")).transpose()?;
    let mut file = HarFile::default();
    let mut places: HashMap<RunId, usize> = HashMap::new();
    for run in own.into_iter().flat_map(|own| own.runs) {
        places.insert(run.summary.id.clone(), file.runs.len());
        let calls = run.unsent.into_iter().map(|cell| RecordedCall {
            cell,
            request: None,
            body: Vec::new(),
            arrivals: Vec::new(),
        });
        file.runs.push(RecordedRun { summary: run.summary, snapshot: run.snapshot, calls: calls.collect() });
    }
    let mut left_out = 0;
    for (at, raw) in har.log.entries.iter().enumerate() {
        let part = format!("Entry {}", at + 1);
        let entry: Entry = text::read(raw.get(), &part)?;
        let own: Option<OwnEntry> = entry
            ._juxta
            .as_deref()
            .filter(|own| is_known(own))
            .map(|own| text::read(own.get(), &format!("{part}, _juxta")))
            .transpose()?;
        match own.and_then(|own| Some((*places.get(&own.cell.run)?, own))) {
            Some((place, own)) => file.runs[place].calls.push(own_call(own, &entry, &part)?),
            None if is_call(&entry.request) => file.entries.push(foreign(at + 1, entry, &part)?),
            None => {
                left_out += 1;
                if left_out <= NAMED {
                    file.unknown.push(format!(
                        "{part}, {} {} (no call that a lane makes)",
                        entry.request.method,
                        without_query(&entry.request.url)
                    ));
                }
            }
        }
    }
    if left_out > NAMED {
        file.unknown.push(format!("{} more entries that are no calls of a lane", left_out - NAMED));
    }
    for call in file.runs.iter_mut().flat_map(|run| &mut run.calls) {
        if !call.cell.state.is_over() {
            call.cell.state = CellState::Interrupted;
        }
    }
    Ok(file)
}

/// `_juxta` members of a later version may mean anything; the entry around them is still an entry.
fn is_known(own: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Version {
        #[serde(default = "current")]
        version: u32,
    }
    fn current() -> u32 {
        VERSION
    }
    serde_json::from_str::<Version>(own.get()).is_ok_and(|own| own.version <= VERSION)
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

fn is_call(request: &Request) -> bool {
    let body = request.post_data.as_ref().and_then(|data| data.text.as_deref()).unwrap_or_default();
    request.method.eq_ignore_ascii_case("post") && called::recorded(&request.url, body).is_some()
}

fn own_call(own: OwnEntry, entry: &Entry, part: &str) -> Result<RecordedCall, AppError> {
    let mut cell = own.cell;
    let text = entry.request.post_data.as_ref().and_then(|data| data.text.as_deref()).unwrap_or_default();
    if let Some(request) = cell.request.as_mut().filter(|request| request.body.is_empty()) {
        request.body = text.to_owned();
    }
    let request = own.request.map(|request| {
        let body = match &request.body {
            Some(encoded) => text::base64(encoded, part)?,
            None => text.as_bytes().to_vec(),
        };
        Ok(RecordedRequest { attempts: request.attempts, head: request.head.into_bytes(), body })
    });
    let body = entry.response.as_ref().and_then(|answer| answer.content.as_ref()).map(|content| body_of(content, part));
    Ok(RecordedCall {
        cell,
        request: request.transpose()?,
        body: body.transpose()?.unwrap_or_default(),
        arrivals: own.arrivals,
    })
}

fn body_of(content: &Content, part: &str) -> Result<Vec<u8>, AppError> {
    let text = content.text.as_deref().unwrap_or_default();
    match content.encoding.as_deref() {
        Some(encoding) if encoding.eq_ignore_ascii_case("base64") => text::base64(text, part),
        _ => Ok(text.as_bytes().to_vec()),
    }
}

fn foreign(number: usize, entry: Entry, part: &str) -> Result<HarEntry, AppError> {
    let started_at = entry
        .started_date_time
        .as_deref()
        .and_then(|text| text.parse::<Timestamp>().ok())
        .and_then(|time| u64::try_from(time.as_millisecond()).ok());
    let (phases, end) = phases(&entry.timings.unwrap_or_default(), entry.time);
    let times: Option<Vec<f64>> = entry.messages.map(|messages| messages.iter().map(|message| message.time).collect());
    let answer = match entry.response {
        // Browsers write status 0 when nothing came.
        Some(response) if (100..1000).contains(&response.status) => {
            let body = response.content.as_ref().map(|content| body_of(content, part)).transpose()?.unwrap_or_default();
            let is_stream = response.headers.iter().any(|header| {
                header.name.eq_ignore_ascii_case("content-type")
                    && header.value.as_deref().is_some_and(|value| value.contains("event-stream"))
            });
            let offsets: Vec<u64> = times
                .unwrap_or_default()
                .iter()
                .map(|time| ((time * 1000.0 - started_at.unwrap_or_default() as f64) * 1000.0).max(0.0) as u64)
                .collect();
            Some(HarAnswer {
                status: response.status as u16,
                protocol: response
                    .http_version
                    .filter(|version| !version.is_empty())
                    .unwrap_or_else(|| "HTTP/1.1".to_owned()),
                headers: sensitive(response.headers),
                remote_address: entry.server_address.filter(|address| !address.is_empty()),
                arrivals: arrivals(&body, is_stream, &offsets, end),
                body,
            })
        }
        _ => None,
    };
    Ok(HarEntry {
        number,
        method: entry.request.method.to_ascii_uppercase(),
        url: entry.request.url,
        headers: sensitive(entry.request.headers),
        body: entry.request.post_data.and_then(|data| data.text).unwrap_or_default(),
        started_at,
        phases,
        answer,
    })
}

/// Names that begin with a colon belong to HTTP/2 and say what the address says.
fn sensitive(headers: Vec<Header>) -> Vec<(String, Sensitive)> {
    headers
        .into_iter()
        .filter(|header| !header.name.starts_with(':'))
        .map(|header| (header.name, Sensitive::new(header.value.unwrap_or_default())))
        .collect()
}

/// Spans one after the other, and µs until the end of all.
fn phases(timings: &Timings, time: Option<f64>) -> (Phases, u64) {
    let length = |value: Option<f64>| value.filter(|value| value.is_finite() && *value >= 0.0);
    let mut now = length(timings.blocked).unwrap_or_default();
    let mut span = |value: Option<f64>| {
        let length = length(value)?;
        let start = now;
        now += length;
        Some(Span { start, end: now })
    };
    let ssl = length(timings.ssl);
    let mut phases = Phases { dns: span(timings.dns), ..Phases::default() };
    phases.connect = span(timings.connect.map(|connect| (connect - ssl.unwrap_or_default()).max(0.0_f64.min(connect))));
    phases.tls = span(ssl);
    phases.send = span(timings.send);
    phases.wait = span(timings.wait);
    phases.receive = span(timings.receive);
    phases.reused_connection = phases.dns.is_none() && phases.connect.is_none();
    let end = now.max(length(time).unwrap_or_default()) * 1000.0;
    (phases, end as u64)
}

/// `times` are µs since the call began, one for each event, as far as they are known.
fn arrivals(body: &[u8], is_stream: bool, times: &[u64], end: u64) -> Vec<Arrival> {
    if body.is_empty() {
        return Vec::new();
    }
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    let whole = Arrival { kind: ArrivalKind::Chunk, at: end, offset: 0, length: length(body.len()) };
    if !is_stream {
        return vec![whole];
    }
    let mut frames = Vec::new();
    Parser::new().push(body, &mut |frame| {
        let kind = match frame.kind {
            FrameKind::Event { .. } => ArrivalKind::Event,
            FrameKind::Comment { .. } => ArrivalKind::Comment,
            FrameKind::Unfinished { .. } => return,
        };
        frames.push((kind, frame.offset, frame.length));
    });
    let known =
        frames.iter().filter(|(kind, ..)| *kind == ArrivalKind::Event).count() == times.len() && !times.is_empty();
    if !known {
        let events = frames.into_iter().map(|(kind, offset, length)| Arrival { kind, at: end, offset, length });
        return std::iter::once(whole).chain(events).collect();
    }
    let mut arrivals = Vec::new();
    let mut times = times.iter().copied();
    let (mut now, mut told) = (0, 0);
    let mut waiting = Vec::new();
    for (kind, offset, size) in frames {
        waiting.push((kind, offset, size));
        if kind == ArrivalKind::Event {
            now = times.next().unwrap_or(now).max(now);
            let reached = offset + u64::from(size);
            let part = length(usize::try_from(reached.saturating_sub(told)).unwrap_or_default());
            arrivals.push(Arrival { kind: ArrivalKind::Chunk, at: now, offset: told, length: part });
            told = reached.max(told);
            arrivals.extend(waiting.drain(..).map(|(kind, offset, length)| Arrival { kind, at: now, offset, length }));
        }
    }
    if told < body.len() as u64 {
        let rest = length(body.len() - usize::try_from(told).unwrap_or_default());
        arrivals.push(Arrival { kind: ArrivalKind::Chunk, at: end.max(now), offset: told, length: rest });
    }
    let at = end.max(now);
    arrivals.extend(waiting.into_iter().map(|(kind, offset, length)| Arrival { kind, at, offset, length }));
    arrivals
}
