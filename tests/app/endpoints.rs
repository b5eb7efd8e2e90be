//! Lanes of other endpoints than chat, without a pointer: what is carried over, what is sent, what comes back, and how a
//! response is gone on from.

use juxta_tests::window::{App, Found, Outcome, eventually};
use serde_json::{Value, json};

use crate::person::{answer, command, first_start, focused, lane, log, recorded_body, says, until, walk_to};

#[tokio::test]
async fn endpoints_are_chosen_sent_and_gone_on_from_by_keyboard_alone() -> Outcome<()> {
    let (_screen, _home, app) = first_start().await?;
    app.find("region", "Try the sandbox").await?;
    command(&app, "Try the sandbox").await?;
    app.find("region", "Lane A").await?;
    choose_responses(&app).await?;
    choose_generic(&app).await?;
    read_what_is_carried_over(&app, 'B').await?;
    read_what_is_carried_over(&app, 'C').await?;
    let previewed = preview(&app).await?;

    app.press("Ctrl+Enter").await?;
    until(&app, &[('A', "finished"), ('B', "finished"), ('C', "finished")]).await?;
    read_answers(&app).await?;
    let sent = last_run(&app).await?;
    for (lane, shown) in [(1, &previewed[0]), (2, &previewed[1])] {
        let recorded = recorded_body(&app, &cell_of(&sent, lane)?["id"]).await?;
        assert!(!recorded.is_empty() && shown.ends_with(&recorded), "{recorded} was sent, and this shown: {shown}");
    }
    go_on(&app, cell_of(&sent, 1)?).await
}

/// Lane B, which is of Scale v5, asks for a response of a model that answers with items.
pub async fn choose_responses(app: &App) -> Outcome<()> {
    app.press("Ctrl+2").await?;
    app.press("Ctrl+L").await?;
    let dialog = app.find("dialog", "Model of lane B").await?;
    let model = dialog.find("combobox", "Model").await?;
    focused(&model, "the field of the model").await?;
    let endpoint = dialog.find("radiogroup", "Endpoint").await?;
    walk_to(app, "Shift+Tab", &endpoint).await?;
    app.press("Right").await?;
    focused(&endpoint.find("radio", "Responses").await?, "the endpoint").await?;
    walk_to(app, "Tab", &model).await?;
    take(app, "sandbox/items-media").await?;
    lane(app, 'B').await?.find("button", "sandbox/items-media, model of lane B").await?;
    says(&lane(app, 'B').await?, &["Sandbox as Scale v5 / responses"]).await
}

/// Lane C gets another connection first: its own has no generic inference.
pub async fn choose_generic(app: &App) -> Outcome<()> {
    app.press("Ctrl+3").await?;
    app.press("Ctrl+L").await?;
    let dialog = app.find("dialog", "Model of lane C").await?;
    let model = dialog.find("combobox", "Model").await?;
    focused(&model, "the field of the model").await?;
    let connection = dialog.find("combobox", "Connection").await?;
    walk_to(app, "Shift+Tab", &connection).await?;
    app.press("Up").await?;
    let endpoint = dialog.find("radiogroup", "Endpoint").await?;
    let generic = endpoint.find("radio", "Generic").await?;
    walk_to(app, "Tab", &endpoint).await?;
    walk_to(app, "Right", &generic).await?;
    walk_to(app, "Tab", &model).await?;
    take(app, "sandbox/value-object").await?;
    lane(app, 'C').await?.find("button", "sandbox/value-object, model of lane C").await?;
    says(&lane(app, 'C').await?, &["Sandbox as Scale v5 / generic"]).await
}

/// The list follows the typing; Enter takes its first row.
async fn take(app: &App, model: &str) -> Outcome<()> {
    app.type_text(model).await?;
    eventually("the model is offered first", || async {
        match app.all("option").await?.first() {
            Some((name, _)) if name.split_whitespace().next() == Some(model) => Ok(()),
            other => Err(format!("{:?}", other.map(|(name, _)| name)).into()),
        }
    })
    .await?;
    app.press("Enter").await
}

/// The line under the head of the lane opens with Enter, and Esc leads back to it.
async fn read_what_is_carried_over(app: &App, letter: char) -> Outcome<()> {
    let note = open_what_is_carried_over(app, letter).await?;
    let notes = app.find("dialog", &format!("What lane {letter} says differently")).await?;
    says(&notes.find("list", "Carried over").await?, &["messages", "becomes"]).await?;
    focused(&notes, "the notes").await?;
    app.picture(&format!("carried-{}", letter.to_ascii_lowercase())).await?;
    app.press("Esc").await?;
    focused(&note, "the line that opened them").await
}

pub async fn open_what_is_carried_over(app: &App, letter: char) -> Outcome<Found> {
    app.press(&format!("Ctrl+{}", u32::from(letter) - u32::from('A') + 1)).await?;
    focused(&log(app, letter).await?, "the lane").await?;
    let (_, note) = eventually("the note of what is carried over", || async {
        let buttons = lane(app, letter).await?.all("button").await?;
        let names: Vec<_> = buttons.iter().map(|(name, _)| name.clone()).collect();
        let is_note = |name: &str| name.ends_with("said differently") || name.ends_with("not carried over");
        buttons.into_iter().find(|(name, _)| is_note(name)).ok_or(format!("only {names:?}").into())
    })
    .await?;
    walk_to(app, "Shift+Tab", &note).await?;
    app.press("Enter").await?;
    Ok(note)
}

/// What the lanes B and C say that they will send, to the byte.
async fn preview(app: &App) -> Outcome<[String; 2]> {
    command(app, "Show requests").await?;
    let mut shown = [String::new(), String::new()];
    for (key, letter, text) in [("Ctrl+2", 'B', 0), ("Ctrl+3", 'C', 1)] {
        app.press(key).await?;
        let request = app.find("group", &format!("Request preview, lane {letter}")).await?;
        focused(&request, "the request").await?;
        let form = lane(app, letter).await?.find("radiogroup", "Body view").await?;
        walk_to(app, "Shift+Tab", &form).await?;
        app.press("Right").await?;
        shown[text] = eventually("the exact body", || async {
            let text = request.text().await?;
            // The pretty form has a line for each member.
            if text.trim_end().ends_with('}') && !text.contains("\n  \"") { Ok(text) } else { Err(text.into()) }
        })
        .await?;
    }
    app.picture("endpoints-requests").await?;
    command(app, "Show answers").await?;
    Ok(shown)
}

async fn read_answers(app: &App) -> Outcome<()> {
    let items = log(app, 'B').await?;
    let cards: Vec<_> = items.all("group").await?.into_iter().map(|(name, _)| name).collect();
    for card in ["Image", "Code interpreter", "Computer use"] {
        assert!(cards.iter().any(|name| name == card), "{card} is not among {cards:?}");
    }
    let value = log(app, 'C').await?;
    says(&value.find("group", "Value").await?, &["caption", "A lighthouse at dusk – “flat colours”", "0.98"]).await?;
    app.picture("endpoints-answers").await
}

/// The next message of lane B goes to the server with the id of its response instead of what was said before.
async fn go_on(app: &App, before: &Value) -> Outcome<()> {
    let id = before["outcome"]["responseId"].as_str().ok_or("a response without an id")?;
    app.press("Ctrl+2").await?;
    command(app, "Continue from this response").await?;
    let message = app.find("textbox", "User message 2").await?;
    focused(&message, "the new message").await?;
    assert_eq!(message.value().await?, "");
    app.type_text("And “again”?").await?;
    app.press("Ctrl+Shift+Enter").await?;
    let start: String = id.chars().take(8).collect();
    // Each call has a log of its own, so it is looked for anew.
    eventually("the answer names what it continues", || async {
        let text = answer(app, 'B').await?;
        if text.contains(&format!("Continues {start}")) { Ok(()) } else { Err(text.into()) }
    })
    .await?;
    until(app, &[('B', "finished")]).await?;
    app.picture("endpoints-continued").await?;
    let run = last_run(app).await?;
    let body: Value = serde_json::from_str(&recorded_body(app, &cell_of(&run, 1)?["id"]).await?)?;
    assert_eq!(body["previous_response_id"], id);
    let input = body["input"].to_string();
    assert!(input.contains("And “again”?") && input.matches("\"role\"").count() <= 1, "only what is new: {input}");
    Ok(())
}

async fn last_run(app: &App) -> Outcome<Value> {
    let listed = app.invoke("list_runs", json!({ "limit": 1, "before": null })).await?;
    app.invoke("open_run", json!({ "id": listed[0]["id"] })).await
}

fn cell_of(run: &Value, lane: u64) -> Outcome<&Value> {
    let cells = run["cells"].as_array().ok_or("a run without cells")?;
    cells.iter().find(|cell| cell["laneIndex"] == lane).ok_or(format!("no call of lane {lane}").into())
}
