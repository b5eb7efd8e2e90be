//! Lines of result files.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::StatusCode;
use juxta_wire::endpoint::Dialect;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::json::push_quoted;

/// What an endpoint answered to a row.
pub(crate) struct Answer<'answer> {
    pub(crate) request_id: &'answer str,
    pub(crate) status: StatusCode,
    pub(crate) media_type: &'answer str,
    pub(crate) body: &'answer [u8],
}

/// Names a row for ever: its place in the file is its end, so that a file of results says which rows are done.
pub(crate) fn row_id(batch: &str, place: usize) -> String {
    format!("batch_req_{}{place:08x}", batch.trim_start_matches("batch_"))
}

fn place_of(batch: &str, row_id: &str) -> Option<usize> {
    let rest = row_id.strip_prefix("batch_req_")?.strip_prefix(batch.trim_start_matches("batch_"))?;
    (rest.len() == 8).then(|| usize::from_str_radix(rest, 16).ok())?
}

/// A row that an endpoint answered. The body is written as it came.
pub(crate) fn answered(dialect: Dialect, row_id: &str, custom_id: &str, answer: &Answer<'_>) -> String {
    let mut line = beginning(row_id, custom_id);
    line.push_str("{\"status_code\":");
    line.push_str(answer.status.as_str());
    line.push_str(",\"request_id\":");
    push_quoted(&mut line, answer.request_id);
    line.push_str(",\"body\":");
    line.push_str(&body(answer));
    line.push_str("},\"error\":");
    match dialect {
        // Besides its answer ScaiGrid says what was wrong in the one form that all its errors have.
        Dialect::ScaigridV1 if !answer.status.is_success() => line.push_str(&error_of(answer).to_string()),
        _ => line.push_str("null"),
    }
    line.push_str("}\n");
    line
}

/// A row that nobody answered.
pub(crate) fn unanswered(row_id: &str, custom_id: &str, code: &str, message: &str) -> String {
    let mut line = beginning(row_id, custom_id);
    line.push_str("null,\"error\":");
    line.push_str(&serde_json::json!({ "code": code, "message": message }).to_string());
    line.push_str("}\n");
    line
}

fn beginning(row_id: &str, custom_id: &str) -> String {
    let mut line = String::from("{\"id\":");
    push_quoted(&mut line, row_id);
    line.push_str(",\"custom_id\":");
    push_quoted(&mut line, custom_id);
    line.push_str(",\"response\":");
    line
}

/// JSON as it came, a page as a text, and a sound as base64 with its type.
fn body(answer: &Answer<'_>) -> String {
    if let Ok(value) = serde_json::from_slice::<&RawValue>(answer.body) {
        let text = value.get();
        // Lines of the file must not break inside.
        return match text.contains(['\n', '\r']) {
            true => serde_json::from_str::<Value>(text).unwrap_or_default().to_string(),
            false => text.to_owned(),
        };
    }
    match std::str::from_utf8(answer.body) {
        Ok(text) => Value::from(text).to_string(),
        Err(_) => {
            let base64 = BASE64_STANDARD.encode(answer.body);
            serde_json::json!({ "content_type": answer.media_type, "base64": base64 }).to_string()
        }
    }
}

fn error_of(answer: &Answer<'_>) -> Value {
    let body: Value = serde_json::from_slice(answer.body).unwrap_or_default();
    let error = &body["error"];
    let code = error["code"].as_str().map_or_else(|| format!("HTTP_{}", answer.status.as_str()), str::to_owned);
    let message = error["message"].as_str().unwrap_or("The answer says nothing about it.");
    serde_json::json!({ "code": code, "message": message })
}

/// What a file of results says is done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) places: BTreeSet<usize>,
    /// The file without what is no whole row of this batch, or twice. `None` when there is nothing of that kind.
    pub(crate) mended: Option<Vec<u8>>,
}

/// Reads a file of results that may have been left in the middle of a line.
pub(crate) fn done(batch: &str, rows: usize, content: &[u8]) -> Done {
    #[derive(Deserialize)]
    struct Row {
        id: String,
    }
    let mut places = BTreeSet::new();
    let mut whole = Vec::with_capacity(content.len());
    for line in content.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")) {
        let place = serde_json::from_slice(line).ok().and_then(|row: Row| place_of(batch, &row.id));
        if place.is_some_and(|place| place < rows && places.insert(place)) {
            whole.extend_from_slice(line);
        }
    }
    let mended = (whole.len() != content.len()).then_some(whole);
    Done { places, mended }
}

/// The results with a line that ends in its middle, a line twice, and a line of nobody.
pub(crate) fn with_broken_lines(batch: &str, content: &[u8]) -> Vec<u8> {
    let mut lines: Vec<&[u8]> = content.split_inclusive(|byte| *byte == b'\n').collect();
    let broken = format!("{{\"id\":\"{}\",\"custom_id\":\"bro\n", row_id(batch, 0));
    let stray_body = serde_json::json!({ "id": "batch_req_stray", "custom_id": "a row that nobody sent",
        "response": { "status_code": 200, "request_id": "req_stray", "body": {} }, "error": null });
    let stray = format!("{stray_body}\n");
    let first = lines.first().copied().unwrap_or_default();
    lines.insert(lines.len().min(1), broken.as_bytes());
    lines.push(first);
    lines.push(stray.as_bytes());
    lines.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BATCH: &str = "batch_0123";

    fn ok(place: usize) -> String {
        let answer = Answer {
            request_id: "req_1",
            status: StatusCode::OK,
            media_type: "application/json",
            body: b"{\"n\":1.10, \"text\":\"\xc3\xa9\"}",
        };
        answered(Dialect::OpenAi, &row_id(BATCH, place), "“ä” \\ \n", &answer)
    }

    #[test]
    fn bodies_are_written_as_they_came() {
        let line = ok(3);
        assert_eq!(
            line,
            "{\"id\":\"batch_req_012300000003\",\"custom_id\":\"“ä” \\\\ \\n\",\"response\":{\"status_code\":200,\
             \"request_id\":\"req_1\",\"body\":{\"n\":1.10, \"text\":\"é\"}},\"error\":null}\n"
        );
        let page = |status, body: &'static [u8]| {
            let answer = Answer { request_id: "r", status, media_type: "audio/wav", body };
            let line = answered(Dialect::ScaigridV1, "i", "c", &answer);
            assert_eq!(line.matches('\n').count(), 1, "{line}");
            serde_json::from_str::<Value>(&line).expect("a line of JSON")
        };
        let failed = page(StatusCode::INTERNAL_SERVER_ERROR, b"<html>\n</html>");
        assert_eq!(failed["response"]["body"], "<html>\n</html>");
        assert_eq!(failed["error"]["code"], "HTTP_500");
        let refused = page(StatusCode::NOT_FOUND, b"{\n\"error\":{\"code\":\"MODEL_NOT_FOUND\",\"message\":\"no\"}}");
        assert_eq!(refused["error"], serde_json::json!({ "code": "MODEL_NOT_FOUND", "message": "no" }));
        let sound = page(StatusCode::OK, b"\xff\x00");
        assert_eq!(sound["response"]["body"], serde_json::json!({ "content_type": "audio/wav", "base64": "/wA=" }));
        assert_eq!(sound["error"], Value::Null);
    }

    #[test]
    fn what_is_done_is_read_from_the_results() {
        let whole = [ok(4), ok(0), unanswered(&row_id(BATCH, 2), "x", "batch_expired", "over")].concat();
        let read = done(BATCH, 5, whole.as_bytes());
        assert_eq!((read.places, read.mended), (BTreeSet::from([0, 2, 4]), None));
        // Cut in a line, a line of another batch, a line twice, a place that the file does not have.
        let other = ok(1).replace("0123", "4567");
        let spoiled = [whole.clone(), other, ok(4), ok(5), ok(3)[..30].to_owned()].concat();
        let read = done(BATCH, 5, spoiled.as_bytes());
        assert_eq!((read.places, read.mended), (BTreeSet::from([0, 2, 4]), Some(whole.clone().into_bytes())));
        let broken = with_broken_lines(BATCH, whole.as_bytes());
        assert_eq!(
            done(BATCH, 5, &broken).mended,
            Some(whole.into_bytes()),
            "what was broken on purpose is mended too"
        );
        assert_eq!(done(BATCH, 5, b""), Done::default());
    }
}
