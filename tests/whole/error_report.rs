//! What a person copies to show a failure to somebody else: enough to understand it, no key in any spelling, and nothing
//! that they wrote unless they choose so.

use juxta_tests::world::{DIALECTS, World, chat};
use juxta_wire::draft::Content;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::run::Cell;

/// A key of letters that are written differently in JSON, in an address and in a command.
const KEY: &str = r#"sk+/="lantern\orchard'&7f3q"#;
const PROMPT: &str = "Tell nobody: \"marble\\harbour\" ☀ & <more>";

/// The key as a text, an address, a form and an encoder spell it.
fn spellings() -> Vec<String> {
    let percent = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let address: String = url::form_urlencoded::byte_serialize(KEY.as_bytes()).collect();
    let quoted = serde_json::to_string(KEY).expect("a text is JSON");
    vec![KEY.to_owned(), quoted.trim_matches('"').to_owned(), address, percent(KEY)]
}

fn call(world: &World, dialect: Dialect, endpoint: EndpointKind, key: &str) -> juxta_wire::lane::Comparison {
    let prefix = if dialect == Dialect::OpenAi { "/oai" } else { "" };
    let own = world.connect("Own", dialect, &format!("http://{}{prefix}", world.sandbox.address()));
    let own = world.engine.store_key(own, "key", key).expect("a key");
    let mut made = chat(&own.id, "sandbox/short", &[("temperature", "2.5"), ("user", &format!("{PROMPT:?}"))]);
    made.lanes[0].endpoint = endpoint;
    let text = format!("{PROMPT} {}", spellings().join(" and "));
    made.draft.messages[0].content = Content::Text { text };
    made
}

async fn failed(world: &World, comparison: juxta_wire::lane::Comparison) -> Cell {
    let cell = world.run(comparison).await.remove(0);
    assert!(cell.error.is_some(), "{:?}", cell.state);
    cell
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_says_what_is_needed_and_holds_neither_key_nor_prompt() {
    let world = World::start().await;
    for dialect in DIALECTS {
        for endpoint in EndpointKind::OF_LANES.into_iter().filter(|endpoint| dialect.has(*endpoint)) {
            let what = format!("{dialect:?} {endpoint:?}");
            let cell = failed(&world, call(&world, dialect, endpoint, KEY)).await;
            let changed = ["temperature: 0.2 → 2.5".to_owned()];
            let short = world.engine.error_report(&cell.id, &changed, false).expect("a report");
            let long = world.engine.error_report(&cell.id, &changed, true).expect("a report");
            for report in [&short, &long] {
                for needed in [
                    concat!("Juxta ", env!("CARGO_PKG_VERSION")),
                    "sandbox/short",
                    "Base URL",
                    &world.sandbox.address().to_string(),
                    "Request id  req_",
                    "Status      401",
                    "Phases",
                    "HTTP/1.1 401",
                    "content-type: application/json",
                    "temperature: 0.2 → 2.5",
                ] {
                    assert!(report.contains(needed), "{what}: {needed:?} is not in\n{report}");
                }
                for spelling in spellings() {
                    assert!(!report.contains(&spelling), "{what}: {spelling} is in\n{report}");
                }
                assert!(!report.contains("lantern"), "{what}: a part of the key is in\n{report}");
            }
            assert!(!short.contains("marble"), "{what}:\n{short}");
            // Generic inference has no messages of its own.
            if endpoint != EndpointKind::Generic {
                assert!(long.contains("marble"), "{what}: what was sent is there when it is asked for\n{long}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_repeats_of_a_prompt_is_left_out_with_it() {
    let world = World::start().await;
    let mut comparison = call(&world, Dialect::ScaleV5, EndpointKind::Chat, juxta_tests::world::KEY);
    // FastAPI sends the whole input back where it does not fit.
    comparison.draft.parameters[0].json = format!("{PROMPT:?}");
    let cell = failed(&world, comparison).await;
    let short = world.engine.error_report(&cell.id, &[], false).expect("a report");
    let long = world.engine.error_report(&cell.id, &[], true).expect("a report");
    assert!(short.contains("body.temperature: Input should be a valid number"), "{short}");
    assert!(!short.contains("marble") && !short.contains("harbour"), "{short}");
    assert!(long.contains("marble"), "{long}");
    assert!(!long.contains(juxta_tests::world::KEY), "{long}");
}
