//! Models that show every kind of item and every event, a family each.

mod mcp;
mod media;
mod search;
mod shell;
mod text;
mod tools;
mod unknown;

use super::{Ending, Script, Stage};

/// A model that plays a scene instead of talking.
#[derive(Debug)]
pub(crate) struct ItemModel {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) scripts: fn(&mut Stage<'_>) -> Vec<Script>,
    pub(crate) ending: Ending,
}

const fn model(name: &'static str, scripts: fn(&mut Stage<'_>) -> Vec<Script>, description: &'static str) -> ItemModel {
    ItemModel { name, description, scripts, ending: Ending::Completed }
}

pub(crate) const MODELS: &[ItemModel] = &[
    model(
        "items-text",
        text::scripts,
        "Responses: commentary, a reasoning summary, a message with all four kinds of annotation, a compaction.",
    ),
    model(
        "items-tools",
        tools::scripts,
        "Responses: function calls side by side, a custom tool, their outputs, and a search for tools.",
    ),
    model("items-search", search::scripts, "Responses: file search with results, web search in its three actions."),
    model(
        "items-shell",
        shell::scripts,
        "Responses: shell commands old and new with their outputs, and patches that create, change and delete.",
    ),
    model(
        "items-mcp",
        mcp::scripts,
        "Responses: tool lists of servers, approvals, a call that works and one that fails.",
    ),
    model(
        "items-media",
        media::scripts,
        "Responses: an image in stages, code with logs and a chart, a screen being used, audio with its transcript.",
    ),
    model("items-unknown", unknown::scripts, "Responses: kinds of items, parts and events that no document has."),
    ItemModel {
        ending: Ending::Failed,
        ..model("failed", text::half, "Responses: fails in the middle of a sentence.")
    },
    ItemModel {
        ending: Ending::Cancelled,
        ..model("cancelled", text::half, "Responses: is cancelled in the middle of a sentence.")
    },
];
