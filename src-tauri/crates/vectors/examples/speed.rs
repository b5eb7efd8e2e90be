//! How long 20,000 vectors of 1,536 dimensions take. Run it with `--release`.

use std::hint::black_box;
use std::io::{self, Write};
use std::time::Instant;

use juxta_vectors::components::{Accuracy, components};
use juxta_vectors::progress::Progress;
use juxta_vectors::{Matrix, VectorError, checks, cosine, file, map, order};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let with_maps = std::env::args().any(|argument| argument == "--maps");
    let matrix = vectors(20_000, 1_536)?;
    let small = Matrix::from_rows(matrix.rows().take(cosine::MOST_PAIRED))?;
    let mut best = f64::INFINITY;
    let mut worst = 0.0_f64;
    for query in (0..20_000).step_by(1_000) {
        let started = Instant::now();
        black_box(cosine::neighbours(&matrix, matrix.row(query), 50));
        let took = started.elapsed().as_secs_f64() * 1_000.0;
        (best, worst) = (best.min(took), worst.max(took));
    }
    say(&format!("neighbours of one among 20,000: {best:.1} to {worst:.1} ms"))?;
    timed("checks", || checks::check(&matrix))?;
    timed("pairs of 2,000", || cosine::pairs(&small))?;
    timed("order of 2,000", || order::by_topic(&small))?;
    timed("Parquet of 2,000", || file::parquet(&small, &vec![String::new(); small.len()]))?;
    timed("plane of 20,000", || map::plane(&matrix, &Progress::default()))?;
    timed("50 rough components", || components(&matrix, 50, Accuracy::Rough, Progress::default().whole()))?;
    timed("neighbourhoods of 2,000", || map::neighbourhoods(&small, &Progress::default()))?;
    if with_maps {
        timed("neighbourhoods of 20,000", || map::neighbourhoods(&matrix, &Progress::default()))?;
    }
    Ok(())
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> io::Result<()> {
    let started = Instant::now();
    black_box(work());
    say(&format!("{what}: {:.1} ms", started.elapsed().as_secs_f64() * 1_000.0))
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{line}")
}

/// Forty topics, each around a direction of its own.
fn vectors(count: usize, dimensions: usize) -> Result<Matrix, VectorError> {
    let mut state = 1_u32;
    let mut number = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    let topics: Vec<Vec<f32>> = (0..40).map(|_| (0..dimensions).map(|_| number()).collect()).collect();
    let values =
        (0..count).flat_map(|row| topics[row % topics.len()].iter().map(|part| part + number()).collect::<Vec<_>>());
    Matrix::new(values.collect(), dimensions)
}
