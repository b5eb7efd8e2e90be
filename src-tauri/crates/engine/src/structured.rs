//! Answers against the schema that went out with their request, while they grow and ever after.

use std::sync::{Arc, Mutex};

use juxta_client::structured::{Checker, SentSchema};
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::run::Cell;
use juxta_wire::schema::SchemaCheck;

use crate::run::feed::lock;
use crate::run::storage;
use crate::{Engine, not_found};

/// Answers that are remembered: more than a screen shows.
const MOST_KNOWN: usize = 48;

/// What is known of the answers that were asked about last.
#[derive(Default)]
pub(crate) struct SchemaChecks {
    /// The newest last.
    known: Mutex<Vec<Known>>,
}

struct Known {
    cell: CellId,
    choice: u32,
    answer: Arc<Mutex<Answer>>,
}

#[derive(Default)]
enum Answer {
    #[default]
    New,
    /// Its request asked for no JSON.
    Free,
    Growing(Box<Checker>),
    Over(Box<SchemaCheck>),
}

/// What came of an answer since it was looked at last.
struct News {
    /// The text does not go on from what was read: it began anew.
    is_anew: bool,
    more: String,
    is_over: bool,
}

impl SchemaChecks {
    fn of(&self, cell: &CellId, choice: u32) -> Arc<Mutex<Answer>> {
        let mut known = lock(&self.known);
        let found = known.iter().position(|known| known.cell == *cell && known.choice == choice);
        let entry = match found {
            Some(index) => known.remove(index),
            None => Known { cell: cell.clone(), choice, answer: Arc::default() },
        };
        let answer = Arc::clone(&entry.answer);
        known.push(entry);
        let surplus = known.len().saturating_sub(MOST_KNOWN);
        known.drain(..surplus);
        answer
    }
}

impl Engine {
    /// How a choice of an answer stands against the schema that was sent for it. `None` when none was, and for a choice
    /// that is no text. What was read of a growing answer is not read again.
    pub fn schema_check(&self, cell: &CellId, choice: u32) -> Result<Option<SchemaCheck>, AppError> {
        let answer = self.schema_checks().of(cell, choice);
        let mut answer = lock(&answer);
        if matches!(*answer, Answer::Free) {
            return Ok(None);
        }
        let read = match &*answer {
            Answer::Growing(checker) => checker.text().len(),
            Answer::New | Answer::Free | Answer::Over(_) => 0,
        };
        let is_growing = self.feed().cell(cell).is_some_and(|cell| !lock(&cell).head().state.is_over());
        if let (Answer::Over(check), false) = (&*answer, is_growing) {
            return Ok(Some(SchemaCheck::clone(check)));
        }
        let Some(news) = self.news(cell, choice, read)? else { return Ok(None) };
        if news.is_anew || !matches!(*answer, Answer::Growing(_)) {
            *answer = match self.sent_schema(cell)? {
                Some(sent) => Answer::Growing(Box::new(Checker::new(&sent))),
                None => Answer::Free,
            };
        }
        let Answer::Growing(checker) = &mut *answer else { return Ok(None) };
        checker.feed(&news.more);
        let check = checker.look(news.is_over);
        if news.is_over {
            *answer = Answer::Over(Box::new(check.clone()));
        }
        Ok(Some(check))
    }

    /// The text of a choice behind the first `read` bytes; `None` when the choice has none to check.
    fn news(&self, cell: &CellId, choice: u32, read: usize) -> Result<Option<News>, AppError> {
        if let Some(shared) = self.feed().cell(cell) {
            let live = lock(&shared);
            let is_over = live.head().state.is_over();
            let is_text = live.item(choice).is_none_or(|item| item.kind == MESSAGE);
            return Ok(news(live.text(choice), read, is_over).filter(|_| is_text));
        }
        let cell = self.store().cell(cell).map_err(storage)?.ok_or_else(|| not_found("The answer"))?;
        let choice = cell.outcome.choices.iter().find(|known| known.index == choice);
        let is_text = |item: &juxta_wire::outcome::OutputItem| item.kind == MESSAGE;
        let told = choice.filter(|choice| choice.item.as_ref().is_none_or(is_text));
        Ok(told.and_then(|choice| news(&choice.text, read, true)))
    }

    fn sent_schema(&self, cell: &CellId) -> Result<Option<SentSchema>, AppError> {
        let sent = |cell: &Cell| -> (EndpointKind, Option<String>) {
            (cell.endpoint, cell.request.as_ref().map(|request| request.body.clone()))
        };
        let live = self.feed().cell(cell).map(|shared| sent(lock(&shared).head()));
        let (endpoint, body) = match live {
            Some((endpoint, Some(body))) => (endpoint, Some(body)),
            Some((_, None)) | None => {
                sent(&self.store().cell(cell).map_err(storage)?.ok_or_else(|| not_found("The answer"))?)
            }
        };
        Ok(body.and_then(|body| SentSchema::of(endpoint, &body)))
    }
}

/// The item of a response that is text.
const MESSAGE: &str = "message";

/// An answer that is over and empty has nothing to be checked.
fn news(text: &str, read: usize, is_over: bool) -> Option<News> {
    if is_over && text.is_empty() {
        return None;
    }
    match text.get(read..) {
        Some(more) => Some(News { is_anew: false, more: more.to_owned(), is_over }),
        None => Some(News { is_anew: true, more: text.to_owned(), is_over }),
    }
}
