//! The built-in sandbox as connections. The engine does not know the server, only where it listens.

use juxta_client::{providers, redact};
use juxta_wire::connection::{Connection, KeySource, Network, Proxy};
use juxta_wire::endpoint::{Dialect, ProfileId};
use juxta_wire::ids::ConnectionId;
use juxta_wire::window::SandboxConnection;

/// Where the sandbox of this start listens, and the token it wants.
#[derive(Clone)]
pub struct SandboxLink {
    /// `http://127.0.0.1:41234`, without a path.
    pub address: String,
    pub token: String,
}

/// A token for one start of the sandbox, so that no other program on this computer calls it by accident.
pub fn new_token() -> String {
    format!("sandbox-{}", uuid::Uuid::new_v4().simple())
}

/// Id, dialect and name of each connection to the sandbox.
const CONNECTIONS: [(&str, Dialect, &str); 3] = [
    ("sandbox-openai", Dialect::OpenAi, "Sandbox"),
    ("sandbox-scale", Dialect::ScaleV5, "Sandbox as Scale v5"),
    ("sandbox-scaigrid", Dialect::ScaigridV1, "Sandbox as ScaiGrid v1"),
];

pub fn connection_ids() -> Vec<SandboxConnection> {
    CONNECTIONS
        .iter()
        .map(|(id, dialect, _)| SandboxConnection { id: ConnectionId((*id).into()), dialect: *dialect })
        .collect()
}

pub fn is_sandbox(id: &ConnectionId) -> bool {
    CONNECTIONS.iter().any(|(known, _, _)| *known == id.0)
}

/// The connections as a list shows them; the address is that of this start.
pub fn connections(link: Option<&SandboxLink>) -> Vec<Connection> {
    CONNECTIONS.iter().map(|(id, dialect, name)| connection(id, *dialect, name, link)).collect()
}

fn connection(id: &str, dialect: Dialect, name: &str, link: Option<&SandboxLink>) -> Connection {
    // Each dialect asks for its key in its own way, so the header rows are those of its provider.
    let real = match dialect {
        Dialect::ScaleV5 => ProfileId::ScaleGp,
        Dialect::ScaigridV1 => ProfileId::Scaigrid,
        Dialect::OpenAi => ProfileId::OpenAiCompatible,
    };
    let mut headers = providers::profile(real).info().headers;
    for secret in headers.iter_mut().filter_map(|header| header.secret.as_mut()).filter(|secret| secret.slot == "key") {
        secret.source =
            KeySource::Memory { last_four: link.map_or_else(String::new, |link| redact::last_four(&link.token)) };
    }
    Connection {
        id: ConnectionId(id.into()),
        name: name.into(),
        profile: ProfileId::Sandbox,
        dialect,
        base_url: link.map_or_else(String::new, |link| providers::sandbox_base(&link.address, dialect)),
        headers,
        network: Network { proxy: Proxy::Direct, ..Network::default() },
        plain_http_agreed: false,
    }
}
