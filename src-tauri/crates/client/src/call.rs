//! A fully resolved call: every byte that will be sent, and nothing left to decide.

use std::fmt;
use std::time::Duration;

use ::http::Method;
use ::http::header::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::exchange::{HeaderOrigin, HeaderView};
use url::Url;

use crate::redact;

/// A request as it will go out.
///
/// `headers` are those that somebody chose. `host` goes before them and `content-length` after them; both follow from
/// the address and the body, and stand in [`Call::view_headers`] and [`Call::head_bytes`].
#[derive(Debug, Clone)]
pub struct Call {
    pub method: Method,
    pub url: Url,
    pub headers: Vec<CallHeader>,
    pub body: Bytes,
    pub endpoint: EndpointKind,
    pub dialect: Dialect,
    /// Silence after which the answer is given up.
    pub idle_timeout: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallHeader {
    pub name: String,
    pub value: Sensitive,
    /// Masked wherever it is shown, and never sent to another origin.
    pub secret: bool,
    /// Who asked for it.
    pub origin: HeaderOrigin,
}

impl CallHeader {
    pub fn plain(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: Sensitive::new(value), secret: false, origin: HeaderOrigin::Protocol }
    }

    pub fn secret(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: Sensitive::new(value), secret: true, origin: HeaderOrigin::Protocol }
    }

    /// The same header, asked for by a row of the connection.
    pub fn of_connection(self) -> Self {
        Self { origin: HeaderOrigin::Connection, ..self }
    }

    /// Whether this header must not leave its origin: marked as a secret, or a credential by its name.
    pub fn is_credential(&self) -> bool {
        self.secret || redact::is_auth_header(&self.name)
    }
}

/// Text that neither Debug nor Display shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Sensitive(String);

impl Sensitive {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The text itself. Call it where bytes go to a socket or a keychain, nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sensitive(••••)")
    }
}

impl fmt::Display for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("••••")
    }
}

/// Headers that follow from the message itself, or that would break the promise that the recorded body is what the
/// server meant.
const FORBIDDEN: &[(&str, &str)] = &[
    ("content-length", "it follows from the body"),
    ("transfer-encoding", "the body is sent whole, with its length"),
    ("connection", "connections are kept and closed by Juxta"),
    ("upgrade", "the protocol is not changed in mid-connection"),
    ("expect", "the body is sent at once"),
    ("te", "trailers are not asked for"),
    ("accept-encoding", "answers are recorded as they come, so no compression is asked for"),
];

impl Call {
    /// The headers as they go on the wire: names in lower case, values of one name together, `host` first,
    /// `content-length` last.
    fn wire_headers(&self) -> Vec<CallHeader> {
        let mut wire: Vec<CallHeader> = Vec::with_capacity(self.headers.len() + 2);
        if !self.headers.iter().any(|header| header.name.eq_ignore_ascii_case("host")) {
            wire.push(CallHeader::plain("host", host_value(&self.url)));
        }
        for header in &self.headers {
            let header = CallHeader {
                name: header.name.to_ascii_lowercase(),
                value: header.value.clone(),
                secret: header.is_credential(),
                origin: header.origin,
            };
            // A header map keeps values of one name beside each other, and so does the wire.
            match wire.iter().rposition(|known| known.name == header.name) {
                Some(at) => wire.insert(at + 1, header),
                None if header.name == "host" => wire.insert(0, header),
                None => wire.push(header),
            }
        }
        if self.sends_length() {
            wire.push(CallHeader::plain("content-length", self.body.len().to_string()));
        }
        wire
    }

    fn sends_length(&self) -> bool {
        !self.body.is_empty() || matches!(self.method, Method::POST | Method::PUT | Method::PATCH)
    }

    /// What a screen may see of the headers, in the exact order they go on the wire. Secrets are masked.
    pub fn view_headers(&self) -> Vec<HeaderView> {
        self.wire_headers()
            .into_iter()
            .map(|header| HeaderView {
                value: match header.secret {
                    true => redact::mask_header(header.value.expose()),
                    false => header.value.expose().to_owned(),
                },
                name: header.name,
                secret: header.secret,
                origin: header.origin,
            })
            .collect()
    }

    /// The request head exactly as HTTP/1.1 sends it to the server, the empty line included. Over HTTP/2 the same
    /// members travel in another packing. A plain-http proxy is given the whole address in the first line and its own
    /// `proxy-authorization`; neither belongs to the call.
    pub fn head_bytes(&self, masked: bool) -> Vec<u8> {
        let mut head = Vec::with_capacity(512);
        head.extend_from_slice(self.method.as_str().as_bytes());
        head.push(b' ');
        head.extend_from_slice(self.url.path().as_bytes());
        if let Some(query) = self.url.query() {
            head.push(b'?');
            head.extend_from_slice(query.as_bytes());
        }
        head.extend_from_slice(b" HTTP/1.1\r\n");
        for header in self.wire_headers() {
            head.extend_from_slice(header.name.as_bytes());
            head.extend_from_slice(b": ");
            match masked && header.secret {
                true => head.extend_from_slice(redact::mask_header(header.value.expose()).as_bytes()),
                false => head.extend_from_slice(header.value.expose().as_bytes()),
            }
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    /// The headers in the form the HTTP library takes. A name or a value that cannot be sent is named.
    pub fn header_map(&self) -> Result<HeaderMap, AppError> {
        let mut map = HeaderMap::new();
        for header in self.wire_headers() {
            let (name, mut value) = checked(&header)?;
            value.set_sensitive(header.secret);
            map.append(name, value);
        }
        Ok(map)
    }

    /// Whether the request asks for server-sent events.
    pub fn asks_for_stream(&self) -> bool {
        self.headers.iter().any(|header| {
            header.name.eq_ignore_ascii_case("accept") && header.value.expose().contains("text/event-stream")
        })
    }

    /// Every secret text in the headers, for [`redact::redact`]. A scheme in front of a key is left off.
    pub fn secrets(&self) -> Vec<String> {
        self.headers
            .iter()
            .filter(|header| header.is_credential())
            .map(|header| {
                let value = header.value.expose();
                value.rsplit_once(' ').map_or(value, |(_, secret)| secret).to_owned()
            })
            .filter(|secret| !secret.is_empty())
            .collect()
    }
}

/// Checks a header that a person chose: sendable, and none of those that the message itself decides.
pub fn check_header(header: &CallHeader) -> Result<(), AppError> {
    checked(header)?;
    match FORBIDDEN.iter().find(|(name, _)| header.name.eq_ignore_ascii_case(name)) {
        Some((name, reason)) => {
            Err(AppError::Invalid { field: format!("header {name}"), message: format!("cannot be set: {reason}") })
        }
        None => Ok(()),
    }
}

fn checked(header: &CallHeader) -> Result<(HeaderName, HeaderValue), AppError> {
    let invalid = |message: &str| AppError::Invalid {
        field: format!("header {}", header.name.escape_debug()),
        message: message.to_owned(),
    };
    let name = HeaderName::from_bytes(header.name.as_bytes())
        .map_err(|_| invalid("a header name is made of letters, digits and !#$%&'*+-.^_`|~"))?;
    let text = header.value.expose();
    if text.trim_matches([' ', '\t']) != text {
        return Err(invalid("the value begins or ends with white space"));
    }
    let value = HeaderValue::from_bytes(text.as_bytes())
        .map_err(|_| invalid("the value has a line break or another control character"))?;
    Ok((name, value))
}

/// `host` as HTTP wants it: the port only when it is not the scheme's own.
fn host_value(url: &Url) -> String {
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> Call {
        Call {
            method: Method::POST,
            url: Url::parse("https://api.example.com:8443/v1/chat?x=1").expect("a good address"),
            headers: vec![
                CallHeader::plain("Accept", "application/json"),
                CallHeader::secret("Authorization", "Bearer sk-abcdefgh4f2a"),
                CallHeader::plain("X-Tag", "one"),
                CallHeader::plain("x-other", "two"),
                CallHeader::plain("x-tag", "three"),
            ],
            body: Bytes::from_static(b"{}"),
            endpoint: EndpointKind::Chat,
            dialect: Dialect::OpenAi,
            idle_timeout: Duration::from_secs(1),
        }
    }

    #[test]
    fn the_head_is_what_http_1_sends() {
        let head = String::from_utf8(call().head_bytes(false)).expect("text");
        assert_eq!(
            head,
            "POST /v1/chat?x=1 HTTP/1.1\r\nhost: api.example.com:8443\r\naccept: application/json\r\n\
             authorization: Bearer sk-abcdefgh4f2a\r\nx-tag: one\r\nx-tag: three\r\nx-other: two\r\n\
             content-length: 2\r\n\r\n"
        );
    }

    #[test]
    fn neither_debug_nor_a_masked_head_nor_a_view_shows_the_key() {
        let call = call();
        let shown = format!(
            "{call:?} {call:#?} {} {} {:?} {:?}",
            call.headers[1].value,
            String::from_utf8_lossy(&call.head_bytes(true)),
            call.view_headers(),
            call.header_map().expect("sendable"),
        );
        assert!(!shown.contains("abcdefgh"), "{shown}");
        assert!(shown.contains("Bearer ••••4f2a"), "{shown}");
    }

    #[test]
    fn a_credential_is_masked_even_when_nobody_marked_it() {
        let mut call = call();
        call.headers = vec![CallHeader::plain("X-API-Key", "abcdefghijkl4f2a")];
        let view = &call.view_headers()[1];
        assert_eq!((view.value.as_str(), view.secret), ("••••4f2a", true));
        assert_eq!(call.secrets(), vec!["abcdefghijkl4f2a".to_owned()]);
    }

    #[test]
    fn a_header_that_cannot_be_sent_is_named() {
        for (name, value) in [("a b", "x"), ("", "x"), ("x", "a\r\nb: c"), ("x", " a"), ("Content-Length", "7")] {
            let error = check_header(&CallHeader::plain(name, value)).expect_err("not sendable");
            assert!(matches!(error, AppError::Invalid { ref field, .. } if field.starts_with("header ")), "{error}");
        }
        check_header(&CallHeader::plain("x-name", "Grüße")).expect("bytes above ASCII are allowed");
    }
}
