//! Times DNS and the whole connect of a call.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::Connection;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tower::{Layer, Service};

use super::secured::{Connections, NEGOTIATED};
use crate::trace::{CALL, CONNECTING, Trace};

/// The system's resolver with a watch in its hand. Literal addresses never come here.
pub(super) struct TimedResolver;

impl Resolve for TimedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let trace = CONNECTING.try_with(Arc::clone).ok();
        Box::pin(async move {
            if let Some(trace) = &trace {
                trace.dns_started();
            }
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map(Iterator::collect::<Vec<_>>);
            let found = match found {
                Ok(addresses) if addresses.is_empty() => {
                    Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"))
                }
                found => found,
            };
            if let Some(trace) = &trace {
                trace.dns_ended(found.is_ok());
            }
            let addresses = found?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[derive(Clone)]
pub(super) struct TimedConnectLayer {
    pub connections: Connections,
}

impl<S> Layer<S> for TimedConnectLayer {
    type Service = TimedConnect<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TimedConnect { inner, connections: self.connections.clone() }
    }
}

/// Everything between "no connection" and "a usable one": DNS, TCP, a proxy's tunnel, TLS.
#[derive(Clone)]
pub(super) struct TimedConnect<S> {
    inner: S,
    connections: Connections,
}

impl<S, R> Service<R> for TimedConnect<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
    S::Response: Connection + 'static,
    S::Error: 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let connect = secured(self.connections.clone(), self.inner.call(request));
        match CALL.try_with(Arc::clone) {
            Ok(trace) => Box::pin(timed(trace, connect)),
            Err(_) => Box::pin(connect),
        }
    }
}

/// Remembers what the new connection is secured with.
async fn secured<T: Connection, E>(
    connections: Connections,
    connect: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let mut connect = std::pin::pin!(NEGOTIATED.scope(Cell::new(None), connect));
    let connected = connect.as_mut().await;
    if let Ok(connection) = &connected {
        connections.add(connection, connect.take_value().and_then(Cell::into_inner));
    }
    connected
}

async fn timed<T, E>(trace: Arc<Trace>, connect: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    trace.connect_started();
    let mut connect = std::pin::pin!(CONNECTING.scope(Arc::clone(&trace), connect));
    let connected = poll_fn(|context| {
        // When an idle connection comes free first, the pool moves this connect to a task of its own.
        let at_home = CALL.try_with(|call| Arc::ptr_eq(call, &trace)).unwrap_or(false);
        if !at_home {
            trace.outrun();
        }
        connect.as_mut().poll(context)
    })
    .await;
    trace.connect_ended(connected.is_ok());
    connected
}
