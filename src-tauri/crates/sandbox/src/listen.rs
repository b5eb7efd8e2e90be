//! Sockets: accepting, serving, resetting, closing.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use crate::routes;
use crate::state::State;

/// A listening socket and the connections that came through it.
#[derive(Debug)]
pub(crate) struct Door {
    close: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
}

impl Door {
    pub(crate) fn open(listener: TcpListener, address: SocketAddr, state: Arc<State>) -> Self {
        let (close, closed) = oneshot::channel();
        let router = routes::router(state, address);
        Self { close: Some(close), task: Some(tokio::spawn(accept(listener, router, closed))) }
    }

    pub(crate) async fn shut(mut self) {
        drop(self.close.take());
        if let Some(task) = self.task.take() {
            // The task cannot fail but by being aborted, which is the same as closed.
            let _closed = task.await;
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

/// Connections live in the `JoinSet`, so they end when this future does, however it ends.
async fn accept(listener: TcpListener, router: Router, mut closed: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut closed => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, router.clone()));
                }
                // Out of file descriptors, or a caller that was gone at once: the next attempt may do better.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
    connections.shutdown().await;
}

async fn serve(stream: TcpStream, router: Router) {
    // Each token is to leave when it is written; without this the kernel collects small writes.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let reset = ResetSwitch::default();
    let socket = Socket { stream, reset: reset.clone() };
    let service = service_fn(move |mut request: http::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(reset.clone());
        let router = router.clone();
        async move {
            let response = routes::answer(router, request.map(Body::new)).await;
            match response.extensions().get::<Silence>() {
                Some(Silence) => Err(io::Error::new(io::ErrorKind::ConnectionAborted, "nothing is answered")),
                None => Ok(response),
            }
        }
    });
    // An error here is a caller that hung up, or a scenario that broke the connection on purpose.
    let _end = http1::Builder::new().title_case_headers(true).serve_connection(TokioIo::new(socket), service).await;
}

/// On a response that is not to be sent: its connection closes without a byte.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Silence;

/// Thrown by a scenario that wants its connection to end with a TCP reset.
#[derive(Debug, Clone, Default)]
pub(crate) struct ResetSwitch(Arc<AtomicBool>);

impl ResetSwitch {
    pub(crate) fn throw(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A stream that can be closed with a reset instead of a goodbye.
struct Socket {
    stream: TcpStream,
    reset: ResetSwitch,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.reset.0.load(Ordering::SeqCst) {
            // When it fails the caller sees a plain close, which is a broken answer all the same.
            let _set = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.0.load(Ordering::SeqCst) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
