//! Prompts as files, without a pointer: a version is named, the file changes outside, both sides change, and what was
//! given up comes back.

use std::fs;
use std::path::{Path, PathBuf};

use juxta_tests::window::{App, Found, Home, Outcome, eventually};

use crate::person::{command, first_start, focused, says, walk_to};

const FROM_OUTSIDE: &str = "Erklär’s mir: “why” \\ 🌅";
const ALSO_FROM_OUTSIDE: &str = "Written in another program";
const HERE: &str = " And in the evening?";

#[tokio::test]
async fn a_prompt_is_a_file_that_both_sides_may_change() -> Outcome<()> {
    let (_screen, home, app) = first_start().await?;
    app.find("region", "Try the sandbox").await?;
    command(&app, "Try the sandbox").await?;
    let message = app.find("textbox", "User message").await?;
    let first = message.value().await?;
    name_a_version(&app).await?;
    let file = file_of_the_prompt(&home).await?;

    rewrite(&file, &first, FROM_OUTSIDE)?;
    command(&app, "Look for changes in the folder of the prompts").await?;
    holds(&app, FROM_OUTSIDE).await?;

    // The file first: what is typed after that would be written at once if nobody else had.
    rewrite(&file, FROM_OUTSIDE, ALSO_FROM_OUTSIDE)?;
    let mine = type_here(&app).await?;
    command(&app, "Look for changes in the folder of the prompts").await?;
    settle(&app, &file, &mine).await?;
    bring_back(&app, &file, &mine).await
}

pub async fn name_a_version(app: &App) -> Outcome<()> {
    app.press("Ctrl+S").await?;
    let dialog = app.find("dialog", "Versions of Three lanes in the sandbox").await?;
    focused(&dialog.find("textbox", "Name of this version").await?, "the name").await?;
    app.picture("versions-empty").await?;
    app.type_text("Först “as it was”").await?;
    app.press("Enter").await?;
    version(&dialog, "Först “as it was”").await?;
    app.press("Esc").await
}

/// The row of a version; its name goes on with the time.
async fn version(dialog: &Found, name: &str) -> Outcome<Found> {
    eventually(&format!("the version {name}"), || async {
        let rows = dialog.all("option").await?;
        let names: Vec<_> = rows.iter().map(|(name, _)| name.clone()).collect();
        rows.into_iter().find(|(row, _)| row.starts_with(name)).map(|(_, row)| row).ok_or(format!("{names:?}").into())
    })
    .await
}

/// Versions are in folders beside it.
pub async fn file_of_the_prompt(home: &Home) -> Outcome<PathBuf> {
    eventually("one file of a prompt", || async {
        let mut files = home.files()?;
        files.retain(|file| {
            let is_prompt = file.to_string_lossy().ends_with(".prompt.json");
            is_prompt && file.parent().is_some_and(|folder| folder.ends_with("prompts"))
        });
        if files.len() == 1 { Ok(files.remove(0)) } else { Err(format!("{files:?}").into()) }
    })
    .await
}

/// Changes a text in the file as another program would.
pub fn rewrite(file: &Path, from: &str, to: &str) -> Outcome<()> {
    let [from, to] = [from, to].map(|text| serde_json::Value::from(text).to_string());
    let text = fs::read_to_string(file)?;
    assert_eq!(text.matches(&from).count(), 1, "{from} is in {text}");
    Ok(fs::write(file, text.replace(&from, &to))?)
}

/// Waits until the message on screen is this.
async fn holds(app: &App, text: &str) -> Outcome<()> {
    eventually(&format!("the message {text:?}"), || async {
        let value = app.find("textbox", "User message").await?.value().await?;
        if value == text { Ok(()) } else { Err(value.into()) }
    })
    .await
}

async fn type_here(app: &App) -> Outcome<String> {
    let message = app.find("textbox", "User message").await?;
    app.press("Ctrl+Down").await?;
    focused(&message, "the message").await?;
    app.press("Ctrl+End").await?;
    app.type_text(HERE).await?;
    let mine = format!("{FROM_OUTSIDE}{HERE}");
    holds(app, &mine).await?;
    Ok(mine)
}

/// Nobody's text is written over until the file is taken, from the dialog that shows both.
async fn settle(app: &App, file: &Path, mine: &str) -> Outcome<()> {
    for choice in ["Compare", "Keep mine", "Take the file"] {
        app.find("button", choice).await?;
    }
    app.picture("prompt-conflict").await?;
    holds(app, mine).await?;
    assert!(fs::read_to_string(file)?.contains(ALSO_FROM_OUTSIDE), "the file is as it was left");
    command(app, "Compare the file with this prompt").await?;
    let dialog = app.find("dialog", "What the file says, against this prompt").await?;
    says(&dialog, &["another program", "evening"]).await?;
    app.picture("prompt-compare").await?;
    walk_to(app, "Tab", &dialog.find("button", "Take the file").await?).await?;
    app.press("Enter").await?;
    holds(app, ALSO_FROM_OUTSIDE).await?;
    eventually("the notice is gone", || async {
        if app.has("button", "Keep mine").await? { Err("it is there".into()) } else { Ok(()) }
    })
    .await
}

async fn bring_back(app: &App, file: &Path, mine: &str) -> Outcome<()> {
    app.press("Ctrl+S").await?;
    let dialog = app.find("dialog", "Versions of Three lanes in the sandbox").await?;
    version(&dialog, "Först “as it was”").await?;
    let other = version(&dialog, "Before the file was taken").await?;
    focused(&dialog.find("textbox", "Name of this version").await?, "the name").await?;
    walk_to(app, "Tab", &other).await?;
    says(&dialog.find("region", "What the version says, against now").await?, &["evening"]).await?;
    app.picture("versions").await?;
    walk_to(app, "Tab", &dialog.find("button", "Restore").await?).await?;
    app.press("Enter").await?;
    holds(app, mine).await?;
    eventually("the file says so too", || async {
        let text = fs::read_to_string(file)?;
        if text.contains(HERE) { Ok(()) } else { Err(text.into()) }
    })
    .await
}
