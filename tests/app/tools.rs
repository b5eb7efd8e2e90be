//! A dialogue with tools, answered by hand: two calls at once, then one, then the answer. The model refuses unless every
//! call is answered exactly once.

use juxta_tests::window::{App, Found, Outcome, eventually};
use serde_json::json;

use crate::person::{answer, choose_model, first_start, lane, log, try_the_sandbox, until};

const MODEL: &str = "sandbox/tools-steps";

#[tokio::test]
async fn calls_of_tools_are_answered_by_hand_in_a_chat_and_in_a_response() -> Outcome<()> {
    let (_screen, _home, app) = first_start().await?;
    try_the_sandbox(&app).await?;
    choose_model(&app, 'A', MODEL).await?;
    offer_tools(&app).await?;
    choose_model(&app, 'B', MODEL).await?;
    choose_responses(&app).await?;
    for letter in ['A', 'B'] {
        let key = u32::from(letter) - u32::from('A') + 1;
        app.press(&format!("Ctrl+{key}")).await?;
        app.press("Ctrl+Shift+Enter").await?;
        let given = answer_two_calls(&app, letter).await?;
        answer_one_call(&app, letter).await?;
        told(&app, letter, &[given, vec!["last of three".to_owned()]].concat()).await?;
        until(&app, &[(letter, "finished")]).await?;
        assert!(!lane(&app, letter).await?.has("button", "Send results").await?);
    }
    shows(&log(&app, 'B').await?, &["Continues resp"]).await?;
    app.picture("tools-answered").await
}

/// In the base lane, from where the other lanes have them.
async fn offer_tools(app: &App) -> Outcome<()> {
    let tool = |name: &str| json!({ "type": "function", "function": { "name": name } });
    app.press("Ctrl+1").await?;
    let row = app.find("region", "Parameters of lane A").await?.find("group", "tools").await?;
    let states = row.find("radiogroup", "tools state").await?;
    states.find("radio", "unset").await?.click().await?;
    states.find("radio", "value").await?.click().await?;
    let field = row.find("textbox", "tools").await?;
    field.replace_text(&json!([tool("get_weather"), tool("get_time")]).to_string()).await
}

async fn choose_responses(app: &App) -> Outcome<()> {
    lane(app, 'B').await?.find("button", &format!("{MODEL}, model of lane B")).await?.click().await?;
    let dialog = app.find("dialog", "Model of lane B").await?;
    dialog.find("radiogroup", "Endpoint").await?.find("radio", "Responses").await?.click().await?;
    app.press("Esc").await?;
    shows(&lane(app, 'B').await?, &["responses"]).await
}

/// Gives each of two calls a result of its own, and sends both with the key.
async fn answer_two_calls(app: &App, letter: char) -> Outcome<Vec<String>> {
    until(app, &[(letter, "finished")]).await?;
    let fields = results(app, letter, 2).await?;
    let mut given = Vec::new();
    for (at, name) in fields.iter().enumerate() {
        let words = format!("“{at}” of {letter} \\ ☀");
        log(app, letter).await?.find("textbox", name).await?.replace_text(&words).await?;
        given.push(words);
    }
    app.picture(&format!("tools-{}", letter.to_ascii_lowercase())).await?;
    app.press("Ctrl+Enter").await?;
    Ok(given)
}

/// The arguments are changed first: they are sent with the call and its result, also where the server keeps answers.
async fn answer_one_call(app: &App, letter: char) -> Outcome<()> {
    let fields = results(app, letter, 1).await?;
    let tool = fields[0].trim_start_matches("Result of ");
    let log = log(app, letter).await?;
    log.find("button", &format!("Edit arguments of {tool}")).await?.click().await?;
    log.find("textbox", &format!("Arguments of {tool}")).await?.replace_text(r#"{"place":"Ås"}"#).await?;
    shows(&log, &["Changed: the model is told", "Adds the answer and its results"]).await?;
    log.find("textbox", &fields[0]).await?.replace_text("last of three").await?;
    log.find("button", "Send results").await?.click().await
}

async fn shows(found: &Found, words: &[&str]) -> Outcome<()> {
    eventually(&format!("{words:?} are shown"), || async {
        let text = found.text().await?;
        if words.iter().all(|word| text.contains(word)) { Ok(()) } else { Err(text.into()) }
    })
    .await
}

/// Waits until the model tells what its tools gave.
async fn told(app: &App, letter: char, results: &[String]) -> Outcome<()> {
    eventually("the model tells all results", || async {
        let text = answer(app, letter).await?;
        let all = text.contains("The tools answered") && results.iter().all(|result| text.contains(result));
        if all { Ok(()) } else { Err(text.into()) }
    })
    .await
}

/// Names of the fields for results, as soon as there are so many.
async fn results(app: &App, letter: char, count: usize) -> Outcome<Vec<String>> {
    eventually("the fields for results", || async {
        let all = log(app, letter).await?.all("textbox").await?;
        let names: Vec<_> =
            all.into_iter().map(|(name, _)| name).filter(|name| name.starts_with("Result of ")).collect();
        if names.len() == count { Ok(names) } else { Err(format!("{names:?}").into()) }
    })
    .await
}
