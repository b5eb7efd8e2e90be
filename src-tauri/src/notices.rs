//! What the desktop is told when long work is over and nobody looks at the window.

mod desktop;
mod ends;

use std::sync::{Arc, Mutex};

use juxta_wire::batch::BatchNews;
use juxta_wire::matrix::MatrixNews;
use tauri::{AppHandle, Manager as _, Runtime};

use crate::state::Shell;
use ends::Ends;

/// From now on the desktop hears of batches and matrices that end.
pub fn watch<R: Runtime>(app: &AppHandle<R>) {
    let engine = app.state::<Shell>().engine().clone();
    let ends = Arc::new(Mutex::new(Ends::default()));
    let (with, of) = (app.clone(), Arc::clone(&ends));
    engine.watch_batches(Box::new(move |news| {
        if let (BatchNews::Changed { batch }, Ok(mut ends)) = (news, of.lock())
            && let Some(words) = ends.batch(&batch)
        {
            tell(&with, words);
        }
        true
    }));
    let with = app.clone();
    engine.watch_matrices(Box::new(move |news| {
        if let (MatrixNews::Changed { matrix }, Ok(mut ends)) = (news, ends.lock())
            && let Some(words) = ends.matrix(&matrix)
        {
            tell(&with, words);
        }
        true
    }));
}

/// Something is over that took a while. Nothing happens when the person looks at the window, does not want to be told, or
/// has a desktop that shows no such notices: the page says it too.
pub fn tell<R: Runtime>(app: &AppHandle<R>, words: Words) {
    let app = app.clone();
    // The bus of a desktop may take its time.
    tauri::async_runtime::spawn_blocking(move || {
        let is_looked_at = app.webview_windows().values().any(|window| window.is_focused().unwrap_or(false));
        if is_looked_at || !is_wanted(&app.state::<Shell>()) {
            return;
        }
        if let Err(error) = desktop::show(&words, &app.config().identifier) {
            tracing::info!(%error, "the desktop takes no notices");
        }
    });
}

fn is_wanted(shell: &Shell) -> bool {
    shell.engine().settings().is_ok_and(|settings| settings.notify_at_end)
}

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What is over, as the person called it.
    pub title: String,
    /// How it ended. Some desktops read it as markup, so nothing that a person typed stands here.
    pub body: String,
}
