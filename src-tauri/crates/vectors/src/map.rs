//! Vectors as places on a map.

use crate::components::{Accuracy, components};
use crate::{Matrix, VectorError};

/// Rows that a map of neighbourhoods is made of.
pub const MOST_MAPPED: usize = 20_000;
/// From here on the way that costs the same for each row is the faster one.
const MANY: usize = 5_000;
/// Dimensions that are left before neighbours are looked for, as is usual.
const BEFORE: usize = 50;
/// How closely forces of far points are summed; 0 would sum each.
const THETA: f32 = 0.5;
const EPOCHS: usize = 750;
/// Neighbours whose distances count.
const PERPLEXITY: f32 = 30.0;

#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// One for each row; `NaN` for a row that has no place.
    pub points: Vec<[f32; 2]>,
    /// The shares of the variance that the two axes explain, where the axes mean something.
    pub explained: Option<[f64; 2]>,
}

/// The plane in which the rows differ most. Distances on it are never greater than between the vectors.
pub fn plane(matrix: &Matrix) -> Map {
    let found = components(matrix, 2, Accuracy::Exact);
    let at = |values: &[f64], axis: usize| values.get(axis).copied().unwrap_or_default();
    let points = found.scores.iter().map(|score| [at(score, 0) as f32, at(score, 1) as f32]).collect();
    Map { points, explained: Some([at(&found.explained, 0), at(&found.explained, 1)]) }
}

/// A map by t-SNE, on which near vectors lie near each other; how far the far ones lie apart means nothing. By direction
/// alone, as cosines are. It begins with the plane.
///
/// # Errors
/// When there are more rows than [`MOST_MAPPED`].
pub fn neighbourhoods(matrix: &Matrix) -> Result<Map, VectorError> {
    if matrix.len() > MOST_MAPPED {
        return Err(VectorError::TooManyForMap { most: MOST_MAPPED, found: matrix.len() });
    }
    let rows: Vec<usize> = (0..matrix.len()).filter(|row| matrix.has_direction(*row)).collect();
    let unit = rows.iter().flat_map(|row| {
        let norm = matrix.norms()[*row];
        matrix.row(*row).iter().map(move |value| (f64::from(*value) / norm) as f32)
    });
    let unit = Matrix::new(unit.collect(), matrix.dimensions())?;
    let found = components(&unit, BEFORE, Accuracy::Rough);
    let scores: Vec<Vec<f32>> =
        found.scores.iter().map(|score| score.iter().map(|part| *part as f32).collect()).collect();
    let mut points = vec![[f32::NAN; 2]; matrix.len()];
    let start = beginning(&scores);
    // Few rows have no neighbourhoods, and equal ones are all in one place.
    let is_one_place = start.iter().all(|part| *part == 0.0);
    let placed = if rows.len() < 5 || is_one_place { start } else { fitted(&scores, start) };
    for (row, point) in rows.into_iter().zip(placed.as_chunks::<2>().0) {
        points[row] = *point;
    }
    Ok(Map { points, explained: None })
}

/// The first two components, as small as the method wants its beginning.
fn beginning(scores: &[Vec<f32>]) -> Vec<f32> {
    let at = |score: &Vec<f32>, axis: usize| score.get(axis).copied().unwrap_or_default();
    let widest = scores.iter().map(|score| at(score, 0).abs()).fold(f32::MIN_POSITIVE, f32::max);
    scores.iter().flat_map(|score| [at(score, 0) / widest * 1e-2, at(score, 1) / widest * 1e-2]).collect()
}

fn fitted(scores: &[Vec<f32>], start: Vec<f32>) -> Vec<f32> {
    let distance = |one: &Vec<f32>, other: &Vec<f32>| {
        one.iter().zip(other).map(|(one, other)| (one - other).powi(2)).sum::<f32>().sqrt()
    };
    let mut method = bhtsne::tSNE::<f32, Vec<f32>, 2>::new(scores);
    method.perplexity(PERPLEXITY.min((scores.len() - 1) as f32 / 3.0)).epochs(EPOCHS).initial_embedding(start);
    if scores.len() > MANY {
        method.fit_sne(distance);
    } else {
        method.barnes_hut(THETA, distance);
    }
    method.embedding()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::tests::clouds;

    /// How many of the rows have a row of their own cloud as the nearest one on the map.
    fn kept(map: &Map, cloud: usize) -> usize {
        let apart = |one: [f32; 2], other: [f32; 2]| (one[0] - other[0]).hypot(one[1] - other[1]);
        let nearest = |row: usize| {
            (0..map.points.len())
                .filter(|other| *other != row)
                .min_by(|one, other| {
                    apart(map.points[row], map.points[*one]).total_cmp(&apart(map.points[row], map.points[*other]))
                })
                .unwrap()
        };
        (0..map.points.len()).filter(|row| nearest(*row) / cloud == row / cloud).count()
    }

    #[test]
    fn clouds_stay_together_on_the_map() {
        let matrix = clouds(6, 20, 24);
        let map = neighbourhoods(&matrix).unwrap();
        assert!(map.points.iter().flatten().all(|part| part.is_finite()));
        assert!(kept(&map, 20) >= 118, "{}", kept(&map, 20));
        let plane = plane(&matrix);
        let [first, second] = plane.explained.unwrap();
        assert!(first >= second && first + second < 1.0);
    }

    #[test]
    fn few_equal_or_broken_rows_have_places_too() {
        for count in 0..7 {
            let map = neighbourhoods(&Matrix::new(vec![0.5; count * 3], 3).unwrap()).unwrap();
            assert_eq!(map.points.len(), count);
            assert!(map.points.iter().flatten().all(|part| part.is_finite()), "{count}: {:?}", map.points);
        }
        let broken = Matrix::from_rows([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]).unwrap();
        let map = neighbourhoods(&broken).unwrap();
        assert!(map.points[1][0].is_nan() && map.points[0][0].is_finite() && map.points[0] != map.points[2]);
        assert_eq!(plane(&Matrix::new(vec![], 3).unwrap()).points.len(), 0);
        let large = Matrix::new(vec![1.0; MOST_MAPPED + 1], 1).unwrap();
        assert!(matches!(neighbourhoods(&large), Err(VectorError::TooManyForMap { .. })));
    }
}
