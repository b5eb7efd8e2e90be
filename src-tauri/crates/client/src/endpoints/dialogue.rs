//! Dialogues with tools: which calls of an answer wait for somebody to say what they gave, and what then goes back.

mod back;
mod calls;

pub use back::{WholeItem, chat_answer, item_messages, output_messages, said};
pub use calls::{Call, CallKind, Question, calls, questions, result_problem};

#[cfg(test)]
mod tests;
