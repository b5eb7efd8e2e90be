//! Where a pasted address leads: whose server it is, what it speaks, and the base address under which Juxta calls it.

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
    /// Where a chat goes from there.
    pub chat: String,
    /// Host and port, for the name of a connection.
    pub name: String,
    /// What is different from the command, if anything is.
    pub note: Option<String>,
}

/// Parts of paths that only one dialect has.
const PATHS: &[(&str, Dialect)] =
    &[("/v5/", Dialect::ScaleV5), ("/v1/inference", Dialect::ScaigridV1), ("/chat/completions", Dialect::OpenAi)];

impl Target {
    pub(super) fn of(command: &CurlCommand) -> Result<Self, AppError> {
        let url = &command.url;
        let recognised = providers::recognise(url.as_str());
        let by_path = PATHS.iter().find(|(part, _)| url.path().contains(part)).map(|(_, dialect)| *dialect);
        let first = recognised.map(|id| providers::profile(id).dialects[0]);
        let dialect = by_path.or(first).unwrap_or(Dialect::OpenAi);
        let profile = recognised
            .filter(|id| providers::profile(*id).dialects.contains(&dialect))
            .unwrap_or_else(|| profile_of(dialect));
        let (mut base_url, _) = providers::base_of(url.as_str())?;
        // A path that is no endpoint of ours, such as a server's own way to chat, is no base of one either.
        if by_path.is_none() && command.brings_content() && base_url.ends_with(url.path().trim_end_matches('/')) {
            base_url = url.origin().ascii_serialization();
        }
        let chat = providers::url(&base_url, dialect, EndpointKind::Chat)?;
        Ok(Self {
            profile,
            dialect,
            name: match (url.host_str().unwrap_or_default(), url.port()) {
                (host, Some(port)) => format!("{host}:{port}"),
                (host, None) => host.to_owned(),
            },
            note: note(command, chat.path()),
            base_url,
            chat: chat.into(),
        })
    }
}

fn profile_of(dialect: Dialect) -> ProfileId {
    match dialect {
        Dialect::ScaleV5 => ProfileId::ScaleGp,
        Dialect::ScaigridV1 => ProfileId::Scaigrid,
        Dialect::OpenAi => ProfileId::OpenAiCompatible,
    }
}

fn note(command: &CurlCommand, chat: &str) -> Option<String> {
    let path = command.url.path();
    if path.trim_end_matches('/') != chat {
        return Some(format!("the path {path} (a chat goes to {chat})"));
    }
    (command.method != "POST").then(|| format!("the method {} (a chat is a POST)", command.method))
}
