//! What filters ask for, as marks in the index, so that a rare fact and a common word meet without a look at each call.
//!
//! Marks begin with a character of the private use area: no text gives such a term.

/// Every call has this one.
pub const ANY: &str = "\u{e000}";
pub const STARRED: &str = "\u{e000}starred";
pub const NOTED: &str = "\u{e000}noted";

/// The beginning of a word, of up to [`SHORT`] characters.
pub fn beginning(letters: &str) -> String {
    format!("\u{e001}{letters}")
}

/// Beginnings of words of up to this many characters are marks: so many words share one that gathering them while
/// somebody types takes too long. Longer ones are few enough to be gathered.
pub const SHORT: usize = 3;

pub fn model(id: i64) -> String {
    format!("\u{e000}m{id}")
}

pub fn connection(id: i64) -> String {
    format!("\u{e000}k{id}")
}

pub fn endpoint(endpoint: &str) -> String {
    format!("\u{e000}e{}", endpoint.to_ascii_lowercase())
}

pub fn state(state: &str) -> String {
    format!("\u{e000}s{}", state.to_ascii_lowercase())
}

pub fn status(status: u16) -> String {
    format!("\u{e000}h{status}")
}

/// `4` for every status from 400 to 499.
pub fn status_class(class: u16) -> String {
    format!("\u{e000}x{class}")
}

/// Something that a call may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    Tool,
    Error,
    Reasoning,
    Image,
}

impl Thing {
    pub const ALL: [(Thing, &'static str); 4] =
        [(Thing::Tool, "tool"), (Thing::Error, "error"), (Thing::Reasoning, "reasoning"), (Thing::Image, "image")];

    /// Its bit in `calls.has`.
    pub fn bit(self) -> i64 {
        1 << self as u8
    }

    pub fn mark(self) -> String {
        format!("\u{e000}t{}", self as u8)
    }
}

/// A figure that filters compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    Cost,
    /// Milliseconds.
    FirstText,
    /// Tokens of the answer.
    Output,
}

impl Figure {
    pub fn mark(self, step: u32) -> String {
        format!("{}{step}", self.marks())
    }

    /// How all of its marks begin.
    pub fn marks(self) -> String {
        let letter = match self {
            Figure::Cost => 'c',
            Figure::FirstText => 'f',
            Figure::Output => 'o',
        };
        format!("\u{e000}{letter}")
    }
}

/// Steps of figures: 0 holds all below a millionth, then six to a power of ten.
pub const STEPS: u32 = 85;

/// The step that a figure stands on; larger figures never stand on lower ones.
pub fn step(figure: f64) -> u32 {
    // A figure that is no number counts as zero.
    let above = (figure.max(1e-7).log10() + 6.0) * 6.0;
    (above.floor() + 1.0).clamp(0.0, f64::from(STEPS - 1)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_never_fall_as_figures_rise() {
        let mut figures: Vec<f64> = (-80..90).map(|power| 1.17_f64.powi(power)).collect();
        figures.extend([0.0, 1e-9, 1e-6, 1.0, 1e12, f64::MAX, f64::INFINITY]);
        figures.sort_by(f64::total_cmp);
        let steps: Vec<u32> = figures.iter().map(|figure| step(*figure)).collect();
        assert!(steps.is_sorted(), "{steps:?}");
        assert!(steps.iter().all(|step| *step < STEPS));
        assert_eq!((step(0.0), step(-1.0), step(f64::NAN)), (0, 0, 0));
        assert_ne!(step(0.01), step(0.03));
    }
}
