//! Work handed to a provider's queue.

use std::path::Path;

use juxta_engine::blocking;
use juxta_wire::batch::{
    BatchCheck, BatchJob, BatchLines, BatchMend, BatchNews, BatchPlan, BatchRowDetail, BatchRows, BatchRowsQuery,
    BatchSource, BatchTrial, ProviderBatches,
};
use juxta_wire::error::AppError;
use juxta_wire::ids::{BatchId, ConnectionId};
use tauri::State;
use tauri::ipc::Channel;

use crate::state::Shell;

/// Newest first.
#[tauri::command]
pub async fn batches(shell: State<'_, Shell>) -> Result<Vec<BatchJob>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.batches()).await
}

#[tauri::command]
pub async fn make_batch(shell: State<'_, Shell>, source: BatchSource, plan: BatchPlan) -> Result<BatchJob, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.make_batch(source, plan)).await
}

#[tauri::command]
pub async fn batch_check(shell: State<'_, Shell>, id: BatchId) -> Result<BatchCheck, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.batch_check(&id)).await
}

#[tauri::command]
pub async fn mend_batch_line(
    shell: State<'_, Shell>,
    id: BatchId,
    line: u64,
    mend: Option<BatchMend>,
) -> Result<BatchCheck, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.mend_batch_line(&id, line, mend)).await
}

#[tauri::command]
pub async fn leave_out_faults(shell: State<'_, Shell>, id: BatchId) -> Result<BatchCheck, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.leave_out_faults(&id)).await
}

#[tauri::command]
pub async fn plan_batch(shell: State<'_, Shell>, id: BatchId, plan: BatchPlan) -> Result<BatchJob, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.plan_batch(&id, plan)).await
}

/// Sends its first lines live.
#[tauri::command]
pub async fn try_batch(shell: State<'_, Shell>, id: BatchId, count: u32) -> Result<BatchTrial, AppError> {
    shell.engine().try_batch(&id, count).await
}

#[tauri::command]
pub async fn batch_trial(shell: State<'_, Shell>, id: BatchId) -> Result<Option<BatchTrial>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.batch_trial(&id)).await
}

#[tauri::command]
pub async fn send_batch(shell: State<'_, Shell>, id: BatchId) -> Result<BatchJob, AppError> {
    shell.engine().send_batch(&id).await
}

#[tauri::command]
pub async fn send_batch_again(shell: State<'_, Shell>, id: BatchId) -> Result<BatchJob, AppError> {
    shell.engine().send_batch_again(&id).await
}

#[tauri::command]
pub async fn cancel_batch(shell: State<'_, Shell>, id: BatchId) -> Result<BatchJob, AppError> {
    shell.engine().cancel_batch(&id).await
}

#[tauri::command]
pub async fn ask_batch_now(shell: State<'_, Shell>, id: BatchId) -> Result<BatchJob, AppError> {
    shell.engine().ask_batch_now(&id).await
}

/// Forgets it here; its provider is told nothing.
#[tauri::command]
pub async fn drop_batch(shell: State<'_, Shell>, id: BatchId) -> Result<(), AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.drop_batch(&id)).await
}

#[tauri::command]
pub async fn batch_rows(shell: State<'_, Shell>, id: BatchId, query: BatchRowsQuery) -> Result<BatchRows, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.batch_rows(&id, &query)).await
}

#[tauri::command]
pub async fn batch_lines(shell: State<'_, Shell>, id: BatchId, query: BatchRowsQuery) -> Result<BatchLines, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.batch_lines(&id, &query)).await
}

#[tauri::command]
pub async fn batch_row(shell: State<'_, Shell>, id: BatchId, line: u64) -> Result<BatchRowDetail, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.batch_row(&id, line)).await
}

/// Writes all joined rows and says how many there are.
#[tauri::command]
pub async fn save_batch(shell: State<'_, Shell>, id: BatchId, path: String) -> Result<u64, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.save_batch(&id, Path::new(&path))).await
}

#[tauri::command]
pub async fn provider_batches(
    shell: State<'_, Shell>,
    connection: ConnectionId,
    state: Option<String>,
    cursor: Option<String>,
) -> Result<ProviderBatches, AppError> {
    shell.engine().provider_batches(&connection, state, cursor).await
}

#[tauri::command]
pub async fn adopt_batch(
    shell: State<'_, Shell>,
    connection: ConnectionId,
    provider_id: String,
) -> Result<BatchJob, AppError> {
    shell.engine().adopt_batch(&connection, &provider_id).await
}

/// From now on the channel hears what happens to batches.
#[tauri::command]
pub async fn watch_batches(shell: State<'_, Shell>, on_news: Channel<BatchNews>) -> Result<(), AppError> {
    shell.engine().watch_batches(Box::new(move |news| on_news.send(news).is_ok()));
    Ok(())
}
