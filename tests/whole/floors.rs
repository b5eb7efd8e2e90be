//! The floors of the house, held by reading the manifests: an arrow only points down, and each outside library has the
//! one floor that names it. Where the plan changes, `src-tauri/ARCHITECTURE.md` and these tables change together.

use juxta_tests::workspace::{packages, root, sources_below};

/// Each crate of ours, with those it may name. Further down means further right.
const ARROWS: &[(&str, &[&str])] = &[
    ("juxta", &["juxta-engine", "juxta-sandbox", "juxta-media", "juxta-wire"]),
    ("juxta-cli", &["juxta-engine", "juxta-sandbox", "juxta-client", "juxta-store", "juxta-sse", "juxta-wire"]),
    (
        "juxta-engine",
        &["juxta-client", "juxta-store", "juxta-media", "juxta-vectors", "juxta-stats", "juxta-sse", "juxta-wire"],
    ),
    ("juxta-media", &["juxta-wire"]),
    ("juxta-store", &["juxta-wire"]),
    ("juxta-client", &["juxta-sse", "juxta-wire"]),
    // A double that shares the client's code would prove the client right about itself.
    ("juxta-sandbox", &["juxta-wire"]),
    ("juxta-vectors", &[]),
    ("juxta-stats", &[]),
    ("juxta-sse", &[]),
    ("juxta-wire", &[]),
    // Stands beside the house and may look into every floor.
    (
        "juxta-tests",
        &[
            "juxta",
            "juxta-cli",
            "juxta-engine",
            "juxta-store",
            "juxta-client",
            "juxta-sandbox",
            "juxta-media",
            "juxta-vectors",
            "juxta-stats",
            "juxta-sse",
            "juxta-wire",
        ],
    ),
];

/// Outside libraries that belong to a floor, by the start of their name, with the crates that may name them.
const OWNERS: &[(&str, &[&str])] = &[
    ("tauri", &["juxta"]),
    ("wry", &["juxta"]),
    ("tao", &["juxta"]),
    ("clap", &["juxta-cli"]),
    ("rusqlite", &["juxta-store"]),
    ("keyring", &["juxta-store"]),
    // Keys at rest, and what the desktop is told.
    ("zbus", &["juxta-store", "juxta"]),
    ("notify-rust", &["juxta"]),
    ("apple-native-keyring-store", &["juxta-store"]),
    ("windows-native-keyring-store", &["juxta-store"]),
    // The tests need a plain client for WebKitWebDriver, which belongs to nobody's floor.
    ("reqwest", &["juxta-client", "juxta-tests"]),
    ("rustls", &["juxta-client"]),
    ("jsonschema", &["juxta-client"]),
    ("rodio", &["juxta-media"]),
    ("rtrb", &["juxta-media"]),
    ("rubato", &["juxta-media"]),
    ("ebur128", &["juxta-media"]),
    // The sandbox hears what is sent to it, and draws.
    ("symphonia", &["juxta-media", "juxta-sandbox"]),
    ("ogg", &["juxta-media"]),
    ("opus-decoder", &["juxta-media"]),
    ("image", &["juxta-media", "juxta-sandbox"]),
    ("bhtsne", &["juxta-vectors"]),
    ("kodama", &["juxta-vectors"]),
    // The tests read back what was written.
    ("parquet", &["juxta-vectors", "juxta-tests"]),
    ("axum", &["juxta-sandbox"]),
    ("thirtyfour", &["juxta-tests"]),
];

/// What a crate of plain data or of pure functions cannot do its work with.
const IO: &[&str] = &["tokio", "hyper", "futures-util", "tempfile", "rusqlite", "reqwest", "axum"];
const PURE: &[&str] = &["juxta-wire", "juxta-sse", "juxta-vectors", "juxta-stats"];

/// How the sources of such a crate would reach the outside.
const IO_PATHS: &[&str] = &["std::fs", "std::net", "std::process", "std::env::var", "tokio::", "std::thread"];

fn allowed(name: &str) -> Option<&'static [&'static str]> {
    ARROWS.iter().find(|(known, _)| *known == name).map(|(_, below)| *below)
}

/// `tauri` also stands for `tauri-build` and every `tauri-plugin-…`.
fn belongs_to(family: &str, name: &str) -> bool {
    name == family || name.strip_prefix(family).is_some_and(|rest| rest.starts_with('-'))
}

#[test]
fn every_crate_of_the_workspace_has_a_floor() {
    let known: Vec<_> = ARROWS.iter().map(|(name, _)| *name).collect();
    let mut unknown: Vec<_> = packages().into_keys().collect();
    unknown.retain(|name| !known.contains(&name.as_str()));
    assert!(unknown.is_empty(), "say in ARROWS where these stand: {unknown:?}");
}

#[test]
fn arrows_between_our_crates_only_point_down() {
    for (name, package) in packages() {
        let below = allowed(&name).expect("it has a floor");
        for dependency in package.dependencies.iter().filter(|dependency| dependency.name.starts_with("juxta")) {
            // The sandbox is everybody's test double, and knows nobody.
            let is_double = dependency.is_for_tests && dependency.name == "juxta-sandbox";
            assert!(
                is_double || below.contains(&dependency.name.as_str()),
                "{name} names {}, which is not below it",
                dependency.name
            );
        }
    }
}

#[test]
fn the_table_of_arrows_has_no_circle() {
    let height = |name: &str| ARROWS.iter().position(|(known, _)| *known == name);
    for (name, below) in ARROWS.iter().filter(|(name, _)| *name != "juxta-tests") {
        for lower in *below {
            assert!(height(lower) > height(name), "{name} and {lower} stand the wrong way round in ARROWS");
        }
    }
}

#[test]
fn a_library_with_a_floor_is_named_on_that_floor_only() {
    for (name, package) in packages() {
        for dependency in &package.dependencies {
            for (family, owners) in OWNERS.iter().filter(|(family, _)| belongs_to(family, &dependency.name)) {
                // A test may bring a certificate or a server of its own; what ships may not.
                let is_test_only = dependency.is_for_tests && *family != "tauri";
                assert!(
                    is_test_only || owners.contains(&name.as_str()),
                    "{name} names {}, which belongs to {owners:?}",
                    dependency.name
                );
            }
        }
    }
}

#[test]
fn crates_of_plain_data_and_of_pure_functions_do_no_input_and_output() {
    let packages = packages();
    for name in PURE {
        for dependency in packages[*name].dependencies.iter().filter(|dependency| !dependency.is_for_tests) {
            assert!(!IO.contains(&dependency.name.as_str()), "{name} names {}", dependency.name);
        }
        let sources = sources_below(&packages[*name].folder.join("src"), &["rs"]);
        assert!(!sources.is_empty(), "{name} has no sources");
        for (path, source) in sources {
            let code = source.split("#[cfg(test)]").next().unwrap_or_default();
            for reach in IO_PATHS {
                assert!(!code.contains(reach), "{} reaches outside with {reach}", path.display());
            }
        }
    }
}

#[test]
fn only_the_platform_folder_of_the_page_knows_tauri() {
    let sources = sources_below(&root().join("ui/src"), &["ts", "svelte", "js"]);
    assert!(sources.len() > 50, "the page has lost its sources: {}", sources.len());
    for (path, source) in sources {
        if path.starts_with(root().join("ui/src/platform")) {
            continue;
        }
        for forbidden in ["@tauri-apps/", "__TAURI"] {
            assert!(!source.contains(forbidden), "{} names {forbidden}", path.display());
        }
    }
}
