//! Error codes whose meaning is known. One row each; a code that is not here is judged by its status.

use juxta_wire::error::RejectionCategory::{self, *};

#[derive(Debug, Clone, Copy)]
pub struct Known {
    pub code: &'static str,
    pub category: RejectionCategory,
    /// `false` is final: no header and no status overrules it.
    pub retryable: bool,
}

const fn known(code: &'static str, category: RejectionCategory, retryable: bool) -> Known {
    Known { code, category, retryable }
}

pub fn find(code: &str) -> Option<Known> {
    KNOWN.iter().copied().find(|known| known.code == code)
}

const NEVER: bool = false;
const LATER: bool = true;

const KNOWN: &[Known] = &[
    // ScaiGrid, error code reference.
    known("AUTH_TOKEN_MISSING", Authentication, NEVER),
    known("AUTH_TOKEN_INVALID", Authentication, NEVER),
    known("SESSION_EXPIRED", Authentication, NEVER),
    known("SERVICE_TOKEN_INVALID", Authentication, NEVER),
    known("AUTH_FLOW_INVALID", Authentication, NEVER),
    known("AUTH_INSUFFICIENT_SCOPE", Permission, NEVER),
    known("AUTHZ_PERMISSION_DENIED", Permission, NEVER),
    known("MODEL_ACCESS_DENIED", Permission, NEVER),
    known("AUTH_IDENTITY_NOT_FOUND", NotFound, NEVER),
    known("MODEL_NOT_FOUND", NotFound, NEVER),
    known("BACKEND_NOT_FOUND", NotFound, NEVER),
    known("PROVIDER_NOT_FOUND", NotFound, NEVER),
    known("SLUG_CONFLICT", Conflict, NEVER),
    known("PROVIDER_HAS_BACKENDS", Conflict, NEVER),
    known("VALIDATION_ERROR", Validation, NEVER),
    known("MODEL_UNAVAILABLE", Server, LATER),
    known("BACKEND_ERROR", Server, LATER),
    known("BACKEND_TIMEOUT", Server, LATER),
    known("PROVIDER_DISCOVERY_ERROR", Server, NEVER),
    // A fault of the gateway itself: the same request meets it again.
    known("UPSTREAM_SHAPE_MISMATCH", Server, NEVER),
    known("BACKEND_RATE_LIMITED", RateLimit, LATER),
    known("RATE_LIMITED", RateLimit, LATER),
    // Both come with status 429.
    known("BUDGET_EXCEEDED", Exhausted, NEVER),
    known("QUOTA_EXCEEDED", Exhausted, NEVER),
    // OpenAI and servers that speak like it, Scale's among them.
    known("insufficient_quota", Exhausted, NEVER),
    known("billing_hard_limit_reached", Exhausted, NEVER),
    known("rate_limit_exceeded", RateLimit, LATER),
    known("invalid_api_key", Authentication, NEVER),
    known("model_not_found", NotFound, NEVER),
    known("context_length_exceeded", Validation, NEVER),
];
