//! What the vectors of answers say. The vectors of one model may lie in several cells, one for each slice of its texts;
//! every method takes the cells in the order of the texts, and counts rows through all of them.

mod maps;

use std::sync::{Arc, Mutex};

use juxta_client::endpoints::media::embed;
use juxta_vectors::{Matrix, VectorError, agreement, checks, cosine, file, histogram, order};
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::transfer::Exported;
use juxta_wire::vectors::{VectorAgreement, VectorFacts, VectorFormat, VectorNeighbour, VectorPairs, VectorsApart};

use maps::Maps;

use crate::run::feed::lock;
use crate::run::{invalid, storage};
use crate::{Engine, not_found};

/// The largest answer that is read for its vectors.
const LARGEST_BODY: u64 = 1 << 30;
/// Matrices that stay in memory: those of two models that are compared, and one that was looked at before.
const KEPT: usize = 3;
const MOST_STEPS: u32 = 1_000;

#[derive(Default)]
pub(crate) struct Embeddings {
    maps: Maps,
    /// The matrices that were asked for last, newest first.
    kept: Mutex<Vec<(Vec<CellId>, Arc<Matrix>)>>,
}

impl Engine {
    /// Whether the vectors are sound.
    ///
    /// # Errors
    /// When an answer has no vectors, or when they have different lengths.
    pub fn vector_facts(&self, cells: &[CellId]) -> Result<VectorFacts, AppError> {
        let matrix = self.vector_matrix(cells)?;
        let found = checks::check(&matrix);
        Ok(VectorFacts {
            count: number(matrix.len()),
            dimensions: number(matrix.dimensions()),
            norms: found.norms.map(|norms| [norms.least, norms.mean, norms.most]),
            normalised: found.norms.is_some_and(|norms| norms.are_one()),
            nan: numbers(&found.nan),
            infinite: numbers(&found.infinite),
            zero: numbers(&found.zero),
            same: found.same.iter().map(|rows| numbers(rows)).collect(),
        })
    }

    /// The length of each vector.
    ///
    /// # Errors
    /// As [`Engine::vector_facts`].
    pub fn vector_norms(&self, cells: &[CellId]) -> Result<Vec<f32>, AppError> {
        Ok(self.vector_matrix(cells)?.norms().iter().map(|norm| *norm as f32).collect())
    }

    /// The cosines of all pairs, in `steps` steps, and an order by topic. Nothing when there is no pair to compare.
    ///
    /// # Errors
    /// As [`Engine::vector_facts`], and when there are too many vectors to pair.
    pub fn vector_pairs(&self, cells: &[CellId], steps: u32) -> Result<Option<VectorPairs>, AppError> {
        let matrix = self.vector_matrix(cells)?;
        let pairs = cosine::pairs(&matrix).map_err(unfit)?;
        let Some(found) = histogram::histogram(&pairs, steps.clamp(1, MOST_STEPS) as usize) else { return Ok(None) };
        let by_topic = numbers(&order::by_topic(&matrix).map_err(unfit)?);
        Ok(Some(VectorPairs { counts: found.counts, least: found.least, most: found.most, mean: found.mean, by_topic }))
    }

    /// All cosines as a square, row by row; `NaN` where a vector has no direction.
    ///
    /// # Errors
    /// As [`Engine::vector_pairs`].
    pub fn vector_square(&self, cells: &[CellId]) -> Result<Vec<f32>, AppError> {
        cosine::square(&*self.vector_matrix(cells)?).map_err(unfit)
    }

    /// The `count` vectors nearest to the one of a row, itself left out, nearest first.
    ///
    /// # Errors
    /// As [`Engine::vector_facts`], and when there is no such row.
    pub fn vector_neighbours(&self, cells: &[CellId], row: u32, count: u32) -> Result<Vec<VectorNeighbour>, AppError> {
        let matrix = self.vector_matrix(cells)?;
        let row = row as usize;
        if row >= matrix.len() {
            return Err(not_found("The vector"));
        }
        let near = cosine::neighbours(&matrix, matrix.row(row), (count as usize).saturating_add(1));
        let others = near.into_iter().filter(|near| near.row != row).take(count as usize);
        Ok(others.map(|near| VectorNeighbour { row: number(near.row), cosine: near.cosine }).collect())
    }

    /// Whether two models find the same pairs near, with up to `most` pairs on which they disagree.
    ///
    /// # Errors
    /// As [`Engine::vector_pairs`], and when the models have different numbers of vectors.
    pub fn vector_agreement(&self, one: &[CellId], other: &[CellId], most: u32) -> Result<VectorAgreement, AppError> {
        let found = agreement::agreement(&*self.vector_matrix(one)?, &*self.vector_matrix(other)?, most as usize)
            .map_err(unfit)?;
        let apart = found.apart.iter().map(|pair| VectorsApart {
            rows: [number(pair.rows.0), number(pair.rows.1)],
            cosines: pair.cosines.into(),
            ranks: pair.ranks.into(),
        });
        Ok(VectorAgreement { correlation: found.correlation, pairs: number(found.pairs), apart: apart.collect() })
    }

    /// Saves the vectors, with their texts where the format has a place for them, where exports go.
    ///
    /// # Errors
    /// As [`Engine::vector_facts`], and when the file cannot be written.
    pub fn export_vectors(&self, cells: &[CellId], format: VectorFormat) -> Result<Exported, AppError> {
        let matrix = self.vector_matrix(cells)?;
        let (bytes, ending) = match format {
            VectorFormat::Npy => (Ok(file::npy(&matrix)), "npy"),
            VectorFormat::Jsonl => (file::jsonl(&matrix, &self.texts_of(cells, matrix.len())?), "jsonl"),
            VectorFormat::Parquet => (file::parquet(&matrix, &self.texts_of(cells, matrix.len())?), "parquet"),
        };
        let first = cells.first().ok_or_else(|| not_found("The answer"))?;
        let model = self.cell_head(first)?.model;
        self.save_bytes(&format!("{}.{ending}", model.replace(['/', '\\'], "-")), &bytes.map_err(unfit)?)
    }

    /// The texts whose vectors these are. A body that was written by hand has others than the draft, or none: then they
    /// are empty.
    fn texts_of(&self, cells: &[CellId], count: usize) -> Result<Vec<String>, AppError> {
        let mut texts = Vec::with_capacity(count);
        for cell in cells {
            let head = self.cell_head(cell)?;
            let snapshot = self.run(&head.run)?.snapshot;
            let all = snapshot.draft.texts;
            let is_by_hand = snapshot.lanes.iter().any(|lane| lane.id == head.lane && lane.raw_body.is_some());
            let (from, to) = head.slice.map_or((0, all.len()), |slice| (slice.from as usize, slice.to as usize));
            let slice = all.get(from..to).filter(|_| !is_by_hand).unwrap_or_default();
            texts.extend_from_slice(slice);
        }
        Ok(if texts.len() == count { texts } else { vec![String::new(); count] })
    }

    pub(crate) fn vector_matrix(&self, cells: &[CellId]) -> Result<Arc<Matrix>, AppError> {
        if let Some(known) = self.embeddings().known(cells) {
            return Ok(known);
        }
        let (mut rows, mut are_over) = (Vec::new(), true);
        for cell in cells {
            let (body, size) = self.store().read_body(cell, LARGEST_BODY).map_err(storage)?;
            if size > LARGEST_BODY {
                let message = "The answer is too large to be read for its vectors.".to_owned();
                return Err(AppError::Storage { message });
            }
            are_over &= self.feed().cell(cell).is_none();
            rows.extend(embed::vectors(&String::from_utf8_lossy(&body))?);
        }
        let matrix = Arc::new(Matrix::from_rows(rows).map_err(unfit)?);
        // What still arrives may grow.
        if are_over {
            self.embeddings().keep(cells, &matrix);
        }
        Ok(matrix)
    }
}

impl Embeddings {
    fn known(&self, cells: &[CellId]) -> Option<Arc<Matrix>> {
        let mut kept = lock(&self.kept);
        let at = kept.iter().position(|(known, _)| known == cells)?;
        kept[..=at].rotate_right(1);
        Some(Arc::clone(&kept[0].1))
    }

    fn keep(&self, cells: &[CellId], matrix: &Arc<Matrix>) {
        let mut kept = lock(&self.kept);
        kept.retain(|(known, _)| known != cells);
        kept.insert(0, (cells.to_vec(), Arc::clone(matrix)));
        kept.truncate(KEPT);
    }
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

fn numbers(places: &[usize]) -> Vec<u32> {
    places.iter().map(|place| number(*place)).collect()
}

fn unfit(error: VectorError) -> AppError {
    invalid("vectors", &error.to_string())
}

#[cfg(test)]
mod tests {
    use juxta_wire::endpoint::EndpointKind;
    use juxta_wire::settings::Settings;
    use juxta_wire::vectors::MapMethod;
    use serde_json::json;

    use super::*;
    use crate::inspect::fixture::Recorded;

    fn answered(recorded: &Recorded, rows: &[&[f32]]) -> CellId {
        let data: Vec<_> =
            rows.iter().enumerate().map(|(index, row)| json!({"index": index, "embedding": row})).collect();
        recorded.document(b"{}", json!({"object": "list", "data": data}).to_string().as_bytes())
    }

    #[tokio::test]
    async fn vectors_of_several_cells_are_one_list() {
        let recorded = Recorded::of(EndpointKind::Embed);
        let cells =
            [answered(&recorded, &[&[1.0, 0.0], &[0.0, 2.0]]), answered(&recorded, &[&[1.0, 0.1], &[0.0, 0.0]])];
        let facts = recorded.engine.vector_facts(&cells).unwrap();
        assert_eq!((facts.count, facts.dimensions, facts.zero, facts.normalised), (4, 2, vec![3], false));
        assert_eq!(recorded.engine.vector_norms(&cells).unwrap()[..2], [1.0, 2.0]);
        let near = recorded.engine.vector_neighbours(&cells, 0, 9).unwrap();
        assert_eq!(near.iter().map(|near| near.row).collect::<Vec<_>>(), [2, 1], "neither itself nor zeros");
        assert_eq!(recorded.engine.vector_neighbours(&cells, 4, 1), Err(not_found("The vector")));
        let square = recorded.engine.vector_square(&cells).unwrap();
        assert_eq!((square.len(), square[0], square[1], square[3].is_nan()), (16, 1.0, 0.0, true));
        let pairs = recorded.engine.vector_pairs(&cells, 4).unwrap().unwrap();
        assert_eq!((pairs.counts.iter().sum::<u32>(), pairs.by_topic.len(), pairs.by_topic[3]), (3, 4, 3));
        for method in [MapMethod::Pca, MapMethod::Tsne] {
            assert_eq!(recorded.engine.vector_map(&cells, method).unwrap().unwrap().len(), 2 + 8);
        }
        assert_eq!(recorded.engine.vector_pairs(&cells[1..], 4).unwrap(), None, "one direction has no pair");
        let agreement = recorded.engine.vector_agreement(&cells, &cells, 2).unwrap();
        assert_eq!((agreement.correlation, agreement.pairs, agreement.apart.len()), (Some(1.0), 3, 2));
        assert!(recorded.engine.vector_agreement(&cells, &cells[..1], 2).is_err());
    }

    #[tokio::test]
    async fn what_are_no_vectors_says_so() {
        let recorded = Recorded::of(EndpointKind::Embed);
        let uneven = answered(&recorded, &[&[1.0, 0.0], &[1.0]]);
        assert!(matches!(recorded.engine.vector_facts(&[uneven]), Err(AppError::Invalid { .. })));
        let other = recorded.document(b"{}", b"{\"choices\":[]}");
        assert!(recorded.engine.vector_facts(&[other]).is_err());
        assert!(recorded.engine.vector_facts(&[]).is_err());
        assert!(recorded.engine.export_vectors(&[], VectorFormat::Npy).is_err());
    }

    #[tokio::test]
    async fn vectors_are_saved_in_every_format() {
        let recorded = Recorded::of(EndpointKind::Embed);
        let folder = tempfile::tempdir().unwrap();
        let settings = recorded.engine.settings().unwrap();
        let chosen = Some(folder.path().display().to_string());
        recorded.engine.save_settings(&Settings { export_folder: chosen, ..settings }).unwrap();
        let cells = [answered(&recorded, &[&[1.0, 0.0], &[0.5, 0.5]])];
        for (format, start, ending) in [
            (VectorFormat::Npy, &b"\x93NUMPY"[..], "npy"),
            (VectorFormat::Parquet, b"PAR1", "parquet"),
            (VectorFormat::Jsonl, b"{\"index\":0,\"text\":\"\",\"embedding\":[1.0,0.0]}\n", "jsonl"),
        ] {
            let saved = recorded.engine.export_vectors(&cells, format).unwrap();
            assert!(saved.path.ends_with(&format!("a-model.{ending}")), "{}", saved.path);
            assert!(std::fs::read(saved.path).unwrap().starts_with(start));
        }
    }
}
