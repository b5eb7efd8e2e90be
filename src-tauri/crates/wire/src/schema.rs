//! Whether an answer is what the schema says that was sent with the request.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How an answer stands against its schema, told while it streams and at its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SchemaCheck {
    /// As it was sent; `JSON object` when the request asked for an object and gave no schema.
    pub name: String,
    /// A schema was sent, so that a fault has a place in it.
    pub has_schema: bool,
    pub state: SchemaState,
    /// In the order of the text; at most [`SchemaCheck::MOST_FAULTS`]. A fault that was told stays.
    pub faults: Vec<SchemaFault>,
    /// All that were found.
    pub fault_count: u32,
    /// References of the schema to other documents. They are never fetched, so what they say is not checked.
    pub not_checked: Vec<String>,
}

impl SchemaCheck {
    pub const MOST_FAULTS: usize = 200;
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum SchemaState {
    /// More text may come.
    Growing,
    Valid,
    Invalid,
    /// The text ended in the middle of the JSON.
    CutOff {
        /// JSON pointer of the innermost value that was begun.
        pointer: String,
        /// Where the text ends, in UTF-16 units.
        offset: u32,
        within: CutWithin,
    },
    /// The text is no JSON, and no text to come can make it JSON.
    NotJson {
        /// The first place that does not fit, in UTF-16 units.
        start: u32,
        end: u32,
        message: String,
    },
    /// Nothing can be said, because the schema cannot be used or the answer is nested too deep.
    Unchecked {
        message: String,
    },
}

/// What the text was in the middle of when it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum CutWithin {
    /// Before the value began.
    Nothing,
    Object,
    List,
    Text,
    Number,
    /// `true`, `false` or `null`.
    Word,
    /// The name of a member.
    Name,
}

/// One place of an answer that the schema does not allow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SchemaFault {
    /// UTF-16 units of the choice's text.
    pub start: u32,
    pub end: u32,
    /// JSON pointer within the answer.
    pub pointer: String,
    /// JSON pointer of the keyword within the schema.
    pub schema_pointer: String,
    /// `enum`, `type`, …; `duplicate` for a name that stands twice, which no schema says but every reader minds.
    pub keyword: String,
    /// A sentence for people.
    pub message: String,
}
