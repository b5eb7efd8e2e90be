//! Vectors in the real window, by keys: texts are pasted, embedded in calls of three, looked at, compared with a second
//! model, and saved.

use juxta_tests::window::{App, Outcome, eventually};
use serde_json::Value;

use crate::looks::look_in_both_themes;
use crate::person::{command, first_start, focused, pick_model, recorded_body, says};

const TEXTS: &str = "A refund, please: the lamp died.\nRefund “now” \\ ☀\nWhen does the refund come?\n\
                     The parcel is late.\nWhere is my parcel? ☂\nA refund, please: the lamp died.\n";

#[tokio::test]
async fn texts_become_vectors_that_can_be_compared_and_saved() -> Outcome<()> {
    let (_screen, home, app) = first_start().await?;
    app.find("region", "Try the sandbox").await?;
    command(&app, "Open Embeddings").await?;
    app.find("main", "Embeddings").await?;
    add_texts(&app).await?;
    choose_model(&app, "sandbox/embed").await?;
    app.press("Ctrl+Alt+B").await?;
    let size = app.find("textbox", "Texts in one call").await?;
    focused(&size, "the size of a call").await?;
    app.type_text("4").await?;
    app.press("Esc").await?;
    app.press("Ctrl+Enter").await?;
    let facts = app.find("region", "Facts").await?;
    says(&facts, &["6, 1,536 dimensions", "Similarity of 15 pairs", "the same in 1, 6", "2 calls"]).await?;
    bodies_are_the_texts(&app).await?;
    matrix(&app).await?;
    app.find("table", "Nearest texts").await?;
    look_in_both_themes(&app, "embeddings").await?;
    // Every answer leads to its exchange.
    app.find("region", "Facts").await?.find("button", "Open in the inspector").await?.click().await?;
    app.find("menuitem", "sandbox/embed, texts 5 to 6").await?.click().await?;
    says(&app.find("region", "Inspector").await?, &["embedding"]).await?;
    app.press("Ctrl+J").await?;
    for (title, ending) in [("NumPy", "npy"), ("JSON lines", "jsonl"), ("Parquet", "parquet")] {
        command(&app, &format!("Export vectors: {title}")).await?;
        eventually(&format!("a file that ends with {ending}"), || async {
            let found = home.files()?.into_iter().any(|file| file.extension().is_some_and(|found| found == ending));
            if found { Ok(()) } else { Err("no such file".into()) }
        })
        .await?;
    }
    against(&app).await
}

async fn add_texts(app: &App) -> Outcome<()> {
    app.press("Ctrl+M").await?;
    let field = app.find("textbox", "Texts to add").await?;
    field.replace_text(TEXTS).await?;
    app.find("button", "Add 6 texts").await?;
    app.press("Ctrl+Enter").await?;
    let list = app.find("listbox", "Texts").await?;
    says(&list, &["Refund “now” \\ ☀", "Where is my parcel? ☂"]).await
}

async fn choose_model(app: &App, model: &str) -> Outcome<()> {
    app.press("Ctrl+L").await?;
    pick_model(app, 'A', model).await
}

/// What went over the wire is what was pasted, cut where it was to be cut.
async fn bodies_are_the_texts(app: &App) -> Outcome<()> {
    let runs = app.invoke("list_runs", serde_json::json!({ "limit": 1, "before": null })).await?;
    let run = app.invoke("open_run", serde_json::json!({ "id": runs[0]["id"] })).await?;
    let cells = run["cells"].as_array().ok_or("a run has cells")?;
    let mut sent = Vec::new();
    for cell in cells {
        let body: Value = serde_json::from_str(&recorded_body(app, &cell["id"]).await?)?;
        sent.push(body["input"].as_array().map_or(0, Vec::len));
        assert_eq!(body["model"], "sandbox/embed", "{body}");
    }
    sent.sort_unstable();
    assert_eq!(sent, [2, 4]);
    Ok(())
}

/// The grid is walked by arrows, and Enter asks for the neighbours of a row.
async fn matrix(app: &App) -> Outcome<()> {
    let script = "document.querySelector('[role=grid][aria-label=\"Cosine similarity\"]').focus()";
    app.find("grid", "Cosine similarity").await?;
    app.script(script, vec![]).await?;
    app.press("Ctrl+Home").await?;
    app.press("Down").await?;
    app.press("Right").await?;
    let own = eventually("the cell of a row with itself", || async {
        let cells = app.all("gridcell").await?;
        let cell = cells.into_iter().map(|(name, _)| name).find(|name| name.contains(" and "));
        cell.ok_or("no cell is named".into())
    })
    .await?;
    assert!(own.ends_with(", 1.000"), "a text is as near as can be to itself: {own}");
    app.press("Enter").await?;
    let row = own.split(' ').next().unwrap_or_default().to_owned();
    app.find("heading", &format!("Nearest to {row}")).await.map(drop)
}

async fn against(app: &App) -> Outcome<()> {
    // What was saved is told above the button.
    for (name, button) in app.all("button").await? {
        if name == "Dismiss" {
            button.click().await?;
        }
    }
    app.find("region", "Against another model").await?.find("button", "Choose another model").await?.click().await?;
    pick_model(app, 'B', "sandbox/embed-small").await?;
    app.press("Ctrl+Enter").await?;
    let list = app.find("list", "Most disputed pairs").await?;
    assert_eq!(list.all("listitem").await?.len(), 15, "all pairs of six");
    look_in_both_themes(app, "embeddings-against").await
}
