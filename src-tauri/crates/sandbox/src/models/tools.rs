//! Models that call tools.

use crate::answer::{Call, Reply, pieces_of};
use crate::content;
use crate::request::{Order, Said, Tool, ToolChoice, ToolInput};
use crate::sample;

/// Whether any model has to call, whatever it would rather say.
pub(super) fn must_be_called(order: &Order) -> bool {
    matches!(order.tool_choice, ToolChoice::Required | ToolChoice::Named(_))
}

/// Calls what it is offered, and tells what came back.
pub(super) fn answer(order: &Order, seed: u64) -> Reply {
    let mut results: Vec<_> = order.messages.iter().rev().take_while(|said| said.role == "tool").collect();
    if !results.is_empty() && !must_be_called(order) {
        results.reverse();
        return tell(&results);
    }
    call_tools(order, seed, order.parallel_tool_calls)
}

/// Three results are enough, whether they came side by side or one after the other.
pub(super) fn answer_in_steps(order: &Order, seed: u64) -> Reply {
    let asked = order.messages.iter().rposition(|said| said.role == "user").unwrap_or(0);
    let results: Vec<_> = order.messages[asked..].iter().filter(|said| said.role == "tool").collect();
    match results.len() {
        0 => call_tools(order, seed, order.parallel_tool_calls),
        1 | 2 => call_tools(order, seed, false),
        _ if must_be_called(order) => call_tools(order, seed, false),
        _ => tell(&results),
    }
}

fn tell(results: &[&Said]) -> Reply {
    let mut text = String::from("The tools answered:\n\n");
    for said in results {
        text.push_str(&format!("- {}\n", said.text.trim()));
    }
    text.push_str("\nThat is all that was needed.");
    Reply::text(&text)
}

/// Calls the first tool that may be called, and with `two` another one beside it.
fn call_tools(order: &Order, seed: u64, two: bool) -> Reply {
    let offered: Vec<&Tool> = match &order.tool_choice {
        ToolChoice::None => vec![],
        ToolChoice::Auto | ToolChoice::Required => order.tools.iter().collect(),
        ToolChoice::Named(name) => order.tools.iter().filter(|tool| tool.name == *name).collect(),
    };
    let Some(first) = offered.first() else {
        return Reply::text(
            "No tool was offered that I may call. Add one under `tools`, leave `tool_choice` at `auto`, and I will call it.",
        );
    };
    let mut chosen = vec![*first];
    if two && !matches!(order.tool_choice, ToolChoice::Named(_)) {
        chosen.push(offered.get(1).copied().unwrap_or(first));
    }
    // A dialogue of several steps must not use an id twice.
    let answered = order.messages.iter().filter(|said| said.role == "tool").count() as u64;
    let first_seed = seed.wrapping_mul(2).wrapping_add(answered << 8);
    let calls = (0..).zip(chosen).map(|(index, tool)| call(tool, first_seed.wrapping_add(index))).collect();
    Reply { calls, ..Reply::default() }
}

fn call(tool: &Tool, seed: u64) -> Call {
    let (custom, input) = match &tool.input {
        ToolInput::Arguments(schema) => (false, sample::value(schema, seed).to_string()),
        ToolInput::Text => (true, content::short(seed).to_owned()),
    };
    let id = format!("call_{:08x}", seed.wrapping_add(1));
    Call { id, name: tool.name.clone(), custom, input: pieces_of(&input) }
}
