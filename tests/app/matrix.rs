//! A matrix in the real window, by keys: from a prompt with a table to its results in a file, paused on the way.

use std::fs;
use std::path::{Path, PathBuf};

use juxta_tests::window::{App, Found, Outcome, eventually};
use serde_json::{Value, json};

use crate::diff::add_a_check;
use crate::looks::look_in_both_themes;
use crate::person::{command, fill_from, first_start, focused, says, try_the_sandbox, walk_to};

const ROWS: usize = 12;
/// 12 rows × 3 lanes × 2 repeats.
const CALLS: u64 = 72;
/// Two seconds a call and two calls at a time: it can be paused in the middle on any machine.
const SLOW: &str = "sandbox/rate-20x40";
/// Of the table, in the order in which it has them.
const CITY: &str = "Ås “7”";

#[tokio::test]
async fn a_prompt_and_a_table_become_a_matrix_that_is_paused_and_gone_on_with_by_keyboard_alone() -> Outcome<()> {
    let (_screen, home, app) = first_start().await?;
    let path = home.path().join("Städte.csv");
    fs::write(&path, table())?;
    try_the_sandbox(&app).await?;
    prompt(&app, &path).await?;
    command(&app, "New matrix from this prompt").await?;
    let matrix = app.find("region", "Matrix Three lanes in the sandbox").await?;
    plan(&app, &matrix).await?;
    assert_eq!(app.invoke("list_runs", json!({ "limit": 1, "before": null })).await?, json!([]), "nothing was sent");
    look_in_both_themes(&app, "matrix-draft").await?;

    app.press("Ctrl+Enter").await?;
    let paused = pause(&app).await?;
    says(&matrix, &["Paused", "missing"]).await?;
    look_in_both_themes(&app, "matrix-paused").await?;
    app.press("Ctrl+Enter").await?;
    let done = until(&app, |matrix| matrix["state"] == "finished").await?;
    assert_eq!(done["counts"]["finished"], json!(CALLS), "{}", done["counts"]);
    each_was_sent_once(&app, &paused).await?;
    says(&matrix, &["Finished", "pass every check"]).await?;

    results(&app, &matrix).await?;
    save(&app, home.path()).await?;
    exchange(&app, &matrix).await
}

fn table() -> String {
    let rows = (1..=ROWS).map(|row| format!("Ås “{row}”,\"rain, \"\"{row}\"\" ☀\"\n"));
    format!("city,weather\n{}", rows.collect::<String>())
}

async fn prompt(app: &App, table: &Path) -> Outcome<()> {
    for (letter, model) in [('1', "sandbox/coin-0.95"), ('2', SLOW), ('3', "sandbox/coin-0.4")] {
        app.press(&format!("Ctrl+{letter}")).await?;
        app.press("Ctrl+L").await?;
        let lane = char::from(letter as u8 - b'1' + b'A');
        let dialog = app.find("dialog", &format!("Model of lane {lane}")).await?;
        focused(&dialog.find("combobox", "Model").await?, "the field for the model").await?;
        app.press("Ctrl+A").await?;
        app.type_text(model).await?;
        eventually("the model is offered first", || async {
            match dialog.all("option").await?.first() {
                Some((name, _)) if name.split_whitespace().next() == Some(model) => Ok(()),
                other => Err(format!("{:?}", other.map(|(name, _)| name)).into()),
            }
        })
        .await?;
        app.press("Enter").await?;
        app.find("button", &format!("{model}, model of lane {lane}")).await?;
    }
    app.find("textbox", "User message").await?.replace_text("In {{city}} there is {{weather}}.").await?;
    fill_from(app, &table.display().to_string()).await?;
    add_a_check(app, "Says yes", "yes").await
}

/// Twice each, two at a time; and what that comes to is said before anything is sent.
async fn plan(app: &App, matrix: &Found) -> Outcome<()> {
    for (name, value) in [("Repeats", "2"), ("Calls at a time, for each connection", "2")] {
        let field = matrix.find("textbox", name).await?;
        walk_to(app, "Tab", &field).await?;
        app.press("Ctrl+A").await?;
        app.type_text(value).await?;
    }
    says(matrix, &["3 models", "12 rows", "2 repeats", "72 calls"]).await?;
    matrix.find("button", "Start 72 calls").await.map(drop)
}

/// Once some cells are over, and others not; waits until those in flight have ended too.
async fn pause(app: &App) -> Outcome<Value> {
    until(app, |matrix| matrix["counts"]["finished"].as_u64() > Some(3)).await?;
    app.press("Ctrl+.").await?;
    let paused = until(app, |matrix| matrix["state"] == "paused" && matrix["counts"]["inFlight"] == 0).await?;
    let over = paused["counts"]["finished"].as_u64().ok_or("no count")?;
    assert!(over < CALLS, "some are missing: {}", paused["counts"]);
    let cells = cells(app, &paused).await?;
    assert_eq!(cells.len() as u64, over, "only those that are over were begun");
    Ok(json!(cells))
}

async fn until(app: &App, enough: impl Fn(&Value) -> bool) -> Outcome<Value> {
    eventually("the matrix is so", || async {
        let matrices = app.invoke("matrices", json!({})).await?;
        if enough(&matrices[0]) { Ok(matrices[0].clone()) } else { Err(matrices[0].to_string().into()) }
    })
    .await
}

async fn cells(app: &App, matrix: &Value) -> Outcome<Vec<Value>> {
    let query = json!({ "filter": "all", "variant": null, "row": null, "text": "", "sort": "row", "descending": false,
        "from": 0, "count": 1_000 });
    let found = app.invoke("matrix_cells", json!({ "id": matrix["id"], "query": query })).await?;
    Ok(found["cells"].as_array().ok_or("no cells")?.clone())
}

/// No place has two cells, and what was over before the pause is the same cell afterwards.
async fn each_was_sent_once(app: &App, before: &Value) -> Outcome<()> {
    let matrix = app.invoke("matrices", json!({})).await?[0].clone();
    let after = cells(app, &matrix).await?;
    let mut places: Vec<String> =
        after.iter().map(|cell| format!("{} {} {}", cell["row"], cell["variant"], cell["repeat"])).collect();
    places.sort();
    places.dedup();
    assert_eq!((after.len() as u64, places.len() as u64), (CALLS, CALLS));
    for cell in before.as_array().into_iter().flatten() {
        assert!(after.iter().any(|one| one["cell"] == cell["cell"]), "{cell} was sent again");
    }
    let runs = app.invoke("list_runs", json!({ "limit": 100, "before": null })).await?;
    assert_eq!(runs.as_array().map(Vec::len), Some(ROWS), "a run for each row");
    Ok(())
}

async fn results(app: &App, matrix: &Found) -> Outcome<()> {
    let grid = matrix.find("grid", "Cells of the matrix").await?;
    has_rows(&grid, CALLS).await?;
    app.press("Ctrl+F").await?;
    let field = matrix.find("searchbox", "Find in cells").await?;
    focused(&field, "the field for words").await?;
    app.type_text(CITY).await?;
    // Three lanes, two repeats.
    has_rows(&grid, 6).await?;
    says(&grid, &[CITY]).await?;
    walk_to(app, "Tab", &grid.find("button", "Sort by Milliseconds").await?).await?;
    app.press("Enter").await?;
    eventually("the fastest come first", || async {
        let times = app.script(TIMES, vec![]).await?;
        let times: Vec<f64> = times.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
        if times.len() == 6 && times.is_sorted() { Ok(()) } else { Err(format!("{times:?}").into()) }
    })
    .await?;
    look_in_both_themes(app, "matrix-cells").await?;
    command(app, "Show the variants of the matrix").await?;
    says(matrix, &["sandbox/coin-0.95", "Worse"]).await?;
    look_in_both_themes(app, "matrix-variants").await?;
    command(app, "Show what changed against a base").await?;
    look_in_both_themes(app, "matrix-changes").await?;
    command(app, "Show the cells of the matrix").await
}

/// Milliseconds of the rows on screen, in their order.
const TIMES: &str = "const rows = [...document.querySelectorAll('[aria-label=\"Cells of the matrix\"] [data-row]')];
    return rows.sort((one, other) => one.dataset.row - other.dataset.row)
      .map((row) => Number([...row.querySelectorAll('.num')].map(({ textContent }) => textContent.replaceAll(/\\D/g, ''))[3]))";

async fn has_rows(grid: &Found, rows: u64) -> Outcome<()> {
    eventually(&format!("{rows} rows"), || async {
        let found = grid.attribute("aria-rowcount").await?;
        if found == Some((rows + 1).to_string()) { Ok(()) } else { Err(format!("{found:?}").into()) }
    })
    .await
}

async fn save(app: &App, home: &Path) -> Outcome<()> {
    command(app, "Save the results of the matrix as HTML report").await?;
    let path = eventually("the report is there", || async {
        let found = files(home)?.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "html"));
        found.ok_or("no such file".into())
    })
    .await?;
    eventually("the report is whole", || async {
        let report = fs::read_to_string(&path)?;
        let is_whole = report.trim_end().ends_with("</html>") && report.contains(CITY);
        if is_whole { Ok(()) } else { Err(format!("{} bytes", report.len()).into()) }
    })
    .await
}

fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() { found.extend(files(&entry.path())?) } else { found.push(entry.path()) }
    }
    Ok(found)
}

/// Of the first row that is found, to the byte.
async fn exchange(app: &App, matrix: &Found) -> Outcome<()> {
    app.press("Ctrl+F").await?;
    focused(&matrix.find("searchbox", "Find in cells").await?, "the field for words").await?;
    app.press("Down").await?;
    eventually("a row has the focus", || async {
        let focused = app.script("return document.activeElement?.dataset.row ?? null", vec![]).await?;
        if focused.is_null() { Err("it is elsewhere".into()) } else { Ok(()) }
    })
    .await?;
    app.type_text("i").await?;
    let inspector = app.find("region", "Inspector").await?;
    says(&inspector, &["200"]).await?;
    app.press("Ctrl+Alt+1").await?;
    says(&inspector, &[CITY]).await?;
    look_in_both_themes(app, "matrix-exchange").await
}
