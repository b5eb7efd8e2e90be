//! A look at every line of the file of a batch before it is sent. The file is read once, one line at a time; what is kept
//! of it are 16 bytes and a number for each id, the numbers of the lines with faults, and the first thousand faults.

mod body;
mod ids;
mod notes;
mod request;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use juxta_wire::batch::{BatchCheck, BatchFault, BatchFaultKind, BatchMend};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;

use super::build;
use super::edit::with_json_at;
use super::excerpt::{self, Excerpt};
use super::line::{LONGEST, Line, Lines};
use super::mend::{KEEP, Mends};
use super::pick::{picked, span_in, text};
use super::words::size;
use crate::run::storage;
use ids::Ids;
pub(crate) use request::path_of;
use request::{Found, Reader, Seen};

/// So many faults are told one by one.
const MOST_FAULTS: usize = 1000;
/// Bytes of all mends that are offered at once: each holds its whole line.
const MOST_MENDED: usize = 16 << 20;
/// From so many lines the endpoint of a batch is taken that may have only one.
const FIRST_LINES: usize = 100;
/// How far the look is, is told after so many bytes at the earliest.
const STEP: u64 = 1 << 20;
const PAUSE: Duration = Duration::from_millis(100);

/// What the file is held against.
#[derive(Debug, Clone)]
pub struct Rules {
    pub dialect: Dialect,
    /// The file goes along with the request, and is not read from an address.
    pub is_sent_along: bool,
    /// How many tokens models take, as far as it is known.
    pub windows: Arc<HashMap<String, u64>>,
}

/// What the look found, with what is too much for a window.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Checked {
    /// Not `done` when it was stopped.
    pub check: BatchCheck,
    /// Numbers of all lines with a fault about which nothing was chosen. They are not counted in `check.sent`: before the
    /// file is written they have to be left out.
    pub undecided: Vec<u64>,
    /// The one endpoint of the lines that would be sent, and their one model.
    pub endpoint: Option<EndpointKind>,
    pub model: Option<String>,
}

/// Looks at `input` as it would be with `mends`. `told` hears how far the look is, and can stop it.
///
/// A line has one fault at most: the first one. It is not sent unless a mend makes it sound or it is kept as it is
/// ([`KEEP`]). A fault about which something was chosen is still listed, so that the choice can be taken back. What was
/// left out when the file was made is among the notes.
///
/// # Errors
/// [`AppError::Storage`] when the file cannot be read.
pub fn check(
    input: &Path,
    mends: &Mends,
    rules: &Rules,
    told: &mut dyn FnMut(&BatchCheck) -> ControlFlow<()>,
) -> Result<Checked, AppError> {
    let begun = Instant::now();
    let bytes = std::fs::metadata(input).map_err(storage)?.len();
    let only = match rules.dialect {
        Dialect::OpenAi => usual_endpoint(input)?,
        Dialect::ScaigridV1 | Dialect::ScaleV5 => None,
    };
    let mut look = Look {
        reader: Reader { rules, only, tables: HashMap::new() },
        ids: Ids::default(),
        mended: 0,
        all: notes::All::default(),
        checked: Checked {
            check: BatchCheck { bytes, notes: build::left_out(input), ..BatchCheck::default() },
            ..Checked::default()
        },
    };
    let mut lines = Lines::open(input).map_err(storage)?;
    let (mut told_at, mut told_bytes) = (begun, 0);
    while let Some(line) = lines.next_line().map_err(storage)? {
        look.line(&line, mends.get(&line.number));
        let read = line.start + line.length;
        let check = &mut look.checked.check;
        check.bytes_read = read;
        if read - told_bytes >= STEP && told_at.elapsed() >= PAUSE {
            check.milliseconds = milliseconds(begun);
            if told(check).is_break() {
                return Ok(look.checked);
            }
            (told_at, told_bytes) = (Instant::now(), read);
        }
    }
    let mut checked = look.finished();
    checked.check.milliseconds = milliseconds(begun);
    Ok(checked)
}

/// What a line asks for, whatever may be wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub endpoint: Option<EndpointKind>,
    pub model: Option<String>,
    /// Of what goes in, roughly.
    pub tokens: u64,
}

/// Reads one line by itself.
pub(crate) fn asked(line: &str, rules: &Rules) -> Asked {
    let mut reader = Reader { rules, only: None, tables: HashMap::new() };
    let seen = reader.read(line, 1, &mut Ids::default());
    Asked { endpoint: seen.endpoint, model: seen.model.map(|model| model.into_owned()), tokens: seen.tokens }
}

fn milliseconds(since: Instant) -> u64 {
    since.elapsed().as_millis().try_into().unwrap_or(u64::MAX)
}

/// What most of the first lines call.
fn usual_endpoint(input: &Path) -> Result<Option<EndpointKind>, AppError> {
    let mut lines = Lines::open(input).map_err(storage)?;
    let mut counts: Vec<(EndpointKind, usize)> = Vec::new();
    for _ in 0..FIRST_LINES {
        let Some(line) = lines.next_line().map_err(storage)? else { break };
        let Ok(line) = std::str::from_utf8(line.bytes) else { continue };
        let [url] = picked(line, ["url"]);
        let Some((_, endpoint)) = text(url).and_then(|url| juxta_client::providers::endpoint_of(&url)) else {
            continue;
        };
        match counts.iter_mut().find(|(known, _)| *known == endpoint) {
            Some((_, count)) => *count += 1,
            None => counts.push((endpoint, 1)),
        }
    }
    // Of two that are as frequent the first one counts.
    Ok(counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(endpoint, _)| endpoint))
}

struct Look<'r> {
    reader: Reader<'r>,
    ids: Ids,
    /// Bytes of the mends that are offered.
    mended: usize,
    all: notes::All,
    checked: Checked,
}

/// A fault with the stretch of the line that shows it.
struct Shown {
    kind: BatchFaultKind,
    excerpt: Excerpt,
    message: String,
    mend: Option<BatchMend>,
}

impl Look<'_> {
    fn line(&mut self, line: &Line<'_>, chosen: Option<&BatchMend>) {
        if line.is_blank() {
            self.all.bytes += line.length;
            return;
        }
        self.checked.check.lines += 1;
        let (seen, shown) = match std::str::from_utf8(line.bytes) {
            _ if line.is_too_long => (Seen::default(), Some(too_large(line))),
            Err(error) => (Seen::default(), Some(no_text(line.bytes, error.valid_up_to()))),
            Ok(text) => {
                let mut seen = self.reader.read(text, line.number, &mut self.ids);
                let shown = seen.fault.take().map(|found| shown(text, found));
                (seen, shown)
            }
        };
        match chosen {
            None => {
                let is_sound = shown.is_none();
                self.count(&seen, line.length, line.number, is_sound);
                self.fault(line.number, shown, None);
            }
            Some(BatchMend::LeaveOut) => self.fault(line.number, shown, chosen),
            Some(BatchMend::Replace { label, text }) => {
                let mut mended = self.reader.read(text, line.number, &mut self.ids);
                let again = mended.fault.take().map(|found| self::shown(text, found));
                let is_kept = label == KEEP || text.as_bytes() == line.bytes;
                let is_sound = again.is_none() || is_kept;
                self.count(&mended, (text.len() + line.end.len()) as u64, line.number, is_sound);
                match is_sound {
                    true => self.fault(line.number, shown, chosen),
                    false => self.fault(line.number, again, None),
                }
            }
        }
    }

    /// Takes a line into account that is there, and is sent if it `is_sound`.
    fn count(&mut self, seen: &Seen<'_>, bytes: u64, number: u64, is_sound: bool) {
        if let Some(id) = seen.id {
            self.ids.add(id, number);
        }
        if is_sound {
            self.checked.check.sent += 1;
            self.checked.check.tokens += seen.tokens;
            self.all.add(seen.endpoint, seen.model.as_deref(), bytes);
        } else {
            self.checked.undecided.push(number);
        }
    }

    fn fault(&mut self, line: u64, shown: Option<Shown>, chosen: Option<&BatchMend>) {
        let Some(shown) = shown else { return };
        let check = &mut self.checked.check;
        if check.faults.len() >= MOST_FAULTS {
            // Who does not see it cannot see that it is decided either.
            check.fault_count += u64::from(chosen.is_none());
            return;
        }
        check.fault_count += 1;
        let Shown { kind, excerpt: Excerpt { text, from, to }, message, mend } = shown;
        // What was chosen holds an id that is taken by itself now.
        let mend = match (mend, chosen) {
            (Some(BatchMend::Replace { label, .. }), Some(BatchMend::Replace { label: known, .. }))
                if label == *known =>
            {
                chosen.cloned()
            }
            (mend, _) => mend,
        };
        let size = mend.as_ref().map_or(0, size_of);
        let mend = mend.filter(|_| self.mended + size <= MOST_MENDED);
        self.mended += mend.as_ref().map_or(0, size_of);
        let chosen = chosen.cloned();
        check.faults.push(BatchFault { line, kind, excerpt: text, from, to, message, mend, chosen });
    }

    fn finished(mut self) -> Checked {
        let check = &mut self.checked.check;
        for fault in check.faults.iter_mut().filter(|fault| fault.mend != fault.chosen) {
            if matches!(fault.kind, BatchFaultKind::DuplicateId | BatchFaultKind::MissingId)
                && let Some(BatchMend::Replace { text, .. }) = &mut fault.mend
            {
                make_free(text, &mut self.ids);
            }
        }
        check.notes.extend(self.all.notes(self.reader.rules, check));
        check.done = true;
        self.checked.endpoint = self.all.endpoint();
        self.checked.model = self.all.model();
        self.checked
    }
}

/// A line that was read later may have the id that was offered.
fn make_free(line: &mut String, ids: &mut Ids) {
    let [id] = picked(line, ["custom_id"]);
    let Some((id, span)) = text(id).zip(id.map(|id| span_in(line, id.get()))) else { return };
    if ids.is_taken(&id) {
        let free = serde_json::Value::from(ids.free(&id)).to_string();
        *line = with_json_at(line, span, &free);
    }
}

fn size_of(mend: &BatchMend) -> usize {
    match mend {
        BatchMend::Replace { text, .. } => text.len(),
        BatchMend::LeaveOut => 0,
    }
}

fn shown(line: &str, found: Found) -> Shown {
    let Found { kind, from, span, message, mend } = found;
    Shown { kind, excerpt: excerpt::around(line, from, span), message, mend }
}

fn too_large(line: &Line<'_>) -> Shown {
    let (bytes, most) = (size(line.length), size(LONGEST as u64));
    let message = format!("The line has {bytes}, and {most} is the most that is read of one.");
    let excerpt = Excerpt { from: 0, to: 0, ..excerpt::around_bytes(line.bytes, 0) };
    Shown { kind: BatchFaultKind::TooLarge, excerpt, message, mend: None }
}

fn no_text(bytes: &[u8], at: usize) -> Shown {
    let message = "This is not UTF-8, which a file of requests has to be.".to_owned();
    Shown { kind: BatchFaultKind::Json, excerpt: excerpt::around_bytes(bytes, at), message, mend: None }
}

#[cfg(test)]
mod tests;
