//! Maps of vectors. One takes seconds where there are many: it is made once, tells how far it is, can be stopped, and is
//! kept.

use std::sync::{Arc, Mutex};

use juxta_vectors::map::{Map, neighbourhoods, plane};
use juxta_vectors::progress::Progress;
use juxta_vectors::{Matrix, VectorError};
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::vectors::MapMethod;

use super::unfit;
use crate::Engine;
use crate::run::feed::lock;

/// Eight bytes a vector each, so that many cost little.
const KEPT: usize = 16;

#[derive(Default)]
pub(crate) struct Maps {
    /// Newest first.
    kept: Mutex<Vec<(Subject, Arc<Map>)>>,
    running: Mutex<Vec<Arc<Work>>>,
}

/// What a map is of.
#[derive(Debug, Clone, PartialEq)]
struct Subject {
    cells: Vec<CellId>,
    method: MapMethod,
}

struct Work {
    subject: Subject,
    progress: Progress,
    /// Held while the map is made, so that whoever asks for the same one waits for it here. Nothing when it was stopped.
    result: Mutex<Option<Result<Option<Arc<Map>>, AppError>>>,
}

impl Engine {
    /// Places on a map. First the shares of the variance that its two axes explain, `NaN` where axes mean nothing; then x
    /// and y of each vector, `NaN` for one that has no place. Nothing when somebody stopped it.
    ///
    /// # Errors
    /// As [`Engine::vector_facts`], and when there are too many vectors for the method.
    pub fn vector_map(&self, cells: &[CellId], method: MapMethod) -> Result<Option<Vec<f32>>, AppError> {
        let subject = Subject { cells: cells.to_vec(), method };
        let map = match self.maps().known(&subject) {
            Some(known) => Some(known),
            None => self.made_map(subject)?,
        };
        Ok(map.map(|map| {
            let explained = map.explained.map_or([f32::NAN; 2], |shares| shares.map(|share| share as f32));
            explained.into_iter().chain(map.points.iter().copied().flatten()).collect()
        }))
    }

    /// How much of a map is made, 0 to 1; nothing when nobody makes it.
    pub fn vector_map_progress(&self, cells: &[CellId], method: MapMethod) -> Option<f32> {
        self.maps().wanted(cells, method).map(|work| work.progress.share())
    }

    /// Ends the making of a map. Those who wait for it get nothing.
    pub fn stop_vector_map(&self, cells: &[CellId], method: MapMethod) {
        if let Some(work) = self.maps().wanted(cells, method) {
            work.progress.stop();
        }
    }

    fn maps(&self) -> &Maps {
        &self.embeddings().maps
    }

    fn made_map(&self, subject: Subject) -> Result<Option<Arc<Map>>, AppError> {
        let work = self.maps().join(subject);
        let mut result = lock(&work.result);
        if let Some(made) = &*result {
            return made.clone();
        }
        // It may have been made between the look at what is kept and the joining.
        let known = self.maps().known(&work.subject).map(Some).map(Ok);
        let made = known.unwrap_or_else(|| self.make_map(&work));
        *result = Some(made.clone());
        self.maps().leave(&work);
        made
    }

    fn make_map(&self, work: &Work) -> Result<Option<Arc<Map>>, AppError> {
        let Subject { cells, method } = &work.subject;
        // What still arrives may grow, so its map is not that of the whole.
        let are_over = cells.iter().all(|cell| self.feed().cell(cell).is_none());
        let matrix: Arc<Matrix> = self.vector_matrix(cells)?;
        let made = match method {
            MapMethod::Pca => plane(&matrix, &work.progress),
            MapMethod::Tsne => neighbourhoods(&matrix, &work.progress),
        };
        match made {
            Ok(map) => {
                let map = Arc::new(map);
                if are_over {
                    self.maps().keep(&work.subject, &map);
                }
                Ok(Some(map))
            }
            Err(VectorError::Stopped) => Ok(None),
            Err(error) => Err(unfit(error)),
        }
    }
}

impl Maps {
    fn known(&self, subject: &Subject) -> Option<Arc<Map>> {
        let mut kept = lock(&self.kept);
        let at = kept.iter().position(|(known, _)| known == subject)?;
        kept[..=at].rotate_right(1);
        Some(Arc::clone(&kept[0].1))
    }

    fn keep(&self, subject: &Subject, map: &Arc<Map>) {
        let mut kept = lock(&self.kept);
        kept.retain(|(known, _)| known != subject);
        kept.insert(0, (subject.clone(), Arc::clone(map)));
        kept.truncate(KEPT);
    }

    /// The work on a map that nobody has stopped.
    fn wanted(&self, cells: &[CellId], method: MapMethod) -> Option<Arc<Work>> {
        let is_it = |work: &&Arc<Work>| {
            work.subject.method == method && work.subject.cells == cells && !work.progress.is_stopped()
        };
        lock(&self.running).iter().find(is_it).cloned()
    }

    /// The work that is done already, or a new one.
    fn join(&self, subject: Subject) -> Arc<Work> {
        let mut running = lock(&self.running);
        let same = running.iter().find(|work| work.subject == subject && !work.progress.is_stopped());
        if let Some(work) = same {
            return Arc::clone(work);
        }
        let work = Arc::new(Work { subject, progress: Progress::default(), result: Mutex::new(None) });
        running.push(Arc::clone(&work));
        work
    }

    fn leave(&self, work: &Arc<Work>) {
        lock(&self.running).retain(|one| !Arc::ptr_eq(one, work));
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use juxta_wire::endpoint::EndpointKind;
    use serde_json::json;

    use super::*;
    use crate::inspect::fixture::Recorded;

    /// Vectors around a few directions: enough that a map takes its time, and few enough for a test.
    fn answered(recorded: &Recorded, count: usize) -> Vec<CellId> {
        let row = |at: usize| -> Vec<f64> {
            (0..24)
                .map(|part| ((at % 7 * 31 + part * 17) % 23) as f64 + ((at * 13 + part * 7) % 11) as f64 / 8.0)
                .collect()
        };
        let data: Vec<_> = (0..count).map(|at| json!({"index": at, "embedding": row(at)})).collect();
        vec![recorded.document(b"{}", json!({"object": "list", "data": data}).to_string().as_bytes())]
    }

    #[tokio::test]
    async fn a_map_is_made_once_and_kept() {
        let recorded = Recorded::of(EndpointKind::Embed);
        let cells = answered(&recorded, 120);
        let engine = &recorded.engine;
        assert_eq!(engine.vector_map_progress(&cells, MapMethod::Tsne), None);
        let (one, other) = thread::scope(|scope| {
            let ask = || engine.vector_map(&cells, MapMethod::Tsne).unwrap().unwrap();
            let (one, other) = (scope.spawn(ask), scope.spawn(ask));
            (one.join().unwrap(), other.join().unwrap())
        });
        // Two runs of the method differ in their last digits, so equal bits are one run's.
        assert_eq!(one.len(), 2 + 240);
        assert_eq!(one[2..], other[2..]);
        assert_eq!(engine.vector_map(&cells, MapMethod::Tsne).unwrap().unwrap()[2..], one[2..]);
        assert_eq!(engine.vector_map_progress(&cells, MapMethod::Tsne), None);
        let plane = engine.vector_map(&cells, MapMethod::Pca).unwrap().unwrap();
        assert!(plane[0] >= plane[1] && plane[2..] != one[2..]);
    }

    #[tokio::test]
    async fn a_map_tells_how_far_it_is_and_ends_when_it_is_stopped() {
        let recorded = Recorded::of(EndpointKind::Embed);
        let cells = answered(&recorded, 1_000);
        let engine = &recorded.engine;
        let before = engine.vector_map(&cells, MapMethod::Pca).unwrap();
        thread::scope(|scope| {
            let work = scope.spawn(|| engine.vector_map(&cells, MapMethod::Tsne));
            let mut told = Vec::new();
            while !work.is_finished() && told.last().is_none_or(|share| *share < 0.2) {
                told.extend(engine.vector_map_progress(&cells, MapMethod::Tsne));
                thread::yield_now();
            }
            assert!(told.is_sorted() && told.last().is_some_and(|share| *share >= 0.2), "{told:?}");
            // Neither another method nor other vectors are meant.
            engine.stop_vector_map(&cells, MapMethod::Pca);
            engine.stop_vector_map(&[], MapMethod::Tsne);
            assert!(engine.vector_map_progress(&cells, MapMethod::Tsne).is_some());
            engine.stop_vector_map(&cells, MapMethod::Tsne);
            assert_eq!(engine.vector_map_progress(&cells, MapMethod::Tsne), None);
            assert_eq!(work.join().unwrap(), Ok(None));
        });
        assert_eq!(engine.vector_map(&cells, MapMethod::Pca).unwrap(), before, "the former map is still there");
    }
}
