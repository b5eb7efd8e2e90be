//! Answers in an envelope: `{"status":"ok","data":…,"meta":{…}}`, as ScaiGrid sends them, and answers without one.
//!
//! Success is an HTTP 2xx whose `status` is not `"error"`; `status` and `meta` are missing in some of the provider's own
//! samples, and a body without `data` is its own data.

use serde_json::value::RawValue;

use crate::loose::{self, Object, Raw, members};

members!(Body {
    status: Raw<'a> = "status",
    data: Raw<'a> = "data",
    error: Raw<'a> = "error",
    choices: Raw<'a> = "choices",
    meta: Object<Meta<'a>> = "meta",
    pagination: Object<Page<'a>> = "pagination",
});

members!(Meta {
    request_id: Raw<'a> = "request_id",
    pagination: Object<Page<'a>> = "pagination",
});

members!(Paged { pagination: Object<Page<'a>> = "pagination" });

members!(Page {
    has_more: Raw<'a> = "has_more",
    next_cursor: Raw<'a> = "next_cursor",
});

/// A body taken out of its envelope.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened<'a> {
    /// JSON text of `data`, or the whole body when there is no envelope.
    pub data: &'a str,
    /// Whether the body says of itself that it is an error: it has an `error` that says something, or its `status` is
    /// `"error"`. [`crate::classify`] reads the words.
    pub is_error: bool,
    /// `meta.request_id`.
    pub request_id: Option<String>,
    pub pagination: Option<Pagination>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pagination {
    pub has_more: bool,
    /// Never empty.
    pub next_cursor: Option<String>,
}

impl Pagination {
    /// The cursor to ask for next, if there is a next page.
    pub fn next(&self) -> Option<&str> {
        self.next_cursor.as_deref().filter(|_| self.has_more)
    }
}

/// Opens the envelope if there is one. `json` must be JSON.
pub fn open(json: &str) -> Result<Opened<'_>, serde_json::Error> {
    // A string or an array is no envelope; neither is anything that can be read as a chat answer where it stands.
    let whole = json.trim();
    let Some(body) = loose::object::<Body<'_>>(whole)? else {
        return Ok(Opened { data: whole, is_error: false, request_id: None, pagination: None });
    };
    let data = match body.data {
        Some(data) if body.choices.is_none() => data.get(),
        _ => whole,
    };
    let mut meta = body.meta.0.unwrap_or_default();
    // It stands at the top in the one documented sample; the other two places are what similar products do.
    let page = body.pagination.0.or_else(|| meta.pagination.0.take()).or_else(|| {
        let inner: Paged<'_> = loose::object(data).ok().flatten()?;
        inner.pagination.0
    });
    Ok(Opened {
        data,
        is_error: says_something(body.error) || loose::text(body.status).is_some_and(|status| status == "error"),
        request_id: loose::some_text(meta.request_id).map(Into::into),
        pagination: page.map(|page| Pagination {
            has_more: page.has_more.is_some_and(|flag| flag.get() == "true"),
            next_cursor: loose::text_or_number(page.next_cursor).map(Into::into),
        }),
    })
}

/// Whether an `error` member is more than a polite way to say that there is none.
pub(crate) fn says_something(error: Option<&RawValue>) -> bool {
    error.is_some_and(|error| !matches!(error.get(), "false" | "\"\"" | "{}" | "[]" | "0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened<'a>(data: &'a str) -> Opened<'a> {
        Opened { data, is_error: false, request_id: None, pagination: None }
    }

    #[test]
    fn data_comes_out_of_every_form_of_the_envelope() {
        let cases = [
            (
                r#"{"status":"ok","data":{"a":1},"meta":{"request_id":"req_1"}}"#,
                Opened { request_id: Some("req_1".to_owned()), ..opened(r#"{"a":1}"#) },
            ),
            (r#"{"data":[1,2]}"#, opened("[1,2]")),
            (r#" {"data":"text"} "#, opened("\"text\"")),
            (r#"{"choices":[],"data":{}}"#, opened(r#"{"choices":[],"data":{}}"#)),
            (r#"{"a":1.50}"#, opened(r#"{"a":1.50}"#)),
            (r#"{"data":null,"error":null}"#, opened(r#"{"data":null,"error":null}"#)),
            (r#"{"data":{},"error":{}}"#, opened("{}")),
            ("[1]", opened("[1]")),
            ("\"text\"", opened("\"text\"")),
        ];
        for (json, expected) in cases {
            assert_eq!(open(json).expect("JSON"), expected, "{json}");
        }
        assert!(open("<html>").is_err());
    }

    #[test]
    fn an_error_is_seen_with_and_without_a_status() {
        for json in [
            r#"{"status":"error","error":{"code":"RATE_LIMITED"}}"#,
            r#"{"status":"error","code":"RATE_LIMITED"}"#,
            r#"{"error":{"message":"no"}}"#,
            r#"{"error":"no"}"#,
        ] {
            assert!(open(json).expect("JSON").is_error, "{json}");
        }
    }

    #[test]
    fn pagination_is_found_in_three_places() {
        for json in [
            r#"{"data":{"items":[]},"pagination":{"has_more":true,"next_cursor":"c2"}}"#,
            r#"{"data":{"items":[],"pagination":{"has_more":true,"next_cursor":"c2"}}}"#,
            r#"{"data":[],"meta":{"pagination":{"has_more":true,"next_cursor":"c2"}}}"#,
        ] {
            let page = open(json).expect("JSON").pagination.expect("a page");
            assert_eq!(page.next(), Some("c2"), "{json}");
        }
        let last = |page: &str| open(&format!(r#"{{"data":[],"pagination":{page}}}"#)).expect("JSON").pagination;
        assert_eq!(last(r#"{"has_more":false,"next_cursor":"c2"}"#).expect("a page").next(), None);
        assert_eq!(last(r#"{"has_more":true,"next_cursor":null}"#).expect("a page").next(), None);
        assert_eq!(last(r#"{"has_more":true,"next_cursor":""}"#).expect("a page").next(), None);
        assert_eq!(last("null"), None);
    }
}
