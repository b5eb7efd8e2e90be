//! A request as code in other languages, without its keys unless the person wants them in.

mod environment;
mod source;

use juxta_client::export::{self, Request, TARGETS, Target};
use juxta_wire::code::{CodeCheck, CodeRequest, CodeSource, CodeTarget, CodeView};
use juxta_wire::error::AppError;

use crate::Engine;
use source::Source;

impl Engine {
    /// The request of a cell as it was sent, or of a lane as it would be, in the form of one target. A target that the
    /// request does not fit has no text, and says why in its row. Blocks on the keychain.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when keys are wanted in the text and the settings do not allow it, when a variable's name
    /// is none, or when the body is no text; [`AppError::MissingKey`] when a key is wanted that is not there; whatever
    /// keeps the lane from being sent.
    pub fn code(&self, request: &CodeRequest) -> Result<CodeView, AppError> {
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
        let sent = source.request.body.clone();
        match request.with_secrets {
            true => source.fill_in_keys(&self.connection_name(&request.source))?,
            false => source.hide_keys(),
        }
        let targets = rows(&source.request);
        let mut view =
            CodeView { text: String::new(), targets, environment: source.environment.clone(), checks: vec![] };
        if let Ok(written) = target.write(&source.request) {
            view.text = written.text;
            view.checks = checks(&source, target, &mut view.text, source.request.body == sent, request.with_secrets);
            view.checks.extend(written.checks);
            view.checks.append(&mut source.notes);
        }
        Ok(view)
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

fn rows(request: &Request) -> Vec<CodeTarget> {
    TARGETS.iter().map(|target| target.row(request)).collect()
}

/// What is really found out about `text`. A key that slipped through is masked here.
fn checks(source: &Source, target: &Target, text: &mut String, is_whole: bool, with_keys: bool) -> Vec<CodeCheck> {
    let check = |passed: bool, text: String| CodeCheck { passed, text };
    let mut checks = Vec::new();
    let reads_back = target.reads_back(&source.request, text);
    if reads_back == Some(true) && is_whole {
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
