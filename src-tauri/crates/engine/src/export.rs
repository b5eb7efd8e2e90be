//! Runs that leave as files. No key leaves with them: every text and every byte is searched for those that are known.

mod bundle;
pub(crate) mod file;
mod picture;

use juxta_client::recorded::{Arrival, ArrivalKind, RecordedCall, RecordedRequest, RecordedRun, har, jsonl};
use juxta_client::redact::{KnownKeys, is_auth_header, is_auth_query};
use juxta_store::{IndexRecord, RecordKind};
use juxta_wire::connection::Connection;
use juxta_wire::error::AppError;
use juxta_wire::ids::{CellId, RunId};
use juxta_wire::run::{Cell, Run};
use juxta_wire::transfer::{ExportFormat, ExportSubject, Exported};
use url::Url;

use crate::run::{internal, invalid, storage, unix_milliseconds};
use crate::{Engine, not_found};

pub(crate) use bundle::{MANIFEST, Manifest, ManifestCall, VERSION as BUNDLE_VERSION, names as bundle_names};

impl Engine {
    /// Writes a file into the folder for exports and says where it is. Blocks on the disk and the keychain.
    ///
    /// # Errors
    /// [`AppError::Invalid`] while a call is not over, and for the body of more than one answer;
    /// [`AppError::Keychain`] when a key cannot be read that the file has to be searched for.
    pub fn export_runs(&self, subject: &ExportSubject, format: ExportFormat) -> Result<Exported, AppError> {
        let mut runs = self.recorded_runs(subject)?;
        let keys = self.export_keys(&runs)?;
        let mut removed = false;
        for run in &mut runs {
            removed |= run.remove_keys(&keys);
        }
        let comment = match removed {
            true => "Keys were removed: KeyRemoved… stands in their places, as long as they were.",
            false => "",
        };
        let (bytes, ending) = match format {
            ExportFormat::Har => (har::write(&runs, env!("CARGO_PKG_VERSION"), comment).map_err(internal)?, "har"),
            ExportFormat::Jsonl => (jsonl::write(&runs).map_err(internal)?, "jsonl"),
            ExportFormat::Body => body(&runs)?,
            ExportFormat::Bundle => (bundle::write(&runs, comment)?, "juxta"),
        };
        let mark = if removed && format == ExportFormat::Body { "-keys-removed" } else { "" };
        file::save(&self.export_folder()?, &format!("{}{mark}.{ending}", file_stem(&runs)), &bytes)
    }

    /// Writes a text that a screen shows. Unless the person allows code with keys, it has none.
    pub fn save_text(&self, file_name: &str, text: &str) -> Result<Exported, AppError> {
        let folder = self.export_folder()?;
        if self.settings()?.code_with_secrets {
            return file::save(&folder, file_name, text.as_bytes());
        }
        file::save(&folder, file_name, self.export_keys(&[])?.masked(text).as_bytes())
    }

    /// Writes bytes as they are.
    pub(crate) fn save_bytes(&self, file_name: &str, bytes: &[u8]) -> Result<Exported, AppError> {
        file::save(&self.export_folder()?, file_name, bytes)
    }

    fn export_folder(&self) -> Result<std::path::PathBuf, AppError> {
        file::folder(self.settings()?.export_folder.as_deref())
    }

    /// The runs with all of their bytes, keys in them included.
    pub(crate) fn recorded_runs(&self, subject: &ExportSubject) -> Result<Vec<RecordedRun>, AppError> {
        match subject {
            ExportSubject::Cell { cell } => {
                let run = self.store().cell_run(cell).map_err(storage)?.ok_or_else(|| not_found("The answer"))?;
                Ok(vec![self.recorded_run(&run, Some(cell))?])
            }
            ExportSubject::Runs { runs } if runs.is_empty() => Err(invalid("runs", "Choose a run to export")),
            ExportSubject::Runs { runs } => runs.iter().map(|run| self.recorded_run(run, None)).collect(),
        }
    }

    fn recorded_run(&self, id: &RunId, only: Option<&CellId>) -> Result<RecordedRun, AppError> {
        let Run { summary, snapshot, cells } =
            self.store().run(id).map_err(storage)?.ok_or_else(|| not_found("The run"))?;
        let wanted = cells.into_iter().filter(|cell| only.is_none_or(|only| cell.id == *only));
        let calls = wanted.map(|cell| self.recorded_call(cell)).collect::<Result<_, _>>()?;
        Ok(RecordedRun { summary, snapshot, calls })
    }

    /// A call with its bytes, keys in them included.
    pub(crate) fn recorded_call(&self, cell: Cell) -> Result<RecordedCall, AppError> {
        if !cell.state.is_over() {
            return Err(invalid("run", "This run is still going: stop it, or wait until it is over"));
        }
        let store = self.store();
        let request = match store.request(&cell.id).map_err(storage)? {
            Some((head, body)) => {
                Some(RecordedRequest { attempts: store.attempts(&cell.id).map_err(storage)?, head, body })
            }
            None => None,
        };
        let (body, _) = store.read_body(&cell.id, u64::MAX).map_err(storage)?;
        let arrivals = store.read_index(&cell.id).map_err(storage)?.iter().map(arrival).collect();
        Ok(RecordedCall { cell, request, body, arrivals })
    }

    /// Every key that is known here, so that none leaves. The keychain has to answer for the connections that `runs` went
    /// over; without it a key that a server said back would leave unseen.
    pub(crate) fn export_keys(&self, runs: &[RecordedRun]) -> Result<KnownKeys, AppError> {
        let mut secrets: Vec<String> = Vec::new();
        for connection in self.connections()? {
            let is_used = runs.iter().flat_map(|run| &run.calls).any(|call| call.cell.connection == connection.id);
            for slot in connection.headers.iter().filter_map(|row| row.secret.as_ref()) {
                match self.key(&connection, slot) {
                    Ok(key) => secrets.extend(key),
                    Err(AppError::Keychain { message }) if is_used => {
                        return Err(AppError::Keychain {
                            message: format!(
                                "The key of {} could not be read, so the file cannot be searched for it: {message}. \
                                 Unlock the keychain and export again",
                                connection.name
                            ),
                        });
                    }
                    Err(error) => tracing::debug!(%error, "no key to search an export for"),
                }
            }
            secrets.extend(plain_keys(&connection));
            secrets.extend(keys_of_address(&connection.base_url));
        }
        let addresses = runs.iter().flat_map(|run| &run.calls).filter_map(|call| call.cell.request.as_ref());
        secrets.extend(addresses.flat_map(|request| keys_of_address(&request.url)));
        Ok(KnownKeys::new(secrets))
    }
}

/// Keys that somebody wrote into a header row as plain text.
fn plain_keys(connection: &Connection) -> Vec<String> {
    let plain = connection.headers.iter().filter(|row| row.secret.is_none() && is_auth_header(&row.name));
    plain.map(|row| row.value.rsplit_once(' ').map_or(row.value.as_str(), |(_, key)| key).to_owned()).collect()
}

fn keys_of_address(address: &str) -> Vec<String> {
    let Ok(url) = Url::parse(address) else { return Vec::new() };
    let mut keys: Vec<String> =
        url.query_pairs().filter(|(name, _)| is_auth_query(name)).map(|(_, key)| key.into_owned()).collect();
    keys.extend(url.password().map(str::to_owned));
    keys
}

fn arrival(record: &IndexRecord) -> Arrival {
    let kind = match record.kind {
        RecordKind::Chunk => ArrivalKind::Chunk,
        RecordKind::Event => ArrivalKind::Event,
        RecordKind::Comment => ArrivalKind::Comment,
    };
    Arrival { kind, at: record.at, offset: record.offset, length: record.length }
}

fn body(runs: &[RecordedRun]) -> Result<(Vec<u8>, &'static str), AppError> {
    let mut calls = runs.iter().flat_map(|run| &run.calls);
    match (calls.next(), calls.next()) {
        (Some(call), None) if call.body.is_empty() => {
            Err(invalid("body", "Nothing came back, so there is no body to save"))
        }
        (Some(call), None) => {
            let content_type = call.answer_header("content-type").unwrap_or_default();
            Ok((call.body.clone(), file::ending(content_type, &call.body)))
        }
        _ => Err(invalid("body", "A body is saved for one answer at a time: choose one")),
    }
}

/// `juxta-<comparison>-<time>`.
fn file_stem(runs: &[RecordedRun]) -> String {
    match runs {
        [run] => format!("juxta-{}-{}", run.summary.name, file::local_time(run.summary.started_at)),
        several => format!("juxta-{} runs-{}", several.len(), file::local_time(unix_milliseconds())),
    }
}
