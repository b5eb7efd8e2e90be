//! Principal components: the directions in which the vectors differ most.
//!
//! Found by subspace iteration over the rows themselves, since the square of 1,536 dimensions costs more than a few looks
//! at all rows. It starts from fixed numbers and adds in a fixed order, so the same rows give the same picture.

mod quick;

use rayon::prelude::*;

use crate::progress::Part;
use crate::{Matrix, VectorError};

/// Directions that are looked for beside those that are wanted: they take in what lies near, and so speed it up.
const SPARE: usize = 8;
const MOST_ROUNDS: usize = 200;
/// Numbers that are looked at in all rounds together, so that vectors without a leading direction end too: their
/// components are equally good in the end, and no figure that is shown tells the difference.
const MOST_LOOKS: usize = 800_000_000;
const FEWEST_ROUNDS: usize = 24;
/// From so many numbers on, the way to the directions is gone quickly, and with every digit only near its end.
const LARGE: usize = 4_000_000;
/// What the quick sums cannot tell from nothing, in parts of the greatest image.
const QUICK_LIMIT: f64 = 1e-5;
const FEWEST_LAST_ROUNDS: usize = 4;
/// Parts whose sums are made side by side. Fixed, since the order of adding shows in the last digits.
const PARTS: usize = 16;

#[derive(Debug, Clone, PartialEq)]
pub struct Components {
    /// One row of the matrix each, with one coordinate for each component; `NaN` for a row that has numbers that are none.
    pub scores: Vec<Vec<f64>>,
    /// The share of the whole variance that each component explains, greatest first.
    pub explained: Vec<f64>,
}

/// How far the directions are followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Accuracy {
    /// Until more rounds change nothing that a figure shows.
    Exact,
    /// Good enough to look for neighbours in.
    Rough,
}

impl Accuracy {
    /// What may be left of a direction's image beside it, in parts of the greatest one, and after how many rounds it ends.
    fn limits(self) -> (f64, usize) {
        match self {
            Self::Exact => (1e-10, MOST_ROUNDS),
            Self::Rough => (1e-3, 6),
        }
    }
}

/// Rounds of one kind.
struct Stage {
    is_quick: bool,
    left_over: f64,
    rounds: usize,
}

/// The first `count` components, or as many as there can be.
///
/// # Errors
/// When the work is to end.
pub fn components(
    matrix: &Matrix,
    count: usize,
    accuracy: Accuracy,
    part: Part<'_>,
) -> Result<Components, VectorError> {
    let rows: Vec<usize> = (0..matrix.len()).filter(|row| matrix.norms()[*row].is_finite()).collect();
    let centred = Centred::new(matrix, &rows);
    let count = count.min(matrix.dimensions()).min(rows.len());
    let directions = centred.directions(count, accuracy, part)?;
    let found = if centred.is_large() && accuracy == Accuracy::Rough {
        quick::scores(&centred, &directions)
    } else {
        centred.scores(&directions)
    };
    let mut scores = vec![vec![f64::NAN; count]; matrix.len()];
    for (row, found) in rows.iter().zip(found) {
        scores[*row] = found;
    }
    let total = centred.spread();
    let share = |component: usize| {
        let spread: f64 = rows.iter().map(|row| scores[*row][component].powi(2)).sum();
        if total > 0.0 { spread / total } else { 0.0 }
    };
    part.reach(1.0)?;
    Ok(Components { explained: (0..count).map(share).collect(), scores })
}

/// Rows as seen from their middle.
struct Centred<'a> {
    matrix: &'a Matrix,
    rows: &'a [usize],
    middle: Vec<f64>,
}

/// Directions of length 1 that stand upright on each other. One of zeros stands for none.
type Directions = Vec<Vec<f64>>;

impl<'a> Centred<'a> {
    fn new(matrix: &'a Matrix, rows: &'a [usize]) -> Self {
        let mut middle = vec![0.0; matrix.dimensions()];
        for row in rows {
            for (sum, value) in middle.iter_mut().zip(matrix.row(*row)) {
                *sum += f64::from(*value);
            }
        }
        middle.iter_mut().for_each(|sum| *sum /= rows.len().max(1) as f64);
        Self { matrix, rows, middle }
    }

    fn row(&self, row: usize, into: &mut Vec<f64>) {
        into.clear();
        into.extend(self.matrix.row(row).iter().zip(&self.middle).map(|(value, middle)| f64::from(*value) - middle));
    }

    /// The sum of squares of everything.
    fn spread(&self) -> f64 {
        let mut centred = Vec::new();
        let mut spread = |row: &usize| {
            self.row(*row, &mut centred);
            dot(&centred, &centred)
        };
        self.rows.iter().map(&mut spread).sum()
    }

    fn scores(&self, directions: &Directions) -> Vec<Vec<f64>> {
        let scores = |row: &usize| {
            let mut centred = Vec::new();
            self.row(*row, &mut centred);
            directions.iter().map(|direction| dot(&centred, direction)).collect()
        };
        self.rows.par_iter().with_min_len(64).map(scores).collect()
    }

    /// What the square of the rows makes of the directions.
    fn images(&self, directions: &Directions) -> Directions {
        let dimensions = self.middle.len();
        let part = |rows: &[usize]| {
            let mut images = vec![vec![0.0; dimensions]; directions.len()];
            let mut centred = Vec::new();
            for row in rows {
                self.row(*row, &mut centred);
                for (image, direction) in images.iter_mut().zip(directions) {
                    let score = dot(&centred, direction);
                    image.iter_mut().zip(&centred).for_each(|(sum, value)| *sum += score * value);
                }
            }
            images
        };
        let size = self.rows.len().div_ceil(PARTS).max(1);
        let parts: Vec<Directions> = self.rows.par_chunks(size).map(part).collect();
        let mut images = vec![vec![0.0; dimensions]; directions.len()];
        for part in parts {
            for (image, part) in images.iter_mut().zip(part) {
                image.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
            }
        }
        images
    }

    fn looks(&self) -> usize {
        self.middle.len() * self.rows.len().max(1)
    }

    fn is_large(&self) -> bool {
        self.looks() >= LARGE
    }

    fn stages(&self, accuracy: Accuracy) -> Vec<Stage> {
        let (left_over, rounds) = accuracy.limits();
        let rounds = rounds.min((MOST_LOOKS / self.looks().max(1)).max(FEWEST_ROUNDS));
        let quick = Stage { is_quick: true, left_over: left_over.max(QUICK_LIMIT), rounds };
        let last = |rounds| Stage { is_quick: false, left_over, rounds };
        match accuracy {
            _ if !self.is_large() => vec![last(rounds)],
            Accuracy::Rough => vec![quick],
            Accuracy::Exact => vec![quick, last((rounds / 5).max(FEWEST_LAST_ROUNDS))],
        }
    }

    fn directions(&self, count: usize, accuracy: Accuracy, part: Part<'_>) -> Result<Directions, VectorError> {
        let width = (count + SPARE).min(self.middle.len()).min(self.rows.len().max(1));
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        let mut directions: Directions =
            (0..width).map(|_| (0..self.middle.len()).map(|_| numbers.next()).collect()).collect();
        make_upright(&mut directions);
        let stages = self.stages(accuracy);
        // A round with every digit takes about three times as long.
        let cost = |stage: &Stage| if stage.is_quick { 1 } else { 3 };
        let whole: usize = stages.iter().map(|stage| stage.rounds * cost(stage)).sum();
        let mut before = 0;
        for stage in &stages {
            for round in 0..stage.rounds {
                part.reach((before + round * cost(stage)) as f64 / whole as f64)?;
                let images = if stage.is_quick { quick::images(self, &directions) } else { self.images(&directions) };
                let (next, is_settled) = turned(&directions, images, count, stage.left_over);
                directions = next;
                if is_settled {
                    break;
                }
            }
            before += stage.rounds * cost(stage);
        }
        directions.truncate(count);
        directions.iter_mut().for_each(|direction| point_forward(direction));
        Ok(directions)
    }
}

/// The best directions that the images tell of; the same turned only, where no more than `left_over` is left beside them.
fn turned(directions: &Directions, images: Directions, count: usize, left_over: f64) -> (Directions, bool) {
    let square: Vec<Vec<f64>> =
        directions.iter().map(|direction| images.iter().map(|image| dot(direction, image)).collect()).collect();
    let (values, turns) = eigen(square);
    let best = combined(directions, &turns);
    let mut next = combined(&images, &turns);
    let is_settled = (0..count).all(|at| {
        let rest = next[at].iter().zip(&best[at]).map(|(image, own)| (image - values[at] * own).powi(2));
        rest.sum::<f64>().sqrt() <= left_over * values[0]
    });
    if is_settled {
        return (best, true);
    }
    make_upright(&mut next);
    (next, false)
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    const LANES: usize = 8;
    let (ones, one_rest) = one.as_chunks::<LANES>();
    let (others, other_rest) = other.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (one, other) in ones.iter().zip(others) {
        for ((sum, one), other) in sums.iter_mut().zip(one).zip(other) {
            *sum += one * other;
        }
    }
    sums.iter().sum::<f64>() + one_rest.iter().zip(other_rest).map(|(one, other)| one * other).sum::<f64>()
}

/// A direction and its opposite explain the same; the one whose greatest part is positive is shown.
fn point_forward(direction: &mut [f64]) {
    let greatest = direction.iter().copied().max_by(|one, other| one.abs().total_cmp(&other.abs()));
    if greatest.is_some_and(|greatest| greatest < 0.0) {
        direction.iter_mut().for_each(|part| *part = -*part);
    }
}

/// Takes out of each direction what those before it hold, twice, since once leaves a rounding's worth.
fn make_upright(directions: &mut Directions) {
    for at in 0..directions.len() {
        let (before, rest) = directions.split_at_mut(at);
        let direction = &mut rest[0];
        let length = dot(direction, direction).sqrt();
        for _ in 0..2 {
            for other in &*before {
                let shared = dot(direction, other);
                direction.iter_mut().zip(other).for_each(|(part, other)| *part -= shared * other);
            }
        }
        let left = dot(direction, direction).sqrt();
        let scale = if left > length * 1e-13 { 1.0 / left } else { 0.0 };
        direction.iter_mut().for_each(|part| *part *= scale);
    }
}

fn combined(directions: &Directions, turns: &[Vec<f64>]) -> Directions {
    let combine = |turn: &Vec<f64>| {
        let mut sum = vec![0.0; directions[0].len()];
        for (weight, direction) in turn.iter().zip(directions) {
            sum.iter_mut().zip(direction).for_each(|(sum, part)| *sum += weight * part);
        }
        sum
    };
    turns.iter().map(combine).collect()
}

/// The values and vectors that a small symmetric square only stretches, greatest first, by Jacobi's turns.
fn eigen(mut square: Vec<Vec<f64>>) -> (Vec<f64>, Vec<Vec<f64>>) {
    let size = square.len();
    let mut vectors: Vec<Vec<f64>> =
        (0..size).map(|row| (0..size).map(|column| f64::from(row == column)).collect()).collect();
    for _ in 0..60 {
        let beside: f64 = (0..size)
            .flat_map(|row| (0..row).map(move |column| (row, column)))
            .fold(0.0, |sum, at| sum + square[at.0][at.1].powi(2));
        let whole: f64 = square.iter().flatten().map(|value| value * value).sum();
        if beside <= whole * 1e-30 {
            break;
        }
        for p in 0..size {
            for q in p + 1..size {
                if square[p][q] == 0.0 {
                    continue;
                }
                let slope = (square[q][q] - square[p][p]) / (2.0 * square[p][q]);
                let tangent = slope.signum() / (slope.abs() + (slope * slope + 1.0).sqrt());
                let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
                let sine = tangent * cosine;
                for row in &mut square {
                    (row[p], row[q]) = (cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]);
                }
                turn(&mut square, p, q, cosine, sine);
                turn(&mut vectors, p, q, cosine, sine);
            }
        }
    }
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|one, other| square[*other][*other].total_cmp(&square[*one][*one]));
    (order.iter().map(|at| square[*at][*at]).collect(), order.iter().map(|at| vectors[*at].clone()).collect())
}

/// Turns two rows into each other.
fn turn(rows: &mut [Vec<f64>], p: usize, q: usize, cosine: f64, sine: f64) {
    let (before, after) = rows.split_at_mut(q);
    for (one, other) in before[p].iter_mut().zip(&mut after[0]) {
        (*one, *other) = (cosine * *one - sine * *other, sine * *one + cosine * *other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::tests::clouds;
    use crate::progress::Progress;

    fn exact(matrix: &Matrix, count: usize) -> Components {
        components(matrix, count, Accuracy::Exact, Progress::default().whole()).unwrap()
    }

    #[test]
    fn a_line_is_one_component() {
        let rows = (0..9).map(|at| [at as f32, 2.0 * at as f32, -(at as f32)]);
        let found = exact(&Matrix::from_rows(rows).unwrap(), 2);
        assert!((found.explained[0] - 1.0).abs() < 1e-12 && found.explained[1].abs() < 1e-12, "{:?}", found.explained);
        let step = 6.0_f64.sqrt();
        for (at, score) in found.scores.iter().enumerate() {
            assert!((score[0] - (at as f64 - 4.0) * step).abs() < 1e-9, "{score:?}");
        }
    }

    #[test]
    fn shares_fall_and_are_whole_with_all_components() {
        let matrix = clouds(4, 10, 12);
        let found = exact(&matrix, 12);
        assert!(found.explained.is_sorted_by(|one, other| one >= other), "{:?}", found.explained);
        assert!((found.explained.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert_eq!(found, exact(&matrix, 12), "the same each time");
        let two = exact(&matrix, 2);
        for (two, all) in two.scores.iter().zip(&found.scores) {
            assert!((two[0] - all[0]).abs() < 1e-7 && (two[1] - all[1]).abs() < 1e-7);
        }
    }

    #[test]
    fn few_equal_or_broken_rows_are_no_trouble() {
        let equal = exact(&Matrix::new(vec![1.0; 12], 4).unwrap(), 2);
        assert_eq!(equal.explained, [0.0, 0.0]);
        assert_eq!(equal.scores, vec![vec![0.0, 0.0]; 3]);
        let one = exact(&Matrix::new(vec![1.0; 4], 4).unwrap(), 2);
        assert_eq!(one.scores, [[0.0]]);
        let none = exact(&Matrix::new(vec![], 4).unwrap(), 2);
        assert!(none.scores.is_empty());
        let broken = Matrix::from_rows([[1.0, 0.0], [f32::NAN, 0.0], [3.0, 0.0], [2.0, 1.0]]).unwrap();
        let found = exact(&broken, 2);
        assert!(found.scores[1][0].is_nan() && found.scores[0][0].is_finite());
    }

    #[test]
    fn of_many_rows_the_quick_way_leads_to_the_same_plane() {
        let matrix = clouds(3, 11_000, 128);
        let all: Vec<usize> = (0..matrix.len()).collect();
        let centred = Centred::new(&matrix, &all);
        assert!(centred.is_large());
        let found = exact(&matrix, 2);
        let directions = centred.directions(2, Accuracy::Exact, Progress::default().whole()).unwrap();
        let images = centred.images(&directions);
        for (direction, image) in directions.iter().zip(&images) {
            let value = dot(direction, image);
            let rest: f64 = image.iter().zip(direction).map(|(image, own)| (image - value * own).powi(2)).sum();
            assert!(rest.sqrt() <= 1e-9 * value, "{rest} beside {value}");
        }
        assert!(found.explained[0] > found.explained[1] && found.explained[1] > 0.1, "{:?}", found.explained);
    }
}
