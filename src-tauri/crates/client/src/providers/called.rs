//! What a request calls, as far as its address says: the way back of [`super::url`].

use juxta_wire::endpoint::{Dialect, EndpointKind};
use url::Url;

use super::address::{is_version, recognise, route, version};
use super::profile;

/// Parts of paths that only one dialect has.
const PARTS: [(&str, Dialect); 3] =
    [("/v5/", Dialect::ScaleV5), ("/v1/inference", Dialect::ScaigridV1), ("/chat/completions", Dialect::OpenAi)];

/// The dialect that only this path belongs to.
pub fn dialect_of(path: &str) -> Option<Dialect> {
    PARTS.into_iter().find(|(part, _)| path.contains(part)).map(|(_, dialect)| dialect)
}

/// What the server at `address` may speak, the likeliest first. A path, which names no server, is an address too.
pub fn dialects_of(address: &str) -> Vec<Dialect> {
    let by_host = recognised(address).map(|id| profile(id).dialects).unwrap_or_default();
    let mut dialects: Vec<Dialect> = Vec::new();
    for dialect in dialect_of(&path_of(address)).into_iter().chain(by_host.iter().copied()).chain([Dialect::OpenAi]) {
        if !dialects.contains(&dialect) {
            dialects.push(dialect);
        }
    }
    dialects
}

/// What a POST to `address` calls, whole or a path as batches name it; `None` when its path is that of no endpoint.
pub fn endpoint_of(address: &str) -> Option<(Dialect, EndpointKind)> {
    let path = path_of(address);
    let segments = segments(&path);
    dialects_of(address).into_iter().find_map(|dialect| Some((dialect, endpoint_in(dialect, &segments)?)))
}

/// Whether the path leads to a server and to nothing of it: none, or one that ends with a version.
pub fn is_base(address: &str) -> bool {
    segments(&path_of(address)).last().is_none_or(|last| is_version(last))
}

/// Whether a version stands right before the path of `endpoint`, as with nearly every server that has it.
pub fn is_versioned(address: &str, dialect: Dialect, endpoint: EndpointKind) -> bool {
    let path = path_of(address);
    let segments = segments(&path);
    let before = route(dialect, endpoint).and_then(|route| segments.strip_suffix(route)).and_then(<[_]>::last);
    before.is_some_and(|segment| is_version(segment))
}

/// The longest path counts: `chat/completions` is no `completions`.
fn endpoint_in(dialect: Dialect, segments: &[&str]) -> Option<EndpointKind> {
    let routes = EndpointKind::callable().filter_map(|endpoint| Some((route(dialect, endpoint)?, endpoint)));
    let fits = |route: &[&str]| match segments.strip_suffix(route) {
        // Servers that speak OpenAI's dialect have their version anywhere, or none.
        Some(before) => dialect == Dialect::OpenAi || before.last() == Some(&version(dialect)),
        None => false,
    };
    routes.filter(|(route, _)| fits(route)).max_by_key(|(route, _)| route.len()).map(|(_, endpoint)| endpoint)
}

fn recognised(address: &str) -> Option<juxta_wire::endpoint::ProfileId> {
    address.contains("://").then(|| recognise(address)).flatten()
}

fn path_of(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) if url.has_host() => url.path().to_owned(),
        _ => address.split(['?', '#']).next().unwrap_or_default().trim().to_owned(),
    }
}

fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use juxta_wire::endpoint::Dialect::{OpenAi, ScaigridV1, ScaleV5};
    use juxta_wire::endpoint::EndpointKind::{
        Chat, Completions, Embed, Generate, Generic, Image, Responses, Synthesize, Transcribe,
    };

    use super::*;
    use crate::providers::{base_of, url};

    #[test]
    fn an_address_says_what_it_calls() {
        for (address, expected) in [
            ("https://api.openai.com/v1/chat/completions", Some((OpenAi, Chat))),
            ("https://api.openai.com/v1/responses", Some((OpenAi, Responses))),
            ("https://api.openai.com/v1/responses/?a=b#top", Some((OpenAi, Responses))),
            ("http://127.0.0.1:8000/v1/completions", Some((OpenAi, Completions))),
            ("http://127.0.0.1:8000/oai/v1/responses", Some((OpenAi, Responses))),
            ("https://h.example/responses", Some((OpenAi, Responses))),
            ("https://api.egp.scale.com/v5/responses", Some((ScaleV5, Responses))),
            ("http://10.0.0.5/public/v5/completions", Some((ScaleV5, Completions))),
            ("https://api.egp.scale.com/v5/chat/completions", Some((ScaleV5, Chat))),
            ("https://api.egp.scale.com/v5/inference", Some((ScaleV5, Generic))),
            ("https://scaigrid.scailabs.ai/v1/inference/chat", Some((ScaigridV1, Chat))),
            ("http://10.0.0.5/v1/inference/generate", Some((ScaigridV1, Generate))),
            ("https://scaigrid.scailabs.ai/v1/responses", Some((OpenAi, Responses))),
            ("https://api.openai.com/v1/embeddings", Some((OpenAi, Embed))),
            ("https://api.openai.com/v1/images/generations", Some((OpenAi, Image))),
            ("http://127.0.0.1:8000/oai/v1/audio/transcriptions", Some((OpenAi, Transcribe))),
            ("/v1/audio/speech", Some((OpenAi, Synthesize))),
            ("https://scaigrid.scailabs.ai/v1/inference/embed", Some((ScaigridV1, Embed))),
            ("/v1/inference/images/generate", Some((ScaigridV1, Image))),
            ("/v1/inference/audio/transcribe", Some((ScaigridV1, Transcribe))),
            ("http://10.0.0.5/v1/inference/audio/synthesize", Some((ScaigridV1, Synthesize))),
            ("/v1/responses", Some((OpenAi, Responses))),
            ("/v5/inference?x=1", Some((ScaleV5, Generic))),
            ("/v1/inference/generate/", Some((ScaigridV1, Generate))),
            ("v1/completions", Some((OpenAi, Completions))),
            // Neither a part of a name nor another call of the same family.
            ("https://api.openai.com/v1/myresponses", None),
            ("https://api.openai.com/v1/responses/resp_1/cancel", None),
            ("https://api.openai.com/v1/images/edits", None),
            ("https://api.openai.com/v1/audio/translations", None),
            ("https://api.egp.scale.com/v5/chat/completions/models", None),
            ("https://api.egp.scale.com/v5/other/inference", None),
            ("https://h.example/?to=/v1/responses", None),
            ("http://127.0.0.1:11434/api/chat", None),
            ("https://scaigrid.scailabs.ai/v1/models", None),
            ("https://h.example", None),
            ("", None),
            ("¿/é\\", None),
        ] {
            assert_eq!(endpoint_of(address), expected, "{address}");
        }
    }

    #[test]
    fn every_address_that_is_called_is_recognised() {
        for dialect in Dialect::ALL {
            for endpoint in EndpointKind::callable().filter(|endpoint| dialect.has(*endpoint)) {
                let address = url("https://h.example/some", dialect, endpoint).expect("an address");
                assert_eq!(endpoint_of(address.as_str()), Some((dialect, endpoint)), "{address}");
                assert_eq!(endpoint_of(address.path()), Some((dialect, endpoint)), "{address}");
                assert!(is_versioned(address.as_str(), dialect, endpoint) && !is_base(address.as_str()));
                let (base, _) = base_of(address.as_str()).expect("a base");
                assert_eq!(url(&base, dialect, endpoint).expect("an address"), address);
                assert!(is_base(&base), "{base}");
            }
        }
        assert!(!is_versioned("https://h.example/forms/7/responses", OpenAi, Responses));
    }
}
