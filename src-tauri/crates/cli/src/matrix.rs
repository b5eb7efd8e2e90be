//! `juxta-cli matrix`: prompts over models, values, rows and repeats, with checks that decide the exit status.

mod base;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use juxta_engine::matrix::MatrixAgainst;
use juxta_engine::{Engine, Keys, blocking};
use juxta_sandbox::Sandbox;
use juxta_wire::connection::Connection;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::{Matrix, MatrixCount, MatrixNews, MatrixPlan, MatrixState};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::run::link_sandbox;

#[derive(clap::Args)]
pub struct Arguments {
    /// A matrix as Juxta writes it. It may hold `connections` beside its lanes, whose keys come from environment
    /// variables. The path of its table leads from where the file lies.
    file: PathBuf,
    /// Writes every call with its answer here: the ending of the name, .jsonl, .csv, .parquet or .html, says in which form.
    #[arg(long)]
    out: Vec<PathBuf>,
    /// Writes the results of the checks here, as JUnit's XML.
    #[arg(long)]
    junit: Option<PathBuf>,
    /// A data folder of Juxta whose connections and keys are used, and which keeps the matrix. Juxta itself must be closed.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Goes on with the newest matrix in the data folder that has this name and plan, where there is one: only what is
    /// missing is sent. Limits may be others than before.
    #[arg(long, requires = "data")]
    resume: bool,
    /// With `--resume`, sends those too that failed.
    #[arg(long, requires = "resume")]
    retry_failures: bool,
    /// Says what got better or worse than an earlier run: lines of JSON that `--out` wrote of it, or its id in the data
    /// folder. Rows are found by their values, variants and checks by their names. The file may be written anew.
    #[arg(long)]
    base: Option<String>,
    /// The exit status is 1 when a variant is worse than its base or cannot be compared with it, or when the matrix did not
    /// come to its end. Calls and checks that fail count in the comparison only.
    #[arg(long, requires = "base")]
    fail_on_worse: bool,
    /// Says how many calls there are and what they may cost, and sends nothing.
    #[arg(long)]
    count: bool,
}

/// What stands in the file beside the plan.
#[derive(Deserialize)]
struct Beside {
    #[serde(default)]
    connections: Vec<Connection>,
}

pub async fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let text = std::fs::read_to_string(&arguments.file).map_err(|error| at(&arguments.file, error))?;
    let beside: Beside = serde_json::from_str(&text).map_err(|error| at(&arguments.file, error))?;
    for path in arguments.out.iter().chain(&arguments.junit) {
        check_place(path)?;
    }
    if let Some(junit) = arguments.junit.as_ref().filter(|path| path.extension().is_none_or(|ending| ending != "xml")) {
        return Err(format!("{}: the name of JUnit's file ends with .xml", junit.display()));
    }
    // A folder for this matrix only, unless one was named.
    let scratch = tempfile::tempdir().map_err(words)?;
    let engine = match &arguments.data {
        Some(folder) => {
            let keys = if std::env::var_os("JUXTA_MEMORY_KEYS").is_some() { Keys::Memory } else { Keys::System };
            Engine::open(folder, keys)
        }
        None => Engine::open(scratch.path(), Keys::Memory),
    }
    .map_err(words)?;
    for connection in beside.connections {
        engine.save_connection(connection).map_err(words)?;
    }
    let plan = engine.read_matrix_file(&arguments.file).map_err(words)?;
    let sandbox = link_sandbox(&engine, &plan.comparison).await?;
    let done = follow(&engine, plan, &arguments).await;
    engine.shut_down().await;
    if let Some(sandbox) = sandbox {
        Sandbox::shutdown(sandbox).await;
    }
    done
}

/// Before hours of calls, and not after them.
fn check_place(path: &Path) -> Result<(), String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(at(path, "there is no such folder"));
    }
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "jsonl" | "ndjson" | "csv" | "parquet" | "html" | "htm" | "xml" => Ok(()),
        _ => Err(at(path, "results are saved as .jsonl, .csv, .parquet, .html or .xml")),
    }
}

async fn follow(engine: &Engine, plan: MatrixPlan, arguments: &Arguments) -> Result<ExitCode, String> {
    let (counting, of) = (engine.clone(), plan.clone());
    let count = blocking(move || counting.count_matrix(&of)).await.map_err(words)?;
    tell_count(&count);
    if !count.problems.is_empty() {
        return Err(count.problems.join("\n"));
    }
    let base = match &arguments.base {
        Some(base) => Some(base::open(engine, base, &plan, &count).await?),
        None => None,
    };
    if arguments.count {
        return Ok(ExitCode::SUCCESS);
    }
    let known = keep(engine, plan, arguments)?;
    if base.as_ref().is_some_and(|base| base.id() == Some(&known.id)) {
        return Err("The base is the matrix that would go on: leave out --resume, or choose another base".to_owned());
    }
    // From here on: what was told before says that it does not run.
    let (heard, mut news) = mpsc::unbounded_channel();
    engine.watch_matrices(Box::new(move |one| heard.send(one).is_ok()));
    let matrix = start(engine, known, arguments).await?;
    let id = matrix.id.clone();
    let mut progress = Progress::default();
    progress.tell(&matrix);
    let mut last = matrix;
    while last.state == MatrixState::Running {
        tokio::select! {
            one = news.recv() => match one {
                Some(MatrixNews::Changed { matrix }) if matrix.id == id => {
                    progress.tell(&matrix);
                    last = *matrix;
                }
                Some(_) => {}
                None => return Err("The engine stopped".to_owned()),
            },
            stopped = tokio::signal::ctrl_c() => {
                stopped.map_err(words)?;
                eprintln!("Stopping. With --data and --resume the rest is sent later.");
                engine.pause_matrix(&id).map_err(words)?;
                last = engine.pause_matrix(&id).map_err(words)?;
            }
        }
    }
    let matrix = engine.matrix(&id).map_err(words)?;
    if let Some(problem) = &matrix.problem {
        eprintln!("{problem}");
    }
    let against = match base {
        Some(base) => Some(base::compare(engine, &id, base).await?),
        None => None,
    };
    save(engine, &id, against.as_ref(), arguments).await?;
    if let Some(against) = &against {
        base::tell(against);
    }
    tell_end(&matrix);
    if arguments.data.is_some() {
        eprintln!("Kept as {id}.");
    }
    if let Some(against) = against.filter(|_| arguments.fail_on_worse) {
        let is_good = matrix.state == MatrixState::Finished && !against.is_worse() && !against.is_silent();
        return Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let all_passed = matrix.plan.comparison.draft.checks.is_empty() || matrix.counts.passed == matrix.counts.total;
    let is_whole = matrix.state == MatrixState::Finished && matrix.counts.finished == matrix.counts.total;
    Ok(if is_whole && all_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A matrix of its own, or one that was begun with the same plan.
fn keep(engine: &Engine, plan: MatrixPlan, arguments: &Arguments) -> Result<Matrix, String> {
    let mut known = None;
    if arguments.resume {
        let wanted = without_ids(&plan)?;
        for matrix in engine.matrices().map_err(words)? {
            if known.is_none() && matrix.state != MatrixState::Draft && without_ids(&matrix.plan)? == wanted {
                known = Some(matrix);
            }
        }
    }
    if let Some(known) = &known {
        eprintln!("Goes on with {} of {} calls over.", over(known), known.counts.total);
    }
    engine.save_matrix(known.as_ref().map(|known| &known.id), plan).map_err(words)
}

async fn start(engine: &Engine, matrix: Matrix, arguments: &Arguments) -> Result<Matrix, String> {
    if arguments.retry_failures && matrix.counts.failed + matrix.counts.not_judged > 0 {
        return engine.retry_matrix_failures(&matrix.id).await.map_err(words);
    }
    match matrix.state {
        MatrixState::Finished => Ok(matrix),
        _ => engine.start_matrix(&matrix.id).await.map_err(words),
    }
}

/// What says whether two plans are one: a file need not name the ids of its lanes, and limits may be changed.
fn without_ids(plan: &MatrixPlan) -> Result<Value, String> {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.remove("id");
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(plan).map_err(words)?;
    strip(&mut value);
    if let Some(members) = value.as_object_mut() {
        members.remove("limits");
    }
    Ok(value)
}

async fn save(
    engine: &Engine,
    id: &MatrixId,
    against: Option<&MatrixAgainst>,
    arguments: &Arguments,
) -> Result<(), String> {
    for path in arguments.out.iter().chain(&arguments.junit) {
        let (saving, id, into, against) = (engine.clone(), id.clone(), path.clone(), against.cloned());
        let saved = blocking(move || saving.save_matrix_results(&id, &into, against.as_ref())).await;
        let calls = saved.map_err(words)?;
        eprintln!("{}  {calls} calls", path.display());
    }
    Ok(())
}

fn tell_count(count: &MatrixCount) {
    let product = [
        (u64::from(count.prompts), "prompt"),
        (u64::from(count.lanes), "model"),
        (u64::from(count.values), "value"),
        (count.rows, "row"),
        (u64::from(count.repeats), "repeat"),
    ];
    let product: Vec<String> = product.into_iter().map(|(number, what)| counted(number, what)).collect();
    let currency = count.currency.as_deref().unwrap_or_default();
    let cost = match (count.cost_in, count.cost_at_most) {
        (_, Some(most)) => format!(", at most {most:.4} {currency}"),
        (Some(least), None) => format!(", {least:.4} {currency} for the requests alone"),
        (None, None) => String::new(),
    };
    let judges = match count.judge_calls {
        0 => String::new(),
        calls => format!(" and {} of judges", counted(calls, "call")),
    };
    let calls = counted(count.cells, "call");
    eprintln!("{} = {calls}{judges}, about {} tokens in{cost}", product.join(" × "), count.tokens_in);
    for note in &count.notes {
        eprintln!("{note}");
    }
}

fn counted(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

fn over(matrix: &Matrix) -> u64 {
    matrix.counts.finished + matrix.counts.failed
}

/// A line for each twentieth of the way, and for each new state.
#[derive(Default)]
struct Progress {
    told: Option<(MatrixState, u64, Option<u32>)>,
}

impl Progress {
    fn tell(&mut self, matrix: &Matrix) {
        let counts = matrix.counts;
        let twentieth = (over(matrix) * 20).checked_div(counts.total).unwrap_or_default();
        let now = (matrix.state, twentieth, matrix.slowed_to);
        if self.told.replace(now) == Some(now) {
            return;
        }
        let slowed = matrix.slowed_to.map_or_else(String::new, |calls| format!(", slowed to {calls} at a time"));
        eprintln!(
            "{}  {} of {} over, {} failed, {} in flight{slowed}",
            matrix.plan.name,
            over(matrix),
            counts.total,
            counts.failed,
            counts.in_flight
        );
    }
}

fn tell_end(matrix: &Matrix) {
    let word = match matrix.state {
        MatrixState::Draft => "not begun",
        MatrixState::Running => "running",
        MatrixState::Paused => "paused",
        MatrixState::Interrupted => "interrupted",
        MatrixState::OverBudget => "the budget is spent",
        MatrixState::Finished => "finished",
    };
    let counts = matrix.counts;
    let checks = match matrix.plan.comparison.draft.checks.is_empty() {
        true => String::new(),
        false => format!(", {} pass every check, {} do not", counts.passed, counts.not_passed),
    };
    let spent = matrix.spent.map_or_else(String::new, |spent| {
        format!(", {spent:.4} {} spent", matrix.currency.as_deref().unwrap_or_default())
    });
    eprintln!(
        "{}  {word}: {} of {} finished, {} failed{checks}{spent}",
        matrix.plan.name, counts.finished, counts.total, counts.failed
    );
}

fn at(path: &Path, error: impl std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
