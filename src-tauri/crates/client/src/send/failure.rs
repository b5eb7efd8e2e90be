//! From a library's error to the stage at which a call broke. Types and error kinds decide, never the words.

use std::error::Error;
use std::io;

use juxta_wire::error::{AppError, NetworkStage};

use crate::call::Call;
use crate::certificate;
use crate::http::Http;
use crate::redact::redact;
use crate::trace::{Moments, Trace, milliseconds};

/// The network error of a call whose request or answer broke.
pub(super) fn network(http: &Http, call: &Call, trace: &Trace, error: &reqwest::Error) -> AppError {
    let moments = trace.moments();
    let proxy = http.proxy_for(&call.url);
    let stage = stage(error, &moments, proxy.is_some());
    // A connect that the timeout cut off has no better words than "operation timed out".
    let words = match stage {
        NetworkStage::Timeout if moments.is_connecting() => "no connection in the time allowed".to_owned(),
        _ => deepest(error).to_string(),
    };
    at_stage(call, trace, stage, proxy.filter(|_| stage == NetworkStage::Proxy), &words)
}

/// The server closed the connection in the middle of the body, in good order: nothing was reset, the rest never came.
pub(super) fn is_cut(error: &reqwest::Error) -> bool {
    links(error).any(|link| {
        link.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_incomplete_message)
            || link.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof)
    })
}

/// The server was silent for longer than the connection allows.
pub(super) fn silence(call: &Call, trace: &Trace, any_byte: bool) -> AppError {
    let seconds = call.idle_timeout.as_secs_f64();
    let words = match any_byte {
        true => format!("no further byte for {seconds} s"),
        false => format!("no byte of an answer for {seconds} s"),
    };
    at_stage(call, trace, NetworkStage::Timeout, None, &words)
}

fn at_stage(call: &Call, trace: &Trace, stage: NetworkStage, proxy: Option<(String, u16)>, words: &str) -> AppError {
    let (host, port) = proxy.unwrap_or_else(|| {
        (call.url.host_str().unwrap_or_default().to_owned(), call.url.port_or_known_default().unwrap_or_default())
    });
    AppError::Network {
        stage,
        host,
        port,
        message: redact(words, &call.secrets()),
        elapsed_ms: milliseconds(trace.now()),
        certificates: match stage {
            NetworkStage::Tls => trace.refused().iter().map(|der| certificate::read(der)).collect(),
            _ => Vec::new(),
        },
    }
}

fn stage(error: &reqwest::Error, moments: &Moments, proxied: bool) -> NetworkStage {
    let kind = links(error).find_map(|link| link.downcast_ref::<io::Error>()).map(io::Error::kind);
    let timed_out = error.is_timeout() || links(error).any(is_timeout);
    let about_tls = links(error).any(|link| link.is::<rustls::Error>());
    if moments.is_connecting() || error.is_connect() {
        return match () {
            () if timed_out => NetworkStage::Timeout,
            () if about_tls || moments.tls_started() => NetworkStage::Tls,
            () if proxied => NetworkStage::Proxy,
            () if moments.in_dns() => NetworkStage::Dns,
            () if kind == Some(io::ErrorKind::ConnectionRefused) => NetworkStage::Refused,
            () => NetworkStage::Connect,
        };
    }
    match () {
        () if timed_out => NetworkStage::Timeout,
        // A server that wants a client certificate says so after its side of the handshake.
        () if about_tls => NetworkStage::Tls,
        () if !moments.is_sent() => NetworkStage::Send,
        () => NetworkStage::Reset,
    }
}

fn is_timeout(link: &(dyn Error + 'static)) -> bool {
    link.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
}

/// The error and everything below it. An `io::Error` hides the error it wraps from `source`, so it is asked for it.
fn links<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |link| below(*link))
}

fn below<'a>(link: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match link.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => link.source(),
    }
}

/// The innermost error, which says what happened; the outer ones say where.
fn deepest<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    links(error).last().unwrap_or(error)
}
