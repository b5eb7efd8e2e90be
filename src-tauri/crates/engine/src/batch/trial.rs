//! The first lines of a draft, sent live before all of it goes into a queue: whether they are answered, and what the whole
//! would take.
//!
//! Their calls are a run like any other, a lane for each line with the line's body to the byte. `trial.json` beside the
//! file says which lines they were.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use juxta_wire::batch::{BatchMend, BatchNews, BatchTrial, BatchTrialFailure};
use juxta_wire::draft::Draft;
use juxta_wire::error::AppError;
use juxta_wire::ids::{BatchId, ComparisonId, ConnectionId, LaneId, RunId};
use juxta_wire::lane::{Comparison, Lane};
use juxta_wire::run::{Cell, CellState, Run};
use serde::{Deserialize, Serialize};

use super::check::{self, Rules};
use super::line::Lines;
use super::look::{input_of, still_draft};
use super::mend::{self, in_one_step};
use super::pick::{picked, text};
use super::words::counted;
use crate::run::feed::lock;
use crate::run::{Planned, invalid, storage};
use crate::{Engine, blocking};

/// The most lines that are sent live.
pub const MOST_LINES: u32 = 100;
/// Bytes of all their bodies: each is kept with the run too.
const MOST_BYTES: usize = 32 << 20;

/// What `trial.json` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tried {
    run: RunId,
    /// In the order of the run's lanes.
    lines: Vec<TriedLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TriedLine {
    line: u64,
    custom_id: String,
    /// As the look at the file reckons them.
    tokens: u64,
}

impl Engine {
    /// Sends the first `count` lines of a draft that would be sent, each as a call of its own.
    ///
    /// # Errors
    /// When the batch was sent, when no line can be sent, or while lines of it are being sent live.
    pub async fn try_batch(&self, id: &BatchId, count: u32) -> Result<BatchTrial, AppError> {
        self.learn_windows_for(id).await;
        let (engine, of) = (self.clone(), id.clone());
        let (run, planned, trial) = blocking(move || engine.plan_trial(&of, count)).await?;
        self.launch(&run, planned);
        Ok(trial)
    }

    /// What has come so far of the lines that were sent live last; `None` where none were.
    ///
    /// # Errors
    /// When there is no such batch, or its run cannot be read.
    pub fn batch_trial(&self, id: &BatchId) -> Result<Option<BatchTrial>, AppError> {
        self.stored_batch(id)?;
        let Some(tried) = read(&trial_file(&self.batch_folder(id)?)) else { return Ok(None) };
        match self.run(&tried.run) {
            Ok(run) => Ok(Some(told(&tried, &run))),
            // It was deleted in the history.
            Err(AppError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn plan_trial(&self, id: &BatchId, count: u32) -> Result<(Run, Vec<Planned>, BatchTrial), AppError> {
        let batch = self.stored_batch(id)?;
        still_draft(&batch)?;
        let checked = self.whole_look(id)?;
        if !checked.check.done {
            return Err(invalid("batch", "The file is still being looked at"));
        }
        let folder = self.batch_folder(id)?;
        let mends = mend::read(&folder.join("mends.json"))?;
        let chosen = Chosen { undecided: &checked.undecided, mends: &mends, rules: self.rules(&batch)? };
        let count = count.clamp(1, MOST_LINES) as usize;
        let (lanes, lines) = chosen.first(&input_of(&folder), count, &batch.job.connection).map_err(storage)?;
        if lanes.is_empty() {
            return Err(invalid("batch", "No line can be sent live"));
        }
        let name = format!("{} · {} live", batch.job.name, counted(lanes.len() as u64, "line", "lines"));
        let comparison = Comparison { id: ComparisonId::new(), name, draft: Draft::default(), lanes, repeats: 1 };

        let shared = self.batches_shared();
        let _trying = lock(&shared.trying);
        let before: Vec<RunId> =
            lock(&shared.trials).iter().filter(|(_, of)| *of == id).map(|(run, _)| run.clone()).collect();
        if before.iter().any(|run| self.live_runs().summary(run).is_some()) {
            return Err(invalid("batch", "Lines of this batch are being sent live already"));
        }
        let (run, planned) = self.plan_lanes(comparison, None)?;
        let tried = Tried { run: run.summary.id.clone(), lines };
        let bytes = serde_json::to_vec(&tried).map_err(storage)?;
        in_one_step(&trial_file(&folder), |file| file.write_all(&bytes)).map_err(storage)?;
        lock(&shared.trials).insert(tried.run.clone(), id.clone());
        let trial = told(&tried, &run);
        Ok((run, planned, trial))
    }

    /// A call is over. Where it was a line of a draft, whoever looks at batches hears of it.
    pub(crate) fn tell_trial(&self, run: &RunId) {
        if !lock(&self.batches_shared().trials).contains_key(run) {
            return;
        }
        let (engine, run) = (self.clone(), run.clone());
        self.tasks().spawn_blocking(move || {
            let shared = engine.batches_shared();
            // Of two that end together the later news is the newer one.
            let _trying = lock(&shared.trying);
            let Some(id) = lock(&shared.trials).get(&run).cloned() else { return };
            match engine.batch_trial(&id) {
                Ok(Some(trial)) => {
                    let is_over = trial.over == trial.lines;
                    shared.tell(&BatchNews::Trial { id, trial: Box::new(trial) });
                    if is_over {
                        lock(&shared.trials).remove(&run);
                    }
                }
                Ok(None) | Err(AppError::NotFound { .. }) => drop(lock(&shared.trials).remove(&run)),
                Err(error) => tracing::warn!(%error, batch = %id, "lines that were sent live could not be read"),
            }
        });
    }
}

/// Live trials, by their runs.
pub(super) type Trials = HashMap<RunId, BatchId>;

fn trial_file(folder: &Path) -> PathBuf {
    folder.join("trial.json")
}

/// One that cannot be read is as good as none: the run is in the history.
fn read(path: &Path) -> Option<Tried> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Which lines would be sent, and how.
struct Chosen<'a> {
    /// In order.
    undecided: &'a [u64],
    mends: &'a mend::Mends,
    rules: Rules,
}

impl Chosen<'_> {
    fn first(&self, input: &Path, count: usize, connection: &ConnectionId) -> io::Result<(Vec<Lane>, Vec<TriedLine>)> {
        let (mut lanes, mut tried, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut lines = Lines::open(input)?;
        while tried.len() < count
            && bytes < MOST_BYTES
            && let Some(line) = lines.next_line()?
        {
            let sent = match self.mends.get(&line.number) {
                _ if line.is_blank() || line.is_too_long || self.undecided.binary_search(&line.number).is_ok() => None,
                Some(BatchMend::LeaveOut) => None,
                Some(BatchMend::Replace { text, .. }) => Some(text.as_str()),
                None => std::str::from_utf8(line.bytes).ok(),
            };
            let Some((lane, line)) = sent.and_then(|sent| self.lane(sent, line.number, connection)) else { continue };
            bytes += lane.raw_body.as_ref().map_or(0, String::len);
            lanes.push(lane);
            tried.push(line);
        }
        Ok((lanes, tried))
    }

    /// `None` for a line that is kept although nobody knows what it calls.
    fn lane(&self, sent: &str, number: u64, connection: &ConnectionId) -> Option<(Lane, TriedLine)> {
        let [id, body] = picked(sent, ["custom_id", "body"]);
        let asked = check::asked(sent, &self.rules);
        let lane = Lane {
            id: LaneId::new(),
            connection: connection.clone(),
            endpoint: asked.endpoint?,
            model: asked.model.unwrap_or_default(),
            overrides: Vec::new(),
            forked_messages: None,
            muted: false,
            raw_body: Some(body?.get().to_owned()),
            hold: false,
            variables: Vec::new(),
        };
        let custom_id = text(id).unwrap_or_default().into_owned();
        Some((lane, TriedLine { line: number, custom_id, tokens: asked.tokens }))
    }
}

fn told(tried: &Tried, run: &Run) -> BatchTrial {
    // Of a line that was sent again from the history the last call counts.
    let cells: HashMap<u32, &Cell> = run.cells.iter().map(|cell| (cell.lane_index, cell)).collect();
    let mut all = Vec::new();
    for (index, line) in tried.lines.iter().enumerate() {
        if let Some(cell) = cells.get(&(index as u32)) {
            all.push((line, *cell));
        }
    }
    let over = all.iter().filter(|(_, cell)| cell.state.is_over()).count();
    let (answered, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, cell)| cell.state == CellState::Finished);
    let failed = others.into_iter().filter(|(_, cell)| cell.state.is_over());
    let tokens_out: Vec<f64> = answered.iter().filter_map(|(_, cell)| tokens_out(cell)).collect();
    let times: Vec<f64> = answered.iter().filter_map(|(_, cell)| cell.milestones.end).collect();
    let (mean_cost, currency) = mean_cost(answered.iter().map(|(_, cell)| *cell)).unzip();
    BatchTrial {
        run: tried.run.clone(),
        lines: tried.lines.len() as u32,
        over: over as u32,
        answered: answered.len() as u32,
        failures: failed.map(|(line, cell)| failure(line, cell)).collect(),
        median_tokens_out: juxta_stats::median(&tokens_out).map(|median| median.value),
        mean_tokens_out: mean(&tokens_out),
        median_milliseconds: juxta_stats::median(&times).map(|median| median.value),
        input_ratio: input_ratio(&answered),
        mean_cost,
        currency,
    }
}

fn failure(line: &TriedLine, cell: &Cell) -> BatchTrialFailure {
    BatchTrialFailure {
        line: line.line,
        custom_id: line.custom_id.clone(),
        cell: cell.id.clone(),
        state: cell.state.clone(),
        error: cell.error.clone(),
    }
}

fn tokens_out(cell: &Cell) -> Option<f64> {
    let tokens = cell.metrics.visible_tokens? + cell.metrics.reasoning_tokens.unwrap_or(0);
    Some(tokens as f64)
}

/// `None` where one price is not known, or another currency's: half of the costs would look like all of them.
fn mean_cost<'a>(cells: impl Iterator<Item = &'a Cell>) -> Option<(f64, String)> {
    let costs = cells.map(|cell| cell.metrics.cost.as_ref()).collect::<Option<Vec<_>>>()?;
    let currency = &costs.first()?.currency;
    let amounts: Vec<f64> = costs.iter().map(|cost| cost.amount).collect();
    costs.iter().all(|cost| cost.currency == *currency).then(|| Some((mean(&amounts)?, currency.clone())))?
}

fn mean(figures: &[f64]) -> Option<f64> {
    (!figures.is_empty()).then(|| figures.iter().sum::<f64>() / figures.len() as f64)
}

/// Over the lines whose tokens the provider counted.
fn input_ratio(answered: &[(&TriedLine, &Cell)]) -> Option<f64> {
    let counted = answered.iter().filter_map(|(line, cell)| Some((cell.metrics.input_tokens?, line.tokens)));
    let (told, reckoned) = counted.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    (told > 0 && reckoned > 0).then(|| told as f64 / reckoned as f64)
}
