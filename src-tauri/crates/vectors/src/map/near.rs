//! The nearest rows of every row, where there are few dimensions: each is compared with each, sixteen at a time.

use bhtsne::Neighbor;
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::VectorError;
use crate::progress::Part;

const LANES: usize = 16;
/// Rows that look at the others together, so that those are fetched once for all of them.
const TOGETHER: usize = 32;

/// The `count` nearest others of each row, nearest first; of two that are as near the one that comes first.
///
/// # Errors
/// When the work is to end.
pub(super) fn nearest(rows: &[Vec<f32>], count: usize, part: Part<'_>) -> Result<Vec<Vec<Neighbor<f32>>>, VectorError> {
    let tiles: Vec<Vec<[f32; LANES]>> = rows.chunks(LANES).map(tile).collect();
    let done = AtomicUsize::new(0);
    let look = |group: (usize, &[Vec<f32>])| {
        let found = of_group(group.0 * TOGETHER, group.1, &tiles, rows.len(), count);
        let done = done.fetch_add(group.1.len(), Ordering::Relaxed) + group.1.len();
        part.reach(done as f64 / rows.len() as f64).map(|()| found)
    };
    let groups: Vec<_> = rows.par_chunks(TOGETHER).enumerate().map(look).collect::<Result<_, _>>()?;
    Ok(groups.into_iter().flatten().collect())
}

/// Sixteen rows side by side, one group of numbers for each dimension.
fn tile(rows: &[Vec<f32>]) -> Vec<[f32; LANES]> {
    let dimensions = rows.first().map_or(0, Vec::len);
    let at = |dimension: usize| std::array::from_fn(|row| rows.get(row).map_or(0.0, |row: &Vec<f32>| row[dimension]));
    (0..dimensions).map(at).collect()
}

fn of_group(
    first: usize,
    group: &[Vec<f32>],
    tiles: &[Vec<[f32; LANES]>],
    all: usize,
    count: usize,
) -> Vec<Vec<Neighbor<f32>>> {
    let mut near: Vec<Near> = group.iter().map(|_| Near::new(count)).collect();
    for (number, tile) in tiles.iter().enumerate() {
        for (row, near) in group.iter().zip(&mut near).enumerate().map(|(at, (row, near))| ((first + at, row), near)) {
            let squares = squares(row.1, tile);
            for (lane, square) in squares.into_iter().enumerate() {
                let index = number * LANES + lane;
                if square < near.limit && index != row.0 && index < all {
                    near.take(index, square);
                }
            }
        }
    }
    near.into_iter().map(Near::finish).collect()
}

fn squares(row: &[f32], tile: &[[f32; LANES]]) -> [f32; LANES] {
    let mut sums = [0.0; LANES];
    for (value, others) in row.iter().zip(tile) {
        for (sum, other) in sums.iter_mut().zip(others) {
            let apart = value - other;
            *sum += apart * apart;
        }
    }
    sums
}

/// Those that may be among the nearest; twice as many at most, so that it is seldom sorted out.
struct Near {
    count: usize,
    limit: f32,
    found: Vec<(f32, usize)>,
}

impl Near {
    fn new(count: usize) -> Self {
        Self { count, limit: f32::INFINITY, found: Vec::with_capacity(count * 2) }
    }

    fn take(&mut self, index: usize, square: f32) {
        self.found.push((square, index));
        if self.found.len() == self.count * 2 {
            self.found.select_nth_unstable_by(self.count - 1, order);
            self.found.truncate(self.count);
            self.limit = self.found[self.count - 1].0;
        }
    }

    fn finish(mut self) -> Vec<Neighbor<f32>> {
        self.found.sort_unstable_by(order);
        self.found.truncate(self.count);
        self.found.into_iter().map(|(square, index)| Neighbor { index, distance: square.sqrt() }).collect()
    }
}

fn order(one: &(f32, usize), other: &(f32, usize)) -> std::cmp::Ordering {
    one.0.total_cmp(&other.0).then(one.1.cmp(&other.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::tests::clouds;
    use crate::progress::Progress;

    #[test]
    fn the_nearest_are_found_whatever_the_number_of_rows() {
        for (each, count) in [(2, 1), (11, 5), (23, 30), (40, 90)] {
            let matrix = clouds(5, each, 7);
            // Twice the same rows: half of all distances are ties.
            let rows: Vec<Vec<f32>> = matrix.rows().chain(matrix.rows()).map(<[f32]>::to_vec).collect();
            let found = nearest(&rows, count, Progress::default().whole()).unwrap();
            for (at, found) in found.iter().enumerate() {
                let square = |other: usize| {
                    rows[at].iter().zip(&rows[other]).fold(0.0_f32, |sum, (a, b)| sum + (a - b) * (a - b))
                };
                let mut expected: Vec<(f32, usize)> =
                    (0..rows.len()).filter(|other| *other != at).map(|other| (square(other), other)).collect();
                expected.sort_unstable_by(order);
                let expected: Vec<usize> = expected.into_iter().take(count).map(|(_, index)| index).collect();
                assert_eq!(found.iter().map(|near| near.index).collect::<Vec<_>>(), expected);
            }
        }
    }
}
