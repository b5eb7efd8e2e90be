//! What each connection is secured with.
//!
//! The HTTP library tells nobody, and rustls tells only the owner of a connection, which is that library. Both make the
//! keys of a suite through a table of functions, so the table that we give them notes which suite it was; and each
//! connection has two addresses by which its answers are known, also when it is used again.

use std::cell::Cell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use ::http::Extensions;
use hyper_util::client::legacy::connect::{Connection, HttpInfo};
use juxta_wire::exchange::TlsSession;
use rustls::crypto::cipher::{
    AeadKey, Iv, KeyBlockShape, MessageDecrypter, MessageEncrypter, Tls12AeadAlgorithm, Tls13AeadAlgorithm,
    UnsupportedOperationError,
};
use rustls::crypto::{CipherSuiteCommon, CryptoProvider};
use rustls::{CipherSuite, ConnectionTrafficSecrets, SupportedCipherSuite, Tls12CipherSuite, Tls13CipherSuite};

/// Far more than are open at a time.
const REMEMBERED_CONNECTIONS: usize = 512;

tokio::task_local! {
    /// The suite of the last handshake within a connect: behind a proxy that is reached over TLS, that with the server.
    pub(super) static NEGOTIATED: Cell<Option<CipherSuite>>;
}

/// Connections by their own address and that of the other end, the newest last.
#[derive(Clone, Default)]
pub(super) struct Connections {
    known: Arc<Mutex<VecDeque<Known>>>,
}

struct Known {
    ends: (SocketAddr, SocketAddr),
    session: Option<TlsSession>,
}

impl Connections {
    pub(super) fn add(&self, connection: &impl Connection, negotiated: Option<CipherSuite>) {
        let mut extras = Extensions::new();
        connection.connected().get_extras(&mut extras);
        let Some(ends) = ends(&extras) else { return };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // A port that is used again belongs to another connection.
        known.retain(|known| known.ends != ends);
        if known.len() == REMEMBERED_CONNECTIONS {
            known.pop_front();
        }
        known.push_back(Known { ends, session: negotiated.map(session) });
    }

    /// Of the connection that an answer came over, by the answer's extensions.
    pub(super) fn session(&self, answer: &Extensions) -> Option<TlsSession> {
        let ends = ends(answer)?;
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().rev().find(|known| known.ends == ends)?.session.clone()
    }
}

fn ends(extensions: &Extensions) -> Option<(SocketAddr, SocketAddr)> {
    extensions.get::<HttpInfo>().map(|info| (info.local_addr(), info.remote_addr()))
}

/// A suite belongs to one version, and is called here as its standard calls it.
fn session(suite: CipherSuite) -> TlsSession {
    let name = suite.as_str().unwrap_or_default();
    match name.strip_prefix("TLS13_") {
        Some(rest) => TlsSession { version: "TLS 1.3".to_owned(), cipher: format!("TLS_{rest}") },
        None => TlsSession { version: "TLS 1.2".to_owned(), cipher: name.to_owned() },
    }
}

/// The provider of cryptography, with suites that note when they are used.
pub(super) fn provider() -> CryptoProvider {
    let noting_13 = SUITES_13.iter().map(SupportedCipherSuite::Tls13);
    let noting_12 = SUITES_12.iter().map(SupportedCipherSuite::Tls12);
    CryptoProvider { cipher_suites: noting_13.chain(noting_12).collect(), ..plain() }
}

fn plain() -> CryptoProvider {
    rustls::crypto::aws_lc_rs::default_provider()
}

/// An algorithm of a suite that notes when keys are made for it.
struct Noting<A: ?Sized + 'static> {
    suite: CipherSuite,
    algorithm: &'static A,
}

impl<A: ?Sized> Noting<A> {
    fn note(&self) {
        // Keys that are renewed later belong to no connect.
        let _ = NEGOTIATED.try_with(|negotiated| negotiated.set(Some(self.suite)));
    }
}

// Suites refer to what lives as long as the program.
static ALGORITHMS_13: LazyLock<Vec<(&'static Tls13CipherSuite, Noting<dyn Tls13AeadAlgorithm>)>> =
    LazyLock::new(|| {
        let suites = plain().cipher_suites.into_iter().filter_map(|suite| match suite {
            SupportedCipherSuite::Tls13(suite) => Some(suite),
            SupportedCipherSuite::Tls12(_) => None,
        });
        suites.map(|suite| (suite, Noting { suite: suite.common.suite, algorithm: suite.aead_alg })).collect()
    });

static ALGORITHMS_12: LazyLock<Vec<(&'static Tls12CipherSuite, Noting<dyn Tls12AeadAlgorithm>)>> =
    LazyLock::new(|| {
        let suites = plain().cipher_suites.into_iter().filter_map(|suite| match suite {
            SupportedCipherSuite::Tls12(suite) => Some(suite),
            SupportedCipherSuite::Tls13(_) => None,
        });
        suites.map(|suite| (suite, Noting { suite: suite.common.suite, algorithm: suite.aead_alg })).collect()
    });

static SUITES_13: LazyLock<Vec<Tls13CipherSuite>> = LazyLock::new(|| {
    let suites = ALGORITHMS_13.iter().map(|(suite, noting)| Tls13CipherSuite {
        common: common(&suite.common),
        hkdf_provider: suite.hkdf_provider,
        aead_alg: noting,
        quic: suite.quic,
    });
    suites.collect()
});

static SUITES_12: LazyLock<Vec<Tls12CipherSuite>> = LazyLock::new(|| {
    let suites = ALGORITHMS_12.iter().map(|(suite, noting)| Tls12CipherSuite {
        common: common(&suite.common),
        prf_provider: suite.prf_provider,
        kx: suite.kx,
        sign: suite.sign,
        aead_alg: noting,
    });
    suites.collect()
});

fn common(common: &CipherSuiteCommon) -> CipherSuiteCommon {
    CipherSuiteCommon {
        suite: common.suite,
        hash_provider: common.hash_provider,
        confidentiality_limit: common.confidentiality_limit,
    }
}

impl Tls13AeadAlgorithm for Noting<dyn Tls13AeadAlgorithm> {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        self.note();
        self.algorithm.encrypter(key, iv)
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        self.algorithm.decrypter(key, iv)
    }

    fn key_len(&self) -> usize {
        self.algorithm.key_len()
    }

    fn extract_keys(&self, key: AeadKey, iv: Iv) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.algorithm.extract_keys(key, iv)
    }

    fn fips(&self) -> bool {
        self.algorithm.fips()
    }
}

impl Tls12AeadAlgorithm for Noting<dyn Tls12AeadAlgorithm> {
    fn encrypter(&self, key: AeadKey, iv: &[u8], extra: &[u8]) -> Box<dyn MessageEncrypter> {
        self.note();
        self.algorithm.encrypter(key, iv, extra)
    }

    fn decrypter(&self, key: AeadKey, iv: &[u8]) -> Box<dyn MessageDecrypter> {
        self.algorithm.decrypter(key, iv)
    }

    fn key_block_shape(&self) -> KeyBlockShape {
        self.algorithm.key_block_shape()
    }

    fn extract_keys(
        &self,
        key: AeadKey,
        iv: &[u8],
        explicit: &[u8],
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        self.algorithm.extract_keys(key, iv, explicit)
    }

    fn fips(&self) -> bool {
        self.algorithm.fips()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suites_that_note_are_those_of_the_provider_in_its_order() {
        let names = |provider: CryptoProvider| {
            provider.cipher_suites.iter().map(SupportedCipherSuite::suite).collect::<Vec<_>>()
        };
        assert_eq!(names(provider()), names(plain()));
        for suite in provider().cipher_suites {
            let TlsSession { version, cipher } = session(suite.suite());
            assert_eq!(version == "TLS 1.3", suite.tls13().is_some(), "{cipher}");
            assert!(cipher.starts_with("TLS_"), "{cipher}");
        }
    }
}
