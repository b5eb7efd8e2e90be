//! From a connection's header rows to the headers of one call.

use juxta_wire::connection::{Connection, ConnectionHeader, KeySource, SecretSlot};
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::error::AppError;

use crate::call::{CallHeader, check_header};

/// What servers see as the client.
pub const USER_AGENT: &str = concat!("juxta/", env!("CARGO_PKG_VERSION"));

const KEY: &str = "{{key}}";
const UUID: &str = "{{uuid}}";

/// The headers of a call, in the order they are sent: `accept`, `content-type` (for calls with a body), `user-agent`,
/// then the rows of the connection. A row may set one of the first three differently; then its own stands instead.
///
/// `form` is the content type of a body that is a form; then no row says it differently.
///
/// A row is left out when it is for other endpoints, when its key is [`KeySource::Absent`], or when its value is empty.
///
/// # Errors
/// [`AppError::MissingKey`] when a key is said to exist and `secret` has none; [`AppError::Invalid`] when a row cannot be
/// sent; whatever `secret` fails with.
pub fn headers(
    connection: &Connection,
    endpoint: EndpointKind,
    streams: bool,
    form: Option<&str>,
    secret: &dyn Fn(&SecretSlot) -> Result<Option<String>, AppError>,
) -> Result<Vec<CallHeader>, AppError> {
    let mut rows = Vec::with_capacity(connection.headers.len());
    for row in &connection.headers {
        if row.only.is_empty() || row.only.contains(&endpoint) {
            rows.extend(resolve(connection, row, secret)?);
        }
    }
    if form.is_some() {
        // The body cannot be read without the boundary that stands in here.
        rows.retain(|row: &CallHeader| !row.name.eq_ignore_ascii_case("content-type"));
    }
    let accept = match (streams, endpoint) {
        (true, _) => "text/event-stream, application/json",
        (false, EndpointKind::Synthesize) => "audio/*, application/json",
        (false, EndpointKind::Transcribe) => "application/json, text/*",
        (false, _) => "application/json",
    };
    let content_type = match endpoint {
        EndpointKind::Models => None,
        _ => Some(form.unwrap_or("application/json")),
    };
    let own = [("accept", Some(accept)), ("content-type", content_type), ("user-agent", Some(USER_AGENT))];
    let mut headers: Vec<CallHeader> = own
        .into_iter()
        .filter_map(|(name, value)| Some(CallHeader::plain(name, value?)))
        .filter(|header| !rows.iter().any(|row| row.name.eq_ignore_ascii_case(&header.name)))
        .collect();
    headers.append(&mut rows);
    headers.iter().try_for_each(check_header)?;
    Ok(headers)
}

fn resolve(
    connection: &Connection,
    row: &ConnectionHeader,
    secret: &dyn Fn(&SecretSlot) -> Result<Option<String>, AppError>,
) -> Result<Option<CallHeader>, AppError> {
    let mut value = row.value.clone();
    let mut carries_secret = false;
    if let Some(slot) = row.secret.as_ref() {
        if slot.source == KeySource::Absent {
            return Ok(None);
        }
        let key = secret(slot)?.filter(|key| !key.trim().is_empty()).ok_or_else(|| missing(connection, slot))?;
        // Keys are pasted, and a line end comes along easily.
        value = value.replace(KEY, key.trim());
        carries_secret = true;
    }
    if value.contains(UUID) {
        value = value.replace(UUID, &uuid::Uuid::new_v4().to_string());
    }
    let (name, value) = (row.name.trim(), value.trim());
    if value.is_empty() {
        return Ok(None);
    }
    let header = match carries_secret {
        true => CallHeader::secret(name, value),
        false => CallHeader::plain(name, value),
    };
    Ok(Some(header.of_connection()))
}

fn missing(connection: &Connection, slot: &SecretSlot) -> AppError {
    let message = match &slot.source {
        KeySource::Environment { name } => format!("the environment variable {name} is not set"),
        KeySource::Keychain { .. } => "the keychain has no such key".to_owned(),
        KeySource::Memory { .. } | KeySource::Absent => {
            "the key was kept in memory and has to be given again".to_owned()
        }
    };
    AppError::MissingKey { connection: connection.name.clone(), slot: slot.slot.clone(), message }
}

#[cfg(test)]
mod tests {
    use juxta_wire::connection::Network;
    use juxta_wire::endpoint::{Dialect, ProfileId};
    use juxta_wire::ids::ConnectionId;

    use super::*;
    use crate::providers;

    fn connection(profile: ProfileId, source: &KeySource) -> Connection {
        let info = providers::profile(profile).info();
        let mut headers = info.headers;
        for slot in headers.iter_mut().filter_map(|row| row.secret.as_mut()) {
            slot.source = source.clone();
        }
        Connection {
            id: ConnectionId::new(),
            name: "Desk".to_owned(),
            profile,
            dialect: Dialect::ScaleV5,
            base_url: "https://api.example.com".to_owned(),
            headers,
            network: Network::default(),
            plain_http_agreed: false,
        }
    }

    fn stored() -> KeySource {
        KeySource::Keychain { last_four: "4f2a".to_owned() }
    }

    fn resolved(connection: &Connection, endpoint: EndpointKind, streams: bool) -> Vec<(String, String, bool)> {
        headers(connection, endpoint, streams, None, &|slot| Ok(Some(format!(" secret-of-{}\n", slot.slot))))
            .expect("headers")
            .into_iter()
            .map(|header| (header.name, header.value.expose().to_owned(), header.secret))
            .collect()
    }

    fn row(name: &str, value: &str, secret: bool) -> (String, String, bool) {
        (name.to_owned(), value.to_owned(), secret)
    }

    #[test]
    fn scale_sends_its_keys_where_they_belong() {
        let connection = connection(ProfileId::ScaleGp, &stored());
        assert_eq!(
            resolved(&connection, EndpointKind::Chat, true),
            [
                row("accept", "text/event-stream, application/json", false),
                row("content-type", "application/json", false),
                row("user-agent", USER_AGENT, false),
                row("x-api-key", "secret-of-key", true),
                row("x-openai-api-key", "secret-of-openaiKey", true),
            ]
        );
        assert_eq!(
            resolved(&connection, EndpointKind::Models, false),
            [
                row("accept", "application/json", false),
                row("user-agent", USER_AGENT, false),
                row("x-api-key", "secret-of-key", true),
            ]
        );
    }

    #[test]
    fn an_account_id_goes_along_as_soon_as_there_is_one() {
        let mut connection = connection(ProfileId::ScaleGp, &KeySource::Absent);
        connection.headers[1].value = " acc_1 ".to_owned();
        let sent = resolved(&connection, EndpointKind::Chat, false);
        assert_eq!(sent.last(), Some(&row("x-selected-account-id", "acc_1", false)));
        assert_eq!(sent.len(), 4, "absent keys are not sent");
    }

    #[test]
    fn each_scaigrid_call_has_a_request_id_of_its_own() {
        let connection = connection(ProfileId::Scaigrid, &stored());
        let ids: Vec<_> =
            (0..2).map(|_| resolved(&connection, EndpointKind::Chat, true).pop().expect("headers")).collect();
        assert_eq!(ids[0].0, "X-Request-ID");
        assert_ne!(ids[0].1, ids[1].1);
        assert!(ids.iter().all(|(_, id, _)| uuid::Uuid::parse_str(id).is_ok()), "{ids:?}");
    }

    #[test]
    fn a_row_takes_the_place_of_what_we_would_send() {
        let mut connection = connection(ProfileId::OpenAiCompatible, &KeySource::Absent);
        connection.headers.push(ConnectionHeader {
            name: "User-Agent".to_owned(),
            value: "curl/8".to_owned(),
            secret: None,
            only: Vec::new(),
        });
        let sent = resolved(&connection, EndpointKind::Models, false);
        assert_eq!(sent, [row("accept", "application/json", false), row("User-Agent", "curl/8", false)]);
    }

    #[test]
    fn a_form_keeps_its_boundary_whatever_a_row_says() {
        let mut connection = connection(ProfileId::OpenAiCompatible, &KeySource::Absent);
        connection.headers.push(ConnectionHeader {
            name: "Content-Type".to_owned(),
            value: "application/json".to_owned(),
            secret: None,
            only: Vec::new(),
        });
        let form = Some("multipart/form-data; boundary=b");
        let sent = headers(&connection, EndpointKind::Transcribe, false, form, &|_| Ok(None)).expect("headers");
        let sent: Vec<_> = sent.iter().map(|header| (header.name.as_str(), header.value.expose())).collect();
        assert_eq!(sent[1], ("content-type", "multipart/form-data; boundary=b"));
        assert_eq!(sent.len(), 3);
    }

    #[test]
    fn a_key_that_is_not_there_is_named_and_nothing_is_sent() {
        let source = KeySource::Environment { name: "MY_KEY".to_owned() };
        let connection = connection(ProfileId::Scaigrid, &source);
        for nothing in [None, Some("  ".to_owned())] {
            let error =
                headers(&connection, EndpointKind::Chat, true, None, &|_| Ok(nothing.clone())).expect_err("no key");
            let expected = AppError::MissingKey {
                connection: "Desk".to_owned(),
                slot: "key".to_owned(),
                message: "the environment variable MY_KEY is not set".to_owned(),
            };
            assert_eq!(error, expected);
        }
    }
}
