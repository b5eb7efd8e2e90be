//! A dialogue with tools in three steps: two calls at once, then one, then the answer. The model refuses unless every call
//! is answered exactly once.

use juxta_tests::tool_server::ToolServer;
use juxta_tests::window::{App, Found, Outcome, eventually};
use serde_json::{Value, json};

use crate::person::{
    answer, choose_model, first_start, focused, lane, log, recorded_body, says, set_json, try_the_sandbox, until,
};

const MODEL: &str = "sandbox/tools-steps";
const RULE: &str = "by rule “ä” \\ ☀";
const SERVED: &str = "{\"time\":\"14:05\",\"place\":\"Ås\"}";

#[tokio::test]
async fn a_dialogue_with_tools_goes_on_by_itself_in_a_chat_and_in_a_response() -> Outcome<()> {
    let (_screen, _home, app) = first_start().await?;
    let server = ToolServer::start(SERVED).await?;
    two_lanes(&app).await?;
    plan(&app, "Auto", &server.url()).await?;
    for letter in ['A', 'B'] {
        run(&app, letter).await?;
        told(&app, letter, &[RULE, SERVED, RULE]).await?;
        until(&app, &[(letter, "finished")]).await?;
        let lane = lane(&app, letter).await?;
        let first = lane.find("group", &format!("Step 1, lane {letter}")).await?;
        says(&first, &["by a rule", RULE, "200", SERVED]).await?;
        lane.find("group", &format!("Step 3, lane {letter}")).await?;
        assert!(!lane.has("button", "Send results").await?);
        says(&lane.find("group", &format!("Dialogue of lane {letter}")).await?, &["3 steps"]).await?;
        every_call_is_answered_once(&app, letter).await?;
    }
    let asked = server.asked();
    assert_eq!(asked.len(), 2, "once for each lane: {asked:?}");
    for body in &asked {
        assert_eq!(body["name"], "get_time");
        assert!(body["id"].as_str().is_some_and(|id| id.starts_with("call_")), "{body}");
    }
    // A step is looked at in the inspector like a repeat is.
    app.press("Ctrl+2").await?;
    let second = lane(&app, 'B').await?.find("group", "Step 2, lane B").await?;
    press_first(&second, "button", "Step 2").await?;
    app.press("Ctrl+J").await?;
    let inspector = app.find("region", "Inspector").await?;
    says(&inspector, &["step 2"]).await?;
    app.picture("tools-auto").await
}

#[tokio::test]
async fn a_dialogue_with_tools_waits_at_each_step_in_a_chat_and_in_a_response() -> Outcome<()> {
    let (_screen, _home, app) = first_start().await?;
    let server = ToolServer::start(SERVED).await?;
    two_lanes(&app).await?;
    plan(&app, "Step", &server.url()).await?;
    for letter in ['A', 'B'] {
        run(&app, letter).await?;
        // What the rules give is filled in, and can be written anew.
        let fields = results(&app, letter, 2).await?;
        filled(&app, letter, &fields[0], RULE).await?;
        filled(&app, letter, &fields[1], SERVED).await?;
        let log = log(&app, letter).await?;
        says(&log, &["Given by a rule", "200"]).await?;
        let words = format!("by hand “{letter}” \\ ☀");
        log.find("textbox", &fields[1]).await?.replace_text(&words).await?;
        app.picture(&format!("tools-{}", letter.to_ascii_lowercase())).await?;
        app.press("Ctrl+Enter").await?;
        // The arguments are changed: they are sent with the call and its result, also where the server keeps answers.
        let fields = results(&app, letter, 1).await?;
        filled(&app, letter, &fields[0], RULE).await?;
        let tool = fields[0].trim_start_matches("Result of ");
        log.find("button", &format!("Edit arguments of {tool}")).await?.click().await?;
        log.find("textbox", &format!("Arguments of {tool}")).await?.replace_text(r#"{"place":"Ås"}"#).await?;
        says(&log, &["Changed: the model is told"]).await?;
        log.find("textbox", &fields[0]).await?.replace_text("last of three").await?;
        log.find("button", "Send results").await?.click().await?;
        told(&app, letter, &[RULE, &words, "last of three"]).await?;
        until(&app, &[(letter, "finished")]).await?;
        assert!(!lane(&app, letter).await?.has("button", "Send results").await?);
        every_call_is_answered_once(&app, letter).await?;
        let bodies = bodies(&app, letter).await?;
        assert!(bodies[2].contains(r#"{\"place\":\"Ås\"}"#), "{}", bodies[2]);
    }
    assert_eq!(server.asked().len(), 2, "the rule of the second tool, once for each lane");
    // The dialogue becomes messages of the lane.
    lane(&app, 'A').await?.find("button", "Keep as messages").await?.click().await?;
    app.find("group", "Message 2").await?;
    says(&lane(&app, 'A').await?, &["Own input"]).await?;
    app.picture("tools-kept").await
}

/// A chat and a response, which are both offered two tools.
async fn two_lanes(app: &App) -> Outcome<()> {
    try_the_sandbox(app).await?;
    choose_model(app, 'A', MODEL).await?;
    offer_tools(app).await?;
    choose_model(app, 'B', MODEL).await?;
    choose_responses(app).await
}

/// In the base lane, from where the other lanes have them.
async fn offer_tools(app: &App) -> Outcome<()> {
    let tool = |name: &str| json!({ "type": "function", "function": { "name": name } });
    set_json(app, 'A', "tools", &json!([tool("get_weather"), tool("get_time")]).to_string()).await
}

async fn choose_responses(app: &App) -> Outcome<()> {
    lane(app, 'B').await?.find("button", &format!("{MODEL}, model of lane B")).await?.click().await?;
    let dialog = app.find("dialog", "Model of lane B").await?;
    dialog.find("radiogroup", "Endpoint").await?.find("radio", "Responses").await?.click().await?;
    app.press("Esc").await?;
    says(&lane(app, 'B').await?, &["responses"]).await
}

/// The first tool gets a text, the second what a server on this machine says.
async fn plan(app: &App, mode: &str, url: &str) -> Outcome<()> {
    app.press("Ctrl+1").await?;
    let composer = app.find("region", "Composer").await?;
    press_first(&composer, "tab", "Tools").await?;
    press_first(&composer, "button", "Results").await?;
    composer.find("radiogroup", "Dialogue mode").await?.find("radio", mode).await?.click().await?;
    composer.find("button", "Add rule").await?.click().await?;
    composer.find("textbox", "Text of rule 1").await?.replace_text(RULE).await?;
    composer.find("button", "Add rule").await?.click().await?;
    let second = composer.find("group", "Rule 2").await?;
    // A new rule has the focus on its tool, which is the first one.
    let tool = second.find("combobox", "Tool of rule 2").await?;
    focused(&tool, "the tool of the rule").await?;
    app.press("Down").await?;
    eventually("the rule is of the second tool", || async {
        let chosen = tool.value().await?;
        if chosen.contains("get_time") { Ok(()) } else { Err(chosen.into()) }
    })
    .await?;
    second.find("radiogroup", "Rule 2 gives").await?.find("radio", "HTTP").await?.click().await?;
    second.find("textbox", "Address of rule 2").await?.replace_text(url).await?;
    press_first(&composer, "tab", "Messages").await
}

/// Presses what is named so; a count may stand behind the name.
async fn press_first(within: &Found, role: &str, name: &str) -> Outcome<()> {
    eventually(&format!("{role} {name}"), || async {
        let all = within.all(role).await?;
        let (_, found) = all.into_iter().find(|(full, _)| full.starts_with(name)).ok_or("it is not there")?;
        found.click().await
    })
    .await
}

async fn run(app: &App, letter: char) -> Outcome<()> {
    let key = u32::from(letter) - u32::from('A') + 1;
    app.press(&format!("Ctrl+{key}")).await?;
    app.press("Ctrl+Shift+Enter").await
}

/// Waits until the model tells what its tools gave.
async fn told(app: &App, letter: char, results: &[&str]) -> Outcome<()> {
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

async fn filled(app: &App, letter: char, field: &str, words: &str) -> Outcome<()> {
    eventually(&format!("{field} is filled"), || async {
        let value = log(app, letter).await?.find("textbox", field).await?.value().await?;
        if value == words { Ok(()) } else { Err(value.into()) }
    })
    .await
}

/// The calls of the newest run of a lane, step by step.
async fn steps(app: &App, letter: char) -> Outcome<Vec<Value>> {
    let runs = app.invoke("list_runs", json!({ "limit": 20, "before": null })).await?;
    let index = u32::from(letter) - u32::from('A');
    for run in runs.as_array().into_iter().flatten() {
        let opened = app.invoke("open_run", json!({ "id": run["id"] })).await?;
        let cells = opened["cells"].as_array().cloned().unwrap_or_default();
        if cells.iter().all(|cell| cell["laneIndex"] == json!(index)) {
            return Ok(cells);
        }
    }
    Err(format!("no run of lane {letter} alone").into())
}

async fn bodies(app: &App, letter: char) -> Outcome<Vec<String>> {
    let mut bodies = Vec::new();
    for cell in steps(app, letter).await? {
        bodies.push(recorded_body(app, &cell["id"]).await?);
    }
    Ok(bodies)
}

/// In what was sent, not in what the screen says: each id that an answer had is answered once, with what is kept of it.
async fn every_call_is_answered_once(app: &App, letter: char) -> Outcome<()> {
    let steps = steps(app, letter).await?;
    let bodies = bodies(app, letter).await?;
    assert_eq!(steps.len(), 3);
    for (step, next) in steps.iter().zip(&bodies[1..]) {
        let sent: Value = serde_json::from_str(next)?;
        let items = sent["messages"].as_array().or(sent["input"].as_array()).cloned().unwrap_or_default();
        for result in step["results"].as_array().into_iter().flatten() {
            let answers: Vec<_> = items
                .iter()
                .filter(|item| item["tool_call_id"] == result["id"] || is_output_of(item, &result["id"]))
                .map(|item| item["content"].as_str().or(item["output"].as_str()).unwrap_or_default())
                .collect();
            assert_eq!(answers, [result["state"]["reply"]["text"].as_str().unwrap_or_default()], "{next}");
        }
    }
    Ok(())
}

fn is_output_of(item: &Value, id: &Value) -> bool {
    item["type"] == "function_call_output" && item["call_id"] == *id
}
