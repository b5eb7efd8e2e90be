//! The mapper of whichever endpoint was called.

use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::outcome::Outcome;

use super::{chat, generic, media, prompt, responses};
use crate::observe::Piece;

/// Folds an answer: events or one document in, pieces out, light facts at the end. Each endpoint's own says what it takes
/// for what.
#[derive(Debug)]
pub enum Mapper {
    Chat(Box<chat::Mapper>),
    Prompt(Box<prompt::Mapper>),
    Generic(Box<generic::Mapper>),
    Responses(Box<responses::Mapper>),
    Media(Box<media::Mapper>),
}

/// Calls the same method of whichever mapper there is.
macro_rules! each {
    ($self:expr, $mapper:ident => $call:expr) => {
        match $self {
            Mapper::Chat($mapper) => $call,
            Mapper::Prompt($mapper) => $call,
            Mapper::Generic($mapper) => $call,
            Mapper::Responses($mapper) => $call,
            Mapper::Media($mapper) => $call,
        }
    };
}

impl Mapper {
    pub fn new(endpoint: EndpointKind, dialect: Dialect) -> Self {
        match endpoint {
            EndpointKind::Chat | EndpointKind::Models => Mapper::Chat(Box::new(chat::Mapper::new(dialect))),
            EndpointKind::Completions | EndpointKind::Generate => {
                Mapper::Prompt(Box::new(prompt::Mapper::new(dialect)))
            }
            EndpointKind::Generic => Mapper::Generic(Box::new(generic::Mapper::new(dialect))),
            EndpointKind::Responses => Mapper::Responses(Box::new(responses::Mapper::new(dialect))),
            EndpointKind::Embed | EndpointKind::Image | EndpointKind::Transcribe | EndpointKind::Synthesize => {
                Mapper::Media(Box::new(media::Mapper::new(endpoint, dialect)))
            }
        }
    }

    /// Counts a comment of a stream: where long texts are is said by the number of their event, and comments have one too.
    pub fn comment(&mut self) {
        match self {
            Mapper::Chat(_) | Mapper::Prompt(_) | Mapper::Media(_) => {}
            Mapper::Generic(mapper) => mapper.comment(),
            Mapper::Responses(mapper) => mapper.comment(),
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

    /// The stream said that nothing more will come, so its socket need not be waited for. A finish reason of a chat says
    /// less: usage may follow it.
    pub fn expects_nothing(&self) -> bool {
        match self {
            Mapper::Chat(mapper) => mapper.has_end_marker(),
            Mapper::Prompt(mapper) => mapper.has_end_marker(),
            Mapper::Generic(mapper) => mapper.has_end_marker(),
            Mapper::Responses(mapper) => mapper.is_over(),
            Mapper::Media(mapper) => mapper.is_ended(),
        }
    }

    /// The answer itself says that it is whole. Where no end is documented, only the end of the body tells.
    pub fn says_that_it_is_whole(&self) -> bool {
        match self {
            Mapper::Generic(mapper) => mapper.has_end_marker(),
            Mapper::Chat(_) | Mapper::Prompt(_) | Mapper::Responses(_) | Mapper::Media(_) => self.is_ended(),
        }
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
