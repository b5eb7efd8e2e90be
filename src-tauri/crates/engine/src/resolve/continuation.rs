//! What a step of a dialogue adds to the call of its lane.

use juxta_wire::draft::{Message, Parameter};
use juxta_wire::exchange::{KeyOrigin, SentKey};
use serde_json::Value;

/// Nothing in it is a template: a model said it, or a tool.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Continuation {
    /// They stand behind the messages of the lane, in the words of its endpoint.
    pub messages: Vec<Message>,
    /// The server keeps what stands before them, so that it is not said again.
    pub alone: bool,
    /// The response that the server goes on from.
    pub previous: Option<String>,
}

/// The member that names [`Continuation::previous`].
const PREVIOUS: &str = "previous_response_id";

impl Continuation {
    /// Names the response that the server goes on from, in the place of any that was set.
    pub fn set_previous(&self, keys: &mut Vec<SentKey>) {
        let Some(previous) = &self.previous else { return };
        // As the lane's own, it goes as it stands.
        let named = super::key(&Parameter::new(PREVIOUS, Value::from(previous.as_str()).to_string()), KeyOrigin::Lane);
        match keys.iter_mut().find(|key| key.name == PREVIOUS) {
            Some(key) => *key = named,
            None => keys.push(named),
        }
    }

    /// Says where that key came from.
    pub fn claim_previous(&self, keys: &mut [SentKey]) {
        if self.previous.is_some() {
            for key in keys.iter_mut().filter(|key| key.name == PREVIOUS) {
                key.origin = KeyOrigin::Dialogue;
            }
        }
    }
}
