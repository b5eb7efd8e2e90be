//! Vectors as servers send them: whether they are sound, how near they are to each other, where they lie on a map, and
//! how they are written for other programs. No input and output: files are bytes that somebody else writes.
//!
//! Numbers stay the `f32` that came. Figures are summed in `f64`, so they equal those that numpy gives for the same
//! numbers as `f64`, to 1e-6 and better; only on the way to them is a sum made in `f32`, where that is faster. A row
//! without a direction (zeros, or a number that is none) has no cosine: it is `NaN` wherever such a row takes part.
//!
//! ```
//! use juxta_vectors::{Matrix, cosine};
//!
//! let matrix = Matrix::from_rows([[1.0, 0.0], [1.0, 1.0], [0.0, 3.0]])?;
//! let near = cosine::neighbours(&matrix, matrix.row(0), 2);
//! assert_eq!((near[0].row, near[1].row), (0, 1));
//! assert!((near[1].cosine - 0.5_f64.sqrt()).abs() < 1e-12);
//! # Ok::<(), juxta_vectors::VectorError>(())
//! ```

pub mod agreement;
mod background;
pub mod checks;
pub mod components;
pub mod cosine;
pub mod file;
pub mod histogram;
pub mod map;
mod matrix;
pub mod order;
pub mod progress;
pub mod table;

pub use matrix::Matrix;

/// Why vectors cannot be looked at. The words are for people.
#[derive(Debug, thiserror::Error)]
pub enum VectorError {
    #[error("Vector {row} has {found} dimensions, the first one has {expected}.", row = row + 1)]
    Ragged { row: usize, expected: usize, found: usize },
    #[error("The vectors have no dimensions.")]
    NoDimensions,
    #[error("Pairs are compared for up to {most} vectors; these are {found}.")]
    TooManyForPairs { most: usize, found: usize },
    #[error("A map of neighbourhoods is made of up to {most} vectors; these are {found}.")]
    TooManyForMap { most: usize, found: usize },
    /// Whoever asked for the work has stopped it.
    #[error("It was stopped.")]
    Stopped,
    #[error("The two models gave different numbers of vectors: {one} and {other}.")]
    DifferentCounts { one: usize, other: usize },
    #[error("There are {vectors} vectors and {texts} texts.")]
    DifferentTexts { vectors: usize, texts: usize },
    #[error("The file could not be made: {0}.")]
    File(String),
}
