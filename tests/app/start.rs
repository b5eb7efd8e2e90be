//! The first minute.

use juxta_tests::window::{App, Bus, Home, Outcome, Screen};

use crate::person::{answer, first_start, try_the_sandbox, until, until_it_says};

#[tokio::test]
async fn the_first_start_offers_three_ways_to_begin() -> Outcome<()> {
    let (_screen, _home, app) = first_start().await?;
    for card in ["Try the sandbox", "Add a connection", "Paste a curl command"] {
        app.find("region", card).await?;
    }
    for button in ["Try the sandbox", "Add connection", "Paste from clipboard"] {
        app.find("button", button).await?;
    }
    Ok(())
}

#[tokio::test]
async fn two_actions_reach_a_streamed_answer() -> Outcome<()> {
    let (_screen, _home, app) = first_start().await?;
    try_the_sandbox(&app).await?;
    app.press("Ctrl+Enter").await?;
    let early = until_it_says(&app, 'A', 40).await?;
    until(&app, &[('A', "finished")]).await?;
    let whole = answer(&app, 'A').await?;
    // Marks of an emphasis that is not closed yet are shown as they came.
    let early = early.split("**").next().unwrap_or_default();
    assert!(whole.starts_with(early.trim_end()), "text that was painted stays as it is:\n{early}\n---\n{whole}");
    assert!(whole.len() > early.len(), "the first text came before the last: the answer streamed");
    app.find("region", "Lane A")
        .await?
        .all("img")
        .await?
        .iter()
        .find(|(name, _)| name.contains(" events, first at "))
        .ok_or("the strip says when events came")?;
    Ok(())
}

/// A bus without a single service is what a bare desktop has. Some apps wait there for a portal that never comes.
#[tokio::test]
async fn the_window_opens_where_a_session_bus_offers_nothing() -> Outcome<()> {
    let screen = Screen::start()?;
    let home = Home::new()?;
    let bus = Bus::start(&home)?;
    let app = App::start_with(&screen, &home, &[("DBUS_SESSION_BUS_ADDRESS", bus.address())]).await?;
    app.find("region", "Try the sandbox").await.map(drop)
}
