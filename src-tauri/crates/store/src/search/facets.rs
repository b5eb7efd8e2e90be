//! How the matches of a query divide.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use juxta_wire::search::{DayCount, FacetGroup, FacetValue, SearchFacets};
use rusqlite::Connection;

use crate::error::{Doing, StoreError};
use crate::search::filters::{Clock, STATES, Status};
use crate::search::find::{Call, walk};
use crate::search::page::{Stored, matches};
use crate::search::plan::{Group, Plan};
use crate::search::query::{Query, Words, parse};
use crate::store::Store;

const DOING: &str = "count the calls";
/// Counting stops after this many calls: a list of filters that says "10,000 or more" is soon enough there.
const COUNTED: u64 = 10_000;
/// Models that the list of filters shows.
const MODELS: usize = 12;
/// Days of the bars.
const DAYS: u32 = 60;
const DAY: i64 = 24 * 60 * 60 * 1000;

/// What does not depend on the query, as of the newest write.
#[derive(Default)]
pub(crate) struct FacetCache(Mutex<Option<(u64, i32, Whole)>>);

#[derive(Clone)]
struct Whole {
    /// Start of each day with calls, newest first, in milliseconds of the person's clock.
    days: Vec<(i64, u64)>,
    total: u64,
    pending: u64,
    bytes: u64,
}

impl Store {
    /// Counts for the filters and the bars; `now` in Unix milliseconds, `offset` in minutes ahead of UTC.
    pub fn search_facets(&self, text: &str, offset: i32, now: u64) -> Result<SearchFacets, StoreError> {
        let query = parse(text, Clock { now, offset });
        let written = self.writes();
        self.read(|database| {
            let moment = database.unchecked_transaction().doing(DOING)?;
            let plan = Plan::new(&moment, &query)?;
            let cache = self.facet_cache();
            let whole = cache.get(written, offset, || whole(&moment, offset))?;
            let count = count(&moment, &plan, offset)?;
            let groups = groups(&moment, &query, &count)?;
            let days = whole.days.iter().rev();
            let ahead = i64::from(offset) * 60_000;
            Ok(SearchFacets {
                groups,
                days: days
                    .map(|(day, calls)| DayCount {
                        day: u64::try_from(day - ahead).unwrap_or(0),
                        calls: *calls,
                        matches: count.days.get(day).copied().unwrap_or(0),
                    })
                    .collect(),
                matches: count.matches,
                capped: count.capped,
                total: whole.total,
                pending: whole.pending,
                bytes: whole.bytes,
            })
        })
    }
}

impl FacetCache {
    fn get(
        &self,
        written: u64,
        offset: i32,
        make: impl FnOnce() -> Result<Whole, StoreError>,
    ) -> Result<Whole, StoreError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, at, whole)) = &*kept
            && (*of, *at) == (written, offset)
        {
            return Ok(whole.clone());
        }
        let whole = make()?;
        *kept = Some((written, offset, whole.clone()));
        Ok(whole)
    }
}

fn whole(database: &Connection, offset: i32) -> Result<Whole, StoreError> {
    let ahead = i64::from(offset) * 60_000;
    let sql = "SELECT (started_at + ?1) / ?2 AS day, count(*) FROM calls INDEXED BY calls_started WHERE deleted = 0 \
               GROUP BY day ORDER BY day DESC LIMIT ?3";
    let mut statement = database.prepare_cached(sql).doing(DOING)?;
    let rows =
        statement.query_map((ahead, DAY, DAYS), |row| Ok((row.get::<_, i64>(0)? * DAY, row.get(1)?))).doing(DOING)?;
    let days = rows.collect::<Result<_, _>>().doing(DOING)?;
    let number = |sql: &str| -> Result<u64, StoreError> {
        database.prepare_cached(sql).doing(DOING)?.query_row([], |row| row.get(0)).doing(DOING)
    };
    Ok(Whole {
        days,
        total: number("SELECT count(*) FROM calls INDEXED BY calls_started WHERE deleted = 0")?,
        pending: number(
            "SELECT count(*) FROM calls WHERE in_words <> 1 AND in_words = 0 AND deleted = 0 \
             AND state NOT IN ('queued', 'waiting', 'streaming', 'retrying')",
        )?,
        bytes: number("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")?
            + number("SELECT coalesce(sum(bytes), 0) FROM calls")?,
    })
}

#[derive(Default)]
struct Counts {
    results: HashMap<String, u64>,
    kinds: BTreeMap<String, u64>,
    models: HashMap<i64, u64>,
    connections: HashMap<i64, u64>,
    starred: u64,
    noted: u64,
    days: HashMap<i64, u64>,
    matches: u64,
    capped: bool,
}

/// Two walks: one over the matches, and one that leaves out the filters of groups, for what each of them would let in.
fn count(database: &Connection, plan: &Plan, offset: i32) -> Result<Counts, StoreError> {
    let mut counts = Counts::default();
    let ahead = i64::from(offset) * 60_000;
    let capped = walk_capped(database, plan, true, |call| {
        if plan.accepts(call, None) {
            counts.matches += 1;
            *counts.days.entry((call.started_at + ahead).div_euclid(DAY) * DAY).or_default() += 1;
            if !plan.has_groups() {
                counts.add(call, |_| true);
            }
        }
    })?;
    counts.capped = capped;
    if plan.has_groups() {
        counts.capped |= walk_capped(database, plan, false, |call| {
            counts.add(call, |group| plan.accepts(call, Some(group)));
        })?;
    }
    Ok(counts)
}

/// `true` when it stopped before the end.
fn walk_capped(
    database: &Connection,
    plan: &Plan,
    groups: bool,
    mut visit: impl FnMut(&Call),
) -> Result<bool, StoreError> {
    let expression = plan.expression(groups);
    let wanted: Vec<&Words> = plan.wanted().collect();
    let check = expression.as_ref().is_some_and(|expression| expression.check);
    let (mut seen, mut capped) = (0, false);
    // Looking at texts takes its time.
    let most = if check { COUNTED / 20 } else { COUNTED };
    walk(database, plan, expression.as_ref(), i64::MAX, |call| {
        seen += 1;
        if seen > most {
            capped = true;
            return Ok(false);
        }
        if !check || matches(&Stored::read(database, &call)?, plan, &wanted) {
            visit(&call);
        }
        Ok(true)
    })?;
    Ok(capped)
}

impl Counts {
    fn add(&mut self, call: &Call, is_in: impl Fn(Group) -> bool) {
        if is_in(Group::Result) {
            *self.results.entry(call.state.clone()).or_default() += 1;
        }
        if is_in(Group::Kind) {
            *self.kinds.entry(call.endpoint.clone()).or_default() += 1;
        }
        if is_in(Group::Model) {
            *self.models.entry(call.model).or_default() += 1;
        }
        if is_in(Group::Connection) {
            *self.connections.entry(call.connection).or_default() += 1;
        }
        if is_in(Group::Kept) {
            self.starred += u64::from(call.starred);
            self.noted += u64::from(call.noted);
        }
    }
}

fn groups(database: &Connection, query: &Query, counts: &Counts) -> Result<Vec<FacetGroup>, StoreError> {
    let chosen = |written: &str| {
        let written = written.replace('"', "").to_lowercase();
        query.filters.iter().any(|chosen| !chosen.not && chosen.written.replace('"', "") == written)
    };
    let value = |label: &str, filter: String, count: u64| FacetValue {
        label: label.to_owned(),
        chosen: chosen(&filter),
        filter,
        count,
    };
    let results = STATES.iter().map(|(word, status, label)| {
        let count = match status {
            Status::State(state) => counts.results.get(*state).copied().unwrap_or(0),
            _ => ["queued", "waiting", "streaming", "retrying"]
                .iter()
                .filter_map(|state| counts.results.get(*state))
                .sum(),
        };
        value(label, format!("status:{word}"), count)
    });
    let kinds = counts.kinds.iter().map(|(kind, count)| {
        let label = if kind == "models" { "Models" } else { "Chat" };
        value(label, format!("endpoint:{kind}"), *count)
    });
    let named = |filter: &str, counts: &HashMap<i64, u64>, most: usize| -> Result<Vec<FacetValue>, StoreError> {
        let mut values = Vec::new();
        for (id, count) in counts {
            let name: String = database
                .prepare_cached("SELECT name FROM names WHERE id = ?1")
                .doing(DOING)?
                .query_row([id], |row| row.get(0))
                .doing(DOING)?;
            if !name.is_empty() {
                values.push(value(&name, format!("{filter}:{}", written(&name)), *count));
            }
        }
        values.sort_by(|a, b| (b.chosen, b.count, &a.label).cmp(&(a.chosen, a.count, &b.label)));
        values.truncate(most);
        Ok(values)
    };
    let group = |title: &str, values: Vec<FacetValue>| FacetGroup { title: title.to_owned(), values };
    Ok(vec![
        group("Result", results.collect()),
        group("Kind", kinds.collect()),
        group("Model", named("model", &counts.models, MODELS)?),
        group("Connection", named("connection", &counts.connections, MODELS)?),
        group(
            "Kept",
            vec![
                value("Starred", "is:starred".to_owned(), counts.starred),
                value("With a note", "has:note".to_owned(), counts.noted),
            ],
        ),
    ])
}

/// A value as it has to be written in a query.
fn written(name: &str) -> String {
    if name.contains(|letter: char| letter.is_whitespace() || letter == '"') {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}
