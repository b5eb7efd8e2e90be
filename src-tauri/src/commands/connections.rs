use juxta_engine::blocking;
use juxta_wire::connection::{Connection, ConnectionTest, KeychainStatus, ModelListing};
use juxta_wire::error::AppError;
use juxta_wire::ids::ConnectionId;
use tauri::State;

use crate::state::Shell;

#[tauri::command]
pub async fn save_connection(shell: State<'_, Shell>, connection: Connection) -> Result<Connection, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.save_connection(connection)).await
}

#[tauri::command]
pub async fn delete_connection(shell: State<'_, Shell>, id: ConnectionId) -> Result<(), AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.delete_connection(&id)).await
}

#[tauri::command]
pub async fn test_connection(shell: State<'_, Shell>, connection: Connection) -> Result<ConnectionTest, AppError> {
    shell.engine().test_connection(connection).await
}

/// `endpoint` is what the models are wanted for; every listing so far serves them all.
#[tauri::command]
pub async fn list_models(shell: State<'_, Shell>, connection: ConnectionId) -> Result<ModelListing, AppError> {
    shell.engine().list_models(&connection).await
}

#[tauri::command]
pub async fn store_key(
    shell: State<'_, Shell>,
    connection: Connection,
    slot: String,
    key: String,
) -> Result<Connection, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.store_key(connection, &slot, &key)).await
}

#[tauri::command]
pub async fn forget_key(shell: State<'_, Shell>, connection: Connection, slot: String) -> Result<Connection, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.forget_key(connection, &slot)).await
}

#[tauri::command]
pub async fn keychain(shell: State<'_, Shell>) -> Result<KeychainStatus, AppError> {
    Ok(shell.keychain().await)
}
