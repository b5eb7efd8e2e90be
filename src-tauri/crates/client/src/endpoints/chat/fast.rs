//! Deltas recognised by comparison with one before, at a fraction of the cost of reading JSON.
//!
//! The chunks of a stream differ in little but their text. When a chunk has been read in full and turned out to be
//! nothing but one text, its bytes before and after that text are kept as a [`Template`]. A later event is recognised
//! when it has the same bytes before, then a JSON string's inside, then the same bytes after.
//!
//! **Why this is safe.** JSON is read from left to right. After the same bytes before, a reader is in the same place:
//! inside the string that is the text (that is where the full reader found the text, its position is the borrowed
//! slice's own). What follows up to the first unescaped quote is the inside of that string, whatever it is, provided it
//! is a valid one: without quote, backslash and control bytes it is; with a backslash the JSON reader decides. Then
//! come the same bytes after, and they are read as they were before. So full reading would find the same members with
//! the same values, and only the text would be new. Only chunks whose effect is *emit this text, count one* (and set
//! the usage they carry) are learned; ids and models are taken once, so meeting them again changes nothing.
//!
//! OpenAI pads its chunks with a second string of changing length, `obfuscation`, which has no effect. A template may
//! have that as a second gap, after the text; the same reasoning holds for it.

use std::borrow::Cow;
use std::ops::Range;

use juxta_wire::usage::Usage;
use serde_json::value::RawValue;

use super::chunk::Chunk;
use super::mapper::choice_index;
use super::usage;
use crate::loose::Raw;

/// As many as there are interleaved choices or kinds of text, within reason.
const MOST_TEMPLATES: usize = 4;

#[derive(Debug, Default)]
pub struct Templates {
    known: Vec<Template>,
    /// The one that fitted last is tried first.
    latest: usize,
    /// The one to be replaced next.
    oldest: usize,
    #[cfg(test)]
    pub hits: u64,
}

#[derive(Debug)]
pub struct Template {
    /// Up to and with the quote that opens the text.
    before: Vec<u8>,
    /// From the quote that closes the text: to the end, or up to and with the quote that opens the padding.
    after: Vec<u8>,
    /// From the quote that closes the padding to the end, if there is padding.
    after_padding: Option<Vec<u8>>,
    /// Which of the mapper's choices.
    pub place: usize,
    pub is_reasoning: bool,
    pub usage: Option<Usage>,
}

/// A chunk that is nothing but a text.
#[derive(Debug)]
pub struct Learned {
    /// The inside of the text's string in the event's data.
    text: Range<usize>,
    padding: Option<Range<usize>>,
    pub choice: u32,
    pub is_reasoning: bool,
    pub usage: Option<Usage>,
}

pub struct Hit<'t, 'd> {
    pub template: &'t Template,
    pub text: Cow<'d, str>,
}

impl Learned {
    /// `None` when the chunk does anything beside giving one text.
    pub fn from(data: &str, chunk: &Chunk<'_>) -> Option<Self> {
        let [choice] = chunk.choices.0.as_deref()? else { return None };
        let delta = choice.delta.0.as_ref()?;
        let does_more = choice.message.0.is_some()
            || says_something(choice.finish_reason)
            || says_something(delta.refusal)
            || says_something(delta.annotations)
            || says_something(delta.thinking_blocks)
            || says_something(delta.reasoning_details)
            || !delta.tool_calls.is_empty()
            || delta.function_call.0.is_some()
            || delta.audio.0.is_some();
        if does_more {
            return None;
        }
        let mut texts = [delta.content, delta.reasoning_content, delta.reasoning, delta.thinking]
            .into_iter()
            .enumerate()
            .filter(|(_, text)| says_something(*text));
        let (Some((at, Some(only))), None) = (texts.next(), texts.next()) else { return None };
        let text = inside(data, only)?;
        Some(Self {
            padding: chunk.obfuscation.and_then(|padding| inside(data, padding)).filter(|gap| gap.start > text.end),
            choice: choice_index(choice, 0),
            is_reasoning: at > 0,
            usage: usage::read(chunk.usage),
            text,
        })
    }
}

/// Empty strings and lists do nothing, and go on doing nothing: their bytes are part of the template.
fn says_something(raw: Raw<'_>) -> bool {
    raw.is_some_and(|raw| !matches!(raw.get(), "\"\"" | "[]"))
}

/// Where the inside of a non-empty string stands in the data that it was read from.
fn inside(data: &str, string: &RawValue) -> Option<Range<usize>> {
    let string = string.get();
    let start = (string.as_ptr() as usize).checked_sub(data.as_ptr() as usize)?;
    let end = start.checked_add(string.len())?;
    // The slice was borrowed from `data`, so this holds; it is looked at all the same.
    let is_there = data.get(start..end).is_some_and(|there| std::ptr::eq(there, string));
    (is_there && string.len() > 2 && string.starts_with('"')).then(|| start + 1..end - 1)
}

impl Templates {
    /// The text of an event that fits a template; never an empty one.
    pub fn recognise<'d>(&mut self, data: &'d str) -> Option<Hit<'_, 'd>> {
        let count = self.known.len();
        for step in 0..count {
            let at = (self.latest + step) % count;
            if let Some(text) = self.known[at].fits(data) {
                self.latest = at;
                #[cfg(test)]
                {
                    self.hits += 1;
                }
                return Some(Hit { template: &self.known[at], text });
            }
        }
        None
    }

    pub fn learn(&mut self, data: &str, learned: Learned, place: usize) {
        if self.known.len() < MOST_TEMPLATES {
            self.oldest = self.known.len();
            self.known.push(Template {
                before: Vec::new(),
                after: Vec::new(),
                after_padding: None,
                place,
                is_reasoning: false,
                usage: None,
            });
        } else {
            self.oldest = (self.oldest + 1) % MOST_TEMPLATES;
        }
        self.latest = self.oldest;
        let template = &mut self.known[self.oldest];
        let bytes = data.as_bytes();
        let after_end = learned.padding.as_ref().map_or(bytes.len(), |padding| padding.start);
        replace(&mut template.before, &bytes[..learned.text.start]);
        replace(&mut template.after, &bytes[learned.text.end..after_end]);
        template.after_padding = learned.padding.as_ref().map(|padding| bytes[padding.end..].to_vec());
        template.place = place;
        template.is_reasoning = learned.is_reasoning;
        template.usage = learned.usage;
    }
}

fn replace(kept: &mut Vec<u8>, bytes: &[u8]) {
    kept.clear();
    kept.extend_from_slice(bytes);
}

impl Template {
    fn fits<'d>(&self, data: &'d str) -> Option<Cow<'d, str>> {
        let rest = data.as_bytes().strip_prefix(self.before.as_slice())?;
        let start = self.before.len();
        let (length, is_plain) = string_length(rest)?;
        if length == 0 {
            return None;
        }
        let rest = rest[length..].strip_prefix(self.after.as_slice())?;
        match &self.after_padding {
            None if !rest.is_empty() => return None,
            None => {}
            Some(after_padding) => {
                let (padding, true) = string_length(rest)? else { return None };
                if rest[padding..] != **after_padding {
                    return None;
                }
            }
        }
        if is_plain {
            return Some(Cow::Borrowed(&data[start..start + length]));
        }
        // With its quotes it must be one JSON string. Half a surrogate pair is left to full reading.
        serde_json::from_str(&data[start - 1..=start + length])
            .ok()
            .map(Cow::Owned)
            .filter(|text: &Cow<'_, str>| !text.is_empty())
    }
}

/// Bytes up to the quote that ends a string, and whether they are free of escapes. `None` when a control byte, which no
/// JSON string may hold, or the end comes first.
fn string_length(bytes: &[u8]) -> Option<(usize, bool)> {
    let mut is_plain = true;
    let mut at = 0;
    loop {
        match *bytes.get(at)? {
            b'"' => return Some((at, is_plain)),
            b'\\' => {
                is_plain = false;
                at += 2;
            }
            0..0x20 => return None,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests;
