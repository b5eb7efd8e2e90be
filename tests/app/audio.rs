//! Speech by keyboard: a text is spoken by two voices, each sound is written down again, and what came back is read word by
//! word. Then a server that fails: the sound stays, and the same is sent once more.

use juxta_tests::window::{App, Found, Outcome, eventually};
use serde_json::{Value, json};

use crate::looks::look_in_both_themes;
use crate::person::{command, first_start, focused, pick_model, recorded_body, says, walk_to};

const TEXT: &str = "Hello “Maren”, your refund goes back to the card \\ you paid with. It takes three days.";

#[tokio::test]
async fn audio_speaks_a_text_and_writes_it_down_again() -> Outcome<()> {
    let (_screen, _home, app) = first_start().await?;
    app.find("region", "Try the sandbox").await?;
    command(&app, "Open Audio").await?;
    let speech = app.find("region", "Synthesize").await?;
    choose(&app, &speech, "sandbox/speak").await?;
    let text = speech.find("textbox", "Text to speak").await?;
    text.type_text(TEXT).await?;
    for voice in ["Voice alloy", "Voice coral"] {
        let voice = speech.find("checkbox", voice).await?;
        walk_to(&app, "Tab", &voice).await?;
        app.press(" ").await?;
    }
    app.press("Ctrl+Enter").await?;
    for slider in ["Position in alloy", "Position in coral"] {
        speech.find("slider", slider).await?;
    }
    let sent = last_run(&app).await?;
    let bodies = bodies(&app, &sent).await?;
    for (body, voice) in bodies.iter().zip(["alloy", "coral"]) {
        let body: Value = serde_json::from_str(body)?;
        assert_eq!((&body["input"], &body["voice"]), (&json!(TEXT), &json!(voice)));
        assert_eq!(body["response_format"], "wav");
    }

    let transcript = app.find("region", "Transcript of no recording").await?;
    choose(&app, &transcript, "sandbox/transcribe").await?;
    command(&app, "Transcribe the speech again, and compare").await?;
    let trips = speech.find("group", "Round trip").await?;
    says(&trips, &["every word came back", "WER 0.0 %"]).await?;
    app.picture("audio-speech").await?;

    // Each sound is a recording now, with its transcript.
    let list = app.find("listbox", "Recordings").await?;
    let rows = eventually("both recordings are transcribed", || async {
        let rows = list.all("option").await?;
        let done = rows.iter().filter(|(name, _)| name.contains("Transcribed")).count();
        if done == 2 { Ok(rows) } else { Err(format!("{done} of {}", rows.len()).into()) }
    })
    .await?;
    let (_, alloy) = rows.iter().find(|(name, _)| name.contains("alloy")).ok_or("no recording of alloy")?;
    alloy.click().await?;
    read_by_word(&app).await?;
    fail_and_retry(&app).await
}

/// The words are buttons, and the keys of words go from one to the next.
async fn read_by_word(app: &App) -> Outcome<()> {
    let pane = transcript_of(app, "alloy").await?;
    let refund = pane.find("button", "refund").await?;
    refund.click().await?;
    let is_now = |found: Found| async move {
        eventually("the word is the present one", || async {
            match found.attribute("aria-current").await?.as_deref() {
                Some("true") => Ok(()),
                other => Err(format!("{other:?}").into()),
            }
        })
        .await
    };
    is_now(refund).await?;
    app.press("Alt+Right").await?;
    is_now(pane.find("button", "goes").await?).await?;
    pane.find("tab", "Reading").await?.click().await?;
    app.press("Right").await?;
    for form in ["json", "verbose_json", "srt"] {
        app.press("Right").await?;
        focused(&pane.find("tab", form).await?, form).await?;
    }
    says(&pane, &["Made from the", "00:00:00,", "-->", "card"]).await?;
    look_in_both_themes(app, "audio-transcript").await
}

async fn fail_and_retry(app: &App) -> Outcome<()> {
    let pane = transcript_of(app, "alloy").await?;
    choose(app, &pane, "sandbox/fault/status-403").await?;
    command(app, "Transcribe the recording").await?;
    says(&pane, &["The recording is kept. Retry sends the same again."]).await?;
    let first = last_run(app).await?;
    look_in_both_themes(app, "audio-failed").await?;
    pane.find("button", "Retry").await?.click().await?;
    let second = eventually("the same is sent again", || async {
        let now = last_run(app).await?;
        if now["summary"]["id"] == first["summary"]["id"] { Err("not yet".into()) } else { Ok(now) }
    })
    .await?;
    assert_eq!(second["snapshot"]["draft"], first["snapshot"]["draft"]);
    // Every answer leads to what was sent.
    pane.find("button", "Recording actions").await?.click().await?;
    app.find("menuitem", "Open in the inspector").await?.click().await?;
    let inspector = app.find("region", "Inspector").await?;
    says(&inspector, &["sandbox/fault/status-403"]).await?;
    app.picture("audio-inspector").await
}

async fn transcript_of(app: &App, voice: &str) -> Outcome<Found> {
    eventually("the transcript of the recording", || async {
        let regions = app.all("region").await?;
        let found = regions.into_iter().find(|(name, _)| name.starts_with("Transcript of") && name.ends_with(voice));
        found.map(|(_, region)| region).ok_or("it is not there".into())
    })
    .await
}

/// Gives a half of the section a model, through the dialog of its button.
async fn choose(app: &App, pane: &Found, model: &str) -> Outcome<()> {
    let buttons = pane.all("button").await?;
    let (_, button) = buttons.iter().find(|(name, _)| name.starts_with("Model: ")).ok_or("no model")?;
    button.click().await?;
    pick_model(app, 'A', model).await?;
    pane.find("button", &format!("Model: {model}")).await.map(drop)
}

async fn last_run(app: &App) -> Outcome<Value> {
    eventually("the last run is over", || async {
        let rows = app.invoke("list_runs", json!({ "limit": 1, "before": null })).await?;
        let row = rows.get(0).ok_or("nothing was sent")?;
        if row["live"] == true {
            return Err("it is under way".into());
        }
        app.invoke("open_run", json!({ "id": row["id"] })).await
    })
    .await
}

async fn bodies(app: &App, run: &Value) -> Outcome<Vec<String>> {
    let mut bodies = Vec::new();
    for cell in run["cells"].as_array().ok_or("no calls")? {
        bodies.push(recorded_body(app, &cell["id"]).await?);
    }
    Ok(bodies)
}
