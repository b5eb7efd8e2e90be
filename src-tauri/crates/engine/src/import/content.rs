//! What a lane sends that was made of an imported request.

use juxta_client::import::body::{self, Body};
use juxta_wire::endpoint::EndpointKind;

/// An endpoint, and the content of a draft in its words.
pub(super) struct Content {
    pub endpoint: EndpointKind,
    pub body: Body,
    /// The text itself, for when the form would not send the same. A chat's form says all that a chat can be.
    pub raw_body: Option<String>,
}

impl Content {
    pub fn of(endpoint: EndpointKind, text: &str) -> Self {
        let raw_body = (endpoint != EndpointKind::Chat).then(|| text.to_owned());
        Self { endpoint, body: body::read(endpoint, text), raw_body }
    }
}
