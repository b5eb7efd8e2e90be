//! A recorded exchange for a screen, and the report of a failure for somebody else's eyes. Neither holds a key: the
//! store was given masked heads, and bodies are searched for the keys that are known.

use std::fmt::Write as _;

use juxta_client::facts::{facts, model_in_body};
use juxta_client::redact::redact;
use juxta_wire::error::AppError;
use juxta_wire::exchange::{ExchangeView, HeaderView, RequestView};
use juxta_wire::ids::CellId;
use juxta_wire::run::Cell;

use crate::run::storage;
use crate::{Engine, not_found};

/// Bytes of a body that a dialog shows.
const SHOWN: u64 = 256 * 1024;

pub(crate) fn exchange(engine: &Engine, id: &CellId) -> Result<ExchangeView, AppError> {
    let cell = engine.cell_head(id)?;
    let request = match cell.request {
        Some(request) => request,
        None => engine
            .store()
            .cell(id)
            .map_err(storage)?
            .and_then(|cell| cell.request)
            .ok_or_else(|| not_found("The request"))?,
    };
    let (body, body_bytes) = engine.store().read_body(id, SHOWN).map_err(storage)?;
    let mut facts = cell.head.as_ref().map(facts).unwrap_or_default();
    facts.extend(model_in_body(&cell.model, cell.outcome.model.as_deref()));
    Ok(ExchangeView {
        request,
        head: cell.head,
        body_shown_bytes: body.len() as u64,
        body: String::from_utf8_lossy(&body).into_owned(),
        body_bytes,
        events: cell.outcome.events,
        facts,
    })
}

impl Engine {
    /// The request as recorded: its head with masked keys, and the exact bytes of its body.
    pub fn recorded_request(&self, id: &CellId) -> Result<(Vec<u8>, Vec<u8>), AppError> {
        self.store().request(id).map_err(storage)?.ok_or_else(|| not_found("The request"))
    }

    /// The answer's body as it came, and its length.
    pub fn recorded_body(&self, id: &CellId) -> Result<(Vec<u8>, u64), AppError> {
        self.store().read_body(id, u64::MAX).map_err(storage)
    }

    /// What somebody who was not there needs to understand a failure: request, answer, times. Without keys.
    pub fn error_report(&self, id: &CellId) -> Result<String, AppError> {
        let cell = self.cell_head(id)?;
        let view = exchange(self, id);
        let mut report = String::new();
        // Writing to a String cannot fail.
        let _ = writeln!(report, "Juxta {}", env!("CARGO_PKG_VERSION"));
        let _ = writeln!(report, "{} on {}, attempt {}", cell.model, cell.connection_name, cell.attempt);
        if let Some(error) = &cell.error {
            let _ = writeln!(report, "\n{error}");
            let as_json = serde_json::to_string_pretty(error).unwrap_or_else(|error| error.to_string());
            let _ = writeln!(report, "{as_json}");
        }
        match view {
            Ok(view) => {
                write_request(&mut report, &view.request);
                if let Some(head) = &view.head {
                    let _ = writeln!(report, "\n{} {}", head.protocol, head.status);
                    write_headers(&mut report, &head.headers);
                }
                let _ = writeln!(report, "\n{}", view.body);
                if view.body_shown_bytes < view.body_bytes {
                    let _ = writeln!(report, "({} of {} bytes)", view.body_shown_bytes, view.body_bytes);
                }
            }
            Err(error) => {
                let _ = writeln!(report, "\nNothing was sent: {error}");
            }
        }
        Ok(redact(&report, &self.known_keys(&cell)))
    }

    /// The keys that this cell's connection uses, as far as they can be read.
    fn known_keys(&self, cell: &Cell) -> Vec<String> {
        let Ok(connection) = self.ready_connection(&cell.connection) else { return Vec::new() };
        let slots = connection.headers.iter().filter_map(|header| header.secret.as_ref());
        slots.filter_map(|slot| self.key(&connection, slot).ok().flatten()).collect()
    }
}

fn write_request(report: &mut String, request: &RequestView) {
    let _ = writeln!(report, "\n{} {}", request.method, request.url);
    write_headers(report, &request.headers);
    let _ = writeln!(report, "\n{}", request.body);
}

fn write_headers(report: &mut String, headers: &[HeaderView]) {
    for header in headers {
        let _ = writeln!(report, "{}: {}", header.name, header.value);
    }
}
