//! What got worse against an earlier run: the rows, and both answers of each.

use std::io::{self, Write};

use juxta_wire::matrix::MatrixChange;

use super::Page;
use crate::batch::words::{counted, number};
use crate::markup::{self, Escaped};
use crate::matrix::against::MatrixAgainst;

impl Page<'_> {
    /// Nothing without an earlier run.
    pub(super) fn changes(&self, file: &mut impl Write) -> io::Result<()> {
        let Some(against) = &self.results.against else { return Ok(()) };
        let MatrixAgainst { base, checks, changes, .. } = against;
        writeln!(file, "<section id=\"changes\">\n<h2>Against {}</h2>", Escaped(base))?;
        write!(
            file,
            "<p>{} worse, {} better, {} as before",
            counted(changes.worse, "row got", "rows got"),
            number(changes.better),
            number(changes.same)
        )?;
        if changes.unmatched > 0 {
            write!(file, "; {} only one side", counted(changes.unmatched, "row is on", "rows are on"))?;
        }
        let checks: Vec<String> = checks.iter().map(|name| format!("“{name}”")).collect();
        writeln!(file, ". Rows count once for each variant. Compared by {}.</p>", Escaped(&checks.join(", ")))?;
        let worse = || changes.changes.iter().take(usize::try_from(changes.worse).unwrap_or(usize::MAX));
        worse().try_for_each(|change| self.change(change, file))?;
        let left = changes.worse.saturating_sub(worse().count() as u64);
        if left > 0 {
            writeln!(file, "<p>And {} worse.</p>", counted(left, "row that got", "rows that got"))?;
        }
        writeln!(file, "</section>")
    }

    fn change(&self, change: &MatrixChange, file: &mut impl Write) -> io::Result<()> {
        let Some(variant) = self.results.begun.variants.get(change.variant as usize) else { return Ok(()) };
        let row = change.row + 1;
        writeln!(
            file,
            "<article>\n<h3>Row {row}, <b>{}</b> {} <small>{} of {} pass, {} of {} before</small></h3>",
            variant.letter,
            Escaped(&variant.name),
            change.passed,
            change.total,
            change.base_passed,
            change.base_total
        )?;
        markup::values(&self.results.begun.columns, &change.values, file)?;
        for (kind, when, answer) in [("not", "Now", &change.answer), ("passed", "Before", &change.base_answer)] {
            write!(file, "<div class=\"change {kind}\"><h4>{when}</h4>")?;
            markup::text(answer, file)?;
            writeln!(file, "</div>")?;
        }
        writeln!(file, "</article>")
    }
}
