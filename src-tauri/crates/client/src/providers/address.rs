//! From what a person typed as an address to the address of a call, and back to the profile it belongs to.

use juxta_wire::endpoint::{Dialect, EndpointKind, ProfileId};
use juxta_wire::error::AppError;
use url::Url;

use super::called::dialect_of;
use super::{ALL, profile_of};
use crate::call::CallHeader;
use crate::http::is_loopback;

/// The first segment of a dialect's paths.
pub(super) const fn version(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::ScaleV5 => "v5",
        Dialect::ScaigridV1 | Dialect::OpenAi => "v1",
    }
}

/// Path segments of an endpoint, behind the version; `None` where the dialect has no such endpoint.
pub(super) const fn route(dialect: Dialect, endpoint: EndpointKind) -> Option<&'static [&'static str]> {
    Some(match (dialect, endpoint) {
        (Dialect::ScaleV5 | Dialect::OpenAi, EndpointKind::Chat) => &["chat", "completions"],
        // The catalogue of what can be called; `/v5/models` lists an account's own deployments.
        (Dialect::ScaleV5, EndpointKind::Models) => &["chat", "completions", "models"],
        (Dialect::ScaleV5 | Dialect::OpenAi, EndpointKind::Responses) => &["responses"],
        (Dialect::ScaleV5 | Dialect::OpenAi, EndpointKind::Completions) => &["completions"],
        (Dialect::ScaleV5, EndpointKind::Generic) => &["inference"],
        (Dialect::ScaigridV1, EndpointKind::Chat) => &["inference", "chat"],
        (Dialect::ScaigridV1, EndpointKind::Generate) => &["inference", "generate"],
        (Dialect::ScaigridV1, EndpointKind::Embed) => &["inference", "embed"],
        (Dialect::ScaigridV1, EndpointKind::Image) => &["inference", "images", "generate"],
        (Dialect::ScaigridV1, EndpointKind::Transcribe) => &["inference", "audio", "transcribe"],
        (Dialect::ScaigridV1, EndpointKind::Synthesize) => &["inference", "audio", "synthesize"],
        (Dialect::OpenAi, EndpointKind::Embed) => &["embeddings"],
        (Dialect::OpenAi, EndpointKind::Image) => &["images", "generations"],
        (Dialect::OpenAi, EndpointKind::Transcribe) => &["audio", "transcriptions"],
        (Dialect::OpenAi, EndpointKind::Synthesize) => &["audio", "speech"],
        (Dialect::ScaigridV1 | Dialect::OpenAi, EndpointKind::Models) => &["models"],
        (Dialect::ScaigridV1, EndpointKind::Responses | EndpointKind::Completions | EndpointKind::Generic)
        | (Dialect::OpenAi, EndpointKind::Generic)
        | (Dialect::ScaleV5 | Dialect::OpenAi, EndpointKind::Generate)
        | (
            Dialect::ScaleV5,
            EndpointKind::Embed | EndpointKind::Image | EndpointKind::Transcribe | EndpointKind::Synthesize,
        ) => return None,
    })
}

/// Ends of paths that people paste along with a base address, longest first.
const PASTED_ENDS: &[&[&str]] = &[
    &["inference", "audio", "transcribe"],
    &["inference", "audio", "synthesize"],
    &["inference", "images", "generate"],
    &["chat", "completions", "models"],
    &["audio", "transcriptions"],
    &["images", "generations"],
    &["inference", "batch"],
    &["audio", "speech"],
    &["chat", "completions"],
    &["inference", "generate"],
    &["inference", "embed"],
    &["inference", "chat"],
    &["inference"],
    &["completions"],
    &["responses"],
    &["embeddings"],
    &["batches"],
    &["models"],
];

/// Scale's catalogue gives 100 rows unless asked, and cannot be paged because its rows have no id.
const SCALE_CATALOGUE_LIMIT: &str = "1000";

/// The address of a call. `connection_base` is as typed: with or without a scheme, a trailing slash, a path prefix, a
/// version, or the whole path of an endpoint.
///
/// # Errors
/// [`AppError::Invalid`] for `baseUrl` when it is no http address or carries a user name or a password, for `endpoint`
/// when the dialect has no such endpoint.
pub fn url(connection_base: &str, dialect: Dialect, endpoint: EndpointKind) -> Result<Url, AppError> {
    let route = route(dialect, endpoint).ok_or_else(|| no_such_endpoint(endpoint))?;
    let mut url = at_route(connection_base, dialect, route)?;
    if (dialect, endpoint) == (Dialect::ScaleV5, EndpointKind::Models) {
        url.query_pairs_mut().append_pair("limit", SCALE_CATALOGUE_LIMIT);
    }
    Ok(url)
}

fn at_route(connection_base: &str, dialect: Dialect, route: &[&str]) -> Result<Url, AppError> {
    let mut url = parse_base(connection_base)?;
    let mut segments: Vec<String> =
        url.path().split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();

    let pasted = PASTED_ENDS.iter().find(|end| segments.ends_with(&end.map_owned()));
    if let Some(end) = pasted {
        segments.truncate(segments.len() - end.len());
    }
    // Many servers that speak OpenAI's dialect have their version elsewhere (`/v1beta/openai`, `/api/paas/v4`) or have
    // none; then the path that was pasted says so.
    let as_pasted =
        dialect == Dialect::OpenAi && (pasted.is_some() || segments.iter().any(|segment| is_version(segment)));
    if !as_pasted {
        if segments.last().is_some_and(|last| last == version(dialect)) {
            segments.pop();
        }
        segments.push(version(dialect).to_owned());
    }
    segments.extend(route.iter().map(|segment| (*segment).to_owned()));
    url.set_path(&segments.join("/"));
    Ok(url)
}

/// What is asked about batches, and about the files that some dialects keep for them. Ids are the provider's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchRoute<'a> {
    /// The list, and where a new one is sent.
    All,
    One(&'a str),
    Cancel(&'a str),
    /// Where a file is sent.
    Files,
    FileContent(&'a str),
}

/// The address of a call about batches; `connection_base` as with [`url`].
///
/// # Errors
/// As [`url`]; [`AppError::Invalid`] for `connection` where the dialect has no batches, or keeps no files.
pub fn batch_url(connection_base: &str, dialect: Dialect, route: BatchRoute<'_>) -> Result<Url, AppError> {
    let refused = |message: &str| AppError::Invalid { field: "connection".to_owned(), message: message.to_owned() };
    let batches: &[&str] = match dialect {
        Dialect::ScaigridV1 => &["inference", "batch"],
        Dialect::OpenAi => &["batches"],
        Dialect::ScaleV5 => return Err(refused("This connection has no batches. Choose another one")),
    };
    let (start, rest): (&[&str], Vec<&str>) = match route {
        BatchRoute::All => (batches, Vec::new()),
        BatchRoute::One(id) => (batches, vec![id]),
        BatchRoute::Cancel(id) => (batches, vec![id, "cancel"]),
        BatchRoute::Files | BatchRoute::FileContent(_) if dialect != Dialect::OpenAi => {
            return Err(refused("This connection keeps no files"));
        }
        BatchRoute::Files => (&["files"], Vec::new()),
        BatchRoute::FileContent(id) => (&["files"], vec![id, "content"]),
    };
    // A dot would lead to the path above.
    if rest.iter().any(|segment| matches!(*segment, "" | "." | "..")) {
        return Err(AppError::Invalid { field: "batch".to_owned(), message: "This is no id of a batch".to_owned() });
    }
    let mut url = at_route(connection_base, dialect, start)?;
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.extend(rest);
    }
    Ok(url)
}

fn no_such_endpoint(endpoint: EndpointKind) -> AppError {
    let message = format!("This connection has no {} endpoint. Choose another endpoint for the lane.", endpoint.name());
    AppError::Invalid { field: "endpoint".to_owned(), message }
}

/// The base address of a call's address, and that address made whole: `https://h/v1/chat/completions` has the base
/// `https://h/v1`. A path of no known endpoint is all base.
///
/// # Errors
/// As [`url`].
pub fn base_of(call_address: &str) -> Result<(String, Url), AppError> {
    let whole = parse_base(call_address)?;
    let mut segments: Vec<String> =
        whole.path().split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
    let had_path = !segments.is_empty();
    if let Some(end) = PASTED_ENDS.iter().find(|end| segments.ends_with(&end.map_owned())) {
        segments.truncate(segments.len() - end.len());
    }
    // Without a version in front, the path itself says that there is none.
    if had_path && segments.is_empty() {
        return Ok((whole.to_string(), whole));
    }
    let mut base = whole.clone();
    base.set_path(&segments.join("/"));
    let base = base.as_str().trim_end_matches('/').to_owned();
    Ok((base, whole))
}

/// The base address under which the sandbox at `origin` speaks `dialect`.
pub fn sandbox_base(origin: &str, dialect: Dialect) -> String {
    let origin = origin.trim_end_matches('/');
    match dialect {
        Dialect::ScaleV5 | Dialect::ScaigridV1 => origin.to_owned(),
        Dialect::OpenAi => format!("{origin}/oai"),
    }
}

/// Whose address this is: by its host, else by a path that only one dialect has.
pub fn recognise(url: &str) -> Option<ProfileId> {
    let url = parse_base(url).ok()?;
    let host = url.host_str()?.to_ascii_lowercase();
    let by_host = ALL.iter().find(|profile| {
        profile.hosts.iter().any(|known| match known.strip_prefix('.') {
            Some(ending) => host == ending || host.ends_with(known),
            None => host == *known,
        })
    });
    if let Some(profile) = by_host {
        return Some(profile.id);
    }
    dialect_of(url.path()).map(profile_of)
}

/// Refuses to send a credential over plain http to a host that is not this computer, unless the person agreed.
///
/// # Errors
/// [`AppError::PlainHttp`] with the host.
pub fn plain_http_guard(url: &Url, headers: &[CallHeader], agreed: bool) -> Result<(), AppError> {
    let exposed = url.scheme() == "http" && !is_loopback(url) && headers.iter().any(CallHeader::is_credential);
    match exposed && !agreed {
        true => Err(AppError::PlainHttp { host: url.host_str().unwrap_or_default().to_owned() }),
        false => Ok(()),
    }
}

fn parse_base(typed: &str) -> Result<Url, AppError> {
    let invalid = |message: &str| AppError::Invalid { field: "baseUrl".to_owned(), message: message.to_owned() };
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(invalid("an address is needed"));
    }
    let mut url = match typed.contains("://") {
        true => Url::parse(typed),
        // Nobody types the scheme of a server on their own desk, and it has no certificate.
        false => Url::parse(&format!("https://{typed}")).and_then(|url| match is_loopback(&url) {
            true => Url::parse(&format!("http://{typed}")),
            false => Ok(url),
        }),
    }
    .map_err(|error| invalid(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid("an address begins with https:// or http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("a user name or password does not belong into the address; a header row can carry it"));
    }
    url.set_fragment(None);
    Ok(url)
}

/// `v1`, `v4`, `v1beta`.
pub(super) fn is_version(segment: &str) -> bool {
    let mut letters = segment.chars();
    letters.next() == Some('v') && letters.next().is_some_and(|digit| digit.is_ascii_digit())
}

trait MapOwned {
    fn map_owned(&self) -> Vec<String>;
}

impl MapOwned for [&str] {
    fn map_owned(&self) -> Vec<String> {
        self.iter().map(|segment| (*segment).to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use juxta_wire::endpoint::Dialect::{OpenAi, ScaigridV1, ScaleV5};
    use juxta_wire::endpoint::EndpointKind::{Chat, Models};

    use super::*;

    #[test]
    fn whatever_was_pasted_leads_to_the_same_endpoint() {
        let table: &[(Dialect, EndpointKind, &str, &[&str])] = &[
            (
                ScaleV5,
                Chat,
                "https://api.sgp.scale.com/v5/chat/completions",
                &[
                    "https://api.sgp.scale.com",
                    "https://api.sgp.scale.com/",
                    "https://api.sgp.scale.com/v5",
                    "https://api.sgp.scale.com/v5/",
                    " https://api.sgp.scale.com//v5// ",
                    "api.sgp.scale.com",
                    "https://api.sgp.scale.com/v5/chat/completions",
                    "https://api.sgp.scale.com/v5/chat/completions/",
                    "https://api.sgp.scale.com/v5/responses#top",
                ],
            ),
            (
                ScaleV5,
                Chat,
                "http://127.0.0.1:5003/public/v5/chat/completions",
                &[
                    "http://127.0.0.1:5003/public",
                    "127.0.0.1:5003/public/v5/",
                    "http://127.0.0.1:5003/public/v5/models",
                ],
            ),
            (
                ScaleV5,
                Models,
                "https://api.egp.scale.com/v5/chat/completions/models?limit=1000",
                &["https://api.egp.scale.com/v5", "https://api.egp.scale.com/v5/chat/completions/models"],
            ),
            (
                ScaigridV1,
                Chat,
                "https://scaigrid.scailabs.ai/v1/inference/chat",
                &[
                    "https://scaigrid.scailabs.ai",
                    "https://scaigrid.scailabs.ai/v1/",
                    "https://scaigrid.scailabs.ai/v1/inference",
                    "https://scaigrid.scailabs.ai/v1/inference/chat",
                    "https://scaigrid.scailabs.ai/v1/models",
                ],
            ),
            (ScaigridV1, Models, "http://grid.local:8000/v1/models", &["http://grid.local:8000/v1/inference/"]),
            (
                OpenAi,
                Chat,
                "https://api.openai.com/v1/chat/completions",
                &[
                    "https://api.openai.com",
                    "https://api.openai.com/v1",
                    "https://api.openai.com/v1/chat/completions",
                    "https://api.openai.com/v1/models/",
                ],
            ),
            (
                OpenAi,
                Models,
                "https://openrouter.ai/api/v1/models",
                &["https://openrouter.ai/api/v1", "openrouter.ai/api"],
            ),
            (
                OpenAi,
                Chat,
                "http://localhost:11434/v1/chat/completions",
                &["localhost:11434", "http://localhost:11434/"],
            ),
            (OpenAi, Chat, "https://a.example/v1beta/openai/chat/completions", &["https://a.example/v1beta/openai/"]),
            (OpenAi, Chat, "https://a.example/api/paas/v4/chat/completions", &["https://a.example/api/paas/v4"]),
            (OpenAi, Chat, "https://a.example/chat/completions", &["https://a.example/chat/completions"]),
            (OpenAi, Models, "https://a.example/v1/models?api-version=7", &["https://a.example/?api-version=7"]),
        ];
        for (dialect, endpoint, expected, typed) in table {
            for base in *typed {
                let found = url(base, *dialect, *endpoint).unwrap_or_else(|error| panic!("{base}: {error}"));
                assert_eq!(found.as_str(), *expected, "{base}");
            }
        }
    }

    #[test]
    fn batches_are_asked_for_beside_the_other_endpoints() {
        for (base, dialect, route, expected) in [
            ("https://h.example", ScaigridV1, BatchRoute::All, "https://h.example/v1/inference/batch"),
            (
                "https://h.example/v1/inference/batch/",
                ScaigridV1,
                BatchRoute::One("b 1/?#%2F"),
                "https://h.example/v1/inference/batch/b%201%2F%3F%23%252F",
            ),
            (
                "h.example/v1/inference/chat",
                ScaigridV1,
                BatchRoute::Cancel("batch_1"),
                "https://h.example/v1/inference/batch/batch_1/cancel",
            ),
            ("https://h.example/oai/v1", OpenAi, BatchRoute::All, "https://h.example/oai/v1/batches"),
            ("https://h.example/v1/batches", OpenAi, BatchRoute::Files, "https://h.example/v1/files"),
            (
                "https://h.example",
                OpenAi,
                BatchRoute::FileContent("東"),
                "https://h.example/v1/files/%E6%9D%B1/content",
            ),
        ] {
            assert_eq!(batch_url(base, dialect, route).expect("an address").as_str(), expected);
        }
        for (dialect, route) in [
            (ScaleV5, BatchRoute::All),
            (ScaigridV1, BatchRoute::Files),
            (OpenAi, BatchRoute::One("..")),
            (OpenAi, BatchRoute::Cancel("")),
        ] {
            assert!(batch_url("https://h.example", dialect, route).is_err(), "{dialect:?} {route:?}");
        }
    }

    #[test]
    fn a_base_leads_back_to_the_address_it_was_taken_from() {
        for (address, dialect, base) in [
            ("https://h.example/v1/chat/completions", OpenAi, "https://h.example/v1"),
            ("https://h.example/api/paas/v4/chat/completions", OpenAi, "https://h.example/api/paas/v4"),
            ("https://h.example/chat/completions", OpenAi, "https://h.example/chat/completions"),
            ("http://127.0.0.1:5003/public/v5/chat/completions", ScaleV5, "http://127.0.0.1:5003/public/v5"),
            ("https://h.example/v1/inference/chat", ScaigridV1, "https://h.example/v1"),
        ] {
            let (found, whole) = base_of(address).unwrap_or_else(|error| panic!("{address}: {error}"));
            assert_eq!((found.as_str(), whole.as_str()), (base, address));
            assert_eq!(url(&found, dialect, Chat).expect("an address"), whole, "{address}");
        }
        assert_eq!(base_of("h.example").expect("an address").0, "https://h.example");
    }

    #[test]
    fn the_sandbox_speaks_each_dialect_under_its_own_root() {
        for (dialect, endpoint, expected) in [
            (ScaleV5, Chat, "http://127.0.0.1:4000/v5/chat/completions"),
            (ScaigridV1, Chat, "http://127.0.0.1:4000/v1/inference/chat"),
            (ScaigridV1, Models, "http://127.0.0.1:4000/v1/models"),
            (OpenAi, Chat, "http://127.0.0.1:4000/oai/v1/chat/completions"),
            (OpenAi, Models, "http://127.0.0.1:4000/oai/v1/models"),
        ] {
            let base = sandbox_base("http://127.0.0.1:4000/", dialect);
            assert_eq!(url(&base, dialect, endpoint).expect("an address").as_str(), expected);
        }
    }

    #[test]
    fn an_address_that_cannot_be_one_is_refused() {
        for bad in ["", "  ", "ftp://a.example", "https://", "https://user:word@a.example", "http://a b"] {
            let error = url(bad, OpenAi, Chat).expect_err(bad);
            assert!(matches!(error, AppError::Invalid { ref field, .. } if field == "baseUrl"), "{bad}: {error}");
        }
    }

    #[test]
    fn profiles_are_recognised_by_host_and_else_by_path() {
        for (address, expected) in [
            ("https://api.egp.scale.com/v5", Some(ProfileId::ScaleGp)),
            ("https://new.scale.com", Some(ProfileId::ScaleGp)),
            ("https://sgp-api.scalegov.com", Some(ProfileId::ScaleGp)),
            ("https://scale.com.example.org", None),
            ("https://notscale.com", None),
            ("https://SCAIGRID.scailabs.ai/v1/inference/chat", Some(ProfileId::Scaigrid)),
            ("https://openai.scailabs.ai/v1/chat/completions", Some(ProfileId::OpenAiCompatible)),
            ("http://10.0.0.5/v5/chat/completions", Some(ProfileId::ScaleGp)),
            ("http://10.0.0.5/v1/inference/chat", Some(ProfileId::Scaigrid)),
            ("http://10.0.0.5/v1/chat/completions", Some(ProfileId::OpenAiCompatible)),
            ("http://10.0.0.5/", None),
            ("nonsense here", None),
        ] {
            assert_eq!(recognise(address), expected, "{address}");
        }
    }

    #[test]
    fn a_key_goes_over_plain_http_only_to_this_computer_or_when_agreed() {
        let key = [CallHeader::secret("x-any", "secret")];
        let known = [CallHeader::plain("X-Api-Key", "secret")];
        let none = [CallHeader::plain("accept", "*/*")];
        let far = Url::parse("http://10.0.0.5/v1").expect("an address");
        let near = Url::parse("http://127.0.0.1:5003/v1").expect("an address");
        let safe = Url::parse("https://10.0.0.5/v1").expect("an address");
        let refused = Err(AppError::PlainHttp { host: "10.0.0.5".to_owned() });
        assert_eq!(plain_http_guard(&far, &key, false), refused);
        assert_eq!(plain_http_guard(&far, &known, false), refused);
        assert_eq!(plain_http_guard(&far, &key, true), Ok(()));
        assert_eq!(plain_http_guard(&far, &none, false), Ok(()));
        assert_eq!(plain_http_guard(&near, &key, false), Ok(()));
        assert_eq!(plain_http_guard(&safe, &key, false), Ok(()));
    }
}
