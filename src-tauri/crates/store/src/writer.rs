//! The one thread that writes to the database.
//!
//! Twelve lanes that end at once would each pay for a commit. Here writes wait in a bounded channel; the thread takes
//! all that are waiting into one transaction, each in a savepoint of its own so that one that fails takes none along,
//! and answers when the transaction stands.
//!
//! What a commit leaves to do is done in small steps while nobody waits, such as merging the index. A second thread folds
//! the log into the database now and then, because that waits for the medium, and no commit shall.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

use crate::database;
use crate::error::{Doing, StoreError};

/// Writes that may wait; whoever comes next waits for a place.
const QUEUE: usize = 256;
/// Most writes in one transaction.
const GROUP: usize = 64;
/// The log is folded into the database after this many transactions …
const FOLD_AFTER: u32 = 64;
/// … or when nothing was written for this long.
const QUIET: Duration = Duration::from_secs(1);

/// Runs within a transaction, or hears why there is none; gives back how to answer once the commit is known.
type Job = Box<dyn FnOnce(Result<&Connection, Arc<rusqlite::Error>>) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Result<(), Arc<rusqlite::Error>>)>;

/// A little work that can wait; `true` when there is more of it.
pub(crate) type Idle = fn(&Connection) -> bool;

pub(crate) struct Writer {
    /// `None` only while dropping: the thread ends when the last sender is gone.
    jobs: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Writer {
    /// `idle` is called at the start and after each transaction, while nobody waits.
    pub fn start(connection: Connection, idle: Idle) -> Result<Self, std::io::Error> {
        let (jobs, waiting) = sync_channel(QUEUE);
        // One request may wait: it covers all that is in the log when it is taken up.
        let (fold, requests) = sync_channel(1);
        let path = connection.path().map(PathBuf::from).unwrap_or_default();
        let rest = Arc::new(AtomicBool::new(false));
        let has_rest = Arc::clone(&rest);
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        let threads = vec![
            named("juxta-store").spawn(move || run(connection, &waiting, &fold, &has_rest, idle))?,
            named("juxta-store-log").spawn(move || fold_when_asked(path, &requests, &rest))?,
        ];
        Ok(Self { jobs: Some(jobs), threads })
    }

    /// Does `work` on the writer thread and comes back when it is committed. When it fails, nothing of it stays.
    pub fn write<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = sync_channel(1);
        let job: Job = Box::new(move |transaction| {
            let result = match transaction {
                Ok(connection) => in_savepoint(connection, doing, work),
                Err(source) => Err(StoreError::Transaction { doing, source }),
            };
            Box::new(move |committed| {
                let result = match committed {
                    Ok(()) => result,
                    Err(source) => result.and(Err(StoreError::Transaction { doing, source })),
                };
                // Nobody listens any more when the caller's thread has died; the write stands all the same.
                let _ = answer.send(result);
            })
        });
        self.jobs.as_ref().ok_or(StoreError::Closed)?.send(job).map_err(|_| StoreError::Closed)?;
        answered.recv().map_err(|_| StoreError::Closed)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the database had panicked");
            }
        }
    }
}

/// What stands between the jobs.
struct Between<'a> {
    connection: &'a Connection,
    waiting: &'a Receiver<Job>,
    fold: &'a SyncSender<()>,
    /// The log was folded but for what was written meanwhile, and is long.
    has_rest: &'a AtomicBool,
    /// Transactions since the log was folded.
    unfolded: u32,
    idle: Idle,
    has_idle_work: bool,
}

impl Between<'_> {
    /// The next job. While there is none, does what is left to do, and asks for the log to be folded.
    fn next_job(&mut self) -> Option<Job> {
        while self.has_idle_work {
            match self.waiting.try_recv() {
                Ok(job) => return Some(job),
                Err(TryRecvError::Disconnected) => return None,
                Err(TryRecvError::Empty) => {
                    self.has_idle_work = (self.idle)(self.connection);
                    self.count();
                }
            }
        }
        if self.unfolded > 0 {
            match self.waiting.recv_timeout(QUIET) {
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => self.ask(),
            }
        }
        self.waiting.recv().ok()
    }

    fn count(&mut self) {
        self.unfolded += 1;
        // While much is written without a pause, the other thread never gets to the end of the log, which then grows
        // for as long as that lasts. Only here nobody adds to it, and what is left is little.
        if self.has_rest.swap(false, Ordering::Relaxed)
            && let Err(error) = database::fold_log(self.connection)
        {
            tracing::warn!(%error, "the log stays as it is until the next time");
        }
        if self.unfolded >= FOLD_AFTER {
            self.ask();
        }
    }

    fn ask(&mut self) {
        self.unfolded = 0;
        // One that waits already does the same, and without the thread the log is folded when the folder is closed.
        let _ = self.fold.try_send(());
    }
}

fn fold_when_asked(path: PathBuf, requests: &Receiver<()>, rest: &AtomicBool) {
    let mut connection = None;
    while requests.recv().is_ok() {
        let folded = match &connection {
            Some(connection) => database::fold_log(connection),
            None => database::open_for_folding(&path).and_then(|opened| database::fold_log(connection.insert(opened))),
        };
        match folded {
            Ok(has_rest) => rest.store(has_rest, Ordering::Relaxed),
            Err(error) => tracing::warn!(%error, "the log stays as it is until the next time"),
        }
    }
}

fn run(connection: Connection, waiting: &Receiver<Job>, fold: &SyncSender<()>, has_rest: &AtomicBool, idle: Idle) {
    let mut between =
        Between { connection: &connection, waiting, fold, has_rest, unfolded: 0, idle, has_idle_work: true };
    while let Some(first) = between.next_job() {
        let mut group = std::iter::once(first).chain(waiting.try_iter()).take(GROUP);
        let answers: Vec<Answer>;
        let committed;
        match connection.execute_batch("BEGIN IMMEDIATE") {
            Ok(()) => {
                // Lazy: a write that arrives while the group is being written still joins it.
                answers = group.by_ref().map(|job| job(Ok(&connection))).collect();
                committed = connection.execute_batch("COMMIT").map_err(Arc::new);
                if committed.is_err()
                    && !connection.is_autocommit()
                    && let Err(error) = connection.execute_batch("ROLLBACK")
                {
                    tracing::error!(%error, "a transaction that failed could not be rolled back");
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                answers = group.by_ref().map(|job| job(Err(Arc::clone(&error)))).collect();
                committed = Err(error);
            }
        }
        for answer in answers {
            answer(committed.clone());
        }
        between.has_idle_work = true;
        between.count();
    }
}

fn in_savepoint<T>(
    connection: &Connection,
    doing: &'static str,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.execute_batch("SAVEPOINT job").doing(doing)?;
    let result = work(connection);
    if result.is_err() {
        connection.execute_batch("ROLLBACK TO job").doing(doing)?;
    }
    connection.execute_batch("RELEASE job").doing(doing)?;
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE notes (text TEXT NOT NULL)").unwrap();
        connection
    }

    fn count(writer: &Writer) -> u32 {
        writer
            .write("count", |connection| {
                connection.query_row("SELECT count(*) FROM notes", [], |row| row.get(0)).doing("count")
            })
            .unwrap()
    }

    #[test]
    fn a_write_that_fails_takes_nothing_else_of_its_group_along() {
        let writer = Writer::start(notes(), |_| false).unwrap();
        thread::scope(|scope| {
            for number in 0..40 {
                let writer = &writer;
                scope.spawn(move || {
                    let result = writer.write("add a note", move |connection| {
                        connection
                            .execute("INSERT INTO notes VALUES (?1)", [number.to_string()])
                            .doing("add a note")?;
                        let text = (number % 2 == 0).then_some("second");
                        connection.execute("INSERT INTO notes VALUES (?1)", [text]).doing("add a note")?;
                        Ok(())
                    });
                    assert_eq!(result.is_ok(), number % 2 == 0, "each write hears of its own end");
                });
            }
        });
        assert_eq!(count(&writer), 40, "two notes of each even number, none of the odd ones");
    }
}
