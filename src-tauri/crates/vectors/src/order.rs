//! An order in which near rows stand side by side, so that a matrix of similarities shows its topics as squares.

use std::mem;

use kodama::{Method, linkage};

use crate::{Matrix, VectorError, cosine};

/// Rows by topic. The nearest groups are joined first, by their mean distance, with the ends side by side that are nearest.
/// Rows without a direction stand at the end.
///
/// # Errors
/// As [`cosine::pairs`].
pub fn by_topic(matrix: &Matrix) -> Result<Vec<usize>, VectorError> {
    let all = cosine::pairs(matrix)?;
    let count = matrix.len();
    let (rows, without): (Vec<usize>, Vec<usize>) = (0..count).partition(|row| matrix.has_direction(*row));
    let near = |one: usize, other: usize| all[cosine::place(count, one.min(other), one.max(other))];
    let mut distances: Vec<f64> =
        cosine::places(rows.len()).map(|(one, other)| 1.0 - near(rows[one], rows[other])).collect();
    let joined = linkage(&mut distances, rows.len(), Method::Average);
    let mut groups: Vec<Vec<usize>> = rows.iter().map(|row| vec![*row]).collect();
    for step in joined.steps() {
        let (mut one, mut other) = (mem::take(&mut groups[step.cluster1]), mem::take(&mut groups[step.cluster2]));
        let gap = |turned_one: bool, turned_other: bool| {
            let end = if turned_one { one.first() } else { one.last() };
            let start = if turned_other { other.last() } else { other.first() };
            end.zip(start).map_or(f64::NEG_INFINITY, |(end, start)| near(*end, *start))
        };
        let ways = [(false, false), (true, false), (false, true), (true, true)];
        let best =
            ways.into_iter().reduce(|best, way| if gap(way.0, way.1) > gap(best.0, best.1) { way } else { best });
        let (turn_one, turn_other) = best.unwrap_or_default();
        if turn_one {
            one.reverse();
        }
        if turn_other {
            other.reverse();
        }
        one.append(&mut other);
        groups.push(one);
    }
    let mut order = groups.pop().unwrap_or_default();
    order.extend(without);
    Ok(order)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// `clouds` groups of `each` rows, around directions of their own; the rows of a group stand side by side.
    pub(crate) fn clouds(clouds: usize, each: usize, dimensions: usize) -> Matrix {
        let mut state = 7_u32;
        let mut number = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        let mut values = Vec::new();
        for _ in 0..clouds {
            let middle: Vec<f32> = (0..dimensions).map(|_| number()).collect();
            for _ in 0..each {
                values.extend(middle.iter().map(|part| part + 0.2 * number()));
            }
        }
        Matrix::new(values, dimensions).unwrap()
    }

    #[test]
    fn topics_stand_together_whatever_order_they_came_in() {
        let matrix = clouds(5, 8, 16);
        // Every third row, then the next ones: topics are torn apart.
        let shuffled: Vec<usize> = (0..3).flat_map(|first| (first..40).step_by(3)).collect();
        let mixed = Matrix::from_rows(shuffled.iter().map(|row| matrix.row(*row))).unwrap();
        let order = by_topic(&mixed).unwrap();
        let mut seen = order.clone();
        seen.sort_unstable();
        assert_eq!(seen, (0..40).collect::<Vec<_>>(), "every row once");
        let topics: Vec<usize> = order.iter().map(|row| shuffled[*row] / 8).collect();
        assert_eq!(topics.chunk_by(|one, other| one == other).count(), 5, "{topics:?}");
    }

    #[test]
    fn none_one_and_broken_rows_have_an_order() {
        assert_eq!(by_topic(&Matrix::new(vec![], 2).unwrap()).unwrap(), Vec::<usize>::new());
        assert_eq!(by_topic(&Matrix::new(vec![1.0, 2.0], 2).unwrap()).unwrap(), [0]);
        let rows = [[f32::NAN, 0.0], [1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [1.0, 0.1]];
        let order = by_topic(&Matrix::from_rows(rows).unwrap()).unwrap();
        assert_eq!(&order[3..], [0, 2]);
        assert_eq!(by_topic(&Matrix::from_rows([[0.0], [f32::NAN]]).unwrap()).unwrap(), [0, 1]);
    }
}
