//! Scale GenAI Platform. Hosts and headers as in its OpenAPI text and its official SDK.

use juxta_wire::endpoint::{Dialect, EndpointKind, ProfileId};

use super::{HeaderRow, KEY_SLOT, Profile};

pub(super) const PROFILE: Profile = Profile {
    id: ProfileId::ScaleGp,
    name: "Scale GP",
    dialects: &[Dialect::ScaleV5],
    base_urls: &[
        ("Production", "https://api.egp.scale.com"),
        ("Production, multitenant", "https://api.sgp.scale.com"),
        ("ScaleGov", "https://sgp-api.scalegov.com"),
        ("Staging", "https://api.staging-sgp.scale.com"),
        ("Development", "https://api.dev-sgp.scale.com"),
        ("Local", "http://127.0.0.1:5003/public"),
    ],
    headers: &[
        HeaderRow { name: "x-api-key", value: "{{key}}", slot: Some(KEY_SLOT), only: &[] },
        HeaderRow { name: "x-selected-account-id", value: "", slot: None, only: &[] },
        HeaderRow { name: "x-openai-api-key", value: "{{key}}", slot: Some("openaiKey"), only: &[EndpointKind::Chat] },
    ],
    auth_note: "The key goes into x-api-key. An account id, when there is one, goes into x-selected-account-id; \
                ScaleGov needs it. A key of your own for OpenAI's models goes along with chats only.",
    hosts: &[
        "api.egp.scale.com",
        "api.sgp.scale.com",
        "api.staging-sgp.scale.com",
        "api.dev-sgp.scale.com",
        "sgp-api.scalegov.com",
        ".scale.com",
        ".scalegov.com",
    ],
};
