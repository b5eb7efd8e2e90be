//! What the recorded bytes of an answer say that its cell only names.

use juxta_client::endpoints::chat::reasoning_member;
use juxta_client::endpoints::dialogue::WholeItem;
use juxta_client::json;
use juxta_sse::{FrameKind, Parser};
use juxta_wire::error::AppError;
use juxta_wire::run::Cell;

use super::chain::{self, Recorded};
use crate::Engine;
use crate::run::storage;

/// Bytes of an answer in which its reasoning must begin.
const LOOKED_AT: u64 = 4 << 20;
/// The member that most servers use.
const USUAL: &str = "reasoning_content";

impl Recorded for Engine {
    fn whole_items(&self, cell: &Cell) -> Result<Vec<WholeItem>, AppError> {
        let items = chain::items(cell).map(|(choice, item)| {
            let mut whole = item.json.clone();
            for long in &item.long {
                let text = self.item_string(&cell.id, choice.index, &long.pointer)?;
                whole = json::with_value(&whole, &long.pointer, &serde_json::Value::from(text).to_string());
            }
            Ok(WholeItem { choice: choice.index, kind: item.kind.clone(), json: whole })
        });
        items.collect()
    }

    fn reasoning_member(&self, cell: &Cell) -> Result<String, AppError> {
        let (body, _) = self.store().read_body(&cell.id, LOOKED_AT).map_err(storage)?;
        let mut found = None;
        Parser::new().push(&body, &mut |frame| {
            if let FrameKind::Event { data, .. } = frame.kind
                && found.is_none()
            {
                found = reasoning_member(data);
            }
        });
        let found = found.or_else(|| reasoning_member(&String::from_utf8_lossy(&body)));
        Ok(found.unwrap_or(USUAL).to_owned())
    }
}
