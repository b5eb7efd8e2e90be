//! What the tests of the whole share.
//!
//! - [`tee`] stands between a client and a server and keeps the exact bytes of both directions.
//! - [`code`] has requests that are hard to say in other languages, and the server that sees what came of them.
//! - [`flood`] is the server that benchmarks stream from.
//! - [`http_bytes`] takes such bytes apart again.
//! - [`servers`] misbehave before they answer: one that nobody vouches for, one that is silent, one that is not there. And
//!   one says what it is told to say.
//! - [`tables`] reads Parquet files back.
//! - [`tool_server`] is a tool that answers over HTTP and keeps what it was asked.
//! - [`workspace`] reads the manifests and the sources.
//! - `window` (Linux) starts the built app on a display of its own and drives it the way a person would: by the
//!   accessible names of what is on screen, with the pointer and the keyboard.
//!
//! ```
//! use juxta_tests::http_bytes::decode_chunked;
//!
//! let (body, rest) = decode_chunked(b"5\r\nhello\r\n0\r\n\r\n").unwrap();
//! assert_eq!(body, b"hello");
//! assert!(rest.is_empty());
//! ```

pub mod code;
pub mod counting;
pub mod flood;
pub mod http_bytes;
pub mod servers;
pub mod tables;
pub mod tee;
pub mod tool_server;
#[cfg(target_os = "linux")]
pub mod window;
pub mod workspace;
pub mod world;
