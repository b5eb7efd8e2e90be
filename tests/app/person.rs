//! What a person does and sees, in the names of the design.

use juxta_tests::window::{App, Found, Home, Outcome, Screen, eventually};
use serde_json::{Value, json};

/// A display, a home that nobody has used, and the app on both.
pub async fn first_start() -> Outcome<(Screen, Home, App)> {
    let screen = Screen::start()?;
    let home = Home::new()?;
    let app = App::start(&screen, &home).await?;
    Ok((screen, home, app))
}

/// The first of the three cards of the start page.
pub async fn try_the_sandbox(app: &App) -> Outcome<()> {
    app.find("region", "Try the sandbox").await?.find("button", "Try the sandbox").await?.click().await?;
    app.find("region", "Lane A").await.map(drop)
}

pub async fn lane(app: &App, letter: char) -> Outcome<Found> {
    app.find("region", &format!("Lane {letter}")).await
}

pub async fn log(app: &App, letter: char) -> Outcome<Found> {
    app.find("log", &format!("Answer of lane {letter}")).await
}

/// What stands where the answer of a lane is.
pub async fn answer(app: &App, letter: char) -> Outcome<String> {
    log(app, letter).await?.text().await
}

/// The sentence that the marks in the top bar stand for.
pub async fn standing(app: &App) -> Outcome<String> {
    let names: Vec<_> = app.all("status").await?.into_iter().map(|(name, _)| name).collect();
    names
        .iter()
        .find(|name| name.starts_with("Lane A "))
        .cloned()
        .ok_or(format!("no status of the lanes: {names:?}").into())
}

/// Waits until the top bar says these words of these lanes.
pub async fn until(app: &App, words: &[(char, &str)]) -> Outcome<()> {
    eventually(&format!("{words:?}"), || async {
        let standing = standing(app).await?.to_lowercase();
        let said: Vec<_> = standing.split(", ").collect();
        let missing = words
            .iter()
            .find(|(letter, word)| !said.contains(&format!("lane {} {word}", letter.to_ascii_lowercase()).as_str()));
        match missing {
            None => Ok(()),
            Some(_) => Err(standing.clone().into()),
        }
    })
    .await
}

/// Waits until so many characters of an answer are on screen, and gives them. While a lane waits, words about the wait
/// stand in the same place; those are no answer.
pub async fn until_it_says(app: &App, letter: char, characters: usize) -> Outcome<String> {
    let waits = ["ready", "queued", "waiting"].map(|word| format!("lane {} {word}", letter.to_ascii_lowercase()));
    eventually(&format!("{characters} characters from lane {letter}"), || async {
        let standing = standing(app).await?.to_lowercase();
        if standing.split(", ").any(|said| waits.iter().any(|wait| wait == said)) {
            return Err(standing.into());
        }
        let text = answer(app, letter).await?;
        if text.chars().count() >= characters { Ok(text) } else { Err(format!("{text:?} so far").into()) }
    })
    .await
}

/// Waits until what stands where the answers are is this. A restored run says what it is a frame before it is painted.
pub async fn until_answers_are(app: &App, wanted: &[(char, &str)]) -> Outcome<()> {
    eventually("every word is there again", || async {
        for (letter, text) in wanted {
            let shown = answer(app, *letter).await?;
            if shown != *text {
                return Err(format!("lane {letter} shows {shown:?}, not {text:?}").into());
            }
        }
        Ok(())
    })
    .await
}

/// Gives a lane a model by its name, through the dialog of its header.
pub async fn choose_model(app: &App, letter: char, model: &str) -> Outcome<()> {
    let suffix = format!(", model of lane {letter}");
    let header = eventually("the model in the head of the lane", || async {
        let buttons = lane(app, letter).await?.all("button").await?;
        buttons.into_iter().find(|(name, _)| name.ends_with(&suffix)).ok_or("no such button".into())
    })
    .await?;
    header.1.click().await?;
    pick_model(app, letter, model).await?;
    lane(app, letter).await?.find("button", &format!("{model}{suffix}")).await.map(drop)
}

/// Takes a model by its name, in the dialog that asks for it.
pub async fn pick_model(app: &App, letter: char, model: &str) -> Outcome<()> {
    let dialog = app.find("dialog", &format!("Model of lane {letter}")).await?;
    dialog.find("combobox", "Model").await?.replace_text(model).await?;
    // The list follows the typing; Enter takes its first row.
    eventually("the model is offered first", || async {
        match dialog.all("option").await?.first() {
            Some((name, _)) if name.split_whitespace().next() == Some(model) => Ok(()),
            other => Err(format!("{:?}", other.map(|(name, _)| name)).into()),
        }
    })
    .await?;
    app.press("Enter").await
}

/// Makes a lane current, and gives one of its parameters a value in the panel.
pub async fn set_parameter(app: &App, letter: char, name: &str, value: &str) -> Outcome<()> {
    let key = u32::from(letter) - u32::from('A') + 1;
    app.press(&format!("Ctrl+{key}")).await?;
    let panel = app.find("region", &format!("Parameters of lane {letter}")).await?;
    let row = panel.find("group", name).await?;
    let states = row.find("radiogroup", &format!("{name} state")).await?;
    // The other two choices show when the row has the pointer or the focus.
    states.find("radio", "unset").await?.click().await?;
    states.find("radio", "value").await?.click().await?;
    row.find("spinbutton", name).await?.replace_text(value).await
}

/// Makes a lane current, and gives one of its parameters a value in JSON.
pub async fn set_json(app: &App, letter: char, name: &str, json: &str) -> Outcome<()> {
    let key = u32::from(letter) - u32::from('A') + 1;
    app.press(&format!("Ctrl+{key}")).await?;
    let panel = app.find("region", &format!("Parameters of lane {letter}")).await?;
    let row = panel.find("group", name).await?;
    let states = row.find("radiogroup", &format!("{name} state")).await?;
    states.find("radio", "unset").await?.click().await?;
    states.find("radio", "value").await?.click().await?;
    row.find("textbox", name).await?.replace_text(json).await
}

/// Runs of the list, newest first, by what their rows say. Waits for the first: rows are drawn once the list has a size.
pub async fn recent_runs(app: &App) -> Outcome<Vec<(String, Found)>> {
    eventually("a row in the list of runs", || async {
        let buttons = app.find("list", "Recent runs").await?.all("button").await?;
        // Each row has a menu beside it.
        let rows: Vec<_> = buttons.into_iter().filter(|(name, _)| !name.ends_with(" actions")).collect();
        if rows.is_empty() { Err("the list is empty".into()) } else { Ok(rows) }
    })
    .await
}

/// Runs an entry of the palette by its name.
pub async fn command(app: &App, title: &str) -> Outcome<()> {
    app.press("Ctrl+K").await?;
    let palette = app.find("dialog", "Search or run a command").await?;
    let field = palette.find("combobox", "Search or run a command").await?;
    focused(&field, "the palette's field").await?;
    app.type_text(&format!(">{title}")).await?;
    eventually("the entry comes first", || async {
        match palette.all("option").await?.first() {
            Some((name, _)) if name.starts_with(title) => Ok(()),
            other => Err(format!("{:?}", other.map(|(name, _)| name)).into()),
        }
    })
    .await?;
    app.press("Enter").await
}

pub async fn focused(found: &Found, what: &str) -> Outcome<()> {
    eventually(&format!("{what} has the focus"), || async {
        if found.has_focus().await? { Ok(()) } else { Err("it is elsewhere".into()) }
    })
    .await
}

/// Moves the focus with a key until it is on this, as somebody without a pointer would.
pub async fn walk_to(app: &App, key: &str, found: &Found) -> Outcome<()> {
    const STEPS: usize = 40;
    for _ in 0..STEPS {
        app.press(key).await?;
        if found.has_focus().await? {
            return Ok(());
        }
    }
    Err(format!("{:?} is not reached with {STEPS} times {key}", found.name().await?).into())
}

/// Waits until an element says all of these.
pub async fn says(found: &Found, words: &[&str]) -> Outcome<()> {
    eventually(&format!("{words:?} are said"), || async {
        let text = found.text().await?;
        match words.iter().find(|word| !text.contains(**word)) {
            None => Ok(()),
            Some(missing) => Err(format!("{missing:?} is not in {text:?}").into()),
        }
    })
    .await
}

/// The body that was recorded of a call.
pub async fn recorded_body(app: &App, cell: &Value) -> Outcome<String> {
    let source = json!({ "kind": "request", "cell": cell });
    let rows =
        app.invoke("document_rows", json!({ "source": source, "form": "exact", "from": 0, "count": 400 })).await?;
    // An empty row parts the head from the body, which is one line, however many rows it is shown on.
    let rows = rows.as_array().cloned().unwrap_or_default();
    let texts = rows.iter().filter_map(|row| row["text"].as_str());
    Ok(texts.skip_while(|text| !text.is_empty()).collect())
}

/// A table of twelve rows and two columns fills the variables.
pub async fn fill_from(app: &App, path: &str) -> Outcome<()> {
    command(app, "Fill variables from a table").await?;
    let dialog = app.find("dialog", "Table for the variables").await?;
    walk_to(app, "Tab", &dialog.find("textbox", "Path of the table").await?).await?;
    app.type_text(path).await?;
    app.press("Enter").await?;
    says(&dialog, &["12 rows, 2 columns"]).await?;
    app.press("Esc").await
}
