//! A failure in words for somebody who was not there: whom it was sent to, what came back, and when. Never with a key,
//! and with what the person wrote only when they choose so.

use std::fmt::Write as _;

use juxta_client::redact::{is_auth_header, mask_header, redact};
use juxta_wire::error::AppError;
use juxta_wire::exchange::{ExchangeView, HeaderView, RequestView, SentKey};
use juxta_wire::ids::CellId;
use juxta_wire::params::{self, ParameterKind};
use juxta_wire::run::Cell;
use juxta_wire::timing::Span;
use serde_json::Value;

use crate::Engine;
use crate::report;

/// Letters of a text that stand in a report by themselves; a shorter one may be a word of any sentence.
const SHORTEST_PROMPT: usize = 8;
/// Letters of a setting that are shown.
const LONGEST_SETTING: usize = 64;

impl Engine {
    /// `changed` says what is different since the lane last worked, a line each. Without `with_content` prompts, tools,
    /// schemas and the answer's body are left out, and so is what the server repeats of them.
    pub fn error_report(&self, id: &CellId, changed: &[String], with_content: bool) -> Result<String, AppError> {
        let cell = self.cell_head(id)?;
        let view = report::exchange(self, id);
        let base_url = self.ready_connection(&cell.connection).ok().map(|connection| connection.base_url);
        let mut text = heading(&cell, base_url.as_deref());
        // Writing to a String cannot fail.
        if let Some(error) = &cell.error {
            write_error(&mut text, error, with_content);
        }
        write_phases(&mut text, &cell);
        if !changed.is_empty() {
            text.push_str("\nChanged since it last worked\n");
            for line in changed {
                let _ = writeln!(text, "  {line}");
            }
        }
        match &view {
            Ok(view) => {
                write_request(&mut text, &cell, &view.request, with_content);
                write_answer(&mut text, view, with_content);
            }
            Err(error) => {
                let _ = writeln!(text, "\nNothing was sent: {error}");
            }
        }
        if !with_content && let Ok(view) = &view {
            text = without_prompts(text, &cell, &view.request);
        }
        Ok(redact(&text, &self.known_keys(&cell)))
    }

    /// The keys that this cell's connection uses, as far as they can be read.
    fn known_keys(&self, cell: &Cell) -> Vec<String> {
        let Ok(connection) = self.ready_connection(&cell.connection) else { return Vec::new() };
        let slots = connection.headers.iter().filter_map(|header| header.secret.as_ref());
        slots.filter_map(|slot| self.key(&connection, slot).ok().flatten()).collect()
    }
}

fn heading(cell: &Cell, base_url: Option<&str>) -> String {
    let word = |value: Result<Value, _>| value.ok().and_then(|value| value.as_str().map(str::to_owned));
    let endpoint = word(serde_json::to_value(cell.endpoint)).unwrap_or_default();
    let dialect = word(serde_json::to_value(cell.dialect)).unwrap_or_default();
    let mut text = format!("Juxta {}\n\n", env!("CARGO_PKG_VERSION"));
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<12}{value}");
    };
    row("Model", &cell.model);
    row("Endpoint", &format!("{endpoint} ({dialect})"));
    row("Connection", &cell.connection_name);
    row("Base URL", base_url.unwrap_or("of a connection that was deleted"));
    let started = cell.started_at.and_then(|at| i64::try_from(at).ok());
    if let Some(at) = started.and_then(|at| jiff::Timestamp::from_millisecond(at).ok()) {
        row("Sent", &at.to_string());
    }
    row("Attempt", &cell.attempt.to_string());
    if let Some(id) = request_ids(cell) {
        row("Request id", &id);
    }
    text
}

/// What the server calls this request, in its body and in each of its headers.
fn request_ids(cell: &Cell) -> Option<String> {
    let of_error = match &cell.error {
        Some(AppError::Rejected(rejection)) => rejection.request_id.clone(),
        _ => None,
    };
    let headers = cell.head.iter().flat_map(|head| &head.headers);
    let of_headers = headers.filter(|header| header.name.to_ascii_lowercase().ends_with("request-id"));
    let mut ids: Vec<String> = of_error.into_iter().chain(of_headers.map(|header| header.value.clone())).collect();
    ids.dedup();
    (!ids.is_empty()).then(|| ids.join(", "))
}

fn write_error(text: &mut String, error: &AppError, with_content: bool) {
    let _ = writeln!(text, "\n{error}");
    match error {
        AppError::Rejected(said) => {
            let mut row = |name: &str, value: Option<String>| {
                if let Some(value) = value {
                    let _ = writeln!(text, "  {name:<12}{value}");
                }
            };
            row("Status", Some(said.status.to_string()));
            row("Code", said.code.clone());
            row("Event", said.event.map(|event| event.to_string()));
            row("Retry after", said.retry_after.map(|seconds| format!("{seconds} s")));
            row("After", Some(format!("{} ms", said.elapsed_ms)));
            for field in &said.fields {
                let input = field.input.as_deref().filter(|input| with_content || is_plain(input));
                let input = input.map(|input| format!(" = {input}")).unwrap_or_default();
                row("At", Some(format!("{}{input}: {}", field.path.join("."), field.message)));
            }
        }
        AppError::Network { host, port, elapsed_ms, certificates, .. } => {
            let _ = writeln!(text, "  {host}:{port} after {elapsed_ms} ms");
            for certificate in certificates {
                let _ = writeln!(text, "  Certificate of {}, signed by {}", certificate.subject, certificate.issuer);
                let _ = writeln!(text, "    {} to {}", certificate.not_before, certificate.not_after);
                let _ = writeln!(text, "    for {}", certificate.names.join(", "));
                let _ = writeln!(text, "    SHA-256 {}", certificate.sha256);
            }
        }
        _ => {}
    }
}

fn write_phases(text: &mut String, cell: &Cell) {
    let phases = &cell.phases;
    let spans: [(&str, Option<Span>); 6] = [
        ("DNS", phases.dns),
        ("Connect", phases.connect),
        ("TLS", phases.tls),
        ("Send", phases.send),
        ("Wait", phases.wait),
        ("Receive", phases.receive),
    ];
    text.push_str("\nPhases, ms since the call began\n");
    if phases.reused_connection {
        text.push_str("  An open connection was used again\n");
    }
    for (name, span) in spans {
        if let Some(span) = span {
            let _ = writeln!(text, "  {name:<12}{} to {}", span.start, span.end);
        }
    }
}

fn write_request(text: &mut String, cell: &Cell, request: &RequestView, with_content: bool) {
    let _ = writeln!(text, "\n{} {}", request.method, request.url);
    write_headers(text, &request.headers);
    let _ = writeln!(text, "\nBody of the request, {} bytes", request.body_bytes);
    if with_content {
        let _ = writeln!(text, "{}", request.body);
        return;
    }
    for key in &request.keys {
        match shown(cell, key) {
            Some(json) => {
                let _ = writeln!(text, "  {}: {json}", key.name);
            }
            None => {
                let _ = writeln!(text, "  {}: not included", key.name);
            }
        }
    }
}

fn write_answer(text: &mut String, view: &ExchangeView, with_content: bool) {
    let Some(head) = &view.head else {
        text.push_str("\nNo answer came\n");
        return;
    };
    let _ = writeln!(text, "\n{} {}", head.protocol, head.status);
    write_headers(text, &head.headers);
    let _ = writeln!(text, "\nBody of the answer, {} bytes", view.body_bytes);
    if with_content {
        let _ = writeln!(text, "{}", view.body);
        if view.body_shown_bytes < view.body_bytes {
            let _ = writeln!(text, "({} of {} bytes)", view.body_shown_bytes, view.body_bytes);
        }
    }
}

fn write_headers(text: &mut String, headers: &[HeaderView]) {
    for header in headers {
        // A request's head comes masked; an answer may set a cookie.
        let value = match is_auth_header(&header.name) && !header.secret {
            true => mask_header(&header.value),
            false => header.value.clone(),
        };
        let _ = writeln!(text, "{}: {value}", header.name);
    }
}

/// A setting as it was sent, where it cannot hold what the person wrote.
fn shown<'a>(cell: &Cell, key: &'a SentKey) -> Option<&'a str> {
    let is_word = || {
        let table = params::table(cell.endpoint, cell.dialect);
        let known = table.parameters.iter().find(|spec| spec.name == key.name).map(|spec| spec.kind);
        let chosen = matches!(known, Some(ParameterKind::Text { suggestions } | ParameterKind::TextOrObject { suggestions, .. }) if !suggestions.is_empty());
        (chosen || key.name == "model") && key.json.starts_with('"') && key.json.chars().count() <= LONGEST_SETTING
    };
    (is_plain(&key.json) || is_word()).then_some(&key.json)
}

/// A number, a truth or null.
fn is_plain(json: &str) -> bool {
    let json = json.trim();
    !json.is_empty() && !json.starts_with(['"', '{', '[']) && json.chars().count() <= LONGEST_SETTING
}

/// Takes out what the server repeats of texts that were sent.
fn without_prompts(text: String, cell: &Cell, request: &RequestView) -> String {
    let Ok(body) = serde_json::from_str::<Value>(&request.body) else { return text };
    let mut texts = Vec::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        let key = request.keys.iter().find(|key| key.name == *name);
        if key.is_none_or(|key| shown(cell, key).is_none()) {
            collect(value, &mut texts);
        }
    }
    // Longer ones first, so that a part of one leaves nothing of it.
    texts.sort_unstable_by_key(|text| std::cmp::Reverse(text.len()));
    texts.dedup();
    texts.iter().fold(text, |text, prompt| {
        let said = format!("({} letters that were sent)", prompt.chars().count());
        let quoted = Value::from(prompt.as_str()).to_string();
        text.replace(prompt.as_str(), &said).replace(quoted.trim_matches('"'), &said)
    })
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) if text.chars().count() >= SHORTEST_PROMPT => texts.push(text.clone()),
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, texts)),
        Value::Object(members) => members.values().for_each(|member| collect(member, texts)),
        _ => {}
    }
}
