use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use juxta_wire::error::AppError;
use juxta_wire::live::Batch;
use juxta_wire::window::Bootstrap;
use tauri::ipc::Channel;
use tauri::{CloseRequestApi, Manager as _, Runtime, State, Window};

use crate::state::Shell;

#[tauri::command]
pub async fn bootstrap(shell: State<'_, Shell>) -> Result<Bootstrap, AppError> {
    shell.bootstrap().await
}

#[tauri::command]
pub async fn subscribe(shell: State<'_, Shell>, channel: Channel<Batch>) -> Result<(), AppError> {
    shell.engine().subscribe(Arc::new(move |batch| channel.send(batch).is_ok()));
    Ok(())
}

#[tauri::command]
pub async fn acknowledge(shell: State<'_, Shell>, number: u64) -> Result<(), AppError> {
    shell.engine().acknowledge(number);
    Ok(())
}

/// The page has saved what was being typed; the window may go.
#[tauri::command]
pub async fn page_saved<R: Runtime>(window: Window<R>) -> Result<(), AppError> {
    close(&window);
    Ok(())
}

/// How long a page may take to save before the window closes all the same.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The first request to close asks the page to save; it answers with [`page_saved`]. The second one closes at once.
pub fn let_the_page_save<R: Runtime>(window: &Window<R>, api: &CloseRequestApi) {
    static ASKED: AtomicBool = AtomicBool::new(false);
    if ASKED.swap(true, Ordering::Relaxed) {
        return;
    }
    let Some(page) = window.get_webview_window(window.label()) else { return };
    if let Err(error) = page.eval("window.dispatchEvent(new Event('juxta:closing'))") {
        tracing::warn!(%error, "the page could not be asked to save");
        return;
    }
    api.prevent_close();
    let window = window.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(PATIENCE).await;
        close(&window);
    });
}

fn close<R: Runtime>(window: &Window<R>) {
    if let Err(error) = window.destroy() {
        tracing::debug!(%error, "the window was closed already");
    }
}
