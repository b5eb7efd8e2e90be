//! What the parser found.

/// One find of the parser, with the place of its raw bytes in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Bytes of the body before this frame.
    pub offset: u64,
    /// Raw bytes of the frame. An event reaches from the end of the event before (blank lines left out) to the end of
    /// the blank line that closes it, so comments within it lie inside; a comment is its line with the line's end.
    pub length: u32,
    pub kind: FrameKind<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind<'a> {
    /// A frame that a blank line closed and that had at least one `data` field.
    Event {
        /// Empty for a plain message.
        name: &'a str,
        /// The values of all `data` fields, joined by line feeds. Invalid UTF-8 is replaced, so this may be longer
        /// than the raw bytes.
        data: &'a str,
        /// Only when this very frame had one.
        id: Option<&'a str>,
        /// Milliseconds; only when this very frame had one.
        retry: Option<u64>,
    },
    /// A line that began with a colon, without that colon. It is reported as soon as its line is complete.
    Comment { text: &'a str },
    /// The bytes of a frame whose blank line never came. Not an event, by the standard.
    Unfinished { text: &'a str },
}
