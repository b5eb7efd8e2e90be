//! What all that is done with matrices shares: who hears news, which are running, and one way to change a row.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use juxta_store::StoredMatrix;
use juxta_wire::error::AppError;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::{Matrix, MatrixCounts, MatrixNews};

use super::running::Running;
use super::variants::variants;
use crate::run::feed::lock;
use crate::run::storage;
use crate::{Engine, not_found};

/// Hears what happens to matrices; `false` when it hears nothing any more.
pub type MatrixListener = Box<dyn Fn(MatrixNews) -> bool + Send>;

#[derive(Default)]
pub(crate) struct Matrices {
    /// Held while a row is read, changed and written.
    changing: Mutex<()>,
    listeners: Mutex<Vec<MatrixListener>>,
    running: Mutex<HashMap<MatrixId, Arc<Running>>>,
}

impl Matrices {
    pub(super) fn running(&self, id: &MatrixId) -> Option<Arc<Running>> {
        lock(&self.running).get(id).cloned()
    }

    pub(super) fn begin(&self, running: Arc<Running>) {
        lock(&self.running).insert(running.id.clone(), running);
    }

    pub(super) fn forget(&self, id: &MatrixId) {
        lock(&self.running).remove(id);
    }

    pub(super) fn tell_gone(&self, id: &MatrixId) {
        self.tell(&MatrixNews::Gone { id: id.clone() });
    }

    fn tell(&self, news: &MatrixNews) {
        lock(&self.listeners).retain(|listener| listener(news.clone()));
    }

    fn is_listened_to(&self) -> bool {
        !lock(&self.listeners).is_empty()
    }

    /// No further cell begins, and no judge is asked.
    pub(crate) fn end(&self) {
        for running in lock(&self.running).values() {
            running.pause();
            running.stop_judges();
        }
    }
}

impl Engine {
    /// From now on `listener` hears what happens to matrices.
    pub fn watch_matrices(&self, listener: MatrixListener) {
        lock(&self.matrices_shared().listeners).push(listener);
    }

    pub(super) fn stored_matrix(&self, id: &MatrixId) -> Result<StoredMatrix, AppError> {
        self.store().matrix(id).map_err(storage)?.ok_or_else(|| not_found("The matrix"))
    }

    /// Runs `work` while nobody else changes a matrix.
    pub(super) fn alone_with_matrices<T>(&self, work: impl FnOnce() -> Result<T, AppError>) -> Result<T, AppError> {
        let _changing = lock(&self.matrices_shared().changing);
        work()
    }

    /// Changes a row and tells of it. Nothing is written when `change` fails.
    pub(super) fn change_matrix(
        &self,
        id: &MatrixId,
        change: impl FnOnce(&mut StoredMatrix) -> Result<(), AppError>,
    ) -> Result<Matrix, AppError> {
        self.alone_with_matrices(|| {
            let mut matrix = self.stored_matrix(id)?;
            change(&mut matrix)?;
            self.keep_matrix(matrix)
        })
    }

    /// Within [`Engine::alone_with_matrices`].
    pub(super) fn keep_matrix(&self, matrix: StoredMatrix) -> Result<Matrix, AppError> {
        self.store().save_matrix(&matrix).map_err(storage)?;
        let matrix = self.shown_matrix(matrix)?;
        self.matrices_shared().tell(&MatrixNews::Changed { matrix: Box::new(matrix.clone()) });
        Ok(matrix)
    }

    /// Tells how far a matrix is.
    pub(super) fn tell_matrix(&self, id: &MatrixId) -> Result<(), AppError> {
        if self.matrices_shared().is_listened_to() {
            let matrix = Box::new(self.matrix(id)?);
            self.matrices_shared().tell(&MatrixNews::Changed { matrix });
        }
        Ok(())
    }

    pub(super) fn shown_matrix(&self, stored: StoredMatrix) -> Result<Matrix, AppError> {
        let (variants, counts) = match stored.begun {
            Some(begun) => {
                let counts = self.store().matrix_counts(&stored.id).map_err(storage)?;
                let total = begun.cells();
                (begun.variants, MatrixCounts { total, ..counts })
            }
            None => (variants(&stored.plan, &self.connections()?).variants, MatrixCounts::default()),
        };
        let mut matrix = Matrix {
            id: stored.id,
            plan: stored.plan,
            state: stored.state,
            problem: stored.problem,
            variants,
            counts,
            spent: stored.spent,
            currency: stored.currency,
            slowed_to: None,
            made_at: stored.made_at,
            started_at: stored.started_at,
            ended_at: stored.ended_at,
            progress: Vec::new(),
        };
        if let Some(running) = self.matrices_shared().running(&matrix.id) {
            running.show_in(&mut matrix);
        }
        Ok(matrix)
    }
}
