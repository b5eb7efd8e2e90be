//! A draft on an endpoint that it was not written for: which of its parameters are said differently there, and which
//! cannot be said at all. Nothing is left out without a note.

mod json_text;
mod parameters;
mod rules;
mod shapes;
mod to_chat;

use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::exchange::Carried;

pub(super) use json_text::{find, find_text, item_kind, items, list, members, object, quoted, take, text_of};
pub(super) use parameters::{Carrying, parameters};
pub(super) use to_chat::to_chat;

/// From where to where a draft goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The endpoint of the base lane, in whose words the draft is written.
    pub base: EndpointKind,
    pub endpoint: EndpointKind,
    pub dialect: Dialect,
}

impl Route {
    pub fn differs(self) -> bool {
        self.base != self.endpoint
    }
}

/// What is said before sending.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// The endpoint is not the one that the draft was written for.
    differs: bool,
    pub list: Vec<Carried>,
}

impl Notes {
    pub fn new(differs: bool) -> Self {
        Self { differs, list: Vec::new() }
    }

    /// Goes along in another form. Where the draft was written for this endpoint, that is no news.
    pub fn moved(&mut self, from: impl Into<String>, to: impl Into<String>, message: impl Into<String>) {
        if self.differs {
            self.told(from, to, message);
        }
    }

    /// Goes along in a form that is always worth a word.
    pub fn told(&mut self, from: impl Into<String>, to: impl Into<String>, message: impl Into<String>) {
        self.list.push(Carried { from: from.into(), to: Some(to.into()), message: message.into() });
    }

    /// Is not sent.
    pub fn lost(&mut self, from: impl Into<String>, message: impl Into<String>) {
        self.list.push(Carried { from: from.into(), to: None, message: message.into() });
    }
}
