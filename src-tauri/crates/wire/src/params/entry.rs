//! What the tables are written in: one entry for a parameter, with the dialects that have it.

use super::ParameterKind::{Integer, Number};
use super::{ParameterGroup, ParameterKind, ParameterSpec};
use crate::endpoint::Dialect;

/// Bits of a set of dialects.
pub(super) type Dialects = u8;
pub(super) const IN_SCALE: Dialects = 1;
pub(super) const IN_SCAIGRID: Dialects = 2;
pub(super) const IN_OPENAI: Dialects = 4;
pub(super) const EVERYWHERE: Dialects = IN_SCALE | IN_SCAIGRID | IN_OPENAI;

pub(super) struct Entry {
    dialects: Dialects,
    pub(super) spec: ParameterSpec,
}

pub(super) const fn entry(
    name: &'static str,
    dialects: Dialects,
    group: ParameterGroup,
    kind: ParameterKind,
    doc: &'static str,
) -> Entry {
    Entry {
        dialects,
        // The source is filled in for the dialect asked for.
        spec: ParameterSpec { name, group, kind, doc, source: "", deprecated: None },
    }
}

pub(super) const fn deprecated(mut entry: Entry, instead: &'static str) -> Entry {
    entry.spec.deprecated = Some(instead);
    entry
}

/// The entries that `dialect` has, in their order.
pub(super) fn select(entries: &[Entry], dialect: Dialect, source: &'static str) -> Vec<ParameterSpec> {
    let bit = match dialect {
        Dialect::ScaleV5 => IN_SCALE,
        Dialect::ScaigridV1 => IN_SCAIGRID,
        Dialect::OpenAi => IN_OPENAI,
    };
    let here = entries.iter().filter(|entry| entry.dialects & bit != 0);
    here.map(|entry| ParameterSpec { source, ..entry.spec }).collect()
}

pub(super) const ANY_INTEGER: ParameterKind = Integer { minimum: None, maximum: None };
pub(super) const POSITIVE: ParameterKind = Integer { minimum: Some(1), maximum: None };
pub(super) const PENALTY: ParameterKind = Number { minimum: Some(-2.0), maximum: Some(2.0) };
pub(super) const TEMPERATURE: ParameterKind = Number { minimum: Some(0.0), maximum: Some(2.0) };
pub(super) const SHARE: ParameterKind = Number { minimum: Some(0.0), maximum: Some(1.0) };
