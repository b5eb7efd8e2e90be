//! The items of a response, and which of them an event is about.

use juxta_wire::outcome::{Choice, OutputItem};
use serde_json::value::RawValue;

use super::item::{Stage, State};
use crate::endpoints::item::{self, Source};
use crate::observe::Piece;

/// From here on an `output_index` is no place but a number: lists of choices are as long as their greatest index.
const MOST_PLACES: u64 = 1_024;

/// How an event names the item it is about.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    pub index: Option<u64>,
    pub id: Option<&'a str>,
}

#[derive(Debug, Default)]
pub struct Items {
    items: Vec<State>,
}

impl Items {
    /// The item that an event is about. One that nobody has heard of is made up, of the kind that such events are about.
    pub fn about(&mut self, named: Named<'_>, kind: &str, on: &mut impl FnMut(Piece<'_>)) -> &mut State {
        let at = self.find(named).or_else(|| match named {
            Named { index: None, id: None } => self.items.iter().rposition(|item| item.known.kind == kind),
            _ => None,
        });
        let at = at.unwrap_or_else(|| {
            let choice = self.place(named.index);
            let item = State::guessed(kind, named.id, named.index, choice);
            item.tell_item(on);
            self.items.push(item);
            self.items.len() - 1
        });
        &mut self.items[at]
    }

    /// The place comes first, because some servers leave ids out and others change them on the way.
    fn find(&self, named: Named<'_>) -> Option<usize> {
        let has_id = |item: &State| named.id.is_some() && item.known.id.as_deref() == named.id;
        let is_there = |item: &State| named.index.is_some() && item.output_index == named.index;
        let last = |fits: &dyn Fn(&State) -> bool| self.items.iter().rposition(fits);
        last(&|item| is_there(item) && has_id(item)).or_else(|| last(&is_there)).or_else(|| last(&has_id))
    }

    /// A choice for an item: its own place, or the next behind all others.
    fn place(&self, index: Option<u64>) -> u32 {
        let next = self.items.iter().map(|item| item.choice + 1).max().unwrap_or(0);
        let wanted = index.filter(|index| *index < MOST_PLACES).map_or(next, |index| index as u32);
        if self.items.iter().any(|item| item.choice == wanted) { next } else { wanted }
    }

    /// An item that begins.
    pub fn added(&mut self, index: Option<u64>, json: &str, source: Source<'_>, on: &mut impl FnMut(Piece<'_>)) {
        let head = item::head(json);
        let at =
            self.find(Named { index, id: head.id.as_deref() }).filter(|&at| !self.is_other(at, &head, Stage::Begun));
        let at = at.unwrap_or_else(|| self.make(index, &head));
        // What is whole is not begun again.
        if self.items[at].stage != Stage::Whole {
            self.items[at].take(json, Stage::Begun, source, true, on);
        }
    }

    pub fn done(&mut self, index: Option<u64>, json: &str, source: Source<'_>, on: &mut impl FnMut(Piece<'_>)) {
        let head = item::head(json);
        let at =
            self.find(Named { index, id: head.id.as_deref() }).filter(|&at| !self.is_other(at, &head, Stage::Whole));
        let at = at.unwrap_or_else(|| self.make(index, &head));
        self.items[at].take(json, Stage::Whole, source, true, on);
    }

    /// Whether a gateway that numbers all items alike means another one: it has another id, and the known one came as far
    /// as this one already.
    fn is_other(&self, at: usize, head: &OutputItem, stage: Stage) -> bool {
        let known = &self.items[at];
        let has_come = known.stage == Stage::Whole || known.stage == stage;
        has_come && known.known.id.is_some() && head.id.is_some() && known.known.id != head.id
    }

    /// All items of a response that is over; `within` is where their list stands in the data of the event. Those that did
    /// not come by themselves are new.
    pub fn output(&mut self, output: &[&RawValue], event: u32, within: &str, on: &mut impl FnMut(Piece<'_>)) {
        let heads: Vec<OutputItem> = output.iter().map(|json| item::head(json.get())).collect();
        let counterparts = self.counterparts(&heads);
        for (position, (json, head)) in output.iter().zip(&heads).enumerate() {
            let within = format!("{within}/{position}");
            let at = counterparts[position].unwrap_or_else(|| self.make(Some(position as u64), head));
            self.items[at].take(json.get(), Stage::Whole, Source { event, within: &within }, event > 0, on);
        }
    }

    /// The items that the stream has told of already: by id, else by place, because some servers change ids on the way,
    /// else by kind, because others leave items out of their list.
    fn counterparts(&self, heads: &[OutputItem]) -> Vec<Option<usize>> {
        let mut found = vec![None; heads.len()];
        for fits in [has_same_id, has_same_place, has_same_kind] as [Fits; 3] {
            for (position, head) in heads.iter().enumerate() {
                if found[position].is_none() {
                    let is_free = |at: &usize| !found.contains(&Some(*at));
                    let fits = |at: &usize| fits(&self.items[*at], head, position);
                    found[position] = (0..self.items.len()).filter(is_free).find(fits);
                }
            }
        }
        found
    }

    fn make(&mut self, index: Option<u64>, head: &OutputItem) -> usize {
        let choice = self.place(index);
        self.items.push(State::guessed(&head.kind, head.id.as_deref(), index, choice));
        self.items.len() - 1
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn outcome(&self) -> Vec<Choice> {
        let mut choices: Vec<Choice> = self.items.iter().map(State::outcome).collect();
        choices.sort_by_key(|choice| choice.index);
        choices
    }
}

/// Whether a known item is the one at this position of the list.
type Fits = fn(&State, &OutputItem, usize) -> bool;

fn has_same_id(known: &State, head: &OutputItem, _: usize) -> bool {
    head.id.is_some() && known.known.id == head.id
}

fn has_same_place(known: &State, head: &OutputItem, position: usize) -> bool {
    let is_alike = known.known.kind == head.kind || known.stage == Stage::Guessed;
    is_alike && known.output_index == Some(position as u64)
}

fn has_same_kind(known: &State, head: &OutputItem, _: usize) -> bool {
    known.known.kind == head.kind
}
