//! Versions of a prompt that have names: files of their own beside the prompt's.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use juxta_store::PromptLink;
use juxta_wire::error::AppError;
use juxta_wire::ids::ComparisonId;
use juxta_wire::lane::Comparison;
use juxta_wire::prompts::PromptVersion;
use serde_json::Value;

use super::file::{self, ENDING};
use super::{failed, folder};
use crate::run::invalid;
use crate::{Engine, not_found};

/// Members that only the file of a version has.
const NAME: &str = "version";
const SAVED_AT: &str = "savedAt";

impl Engine {
    /// Gives what the comparison says now a name.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a name of nothing, [`AppError::Storage`] when it cannot be written.
    pub fn name_version(&self, comparison: &Comparison, name: &str) -> Result<PromptVersion, AppError> {
        let name = name.trim();
        if name.is_empty() {
            return Err(invalid("name", "Give the version a name"));
        }
        self.save_comparison(comparison)?;
        let _alone = self.alone_with_prompts();
        save(self, Path::new(&self.link_of(&comparison.id)?.path), comparison, name)
    }

    /// The newest first.
    pub fn prompt_versions(&self, id: &ComparisonId) -> Result<Vec<PromptVersion>, AppError> {
        let _alone = self.alone_with_prompts();
        let Ok(link) = self.link_of(id) else { return Ok(Vec::new()) };
        let folder = folder::versions_of(Path::new(&link.path));
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed("read", &folder, &error)),
        };
        let mut versions: Vec<PromptVersion> =
            entries.flatten().filter_map(|entry| version_at(&entry.path())).collect();
        versions.sort_by(|one, other| (other.saved_at, &other.id).cmp(&(one.saved_at, &one.id)));
        Ok(versions)
    }

    /// What a version says. It can be shown beside the present state, or take its place.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when it is not there any more, [`AppError::Storage`] when its file cannot be read.
    pub fn prompt_version(&self, id: &ComparisonId, version: &str) -> Result<Comparison, AppError> {
        let _alone = self.alone_with_prompts();
        let link = self.link_of(id)?;
        let is_name = !version.contains(['/', '\\']) && version.ends_with(ENDING);
        let path = folder::versions_of(Path::new(&link.path)).join(version);
        if !is_name || !path.is_file() {
            return Err(not_found("The version"));
        }
        let text = fs::read_to_string(&path).map_err(|error| failed("read", &path, &error))?;
        let read = self.read_prompt(&text).map_err(|unread| AppError::Storage {
            message: format!("{}, line {}: {}", path.display(), unread.line, unread.message),
        })?;
        Ok(Comparison { id: id.clone(), ..read })
    }

    fn link_of(&self, id: &ComparisonId) -> Result<PromptLink, AppError> {
        self.link_in(&self.prompt_folder()?, id)?.ok_or_else(|| not_found("The file of the prompt"))
    }
}

/// Writes a version beside the prompt in `path`.
pub(super) fn save(
    engine: &Engine,
    path: &Path,
    comparison: &Comparison,
    name: &str,
) -> Result<PromptVersion, AppError> {
    let folder = folder::versions_of(path);
    let others = vec![
        (NAME.to_owned(), Value::from(name).to_string()),
        (SAVED_AT.to_owned(), Value::from(Timestamp::now().to_string()).to_string()),
    ];
    let text = file::write(comparison, &|id| engine.name_of_connection(id), others);
    let path = folder::create(&folder, name, &text).map_err(|error| failed("written", &folder, &error))?;
    version_at(&path).ok_or_else(|| not_found("The version"))
}

/// What a file says of itself as a version. Name and time of the file may be others after it was copied.
fn version_at(path: &Path) -> Option<PromptVersion> {
    let id = path.file_name()?.to_str().filter(|name| name.ends_with(ENDING))?.to_owned();
    let others = file::other_members(&fs::read_to_string(path).ok()?);
    let find = |name: &str| {
        let (_, json) = others.iter().find(|(known, _)| known == name)?;
        serde_json::from_str::<String>(json).ok()
    };
    let saved_at: Timestamp = find(SAVED_AT)?.parse().ok()?;
    Some(PromptVersion {
        name: find(NAME)?,
        saved_at: u64::try_from(saved_at.as_millisecond()).unwrap_or_default(),
        path: path.display().to_string(),
        id,
    })
}
