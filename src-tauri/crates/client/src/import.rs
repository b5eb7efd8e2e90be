//! Requests that were written for other tools, read into Juxta's own forms. Nothing here reads a file or opens a socket.

pub mod chat;
pub mod curl;
