//! The only place where HTTP clients are made.

mod connect;
mod secured;
mod tls;
mod witness;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use juxta_wire::connection::{Network, Proxy};
use juxta_wire::error::AppError;
use juxta_wire::exchange::TlsSession;
use url::{Host, Url};

use secured::Connections;

/// One client for each set of network settings, so that connections are used again.
#[derive(Debug, Default)]
pub struct HttpClients {
    known: Mutex<HashMap<Key, Http>>,
}

/// The settings that make a difference to a client. The rest is the caller's affair.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    connect_timeout_ms: u64,
    /// `None` is the system's proxy, an empty text is none.
    proxy: Option<String>,
    ca_file: Option<String>,
    /// The CA file as it was read: a replaced file makes a new client.
    ca_pem: Option<Vec<u8>>,
}

impl HttpClients {
    pub fn new() -> Self {
        Self::default()
    }

    /// The client for these settings, made at first use.
    ///
    /// # Errors
    /// [`AppError::Invalid`] names the setting that cannot be used: the CA file or the proxy.
    pub fn get(&self, network: &Network) -> Result<Http, AppError> {
        let key = Key {
            connect_timeout_ms: network.connect_timeout_ms,
            proxy: match &network.proxy {
                Proxy::System => None,
                Proxy::Direct => Some(String::new()),
                Proxy::Url { url } => Some(url.trim().to_owned()),
            },
            ca_pem: network.ca_file.as_deref().map(tls::read_ca_file).transpose()?,
            ca_file: network.ca_file.clone(),
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(http) = known.get(&key) {
            return Ok(http.clone());
        }
        let http = Http::new(&key)?;
        known.insert(key, http.clone());
        Ok(http)
    }
}

/// A client with its pool of connections. Cheap to clone.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
    /// Goes straight to this computer, whatever the system's proxy says.
    loopback: reqwest::Client,
    proxy: Arc<Matcher>,
    connections: Connections,
    direct_to_loopback: bool,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    fn new(key: &Key) -> Result<Self, AppError> {
        let tls = tls::config(key.ca_file.as_deref(), key.ca_pem.as_deref())?;
        let timeout = Duration::from_millis(key.connect_timeout_ms);
        let connections = Connections::default();
        let loopback = build(timeout, tls.clone(), None, &connections)?;
        let (client, proxy) = match key.proxy.as_deref() {
            None => (build(timeout, tls, Some(ProxyChoice::System), &connections)?, Matcher::from_system()),
            Some("") => (loopback.clone(), Matcher::builder().build()),
            Some(address) => {
                let address = proxy_address(address)?;
                let proxy = reqwest::Proxy::all(address.clone()).map_err(|error| invalid_proxy(error.to_string()))?;
                let matcher = Matcher::builder().all(address.to_string()).build();
                (build(timeout, tls, Some(ProxyChoice::Own(Box::new(proxy))), &connections)?, matcher)
            }
        };
        Ok(Self { client, loopback, proxy: Arc::new(proxy), connections, direct_to_loopback: key.proxy.is_none() })
    }

    /// The client that takes a call to `url`.
    pub(crate) fn client(&self, url: &Url) -> &reqwest::Client {
        match self.goes_straight(url) {
            true => &self.loopback,
            false => &self.client,
        }
    }

    /// Host and port of the proxy that a call to `url` goes through.
    pub(crate) fn proxy_for(&self, url: &Url) -> Option<(String, u16)> {
        if self.goes_straight(url) {
            return None;
        }
        let intercepted = self.proxy.intercept(&url.as_str().parse().ok()?)?;
        let uri = intercepted.uri();
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        Some((uri.host()?.to_owned(), port))
    }

    /// What the connection is secured with that an answer came over; `None` also where nobody knows.
    pub(crate) fn tls_session(&self, answer: &reqwest::Response) -> Option<TlsSession> {
        self.connections.session(answer.extensions())
    }

    /// A proxy that the system names serves the outside world; it cannot reach a server on this computer.
    fn goes_straight(&self, url: &Url) -> bool {
        self.direct_to_loopback && is_loopback(url)
    }
}

enum ProxyChoice {
    System,
    Own(Box<reqwest::Proxy>),
}

fn build(
    connect_timeout: Duration,
    tls: rustls::ClientConfig,
    proxy: Option<ProxyChoice>,
    connections: &Connections,
) -> Result<reqwest::Client, AppError> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(connect_timeout)
        // Redirects are followed where the call is made, because only there it is known which headers are secret.
        .redirect(reqwest::redirect::Policy::none())
        // Retries cost money and are shown, so they are never made silently.
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .dns_resolver(connect::TimedResolver)
        .connector_layer(connect::TimedConnectLayer { connections: connections.clone() });
    let builder = match proxy {
        None => builder.no_proxy(),
        Some(ProxyChoice::System) => builder,
        Some(ProxyChoice::Own(proxy)) => builder.no_proxy().proxy(*proxy),
    };
    builder.build().map_err(|error| AppError::Internal {
        report_id: uuid::Uuid::now_v7().to_string(),
        message: format!("no HTTP client: {error}"),
    })
}

/// Accepts `proxy.example:3128` as well as a whole address.
fn proxy_address(typed: &str) -> Result<Url, AppError> {
    let whole = match typed.contains("://") {
        true => typed.to_owned(),
        false => format!("http://{typed}"),
    };
    let url = Url::parse(&whole).map_err(|error| invalid_proxy(error.to_string()))?;
    match url.scheme() {
        "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h" if url.has_host() => Ok(url),
        scheme => Err(invalid_proxy(format!("{scheme} is no kind of proxy; http, https and socks5 are"))),
    }
}

fn invalid_proxy(message: String) -> AppError {
    AppError::Invalid { field: "network.proxy".to_owned(), message }
}

/// Whether `url` names this computer.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback())
        }
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_settings_share_a_client_and_its_connections() {
        let clients = HttpClients::new();
        let network = Network { proxy: Proxy::Direct, ..Network::default() };
        clients.get(&network).expect("a client");
        clients.get(&Network { idle_timeout_ms: 5, max_retries: 9, ..network.clone() }).expect("a client");
        assert_eq!(clients.known.lock().expect("not poisoned").len(), 1);
        clients.get(&Network { connect_timeout_ms: 7, ..network }).expect("a client");
        assert_eq!(clients.known.lock().expect("not poisoned").len(), 2);
    }

    #[test]
    fn a_proxy_that_cannot_be_one_is_named() {
        for bad in ["ftp://proxy.example", "http://", "http://proxy:99999"] {
            let network = Network { proxy: Proxy::Url { url: bad.to_owned() }, ..Network::default() };
            let error = HttpClients::new().get(&network).expect_err(bad);
            assert!(matches!(error, AppError::Invalid { ref field, .. } if field == "network.proxy"), "{error}");
        }
    }

    #[test]
    fn a_missing_or_empty_ca_file_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let empty = folder.path().join("empty.pem");
        std::fs::write(&empty, "no certificate here").expect("written");
        for path in [folder.path().join("missing.pem"), empty] {
            let network = Network { ca_file: Some(path.display().to_string()), ..Network::default() };
            let error = HttpClients::new().get(&network).expect_err("no certificate there");
            assert!(matches!(error, AppError::Invalid { ref field, .. } if field == "network.caFile"), "{error}");
        }
    }

    #[test]
    fn this_computer_is_known_by_all_its_names() {
        for (url, expected) in [
            ("http://127.0.0.1:8080", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:1", true),
            ("http://[::ffff:127.0.0.1]", true),
            ("http://LOCALHOST", true),
            ("http://app.localhost", true),
            ("http://localhost.example.com", false),
            ("http://10.0.0.1", false),
            ("http://example.com", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).expect("an address")), expected, "{url}");
        }
    }
}
