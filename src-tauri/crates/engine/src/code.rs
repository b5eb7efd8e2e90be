//! A request as code in other languages, without its keys unless the person wants them in.

mod arguments;
mod environment;
mod source;

use juxta_client::export::{self, Request, TARGETS, Target};
use juxta_client::import;
use juxta_client::recorded::har;
use juxta_wire::code::{CodeArguments, CodeCheck, CodeRequest, CodeSource, CodeTarget, CodeView};
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::transfer::ExportSubject;

use crate::Engine;
use arguments::Template;
use source::Source;

/// The target that holds what was answered too, when there is a record of it.
const ARCHIVE: &str = "har";

impl Engine {
    /// The request of a cell as it was sent, or of a lane as it would be, in the form of one target. A target that the
    /// request does not fit has no text, and says why in its row. Blocks on the keychain.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when keys are wanted in the text and the settings do not allow it, when a variable's name
    /// is none, or when the body is no text; [`AppError::MissingKey`] when a key is wanted that is not there; whatever
    /// keeps the lane from being sent.
    pub fn code(&self, request: &CodeRequest) -> Result<CodeView, AppError> {
        let request = &self.with_values(request)?;
        if request.with_secrets && !self.settings()?.code_with_secrets {
            return Err(AppError::Invalid {
                field: "withSecrets".to_owned(),
                message: "Code with keys in it is switched off. Allow it in Settings, Privacy".to_owned(),
            });
        }
        let target = export::target(&request.target).ok_or_else(|| AppError::Invalid {
            field: "target".to_owned(),
            message: format!("There is no code for {}", request.target),
        })?;
        let mut source = self.code_source(&request.source, &request.environment)?;
        let bytes = grouped(source.request.body.len());
        let mut sent = source.request.body.clone();
        let template = match sent.literal() {
            _ if source.request.form.is_some() => Err("The fields of a form are not given as arguments".to_owned()),
            Some(body) => self.code_template(&request.source, body),
            None => Err("The body is not known".to_owned()),
        };
        let guard_keys = |source: &mut Source| match request.with_secrets {
            true => source.fill_in_keys(&self.connection_name(&request.source)),
            false => {
                source.hide_keys();
                Ok(())
            }
        };
        guard_keys(&mut source)?;
        let targets = rows(&source.request);
        let variables = taken(template, request.as_arguments, target, &mut source);
        if variables.taken {
            sent = source.request.body.clone();
            guard_keys(&mut source)?;
        }
        let mut view = CodeView {
            text: String::new(),
            targets,
            environment: source.environment.clone(),
            variables,
            checks: vec![],
        };
        if let (CodeSource::Cell { cell }, ARCHIVE) = (&request.source, target.id)
            && !view.variables.taken
            && let Some((text, checks)) = self.recorded_archive(cell, &source)
        {
            view.text = text;
            view.checks = checks;
        } else if let Ok(written) = target.write(&source.request) {
            view.text = written.text;
            let is_whole = source.request.body == sent;
            view.checks = checks(&source, target, &mut view.text, is_whole, request.with_secrets);
            if view.variables.taken && is_whole && target.is_raw {
                let text = format!("Given the values it had: the same {bytes} body bytes as {}", source.origin);
                view.checks.insert(0, check(true, text));
            }
            view.checks.extend(written.checks);
            view.checks.append(&mut source.notes);
        }
        Ok(view)
    }

    /// A lane would be sent with the values of its table's row. A run has them already.
    fn with_values(&self, request: &CodeRequest) -> Result<CodeRequest, AppError> {
        let mut request = request.clone();
        if let CodeSource::Lane { comparison, lane } = &mut request.source {
            let filled = self.with_row(comparison, |sent| sent.id == *lane)?.into_owned();
            **comparison = filled;
        }
        Ok(request)
    }

    /// The archive of a recorded call, its answer included; `None` while it is not over. It never has keys: the record
    /// has none.
    fn recorded_archive(&self, cell: &CellId, source: &Source) -> Option<(String, Vec<CodeCheck>)> {
        let mut runs = self.recorded_runs(&ExportSubject::Cell { cell: cell.clone() }).ok()?;
        let mut removed = false;
        for run in &mut runs {
            removed |= run.remove_keys(&source.keys);
        }
        let bytes = har::write(&runs, env!("CARGO_PKG_VERSION"), "").ok()?;
        let read = import::har::read(&bytes).ok();
        let (_, body) = self.recorded_request(cell).ok()?;
        let is_same = read.is_some_and(|file| {
            let request = file.runs.first().and_then(|run| run.calls.first()?.request.as_ref());
            request.is_some_and(|request| request.body == body)
        });
        let text = String::from_utf8(bytes).ok()?;
        let mut checks = Vec::new();
        if is_same {
            checks.push(check(true, format!("Same {} body bytes as {}", grouped(body.len()), source.origin)));
            checks.push(check(true, "Reading this archive back gives this call, its answer included".to_owned()));
        }
        if removed {
            checks.push(check(false, "A key in this call is masked: KeyRemoved… stands in its place".to_owned()));
        }
        checks.push(check(!source.keys.are_in(text.as_bytes()), "No secret in the text".to_owned()));
        Some((text, checks))
    }

    fn connection_name(&self, source: &CodeSource) -> String {
        let id = match source {
            CodeSource::Cell { cell } => {
                return self.cell(cell).map(|cell| cell.cell.connection_name).unwrap_or_default();
            }
            CodeSource::Lane { comparison, lane } => {
                comparison.lanes.iter().find(|candidate| candidate.id == *lane).map(|lane| &lane.connection)
            }
        };
        id.and_then(|id| self.ready_connection(id).ok()).map(|connection| connection.name).unwrap_or_default()
    }
}

/// Puts places into the body where the prompt has variables, when that is wanted and can be.
fn taken(template: Result<Template, String>, is_wanted: bool, target: &Target, source: &mut Source) -> CodeArguments {
    let Template { body, names } = match template {
        Ok(template) => template,
        Err(unfit) => return CodeArguments { unfit: Some(unfit), ..CodeArguments::default() },
    };
    let with_places = Request { body, ..source.request.clone() };
    let unfit = target.fits(&with_places).err();
    let taken = is_wanted && unfit.is_none();
    if taken {
        source.request = with_places;
    }
    CodeArguments { names, unfit, taken }
}

fn rows(request: &Request) -> Vec<CodeTarget> {
    TARGETS.iter().map(|target| target.row(request)).collect()
}

fn check(passed: bool, text: String) -> CodeCheck {
    CodeCheck { passed, text }
}

/// What is really found out about `text`. A key that slipped through is masked here.
fn checks(source: &Source, target: &Target, text: &mut String, is_whole: bool, with_keys: bool) -> Vec<CodeCheck> {
    let mut checks = Vec::new();
    let reads_back = target.reads_back(&source.request, text);
    let body = target.body_of(text).filter(|_| source.request.form.is_none());
    let has_body = body.is_some_and(|body| source.request.body.literal() == Some(body.as_str()));
    if let (Some(form), Some(true)) = (&source.request.form, reads_back) {
        let text =
            format!("Same {} fields as {}; the line between them is drawn anew", form.fields.len(), source.origin);
        checks.push(check(true, text));
    } else if is_whole && (has_body || reads_back == Some(true)) {
        let bytes = grouped(source.request.body.len());
        checks.push(check(true, format!("Same {bytes} body bytes as {}", source.origin)));
    }
    match reads_back {
        Some(true) => checks.push(check(true, "Reading this code back gives this request".to_owned())),
        Some(false) => checks.push(check(false, "Reading this code back gives another request".to_owned())),
        None => {}
    }
    checks.push(match (with_keys, source.keys.are_in(text.as_bytes())) {
        (true, true) => check(false, "The key stands in this text. Whoever has the text has the key".to_owned()),
        (_, false) => check(true, "No secret in the text".to_owned()),
        (false, true) => {
            *text = source.keys.masked(text);
            check(false, "A key stood in this text and is masked".to_owned())
        }
    });
    checks
}

/// `1,294`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_groups_of_three() {
        for (number, written) in [(0, "0"), (999, "999"), (1294, "1,294"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), written);
        }
    }
}
