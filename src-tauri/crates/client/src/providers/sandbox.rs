//! The server inside the app. Its address is chosen at each start, so it has no base URL of its own.

use juxta_wire::endpoint::{Dialect, ProfileId};

use super::{HeaderRow, KEY_SLOT, Profile};

pub(super) const PROFILE: Profile = Profile {
    id: ProfileId::Sandbox,
    name: "Sandbox",
    dialects: &[Dialect::OpenAi, Dialect::ScaleV5, Dialect::ScaigridV1],
    base_urls: &[],
    headers: &[HeaderRow { name: "Authorization", value: "Bearer {{key}}", slot: Some(KEY_SLOT), only: &[] }],
    auth_note: "Local and simulated: no request leaves this computer. The token is made at each start.",
    hosts: &[],
};
