//! Pictures that an answer names by their addresses. Those expire, so the bytes are fetched at once.
//!
//! The address is the server's word, so nothing is told to it: no credential travels, unless it is of the call's own origin
//! and refuses without one. An answer from elsewhere cannot make Juxta ask a server on this computer.

use ::http::Method;
use bytes::Bytes;
use juxta_wire::error::AppError;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::call::{Call, CallHeader};
use crate::http::{Http, is_loopback};
use crate::resolve_call::USER_AGENT;
use crate::send::fetch::fetch;

/// Fetches the picture that the answer to `call` says is at `address`, which may be relative. Cancelling closes the socket.
///
/// # Errors
/// [`AppError::Invalid`] for an address that is not asked, [`AppError::NotFound`] when `cancel` came first, and whatever the
/// server or the network says.
pub async fn fetch_picture(
    http: &Http,
    call: &Call,
    address: &str,
    cancel: &CancellationToken,
) -> Result<Vec<u8>, AppError> {
    let url = picture_url(call, address)?;
    let bare = get(call, url, Vec::new());
    let fetched = tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(stopped()),
        fetched = fetch(http, &bare) => fetched,
    };
    if !matches!(fetched.status, Some(401 | 403)) || bare.url.origin() != call.url.origin() {
        return fetched.body;
    }
    let credentials = call.headers.iter().filter(|header| header.is_credential()).cloned().collect();
    let with_key = get(call, bare.url, credentials);
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(stopped()),
        fetched = fetch(http, &with_key) => fetched.body,
    }
}

fn stopped() -> AppError {
    AppError::NotFound { what: "The picture".to_owned() }
}

fn get(call: &Call, url: Url, mut credentials: Vec<CallHeader>) -> Call {
    let mut headers = vec![CallHeader::plain("accept", "image/*"), CallHeader::plain("user-agent", USER_AGENT)];
    headers.append(&mut credentials);
    Call { method: Method::GET, url, headers, body: Bytes::new(), ..call.clone() }
}

fn picture_url(call: &Call, address: &str) -> Result<Url, AppError> {
    let refused = |message: &str| AppError::Invalid { field: "picture".to_owned(), message: message.to_owned() };
    let mut url = call.url.join(address).map_err(|error| refused(&format!("This is no address: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(refused("The address of the picture is none of the web"));
    }
    if is_loopback(&url) && !is_loopback(&call.url) {
        return Err(refused("The address of the picture is on this computer, and the answer is from elsewhere"));
    }
    url.set_fragment(None);
    // An address can carry credentials too; the library would send them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use juxta_wire::endpoint::{Dialect, EndpointKind};

    use super::*;

    fn call(url: &str) -> Call {
        Call {
            method: Method::POST,
            url: Url::parse(url).expect("an address"),
            headers: vec![CallHeader::secret("authorization", "Bearer sk-abcdefgh4f2a")],
            body: Bytes::from_static(b"{}"),
            endpoint: EndpointKind::Image,
            dialect: Dialect::OpenAi,
            idle_timeout: Duration::from_secs(5),
        }
    }

    #[test]
    fn an_address_is_asked_only_where_that_is_safe() {
        let far = call("https://api.example.com/v1/images/generations");
        let near = call("http://127.0.0.1:8000/v1/images/generations");
        let url = |call: &Call, address: &str| picture_url(call, address).ok().map(|url| url.to_string());
        assert_eq!(url(&far, "https://cdn.example/a?t=1#x").as_deref(), Some("https://cdn.example/a?t=1"));
        assert_eq!(url(&far, "/media/a").as_deref(), Some("https://api.example.com/media/a"));
        assert_eq!(url(&far, "https://me:secret@cdn.example/a").as_deref(), Some("https://cdn.example/a"));
        assert_eq!(url(&near, "http://localhost:9/a").as_deref(), Some("http://localhost:9/a"));
        for address in ["http://127.0.0.1/a", "http://localhost:9/a", "http://[::1]/a", "file:///etc/hosts", "data:,a"]
        {
            assert_eq!(url(&far, address), None, "{address}");
        }
    }

    #[test]
    fn no_credential_is_in_the_first_request() {
        let call = call("https://api.example.com/v1/images/generations");
        let asked = get(&call, call.url.clone(), Vec::new());
        assert_eq!(asked.method, Method::GET);
        assert!(asked.body.is_empty() && asked.secrets().is_empty());
    }
}
