//! Strings of output items that are too long to travel with them.

use juxta_client::endpoints::item::string_at;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::outcome::{LongString, OutputItem};

use super::documents::data_of;
use crate::run::feed::lock;
use crate::run::storage;
use crate::{Engine, not_found};

/// The largest answer in one document that is read for its strings.
const LARGEST_DOCUMENT: u64 = 256 << 20;

impl Engine {
    /// The whole of a string that an output item has cut, from the recorded bytes. `pointer` is the one that the item
    /// names it by.
    pub fn item_string(&self, cell: &CellId, choice: u32, pointer: &str) -> Result<String, AppError> {
        let wanted = |item: OutputItem| item.long.into_iter().find(|long| long.pointer == pointer);
        let live = self.feed().cell(cell).and_then(|cell| lock(&cell).item(choice).cloned());
        let long = match live.and_then(wanted) {
            Some(long) => long,
            None => self.stored_item(cell, choice)?.and_then(wanted).ok_or_else(|| not_found("The text"))?,
        };
        let json = self.json_with(cell, &long)?;
        string_at(&String::from_utf8_lossy(&json), &long.within).ok_or_else(|| not_found("The text"))
    }

    fn stored_item(&self, cell: &CellId, choice: u32) -> Result<Option<OutputItem>, AppError> {
        let cell = self.store().cell(cell).map_err(storage)?.ok_or_else(|| not_found("The answer"))?;
        Ok(cell.outcome.choices.into_iter().find(|known| known.index == choice).and_then(|choice| choice.item))
    }

    /// The data of the event that has the string, or the whole document.
    fn json_with(&self, cell: &CellId, long: &LongString) -> Result<Vec<u8>, AppError> {
        let log = self.event_log(cell)?;
        let mut log = lock(&log);
        if long.event == 0 {
            let length = log.length()?.min(LARGEST_DOCUMENT);
            return log.read(0, length as usize);
        }
        match log.raw(long.event)? {
            Some(raw) => data_of(&raw).ok_or_else(|| not_found("The text")),
            None => Err(AppError::Storage {
                message: "This part of the answer is not on disk yet. Try again in a moment.".to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use juxta_wire::endpoint::EndpointKind;
    use juxta_wire::run::{Cell, CellState};
    use serde_json::json;

    use super::super::fixture::Recorded;
    use super::*;
    use crate::replay;

    fn picture() -> String {
        "🌊\"\\".repeat(9_000)
    }

    fn response() -> serde_json::Value {
        let content = json!([{"type": "output_text", "text": picture(), "annotations": []}]);
        json!({"id": "resp_1", "object": "response", "status": "completed", "model": "m", "output": [
            {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "Looking."}]},
            {"id": "msg_1", "type": "message", "status": "completed", "content": content},
            {"id": "ig_1", "type": "image_generation_call", "status": "completed", "result": picture()},
        ]})
    }

    /// One event for each item and one for the end, with a comment before; µs and bytes.
    fn stream() -> Vec<(u64, Vec<u8>)> {
        let response = response();
        let items = response["output"]
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
            .map(|(index, item)| json!({"type": "response.output_item.done", "output_index": index, "item": item}));
        let thin = json!({"id": "resp_1", "status": "completed", "model": "m", "output": []});
        let last = json!({"type": "response.completed", "response": thin});
        let events = items.chain([last]).map(|event| format!("data: {event}\n\n"));
        let frames = [": still there\n\n".to_owned()].into_iter().chain(events);
        frames.zip(1..).map(|(frame, at)| (at * 1_000, frame.into_bytes())).collect()
    }

    /// What the recorded bytes of the cell say, stored as at the end of a call.
    fn fold(recorded: &Recorded, id: &CellId) -> Cell {
        let store = recorded.engine.store();
        let cell = store.cell(id).unwrap().unwrap();
        let (body, _) = store.read_body(id, u64::MAX).unwrap();
        let replayed = replay::replay(&cell, &body, &store.read_index(id).unwrap());
        let cell = Cell { outcome: replayed.outcome, arrivals: replayed.arrivals, ..cell };
        store.save_cell(&cell).unwrap();
        cell
    }

    fn looks_right(cell: &Cell) {
        let outcome = &cell.outcome;
        assert_eq!((outcome.status.as_deref(), outcome.response_id.as_deref()), (Some("completed"), Some("resp_1")));
        let kinds: Vec<&str> =
            outcome.choices.iter().map(|choice| choice.item.as_ref().unwrap().kind.as_str()).collect();
        assert_eq!(kinds, ["reasoning", "message", "image_generation_call"]);
        assert_eq!((outcome.choices[0].reasoning.as_str(), &outcome.choices[1].text), ("Looking.", &picture()));
    }

    #[tokio::test]
    async fn a_long_string_of_a_stream_is_found_in_its_event() {
        let recorded = Recorded::of(EndpointKind::Responses);
        let frames = stream();
        let chunks: Vec<(u64, &[u8])> = frames.iter().map(|(at, bytes)| (*at, bytes.as_slice())).collect();
        let id = recorded.stream(&chunks);
        let cell = fold(&recorded, &id);
        looks_right(&cell);
        let events: Vec<u32> =
            cell.outcome.choices[1..].iter().map(|choice| choice.item.as_ref().unwrap().long[0].event).collect();
        assert_eq!(events, [3, 4], "the comment counts");
        let find = |choice, pointer: &str| recorded.engine.item_string(&id, choice, pointer);
        assert_eq!(find(1, "/content/0/text"), Ok(picture()));
        assert_eq!(find(2, "/result"), Ok(picture()));
        for (choice, pointer) in [(0, "/summary/0/text"), (2, "/status"), (7, "/result")] {
            assert_eq!(find(choice, pointer), Err(not_found("The text")), "{choice} {pointer}");
        }
        assert_eq!(recorded.engine.item_string(&CellId::new(), 0, "/result"), Err(not_found("The answer")));
    }

    #[tokio::test]
    async fn a_long_string_of_a_document_is_found_in_the_document() {
        let recorded = Recorded::of(EndpointKind::Responses);
        let id = recorded.document(b"{}", response().to_string().as_bytes());
        looks_right(&fold(&recorded, &id));
        assert_eq!(recorded.engine.item_string(&id, 2, "/result"), Ok(picture()));
    }

    #[tokio::test]
    async fn items_come_back_after_a_crash() {
        let recorded = Recorded::of(EndpointKind::Responses);
        let frames = stream();
        let (id, mut recorder) = recorded.begin_in(CellState::Streaming, b"{}");
        for (at, bytes) in &frames[..4] {
            recorder.chunk(*at, bytes);
        }
        recorder.chunk(9_000, &frames[4].1[..40]);
        recorder.flush();
        let recorded = recorded.opened_again();
        let cell = recorded.engine.store().cell(&id).unwrap().unwrap();
        assert_eq!((&cell.state, cell.outcome.status.as_deref()), (&CellState::Interrupted, None), "no end came");
        let kinds: Vec<&str> =
            cell.outcome.choices.iter().map(|choice| choice.item.as_ref().unwrap().kind.as_str()).collect();
        assert_eq!(kinds, ["reasoning", "message", "image_generation_call"]);
        assert_eq!(cell.outcome.choices[1].text, picture());
        assert_eq!(recorded.engine.item_string(&id, 2, "/result"), Ok(picture()));
    }
}
