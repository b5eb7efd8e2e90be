use rayon::prelude::*;

use crate::VectorError;

/// Rows of the same length, one behind the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    values: Vec<f32>,
    dimensions: usize,
    /// The length of each row; `NaN` when one of its numbers is none.
    norms: Vec<f64>,
}

impl Matrix {
    /// Takes `values` as rows of `dimensions`; what is left over at the end is no row.
    ///
    /// # Errors
    /// When there are no dimensions.
    pub fn new(mut values: Vec<f32>, dimensions: usize) -> Result<Self, VectorError> {
        if dimensions == 0 {
            return Err(VectorError::NoDimensions);
        }
        values.truncate(values.len() / dimensions * dimensions);
        let norms = values.par_chunks_exact(dimensions).map(norm).collect();
        Ok(Self { values, dimensions, norms })
    }

    /// # Errors
    /// When a row has another length than the first one, or when there is none with dimensions.
    pub fn from_rows<R: AsRef<[f32]>>(rows: impl IntoIterator<Item = R>) -> Result<Self, VectorError> {
        let (mut values, mut expected) = (Vec::new(), None);
        for (number, row) in rows.into_iter().enumerate() {
            let row = row.as_ref();
            let expected = *expected.get_or_insert(row.len());
            if row.len() != expected {
                return Err(VectorError::Ragged { row: number, expected, found: row.len() });
            }
            values.extend_from_slice(row);
        }
        Self::new(values, expected.unwrap_or_default())
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.norms.len()
    }

    pub fn is_empty(&self) -> bool {
        self.norms.is_empty()
    }

    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// # Panics
    /// When there is no such row.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.dimensions..(row + 1) * self.dimensions]
    }

    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.dimensions)
    }

    /// All rows, one behind the other.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The Euclidean length of each row; `NaN` when one of its numbers is none.
    pub fn norms(&self) -> &[f64] {
        &self.norms
    }

    /// Whether a row points anywhere.
    pub fn has_direction(&self, row: usize) -> bool {
        let norm = self.norms[row];
        norm.is_finite() && norm > 0.0
    }
}

/// Sums side by side, which the compiler turns into instructions that add several numbers at once.
const LANES: usize = 8;

pub(crate) fn norm(row: &[f32]) -> f64 {
    dot(row, row).sqrt()
}

/// The sum of products, in `f64`.
pub(crate) fn dot(one: &[f32], other: &[f32]) -> f64 {
    let (ones, one_rest) = one.as_chunks::<LANES>();
    let (others, other_rest) = other.as_chunks::<LANES>();
    let mut sums = [0.0_f64; LANES];
    for (one, other) in ones.iter().zip(others) {
        for ((sum, one), other) in sums.iter_mut().zip(one).zip(other) {
            *sum += f64::from(*one) * f64::from(*other);
        }
    }
    let rest = one_rest.iter().zip(other_rest).map(|(one, other)| f64::from(*one) * f64::from(*other));
    sums.iter().sum::<f64>() + rest.sum::<f64>()
}

/// The same in `f32`: twice as fast, and good enough to tell what is far away.
pub(crate) fn rough_dot(one: &[f32], other: &[f32]) -> f32 {
    const WIDE: usize = 16;
    let (ones, one_rest) = one.as_chunks::<WIDE>();
    let (others, other_rest) = other.as_chunks::<WIDE>();
    let mut sums = [0.0_f32; WIDE];
    for (one, other) in ones.iter().zip(others) {
        for ((sum, one), other) in sums.iter_mut().zip(one).zip(other) {
            *sum += one * other;
        }
    }
    let rest = one_rest.iter().zip(other_rest).map(|(one, other)| one * other);
    sums.iter().sum::<f32>() + rest.sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_one_length() {
        let matrix = Matrix::from_rows([vec![3.0, 4.0], vec![0.0, 0.0], vec![1.0, f32::NAN]]).unwrap();
        assert_eq!((matrix.len(), matrix.dimensions(), matrix.row(1)), (3, 2, &[0.0, 0.0][..]));
        assert_eq!(&matrix.norms()[..2], &[5.0, 0.0]);
        assert!(matrix.norms()[2].is_nan());
        assert_eq!([0, 1, 2].map(|row| matrix.has_direction(row)), [true, false, false]);
        assert_eq!(
            Matrix::from_rows([vec![1.0], vec![1.0, 2.0]]).unwrap_err().to_string(),
            "Vector 2 has 2 dimensions, the first one has 1."
        );
        assert!(matches!(Matrix::from_rows(Vec::<Vec<f32>>::new()), Err(VectorError::NoDimensions)));
        assert!(matches!(Matrix::from_rows([[0.0; 0]]), Err(VectorError::NoDimensions)));
        assert_eq!(Matrix::new(vec![1.0; 7], 3).unwrap().len(), 2);
    }

    #[test]
    fn sums_do_not_depend_on_the_length() {
        for length in [1, 7, 8, 9, 16, 31, 1_536] {
            let row: Vec<f32> = (0..length).map(|at| at as f32).collect();
            let expected: f64 = (0..length).map(|at| (at * at) as f64).sum();
            assert_eq!(dot(&row, &row), expected);
            assert!((f64::from(rough_dot(&row, &row)) - expected).abs() <= expected * 1e-6);
        }
    }
}
