//! The middle of figures, and how sure it is.

use crate::Z_95;
use crate::draws::Draws;
use crate::rate::Interval;

/// How many times the figures are drawn anew for an interval.
pub const RESAMPLES: usize = 9_999;

/// Of more figures than this no resamples are drawn: their medians lie where the binomial distribution says.
const MOST_DRAWN: usize = 2_000;

/// Any number would do; always the same one gives the same interval for the same figures.
const SEED: u64 = 0x004A_7578_7461;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Median {
    /// Of an even number of figures, halfway between the two in the middle.
    pub value: f64,
    /// `None` for a single figure, which says nothing of how figures vary.
    pub interval: Option<Interval>,
}

/// The median with its interval of 95 % by the percentiles of [`RESAMPLES`] medians of resamples, each as long as
/// `figures` and drawn with replacement (B. Efron, "Bootstrap methods: another look at the jackknife", 1979). The order of
/// the figures does not matter. Of more than 2,000 figures the same percentiles are taken from the distribution that such
/// medians have. `None` without figures; those that are not finite are left out.
pub fn median(figures: &[f64]) -> Option<Median> {
    let mut sorted: Vec<f64> = figures.iter().copied().filter(|figure| figure.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let value = quantile(&sorted, 0.5)?;
    if sorted.len() == 1 {
        return Some(Median { value, interval: None });
    }
    let interval = if sorted.len() > MOST_DRAWN { ranked(&sorted) } else { resampled(&sorted) };
    Some(Median { value, interval })
}

fn resampled(sorted: &[f64]) -> Option<Interval> {
    let mut draws = Draws::new(SEED);
    let mut picked = vec![0_usize; sorted.len()];
    let mut medians = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        picked.fill(0);
        for _ in 0..sorted.len() {
            picked[draws.below(sorted.len())] += 1;
        }
        medians.push(middle(&picked, sorted));
    }
    medians.sort_by(f64::total_cmp);
    let interval = quantile(&medians, 0.025).zip(quantile(&medians, 0.975));
    interval.map(|(low, high)| Interval { low, high })
}

/// The median of a resample is at most the figure of rank k when at least half of the draws are: a binomial of n draws
/// with the chance k/n, which for many figures is a normal one.
fn ranked(sorted: &[f64]) -> Option<Interval> {
    let half = Z_95 / (2.0 * (sorted.len() as f64).sqrt());
    let interval = quantile(sorted, 0.5 - half).zip(quantile(sorted, 0.5 + half));
    interval.map(|(low, high)| Interval { low, high })
}

/// The median where each of `sorted` was picked so often.
fn middle(picked: &[usize], sorted: &[f64]) -> f64 {
    let count = sorted.len();
    let mut before = 0;
    let mut lower = None;
    for (times, figure) in picked.iter().zip(sorted) {
        before += times;
        if lower.is_none() && before > (count - 1) / 2 {
            lower = Some(*figure);
        }
        if before > count / 2 {
            let lower = lower.unwrap_or(*figure);
            return lower + (figure - lower) / 2.0;
        }
    }
    f64::NAN
}

/// Between two neighbours in proportion, as most programs do it.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = share * last as f64;
    let below = at.floor();
    let (low, high) = (sorted[below as usize], sorted[at.ceil() as usize]);
    Some(low + (high - low) * (at - below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_the_middle() {
        for (figures, expected) in
            [(&[3.0, 1.0, 2.0][..], 2.0), (&[4.0, 1.0, 2.0, 3.0], 2.5), (&[7.0, 7.0], 7.0), (&[f64::NAN, 5.0], 5.0)]
        {
            assert_eq!(median(figures).map(|median| median.value), Some(expected), "{figures:?}");
        }
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[f64::INFINITY]), None);
        assert_eq!(median(&[9.0]), Some(Median { value: 9.0, interval: None }));
    }

    #[test]
    fn the_interval_depends_on_the_figures_only() {
        let figures: Vec<f64> = (0..40).map(|at| f64::from(at * at % 37) + 0.5).collect();
        let found = median(&figures).expect("figures");
        let turned: Vec<f64> = figures.iter().rev().copied().collect();
        assert_eq!(median(&turned), Some(found));
        let interval = found.interval.expect("several figures");
        assert!(interval.low <= found.value && found.value <= interval.high);
        assert!(figures.contains(&interval.low) || (interval.low * 4.0).fract() == 0.0, "it lies among the figures");
    }

    #[test]
    fn figures_that_do_not_vary_have_an_interval_of_no_width() {
        let interval = median(&[4.0; 12]).and_then(|median| median.interval);
        assert_eq!(interval, Some(Interval { low: 4.0, high: 4.0 }));
    }

    #[test]
    fn of_many_figures_the_interval_is_where_resamples_have_it() {
        // The rank of a figure is the figure.
        let figures: Vec<f64> = (0..900).map(f64::from).collect();
        let (drawn, ranked) = (resampled(&figures).expect("figures"), ranked(&figures).expect("figures"));
        assert!((drawn.low - ranked.low).abs() < 3.0, "{drawn:?} {ranked:?}");
        assert!((drawn.high - ranked.high).abs() < 3.0, "{drawn:?} {ranked:?}");
        let many: Vec<f64> = (0..50_001).map(f64::from).collect();
        let found = median(&many).expect("figures");
        let interval = found.interval.expect("several figures");
        assert_eq!(found.value, 25_000.0);
        assert!((interval.low - 24_781.0).abs() < 2.0 && (interval.high - 25_219.0).abs() < 2.0, "{interval:?}");
    }

    #[test]
    fn nineteen_of_twenty_intervals_hold_the_true_median() {
        let mut draws = Draws::new(3);
        let rounds = 200;
        let hits = (0..rounds).filter(|_| {
            // Skewed as times are; its true median is that of the uniform, squared.
            let figures: Vec<f64> = (0..20).map(|_| draws.fraction().powi(2)).collect();
            let interval = median(&figures).and_then(|median| median.interval).expect("figures");
            (interval.low..=interval.high).contains(&0.25)
        });
        let share = hits.count() as f64 / f64::from(rounds);
        assert!((0.9..=0.99).contains(&share), "{share}");
    }
}
