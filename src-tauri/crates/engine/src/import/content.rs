//! What a lane sends that was made of an imported request.

use juxta_client::import::chat::{self, ChatBody};
use juxta_client::json::{self, Kind};
use juxta_wire::draft::{Message, Parameter, Role};
use juxta_wire::endpoint::EndpointKind;

/// An endpoint, and the content of a draft in its words.
pub(super) struct Content {
    pub endpoint: EndpointKind,
    pub body: ChatBody,
    /// Kept to the byte, so that nothing of it can be missing.
    pub raw_body: Option<String>,
}

impl Content {
    /// A chat's body is read into the form. No form says every body of the other endpoints, so theirs stay as they are.
    pub fn of(endpoint: EndpointKind, body: &str) -> Self {
        match endpoint {
            EndpointKind::Chat => Self { endpoint, body: chat::read(body), raw_body: None },
            _ => Self { endpoint, body: read(body, endpoint), raw_body: Some(body.to_owned()) },
        }
    }
}

/// The model, and what other lanes and the form can begin with. Of two members of one name the later one counts.
fn read(body: &str, endpoint: EndpointKind) -> ChatBody {
    let mut read = ChatBody::default();
    let Ok(node) = json::parse(body) else { return read };
    let Kind::Object(members) = &node.kind else { return read };
    for (at, member) in members.iter().enumerate() {
        if members[at + 1..].iter().any(|later| later.name == member.name) {
            continue;
        }
        let text = member.value.string(body);
        match (member.name.as_str(), text) {
            ("model", Some(model)) => read.model = model,
            (name, Some(text)) if endpoint.content_member() == Some(name) => {
                read.messages.push(Message::text(Role::User, &text));
            }
            // Items and lists of prompts are more than messages can say.
            (name, _) if endpoint.content_member() == Some(name) => {}
            (name, _) => read.parameters.push(Parameter::new(name, member.value.text(body))),
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use juxta_wire::draft;

    use super::*;

    fn text(content: &Content) -> Option<&str> {
        match &content.body.messages.first()?.content {
            draft::Content::Text { text } => Some(text),
            _ => None,
        }
    }

    #[test]
    fn the_body_stays_and_the_draft_has_what_it_can_say() {
        let body = "{ \"input\": \"\\u00e9 \\\"{{x}}\\\"\",\n \"seed\": 1.0, \"model\": \"a\", \"model\": \"m\" }\r\n";
        let content = Content::of(EndpointKind::Responses, body);
        assert_eq!(content.raw_body.as_deref(), Some(body));
        assert_eq!((content.body.model.as_str(), text(&content)), ("m", Some("é \"{{x}}\"")));
        assert_eq!(content.body.parameters, [Parameter::new("seed", "1.0")]);
        assert_eq!(content.body.unknown, Vec::<String>::new());

        let content = Content::of(EndpointKind::Completions, r#"{"prompt":["a","b"],"input":"x","model":4}"#);
        assert_eq!((content.body.model.as_str(), text(&content)), ("", None));
        assert_eq!(content.body.parameters, [Parameter::new("input", "\"x\""), Parameter::new("model", "4")]);
        let content = Content::of(EndpointKind::Generic, r#"{"args":{"prompt":"a"},"model":"m"}"#);
        assert_eq!(content.body.parameters, [Parameter::new("args", r#"{"prompt":"a"}"#)]);
    }

    #[test]
    fn what_is_no_object_is_kept_and_nothing_is_said_to_be_missing() {
        for body in ["", "{\"input\":", "[1]", "null", "a=b&c", "\u{0}🐟"] {
            for endpoint in EndpointKind::OF_LANES.into_iter().filter(|endpoint| *endpoint != EndpointKind::Chat) {
                let content = Content::of(endpoint, body);
                assert_eq!(content.raw_body.as_deref(), Some(body));
                assert_eq!(content.body, ChatBody::default());
            }
        }
    }
}
