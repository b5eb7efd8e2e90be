//! The parameter tables: one entry for each documented body member of each endpoint. Form, hints, validation and the
//! sandbox's own 422 all read them, so a parameter is added in one place.
//!
//! Checking warns and never forbids, because servers change.

pub mod chat;
mod check;
mod completions;
mod embed;
mod entry;
mod generic;
mod image;
mod responses;
mod synthesize;
mod transcribe;

use serde::Serialize;
use ts_rs::TS;

use crate::endpoint::{Dialect, EndpointKind};

pub use check::{Problem, check};

/// All parameters of one endpoint in one dialect, in the order of the form.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ParameterTable {
    pub endpoint: EndpointKind,
    pub dialect: Dialect,
    pub parameters: Vec<ParameterSpec>,
}

/// One body member beside `model` and what the messages become.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ParameterSpec {
    /// As on the wire.
    pub name: &'static str,
    pub group: ParameterGroup,
    pub kind: ParameterKind,
    /// What it does, in a sentence or two of ours.
    pub doc: &'static str,
    /// Where the facts come from.
    pub source: &'static str,
    /// What to use instead, when the provider calls it deprecated.
    pub deprecated: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ParameterGroup {
    /// What stands beside the messages, or instead of them.
    Input,
    Sampling,
    Length,
    Output,
    Reasoning,
    Tools,
    Delivery,
    Storage,
}

/// The form of a value. Limits are inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum ParameterKind {
    Number {
        minimum: Option<f64>,
        maximum: Option<f64>,
    },
    Integer {
        minimum: Option<i64>,
        maximum: Option<i64>,
    },
    Boolean,
    /// Free text; the suggestions are not a closed list.
    Text {
        suggestions: &'static [&'static str],
    },
    /// One string or a list of strings.
    TextOrList {
        #[serde(rename = "maximumItems")]
        maximum_items: u32,
    },
    TextList {
        suggestions: &'static [&'static str],
    },
    Object {
        /// JSON text to start from.
        example: &'static str,
    },
    ObjectList {
        example: &'static str,
        #[serde(rename = "maximumItems")]
        maximum_items: Option<u32>,
    },
    TextOrObject {
        suggestions: &'static [&'static str],
        example: &'static str,
    },
}

/// The table of an endpoint in a dialect; empty for endpoints that take no body and for those that the dialect has not.
pub fn table(endpoint: EndpointKind, dialect: Dialect) -> ParameterTable {
    let parameters = match endpoint {
        _ if !dialect.has(endpoint) => Vec::new(),
        EndpointKind::Chat => chat::parameters(dialect),
        EndpointKind::Responses => responses::parameters(dialect),
        EndpointKind::Generic => generic::parameters(dialect),
        EndpointKind::Generate | EndpointKind::Completions => completions::parameters(dialect),
        EndpointKind::Embed => embed::parameters(dialect),
        EndpointKind::Image => image::parameters(dialect),
        EndpointKind::Transcribe => transcribe::parameters(dialect),
        EndpointKind::Synthesize => synthesize::parameters(dialect),
        EndpointKind::Models => Vec::new(),
    };
    ParameterTable { endpoint, dialect, parameters }
}

/// Every table there is; an endpoint that a dialect does not have has none.
pub fn tables() -> Vec<ParameterTable> {
    let dialects = Dialect::ALL.into_iter();
    dialects
        .flat_map(|dialect| EndpointKind::callable().map(move |endpoint| (endpoint, dialect)))
        .filter(|(endpoint, dialect)| dialect.has(*endpoint))
        .map(|(endpoint, dialect)| table(endpoint, dialect))
        .collect()
}

#[cfg(test)]
mod tests;
