//! What the server does to a connection, step by step.

use std::time::Duration;

use bytes::Bytes;

/// One step of a streamed answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    /// Waits for the time to first token.
    Begin,
    /// Waits until the next token is due.
    Token,
    Pause(Duration),
    Send(Bytes),
    /// Sends so that each byte is a write of its own.
    SendByByte(Bytes),
    /// Neither sends nor ends.
    Hang,
    /// Closes the connection in the middle of the body.
    Break,
    /// Closes it with a TCP reset.
    Reset,
}

pub(crate) type Actions = Box<dyn Iterator<Item = Action> + Send>;
