//! TLS: the roots of the system, a CA of one's own, and the moment at which a handshake begins.

use std::sync::Arc;

use juxta_wire::error::AppError;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, NamedGroup};
use rustls_platform_verifier::Verifier;

use super::secured;
use super::witness::Witness;
use crate::trace::CONNECTING;

/// As many servers as rustls remembers by default.
const REMEMBERED_SESSIONS: usize = 256;

pub(super) fn read_ca_file(path: &str) -> Result<Vec<u8>, AppError> {
    std::fs::read(path).map_err(|error| invalid_ca(path, &error.to_string()))
}

/// HTTP/2 where the server offers it, certificates checked as the system does, `ca_pem` trusted beside them.
pub(super) fn config(ca_file: Option<&str>, ca_pem: Option<&[u8]>) -> Result<ClientConfig, AppError> {
    let path = ca_file.unwrap_or_default();
    let own = match ca_pem {
        Some(pem) => certificates(path, pem)?,
        None => Vec::new(),
    };
    let provider = Arc::new(secured::provider());
    let verifier = match own.is_empty() {
        true => Verifier::new(Arc::clone(&provider)),
        false => Verifier::new_with_extra_roots(own, Arc::clone(&provider)),
    }
    .map_err(|error| match ca_file {
        Some(path) => invalid_ca(path, &error.to_string()),
        None => internal(&error),
    })?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| internal(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Witness { verifier }))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.resumption =
        Resumption::store(Arc::new(TimedSessions { sessions: ClientSessionMemoryCache::new(REMEMBERED_SESSIONS) }));
    Ok(config)
}

fn certificates(path: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, AppError> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| invalid_ca(path, &error.to_string()))?;
    match certificates.is_empty() {
        true => Err(invalid_ca(path, "the file holds no certificate in PEM form")),
        false => Ok(certificates),
    }
}

fn invalid_ca(path: &str, reason: &str) -> AppError {
    AppError::Invalid { field: "network.caFile".to_owned(), message: format!("{path}: {reason}") }
}

fn internal(error: &rustls::Error) -> AppError {
    AppError::Internal { report_id: uuid::Uuid::now_v7().to_string(), message: format!("no TLS: {error}") }
}

/// Remembers sessions as rustls does by itself. A handshake asks for the key-exchange hint while it makes its first
/// message, which is the moment TCP stands.
#[derive(Debug)]
struct TimedSessions {
    sessions: ClientSessionMemoryCache,
}

impl ClientSessionStore for TimedSessions {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.sessions.set_kx_hint(server, group);
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        note_start();
        self.sessions.kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, session: Tls12ClientSessionValue) {
        self.sessions.set_tls12_session(server, session);
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        note_start();
        self.sessions.tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.sessions.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        self.sessions.insert_tls13_ticket(server, ticket);
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        note_start();
        self.sessions.take_tls13_ticket(server)
    }
}

fn note_start() {
    // Outside of a connect there is nothing to time.
    let _ = CONNECTING.try_with(|trace| trace.tls_started());
}
