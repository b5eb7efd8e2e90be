//! Responses: items in, items out.

mod encode;
mod event;
mod item;
mod items;
mod mapper;

pub(super) use encode::write_input;
pub(super) use event::{Event, Says};
pub use mapper::Mapper;
