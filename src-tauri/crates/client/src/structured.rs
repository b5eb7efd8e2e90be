//! Answers that were asked for by a schema: what was sent ([`SentSchema`]), and how a text stands against it while it
//! grows ([`Checker`]).
//!
//! What a schema means is decided by a library that validates whole values. This module decides *when*: a value that is
//! complete is checked as soon as it is certain which parts of the schema hold for it ([`map`]), and everything that
//! text to come could still change waits until its container is complete. So a fault that was told is never taken back,
//! and what is told at the end is what the library finds in the whole.

mod checker;
mod faults;
mod map;
mod rules;
mod sent;
mod words;

pub use checker::Checker;
pub use sent::SentSchema;

#[cfg(test)]
mod tests;
