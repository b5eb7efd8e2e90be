//! Prompts as files: each comparison is mirrored in a folder of the person's choice, and what changes there comes back.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::ComparisonId;
use crate::lane::Comparison;

/// How files and comparisons stand to each other after they were looked at.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PromptFolder {
    pub folder: String,
    pub files: Vec<PromptFile>,
    /// Comparisons that are new or different now, because their file was.
    pub changed: Vec<ComparisonId>,
    /// Files that belong to no comparison because they cannot be read.
    pub unread: Vec<UnreadFile>,
}

/// The file of one comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PromptFile {
    pub comparison: ComparisonId,
    pub path: String,
    pub state: PromptFileState,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum PromptFileState {
    /// It says what the comparison says.
    Saved,
    /// It was deleted or moved away; the next change writes it again.
    Missing,
    /// Both sides changed. Neither is written until the person has chosen.
    Conflict { theirs: Box<Comparison> },
    /// It changed, and cannot be read. It is left as it is.
    Unreadable { line: u32, message: String },
    /// It could not be written; the comparison is kept in Juxta.
    Unsaved { message: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct UnreadFile {
    pub path: String,
    /// From 1.
    pub line: u32,
    pub message: String,
}

/// Which side of a conflict stands from now on. The other is kept as a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ConflictSide {
    /// What the screen shows.
    Mine,
    /// What the file says.
    Theirs,
}

/// A state of a prompt that was given a name. It is a file of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PromptVersion {
    /// The name of its file.
    pub id: String,
    pub name: String,
    /// Unix milliseconds.
    pub saved_at: u64,
    pub path: String,
}
