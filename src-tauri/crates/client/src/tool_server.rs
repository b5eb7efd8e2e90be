//! Asks a server on this machine what a tool gives. Nothing else is ever asked: no other host, no proxy, no redirect, no
//! key.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use juxta_wire::error::{AppError, NetworkStage};
use url::{Host, Url};

use crate::http::{Http, is_loopback};
use crate::json;

/// Bytes that a result may have.
pub const LARGEST_RESULT: usize = 1 << 20;
/// Characters of an answer that is no result.
const EXCERPT: usize = 200;

/// What a call is to be answered with, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolRequest {
    pub url: String,
    pub timeout: Duration,
    pub id: String,
    pub name: String,
    /// As the model spelled them.
    pub arguments: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolAnswer {
    pub status: Option<u16>,
    /// Until all of the answer was there, or none was to be had.
    pub elapsed_ms: f64,
    pub result: Result<String, AppError>,
}

/// The address of a tool.
///
/// # Errors
/// [`AppError::Invalid`] for one that is not `http:` on this machine.
pub fn tool_url(text: &str) -> Result<Url, AppError> {
    let refuse = |message: String| Err(AppError::Invalid { field: "url".to_owned(), message });
    let Ok(url) = Url::parse(text.trim()) else { return refuse(format!("{text} is no address")) };
    match url.scheme() {
        "http" if is_loopback(&url) => Ok(url),
        "http" => refuse(format!("{text} is not on this machine: use an address such as http://127.0.0.1:8080")),
        _ => refuse(format!("{text} is no http: address")),
    }
}

/// `{"id","name","arguments"}`; arguments that are JSON go as they are spelled, others as a string.
pub fn tool_body(request: &ToolRequest) -> Vec<u8> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let arguments = match json::parse(&request.arguments) {
        Ok(_) => request.arguments.clone(),
        Err(_) => quoted(&request.arguments),
    };
    let [id, name] = [&request.id, &request.name].map(|text| quoted(text));
    format!(r#"{{"id":{id},"name":{name},"arguments":{arguments}}}"#).into_bytes()
}

/// Asks and waits. Dropping the future ends the connection. `http` must be one that uses no proxy.
pub async fn ask(http: &Http, request: &ToolRequest) -> ToolAnswer {
    let began = Instant::now();
    let mut status = None;
    let asked = tokio::time::timeout(request.timeout, asked(http, request, began, &mut status)).await;
    let elapsed_ms = milliseconds(began);
    let result = asked.unwrap_or_else(|_| {
        let words = format!("{} did not answer within {}", request.url, seconds(request.timeout));
        Err(network(&request.url, NetworkStage::Timeout, words, began))
    });
    ToolAnswer { status, elapsed_ms, result }
}

async fn asked(
    http: &Http,
    request: &ToolRequest,
    began: Instant,
    status: &mut Option<u16>,
) -> Result<String, AppError> {
    let url = tool_url(&request.url)?;
    let mut answer = connected(http, &url, request, began).await?;
    *status = Some(answer.status().as_u16());
    let mut body = Vec::new();
    let broken = |error: reqwest::Error| {
        network(&request.url, NetworkStage::Reset, format!("{} broke off: {}", request.url, words(&error)), began)
    };
    while let Some(chunk) = answer.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > LARGEST_RESULT {
            return Err(invalid(request, format!("{} answered with more than 1 MiB", request.url)));
        }
        body.extend_from_slice(&chunk);
    }
    let status = answer.status();
    if !status.is_success() {
        let text = String::from_utf8_lossy(&body);
        let excerpt: String = text.trim().chars().take(EXCERPT).collect();
        let moved = if status.is_redirection() { ", and a redirect is not followed" } else { "" };
        let said = if excerpt.is_empty() { String::new() } else { format!(": {excerpt}") };
        return Err(invalid(request, format!("{} answered {}{moved}{said}", request.url, status.as_u16())));
    }
    String::from_utf8(body).map_err(|error| AppError::Protocol {
        at: error.utf8_error().valid_up_to() as u64,
        message: format!("{} answered with bytes that are no UTF-8", request.url),
        excerpt: String::from_utf8_lossy(error.as_bytes()).chars().take(EXCERPT).collect(),
    })
}

/// The first of the addresses that takes the connection. A name must stand for this machine here and now.
async fn connected(
    http: &Http,
    url: &Url,
    request: &ToolRequest,
    began: Instant,
) -> Result<reqwest::Response, AppError> {
    let mut last = None;
    for address in addresses(url, request).await? {
        let mut there = url.clone();
        if there.set_ip_host(address).is_err() {
            continue;
        }
        let host = url.host_str().unwrap_or_default();
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let sent = http
            .client(&there)
            .post(there)
            .header(http::header::HOST, host)
            .header(http::header::CONTENT_TYPE, "application/json")
            // An old connection may be closed just when it is used again.
            .header(http::header::CONNECTION, "close")
            .body(tool_body(request))
            .send()
            .await;
        match sent {
            Ok(answer) => return Ok(answer),
            Err(error) if error.is_connect() => last = Some((NetworkStage::Refused, "does not answer", error)),
            Err(error) => {
                last = Some((NetworkStage::Reset, "broke off", error));
                break;
            }
        }
    }
    Err(match last {
        Some((stage, what, error)) => {
            network(&request.url, stage, format!("{} {what}: {}", request.url, words(&error)), began)
        }
        None => invalid(request, format!("{} has no address on this machine", request.url)),
    })
}

async fn addresses(url: &Url, request: &ToolRequest) -> Result<Vec<IpAddr>, AppError> {
    let port = url.port_or_known_default().unwrap_or(80);
    let name = match url.host() {
        Some(Host::Ipv4(address)) => return Ok(vec![address.into()]),
        Some(Host::Ipv6(address)) => return Ok(vec![address.into()]),
        Some(Host::Domain(name)) => name.to_owned(),
        None => String::new(),
    };
    let found = tokio::net::lookup_host((name.as_str(), port)).await;
    let found: Vec<SocketAddr> = found.map(Iterator::collect).unwrap_or_default();
    match found.iter().all(|address| address.ip().is_loopback()) && !found.is_empty() {
        true => Ok(found.into_iter().map(|address| address.ip()).collect()),
        false => Err(invalid(request, format!("{name} does not stand for this machine"))),
    }
}

fn invalid(request: &ToolRequest, message: String) -> AppError {
    AppError::Invalid { field: request.name.clone(), message }
}

fn network(url: &str, stage: NetworkStage, message: String, began: Instant) -> AppError {
    let url = Url::parse(url).ok();
    AppError::Network {
        stage,
        host: url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned(),
        port: url.as_ref().and_then(Url::port_or_known_default).unwrap_or_default(),
        message,
        elapsed_ms: milliseconds(began),
        certificates: Vec::new(),
    }
}

fn milliseconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

/// What lies at the bottom of a failure.
fn words(error: &reqwest::Error) -> String {
    let mut source: &dyn std::error::Error = error;
    while let Some(below) = source.source() {
        source = below;
    }
    source.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_asked() {
        for url in [
            "http://127.0.0.1:8080/x",
            "http://127.1.2.3",
            "http://[::1]:9",
            "http://localhost:1/a?b",
            "HTTP://LOCALHOST",
        ] {
            assert!(tool_url(url).is_ok(), "{url}");
        }
        for url in [
            "",
            "x",
            "http://example.org",
            "http://10.0.0.1",
            "https://127.0.0.1",
            "http://localhost.example.org",
            "file:///etc/hosts",
            "http://0.0.0.0",
        ] {
            assert!(matches!(tool_url(url), Err(AppError::Invalid { .. })), "{url}");
        }
    }

    #[test]
    fn arguments_go_as_the_model_spelled_them() {
        let body = |arguments: &str| {
            let request = ToolRequest {
                url: String::new(),
                timeout: Duration::ZERO,
                id: "call \"1\"".into(),
                name: "f".into(),
                arguments: arguments.into(),
            };
            String::from_utf8(tool_body(&request)).expect("UTF-8")
        };
        let expected = r#"{"id":"call \"1\"","name":"f","arguments":{ "days": 1.0, "a":"ü\u00e9" }}"#;
        assert_eq!(body(r#"{ "days": 1.0, "a":"ü\u00e9" }"#), expected);
        assert_eq!(body("SELECT \"1\""), r#"{"id":"call \"1\"","name":"f","arguments":"SELECT \"1\""}"#);
        assert_eq!(body(""), r#"{"id":"call \"1\"","name":"f","arguments":""}"#);
    }
}
