//! From the steps that are stored to the messages of the next one. The same steps give the same messages at any time.

use juxta_client::endpoints::dialogue::{
    Call, WholeItem, calls, chat_answer, item_messages, output_messages, questions,
};
use juxta_wire::draft::{Message, ReasoningBack};
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::error::AppError;
use juxta_wire::outcome::{Choice, OutputItem};
use juxta_wire::run::Cell;
use juxta_wire::tools::{ToolReplies, ToolReply, ToolResultState};

use crate::resolve::Continuation;
use crate::run::invalid;

/// An answer, and what its calls got before the next step was sent.
pub(crate) struct Step<'a> {
    pub cell: &'a Cell,
    pub replies: ToolReplies,
}

/// The dialogue as it stands: of the cells of one lane and repeat, in the order in which they were made, a later one of
/// the same step took the place of that and of all behind it.
pub(crate) fn current(cells: &[Cell]) -> Vec<&Cell> {
    current_of(cells)
}

/// The same of cells that lie apart.
pub(crate) fn current_of<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Vec<&'a Cell> {
    let mut steps: Vec<&Cell> = Vec::new();
    for cell in cells {
        steps.retain(|before| before.step < cell.step);
        steps.push(cell);
    }
    steps
}

/// The steps before `cell`, each with what its calls had got when the next of them was sent.
pub(crate) fn before<'a>(cells: &'a [Cell], cell: &'a Cell) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    let mut child = cell;
    while let Some(at) = cells.iter().position(|known| known.id == child.id)
        && let Some(parent) = cells[..at].iter().rev().find(|known| known.step + 1 == child.step)
    {
        let replies = child.replaced.as_deref().cloned().unwrap_or_else(|| replies_of(parent));
        steps.push(Step { cell: parent, replies });
        child = parent;
    }
    steps.reverse();
    steps
}

/// What the calls of a cell got.
pub(crate) fn replies_of(cell: &Cell) -> ToolReplies {
    ToolReplies { choice: cell.choice, results: cell.results.clone(), arguments: cell.arguments.clone() }
}

/// Where facts come from that a cell only names.
pub(crate) trait Recorded {
    /// The items of an answer with none of their strings cut.
    fn whole_items(&self, cell: &Cell) -> Result<Vec<WholeItem>, AppError>;
    /// The member in which the server told what the model thought.
    fn reasoning_member(&self, cell: &Cell) -> Result<String, AppError>;
}

/// What goes to the server behind the messages of the lane.
pub(crate) fn continuation(
    steps: &[Step<'_>],
    reasoning: ReasoningBack,
    recorded: &impl Recorded,
) -> Result<Continuation, AppError> {
    let Some(last) = steps.last() else { return Ok(Continuation::default()) };
    if last.cell.endpoint != EndpointKind::Responses {
        return Ok(Continuation { messages: said(steps, reasoning, recorded)?, ..Continuation::default() });
    }
    if has_conversation(last.cell) {
        return in_conversation(steps);
    }
    // Behind a response that the server keeps, only what it has not heard is said.
    let kept = steps.iter().rposition(|step| reasoning != ReasoningBack::Never && is_kept(step));
    let Some(kept) = kept else {
        return Ok(Continuation { messages: said(steps, reasoning, recorded)?, ..Continuation::default() });
    };
    let mut messages = results(&steps[kept]);
    messages.extend(said(&steps[kept + 1..], reasoning, recorded)?);
    Ok(Continuation { messages, alone: true, previous: steps[kept].cell.outcome.response_id.clone() })
}

/// Answers and results one after the other.
pub(crate) fn said(
    steps: &[Step<'_>],
    reasoning: ReasoningBack,
    recorded: &impl Recorded,
) -> Result<Vec<Message>, AppError> {
    let mut messages = Vec::new();
    for step in steps {
        messages.extend(answer(step, reasoning, recorded)?);
        messages.extend(results(step));
    }
    Ok(messages)
}

fn answer(step: &Step<'_>, reasoning: ReasoningBack, recorded: &impl Recorded) -> Result<Vec<Message>, AppError> {
    let Step { cell, replies } = step;
    if has_items(cell) {
        let mut items = recorded.whole_items(cell)?;
        items.retain(|item| !(reasoning == ReasoningBack::Never && item.kind == "reasoning"));
        return Ok(item_messages(&items, &replies.arguments));
    }
    let Some(choice) = cell.outcome.choices.iter().find(|choice| choice.index == replies.choice) else {
        return Ok(Vec::new());
    };
    let member = match reasoning {
        ReasoningBack::Always if !choice.reasoning.is_empty() => Some(recorded.reasoning_member(cell)?),
        ReasoningBack::Always | ReasoningBack::Usual | ReasoningBack::Never => None,
    };
    Ok(vec![chat_answer(choice, &replies.arguments, member.as_deref())])
}

/// One for each id. What was not given is left out: a step that is stored has all of them.
fn results(step: &Step<'_>) -> Vec<Message> {
    let calls = calls(&step.cell.outcome, step.replies.choice);
    let asked = questions(&calls);
    let given = asked.iter().filter_map(|question| {
        let result = step.replies.results.iter().find(|result| result.id == question.id)?;
        match &result.state {
            ToolResultState::Given { reply } => Some((question, reply)),
            ToolResultState::Asking | ToolResultState::Failed { .. } => None,
        }
    });
    output_messages(given, step.cell.endpoint != EndpointKind::Responses)
}

/// The server has the response, with the arguments that the results are for.
fn is_kept(step: &Step<'_>) -> bool {
    let Step { cell, replies } = step;
    let has_ended = matches!(cell.outcome.status.as_deref(), Some("completed" | "incomplete"));
    has_ended
        && cell.outcome.response_id.is_some()
        && sent(cell, "store").is_none_or(|json| json.trim() != "false")
        && changed(&calls(&cell.outcome, replies.choice), replies).is_empty()
}

/// The calls whose arguments the person changed.
pub(crate) fn changed<'a>(calls: &'a [Call], replies: &ToolReplies) -> Vec<&'a Call> {
    let is_changed = |call: &&Call| {
        let own = replies.arguments.iter().rev().find(|one| one.choice == call.choice && one.call == call.call);
        own.is_some_and(|own| own.text != call.given)
    };
    calls.iter().filter(is_changed).collect()
}

fn has_conversation(cell: &Cell) -> bool {
    sent(cell, "conversation").is_some_and(|json| json.trim() != "null")
}

/// A conversation has the answers already, as the model gave them.
fn in_conversation(steps: &[Step<'_>]) -> Result<Continuation, AppError> {
    let Some(step) = steps.last() else { return Ok(Continuation::default()) };
    if !changed(&calls(&step.cell.outcome, step.replies.choice), &step.replies).is_empty() {
        return Err(invalid(
            "arguments",
            "The conversation keeps the arguments as the model gave them: take the change back",
        ));
    }
    Ok(Continuation { messages: results(step), alone: true, previous: None })
}

fn sent<'a>(cell: &'a Cell, name: &str) -> Option<&'a str> {
    let keys = &cell.request.as_ref()?.keys;
    keys.iter().rev().find(|key| key.name == name).map(|key| key.json.as_str())
}

pub(crate) fn has_items(cell: &Cell) -> bool {
    cell.outcome.choices.iter().any(|choice| choice.item.is_some())
}

/// Items that stand for something that is no item of a response.
const NO_ITEMS: [&str; 2] = [OutputItem::VALUE, "audio"];

/// The items of an answer, as far as they came along.
pub(crate) fn items(cell: &Cell) -> impl Iterator<Item = (&Choice, &OutputItem)> {
    let items = cell.outcome.choices.iter().filter_map(|choice| Some((choice, choice.item.as_ref()?)));
    items.filter(|(_, item)| !NO_ITEMS.contains(&item.kind.as_str()))
}

/// Refuses replies that do not answer each call exactly once.
pub(crate) fn check(cell: &Cell, replies: &ToolReplies) -> Result<(), AppError> {
    let refuse = |message: String| Err(invalid("results", &message));
    let calls = calls(&cell.outcome, replies.choice);
    if calls.is_empty() {
        return refuse("This answer calls no tool, so there is nothing to answer".to_owned());
    }
    if let Some(call) = calls.iter().find(|call| call.id.is_none()) {
        let name = if call.name.is_empty() { "a tool" } else { &call.name };
        return refuse(format!("The call of {name} came without an id, so nothing can answer it"));
    }
    let asked = questions(&calls);
    for (at, result) in replies.results.iter().enumerate() {
        let id = &result.id;
        let Some(question) = asked.iter().find(|question| question.id == *id) else {
            return refuse(format!("No call of this answer has the id {id}"));
        };
        if replies.results[..at].iter().any(|before| before.id == *id) {
            return refuse(format!("The call {id} is answered twice"));
        }
        match &result.state {
            ToolResultState::Given { reply } => {
                if let Some(message) = problem(cell, question, reply) {
                    return refuse(message);
                }
            }
            ToolResultState::Asking | ToolResultState::Failed { .. } => {
                return refuse(format!("The call {id} has no result yet: write one, or ask again"));
            }
        }
    }
    let open = asked.iter().find(|question| replies.results.iter().all(|result| result.id != question.id));
    if let Some(question) = open {
        return refuse(format!("The call {} of {} has no result", question.id, question.name));
    }
    for own in &replies.arguments {
        let call = calls.iter().find(|call| call.choice == own.choice && call.call == own.call);
        if call.is_none() {
            return Err(invalid("arguments", "These arguments belong to no call of this answer"));
        }
    }
    Ok(())
}

fn problem(cell: &Cell, question: &juxta_client::endpoints::dialogue::Question, reply: &ToolReply) -> Option<String> {
    if matches!(reply, ToolReply::Item { .. }) && cell.endpoint != EndpointKind::Responses {
        return Some(format!("A chat takes the result of {} as a text", question.id));
    }
    juxta_client::endpoints::dialogue::result_problem(question, reply)
}
