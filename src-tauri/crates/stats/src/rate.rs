//! Shares of repeats that pass, and their differences.

/// A range that holds the true value as often as its quantile says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// Repeats that passed, of at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    passed: u32,
    total: u32,
}

/// One rate minus another, from -1 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    pub value: f64,
    pub interval: Interval,
}

/// What a difference says of the rate that the other was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All of the interval is above 0.
    Better,
    /// All of it is below 0.
    Worse,
    CannotTell,
}

impl Rate {
    /// `None` without repeats, and when more passed than there were.
    pub fn new(passed: u32, total: u32) -> Option<Self> {
        (total > 0 && passed <= total).then_some(Self { passed, total })
    }

    /// From 0 to 1.
    pub fn share(self) -> f64 {
        f64::from(self.passed) / f64::from(self.total)
    }

    /// Wilson's score interval without correction for continuity, of the true rate, for the quantile `z` (E. B. Wilson,
    /// "Probable inference, the law of succession, and statistical inference", 1927). It never leaves 0 to 1, and is
    /// of use for few repeats and for rates of 0 and 1.
    pub fn wilson(self, z: f64) -> Interval {
        let (share, total) = (self.share(), f64::from(self.total));
        let scale = 1.0 + z * z / total;
        let middle = (share + z * z / (2.0 * total)) / scale;
        let half = z / scale * (share * (1.0 - share) / total + z * z / (4.0 * total * total)).sqrt();
        // At the ends the bound is exact, and rounding would leave a little of it.
        let low = if self.passed == 0 { 0.0 } else { (middle - half).max(0.0) };
        let high = if self.passed == self.total { 1.0 } else { (middle + half).min(1.0) };
        Interval { low, high }
    }

    /// This rate minus `base`, with Newcombe's hybrid score interval, which is made of Wilson's of both (R. G. Newcombe,
    /// "Interval estimation for the difference between independent proportions", 1998, method 10).
    pub fn minus(self, base: Self, z: f64) -> Difference {
        let (one, other) = (self.share(), base.share());
        let (ours, theirs) = (self.wilson(z), base.wilson(z));
        let value = one - other;
        let interval = Interval {
            low: value - (one - ours.low).hypot(theirs.high - other),
            high: value + (ours.high - one).hypot(other - theirs.low),
        };
        Difference { value, interval }
    }
}

impl Difference {
    pub fn verdict(self) -> Verdict {
        match self.interval {
            Interval { low, .. } if low > 0.0 => Verdict::Better,
            Interval { high, .. } if high < 0.0 => Verdict::Worse,
            _ => Verdict::CannotTell,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Z_95;
    use crate::draws::Draws;

    fn rate(passed: u32, total: u32) -> Rate {
        Rate::new(passed, total).expect("a rate")
    }

    fn percent(interval: Interval) -> (i32, i32) {
        ((interval.low * 100.0).round() as i32, (interval.high * 100.0).round() as i32)
    }

    #[test]
    fn intervals_of_twenty_are_those_of_the_tables() {
        for (passed, expected) in [(20, (84, 100)), (19, (76, 99)), (18, (70, 97)), (12, (39, 78)), (0, (0, 16))] {
            assert_eq!(percent(rate(passed, 20).wilson(Z_95)), expected, "{passed} of 20");
        }
        assert_eq!(percent(rate(16, 20).minus(rate(15, 20), Z_95).interval), (-21, 30));
        assert_eq!(percent(rate(7, 20).minus(rate(15, 20), Z_95).interval), (-62, -9));
    }

    #[test]
    fn no_repeats_have_no_rate() {
        assert_eq!(Rate::new(0, 0), None);
        assert_eq!(Rate::new(3, 2), None);
    }

    #[test]
    fn the_ends_are_exact_and_the_sides_mirror_each_other() {
        for total in 1..60 {
            assert_eq!(rate(0, total).wilson(Z_95).low, 0.0);
            assert_eq!(rate(total, total).wilson(Z_95).high, 1.0);
            for passed in 0..=total {
                let (one, other) = (rate(passed, total).wilson(Z_95), rate(total - passed, total).wilson(Z_95));
                assert!((one.low + other.high - 1.0).abs() < 1e-12, "{passed} of {total}");
                let same = rate(passed, total).minus(rate(passed, total), Z_95);
                assert_eq!((same.value, same.verdict()), (0.0, Verdict::CannotTell));
            }
        }
    }

    /// How likely each number of passes is.
    fn chances(true_rate: f64, total: u32) -> Vec<f64> {
        let mut chances = vec![1.0];
        for _ in 0..total {
            let mut next = vec![0.0; chances.len() + 1];
            for (passed, chance) in chances.iter().enumerate() {
                next[passed] += chance * (1.0 - true_rate);
                next[passed + 1] += chance * true_rate;
            }
            chances = next;
        }
        chances
    }

    /// How often lanes of these true rates get this verdict: over all results that there are, each as often as it comes.
    fn share_of(verdict: Verdict, base: f64, other: f64, repeats: u32) -> f64 {
        let (bases, others) = (chances(base, repeats), chances(other, repeats));
        let mut share = 0.0;
        for (one, chance) in (0..).zip(&others) {
            for (two, base_chance) in (0..).zip(&bases) {
                if rate(one, repeats).minus(rate(two, repeats), Z_95).verdict() == verdict {
                    share += chance * base_chance;
                }
            }
        }
        share
    }

    /// The same share, drawn.
    fn drawn_share_of(verdict: Verdict, base: f64, other: f64, repeats: u32) -> f64 {
        const ROUNDS: u32 = 4_000;
        let mut draws = Draws::new(7);
        let mut lane = |true_rate: f64| {
            let passed = (0..repeats).filter(|_| draws.fraction() < true_rate).count();
            rate(passed as u32, repeats)
        };
        let found = (0..ROUNDS).filter(|_| lane(other).minus(lane(base), Z_95).verdict() == verdict).count();
        found as f64 / f64::from(ROUNDS)
    }

    #[test]
    fn near_rates_cannot_be_told_from_twenty_repeats_and_far_ones_can_from_forty() {
        // base, other, repeats, verdict, and between which shares of all draws get it. The intervals are of 95 %, so a
        // few draws of the first pair must be taken for a difference.
        for (base, other, repeats, verdict, least, most) in [
            (0.70, 0.72, 20, Verdict::CannotTell, 0.94, 0.95),
            (0.5, 0.9, 40, Verdict::Better, 0.97, 0.99),
            (0.9, 0.5, 40, Verdict::Worse, 0.97, 0.99),
        ] {
            let share = share_of(verdict, base, other, repeats);
            assert!((least..=most).contains(&share), "{base} and {other} at {repeats}: {share}");
            let drawn = drawn_share_of(verdict, base, other, repeats);
            // Three standard errors of 4,000 draws.
            assert!((drawn - share).abs() < 3.0 * (share * (1.0 - share) / 4_000.0).sqrt(), "{drawn} for {share}");
        }
    }
}
