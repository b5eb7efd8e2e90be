//! The same sums in `f32`, four rows at a time: several times as fast, and good to five digits or so.

use rayon::prelude::*;

use super::{Centred, Directions, PARTS};

const AT_ONCE: usize = 4;
const LANES: usize = 8;

/// Numbers in groups that are added side by side, with zeros at the end.
type Row = Vec<[f32; LANES]>;

/// What the square of the rows makes of the directions.
pub(super) fn images(centred: &Centred<'_>, directions: &Directions) -> Directions {
    let width = centred.middle.len().div_ceil(LANES);
    let directions: Vec<Row> = directions.iter().map(|direction| grouped(direction)).collect();
    let part = |rows: &[usize]| {
        let mut images = vec![vec![[0.0; LANES]; width]; directions.len()];
        let mut four = Four::new(width);
        for rows in rows.chunks(AT_ONCE) {
            four.read(centred, rows);
            for (image, direction) in images.iter_mut().zip(&directions) {
                let scores = four.dots(direction);
                four.add(image, scores);
            }
        }
        images
    };
    let size = centred.rows.len().div_ceil(PARTS).max(1);
    let parts: Vec<Vec<Row>> = centred.rows.par_chunks(size).map(part).collect();
    let mut images = vec![vec![0.0; centred.middle.len()]; directions.len()];
    for part in parts {
        for (image, part) in images.iter_mut().zip(part) {
            image.iter_mut().zip(part.as_flattened()).for_each(|(sum, value)| *sum += f64::from(*value));
        }
    }
    images
}

/// How far each row lies along each direction.
pub(super) fn scores(centred: &Centred<'_>, directions: &Directions) -> Vec<Vec<f64>> {
    let width = centred.middle.len().div_ceil(LANES);
    let directions: Vec<Row> = directions.iter().map(|direction| grouped(direction)).collect();
    let scores = |rows: &[usize]| {
        let mut four = Four::new(width);
        let mut found = vec![Vec::with_capacity(directions.len()); rows.len()];
        for (rows, found) in rows.chunks(AT_ONCE).zip(found.chunks_mut(AT_ONCE)) {
            four.read(centred, rows);
            for direction in &directions {
                let scores = four.dots(direction);
                found.iter_mut().zip(scores).for_each(|(found, score)| found.push(f64::from(score)));
            }
        }
        found
    };
    centred.rows.par_chunks(64 * AT_ONCE).flat_map_iter(scores).collect()
}

fn grouped(numbers: &[f64]) -> Row {
    let group = |group: &[f64]| {
        let mut all = [0.0; LANES];
        all.iter_mut().zip(group).for_each(|(into, number)| *into = *number as f32);
        all
    };
    numbers.chunks(LANES).map(group).collect()
}

/// Four rows as seen from their middle.
struct Four([Row; AT_ONCE]);

impl Four {
    fn new(width: usize) -> Self {
        Self(std::array::from_fn(|_| vec![[0.0; LANES]; width]))
    }

    /// Where there are fewer rows, the others are zeros, which change no sum.
    fn read(&mut self, centred: &Centred<'_>, rows: &[usize]) {
        for (at, into) in self.0.iter_mut().enumerate() {
            let Some(row) = rows.get(at) else {
                into.fill([0.0; LANES]);
                continue;
            };
            let seen = centred.matrix.row(*row).iter().zip(&centred.middle);
            into.as_flattened_mut()
                .iter_mut()
                .zip(seen)
                .for_each(|(into, (value, middle))| *into = (f64::from(*value) - middle) as f32);
        }
    }

    fn dots(&self, direction: &Row) -> [f32; AT_ONCE] {
        let [a, b, c, d] = &self.0;
        let mut sums = [[0.0_f32; LANES]; AT_ONCE];
        for ((((part, a), b), c), d) in direction.iter().zip(a).zip(b).zip(c).zip(d) {
            for (sum, row) in sums.iter_mut().zip([a, b, c, d]) {
                for ((sum, value), part) in sum.iter_mut().zip(row).zip(part) {
                    *sum += value * part;
                }
            }
        }
        sums.map(|sum| sum.iter().sum())
    }

    fn add(&self, image: &mut Row, by: [f32; AT_ONCE]) {
        let [a, b, c, d] = &self.0;
        for ((((sum, a), b), c), d) in image.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            for ((((sum, a), b), c), d) in sum.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                *sum += (by[0] * a + by[1] * b) + (by[2] * c + by[3] * d);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::tests::clouds;

    #[test]
    fn the_quick_sums_are_those_of_the_slow_way_to_five_digits() {
        for (each, dimensions) in [(7, 3), (33, 50), (40, 64)] {
            let matrix = clouds(3, each, dimensions);
            let rows: Vec<usize> = (0..matrix.len()).filter(|row| row % 5 != 1).collect();
            let centred = Centred::new(&matrix, &rows);
            let directions: Directions =
                (0..3).map(|at| matrix.row(at).iter().map(|v| f64::from(*v)).collect()).collect();
            let near = |quick: Vec<Vec<f64>>, slow: Vec<Vec<f64>>| {
                let most = slow.iter().flatten().fold(0.0_f64, |most, value| most.max(value.abs()));
                assert_eq!(quick.len(), slow.len());
                for (quick, slow) in quick.iter().flatten().zip(slow.iter().flatten()) {
                    assert!((quick - slow).abs() <= most * 1e-5, "{quick} {slow}");
                }
            };
            near(images(&centred, &directions), centred.images(&directions));
            near(scores(&centred, &directions), centred.scores(&directions));
        }
    }
}
