//! What each screen looks like, in both themes and two sizes; the pictures are for people, the assertions for what a
//! program can see.

use juxta_tests::window::{App, Home, Outcome, Screen, eventually};
use serde_json::{Value, json};

use crate::person::{command, focused, try_the_sandbox, until};
use crate::{endpoints, prompts};

const SIZES: &[(u32, u32)] = &[(1440, 900), (1000, 700)];

#[tokio::test]
async fn every_screen_fits_its_window_and_names_its_controls() -> Outcome<()> {
    let screen = Screen::start()?;
    let mut wrong = Vec::new();
    for theme in ["light", "dark"] {
        let home = Home::new()?;
        let app = App::start(&screen, &home).await?;
        set_theme(&app, theme).await?;
        app.close().await?;

        let app = App::start(&screen, &home).await?;
        app.find("region", "Try the sandbox").await?;
        assert_eq!(app.script("return document.documentElement.dataset.theme", vec![]).await?, json!(theme));
        look(&app, "start", theme, &mut wrong).await?;
        try_the_sandbox(&app).await?;
        app.press("Ctrl+1").await?;
        ask_for_log_probabilities(&app).await?;
        look(&app, "json", theme, &mut wrong).await?;
        command(&app, "Show messages or JSON").await?;
        app.press("Ctrl+Enter").await?;
        until(&app, &[('A', "finished"), ('B', "finished"), ('C', "finished")]).await?;
        look(&app, "compare", theme, &mut wrong).await?;
        inspect(&app, theme, &mut wrong).await?;
        dialogs(&app, theme, &mut wrong).await?;
        for (section, name) in [("connections", "Connections and keys"), ("settings", "Settings")] {
            let rail = app.find("navigation", "Sections").await?;
            let link = rail.find("link", name).await?;
            link.click().await?;
            eventually("the section is open", || async {
                match link.attribute("aria-current").await?.as_deref() {
                    Some("page") => Ok(()),
                    other => Err(format!("{other:?}").into()),
                }
            })
            .await?;
            look(&app, section, theme, &mut wrong).await?;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

#[tokio::test]
async fn lanes_of_other_endpoints_and_files_of_prompts_fit_their_window() -> Outcome<()> {
    let screen = Screen::start()?;
    let mut wrong = Vec::new();
    for theme in ["light", "dark"] {
        let home = Home::new()?;
        let app = App::start(&screen, &home).await?;
        set_theme(&app, theme).await?;
        app.close().await?;

        let app = App::start(&screen, &home).await?;
        try_the_sandbox(&app).await?;
        endpoints::choose_responses(&app).await?;
        endpoints::choose_generic(&app).await?;
        endpoints::open_what_is_carried_over(&app, 'C').await?;
        look(&app, "carried", theme, &mut wrong).await?;
        app.press("Esc").await?;
        app.press("Ctrl+Enter").await?;
        until(&app, &[('A', "finished"), ('B', "finished"), ('C', "finished")]).await?;
        look(&app, "items", theme, &mut wrong).await?;
        conflict(&app, &home, theme, &mut wrong).await?;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

async fn conflict(app: &App, home: &Home, theme: &str, wrong: &mut Vec<String>) -> Outcome<()> {
    let message = app.find("textbox", "User message").await?;
    let first = message.value().await?;
    prompts::name_a_version(app).await?;
    prompts::rewrite(&prompts::file_of_the_prompt(home).await?, &first, "Written in another program")?;
    message.type_text(" And in the evening?").await?;
    command(app, "Look for changes in the folder of the prompts").await?;
    app.find("button", "Keep mine").await?;
    look(app, "conflict", theme, wrong).await?;
    command(app, "Compare the file with this prompt").await?;
    app.find("dialog", "What the file says, against this prompt").await?;
    look(app, "conflict-compared", theme, wrong).await?;
    app.press("Esc").await?;
    command(app, "Take the file of this prompt").await?;
    app.press("Ctrl+S").await?;
    let dialog = app.find("dialog", "Versions of Three lanes in the sandbox").await?;
    dialog.find("listbox", "Versions").await?;
    look(app, "versions", theme, wrong).await
}

/// So that the tab Tokens has something to show.
async fn ask_for_log_probabilities(app: &App) -> Outcome<()> {
    command(app, "Show messages or JSON").await?;
    let editor = app.find("textbox", "Request body of lane A").await?;
    focused(&editor, "the editor").await?;
    app.press("Ctrl+End").await?;
    app.press("Up").await?;
    app.press("End").await?;
    app.type_text(r#", "logprobs": true, "top_logprobs": 4"#).await?;
    eventually("the form has it", || async {
        let text =
            app.find("region", "Parameters of lane A").await?.find("group", "top_logprobs").await?.text().await?;
        if text.contains("Reset") || !text.contains("unset value") { Ok(()) } else { Err(text.into()) }
    })
    .await
}

async fn inspect(app: &App, theme: &str, wrong: &mut Vec<String>) -> Outcome<()> {
    const TABS: &[(&str, &str)] = &[
        ("Ctrl+Alt+1", "request"),
        ("Ctrl+Alt+2", "response"),
        ("Ctrl+Alt+3", "events"),
        ("Ctrl+Alt+4", "timing"),
        ("Ctrl+Alt+5", "tokens"),
        ("Ctrl+Alt+6", "code"),
    ];
    for (chord, name) in TABS {
        app.press(chord).await?;
        let inspector = app.find("region", "Inspector").await?;
        eventually("the tab has read what it shows", || async {
            let text = inspector.text().await?;
            if text.trim_end().ends_with("Reading") { Err("it reads".into()) } else { Ok(()) }
        })
        .await?;
        if *name == "events" || *name == "tokens" {
            app.press("Alt+Right").await?;
            app.press("Alt+Right").await?;
        }
        look(app, &format!("inspect-{name}"), theme, wrong).await?;
    }
    command(app, "Replay current lane step by step").await?;
    app.find("group", "Replay of lane A").await?;
    app.press("Ctrl+J").await?;
    look(app, "replay", theme, wrong).await?;
    app.press("Esc").await?;
    until(app, &[('A', "finished")]).await
}

async fn dialogs(app: &App, theme: &str, wrong: &mut Vec<String>) -> Outcome<()> {
    command(app, "Edit before sending").await?;
    let editor = app.find("textbox", "Exact body of lane A").await?;
    focused(&editor, "the editor").await?;
    look(app, "edit-before-sending", theme, wrong).await?;
    app.press("Esc").await?;
    command(app, "Import a file or paste").await?;
    let field = app.find("textbox", "Text to import").await?;
    focused(&field, "the text to import").await?;
    look(app, "import", theme, wrong).await?;
    app.type_text(
        r#"{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[]}}"#,
    )
    .await?;
    app.press("Ctrl+Enter").await?;
    app.find("dialog", "Imported").await?;
    look(app, "imported", theme, wrong).await?;
    app.press("Esc").await?;
    app.press("Ctrl+Shift+F").await?;
    let search = app.find("combobox", "Search runs").await?;
    focused(&search, "the search").await?;
    app.type_text("light").await?;
    eventually("a row is found", || async {
        let rows = app.find("grid", "Runs").await?.all("row").await?;
        if rows.len() > 1 { Ok(()) } else { Err(format!("{} rows", rows.len()).into()) }
    })
    .await?;
    look(app, "history", theme, wrong).await
}

async fn set_theme(app: &App, theme: &str) -> Outcome<()> {
    let mut settings = app.invoke("bootstrap", json!({})).await?["settings"].clone();
    settings["theme"] = json!(theme);
    app.invoke("save_settings", json!({ "settings": settings })).await.map(drop)
}

/// A screen in both themes and sizes, for a test that comes by it.
pub async fn look_in_both_themes(app: &App, name: &str) -> Outcome<()> {
    let mut wrong = Vec::new();
    for theme in ["light", "dark"] {
        set_theme_now(app, theme).await?;
        look(app, name, theme, &mut wrong).await?;
    }
    set_theme_now(app, "light").await?;
    if wrong.is_empty() { Ok(()) } else { Err(format!("{wrong:#?}").into()) }
}

/// As the window does when the theme of the system changes, so that the focus and what is open stay.
async fn set_theme_now(app: &App, theme: &str) -> Outcome<()> {
    app.script("document.documentElement.dataset.theme = arguments[0]", vec![json!(theme)]).await.map(drop)
}

async fn look(app: &App, name: &str, theme: &str, wrong: &mut Vec<String>) -> Outcome<()> {
    for (width, height) in SIZES {
        app.resize(*width, *height).await?;
        let picture = format!("{name}-{theme}-{width}x{height}");
        app.picture(&picture).await?;
        let found = app.script(FAULTS, vec![]).await?;
        for fault in found.as_array().into_iter().flatten().filter_map(Value::as_str) {
            wrong.push(format!("{picture}: {fault}"));
        }
    }
    app.resize(1440, 900).await
}

/// Things that no screen may have: a window that scrolls or was scrolled sideways, something that sticks out of it, a
/// control without a name, type under 11 px.
const FAULTS: &str = r#"
const faults = [];
const describe = (element) => element.outerHTML.replace(/\s+/g, ' ').slice(0, 120);
const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
if (document.documentElement.scrollWidth > innerWidth) faults.push(`the page is ${document.documentElement.scrollWidth} px wide`);
for (const element of document.querySelectorAll('body, .window, .page, main')) {
  if (element.scrollLeft !== 0) faults.push(`moved by ${element.scrollLeft} px: ${describe(element)}`);
}
const clipped = (element) => {
  // What the window itself cuts off sticks out of it.
  for (let parent = element.parentElement; parent && !parent.matches('.window, body'); parent = parent.parentElement) {
    const style = getComputedStyle(parent);
    if (style.overflowX !== 'visible' || style.clipPath !== 'none') return true;
  }
  return false;
};
for (const element of document.querySelectorAll('button, input, textarea, select, a, h1, h2, h3')) {
  if (!visible(element)) continue;
  const box = element.getBoundingClientRect();
  if (box.width > 1 && (box.right > innerWidth + 1 || box.left < -1) && !clipped(element)) faults.push(`sticks out: ${describe(element)}`);
}
const nameOf = (element) => element.ariaLabel || element.getAttribute('aria-labelledby') || [...(element.labels ?? [])].map((label) => label.textContent).join('')
  || element.title || (element.matches('input, textarea, select') ? '' : element.textContent);
for (const element of document.querySelectorAll('button, a[href], input, textarea, select, [role=button], [role=tab], [role=radio], [role=switch], [role=checkbox], [role=slider]')) {
  if (visible(element) && !element.closest('[aria-hidden=true]') && !nameOf(element).trim()) faults.push(`no name: ${describe(element)}`);
}
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let text = walker.nextNode(); text; text = walker.nextNode()) {
  const element = text.parentElement;
  if (!text.data.trim() || !element || !visible(element) || element.closest('.sr, script, style')) continue;
  if (parseFloat(getComputedStyle(element).fontSize) < 11) faults.push(`type under 11 px: ${describe(element)}`);
}
return [...new Set(faults)].slice(0, 20);
"#;
