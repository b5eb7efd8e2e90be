//! Bytes to server-sent events; nothing else.
//!
//! A [`Parser`] is fed with the chunks of a response body as they come from the socket and calls back with a [`Frame`]
//! for every event, every comment and, at the end, for what was left over. It follows the parsing rules of the WHATWG
//! HTML standard (section 9.2.6, "Interpreting an event stream") to the letter, and adds what a recorder needs: each
//! frame says where its raw bytes stand in the body.
//!
//! ```
//! use juxta_sse::{Frame, FrameKind, Parser};
//!
//! let mut parser = Parser::new();
//! let mut seen = Vec::new();
//! let mut keep = |frame: Frame<'_>| match frame.kind {
//!     FrameKind::Event { data, .. } => seen.push((frame.offset, frame.length, data.to_owned())),
//!     FrameKind::Comment { .. } | FrameKind::Unfinished { .. } => {}
//! };
//! // Chunks may end anywhere.
//! parser.push(b": ping\n\ndata: Hel", &mut keep);
//! parser.push(b"lo\n\ndata: [DONE]\n\n", &mut keep);
//! parser.finish(&mut keep);
//! assert_eq!(seen, [(8, 13, "Hello".to_owned()), (21, 14, "[DONE]".to_owned())]);
//! ```
//!
//! **The split does not matter.** The same bytes give the same frames, with the same offsets, however they are cut:
//! within a CRLF, within a character, within the byte order mark. The tests and the fuzz target hold the parser to it.
//!
//! **Cost.** A frame that lies within one chunk is not copied: `data` points into the chunk. Bytes are held back only
//! for the frame that a chunk leaves unfinished. Each byte is looked at once, also when a frame of megabytes arrives in
//! small chunks.
//!
//! **Where it differs from a browser's `EventSource`.** Comments and the unfinished rest are reported rather than
//! dropped. `id` and `retry` are given with the event that carried them and not kept for later ones; frames that have
//! no `data` field at all are, as in a browser, not events.

mod frame;
mod parser;

pub use frame::{Frame, FrameKind};
pub use parser::Parser;
