//! Models that are right as often as their name says: `coin-0.7` says yes to seven questions of ten, so that statistics
//! over repeats have something to find.

use super::Reply;
use crate::chance::Chance;

/// What stands before the rate.
pub(super) const NAME: &str = "coin-";
pub(super) const DESCRIPTION: &str = "Says yes, or no three times in ten; any other rate works too. The same seed and count of calls give the same answer.";

/// The rate in a name; `None` when it is none.
pub(super) fn rate(name: &str) -> Option<f64> {
    let rate: f64 = name.strip_prefix(NAME)?.parse().ok()?;
    (0.0..=1.0).contains(&rate).then_some(rate)
}

pub(super) fn toss(rate: f64, seed: u64) -> Reply {
    Reply::text(if Chance::new(seed ^ rate.to_bits()).fraction() < rate { "yes" } else { "no" })
}
