//! Reads what [`crate::export`] writes as a bundle.

use std::io::{Cursor, Read as _};

use juxta_client::recorded::{Arrival, RecordedCall, RecordedRequest, RecordedRun};
use juxta_wire::error::AppError;
use juxta_wire::run::CellState;
use serde::Deserialize;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::export::{BUNDLE_VERSION, MANIFEST, Manifest, ManifestCall, bundle_names as names};
use crate::run::invalid;

/// Bytes that all files of a bundle may have together once they are unpacked: a small file can claim any size.
const MOST_BYTES: u64 = 2 << 30;

pub(super) fn read(bytes: &[u8]) -> Result<Vec<RecordedRun>, AppError> {
    let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged("the list of its files is damaged"))?;
    let mut files = Files { zip, left: MOST_BYTES };
    #[derive(Deserialize)]
    struct Version {
        format: String,
        version: u32,
        #[serde(rename = "writtenBy", default)]
        written_by: String,
    }
    let text = files.read(MANIFEST)?;
    let version: Version = serde_json::from_slice(&text).map_err(|error| no_json(MANIFEST, &error))?;
    if version.format != "juxta-bundle" {
        return Err(damaged("it was not written by Juxta"));
    }
    if version.version > BUNDLE_VERSION {
        let message =
            format!("The bundle was written by Juxta {}, which is newer: update Juxta to read it", version.written_by);
        return Err(invalid("file", &message));
    }
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| no_json(MANIFEST, &error))?;
    let runs = manifest.runs.into_iter().map(|run| {
        let calls = run.calls.into_iter().map(|call| files.call(call)).collect::<Result<_, _>>()?;
        Ok(RecordedRun { summary: run.summary, snapshot: run.snapshot, calls })
    });
    runs.collect()
}

fn damaged(what: &str) -> AppError {
    invalid("file", &format!("This is no bundle that can be read: {what}"))
}

fn no_json(name: &str, error: &serde_json::Error) -> AppError {
    damaged(&format!("{name} is not what belongs there, see line {}, column {}", error.line(), error.column()))
}

struct Files<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    left: u64,
}

impl Files<'_> {
    fn read(&mut self, name: &str) -> Result<Vec<u8>, AppError> {
        let file = self.zip.by_name(name).map_err(|error| match error {
            ZipError::FileNotFound => damaged(&format!("{name} is missing")),
            _ => damaged(&format!("{name} is damaged")),
        })?;
        let mut bytes = Vec::new();
        // The check sum is compared at the end of the file, which is read whole or not at all.
        file.take(self.left + 1).read_to_end(&mut bytes).map_err(|_| damaged(&format!("{name} is damaged")))?;
        self.left = self.left.checked_sub(bytes.len() as u64).ok_or_else(|| damaged("it unpacks to more than 2 GB"))?;
        Ok(bytes)
    }

    fn call(&mut self, call: ManifestCall) -> Result<RecordedCall, AppError> {
        let ManifestCall { mut cell, attempts, number } = call;
        if !cell.state.is_over() {
            cell.state = CellState::Interrupted;
        }
        let Some(attempts) = attempts else {
            return Ok(RecordedCall { cell, request: None, body: Vec::new(), arrivals: Vec::new() });
        };
        let head = self.read(&names::request_head(number))?;
        let request_body = self.read(&names::request_body(number))?;
        let body = self.read(&names::response_body(number))?;
        let name = names::arrivals(number);
        let arrivals: Vec<Arrival> =
            serde_json::from_slice(&self.read(&name)?).map_err(|error| no_json(&name, &error))?;
        if let Some(view) = cell.request.as_mut().filter(|view| view.body.is_empty()) {
            view.body = String::from_utf8_lossy(&request_body).into_owned();
        }
        let request = RecordedRequest { attempts, head, body: request_body };
        Ok(RecordedCall { cell, request: Some(request), body, arrivals })
    }
}
