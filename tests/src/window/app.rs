//! The app, running.

#![allow(clippy::print_stdout, reason = "the test runner keeps it for tests that fail")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::WebDriver;

use super::driver::Driver;
use super::find::{Found, find, search};
use super::{Home, Outcome, Screen, eventually, keys, process};

/// One run of the app, from start to end.
pub struct App {
    binary: PathBuf,
    driver: Driver,
    log: PathBuf,
}

impl App {
    /// Starts the app that was built, on a folder that may have been used before.
    pub async fn start(screen: &Screen, home: &Home) -> Outcome<Self> {
        Self::start_with(screen, home, &[]).await
    }

    /// The same, with environment variables of the test's own.
    pub async fn start_with(screen: &Screen, home: &Home, environment: &[(&str, &str)]) -> Outcome<Self> {
        Self::start_program(binary()?, screen, home, environment).await
    }

    /// The same with another program, for comparison.
    pub async fn start_program(
        binary: PathBuf,
        screen: &Screen,
        home: &Home,
        environment: &[(&str, &str)],
    ) -> Outcome<Self> {
        let environment: Vec<_> =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let driver = Driver::start(&binary, screen, home, &environment).await?;
        let app = Self { binary, driver, log: home.log_file() };
        app.resize(1440, 900).await?;
        Ok(app)
    }

    fn page(&self) -> &WebDriver {
        &self.driver.session
    }

    /// Waits for the one element of this role and exact name.
    pub async fn find(&self, role: &str, name: &str) -> Outcome<Found> {
        find(self.page(), None, role, name).await
    }

    /// Whether such an element is there now.
    pub async fn has(&self, role: &str, name: &str) -> Outcome<bool> {
        Ok(!search(self.page(), None, role, Some(name)).await?.is_empty())
    }

    /// All elements of a role, with their names.
    pub async fn all(&self, role: &str) -> Outcome<Vec<(String, Found)>> {
        search(self.page(), None, role, None).await
    }

    /// Finds and presses.
    pub async fn click(&self, role: &str, name: &str) -> Outcome<()> {
        self.find(role, name).await?.click().await
    }

    /// Presses keys where the focus is, for example `Ctrl+Enter`. Held keys are let go again: WebDriver would keep
    /// them down for the rest of the session.
    pub async fn press(&self, chord: &str) -> Outcome<()> {
        let (modifiers, key) = keys::parse(chord)?;
        let mut actions = self.page().action_chain();
        for modifier in &modifiers {
            actions = actions.key_down(*modifier);
        }
        actions = actions.key_down(key).key_up(key);
        for modifier in modifiers.iter().rev() {
            actions = actions.key_up(*modifier);
        }
        Ok(actions.perform().await?)
    }

    /// Presses the button at `from`, moves by each of the steps in `pace`, and lets go.
    pub async fn drag(&self, from: (i64, i64), steps: &[(i64, i64)], pace: Duration) -> Outcome<()> {
        let chain = self.page().action_chain_with_delay(None, Some(pace)).move_to(from.0, from.1).click_and_hold();
        let moved = steps.iter().fold(chain, |chain, step| chain.move_by_offset(step.0, step.1));
        Ok(moved.release().perform().await?)
    }

    /// Types where the focus is.
    pub async fn type_text(&self, text: &str) -> Outcome<()> {
        Ok(self.page().action_chain().send_keys(text).perform().await?)
    }

    /// Runs a script in the page and gives its value.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Outcome<Value> {
        Ok(self.page().execute(script, arguments).await?.json().clone())
    }

    /// Calls a command of the app as the page would. A refusal is an error with what the app said.
    pub async fn invoke(&self, command: &str, arguments: Value) -> Outcome<Value> {
        const CALL: &str = "
            const [command, given, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, given).then(
              (value) => done({ value: value ?? null }),
              (error) => done({ error: typeof error === 'string' ? error : JSON.stringify(error) }));";
        let answer = self.page().execute_async(CALL, vec![json!(command), arguments]).await?.json().clone();
        match answer.get("error") {
            Some(error) => Err(format!("{command}: {error}").into()),
            None => Ok(answer["value"].clone()),
        }
    }

    /// Everything the page holds as markup.
    pub async fn markup(&self) -> Outcome<String> {
        let value = self.script("return document.documentElement.outerHTML", vec![]).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Gives the page this size in CSS pixels, and waits until it has it.
    pub async fn resize(&self, width: u32, height: u32) -> Outcome<()> {
        self.page().set_window_rect(0, 0, width, height).await?;
        eventually("the window has its size", || async {
            let size = self.script("return [innerWidth, innerHeight]", vec![]).await?;
            if size == json!([width, height]) { Ok(()) } else { Err(format!("it is {size}").into()) }
        })
        .await?;
        // What stands where is new: a click in between would meet what is no longer there.
        self.painted().await
    }

    /// Waits until what the page holds has been painted.
    async fn painted(&self) -> Outcome<()> {
        const TWO_FRAMES: &str =
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)));";
        self.page().execute_async(TWO_FRAMES, vec![]).await?;
        Ok(())
    }

    /// Waits until what the page holds has been painted, then saves a picture as `$JUXTA_SHOTS/NAME.png`, if that
    /// folder is named.
    pub async fn picture(&self, name: &str) -> Outcome<()> {
        self.painted().await?;
        let Some(folder) = std::env::var_os("JUXTA_SHOTS").filter(|folder| !folder.is_empty()) else {
            return Ok(());
        };
        let picture = self.page().screenshot_as_png().await?;
        std::fs::create_dir_all(&folder)?;
        Ok(std::fs::write(Path::new(&folder).join(format!("{name}.png")), picture)?)
    }

    /// Closes the window. The app hears of it as it does from the button of a window frame, which this display has
    /// none of: the page saves what was being typed, then the window goes.
    pub async fn close(self) -> Outcome<()> {
        const CLOSE: &str = "setTimeout(() => window.dispatchEvent(new Event('juxta:closing')), 0)";
        // The window may be gone before the driver has its answer; whether it is gone is what counts.
        let _ = self.script(CLOSE, vec![]).await;
        self.until_gone().await
    }

    /// Ends the app without a warning, as a crash or an empty battery does.
    pub async fn kill(self) -> Outcome<()> {
        let running = self.driver.group.running(&self.binary);
        if running.is_empty() {
            return Err("the app is not running".into());
        }
        for process in running {
            process::kill(process);
        }
        self.until_gone().await
    }

    /// Megabytes of the program and its web view.
    pub fn memory(&self) -> f64 {
        self.driver.group.memory()
    }

    async fn until_gone(&self) -> Outcome<()> {
        eventually("the app ends", || async {
            if self.driver.group.running(&self.binary).is_empty() { Ok(()) } else { Err("it still runs".into()) }
        })
        .await
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // The test runner shows this for a test that fails, and nobody for one that passes.
        let log = std::fs::read(&self.log).unwrap_or_default();
        let tail = log.len().saturating_sub(8_000);
        println!("--- what the app said ---\n{}", String::from_utf8_lossy(&log[tail..]));
    }
}

/// The app to test: `$JUXTA_APP`, else what `cargo build` made beside this test.
fn binary() -> Outcome<PathBuf> {
    let named = std::env::var_os("JUXTA_APP").filter(|path| !path.is_empty()).map(PathBuf::from);
    let path = match named {
        Some(path) => path,
        // TARGET/debug/deps/window-HASH, so the app is two folders up.
        None => std::env::current_exe()?
            .parent()
            .and_then(Path::parent)
            .map(|folder| folder.join("juxta"))
            .ok_or("this test has no folder")?,
    };
    path.canonicalize().map_err(|error| {
        format!("no app at {} ({error}): run `cargo build --workspace`, or name one in JUXTA_APP", path.display())
            .into()
    })
}
