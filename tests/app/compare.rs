//! One prompt, three lanes, three dialects; and everything found again after a restart.

use juxta_tests::window::{App, Outcome, eventually};
use serde_json::{Value, json};

use crate::person::{
    answer, choose_model, first_start, focused, lane, log, recent_runs, set_parameter, try_the_sandbox, until,
    until_answers_are, until_it_says,
};

/// Slow enough to be stopped in the middle on any machine: it would take 100 seconds.
const SLOW: &str = "sandbox/rate-20x2000";
/// Long enough to be seen streaming, short enough to be whole on screen: a lane draws only what is near.
const BRIEF: &str = "sandbox/rate-20x80";

#[tokio::test]
async fn three_lanes_stream_and_what_became_of_each_is_found_again() -> Outcome<()> {
    let (screen, home, app) = first_start().await?;
    try_the_sandbox(&app).await?;
    choose_model(&app, 'A', BRIEF).await?;
    choose_model(&app, 'B', SLOW).await?;
    set_parameter(&app, 'C', "temperature", "2.4").await?;
    app.press("Ctrl+Enter").await?;

    // Both are live at the same time, each with text of its own.
    until_it_says(&app, 'A', 40).await?;
    let early = until_it_says(&app, 'B', 20).await?;
    until(&app, &[('B', "streaming"), ('C', "failed")]).await?;
    assert_eq!(log(&app, 'B').await?.attribute("aria-busy").await?.as_deref(), Some("true"));

    let alert = lane(&app, 'C').await?.find("alert", "Lane C failed").await?;
    assert!(alert.text().await?.contains("The server rejected temperature"), "{}", alert.text().await?);
    alert.find("button", "Go to temperature").await?.click().await?;
    let control = app.find("region", "Parameters of lane C").await?.find("spinbutton", "temperature").await?;
    eventually("the control that the server rejected has the focus", || async {
        if control.has_focus().await? { Ok(()) } else { Err("it is elsewhere".into()) }
    })
    .await?;
    assert_eq!(control.value().await?, "2.4");

    goes_there_in_a_narrow_window(&app).await?;

    stop_lane(&app, 'B').await?;
    until(&app, &[('A', "finished"), ('B', "stopped"), ('C', "failed")]).await?;
    // What a lane is comes a frame before it is painted; the picture waits for that frame.
    app.picture("compare-after-a-run").await?;
    let stopped = answer(&app, 'B').await?;
    assert!(stopped.starts_with(early.trim_end()), "a stopped lane keeps its text:\n{early}\n---\n{stopped}");
    assert!(stopped.contains("You stopped here."), "{stopped}");
    let before = [answer(&app, 'A').await?, stopped, answer(&app, 'C').await?];
    let recorded = recorded_texts(&app).await?;
    app.close().await?;

    let app = App::start(&screen, &home).await?;
    let runs = recent_runs(&app).await?;
    assert_eq!(runs.len(), 1, "the run is in the list once");
    let (words, row) = &runs[0];
    assert!(words.ends_with("3 lanes, 1 of 3 finished, 2 did not"), "{words}");
    row.click().await?;
    until(&app, &[('A', "finished"), ('B', "stopped"), ('C', "failed")]).await?;
    until_answers_are(&app, &[('A', &before[0]), ('B', &before[1]), ('C', &before[2])]).await?;
    assert_eq!(recorded_texts(&app).await?, recorded, "the record is as it was");
    assert_eq!(recorded.len(), 3);
    assert!(recorded[0].len() > 200 && recorded[1].len() > 20 && recorded[2].is_empty(), "{recorded:?}");
    lane(&app, 'C').await?.find("button", "Go to temperature").await.map(drop)
}

/// The panel once had no width where it lies above the lanes, and the focus in it moved the whole window sideways.
async fn goes_there_in_a_narrow_window(app: &App) -> Outcome<()> {
    app.resize(1000, 700).await?;
    lane(app, 'C').await?.find("button", "Go to temperature").await?.click().await?;
    let control = app.find("region", "Parameters of lane C").await?.find("spinbutton", "temperature").await?;
    focused(&control, "the parameter that was rejected").await?;
    let facts = app.script(WHERE_THE_PANEL_IS, vec![]).await?;
    assert_eq!(facts, json!({ "width": 288, "beside": 0, "moved": 0 }));
    app.press("Esc").await?;
    app.resize(1440, 900).await
}

/// As it is laid out: the panel may still slide in.
const WHERE_THE_PANEL_IS: &str = r#"
const panel = document.querySelector('.params');
const beside = panel.offsetParent.clientWidth - panel.offsetLeft - panel.offsetWidth;
return { width: panel.offsetWidth, beside, moved: document.querySelector('.window').scrollLeft };
"#;

async fn stop_lane(app: &App, letter: char) -> Outcome<()> {
    lane(app, letter).await?.find("button", &format!("Lane {letter} actions")).await?.click().await?;
    app.click("menuitem", "Stop lane").await
}

/// The texts of the newest run as they are stored, lane by lane.
async fn recorded_texts(app: &App) -> Outcome<Vec<String>> {
    let listed = app.invoke("list_runs", json!({ "limit": 1, "before": null })).await?;
    let run = app.invoke("open_run", json!({ "id": listed[0]["id"] })).await?;
    let mut cells = run["cells"].as_array().ok_or("a run without cells")?.clone();
    cells.sort_by_key(|cell| cell["laneIndex"].as_u64());
    let text = |cell: &Value| cell["outcome"]["choices"][0]["text"].as_str().unwrap_or_default().to_owned();
    Ok(cells.iter().map(text).collect())
}
