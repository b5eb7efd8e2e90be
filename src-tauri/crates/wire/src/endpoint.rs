//! The two axes: which endpoint, in which dialect.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What kind of call a lane makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum EndpointKind {
    Chat,
    /// Items in, items out.
    Responses,
    /// Scale's inference for everything that is no chat: free `args`, and any JSON for an answer.
    Generic,
    /// ScaiGrid's prompt in, text out.
    Generate,
    /// A raw prompt, continued.
    Completions,
    Models,
}

impl EndpointKind {
    /// Those that a lane can call, in the order they are offered.
    pub const OF_LANES: [EndpointKind; 5] = [
        EndpointKind::Chat,
        EndpointKind::Responses,
        EndpointKind::Generic,
        EndpointKind::Generate,
        EndpointKind::Completions,
    ];

    /// As serialised, searched for and written on a command line.
    pub fn name(self) -> &'static str {
        match self {
            EndpointKind::Chat => "chat",
            EndpointKind::Responses => "responses",
            EndpointKind::Generic => "generic",
            EndpointKind::Generate => "generate",
            EndpointKind::Completions => "completions",
            EndpointKind::Models => "models",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::OF_LANES.into_iter().chain([EndpointKind::Models]).find(|endpoint| endpoint.name() == name)
    }

    /// The body member that the messages of a draft go into; `None` where there is no such member.
    pub fn content_member(self) -> Option<&'static str> {
        match self {
            EndpointKind::Chat => Some("messages"),
            EndpointKind::Responses => Some("input"),
            EndpointKind::Generate | EndpointKind::Completions => Some("prompt"),
            EndpointKind::Generic | EndpointKind::Models => None,
        }
    }
}

impl Dialect {
    pub const ALL: [Dialect; 3] = [Dialect::ScaleV5, Dialect::ScaigridV1, Dialect::OpenAi];

    /// What a lane can call in this dialect.
    pub fn has(self, endpoint: EndpointKind) -> bool {
        match endpoint {
            EndpointKind::Chat | EndpointKind::Models => true,
            EndpointKind::Responses | EndpointKind::Completions => self != Dialect::ScaigridV1,
            EndpointKind::Generic => self == Dialect::ScaleV5,
            EndpointKind::Generate => self == Dialect::ScaigridV1,
        }
    }
}

/// How a server spells its requests and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Dialect {
    /// Scale GenAI Platform, `/v5`.
    ScaleV5,
    /// ScaiGrid, `/v1/inference`, answers in an envelope.
    ScaigridV1,
    /// Anything that speaks OpenAI's `/v1`.
    OpenAi,
}

/// Who is behind a connection. A profile is data: see [`crate::connection::ProfileInfo`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ProfileId {
    ScaleGp,
    Scaigrid,
    OpenAiCompatible,
    /// The server inside the app. It speaks every dialect; the connection says which.
    Sandbox,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_named_as_its_document_names_it() {
        for endpoint in EndpointKind::OF_LANES.into_iter().chain([EndpointKind::Models]) {
            assert_eq!(serde_json::to_value(endpoint).expect("JSON"), endpoint.name());
            assert_eq!(EndpointKind::from_name(endpoint.name()), Some(endpoint));
        }
    }
}
