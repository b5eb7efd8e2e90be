//! `juxta-cli batch`: work for a provider's queue, on the same data folder as the window.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use juxta_engine::{Engine, Keys, blocking};
use juxta_wire::batch::{BatchFault, BatchJob, BatchNews, BatchPlan, BatchSource, BatchState, MetadataEntry};
use juxta_wire::connection::{Connection, KeySource, Network};
use juxta_wire::endpoint::{Dialect, ProfileId};
use juxta_wire::ids::{BatchId, ConnectionId};

/// Faults of a file that are named one by one.
const MOST_FAULTS: usize = 20;

#[derive(clap::Args)]
pub struct Arguments {
    /// A data folder of Juxta, which keeps the batches. Juxta itself must be closed.
    #[arg(long, env = "JUXTA_DATA")]
    data: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Hands over a file of requests, one on each line. Prints the batch's id.
    ///
    /// The exit status is 0 when the provider has it, and with `--wait` when every request was answered.
    Submit(Submit),
    /// Sends a draft that was not sent, or again a batch whose answer never came, which its provider may have already.
    Send { id: String },
    /// Writes one line of JSON for each batch, the newest first.
    List,
    /// Follows a batch, or all that are under way, until they are over and their results are here.
    ///
    /// Progress goes to stderr. The exit status is 0 only when every request was answered.
    Watch { id: Option<String> },
    /// Writes requests joined to their answers: the ending of the name, .jsonl, .csv, .parquet or .html, says in which form.
    Results {
        id: String,
        #[arg(short, long)]
        out: PathBuf,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Speaks {
    Openai,
    Scaigrid,
}

#[derive(clap::Args)]
struct Submit {
    file: PathBuf,
    /// Id or name of a connection in the data folder.
    #[arg(long, required_unless_present = "base_url")]
    connection: Option<String>,
    /// The address of a server, which is kept as a connection of its own.
    #[arg(long, conflicts_with = "connection")]
    base_url: Option<String>,
    /// What the server at that address speaks.
    #[arg(long, requires = "base_url", default_value = "openai")]
    dialect: Speaks,
    /// The environment variable with the key for that address.
    #[arg(long, requires = "base_url")]
    key: Option<String>,
    #[arg(long)]
    name: Option<String>,
    /// `24h`, `4h` or `1h`, as far as the provider has them.
    #[arg(long)]
    window: Option<String>,
    /// `name=value`; may be given several times.
    #[arg(long)]
    metadata: Vec<String>,
    /// Leaves out lines with faults instead of refusing the file.
    #[arg(long)]
    leave_out_faults: bool,
    /// Follows the batch to its end.
    #[arg(long)]
    wait: bool,
}

pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let keys = if std::env::var_os("JUXTA_MEMORY_KEYS").is_some() { Keys::Memory } else { Keys::System };
    let engine = Engine::open(&arguments.data, keys).map_err(words)?;
    let done = match arguments.what {
        What::Submit(submit) => hand_over(&engine, submit).await,
        What::Send { id } => send(&engine, BatchId(id)).await,
        What::List => list(&engine),
        What::Watch { id } => watch(&engine, id.map(BatchId)).await,
        What::Results { id, out } => results(&engine, BatchId(id), out).await,
    };
    engine.shut_down().await;
    done
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

async fn hand_over(engine: &Engine, submit: Submit) -> Result<ExitCode, String> {
    let connection = connection(engine, &submit)?;
    let metadata = submit.metadata.iter().map(|text| entry(text)).collect::<Result<Vec<_>, _>>()?;
    let plan =
        BatchPlan { name: submit.name.unwrap_or_default(), connection, window: submit.window, metadata, url: None };
    let path = std::path::absolute(&submit.file).map_err(words)?;
    let source = BatchSource::File { path: path.display().to_string() };
    engine.go_on_with_batches().await.map_err(words)?;
    let making = engine.clone();
    let job = blocking(move || making.make_batch(source, plan)).await.map_err(words)?;
    let check = engine.whole_batch_check(&job.id).await.map_err(words)?;
    for note in &check.notes {
        eprintln!("{note}");
    }
    if check.fault_count > 0 {
        tell_faults(&submit.file, &check.faults, check.fault_count);
        if !submit.leave_out_faults {
            engine.drop_batch(&job.id).map_err(words)?;
            return Ok(ExitCode::FAILURE);
        }
    }
    let job = engine.send_batch(&job.id).await.map_err(words)?;
    print_id(&job.id)?;
    tell(&job);
    match job.state {
        BatchState::Draft | BatchState::Unknown | BatchState::Refused => Ok(ExitCode::FAILURE),
        _ if submit.wait => follow(engine, vec![job.id]).await,
        _ => Ok(ExitCode::SUCCESS),
    }
}

async fn send(engine: &Engine, id: BatchId) -> Result<ExitCode, String> {
    engine.go_on_with_batches().await.map_err(words)?;
    let job = match find(engine, &id)?.state {
        BatchState::Unknown => engine.send_batch_again(&id).await,
        _ => engine.send_batch(&id).await,
    };
    let job = job.map_err(words)?;
    tell(&job);
    let is_sent = !matches!(job.state, BatchState::Draft | BatchState::Unknown | BatchState::Refused);
    Ok(if is_sent { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell_faults(file: &Path, faults: &[BatchFault], count: u64) {
    for fault in faults.iter().take(MOST_FAULTS) {
        eprintln!("{}:{}: {}", file.display(), fault.line, fault.message);
    }
    let more = count.saturating_sub(faults.len().min(MOST_FAULTS) as u64);
    if more > 0 {
        eprintln!("{}: {more} more", file.display());
    }
}

fn entry(text: &str) -> Result<MetadataEntry, String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("{text}: metadata is written name=value"))?;
    Ok(MetadataEntry { name: name.to_owned(), value: value.to_owned() })
}

/// The connection that was named, or one for the address that was given; the same address makes the same connection.
fn connection(engine: &Engine, submit: &Submit) -> Result<ConnectionId, String> {
    let known = engine.connections().map_err(words)?;
    if let Some(named) = &submit.connection {
        let found = known.iter().find(|one| one.id.as_str() == named || one.name == *named);
        return found.map(|one| one.id.clone()).ok_or_else(|| format!("There is no connection {named}"));
    }
    let base_url = submit.base_url.clone().unwrap_or_default();
    let (dialect, profile) = match submit.dialect {
        Speaks::Openai => (Dialect::OpenAi, ProfileId::OpenAiCompatible),
        Speaks::Scaigrid => (Dialect::ScaigridV1, ProfileId::Scaigrid),
    };
    if let Some(one) = known.iter().find(|one| one.base_url == base_url && one.dialect == dialect) {
        return Ok(one.id.clone());
    }
    let its = engine.profiles().into_iter().find(|one| one.id == profile);
    let mut headers = its.map(|profile| profile.headers).unwrap_or_default();
    if let Some(name) = &submit.key {
        for secret in headers.iter_mut().filter_map(|header| header.secret.as_mut()) {
            secret.source = KeySource::Environment { name: name.clone() };
        }
    }
    let connection = Connection {
        id: ConnectionId::new(),
        name: base_url.clone(),
        profile,
        dialect,
        base_url,
        headers,
        network: Network::default(),
        plain_http_agreed: false,
    };
    Ok(engine.save_connection(connection).map_err(words)?.id)
}

fn list(engine: &Engine) -> Result<ExitCode, String> {
    for job in engine.batches().map_err(words)? {
        print_line(&serde_json::to_string(&job).map_err(words)?)?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn watch(engine: &Engine, id: Option<BatchId>) -> Result<ExitCode, String> {
    engine.go_on_with_batches().await.map_err(words)?;
    let ids = match id {
        Some(id) => vec![id],
        None => engine.batches().map_err(words)?.into_iter().filter(is_under_way).map(|job| job.id).collect(),
    };
    follow(engine, ids).await
}

/// Until each is over and its results are here, or until only a person can go on.
async fn follow(engine: &Engine, ids: Vec<BatchId>) -> Result<ExitCode, String> {
    let (heard, mut news) = tokio::sync::mpsc::unbounded_channel();
    engine.watch_batches(Box::new(move |one| heard.send(one).is_ok()));
    let mut all_answered = true;
    for id in ids {
        // Told from the row first: what happened before somebody listened is in it.
        let mut job = find(engine, &id)?;
        tell(&job);
        while is_under_way(&job) {
            match news.recv().await {
                Some(BatchNews::Changed { batch }) if batch.id == id => {
                    if (batch.state, batch.counts, batch.fetched) != (job.state, job.counts, job.fetched)
                        || batch.problem.is_some()
                    {
                        tell(&batch);
                    }
                    job = *batch;
                }
                Some(BatchNews::Gone { id: gone }) if gone == id => return Err("The batch was dropped".to_owned()),
                Some(_) => {}
                None => return Err("The engine stopped".to_owned()),
            }
        }
        let all = job.counts.done == job.counts.total && job.counts.failed == 0;
        all_answered &= job.state == BatchState::Finished && all;
    }
    Ok(if all_answered { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn is_under_way(job: &BatchJob) -> bool {
    job.next_check.is_some() && (!job.state.is_over() || !job.fetched)
}

fn find(engine: &Engine, id: &BatchId) -> Result<BatchJob, String> {
    let jobs = engine.batches().map_err(words)?;
    jobs.into_iter().find(|job| job.id == *id).ok_or_else(|| format!("There is no batch {id}"))
}

async fn results(engine: &Engine, id: BatchId, out: PathBuf) -> Result<ExitCode, String> {
    let (saving, path) = (engine.clone(), out.clone());
    let of = id.clone();
    let rows = blocking(move || saving.save_batch(&of, &path)).await.map_err(words)?;
    let job = find(engine, &id)?;
    eprintln!("{}  {rows} rows", out.display());
    let whole = job.state == BatchState::Finished && job.fetched && job.counts.failed == 0;
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One line on stderr.
fn tell(job: &BatchJob) {
    let word = match job.state {
        BatchState::Draft => "not sent",
        BatchState::Sending => "sending",
        BatchState::Unknown => "unknown: the answer never came",
        BatchState::Queued => "queued",
        BatchState::Running => "running",
        BatchState::Finalizing => "finalizing",
        BatchState::Cancelling => "cancelling",
        BatchState::Finished => "finished",
        BatchState::Refused => "refused",
        BatchState::Expired => "expired",
        BatchState::Cancelled => "cancelled",
        BatchState::Other => job.provider_state.as_deref().unwrap_or("in a state without a name"),
    };
    let counts = job.counts;
    let fetched = if job.state.is_over() && job.fetched { ", fetched" } else { "" };
    let why = job.problem.as_ref().map_or_else(String::new, |error| format!(": {error}"));
    eprintln!("{}  {word}, {} done, {} failed of {}{fetched}{why}", job.name, counts.done, counts.failed, counts.total);
}

fn print_id(id: &BatchId) -> Result<(), String> {
    print_line(id.as_str())
}

fn print_line(line: &str) -> Result<(), String> {
    use std::io::Write as _;
    let mut out = std::io::stdout();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(words)
}
