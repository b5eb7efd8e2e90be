//! A body edited as JSON, and one edited before it is sent, without a pointer.

use juxta_tests::window::{App, Outcome, eventually};

use serde_json::json;

use crate::person::{command, first_start, focused, recorded_body, until};

#[tokio::test]
async fn a_body_is_edited_as_json_and_before_it_is_sent_by_keyboard_alone() -> Outcome<()> {
    let (_screen, _home, app) = first_start().await?;
    app.find("region", "Try the sandbox").await?;
    command(&app, "Try the sandbox").await?;
    app.find("region", "Lane A").await?;
    app.press("Ctrl+1").await?;

    edit_as_json(&app).await?;
    edit_before_sending(&app).await
}

/// A number whose spelling only the raw text knows goes through the tab JSON into the form.
async fn edit_as_json(app: &App) -> Outcome<()> {
    command(app, "Show messages or JSON").await?;
    let editor = app.find("textbox", "Request body of lane A").await?;
    focused(&editor, "the editor").await?;
    to_the_end_of_the_last_member(app).await?;
    app.type_text(r#", "trace": 1.50"#).await?;
    let panel = app.find("region", "Parameters of lane A").await?;
    eventually("the form has the key, spelt as it was typed", || async {
        let field = panel.find("group", "trace").await?.find("textbox", "trace").await?;
        match field.value().await?.as_str() {
            "1.50" => Ok(()),
            other => Err(format!("it has {other:?}").into()),
        }
    })
    .await?;
    app.picture("json").await?;
    app.press("Backspace").await?;
    app.press("Backspace").await?;
    eventually("a text that is no JSON is not applied", || async {
        let text = app.find("region", "Composer").await?.text().await?;
        if text.contains("Not applied") { Ok(()) } else { Err(text.into()) }
    })
    .await?;
    app.picture("json-error").await?;
    app.type_text("75").await?;
    let field = panel.find("group", "trace").await?.find("textbox", "trace").await?;
    eventually("the mended text is applied", || async {
        let value = field.value().await?;
        if value == "1.75" { Ok(()) } else { Err(value.into()) }
    })
    .await
}

/// Run stops at the lane; what is typed into the exact body goes out, and is what was recorded.
async fn edit_before_sending(app: &App) -> Outcome<()> {
    command(app, "Pause lane before sending, or not").await?;
    app.press("Ctrl+Shift+Enter").await?;
    app.find("dialog", "Body of lane A before it is sent").await?;
    let editor = app.find("textbox", "Exact body of lane A").await?;
    focused(&editor, "the editor").await?;
    let offered = editor.text().await?;
    assert!(offered.contains(r#""trace":1.75"#), "what would be sent is offered: {offered}");
    app.press("Ctrl+End").await?;
    app.press("Left").await?;
    app.type_text(r#" , "byte":1e-3"#).await?;
    app.picture("edit-before-sending").await?;
    app.press("Ctrl+Enter").await?;
    until(app, &[('A', "finished")]).await?;

    let run = app.invoke("list_runs", json!({ "limit": 1, "before": null })).await?[0]["id"].clone();
    let run = app.invoke("open_run", json!({ "id": run })).await?;
    let cells = run["cells"].as_array().cloned().unwrap_or_default();
    assert_eq!(cells.len(), 1, "one lane was run");
    let recorded = recorded_body(app, &cells[0]["id"]).await?;
    let edited = format!(r#"{} , "byte":1e-3}}"#, offered.strip_suffix('}').unwrap_or(&offered));
    assert_eq!(recorded, edited, "the recorded bytes are those of the editor");
    Ok(())
}

async fn to_the_end_of_the_last_member(app: &App) -> Outcome<()> {
    app.press("Ctrl+End").await?;
    app.press("Up").await?;
    app.press("End").await
}
