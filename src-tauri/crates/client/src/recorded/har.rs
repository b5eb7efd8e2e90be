//! Runs as an HTTP Archive 1.2, for browsers' developer tools and everything else that reads one.
//!
//! What the format has a place for stands there. Server-sent events stand in `_eventSourceMessages` with times in
//! seconds since 1970, as Chrome's developer tools write them. What else is known stands in `_juxta` members, which other
//! readers pass over: with them [`crate::import::har`] brings the runs back whole.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use juxta_sse::{FrameKind, Parser};
use juxta_wire::exchange::{FormContent, FormPart, HeaderView, RequestView};
use juxta_wire::lane::Comparison;
use juxta_wire::run::{Cell, RunSummary};
use juxta_wire::timing::{Phases, Span};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Arrival, ArrivalKind, RecordedCall, RecordedRequest, RecordedRun};

/// Of the `_juxta` members. A reader leaves what has a higher number alone.
pub const VERSION: u32 = 1;

/// The `_juxta` member of `log`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnLog {
    pub version: u32,
    pub runs: Vec<OwnRun>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnRun {
    pub summary: RunSummary,
    pub snapshot: Comparison,
    /// Calls of which nothing was sent, so that there is no entry for them.
    pub unsent: Vec<Cell>,
}

/// The `_juxta` member of an entry.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnEntry {
    /// Without the body of its request where that stands in `postData`.
    pub cell: Cell,
    pub request: Option<OwnRequest>,
    pub arrivals: Vec<Arrival>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnRequest {
    pub attempts: u32,
    pub head: String,
    /// Base64, when `postData` has no text that is the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

#[derive(Serialize)]
struct Har<'a> {
    log: Log<'a>,
}

#[derive(Serialize)]
struct Log<'a> {
    version: &'static str,
    creator: Creator<'a>,
    pages: Vec<Page<'a>>,
    entries: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    comment: &'a str,
    _juxta: OwnLog,
}

#[derive(Serialize)]
struct Creator<'a> {
    name: &'static str,
    version: &'a str,
}

/// Viewers group entries by page; a run takes its place.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    started_date_time: String,
    id: &'a str,
    title: &'a str,
    page_timings: Empty,
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    pageref: &'a str,
    started_date_time: String,
    time: f64,
    request: Request<'a>,
    response: Response<'a>,
    cache: Empty,
    timings: Timings,
    #[serde(rename = "serverIPAddress", skip_serializing_if = "Option::is_none")]
    server_address: Option<String>,
    comment: String,
    #[serde(rename = "_resourceType")]
    resource_type: &'static str,
    #[serde(rename = "_eventSourceMessages", skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Message>,
    _juxta: OwnEntry,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    method: &'a str,
    url: &'a str,
    http_version: &'a str,
    cookies: [(); 0],
    headers: Vec<Header<'a>>,
    query_string: Vec<Header<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_data: Option<PostData<'a>>,
    /// Masking a key changes how long the head is, so the length is not said.
    headers_size: i64,
    body_size: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PostData<'a> {
    mime_type: &'a str,
    /// The format has one of these two: a form with a file is its fields, because a text cannot hold its bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    params: Vec<Param<'a>>,
}

/// A field of a form. The bytes of a file are not in it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Param<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<&'a str>,
}

#[derive(Serialize)]
struct Header<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    /// 0 when no answer came, as browsers write it.
    status: u16,
    status_text: &'static str,
    http_version: &'a str,
    cookies: [(); 0],
    headers: Vec<Header<'a>>,
    content: Content<'a>,
    #[serde(rename = "redirectURL")]
    redirect_url: &'static str,
    headers_size: i64,
    body_size: usize,
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    size: usize,
    mime_type: &'a str,
    text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
}

/// Milliseconds; −1 for a phase that did not take place. The format wants `send`, `wait` and `receive` in every entry and
/// never negative: they are 0 then.
#[derive(Debug, PartialEq, Serialize)]
struct Timings {
    blocked: f64,
    dns: f64,
    /// With TLS in it.
    connect: f64,
    ssl: f64,
    send: f64,
    wait: f64,
    receive: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    /// Seconds since 1970.
    time: f64,
    event_name: String,
    event_id: String,
    data: String,
}

/// Writes `runs` as one archive. `app_version` says who wrote it, `comment` what a reader should know.
///
/// # Errors
/// None that a recorded run can cause.
pub fn write(runs: &[RecordedRun], app_version: &str, comment: &str) -> Result<Vec<u8>, serde_json::Error> {
    let har = Har {
        log: Log {
            version: "1.2",
            creator: Creator { name: "Juxta", version: app_version },
            pages: runs.iter().map(page).collect(),
            entries: runs.iter().flat_map(|run| &run.calls).filter_map(entry).collect(),
            comment,
            _juxta: OwnLog { version: VERSION, runs: runs.iter().map(own_run).collect() },
        },
    };
    let mut bytes = serde_json::to_vec_pretty(&har)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn page(run: &RecordedRun) -> Page<'_> {
    Page {
        started_date_time: iso(run.summary.started_at),
        id: run.summary.id.as_str(),
        title: &run.summary.name,
        page_timings: Empty {},
    }
}

fn own_run(run: &RecordedRun) -> OwnRun {
    let unsent = run.calls.iter().filter(|call| call.cell.request.is_none()).map(|call| call.cell.clone()).collect();
    OwnRun { summary: run.summary.clone(), snapshot: run.snapshot.clone(), unsent }
}

fn entry(call: &RecordedCall) -> Option<Entry<'_>> {
    let view = call.cell.request.as_ref()?;
    let sent = call.request.as_ref();
    let body: &[u8] = sent.map_or(view.body.as_bytes(), |sent| &sent.body);
    let protocol = call.cell.head.as_ref().map_or("HTTP/1.1", |head| head.protocol.as_str());
    let timings = timings(&call.cell.phases);
    let mut cell = call.cell.clone();
    // Of a form with a file the view shows less than the body.
    if let Some(request) = cell.request.as_mut().filter(|request| request.parts.is_empty()) {
        request.body.clear();
    }
    Some(Entry {
        pageref: call.cell.run.as_str(),
        started_date_time: iso(call.cell.started_at.unwrap_or_default()),
        time: timings.total(),
        request: Request {
            method: &view.method,
            url: &view.url,
            http_version: protocol,
            cookies: [],
            headers: headers(&view.headers),
            query_string: query(&view.url),
            post_data: (!body.is_empty()).then(|| PostData {
                mime_type: header(&view.headers, "content-type").unwrap_or_default(),
                text: view.parts.is_empty().then(|| String::from_utf8_lossy(body)),
                params: view.parts.iter().map(param).collect(),
            }),
            headers_size: -1,
            body_size: body.len(),
        },
        response: response(call, protocol),
        cache: Empty {},
        timings,
        server_address: call.cell.head.as_ref().and_then(|head| ip_of(head.remote_address.as_deref()?)),
        comment: format!("{}, {}, repeat {}", call.cell.connection_name, call.cell.model, call.cell.repeat + 1),
        resource_type: "fetch",
        messages: messages(call),
        _juxta: OwnEntry { cell, request: sent.map(|sent| own_request(sent, view)), arrivals: call.arrivals.clone() },
    })
}

fn param(part: &FormPart) -> Param<'_> {
    let name = part.name.as_str();
    match &part.content {
        FormContent::Text { text } => Param { name, value: Some(text), file_name: None, content_type: None },
        FormContent::File { file_name, media_type, .. } => {
            Param { name, value: None, file_name: Some(file_name), content_type: Some(media_type) }
        }
    }
}

fn own_request(request: &RecordedRequest, view: &RequestView) -> OwnRequest {
    let is_text = view.parts.is_empty() && std::str::from_utf8(&request.body).is_ok();
    OwnRequest {
        attempts: request.attempts,
        head: String::from_utf8_lossy(&request.head).into_owned(),
        body: (!is_text).then(|| STANDARD.encode(&request.body)),
    }
}

fn response<'a>(call: &'a RecordedCall, protocol: &'a str) -> Response<'a> {
    let head = call.cell.head.as_ref();
    let status = head.map_or(0, |head| head.status);
    let (text, encoding) = match std::str::from_utf8(&call.body) {
        Ok(text) => (Cow::Borrowed(text), None),
        Err(_) => (Cow::Owned(STANDARD.encode(&call.body)), Some("base64")),
    };
    Response {
        status,
        status_text: http::StatusCode::from_u16(status).ok().and_then(|code| code.canonical_reason()).unwrap_or(""),
        http_version: protocol,
        cookies: [],
        headers: head.map_or_else(Vec::new, |head| headers(&head.headers)),
        content: Content {
            size: call.body.len(),
            mime_type: call.answer_header("content-type").unwrap_or("x-unknown"),
            text,
            encoding,
        },
        redirect_url: "",
        headers_size: -1,
        body_size: call.body.len(),
        error: call.cell.error.as_ref().map(ToString::to_string),
    }
}

fn headers(views: &[HeaderView]) -> Vec<Header<'_>> {
    views.iter().map(|view| Header { name: Cow::from(&view.name), value: Cow::from(&view.value) }).collect()
}

fn header<'a>(views: &'a [HeaderView], name: &str) -> Option<&'a str> {
    views.iter().find(|view| view.name.eq_ignore_ascii_case(name)).map(|view| view.value.as_str())
}

fn query(url: &str) -> Vec<Header<'static>> {
    let Ok(url) = Url::parse(url) else { return Vec::new() };
    let pairs = url.query_pairs().into_owned();
    pairs.map(|(name, value)| Header { name: Cow::from(name), value: Cow::from(value) }).collect()
}

/// `127.0.0.1` of `127.0.0.1:443`; without the brackets of an address of version 6.
fn ip_of(address: &str) -> Option<String> {
    let with_port = address.parse::<std::net::SocketAddr>().map(|address| address.ip());
    with_port.or_else(|_| address.parse()).ok().map(|ip| ip.to_string())
}

impl Timings {
    /// `ssl` is a part of `connect`.
    fn total(&self) -> f64 {
        [self.blocked, self.dns, self.connect, self.send, self.wait, self.receive]
            .iter()
            .map(|part| part.max(0.0))
            .sum()
    }
}

fn timings(phases: &Phases) -> Timings {
    let length = |span: &Option<Span>| span.map(|span| (span.end - span.start).max(0.0));
    let first = [&phases.dns, &phases.connect, &phases.tls, &phases.send].into_iter().find_map(|span| *span);
    let connect = match (length(&phases.connect), length(&phases.tls)) {
        (Some(connect), tls) => connect + tls.unwrap_or_default(),
        (None, Some(tls)) => tls,
        (None, None) => -1.0,
    };
    Timings {
        blocked: first.map_or(-1.0, |first| first.start),
        dns: length(&phases.dns).unwrap_or(-1.0),
        connect,
        ssl: length(&phases.tls).unwrap_or(-1.0),
        send: length(&phases.send).unwrap_or_default(),
        wait: length(&phases.wait).unwrap_or_default(),
        receive: length(&phases.receive).unwrap_or_default(),
    }
}

fn messages(call: &RecordedCall) -> Vec<Message> {
    let mut times = call.arrivals.iter().filter(|arrival| arrival.kind == ArrivalKind::Event).peekable();
    if times.peek().is_none() {
        return Vec::new();
    }
    let started = call.cell.started_at.unwrap_or_default() as f64;
    let mut messages = Vec::new();
    let mut last_id = String::new();
    let mut at = 0;
    Parser::new().push(&call.body, &mut |frame| {
        let FrameKind::Event { name, data, id, .. } = frame.kind else { return };
        at = times.next().map_or(at, |arrival| arrival.at);
        if let Some(id) = id {
            last_id = id.to_owned();
        }
        messages.push(Message {
            time: (started + at as f64 / 1000.0) / 1000.0,
            event_name: if name.is_empty() { "message" } else { name }.to_owned(),
            event_id: last_id.clone(),
            data: data.to_owned(),
        });
    });
    messages
}

/// `2026-11-21T15:51:02.123Z`.
pub(crate) fn iso(unix_milliseconds: u64) -> String {
    let known = i64::try_from(unix_milliseconds).ok().and_then(|time| Timestamp::from_millisecond(time).ok());
    format!("{:.3}", known.unwrap_or(Timestamp::UNIX_EPOCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_three_digits_and_an_offset() {
        assert_eq!(iso(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso(1_763_740_262_007), "2025-11-21T15:51:02.007Z");
    }

    #[test]
    fn phases_that_did_not_take_place_are_minus_one() {
        let span = |start, end| Some(Span { start, end });
        let fresh = Phases {
            dns: span(0.5, 1.5),
            connect: span(1.5, 3.5),
            tls: span(3.5, 8.5),
            send: span(9.0, 9.5),
            wait: span(9.5, 109.5),
            receive: span(109.5, 209.5),
            reused_connection: false,
        };
        let timings = super::timings(&fresh);
        let expected =
            Timings { blocked: 0.5, dns: 1.0, connect: 7.0, ssl: 5.0, send: 0.5, wait: 100.0, receive: 100.0 };
        assert_eq!(timings, expected);
        assert!((timings.total() - 209.0).abs() < 1e-9, "TLS is counted once");
        let nothing = super::timings(&Phases::default());
        let expected =
            Timings { blocked: -1.0, dns: -1.0, connect: -1.0, ssl: -1.0, send: 0.0, wait: 0.0, receive: 0.0 };
        assert_eq!(nothing, expected);
    }

    #[test]
    fn an_address_stands_alone() {
        assert_eq!(ip_of("127.0.0.1:8080").as_deref(), Some("127.0.0.1"));
        assert_eq!(ip_of("[::1]:443").as_deref(), Some("::1"));
        assert_eq!(ip_of("somewhere"), None);
    }
}
