//! Recorded answers of other servers, given once more: the same status, headers and bytes, cut as they came and at the
//! pace they came. Whatever is asked below the address of a recording gets that recording.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State as Shared};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use futures_util::stream;
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderName, HeaderValue, StatusCode};
use juxta_wire::replay::Recording;
use tokio::time::Instant;

/// Requests are read and not looked at; a client that could not send all of its own would report that instead.
const LARGEST_REQUEST: usize = 256 * 1024 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Replays {
    served: Mutex<HashMap<String, Arc<Served>>>,
}

#[derive(Debug)]
struct Served {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    head_at: Duration,
    pieces: Vec<Piece>,
    broken: bool,
}

/// Bytes, and when they are due, since the request came.
#[derive(Debug, Clone, PartialEq)]
struct Piece {
    at: Duration,
    bytes: Bytes,
}

impl Replays {
    /// Keeps `recording` and returns the path below which it is served, `factor` times as fast as it came.
    pub(crate) fn serve(&self, recording: Recording, factor: f64) -> String {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let path = format!("/replay/{id}");
        let served = Arc::new(Served::new(recording, factor));
        self.served.lock().unwrap_or_else(PoisonError::into_inner).insert(id, served);
        path
    }

    fn find(&self, id: &str) -> Option<Arc<Served>> {
        self.served.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }
}

impl Served {
    fn new(recording: Recording, factor: f64) -> Self {
        let scale = |at: Duration| Duration::try_from_secs_f64(at.as_secs_f64() / factor).unwrap_or_default();
        let head_at = scale(recording.head_at);
        let mut left = Bytes::from(recording.body);
        let mut pieces: Vec<Piece> = Vec::with_capacity(recording.chunks.len() + 1);
        for chunk in recording.chunks {
            let bytes = left.split_to(chunk.bytes.min(left.len()));
            pieces.push(Piece { at: scale(chunk.at), bytes });
        }
        if !left.is_empty() {
            pieces.push(Piece { at: pieces.last().map_or(head_at, |last| last.at), bytes: left });
        }
        pieces.retain(|piece| !piece.bytes.is_empty());
        let whole: usize = pieces.iter().map(|piece| piece.bytes.len()).sum();
        Self {
            status: StatusCode::from_u16(recording.status).unwrap_or(StatusCode::BAD_GATEWAY),
            headers: recording
                .headers
                .iter()
                .filter_map(|(name, value)| {
                    Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
                })
                .filter(|(name, value)| travels(name, value, whole))
                .collect(),
            head_at,
            pieces,
            broken: recording.broken,
        }
    }
}

/// How a body was framed belongs to the connection it came on. A length is told again when it is true.
fn travels(name: &HeaderName, value: &HeaderValue, whole: usize) -> bool {
    match *name {
        CONNECTION | TRANSFER_ENCODING | UPGRADE => false,
        CONTENT_LENGTH => value.to_str().is_ok_and(|length| length == whole.to_string()),
        _ => name.as_str() != "keep-alive",
    }
}

pub(crate) fn router(replays: Arc<Replays>) -> Router {
    Router::new()
        .route("/replay/{id}", any(answer_root))
        .route("/replay/{id}/{*rest}", any(answer_below))
        .with_state(replays)
}

async fn answer_root(Shared(replays): Shared<Arc<Replays>>, Path(id): Path<String>, request: Request) -> Response {
    answer(&replays, &id, request).await
}

async fn answer_below(
    Shared(replays): Shared<Arc<Replays>>,
    Path((id, _)): Path<(String, String)>,
    request: Request,
) -> Response {
    answer(&replays, &id, request).await
}

async fn answer(replays: &Replays, id: &str, request: Request) -> Response {
    let began = Instant::now();
    let Some(served) = replays.find(id) else {
        return (StatusCode::NOT_FOUND, "No recorded answer is served here. Serve it once more from Juxta.\n")
            .into_response();
    };
    if to_bytes(request.into_body(), LARGEST_REQUEST).await.is_err() {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    tokio::time::sleep_until(began + served.head_at).await;
    let mut response = Response::new(body(Arc::clone(&served), began));
    *response.status_mut() = served.status;
    for (name, value) in &served.headers {
        response.headers_mut().append(name, value.clone());
    }
    response
}

fn body(served: Arc<Served>, began: Instant) -> Body {
    Body::from_stream(stream::unfold((served, 0), move |(served, next)| async move {
        match served.pieces.get(next) {
            Some(piece) => {
                tokio::time::sleep_until(began + piece.at).await;
                Some((Ok(piece.bytes.clone()), (served, next + 1)))
            }
            None if served.broken && next == served.pieces.len() => {
                let broken = io::Error::new(io::ErrorKind::ConnectionAborted, "the recorded connection broke here");
                Some((Err(broken), (served, next + 1)))
            }
            None => None,
        }
    }))
}

#[cfg(test)]
mod tests {
    use juxta_wire::replay::RecordedChunk;

    use super::*;

    fn recording(chunks: &[(u64, usize)], headers: &[(&str, &str)]) -> Recording {
        Recording {
            status: 200,
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            head_at: Duration::from_millis(40),
            body: b"abcdef".to_vec(),
            chunks: chunks
                .iter()
                .map(|(at, bytes)| RecordedChunk { at: Duration::from_millis(*at), bytes: *bytes })
                .collect(),
            broken: false,
        }
    }

    #[test]
    fn pieces_hold_the_whole_body_at_their_times() {
        let pieces = |chunks: &[(u64, usize)], factor| -> Vec<(u128, Vec<u8>)> {
            let served = Served::new(recording(chunks, &[]), factor);
            served.pieces.iter().map(|piece| (piece.at.as_millis(), piece.bytes.to_vec())).collect()
        };
        assert_eq!(pieces(&[(50, 2), (60, 4)], 1.0), [(50, b"ab".to_vec()), (60, b"cdef".to_vec())]);
        assert_eq!(pieces(&[(50, 2), (60, 4)], 10.0), [(5, b"ab".to_vec()), (6, b"cdef".to_vec())]);
        assert_eq!(pieces(&[(50, 2)], 1.0), [(50, b"ab".to_vec()), (50, b"cdef".to_vec())], "lost in a crash");
        assert_eq!(pieces(&[(50, 99)], 1.0), [(50, b"abcdef".to_vec())]);
        assert_eq!(pieces(&[], 1.0), [(40, b"abcdef".to_vec())]);
    }

    #[test]
    fn what_belongs_to_the_old_connection_stays_behind() {
        let given = [
            ("content-type", "text/event-stream"),
            ("transfer-encoding", "chunked"),
            ("connection", "keep-alive"),
            ("keep-alive", "timeout=5"),
            ("content-length", "7"),
            ("x-request-id", "req_1"),
            ("bad name", "x"),
        ];
        let names = |length: &str| -> Vec<String> {
            let given: Vec<_> = given
                .iter()
                .map(|(name, value)| (*name, if *name == "content-length" { length } else { *value }))
                .collect();
            let served = Served::new(recording(&[], &given), 1.0);
            served.headers.iter().map(|(name, _)| name.to_string()).collect()
        };
        assert_eq!(names("7"), ["content-type", "x-request-id"]);
        assert_eq!(names("6"), ["content-type", "content-length", "x-request-id"], "a true length travels");
    }
}
