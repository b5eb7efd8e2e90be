use juxta_engine::blocking;
use juxta_wire::error::AppError;
use juxta_wire::settings::{PriceFile, Settings};
use tauri::State;

use crate::renderer;
use crate::state::Shell;

#[tauri::command]
pub async fn save_settings(shell: State<'_, Shell>, settings: Settings) -> Result<(), AppError> {
    let engine = shell.engine().clone();
    blocking(move || {
        renderer::remember(engine.folder(), settings.renderer)
            .map_err(|error| AppError::Storage { message: error.to_string() })?;
        engine.save_settings(&settings)
    })
    .await
}

#[tauri::command]
pub async fn open_prices(shell: State<'_, Shell>) -> Result<PriceFile, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.price_file()).await
}

#[tauri::command]
pub async fn save_prices(shell: State<'_, Shell>, text: String) -> Result<PriceFile, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.save_prices(&text)).await
}
