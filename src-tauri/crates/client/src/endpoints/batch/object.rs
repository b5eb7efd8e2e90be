//! The object that a provider tells a batch in, under every name that one of them is known or likely to use for a member.

use jiff::Timestamp;
use juxta_wire::batch::{BatchCounts, BatchState, MetadataEntry};
use serde_json::{Map, Value};

use crate::envelope;

/// What a provider says of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchObject {
    pub id: String,
    pub state: BatchState,
    /// The provider's word for the state.
    pub word: String,
    /// `None` where it says nothing of them.
    pub counts: Option<BatchCounts>,
    pub window: Option<String>,
    pub metadata: Vec<MetadataEntry>,
    /// Unix milliseconds.
    pub made_at: Option<u64>,
    pub ended_at: Option<u64>,
    pub input: Option<Place>,
    pub output: Vec<Place>,
    pub errors: Vec<Place>,
    /// Its words on what is wrong with the batch as a whole.
    pub problem: Option<String>,
}

/// Where a file of a batch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the provider's store of files.
    File(String),
    /// At an address, which may be relative.
    Address(String),
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub batches: Vec<BatchObject>,
    /// For the next page.
    pub cursor: Option<String>,
}

/// Reads an answer that is one batch; `None` when it is none.
pub fn read(json: &str) -> Option<BatchObject> {
    let opened = envelope::open(json).ok()?;
    let value: Value = serde_json::from_str(opened.data).ok()?;
    let object = value.as_object()?;
    batch(object).or_else(|| batch(object.get("batch")?.as_object()?))
}

/// Reads a page; `None` when the answer is no list.
pub fn read_page(json: &str) -> Option<Page> {
    let opened = envelope::open(json).ok()?;
    let whole: Value = serde_json::from_str(json).ok()?;
    let data: Value = serde_json::from_str(opened.data).ok()?;
    let rows = match &data {
        Value::Array(rows) => rows,
        Value::Object(object) => {
            ["items", "batches", "data", "results"].iter().find_map(|key| object.get(*key)?.as_array())?
        }
        _ => return None,
    };
    let batches: Vec<BatchObject> = rows.iter().filter_map(|row| batch(row.as_object()?)).collect();
    // Where a page says no cursor, the last id on it is the one.
    let by_id = || {
        let has_more = [&whole, &data].iter().any(|value| value.get("has_more") == Some(&Value::Bool(true)));
        let last = [&whole, &data].iter().find_map(|value| text(value.get("last_id")?));
        has_more.then(|| last.or_else(|| batches.last().map(|batch| batch.id.clone()))).flatten()
    };
    let cursor = match &opened.pagination {
        Some(pagination) => pagination.next().map(str::to_owned),
        None => [&whole, &data].iter().find_map(|value| text(value.get("next_cursor")?)).or_else(by_id),
    };
    Some(Page { batches, cursor })
}

/// The id of a file that was taken.
pub fn read_file_id(json: &str) -> Option<String> {
    let opened = envelope::open(json).ok()?;
    let value: Value = serde_json::from_str(opened.data).ok()?;
    let object = value.as_object()?;
    first_text(object, &["id", "file_id"])
}

fn batch(object: &Map<String, Value>) -> Option<BatchObject> {
    let id = first_text(object, &["id", "batch_id", "job_id"])?;
    let word = first_text(object, &["status", "state"]).unwrap_or_default();
    Some(BatchObject {
        id,
        state: state(&word),
        word,
        counts: counts(object),
        window: first_text(object, &["endpoint_completion_window", "completion_window", "window"]),
        metadata: metadata(object.get("metadata")),
        made_at: first_time(object, &["created_at", "created", "submitted_at"]),
        ended_at: first_time(
            object,
            &["completed_at", "failed_at", "expired_at", "cancelled_at", "canceled_at", "finished_at", "ended_at"],
        ),
        input: places(object, &["input_file_id", "input_file_url", "input_url", "input_file"]).0.into_iter().next(),
        ..results(object)
    })
}

/// The state that a word means.
fn state(word: &str) -> BatchState {
    match word.trim().to_ascii_lowercase().replace(['-', ' '], "_").as_str() {
        "validating" | "queued" | "pending" | "created" | "submitted" | "accepted" | "scheduled" | "not_started" => {
            BatchState::Queued
        }
        "in_progress" | "running" | "processing" | "started" => BatchState::Running,
        "finalizing" | "finalising" => BatchState::Finalizing,
        "cancelling" | "canceling" => BatchState::Cancelling,
        "completed"
        | "complete"
        | "succeeded"
        | "success"
        | "finished"
        | "done"
        | "ended"
        | "partial"
        | "partially_completed"
        | "partially_failed"
        | "completed_with_errors" => BatchState::Finished,
        "failed" | "error" | "errored" | "rejected" | "invalid" => BatchState::Refused,
        "expired" => BatchState::Expired,
        "cancelled" | "canceled" => BatchState::Cancelled,
        _ => BatchState::Other,
    }
}

fn counts(object: &Map<String, Value>) -> Option<BatchCounts> {
    let inner = ["request_counts", "counts"].iter().find_map(|key| object.get(*key)?.as_object());
    let of = |inner_names: &[&str], flat_names: &[&str]| {
        let in_inner = inner.and_then(|inner| inner_names.iter().find_map(|name| count(inner.get(*name)?)));
        in_inner.or_else(|| flat_names.iter().find_map(|name| count(object.get(*name)?)))
    };
    let total = of(&["total"], &["total_requests", "request_count", "total"]);
    let done = of(&["completed", "succeeded", "done"], &["completed_requests", "succeeded_requests", "completed"]);
    let failed = of(&["failed", "errored"], &["failed_requests", "errored_requests", "failed"]);
    if total.is_none() && done.is_none() && failed.is_none() {
        return None;
    }
    let (done, failed) = (done.unwrap_or_default(), failed.unwrap_or_default());
    Some(BatchCounts { total: total.unwrap_or(done.saturating_add(failed)), done, failed })
}

fn count(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
        // Beyond 2^53 a float is no count any more.
        (number >= 0.0 && number.fract() == 0.0 && number < 9_007_199_254_740_992.0).then_some(number as u64)
    })
}

fn metadata(value: Option<&Value>) -> Vec<MetadataEntry> {
    let Some(Value::Object(entries)) = value else { return Vec::new() };
    let entry = |(name, value): (&String, &Value)| MetadataEntry {
        name: name.clone(),
        value: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    };
    entries.iter().map(entry).collect()
}

/// The places of results and of errors, and the words on errors of the whole.
fn results(object: &Map<String, Value>) -> BatchObject {
    const OUTPUT: &[&str] = &[
        "output_file_id",
        "output_file_url",
        "output_url",
        "results_url",
        "result_url",
        "result_urls",
        "results_urls",
        "output_urls",
        "output_file",
        "result_file_id",
        "results_file_id",
    ];
    const ERRORS: &[&str] =
        &["error_file_id", "error_file_url", "error_url", "errors_url", "error_urls", "errors_urls", "error_file"];
    let (output, beside) = places(object, OUTPUT);
    let (mut errors, more) = places(object, ERRORS);
    errors.extend(more.into_iter().chain(beside));
    errors.retain(|place| !output.contains(place));
    BatchObject {
        id: String::new(),
        state: BatchState::Other,
        word: String::new(),
        counts: None,
        window: None,
        metadata: Vec::new(),
        made_at: None,
        ended_at: None,
        input: None,
        output,
        errors,
        problem: ["errors", "error", "failure_reason", "status_message"]
            .iter()
            .find_map(|key| words(object.get(*key)?)),
    }
}

/// What the first of `names` that says something names, and what of it is for errors by its key.
fn places(object: &Map<String, Value>, names: &[&str]) -> (Vec<Place>, Vec<Place>) {
    for name in names {
        let (mut main, mut errors) = (Vec::new(), Vec::new());
        match object.get(*name) {
            Some(Value::Object(by_key)) => {
                let named = |keys: &[&str]| first_text(by_key, keys);
                if let Some(place) =
                    named(&["id", "file_id"]).map(Place::File).or_else(|| named(&["url", "href"]).map(Place::Address))
                {
                    main.push(place);
                } else {
                    for (key, value) in by_key {
                        let list = if key.to_ascii_lowercase().contains("err") { &mut errors } else { &mut main };
                        list.extend(address(value).map(|text| place(name, text)));
                    }
                }
            }
            // Parts of one whole.
            Some(Value::Array(parts)) => main.extend(parts.iter().filter_map(|part| Some(place(name, address(part)?)))),
            Some(value) => main.extend(address(value).map(|text| place(name, text))),
            None => {}
        }
        if !main.is_empty() || !errors.is_empty() {
            return (main, errors);
        }
    }
    (Vec::new(), Vec::new())
}

fn address(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

fn place(name: &str, text: String) -> Place {
    // A member whose name does not say what it holds is an id unless it looks like an address.
    let is_id = name.ends_with("_id") || (name.ends_with("_file") && !text.contains('/'));
    if is_id { Place::File(text) } else { Place::Address(text) }
}

/// Errors as people read them, the first few.
fn words(value: &Value) -> Option<String> {
    const MOST: usize = 5;
    match value {
        Value::String(words) if !words.trim().is_empty() => Some(words.trim().to_owned()),
        Value::Array(rows) => {
            let said: Vec<String> = rows.iter().filter_map(words).collect();
            let more = said.len().saturating_sub(MOST);
            let mut text = said.iter().take(MOST).cloned().collect::<Vec<_>>().join("\n");
            if more > 0 {
                text.push_str(&format!("\nand {more} more"));
            }
            (!text.is_empty()).then_some(text)
        }
        Value::Object(object) => {
            if let Some(rows) = ["data", "items", "errors"].iter().find_map(|key| object.get(*key)) {
                return words(rows);
            }
            let message = first_text(object, &["message", "detail", "error", "code"])?;
            match object.get("line").and_then(count) {
                Some(line) => Some(format!("Line {line}: {message}")),
                None => Some(message),
            }
        }
        _ => None,
    }
}

fn first_text(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| text(object.get(*name)?))
}

/// A string that says something, or a number as it is spelled.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn first_time(object: &Map<String, Value>, names: &[&str]) -> Option<u64> {
    names.iter().find_map(|name| time(object.get(*name)?))
}

/// Unix milliseconds of an ISO time or of Unix seconds; numbers too large for seconds are milliseconds.
fn time(value: &Value) -> Option<u64> {
    const TOO_LARGE: f64 = 1e11;
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => match text.trim().parse::<f64>() {
            Ok(number) => number,
            Err(_) => return iso(text.trim()),
        },
        _ => return None,
    };
    let milliseconds = if number.abs() < TOO_LARGE { number * 1000.0 } else { number };
    (milliseconds > 0.0 && milliseconds < 1e15).then_some(milliseconds as u64)
}

fn iso(text: &str) -> Option<u64> {
    let moment = text.parse::<Timestamp>().or_else(|error| {
        // Some servers write no offset; their clocks are on universal time.
        text.parse::<jiff::civil::DateTime>()
            .map_err(|_| error)?
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map(|zoned| zoned.timestamp())
    });
    u64::try_from(moment.ok()?.as_millisecond()).ok()
}

#[cfg(test)]
mod tests;
