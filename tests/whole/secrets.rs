//! No key is anywhere but in the keychain and on the wire.

use std::path::Path;

use juxta_tests::world::{DIALECTS, KEY, World, chat};
use juxta_wire::connection::KeySource;
use juxta_wire::endpoint::Dialect;
use juxta_wire::run::CellState;

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// Every file under `folder` that holds `needle`, as bytes or as UTF-16.
fn holding(folder: &Path, needle: &str) -> Vec<std::path::PathBuf> {
    let wide: Vec<u8> = needle.encode_utf16().flat_map(u16::to_le_bytes).collect();
    files(folder)
        .into_iter()
        .filter(|path| {
            let bytes = std::fs::read(path).expect("a file of ours");
            [needle.as_bytes(), &wide].iter().any(|needle| memchr_find(&bytes, needle))
        })
        .collect()
}

fn memchr_find(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_and_no_report_holds_the_key_after_good_and_bad_runs() {
    let world = World::start().await;
    let mut exported = String::new();
    for dialect in DIALECTS {
        let prefix = if dialect == Dialect::OpenAi { "/oai" } else { "" };
        let connection = world.connect("Own", dialect, &format!("http://{}{prefix}", world.sandbox.address()));
        for (scenario, model) in
            [(None, "sandbox/short"), (Some("status-401"), "sandbox/short"), (None, "no such model")]
        {
            let mut faults = world.sandbox.faults();
            faults.scenario = scenario.map(str::to_owned);
            world.sandbox.set_faults(faults);
            let cells = world.run(chat(&connection.id, model, &[("stream", "true")])).await;
            let cell = &cells[0];
            if scenario.is_none() && model == "sandbox/short" {
                assert_eq!(cell.state, CellState::Finished, "{dialect:?}: the key was sent: {:?}", cell.error);
            }
            // What the command line writes, what the window gets, and what a person copies.
            exported.push_str(&serde_json::to_string(cell).expect("a line of JSON"));
            exported.push_str(&format!("{:?}", world.engine.exchange(&cell.id).expect("an exchange")));
            for with_content in [false, true] {
                exported.push_str(&world.engine.error_report(&cell.id, &[], with_content).expect("a report"));
            }
        }
        let test = world.engine.test_connection(connection).await.expect("a test");
        exported.push_str(&format!("{test:?}"));
    }
    exported.push_str(&serde_json::to_string(&world.engine.connections().expect("connections")).expect("JSON"));
    assert!(exported.contains(&KEY[KEY.len() - 4..]), "the last four characters are shown");
    assert!(!exported.contains(KEY), "a key was shown");
    assert!(!exported.contains(&KEY[..16]), "half a key was shown");
    assert_eq!(holding(world.folder(), KEY), Vec::<std::path::PathBuf>::new());
    world.engine.shut_down().await;
    assert_eq!(holding(world.folder(), KEY), Vec::<std::path::PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_stays_with_the_origin_it_was_entered_for() {
    let world = World::start().await;
    let mut connection = world.connect("Own", Dialect::ScaleV5, &format!("http://{}", world.sandbox.address()));
    connection.base_url = format!("http://{}", world.sandbox.elsewhere());
    let moved = world.engine.save_connection(connection).expect("a saved connection");
    let sources: Vec<_> =
        moved.headers.iter().filter_map(|header| header.secret.as_ref()).map(|secret| &secret.source).collect();
    assert!(sources.iter().all(|source| **source == KeySource::Absent), "{sources:?}");
    world.run(chat(&moved.id, "sandbox/short", &[])).await;
    let captured = world.sandbox.captures();
    let request = captured.last().expect("a capture");
    assert_eq!(request.received_on, world.sandbox.elsewhere());
    assert_eq!(request.header("x-api-key"), None, "the old key must not follow the connection to a new host");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_to_another_origin_takes_no_key_along() {
    let world = World::start().await;
    let mut faults = world.sandbox.faults();
    faults.scenario = Some("redirect".to_owned());
    world.sandbox.set_faults(faults);
    for dialect in DIALECTS {
        let prefix = if dialect == Dialect::OpenAi { "/oai" } else { "" };
        let connection = world.connect("Own", dialect, &format!("http://{}{prefix}", world.sandbox.address()));
        world.run(chat(&connection.id, "sandbox/short", &[("stream", "true")])).await;
        let captured = world.sandbox.captures();
        let last = captured.last().expect("a capture");
        assert_eq!(last.received_on, world.sandbox.elsewhere(), "{dialect:?}: the redirect was followed");
        assert!(
            last.headers.iter().all(|(_, value)| !memchr_find(value, KEY.as_bytes())),
            "{dialect:?}: a key travelled to another origin"
        );
    }
}
