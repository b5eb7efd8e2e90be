//! Addresses that an answer names: of its pictures, of the results of a batch.
//!
//! They are the server's word, so nothing is told to them: no credential travels, unless the address is of the call's own
//! origin and refuses without one. An answer from elsewhere cannot make Juxta ask a server on this computer.

use ::http::Method;
use bytes::Bytes;
use juxta_wire::error::AppError;
use url::Url;

use crate::call::{Call, CallHeader};
use crate::http::is_loopback;
use crate::resolve_call::USER_AGENT;

/// The call without credentials that asks for what the answer to `call` says is at `address`, which may be relative.
/// `what` is the word for it: `picture`.
///
/// # Errors
/// [`AppError::Invalid`] for an address that is not asked.
pub(crate) fn asked(call: &Call, address: &str, what: &str, accept: &str) -> Result<Call, AppError> {
    let url = resolved(call, address, what)?;
    let headers = vec![CallHeader::plain("accept", accept), CallHeader::plain("user-agent", USER_AGENT)];
    Ok(Call { method: Method::GET, url, headers, body: Bytes::new(), ..call.clone() })
}

/// The same call with the credentials of `call`, where the answer to it without them allows that.
pub(crate) fn with_credentials(bare: &Call, call: &Call, status: Option<u16>) -> Option<Call> {
    if !matches!(status, Some(401 | 403)) || bare.url.origin() != call.url.origin() {
        return None;
    }
    let mut with = bare.clone();
    with.headers.extend(call.headers.iter().filter(|header| header.is_credential()).cloned());
    Some(with)
}

fn resolved(call: &Call, address: &str, what: &str) -> Result<Url, AppError> {
    let refused = |message: String| AppError::Invalid { field: what.to_owned(), message };
    let mut url = call.url.join(address).map_err(|error| refused(format!("This is no address: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(refused(format!("The address of the {what} is none of the web")));
    }
    if is_loopback(&url) && !is_loopback(&call.url) {
        return Err(refused(format!(
            "The address of the {what} is on this computer, and the answer is from elsewhere"
        )));
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
        let url = |call: &Call, address: &str| resolved(call, address, "picture").ok().map(|url| url.to_string());
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
    fn a_credential_goes_only_to_the_origin_that_refused_without_it() {
        let call = call("https://api.example.com/v1/images/generations");
        let near = asked(&call, "/media/a", "picture", "image/*").expect("a call");
        assert_eq!(near.method, Method::GET);
        assert!(near.body.is_empty() && near.secrets().is_empty());
        assert_eq!(with_credentials(&near, &call, Some(403)).expect("a call").secrets(), ["sk-abcdefgh4f2a"]);
        assert!(with_credentials(&near, &call, Some(404)).is_none());
        assert!(with_credentials(&near, &call, None).is_none());
        for elsewhere in ["https://cdn.example/a", "http://api.example.com/a", "https://api.example.com:8443/a"] {
            let far = asked(&call, elsewhere, "picture", "image/*").expect("a call");
            assert!(with_credentials(&far, &call, Some(401)).is_none(), "{elsewhere}");
        }
    }
}
