//! Calls to inference servers: what goes out, what comes back, and when.
//!
//! A [`call::Call`] is a request with nothing left to decide. [`send::send`] makes it and tells an
//! [`observe::Observer`] what arrives: connection phases, the response head, raw chunks, server-sent events, pieces of
//! text. At the end it says how the call ended; whatever arrived before a failure has been observed by then.
//!
//! Who is behind a connection is data ([`providers`]); what kind of call it is, is code ([`endpoints`]). Everything
//! that needs no socket is a pure function: [`classify`], [`retry`], [`redact`], [`resolve_call`], [`import`].

pub mod call;
mod certificate;
pub mod classify;
pub mod endpoints;
pub mod envelope;
pub mod export;
pub mod facts;
pub mod http;
pub mod import;
pub mod json;
mod loose;
pub mod multipart;
mod named_address;
pub mod observe;
pub mod pictures;
pub mod providers;
pub mod recorded;
pub mod redact;
pub mod resolve_call;
pub mod retry;
pub mod send;
pub mod structured;
pub mod tool_server;
mod trace;
