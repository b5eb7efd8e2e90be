//! Files and pasted texts of every kind that Juxta reads, told apart by what is in them. Everything of a file is read
//! before anything of it is kept, and is kept in one transaction.

use std::collections::HashSet;

use juxta_client::import::curl::CurlCommand;
use juxta_client::import::jsonl::LineRequest;
use juxta_client::import::{called, decode, har, jsonl};
use juxta_client::providers;
use juxta_client::recorded::{Arrival, ArrivalKind, RecordedRun};
use juxta_store::{Import, ImportedExchange, ImportedRun, IndexRecord, RecordKind};
use juxta_wire::connection::Connection;
use juxta_wire::endpoint::{Dialect, EndpointKind, ProfileId};
use juxta_wire::error::AppError;
use juxta_wire::ids::{CellId, ComparisonId, ConnectionId, RunId};
use juxta_wire::lane::Comparison;
use juxta_wire::run::Run;
use juxta_wire::transfer::{Imported, ImportedDraft};

use super::content::Content;
use super::{Adopted, bundle, comparison_of, free_name};
use crate::Engine;
use crate::run::{invalid, storage};

/// Drafts of one file; more would bury the list of comparisons.
const MOST_DRAFTS: usize = 200;
/// Calls of other tools in one file, each of which becomes a run.
const MOST_CALLS: usize = 2000;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Curl,
    Har,
    Jsonl,
    Bundle,
}

impl Engine {
    /// Takes in a file or a pasted text. `name` is the file's, empty for a text. Blocks on the disk and the keychain.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with the place, when it is damaged or of no kind that Juxta reads. Then nothing was taken in.
    pub fn import_data(&self, name: &str, bytes: &[u8]) -> Result<Imported, AppError> {
        match format_of(bytes)? {
            Format::Curl => self.import_curl_text(decode(bytes)?),
            Format::Bundle => {
                let mut taking = Taking::new(self)?;
                taking.take_runs(bundle::read(bytes)?)?;
                taking.finish("bundle")
            }
            Format::Har => {
                let file = har::read(bytes)?;
                if file.entries.len() > MOST_CALLS {
                    let message = format!(
                        "The file holds {} calls, and {MOST_CALLS} can be taken in at once: split it",
                        file.entries.len()
                    );
                    return Err(invalid("file", &message));
                }
                let mut taking = Taking::new(self)?;
                taking.unknown.extend(file.unknown);
                taking.take_runs(file.runs)?;
                for entry in file.entries {
                    taking.take_entry(entry)?;
                }
                taking.finish("HAR")
            }
            Format::Jsonl => {
                let file = jsonl::read(bytes)?;
                let mut taking = Taking::new(self)?;
                taking.unknown.extend(file.unknown);
                taking.take_lines(file.requests, name)?;
                taking.take_own_lines(file.runs)?;
                taking.finish("JSONL")
            }
        }
    }

    fn import_curl_text(&self, text: &str) -> Result<Imported, AppError> {
        let found = self.import_curl(text)?;
        Ok(Imported {
            format: "curl".to_owned(),
            draft: Some(ImportedDraft {
                connection: found.connection,
                is_new_connection: found.is_new_connection,
                comparison: found.comparison,
            }),
            saved: Vec::new(),
            runs: Vec::new(),
            keys_found: found.keys_found,
            unknown: found.unknown,
        })
    }
}

fn format_of(bytes: &[u8]) -> Result<Format, AppError> {
    if bytes.starts_with(b"PK\x03\x04") {
        return Ok(Format::Bundle);
    }
    let text = decode(bytes)?.trim_start();
    if text.is_empty() {
        return Err(invalid("file", "There is nothing in it"));
    }
    if text.starts_with('{') {
        // The beginning tells, also when the rest is damaged.
        let beginning = text.as_bytes()[1..].trim_ascii_start();
        let is_har = beginning.starts_with(b"\"log\"") || har::has_log(text);
        return Ok(if is_har { Format::Har } else { Format::Jsonl });
    }
    if text.starts_with('[') {
        return Err(invalid(
            "file",
            "This is a JSON list: put each of its items on a line of its own, and import it again",
        ));
    }
    let is_command = text.lines().take(20).any(|line| {
        line.split_whitespace().any(|word| {
            let program = word.rsplit(['/', '\\']).next().unwrap_or(word);
            program.eq_ignore_ascii_case("curl") || program.eq_ignore_ascii_case("curl.exe")
        })
    });
    match is_command {
        true => Ok(Format::Curl),
        false => Err(invalid("file", "This is neither a curl command nor HAR, JSON lines or a bundle of Juxta")),
    }
}

/// An import under way. Nothing is kept before [`Taking::finish`], keys aside, which must not wait in memory.
pub(super) struct Taking<'a> {
    pub engine: &'a Engine,
    /// Those that are saved and those that will be.
    known: Vec<Connection>,
    new: HashSet<ConnectionId>,
    names: Vec<String>,
    drafts: Vec<Comparison>,
    runs: Vec<ImportedRun>,
    seen: HashSet<RunId>,
    keys_found: Vec<String>,
    pub unknown: Vec<String>,
}

impl<'a> Taking<'a> {
    fn new(engine: &'a Engine) -> Result<Self, AppError> {
        Ok(Self {
            engine,
            known: engine.connections()?,
            new: HashSet::new(),
            names: engine.comparisons()?.into_iter().map(|summary| summary.name).collect(),
            drafts: Vec::new(),
            runs: Vec::new(),
            seen: HashSet::new(),
            keys_found: Vec::new(),
            unknown: Vec::new(),
        })
    }

    pub fn name(&mut self, what: String) {
        if !self.unknown.contains(&what) {
            self.unknown.push(what);
        }
    }

    /// `part` names the place in the file: `entry 3`.
    pub fn adopt(&mut self, command: &CurlCommand, part: &str) -> Result<(Connection, EndpointKind), AppError> {
        let mut unknown = command.unknown.clone();
        let Adopted { connection, is_new, endpoint } =
            self.engine.adopt(command, &self.known, &mut self.keys_found, &mut unknown)?;
        for what in unknown {
            self.name(format!("{part}: {what}"));
        }
        if is_new {
            self.new.insert(connection.id.clone());
            self.known.push(connection.clone());
        } else if let Some(known) = self.known.iter_mut().find(|known| known.id == connection.id) {
            // It may have been given a key.
            *known = connection.clone();
        }
        Ok((connection, endpoint))
    }

    pub fn comparison(&mut self, wanted: &str, content: Content, connection: &Connection, part: &str) -> Comparison {
        let name = free_name(wanted, &self.names);
        self.names.push(name.clone());
        let mut unknown = Vec::new();
        let comparison = comparison_of(name, content, connection, &mut unknown);
        for what in unknown {
            self.name(format!("{part}: {what}"));
        }
        comparison
    }

    pub fn add_draft(&mut self, comparison: Comparison) {
        self.drafts.push(comparison);
    }

    /// Runs of Juxta. One that is here already comes in as another.
    pub fn take_runs(&mut self, runs: Vec<RecordedRun>) -> Result<(), AppError> {
        let ids: Vec<(RunId, Vec<CellId>)> = runs
            .iter()
            .map(|run| (run.summary.id.clone(), run.calls.iter().map(|call| call.cell.id.clone()).collect()))
            .collect();
        let known = self.engine.store().known_runs(&ids).map_err(storage)?;
        for run in runs {
            let is_taken = known.contains(&run.summary.id) || !self.seen.insert(run.summary.id.clone());
            let run = if is_taken { with_new_ids(run) } else { run };
            for call in &run.calls {
                let (id, name) = (&call.cell.connection, &call.cell.connection_name);
                if !self.known.iter().any(|connection| connection.id == *id) {
                    self.name(format!(
                        "the connection {name} (it is not on this computer: choose one before you run it again)"
                    ));
                }
            }
            self.runs.push(imported_run(run)?);
        }
        Ok(())
    }

    fn take_lines(&mut self, requests: Vec<LineRequest>, file_name: &str) -> Result<(), AppError> {
        if requests.len() > MOST_DRAFTS {
            let message = format!(
                "The file holds {} requests, and {MOST_DRAFTS} can be opened as drafts at once: split it",
                requests.len()
            );
            return Err(invalid("file", &message));
        }
        let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem).trim();
        let stem = if stem.is_empty() { "Line" } else { stem };
        for request in requests {
            let part = format!("line {}", request.line);
            let (connection, endpoint) = self.connection_of_line(&request, &part)?;
            let wanted = request.custom_id.clone().unwrap_or_else(|| format!("{stem} {}", request.line));
            let comparison = self.comparison(&wanted, Content::of(endpoint, &request.body), &connection, &part);
            let comparison = self.exact(comparison, &connection, &request.body);
            self.add_draft(comparison);
        }
        Ok(())
    }

    /// A batch names the endpoint and not the server.
    fn connection_of_line(
        &mut self,
        request: &LineRequest,
        part: &str,
    ) -> Result<(Connection, EndpointKind), AppError> {
        let url = request.url.as_deref().unwrap_or_default();
        if url.contains("://") {
            let command = CurlCommand::of_request("POST", url, [], Some(request.body.clone()))
                .map_err(|_| invalid("file", &format!("{part}: the url is no http address")))?;
            return self.adopt(&command, part);
        }
        let (dialect, endpoint) = called(url, &request.body).unwrap_or_else(|| {
            // A query may hold a key.
            let path = url.split(['?', '#']).next().unwrap_or_default();
            if !path.is_empty() {
                self.name(format!("{part}: the path {path} (it opens as a chat)"));
            }
            (providers::dialect_of(path).unwrap_or(Dialect::OpenAi), EndpointKind::Chat)
        });
        let speaks = |connection: &&Connection| connection.dialect == dialect;
        let own = self.known.iter().filter(|connection| connection.profile != ProfileId::Sandbox).find(speaks);
        let connection = own.or_else(|| self.known.iter().find(speaks)).or(self.known.first()).cloned();
        let connection =
            connection.ok_or_else(|| invalid("file", "Add a connection first: the lines name no server"))?;
        self.name(format!("the server (the lines name none: {} is chosen)", connection.name));
        Ok((connection, endpoint))
    }

    fn take_own_lines(&mut self, runs: Vec<jsonl::OwnRun>) -> Result<(), AppError> {
        let mut whole = Vec::new();
        for jsonl::OwnRun { mut run, lacks_snapshot } in runs {
            if lacks_snapshot && let Some(call) = run.calls.first() {
                let body = call.cell.request.as_ref().map_or("", |request| request.body.as_str());
                let mut unknown = Vec::new();
                let name = run.summary.name.clone();
                if let Some(connection) = self.known.iter().find(|connection| connection.id == call.cell.connection) {
                    let content = Content::of(call.cell.endpoint, body);
                    run.snapshot = comparison_of(name, content, connection, &mut unknown);
                }
                self.name("the comparison (the line that told it is not in the file)".to_owned());
            }
            if run.calls.iter().any(|call| call.cell.outcome.events > 0 && call.body.is_empty()) {
                self.name("the bytes of streamed answers (these lines hold their texts only)".to_owned());
            }
            whole.push(run);
        }
        self.take_runs(whole)
    }

    pub fn add_run(&mut self, run: RecordedRun) -> Result<(), AppError> {
        self.seen.insert(run.summary.id.clone());
        self.runs.push(imported_run(run)?);
        Ok(())
    }

    /// Keeps everything at once. The first draft opens, and is not saved.
    fn finish(mut self, format: &str) -> Result<Imported, AppError> {
        if self.drafts.is_empty() && self.runs.is_empty() {
            let why = self.unknown.first().map_or_else(String::new, |first| format!(", only {first}"));
            return Err(invalid("file", &format!("There is no request in it that a lane can send{why}")));
        }
        let first = (!self.drafts.is_empty()).then(|| self.drafts.remove(0));
        let lanes = self.drafts.iter().chain(self.runs.iter().map(|run| &run.run.snapshot)).flat_map(|one| &one.lanes);
        let needed: HashSet<ConnectionId> = lanes.map(|lane| lane.connection.clone()).collect();
        let saved_connections: Vec<Connection> = self
            .known
            .iter()
            .filter(|connection| self.new.contains(&connection.id) && needed.contains(&connection.id))
            .cloned()
            .collect();
        let draft = first.and_then(|comparison| {
            let lane = comparison.lanes.first()?;
            let connection = self.known.iter().find(|connection| connection.id == lane.connection)?.clone();
            let is_new_connection = self.new.contains(&connection.id) && !needed.contains(&connection.id);
            Some(ImportedDraft { connection, is_new_connection, comparison })
        });
        let ids: Vec<RunId> = self.runs.iter().map(|run| run.run.summary.id.clone()).collect();
        let store = self.engine.store();
        let import = Import { connections: saved_connections, comparisons: self.drafts, runs: self.runs };
        let saved = store.import(import).map_err(storage)?;
        let runs = ids.iter().filter_map(|id| store.run_summary(id).transpose()).collect::<Result<_, _>>();
        Ok(Imported {
            format: format.to_owned(),
            draft,
            saved,
            runs: runs.map_err(storage)?,
            keys_found: self.keys_found,
            unknown: self.unknown,
        })
    }
}

fn with_new_ids(mut run: RecordedRun) -> RecordedRun {
    run.summary.id = RunId::new();
    for call in &mut run.calls {
        call.cell.id = CellId::new();
    }
    run
}

/// As the store takes it. The id of the run is told to its calls, whatever they said.
fn imported_run(run: RecordedRun) -> Result<ImportedRun, AppError> {
    let RecordedRun { mut summary, snapshot, calls } = run;
    if calls.is_empty() {
        return Err(invalid("file", &format!("The run {} has no calls", summary.name)));
    }
    if summary.comparison.as_str().is_empty() {
        summary.comparison = ComparisonId::new();
    }
    summary.live = false;
    let mut cells = Vec::with_capacity(calls.len());
    let mut exchanges = Vec::new();
    for mut call in calls {
        call.cell.run = summary.id.clone();
        if let Some(request) = call.request {
            exchanges.push(ImportedExchange {
                cell: call.cell.id.clone(),
                attempts: request.attempts,
                request_head: request.head,
                request_body: request.body,
                body: call.body,
                index: call.arrivals.iter().map(record).collect(),
            });
        }
        cells.push(call.cell);
    }
    Ok(ImportedRun { run: Run { summary, snapshot, cells }, exchanges })
}

pub(super) fn record(arrival: &Arrival) -> IndexRecord {
    let kind = match arrival.kind {
        ArrivalKind::Chunk => RecordKind::Chunk,
        ArrivalKind::Event => RecordKind::Event,
        ArrivalKind::Comment => RecordKind::Comment,
    };
    IndexRecord { kind, at: arrival.at, offset: arrival.offset, length: arrival.length }
}
