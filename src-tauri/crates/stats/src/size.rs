//! How many repeats would tell.

use crate::{Z_80_POWER, Z_95};

/// Repeats of each lane with which true rates of `one` and `other` are told apart four times in five, by a two-sided test
/// of 5 %: the size of two equal samples for two independent proportions, with the pooled variance where they are the same
/// and without correction for continuity (J. L. Fleiss, B. Levin, M. C. Paik, "Statistical methods for rates and
/// proportions", 3rd edition, 2003, section 4.2). Rounded up.
///
/// `None` when the rates are equal, or are none.
pub fn repeats_to_tell(one: f64, other: f64) -> Option<u64> {
    let is_rate = |rate: f64| (0.0..=1.0).contains(&rate);
    if !is_rate(one) || !is_rate(other) || one == other {
        return None;
    }
    let mean = (one + other) / 2.0;
    let same = (2.0 * mean * (1.0 - mean)).sqrt();
    let apart = (one * (1.0 - one) + other * (1.0 - other)).sqrt();
    let root = (Z_95 * same + Z_80_POWER * apart) / (one - other);
    Some((root * root).ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_rates_want_many_repeats_and_far_ones_few() {
        for (one, other, expected) in [(0.8, 0.75, 1_094), (0.75, 0.8, 1_094), (0.5, 0.9, 20), (0.0, 1.0, 2)] {
            assert_eq!(repeats_to_tell(one, other), Some(expected), "{one} {other}");
        }
        assert!(repeats_to_tell(0.5, 0.5 + 1e-9).is_some_and(|repeats| repeats > 1_000_000_000));
    }

    #[test]
    fn what_does_not_differ_is_never_told_apart() {
        for (one, other) in [(0.3, 0.3), (0.0, 0.0), (1.0, 1.0), (1.1, 0.5), (f64::NAN, 0.5)] {
            assert_eq!(repeats_to_tell(one, other), None, "{one} {other}");
        }
    }
}
