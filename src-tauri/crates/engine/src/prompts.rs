//! Prompts as files in a folder of the person's choice: readable, comparable and mergeable without Juxta.
//!
//! The database holds what the screen shows; each comparison has a file that says the same. What both said last is kept
//! beside, so that it is known which of the two changed. When both did, neither is written until the person has chosen.

pub(crate) mod file;
mod folder;
mod versions;

use std::path::{Path, PathBuf};
use std::sync::MutexGuard;

use juxta_store::PromptLink;
use juxta_wire::error::AppError;
use juxta_wire::ids::{ComparisonId, ConnectionId};
use juxta_wire::lane::Comparison;
use juxta_wire::prompts::{ConflictSide, PromptFile, PromptFileState, PromptFolder, UnreadFile};

use crate::run::feed::lock;
use crate::run::storage;
use crate::{Engine, not_found};
use file::{NamedConnection, Unread};

/// What a file says against what its comparison says.
enum Standing {
    /// With the text of the file, which may be laid out in another way.
    Same(String),
    /// Only the comparison changed.
    Ours,
    /// Only the file changed.
    Theirs(Box<Comparison>),
    Both(Box<Comparison>),
    Missing,
    Unreadable(Unread),
}

impl Engine {
    /// Looks at the folder: files that changed are taken in, comparisons without a file get one.
    ///
    /// # Errors
    /// [`AppError::Storage`] when the folder cannot be read.
    pub fn sync_prompts(&self) -> Result<PromptFolder, AppError> {
        let _alone = self.alone_with_prompts();
        let folder = self.prompt_folder()?;
        let mut found = PromptFolder { folder: folder.display().to_string(), ..PromptFolder::default() };
        let mut links = self.links_in(&folder)?;
        for path in folder::files(&folder).map_err(|error| unreadable_folder(&folder, &error))? {
            if !links.iter().any(|link| Path::new(&link.path) == path)
                && let Err(unread) = self.take_in(&path, &mut links, &mut found.changed)
            {
                let line = unread.line as u32;
                found.unread.push(UnreadFile { path: path.display().to_string(), line, message: unread.message });
            }
        }
        for link in &links {
            if let Some(ours) = self.store().comparison(&link.comparison).map_err(storage)? {
                let state = self.settle(link, &ours, &mut found.changed)?;
                found.files.push(PromptFile { comparison: link.comparison.clone(), path: link.path.clone(), state });
            }
        }
        for summary in self.store().comparisons().map_err(storage)? {
            if !links.iter().any(|link| link.comparison == summary.id) {
                let comparison = self.comparison(&summary.id)?;
                found.files.push(self.write_new(&folder, &comparison)?);
            }
        }
        Ok(found)
    }

    /// Gives a conflict its end. The side that gives way is kept as a version.
    pub fn settle_prompt(&self, id: &ComparisonId, side: ConflictSide) -> Result<Comparison, AppError> {
        let _alone = self.alone_with_prompts();
        let link = self.link_in(&self.prompt_folder()?, id)?.ok_or_else(|| not_found("The file of the prompt"))?;
        let ours = self.comparison(id)?;
        let theirs = match self.standing(&link, &ours)? {
            Standing::Theirs(theirs) | Standing::Both(theirs) => theirs,
            Standing::Unreadable(_) if side == ConflictSide::Mine => {
                self.write_linked(&link, &ours)?;
                return Ok(ours);
            }
            _ => return Ok(ours),
        };
        let path = Path::new(&link.path);
        match side {
            ConflictSide::Mine => {
                versions::save(self, path, &theirs, "Changed outside")?;
                self.write_linked(&link, &ours)?;
                Ok(ours)
            }
            ConflictSide::Theirs => {
                versions::save(self, path, &ours, "Before the file was taken")?;
                self.keep_theirs(&link, &theirs)?;
                Ok(*theirs)
            }
        }
    }

    /// Writes the file of a comparison that was saved just now. That a file cannot be written is no reason to lose what
    /// the database has: it is said when the folder is looked at next.
    pub(crate) fn mirror(&self, comparison: &Comparison) {
        let _alone = self.alone_with_prompts();
        if let Err(error) = self.mirror_or_fail(comparison) {
            tracing::warn!(%error, "the file of a prompt was not written");
        }
    }

    fn mirror_or_fail(&self, comparison: &Comparison) -> Result<(), AppError> {
        let folder = self.prompt_folder()?;
        let Some(link) = self.link_in(&folder, &comparison.id)? else {
            return self.write_new(&folder, comparison).map(drop);
        };
        match self.standing(&link, comparison)? {
            Standing::Ours | Standing::Missing => self.write_linked(&link, comparison),
            Standing::Same(_) | Standing::Theirs(_) | Standing::Both(_) | Standing::Unreadable(_) => Ok(()),
        }
    }

    /// Removes the file of a comparison that was deleted, unless somebody else changed it since. Its versions stay.
    pub(crate) fn drop_mirror(&self, id: &ComparisonId) -> Result<(), AppError> {
        let _alone = self.alone_with_prompts();
        if let Some(link) = self.link_in(&self.prompt_folder()?, id)? {
            let path = Path::new(&link.path);
            if std::fs::read_to_string(path).is_ok_and(|text| text == link.text) {
                std::fs::remove_file(path).map_err(|error| failed("deleted", path, &error))?;
            }
        }
        self.store().delete_prompt_link(id).map_err(storage)
    }

    /// What is decided from files, links and comparisons is carried out before any of them changes again.
    fn alone_with_prompts(&self) -> MutexGuard<'_, ()> {
        lock(&self.inner.prompts)
    }

    pub(crate) fn prompt_folder(&self) -> Result<PathBuf, AppError> {
        let chosen = self.settings()?.prompt_folder;
        Ok(match chosen.as_deref().map(str::trim).filter(|folder| !folder.is_empty()) {
            Some(folder) => PathBuf::from(folder),
            None => self.folder().join("prompts"),
        })
    }

    /// Links into another folder are those of an earlier choice.
    fn links_in(&self, folder: &Path) -> Result<Vec<PromptLink>, AppError> {
        let mut links = self.store().prompt_links().map_err(storage)?;
        links.retain(|link| Path::new(&link.path).starts_with(folder));
        Ok(links)
    }

    fn link_in(&self, folder: &Path, comparison: &ComparisonId) -> Result<Option<PromptLink>, AppError> {
        let link = self.store().prompt_link(comparison).map_err(storage)?;
        Ok(link.filter(|link| Path::new(&link.path).starts_with(folder)))
    }

    pub(crate) fn name_of_connection(&self, id: &ConnectionId) -> String {
        let all = self.connections().unwrap_or_default();
        all.into_iter().find(|connection| connection.id == *id).map(|connection| connection.name).unwrap_or_default()
    }

    /// The connection that a file means: by its id, else by its name, for a file from another machine.
    pub(crate) fn meant_connection(&self, named: &NamedConnection) -> ConnectionId {
        let all = self.connections().unwrap_or_default();
        let is_known = all.iter().any(|connection| connection.id == named.id);
        let same_name = all.iter().find(|connection| connection.name == named.name && !named.name.is_empty());
        match (is_known, same_name) {
            (false, Some(connection)) => connection.id.clone(),
            _ => named.id.clone(),
        }
    }

    fn read_prompt(&self, text: &str) -> Result<Comparison, Unread> {
        file::read(text, &|named| self.meant_connection(named))
    }

    fn prompt_text(&self, comparison: &Comparison, former: Option<&str>) -> String {
        let others = former.map(file::other_members).unwrap_or_default();
        file::write(comparison, &|id| self.name_of_connection(id), others)
    }

    fn standing(&self, link: &PromptLink, ours: &Comparison) -> Result<Standing, AppError> {
        let path = Path::new(&link.path);
        let text = match std::fs::read(path) {
            Ok(bytes) => String::from_utf8(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Standing::Missing),
            Err(error) => return Err(failed("read", path, &error)),
        };
        let Ok(text) = text else {
            return Ok(Standing::Unreadable(Unread { line: 1, message: "The file is not UTF-8.".to_owned() }));
        };
        let own = self.prompt_text(ours, Some(&text));
        if own == text {
            return Ok(Standing::Same(text));
        }
        if text == link.text {
            return Ok(Standing::Ours);
        }
        let theirs = match self.read_prompt(&text) {
            Ok(theirs) => Box::new(Comparison { id: ours.id.clone(), ..theirs }),
            Err(unread) => return Ok(Standing::Unreadable(conflict_marks(&text).unwrap_or(unread))),
        };
        // Another layout of the same prompt is no change.
        if self.prompt_text(&theirs, Some(&text)) == own {
            return Ok(Standing::Same(text));
        }
        match self.prompt_text(ours, Some(&link.text)) == link.text {
            true => Ok(Standing::Theirs(theirs)),
            false => Ok(Standing::Both(theirs)),
        }
    }

    fn settle(
        &self,
        link: &PromptLink,
        ours: &Comparison,
        changed: &mut Vec<ComparisonId>,
    ) -> Result<PromptFileState, AppError> {
        Ok(match self.standing(link, ours)? {
            Standing::Same(text) => {
                if text != link.text {
                    self.store().save_prompt_link(PromptLink { text, ..link.clone() }).map_err(storage)?;
                }
                PromptFileState::Saved
            }
            Standing::Ours => match self.write_linked(link, ours) {
                Ok(()) => PromptFileState::Saved,
                Err(error) => PromptFileState::Unsaved { message: error.to_string() },
            },
            Standing::Theirs(theirs) => {
                self.keep_theirs(link, &theirs)?;
                changed.push(ours.id.clone());
                PromptFileState::Saved
            }
            Standing::Both(theirs) => PromptFileState::Conflict { theirs },
            Standing::Missing => PromptFileState::Missing,
            Standing::Unreadable(unread) => {
                PromptFileState::Unreadable { line: unread.line as u32, message: unread.message }
            }
        })
    }

    fn keep_theirs(&self, link: &PromptLink, theirs: &Comparison) -> Result<(), AppError> {
        let text = std::fs::read_to_string(&link.path).map_err(|error| failed("read", link.path.as_ref(), &error))?;
        self.store().save_comparison(theirs).map_err(storage)?;
        self.store().save_prompt_link(PromptLink { text, ..link.clone() }).map_err(storage)
    }

    fn write_linked(&self, link: &PromptLink, comparison: &Comparison) -> Result<(), AppError> {
        let path = Path::new(&link.path);
        let former = std::fs::read_to_string(path).ok();
        let text = self.prompt_text(comparison, former.as_deref());
        let path = folder::renamed(path, &link.text, &comparison.name);
        folder::write(&path, &text).map_err(|error| failed("written", &path, &error))?;
        let link = PromptLink { comparison: comparison.id.clone(), path: path.display().to_string(), text };
        self.store().save_prompt_link(link).map_err(storage)
    }

    fn write_new(&self, folder: &Path, comparison: &Comparison) -> Result<PromptFile, AppError> {
        let text = self.prompt_text(comparison, None);
        let (path, state) = match folder::create(folder, &comparison.name, &text) {
            Ok(path) => {
                let path = path.display().to_string();
                let link = PromptLink { comparison: comparison.id.clone(), path: path.clone(), text };
                self.store().save_prompt_link(link).map_err(storage)?;
                (path, PromptFileState::Saved)
            }
            Err(error) => {
                let message = failed("written", folder, &error).to_string();
                (folder.display().to_string(), PromptFileState::Unsaved { message })
            }
        };
        Ok(PromptFile { comparison: comparison.id.clone(), path, state })
    }

    /// A file that belongs to no comparison yet: one that was moved, copied, or came from elsewhere.
    fn take_in(&self, path: &Path, links: &mut Vec<PromptLink>, changed: &mut Vec<ComparisonId>) -> Result<(), Unread> {
        let unread = |message: String| Unread { line: 1, message };
        let text = std::fs::read_to_string(path).map_err(|error| unread(error.to_string()))?;
        let mut comparison = self.read_prompt(&text).map_err(|unread| conflict_marks(&text).unwrap_or(unread))?;
        let path = path.display().to_string();
        let keep = |error: juxta_store::StoreError| unread(error.to_string());
        if let Some(link) = links.iter_mut().find(|link| link.comparison == comparison.id) {
            if !Path::new(&link.path).exists() {
                link.path = path;
                return self.store().save_prompt_link(link.clone()).map_err(keep);
            }
            // A copy of a file is a prompt of its own.
            comparison.id = ComparisonId::new();
        }
        let is_known = self.store().comparison(&comparison.id).map_err(keep)?.is_some();
        if !is_known {
            self.store().save_comparison(&comparison).map_err(keep)?;
            changed.push(comparison.id.clone());
        }
        // Of a known prompt that meets this file for the first time nobody can tell which of the two changed.
        let text = if is_known { String::new() } else { text };
        let link = PromptLink { comparison: comparison.id, path, text };
        self.store().save_prompt_link(link.clone()).map_err(keep)?;
        links.push(link);
        Ok(())
    }
}

/// Where git left two versions of a line for somebody to choose from.
fn conflict_marks(text: &str) -> Option<Unread> {
    let line = text.lines().position(|line| line.starts_with("<<<<<<< "))? + 1;
    let message = "Git left a conflict here. Choose one of the two sides in the file, or keep what Juxta shows.";
    Some(Unread { line, message: message.to_owned() })
}

fn failed(what: &str, path: &Path, error: &std::io::Error) -> AppError {
    AppError::Storage { message: format!("{} could not be {what}: {error}", path.display()) }
}

fn unreadable_folder(folder: &Path, error: &std::io::Error) -> AppError {
    AppError::Storage {
        message: format!(
            "The folder of the prompts, {}, cannot be read: {error}. Choose another in the settings.",
            folder.display()
        ),
    }
}

#[cfg(test)]
mod tests;
