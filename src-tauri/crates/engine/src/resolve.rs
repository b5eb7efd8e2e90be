//! From what the person composed to the exact bytes of a call.
//!
//! [`ResolvedCall`] can only be made here, and both the preview and the sender take it, so what the screen shows before
//! sending is what goes out.

use bytes::Bytes;
use juxta_client::call::Call;
use juxta_client::endpoints::chat;
use juxta_client::{providers, resolve_call};
use juxta_wire::connection::{Connection, KeySource, SecretSlot};
use juxta_wire::draft::{Draft, Message, Parameter};
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::error::AppError;
use juxta_wire::exchange::{KeyOrigin, RequestView, SentKey, Warning};
use juxta_wire::lane::{Comparison, Lane, Override};
use juxta_wire::params;
use std::time::Duration;

use crate::template;

/// A call that is ready to go, with what a screen shows of it.
#[derive(Debug)]
pub struct ResolvedCall {
    call: Call,
    view: RequestView,
}

impl ResolvedCall {
    pub fn call(&self) -> &Call {
        &self.call
    }

    pub fn view(&self) -> &RequestView {
        &self.view
    }
}

/// Looks up the key of a slot; `None` when there is none.
pub type KeyLookup<'a> = &'a dyn Fn(&SecretSlot) -> Result<Option<String>, AppError>;

/// A stand-in for a key that ends as the key ends, so that a preview needs no keychain.
pub fn masked_key(slot: &SecretSlot) -> Result<Option<String>, AppError> {
    Ok(match &slot.source {
        KeySource::Absent => None,
        KeySource::Keychain { last_four } | KeySource::Memory { last_four } => Some(format!("••••••••{last_four}")),
        KeySource::Environment { name } => std::env::var(name).ok(),
    })
}

/// Builds the call of `lane`. `connection` has its real base URL, also when it is the sandbox.
pub fn resolve(
    comparison: &Comparison,
    lane: &Lane,
    connection: &Connection,
    keys: KeyLookup<'_>,
) -> Result<ResolvedCall, AppError> {
    if lane.model.trim().is_empty() {
        return Err(AppError::Invalid { field: "model".into(), message: "Choose a model for this lane".into() });
    }
    let messages = messages(&comparison.draft, lane)?;
    let sent = effective_parameters(&comparison.draft, lane);
    let url = providers::url(&connection.base_url, connection.dialect, lane.endpoint)?;
    let parameters: Vec<Parameter> = sent.iter().map(|key| Parameter::new(&key.name, &key.json)).collect();
    let body = Bytes::from(chat::encode(&lane.model, &messages, &parameters)?);
    let headers = resolve_call::headers(connection, lane.endpoint, wants_stream(&sent), keys)?;
    providers::plain_http_guard(&url, &headers, connection.plain_http_agreed)?;
    let call = Call {
        method: http::Method::POST,
        url,
        headers,
        body,
        endpoint: lane.endpoint,
        dialect: connection.dialect,
        idle_timeout: Duration::from_millis(connection.network.idle_timeout_ms),
    };
    let view = view(&call, sent, connection, lane);
    Ok(ResolvedCall { call, view })
}

fn messages(draft: &Draft, lane: &Lane) -> Result<Vec<Message>, AppError> {
    let source = lane.forked_messages.as_ref().unwrap_or(&draft.messages);
    let rendered = template::render(source, &draft.variables)?;
    if rendered.is_empty() {
        return Err(AppError::Invalid { field: "messages".into(), message: "Write a message first".into() });
    }
    Ok(rendered)
}

/// The draft's parameters with the lane's overrides: a changed value stays at its place, a new one goes to the end.
pub fn effective_parameters(draft: &Draft, lane: &Lane) -> Vec<SentKey> {
    let find = |name: &str| lane.overrides.iter().find(|change| change.name() == name);
    let mut sent: Vec<SentKey> = draft
        .parameters
        .iter()
        .filter_map(|parameter| match find(&parameter.name) {
            None => Some(key(parameter, KeyOrigin::Draft)),
            Some(Override::Set { parameter }) => Some(key(parameter, KeyOrigin::Lane)),
            Some(Override::Unset { .. }) => None,
        })
        .collect();
    for change in &lane.overrides {
        if let Override::Set { parameter } = change
            && !draft.parameters.iter().any(|known| known.name == parameter.name)
        {
            sent.push(key(parameter, KeyOrigin::Lane));
        }
    }
    sent
}

fn key(parameter: &Parameter, origin: KeyOrigin) -> SentKey {
    SentKey {
        name: parameter.name.clone(),
        json: parameter.json.clone(),
        origin,
        extra: false,
        base_json: None,
        filled: 0,
    }
}

fn wants_stream(sent: &[SentKey]) -> bool {
    sent.iter().any(|key| key.name == "stream" && key.json.trim() == "true")
}

fn view(call: &Call, keys: Vec<SentKey>, connection: &Connection, lane: &Lane) -> RequestView {
    RequestView {
        method: call.method.to_string(),
        url: call.url.to_string(),
        headers: call.view_headers(),
        body: String::from_utf8_lossy(&call.body).into_owned(),
        body_bytes: call.body.len() as u64,
        warnings: warnings(&keys, connection, lane.endpoint),
        keys,
        absent: Vec::new(),
    }
}

/// A preview cannot know what is made anew for each call, so it says that instead of showing one that will not be sent.
pub fn without_fresh_values(view: &RequestView, connection: &Connection) -> RequestView {
    let mut view = view.clone();
    for row in connection.headers.iter().filter(|row| row.secret.is_none() && row.value.contains("{{uuid}}")) {
        for header in view.headers.iter_mut().filter(|header| header.name.eq_ignore_ascii_case(row.name.trim())) {
            header.value = row.value.trim().replace("{{uuid}}", "(a fresh UUID)");
        }
    }
    view
}

/// Validation warns and never forbids: servers change.
fn warnings(keys: &[SentKey], connection: &Connection, endpoint: EndpointKind) -> Vec<Warning> {
    let table = params::table(endpoint, connection.dialect);
    keys.iter()
        .filter_map(|key| {
            let spec = table.parameters.iter().find(|spec| spec.name == key.name)?;
            let problem = params::check(spec, &key.json)?;
            Some(Warning { parameter: Some(key.name.clone()), message: problem.message })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(overrides: Vec<Override>) -> Lane {
        Lane {
            id: juxta_wire::ids::LaneId::new(),
            connection: juxta_wire::ids::ConnectionId("c".into()),
            endpoint: EndpointKind::Chat,
            model: "m".into(),
            overrides,
            forked_messages: None,
            muted: false,
            raw_body: None,
            hold: false,
        }
    }

    #[test]
    fn overrides_change_in_place_take_away_and_add_at_the_end() {
        let draft = Draft {
            parameters: vec![Parameter::new("a", "1"), Parameter::new("b", "2"), Parameter::new("c", "3")],
            ..Draft::default()
        };
        let lane = lane(vec![
            Override::Set { parameter: Parameter::new("d", "1e-3") },
            Override::Unset { name: "a".into() },
            Override::Set { parameter: Parameter::new("b", "2.0") },
            Override::Unset { name: "never set".into() },
        ]);
        let sent: Vec<_> = effective_parameters(&draft, &lane)
            .into_iter()
            .map(|key| (key.name, key.json, key.origin == KeyOrigin::Lane))
            .collect();
        let expected = [("b", "2.0", true), ("c", "3", false), ("d", "1e-3", true)]
            .map(|(name, json, lane)| (name.to_owned(), json.to_owned(), lane));
        assert_eq!(sent, expected);
    }
}
