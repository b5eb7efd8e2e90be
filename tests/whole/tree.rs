//! What a clean clone must be: nothing in it points at the machine that it was written on, and its scripts parse.

use std::path::{Path, PathBuf};
use std::process::Command;

use juxta_tests::workspace::root;

/// Every file that is or could be committed. `None` where the sources came without git, as a source archive does.
fn tree() -> Option<Vec<PathBuf>> {
    if !root().join(".git").exists() {
        return None;
    }
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git answers");
    assert!(output.status.success(), "git ls-files: {}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).expect("names are UTF-8");
    // A file that was deleted and not yet committed is still listed.
    Some(names.split_terminator('\0').map(PathBuf::from).filter(|name| root().join(name).is_file()).collect())
}

/// Lock files name where packages come from; that is their work.
fn is_lock(name: &Path) -> bool {
    ["Cargo.lock", "package-lock.json"].iter().any(|lock| name.ends_with(lock))
}

/// Folders of a person's or a build machine's own, as they would stand in a committed file.
fn machine_folders() -> Vec<String> {
    // Put together here, or this file would find itself.
    ["work", "root", "home", "Users", "farm"].iter().map(|name| format!("/{name}/")).collect()
}

/// Hosts of package registries and their mirrors.
fn registry_hosts() -> Vec<String> {
    [("registry.npmjs", "org"), ("static.crates", "io"), ("index.crates", "io"), ("files.pythonhosted", "org")]
        .iter()
        .map(|(host, end)| format!("{host}.{end}"))
        .collect()
}

/// Whether `text` names the folder from the root of a file system, rather than as a part of a longer path or address.
fn names_folder(text: &str, folder: &str) -> bool {
    text.match_indices(folder).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        !before.is_some_and(|character| character.is_alphanumeric() || "._-*/~{}$)]".contains(character))
    })
}

#[test]
fn no_committed_file_names_a_folder_of_the_machine_it_was_written_on() {
    let Some(tree) = tree() else { return };
    for name in tree.iter().filter(|name| !is_lock(name)) {
        // Pictures and fonts are no text, and are not read as such.
        let Ok(text) = std::fs::read_to_string(root().join(name)) else { continue };
        for folder in machine_folders() {
            assert!(!names_folder(&text, &folder), "{} names {folder}", name.display());
        }
    }
}

#[test]
fn no_committed_file_names_a_package_registry() {
    let Some(tree) = tree() else { return };
    for name in tree.iter().filter(|name| !is_lock(name)) {
        let Ok(text) = std::fs::read_to_string(root().join(name)) else { continue };
        for host in registry_hosts() {
            assert!(!text.contains(&host), "{} names {host}", name.display());
        }
    }
}

#[test]
fn a_folder_is_told_from_a_part_of_a_path() {
    let cases = [("cd {}ada", true), ("\"{}ada\"", true), ("https://example.org{}ada", false), ("$base{}ada", false)];
    for (text, is_named) in cases {
        for folder in machine_folders() {
            assert_eq!(names_folder(&text.replace("{}", &folder), &folder), is_named, "{text} with {folder}");
        }
    }
}

#[cfg(unix)]
#[test]
fn every_shell_script_parses_and_can_be_started() {
    use std::os::unix::fs::PermissionsExt;

    let Some(tree) = tree() else { return };
    let mut scripts = 0;
    for name in tree {
        let path = root().join(&name);
        let bytes = std::fs::read(&path).expect("a file of the tree");
        if !bytes.starts_with(b"#!/usr/bin/env bash") && !bytes.starts_with(b"#!/bin/sh") {
            continue;
        }
        scripts += 1;
        let parsed = Command::new("bash").arg("-n").arg(&path).output().expect("bash answers");
        assert!(parsed.status.success(), "{}: {}", name.display(), String::from_utf8_lossy(&parsed.stderr));
        let mode = std::fs::metadata(&path).expect("a file of the tree").permissions().mode();
        assert!(mode & 0o111 != 0, "{} has no permission to be started", name.display());
    }
    assert!(scripts >= 4, "script/bootstrap, script/run, script/test and .ci/run are scripts; found {scripts}");
}
