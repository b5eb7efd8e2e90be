//! Answers that are made of items: what happens to each item from its beginning to its end, and how the whole ends.
//! [`crate::frames::responses`] spells it.

pub(crate) mod items;
pub(crate) mod memory;
pub(crate) mod script;
mod spoken;

use serde_json::{Value, json};

use crate::answer::Usage;
use crate::request::{Chain, Order};

pub(crate) use script::{Beat, Logprobs, Script};
pub(crate) use spoken::spoken;

/// All that happens in one response.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Performance {
    pub(crate) scripts: Vec<Script>,
    pub(crate) ending: Ending,
    pub(crate) usage: Usage,
}

/// The status of a response that is over, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Completed,
    /// The reason in `incomplete_details`.
    Incomplete(&'static str),
    Failed,
    Cancelled,
}

impl Ending {
    pub(crate) fn status(self) -> &'static str {
        match self {
            Ending::Completed => "completed",
            Ending::Incomplete(_) => "incomplete",
            Ending::Failed => "failed",
            Ending::Cancelled => "cancelled",
        }
    }

    /// Nothing is documented for a response that was cancelled; it did not complete, so it ends as an incomplete one,
    /// and its status says the rest.
    pub(crate) fn event(self) -> &'static str {
        match self {
            Ending::Completed => "response.completed",
            Ending::Incomplete(_) | Ending::Cancelled => "response.incomplete",
            Ending::Failed => "response.failed",
        }
    }

    pub(crate) fn error(self) -> Value {
        match self {
            Ending::Failed => {
                json!({ "code": "server_error", "message": "The backend gave up in the middle of the answer." })
            }
            Ending::Completed | Ending::Incomplete(_) | Ending::Cancelled => Value::Null,
        }
    }

    pub(crate) fn incomplete_details(self) -> Value {
        match self {
            Ending::Incomplete(reason) => json!({ "reason": reason }),
            Ending::Completed | Ending::Failed | Ending::Cancelled => Value::Null,
        }
    }
}

/// What items are made with: the request, and ids that no other response has.
pub(crate) struct Stage<'order> {
    pub(crate) order: &'order Order,
    pub(crate) chain: &'order Chain,
    base: &'order str,
    made: usize,
}

impl<'order> Stage<'order> {
    /// `base` is the part of the response's id that is its own.
    pub(crate) fn new(order: &'order Order, chain: &'order Chain, base: &'order str) -> Self {
        Self { order, chain, base, made: 0 }
    }

    /// `msg_…`, a new one each time.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("{prefix}_{}{:02x}", self.base, self.made)
    }
}

impl Performance {
    /// What a model that shows items does. A limit ends it between two items.
    pub(crate) fn of_items(order: &Order, scripts: Vec<Script>, ending: Ending) -> Self {
        let mut usage = Usage { prompt: order.prompt_tokens, ..Usage::default() };
        let mut performed = Vec::with_capacity(scripts.len());
        for script in scripts {
            if order.maximum_tokens.is_some_and(|maximum| usage.completion >= maximum) {
                return Self { scripts: performed, ending: Ending::Incomplete("max_output_tokens"), usage };
            }
            let tokens = script.tokens();
            usage.completion += tokens;
            if script.is("reasoning") {
                usage.reasoning += tokens;
            }
            performed.push(script);
        }
        Self { scripts: performed, ending, usage }
    }

    pub(crate) fn output(&self) -> Vec<Value> {
        self.scripts.iter().map(|script| script.closing.clone()).collect()
    }

    /// The text of all messages, for those that continue from here.
    pub(crate) fn text(&self) -> String {
        let messages = self.scripts.iter().filter(|script| script.is("message"));
        let parts = messages.flat_map(|script| script.closing["content"].as_array().into_iter().flatten());
        parts.filter_map(|part| part["text"].as_str()).collect()
    }
}
