//! What goes along with a text and what comes back beside one: a picture that is attached, an answer that is spoken.

use juxta_tests::window::{App, Found, Outcome, eventually};
use serde_json::{Value, json};

use crate::looks::look_in_both_themes;
use crate::person::{
    choose_model, command, first_start, focused, lane, log, recorded_body, says, try_the_sandbox, until,
};

/// A PNG that the project has anyway.
const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../icons/128x128.png");

/// A PNG of 74 bytes that says it has 40,000 × 40,000 pixels: 6.4 GB of them.
const BOMB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/app/claims-40000x40000.png");

#[tokio::test]
async fn a_picture_goes_along_and_a_spoken_answer_is_heard_or_says_why_not() -> Outcome<()> {
    let (_screen, home, app) = first_start().await?;
    try_the_sandbox(&app).await?;
    app.press("Ctrl+1").await?;
    choose_model(&app, 'A', "sandbox/audio").await?;
    refuse_to_decode(&app).await?;
    attach(&app).await?;
    ask_for_sound(&app).await?;
    app.press("Ctrl+Shift+Enter").await?;
    until(&app, &[('A', "finished")]).await?;
    the_picture_was_sent(&app).await?;

    let sound = log(&app, 'A').await?.find("group", "Sound of lane A").await?;
    says(&lane(&app, 'A').await?, &["audio/wav", "24 kHz, mono"]).await?;
    look_in_both_themes(&app, "attached").await?;
    play_without_a_device(&app, &sound).await?;
    sound.find("button", "Save the sound of lane A").await?.click().await?;
    eventually("the sound is a file", || async {
        let mut files = home.files()?;
        files.retain(|file| file.extension().is_some_and(|ending| ending == "wav"));
        let [file] = files.as_slice() else { return Err(format!("{files:?}").into()) };
        let bytes = std::fs::read(file)?;
        assert!(bytes.starts_with(b"RIFF") && bytes[8..].starts_with(b"WAVE"));
        Ok(())
    })
    .await
}

async fn part_of(app: &App, file: &str) -> Outcome<Found> {
    app.find("button", "Files to attach").await?.type_text(file).await?;
    eventually("the part that is the picture", || async {
        let parts = app.find("region", "Composer").await?.all("group").await?;
        let found = parts.into_iter().find(|(name, _)| name.starts_with("Part ") && name.ends_with("User message"));
        found.map(|(_, part)| part).ok_or("it is not there".into())
    })
    .await
}

/// It can be sent as it is, and neither Juxta nor its web view makes room for its pixels.
async fn refuse_to_decode(app: &App) -> Outcome<()> {
    let before = app.memory();
    let part = part_of(app, BOMB).await?;
    says(&part, &["image/png", "more than 32768 pixels"]).await?;
    let more = app.memory() - before;
    assert!(more < 200.0, "{more} MB more than without it");
    part.find("button", "Remove part 2 of User message").await?.click().await?;
    Ok(())
}

async fn attach(app: &App) -> Outcome<()> {
    let part = part_of(app, PICTURE).await?;
    says(&part, &["image/png, 128 × 128 pixels", "detail unset"]).await?;
    says(&app.find("region", "Composer").await?, &["1 image"]).await
}

/// By the body itself, where both members are written in one go.
async fn ask_for_sound(app: &App) -> Outcome<()> {
    command(app, "Show messages or JSON").await?;
    let editor = app.find("textbox", "Request body of lane A").await?;
    focused(&editor, "the editor").await?;
    for key in ["Ctrl+End", "Up", "End"] {
        app.press(key).await?;
    }
    app.type_text(r#", "modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}"#).await?;
    let panel = app.find("region", "Parameters of lane A").await?;
    let value = panel.find("group", "audio").await?.find("textbox", "audio").await?;
    eventually("the form has it", || async {
        let text = value.value().await?;
        if text.contains("alloy") { Ok(()) } else { Err(text.into()) }
    })
    .await?;
    command(app, "Show messages or JSON").await
}

async fn the_picture_was_sent(app: &App) -> Outcome<()> {
    let runs = app.invoke("list_runs", json!({ "limit": 1, "before": null })).await?;
    let run = app.invoke("open_run", json!({ "id": runs[0]["id"] })).await?;
    let body: Value = serde_json::from_str(&recorded_body(app, &run["cells"][0]["id"]).await?)?;
    let parts = body["messages"].as_array().and_then(|all| all.last()).map(|last| last["content"].clone());
    let url =
        parts.iter().flat_map(|parts| parts.as_array()).flatten().find_map(|part| part["image_url"]["url"].as_str());
    let url = url.ok_or(format!("no picture in {body}"))?;
    assert!(url.starts_with("data:image/png;base64,iVBORw0KGgo"), "{}", &url[..80]);
    // Base64 says every three bytes in four characters.
    let size = usize::try_from(std::fs::metadata(PICTURE)?.len())?;
    assert_eq!(url.len(), "data:image/png;base64,".len() + size.div_ceil(3) * 4);
    assert_eq!(body["audio"]["format"], "wav");
    Ok(())
}

/// This machine has none: it is said, and the button can be pressed again.
async fn play_without_a_device(app: &App, sound: &Found) -> Outcome<()> {
    for _ in 0..2 {
        sound.find("button", "Play the sound of lane A").await?.click().await?;
        eventually("why nothing is heard", || async {
            let told = app.find("region", "Notifications").await?.text().await?;
            if told.contains("No device for sound could be opened") { Ok(()) } else { Err(told.into()) }
        })
        .await?;
    }
    Ok(())
}
