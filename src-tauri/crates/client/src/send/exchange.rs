//! From a call to the head of its answer, redirects followed.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use ::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, LOCATION, SET_COOKIE};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use juxta_wire::exchange::{HeaderOrigin, HeaderView, Redirect, ResponseHead};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::upload::Upload;
use super::{EndKind, failure, redirect};
use crate::call::Call;
use crate::http::Http;
use crate::observe::Observer;
use crate::redact;
use crate::trace::{CALL, Trace};

/// Request bytes handed over at a time, so that the end of sending is known to about the size of a socket's buffer.
const PORTION: usize = 64 << 10;

/// What every step of a call needs.
pub(super) struct Exchange<'a> {
    pub http: &'a Http,
    pub trace: &'a Arc<Trace>,
    pub cancel: &'a CancellationToken,
    /// The body of the call where that comes from files; then the call itself has none.
    pub upload: Option<&'a Upload>,
}

/// An answer whose head is there.
pub(super) struct Begun {
    /// The call that was answered: the last hop.
    pub call: Call,
    pub head: ResponseHead,
    pub headers: HeaderMap,
    pub body: reqwest::Body,
}

impl Begun {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.head.status)
    }
}

impl Exchange<'_> {
    /// Sends the request and waits for the head of its answer.
    pub async fn begin<O: Observer>(&self, call: &Call, observer: &mut O) -> Result<Begun, EndKind> {
        let mut call = call.clone();
        let mut redirects: Vec<Redirect> = Vec::new();
        loop {
            let response = self.hop(&call, observer).await?;
            let status = response.status().as_u16();
            let location = response.headers().get(LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()));
            let followed = redirect::follow(&call, status, location.as_deref(), redirects.len());
            match followed.map_err(EndKind::Failed)? {
                // What was sent of files is not asked for again as something else.
                Some((next, hop)) if self.upload.is_none() || next.method == call.method => {
                    redirects.push(hop);
                    call = next;
                    self.trace.next_hop();
                }
                _ => {
                    let at = self.trace.head_arrived();
                    let mut head = head(&response, redirects);
                    // Over plain HTTP, a proxy that is reached over TLS secures half of the way.
                    if call.url.scheme() == "https" {
                        head.tls = self.http.tls_session(&response);
                    }
                    observer.phases(&self.trace.moments().phases());
                    observer.head(at, &head);
                    let (parts, body) = ::http::Response::<reqwest::Body>::from(response).into_parts();
                    return Ok(Begun { call, head, headers: parts.headers, body });
                }
            }
        }
    }

    async fn hop<O: Observer>(&self, call: &Call, observer: &mut O) -> Result<reqwest::Response, EndKind> {
        if self.cancel.is_cancelled() {
            return Err(EndKind::Stopped);
        }
        let mut request = reqwest::Request::new(call.method.clone(), call.url.clone());
        *request.headers_mut() = call.header_map().map_err(EndKind::Failed)?;
        let trace = Arc::clone(self.trace);
        *request.body_mut() = Some(match self.upload {
            None => reqwest::Body::wrap(TimedBody::new(call.body.clone(), trace)),
            Some(upload) => {
                request.headers_mut().insert(CONTENT_LENGTH, upload.length().into());
                reqwest::Body::wrap(upload.open(trace))
            }
        });
        let client = self.http.client(&call.url);
        let execute = CALL.scope(Arc::clone(self.trace), client.execute(request));
        // Boxed because the whole of a connect lies within, and callers keep many of these.
        let mut execute = Box::pin(execute);
        let mut cancelled = pin!(self.cancel.cancelled());
        let mut silence = pin!(tokio::time::sleep(call.idle_timeout));
        let mut seen = self.trace.moments().changes();
        poll_fn(|context| {
            let answered = execute.as_mut().poll(context);
            let moments = self.trace.moments();
            if moments.changes() != seen {
                seen = moments.changes();
                observer.phases(&moments.phases());
            }
            if let Poll::Ready(answered) = answered {
                return Poll::Ready(answered.map_err(|error| match self.cancel.is_cancelled() {
                    true => EndKind::Stopped,
                    false => EndKind::Failed(failure::network(self.http, call, self.trace, &error)),
                }));
            }
            if cancelled.as_mut().poll(context).is_ready() {
                return Poll::Ready(Err(EndKind::Stopped));
            }
            while silence.as_mut().poll(context).is_ready() {
                // A connect has a timeout of its own, and a long upload is no silence.
                let quiet_since = match moments.is_connecting() {
                    true => self.trace.now(),
                    false => moments.last_progress(),
                };
                let deadline = self.trace.began() + Duration::from_micros(quiet_since) + call.idle_timeout;
                if std::time::Instant::now() >= deadline {
                    return Poll::Ready(Err(EndKind::Failed(failure::silence(call, self.trace, false))));
                }
                silence.as_mut().reset(Instant::from_std(deadline));
            }
            Poll::Pending
        })
        .await
    }
}

fn head(response: &reqwest::Response, redirects: Vec<Redirect>) -> ResponseHead {
    ResponseHead {
        status: response.status().as_u16(),
        protocol: format!("{:?}", response.version()),
        headers: response
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes());
                let secret = name == SET_COOKIE;
                HeaderView {
                    name: name.as_str().to_owned(),
                    value: if secret { redact::mask(&value) } else { value.into_owned() },
                    secret,
                    origin: HeaderOrigin::Protocol,
                }
            })
            .collect(),
        remote_address: response.remote_addr().map(|address| address.to_string()),
        redirects,
        tls: None,
    }
}

pub(super) fn content_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// A request body that notes when its bytes are taken.
struct TimedBody {
    rest: Bytes,
    trace: Arc<Trace>,
    empty: bool,
}

impl TimedBody {
    fn new(body: Bytes, trace: Arc<Trace>) -> Self {
        Self { empty: body.is_empty(), rest: body, trace }
    }
}

impl http_body::Body for TimedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let size = self.rest.len().min(PORTION);
        let portion = self.rest.split_to(size);
        self.trace.body_taken(self.rest.is_empty());
        Poll::Ready(Some(Ok(Frame::data(portion))))
    }

    fn is_end_stream(&self) -> bool {
        if self.empty {
            // The last one to ask is the encoder, when it takes the head.
            self.trace.body_taken(true);
        }
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
