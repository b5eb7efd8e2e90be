//! The search row of a call.

use std::collections::BTreeSet;

use juxta_wire::outcome::Outcome;
use juxta_wire::run::Cell;
use rusqlite::{Connection, OptionalExtension};

use crate::cells::state_name;
use crate::error::{Doing, StoreError};
use crate::search::facts::{self, Figure, SHORT, Thing};
use crate::search::place;
use crate::search::terms::{beginning, each_term, is_single};
use crate::search::texts::{Field, Texts as _, text};
use crate::search::vocabulary;

/// All that search wants to know of a call that is over. Made from the cell on the caller's thread, because folding text
/// is most of the work; [`write_all`](Self::write_all) belongs into the transaction that stores the cell.
pub(crate) struct Entry {
    cell: String,
    model: String,
    connection: String,
    endpoint: &'static str,
    state: &'static str,
    status: Option<u16>,
    has: i64,
    first_text: Option<f64>,
    cost: Option<f64>,
    currency: Option<String>,
    visible: Option<u64>,
    output: Option<u64>,
    tokens: u64,
    /// Size of the files with the answer.
    pub bytes: u64,
    words: Words,
}

impl Entry {
    /// `bytes` is the size of the recorded answer on disk.
    pub fn of(cell: &Cell, bytes: u64) -> Self {
        let metrics = &cell.metrics;
        let output = metrics.visible_tokens.map(|visible| visible + metrics.reasoning_tokens.unwrap_or(0));
        let mut words = Words::default();
        for field in Field::ALL {
            if !matches!(field, Field::About | Field::Note) {
                words.add(field, &text(cell, field));
            }
        }
        Self {
            cell: cell.id.0.clone(),
            model: cell.model.clone(),
            connection: cell.connection_name.clone(),
            endpoint: cell.endpoint.name(),
            state: state_name(&cell.state),
            status: cell.head.as_ref().map(|head| head.status),
            has: things(cell),
            first_text: metrics.time_to_first_token,
            cost: metrics.cost.as_ref().map(|cost| cost.amount),
            currency: metrics.cost.as_ref().map(|cost| cost.currency.clone()),
            visible: metrics.visible_tokens,
            output,
            tokens: metrics.input_tokens.unwrap_or(0) + output.unwrap_or(0),
            bytes,
            words,
        }
    }

    /// Writes the rows of some calls, or writes them anew. Each cell has its place already.
    ///
    /// The index keeps what it is given in memory until another table is written or a row of it is lower than the one
    /// before. So the other tables come first, for all of them, and then the newest.
    pub fn write_all<'a>(
        entries: impl Iterator<Item = &'a Entry>,
        database: &Connection,
        doing: &'static str,
    ) -> Result<(), StoreError> {
        let rows = entries.map(|entry| Ok((entry, entry.write_call(database, doing)?)));
        let mut rows = rows.collect::<Result<Vec<_>, StoreError>>()?;
        rows.sort_by_key(|(_, row)| -row.place);
        let mut all = BTreeSet::new();
        for (entry, row) in &rows {
            all.extend(entry.words.terms.iter().chain(&row.words.terms).map(String::as_str));
        }
        let figures: BTreeSet<String> = rows.iter().flat_map(|(entry, _)| entry.figures()).collect();
        all.extend(figures.iter().map(String::as_str));
        vocabulary::add(database, doing, all.into_iter())?;
        rows.into_iter().try_for_each(|(entry, row)| entry.write_words(row, database, doing))
    }

    /// The row of `calls`; gives what the row of `words` takes from other tables.
    fn write_call(&self, database: &Connection, doing: &'static str) -> Result<OfRun, StoreError> {
        let sql = "SELECT calls.place, runs.name, coalesce(run_marks.starred, 0), coalesce(run_marks.note, '') \
                   FROM calls JOIN cells ON cells.id = calls.cell JOIN runs ON runs.id = cells.run \
                   LEFT JOIN run_marks ON run_marks.run = runs.id WHERE calls.cell = ?1";
        let (place, name, starred, note): (i64, String, bool, String) = database
            .prepare_cached(sql)
            .doing(doing)?
            .query_row([&self.cell], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .optional()
            .doing(doing)?
            .ok_or(StoreError::NotFound { what: "the call" })?;
        let model = place::name(database, doing, "model", &self.model)?;
        let connection = place::name(database, doing, "connection", &self.connection)?;
        let sql = "UPDATE calls SET in_words = 1, starred = ?2, noted = ?3, has = ?4, model = ?5, connection = ?6, \
                   state = ?7, status = ?8, first_text = ?9, cost = ?10, currency = ?11, visible = ?12, \
                   output = ?13, tokens = ?14, bytes = ?15 WHERE place = ?1";
        let row = (
            place,
            starred,
            !note.is_empty(),
            self.has,
            model,
            connection,
            self.state,
            self.status,
            self.first_text,
            self.cost,
            &self.currency,
            self.visible,
            self.output,
            self.tokens,
            self.bytes,
        );
        database.prepare_cached(sql).doing(doing)?.execute(row).doing(doing)?;
        let mut words = Words::default();
        for text in [&name, &self.model, &self.connection] {
            words.add(Field::About, text);
        }
        words.add(Field::Note, &note);
        Ok(OfRun { place, model, connection, starred, noted: !note.is_empty(), words })
    }

    fn write_words(&self, of_run: OfRun, database: &Connection, doing: &'static str) -> Result<(), StoreError> {
        let OfRun { place, words, .. } = &of_run;
        let mut marks = self.facts(&of_run);
        let beginnings = self.words.beginnings.union(&words.beginnings);
        marks.extend(beginnings.map(|letters| facts::beginning(letters)));
        let sql = "INSERT OR REPLACE INTO words \
                   (rowid, marks, prompt, answer, reasoning, tools, error, headers, about, note) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        let of = |field| self.words.of(field);
        let row = (
            -place,
            marks.join(" "),
            of(Field::Prompt),
            of(Field::Answer),
            of(Field::Reasoning),
            of(Field::Tools),
            of(Field::Error),
            of(Field::Headers),
            words.of(Field::About),
            words.of(Field::Note),
        );
        database.prepare_cached(sql).doing(doing)?.execute(row).doing(doing)?;
        Ok(())
    }

    fn facts(&self, of_run: &OfRun) -> Vec<String> {
        let mut marks = vec![
            facts::ANY.to_owned(),
            facts::model(of_run.model),
            facts::connection(of_run.connection),
            facts::endpoint(self.endpoint),
            facts::state(self.state),
        ];
        if let Some(status) = self.status {
            marks.extend([facts::status(status), facts::status_class(status / 100)]);
        }
        let things = Thing::ALL.into_iter().filter(|(thing, _)| self.has & thing.bit() != 0);
        marks.extend(things.map(|(thing, _)| thing.mark()));
        marks.extend(self.figures());
        marks.extend(of_run.starred.then(|| facts::STARRED.to_owned()));
        marks.extend(of_run.noted.then(|| facts::NOTED.to_owned()));
        marks
    }

    /// The marks of its figures.
    fn figures(&self) -> impl Iterator<Item = String> {
        let figures = [
            (Figure::Cost, self.cost),
            (Figure::FirstText, self.first_text),
            (Figure::Output, self.output.map(|count| count as f64)),
        ];
        figures.into_iter().filter_map(|(kind, figure)| Some(kind.mark(facts::step(figure?))))
    }

    /// What of it may stand in the vocabulary for its sake alone.
    pub fn terms(self) -> BTreeSet<String> {
        let figures: Vec<String> = self.figures().collect();
        let mut terms = self.words.terms;
        terms.extend(figures);
        terms
    }
}

fn things(cell: &Cell) -> i64 {
    let Outcome { choices, .. } = &cell.outcome;
    // Without reading every text: a picture is a part of a message, whose key stands in the body as it is sent.
    let body = cell.body();
    let found = [
        (Thing::Tool, choices.iter().any(|choice| !choice.tool_calls.is_empty())),
        (Thing::Error, cell.error.is_some()),
        (Thing::Reasoning, choices.iter().any(|choice| !choice.reasoning.is_empty())),
        (Thing::Image, body.contains("\"image_url\"") || body.contains("\"input_image\"")),
    ];
    found.into_iter().filter(|(_, there)| *there).map(|(thing, _)| thing.bit()).sum()
}

/// What other rows say of a call.
struct OfRun {
    place: i64,
    model: i64,
    connection: i64,
    starred: bool,
    noted: bool,
    words: Words,
}

/// Texts as terms, parted by spaces, field by field.
#[derive(Default)]
struct Words {
    fields: [String; Field::ALL.len()],
    /// Each once, however many words begin so.
    beginnings: BTreeSet<String>,
    /// Those that are longer than the beginnings, each once.
    terms: BTreeSet<String>,
}

impl Words {
    fn add(&mut self, field: Field, text: &str) {
        let Self { fields, beginnings, terms } = self;
        let into = &mut fields[field as usize];
        into.reserve(text.len() + 1);
        each_term(text, |_, term| {
            if !into.is_empty() {
                into.push(' ');
            }
            into.push_str(term);
            if !is_single(term) {
                for letters in (1..=SHORT).map_while(|count| beginning(term, count)) {
                    if !beginnings.contains(letters) {
                        beginnings.insert(letters.to_owned());
                    }
                }
                if vocabulary::has_place_for(term) && !terms.contains(term) {
                    terms.insert(term.to_owned());
                }
            }
            true
        });
    }

    fn of(&self, field: Field) -> &str {
        &self.fields[field as usize]
    }
}
