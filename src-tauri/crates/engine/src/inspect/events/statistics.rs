//! The times between events.

use super::log::Entry;

/// A pause is none below this, however quick the rest was. Milliseconds.
const SHORTEST_STALL: f64 = 250.0;
/// A stall is so many times as long as the usual gap.
const STALL_FACTOR: f64 = 8.0;

#[derive(Debug, Default)]
pub struct Gaps {
    /// Events that the figures know.
    known: usize,
    /// Milliseconds.
    pub median: Option<f64>,
    pub longest: Option<f64>,
    pub stalls: u32,
}

impl Gaps {
    pub fn update(&mut self, entries: &[Entry]) {
        if entries.len() == self.known {
            return;
        }
        self.known = entries.len();
        let mut gaps: Vec<f64> = gaps(entries.iter().map(|entry| entry.at)).collect();
        self.median = median(&mut gaps);
        self.longest = gaps.iter().copied().reduce(f64::max);
        let threshold = self.stall_threshold();
        self.stalls = gaps.iter().filter(|gap| **gap > threshold).count() as u32;
    }

    /// A gap of more milliseconds is a stall.
    pub fn stall_threshold(&self) -> f64 {
        self.median.map_or(SHORTEST_STALL, |median| (median * STALL_FACTOR).max(SHORTEST_STALL))
    }
}

/// Milliseconds between times in µs.
pub fn gaps(mut times: impl Iterator<Item = u64>) -> impl Iterator<Item = f64> {
    let mut last = times.next().unwrap_or_default();
    times.map(move |at| at.saturating_sub(std::mem::replace(&mut last, at)) as f64 / 1000.0)
}

/// The middle one, or the mean of the two in the middle. The order of the values is lost.
fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    match below.iter().copied().reduce(f64::max) {
        Some(lower) if values.len().is_multiple_of(2) => Some((lower + upper) / 2.0),
        _ => Some(upper),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use juxta_wire::events::EventKind;

    fn of(milliseconds: &[u64]) -> Gaps {
        let entry = |at: &u64| Entry { at: at * 1000, offset: 0, length: 0, kind: EventKind::Message };
        let mut gaps = Gaps::default();
        gaps.update(&milliseconds.iter().map(entry).collect::<Vec<_>>());
        gaps
    }

    #[test]
    fn a_stall_is_long_by_itself_and_long_beside_the_others() {
        let nothing = of(&[]);
        assert_eq!((nothing.median, nothing.longest, nothing.stalls), (None, None, 0));
        assert_eq!(of(&[7]).median, None, "one event has no gap");

        let quick = of(&[0, 10, 20, 30, 280, 531]);
        assert_eq!((quick.median, quick.longest), (Some(10.0), Some(251.0)));
        assert_eq!((quick.stall_threshold(), quick.stalls), (250.0, 1), "250 ms is not yet a stall");

        let slow = of(&[0, 100, 200, 300, 1_101, 1_901]);
        assert_eq!((slow.stall_threshold(), slow.stalls), (800.0, 1), "nor is eight times the usual gap");
        assert_eq!(of(&[0, 10, 30]).median, Some(15.0));
    }
}
