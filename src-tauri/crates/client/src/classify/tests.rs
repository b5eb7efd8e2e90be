use std::time::Duration;

use juxta_wire::error::FieldError;
use juxta_wire::error::RejectionCategory::*;

use super::*;

type Headers<'a> = &'a [(&'static str, &'a str)];

/// An answer of 400 in the dialect of OpenAI, at a fixed moment.
fn classify_with(status: u16, dialect: Dialect, headers: Headers<'_>, body: &str) -> Rejection {
    let headers = headers
        .iter()
        .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().expect("a header value")))
        .collect();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
    classify(&Answer { status, headers: &headers, body: body.as_bytes(), dialect, now, elapsed_ms: 12.5 })
}

fn rejection(status: u16, category: RejectionCategory, message: &str) -> Rejection {
    Rejection {
        status,
        category,
        code: None,
        message: message.to_owned(),
        retry_after: None,
        request_id: None,
        fields: Vec::new(),
        event: None,
        content_type: None,
        elapsed_ms: 12.5,
        retryable: false,
    }
}

fn field(path: &[&str], message: &str, parameter: Option<&str>, input: Option<&str>) -> FieldError {
    FieldError {
        path: path.iter().map(|step| (*step).to_owned()).collect(),
        message: message.to_owned(),
        parameter: parameter.map(str::to_owned),
        input: input.map(str::to_owned),
    }
}

#[test]
fn every_shape_of_an_error_body_gives_its_words() {
    let code = |code: &str, rejection: Rejection| Rejection { code: Some(code.to_owned()), ..rejection };
    let cases = [
        (r#"{"detail":"Not authenticated"}"#, rejection(400, Validation, "Not authenticated")),
        (
            r#"{"detail":{"message":"no such account","code":"acct"}}"#,
            code("acct", rejection(400, Validation, "no such account")),
        ),
        (
            r#"{"error":{"message":"bad key","type":"auth_error","param":null,"code":"401"}}"#,
            code("401", rejection(400, Validation, "bad key")),
        ),
        (
            r#"{"error":{"message":"bad model","type":"None","param":"None","code":null}}"#,
            rejection(400, Validation, "bad model"),
        ),
        (
            r#"{"error":{"message":"bad","type":"invalid_request_error","code":429}}"#,
            code("429", rejection(400, Validation, "bad")),
        ),
        (r#"{"error":"no such route"}"#, rejection(400, Validation, "no such route")),
        (r#"{"error":"no","code":"E1"}"#, code("E1", rejection(400, Validation, "no"))),
        (r#"{"message":"no"}"#, rejection(400, Validation, "no")),
        (r#"{"code":"E2","message":"no"}"#, code("E2", rejection(400, Validation, "no"))),
        (r#"[{"error":{"code":400,"message":"in a list"}}]"#, code("400", rejection(400, Validation, "in a list"))),
        (r#""just a string""#, rejection(400, Validation, "just a string")),
        ("\u{FEFF}{\"message\":\"after a mark\"}", rejection(400, Validation, "after a mark")),
        ("", rejection(400, Validation, "Bad Request")),
        ("  upstream gone \n", rejection(400, Validation, "upstream gone")),
        (r#"{"unknown":1}"#, rejection(400, Validation, r#"{"unknown":1}"#)),
        (r#"{"error":{"code":5,"message":"#, rejection(400, Validation, r#"{"error":{"code":5,"message":"#)),
    ];
    for (body, expected) in cases {
        assert_eq!(classify_with(400, Dialect::OpenAi, &[], body), expected, "{body}");
    }
}

#[test]
fn a_422_of_fastapi_names_each_place() {
    let body = r#"{"detail":[
        {"loc":["body","messages",0,"content"],"msg":"Input should be a valid string","type":"string_type","input":5.10,"ctx":{}},
        {"loc":["header","x-api-key"],"msg":"Field required","type":"missing"},
        {"loc":["body"],"msg":"Not an object","type":"dict_type"},
        {"msg":"Nowhere"}
    ]}"#;
    let expected = Rejection {
        fields: vec![
            field(
                &["body", "messages", "0", "content"],
                "Input should be a valid string",
                Some("messages"),
                Some("5.10"),
            ),
            field(&["header", "x-api-key"], "Field required", None, None),
            field(&["body"], "Not an object", None, None),
            field(&[], "Nowhere", None, None),
        ],
        ..rejection(
            422,
            Validation,
            "body.messages[0].content: Input should be a valid string; header.x-api-key: Field required; \
             body: Not an object; Nowhere",
        )
    };
    assert_eq!(classify_with(422, Dialect::ScaleV5, &[], body), expected);
}

#[test]
fn the_envelope_of_scaigrid_gives_code_fields_wait_and_request_id() {
    let body = r#"{"status":"error","error":{"code":"VALIDATION_ERROR","message":"The body did not match.",
        "retry_after":1.5,"details":[{"field":"messages.0.content","message":"Field required"},{"message":"?"}]},
        "meta":{"request_id":"req_7"}}"#;
    let expected = Rejection {
        code: Some("VALIDATION_ERROR".to_owned()),
        retry_after: Some(1.5),
        request_id: Some("req_7".to_owned()),
        fields: vec![field(&["messages", "0", "content"], "Field required", Some("messages"), None)],
        ..rejection(422, Validation, "The body did not match.")
    };
    assert_eq!(classify_with(422, Dialect::ScaigridV1, &[("x-scaigrid-request-id", "other")], body), expected);

    let object = r#"{"error":{"code":"X","message":"m","details":{"temperature":"too hot","n":{}}}}"#;
    let fields = classify_with(422, Dialect::ScaigridV1, &[], object).fields;
    assert_eq!(fields, [field(&["temperature"], "too hot", Some("temperature"), None)]);
}

#[test]
fn the_param_of_openai_is_a_field() {
    let body =
        r#"{"error":{"message":"too long","type":"invalid_request_error","param":"messages[3].content","code":null}}"#;
    let rejected = classify_with(400, Dialect::OpenAi, &[], body);
    assert_eq!(rejected.fields, [field(&["messages", "3", "content"], "too long", Some("messages"), None)]);
    assert_eq!(rejected.code.as_deref(), Some("invalid_request_error"), "the type stands in for a missing code");
}

#[test]
fn categories_follow_the_code_first_and_the_status_else() {
    let cases = [
        (401, "", Authentication),
        (403, "", Permission),
        (404, "", NotFound),
        (409, "", Conflict),
        (413, "", TooLarge),
        (400, "", Validation),
        (422, "", Validation),
        (429, "", RateLimit),
        (402, "", Exhausted),
        (500, "", Server),
        (529, "", Server),
        (418, "", Other),
        (301, "", Other),
        (200, "UNKNOWN_CODE", Other),
        (429, "BUDGET_EXCEEDED", Exhausted),
        (429, "QUOTA_EXCEEDED", Exhausted),
        (403, "QUOTA_EXCEEDED", Exhausted),
        (400, "MODEL_NOT_FOUND", NotFound),
        (200, "RATE_LIMITED", RateLimit),
    ];
    for (status, code, expected) in cases {
        let body = format!(r#"{{"error":{{"code":"{code}","message":"m"}}}}"#);
        assert_eq!(classify_with(status, Dialect::ScaigridV1, &[], &body).category, expected, "{status} {code}");
    }
}

#[test]
fn what_must_not_be_tried_again_is_not() {
    let retry: Headers<'_> = &[("x-should-retry", "true"), ("retry-after", "1")];
    let cases: &[(u16, Dialect, &str, Headers<'_>, bool)] = &[
        (429, Dialect::ScaigridV1, "RATE_LIMITED", &[], true),
        (429, Dialect::ScaigridV1, "BACKEND_RATE_LIMITED", &[], true),
        (429, Dialect::ScaigridV1, "BUDGET_EXCEEDED", retry, false),
        (429, Dialect::ScaigridV1, "QUOTA_EXCEEDED", retry, false),
        (502, Dialect::ScaigridV1, "UPSTREAM_SHAPE_MISMATCH", retry, false),
        (502, Dialect::ScaigridV1, "BACKEND_ERROR", &[], true),
        (504, Dialect::ScaigridV1, "BACKEND_TIMEOUT", &[], true),
        (503, Dialect::ScaigridV1, "MODEL_UNAVAILABLE", &[], true),
        (503, Dialect::ScaigridV1, "DRAINING", &[], true),
        (501, Dialect::ScaigridV1, "", &[], false),
        (501, Dialect::ScaleV5, "", &[], true),
        (409, Dialect::ScaleV5, "", &[], true),
        (409, Dialect::ScaigridV1, "", &[], false),
        (408, Dialect::ScaigridV1, "", &[], true),
        (400, Dialect::OpenAi, "", &[], false),
        (400, Dialect::OpenAi, "", &[("x-should-retry", "true")], true),
        (500, Dialect::OpenAi, "", &[("x-should-retry", "false")], false),
        (429, Dialect::OpenAi, "insufficient_quota", retry, false),
        (429, Dialect::OpenAi, "429", &[], true),
    ];
    for (status, dialect, code, headers, expected) in cases {
        let body = format!(r#"{{"error":{{"code":"{code}","message":"m"}}}}"#);
        let rejected = classify_with(*status, *dialect, headers, &body);
        assert_eq!(rejected.retryable, *expected, "{status} {dialect:?} {code} {headers:?}");
    }
    let by_type = r#"{"error":{"code":"429","type":"insufficient_quota","message":"m"}}"#;
    assert!(!classify_with(429, Dialect::OpenAi, &[], by_type).retryable, "the type names the quota");
}

#[test]
fn retry_after_is_read_in_every_spelling() {
    let cases: &[(Headers<'_>, &str, Option<f64>)] = &[
        (&[("retry-after", "30")], "{}", Some(30.0)),
        (&[("retry-after", "0.25")], "{}", Some(0.25)),
        (&[("retry-after-ms", "1500"), ("retry-after", "2")], "{}", Some(1.5)),
        (&[("retry-after", "Wed, 18 Nov 2026 11:07:10 GMT")], "{}", Some(30.0)),
        (&[("retry-after", "Wed, 18 Nov 2020 11:07:10 GMT")], "{}", Some(0.0)),
        (&[("retry-after", "soon")], "{}", None),
        (&[("retry-after", "-5")], "{}", None),
        (&[("retry-after", "inf")], "{}", None),
        (&[], r#"{"error":{"retry_after":7.5}}"#, Some(7.5)),
        (&[], r#"{"retry_after":"8"}"#, Some(8.0)),
        (&[("retry-after", "3")], r#"{"error":{"retry_after":7.5}}"#, Some(7.5)),
        (&[], "{}", None),
    ];
    for (headers, body, expected) in cases {
        assert_eq!(classify_with(429, Dialect::ScaigridV1, headers, body).retry_after, *expected, "{headers:?} {body}");
    }
}

#[test]
fn a_page_for_browsers_gives_its_first_visible_line() {
    let cases = [
        (
            "<!DOCTYPE html><html><head><title>502</title><style>h1{}</style></head>\n<body>\n<!-- <h1>no</h1> -->\
             <script>var x = '<h1>';</script><center><h1>502 Bad\n Gateway</h1></center><hr>nginx</body></html>",
            "502 Bad Gateway",
        ),
        ("<html><body><p>Fish &amp; <b>chips</b> &lt;out&gt;</p><p>more</p></body></html>", "Fish & chips <out>"),
        ("<HTML><HEAD><TITLE>Just a title</TITLE></HEAD><BODY></BODY></HTML>", "Just a title"),
        ("<html></html>", "Internal Server Error"),
        ("<html><body>cut in the mid", "cut in the mid"),
        ("<html><body><script>never closed", "Internal Server Error"),
    ];
    for (body, expected) in cases {
        let rejected = classify_with(500, Dialect::ScaleV5, &[("content-type", "text/html; charset=utf-8")], body);
        let expected = Rejection {
            content_type: Some("text/html".to_owned()),
            retryable: true,
            ..rejection(500, Server, expected)
        };
        assert_eq!(rejected, expected, "{body}");
    }
}

#[test]
fn plain_text_is_cut_and_a_request_id_header_is_kept() {
    let rejected = classify_with(
        418,
        Dialect::OpenAi,
        &[("x-request-id", "r1"), ("content-type", "text/plain")],
        &"é".repeat(5000),
    );
    assert_eq!(rejected.message.chars().count(), PLAIN_TEXT_LIMIT);
    assert_eq!((rejected.request_id.as_deref(), rejected.content_type.as_deref()), (Some("r1"), Some("text/plain")));
}

#[test]
fn an_error_inside_a_stream_is_read_in_every_shape() {
    let cases = [
        (r#"{"code":"BACKEND_ERROR","message":"gone"}"#, Some("BACKEND_ERROR"), "gone", true),
        (r#"{"error":{"code":"BACKEND_ERROR","message":"gone"}}"#, Some("BACKEND_ERROR"), "gone", true),
        (
            r#"{"status":"error","error":{"code":"BUDGET_EXCEEDED","message":"gone"},"meta":{"request_id":"r"}}"#,
            Some("BUDGET_EXCEEDED"),
            "gone",
            false,
        ),
        (r#"{"data":{"code":"BACKEND_ERROR","message":"gone"}}"#, Some("BACKEND_ERROR"), "gone", true),
        (r#"{"error":{"message":"gone","type":null,"param":null,"code":"429"}}"#, Some("429"), "gone", true),
        (r#"{"error":{"message":"gone","code":400}}"#, Some("400"), "gone", false),
        (r#"{"error":"gone"}"#, None, "gone", false),
        (
            r#"{"status":"ok","data":{"error":{"code":"RATE_LIMITED","message":"gone"}}}"#,
            Some("RATE_LIMITED"),
            "gone",
            true,
        ),
        ("gone", None, "gone", false),
        ("", None, "The server sent an error without words.", false),
    ];
    for (data, code, message, retryable) in cases {
        let rejected = in_stream(data, 3, Dialect::OpenAi);
        assert_eq!(
            (rejected.code.as_deref(), rejected.message.as_str(), rejected.retryable),
            (code, message, retryable),
            "{data}"
        );
        assert_eq!((rejected.status, rejected.category, rejected.event), (200, InStream, Some(3)), "{data}");
    }
}
