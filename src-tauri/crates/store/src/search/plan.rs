//! From a query to what the index is asked and what is checked of each call it names.

use rusqlite::Connection;

use crate::error::{Doing, StoreError};
use crate::search::facts::{self, Figure, SHORT, Thing};
use crate::search::filters::{Comparison, Filter, Status};
use crate::search::find::Call;
use crate::search::place::MINUTE;
use crate::search::query::{Query, Words};
use crate::search::terms::is_single;
use crate::search::texts::Field;
use crate::search::vocabulary;

/// Filters that widen each other when there are several, and whose counts stand in one group beside the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Result,
    Kind,
    Model,
    Connection,
    Kept,
    /// Each narrows.
    Other,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Model(Vec<i64>),
    Connection(Vec<i64>),
    Endpoint(String),
    Status(Status),
    /// With the marks that calls have whose figure may pass.
    Figure(Figure, Comparison, f64, Vec<String>),
    Before(i64),
    After(i64),
    Has(Thing),
    Starred,
    Noted,
}

impl Test {
    fn group(&self) -> Group {
        match self {
            Test::Model(_) => Group::Model,
            Test::Connection(_) => Group::Connection,
            Test::Endpoint(_) => Group::Kind,
            Test::Status(_) => Group::Result,
            Test::Starred | Test::Noted => Group::Kept,
            Test::Figure(..) | Test::Before(_) | Test::After(_) | Test::Has(_) => Group::Other,
        }
    }

    fn holds(&self, call: &Call) -> bool {
        match self {
            Test::Model(ids) => ids.contains(&call.model),
            Test::Connection(ids) => ids.contains(&call.connection),
            Test::Endpoint(name) => call.endpoint.eq_ignore_ascii_case(name),
            Test::Status(Status::State(state)) => call.state == *state,
            Test::Status(Status::Live) => call.is_live(),
            Test::Status(Status::Code(code)) => call.status == Some(*code),
            Test::Status(Status::Class(class)) => call.status.is_some_and(|status| status / 100 == *class),
            Test::Figure(kind, comparison, than, _) => {
                let figure = match kind {
                    Figure::Cost => call.cost,
                    Figure::FirstText => call.first_text,
                    Figure::Output => call.output.map(|count| count as f64),
                };
                figure.is_some_and(|figure| comparison.holds(figure, *than))
            }
            Test::Before(moment) => call.started_at < *moment,
            Test::After(moment) => call.started_at >= *moment,
            Test::Has(thing) => call.has & thing.bit() != 0,
            Test::Starred => call.starred,
            Test::Noted => call.noted,
        }
    }

    /// Marks one of which a call has that holds; `None` when the index knows nothing of it.
    fn marks(&self) -> Option<Vec<String>> {
        Some(match self {
            Test::Model(ids) => ids.iter().map(|id| facts::model(*id)).collect(),
            Test::Connection(ids) => ids.iter().map(|id| facts::connection(*id)).collect(),
            Test::Endpoint(name) => vec![facts::endpoint(name)],
            Test::Status(Status::State(state)) => vec![facts::state(state)],
            Test::Status(Status::Code(code)) => vec![facts::status(*code)],
            Test::Status(Status::Class(class)) => vec![facts::status_class(*class)],
            // A live call is not in the index yet.
            Test::Status(Status::Live) => Vec::new(),
            Test::Figure(.., marks) => marks.clone(),
            Test::Has(thing) => vec![thing.mark()],
            Test::Starred => vec![facts::STARRED.to_owned()],
            Test::Noted => vec![facts::NOTED.to_owned()],
            Test::Before(_) | Test::After(_) => return None,
        })
    }
}

/// A query as it is carried out.
#[derive(Debug)]
pub struct Plan {
    words: Vec<Words>,
    /// For each of `words`, the terms that begin as its last one does, when that is asked for and they are few.
    endings: Vec<Option<Vec<String>>>,
    /// Terms of notes, and whether calls with them are left out.
    notes: Vec<(Vec<String>, bool)>,
    /// Where the words are looked for.
    fields: Vec<Field>,
    tests: Vec<(Test, bool)>,
}

impl Plan {
    pub fn new(database: &Connection, query: &Query) -> Result<Self, StoreError> {
        let endings = query.words.iter().map(|words| endings(database, words)).collect::<Result<_, _>>()?;
        let (words, fields) = (query.words.clone(), fields(query));
        let mut plan = Self { words, endings, notes: Vec::new(), fields, tests: Vec::new() };
        for chosen in &query.filters {
            let test = match &chosen.filter {
                Filter::Model(name) => Test::Model(names(database, "model", name)?),
                Filter::Connection(name) => Test::Connection(names(database, "connection", name)?),
                Filter::Endpoint(name) => Test::Endpoint(name.clone()),
                Filter::Status(status) => Test::Status(*status),
                Filter::Figure(kind, comparison, than) => {
                    Test::Figure(*kind, *comparison, *than, figure_marks(database, *kind, *comparison, *than)?)
                }
                Filter::Before(moment) => Test::Before(*moment),
                Filter::After(moment) => Test::After(*moment),
                Filter::Has(thing) => Test::Has(*thing),
                Filter::Starred => Test::Starred,
                Filter::Noted => Test::Noted,
                Filter::In(_) => continue,
                Filter::Note(terms) => {
                    plan.notes.push((terms.clone(), chosen.not));
                    continue;
                }
            };
            plan.tests.push((test, chosen.not));
        }
        Ok(plan)
    }

    /// Whether calls are looked up by text, so that those without a row in the index cannot be found.
    pub fn has_words(&self) -> bool {
        !self.words.is_empty() || !self.notes.is_empty()
    }

    /// Words to mark.
    pub fn wanted(&self) -> impl Iterator<Item = &Words> {
        self.words.iter().filter(|words| !words.not)
    }

    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    pub fn has_groups(&self) -> bool {
        self.tests.iter().any(|(test, _)| test.group() != Group::Other)
    }

    /// Whether every filter lets the call through, those of one group left out.
    pub fn accepts(&self, call: &Call, without: Option<Group>) -> bool {
        let tests = || self.tests.iter().filter(|(test, _)| Some(test.group()) != without);
        tests().all(|(test, not)| match (not, test.group()) {
            (true, _) => !test.holds(call),
            (false, Group::Other | Group::Kept) => test.holds(call),
            (false, group) => {
                let mut same = tests().filter(|(other, not)| !not && other.group() == group);
                same.any(|(other, _)| other.holds(call))
            }
        })
    }

    /// Bounds of `place`: from the first, up to but without the second. `drift` is how far a place may be ahead.
    pub fn places(&self, drift: i64) -> (i64, i64) {
        let (mut from, mut to) = (i64::MIN, i64::MAX);
        for (test, not) in &self.tests {
            match (test, not) {
                (Test::After(moment), false) => from = from.max(moment.div_euclid(MINUTE as i64)),
                (Test::Before(moment), false) => {
                    to = to.min(moment.div_euclid(MINUTE as i64).saturating_add(drift + 1))
                }
                _ => {}
            }
        }
        (from, to)
    }

    /// What the index is asked; `None` when it has nothing to say. `groups` leaves the filters of groups out when it is
    /// false.
    pub fn expression(&self, groups: bool) -> Option<Expression> {
        let columns = self.columns();
        let (mut all, mut none, mut check) = (Vec::new(), Vec::new(), false);
        for (words, endings) in self.words.iter().zip(&self.endings) {
            let (clause, is_exact) = clause(words, endings.as_deref(), &columns);
            check |= !is_exact;
            if words.not { &mut none } else { &mut all }.push(clause);
        }
        for (terms, not) in &self.notes {
            let clause = format!("{{note}} : {}", quoted(&terms.join(" ")));
            if *not { &mut none } else { &mut all }.push(clause);
        }
        let mut done: Vec<Group> = Vec::new();
        for (test, not) in self.tests.iter().filter(|(test, _)| groups || test.group() == Group::Other) {
            let Some(marks) = test.marks() else { continue };
            let group = test.group();
            match (not, group) {
                // Marks of figures are coarse: a call on the edge's step may be on either side of it.
                (true, _) if matches!(test, Test::Figure(..)) => {}
                (true, _) if marks.is_empty() => {}
                (true, _) => none.push(any_of(&marks)),
                (false, Group::Other | Group::Kept) => all.push(any_of(&marks)),
                (false, _) if done.contains(&group) => {}
                (false, _) => {
                    done.push(group);
                    let same = self.tests.iter().filter(|(other, not)| !not && other.group() == group);
                    all.push(any_of(&same.filter_map(|(other, _)| other.marks()).flatten().collect::<Vec<_>>()));
                }
            }
        }
        if all.is_empty() && none.is_empty() {
            return None;
        }
        if all.is_empty() {
            all.push(quoted(facts::ANY));
        }
        let mut text = format!("({})", all.join(") AND ("));
        if !none.is_empty() {
            text = format!("({text}) NOT (({}))", none.join(") OR ("));
        }
        Some(Expression { text, check })
    }

    fn columns(&self) -> String {
        if self.fields.len() == Field::ALL.len() {
            return String::new();
        }
        let names: Vec<_> = self.fields.iter().map(|field| field.column()).collect();
        format!("{{{}}} : ", names.join(" "))
    }
}

/// What `words` is asked to match.
#[derive(Debug)]
pub struct Expression {
    pub text: String,
    /// It lets more through than was asked for: the texts have to be looked at.
    pub check: bool,
}

/// The clause of some words, and whether it is exactly them.
fn clause(words: &Words, endings: Option<&[String]>, columns: &str) -> (String, bool) {
    let phrase = |terms: &[String]| format!("{columns}{}", quoted(&terms.join(" ")));
    if let Some(endings) = endings {
        return (format!("{columns}({})", any_of(endings)), true);
    }
    match beginning(words) {
        None => (phrase(&words.terms), true),
        Some(last) if last.chars().count() > SHORT => (format!("{} *", phrase(&words.terms)), true),
        // Too many words begin like this: the marks of beginnings answer for them.
        Some(last) => {
            let mark = quoted(&facts::beginning(last));
            match &words.terms[..words.terms.len() - 1] {
                [] => (mark, columns.is_empty()),
                before => (format!("{} AND {mark}", phrase(before)), false),
            }
        }
    }
}

/// The last term, when it is only the beginning of one.
fn beginning(words: &Words) -> Option<&String> {
    words.terms.last().filter(|last| words.open && !is_single(last))
}

/// The index gathers every call of every word with a beginning before it names the first. Asked for each of the words,
/// it goes through them side by side and stops after a page. Where they are too many, gathering is the shorter way, and
/// for the last word of a phrase too.
fn endings(database: &Connection, words: &Words) -> Result<Option<Vec<String>>, StoreError> {
    const MOST: usize = 128;
    match (words.terms.as_slice(), beginning(words)) {
        ([_], Some(last)) if vocabulary::has_place_for(last) => vocabulary::beginning_with(database, last, MOST),
        _ => Ok(None),
    }
}

/// Of the marks that a filter may mean, those that some call has: to look for one that is nowhere takes as long as for
/// any other.
fn figure_marks(
    database: &Connection,
    kind: Figure,
    comparison: Comparison,
    than: f64,
) -> Result<Vec<String>, StoreError> {
    let edge = facts::step(than);
    let steps = match comparison {
        Comparison::Above | Comparison::AtLeast => edge..facts::STEPS,
        Comparison::Below | Comparison::AtMost => 0..edge + 1,
    };
    let mut marks: Vec<String> = steps.map(|step| kind.mark(step)).collect();
    let known = vocabulary::beginning_with(database, &kind.marks(), facts::STEPS as usize)?.unwrap_or_default();
    marks.retain(|mark| known.contains(mark));
    Ok(marks)
}

/// Terms hold no quotes.
fn quoted(terms: &str) -> String {
    format!("\"{terms}\"")
}

/// Marks none of which any call has: a filter that nothing passes.
fn any_of(marks: &[String]) -> String {
    if marks.is_empty() {
        return quoted("\u{e000}nothing");
    }
    let quoted: Vec<_> = marks.iter().map(|mark| quoted(mark)).collect();
    quoted.join(" OR ")
}

fn fields(query: &Query) -> Vec<Field> {
    let named = |not: bool| {
        query.filters.iter().filter_map(move |chosen| match chosen.filter {
            Filter::In(field) if chosen.not == not => Some(field),
            _ => None,
        })
    };
    let wanted: Vec<Field> = named(false).collect();
    let unwanted: Vec<Field> = named(true).collect();
    let mut fields: Vec<Field> = Field::ALL.to_vec();
    fields.retain(|field| (wanted.is_empty() || wanted.contains(field)) && !unwanted.contains(field));
    // Nothing is in no field: whoever asks for that has changed their mind on the way.
    if fields.is_empty() { Field::ALL.to_vec() } else { fields }
}

/// The names that are meant: the one that is equal, or else all that have the text in them.
fn names(database: &Connection, kind: &str, text: &str) -> Result<Vec<i64>, StoreError> {
    const DOING: &str = "search";
    let text = text.to_lowercase();
    let mut statement = database.prepare_cached("SELECT id, name FROM names WHERE kind = ?1").doing(DOING)?;
    let rows = statement.query_map([kind], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).doing(DOING)?;
    let (mut equal, mut similar) = (Vec::new(), Vec::new());
    for row in rows {
        let (id, name) = row.doing(DOING)?;
        let name = name.to_lowercase();
        if name == text {
            equal.push(id);
        } else if name.contains(&text) {
            similar.push(id);
        }
    }
    Ok(if equal.is_empty() { similar } else { equal })
}
