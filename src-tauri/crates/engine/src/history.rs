//! The history: what was run before, found again, kept or thrown away.

use std::sync::atomic::Ordering;

use juxta_wire::error::AppError;
use juxta_wire::ids::RunId;
use juxta_wire::run::CellState;
use juxta_wire::search::{FilterHelp, SearchFacets, SearchPage, SearchQuery, Totals};

use crate::Engine;
use crate::run::{storage, unix_milliseconds};

/// Deleted runs that are removed in one transaction, so that what a person does meanwhile does not wait.
const REMOVED_AT_ONCE: u32 = 10;
/// Earlier calls that are read into the index in one transaction.
const INDEXED_AT_ONCE: u32 = 16;

impl Engine {
    /// One page of the calls that a query finds, newest first.
    pub fn search(&self, query: &SearchQuery) -> Result<SearchPage, AppError> {
        let mut page = self.store().search(query, unix_milliseconds()).map_err(storage)?;
        // The store hears of a call when it begins and when it ends, and of nothing in between.
        for row in page.rows.iter_mut().filter(|row| matches!(row.state.as_str(), "queued" | "waiting")) {
            if let Some(live) = self.feed().snapshot(&row.cell) {
                row.state = state_name(&live.cell.state).to_owned();
            }
        }
        Ok(page)
    }

    /// How the matches of a query divide; `offset` is how many minutes the time zone is ahead of UTC.
    pub fn search_facets(&self, text: &str, offset: i32) -> Result<SearchFacets, AppError> {
        self.store().search_facets(text, offset, unix_milliseconds()).map_err(storage)
    }

    /// Every filter of the query language with an example.
    pub fn search_help(&self) -> Vec<FilterHelp> {
        juxta_store::search_help()
    }

    pub fn star_run(&self, run: &RunId, starred: bool) -> Result<(), AppError> {
        self.store().star_run(run, starred)?;
        self.tell_marks(run)
    }

    /// Replaces the note of a run.
    pub fn note_run(&self, run: &RunId, note: &str) -> Result<(), AppError> {
        self.store().note_run(run, note)?;
        self.tell_marks(run)
    }

    /// Takes runs out of every list, and stops those that are live. Until the next start they can be brought back.
    pub fn delete_runs(&self, runs: &[RunId]) -> Result<(), AppError> {
        for run in runs {
            self.stop_run(run);
        }
        self.store().delete_runs(runs).map_err(storage)
    }

    pub fn undelete_runs(&self, runs: &[RunId]) -> Result<(), AppError> {
        self.store().undelete_runs(runs).map_err(storage)
    }

    /// What calls since `since`, Unix milliseconds, used.
    pub fn totals(&self, since: u64) -> Result<Totals, AppError> {
        self.store().totals(since).map_err(storage)
    }

    /// A run that is live has its row in memory too, and every window shows the row.
    fn tell_marks(&self, run: &RunId) -> Result<(), AppError> {
        if let Some(stored) = self.store().run_summary(run)? {
            self.feed().tell_run(self.live_runs().mark(stored));
        }
        Ok(())
    }

    /// What an earlier start left to do: removes what was deleted, and reads calls of an earlier version into the index.
    /// In small steps, beside everything else; what is not done when the app closes is done at the next start.
    pub(crate) fn tidy_history(&self) {
        let engine = self.downgrade();
        self.tasks().spawn_blocking(move || {
            while let Some(engine) = engine.upgrade().filter(|engine| !engine.is_closing().load(Ordering::Relaxed)) {
                match engine.tidy_step() {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(error) => {
                        tracing::warn!(%error, "the history could not be tidied; the next start tries again");
                        return;
                    }
                }
            }
        });
    }

    /// `false` when nothing is left to do.
    fn tidy_step(&self) -> Result<bool, AppError> {
        let left = self.store().remove_deleted(REMOVED_AT_ONCE)?;
        let indexed = self.store().index_missing(INDEXED_AT_ONCE)?;
        Ok(left.is_some() || indexed > 0)
    }
}

/// As the page spells it.
fn state_name(state: &CellState) -> &'static str {
    match state {
        CellState::Queued => "queued",
        CellState::Waiting => "waiting",
        CellState::Streaming => "streaming",
        CellState::Retrying { .. } => "retrying",
        CellState::Replaying { .. } => "replaying",
        CellState::Finished => "finished",
        CellState::Stopped => "stopped",
        CellState::Failed => "failed",
        CellState::EndedEarly => "endedEarly",
        CellState::Interrupted => "interrupted",
    }
}
