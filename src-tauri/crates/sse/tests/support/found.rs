//! What a parser reported, owned, and the properties that hold for every body and every split of it.

use juxta_sse::{Frame, FrameKind, Parser};

use crate::reference::{self, Found};

/// A frame with its place and, for an unfinished one, its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub offset: u64,
    pub length: u32,
    pub found: Found,
    pub unfinished: Option<String>,
}

/// Feeds the chunks in order and keeps everything.
pub fn feed<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Placed> {
    let mut placed = Vec::new();
    let mut keep = |frame: Frame<'_>| {
        let (found, unfinished) = match frame.kind {
            FrameKind::Event { name, data, id, retry } => {
                let (name, data, id) = (name.to_owned(), data.to_owned(), id.map(str::to_owned));
                (Found::Event { name, data, id, retry }, None)
            }
            FrameKind::Comment { text } => (Found::Comment(text.to_owned()), None),
            FrameKind::Unfinished { text } => (Found::Unfinished, Some(text.to_owned())),
        };
        placed.push(Placed { offset: frame.offset, length: frame.length, found, unfinished });
    };
    let mut parser = Parser::new();
    for chunk in chunks {
        parser.push(chunk, &mut keep);
    }
    parser.finish(&mut keep);
    placed
}

/// The body cut at these positions; any order, any value.
pub fn cut<'a>(body: &'a [u8], positions: &[usize]) -> Vec<&'a [u8]> {
    let mut positions: Vec<usize> = positions.iter().map(|at| at % (body.len() + 1)).collect();
    positions.sort_unstable();
    let mut begin = 0;
    let mut chunks = Vec::new();
    for at in positions {
        chunks.push(&body[begin..at]);
        begin = at;
    }
    chunks.push(&body[begin..]);
    chunks
}

/// Panics unless parser and standard agree, splits change nothing, and offsets lead to the bytes they claim.
pub fn check(body: &[u8], positions: &[usize]) {
    let whole = feed([body]);
    let found: Vec<Found> = whole.iter().map(|placed| placed.found.clone()).collect();
    assert_eq!(found, reference::parse(body), "as the standard reads it");
    assert_eq!(feed(cut(body, positions)), whole, "for this split");
    assert_eq!(feed(body.chunks(1)), whole, "byte by byte");
    check_places(body, &whole);
}

fn check_places(body: &[u8], whole: &[Placed]) {
    let (mut event_end, mut comment_end) = (0, 0);
    for placed in whole {
        let range = placed.offset as usize..placed.offset as usize + placed.length as usize;
        assert!(range.end <= body.len(), "a frame lies within the body");
        let slice = &body[range.clone()];
        match &placed.found {
            Found::Comment(_) => {
                assert!(range.start >= comment_end, "comments do not overlap");
                comment_end = range.end;
                assert_eq!(feed([slice]).first().map(|again| &again.found), Some(&placed.found), "its line alone");
            }
            Found::Event { .. } => {
                assert!(range.start >= event_end, "events do not overlap");
                event_end = range.end;
                // At the start of a body these bytes are no text; within one they are. So they cannot be fed alone.
                if range.start == 0 || !slice.starts_with(b"\xEF\xBB\xBF") {
                    assert_eq!(feed([slice]).last().map(|again| &again.found), Some(&placed.found), "its bytes alone");
                }
            }
            Found::Unfinished => {
                assert!(range.start >= event_end, "the rest comes after all events");
                assert_eq!(range.end, body.len(), "the rest reaches to the end");
            }
        }
    }
}
