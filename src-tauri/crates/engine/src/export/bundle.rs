//! Juxta's own file: a ZIP archive that any tool opens, and that another Juxta reads back whole.
//!
//! `manifest.json` holds the runs with their snapshots and cells. For each call that was sent there is a folder
//! `calls/<number>` with `request-head.txt` (keys masked), `request-body`, `response-body` and `arrivals.json`, whose rows
//! are `[kind, µs since the call began, offset in the body, length]`.

use std::io::{Cursor, Write as _};

use juxta_client::recorded::{RecordedCall, RecordedRun};
use juxta_wire::error::AppError;
use juxta_wire::lane::Comparison;
use juxta_wire::run::{Cell, RunSummary};
use serde::{Deserialize, Serialize};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::run::internal;

/// A reader refuses what has a higher number.
pub const VERSION: u32 = 1;

pub const MANIFEST: &str = "manifest.json";

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Always `juxta-bundle`.
    pub format: String,
    pub version: u32,
    /// Which Juxta wrote it.
    pub written_by: String,
    #[serde(default)]
    pub comment: String,
    pub runs: Vec<ManifestRun>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestRun {
    pub summary: RunSummary,
    pub snapshot: Comparison,
    pub calls: Vec<ManifestCall>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestCall {
    /// Without the body of its request when that has a file.
    pub cell: Cell,
    /// How often it was sent; `None` when there are no files.
    pub attempts: Option<u32>,
    /// Of its folder.
    pub number: usize,
}

/// The files of a call.
pub mod names {
    pub fn request_head(call: usize) -> String {
        format!("calls/{call:05}/request-head.txt")
    }

    pub fn request_body(call: usize) -> String {
        format!("calls/{call:05}/request-body")
    }

    pub fn response_body(call: usize) -> String {
        format!("calls/{call:05}/response-body")
    }

    pub fn arrivals(call: usize) -> String {
        format!("calls/{call:05}/arrivals.json")
    }
}

pub fn write(runs: &[RecordedRun], comment: &str) -> Result<Vec<u8>, AppError> {
    let mut archive = Archive { zip: ZipWriter::new(Cursor::new(Vec::new())) };
    let mut number = 0;
    let mut manifest = Manifest {
        format: "juxta-bundle".to_owned(),
        version: VERSION,
        written_by: env!("CARGO_PKG_VERSION").to_owned(),
        comment: comment.to_owned(),
        runs: Vec::new(),
    };
    for run in runs {
        let mut calls = Vec::new();
        for call in &run.calls {
            number += 1;
            calls.push(archive.add_call(number, call)?);
        }
        manifest.runs.push(ManifestRun { summary: run.summary.clone(), snapshot: run.snapshot.clone(), calls });
    }
    archive.add(MANIFEST, &serde_json::to_vec_pretty(&manifest).map_err(internal)?)?;
    Ok(archive.zip.finish().map_err(internal)?.into_inner())
}

struct Archive {
    zip: ZipWriter<Cursor<Vec<u8>>>,
}

impl Archive {
    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), AppError> {
        // The time of a file says nothing here, and without it the same runs give the same bytes.
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .large_file(bytes.len() > u32::MAX as usize / 2);
        self.zip.start_file(name, options).map_err(internal)?;
        self.zip.write_all(bytes).map_err(internal)
    }

    fn add_call(&mut self, number: usize, call: &RecordedCall) -> Result<ManifestCall, AppError> {
        let mut cell = call.cell.clone();
        let attempts = match &call.request {
            Some(request) => {
                self.add(&names::request_head(number), &request.head)?;
                self.add(&names::request_body(number), &request.body)?;
                self.add(&names::response_body(number), &call.body)?;
                let arrivals = serde_json::to_vec(&call.arrivals).map_err(internal)?;
                self.add(&names::arrivals(number), &arrivals)?;
                if let Some(view) = cell.request.as_mut().filter(|view| view.body.as_bytes() == request.body) {
                    view.body.clear();
                }
                Some(request.attempts)
            }
            None => None,
        };
        Ok(ManifestCall { cell, attempts, number })
    }
}
