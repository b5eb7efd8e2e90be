//! The one thread that writes to the database.
//!
//! Twelve lanes that end at once would each pay for a commit. Here writes wait in a bounded channel; the thread takes
//! all that are waiting into one transaction, each in a savepoint of its own so that one that fails takes none along,
//! and answers when the transaction stands.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use crate::error::{Doing, StoreError};

/// Writes that may wait; whoever comes next waits for a place.
const QUEUE: usize = 256;
/// Most writes in one transaction.
const GROUP: usize = 64;

/// Runs within a transaction, or hears why there is none; gives back how to answer once the commit is known.
type Job = Box<dyn FnOnce(Result<&Connection, Arc<rusqlite::Error>>) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Result<(), Arc<rusqlite::Error>>)>;

pub(crate) struct Writer {
    /// `None` only while dropping: the thread ends when the last sender is gone.
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub fn start(connection: Connection) -> Result<Self, std::io::Error> {
        let (jobs, waiting) = sync_channel(QUEUE);
        let thread = thread::Builder::new().name("juxta-store".to_owned()).spawn(move || run(connection, waiting))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
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
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes the database had panicked");
        }
    }
}

fn run(connection: Connection, waiting: Receiver<Job>) {
    while let Ok(first) = waiting.recv() {
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
        let writer = Writer::start(notes()).unwrap();
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
