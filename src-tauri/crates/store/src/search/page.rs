//! One page of what a query finds.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::time::Instant;

use juxta_wire::endpoint::EndpointKind;
use juxta_wire::error::AppError;
use juxta_wire::exchange::{HeaderView, RequestView, ResponseHead};
use juxta_wire::ids::{CellId, RunId};
use juxta_wire::outcome::Outcome;
use juxta_wire::search::{SearchPage, SearchQuery, SearchRow, SnippetPart};
use juxta_wire::tools::ToolResult;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::Deserialize;

use crate::documents::from_json;
use crate::error::{Doing, StoreError};
use crate::search::filters::Clock;
use crate::search::find::{Call, walk};
use crate::search::plan::Plan;
use crate::search::query::{Words, parse};
use crate::search::snippet;
use crate::search::texts::{Field, Texts, text};
use crate::store::Store;

const DOING: &str = "search";
/// The most rows of one page.
const PAGE: u32 = 500;

impl Store {
    /// One page of the calls that a query finds, newest first. `now` is in Unix milliseconds.
    pub fn search(&self, query: &SearchQuery, now: u64) -> Result<SearchPage, StoreError> {
        let began = Instant::now();
        let parsed = parse(&query.text, Clock { now, offset: query.offset });
        let limit = query.limit.clamp(1, PAGE) as usize;
        let (mut rows, more) = self.read(|database| {
            // One transaction, so that the page is of one moment.
            let moment = database.unchecked_transaction().doing(DOING)?;
            let plan = Plan::new(&moment, &parsed)?;
            let before = match &query.after {
                None => i64::MAX,
                Some(cell) => place(&moment, cell)?,
            };
            page(&moment, &plan, before, limit)
        })?;
        rows.truncate(limit);
        let took = began.elapsed().as_secs_f64() * 1000.0;
        Ok(SearchPage { rows, more, took, problems: parsed.problems })
    }
}

fn place(database: &Connection, cell: &CellId) -> Result<i64, StoreError> {
    database
        .prepare_cached("SELECT place FROM calls WHERE cell = ?1")
        .doing(DOING)?
        .query_row([cell.as_str()], |row| row.get(0))
        .optional()
        .doing(DOING)?
        .ok_or(StoreError::NotFound { what: "the call" })
}

/// Up to `limit` rows, and whether there are more.
fn page(database: &Connection, plan: &Plan, before: i64, limit: usize) -> Result<(Vec<SearchRow>, bool), StoreError> {
    let expression = plan.expression(true);
    let check = expression.as_ref().is_some_and(|expression| expression.check);
    let wanted: Vec<&Words> = plan.wanted().collect();
    let mut rows = Vec::new();
    let mut more = false;
    walk(database, plan, expression.as_ref(), before, |call| {
        if !plan.accepts(&call, None) {
            return Ok(true);
        }
        let stored = Stored::read(database, &call)?;
        if check && !matches(&stored, plan, &wanted) {
            return Ok(true);
        }
        if rows.len() == limit {
            more = true;
            return Ok(false);
        }
        let snippet = stored.snippet(plan, &wanted);
        rows.push(stored.into_row(snippet));
        Ok(true)
    })?;
    Ok((rows, more))
}

/// Whether a call whose texts have to be looked at has all of the words.
pub fn matches(stored: &Stored<'_>, plan: &Plan, wanted: &[&Words]) -> bool {
    wanted.iter().all(|words| plan.fields().iter().any(|field| snippet::has_match(words, &text(stored, *field))))
}

/// A call with its texts as they lie in the database; what most searches do not show is only read when it is asked for.
pub struct Stored<'a> {
    database: &'a Connection,
    row: SearchRow,
    outcome: String,
    read_outcome: OnceCell<Outcome>,
    rest: OnceCell<Rest>,
}

#[derive(Default)]
struct Rest {
    document: String,
    request: Option<String>,
    body: Option<String>,
    head: Option<String>,
}

/// The part of a cell's document that has words.
#[derive(Deserialize)]
struct Said {
    error: Option<AppError>,
    #[serde(default)]
    results: Vec<ToolResult>,
}

impl<'a> Stored<'a> {
    pub fn read(database: &'a Connection, call: &Call) -> Result<Self, StoreError> {
        let sql = "SELECT calls.cell, cells.run, runs.name, cells.lane_index, runs.lanes, cells.repeat, \
                   (SELECT name FROM names WHERE id = calls.connection), cells.model, calls.visible, calls.currency, \
                   coalesce(run_marks.note, ''), cells.outcome \
                   FROM calls JOIN cells ON cells.id = calls.cell JOIN runs ON runs.id = cells.run \
                   LEFT JOIN run_marks ON run_marks.run = runs.id WHERE calls.place = ?1";
        database
            .prepare_cached(sql)
            .doing(DOING)?
            .query_row([call.place], |row| {
                Ok(Self {
                    database,
                    row: SearchRow {
                        cell: CellId(row.get(0)?),
                        run: RunId(row.get(1)?),
                        name: row.get(2)?,
                        lane_index: row.get(3)?,
                        lanes: row.get(4)?,
                        repeat: row.get(5)?,
                        started_at: u64::try_from(call.started_at).unwrap_or(0),
                        state: call.state.clone(),
                        status: call.status,
                        connection: row.get(6)?,
                        model: row.get(7)?,
                        endpoint: EndpointKind::from_name(&call.endpoint).unwrap_or(EndpointKind::Chat),
                        time_to_first_token: call.first_text,
                        visible_tokens: row.get(8)?,
                        cost: call.cost,
                        currency: row.get(9)?,
                        snippet: Vec::new(),
                        starred: call.starred,
                        note: row.get(10)?,
                    },
                    outcome: row.get(11)?,
                    read_outcome: OnceCell::new(),
                    rest: OnceCell::new(),
                })
            })
            .doing(DOING)
    }

    /// What cannot be read has no words; whoever opens the call is told.
    fn rest(&self) -> &Rest {
        self.rest.get_or_init(|| {
            self.read_rest().unwrap_or_else(|error| {
                tracing::warn!(%error, cell = %self.row.cell, "the texts of a call cannot be read");
                Rest::default()
            })
        })
    }

    fn read_rest(&self) -> Result<Rest, StoreError> {
        let sql = "SELECT document, request, coalesce(cells.request_body, CAST(exchanges.request_body AS TEXT)), head \
                   FROM cells LEFT JOIN exchanges ON exchanges.cell = cells.id WHERE cells.id = ?1";
        let read = |row: &Row<'_>| {
            Ok(Rest { document: row.get(0)?, request: row.get(1)?, body: row.get(2)?, head: row.get(3)? })
        };
        self.database.prepare_cached(sql).doing(DOING)?.query_row([self.row.cell.as_str()], read).doing(DOING)
    }

    fn into_row(self, snippet: Vec<SnippetPart>) -> SearchRow {
        SearchRow { snippet, ..self.row }
    }

    /// Around the first match; without one, the beginning of the answer, of the error, or of the prompt.
    fn snippet(&self, plan: &Plan, wanted: &[&Words]) -> Vec<SnippetPart> {
        let around = |field: &Field| snippet::around(wanted, &text(self, *field));
        if !wanted.is_empty()
            && let Some(parts) = plan.fields().iter().find_map(around)
        {
            return parts;
        }
        let fields = [Field::Answer, Field::Error, Field::Tools, Field::Prompt];
        let beginnings = fields.iter().map(|field| snippet::beginning(&text(self, *field)));
        beginnings.into_iter().find(|parts| !parts.is_empty()).unwrap_or_default()
    }

    fn part<T: for<'de> Deserialize<'de>>(json: &str) -> Option<T> {
        from_json(DOING, json).inspect_err(|error| tracing::debug!(%error, "a part of a call is damaged")).ok()
    }
}

impl Texts for Stored<'_> {
    fn outcome(&self) -> &Outcome {
        self.read_outcome.get_or_init(|| Self::part(&self.outcome).unwrap_or_default())
    }

    fn body(&self) -> &str {
        self.rest().body.as_deref().unwrap_or("")
    }

    fn error(&self) -> Option<Cow<'_, AppError>> {
        Self::part::<Said>(&self.rest().document)?.error.map(Cow::Owned)
    }

    fn headers(&self) -> Vec<Cow<'_, HeaderView>> {
        let rest = self.rest();
        let sent = rest.request.as_deref().and_then(Self::part::<RequestView>).map(|request| request.headers);
        let came = rest.head.as_deref().and_then(Self::part::<ResponseHead>).map(|head| head.headers);
        sent.into_iter().chain(came).flatten().map(Cow::Owned).collect()
    }

    fn results(&self) -> Cow<'_, [ToolResult]> {
        Cow::Owned(Self::part::<Said>(&self.rest().document).map(|said| said.results).unwrap_or_default())
    }

    fn about(&self) -> [&str; 3] {
        [&self.row.name, &self.row.model, &self.row.connection]
    }

    fn note(&self) -> &str {
        &self.row.note
    }
}
