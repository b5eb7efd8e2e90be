//! Who answers the rows of a batch.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::Request;
use http::header::{CONTENT_TYPE, HOST};
use juxta_wire::endpoint::Dialect;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::check::Line;
use super::results::{self, Answer, row_id};
use crate::refusal::Reason;
use crate::{dialect, routes};

/// An endpoint that says nothing for so long has failed.
const PATIENCE: Duration = Duration::from_secs(8);

/// Whoever answers rows: the sandbox's own endpoints, as they answer live.
pub(super) struct Crew {
    pub(super) router: Router,
    pub(super) host: String,
    pub(super) batch: String,
    pub(super) dialect: Dialect,
    pub(super) fails_some: bool,
    pub(super) input: Bytes,
    pub(super) lines: Arc<[Line]>,
}

/// A row of a result file.
pub(super) struct Row {
    pub(super) line: String,
    pub(super) has_failed: bool,
}

impl Crew {
    pub(super) async fn answer(&self, place: usize) -> Row {
        #[derive(Deserialize)]
        struct Asked<'line> {
            url: String,
            #[serde(borrow)]
            body: &'line RawValue,
        }
        let Line { place: bytes, custom_id, .. } = &self.lines[place];
        let row_id = row_id(&self.batch, place);
        let request_id = format!("req_{}", uuid::Uuid::new_v4().simple());
        let unanswered =
            |code, message| Row { line: results::unanswered(&row_id, custom_id, code, message), has_failed: true };
        let Ok(asked) = serde_json::from_slice::<Asked<'_>>(&self.input[bytes.clone()]) else {
            return unanswered("invalid_json_line", "This line is not parseable as a JSON object.");
        };
        let answered = |status, media_type: &str, body: &[u8]| {
            let answer = Answer { request_id: &request_id, status, media_type, body };
            let line = results::answered(self.dialect, &row_id, custom_id, &answer);
            Row { line, has_failed: !status.is_success() }
        };
        if let Some(reason) = self.failure(place) {
            let refusal = reason.refuse(dialect::of_path(&asked.url), &request_id);
            return answered(refusal.status, "application/json", refusal.body.to_string().as_bytes());
        }
        let request = Request::post(&asked.url)
            .header(CONTENT_TYPE, "application/json")
            .header(HOST, &self.host)
            // The batch has a pace of its own.
            .header("x-sandbox-rate", "0")
            .body(Body::from(asked.body.get().to_owned()));
        let Ok(request) = request else { return unanswered("invalid_url", "The URL is none.") };
        let call = async {
            let response = routes::answer_row(self.router.clone(), request, &request_id).await;
            let (head, body) = response.into_parts();
            Some((head, to_bytes(body, usize::MAX).await.ok()?))
        };
        match tokio::time::timeout(PATIENCE, call).await {
            Ok(Some((head, body))) => {
                let media_type = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
                answered(head.status, media_type.unwrap_or_default(), &body)
            }
            Ok(None) => unanswered("server_error", "The connection closed in the middle of the answer."),
            Err(_) => unanswered("request_timeout", "The endpoint did not answer in time."),
        }
    }

    /// What some rows get instead of an answer.
    fn failure(&self, place: usize) -> Option<Reason> {
        match place % 10 {
            2 if self.fails_some => Some(Reason::RateLimited),
            6 if self.fails_some => Some(Reason::Internal),
            _ => None,
        }
    }
}
