//! Responses: items in, items out.

mod encode;

pub(super) use encode::write_input;
