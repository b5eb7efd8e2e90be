//! Chat: from messages to the bytes of a request, and from the bytes of an answer to pieces of text.
//!
//! Everything here is pure. [`encode`] writes the body; a [`Mapper`] is fed with the events of a stream, or with one JSON
//! document, and gives [`Piece`](crate::observe::Piece)s at once and the light facts at the end. One mapper serves all
//! dialects: they differ in what they send, and nothing that one of them may send is refused from another.

mod chunk;
mod encode;
mod fast;
mod mapper;
mod reasoning;
mod tool_calls;
pub(super) mod usage;

pub(in crate::endpoints) use chunk::{Chunk, Delta};
pub(crate) use encode::FILE_MEMBERS;
pub(in crate::endpoints) use encode::write_messages;
pub use encode::{encode, encode_message};
pub use mapper::Mapper;
pub(in crate::endpoints) use mapper::{choice_index, unwrapped};
pub use reasoning::reasoning_member;
