//! Do two models find the same pairs near? Their cosines cannot be compared, since each model has a scale of its own; the
//! order of the pairs can.

use rayon::prelude::*;

use crate::{Matrix, VectorError, cosine};

#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Spearman's rank correlation over all pairs, -1 to 1; `None` when one model finds all pairs equally near.
    pub correlation: Option<f64>,
    /// Pairs that both models could compare.
    pub pairs: usize,
    /// The pairs whose ranks lie farthest apart, farthest first.
    pub apart: Vec<Apart>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Apart {
    pub rows: (usize, usize),
    pub cosines: (f64, f64),
    /// 0 for the pair that is nearest, 1 for the one that is farthest.
    pub ranks: (f64, f64),
}

/// Compares what two models say of the same texts. `most` pairs are told that they disagree on.
///
/// # Errors
/// When they have different numbers of rows, or more than can be paired.
pub fn agreement(one: &Matrix, other: &Matrix, most: usize) -> Result<Agreement, VectorError> {
    if one.len() != other.len() {
        return Err(VectorError::DifferentCounts { one: one.len(), other: other.len() });
    }
    let (first, second) = (cosine::pairs(one)?, cosine::pairs(other)?);
    let shared: Vec<_> = cosine::places(one.len())
        .zip(first.into_iter().zip(second))
        .filter(|(_, (first, second))| !first.is_nan() && !second.is_nan())
        .collect();
    let (ranks, other_ranks) = rayon::join(
        || ranks(&shared.iter().map(|(_, cosines)| cosines.0).collect::<Vec<_>>()),
        || ranks(&shared.iter().map(|(_, cosines)| cosines.1).collect::<Vec<_>>()),
    );
    let correlation = pearson(&ranks, &other_ranks);
    let distance = |pair: usize| (ranks[pair] - other_ranks[pair]).abs();
    let mut order: Vec<usize> = (0..shared.len()).collect();
    let farther = |a: &usize, b: &usize| distance(*b).total_cmp(&distance(*a)).then(a.cmp(b));
    if order.len() > most && most > 0 {
        order.select_nth_unstable_by(most, farther);
    }
    order.truncate(most);
    order.sort_by(farther);
    let scale = (shared.len().max(2) - 1) as f64;
    let apart = order.into_iter().map(|pair| Apart {
        rows: shared[pair].0,
        cosines: shared[pair].1,
        ranks: (ranks[pair] / scale, other_ranks[pair] / scale),
    });
    Ok(Agreement { correlation, pairs: shared.len(), apart: apart.collect() })
}

/// The rank of each value from the greatest, 0, on; equal ones share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    order.par_sort_unstable_by(|one, other| values[*other as usize].total_cmp(&values[*one as usize]));
    let mut ranks = vec![0.0; values.len()];
    let mut next = 0;
    for equal in order.chunk_by(|one, other| values[*one as usize] == values[*other as usize]) {
        let mean = next as f64 + (equal.len() - 1) as f64 / 2.0;
        for place in equal {
            ranks[*place as usize] = mean;
        }
        next += equal.len();
    }
    ranks
}

fn pearson(one: &[f64], other: &[f64]) -> Option<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (one_mean, other_mean) = (mean(one), mean(other));
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for (one, other) in one.iter().zip(other) {
        let (one, other) = (one - one_mean, other - other_mean);
        both += one * other;
        first += one * one;
        second += other * other;
    }
    (first > 0.0 && second > 0.0).then(|| (both / (first * second).sqrt()).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_agrees_with_itself_on_another_scale_and_not_with_its_opposite() {
        let one = Matrix::from_rows([[1.0, 0.0], [0.9, 0.1], [0.5, 0.5], [0.0, 1.0]]).unwrap();
        let same = agreement(&one, &one, 3).unwrap();
        assert_eq!((same.correlation, same.pairs, same.apart.len()), (Some(1.0), 6, 3));
        assert!(same.apart.iter().all(|pair| pair.ranks.0 == pair.ranks.1));
        let swapped = Matrix::from_rows([[0.0, 1.0], [0.9, 0.1], [0.5, 0.5], [1.0, 0.0]]).unwrap();
        let other = agreement(&one, &swapped, 2).unwrap();
        assert!(other.correlation.unwrap() < 0.5);
        assert_eq!(other.apart[0].rows, (0, 1), "what was nearest is far");
        let distances: Vec<f64> = other.apart.iter().map(|pair| (pair.ranks.0 - pair.ranks.1).abs()).collect();
        assert!(distances[0] >= distances[1] && distances[0] > 0.5, "{distances:?}");
    }

    #[test]
    fn what_cannot_be_ranked_is_no_figure() {
        let equal = Matrix::new(vec![1.0; 6], 2).unwrap();
        assert_eq!(agreement(&equal, &equal, 9).unwrap().correlation, None);
        let broken = Matrix::from_rows([[1.0, 0.0], [f32::NAN, 0.0], [0.0, 1.0]]).unwrap();
        assert_eq!(agreement(&broken, &equal, 9).unwrap().pairs, 1);
        let single = Matrix::new(vec![1.0; 2], 2).unwrap();
        assert_eq!(agreement(&single, &single, 9).unwrap(), Agreement { correlation: None, pairs: 0, apart: vec![] });
        assert!(matches!(agreement(&single, &equal, 9), Err(VectorError::DifferentCounts { .. })));
    }
}
