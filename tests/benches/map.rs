//! 20,000 vectors of 1,536 dimensions in the real window: how smoothly their map is moved, how soon neighbours come, and
//! how long maps take.
//!
//! `cargo bench -p juxta-tests --bench map` (Linux; needs `script/bootstrap --tests`, a built page and
//! `cargo build --release -p juxta`, or the app that `JUXTA_APP` names). The vectors come from the sandbox, as answers of
//! real calls.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[cfg(target_os = "linux")]
fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    if let Err(error) = runtime.block_on(linux::measure()) {
        println!("not measured: {error}");
        std::process::exit(1);
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("WebKitWebDriver exists on Linux only, so there is nothing to measure here.");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::time::{Duration, Instant};

    use juxta_tests::window::{App, Home, Outcome, Screen, eventually};
    use juxta_tests::world::{chat, sandbox};
    use juxta_wire::draft::Parameter;
    use juxta_wire::endpoint::{Dialect, EndpointKind};
    use serde_json::{Value, json};

    const TEXTS: usize = 20_000;
    const IN_ONE_CALL: u32 = 500;
    /// As the app itself decides on a machine without a GPU, which a virtual display is.
    const SOFTWARE: &[(&str, &str)] = &[("WEBKIT_DISABLE_DMABUF_RENDERER", "1"), ("JUXTA_MEMORY_KEYS", "1")];
    const LONGEST: Duration = Duration::from_secs(900);
    const SUBJECTS: [&str; 8] = [
        "refund lamp",
        "parcel late",
        "password reset",
        "invoice wrong",
        "battery heat",
        "color fabric",
        "train ticket",
        "soup recipe",
    ];
    const WISHES: [&str; 7] = ["please", "now", "since Monday", "again and again", "by post", "in writing", "☀"];

    pub async fn measure() -> Outcome<()> {
        let (screen, home) = (Screen::start()?, Home::new()?);
        embed(&screen, &home).await?;
        // Opened anew, so that everything is read from the disk.
        let app = App::start_with(&screen, &home, SOFTWARE).await?;
        let opened = Instant::now();
        app.click("link", "Embeddings").await?;
        until(&app, "the map by PCA", MAP_BY, vec![json!("PCA")]).await?;
        println!("from the click on the section to its map by PCA: {:.1} s", opened.elapsed().as_secs_f64());
        app.script("location.hash = '#bench'", vec![]).await?;
        until(&app, "the measuring module", "return Boolean(window.__juxtaBench)", vec![]).await?;
        let cells = cells(&app).await?;
        neighbours(&app, &cells, "neighbours of one").await?;
        pan(&app, "whole map").await?;
        for _ in 0..4 {
            app.click("button", "Enlarge the map").await?;
        }
        pan(&app, "enlarged, with texts").await?;
        slow_map(&app, &cells).await
    }

    const MAP_BY: &str = "const map = document.querySelector('canvas[aria-label^=\"Map of\"]');
        return Boolean(map && map.getAttribute('aria-label').includes(' by ' + arguments[0]))";

    /// Leaves a document of 20,000 texts with its answers in the data folder.
    async fn embed(screen: &Screen, home: &Home) -> Outcome<()> {
        let mut comparison = chat(&sandbox(Dialect::OpenAi), "sandbox/embed", &[]);
        comparison.lanes[0].endpoint = EndpointKind::Embed;
        comparison.draft.messages.clear();
        comparison.draft.parameters = vec![Parameter::new("encoding_format", "\"base64\"")];
        comparison.draft.batch = IN_ONE_CALL;
        comparison.draft.texts = (0..TEXTS)
            .map(|at| format!("{} {} {}", SUBJECTS[at % SUBJECTS.len()], WISHES[at / 8 % WISHES.len()], at / 56))
            .collect();
        let app = App::start_with(screen, home, SOFTWARE).await?;
        let mut settings = app.invoke("bootstrap", json!({})).await?["settings"].clone();
        settings["started"] = json!(true);
        app.invoke("save_settings", json!({ "settings": settings })).await?;
        app.invoke("save_comparison", json!({ "comparison": comparison })).await?;
        let run = app.invoke("start_run", json!({ "comparison": comparison, "lanes": null })).await?;
        let began = Instant::now();
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let run = app.invoke("open_run", json!({ "id": run["summary"]["id"] })).await?;
            let states: Vec<&Value> =
                run["cells"].as_array().ok_or("no cells")?.iter().map(|cell| &cell["state"]["kind"]).collect();
            if states.iter().all(|state| **state == "finished") {
                println!("{} calls in {:.1} s", states.len(), began.elapsed().as_secs_f64());
                return app.close().await;
            }
            if states.iter().any(|state| **state == "failed") || began.elapsed() > LONGEST {
                return Err(format!("the calls did not finish: {states:?}").into());
            }
        }
    }

    async fn until(app: &App, what: &str, script: &str, arguments: Vec<Value>) -> Outcome<()> {
        let began = Instant::now();
        while app.script(script, arguments.clone()).await? != json!(true) {
            if began.elapsed() > LONGEST {
                return Err(format!("{what} did not come").into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// The calls of the run that is shown, in the order of its texts.
    async fn cells(app: &App) -> Outcome<Value> {
        let runs = app.invoke("list_runs", json!({ "limit": 1, "before": null })).await?;
        let run = app.invoke("open_run", json!({ "id": runs[0]["id"] })).await?;
        let mut cells = run["cells"].as_array().ok_or("no cells")?.clone();
        cells.sort_by_key(|cell| cell["slice"]["from"].as_u64());
        Ok(cells.iter().map(|cell| cell["id"].clone()).collect())
    }

    /// As the page waits for them, from the call of the command to its answer.
    async fn neighbours(app: &App, cells: &Value, what: &str) -> Outcome<()> {
        const ASK: &str = "window.__took = null;
            (async (cells) => {
              const took = [];
              for (let row = 0; row < 20000; row += 1000) {
                const began = performance.now();
                await window.__TAURI_INTERNALS__.invoke('vector_neighbours', { cells, row, count: 20 });
                took.push(performance.now() - began);
              }
              window.__took = took.sort((one, other) => one - other);
            })(arguments[0])";
        app.script(ASK, vec![cells.clone()]).await?;
        until(app, "the neighbours", "return window.__took !== null", vec![]).await?;
        let took = app.script("return window.__took", vec![]).await?;
        let took: Vec<f64> = took.as_array().ok_or("no figures")?.iter().filter_map(Value::as_f64).collect();
        println!("{what}: median {:.0} ms, longest {:.0} ms", took[took.len() / 2], took[took.len() - 1]);
        Ok(())
    }

    /// Drags the map to and fro for some seconds by a real pointer.
    async fn pan(app: &App, what: &str) -> Outcome<()> {
        const PLACE: &str = "const { left, top, width, height } =
              document.querySelector('canvas[aria-label^=\"Map of\"]').getBoundingClientRect();
            return [Math.round(left + width / 2), Math.round(top + height / 2)]";
        let place = app.script(PLACE, vec![]).await?;
        let from = (place[0].as_i64().ok_or("no place")?, place[1].as_i64().ok_or("no place")?);
        let steps: Vec<(i64, i64)> = (0..240).map(|at| if at / 30 % 2 == 0 { (3, 1) } else { (-3, -1) }).collect();
        let began = Instant::now();
        app.script("window.__juxtaBench.start()", vec![]).await?;
        app.drag(from, &steps, Duration::from_millis(16)).await?;
        let figures = app.script("return window.__juxtaBench.stop()", vec![]).await?;
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "panning, {what}: {:.1} frames a second for {seconds:.1} s, gaps p50 {} p99 {} max {} ms, dropped {:.1} %, stalls {}",
            figures["frames"].as_f64().unwrap_or_default() / seconds,
            figures["gapP50"],
            figures["gapP99"],
            figures["gapMax"],
            figures["droppedShare"].as_f64().unwrap_or_default() * 100.0,
            figures["stalls"].as_array().map_or(0, Vec::len),
        );
        Ok(())
    }

    /// The map by t-SNE: neighbours and panning while it is made, how soon it stops, and how long it takes.
    async fn slow_map(app: &App, cells: &Value) -> Outcome<()> {
        const BAR: &str = "return Boolean(document.querySelector('[role=progressbar]'))";
        app.click("radio", "t-SNE").await?;
        until(app, "progress", BAR, vec![]).await?;
        neighbours(app, cells, "neighbours while t-SNE runs").await?;
        pan(app, "while t-SNE runs").await?;
        let stopped = Instant::now();
        app.press("Esc").await?;
        eventually("it is stopped", || async {
            if app.script(BAR, vec![]).await? == json!(false) { Ok(()) } else { Err("it still runs".into()) }
        })
        .await?;
        println!("t-SNE stopped after {:.1} s", stopped.elapsed().as_secs_f64());
        let began = Instant::now();
        app.click("radio", "t-SNE").await?;
        until(app, "the map by t-SNE", MAP_BY, vec![json!("t-SNE")]).await?;
        println!("t-SNE of all in {:.1} s", began.elapsed().as_secs_f64());
        pan(app, "t-SNE").await
    }
}
