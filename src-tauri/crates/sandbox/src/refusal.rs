//! Saying no: one reason, spelled as each provider spells it.

use http::StatusCode;
use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value, json};

use crate::frames::{self, Frame};

/// Why a request is not answered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reason {
    TokenMissing,
    TokenInvalid,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    /// The body is longer than the server reads.
    TooLarge,
    /// The body is not JSON; the text says where it stops being so.
    NotJson(String),
    Fields(Vec<FieldProblem>),
    ModelNotFound(String),
    /// The request continues from a response that was not kept.
    PreviousNotFound(String),
    ResponseNotFound(String),
    RateLimited,
    /// Another try in a second is welcome.
    TooSoon,
    BudgetExceeded,
    QuotaExceeded,
    Unavailable,
    /// The backend failed while it answered.
    Backend,
    /// The server failed by itself.
    Internal,
    /// A filter does not like the prompt.
    Filtered,
    FileNotFound(String),
    BatchNotFound(String),
    /// It is too late to cancel a batch of this status.
    CannotCancel(&'static str),
    /// What an address led to is no longer there.
    Expired,
}

/// One body member that does not fit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FieldProblem {
    pub(crate) path: Vec<Step>,
    pub(crate) message: String,
    /// Pydantic's name for the fault.
    pub(crate) code: &'static str,
    pub(crate) input: Value,
    pub(crate) context: Option<Value>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    Name(String),
    Index(usize),
}

/// Status, head and body of a refusal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<u32>,
    /// The header `x-should-retry`, which both official SDKs obey.
    pub(crate) should_retry: Option<bool>,
    pub(crate) body: Value,
}

/// Seconds a caller is asked to wait.
const RETRY_AFTER: u32 = 5;

/// What a reason is called: status, ScaiGrid code, OpenAI type, OpenAI code, and the words.
struct Spelling {
    status: u16,
    scaigrid: &'static str,
    kind: &'static str,
    code: Option<&'static str>,
    message: String,
}

fn spell(status: u16, scaigrid: &'static str, kind: &'static str, code: Option<&'static str>, text: &str) -> Spelling {
    Spelling { status, scaigrid, kind, code, message: text.to_owned() }
}

const INVALID_REQUEST: &str = "invalid_request_error";

fn spelling(reason: &Reason) -> Spelling {
    match reason {
        Reason::TokenMissing => {
            spell(401, "AUTH_TOKEN_MISSING", INVALID_REQUEST, None, "No API key came with the request.")
        }
        Reason::TokenInvalid => spell(
            401,
            "AUTH_TOKEN_INVALID",
            INVALID_REQUEST,
            Some("invalid_api_key"),
            "The API key is not the one this sandbox was started with.",
        ),
        Reason::Forbidden => spell(
            403,
            "AUTHZ_PERMISSION_DENIED",
            INVALID_REQUEST,
            Some("permission_denied"),
            "This key may not use the model.",
        ),
        Reason::NotFound => {
            spell(404, "NOT_FOUND", INVALID_REQUEST, Some("unknown_url"), "There is nothing at this path.")
        }
        Reason::MethodNotAllowed => spell(
            405,
            "METHOD_NOT_ALLOWED",
            INVALID_REQUEST,
            Some("method_not_supported"),
            "This path does not take that method.",
        ),
        Reason::TooLarge => {
            spell(413, "REQUEST_TOO_LARGE", INVALID_REQUEST, Some("request_too_large"), "The request is too large.")
        }
        Reason::NotJson(_) => {
            spell(422, "VALIDATION_ERROR", INVALID_REQUEST, None, "The request body could not be read as JSON.")
        }
        Reason::Fields(_) => spell(422, "VALIDATION_ERROR", INVALID_REQUEST, None, "The request body did not match."),
        Reason::ModelNotFound(model) => {
            let text = format!("The model `{model}` does not exist here.");
            spell(404, "MODEL_NOT_FOUND", INVALID_REQUEST, Some("model_not_found"), &text)
        }
        Reason::ResponseNotFound(id) => {
            spell(404, "NOT_FOUND", INVALID_REQUEST, None, &format!("Response with id '{id}' not found."))
        }
        Reason::PreviousNotFound(id) => {
            let text = format!("Previous response with id '{id}' not found.");
            spell(400, "NOT_FOUND", INVALID_REQUEST, Some("previous_response_not_found"), &text)
        }
        Reason::RateLimited => spell(
            429,
            "RATE_LIMITED",
            "rate_limit_error",
            Some("rate_limit_exceeded"),
            "Too many requests in this minute. Try again in 5 seconds.",
        ),
        Reason::TooSoon => spell(
            429,
            "RATE_LIMITED",
            "rate_limit_error",
            Some("rate_limit_exceeded"),
            "Too many requests. Try again in a second.",
        ),
        Reason::BudgetExceeded => spell(
            429,
            "BUDGET_EXCEEDED",
            "budget_exceeded",
            Some("BUDGET_EXCEEDED"),
            "The budget of this key is used up. Waiting does not help.",
        ),
        Reason::QuotaExceeded => spell(
            429,
            "QUOTA_EXCEEDED",
            "insufficient_quota",
            Some("insufficient_quota"),
            "The quota of this account is used up. Waiting does not help.",
        ),
        Reason::Unavailable => spell(
            503,
            "MODEL_UNAVAILABLE",
            "server_error",
            Some("service_unavailable"),
            "All backends of the model are unhealthy at the moment.",
        ),
        Reason::Filtered => spell(
            400,
            "CONTENT_FILTERED",
            "image_generation_user_error",
            Some("moderation_blocked"),
            "The prompt was refused by the filter of this model.",
        ),
        Reason::FileNotFound(id) => {
            spell(404, "NOT_FOUND", INVALID_REQUEST, None, &format!("File with id '{id}' not found."))
        }
        Reason::BatchNotFound(id) => {
            spell(404, "NOT_FOUND", INVALID_REQUEST, None, &format!("No batch found with id '{id}'."))
        }
        Reason::CannotCancel(status) => {
            let text = format!("Cannot cancel a batch with status '{status}'.");
            spell(409, "CONFLICT", INVALID_REQUEST, None, &text)
        }
        Reason::Internal => spell(
            500,
            "INTERNAL_ERROR",
            "server_error",
            Some("server_error"),
            "The server had an error while it processed the request.",
        ),
        Reason::Expired => spell(403, "LINK_EXPIRED", INVALID_REQUEST, Some("expired"), "This address has expired."),
        Reason::Backend => {
            spell(502, "BACKEND_ERROR", "server_error", Some("backend_error"), "The backend closed the connection.")
        }
    }
}

impl Reason {
    /// Status, head and body, as `dialect` sends them. `request_id` stands in ScaiGrid's envelope.
    pub(crate) fn refuse(&self, dialect: Dialect, request_id: &str) -> Refusal {
        let spelling = spelling(self);
        let status = match (self, dialect) {
            // OpenAI has no 422 of its own, and the proxy behind Scale answers a wrong model with 400.
            (Reason::NotJson(_) | Reason::Fields(_), Dialect::OpenAi) => 400,
            (Reason::ModelNotFound(_), Dialect::ScaleV5) => 400,
            _ => spelling.status,
        };
        let body = match dialect {
            Dialect::ScaleV5 => self.scale_body(&spelling, status),
            Dialect::ScaigridV1 => self.scaigrid_body(&spelling, request_id),
            Dialect::OpenAi => self.openai_body(&spelling),
        };
        Refusal {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            retry_after: self.retry_after(),
            should_retry: matches!(self, Reason::BudgetExceeded | Reason::QuotaExceeded).then_some(false),
            body,
        }
    }

    /// ScaiGrid documents the header for every 429, also where waiting does not help.
    fn retry_after(&self) -> Option<u32> {
        match self {
            Reason::RateLimited | Reason::BudgetExceeded | Reason::QuotaExceeded => Some(RETRY_AFTER),
            Reason::TooSoon => Some(1),
            _ => None,
        }
    }

    /// The data of a frame that reports an error in the middle of a stream.
    pub(crate) fn frame(&self, dialect: Dialect) -> Value {
        let spelling = spelling(self);
        match dialect {
            Dialect::ScaigridV1 => json!({ "code": spelling.scaigrid, "message": spelling.message }),
            // The proxy behind Scale writes the status into `code`, as text.
            Dialect::ScaleV5 => error_object(&spelling, None, Some(&spelling.status.to_string())),
            Dialect::OpenAi => error_object(&spelling, None, spelling.code),
        }
    }

    /// The same in a stream of response events, after `sent` of them.
    pub(crate) fn event(&self, sent: usize) -> Frame {
        let spelling = spelling(self);
        frames::responses::error(sent, spelling.kind, &spelling.message)
    }

    fn scale_body(&self, spelling: &Spelling, status: u16) -> Value {
        match self {
            Reason::NotFound => json!({ "detail": "Not Found" }),
            Reason::MethodNotAllowed => json!({ "detail": "Method Not Allowed" }),
            Reason::TokenMissing
            | Reason::TokenInvalid
            | Reason::Forbidden
            | Reason::TooLarge
            | Reason::FileNotFound(_)
            | Reason::BatchNotFound(_)
            | Reason::CannotCancel(_)
            | Reason::Expired => json!({ "detail": spelling.message }),
            Reason::NotJson(text) => json!({ "detail": [{
                "loc": ["body"], "msg": "JSON decode error", "type": "json_invalid", "input": {}, "ctx": { "error": text },
            }]}),
            Reason::Fields(problems) => {
                let details: Vec<_> = problems.iter().map(FieldProblem::scale_detail).collect();
                json!({ "detail": details })
            }
            Reason::ModelNotFound(_) => error_object(spelling, Some("model"), Some("400")),
            Reason::PreviousNotFound(_) => error_object(spelling, Some("previous_response_id"), spelling.code),
            Reason::BudgetExceeded | Reason::QuotaExceeded => error_object(spelling, None, spelling.code),
            Reason::ResponseNotFound(_)
            | Reason::RateLimited
            | Reason::TooSoon
            | Reason::Unavailable
            | Reason::Backend
            | Reason::Internal
            | Reason::Filtered => error_object(spelling, None, Some(&status.to_string())),
        }
    }

    fn scaigrid_body(&self, spelling: &Spelling, request_id: &str) -> Value {
        let mut error = Map::new();
        error.insert("code".into(), spelling.scaigrid.into());
        error.insert("message".into(), spelling.message.as_str().into());
        match self {
            Reason::RateLimited | Reason::TooSoon => {
                error.insert("retry_after".into(), self.retry_after().into());
            }
            Reason::NotJson(text) => {
                error.insert("details".into(), json!([{ "field": "body", "message": text }]));
            }
            Reason::Fields(problems) => {
                let details: Vec<_> = problems
                    .iter()
                    .map(|problem| json!({ "field": problem.dotted(), "message": problem.message }))
                    .collect();
                error.insert("details".into(), details.into());
            }
            _ => {}
        }
        json!({ "status": "error", "error": error, "meta": { "request_id": request_id } })
    }

    fn openai_body(&self, spelling: &Spelling) -> Value {
        match self {
            Reason::Fields(problems) => match problems.first() {
                Some(problem) => problem.openai_error(),
                None => error_object(spelling, None, spelling.code),
            },
            Reason::BudgetExceeded => json!({ "error": {
                "message": spelling.message, "type": "insufficient_quota", "param": null, "code": "billing_hard_limit_reached",
            }}),
            Reason::PreviousNotFound(_) => error_object(spelling, Some("previous_response_id"), spelling.code),
            _ => error_object(spelling, None, spelling.code),
        }
    }
}

fn error_object(spelling: &Spelling, param: Option<&str>, code: Option<&str>) -> Value {
    json!({ "error": { "message": spelling.message, "type": spelling.kind, "param": param, "code": code } })
}

impl FieldProblem {
    /// FastAPI's form. `ctx` is only there when there is something to say.
    fn scale_detail(&self) -> Value {
        let mut location = vec![Value::from("body")];
        location.extend(self.path.iter().map(|step| match step {
            Step::Name(name) => Value::from(name.as_str()),
            Step::Index(index) => Value::from(*index),
        }));
        let mut detail = Map::new();
        detail.insert("loc".into(), location.into());
        detail.insert("msg".into(), self.message.as_str().into());
        detail.insert("type".into(), self.code.into());
        detail.insert("input".into(), self.input.clone());
        if let Some(context) = &self.context {
            detail.insert("ctx".into(), context.clone());
        }
        detail.into()
    }

    /// `messages.0.role`
    fn dotted(&self) -> String {
        let steps: Vec<_> = self
            .path
            .iter()
            .map(|step| match step {
                Step::Name(name) => name.clone(),
                Step::Index(index) => index.to_string(),
            })
            .collect();
        steps.join(".")
    }

    /// `messages[0].role`
    fn bracketed(&self) -> String {
        let mut text = String::new();
        for step in &self.path {
            match step {
                Step::Name(name) if text.is_empty() => text.push_str(name),
                Step::Name(name) => {
                    text.push('.');
                    text.push_str(name);
                }
                Step::Index(index) => text.push_str(&format!("[{index}]")),
            }
        }
        text
    }

    fn openai_error(&self) -> Value {
        let whole_number = self.input.is_i64() || self.input.is_u64();
        let code = match (self.code, whole_number) {
            ("missing", _) => "missing_required_parameter",
            ("less_than_equal", true) => "integer_above_max_value",
            ("less_than_equal", false) => "decimal_above_max_value",
            ("greater_than_equal", true) => "integer_below_min_value",
            ("greater_than_equal", false) => "decimal_below_min_value",
            ("too_long", _) => "array_above_max_length",
            ("too_short", _) => "empty_array",
            ("literal_error" | "value_error", _) => "invalid_value",
            _ => "invalid_type",
        };
        let param = self.bracketed();
        json!({ "error": {
            "message": format!("Invalid '{param}': {}.", self.message), "type": INVALID_REQUEST, "param": param, "code": code,
        }})
    }
}
