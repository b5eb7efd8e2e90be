//! Vectors of two models: files that numpy and pyarrow open, and figures that numpy and scipy find too.

use std::fs;

use juxta_vectors::progress::Progress;
use juxta_vectors::{Matrix, agreement, cosine, file, histogram, map, order};
use serde_json::json;

use crate::{Numbers, printed};

/// Three hundred texts about twelve topics, as a model of so many dimensions sees them.
fn model(seed: u32, dimensions: usize) -> Matrix {
    let mut numbers = Numbers(seed);
    let topics: Vec<Vec<f32>> = (0..12).map(|_| (0..dimensions).map(|_| numbers.part()).collect()).collect();
    let row = |at: usize, numbers: &mut Numbers| -> Vec<f32> {
        topics[at * 7 % 12]
            .iter()
            .enumerate()
            .map(|(part, middle)| middle * (1.0 + 1.0 / (part + 1) as f32) + 0.7 * numbers.part())
            .collect()
    };
    let rows: Vec<Vec<f32>> = (0..300).map(|at| row(at, &mut numbers)).collect();
    Matrix::from_rows(rows).expect("a matrix")
}

#[test]
fn vectors_are_what_numpy_scipy_and_pyarrow_find() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).expect("written");
    let (matrix, other) = (model(5, 384), model(5, 1_536));
    let texts: Vec<String> = (0..300).map(|at| format!("text {at}: 東京 \"quoted\" \\ 👩‍👩‍👧\n")).collect();
    write("vectors.npy", &file::npy(&matrix));
    write("other.npy", &file::npy(&other));
    write("vectors.jsonl", &file::jsonl(&matrix, &texts).expect("lines"));
    write("vectors.parquet", &file::parquet(&matrix, &texts).expect("a table"));
    let empty = Matrix::new(Vec::new(), 384).expect("no rows");
    write("empty.npy", &file::npy(&empty));
    write("empty.parquet", &file::parquet(&empty, &[]).expect("a table"));

    let pairs = cosine::pairs(&matrix).expect("pairs");
    let histogram = histogram::histogram(&pairs, 40).expect("some pairs");
    let plane = map::plane(&matrix, &Progress::default()).expect("a plane");
    let agreement = agreement::agreement(&matrix, &other, 10).expect("as many");
    let near = cosine::neighbours(&matrix, matrix.row(17), 25);
    let figures = json!({
        "texts": texts,
        "norms": matrix.norms(),
        "square": cosine::square(&matrix).expect("a square"),
        "query": 17,
        "neighbours": near.iter().map(|near| json!([near.row, near.cosine])).collect::<Vec<_>>(),
        "histogram": {
            "counts": histogram.counts, "least": histogram.least, "most": histogram.most, "mean": histogram.mean,
        },
        "plane": plane.points,
        "explained": plane.explained,
        "correlation": agreement.correlation,
        "farthest": (agreement.apart[0].ranks.0 - agreement.apart[0].ranks.1).abs(),
        "order": order::by_topic(&matrix).expect("an order"),
    });
    write("figures.json", figures.to_string().as_bytes());
    assert_eq!(printed("vectors.py", folder.path()).trim(), "ok");
}
