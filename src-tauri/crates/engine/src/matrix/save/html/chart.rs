//! Bars as a picture inside the page.

use std::io::{self, Write};

use crate::markup::Escaped;

/// Of the whole picture, and of its parts, in pixels.
const WIDTH: f64 = 680.0;
const LABELS: f64 = 250.0;
const SHOWN: f64 = 90.0;
const LINE: f64 = 26.0;
/// Characters of a label.
const LONGEST: usize = 32;

pub(super) struct Bar {
    pub label: String,
    pub value: f64,
    pub interval: Option<(f64, f64)>,
    /// The value in words.
    pub shown: String,
}

/// Nothing without bars. `most` is where the scale ends; else it ends with the longest bar.
pub(super) fn chart(title: &str, most: Option<f64>, bars: &[Bar], file: &mut impl Write) -> io::Result<()> {
    if bars.is_empty() {
        return Ok(());
    }
    let ends = bars.iter().map(|bar| bar.interval.map_or(bar.value, |(_, high)| high.max(bar.value)));
    let most = most.unwrap_or_else(|| ends.fold(0.0, f64::max));
    let scale = if most > 0.0 { (WIDTH - LABELS - SHOWN) / most } else { 0.0 };
    let height = LINE * bars.len() as f64;
    let title = Escaped(title);
    writeln!(
        file,
        "<figure><figcaption>{title}</figcaption>\n\
         <svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\">"
    )?;
    for (at, bar) in bars.iter().enumerate() {
        let top = LINE * at as f64;
        let (middle, text) = (top + LINE / 2.0, top + LINE / 2.0 + 4.0);
        let length = bar.value * scale;
        writeln!(
            file,
            "<text x=\"0\" y=\"{text:.1}\">{}</text>\
             <rect x=\"{LABELS}\" y=\"{:.1}\" width=\"{length:.1}\" height=\"12\"/>",
            Escaped(&crate::matrix::index::cut(&bar.label, LONGEST)),
            middle - 6.0,
        )?;
        let mut end = length;
        if let Some((low, high)) = bar.interval {
            let (low, high) = (LABELS + low * scale, LABELS + high * scale);
            end = end.max(high - LABELS);
            writeln!(
                file,
                "<path d=\"M{low:.1} {middle:.1}H{high:.1}M{low:.1} {0:.1}V{1:.1}M{high:.1} {0:.1}V{1:.1}\"/>",
                middle - 4.0,
                middle + 4.0,
            )?;
        }
        writeln!(file, "<text x=\"{:.1}\" y=\"{text:.1}\">{}</text>", LABELS + end + 8.0, Escaped(&bar.shown))?;
    }
    writeln!(file, "</svg></figure>")
}
