//! 50,000 rows of results in the real window: how smoothly they are scrolled, sorted and searched, and the longest that
//! nothing else could run.
//!
//! `cargo bench -p juxta-tests --bench rows` (Linux; needs `script/bootstrap --tests`, a built page and
//! `cargo build --release -p juxta`, or the app that `JUXTA_APP` names). The rows come from the sandbox, as answers of
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
    use std::io::{BufWriter, Write};
    use std::path::Path;
    use std::time::{Duration, Instant};

    use juxta_tests::window::{App, Home, Outcome, Screen, eventually};
    use juxta_tests::world::sandbox;
    use juxta_wire::endpoint::Dialect;
    use serde_json::{Value, json};

    const ROWS: usize = 50_000;
    /// As the app itself decides on a machine without a GPU, which a virtual display is.
    const SOFTWARE: &[(&str, &str)] = &[("WEBKIT_DISABLE_DMABUF_RENDERER", "1"), ("JUXTA_MEMORY_KEYS", "1")];
    const LONGEST: Duration = Duration::from_secs(900);
    const NAME: &str = "Fifty thousand";

    /// A list of rows as it is named on screen.
    struct List {
        grid: &'static str,
        sorts: &'static [&'static str],
        find: &'static str,
        /// One typed after the other; each leaves fewer rows.
        words: &'static [&'static str],
    }

    const BATCH: List = List {
        grid: "Results joined to inputs",
        sorts: &["Sort by custom_id", "Sort by Result", "Sort by Tokens out", "Sort by Milliseconds"],
        find: "Find in rows",
        words: &["4", "71", "1"],
    };

    pub async fn measure() -> Outcome<()> {
        let (screen, home) = (Screen::start()?, Home::new()?);
        answer(&screen, &home).await?;
        // Opened anew, so that everything is read from the disk.
        let app = App::start_with(&screen, &home, SOFTWARE).await?;
        app.script("location.hash = '#bench'", vec![]).await?;
        until(&app, "the measuring module", "return Boolean(window.__juxtaBench)", vec![]).await?;
        app.click("link", "Batches").await?;
        let opened = Instant::now();
        until(&app, "the rows", SHOWN, vec![json!(BATCH.grid), json!(ROWS)]).await?;
        println!(
            "{ROWS} rows of a batch are there {:.1} s after their section was opened",
            opened.elapsed().as_secs_f64()
        );
        list(&app, &BATCH).await
    }

    /// The grid has so many rows, and the first of them is drawn.
    const SHOWN: &str = "const grid = document.querySelector(`[role=grid][aria-label=\"${arguments[0]}\"]`);
        return grid?.getAttribute('aria-rowcount') === String(arguments[1] + 1)
          && (grid.querySelector('[data-row=\"0\"]')?.textContent.trim() ?? '') !== ''";

    /// Leaves a batch with its results in the data folder.
    async fn answer(screen: &Screen, home: &Home) -> Outcome<()> {
        let path = home.path().join("requests.jsonl");
        write(&path)?;
        let app = App::start_with(screen, home, SOFTWARE).await?;
        let mut settings = app.invoke("bootstrap", json!({})).await?["settings"].clone();
        settings["started"] = json!(true);
        app.invoke("save_settings", json!({ "settings": settings })).await?;
        let source = json!({ "kind": "file", "path": path });
        let plan = json!({ "name": NAME, "connection": sandbox(Dialect::OpenAi), "window": null, "url": null,
            "metadata": [{ "name": "sandbox", "value": "partial rate-0" }] });
        let began = Instant::now();
        let batch = app.invoke("make_batch", json!({ "source": source, "plan": plan })).await?;
        app.invoke("send_batch", json!({ "id": batch["id"] })).await?;
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let batches = app.invoke("batches", json!({})).await?;
            let batch = &batches[0];
            if batch["fetched"] == json!(true) {
                println!("{} answered, {:.0} s", batch["counts"], began.elapsed().as_secs_f64());
                return app.close().await;
            }
            if began.elapsed() > LONGEST {
                return Err(format!("the batch did not end: {batch}").into());
            }
        }
    }

    fn write(path: &Path) -> Outcome<()> {
        let mut file = BufWriter::new(std::fs::File::create(path)?);
        for row in 0..ROWS {
            let body = json!({ "model": "sandbox/short",
                "messages": [{ "role": "user", "content": format!("Ticket {row}: the rear light “größe” stopped. ☀") }] });
            let line = json!({ "custom_id": format!("t-{row:05}"), "method": "POST", "url": "/v1/chat/completions", "body": body });
            writeln!(file, "{line}")?;
        }
        Ok(file.flush()?)
    }

    async fn until(app: &App, what: &str, script: &str, arguments: Vec<Value>) -> Outcome<()> {
        let began = Instant::now();
        while app.script(script, arguments.clone()).await? != json!(true) {
            if began.elapsed() > LONGEST {
                return Err(format!("{what} did not come").into());
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        Ok(())
    }

    /// Everything that is measured of a list that is on screen.
    async fn list(app: &App, list: &List) -> Outcome<()> {
        println!("stalls are timers that came more than 50 ms late");
        measured(app, "at rest", async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            Ok(())
        })
        .await?;
        measured(app, "scrolled evenly", scrolled(app, list, EVENLY)).await?;
        measured(app, "scrolled by leaps through all", scrolled(app, list, LEAPS)).await?;
        for sort in list.sorts {
            for way in ["up", "down"] {
                measured(app, &format!("{sort}, {way}"), changed(app, list, press(app, sort))).await?;
            }
        }
        app.find("searchbox", list.find).await?.click().await?;
        for word in list.words {
            measured(app, &format!("searched, {word:?} typed"), changed(app, list, app.type_text(word))).await?;
        }
        measured(app, "search cleared", changed(app, list, app.press("Esc"))).await?;
        measured(app, "everything selected", async {
            app.press("Down").await?;
            app.press("Ctrl+A").await?;
            eventually("the rows are selected", || async {
                let selected = app.all("button").await?.into_iter().any(|(name, _)| name.contains(" selected"));
                if selected { Ok(()) } else { Err("not yet".into()) }
            })
            .await
        })
        .await
    }

    /// Within the page, so that nothing of the driver is measured.
    async fn press(app: &App, button: &str) -> Outcome<()> {
        const PRESS: &str = "document.querySelector(`button[aria-label=\"${arguments[0]}\"]`).click()";
        app.script(PRESS, vec![json!(button)]).await.map(drop)
    }

    async fn measured(app: &App, what: &str, work: impl Future<Output = Outcome<()>>) -> Outcome<()> {
        app.script("window.__juxtaBench.start()", vec![]).await?;
        let began = Instant::now();
        work.await?;
        let seconds = began.elapsed().as_secs_f64();
        let figures = app.script("return window.__juxtaBench.stop()", vec![]).await?;
        let stalls: Vec<f64> =
            figures["stalls"].as_array().into_iter().flatten().filter_map(|stall| stall["length"].as_f64()).collect();
        let worst = stalls.iter().copied().fold(0.0, f64::max);
        println!(
            "{what}: longest stall {}, {} over 50 ms, {} over 100 ms; {:.1} frames a second for {seconds:.1} s, gaps p50 {} p99 {} max {} ms",
            if worst > 0.0 { format!("{worst:.0} ms") } else { "under 55 ms".to_owned() },
            stalls.len(),
            stalls.iter().filter(|stall| **stall > 100.0).count(),
            figures["frames"].as_f64().unwrap_or_default() / seconds,
            figures["gapP50"],
            figures["gapP99"],
            figures["gapMax"],
        );
        Ok(())
    }

    /// Half a screen with each frame.
    const EVENLY: &str = "frames < 240 ? top + 240 : null";
    /// Anywhere, as when the bar is dragged.
    const LEAPS: &str = "frames < 240 ? (frames * 7919 % 997) / 997 * height : null";

    /// `next` says where the list is scrolled to with the next frame, or that it is enough.
    async fn scrolled(app: &App, list: &List, next: &str) -> Outcome<()> {
        let scroll = format!(
            "window.__scrolled = false;
             const scroller = document.querySelector(`[role=grid][aria-label=\"${{arguments[0]}}\"]`).closest('.scroll');
             let frames = 0;
             const step = () => {{
               const [top, height] = [scroller.scrollTop, scroller.scrollHeight];
               const to = {next};
               frames += 1;
               if (to === null) {{ window.__scrolled = true; scroller.scrollTop = 0; }}
               else {{ scroller.scrollTop = to; requestAnimationFrame(step); }}
             }};
             requestAnimationFrame(step);"
        );
        app.script(&scroll, vec![json!(list.grid)]).await?;
        until(app, "the end of scrolling", "return window.__scrolled", vec![]).await
    }

    /// Does something to the list and waits until the rows that are to be seen are there again.
    async fn changed(app: &App, list: &List, work: impl Future<Output = Outcome<()>>) -> Outcome<()> {
        const WATCH: &str = "const grid = document.querySelector(`[role=grid][aria-label=\"${arguments[0]}\"]`);
            const now = () => grid.getAttribute('aria-rowcount') + (grid.querySelector('[aria-sort]')?.textContent ?? '')
              + (grid.querySelector('[aria-sort]')?.getAttribute('aria-sort') ?? '');
            const before = now();
            window.__changed = false;
            const look = () => {
              const isWhole = [...grid.querySelectorAll('[data-row]')].every((row) => row.textContent.trim() !== '');
              if (now() !== before && isWhole) window.__changed = true;
              else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);";
        app.script(WATCH, vec![json!(list.grid)]).await?;
        work.await?;
        until(app, "the rows", "return window.__changed", vec![]).await
    }
}
