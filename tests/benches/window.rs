//! The real window: how smoothly it streams, how late the last text is, how fast it starts, and what it weighs beside a
//! bare Tauri window from the same lock file.
//!
//! `cargo bench -p juxta-tests --bench window` (Linux; needs `script/bootstrap --tests` and a built page). It builds
//! the release binaries first, or takes the one that `JUXTA_APP` names. Each case runs three times; medians are printed. Words after `--` choose the cases whose
//! names hold one of them: `-- start`, `-- 100,000`.

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
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use juxta_tests::window::{App, Home, Outcome, Screen, eventually};
    use juxta_tests::world::{chat, lane, sandbox};
    use juxta_wire::endpoint::Dialect;
    use serde_json::{Value, json};

    const ROUNDS: usize = 3;
    /// As the app itself decides on a machine without a GPU, which a virtual display is.
    const SOFTWARE: &[(&str, &str)] = &[("WEBKIT_DISABLE_DMABUF_RENDERER", "1"), ("JUXTA_MEMORY_KEYS", "1")];

    struct Case {
        name: &'static str,
        lanes: usize,
        model: &'static str,
    }

    const CASES: &[Case] = &[
        Case {
            name: "1 lane × 1,000 tok/s × 100,000, a tenth of it reasoning",
            lanes: 1,
            model: "sandbox/thinks-1000x100000",
        },
        Case { name: "1 lane × 200 tok/s × 2,000", lanes: 1, model: "sandbox/rate-200x2000" },
        Case { name: "4 lanes × 1,000 tok/s × 20,000", lanes: 4, model: "sandbox/rate-1000x20000" },
        Case { name: "12 lanes × 300 tok/s × 5,000", lanes: 12, model: "sandbox/rate-300x5000" },
        Case { name: "1 lane flat out × 20,000", lanes: 1, model: "sandbox/rate-0x20000" },
        Case { name: "4 lanes flat out × 20,000", lanes: 4, model: "sandbox/rate-0x20000" },
    ];

    pub async fn measure() -> Outcome<()> {
        let juxta = match std::env::var_os("JUXTA_APP") {
            Some(path) => PathBuf::from(path).canonicalize()?,
            None => build(&["--bin", "juxta"], "release/juxta")?,
        };
        let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
        let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str()));
        if is_wanted("start") {
            let bare = build(&["--example", "bare-window"], "release/examples/bare-window")?;
            start_and_memory(&juxta, &bare).await?;
        }
        println!("stalls are timers that came more than 50 ms late; late is last byte to last paint");
        for case in CASES.iter().filter(|case| is_wanted(case.name)) {
            for round in 1..=ROUNDS {
                let figures = stream(&juxta, case).await?;
                println!("{}, round {round}: {figures}", case.name);
            }
        }
        Ok(())
    }

    async fn start_and_memory(juxta: &Path, bare: &Path) -> Outcome<()> {
        println!("start (ms from process start) and memory (MB of PSS, all its processes, idle for 5 s)");
        let mut ratios = (Vec::new(), Vec::new());
        for round in 1..=ROUNDS {
            let (bare_start, bare_memory) = idle(bare, "first-contentful-paint").await?;
            let (start, memory) = idle(juxta, "juxta:interactive").await?;
            println!(
                "round {round}: bare {bare_start:.0} ms, {bare_memory:.0} MB; juxta {start:.0} ms, {memory:.0} MB"
            );
            ratios.0.push(start / bare_start);
            ratios.1.push(memory / bare_memory);
        }
        println!("start ÷ bare (goal 1.25): {:.2}", median(&mut ratios.0));
        println!("idle memory ÷ bare (goal 1.15): {:.2}", median(&mut ratios.1));
        Ok(())
    }

    fn median(values: &mut [f64]) -> f64 {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    }

    fn build(what: &[&str], binary: &str) -> Outcome<PathBuf> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no workspace")?;
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let status = Command::new(env!("CARGO"))
            .args(["build", "--release", "-p", "juxta"])
            .args(what)
            .current_dir(root)
            .status()?;
        if !status.success() {
            return Err("the app does not build".into());
        }
        Ok(target.join(binary).canonicalize()?)
    }

    /// Milliseconds from the start of the process to `mark`, and its memory once it is idle.
    async fn idle(program: &Path, mark: &str) -> Outcome<(f64, f64)> {
        const MARK: &str = "const entry = performance.getEntriesByName(arguments[0])[0];
                            return entry ? performance.timeOrigin + entry.startTime : null";
        let (screen, home) = (Screen::start()?, Home::new()?);
        let app = App::start_program(program.to_owned(), &screen, &home, SOFTWARE).await?;
        let painted = eventually("the page is painted", || async {
            app.script(MARK, vec![json!(mark)]).await?.as_f64().ok_or_else(|| "not yet".into())
        })
        .await?;
        let process = Process::of(program)?;
        tokio::time::sleep(Duration::from_secs(5)).await;
        Ok((painted - process.started_at()?, app.memory()))
    }

    async fn stream(program: &Path, case: &Case) -> Outcome<String> {
        let (screen, home) = (Screen::start()?, Home::new()?);
        open_comparison(program, &screen, &home, case).await?;
        let app = App::start_program(program.to_owned(), &screen, &home, SOFTWARE).await?;
        app.find("button", if case.lanes == 1 { "Run" } else { "Run all" }).await?;
        app.script("location.hash = '#bench'", vec![]).await?;
        eventually("the measuring module", || async {
            match app.script("return Boolean(window.__juxtaBench)", vec![]).await? {
                Value::Bool(true) => Ok(()),
                _ => Err("not loaded".into()),
            }
        })
        .await?;
        const BEGIN: &str = "const bench = window.__juxtaBench;
            window.__figures = null;
            bench.start();
            bench.run().then(() => bench.settled()).then((painted) => {
              window.__figures = { ...bench.stop(), painted: performance.timeOrigin + painted, characters: bench.characters() };
            });";
        app.script(BEGIN, vec![]).await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let figures = wait_for_figures(&app).await?;
        let runs = app.invoke("list_runs", json!({ "limit": 1, "before": null })).await?;
        let run = app.invoke("open_run", json!({ "id": runs[0]["id"] })).await?;
        let (mut last_byte, mut characters) = (0.0_f64, 0);
        for cell in run["cells"].as_array().ok_or("no cells")? {
            let end =
                cell["startedAt"].as_f64().unwrap_or_default() + cell["milestones"]["end"].as_f64().unwrap_or_default();
            last_byte = last_byte.max(end);
            let text = cell["outcome"]["choices"][0]["text"].as_str().unwrap_or_default();
            characters += text.encode_utf16().count();
        }
        if figures["characters"] != json!(characters) {
            return Err(format!("{} of {characters} characters were shown", figures["characters"]).into());
        }
        Ok(format!(
            "late {:.0} ms, stalls {}, dropped {:.1} %, gaps p50 {} p99 {} max {} ms, {} nodes, {:.0} MB",
            figures["painted"].as_f64().unwrap_or_default() - last_byte,
            stalls(&figures["stalls"]),
            figures["droppedShare"].as_f64().unwrap_or_default() * 100.0,
            figures["gapP50"],
            figures["gapP99"],
            figures["gapMax"],
            figures["nodes"],
            app.memory(),
        ))
    }

    /// How many, and of the first few when and for how long.
    fn stalls(stalls: &Value) -> String {
        const NAMED: usize = 8;
        let all = stalls.as_array().map_or(&[][..], Vec::as_slice);
        let figure = |stall: &Value, name: &str| stall[name].as_f64().unwrap_or_default();
        let named = all
            .iter()
            .take(NAMED)
            .map(|stall| format!("{:.0} ms at {:.1} s", figure(stall, "length"), figure(stall, "at") / 1000.0));
        let named = named.collect::<Vec<_>>().join(", ");
        if all.is_empty() { "0".to_owned() } else { format!("{} ({named})", all.len()) }
    }

    /// Asks seldom: a script of the driver runs in the page that is measured.
    async fn wait_for_figures(app: &App) -> Outcome<Value> {
        for _ in 0..240 {
            let figures = app.script("return window.__figures", vec![]).await?;
            if !figures.is_null() {
                return Ok(figures);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Err("the run did not end".into())
    }

    /// Leaves a comparison in the data folder, so that the app opens with it.
    async fn open_comparison(program: &Path, screen: &Screen, home: &Home, case: &Case) -> Outcome<()> {
        let connection = sandbox(Dialect::OpenAi);
        let mut comparison = chat(&connection, case.model, &[("stream", "true")]);
        comparison.lanes = (0..case.lanes).map(|_| lane(&connection, case.model)).collect();
        let app = App::start_program(program.to_owned(), screen, home, SOFTWARE).await?;
        let bootstrap = app.invoke("bootstrap", json!({})).await?;
        let mut settings = bootstrap["settings"].clone();
        settings["openComparison"] = json!(comparison.id);
        settings["started"] = json!(true);
        app.invoke("save_comparison", json!({ "comparison": comparison })).await?;
        app.invoke("save_settings", json!({ "settings": settings })).await?;
        app.kill().await
    }

    struct Process {
        id: i32,
    }

    impl Process {
        fn of(program: &Path) -> Outcome<Self> {
            for entry in std::fs::read_dir("/proc")?.flatten() {
                let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
                if std::fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == program) {
                    return Ok(Self { id });
                }
            }
            Err(format!("{} is not running", program.display()).into())
        }

        /// The members of `/proc/ID/stat` after the name.
        fn stat(id: i32) -> Outcome<Vec<String>> {
            let text = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
            let (_, rest) = text.rsplit_once(')').ok_or("no stat")?;
            Ok(rest.split_whitespace().map(str::to_owned).collect())
        }

        /// Unix milliseconds, in steps of ten.
        fn started_at(&self) -> Outcome<f64> {
            let ticks: f64 = Self::stat(self.id)?.get(19).ok_or("no start time")?.parse()?;
            let uptime = std::fs::read_to_string("/proc/uptime")?;
            let uptime: f64 = uptime.split_whitespace().next().ok_or("no uptime")?.parse()?;
            let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64();
            Ok((now - uptime + ticks / 100.0) * 1000.0)
        }
    }
}
