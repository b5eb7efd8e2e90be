//! A request alone as an HTTP Archive. What was answered is in the archives of recorded calls.

use serde_json::{Value, json};
use url::Url;

use super::form::{Content, Field};
use super::{Request, Target, Unfit, Written, uuid_is_kept};
use crate::import;
use crate::recorded::har::iso;

pub(super) const TARGET: Target = Target {
    id: "har",
    language: "HAR 1.2",
    library: "",
    syntax: "json",
    file_name: "request.har",
    is_raw: true,
    fits: |request| request.takes_no_arguments("An archive"),
    write,
    reads_back: Some(reads_back),
    literals: None,
};

/// A file reads no environment, so the name of the variable stands where the key was.
fn variable(name: &str) -> String {
    format!("${name}")
}

fn write(request: &Request) -> Result<Written, Unfit> {
    let url = request.url.spelled(variable);
    let body = request.body.spelled(variable);
    let pair = |name: &str, value: &str| json!({ "name": name, "value": value });
    let headers: Vec<Value> =
        request.headers.iter().map(|header| pair(&header.name, &header.value.spelled(variable))).collect();
    let query: Vec<Value> = Url::parse(&url)
        .map(|url| url.query_pairs().map(|(name, value)| pair(&name, &value)).collect())
        .unwrap_or_default();
    let mut sent = json!({
        "method": request.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": headers,
        "queryString": query,
        "headersSize": -1,
        "bodySize": body.len(),
    });
    if let Some(form) = &request.form {
        // The format has a text or fields, never both.
        let fields: Vec<Value> = form.fields.iter().map(field).collect();
        let media_type = format!("multipart/form-data; boundary={}", form.boundary);
        sent["postData"] = json!({ "mimeType": media_type, "params": fields });
        sent["bodySize"] = json!(-1);
    } else if request.has_body() {
        let media_type = request.header("content-type").map(|value| value.spelled(variable)).unwrap_or_default();
        sent["postData"] = json!({ "mimeType": media_type, "text": body });
    }
    let archive = json!({ "log": {
        "version": "1.2",
        "creator": { "name": "Juxta", "version": env!("CARGO_PKG_VERSION") },
        "entries": [{
            "startedDateTime": iso(request.at),
            "time": 0,
            "request": sent,
            // As browsers write a request that nobody answered.
            "response": {
                "status": 0,
                "statusText": "",
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": [],
                "content": { "size": 0, "mimeType": "x-unknown" },
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": -1,
            },
            "cache": {},
            "timings": { "send": 0, "wait": 0, "receive": 0 },
        }],
    }});
    let text = serde_json::to_string_pretty(&archive).map_err(|error| error.to_string())?;
    Ok(Written { text: text + "\n", checks: uuid_is_kept(request).into_iter().collect() })
}

fn field(field: &Field) -> Value {
    match &field.content {
        Content::Text(text) => json!({ "name": field.name, "value": text.spelled(variable) }),
        Content::File(file) => {
            json!({ "name": field.name, "fileName": file.name, "contentType": file.media_type })
        }
    }
}

/// By the reader for archives that people bring; it takes what looks like a call of a lane.
fn reads_back(request: &Request, text: &str) -> Option<bool> {
    if request.form.is_some() {
        return None;
    }
    let Ok(read) = import::har::read(text.as_bytes()) else { return Some(false) };
    let entry = read.entries.first()?;
    let headers = entry.headers.iter().map(|(name, value)| (name.clone(), value.expose().to_owned()));
    let expected = request.headers.iter().map(|header| (header.name.clone(), header.value.spelled(variable)));
    Some(
        entry.method == request.method
            && entry.url == request.url.spelled(variable)
            && headers.eq(expected)
            && entry.body == request.body.spelled(variable),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{Header, Piece, Text};

    #[test]
    fn an_archive_holds_the_request_and_reads_back() {
        let request = Request {
            url: "https://a.example/v1/chat/completions?a=b%20c".into(),
            headers: vec![
                Header { name: "content-type".into(), value: "application/json".into() },
                Header {
                    name: "authorization".into(),
                    value: Text::new([Piece::Text("Bearer ".into()), Piece::Variable("KEY".into())]),
                },
            ],
            body: "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"ü\\n\"}],\"top_p\":1.0}".into(),
            at: 1_763_740_262_007,
            ..Request::default()
        };
        let written = write(&request).expect("an archive");
        let entry = &serde_json::from_str::<Value>(&written.text).expect("JSON")["log"]["entries"][0];
        assert_eq!(entry["startedDateTime"], "2025-11-21T15:51:02.007Z");
        assert_eq!(entry["request"]["queryString"], json!([{ "name": "a", "value": "b c" }]));
        assert_eq!(entry["request"]["headers"][1]["value"], "Bearer $KEY");
        assert_eq!(entry["request"]["postData"]["text"].as_str(), request.body.literal());
        assert_eq!(reads_back(&request, &written.text), Some(true));
        let other = Request { body: "{\"messages\":[]}".into(), ..request };
        assert_eq!(reads_back(&other, &written.text), Some(false));
    }
}
