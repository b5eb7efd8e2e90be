//! Reports as pages in one file that asks for no other: no script, no address. They are light or dark as the reader's
//! system is, and print in black on white.

mod escape;

use std::io::{self, Write};

pub(crate) use escape::Escaped;

const STYLE: &str = include_str!("markup/report.css");

/// Everything up to what stands below the name in the head of the page.
pub(crate) fn begin(name: &str, file: &mut impl Write) -> io::Result<()> {
    let name = Escaped(name);
    write!(
        file,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{name}</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n<header>\n<h1>{name}</h1>\n"
    )
}

/// The end of the head of the page.
pub(crate) fn body(file: &mut impl Write) -> io::Result<()> {
    writeln!(file, "</header>\n<main>")
}

pub(crate) fn end(file: &mut impl Write) -> io::Result<()> {
    writeln!(file, "</main>\n<footer>Written by Juxta.</footer>\n</body>\n</html>")
}

/// The values of a row, with their names.
pub(crate) fn values(names: &[String], values: &[String], file: &mut impl Write) -> io::Result<()> {
    if values.is_empty() {
        return Ok(());
    }
    writeln!(file, "<dl>")?;
    for (name, value) in names.iter().zip(values) {
        writeln!(file, "<dt>{}</dt><dd>{}</dd>", Escaped(name), Escaped(value))?;
    }
    writeln!(file, "</dl>")
}

/// A text as it is, line breaks and all.
pub(crate) fn text(text: &str, file: &mut impl Write) -> io::Result<()> {
    writeln!(file, "<pre dir=\"auto\">{}</pre>", Escaped(text))
}

/// In UTC; nothing for a time that no calendar has.
pub(crate) fn moment(unix_milliseconds: u64) -> String {
    let known = i64::try_from(unix_milliseconds).ok().and_then(|time| jiff::Timestamp::from_millisecond(time).ok());
    known.map_or_else(String::new, |time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
