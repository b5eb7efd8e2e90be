//! What is wrong with vectors, before anything is read out of them.

use std::collections::HashMap;

use crate::Matrix;

#[derive(Debug, Clone, PartialEq)]
pub struct Checks {
    /// Rows with a number that is none.
    pub nan: Vec<usize>,
    /// Rows with an infinite number, and with none that is no number.
    pub infinite: Vec<usize>,
    /// Rows of zeros.
    pub zero: Vec<usize>,
    /// Rows that are the same to the bit, in the order of the first of each.
    pub same: Vec<Vec<usize>>,
    /// Of the rows with a direction; `None` when there is none.
    pub norms: Option<Norms>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Norms {
    pub least: f64,
    pub mean: f64,
    pub most: f64,
}

impl Norms {
    /// Whether every vector has length 1, so that products of vectors are cosines already.
    pub fn are_one(&self) -> bool {
        (self.least - 1.0).abs() < 1e-3 && (self.most - 1.0).abs() < 1e-3
    }
}

pub fn check(matrix: &Matrix) -> Checks {
    let (mut nan, mut infinite, mut zero) = (Vec::new(), Vec::new(), Vec::new());
    let mut first = HashMap::<Vec<u32>, usize>::new();
    let mut same: Vec<Vec<usize>> = Vec::new();
    for (number, row) in matrix.rows().enumerate() {
        if row.iter().any(|value| value.is_nan()) {
            nan.push(number);
        } else if row.iter().any(|value| value.is_infinite()) {
            infinite.push(number);
        } else if row.iter().all(|value| *value == 0.0) {
            zero.push(number);
        }
        let bits = row.iter().map(|value| value.to_bits()).collect();
        let group = *first.entry(bits).or_insert_with(|| {
            same.push(Vec::new());
            same.len() - 1
        });
        same[group].push(number);
    }
    same.retain(|rows| rows.len() > 1);
    let sound: Vec<f64> =
        (0..matrix.len()).filter(|row| matrix.has_direction(*row)).map(|row| matrix.norms()[row]).collect();
    let norms = (!sound.is_empty()).then(|| Norms {
        least: sound.iter().copied().fold(f64::INFINITY, f64::min),
        mean: sound.iter().sum::<f64>() / sound.len() as f64,
        most: sound.iter().copied().fold(0.0, f64::max),
    });
    Checks { nan, infinite, zero, same, norms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_row_by_row() {
        let matrix = Matrix::from_rows([
            [1.0, 0.0],
            [0.0, -0.0],
            [f32::NAN, f32::INFINITY],
            [0.0, 1.0],
            [1.0, 0.0],
            [f32::NEG_INFINITY, 0.0],
        ]);
        let found = check(&matrix.unwrap());
        assert_eq!((found.nan, found.infinite, found.zero), (vec![2], vec![5], vec![1]));
        assert_eq!(found.same, [[0, 4]]);
        let norms = found.norms.unwrap();
        assert_eq!(norms, Norms { least: 1.0, mean: 1.0, most: 1.0 });
        assert!(norms.are_one());
        let none = check(&Matrix::new(vec![0.0; 4], 2).unwrap());
        assert_eq!((none.norms, none.same), (None, vec![vec![0, 1]]));
    }
}
