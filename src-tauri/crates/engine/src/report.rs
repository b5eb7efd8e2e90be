//! A recorded exchange for a screen. It holds no key: the store was given masked heads.

use juxta_client::facts::{facts, model_in_body};
use juxta_wire::error::AppError;
use juxta_wire::exchange::ExchangeView;
use juxta_wire::ids::CellId;

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
}
