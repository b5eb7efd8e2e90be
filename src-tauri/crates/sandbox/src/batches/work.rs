//! The work on one batch, from the look at its file to its results. Left at any moment, it goes on where it was.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use juxta_wire::endpoint::Dialect;
use tokio::time::Instant;

use super::check::{self, Line, Problem};
use super::crew::Crew;
use super::faults::Fault;
use super::record::{Record, Status};
use super::results::{self, row_id};
use super::store::KeptFile;
use super::{Batch, Batches};
use crate::chance::Chance;
use crate::routes;
use crate::state::{State, now};

/// How long a batch is looked at before its work begins, and how long its results are put together.
const A_MOMENT: Duration = Duration::from_millis(150);
/// Rows that are answered at the same time.
const AT_ONCE: usize = 8;
/// Results come out of order inside of so many rows.
const BLOCK: usize = 8;

/// Goes on with all that was not over when the last sandbox ended.
pub(crate) fn resume(state: &Arc<State>, address: SocketAddr) {
    for id in state.batches().unfinished() {
        begin(state, address, id);
    }
}

/// Works in the background. `address` is where the sandbox says it is in answers.
pub(crate) fn begin(state: &Arc<State>, address: SocketAddr, id: String) {
    let of_work = Arc::clone(state);
    state.batches().spawn(async move {
        let batches = of_work.batches();
        if let Err(error) = work(&of_work, address, &id).await {
            let problem = Problem::of_file("server_error", &format!("The sandbox could not go on: {error}"));
            let failed = batches.change(&id, |record| {
                record.errors = vec![problem];
                record.enter(Status::Failed, now());
            });
            // A disk that takes nothing any more does not take this either. The next start tries again.
            drop(failed);
        }
    });
}

/// How the rows came to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Done,
    Cancelled,
    Expired,
}

async fn work(state: &Arc<State>, address: SocketAddr, id: &str) -> io::Result<()> {
    let batches = state.batches();
    let Some(Batch { record, .. }) = batches.find(id) else { return Ok(()) };
    if record.status == Status::Validating {
        tokio::time::sleep(A_MOMENT).await;
    }
    let Some(job) = look(state, &record, address).await? else { return Ok(()) };
    let end = match batches.find(id).map(|batch| batch.record.status) {
        Some(Status::Cancelling) => End::Cancelled,
        Some(_) => rows(batches, &job).await?,
        None => return Ok(()),
    };
    finish(batches, &job, end).await
}

/// A batch whose file was found good.
struct Job {
    id: String,
    dialect: Dialect,
    batch: Batch,
    crew: Arc<Crew>,
    /// Places of rows that are not done.
    left: BTreeSet<usize>,
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// Reads the file and what is done of it. `None` when the file is refused.
async fn look(state: &Arc<State>, record: &Record, address: SocketAddr) -> io::Result<Option<Job>> {
    let (of_look, known) = (Arc::clone(state), record.clone());
    let (input, checked) = blocking(move || {
        let batches = of_look.batches();
        if !batches.store().has_content(&known.input_file) {
            let gone = Problem::of_file("file_not_found", "The input file is no longer there.");
            return Ok((Bytes::new(), Err(vec![gone])));
        }
        let input = batches.content(&known.input_file)?;
        let checked = check::check(known.dialect, known.endpoint.as_deref(), &input);
        Ok((input, checked))
    })
    .await?;
    let batches = state.batches();
    let id = record.id.clone();
    let refused = match &checked {
        Err(problems) => Some(problems.clone()),
        Ok(lines) => {
            let is_refused = batches.find(&id).is_some_and(|batch| batch.faults.has(Fault::Refused));
            is_refused.then(|| refuse(lines))
        }
    };
    if let Some(errors) = refused {
        batches.change(&id, |record| {
            record.errors = errors;
            record.enter(Status::Failed, now());
        })?;
        return Ok(None);
    }
    let Ok(lines) = checked else { return Ok(None) };
    let lines: Arc<[Line]> = lines.into();
    let (of_look, known, count) = (Arc::clone(state), record.clone(), lines.len());
    let (succeeded, failed) = blocking(move || {
        let batches = of_look.batches();
        Ok((done(batches, &known.id, &known.output_file, count)?, done(batches, &known.id, &known.error_file, count)?))
    })
    .await?;
    let left = (0..count).filter(|place| !succeeded.contains(place) && !failed.contains(place)).collect();
    batches.change(&id, |record| {
        record.total = count as u64;
        record.completed = succeeded.len() as u64;
        record.failed = failed.len() as u64;
        if record.status == Status::Validating {
            record.enter(Status::InProgress, now());
        }
    })?;
    let Some(batch) = batches.find(&id) else { return Ok(None) };
    let crew = Crew {
        router: routes::endpoints(Arc::clone(state), address),
        host: address.to_string(),
        batch: id.clone(),
        dialect: record.dialect,
        fails_some: batch.faults.has(Fault::Partial),
        input,
        lines,
    };
    Ok(Some(Job { id, dialect: record.dialect, batch, crew: Arc::new(crew), left }))
}

/// What is done already, with the file mended where the last process left it in the middle of a line.
fn done(batches: &Batches, batch: &str, file: &str, rows: usize) -> io::Result<BTreeSet<usize>> {
    let done = results::done(batch, rows, &batches.content(file)?);
    if let Some(mended) = done.mended {
        batches.store().write(file, &mended)?;
    }
    Ok(done.places)
}

/// Faults where there are none.
fn refuse(lines: &[Line]) -> Vec<Problem> {
    let last = lines.last().filter(|_| lines.len() > 1);
    let both = lines.first().into_iter().chain(last);
    both.map(|line| Problem {
        code: "invalid_request".to_owned(),
        line: Some(line.number),
        message: "This line is refused because metadata or the model asked for it.".to_owned(),
        param: None,
    })
    .collect()
}

/// Answers rows until all are done or something ends the batch.
async fn rows(batches: &Batches, job: &Job) -> io::Result<End> {
    let faults = &job.batch.faults;
    let total = job.crew.lines.len();
    let half = total / 2;
    let ends_half_way = faults.has(Fault::Expired) || faults.has(Fault::Cancelled);
    let mut output = batches.store().append(&job.batch.record.output_file)?;
    let mut errors = batches.store().append(&job.batch.record.error_file)?;
    let order = order(&job.id, total, faults.has(Fault::Shuffled));
    let left: Vec<usize> = order.into_iter().filter(|place| job.left.contains(place)).collect();
    let answers = stream::iter(left).map(|place| {
        let crew = Arc::clone(&job.crew);
        async move { crew.answer(place).await }
    });
    let mut answers = pin!(answers.buffered(AT_ONCE));
    let begun = Instant::now();
    let before = total - job.left.len();
    for (number, over) in (1_u32..).zip(before..) {
        if ends_half_way && over >= half {
            break;
        }
        if now() >= job.batch.record.expires_at {
            return Ok(End::Expired);
        }
        let row = async {
            let row = answers.next().await;
            if let Some(rate) = faults.rate() {
                tokio::time::sleep_until(begun + Duration::from_secs_f64(f64::from(number) / rate)).await;
            }
            row
        };
        let row = tokio::select! {
            biased;
            () = job.batch.cancelled.notified() => return Ok(End::Cancelled),
            row = row => row,
        };
        let Some(row) = row else { return Ok(End::Done) };
        // Written before it is counted, so that no count says more than there is.
        let file = if row.has_failed { &mut errors } else { &mut output };
        file.write_all(row.line.as_bytes())?;
        batches.note(&job.id, |batch| match row.has_failed {
            true => batch.record.failed += 1,
            false => batch.record.completed += 1,
        });
    }
    if faults.has(Fault::Expired) {
        return Ok(End::Expired);
    }
    batches.change(&job.id, |record| record.enter(Status::Cancelling, now()))?;
    Ok(End::Cancelled)
}

/// Makes the results a file that can be fetched, and then says so.
async fn finish(batches: &Batches, job: &Job, end: End) -> io::Result<()> {
    if end == End::Expired {
        expire(batches, job)?;
    }
    if end != End::Cancelled {
        batches.change(&job.id, |record| record.enter(Status::Finalizing, now()))?;
    }
    tokio::time::sleep(A_MOMENT).await;
    let Some(Batch { record, faults, .. }) = batches.find(&job.id) else { return Ok(()) };
    if faults.has(Fault::BrokenLines) {
        let content = batches.content(&record.output_file)?;
        batches.store().write(&record.output_file, &results::with_broken_lines(&job.id, &content))?;
    }
    for (file, name, rows) in
        [(&record.output_file, "output", record.completed), (&record.error_file, "error", record.failed)]
    {
        if rows == 0 {
            batches.store().delete_file(file);
            continue;
        }
        batches.tell_of_file(KeptFile {
            id: file.clone(),
            name: format!("{}_{name}.jsonl", job.id),
            purpose: "batch_output".to_owned(),
            bytes: batches.content(file)?.len() as u64,
            created_at: now(),
            expires_at: None,
            listed: job.dialect == Dialect::OpenAi,
        })?;
    }
    let status = match end {
        End::Done => Status::Completed,
        End::Cancelled => Status::Cancelled,
        End::Expired => Status::Expired,
    };
    batches.change(&job.id, |record| record.enter(status, now()))?;
    Ok(())
}

/// Every row that is left has failed.
fn expire(batches: &Batches, job: &Job) -> io::Result<()> {
    let record = &job.batch.record;
    let rows = job.crew.lines.len();
    let mut over = done(batches, &job.id, &record.output_file, rows)?;
    over.extend(done(batches, &job.id, &record.error_file, rows)?);
    let message = "This request could not be executed before the completion window expired.";
    let late: Vec<String> = (0..rows)
        .filter(|place| !over.contains(place))
        .map(|place| {
            let custom_id = &job.crew.lines[place].custom_id;
            results::unanswered(&row_id(&job.id, place), custom_id, "batch_expired", message)
        })
        .collect();
    batches.store().append(&record.error_file)?.write_all(late.concat().as_bytes())?;
    batches.note(&job.id, |batch| batch.record.failed += late.len() as u64);
    Ok(())
}

/// In which order rows are answered: the same each time for the same batch.
fn order(batch: &str, rows: usize, shuffled: bool) -> Vec<usize> {
    let seed = batch.bytes().fold(0_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut chance = Chance::new(seed);
    let mut order: Vec<usize> = (0..rows).collect();
    for block in order.chunks_mut(if shuffled { rows.max(1) } else { BLOCK }) {
        for at in (1..block.len()).rev() {
            block.swap(at, chance.below(at + 1));
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_its_turn_once() {
        for rows in [0, 1, 7, 8, 9, 1_000] {
            for shuffled in [false, true] {
                let order = order("batch_a", rows, shuffled);
                assert_eq!(order, super::order("batch_a", rows, shuffled), "a restart finds the same order");
                assert_eq!(order.iter().copied().collect::<BTreeSet<_>>(), (0..rows).collect());
                assert_eq!(order.len(), rows);
                if !shuffled {
                    assert!(order.iter().enumerate().all(|(turn, place)| turn / BLOCK == place / BLOCK));
                }
            }
        }
        assert_ne!(order("batch_a", 100, true), order("batch_b", 100, true));
    }
}
