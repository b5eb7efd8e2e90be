//! The two axes: which endpoint, in which dialect.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What kind of call a lane makes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum EndpointKind {
    #[default]
    Chat,
    /// Items in, items out.
    Responses,
    /// Scale's inference for everything that is no chat: free `args`, and any JSON for an answer.
    Generic,
    /// ScaiGrid's prompt in, text out.
    Generate,
    /// A raw prompt, continued.
    Completions,
    /// Texts in, vectors out.
    Embed,
    /// A prompt in, pictures out.
    Image,
    /// A recording in, its words out. The one call whose body is a form with a file.
    Transcribe,
    /// A text in, the sound of it out.
    Synthesize,
    Models,
}

impl EndpointKind {
    /// Those that answer with text, which a lane of a comparison may choose, in the order they are offered.
    pub const OF_LANES: [EndpointKind; 5] = [
        EndpointKind::Chat,
        EndpointKind::Responses,
        EndpointKind::Generic,
        EndpointKind::Generate,
        EndpointKind::Completions,
    ];

    /// Those of vectors, pictures and sounds. Each has a section of its own, in which every lane calls the same one.
    pub const OF_MEDIA: [EndpointKind; 4] =
        [EndpointKind::Embed, EndpointKind::Image, EndpointKind::Transcribe, EndpointKind::Synthesize];

    /// All that a run can call.
    pub fn callable() -> impl Iterator<Item = EndpointKind> {
        Self::OF_LANES.into_iter().chain(Self::OF_MEDIA)
    }

    pub fn is_of_media(self) -> bool {
        Self::OF_MEDIA.contains(&self)
    }

    /// As serialised, searched for and written on a command line.
    pub fn name(self) -> &'static str {
        match self {
            EndpointKind::Chat => "chat",
            EndpointKind::Responses => "responses",
            EndpointKind::Generic => "generic",
            EndpointKind::Generate => "generate",
            EndpointKind::Completions => "completions",
            EndpointKind::Embed => "embed",
            EndpointKind::Image => "image",
            EndpointKind::Transcribe => "transcribe",
            EndpointKind::Synthesize => "synthesize",
            EndpointKind::Models => "models",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::callable().chain([EndpointKind::Models]).find(|endpoint| endpoint.name() == name)
    }

    /// The body member that the content of a draft goes into, which is its messages, its texts or its recording; `None`
    /// where there is no such member.
    pub fn content_member(self) -> Option<&'static str> {
        match self {
            EndpointKind::Chat => Some("messages"),
            EndpointKind::Responses | EndpointKind::Embed | EndpointKind::Synthesize => Some("input"),
            EndpointKind::Generate | EndpointKind::Completions | EndpointKind::Image => Some("prompt"),
            EndpointKind::Transcribe => Some("file"),
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
            EndpointKind::Embed | EndpointKind::Image | EndpointKind::Transcribe | EndpointKind::Synthesize => {
                self != Dialect::ScaleV5
            }
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
        for endpoint in EndpointKind::callable().chain([EndpointKind::Models]) {
            assert_eq!(serde_json::to_value(endpoint).expect("JSON"), endpoint.name());
            assert_eq!(EndpointKind::from_name(endpoint.name()), Some(endpoint));
        }
    }
}
