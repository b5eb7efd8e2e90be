//! A key goes in, and only its last four characters ever come out.

use std::net::SocketAddr;

use juxta_tests::tee::TeeProxy;
use juxta_tests::window::{App, Home, Outcome, eventually};
use serde_json::json;

use crate::person::first_start;

/// Made of words, so that a search for it finds no accident.
const KEY: &str = "sk-test-marble-orchard-lantern-7f3q";
/// Parts of it, in case something cuts it or spells it in another way.
const TRACES: &[&str] = &["marble-orchard", "lantern-7f3", "marble%2Dorchard"];

#[tokio::test]
async fn after_a_key_was_typed_only_its_last_four_characters_are_anywhere() -> Outcome<()> {
    let (_screen, home, app) = first_start().await?;
    let sandbox = app.invoke("sandbox", json!({})).await?["address"].as_str().unwrap_or_default().to_owned();
    let server: SocketAddr = sandbox.trim_start_matches("http://").parse()?;
    let tee = TeeProxy::start(server)?;

    app.find("region", "Add a connection").await?.find("button", "Add connection").await?.click().await?;
    app.find("region", "Connection without a name").await?;
    app.find("textbox", "Name").await?.replace_text("Through a witness").await?;
    app.find("textbox", "Base URL").await?.replace_text(&format!("{}/v1", tee.origin())).await?;
    type_the_key(&app).await?;
    app.click("button", "Store key").await?;
    app.find("button", "Replace key").await?;
    app.click("button", "Save").await?;
    app.click("button", "Test all").await?;
    eventually("the key travels to the server that it is for", || async {
        let sent: Vec<u8> = tee.connections().iter().flat_map(|connection| connection.sent()).collect();
        if holds(&sent, KEY) { Ok(()) } else { Err(String::from_utf8_lossy(&sent).into_owned().into()) }
    })
    .await?;
    // The server refuses a key that is not its own; the page has heard of it when it shows the status.
    eventually("the test has its result", || async {
        let words = app.find("region", "Tests").await?.text().await?;
        if words.contains("401") { Ok(()) } else { Err(words.into()) }
    })
    .await?;

    let markup = app.markup().await?;
    assert!(markup.contains("7f3q"), "the last four characters tell keys apart");
    let known = app.invoke("bootstrap", json!({})).await?.to_string();
    assert!(known.contains("Through a witness"), "the connection was saved");
    let fields = app.script(FIELDS, vec![]).await?.to_string();
    for (place, text) in [("the markup", &markup), ("what the app tells the page", &known), ("the fields", &fields)] {
        for trace in TRACES {
            assert!(!text.contains(trace), "{place} of the page hold {trace}");
        }
    }
    app.picture("connection-with-a-key").await?;
    nothing_on_disk(&home)?;
    app.close().await?;
    nothing_on_disk(&home)
}

/// Values of every field and everything the page keeps for itself.
const FIELDS: &str = "
return [...document.querySelectorAll('input, textarea')].map((field) => field.value)
  .concat(JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie, location.href);";

async fn type_the_key(app: &App) -> Outcome<()> {
    let field = app.find("textbox", "Key").await?;
    field.replace_text(KEY).await?;
    assert_eq!(field.attribute("type").await?.as_deref(), Some("password"), "the key is not shown while it is typed");
    Ok(())
}

fn nothing_on_disk(home: &Home) -> Outcome<()> {
    assert!(!home.files_with(b"Through a witness")?.is_empty(), "the connection is on disk, so the search would find");
    for trace in TRACES {
        let found = home.files_with(trace.as_bytes())?;
        assert!(found.is_empty(), "{trace} is in {found:?}");
    }
    Ok(())
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
