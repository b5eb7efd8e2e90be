//! What several answers together would be.

use std::collections::HashSet;

/// pass@k: the chance that at least one of `k` answers passes, estimated without bias from `passed` of `total`. It is
/// 1 − C(n − c, k) ÷ C(n, k), as a product that stays small (M. Chen and others, "Evaluating large language models trained
/// on code", 2021). `None` when there are fewer than `k` repeats.
pub fn any_of(k: u32, passed: u32, total: u32) -> Option<f64> {
    let failed = total.checked_sub(passed)?;
    fits(k, total).then(|| 1.0 - all(k, failed, total))
}

/// pass^k: the chance that all of `k` answers pass, C(c, k) ÷ C(n, k), estimated without bias (S. Yao and others,
/// "τ-bench", 2024). `None` when there are fewer than `k` repeats.
pub fn all_of(k: u32, passed: u32, total: u32) -> Option<f64> {
    (fits(k, total) && passed <= total).then(|| all(k, passed, total))
}

fn fits(k: u32, total: u32) -> bool {
    (1..=total).contains(&k)
}

/// The chance that `k` picked of `total`, none twice, are all among the `kind`.
fn all(k: u32, kind: u32, total: u32) -> f64 {
    if kind < k {
        return 0.0;
    }
    (0..k).map(|gone| f64::from(kind - gone) / f64::from(total - gone)).product()
}

/// How many of the answers differ from each other, to the byte.
pub fn distinct<'a>(answers: impl IntoIterator<Item = &'a str>) -> usize {
    answers.into_iter().collect::<HashSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_of_several_are_those_of_counting() {
        // Of 4 answers 2 pass: of the 6 pairs one has both, one has none.
        assert!((all_of(2, 2, 4).expect("enough") - 1.0 / 6.0).abs() < 1e-15);
        assert!((any_of(2, 2, 4).expect("enough") - 5.0 / 6.0).abs() < 1e-15);
        assert_eq!((any_of(1, 3, 4), all_of(1, 3, 4)), (Some(0.75), Some(0.75)));
        assert_eq!((any_of(5, 16, 20), all_of(5, 4, 20)), (Some(1.0), Some(0.0)), "too few of the other kind");
        assert_eq!((any_of(3, 0, 9), all_of(3, 9, 9)), (Some(0.0), Some(1.0)));
    }

    #[test]
    fn what_cannot_be_picked_has_no_chance() {
        for (k, passed, total) in [(0, 1, 2), (3, 1, 2), (1, 0, 0), (1, 3, 2)] {
            assert_eq!((any_of(k, passed, total), all_of(k, passed, total)), (None, None), "{k} {passed} {total}");
        }
    }

    #[test]
    fn large_numbers_stay_chances() {
        let (any, all) = (any_of(1_000, 5_000, 1_000_000), all_of(1_000, 999_000, 1_000_000));
        assert!(any.is_some_and(|any| (0.99..1.0).contains(&any)), "{any:?}");
        assert!(all.is_some_and(|all| (0.3..0.4).contains(&all)), "{all:?}");
    }

    #[test]
    fn answers_are_told_apart_to_the_byte() {
        assert_eq!(distinct(["", "a", "a ", "a", "A", "\u{e9}", "e\u{301}"]), 6);
        assert_eq!(distinct([]), 0);
    }
}
