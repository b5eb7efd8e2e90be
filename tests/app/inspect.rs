//! From a first start to a call inspected, replayed, taken out, found again and brought back, without a pointer.

use juxta_tests::window::{App, Home, Outcome, eventually};

use serde_json::json;

use crate::person::{answer, command, first_start, focused, until};

#[tokio::test]
async fn a_call_is_inspected_replayed_taken_out_and_brought_back_by_keyboard_alone() -> Outcome<()> {
    let (_screen, home, app) = first_start().await?;
    app.find("region", "Try the sandbox").await?;
    command(&app, "Try the sandbox").await?;
    app.find("region", "Lane A").await?;
    app.press("Ctrl+Enter").await?;
    until(&app, &[('A', "finished"), ('B', "finished"), ('C', "finished")]).await?;
    let recorded = app.invoke("list_runs", json!({ "limit": 1, "before": null })).await?;

    inspect(&app).await?;
    replay(&app).await?;
    take_out(&app, &home).await?;
    find_again(&app).await?;
    bring_in(&app).await?;
    let now = app.invoke("list_runs", json!({ "limit": 10, "before": null })).await?;
    assert_eq!(now, recorded, "one run was sent, and what was recorded of it is as it was");
    Ok(())
}

/// Waits until an element says all of these.
async fn says(app: &App, role: &str, name: &str, words: &[&str]) -> Outcome<()> {
    eventually(&format!("{name} says {words:?}"), || async {
        let text = app.find(role, name).await?.text().await?;
        match words.iter().find(|word| !text.contains(**word)) {
            None => Ok(()),
            Some(missing) => Err(format!("{missing:?} is not in {text:?}").into()),
        }
    })
    .await
}

async fn inspect(app: &App) -> Outcome<()> {
    app.press("Ctrl+J").await?;
    let inspector = app.find("region", "Inspector").await?;
    focused(&inspector, "the inspector").await?;
    app.press("Ctrl+Alt+1").await?;
    says(app, "region", "Request as sent", &["POST", "content-type", "\"messages\""]).await?;
    says(app, "grid", "Keys sent", &["model", "stream"]).await?;
    app.picture("inspector-request").await?;
    app.press("Ctrl+Alt+2").await?;
    says(app, "region", "Inspector", &["200", "text/event-stream", "data:"]).await?;
    app.picture("inspector-response").await?;

    app.press("Ctrl+Alt+3").await?;
    let events = app.find("grid", "Events").await?;
    eventually("rows of events", || async {
        let rows = events.all("row").await?.len();
        if rows > 10 { Ok(()) } else { Err(format!("{rows} rows").into()) }
    })
    .await?;
    app.press("Alt+Right").await?;
    let first = selected_event(app).await?;
    app.press("Alt+Right").await?;
    eventually("the next event is shown", || async {
        let now = selected_event(app).await?;
        if now == first + 1 { Ok(()) } else { Err(format!("event {now} after {first}").into()) }
    })
    .await?;
    says(app, "region", &format!("Event {}", first + 1), &["\"choices\""]).await?;
    app.picture("inspector-events").await?;

    app.press("Ctrl+Alt+4").await?;
    says(app, "table", "Phases of the request", &["Wait", "Receive", "ms"]).await?;
    says(app, "table", "All lanes on one scale", &["A", "B", "C"]).await?;
    app.picture("inspector-timing").await?;
    app.press("Ctrl+Alt+5").await?;
    says(app, "region", "Inspector", &["logprobs"]).await?;
    app.press("Ctrl+Alt+6").await?;
    says(app, "tabpanel", "curl", &["curl", "SANDBOX"]).await?;
    app.picture("inspector-code").await
}

/// The number of the event that the detail shows.
async fn selected_event(app: &App) -> Outcome<u32> {
    eventually("the detail of an event", || async {
        let regions = app.find("region", "Inspector").await?.all("region").await?;
        let number = regions.iter().find_map(|(name, _)| name.strip_prefix("Event ")?.parse().ok());
        number.ok_or("no event is shown".into())
    })
    .await
}

async fn replay(app: &App) -> Outcome<()> {
    // What an answer ends with is drawn when it is whole, and not before.
    const END: &str = "watch where the two differ.";
    command(app, "Replay current lane step by step").await?;
    app.find("group", "Replay of lane A").await?;
    eventually("the answer begins anew", || async {
        let text = answer(app, 'A').await?;
        if text.contains(END) { Err(text.into()) } else { Ok(()) }
    })
    .await?;
    // What live lanes are stopped with plays a replay to its end.
    app.press("Esc").await?;
    until(app, &[('A', "finished")]).await?;
    eventually("the answer is whole again", || async {
        let text = answer(app, 'A').await?;
        if text.contains(END) { Ok(()) } else { Err(text.into()) }
    })
    .await
}

async fn take_out(app: &App, home: &Home) -> Outcome<()> {
    command(app, "Export this run as HAR").await?;
    let file = eventually("a HAR file in the home folder", || async {
        let files = home.files()?;
        files.into_iter().find(|file| file.extension().is_some_and(|end| end == "har")).ok_or("none yet".into())
    })
    .await?;
    let har: serde_json::Value = serde_json::from_slice(&std::fs::read(file)?)?;
    assert_eq!(har["log"]["version"], "1.2");
    assert_eq!(har["log"]["entries"].as_array().map(Vec::len), Some(3), "a call for each lane");
    Ok(())
}

async fn find_again(app: &App) -> Outcome<()> {
    app.press("Ctrl+Shift+F").await?;
    let field = app.find("combobox", "Search runs").await?;
    focused(&field, "the search").await?;
    app.type_text("connection:Sandbox status:finished").await?;
    says(app, "grid", "Runs", &["sandbox/steady"]).await?;
    app.press("Ctrl+F").await?;
    let find = app.find("searchbox", "Find").await?;
    focused(&find, "the field to find with").await?;
    app.type_text("SKY is").await?;
    says(app, "search", "Find in the preview", &["1 of 1"]).await?;
    app.picture("history").await?;
    app.press("Esc").await?;
    command(app, "Save this search").await?;
    app.find("complementary", "Filters").await?.find("button", "connection:Sandbox status:finished").await?;
    // Closes the list of completions; what is chosen in the grid is restored from anywhere on the page.
    command(app, "Restore the chosen run").await?;
    until(app, &[('A', "finished"), ('B', "finished"), ('C', "finished")]).await
}

async fn bring_in(app: &App) -> Outcome<()> {
    command(app, "Import a file or paste").await?;
    let field = app.find("textbox", "Text to import").await?;
    focused(&field, "the text to import").await?;
    let curl = r#"curl https://api.example.com/v1/chat/completions -d '{"model":"brought-in","messages":[{"role":"user","content":"Grüße"}],"seed":1e2}'"#;
    app.type_text(curl).await?;
    app.press("Ctrl+Enter").await?;
    eventually("the command opened as a draft", || async {
        let buttons = app.find("region", "Lane A").await?.all("button").await?;
        let names: Vec<_> = buttons.iter().map(|(name, _)| name.as_str()).collect();
        if names.contains(&"brought-in, model of lane A") { Ok(()) } else { Err(format!("{names:?}").into()) }
    })
    .await
}
