//! The shell: a window, its commands, and the sandbox inside. Everything it does is one call into `juxta_engine`.

mod commands;
mod logs;
mod notices;
mod paths;
mod renderer;
mod state;
mod studio;

use state::Shell;
use tauri::{Manager as _, RunEvent, Runtime, WindowEvent};

/// Opens the window and returns when it is closed.
pub fn run() {
    let folder = paths::data_folder();
    renderer::choose(&folder);
    logs::start(&folder);
    let app = configure(tauri::Builder::default(), folder).build(tauri::generate_context!());
    match app {
        Ok(app) => app.run(|app, event| {
            if let RunEvent::Exit = event
                && let Some(shell) = app.try_state::<Shell>()
            {
                tauri::async_runtime::block_on(shell.shut_down());
            }
        }),
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            eprintln!("Juxta could not start: {error}");
            std::process::exit(1);
        }
    }
}

/// The app without its window system, so that tests can run it on a double.
pub fn configure<R: Runtime>(builder: tauri::Builder<R>, folder: std::path::PathBuf) -> tauri::Builder<R> {
    builder
        .setup(move |app| {
            let shell = tauri::async_runtime::block_on(Shell::open(&folder)).map_err(Box::new)?;
            app.manage(shell);
            notices::watch(app.handle());
            Ok(())
        })
        .on_window_event(|window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                commands::window::let_the_page_save(window, api);
            }
        })
        .invoke_handler(commands::handler())
}
