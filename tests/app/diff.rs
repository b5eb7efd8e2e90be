//! Lanes held against a base in the real window: differences one after the other, and what repeats say together.

use juxta_stats::{Rate, Z_95};
use juxta_tests::window::{App, Outcome, eventually};
use serde_json::{Value, json};

use crate::looks::look_in_both_themes;
use crate::person::{choose_model, command, first_start, focused, lane, says, try_the_sandbox, until, walk_to};

/// Twenty answers of each tell them apart whatever the toss.
const OFTEN: &str = "sandbox/coin-0.95";
const SELDOM: &str = "sandbox/coin-0.1";
const CHECK: &str = "Says yes “✓”";

#[tokio::test]
async fn differences_are_stepped_through_and_repeats_give_a_verdict() -> Outcome<()> {
    let (_screen, _home, app) = first_start().await?;
    try_the_sandbox(&app).await?;
    choose_model(&app, 'A', OFTEN).await?;
    choose_model(&app, 'B', SELDOM).await?;
    choose_model(&app, 'C', OFTEN).await?;
    twenty_repeats(&app).await?;
    run(&app).await?;

    app.press("Ctrl+2").await?;
    command(&app, "Show differences").await?;
    step_through(&app).await?;
    look_in_both_themes(&app, "diff").await?;

    add_a_check(&app, CHECK, "yes").await?;
    run(&app).await?;
    let panel = app.find("region", "Repeats").await?;
    says(&panel, &["B against A", "Worse", "C against A", "pass all checks against"]).await?;
    for letter in ["A", "B", "C"] {
        has_the_interval(&app, letter).await?;
    }
    look_in_both_themes(&app, "diff-repeats").await
}

async fn twenty_repeats(app: &App) -> Outcome<()> {
    let repeat = app.find("spinbutton", "Repeat").await?;
    repeat.click().await?;
    for key in ["PageUp", "PageUp", "Down"] {
        app.press(key).await?;
    }
    eventually("twenty repeats", || async {
        match repeat.attribute("aria-valuenow").await?.as_deref() {
            Some("20") => Ok(()),
            other => Err(format!("{other:?}").into()),
        }
    })
    .await
}

async fn run(app: &App) -> Outcome<()> {
    app.press("Ctrl+Enter").await?;
    until(app, &[('A', "finished"), ('B', "finished"), ('C', "finished")]).await
}

/// To a sample whose answer differs, then through the model and the answer and back to the model.
async fn step_through(app: &App) -> Outcome<()> {
    let shown = lane(app, 'B').await?;
    says(&shown, &["1 / 20"]).await?;
    for sample in 2..=20 {
        if differences(app).await? > 1 {
            break;
        }
        app.press("Alt+Right").await?;
        says(&shown, &[&format!("{sample} / 20")]).await?;
        says(&lane(app, 'C').await?, &[&format!("{sample} / 20")]).await?;
    }
    let count = eventually("a sample that differs", || async {
        let count = differences(app).await?;
        if count > 1 { Ok(count) } else { Err(format!("{count} differences").into()) }
    })
    .await?;
    let mut passed = Vec::new();
    for _ in 0..count {
        app.press("Ctrl+Shift+D").await?;
        passed.push(focused_difference(app, passed.last()).await?);
    }
    assert!(passed[0].starts_with("model"), "keys of the request come first: {passed:?}");
    assert_eq!(passed[count - 1], "yesno", "the answer comes last: {passed:?}");
    app.press("Ctrl+Shift+D").await?;
    assert_eq!(focused_difference(app, passed.last()).await?, passed[0], "behind the last comes the first");
    Ok(())
}

async fn differences(app: &App) -> Outcome<usize> {
    const COUNT: &str = "return document.querySelectorAll('[aria-label=\"Lane B\"] [data-difference]').length";
    Ok(usize::try_from(app.script(COUNT, vec![]).await?.as_u64().ok_or("no count")?)?)
}

/// What the difference says that has the focus, once it is another than before.
async fn focused_difference(app: &App, before: Option<&String>) -> Outcome<String> {
    const FOCUSED: &str = "const focused = document.activeElement; return focused?.matches('[data-difference]') ? focused.textContent : null";
    eventually("the next difference has the focus", || async {
        match app.script(FOCUSED, vec![]).await? {
            Value::String(text) if Some(&text) != before => Ok(text.trim().to_owned()),
            other => Err(other.to_string().into()),
        }
    })
    .await
}

/// The interval beside a rate is Wilson's of that rate.
async fn has_the_interval(app: &App, letter: &str) -> Outcome<()> {
    const ROW: &str = "const tables = [...document.querySelectorAll('[aria-label=Repeats] table')];
        const called = (table) => document.getElementById(table.getAttribute('aria-labelledby')).textContent;
        const table = tables.find((table) => called(table) === arguments[0]);
        const rows = [...(table?.tBodies[0].rows ?? [])].map(({ cells }) => [...cells].map((cell) => cell.textContent));
        return rows.find(([letter]) => letter === arguments[1]) ?? null";
    let row = app.script(ROW, vec![json!(CHECK), json!(letter)]).await?;
    let (passed, total) = row[2].as_str().and_then(|text| text.split_once('/')).ok_or(format!("{letter}: {row}"))?;
    let interval = Rate::new(passed.parse()?, total.parse()?).ok_or("no rate")?.wilson(Z_95);
    let percent = |rate: f64| (rate * 100.0).round();
    assert_eq!(row[3], json!(format!("{}–{}", percent(interval.low), percent(interval.high))), "lane {letter}");
    assert!(total.parse::<u32>()? >= 20, "{row}");
    Ok(())
}

/// A check for a word, by keys.
pub async fn add_a_check(app: &App, name: &str, word: &str) -> Outcome<()> {
    command(app, "Add a check").await?;
    let dialog = app.find("dialog", "Checks").await?;
    focused(&dialog.find("textbox", "Name of check 1").await?, "the name of the new check").await?;
    app.type_text(name).await?;
    walk_to(app, "Tab", &dialog.find("textbox", "Text, check 1").await?).await?;
    app.type_text(word).await?;
    look_in_both_themes(app, "checks").await?;
    walk_to(app, "Tab", &dialog.find("button", "Done").await?).await?;
    app.press("Enter").await
}
