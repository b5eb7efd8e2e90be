//! What vectors of an answer say. Long lists of numbers are no part of it: they go to the page as bytes.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Whether the vectors of an answer are sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct VectorFacts {
    pub count: u32,
    pub dimensions: u32,
    /// Least, mean and greatest length of those that have a direction.
    pub norms: Option<[f64; 3]>,
    /// All lengths are 1, to a thousandth.
    pub normalised: bool,
    /// Vectors with a number that is none, by their place.
    pub nan: Vec<u32>,
    pub infinite: Vec<u32>,
    pub zero: Vec<u32>,
    /// Vectors that are the same to the bit.
    pub same: Vec<Vec<u32>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct VectorNeighbour {
    pub row: u32,
    pub cosine: f64,
}

/// How the cosines of all pairs are spread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct VectorPairs {
    /// Equally wide steps from `least` to `most`.
    pub counts: Vec<u32>,
    pub least: f64,
    pub most: f64,
    pub mean: f64,
    /// An order in which near vectors stand side by side.
    pub by_topic: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum MapMethod {
    /// Principal components: the plane in which the vectors differ most.
    Pca,
    /// Neighbours stay neighbours; distances between groups mean nothing.
    Tsne,
}

/// Do two models find the same pairs near?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct VectorAgreement {
    /// Spearman's rank correlation over all pairs; absent when a model finds all pairs equally near.
    pub correlation: Option<f64>,
    pub pairs: u32,
    /// The pairs on which they disagree most.
    pub apart: Vec<VectorsApart>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct VectorsApart {
    pub rows: [u32; 2],
    pub cosines: [f64; 2],
    /// 0 for the nearest of all pairs, 1 for the farthest.
    pub ranks: [f64; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum VectorFormat {
    Npy,
    Jsonl,
    Parquet,
}
