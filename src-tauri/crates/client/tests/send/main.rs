//! Calls over real sockets: small servers, written here, that behave well and badly.

mod endings;
mod failures;
mod listing;
mod redirects;
mod server;
mod streams;
mod tls;
mod wire;
