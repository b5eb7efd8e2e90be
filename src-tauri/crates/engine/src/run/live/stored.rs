//! A cell that is over, as the window has it.

use juxta_wire::outcome::{Choice, ToolCall};
use juxta_wire::run::Cell;

use super::{Growing, GrowingCall, GrowingChoice, LiveCell, part, without_texts};

impl LiveCell {
    /// A cell that is over and was told, of which something else is to be said. `sequence` is that of its last update.
    pub fn stored(cell: &Cell, sequence: u64) -> Self {
        let mut choices: Vec<GrowingChoice> = Vec::new();
        for choice in &cell.outcome.choices {
            *part(&mut choices, choice.index) = GrowingChoice::told(choice);
        }
        let arrivals: Vec<f32> = cell.arrivals.iter().map(|at| *at as f32).collect();
        let mut head = Cell { arrivals: Vec::new(), ..cell.clone() };
        head.outcome.choices = std::mem::take(&mut head.outcome.choices).into_iter().map(without_texts).collect();
        Self { head, head_is_new: true, restarted: false, choices, arrivals_sent: arrivals.len(), arrivals, sequence }
    }
}

impl GrowingChoice {
    /// The window has all of it.
    fn told(choice: &Choice) -> Self {
        let told = |text: &str| Growing { text: text.to_owned(), sent: text.len() };
        let call = |call: &ToolCall| GrowingCall {
            id: call.id.clone(),
            name: Some(call.name.clone()),
            kind: Some(call.kind.clone()),
            head_is_new: false,
            arguments: told(&call.arguments),
        };
        Self {
            text: told(&choice.text),
            reasoning: told(&choice.reasoning),
            refusal: told(&choice.refusal),
            calls: choice.tool_calls.iter().map(call).collect(),
            item: choice.item.clone().map(Box::new),
            item_is_new: false,
        }
    }
}
