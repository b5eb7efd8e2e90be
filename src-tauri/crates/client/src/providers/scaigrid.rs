//! ScaiGrid. Host and headers as in its public documentation.

use juxta_wire::endpoint::{Dialect, ProfileId};

use super::{HeaderRow, KEY_SLOT, Profile};

pub(super) const PROFILE: Profile = Profile {
    id: ProfileId::Scaigrid,
    name: "ScaiGrid",
    dialects: &[Dialect::ScaigridV1],
    base_urls: &[("Managed", "https://scaigrid.scailabs.ai")],
    headers: &[
        HeaderRow { name: "Authorization", value: "Bearer {{key}}", slot: Some(KEY_SLOT), only: &[] },
        HeaderRow { name: "X-Request-ID", value: "{{uuid}}", slot: None, only: &[] },
    ],
    auth_note: "The key goes into Authorization as a bearer token. Each call carries a fresh X-Request-ID, which \
                ScaiGrid keeps through its tracing.",
    hosts: &["scaigrid.scailabs.ai"],
};
