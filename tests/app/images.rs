//! A grid of pictures in the real window, by keys: made over a variable and a parameter, held against each other, saved as
//! pictures that have their request inside, and brought back from one of them.

use std::fs;

use juxta_tests::window::{App, Found, Home, Outcome, eventually};
use serde_json::json;

use crate::looks::look_in_both_themes;
use crate::person::{command, first_start, focused, pick_model, recorded_body, says, walk_to};

const PROMPT: &str = "A “low” cliff in {{weather}} weather, \\ no text";

#[tokio::test]
async fn a_grid_of_pictures_is_made_compared_saved_and_brought_back() -> Outcome<()> {
    let (_screen, home, app) = first_start().await?;
    app.find("region", "Try the sandbox").await?;
    command(&app, "Open Images").await?;
    app.find("main", "Images").await?;
    app.find("textbox", "Prompt").await?.replace_text(PROMPT).await?;
    choose_model(&app, "sandbox/draw").await?;
    vary(&app, "Columns", "{{weather}}", "calm\nstorm").await?;
    vary(&app, "Rows", "quality", "standard\nhd").await?;
    app.press("Ctrl+Enter").await?;
    says(&app.find("main", "Images").await?, &["4 of 4 done"]).await?;
    bodies_are_the_grid(&app).await?;

    let tiles = tiles(&app).await?;
    walk_to(&app, "Tab", &tiles[0].1).await?;
    app.press("a").await?;
    for key in ["Right", "Down"] {
        app.press(key).await?;
    }
    focused(&tiles[3].1, "the last picture").await?;
    app.press("b").await?;
    let pane = app.find("region", "A and B").await?;
    says(&pane, &["quality, {{weather}}", "Pixels that differ", " %", "Prompt as the server rewrote it, B"]).await?;
    let divider = pane.find("slider", "Divider").await?;
    walk_to(&app, "Tab", &divider).await?;
    app.press("Left").await?;
    assert_eq!(divider.attribute("aria-valuenow").await?.as_deref(), Some("49"));
    walk_to(&app, "Shift+Tab", &tiles[3].1).await?;
    app.press("i").await?;
    says(&app.find("region", "Inspector").await?, &["revised_prompt"]).await?;
    app.press("Ctrl+J").await?;

    command(&app, "Save the picture as PNG").await?;
    let saved = file_that_ends(&home, "storm-hd.png").await?;
    command(&app, "Save a contact sheet").await?;
    let sheet = file_that_ends(&home, "contact-sheet.png").await?;
    look_in_both_themes(&app, "images").await?;
    restore(&app, &saved).await?;
    assert!(app.has("button", "quality: hd").await?, "the parameter is back");
    app.find("button", "Columns: none").await?;
    restore(&app, &sheet).await?;
    app.find("button", "Columns: {{weather}}, 2 values").await?;
    app.find("button", "Rows: quality, 2 values").await.map(drop)
}

async fn choose_model(app: &App, model: &str) -> Outcome<()> {
    app.press("Ctrl+L").await?;
    pick_model(app, 'A', model).await?;
    app.find("button", &format!("Model: {model}")).await.map(drop)
}

async fn vary(app: &App, axis: &str, subject: &str, values: &str) -> Outcome<()> {
    let button = app.find("button", &format!("{axis}: none")).await?;
    walk_to(app, "Tab", &button).await?;
    app.press("Enter").await?;
    let choice = app.find("combobox", &format!("{axis} vary")).await?;
    if !choice.has_focus().await? {
        walk_to(app, "Tab", &choice).await?;
    }
    // Typing finds an entry of a closed list.
    app.type_text(subject).await?;
    app.find("textbox", "Values, one on each line").await?.replace_text(values).await?;
    app.press("Esc").await?;
    app.find("button", &format!("{axis}: {subject}, 2 values")).await.map(drop)
}

async fn tiles(app: &App) -> Outcome<Vec<(String, Found)>> {
    let tiles = app.find("listbox", "Image grid").await?.all("option").await?;
    let names: Vec<&str> = tiles.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["calm, standard", "storm, standard", "calm, hd", "storm, hd"]);
    Ok(tiles)
}

/// What went over the wire is the prompt with its variable filled in, and the parameter of the row.
async fn bodies_are_the_grid(app: &App) -> Outcome<()> {
    let runs = app.invoke("list_runs", json!({ "limit": 1, "before": null })).await?;
    let run = app.invoke("open_run", json!({ "id": runs[0]["id"] })).await?;
    let mut cells = run["cells"].as_array().ok_or("a run has cells")?.clone();
    cells.sort_by_key(|cell| cell["laneIndex"].as_u64());
    let mut sent = Vec::new();
    for cell in &cells {
        let body: serde_json::Value = serde_json::from_str(&recorded_body(app, &cell["id"]).await?)?;
        sent.push((body["prompt"].as_str().unwrap_or_default().to_owned(), body["quality"].clone()));
    }
    let wanted = [("calm", "standard"), ("storm", "standard"), ("calm", "hd"), ("storm", "hd")]
        .map(|(weather, quality)| (PROMPT.replace("{{weather}}", weather), json!(quality)));
    assert_eq!(sent, wanted);
    Ok(())
}

async fn file_that_ends(home: &Home, ending: &str) -> Outcome<Vec<u8>> {
    let path = eventually(&format!("a file whose name ends with {ending}"), || async {
        let mut files = home.files()?.into_iter();
        files.find(|file| file.to_string_lossy().ends_with(ending)).ok_or("there is none".into())
    })
    .await?;
    Ok(fs::read(path)?)
}

/// Lets a picture fall on a window that shows a document without anything in it.
async fn restore(app: &App, picture: &[u8]) -> Outcome<()> {
    const DROP: &str = "
        const bytes = Uint8Array.from(arguments[0]);
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([bytes], 'saved.png', { type: 'image/png' }));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));";
    command(app, "New image prompt").await?;
    let prompt = app.find("textbox", "Prompt").await?;
    eventually("the prompt is empty", || async {
        let value = prompt.value().await?;
        if value.is_empty() { Ok(()) } else { Err(value.into()) }
    })
    .await?;
    app.script(DROP, vec![json!(picture)]).await?;
    eventually("the prompt is back", || async {
        let value = app.find("textbox", "Prompt").await?.value().await?;
        if value == PROMPT { Ok(()) } else { Err(value.into()) }
    })
    .await?;
    app.find("button", "Model: sandbox/draw").await.map(drop)
}
