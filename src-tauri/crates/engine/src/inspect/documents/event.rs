//! What a server-sent event says, taken out of its fields.

use juxta_client::envelope;
use juxta_sse::{Frame, FrameKind, Parser};

/// The data of an event, or the text of a comment. `None` when there is neither.
pub(in crate::inspect) fn data_of(raw: &[u8]) -> Option<Vec<u8>> {
    let mut found = None;
    let mut keep = |frame: Frame<'_>| match frame.kind {
        FrameKind::Event { data, .. } => found = Some(data.as_bytes().to_vec()),
        // A comment within an event comes before it, and the event wins.
        FrameKind::Comment { text } => found = Some(text.as_bytes().to_vec()),
        FrameKind::Unfinished { .. } => {}
    };
    let mut parser = Parser::new();
    parser.push(raw, &mut keep);
    parser.finish(&mut keep);
    found
}

/// The data of an event out of its envelope, if it has one. An event without data is its own payload.
pub(super) fn payload_of(raw: Vec<u8>) -> Vec<u8> {
    let data = data_of(&raw).unwrap_or(raw);
    let Ok(text) = std::str::from_utf8(&data) else { return data };
    match envelope::open(text) {
        Ok(opened) if opened.data != text.trim() => opened.data.as_bytes().to_vec(),
        // No envelope, or no JSON: a mark of the end, a comment.
        Ok(_) | Err(_) => data,
    }
}
