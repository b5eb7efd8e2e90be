//! From a recorded call, or one that a lane would make, to a request that code is written from.

use juxta_client::export::{Content, Field, File, Form, Header, Piece, Request, Text};
use juxta_client::redact::KnownKeys;
use juxta_wire::code::{CodeCheck, CodeSource, CodeVariable};
use juxta_wire::connection::{Connection, ConnectionHeader, Network};
use juxta_wire::error::AppError;
use juxta_wire::exchange::{FormContent, HeaderView, RequestView};
use juxta_wire::ids::{CellId, LaneId};
use juxta_wire::lane::Comparison;

use super::environment::{self, Names};
use crate::resolve::Beside;
use crate::run::unix_milliseconds;
use crate::{Engine, not_found, resolve};

/// Headers that follow from the message, so that every library makes them.
const MADE: &[&str] = &["host", "content-length", "connection"];

/// Stands for a key that cannot be read here. A variable takes its place at once.
const UNKNOWN: &str = "unknown";

const KEY: &str = "{{key}}";
const UUID: &str = "{{uuid}}";

/// What code is written from.
pub(super) struct Source {
    /// With a variable in the place of each key.
    pub request: Request,
    pub environment: Vec<CodeVariable>,
    /// Every key that must not stand in the text.
    pub keys: KnownKeys,
    /// Variable and key, for those that are known here.
    pub values: Vec<(String, String)>,
    /// Behind `Same 1,294 body bytes as `.
    pub origin: String,
    pub notes: Vec<CodeCheck>,
}

/// The facts of a source before keys are looked at.
struct Sent {
    view: RequestView,
    body: Vec<u8>,
    connection: Option<Connection>,
    connection_name: String,
    /// Header values as they are, where the call is made here: name and value.
    real: Option<Vec<(String, String)>>,
    origin: String,
    at: u64,
}

impl Engine {
    pub(super) fn code_source(&self, source: &CodeSource, wanted: &[CodeVariable]) -> Result<Source, AppError> {
        let sent = match source {
            CodeSource::Cell { cell } => self.sent_by_cell(cell)?,
            CodeSource::Lane { comparison, lane } => self.sent_by_lane(comparison, lane)?,
        };
        self.with_variables(sent, wanted)
    }

    fn sent_by_cell(&self, id: &CellId) -> Result<Sent, AppError> {
        let cell = self.cell(id)?.cell;
        let view = self.exchange(id)?.request;
        let (_, body) = self.recorded_request(id)?;
        let origin = match cell.started_at.and_then(clock) {
            Some(time) => format!("run {time}"),
            None => "the run".to_owned(),
        };
        Ok(Sent {
            view,
            body,
            connection: self.ready_connection(&cell.connection).ok(),
            connection_name: cell.connection_name,
            real: None,
            origin,
            at: cell.started_at.unwrap_or_default(),
        })
    }

    fn sent_by_lane(&self, comparison: &Comparison, lane: &LaneId) -> Result<Sent, AppError> {
        let lane =
            comparison.lanes.iter().find(|candidate| candidate.id == *lane).ok_or_else(|| not_found("The lane"))?;
        let connection = self.ready_connection(&lane.connection)?;
        // Code is wanted also where a key is not to be had: it will be read from the environment.
        let keys = |slot: &_| self.key(&connection, slot).or_else(|_| Ok(Some(UNKNOWN.to_owned())));
        let sound = self.sound_of(comparison, lane)?;
        let beside = Beside { sound: sound.as_ref(), ..Beside::default() };
        let resolved = resolve::resolve_with(comparison, lane, &connection, &keys, beside)?;
        let call = resolved.call();
        let real = call.headers.iter().map(|header| (header.name.clone(), header.value.expose().to_owned())).collect();
        Ok(Sent {
            view: resolved.view().clone(),
            body: call.body.to_vec(),
            connection_name: connection.name.clone(),
            connection: Some(connection),
            real: Some(real),
            origin: "the preview".to_owned(),
            at: unix_milliseconds(),
        })
    }

    fn with_variables(&self, sent: Sent, wanted: &[CodeVariable]) -> Result<Source, AppError> {
        let form = form_of(&sent.view);
        let body = match form {
            Some(_) => Ok(String::new()),
            None => String::from_utf8(sent.body),
        };
        let body = body.map_err(|_| AppError::Invalid {
            field: "body".to_owned(),
            message: "This body is no text. Export the run as HAR, which can hold any bytes".to_owned(),
        })?;
        let streams = asks_for_stream(&sent.view, &body);
        let mut names = Names::default();
        let mut values: Vec<(String, String)> = Vec::new();
        let mut notes = Vec::new();
        let mut headers = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        // The type of a form names the line between its parts, which whoever sends it draws anew.
        let is_made = |name: &str| MADE.contains(&name) || form.is_some() && name == "content-type";
        for shown in sent.view.headers.iter().filter(|header| !is_made(&header.name)) {
            let repeat = seen.iter().filter(|name| **name == shown.name).count();
            seen.push(&shown.name);
            let row = row_of(sent.connection.as_ref(), shown, repeat);
            let real = sent
                .real
                .as_ref()
                .and_then(|real| real.iter().filter(|(name, _)| name.eq_ignore_ascii_case(&shown.name)).nth(repeat));
            let value = if shown.secret {
                let key_id = row.and_then(|row| row.secret.as_ref()).map_or(&shown.name, |secret| &secret.slot);
                let proposed = environment::proposed(sent.connection.as_ref(), &sent.connection_name, &shown.name, row);
                let variable = names.add(&shown.name, key_id, &proposed, wanted)?;
                let (template, plain) = template_of(shown, row);
                if let Some(key) = self.key_of(&sent.connection, row, real.map(|(_, value)| value.as_str()), plain) {
                    if sent.real.is_none() && !key.ends_with(&last_shown(&shown.value)) {
                        notes.push(CodeCheck {
                            passed: false,
                            text: format!("The key in {} is another one since this ran", shown.name),
                        });
                    }
                    values.push((variable.clone(), key));
                }
                with_key(&template, &variable)
            } else if sent.real.is_some() {
                with_fresh(row, &shown.value)
            } else {
                Text::from(shown.value.as_str())
            };
            headers.push(Header { name: shown.name.clone(), value });
        }
        let network = sent.connection.as_ref().map_or_else(Network::default, |connection| connection.network.clone());
        let request = Request {
            method: sent.view.method,
            url: Text::from(sent.view.url.as_str()),
            headers,
            body: Text::from(body.as_str()),
            form,
            streams,
            patience: network.idle_timeout_ms.div_ceil(1000).max(1),
            at: sent.at,
        };
        let keys = self.export_keys(&[])?;
        Ok(Source { request, environment: names.into_rows(), keys, values, origin: sent.origin, notes })
    }

    /// The key behind a header, as far as it is known here.
    fn key_of(
        &self,
        connection: &Option<Connection>,
        row: Option<&ConnectionHeader>,
        real: Option<&str>,
        plain: Option<String>,
    ) -> Option<String> {
        if let (Some(connection), Some(slot)) = (connection, row.and_then(|row| row.secret.as_ref())) {
            return self.key(connection, slot).ok().flatten().map(|key| key.trim().to_owned());
        }
        plain.or_else(|| real.map(|value| without_scheme(value).to_owned())).filter(|key| !key.is_empty())
    }
}

/// The `repeat`th row of the connection with that name; of a kind that fits, because a row without a key is not sent.
fn row_of<'a>(connection: Option<&'a Connection>, shown: &HeaderView, repeat: usize) -> Option<&'a ConnectionHeader> {
    let mut rows = connection?.headers.iter().filter(|row| row.name.trim().eq_ignore_ascii_case(&shown.name));
    match shown.secret {
        true => {
            let rows: Vec<_> = rows.collect();
            rows.iter().copied().filter(|row| row.secret.is_some()).nth(repeat).or_else(|| rows.get(repeat).copied())
        }
        false => rows.nth(repeat),
    }
}

/// The value with `{{key}}` in it, and the key when the row has it in plain sight.
fn template_of(shown: &HeaderView, row: Option<&ConnectionHeader>) -> (String, Option<String>) {
    match row {
        Some(row) if row.secret.is_some() && row.value.contains(KEY) => (row.value.trim().to_owned(), None),
        Some(row) if row.secret.is_none() => {
            let value = row.value.trim();
            let key = without_scheme(value);
            (format!("{}{KEY}", &value[..value.len() - key.len()]), Some(key.to_owned()))
        }
        // The mask keeps the scheme.
        _ => {
            let key = without_scheme(&shown.value);
            (format!("{}{KEY}", &shown.value[..shown.value.len() - key.len()]), None)
        }
    }
}

/// What stands behind `Bearer ` and the like, as masks see it.
fn without_scheme(value: &str) -> &str {
    match value.split_once(' ') {
        Some((scheme, rest))
            if !rest.contains(' ') && scheme.len() <= 10 && scheme.chars().all(|c| c.is_ascii_alphabetic()) =>
        {
            rest
        }
        _ => value,
    }
}

/// The end of the key that the mask left.
fn last_shown(masked: &str) -> String {
    masked.rsplit('•').next().unwrap_or_default().to_owned()
}

fn with_key(template: &str, variable: &str) -> Text {
    Text::from(template).with_variable(KEY, variable)
}

/// A value that is made anew for each call.
fn with_fresh(row: Option<&ConnectionHeader>, value: &str) -> Text {
    let parts = row.and_then(|row| row.value.trim().split_once(UUID)).and_then(|(before, behind)| {
        let uuid = value.strip_prefix(before)?.strip_suffix(behind)?;
        Some([Piece::Text(before.to_owned()), Piece::Uuid(uuid.to_owned()), Piece::Text(behind.to_owned())])
    });
    parts.map_or_else(|| Text::from(value), Text::new)
}

/// The fields that were sent, or would be.
fn form_of(view: &RequestView) -> Option<Form> {
    let kind = view.headers.iter().find(|header| header.name == "content-type")?;
    let boundary = kind.value.strip_prefix("multipart/form-data; boundary=").filter(|_| !view.parts.is_empty())?;
    let fields = view.parts.iter().map(|part| Field {
        name: part.name.clone(),
        content: match &part.content {
            FormContent::Text { text } => Content::Text(Text::from(text.as_str())),
            FormContent::File { file_name, media_type, bytes } => {
                Content::File(File { name: file_name.clone(), media_type: media_type.clone(), bytes: *bytes })
            }
        },
    });
    Some(Form { fields: fields.collect(), boundary: boundary.to_owned() })
}

fn asks_for_stream(view: &RequestView, body: &str) -> bool {
    match view.keys.iter().rev().find(|key| key.name == "stream") {
        Some(key) => key.json.trim() == "true",
        // A body that was read from elsewhere has no keys told apart; generic inference is asked within `args`.
        None => serde_json::from_str::<serde_json::Value>(body).is_ok_and(|body| {
            let is_inference = view.url.split('?').next().is_some_and(|path| path.ends_with("/inference"));
            body["stream"] == true || is_inference && body["args"]["stream"] == true
        }),
    }
}

/// `09:41:22`, by the clock of this computer.
fn clock(unix_milliseconds: u64) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(i64::try_from(unix_milliseconds).ok()?).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M:%S").to_string())
}

impl Source {
    /// Puts the variable of a key wherever the key stands, and a mask where it is spelled in another way or is the key
    /// of another connection.
    pub(super) fn hide_keys(&mut self) {
        let longest_first = {
            let mut values: Vec<&(String, String)> = self.values.iter().filter(|(_, key)| key.len() >= 4).collect();
            values.sort_by_key(|(_, key)| std::cmp::Reverse(key.len()));
            values
        };
        let mut is_masked = false;
        let mut hide = |text: &Text| {
            let mut hidden = text.clone();
            for (variable, key) in &longest_first {
                hidden = hidden.with_variable(key, variable);
            }
            let masked = hidden.mapped(|text| self.keys.masked(text));
            is_masked |= masked != hidden;
            masked
        };
        self.request.url = hide(&self.request.url);
        self.request.body = hide(&self.request.body);
        if let Some(form) = &mut self.request.form {
            for field in &mut form.fields {
                if let Content::Text(text) = &mut field.content {
                    *text = hide(text);
                }
            }
        }
        for header in &mut self.request.headers {
            header.value = hide(&header.value);
        }
        if is_masked {
            let text = "A key that was sent beside its header is masked in this text".to_owned();
            let note = CodeCheck { passed: false, text };
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }

    /// Puts each key in the place of its variable.
    ///
    /// # Errors
    /// [`AppError::MissingKey`] for one that is not known here.
    pub(super) fn fill_in_keys(&mut self, connection: &str) -> Result<(), AppError> {
        let fill = |text: &Text| -> Result<Text, AppError> {
            let mut filled = Vec::new();
            for piece in text.pieces() {
                filled.push(match piece {
                    Piece::Variable(name) => {
                        let key = self.values.iter().find(|(variable, _)| variable == name).map(|(_, key)| key);
                        Piece::Text(key.cloned().ok_or_else(|| AppError::MissingKey {
                            connection: connection.to_owned(),
                            slot: name.clone(),
                            message: "The key of this request is not there any more".to_owned(),
                        })?)
                    }
                    other => other.clone(),
                });
            }
            Ok(Text::new(filled))
        };
        for header in &mut self.request.headers {
            header.value = fill(&header.value)?;
        }
        self.environment.clear();
        Ok(())
    }
}
