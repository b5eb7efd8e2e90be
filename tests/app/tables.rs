//! A table whose rows fill the variables of a message.

use juxta_tests::window::{App, Outcome, eventually};

use crate::looks::look_in_both_themes;
use crate::person::{answer, choose_model, command, first_start, says, try_the_sandbox, until};

const TABLE: &str =
    "city;weather;note\n\"Ås; \"\"the town\"\"\";☀ \\ {{braces}};not used\nKøbenhavn;\"rain\nand wind\";\n";

#[tokio::test]
async fn a_row_of_a_table_fills_the_variables_and_is_what_is_sent() -> Outcome<()> {
    let (_screen, home, app) = first_start().await?;
    let path = home.path().join("Städte “1”.csv");
    std::fs::write(&path, TABLE)?;
    try_the_sandbox(&app).await?;
    app.press("Ctrl+1").await?;
    choose_model(&app, 'A', "sandbox/echo").await?;
    app.find("textbox", "User message").await?.replace_text("In {{city}}: {{weather}}.").await?;
    app.find("button", "Fill variables from a table").await?;
    // Nothing can be sent as long as they are empty.
    app.press("Ctrl+Shift+Enter").await?;
    says(&app.find("region", "Notifications").await?, &["Fill city, weather"]).await?;

    command(&app, "Fill variables from a table").await?;
    let dialog = app.find("dialog", "Table for the variables").await?;
    let field = dialog.find("textbox", "Path of the table").await?;
    field.replace_text(&path.with_extension("txt").display().to_string()).await?;
    app.press("Enter").await?;
    says(&dialog, &["There is no file"]).await?;
    field.replace_text(&path.display().to_string()).await?;
    app.press("Enter").await?;
    says(&dialog, &["2 rows, 3 columns", "semicolons", "Not used: note", "København"]).await?;
    look_in_both_themes(&app, "table").await?;
    app.press("Esc").await?;
    run(&app, "In Ås; \"the town\": ☀ \\ {{braces}}.").await?;
    look_in_both_themes(&app, "table-used").await?;

    app.press("Alt+PageDown").await?;
    eventually("the second row is chosen", || async {
        let row = app.find("textbox", "Row, of 2").await?.value().await?;
        if row == "2" { Ok(()) } else { Err(format!("it is {row}").into()) }
    })
    .await?;
    run(&app, "In København: rain\nand wind.").await
}

async fn run(app: &App, told: &str) -> Outcome<()> {
    app.press("Ctrl+Shift+Enter").await?;
    let told: String = told.split_whitespace().collect();
    eventually("the model says the row", || async {
        let text = answer(app, 'A').await?;
        if text.split_whitespace().collect::<String>().contains(&told) { Ok(()) } else { Err(text.into()) }
    })
    .await?;
    until(app, &[('A', "finished")]).await
}
