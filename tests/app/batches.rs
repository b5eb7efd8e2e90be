//! The way of a batch in the real window, by keyboard alone: a prompt and a table become a batch, a line with a fault is
//! mended, some lines are sent live first, the rest goes to the sandbox's queue, and what failed there is tried again.

use std::fmt::Write as _;
use std::fs;

use juxta_tests::window::{App, Found, Outcome, eventually};

use crate::looks::look_in_both_themes;
use crate::person::{command, fill_from, first_start, focused, lane, says, walk_to};

const PROMPT: &str = "Ticket {{id}}: {{text}}";
const NAME: &str = "Three lanes in the sandbox";

#[tokio::test]
async fn a_prompt_and_a_table_become_a_batch_whose_failures_are_tried_again_by_keyboard_alone() -> Outcome<()> {
    let (_screen, home, app) = first_start().await?;
    app.find("region", "Try the sandbox").await?;
    let table = home.path().join("tickets “März”.csv");
    fs::write(&table, tickets()?)?;
    command(&app, "Try the sandbox").await?;
    lane(&app, 'C').await?;
    write_the_prompt(&app).await?;
    fill_from(&app, &table.to_string_lossy()).await?;
    build(&app).await?;

    let check = app.find("region", "File check").await?;
    mend(&app, &check).await?;
    look_in_both_themes(&app, "batch-check").await?;
    app.press("Ctrl+Shift+Enter").await?;
    let live = check.find("region", "Lines sent live").await?;
    says(&live, &["11 of 11 lines answered", "tokens out", "All 11 lines would take"]).await?;
    look_in_both_themes(&app, "batch-live").await?;

    app.press("Ctrl+Enter").await?;
    let batch = app.find("region", &format!("Batch {NAME}")).await?;
    says(&batch, &["Finished"]).await?;
    let grid = batch.find("grid", "Results joined to inputs").await?;
    says(&grid, &["r1-A", "größe “1” \\ ☀"]).await?;
    until_retry_is_offered(&batch, "Retry 2 failures").await?;
    look_in_both_themes(&app, "batch").await?;

    app.press("Ctrl+R").await?;
    let again = app.find("region", &format!("Batch {NAME}, failures")).await?;
    again.find("button", "Send 2").await?;
    app.press("Ctrl+Enter").await?;
    says(&again, &["Finished", "2 done"]).await?;
    let grid = again.find("grid", "Results joined to inputs").await?;
    says(&grid, &["r3-A", "r8-A"]).await
}

/// Twelve rows. What the fourth one says is more than the model takes.
fn tickets() -> Outcome<String> {
    let mut table = "id,text\n".to_owned();
    for id in 1..=12 {
        match id {
            4 => writeln!(table, "{id},{}", "word ".repeat(130_000))?,
            _ => writeln!(table, "{id},größe “{id}” \\ ☀")?,
        }
    }
    Ok(table)
}

/// One lane with a model that fails some rows of a batch, and a message with two variables.
async fn write_the_prompt(app: &App) -> Outcome<()> {
    for key in ["3", "2"] {
        app.press(&format!("Ctrl+{key}")).await?;
        app.press("Ctrl+W").await?;
    }
    eventually("one lane is left", || async {
        match app.has("region", "Lane B").await? {
            true => Err("lane B is there".into()),
            false => Ok(()),
        }
    })
    .await?;
    app.press("Ctrl+1").await?;
    app.press("Ctrl+L").await?;
    let dialog = app.find("dialog", "Model of lane A").await?;
    focused(&dialog.find("combobox", "Model").await?, "the field for the model").await?;
    app.press("Ctrl+A").await?;
    app.type_text("sandbox/batch/partial").await?;
    eventually("the model is offered first", || async {
        match dialog.all("option").await?.first() {
            Some((name, _)) if name.starts_with("sandbox/batch/partial") => Ok(()),
            other => Err(format!("{:?}", other.map(|(name, _)| name)).into()),
        }
    })
    .await?;
    app.press("Enter").await?;
    lane(app, 'A').await?.find("button", "sandbox/batch/partial, model of lane A").await?;

    let message = app.find("textbox", "User message").await?;
    command(app, "Next message").await?;
    focused(&message, "the message").await?;
    app.press("Ctrl+A").await?;
    app.type_text(PROMPT).await?;
    eventually("the prompt is written", || async {
        let text = message.value().await?;
        if text == PROMPT { Ok(()) } else { Err(text.into()) }
    })
    .await
}

/// Goes over to a file and back, as somebody who looks around would.
async fn build(app: &App) -> Outcome<()> {
    command(app, "New batch from this prompt").await?;
    let dialog = app.find("dialog", "New batch").await?;
    says(&dialog, &["12 rows of tickets “März”.csv × 1 lane", "12 requests"]).await?;
    walk_to(app, "Tab", &dialog.find("radio", "Prompt in Compare").await?).await?;
    app.press("Right").await?;
    dialog.find("textbox", "Path of the file").await?;
    app.press("Left").await?;
    says(&dialog, &["12 requests"]).await?;
    walk_to(app, "Tab", &dialog.find("button", "Build batch").await?).await?;
    app.press("Enter").await
}

/// The one line with a fault is kept, then looked at again, and left out.
async fn mend(app: &App, check: &Found) -> Outcome<()> {
    check.find("button", "Send 11").await?;
    says(check, &["1 of 12 lines needs a look", "sandbox/batch/partial takes 128,000"]).await?;
    let grid = check.find("grid", "Lines with a fault").await?;
    let rows = grid.all("row").await?;
    let [(_, row)] = rows.as_slice() else { return Err(format!("{} rows", rows.len()).into()) };
    walk_to(app, "Tab", row).await?;
    app.press("Enter").await?;
    says(row, &["Kept"]).await?;
    check.find("button", "Send 12").await?;
    app.press("Backspace").await?;
    check.find("button", "Send 11").await?;
    app.press("Delete").await?;
    says(row, &["Left out"]).await?;
    says(check, &["Every fault is settled"]).await
}

async fn until_retry_is_offered(batch: &Found, name: &str) -> Outcome<()> {
    eventually("what failed can be tried again", || async {
        let buttons: Vec<String> = batch.all("button").await?.into_iter().map(|(name, _)| name).collect();
        if buttons.iter().any(|button| button == name) { Ok(()) } else { Err(format!("{buttons:?}").into()) }
    })
    .await
}
