//! The workspace as its manifests and its files tell it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A crate of the workspace.
#[derive(Debug)]
pub struct Package {
    /// Where its manifest lies.
    pub folder: PathBuf,
    pub dependencies: Vec<Dependency>,
}

/// What a manifest names, for whatever system.
#[derive(Debug)]
pub struct Dependency {
    pub name: String,
    /// Named under `dev-dependencies`, so it never ships.
    pub is_for_tests: bool,
}

/// The folder of the project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate lies in the workspace").to_path_buf()
}

/// Every crate of the workspace by its name.
pub fn packages() -> BTreeMap<String, Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo answers");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    list(&metadata["packages"]).iter().map(|package| (text(&package["name"]), read(package))).collect()
}

fn read(package: &Value) -> Package {
    let manifest = PathBuf::from(text(&package["manifest_path"]));
    Package {
        folder: manifest.parent().expect("a manifest lies in a folder").to_path_buf(),
        dependencies: list(&package["dependencies"])
            .iter()
            .map(|dependency| Dependency {
                name: text(dependency["rename"].as_str().map_or(&dependency["name"], |_| &dependency["rename"])),
                is_for_tests: dependency["kind"] == "dev",
            })
            .collect(),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list in cargo's metadata")
}

fn text(value: &Value) -> String {
    value.as_str().expect("text in cargo's metadata").to_owned()
}

/// The text of every file below `folder` with one of these endings. A folder that does not exist holds none.
pub fn sources_below(folder: &Path, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.expect("an entry of the folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .and_then(|ending| ending.to_str())
                .is_some_and(|ending| endings.contains(&ending))
            {
                let source = std::fs::read_to_string(&path).expect("sources are UTF-8");
                found.push((path, source));
            }
        }
    }
    found
}
