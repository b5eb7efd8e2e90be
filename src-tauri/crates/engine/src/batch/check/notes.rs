//! What concerns the whole file.

use juxta_wire::batch::BatchCheck;
use juxta_wire::endpoint::{Dialect, EndpointKind};

use super::Rules;
use crate::batch::words::{number, size};

/// ScaiGrid takes jobs below this along with the request.
const MOST_ALONG: u64 = 10_000_000;
/// OpenAI's queue takes so many lines, and so many bytes.
const MOST_LINES: u64 = 50_000;
const MOST_BYTES: u64 = 200_000_000;
/// More models are not told apart.
const MOST_MODELS: usize = 20;

/// All lines that would be sent.
#[derive(Debug, Default)]
pub(super) struct All {
    pub bytes: u64,
    endpoints: Vec<Option<EndpointKind>>,
    models: Vec<Option<String>>,
}

impl All {
    pub fn add(&mut self, endpoint: Option<EndpointKind>, model: Option<&str>, bytes: u64) {
        self.bytes += bytes;
        if !self.endpoints.contains(&endpoint) {
            self.endpoints.push(endpoint);
        }
        if self.models.len() < MOST_MODELS && !self.models.iter().any(|known| known.as_deref() == model) {
            self.models.push(model.map(str::to_owned));
        }
    }

    pub fn endpoint(&self) -> Option<EndpointKind> {
        match self.endpoints.as_slice() {
            [endpoint] => *endpoint,
            _ => None,
        }
    }

    pub fn model(&self) -> Option<String> {
        match self.models.as_slice() {
            [model] => model.clone(),
            _ => None,
        }
    }

    pub fn notes(&self, rules: &Rules, check: &BatchCheck) -> Vec<String> {
        let mut notes = Vec::new();
        if check.lines == 0 {
            notes.push("The file has no requests: each line of it is one JSON object.".to_owned());
        } else if check.sent == 0 {
            notes.push("No line would be sent.".to_owned());
        }
        match rules.dialect {
            Dialect::ScaigridV1 if rules.is_sent_along => notes.extend(too_much_along(self.bytes)),
            Dialect::OpenAi => {
                if check.sent > MOST_LINES {
                    let (sent, most) = (number(check.sent), number(MOST_LINES));
                    notes.push(format!("{sent} lines would be sent. OpenAI takes {most} in one batch."));
                }
                if self.bytes > MOST_BYTES {
                    let (bytes, most) = (size(self.bytes), size(MOST_BYTES));
                    notes.push(format!("The file has {bytes}. OpenAI takes {most}."));
                }
                if self.models.len() > 1 {
                    let models = match self.models.len() {
                        MOST_MODELS => format!("{MOST_MODELS} models or more"),
                        count => format!("{count} models"),
                    };
                    notes.push(format!("The lines ask for {models}. OpenAI takes one in each batch."));
                }
            }
            Dialect::ScaigridV1 | Dialect::ScaleV5 => {}
        }
        notes
    }
}

/// It travels as base64, and the documents do not say which of the two sizes they mean.
fn too_much_along(bytes: u64) -> Option<String> {
    let most = size(MOST_ALONG);
    let encoded = bytes.div_ceil(3) * 4;
    let what_to_do = "Give an address from which it reads the file, or divide it.";
    if bytes >= MOST_ALONG {
        Some(format!(
            "The file has {}. ScaiGrid takes less than {most} along with a request. {what_to_do}",
            size(bytes)
        ))
    } else if encoded >= MOST_ALONG {
        let (bytes, encoded) = (size(bytes), size(encoded));
        Some(format!(
            "The file has {bytes}, and {encoded} as base64. ScaiGrid takes less than {most} along with a request and may \
             refuse it. {what_to_do}"
        ))
    } else {
        None
    }
}
