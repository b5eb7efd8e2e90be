//! A picture of an answer, as a file.

use juxta_wire::error::AppError;
use juxta_wire::transfer::Exported;

use super::file;
use crate::Engine;

impl Engine {
    /// Writes the bytes as they came into the folder for exports.
    pub fn save_picture(&self, file_name: &str, bytes: &[u8]) -> Result<Exported, AppError> {
        file::save(&self.export_folder()?, file_name, bytes)
    }
}
