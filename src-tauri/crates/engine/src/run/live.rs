//! The live state of a cell, and what of it a window has not seen yet.
//!
//! There is no queue between the socket and the window: text lies here once, and a cursor says how much of it was sent.
//! A window that reads slowly makes the next batch longer, and nothing else.

mod stored;

use juxta_client::observe::Piece;
use juxta_wire::live::{Append, CellSnapshot, CellUpdate};
use juxta_wire::outcome::{Choice, OutputItem, ToolCall};
use juxta_wire::run::Cell;

/// A part of the answer that grows at its end, with how far it was sent.
#[derive(Debug, Default)]
struct Growing {
    text: String,
    sent: usize,
}

impl Growing {
    /// What was not sent yet, up to `budget` bytes of JSON, cut between characters.
    fn take(&mut self, budget: &mut usize) -> Option<&str> {
        let rest = &self.text.as_bytes()[self.sent..];
        let mut cost = 0;
        let fits = rest
            .iter()
            .take_while(|byte| {
                cost += escaped_length(**byte);
                cost <= *budget
            })
            .count();
        let mut end = self.sent + fits;
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        if end == self.sent {
            return None;
        }
        *budget -= cost.min(*budget);
        let from = std::mem::replace(&mut self.sent, end);
        Some(&self.text[from..end])
    }
}

/// Bytes that one byte of text takes within a JSON string.
fn escaped_length(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
        0..0x20 => 6,
        _ => 1,
    }
}

#[derive(Debug, Default)]
struct GrowingCall {
    id: Option<String>,
    name: Option<String>,
    kind: Option<String>,
    /// `id`, `name` or `kind` changed since the last batch.
    head_is_new: bool,
    arguments: Growing,
}

#[derive(Debug, Default)]
struct GrowingChoice {
    text: Growing,
    reasoning: Growing,
    refusal: Growing,
    calls: Vec<GrowingCall>,
    item: Option<Box<OutputItem>>,
    item_is_new: bool,
}

/// A fragment of an answer on its way from the socket, owned.
#[derive(Debug, Clone, PartialEq)]
pub enum Fragment {
    Text {
        choice: u32,
        text: String,
    },
    Reasoning {
        choice: u32,
        text: String,
    },
    Refusal {
        choice: u32,
        text: String,
    },
    ToolCall {
        choice: u32,
        call: u32,
        id: Option<String>,
        name: Option<String>,
        kind: Option<String>,
        arguments: String,
    },
    Item {
        choice: u32,
        item: Box<OutputItem>,
    },
}

impl From<Piece<'_>> for Fragment {
    fn from(piece: Piece<'_>) -> Self {
        match piece {
            Piece::Text { choice, text } => Fragment::Text { choice, text: text.to_owned() },
            Piece::Reasoning { choice, text } => Fragment::Reasoning { choice, text: text.to_owned() },
            Piece::Refusal { choice, text } => Fragment::Refusal { choice, text: text.to_owned() },
            Piece::ToolCall { choice, call, id, name, kind, arguments } => Fragment::ToolCall {
                choice,
                call,
                id: id.map(str::to_owned),
                name: name.map(str::to_owned),
                kind: kind.map(str::to_owned),
                arguments: arguments.to_owned(),
            },
            Piece::Item { choice, item } => Fragment::Item { choice, item: Box::new(item.clone()) },
        }
    }
}

/// One cell while it runs.
#[derive(Debug)]
pub struct LiveCell {
    /// Everything but texts and arrivals.
    head: Cell,
    head_is_new: bool,
    restarted: bool,
    choices: Vec<GrowingChoice>,
    arrivals: Vec<f32>,
    arrivals_sent: usize,
    sequence: u64,
}

impl LiveCell {
    pub fn new(head: Cell) -> Self {
        Self {
            head,
            head_is_new: false,
            restarted: false,
            choices: Vec::new(),
            arrivals: Vec::new(),
            arrivals_sent: 0,
            sequence: 0,
        }
    }

    /// Number of the last update.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    pub fn head(&self) -> &Cell {
        &self.head
    }

    /// Changes what is known about the cell; the window hears of it with the next batch.
    pub fn change(&mut self, change: impl FnOnce(&mut Cell)) {
        change(&mut self.head);
        self.head_is_new = true;
    }

    /// Forgets what the last try brought.
    pub fn restart(&mut self) {
        self.choices.clear();
        self.arrivals.clear();
        self.arrivals_sent = 0;
        self.restarted = true;
    }

    pub fn append(&mut self, fragment: Fragment) {
        match fragment {
            Fragment::Text { choice, text } => self.choice(choice).text.text.push_str(&text),
            Fragment::Reasoning { choice, text } => self.choice(choice).reasoning.text.push_str(&text),
            Fragment::Refusal { choice, text } => self.choice(choice).refusal.text.push_str(&text),
            Fragment::ToolCall { choice, call, id, name, kind, arguments } => {
                let call = part(&mut self.choice(choice).calls, call);
                for (slot, value) in [(&mut call.id, id), (&mut call.name, name), (&mut call.kind, kind)] {
                    if value.is_some() {
                        *slot = value;
                        call.head_is_new = true;
                    }
                }
                call.arguments.text.push_str(&arguments);
            }
            Fragment::Item { choice, item } => {
                let choice = self.choice(choice);
                choice.item = Some(item);
                choice.item_is_new = true;
            }
        }
    }

    pub fn arrived(&mut self, milliseconds: &[f32]) {
        self.arrivals.extend_from_slice(milliseconds);
    }

    fn choice(&mut self, index: u32) -> &mut GrowingChoice {
        part(&mut self.choices, index)
    }

    /// The texts, as an outcome holds them. `facts` are the choices as the mapper knows them, without texts.
    pub fn fold(&self, facts: &[Choice]) -> Vec<Choice> {
        let count = facts.len().max(self.choices.len());
        (0..count)
            .map(|index| {
                let known = facts.iter().find(|choice| choice.index as usize == index);
                let mut choice = known.cloned().unwrap_or_else(|| Choice { index: index as u32, ..Choice::default() });
                if let Some(grown) = self.choices.get(index) {
                    choice.text.clone_from(&grown.text.text);
                    choice.reasoning.clone_from(&grown.reasoning.text);
                    choice.refusal.clone_from(&grown.refusal.text);
                    choice.tool_calls = grown.calls.iter().map(GrowingCall::fold).collect();
                    choice.item = grown.item.as_deref().cloned().or(choice.item);
                }
                choice
            })
            .collect()
    }

    /// The output item that a choice is, as far as it came.
    pub fn item(&self, choice: u32) -> Option<&OutputItem> {
        self.choices.get(choice as usize)?.item.as_deref()
    }

    /// The text of a choice, as far as it came.
    pub fn text(&self, choice: u32) -> &str {
        self.choices.get(choice as usize).map_or("", |choice| &choice.text.text)
    }

    /// Arrivals for a strip: at most [`STRIP_MARKS`], spread over the whole time.
    pub fn strip(&self) -> Vec<f64> {
        thin(&self.arrivals)
    }

    /// The whole cell as it is now. What lies before is taken as sent.
    pub fn snapshot(&mut self) -> CellSnapshot {
        let mut cell = self.head.clone();
        cell.outcome.choices = self.fold(&cell.outcome.choices);
        cell.arrivals = self.arrivals.iter().map(|at| f64::from(*at)).collect();
        for choice in &mut self.choices {
            for part in [&mut choice.text, &mut choice.reasoning, &mut choice.refusal] {
                part.sent = part.text.len();
            }
            choice.item_is_new = false;
            for call in &mut choice.calls {
                call.arguments.sent = call.arguments.text.len();
                call.head_is_new = false;
            }
        }
        self.arrivals_sent = self.arrivals.len();
        self.head_is_new = false;
        self.restarted = false;
        CellSnapshot { cell, sequence: self.sequence }
    }

    /// What the window has not seen, up to about `budget` bytes of JSON. `None` when it has seen all.
    pub fn take_update(&mut self, budget: &mut usize) -> Option<CellUpdate> {
        let mut appends = Vec::new();
        if std::mem::take(&mut self.restarted) {
            appends.push(Append::Restart);
        }
        // The end is told last: a window that hears of it has all of the answer.
        let is_over = self.head.state.is_over();
        let early = (!is_over && self.head_is_new).then(|| self.take_head(budget));
        for (index, choice) in self.choices.iter_mut().enumerate() {
            choice.take_appends(index as u32, budget, &mut appends);
        }
        let arrivals = self.take_arrivals(budget);
        let is_alone = appends.is_empty() && arrivals.is_empty();
        let late = (is_over && self.head_is_new && self.texts_are_told())
            .then(|| self.head_without_request())
            .and_then(|head| self.take_if_it_fits(head, budget, is_alone));
        let cell_head = early.or(late);
        if is_alone && cell_head.is_none() {
            return None;
        }
        self.sequence += 1;
        Some(CellUpdate {
            cell: self.head.id.clone(),
            run: self.head.run.clone(),
            sequence: self.sequence,
            appends,
            arrivals,
            cell_head,
        })
    }

    /// Everything went out and nothing more will come.
    pub fn is_told(&self) -> bool {
        self.head.state.is_over() && !self.head_is_new && self.texts_are_told()
    }

    fn texts_are_told(&self) -> bool {
        self.arrivals_sent == self.arrivals.len() && self.choices.iter().all(GrowingChoice::is_told)
    }

    /// A request with pictures is large; a window asks for it when it shows it.
    fn head_without_request(&self) -> Box<Cell> {
        Box::new(Cell { request: None, ..self.head.clone() })
    }

    fn take_head(&mut self, budget: &mut usize) -> Box<Cell> {
        self.head_is_new = false;
        let head = self.head_without_request();
        *budget = budget.saturating_sub(json_length(&head));
        head
    }

    /// A head that is too large for what is left waits for the next batch, where it may be alone.
    fn take_if_it_fits(&mut self, head: Box<Cell>, budget: &mut usize, is_alone: bool) -> Option<Box<Cell>> {
        let length = json_length(&head);
        if length > *budget && !is_alone {
            return None;
        }
        self.head_is_new = false;
        *budget = budget.saturating_sub(length);
        Some(head)
    }

    fn take_arrivals(&mut self, budget: &mut usize) -> Vec<f64> {
        // "12345.67," is nine bytes.
        const BYTES: usize = 10;
        let count = (self.arrivals.len() - self.arrivals_sent).min(*budget / BYTES);
        *budget -= count * BYTES;
        let from = self.arrivals_sent;
        self.arrivals_sent += count;
        self.arrivals[from..from + count].iter().map(|at| (f64::from(*at) * 100.0).round() / 100.0).collect()
    }
}

impl GrowingChoice {
    fn take_appends(&mut self, choice: u32, budget: &mut usize, appends: &mut Vec<Append>) {
        self.take_item(choice, budget, appends);
        if let Some(text) = take(&mut self.reasoning, budget) {
            appends.push(Append::Reasoning { choice, text });
        }
        if let Some(text) = take(&mut self.text, budget) {
            appends.push(Append::Text { choice, text });
        }
        if let Some(text) = take(&mut self.refusal, budget) {
            appends.push(Append::Refusal { choice, text });
        }
        for (index, call) in self.calls.iter_mut().enumerate() {
            let head_is_new = std::mem::take(&mut call.head_is_new);
            let arguments = take(&mut call.arguments, budget);
            if head_is_new || arguments.is_some() {
                let tell = |value: &Option<String>| if head_is_new { value.clone() } else { None };
                appends.push(Append::ToolCall {
                    choice,
                    call: index as u32,
                    id: tell(&call.id),
                    name: tell(&call.name),
                    tool_kind: tell(&call.kind),
                    arguments: arguments.unwrap_or_default(),
                });
            }
        }
    }

    /// An item that is too large for what is left waits for the next batch, where it comes first.
    fn take_item(&mut self, choice: u32, budget: &mut usize, appends: &mut Vec<Append>) {
        let Some(item) = self.item.as_ref().filter(|_| self.item_is_new) else { return };
        let length = serde_json::to_string(item).map_or(0, |json| json.len());
        if length > *budget && !appends.is_empty() {
            return;
        }
        *budget = budget.saturating_sub(length);
        appends.push(Append::Item { choice, item: item.clone() });
        self.item_is_new = false;
    }

    fn is_told(&self) -> bool {
        !self.item_is_new
            && [&self.text, &self.reasoning, &self.refusal].into_iter().all(|part| part.sent == part.text.len())
            && self.calls.iter().all(|call| !call.head_is_new && call.arguments.sent == call.arguments.text.len())
    }
}

impl GrowingCall {
    fn fold(&self) -> ToolCall {
        ToolCall {
            id: self.id.clone(),
            kind: self.kind.clone().unwrap_or_else(|| "function".to_owned()),
            name: self.name.clone().unwrap_or_default(),
            arguments: self.arguments.text.clone(),
        }
    }
}

/// Texts travel as appends, not with the head of a cell.
pub(crate) fn without_texts(choice: Choice) -> Choice {
    Choice {
        text: String::new(),
        reasoning: String::new(),
        refusal: String::new(),
        tool_calls: Vec::new(),
        item: None,
        ..choice
    }
}

/// The most marks a strip is kept with: more than a lane is pixels wide.
const STRIP_MARKS: usize = 4_000;

fn thin(arrivals: &[f32]) -> Vec<f64> {
    let Some(last) = arrivals.last() else { return Vec::new() };
    if arrivals.len() <= STRIP_MARKS {
        return arrivals.iter().map(|at| f64::from(*at)).collect();
    }
    let step = f64::from(*last) / STRIP_MARKS as f64;
    let mut kept: Vec<f64> = Vec::with_capacity(STRIP_MARKS);
    let mut mark = f64::NEG_INFINITY;
    for at in arrivals.iter().map(|at| f64::from(*at)) {
        if at >= mark {
            kept.push(at);
            mark = at + step;
        }
    }
    kept
}

/// The most parts of one kind that an answer may name, so that a wild index costs no memory.
const MAX_PARTS: usize = 1_024;

/// The part at `index`, made if it is not there yet; indices beyond the limit share the last place.
fn part<T: Default>(parts: &mut Vec<T>, index: u32) -> &mut T {
    let index = (index as usize).min(MAX_PARTS - 1);
    if parts.len() <= index {
        parts.resize_with(index + 1, T::default);
    }
    &mut parts[index]
}

/// A cell without texts is small, so writing it once more to know its length costs little.
fn json_length(cell: &Cell) -> usize {
    serde_json::to_string(cell).map_or(0, |json| json.len())
}

/// Takes from `part` what fits, counting the members around it.
fn take(part: &mut Growing, budget: &mut usize) -> Option<String> {
    const FRAME: usize = 48;
    let mut room = budget.saturating_sub(FRAME);
    let text = part.take(&mut room)?.to_owned();
    *budget = room;
    Some(text)
}

#[cfg(test)]
mod tests;
