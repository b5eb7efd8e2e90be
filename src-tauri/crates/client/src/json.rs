//! JSON as text: where everything stands, what is wrong and at which byte, and the same text laid out differently.
//!
//! Values are never turned into numbers or maps and back, so `1.0`, `1e-3`, twenty digits and the order of keys survive.

mod growing;
mod layout;
mod place;
mod tree;
mod words;

pub use growing::{Container, Growing, Middle, Place, Sink};
pub use layout::{compact, indented};
pub use place::{find, with_value};
pub(crate) use tree::lossy;
pub use tree::{Fault, Kind, Member, Node, parse};
