//! The tool calls of one choice: which call a fragment belongs to.

use std::borrow::Cow;

use juxta_wire::outcome;

use super::chunk::{Function, ToolCall};
use crate::loose::{self, Raw};
use crate::observe::Piece;

/// The calls known so far, in the order in which they began.
#[derive(Debug, Default)]
pub struct Calls {
    calls: Vec<Call>,
}

#[derive(Debug)]
struct Call {
    key: Key,
    id: Option<String>,
    kind: String,
    name: String,
}

/// How fragments name the call they belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Index(u64),
    /// No index was given.
    Unnumbered,
    /// The one call of the deprecated `function_call`.
    FunctionCall,
}

struct Fragment<'a> {
    key: Key,
    id: Option<Cow<'a, str>>,
    kind: Cow<'a, str>,
    name: Option<Cow<'a, str>>,
    arguments: Cow<'a, str>,
}

impl Calls {
    /// One element of `tool_calls`. In a whole message, unlike in a delta, each element is a call of its own: `position`
    /// then stands in for an index.
    pub fn take(&mut self, choice: u32, call: &ToolCall<'_>, position: Option<u64>, on: &mut impl FnMut(Piece<'_>)) {
        let index = loose::count(call.index).or(position);
        let custom = call.custom.0.as_ref();
        let function = call.function.0.as_ref().or(custom);
        let inferred = if custom.is_some() { "custom" } else { "function" };
        let fragment = Fragment {
            key: index.map_or(Key::Unnumbered, Key::Index),
            id: loose::some_text(call.id),
            kind: loose::some_text(call.kind).unwrap_or(Cow::Borrowed(inferred)),
            name: function.and_then(|function| loose::some_text(function.name)),
            arguments: function.map_or(Cow::Borrowed(""), arguments),
        };
        self.take_fragment(choice, &fragment, on);
    }

    /// The deprecated form, which knows one call and no ids.
    pub fn take_function_call(&mut self, choice: u32, function: &Function<'_>, on: &mut impl FnMut(Piece<'_>)) {
        let fragment = Fragment {
            key: Key::FunctionCall,
            id: None,
            kind: Cow::Borrowed("function_call"),
            name: loose::some_text(function.name),
            arguments: arguments(function),
        };
        self.take_fragment(choice, &fragment, on);
    }

    fn take_fragment(&mut self, choice: u32, fragment: &Fragment<'_>, on: &mut impl FnMut(Piece<'_>)) {
        let known = self.find(fragment);
        let at = known.unwrap_or(self.calls.len());
        if known.is_none() {
            let kind = fragment.kind.clone().into_owned();
            self.calls.push(Call { key: fragment.key, id: None, kind, name: String::new() });
        }
        let call = &mut self.calls[at];
        // Some servers repeat id and name in every fragment: each is told once.
        let id = fragment.id.as_deref().filter(|_| call.id.is_none());
        let name = fragment.name.as_deref().filter(|_| call.name.is_empty());
        if let Some(id) = id {
            call.id = Some(id.to_owned());
        }
        if let Some(name) = name {
            name.clone_into(&mut call.name);
        }
        if known.is_none() || id.is_some() || name.is_some() || !fragment.arguments.is_empty() {
            on(Piece::ToolCall {
                choice,
                call: u32::try_from(at).unwrap_or(u32::MAX),
                id,
                name,
                kind: known.is_none().then_some(call.kind.as_str()),
                arguments: &fragment.arguments,
            });
        }
    }

    /// The call that a fragment continues.
    fn find(&self, fragment: &Fragment<'_>) -> Option<usize> {
        let last_where = |fits: &dyn Fn(&Call) -> bool| self.calls.iter().rposition(fits);
        match fragment.key {
            Key::FunctionCall => last_where(&|call| call.key == Key::FunctionCall),
            // A gateway that numbers every call 0 begins a new one with another id and a name.
            Key::Index(_) => last_where(&|call| call.key == fragment.key)
                .filter(|&at| fragment.name.is_none() || !self.calls[at].has_other_id(fragment)),
            Key::Unnumbered => match &fragment.id {
                Some(id) => last_where(&|call| call.id.as_deref() == Some(id)),
                None => last_where(&|call| call.key != Key::FunctionCall)
                    .filter(|&at| !self.calls[at].has_other_name(fragment)),
            },
        }
    }

    pub fn outcome(&self) -> Vec<outcome::ToolCall> {
        let outcome = |call: &Call| outcome::ToolCall {
            id: call.id.clone(),
            kind: call.kind.clone(),
            name: call.name.clone(),
            arguments: String::new(),
        };
        self.calls.iter().map(outcome).collect()
    }
}

impl Call {
    fn has_other_id(&self, fragment: &Fragment<'_>) -> bool {
        matches!((&self.id, &fragment.id), (Some(known), Some(id)) if known != id)
    }

    fn has_other_name(&self, fragment: &Fragment<'_>) -> bool {
        !self.name.is_empty() && fragment.name.as_ref().is_some_and(|name| *name != self.name)
    }
}

/// A string as it is; an object, which some servers send, as its JSON text.
fn arguments<'a>(function: &Function<'a>) -> Cow<'a, str> {
    let spelled = |raw: Raw<'a>| loose::text(raw).or_else(|| raw.map(|raw| Cow::Borrowed(raw.get())));
    spelled(function.arguments).or_else(|| spelled(function.input)).unwrap_or_default()
}
