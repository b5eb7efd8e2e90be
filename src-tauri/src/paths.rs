//! Where the data is.

use std::path::PathBuf;

/// `JUXTA_DATA`, or the folder that this system has for the data of an app.
pub fn data_folder() -> PathBuf {
    if let Some(folder) = std::env::var_os("JUXTA_DATA").filter(|folder| !folder.is_empty()) {
        return PathBuf::from(folder);
    }
    system_folder().unwrap_or_else(std::env::temp_dir).join("juxta")
}

#[cfg(target_os = "windows")]
fn system_folder() -> Option<PathBuf> {
    std::env::var_os("APPDATA").map(PathBuf::from)
}

#[cfg(target_os = "macos")]
fn system_folder() -> Option<PathBuf> {
    std::env::home_dir().map(|home| home.join("Library/Application Support"))
}

#[cfg(not(any(target_os = "windows", target_os = "macos")))]
fn system_folder() -> Option<PathBuf> {
    std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| std::env::home_dir().map(|home| home.join(".local/share")))
}
