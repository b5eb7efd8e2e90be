//! Checks a text against a schema while it grows.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use juxta_wire::schema::{CutWithin, SchemaCheck, SchemaFault, SchemaState};

use super::faults::{self, Whole, escaped};
use super::map::{Certain, Part};
use super::rules::Rules;
use super::sent::SentSchema;
use super::words;
use crate::json::{self, Container, Growing, Middle, Place, Sink, lossy};

/// Containers deeper than this wait for an outer one: each level that is followed reads its values once more.
const DEEPEST_FOLLOWED: usize = 48;
/// Faults that are kept. A text with more of them has another kind of trouble.
const MOST_KEPT: usize = 5_000;

/// A growing text and what is known of it. The same text gives the same faults, however it was cut.
pub struct Checker {
    name: String,
    is_written: bool,
    reader: Growing,
    reading: Reading,
}

/// What the reader's finds are turned into.
struct Reading {
    text: String,
    rules: Result<Rules, String>,
    frames: Vec<Frame>,
    faults: BTreeSet<SchemaFault>,
    /// The whole value, once it is complete.
    root: Option<Range<Place>>,
    is_root_checked: bool,
    /// Something that is complete is nested deeper than values are read.
    is_too_deep: bool,
}

/// A container that is not complete.
struct Frame {
    container: Container,
    start: Place,
    certain: Certain,
    /// Complete values that were not looked at since text came last.
    waiting: Vec<Waiting>,
    names: HashSet<String>,
    /// The name that was read last, and whether it had been there before.
    name: Option<(String, Range<Place>, bool)>,
    /// Members or elements that are complete.
    elements: usize,
}

struct Waiting {
    step: String,
    span: Range<Place>,
    parts: Vec<Part>,
}

impl Checker {
    pub fn new(sent: &SentSchema) -> Self {
        let rules = Rules::new(&sent.schema);
        Self {
            name: sent.name.clone(),
            is_written: sent.is_written,
            reader: Growing::default(),
            reading: Reading {
                text: String::new(),
                rules,
                frames: Vec::new(),
                faults: BTreeSet::new(),
                root: None,
                is_root_checked: false,
                is_too_deep: false,
            },
        }
    }

    /// The text so far.
    pub fn text(&self) -> &str {
        &self.reading.text
    }

    /// Reads what follows the text so far.
    pub fn feed(&mut self, more: &str) {
        self.reading.text.push_str(more);
        self.reader.feed(more, &mut self.reading);
        self.reading.settle();
    }

    /// How the text stands; `is_over` when no more comes.
    pub fn look(&mut self, is_over: bool) -> SchemaCheck {
        if is_over {
            self.reader.finish(&mut self.reading);
            self.reading.settle();
        }
        let (not_checked, unusable) = match &self.reading.rules {
            Ok(rules) => (rules.not_checked.clone(), None),
            Err(message) => (Vec::new(), Some(message.clone())),
        };
        let state = match (self.reader.fault(), unusable) {
            (Some(fault), _) => self.not_json(fault),
            (None, Some(message)) => SchemaState::Unchecked { message },
            (None, None) if !is_over => SchemaState::Growing,
            (None, None) if !self.reader.is_complete() => self.cut_off(),
            (None, None) if self.reading.is_too_deep => SchemaState::Unchecked {
                message: "The answer is JSON that is nested too deep to be checked.".to_owned(),
            },
            (None, None) if self.reading.faults.is_empty() => SchemaState::Valid,
            (None, None) => SchemaState::Invalid,
        };
        SchemaCheck {
            name: self.name.clone(),
            has_schema: self.is_written,
            state,
            faults: self.reading.faults.iter().take(SchemaCheck::MOST_FAULTS).cloned().collect(),
            fault_count: self.reading.faults.len() as u32,
            not_checked,
        }
    }

    fn cut_off(&self) -> SchemaState {
        let middle = self.reader.middle();
        let within = match (middle, self.reading.frames.last().map(|frame| frame.container)) {
            (Middle::Text, _) => CutWithin::Text,
            (Middle::Number, _) => CutWithin::Number,
            (Middle::Word, _) => CutWithin::Word,
            (Middle::Name, _) => CutWithin::Name,
            (Middle::Between, Some(Container::Object)) => CutWithin::Object,
            (Middle::Between, Some(Container::List)) => CutWithin::List,
            (Middle::Value | Middle::Over | Middle::Between, _) => CutWithin::Nothing,
        };
        let is_in_value = matches!(middle, Middle::Text | Middle::Number | Middle::Word | Middle::Value);
        SchemaState::CutOff {
            pointer: self.reading.pointer(self.reading.frames.len(), is_in_value),
            offset: self.reader.at().unit as u32,
            within,
        }
    }

    fn not_json(&self, fault: Place) -> SchemaState {
        let text = &self.reading.text;
        let unit = |byte: usize| Place::default().behind(&text[..byte]).unit as u32;
        let begins = text.len() - text.trim_start().len();
        let rest = &text[begins..];
        let is_at_start = self.reading.frames.is_empty() && self.reader.token_start().byte == begins;
        let line = |from: usize| from + text[from..].find('\n').unwrap_or(text.len() - from);
        if is_at_start && rest.starts_with('`') {
            let message = "The answer begins with a Markdown fence, not with JSON.".to_owned();
            return SchemaState::NotJson { start: unit(begins), end: unit(line(begins)), message };
        }
        let is_word = rest.starts_with(char::is_alphabetic);
        if is_at_start && is_word {
            let message = "The answer begins with words, not with JSON.".to_owned();
            return SchemaState::NotJson { start: unit(begins), end: unit(line(begins)), message };
        }
        if let Some(root) = &self.reading.root {
            let message = match text[fault.byte..].starts_with('`') {
                true => "A Markdown fence stands behind the JSON.",
                false => "The JSON ends before this, and more text follows.",
            };
            let start = fault.byte.max(root.end.byte);
            return SchemaState::NotJson { start: unit(start), end: unit(line(start)), message: message.to_owned() };
        }
        match json::parse(text) {
            Err(found) if found.span.start <= fault.byte => SchemaState::NotJson {
                start: unit(found.span.start),
                end: unit(found.span.end),
                message: found.message,
            },
            _ => {
                let length = text[fault.byte..].chars().next().map_or(0, char::len_utf8);
                SchemaState::NotJson {
                    start: fault.unit as u32,
                    end: unit(fault.byte + length),
                    message: "This does not fit into JSON here.".to_owned(),
                }
            }
        }
    }
}

impl Sink for Reading {
    fn opened(&mut self, container: Container, at: Place) {
        let certain = if self.frames.len() < DEEPEST_FOLLOWED { self.certain_here() } else { Certain::default() };
        self.frames.push(Frame {
            container,
            start: at,
            certain,
            waiting: Vec::new(),
            names: HashSet::new(),
            name: None,
            elements: 0,
        });
    }

    fn named(&mut self, span: Range<Place>) {
        let name = lossy(&self.text[span.start.byte..span.end.byte]);
        let depth = self.frames.len();
        let Some(frame) = self.frames.last_mut() else { return };
        let is_new = frame.names.insert(name.clone());
        let count = frame.names.len();
        frame.name = Some((name.clone(), span.clone(), !is_new));
        if !is_new {
            let pointer = self.pointer(depth, true);
            let message = words::second_name(&name);
            return self.keep(fault(&span, pointer, String::new(), "duplicate", message));
        }
        let Ok(rules) = &self.rules else { return };
        let mut found = Vec::new();
        for part in frame.certain.forbidding(&name) {
            let schema_pointer = format!("{}/additionalProperties", rules.map.pointer(part));
            found.push((true, schema_pointer, "additionalProperties", words::unknown_name(&name)));
        }
        for part in frame.certain.ending_members_at(count - 1) {
            let schema_pointer = format!("{}/maxProperties", rules.map.pointer(part));
            found.push((false, schema_pointer, "maxProperties", words::too_many("member", count as u64 - 1)));
        }
        for (is_of_member, schema_pointer, keyword, message) in found {
            let pointer = self.pointer(depth, is_of_member);
            self.keep(fault(&span, pointer, schema_pointer, keyword, message));
        }
    }

    fn told(&mut self, span: Range<Place>) {
        self.complete(span);
    }

    fn closed(&mut self, end: Place) {
        if let Some(frame) = self.frames.pop() {
            self.complete(frame.start..end);
        }
    }
}

fn fault(span: &Range<Place>, pointer: String, schema_pointer: String, keyword: &str, message: String) -> SchemaFault {
    SchemaFault {
        start: span.start.unit as u32,
        end: span.end.unit as u32,
        pointer,
        schema_pointer,
        keyword: keyword.to_owned(),
        message,
    }
}

impl Reading {
    /// What certainly holds for the value that begins here.
    fn certain_here(&mut self) -> Certain {
        let parts = self.parts_here();
        match &mut self.rules {
            Ok(rules) => rules.map.certain(&parts),
            Err(_) => Certain::default(),
        }
    }

    /// Parts of the schema that certainly hold for the value that stands here.
    fn parts_here(&self) -> Vec<Part> {
        let Ok(rules) = &self.rules else { return Vec::new() };
        match self.frames.last() {
            None => rules.map.root(),
            Some(frame) if frame.certain.is_empty() => Vec::new(),
            Some(frame) => match (&frame.name, frame.container) {
                // Of two members of one name the first counts.
                (Some((_, _, true)), Container::Object) | (None, Container::Object) => Vec::new(),
                (Some((name, _, false)), Container::Object) => frame.certain.member(name),
                (_, Container::List) => frame.certain.element(frame.elements),
            },
        }
    }

    /// The value that stands here is complete.
    fn complete(&mut self, span: Range<Place>) {
        let parts = self.parts_here();
        let depth = self.frames.len();
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(span);
            return;
        };
        let step = match (&frame.name, frame.container) {
            (Some((name, _, _)), Container::Object) => escaped(name),
            (_, _) => frame.elements.to_string(),
        };
        let index = frame.elements;
        frame.elements += 1;
        if frame.certain.is_empty() {
            return;
        }
        let mut found = Vec::new();
        if let (Container::List, Ok(rules)) = (frame.container, &self.rules) {
            for part in frame.certain.ending_items_at(index) {
                found.push(format!("{}/maxItems", rules.map.pointer(part)));
            }
        }
        if !parts.is_empty() {
            frame.waiting.push(Waiting { step, span: span.clone(), parts });
        }
        for schema_pointer in found {
            let pointer = self.pointer(depth, false);
            let message = words::too_many("element", index as u64);
            self.keep(fault(&span, pointer, schema_pointer, "maxItems", message));
        }
    }

    /// JSON pointer of the container at `depth` levels, or of what it has at hand.
    fn pointer(&self, depth: usize, is_within: bool) -> String {
        let steps = if is_within { depth } else { depth.saturating_sub(1) };
        let mut pointer = String::new();
        for frame in &self.frames[..steps.min(self.frames.len())] {
            pointer.push('/');
            match (&frame.name, frame.container) {
                (Some((name, _, _)), Container::Object) => pointer.push_str(&escaped(name)),
                (_, _) => pointer.push_str(&frame.elements.to_string()),
            }
        }
        pointer
    }

    fn keep(&mut self, fault: SchemaFault) {
        if self.faults.len() < MOST_KEPT {
            self.faults.insert(fault);
        }
    }

    /// Checks what became complete, outermost values only: they include what is within them.
    fn settle(&mut self) {
        for depth in 0..self.frames.len().min(DEEPEST_FOLLOWED) {
            let waiting = std::mem::take(&mut self.frames[depth].waiting);
            if waiting.is_empty() {
                continue;
            }
            let container = self.pointer(depth + 1, false);
            for Waiting { step, span, parts } in waiting {
                self.check(&span, &format!("{container}/{step}"), Some(&parts));
            }
        }
        if let Some(root) = self.root.clone().filter(|_| !self.is_root_checked) {
            self.is_root_checked = true;
            self.check(&root, "", None);
        }
    }

    /// Looks for the faults of a complete value: by parts of the schema, or by the whole of it.
    fn check(&mut self, span: &Range<Place>, pointer: &str, parts: Option<&[Part]>) {
        let room = MOST_KEPT.saturating_sub(self.faults.len());
        let Ok(rules) = &self.rules else { return };
        if room == 0 {
            return;
        }
        let source = &self.text[span.start.byte..span.end.byte];
        let Ok(node) = json::parse(source) else {
            // The reader took it, so depth is all that can be wrong with it.
            self.is_too_deep = true;
            return;
        };
        let value = faults::value_of(&node, source);
        let whole = Whole { source, node: &node, start: span.start, pointer };
        let mut found = Vec::new();
        match parts {
            None => found.extend(faults::find(&whole, &value, rules.whole(), "", room)),
            Some(parts) => {
                for part in parts.iter().map(|part| rules.map.pointer(*part)) {
                    let Some(validator) = rules.validator(part) else { continue };
                    found.extend(faults::find(&whole, &value, validator, part, room));
                }
            }
        }
        for fault in found {
            self.keep(fault);
        }
    }
}
