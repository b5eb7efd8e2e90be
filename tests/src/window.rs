//! The real window, driven the way a person would drive it.
//!
//! Each test owns everything it touches: a [`Screen`] (an X server of its own, so that no other window takes the
//! focus), a [`Home`] (a folder that is all the app can see of a home directory) and one [`App`] at a time. The app is
//! the binary that people run; WebKitWebDriver starts it and speaks to its web view.
//!
//! Elements are found by role and accessible name, both as WebKit computes them, so a test fails when a screen reader
//! would be lost. Waiting is for a condition, never for a time; [`PATIENCE`] only bounds a wait that will not end.

mod app;
mod bus;
mod driver;
mod find;
mod home;
mod keys;
mod process;
mod screen;

use std::time::Duration;

pub use app::App;
pub use bus::Bus;
pub use find::Found;
pub use home::Home;
pub use screen::Screen;

/// How long a condition is waited for before the test fails. It says nothing about speed: a busy machine may need it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What can go wrong in here, as text for whoever reads the failed test.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Asks until the answer is there. The last complaint is part of the failure.
pub async fn eventually<T, F>(what: &str, mut ask: impl FnMut() -> F) -> Outcome<T>
where
    F: Future<Output = Outcome<T>>,
{
    let started = std::time::Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return Ok(answer),
            Err(complaint) if started.elapsed() > PATIENCE => {
                return Err(format!("{what} did not happen in {PATIENCE:?}: {complaint}").into());
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(40)).await,
        }
    }
}
