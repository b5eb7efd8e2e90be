//! A report: how the variants stand, and all answers.

mod changes;
mod chart;

use std::io::{self, Write};

use juxta_store::MatrixOrder;
use juxta_wire::check::CheckState;
use juxta_wire::error::AppError;
use juxta_wire::matrix::{MatrixBase, MatrixCellState, MatrixFigures, MatrixVariant, VariantFigures};
use juxta_wire::repeats::{Against, Figures, PassRate, Verdict};

use super::{check_word, problem, written};
use crate::batch::words::{counted, number};
use crate::markup::{self, Escaped};
use crate::matrix::against::points;
use crate::matrix::results::{Results, Told};
use chart::{Bar, chart};

pub(super) fn write(results: &Results, file: &mut (impl Write + Send)) -> Result<u64, AppError> {
    let matrix = results.engine.matrix(&results.id)?;
    let figures = results.engine.matrix_figures(&results.id, Some(MatrixBase::Variant { index: 0 }))?;
    let page = Page { results, figures: &figures };
    page.head(&matrix, file).map_err(written)?;
    page.variants(file).map_err(written)?;
    page.charts(file).map_err(written)?;
    page.changes(file).map_err(written)?;
    let calls = page.rows(file)?;
    markup::end(file).map_err(written)?;
    Ok(calls)
}

struct Page<'a> {
    results: &'a Results,
    figures: &'a MatrixFigures,
}

impl Page<'_> {
    fn head(&self, matrix: &juxta_wire::matrix::Matrix, file: &mut impl Write) -> io::Result<()> {
        markup::begin(&self.results.name, file)?;
        let begun = &self.results.begun;
        let counts = matrix.counts;
        let rows = begun.rows.iter().map(|(from, to)| to - from).sum();
        let repeats = u64::from(begun.comparison.repeats);
        write!(
            file,
            "<p>{} × {} × {} = {}",
            counted(begun.variants.len() as u64, "variant", "variants"),
            counted(rows, "row", "rows"),
            counted(repeats, "repeat", "repeats"),
            counted(counts.total, "call", "calls"),
        )?;
        let over = counts.finished + counts.failed;
        write!(file, ". {} finished, {} failed", number(counts.finished), number(counts.failed))?;
        if over < counts.total {
            write!(file, ", {} not sent or not to their end", number(counts.total - over))?;
        }
        if let Some(spent) = matrix.spent {
            write!(file, ". {} spent", Escaped(&money(spent, matrix.currency.as_deref())))?;
        }
        if let Some(started) = matrix.started_at {
            write!(file, ". Begun {}", Escaped(&markup::moment(started)))?;
        }
        writeln!(file, ".</p>")?;
        markup::body(file)
    }

    fn variants(&self, file: &mut impl Write) -> io::Result<()> {
        let note = "Intervals are of 95 %: Wilson’s for rates, Newcombe’s for differences, resampled ones for medians.";
        write!(file, "<section>\n<h2>Variants</h2>\n<p>Verdicts are against {}", Escaped(self.base()))?;
        if self.results.against.is_some() {
            write!(file, ", over the rows and by the checks that both have")?;
        }
        writeln!(file, ". {note}</p>")?;
        writeln!(file, "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Variant</th>")?;
        let has_checks = !self.figures.checks.is_empty();
        if has_checks {
            write!(file, "<th scope=\"col\">All checks</th><th scope=\"col\">Verdict</th>")?;
        }
        for name in &self.figures.checks {
            write!(file, "<th scope=\"col\">{}</th>", Escaped(name))?;
        }
        writeln!(
            file,
            "<th scope=\"col\">First token</th><th scope=\"col\">Total</th><th scope=\"col\">Tokens</th>\
             <th scope=\"col\">Cost</th><th scope=\"col\">Failed</th></tr></thead>\n<tbody>"
        )?;
        for (variant, figures) in self.results.begun.variants.iter().zip(&self.figures.variants) {
            write!(file, "<tr><th scope=\"row\"><b>{}</b> {}</th>", variant.letter, Escaped(&variant.name))?;
            if has_checks {
                match &figures.all {
                    Some(rate) => write!(file, "<td>{}</td><td>{}</td>", shown_rate(rate), self.verdict(figures))?,
                    None => write!(file, "<td></td><td></td>")?,
                }
            }
            for rate in &figures.checks {
                write!(file, "<td>{}</td>", shown_rate(rate))?;
            }
            let milliseconds = |value: f64| format!("{value:.0} ms");
            let tokens = |value: f64| format!("{value:.0}");
            let cost = |value: f64| money(value, figures.currency.as_deref());
            writeln!(
                file,
                "<td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                median(&figures.time_to_first_token, &milliseconds),
                median(&figures.total, &milliseconds),
                median(&figures.tokens, &tokens),
                median(&figures.cost, &cost),
                number(figures.failed),
            )?;
        }
        writeln!(file, "</tbody></table></div>\n</section>")
    }

    fn charts(&self, file: &mut impl Write) -> io::Result<()> {
        let both = || self.results.begun.variants.iter().zip(&self.figures.variants);
        let label = |variant: &MatrixVariant| format!("{} {}", variant.letter, variant.name);
        let rates = both().filter_map(|(variant, figures)| {
            let rate = figures.all.as_ref().filter(|rate| rate.total > 0)?;
            let share = f64::from(rate.passed) / f64::from(rate.total);
            let interval = rate.interval.map(|interval| (interval.low * 100.0, interval.high * 100.0));
            Some(Bar {
                label: label(variant),
                value: share * 100.0,
                interval,
                shown: format!("{:.1} %", share * 100.0),
            })
        });
        let medians = |figures_of: fn(&VariantFigures) -> &Figures, show: &dyn Fn(f64) -> String| -> Vec<Bar> {
            let bars = both().filter_map(|(variant, figures)| {
                let found = figures_of(figures);
                let interval = found.interval.map(|interval| (interval.low, interval.high));
                let value = found.median?;
                Some(Bar { label: label(variant), value, interval, shown: show(value) })
            });
            bars.collect()
        };
        writeln!(file, "<section class=\"charts\">")?;
        chart("Answers that pass every check", Some(100.0), &rates.collect::<Vec<_>>(), file)?;
        let milliseconds = |value: f64| format!("{value:.0} ms");
        chart("Milliseconds to the last byte, median", None, &medians(|of| &of.total, &milliseconds), file)?;
        let currency = self.figures.variants.iter().find_map(|figures| figures.currency.clone());
        let cost = |value: f64| money(value, currency.as_deref());
        chart("Cost of an answer, median", None, &medians(|of| &of.cost, &cost), file)?;
        writeln!(file, "</section>")
    }

    fn rows(&self, file: &mut (impl Write + Send)) -> Result<u64, AppError> {
        writeln!(file, "<section>\n<h2>Answers</h2>").map_err(written)?;
        let (mut calls, mut row) = (0, None);
        self.results.each(MatrixOrder::Rows, |told| {
            calls += 1;
            if row != Some(told.row.place.row) {
                if row.is_some() {
                    writeln!(file, "</article>")?;
                }
                row = Some(told.row.place.row);
                self.row_head(told, file)?;
            }
            self.answer(told, file)
        })?;
        if row.is_some() {
            writeln!(file, "</article>").map_err(written)?;
        }
        writeln!(file, "</section>").map_err(written)?;
        Ok(calls)
    }

    fn row_head(&self, told: &Told<'_>, file: &mut impl Write) -> io::Result<()> {
        let row = told.row.place.row + 1;
        writeln!(file, "<article id=\"row-{row}\">\n<h3>Row {row}</h3>")?;
        markup::values(&self.results.begun.columns, told.values, file)
    }

    fn answer(&self, told: &Told<'_>, file: &mut impl Write) -> io::Result<()> {
        let (kind, words) = match (told.row.state, told.row.passed) {
            (MatrixCellState::Failed | MatrixCellState::InFlight, _) => ("failed", "Call failed"),
            (MatrixCellState::Finished, Some(false)) => ("not", "Not passed"),
            (MatrixCellState::Finished, Some(true)) => ("passed", "Passed"),
            (MatrixCellState::Finished, None) => ("open", ""),
        };
        let repeat = match self.results.begun.comparison.repeats {
            1 => String::new(),
            _ => format!(", repeat {}", told.row.place.repeat + 1),
        };
        let variant = told.variant;
        writeln!(
            file,
            "<div class=\"answer {kind}\"><h4><b>{}</b> {}{repeat} <span class=\"state\">{words}</span></h4>",
            variant.letter,
            Escaped(&variant.name)
        )?;
        if !told.answer.is_empty() {
            markup::text(told.answer, file)?;
        }
        let problem = problem(told);
        if !problem.is_empty() {
            writeln!(file, "<p class=\"problem\">{}</p>", Escaped(&problem))?;
        }
        let other = told.checks.iter().filter(|check| check.state != CheckState::Passed).collect::<Vec<_>>();
        if !other.is_empty() && told.row.state == MatrixCellState::Finished {
            writeln!(file, "<ul>")?;
            for check in other {
                let word = check_word(check.state);
                writeln!(file, "<li>{}, {word}: {}</li>", Escaped(&check.name), Escaped(&check.why))?;
            }
            writeln!(file, "</ul>")?;
        }
        let figures = [
            told.row.milliseconds.map(|value| format!("{value:.0} ms")),
            told.row.tokens.map(|tokens| counted(tokens, "token", "tokens")),
            told.row.cost.map(|cost| money(cost, told.row.currency.as_deref())),
        ];
        let figures: Vec<String> = figures.into_iter().flatten().collect();
        if !figures.is_empty() {
            writeln!(file, "<p class=\"figures\">{}</p>", Escaped(&figures.join(" · ")))?;
        }
        writeln!(file, "</div>")
    }

    fn verdict(&self, figures: &VariantFigures) -> String {
        let against = self.results.against.as_ref();
        let earlier = against.and_then(|against| against.variants.get(figures.variant as usize));
        let found = match earlier {
            Some(earlier) => earlier.now.against,
            None => figures.all.as_ref().and_then(|all| all.against),
        };
        let Some(Against { difference, interval, verdict, repeats_to_tell }) = found else {
            let word = match earlier {
                Some(earlier) if earlier.is_in_base => "nothing to compare",
                Some(_) => "not in the base",
                None if figures.variant == 0 => "base",
                None => "—",
            };
            return word.to_owned();
        };
        let (kind, word) = match verdict {
            Verdict::Better => ("better", format!("better than {}", Escaped(self.base()))),
            Verdict::Worse => ("worse", format!("worse than {}", Escaped(self.base()))),
            Verdict::CannotTell => ("open", "cannot tell".to_owned()),
        };
        let more = match (verdict, repeats_to_tell) {
            (Verdict::CannotTell, Some(answers)) => format!("<br>{} answers of each would tell", number(answers)),
            _ => String::new(),
        };
        format!(
            "<span class=\"{kind}\">{word}</span><br><small>{} points, {} to {}{more}</small>",
            points(difference),
            points(interval.low),
            points(interval.high)
        )
    }

    /// What verdicts are against.
    fn base(&self) -> &str {
        match &self.results.against {
            Some(against) => &against.base,
            None => self.letter(0),
        }
    }

    fn letter(&self, at: usize) -> &str {
        self.results.begun.variants.get(at).map_or("A", |variant| variant.letter.as_str())
    }
}

/// `87.5 % (7 of 8), 52.9 to 97.8 %`
fn shown_rate(rate: &PassRate) -> String {
    if rate.total == 0 {
        return "—".to_owned();
    }
    let share = 100.0 * f64::from(rate.passed) / f64::from(rate.total);
    let interval = rate.interval.map_or_else(String::new, |found| {
        format!("<br><small>{:.1} to {:.1} %</small>", found.low * 100.0, found.high * 100.0)
    });
    format!("{share:.1} % <small>({} of {})</small>{interval}", number(rate.passed.into()), number(rate.total.into()))
}

fn median(figures: &Figures, show: &dyn Fn(f64) -> String) -> String {
    let Some(median) = figures.median else { return "—".to_owned() };
    let interval = figures.interval.map_or_else(String::new, |found| {
        format!("<br><small>{} to {}</small>", Escaped(&show(found.low)), Escaped(&show(found.high)))
    });
    format!("{}{interval}", Escaped(&show(median)))
}

fn money(amount: f64, currency: Option<&str>) -> String {
    let digits = if amount.abs() >= 1.0 { 2 } else { 6 };
    format!("{amount:.digits$} {}", currency.unwrap_or_default()).trim_end().to_owned()
}
