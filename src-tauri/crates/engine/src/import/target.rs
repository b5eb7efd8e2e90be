//! Where a pasted address leads: whose server it is, what it speaks, and the base address under which Juxta calls it.

use juxta_client::import::called;
use juxta_client::import::curl::CurlCommand;
use juxta_client::providers;
use juxta_wire::endpoint::{Dialect, EndpointKind, ProfileId};
use juxta_wire::error::AppError;

/// A server as a connection describes it.
#[derive(Debug)]
pub(super) struct Target {
    pub profile: ProfileId,
    pub dialect: Dialect,
    pub base_url: String,
    /// What is called; a chat, when nothing says so.
    pub endpoint: EndpointKind,
    /// Where such a call goes from there.
    pub url: String,
    /// Host and port, for the name of a connection.
    pub name: String,
    /// What is different from the command, if anything is.
    pub note: Option<String>,
}

impl Target {
    pub(super) fn of(command: &CurlCommand) -> Result<Self, AppError> {
        let url = &command.url;
        let recognised = providers::recognise(url.as_str());
        let likeliest = || providers::dialects_of(url.as_str()).first().copied().unwrap_or(Dialect::OpenAi);
        let (dialect, endpoint) = called(url.as_str(), command.body.as_deref().unwrap_or_default())
            .unwrap_or_else(|| (likeliest(), EndpointKind::Chat));
        let is_known_path =
            providers::dialect_of(url.path()).is_some() || providers::endpoint_of(url.as_str()).is_some();
        let profile = recognised
            .filter(|id| providers::profile(*id).dialects.contains(&dialect))
            .unwrap_or_else(|| providers::profile_of(dialect));
        let (mut base_url, _) = providers::base_of(url.as_str())?;
        // A path that is no endpoint of ours, such as a server's own way to chat, is no base of one either.
        if !is_known_path && command.brings_content() && base_url.ends_with(url.path().trim_end_matches('/')) {
            base_url = url.origin().ascii_serialization();
        }
        let own = providers::url(&base_url, dialect, endpoint)?;
        Ok(Self {
            profile,
            dialect,
            name: match (url.host_str().unwrap_or_default(), url.port()) {
                (host, Some(port)) => format!("{host}:{port}"),
                (host, None) => host.to_owned(),
            },
            note: note(command, endpoint, own.path()),
            base_url,
            endpoint,
            url: own.into(),
        })
    }
}

/// In a sentence for people.
pub(super) fn a_call(endpoint: EndpointKind) -> &'static str {
    match endpoint {
        EndpointKind::Chat => "a chat",
        EndpointKind::Responses => "a response",
        EndpointKind::Generic => "a generic call",
        EndpointKind::Generate => "a generate call",
        EndpointKind::Completions => "a completion",
        EndpointKind::Embed => "a call for vectors",
        EndpointKind::Image => "a call for pictures",
        EndpointKind::Transcribe => "a transcription",
        EndpointKind::Synthesize => "a call for speech",
        EndpointKind::Models => "a list of models",
    }
}

fn note(command: &CurlCommand, endpoint: EndpointKind, own: &str) -> Option<String> {
    let (path, call) = (command.url.path(), a_call(endpoint));
    if path.trim_end_matches('/') != own {
        return Some(format!("the path {path} ({call} goes to {own})"));
    }
    (command.method != "POST").then(|| format!("the method {} ({call} is a POST)", command.method))
}
