//! What a request calls: as its address says and, where that leads to a server and no further, as its body looks.

use juxta_wire::endpoint::{Dialect, EndpointKind};

use crate::json::{self, Kind, Member};
use crate::providers;

/// Body members that tell an endpoint. A body may have several; the first of this list counts.
const MEMBERS: &[(&str, &[EndpointKind])] = &[
    ("messages", &[EndpointKind::Chat]),
    ("input", &[EndpointKind::Responses]),
    ("prompt", &[EndpointKind::Completions, EndpointKind::Generate]),
    ("args", &[EndpointKind::Generic]),
];

/// The call that `body` at `address` is; `address` may be a path, or empty. `None` when neither says so.
pub fn called(address: &str, body: &str) -> Option<(Dialect, EndpointKind)> {
    providers::endpoint_of(address).or_else(|| {
        let members = providers::is_base(address).then(|| members(body)).flatten()?;
        by_members(&members, &providers::dialects_of(address))
    })
}

/// The same for a request among others that a browser recorded: a path that ends like one of an endpoint is not enough,
/// and a list of messages is, wherever it goes.
pub fn recorded(address: &str, body: &str) -> Option<(Dialect, EndpointKind)> {
    let members = members(body);
    let found = called(address, body).filter(|(dialect, endpoint)| match &members {
        Some(members) => {
            let has = |name: &str| members.iter().any(|member| member.name == name);
            has("model") || has(endpoint.content_member().unwrap_or("args"))
        }
        None => !body.is_empty() && providers::is_versioned(address, *dialect, *endpoint),
    });
    let is_list = |member: &Member| member.name == "messages" && matches!(member.value.kind, Kind::List(_));
    found.or_else(|| {
        let dialect = providers::dialects_of(address).first().copied()?;
        members?.iter().any(is_list).then_some((dialect, EndpointKind::Chat))
    })
}

fn members(body: &str) -> Option<Vec<Member>> {
    match json::parse(body).ok()?.kind {
        Kind::Object(members) => Some(members),
        Kind::Null | Kind::Boolean | Kind::Number | Kind::Text | Kind::List(_) => None,
    }
}

fn by_members(members: &[Member], dialects: &[Dialect]) -> Option<(Dialect, EndpointKind)> {
    let known = |name: &str| members.iter().find(|member| member.name == name);
    let (member, endpoints) = MEMBERS.iter().find_map(|(name, endpoints)| Some((known(name)?, *endpoints)))?;
    let endpoints = match (member.name.as_str(), &member.value.kind) {
        // Of a response, it names a prompt that the server keeps.
        ("prompt", Kind::Object(_)) => &[EndpointKind::Responses],
        _ => endpoints,
    };
    // Only when no likely dialect has such a call, the one that has it is meant.
    let dialects = dialects.iter().copied().chain(Dialect::ALL);
    dialects
        .flat_map(|dialect| endpoints.iter().map(move |endpoint| (dialect, *endpoint)))
        .find(|(dialect, endpoint)| dialect.has(*endpoint))
}

#[cfg(test)]
mod tests {
    use juxta_wire::endpoint::Dialect::{OpenAi, ScaigridV1, ScaleV5};
    use juxta_wire::endpoint::EndpointKind::{Chat, Completions, Embed, Generate, Generic, Image, Responses};

    use super::*;

    #[test]
    fn a_body_tells_where_the_address_does_not() {
        for (address, body, expected) in [
            ("", r#"{"model":"m","messages":[]}"#, Some((OpenAi, Chat))),
            ("", r#"{"model":"m","input":"é"}"#, Some((OpenAi, Responses))),
            ("", r#"{"model":"m","prompt":"é"}"#, Some((OpenAi, Completions))),
            ("", r#"{"model":"m","prompt":{"id":"p"}}"#, Some((OpenAi, Responses))),
            ("", r#"{"model":"m","args":{}}"#, Some((ScaleV5, Generic))),
            ("", r#"{"prompt":"","messages":[]}"#, Some((OpenAi, Chat))),
            ("https://h.example/v1", r#"{"input":[]}"#, Some((OpenAi, Responses))),
            ("https://api.egp.scale.com", r#"{"input":[]}"#, Some((ScaleV5, Responses))),
            ("https://scaigrid.scailabs.ai/v1/", r#"{"prompt":"x"}"#, Some((ScaigridV1, Generate))),
            ("https://scaigrid.scailabs.ai", r#"{"input":"x"}"#, Some((OpenAi, Responses))),
            // The address goes before the body, also when it says that this is nothing of ours.
            ("https://h.example/v1/responses", r#"{"messages":[]}"#, Some((OpenAi, Responses))),
            ("https://h.example/v1/embeddings", r#"{"model":"m","input":"x"}"#, Some((OpenAi, Embed))),
            ("https://h.example/v1/images/generations", r#"{"model":"m","prompt":"x"}"#, Some((OpenAi, Image))),
            ("https://h.example/v1/moderations", r#"{"model":"m","input":"x"}"#, None),
            ("", r#"{"model":"m"}"#, None),
            ("", r#"["input"]"#, None),
            ("", r#"{"input":"#, None),
            ("", "", None),
        ] {
            assert_eq!(called(address, body), expected, "{address} {body}");
        }
    }

    #[test]
    fn among_others_a_request_has_to_look_like_one() {
        for (address, body, expected) in [
            ("https://h.example/v1/responses", r#"{"model":"m","input":"x"}"#, Some((OpenAi, Responses))),
            (
                "https://h.example/v1/responses",
                r#"{"model":"m","previous_response_id":"r"}"#,
                Some((OpenAi, Responses)),
            ),
            ("https://h.example/v1/responses", "{\"model\":", Some((OpenAi, Responses))),
            ("https://h.example/v5/inference", r#"{"args":{}}"#, Some((ScaleV5, Generic))),
            ("http://127.0.0.1:11434/api/chat", r#"{"messages":[]}"#, Some((OpenAi, Chat))),
            ("http://127.0.0.1:11434/api/chat", r#"{"messages":"x"}"#, None),
            ("https://h.example/v1/responses", "", None),
            ("https://h.example/forms/7/responses", r#"{"answers":[1]}"#, None),
            ("https://h.example/forms/7/responses", "a=b", None),
            ("https://h.example/search/completions", r#"{"q":"x"}"#, None),
            ("https://h.example/v1/embeddings", r#"{"model":"m","input":"x"}"#, Some((OpenAi, Embed))),
            ("https://h.example/collect", r#"{"input":"x"}"#, None),
        ] {
            assert_eq!(recorded(address, body), expected, "{address} {body}");
        }
    }
}
