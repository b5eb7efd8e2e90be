//! A batch in the real window, by keys: a file with a fault becomes a batch, goes to the sandbox's queue, and what failed
//! there is tried again as a batch of its own.

use std::fs;

use juxta_tests::window::{App, Outcome, eventually};

use crate::looks::look_in_both_themes;
use crate::person::{command, first_start, focused, says, walk_to};

#[tokio::test]
async fn a_file_becomes_a_batch_whose_failures_are_tried_again_by_keyboard_alone() -> Outcome<()> {
    let (_screen, home, app) = first_start().await?;
    app.find("region", "Try the sandbox").await?;
    command(&app, "Open Batches").await?;
    app.find("main", "Batches").await?;
    let path = home.path().join("tickets “März”.jsonl");
    fs::write(&path, lines())?;
    build(&app, &path.to_string_lossy()).await?;

    let check = app.find("region", "File check").await?;
    says(&check, &["Duplicate custom_id", "t-3"]).await?;
    check.find("button", "Send 11").await?;
    look_in_both_themes(&app, "batch-check").await?;
    app.press("Ctrl+Enter").await?;
    let batch = app.find("region", "Batch tickets “März”").await?;
    says(&batch, &["Finished"]).await?;
    let retry = eventually("what failed can be tried again", || async {
        let buttons = batch.all("button").await?;
        let found = buttons.iter().map(|(name, _)| name.clone()).find(|name| name.starts_with("Retry "));
        found.ok_or(format!("{:?}", buttons.iter().map(|(name, _)| name).collect::<Vec<_>>()).into())
    })
    .await?;
    assert!(retry.ends_with(" failures") || retry.ends_with(" failure"), "{retry}");
    let grid = batch.find("grid", "Results joined to inputs").await?;
    says(&grid, &["t-1", "t-11"]).await?;
    look_in_both_themes(&app, "batch").await?;
    command(&app, "Retry the failures as a new batch").await?;
    app.find("region", "Batch tickets “März”, failures").await.map(drop)
}

/// Twelve requests, one of them with the id of another. The sandbox fails some of them.
fn lines() -> String {
    let line = |id: usize| {
        format!(
            r#"{{"custom_id":"t-{id}","method":"POST","url":"/v1/chat/completions","body":{{"model":"sandbox/batch/partial","messages":[{{"role":"user","content":"Ticket {id}, “größe” \\ ☀"}}]}}}}"#
        )
    };
    (1..=11).chain([3]).map(|id| line(id) + "\n").collect()
}

async fn build(app: &App, path: &str) -> Outcome<()> {
    command(app, "New batch").await?;
    let dialog = app.find("dialog", "New batch").await?;
    dialog.find("radio", "File").await?.click().await?;
    dialog.find("textbox", "Path of the file").await?.replace_text(path).await?;
    let build = dialog.find("button", "Build batch").await?;
    walk_to(app, "Tab", &build).await?;
    focused(&build, "the button").await?;
    app.press("Enter").await
}
