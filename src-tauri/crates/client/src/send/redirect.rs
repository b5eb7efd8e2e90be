//! Redirects, followed by us because only we know which headers must not leave their origin.

use ::http::Method;
use bytes::Bytes;
use juxta_wire::error::AppError;
use juxta_wire::exchange::Redirect;

use crate::call::Call;

/// Hops before a redirect is taken for a loop.
const MOST_HOPS: usize = 5;

/// The call that a redirect leads to, or `None` when the answer is none.
///
/// 307 and 308 repeat method and body; 301, 302 and 303 become a GET without one. To another origin (scheme, host and
/// port) no credential travels, nor a `host` header that was set by hand.
///
/// # Errors
/// [`AppError::Protocol`] when the address is none, or after five hops.
pub(super) fn follow(
    call: &Call,
    status: u16,
    location: Option<&str>,
    hops: usize,
) -> Result<Option<(Call, Redirect)>, AppError> {
    let (Some(location), 301 | 302 | 303 | 307 | 308) = (location, status) else {
        return Ok(None);
    };
    let refused = |message: String| AppError::Protocol { at: 0, message, excerpt: location.to_owned() };
    if hops >= MOST_HOPS {
        return Err(refused(format!("redirected more than {MOST_HOPS} times")));
    }
    let mut url = call.url.join(location).map_err(|error| refused(format!("a redirect to no address: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(refused("a redirect that leaves http".to_owned()));
    }
    url.set_fragment(None);
    // An address can carry credentials too; the library would send them.
    let _ = url.set_username("");
    let _ = url.set_password(None);

    let mut next = Call { url, ..call.clone() };
    if matches!(status, 301..=303) && next.method != Method::HEAD {
        next.method = Method::GET;
        next.body = Bytes::new();
        next.headers.retain(|header| !header.name.eq_ignore_ascii_case("content-type"));
    }
    let mut dropped_headers = Vec::new();
    if next.url.origin() != call.url.origin() {
        next.headers.retain(|header| {
            let stays = !header.is_credential() && !header.name.eq_ignore_ascii_case("host");
            if !stays {
                dropped_headers.push(header.name.clone());
            }
            stays
        });
    }
    Ok(Some((next, Redirect { status, location: location.to_owned(), dropped_headers })))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use juxta_wire::endpoint::{Dialect, EndpointKind};
    use url::Url;

    use super::*;
    use crate::call::CallHeader;

    fn call() -> Call {
        Call {
            method: Method::POST,
            url: Url::parse("https://api.example.com/v1/chat").expect("an address"),
            headers: vec![
                CallHeader::plain("accept", "application/json"),
                CallHeader::plain("content-type", "application/json"),
                CallHeader::secret("Authorization", "Bearer abcdefghijkl"),
                CallHeader::plain("x-api-key", "written by hand"),
                CallHeader::plain("Cookie", "a=b"),
                CallHeader::secret("x-odd-name", "secret by mark"),
                CallHeader::plain("X-Request-ID", "1"),
            ],
            body: Bytes::from_static(b"{}"),
            endpoint: EndpointKind::Chat,
            dialect: Dialect::OpenAi,
            idle_timeout: Duration::from_secs(1),
        }
    }

    fn followed(status: u16, location: &str) -> (Call, Redirect) {
        follow(&call(), status, Some(location), 0).expect("followed").expect("a redirect")
    }

    fn names(call: &Call) -> Vec<&str> {
        call.headers.iter().map(|header| header.name.as_str()).collect()
    }

    #[test]
    fn within_an_origin_everything_travels() {
        let (next, redirect) = followed(308, "/v2/chat?x=1#top");
        assert_eq!(next.url.as_str(), "https://api.example.com/v2/chat?x=1");
        assert_eq!((next.method.clone(), &next.body[..]), (Method::POST, &b"{}"[..]));
        assert_eq!(names(&next), names(&call()));
        assert!(redirect.dropped_headers.is_empty());
    }

    #[test]
    fn to_another_origin_no_credential_travels() {
        for location in [
            "https://other.example.com/v1/chat",
            "http://api.example.com/v1/chat",
            "https://api.example.com:8443/v1/chat",
            "//api.example.com.evil.example/v1/chat",
        ] {
            let (next, redirect) = followed(307, location);
            assert_eq!(names(&next), ["accept", "content-type", "X-Request-ID"], "{location}");
            assert_eq!(redirect.dropped_headers, ["Authorization", "x-api-key", "Cookie", "x-odd-name"], "{location}");
            assert_eq!(&next.body[..], b"{}", "{location}");
        }
    }

    #[test]
    fn the_older_statuses_become_a_get_without_a_body() {
        for status in [301, 302, 303] {
            let (next, _) = followed(status, "/elsewhere");
            assert_eq!((next.method.clone(), next.body.len()), (Method::GET, 0), "{status}");
            assert!(!names(&next).contains(&"content-type"), "{status}");
        }
    }

    #[test]
    fn credentials_in_an_address_are_not_taken_over() {
        let (next, _) = followed(307, "https://user:word@other.example/x");
        assert_eq!(next.url.as_str(), "https://other.example/x");
    }

    #[test]
    fn what_is_no_redirect_is_left_to_be_read() {
        assert!(follow(&call(), 302, None, 0).expect("fine").is_none());
        assert!(follow(&call(), 304, Some("/x"), 0).expect("fine").is_none());
        assert!(follow(&call(), 200, Some("/x"), 0).expect("fine").is_none());
    }

    #[test]
    fn loops_and_other_schemes_end() {
        for (location, hops) in [("/again", 5), ("file:///etc/passwd", 0), ("https://", 0)] {
            let error = follow(&call(), 307, Some(location), hops).expect_err(location);
            assert!(matches!(error, AppError::Protocol { .. }), "{error}");
        }
    }
}
