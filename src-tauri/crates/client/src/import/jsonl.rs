//! Lines of JSON: requests as OpenAI's batches spell them, bare bodies, and Juxta's own lines with their answers.

use std::collections::HashMap;

use juxta_wire::error::AppError;
use juxta_wire::ids::RunId;
use juxta_wire::metrics::Metrics;
use juxta_wire::outcome::Outcome;
use juxta_wire::run::{Cell, CellState};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::called::called;
use super::text::{self, invalid};
use crate::recorded::jsonl::{OwnAnswer, OwnLineRead, VERSION};
use crate::recorded::{RecordedCall, RecordedRequest, RecordedRun, head_of};

#[derive(Debug, Default, PartialEq)]
pub struct JsonlFile {
    /// Juxta's own lines.
    pub runs: Vec<OwnRun>,
    pub requests: Vec<LineRequest>,
    /// Lines that hold neither, named one by one.
    pub unknown: Vec<String>,
}

/// A run; lines of earlier versions lack the bytes of streamed answers.
#[derive(Debug, PartialEq)]
pub struct OwnRun {
    pub run: RecordedRun,
    /// No line told the comparison, so that the one in `run` is empty.
    pub lacks_snapshot: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LineRequest {
    /// From 1.
    pub line: usize,
    pub custom_id: Option<String>,
    /// A path, or a whole address.
    pub url: Option<String>,
    /// As it is spelled in the line.
    pub body: String,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(default)]
    custom_id: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
    #[serde(borrow, default)]
    messages: Option<&'a RawValue>,
    #[serde(borrow, default)]
    model: Option<&'a RawValue>,
    #[serde(borrow, default)]
    response: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    metrics: Option<&'a RawValue>,
    #[serde(borrow, default)]
    _juxta: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct OwnResponse {
    #[serde(default)]
    body: Option<Box<RawValue>>,
    #[serde(default)]
    outcome: Outcome,
}

/// Reads a file of lines; empty lines are passed over. A file that is one JSON object over several lines is one line.
///
/// # Errors
/// [`AppError::Invalid`] for `file` with the line, when any line is no JSON object or one of ours is damaged.
pub fn read(bytes: &[u8]) -> Result<JsonlFile, AppError> {
    let source = text::decode(bytes)?;
    let mut file = JsonlFile::default();
    let mut places: HashMap<RunId, usize> = HashMap::new();
    if serde_json::from_str::<&RawValue>(source).is_ok() {
        file.add(1, source.trim(), &mut places)?;
    } else {
        for (at, line) in source.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            file.add(at + 1, line.trim(), &mut places)?;
        }
    }
    Ok(file)
}

impl JsonlFile {
    fn add(&mut self, number: usize, source: &str, places: &mut HashMap<RunId, usize>) -> Result<(), AppError> {
        if let Err(error) = serde_json::from_str::<&RawValue>(source) {
            return Err(text::no_json(&error, number));
        }
        let part = format!("Line {number}");
        if !source.starts_with('{') {
            return Err(invalid(format!("{part} is no JSON object")));
        }
        let line: Line<'_> = serde_json::from_str(source).map_err(|_| {
            invalid(format!("{part}: custom_id and url have to be texts, and no member may stand there twice"))
        })?;
        if let Some(own) = line._juxta.filter(|own| is_known(own)) {
            return self.add_own(&line, own, &part, places);
        }
        let is_object = |value: &&RawValue| value.get().starts_with('{');
        match line.body.filter(is_object) {
            Some(body) => self.requests.push(LineRequest {
                line: number,
                custom_id: line.custom_id,
                url: line.url,
                body: body.get().to_owned(),
            }),
            // Data sets have prompts too; what is to be sent names a model.
            None if line.messages.is_some() || line.model.is_some() && called("", source).is_some() => {
                self.requests.push(LineRequest { line: number, custom_id: None, url: None, body: source.to_owned() });
            }
            None if line.response.is_some() => {
                self.unknown.push(format!("line {number} (an answer without its request)"))
            }
            None => self.unknown.push(format!("line {number} (no request: it has neither body nor messages)")),
        }
        Ok(())
    }

    fn add_own(
        &mut self,
        line: &Line<'_>,
        own: &RawValue,
        part: &str,
        places: &mut HashMap<RunId, usize>,
    ) -> Result<(), AppError> {
        let own: OwnLineRead = text::read(own.get(), &format!("{part}, _juxta"))?;
        let lacks_snapshot = own.snapshot.is_none();
        let call = own_call(line, own.cell, own.request_body, own.answer, part)?;
        match places.get(&own.run.id) {
            Some(place) => self.runs[*place].run.calls.push(call),
            None => {
                places.insert(own.run.id.clone(), self.runs.len());
                let snapshot = own.snapshot.unwrap_or_else(|| juxta_wire::lane::Comparison {
                    id: own.run.comparison.clone(),
                    name: own.run.name.clone(),
                    draft: Default::default(),
                    lanes: Vec::new(),
                    repeats: 1,
                });
                let run = RecordedRun { summary: own.run, snapshot, calls: vec![call] };
                self.runs.push(OwnRun { run, lacks_snapshot });
            }
        }
        Ok(())
    }
}

fn is_known(own: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    serde_json::from_str::<Version>(own.get()).is_ok_and(|own| own.version <= VERSION)
}

fn own_call(
    line: &Line<'_>,
    mut cell: Cell,
    request_body: Option<String>,
    answer: Option<OwnAnswer>,
    part: &str,
) -> Result<RecordedCall, AppError> {
    if let Some(request) = &mut cell.request {
        request.body = request_body.or_else(|| line.body.map(|body| body.get().to_owned())).unwrap_or_default();
    }
    let mut body = Vec::new();
    if let Some(response) = line.response.filter(|response| response.get() != "null") {
        let response: OwnResponse = text::read(response.get(), &format!("{part}, response"))?;
        cell.outcome = response.outcome;
        body = response.body.map(|body| body.get().as_bytes().to_vec()).unwrap_or_default();
    }
    let mut arrivals = Vec::new();
    if let Some(answer) = answer {
        arrivals = answer.arrivals;
        match (answer.text, answer.base64) {
            (Some(text), _) => body = text.into_bytes(),
            (None, Some(encoded)) => body = text::base64(&encoded, part)?,
            (None, None) => {}
        }
    }
    if let Some(metrics) = line.metrics {
        cell.metrics = text::read::<Metrics>(metrics.get(), &format!("{part}, metrics"))?;
    }
    if let Some(error) = line.error {
        cell.error = text::read::<Option<AppError>>(error.get(), &format!("{part}, error"))?;
    }
    if !cell.state.is_over() {
        cell.state = CellState::Interrupted;
    }
    let request = cell.request.as_ref().filter(|_| cell.started_at.is_some()).map(|request| RecordedRequest {
        attempts: cell.attempt,
        head: head_of(request),
        body: request.body.clone().into_bytes(),
    });
    Ok(RecordedCall { cell, request, body, arrivals })
}
