//! The mapper of whichever endpoint was called.

use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::outcome::Outcome;

use super::chat;
use crate::observe::Piece;

/// Folds an answer: events or one document in, pieces out, light facts at the end. Each endpoint's own says what it takes
/// for what.
#[derive(Debug)]
pub enum Mapper {
    /// Completions answer in the form of a chat, with `text` for the delta.
    Chat(Box<chat::Mapper>),
}

/// Calls the same method of whichever mapper there is.
macro_rules! each {
    ($self:expr, $mapper:ident => $call:expr) => {
        match $self {
            Mapper::Chat($mapper) => $call,
        }
    };
}

impl Mapper {
    pub fn new(endpoint: EndpointKind, dialect: Dialect) -> Self {
        match endpoint {
            EndpointKind::Chat
            | EndpointKind::Completions
            | EndpointKind::Generate
            | EndpointKind::Responses
            | EndpointKind::Generic
            | EndpointKind::Models => Mapper::Chat(Box::new(chat::Mapper::new(dialect))),
        }
    }

    /// Takes one event of a stream. `name` is empty for a plain message. An error that the event carries is returned.
    pub fn event(&mut self, name: &str, data: &str, on: &mut impl FnMut(Piece<'_>)) -> Option<AppError> {
        each!(self, mapper => mapper.event(name, data, on))
    }

    /// Takes the body of an answer that is one JSON document, in an envelope or not.
    ///
    /// # Errors
    /// [`AppError::Rejected`] when it says of itself that it is an error, [`AppError::Protocol`] when it is no answer.
    pub fn document(&mut self, json: &[u8], on: &mut impl FnMut(Piece<'_>)) -> Result<(), AppError> {
        each!(self, mapper => mapper.document(json, on))
    }

    /// What is known so far. Texts and arguments are empty: whoever receives the pieces has them.
    pub fn outcome(&self) -> Outcome {
        each!(self, mapper => mapper.outcome())
    }

    /// The answer is whole.
    pub fn is_ended(&self) -> bool {
        each!(self, mapper => mapper.is_ended())
    }

    /// What an end of the body at this point means.
    ///
    /// # Errors
    /// [`AppError::EndedEarly`], or [`AppError::Protocol`] when no event could be read.
    pub fn end(&self) -> Result<(), AppError> {
        each!(self, mapper => mapper.end())
    }

    /// Events whose data was no JSON. They were skipped.
    pub fn unreadable_events(&self) -> u64 {
        each!(self, mapper => mapper.unreadable_events())
    }
}
