//! Vectors as places on a map. It takes seconds for many, so it tells how far it is and can be ended.

mod near;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::background::apart;
use crate::components::{Accuracy, components};
use crate::progress::Progress;
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
/// Shares of the work after which the dimensions are reduced, and every row is compared with every other.
const REDUCED: f64 = 0.05;
const COMPARED: f64 = 0.12;

#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    /// One for each row; `NaN` for a row that has no place.
    pub points: Vec<[f32; 2]>,
    /// The shares of the variance that the two axes explain, where the axes mean something.
    pub explained: Option<[f64; 2]>,
}

/// The plane in which the rows differ most. Distances on it are never greater than between the vectors.
///
/// # Errors
/// When the work is to end.
pub fn plane(matrix: &Matrix, progress: &Progress) -> Result<Map, VectorError> {
    let found = apart(|| components(matrix, 2, Accuracy::Exact, progress.whole()))?;
    let at = |values: &[f64], axis: usize| values.get(axis).copied().unwrap_or_default();
    let points = found.scores.iter().map(|score| [at(score, 0) as f32, at(score, 1) as f32]).collect();
    Ok(Map { points, explained: Some([at(&found.explained, 0), at(&found.explained, 1)]) })
}

/// A map by t-SNE, on which near vectors lie near each other; how far the far ones lie apart means nothing. By direction
/// alone, as cosines are. It begins with the plane.
///
/// # Errors
/// When there are more rows than [`MOST_MAPPED`], and when the work is to end.
pub fn neighbourhoods(matrix: &Matrix, progress: &Progress) -> Result<Map, VectorError> {
    if matrix.len() > MOST_MAPPED {
        return Err(VectorError::TooManyForMap { most: MOST_MAPPED, found: matrix.len() });
    }
    apart(|| placed(matrix, progress))
}

fn placed(matrix: &Matrix, progress: &Progress) -> Result<Map, VectorError> {
    let rows: Vec<usize> = (0..matrix.len()).filter(|row| matrix.has_direction(*row)).collect();
    let unit = rows.iter().flat_map(|row| {
        let norm = matrix.norms()[*row];
        matrix.row(*row).iter().map(move |value| (f64::from(*value) / norm) as f32)
    });
    let unit = Matrix::new(unit.collect(), matrix.dimensions())?;
    let found = components(&unit, BEFORE, Accuracy::Rough, progress.part(0.0, REDUCED))?;
    let scores: Vec<Vec<f32>> =
        found.scores.iter().map(|score| score.iter().map(|part| *part as f32).collect()).collect();
    let mut points = vec![[f32::NAN; 2]; matrix.len()];
    let start = beginning(&scores);
    // Few rows have no neighbourhoods, and equal ones are all in one place.
    let is_one_place = start.iter().all(|part| *part == 0.0);
    let placed = if rows.len() < 5 || is_one_place { start } else { fitted(&scores, start, progress)? };
    for (row, point) in rows.into_iter().zip(placed.as_chunks::<2>().0) {
        points[row] = *point;
    }
    progress.whole().reach(1.0)?;
    Ok(Map { points, explained: None })
}

/// The first two components, as small as the method wants its beginning.
fn beginning(scores: &[Vec<f32>]) -> Vec<f32> {
    let at = |score: &Vec<f32>, axis: usize| score.get(axis).copied().unwrap_or_default();
    let widest = scores.iter().map(|score| at(score, 0).abs()).fold(f32::MIN_POSITIVE, f32::max);
    scores.iter().flat_map(|score| [at(score, 0) / widest * 1e-2, at(score, 1) / widest * 1e-2]).collect()
}

/// Goes through the library when the work is to end, which knows no other way to do so. It is no fault, and no hook
/// for faults hears of it.
struct Ended;

fn fitted(scores: &[Vec<f32>], start: Vec<f32>, progress: &Progress) -> Result<Vec<f32>, VectorError> {
    let perplexity = PERPLEXITY.min((scores.len() - 1) as f32 / 3.0);
    let count = ((perplexity * 3.0) as usize).clamp(1, scores.len() - 1);
    let near = near::nearest(scores, count, progress.part(REDUCED, COMPARED))?;
    let part = progress.part(COMPARED, 1.0);
    let fit = || {
        let mut method = bhtsne::tSNE::<f32, Vec<f32>, 2>::new(scores);
        method.perplexity(perplexity).epochs(EPOCHS).initial_embedding(start).epoch_callback(|epoch, _| {
            if part.reach((epoch + 1) as f64 / EPOCHS as f64).is_err() {
                resume_unwind(Box::new(Ended));
            }
        });
        if scores.len() > MANY {
            method.fit_sne_with_neighbors(&near);
        } else {
            method.barnes_hut_with_neighbors(THETA, &near);
        }
        method.embedding()
    };
    match catch_unwind(AssertUnwindSafe(fit)) {
        Ok(places) => Ok(places),
        Err(ended) if ended.is::<Ended>() => Err(VectorError::Stopped),
        Err(fault) => resume_unwind(fault),
    }
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
        let map = neighbourhoods(&matrix, &Progress::default()).unwrap();
        assert!(map.points.iter().flatten().all(|part| part.is_finite()));
        assert!(kept(&map, 20) >= 118, "{}", kept(&map, 20));
        let plane = plane(&matrix, &Progress::default()).unwrap();
        let [first, second] = plane.explained.unwrap();
        assert!(first >= second && first + second < 1.0);
    }

    #[test]
    fn few_equal_or_broken_rows_have_places_too() {
        for count in 0..7 {
            let map = neighbourhoods(&Matrix::new(vec![0.5; count * 3], 3).unwrap(), &Progress::default()).unwrap();
            assert_eq!(map.points.len(), count);
            assert!(map.points.iter().flatten().all(|part| part.is_finite()), "{count}: {:?}", map.points);
        }
        let broken = Matrix::from_rows([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0]]).unwrap();
        let map = neighbourhoods(&broken, &Progress::default()).unwrap();
        assert!(map.points[1][0].is_nan() && map.points[0][0].is_finite() && map.points[0] != map.points[2]);
        assert_eq!(plane(&Matrix::new(vec![], 3).unwrap(), &Progress::default()).unwrap().points.len(), 0);
        let large = Matrix::new(vec![1.0; MOST_MAPPED + 1], 1).unwrap();
        assert!(matches!(neighbourhoods(&large, &Progress::default()), Err(VectorError::TooManyForMap { .. })));
    }

    #[test]
    fn progress_grows_to_the_end_and_the_same_rows_give_the_same_map() {
        let matrix = clouds(6, 20, 24);
        let seen = std::sync::Mutex::new(Vec::new());
        let progress = Progress::default();
        let map = std::thread::scope(|scope| {
            let work = scope.spawn(|| neighbourhoods(&matrix, &progress).unwrap());
            while !work.is_finished() {
                seen.lock().unwrap().push(progress.share());
                std::thread::yield_now();
            }
            work.join().unwrap()
        });
        let seen = seen.into_inner().unwrap();
        assert!(seen.is_sorted() && seen.iter().any(|share| *share > COMPARED as f32), "{seen:?}");
        assert!((progress.share() - 1.0).abs() < f32::EPSILON);
        // Of several threads each adds its own sums, so the last digits may differ, and 750 rounds carry them on.
        assert_eq!(kept(&map, 20), kept(&neighbourhoods(&matrix, &Progress::default()).unwrap(), 20));
        assert_eq!(plane(&matrix, &Progress::default()).unwrap(), plane(&matrix, &Progress::default()).unwrap());
    }

    #[test]
    fn work_that_is_to_end_ends_wherever_it_is() {
        let matrix = clouds(6, 20, 24);
        let stopped = Progress::default();
        stopped.stop();
        assert!(matches!(plane(&matrix, &stopped), Err(VectorError::Stopped)));
        assert!(matches!(neighbourhoods(&matrix, &stopped), Err(VectorError::Stopped)));
        let progress = Progress::default();
        std::thread::scope(|scope| {
            let work = scope.spawn(|| neighbourhoods(&matrix, &progress));
            while progress.share() <= COMPARED as f32 && !work.is_finished() {
                std::thread::yield_now();
            }
            progress.stop();
            assert!(matches!(work.join().unwrap(), Err(VectorError::Stopped)));
        });
        assert!(progress.share() < 1.0);
        // The threads are sound afterwards.
        assert_eq!(neighbourhoods(&matrix, &Progress::default()).unwrap().points.len(), 120);
    }
}
