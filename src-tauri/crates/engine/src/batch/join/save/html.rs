//! A report: what became of the batch, and every request with its answer.

use std::io::{self, Write};

use juxta_wire::batch::{BatchJob, BatchRowState};
use serde_json::Value;
use serde_json::value::RawValue;

use super::state_word;
use crate::batch::join::{FullRow, Joined};
use crate::batch::pick::picked;
use crate::batch::words::{counted, number};
use crate::markup::{self, Escaped};

impl Joined {
    pub(super) fn write_html(&self, job: &BatchJob, file: &mut impl Write) -> io::Result<()> {
        markup::begin(&job.name, file)?;
        self.summary(job, file)?;
        markup::body(file)?;
        let strays = self.strays();
        if !strays.is_empty() {
            writeln!(file, "<section>\n<h2>Odd lines</h2>\n<ul>")?;
            strays.iter().try_for_each(|words| writeln!(file, "<li>{}</li>", Escaped(words)))?;
            writeln!(file, "</ul>\n</section>")?;
        }
        writeln!(file, "<section>\n<h2>Answers</h2>")?;
        self.each(|row| self.row_html(&row, file))?;
        writeln!(file, "</section>")?;
        markup::end(file)
    }

    fn summary(&self, job: &BatchJob, file: &mut impl Write) -> io::Result<()> {
        let count = |state| self.rows.iter().filter(|row| self.state(row) == state).count() as u64;
        write!(file, "<p>{}", counted(self.rows.len() as u64, "request", "requests"))?;
        for (state, words) in [
            (BatchRowState::Done, "answered"),
            (BatchRowState::Failed, "failed"),
            (BatchRowState::Missing, "without an answer"),
            (BatchRowState::Waiting, "waiting"),
        ] {
            let rows = count(state);
            if rows > 0 {
                write!(file, ", {} {words}", number(rows))?;
            }
        }
        if let Some(model) = &job.model {
            write!(file, ". Model {}", Escaped(model))?;
        }
        for (what, at) in [("Sent", job.sent_at), ("Over", job.ended_at)] {
            if let Some(at) = at {
                write!(file, ". {what} {}", Escaped(&markup::moment(at)))?;
            }
        }
        writeln!(file, ".</p>")
    }

    fn row_html(&self, full: &FullRow, file: &mut impl Write) -> io::Result<()> {
        let FullRow { row, request, words, .. } = full;
        let kind = match row.state {
            BatchRowState::Done => "open",
            BatchRowState::Failed | BatchRowState::Missing => "failed",
            BatchRowState::Waiting => "waiting",
        };
        writeln!(file, "<article>\n<h3>{}</h3>", Escaped(&row.custom_id))?;
        markup::values(self.columns(), &row.cells, file)?;
        if row.cells.is_empty()
            && let Some(asked) = asked(request)
        {
            markup::text(&asked, file)?;
        }
        write!(file, "<div class=\"answer {kind}\">")?;
        if row.state != BatchRowState::Done {
            write!(file, "<h4 class=\"state\">{}</h4>", state_word(row.state))?;
        }
        if !words.is_empty() {
            markup::text(words, file)?;
        }
        let figures = [
            row.milliseconds.map(|value| format!("{value} ms")),
            row.tokens_out.map(|tokens| counted(tokens, "token", "tokens")),
        ];
        let figures: Vec<String> = figures.into_iter().flatten().collect();
        if !figures.is_empty() {
            writeln!(file, "<p class=\"figures\">{}</p>", Escaped(&figures.join(" · ")))?;
        }
        writeln!(file, "</div>\n</article>")
    }
}

/// What a request gives its model, where no table tells it: the last of its messages, or its input.
fn asked(request: &str) -> Option<String> {
    let [body] = picked(request, ["body"]);
    let given = picked(body?.get(), ["messages", "input", "prompt", "args"]).into_iter().flatten().next()?;
    let last = |items: Vec<Box<RawValue>>| items.into_iter().last();
    let message = serde_json::from_str(given.get()).ok().and_then(last);
    let content = message.as_ref().and_then(|message| picked(message.get(), ["content"])[0]);
    let said = content.or(message.as_deref()).unwrap_or(given);
    Some(match serde_json::from_str(said.get()) {
        Ok(Value::String(text)) => text,
        Ok(_) | Err(_) => said.get().to_owned(),
    })
}
