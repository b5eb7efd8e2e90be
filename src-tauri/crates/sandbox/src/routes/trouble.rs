//! What goes wrong with a whole answer, the same at every endpoint.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{StatusCode, Uri};
use serde_json::Value;

use super::Context;
use crate::action::Action;
use crate::faults::{Behaviour, StreamFault};
use crate::refusal::Reason;

/// Why there is no answer.
pub(super) enum Trouble {
    Refusal(Reason),
    /// Something that no dialect would say.
    Other(Response),
}

const HTML: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>500 Internal Server Error</title></head>\n<body>\n\
    <h1>Internal Server Error</h1>\n<p>The proxy could not reach the application. This page is simulated.</p>\n</body>\n</html>\n";

/// What a proxy says when the application behind it does not answer.
pub(super) fn html_page() -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, [(CONTENT_TYPE, "text/html; charset=utf-8")], HTML).into_response()
}

/// Plays what comes before an answer, and waits where the scenario waits.
pub(super) async fn before(
    context: &Context,
    behaviour: Option<Behaviour>,
    uri: &Uri,
    body: &[u8],
    temperature: &Value,
) -> Option<Trouble> {
    match behaviour? {
        Behaviour::Refuse(refused) => Some(Trouble::Refusal(refused.reason(temperature))),
        Behaviour::RefuseFirst(refused, times) => {
            let refuses = context.state.refuse_this_time(uri.path(), body, times);
            refuses.then(|| Trouble::Refusal(refused.reason(temperature)))
        }
        Behaviour::HtmlPage => Some(Trouble::Other(html_page())),
        // Whoever was redirected has arrived.
        Behaviour::Redirect if context.is_elsewhere() => None,
        Behaviour::Redirect => {
            let path = uri.path_and_query().map_or("/", |path| path.as_str());
            let target = format!("http://{}{path}", context.state.elsewhere());
            Some(Trouble::Other((StatusCode::TEMPORARY_REDIRECT, [(LOCATION, target)]).into_response()))
        }
        Behaviour::SlowFirstByte(wait) => {
            let _under_way = context.state.begin_answer();
            tokio::time::sleep(wait).await;
            None
        }
        _ => None,
    }
}

/// How the bytes of a whole answer come under a scenario that is made for streams.
pub(super) fn whole(fault: StreamFault, bytes: Bytes) -> Result<Vec<Action>, Reason> {
    let middle = bytes.len() / 2;
    let first = Action::Send(bytes.slice(..middle));
    Ok(match fault {
        StreamFault::ErrorInStream | StreamFault::ErrorFirstFrame => return Err(Reason::Backend),
        StreamFault::Stall => vec![first, Action::Hang],
        StreamFault::Cut => vec![first, Action::Break],
        StreamFault::Reset => vec![first, Action::Reset],
        StreamFault::OneByteWrites => vec![Action::SendByByte(bytes)],
        _ => vec![first, Action::Pause(Duration::from_millis(2)), Action::Send(bytes.slice(middle..))],
    })
}
