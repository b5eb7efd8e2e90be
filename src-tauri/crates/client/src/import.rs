//! What was written for other tools, or by another Juxta, read into Juxta's own forms. Nothing here reads a file or opens
//! a socket.

pub mod body;
mod called;
pub mod curl;
pub mod har;
pub mod jsonl;
mod text;

pub use called::called;
pub use text::decode;
