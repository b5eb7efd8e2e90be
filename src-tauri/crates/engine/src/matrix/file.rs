//! A matrix as a file that people read, compare and hand on.

use std::path::Path;

use juxta_wire::draft::Dataset;
use juxta_wire::error::AppError;
use juxta_wire::ids::MatrixId;
use juxta_wire::matrix::MatrixPlan;

use crate::batch::mend::in_one_step;
use crate::prompts::file;
use crate::run::{invalid, storage};
use crate::{Engine, not_found};

impl Engine {
    /// Writes the plan of a matrix, which says nothing of its answers. What a person added to a file of this name, at its
    /// outermost level, stays in it.
    pub fn write_matrix_file(&self, id: &MatrixId, path: &Path) -> Result<(), AppError> {
        let stored = self.store().matrix(id).map_err(storage)?.ok_or_else(|| not_found("The matrix"))?;
        let mut plan = stored.plan;
        if let Some(dataset) = &mut plan.comparison.draft.dataset {
            self.seen_from(path, dataset)?;
        }
        let others = std::fs::read_to_string(path).map(|text| file::other_matrix_members(&text)).unwrap_or_default();
        let text = file::write_matrix(&plan, &|id| self.name_of_connection(id), others);
        in_one_step(path, |file| std::io::Write::write_all(file, text.as_bytes()))
            .map_err(|error| AppError::Storage { message: format!("{} could not be written: {error}", path.display()) })
    }

    /// Reads a plan, as [`write_matrix_file`](Self::write_matrix_file) writes it. Connections are found by their id, else
    /// by their name; a table lies where the path leads from the file, or where tables of prompts lie.
    ///
    /// # Errors
    /// [`AppError::Invalid`] of `file`, with the line that does not fit.
    pub fn read_matrix_file(&self, path: &Path) -> Result<MatrixPlan, AppError> {
        let name = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| invalid("file", &format!("{name} could not be read: {error}")))?;
        let mut plan = file::read_matrix(&text, &|named| self.meant_connection(named))
            .map_err(|unread| invalid("file", &format!("{name}, line {}: {}", unread.line, unread.message)))?;
        if let Some(dataset) = &mut plan.comparison.draft.dataset {
            let beside = std::path::absolute(path).map_err(storage)?;
            let beside = beside.parent().unwrap_or(Path::new("")).join(&dataset.path);
            if is_relative(&dataset.path) && beside.exists() {
                dataset.path = beside.display().to_string();
            }
        }
        Ok(plan)
    }

    /// A table beside the file is named by its way from there, so that both can be moved together.
    fn seen_from(&self, path: &Path, dataset: &mut Dataset) -> Result<(), AppError> {
        let file = std::path::absolute(path).map_err(storage)?;
        if dataset.path.starts_with("~/") || dataset.path.trim().is_empty() {
            return Ok(());
        }
        let table = self.prompt_folder()?.join(&dataset.path);
        let inside = file.parent().and_then(|folder| table.strip_prefix(folder).ok());
        dataset.path = match inside {
            Some(inside) => inside.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/"),
            None => table.display().to_string(),
        };
        Ok(())
    }
}

fn is_relative(path: &str) -> bool {
    !path.trim().is_empty() && !path.starts_with("~/") && Path::new(path).is_relative()
}
