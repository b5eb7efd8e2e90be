//! What a lane can take over from a form. Forms go to endpoints for audio and pictures; every lane sends JSON.

use juxta_client::import::body::Body;
use juxta_client::import::curl::{FormContent, FormPart};
use juxta_wire::draft::{Message, Role};
use juxta_wire::endpoint::EndpointKind;

use super::content::Content;
use super::target::a_call;

/// The model and the prompt of a form; everything else is named.
pub(super) fn read(parts: &[FormPart], endpoint: EndpointKind) -> Content {
    let mut body = Body::default();
    if parts.is_empty() {
        body.unknown.push("the message (the command has no body)".to_owned());
        return Content { endpoint, body, raw_body: None };
    }
    body.unknown.push(format!("the form ({} sends JSON)", a_call(endpoint)));
    for part in parts {
        match (part.name.as_str(), &part.content) {
            ("model", FormContent::Text(model)) if body.model.is_empty() => body.model.clone_from(model),
            ("prompt", FormContent::Text(prompt)) if body.messages.is_empty() => {
                body.messages.push(Message::text(Role::User, prompt));
            }
            _ => body.unknown.push(part.named()),
        }
    }
    Content { endpoint, body, raw_body: None }
}
