//! Provider profiles: who is behind a connection, as data. One file for each, one line for each in [`ALL`].

mod address;
mod called;
mod openai_compatible;
mod sandbox;
mod scaigrid;
mod scale_gp;

use juxta_wire::connection::{BaseUrlSuggestion, ConnectionHeader, KeySource, ProfileInfo, SecretSlot};
use juxta_wire::endpoint::{Dialect, EndpointKind, ProfileId};

pub use address::{BatchRoute, base_of, batch_url, plain_http_guard, recognise, sandbox_base, url};
pub use called::{dialect_of, dialects_of, endpoint_of, is_base, is_versioned};

/// The profiles in the order they are offered.
const ALL: [&Profile; 4] = [&scale_gp::PROFILE, &scaigrid::PROFILE, &openai_compatible::PROFILE, &sandbox::PROFILE];

/// The name of the secret that most connections have exactly one of.
pub const KEY_SLOT: &str = "key";

/// A profile as it is written down.
pub struct Profile {
    pub id: ProfileId,
    pub name: &'static str,
    /// The first is the one a new connection starts with.
    pub dialects: &'static [Dialect],
    /// Name and address. The first is the one a new connection starts with.
    pub base_urls: &'static [(&'static str, &'static str)],
    pub headers: &'static [HeaderRow],
    pub auth_note: &'static str,
    /// Whole host names, or endings of them with a leading dot.
    pub hosts: &'static [&'static str],
}

/// A header row that a new connection starts with.
pub struct HeaderRow {
    pub name: &'static str,
    pub value: &'static str,
    /// The slot whose secret `{{key}}` stands for.
    pub slot: Option<&'static str>,
    /// Endpoints that get it; empty means all.
    pub only: &'static [EndpointKind],
}

impl Profile {
    pub fn info(&self) -> ProfileInfo {
        ProfileInfo {
            id: self.id,
            name: self.name.to_owned(),
            dialects: self.dialects.to_vec(),
            base_urls: self
                .base_urls
                .iter()
                .map(|(name, url)| BaseUrlSuggestion { name: (*name).to_owned(), url: (*url).to_owned() })
                .collect(),
            headers: self.headers.iter().map(HeaderRow::header).collect(),
            auth_note: self.auth_note.to_owned(),
            hosts: self.hosts.iter().map(|host| (*host).to_owned()).collect(),
        }
    }
}

impl HeaderRow {
    fn header(&self) -> ConnectionHeader {
        ConnectionHeader {
            name: self.name.to_owned(),
            value: self.value.to_owned(),
            secret: self.slot.map(|slot| SecretSlot { slot: slot.to_owned(), source: KeySource::Absent }),
            only: self.only.to_vec(),
        }
    }
}

pub fn profiles() -> Vec<ProfileInfo> {
    ALL.iter().map(|profile| profile.info()).collect()
}

pub fn profile(id: ProfileId) -> &'static Profile {
    match id {
        ProfileId::ScaleGp => &scale_gp::PROFILE,
        ProfileId::Scaigrid => &scaigrid::PROFILE,
        ProfileId::OpenAiCompatible => &openai_compatible::PROFILE,
        ProfileId::Sandbox => &sandbox::PROFILE,
    }
}

/// The profile of servers that speak `dialect` and are nobody's that is known.
pub fn profile_of(dialect: Dialect) -> ProfileId {
    match dialect {
        Dialect::ScaleV5 => ProfileId::ScaleGp,
        Dialect::ScaigridV1 => ProfileId::Scaigrid,
        Dialect::OpenAi => ProfileId::OpenAiCompatible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_is_found_by_its_id_and_has_what_a_form_needs() {
        for listed in ALL {
            let found = profile(listed.id);
            assert_eq!(found.name, listed.name);
            assert!(!found.dialects.is_empty() && !found.auth_note.is_empty(), "{}", found.name);
            for (name, address) in found.base_urls {
                assert!(!name.is_empty());
                for dialect in found.dialects {
                    url(address, *dialect, EndpointKind::Chat).unwrap_or_else(|error| panic!("{address}: {error}"));
                }
            }
        }
        assert_eq!(profiles().len(), 4);
    }

    #[test]
    fn a_row_with_a_key_names_its_slot_and_no_other_row_does() {
        for row in ALL.iter().flat_map(|profile| profile.headers) {
            assert_eq!(row.slot.is_some(), row.value.contains("{{key}}"), "{}", row.name);
        }
    }
}
