//! A pasted curl command, turned into a connection and a comparison with one lane; and files of several kinds, see
//! [`data`]. Keys go into the keychain at once; what comes back to the page has none.

mod bundle;
mod content;
pub mod data;
mod entry;
mod form;
mod target;

use juxta_client::call::{CallHeader, Sensitive, check_header};
use juxta_client::import::curl::{self, CurlCommand, CurlProxy, FormPart, Value};
use juxta_client::redact::is_auth_header;
use juxta_client::{json, providers};
use juxta_wire::connection::{Connection, ConnectionHeader, KeySource, Network, Proxy, SecretSlot};
use juxta_wire::draft::{Draft, Message, Role, Variable};
use juxta_wire::endpoint::{EndpointKind, ProfileId};
use juxta_wire::error::AppError;
use juxta_wire::ids::{ComparisonId, ConnectionId, LaneId};
use juxta_wire::lane::{Comparison, Lane};
use juxta_wire::window::CurlImport;

use crate::{Engine, resolve};
use content::Content;
use target::Target;

/// Headers that Juxta writes itself, to the same effect.
const OWN_HEADERS: &[&str] = &["content-type", "accept", "user-agent", "content-length", "host"];

/// A header row the command asks for, and the key that came with it.
struct Asked {
    row: ConnectionHeader,
    key: Option<Sensitive>,
}

impl Asked {
    fn is(&self, row: &ConnectionHeader) -> bool {
        row.name.eq_ignore_ascii_case(&self.row.name)
    }
}

/// Where a request that comes from elsewhere goes.
struct Adopted {
    connection: Connection,
    is_new: bool,
    endpoint: EndpointKind,
}

impl Engine {
    /// Reads a curl command. A connection that already leads there, with the same headers, is taken with its own keys;
    /// else a new one is made, which is not saved yet. Keys of the command are written to the keychain under the
    /// connection that comes back. Blocks on the keychain.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for `curl` when the text cannot be read as a command with an address.
    pub fn import_curl(&self, command: &str) -> Result<CurlImport, AppError> {
        let command = curl::parse_with_files(command, &read_absolute)?;
        let mut unknown = command.unknown.clone();
        let known = self.connections()?;
        let mut keys_found = Vec::new();
        let Adopted { connection, is_new: is_new_connection, endpoint } =
            self.adopt(&command, &known, &mut keys_found, &mut unknown)?;
        let taken: Vec<String> = self.comparisons()?.into_iter().map(|summary| summary.name).collect();
        let name = free_name("From curl", &taken);
        let content = match command.body.as_deref() {
            Some(body) => Content::of(endpoint, body),
            None => form::read(&command.form, endpoint, connection.dialect),
        };
        // A form beside a body is named, and the body is what a lane can send.
        if command.body.is_some() {
            unknown.extend(command.form.iter().map(FormPart::named));
        }
        let comparison = comparison_of(name, content, &connection, &mut unknown);
        Ok(CurlImport { connection, is_new_connection, comparison, keys_found, unknown })
    }

    /// The connection for a request that comes from elsewhere: one of `known` that sends the same, or a new one, of which
    /// nothing but its keys is kept yet.
    fn adopt(
        &self,
        command: &CurlCommand,
        known: &[Connection],
        keys_found: &mut Vec<String>,
        unknown: &mut Vec<String>,
    ) -> Result<Adopted, AppError> {
        let target = Target::of(command)?;
        unknown.extend(target.note.clone());
        let asked = asked_headers(command, target.profile, unknown);
        let existing = known.iter().find(|connection| fits(connection, &target, command, &asked)).cloned();
        let is_new = existing.is_none();
        let connection = existing.unwrap_or_else(|| new_connection(&target, command, &asked, known));
        let connection = self.take_keys(connection, is_new, asked, keys_found, unknown)?;
        Ok(Adopted { connection, is_new, endpoint: target.endpoint })
    }

    /// Fills the slots of the command's headers. A slot that has a key keeps it.
    fn take_keys(
        &self,
        mut connection: Connection,
        is_new: bool,
        asked: Vec<Asked>,
        keys_found: &mut Vec<String>,
        unknown: &mut Vec<String>,
    ) -> Result<Connection, AppError> {
        for asked in asked {
            let Some(row) = connection.headers.iter_mut().find(|row| asked.is(row) && row.secret.is_some()) else {
                continue;
            };
            let name = row.name.clone();
            let Some(slot) = row.secret.as_mut() else { continue };
            match (&slot.source, &asked.key) {
                (KeySource::Absent, Some(key)) => {
                    let slot = slot.slot.clone();
                    connection = self.store_key(connection, &slot, key.expose())?;
                    keys_found.push(slot);
                }
                (KeySource::Absent, None) => {
                    let source = asked.row.secret.map_or(KeySource::Absent, |slot| slot.source);
                    if source != KeySource::Absent {
                        slot.source = source;
                        if !is_new {
                            connection = self.save_connection(connection)?;
                        }
                    }
                }
                (own, Some(key)) if !is_same_key(own, key) => {
                    unknown.push(format!("the key in {name} ({} keeps its own)", connection.name));
                }
                _ => {}
            }
        }
        Ok(connection)
    }
}

/// A comparison with one lane that sends `content`: by the form where that says the same, else by the text itself.
fn comparison_of(name: String, content: Content, connection: &Connection, unknown: &mut Vec<String>) -> Comparison {
    let Content { endpoint, mut body, raw_body } = content;
    let mut comparison = Comparison {
        id: ComparisonId::new(),
        name,
        draft: Draft {
            order: body.order,
            messages: body.messages,
            texts: body.texts,
            parameters: body.parameters,
            text_input: body.is_text,
            ..Draft::default()
        },
        lanes: vec![Lane {
            id: LaneId::new(),
            connection: connection.id.clone(),
            endpoint,
            model: body.model,
            overrides: Vec::new(),
            forked_messages: None,
            muted: false,
            raw_body: None,
            hold: false,
            variables: Vec::new(),
        }],
        repeats: 1,
    };
    // A `{{name}}` of the request was sent as it stands. A variable of that value sends the same, and can be filled in.
    let names = resolve::variable_names(&comparison, &comparison.lanes[0]);
    let literal = |name: String| Variable::text(name.clone(), format!("{{{{{name}}}}}"));
    comparison.draft.variables = names.into_iter().map(literal).collect();
    let sent = |comparison: &Comparison| resolve::filled_body(comparison, &comparison.lanes[0], connection.dialect);
    let is_sent = |text: &str| {
        sent(&comparison).is_ok_and(|body| json::compact(&String::from_utf8_lossy(&body)) == json::compact(text))
    };
    match raw_body.filter(|text| !is_sent(text)) {
        Some(text) => comparison.lanes[0].raw_body = Some(text),
        // Nothing is missing of a body that stays.
        None => unknown.append(&mut body.unknown),
    }
    // Where nothing was said, something can be written; a form that sends the same without it stays as it is.
    if comparison.draft.messages.is_empty()
        && (endpoint == EndpointKind::Chat || comparison.lanes[0].raw_body.is_some())
    {
        comparison.draft.messages.push(Message::text(Role::User, ""));
    }
    comparison
}

/// Of a body that a command names by its path.
const LARGEST_FILE: u64 = 64 << 20;

/// Where a command was copied says nothing about the folder that a relative path starts from, so only an absolute one is
/// followed. The person sees the content in the draft before anything of it is sent.
fn read_absolute(path: &str) -> Option<String> {
    let path = std::path::Path::new(path);
    let is_readable =
        path.is_absolute() && std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() <= LARGEST_FILE);
    if is_readable { std::fs::read_to_string(path).ok() } else { None }
}

fn asked_headers(command: &CurlCommand, profile: ProfileId, unknown: &mut Vec<String>) -> Vec<Asked> {
    let known = providers::profile(profile).info().headers;
    let mut asked: Vec<Asked> = Vec::new();
    for header in &command.headers {
        let lower = header.name.to_ascii_lowercase();
        if OWN_HEADERS.contains(&lower.as_str()) {
            continue;
        }
        let known = known.iter().find(|row| row.name.eq_ignore_ascii_case(&header.name));
        // A number of one call is no number for every call; each gets a fresh one.
        if known.is_some_and(|row| row.value.contains("{{uuid}}")) {
            continue;
        }
        let known_slot = known.and_then(|row| row.secret.as_ref()).map(|secret| secret.slot.clone());
        // One slot holds one key, so every other header that carries one has a slot of its own name.
        let slot = |source| SecretSlot { slot: known_slot.clone().unwrap_or_else(|| lower.clone()), source };
        let (value, secret, key) = match header.value(known_slot.is_some() || is_auth_header(&lower)) {
            Value::Plain(value) => (value, None, None),
            Value::Key { template, key } => (template, Some(slot(KeySource::Absent)), Some(key)),
            Value::Environment { template, variable } => {
                (template, Some(slot(KeySource::Environment { name: variable })), None)
            }
            Value::Placeholder { template } => {
                unknown.push(format!("the key in {} (a placeholder)", header.name));
                (template, Some(slot(KeySource::Absent)), None)
            }
            Value::Mixed => {
                unknown.push(format!("the header {}", header.name));
                continue;
            }
        };
        let sendable = check_header(&CallHeader::plain(&header.name, &value)).is_ok()
            && key.as_ref().is_none_or(|key| check_header(&CallHeader::plain("key", key.expose())).is_ok());
        if !sendable || secret.is_some() && asked.iter().any(|earlier| earlier.row.name.eq_ignore_ascii_case(&lower)) {
            unknown.push(format!("the header {}", header.name));
            continue;
        }
        let only = known.map(|row| row.only.clone()).unwrap_or_default();
        let name = known.map_or(header.name.clone(), |row| row.name.clone());
        asked.push(Asked { row: ConnectionHeader { name, value, secret, only }, key });
    }
    asked
}

/// Whether `connection` sends what the command sends.
fn fits(connection: &Connection, target: &Target, command: &CurlCommand, asked: &[Asked]) -> bool {
    let leads_there = connection.dialect == target.dialect
        && providers::url(&connection.base_url, connection.dialect, target.endpoint)
            .is_ok_and(|url| url.as_str() == target.url);
    let has_header = |asked: &Asked| {
        connection.headers.iter().any(|row| {
            asked.is(row)
                && row.value == asked.row.value
                && match (&row.secret, &asked.row.secret) {
                    (None, None) => true,
                    // The sandbox's connections take no key but their own.
                    (Some(own), Some(_)) => connection.profile != ProfileId::Sandbox || own.source != KeySource::Absent,
                    _ => false,
                }
        })
    };
    let wanted = network(command);
    let same_network = (command.proxy.is_none() || connection.network.proxy == wanted.proxy)
        && (command.ca_file.is_none() || connection.network.ca_file == wanted.ca_file);
    leads_there && same_network && asked.iter().all(has_header)
}

fn new_connection(target: &Target, command: &CurlCommand, asked: &[Asked], known: &[Connection]) -> Connection {
    let mut headers = providers::profile(target.profile).info().headers;
    let from_profile = headers.len();
    let mut filled: Vec<usize> = Vec::new();
    for asked in asked {
        let place = headers[..from_profile].iter().position(|row| asked.is(row)).filter(|at| !filled.contains(at));
        match place {
            Some(at) => {
                headers[at] = asked.row.clone();
                filled.push(at);
            }
            None => headers.push(asked.row.clone()),
        }
    }
    let names: Vec<String> = known.iter().map(|connection| connection.name.clone()).collect();
    Connection {
        id: ConnectionId::new(),
        name: free_name(&target.name, &names),
        profile: target.profile,
        dialect: target.dialect,
        base_url: target.base_url.clone(),
        headers,
        network: network(command),
        plain_http_agreed: false,
    }
}

fn network(command: &CurlCommand) -> Network {
    let proxy = match &command.proxy {
        None => Proxy::System,
        Some(CurlProxy::Direct) => Proxy::Direct,
        Some(CurlProxy::Url(url)) => Proxy::Url { url: url.clone() },
    };
    Network { proxy, ca_file: command.ca_file.clone(), ..Network::default() }
}

/// As far as its last characters tell, which is all that is known without asking the keychain.
fn is_same_key(source: &KeySource, key: &Sensitive) -> bool {
    match source {
        KeySource::Keychain { last_four } | KeySource::Memory { last_four } => key.expose().ends_with(last_four),
        KeySource::Absent | KeySource::Environment { .. } => false,
    }
}

/// `wanted`, or `wanted 2` and so on when it is taken.
fn free_name(wanted: &str, taken: &[String]) -> String {
    let is_free = |name: &String| !taken.contains(name);
    std::iter::once(wanted.to_owned())
        .chain((2..).map(|number| format!("{wanted} {number}")))
        .find(is_free)
        .unwrap_or_else(|| wanted.to_owned())
}
