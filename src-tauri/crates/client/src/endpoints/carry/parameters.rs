//! The parameters of a draft, in the words of another endpoint.

use std::collections::HashMap;

use juxta_wire::draft::Parameter;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::exchange::{KeyOrigin, SentKey};
use juxta_wire::params;

use super::json_text::object;
use super::rules::{Fate, How, Source, find_rule};
use super::{Notes, Route};
use crate::endpoints::writer::check_json;

/// Parameters as an endpoint takes them.
#[derive(Debug, Default)]
pub struct Carrying {
    pub keys: Vec<SentKey>,
    /// What the model is told before the messages, where the endpoint has no member for that.
    pub lead: Option<String>,
    /// Names of the draft that stand for another name here, for the order.
    pub renamed: HashMap<String, String>,
}

/// `keys` are the draft's with the lane's overrides; what the lane says itself goes as it stands, and `unset` names what
/// it does not want. A key that no document of the base names goes as it stands too.
///
/// # Errors
/// [`AppError::Invalid`] for a parameter whose text is no JSON.
pub fn parameters(route: Route, keys: &[SentKey], unset: &[&str], notes: &mut Notes) -> Result<Carrying, AppError> {
    let table = params::table(route.endpoint, route.dialect);
    let words = words_of(route.base);
    let is_known = |name: &str| is_documented(route.base, name) || is_documented(words, name);
    let is_fixed = |key: &SentKey| key.origin != KeyOrigin::Draft || !is_known(&key.name);
    let mut carry = Carry {
        fixed: keys.iter().filter(|key| is_fixed(key)).map(|key| key.name.clone()).collect(),
        unset,
        slots: Vec::new(),
        carrying: Carrying::default(),
        notes,
    };
    for key in keys {
        if is_fixed(key) {
            carry.slots.push(Slot { name: key.name.clone(), value: Value::Whole(key.clone()) });
            continue;
        }
        check_json(&key.name, &key.json)?;
        let source = Source { json: &key.json, keys, table: &table };
        match find_rule(words, route.endpoint, &key.name).map(|rule| &rule.how) {
            None if source.has(&key.name) => carry.as_it_is(key),
            Some(_) if key.json.trim() == "null" && source.has(&key.name) => carry.as_it_is(key),
            None => carry.notes.lost(&key.name, nothing_like_it(route, &key.name)),
            Some(How::As(names)) => {
                let top = |name: &&&str| name.split('.').next().is_some_and(|top| source.has(top));
                match names.iter().find(top) {
                    Some(to) => carry.place(&key.name, to, key.json.clone()),
                    None => carry.notes.lost(&key.name, nothing_like_it(route, &key.name)),
                }
            }
            Some(How::Made(make)) => {
                let fates = make(&source);
                if fates.is_empty() {
                    carry.notes.lost(&key.name, "There is nothing in it.");
                }
                for fate in fates {
                    carry.meet(&key.name, fate, &source, route);
                }
            }
        }
    }
    Ok(carry.finish())
}

/// Generic inference takes into its args what a chat takes.
fn words_of(base: EndpointKind) -> EndpointKind {
    if base == EndpointKind::Generic { EndpointKind::Chat } else { base }
}

/// Does any document of this endpoint name such a parameter? Which dialect the base speaks is no matter: a draft that was
/// written for one is read as if written for all.
fn is_documented(endpoint: EndpointKind, name: &str) -> bool {
    let mut tables = Dialect::ALL.into_iter().map(|dialect| params::table(endpoint, dialect));
    tables.any(|table| table.parameters.iter().any(|spec| spec.name == name))
}

fn nothing_like_it(route: Route, name: &str) -> String {
    match (route.endpoint, name) {
        (EndpointKind::Generate, "stream") => "Generate does not stream, so its answer comes in one piece.".to_owned(),
        (endpoint, _) => format!("{} nothing like it.", has(endpoint)),
    }
}

fn has(endpoint: EndpointKind) -> &'static str {
    match endpoint {
        EndpointKind::Chat => "This chat has",
        EndpointKind::Responses => "Responses have",
        EndpointKind::Generic => "Generic inference has",
        EndpointKind::Generate => "Generate has",
        EndpointKind::Completions => "Completions have",
        EndpointKind::Embed => "A call for vectors has",
        EndpointKind::Image => "A call for pictures has",
        EndpointKind::Transcribe => "A transcription has",
        EndpointKind::Synthesize => "Speech has",
        EndpointKind::Models => "A list of models has",
    }
}

/// One key on its way into the body.
struct Slot {
    name: String,
    value: Value,
}

enum Value {
    Whole(SentKey),
    /// An object that several parameters of the draft make.
    Members(Vec<Parameter>),
}

struct Carry<'a> {
    /// Names whose values stand.
    fixed: Vec<String>,
    unset: &'a [&'a str],
    slots: Vec<Slot>,
    carrying: Carrying,
    notes: &'a mut Notes,
}

impl Carry<'_> {
    fn as_it_is(&mut self, key: &SentKey) {
        match self.slots.iter().any(|slot| slot.name == key.name) {
            true => self.notes.lost(&key.name, format!("Another parameter of the draft already says {}.", key.name)),
            false => self.slots.push(Slot { name: key.name.clone(), value: Value::Whole(key.clone()) }),
        }
    }

    fn meet(&mut self, from: &str, fate: Fate, source: &Source<'_>, route: Route) {
        match fate {
            Fate::Sent { to, json } => match source.has(to.split('.').next().unwrap_or(to)) {
                true => self.place(from, to, json),
                false => self.notes.lost(from, nothing_like_it(route, to)),
            },
            Fate::Said { to } if source.has(to) => self.told(from, to),
            Fate::Said { to } => self.notes.lost(from, nothing_like_it(route, to)),
            Fate::Lead { text } => {
                let message = "What the model is told first stands before the messages here.";
                self.notes.moved(from, route.endpoint.content_member().unwrap_or("args"), message);
                self.carrying.lead = Some(text);
            }
            Fate::Lost { member, message } => {
                let point = if member.is_empty() || member.starts_with('[') { "" } else { "." };
                self.notes.lost(format!("{from}{point}{member}"), message);
            }
        }
    }

    /// Puts a value where this endpoint has it, unless the lane says something about that place itself.
    fn place(&mut self, from: &str, to: &str, json: String) {
        let (top, member) = to.split_once('.').map_or((to, None), |(top, member)| (top, Some(member)));
        if self.fixed.iter().any(|name| name == top) {
            return self.notes.lost(from, format!("The lane says {top} itself."));
        }
        if self.unset.contains(&top) {
            return self.notes.lost(from, format!("The lane leaves {top} out."));
        }
        let slot = self.slots.iter_mut().find(|slot| slot.name == top);
        let value = match (slot, member) {
            (None, None) => Value::Whole(carried(top, json)),
            (None, Some(member)) => Value::Members(vec![Parameter::new(member, json)]),
            (Some(Slot { value: Value::Members(members), .. }), Some(member))
                if members.iter().all(|known| known.name != member) =>
            {
                members.push(Parameter::new(member, json));
                return self.told(from, to);
            }
            (Some(_), _) => {
                return self.notes.lost(from, format!("Another parameter of the draft already says {to}."));
            }
        };
        self.slots.push(Slot { name: top.to_owned(), value });
        self.carrying.renamed.entry(from.to_owned()).or_insert_with(|| top.to_owned());
        self.told(from, to);
    }

    fn told(&mut self, from: &str, to: &str) {
        let message = match from == to {
            true => "The same in the form that this endpoint has for it.".to_owned(),
            false => format!("This endpoint calls it {to}."),
        };
        self.notes.moved(from, to, message);
    }

    fn finish(self) -> Carrying {
        let keys = self.slots.into_iter().map(|slot| match slot.value {
            Value::Whole(key) => key,
            Value::Members(members) => carried(&slot.name, object(&members)),
        });
        Carrying { keys: keys.collect(), ..self.carrying }
    }
}

fn carried(name: &str, json: String) -> SentKey {
    SentKey { name: name.to_owned(), json, origin: KeyOrigin::Carried, extra: false, base_json: None, filled: 0 }
}
