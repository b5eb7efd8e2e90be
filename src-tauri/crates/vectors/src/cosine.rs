//! How near vectors are to each other.

use rayon::prelude::*;

use crate::matrix::{dot, norm, rough_dot};
use crate::{Matrix, VectorError};

/// Rows of which every pair is compared: two million pairs.
pub const MOST_PAIRED: usize = 2_000;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    pub row: usize,
    pub cosine: f64,
}

/// The cosine of the angle between two vectors, from -1 to 1; `NaN` when one has no direction.
pub fn cosine(one: &[f32], other: &[f32]) -> f64 {
    bounded(dot(one, other) / (norm(one) * norm(other)))
}

/// Rounding may lead a little beyond what a cosine can be.
fn bounded(cosine: f64) -> f64 {
    cosine.clamp(-1.0, 1.0)
}

/// The cosines of all pairs: row 0 with 1, 2, 3 …, then row 1 with 2, 3 ….
///
/// # Errors
/// When there are more rows than [`MOST_PAIRED`].
pub fn pairs(matrix: &Matrix) -> Result<Vec<f64>, VectorError> {
    let count = matrix.len();
    if count > MOST_PAIRED {
        return Err(VectorError::TooManyForPairs { most: MOST_PAIRED, found: count });
    }
    let norms = matrix.norms();
    let from = |one: usize| {
        let row = matrix.row(one);
        (one + 1..count).map(move |other| bounded(dot(row, matrix.row(other)) / (norms[one] * norms[other])))
    };
    let rows: Vec<Vec<f64>> = (0..count).into_par_iter().map(|one| from(one).collect()).collect();
    Ok(rows.concat())
}

/// Where a pair stands in [`pairs`]; `one` is the smaller of the two.
pub fn place(count: usize, one: usize, other: usize) -> usize {
    one * count - one * (one + 1) / 2 + other - one - 1
}

/// The two rows of each place in [`pairs`], in that order.
pub fn places(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |one| (one + 1..count).map(move |other| (one, other)))
}

/// All cosines as a square, row by row.
///
/// # Errors
/// As [`pairs`].
pub fn square(matrix: &Matrix) -> Result<Vec<f32>, VectorError> {
    let (count, pairs) = (matrix.len(), pairs(matrix)?);
    let mut square = vec![0.0; count * count];
    for row in 0..count {
        square[row * count + row] = if matrix.has_direction(row) { 1.0 } else { f32::NAN };
    }
    for ((one, other), cosine) in places(count).zip(pairs) {
        square[one * count + other] = cosine as f32;
        square[other * count + one] = cosine as f32;
    }
    Ok(square)
}

/// What the quick look may be wrong by: products of normalised numbers, summed in `f32` over any sensible dimensions.
const ROUGH: f32 = 1e-4;

/// The `count` rows nearest to `query`, nearest first, equal ones in their order. Rows without a direction are no
/// neighbours. All rows are looked at: first quickly, then those that can be among the nearest with every digit.
pub fn neighbours(matrix: &Matrix, query: &[f32], count: usize) -> Vec<Neighbour> {
    let length = norm(query);
    if count == 0 || !(length.is_finite() && length > 0.0) || query.len() != matrix.dimensions() {
        return Vec::new();
    }
    // Of length 1, so that no product leaves what `f32` can hold.
    let unit: Vec<f32> = query.iter().map(|value| (f64::from(*value) / length) as f32).collect();
    let dimensions = matrix.dimensions();
    let rough: Vec<f32> = matrix
        .values()
        .par_chunks_exact(dimensions)
        .zip(matrix.norms())
        .with_min_len(512)
        .map(|(row, norm)| (f64::from(rough_dot(&unit, row)) / norm) as f32)
        .collect();
    let comparable = |row: &usize| matrix.has_direction(*row);
    let mut best: Vec<usize> = (0..matrix.len()).filter(comparable).collect();
    if best.len() > count {
        // What overflowed has no quick figure and is looked at closely.
        let quick = |row: usize| if rough[row].is_finite() { rough[row] } else { f32::INFINITY };
        best.select_nth_unstable_by(count - 1, |one, other| quick(*other).total_cmp(&quick(*one)));
        let least = quick(best[count - 1]) - 2.0 * ROUGH;
        best = (0..matrix.len()).filter(comparable).filter(|row| quick(*row) >= least).collect();
    }
    let exact = |row| Neighbour { row, cosine: bounded(dot(query, matrix.row(row)) / (length * matrix.norms()[row])) };
    let mut near: Vec<Neighbour> = best.into_iter().map(exact).collect();
    near.sort_by(|one, other| other.cosine.total_cmp(&one.cosine).then(one.row.cmp(&other.row)));
    near.truncate(count);
    near
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::tests::clouds;

    #[test]
    fn pairs_stand_where_their_place_says() {
        let matrix = clouds(3, 9, 12);
        let pairs = pairs(&matrix).unwrap();
        let square = square(&matrix).unwrap();
        assert_eq!(pairs.len(), 27 * 26 / 2);
        for (at, (one, other)) in places(27).enumerate() {
            assert_eq!(at, place(27, one, other));
            assert_eq!(pairs[at], cosine(matrix.row(one), matrix.row(other)));
            assert_eq!(square[one * 27 + other], pairs[at] as f32);
            assert_eq!(square[other * 27 + one], pairs[at] as f32);
        }
        let large = Matrix::new(vec![1.0; MOST_PAIRED + 1], 1).unwrap();
        assert!(matches!(super::pairs(&large), Err(VectorError::TooManyForPairs { .. })));
    }

    #[test]
    fn the_quick_way_finds_what_the_slow_one_does() {
        let matrix = clouds(8, 250, 33);
        for query in [0, 7, 1_999] {
            let slow = |row| Neighbour { row, cosine: cosine(matrix.row(query), matrix.row(row)) };
            let mut expected: Vec<_> = (0..matrix.len()).map(slow).collect();
            expected.sort_by(|one, other| other.cosine.total_cmp(&one.cosine).then(one.row.cmp(&other.row)));
            let found = neighbours(&matrix, matrix.row(query), 40);
            assert_eq!(found.len(), 40);
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found.cosine - expected.cosine).abs() < 1e-12, "{found:?} {expected:?}");
            }
            assert_eq!(found[0].row, query);
        }
    }

    #[test]
    fn rows_without_a_direction_are_nobodys_neighbours() {
        let rows = [[1.0, 0.0], [0.0, 0.0], [f32::NAN, 1.0], [2.0, 0.0], [-1.0, 0.0]];
        let matrix = Matrix::from_rows(rows).unwrap();
        let near: Vec<_> = neighbours(&matrix, &[3.0, 0.0], 9).iter().map(|near| (near.row, near.cosine)).collect();
        assert_eq!(near, [(0, 1.0), (3, 1.0), (4, -1.0)]);
        assert_eq!(neighbours(&matrix, &[0.0, 0.0], 9), []);
        assert_eq!(neighbours(&matrix, &[1.0], 9), []);
        assert!(cosine(&[0.0, 0.0], &[1.0, 0.0]).is_nan());
        assert!(square(&matrix).unwrap()[6].is_nan());
    }

    #[test]
    fn huge_and_tiny_numbers_have_neighbours_too() {
        let matrix = Matrix::from_rows([[3e38, 3e38], [1e-38, 0.0], [0.0, 1e-38], [3e38, -3e38]]).unwrap();
        let near: Vec<usize> = neighbours(&matrix, &[2e38, 2e38], 3).iter().map(|near| near.row).collect();
        assert_eq!(near, [0, 1, 2]);
    }
}
