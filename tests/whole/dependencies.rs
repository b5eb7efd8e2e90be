//! Each dependency of a manifest is used by the sources beside it. What is not used costs everybody who builds.
//!
//! A look at the text is enough here and takes no time: it knows nothing of macros that expand to another crate's
//! paths, and has no need to.

use juxta_tests::workspace::{Package, packages, sources_below};

/// Dependencies that work by being there, with what they are there for.
const SILENT: &[(&str, &str, &str)] = &[];

/// Folders of a crate that hold Rust, so that the crates below `src-tauri` are not taken for its own.
const FOLDERS: &[&str] = &["src", "tests", "benches", "examples", "app", "numbers", "code", "har", "pace", "whole"];

#[test]
fn every_dependency_is_used() {
    let mut wrong = Vec::new();
    for (name, package) in packages() {
        let code = code_of(&package);
        for dependency in &package.dependencies {
            let is_silent = SILENT.iter().any(|(owner, silent, _)| *owner == name && *silent == dependency.name);
            match (names_crate(&code, &dependency.name.replace('-', "_")), is_silent) {
                (false, false) => wrong.push(format!("{name} does not use {}", dependency.name)),
                (true, true) => wrong.push(format!("{name} uses {} by now: take it off the list", dependency.name)),
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The code of a crate, without comments that stand on lines of their own.
fn code_of(package: &Package) -> String {
    let mut sources: Vec<String> = FOLDERS
        .iter()
        .flat_map(|folder| sources_below(&package.folder.join(folder), &["rs"]))
        .map(|(_, source)| source)
        .collect();
    sources.extend(std::fs::read_to_string(package.folder.join("build.rs")));
    let lines = sources.iter().flat_map(|source| source.lines());
    lines.filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect()
}

/// Whether a path starts with the crate, or a `use` brings in the crate itself.
fn names_crate(code: &str, ident: &str) -> bool {
    code.match_indices(ident).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + ident.len()..]);
        let is_word = |character: char| character.is_alphanumeric() || character == '_';
        // `crate::http::Client` names a module of ours, `::http::Method` the crate.
        let continues_a_path = before.strip_suffix("::").is_some_and(|path| path.ends_with(is_word));
        if before.ends_with(is_word) || before.ends_with('.') || continues_a_path {
            return false;
        }
        let is_imported = before.ends_with("use ") && (after.starts_with(';') || after.starts_with(" as "));
        is_imported || after.starts_with("::")
    })
}

#[test]
fn a_crate_is_told_from_words_that_look_like_it() {
    for (code, is_named) in [
        ("use http::Method;", true),
        ("#[http::test]", true),
        ("let x: ::http::Method;", true),
        ("use http as wire;", true),
        ("use http;", true),
        ("use crate::http::Client;", false),
        ("let http = 1;", false),
        ("my_http::call()", false),
        ("self.http::<T>()", false),
    ] {
        assert_eq!(names_crate(code, "http"), is_named, "{code}");
    }
}
