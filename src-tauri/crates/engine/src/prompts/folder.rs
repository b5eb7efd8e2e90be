//! The folder of the prompts, and how a file in it is written so that it is never half there.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::file::ENDING;
use crate::export::file::safe_name;

/// What a file is called until it is whole.
const UNFINISHED: &str = ".part";
/// Folders within folders that are looked into.
const DEEPEST: usize = 8;
/// Where the versions of a prompt lie.
pub const VERSIONS: &str = ".versions";

/// Every prompt file below `folder`, in order of its path. The folder is made when it is not there.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let mut found = Vec::new();
    collect(folder, DEEPEST, &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, deep: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        if name.starts_with('.') {
            // Left by a Juxta that was killed while it wrote: the file itself is as it was before.
            if kind.is_file() && name.ends_with(UNFINISHED) && name.contains(ENDING) {
                fs::remove_file(entry.path())?;
            }
        } else if kind.is_file() && name.ends_with(ENDING) {
            found.push(entry.path());
        } else if kind.is_dir() && deep > 0 && !name.ends_with(VERSIONS) {
            collect(&entry.path(), deep - 1, found)?;
        }
    }
    Ok(())
}

/// Writes `text` to `path` so that a reader, at any moment, finds the file as it was before or as it is after.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    fs::create_dir_all(folder)?;
    let unfinished = folder.join(format!(".{name}{UNFINISHED}"));
    let mut file = File::create(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Writes a file of its own for a prompt of this name.
pub fn create(folder: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let path = free_path(folder, name);
    write(&path, text)?;
    Ok(path)
}

/// Where the file lies once its prompt is called `name`. A file whose name the person chose keeps it: only one that is
/// called what its prompt was called follows.
pub fn renamed(path: &Path, former: &str, name: &str) -> PathBuf {
    let Some(folder) = path.parent() else { return path.to_owned() };
    let old_name = super::file::read(former, &|named| named.id.clone()).map(|former| former.name).unwrap_or_default();
    if old_name == name || !is_called(path, &old_name) {
        return path.to_owned();
    }
    let new = free_path(folder, name);
    // What cannot be moved is written under the new name all the same, and the old file stays.
    let moved = match path.exists() {
        true => fs::rename(path, &new).and_then(|()| match versions_of(path).exists() {
            true => fs::rename(versions_of(path), versions_of(&new)),
            false => Ok(()),
        }),
        false => Ok(()),
    };
    if let Err(error) = moved {
        tracing::warn!(%error, path = %path.display(), "a prompt's file keeps its name");
        return path.to_owned();
    }
    new
}

/// The folder with the versions of the prompt in `path`.
pub fn versions_of(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{}{VERSIONS}", name.trim_end_matches(ENDING)))
}

fn stem_of(name: &str) -> String {
    // An ending of the person's own, as in "v1.2", belongs to the name.
    let (stem, ending) = safe_name(name);
    format!("{stem}{ending}")
}

fn is_called(path: &Path, name: &str) -> bool {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let Some(rest) = file.strip_prefix(stem_of(name).as_str()).and_then(|rest| rest.strip_suffix(ENDING)) else {
        return false;
    };
    let number = rest.strip_prefix(" (").and_then(|rest| rest.strip_suffix(')'));
    rest.is_empty() || number.is_some_and(|number| number.parse::<u32>().is_ok())
}

fn free_path(folder: &Path, name: &str) -> PathBuf {
    let stem = stem_of(name);
    let path = |number: u32| match number {
        1 => folder.join(format!("{stem}{ENDING}")),
        _ => folder.join(format!("{stem} ({number}){ENDING}")),
    };
    (1..).map(path).find(|path| !path.exists()).expect("one of all numbers is free")
}
