//! What is left when the app dies in the middle of an answer.

use std::time::Duration;

use juxta_tests::window::{App, Outcome, eventually};
use serde_json::json;

use crate::person::{answer, choose_model, first_start, recent_runs, try_the_sandbox, until, until_it_says};

/// What may be lost is what arrived in the last second. This waits longer, so that a slow machine is no excuse.
const KEPT_AFTER: Duration = Duration::from_secs(4);

const TYPED: &str = " And why is it red in the evening?";

#[tokio::test]
async fn after_a_kill_the_run_is_interrupted_and_nothing_that_was_seen_is_lost() -> Outcome<()> {
    let (screen, home, app) = first_start().await?;
    try_the_sandbox(&app).await?;
    choose_model(&app, 'A', "sandbox/rate-20x2000").await?;
    app.press("Ctrl+Enter").await?;
    let seen = until_it_says(&app, 'A', 60).await?;
    let message = app.find("textbox", "User message").await?;
    message.type_text(TYPED).await?;
    let draft = message.value().await?;
    assert!(draft.ends_with(TYPED), "{draft}");
    tokio::time::sleep(KEPT_AFTER).await;
    app.kill().await?;

    let app = App::start(&screen, &home).await?;
    let message = app.find("textbox", "User message").await?;
    eventually("the draft that was being typed", || async {
        let value = message.value().await?;
        if value == draft { Ok(()) } else { Err(value.into()) }
    })
    .await?;
    let runs = recent_runs(&app).await?;
    assert_eq!(runs.len(), 1);
    runs[0].1.click().await?;
    until(&app, &[('A', "interrupted")]).await?;
    eventually("what had been on screen is there again", || async {
        let kept = answer(&app, 'A').await?;
        let is_whole = kept.starts_with(seen.trim_end()) && kept.contains("Juxta was closed while this ran.");
        if is_whole { Ok(()) } else { Err(format!("{kept:?} instead of {seen:?}").into()) }
    })
    .await?;
    app.picture("compare-interrupted").await?;

    // The record says the same as the screen.
    let listed = app.invoke("list_runs", json!({ "limit": 1, "before": null })).await?;
    let run = app.invoke("open_run", json!({ "id": listed[0]["id"] })).await?;
    let cell = run["cells"]
        .as_array()
        .and_then(|cells| cells.iter().find(|cell| cell["laneIndex"] == 0))
        .ok_or("no cell of lane A")?;
    assert_eq!(cell["state"]["kind"], "interrupted");
    assert_eq!(listed[0]["live"], false, "nothing runs after a restart");
    Ok(())
}
