//! Long lists of numbers go to the page as bytes, little-endian: as JSON they would take ten times as long.

use juxta_engine::blocking;
use juxta_wire::document::{DocumentForm, DocumentInfo, DocumentRow, DocumentSource};
use juxta_wire::error::AppError;
use juxta_wire::events::{EventFilter, EventRow, EventsView, TextChannel};
use juxta_wire::ids::CellId;
use juxta_wire::timing::LaneTiming;
use juxta_wire::tokens::{Alternative, TokensView};
use tauri::State;
use tauri::ipc::Response;

use crate::state::Shell;

#[tauri::command]
pub async fn document_info(
    shell: State<'_, Shell>,
    source: DocumentSource,
    form: DocumentForm,
) -> Result<DocumentInfo, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.document_info(&source, form)).await
}

#[tauri::command]
pub async fn document_rows(
    shell: State<'_, Shell>,
    source: DocumentSource,
    form: DocumentForm,
    from: u32,
    count: u32,
) -> Result<Vec<DocumentRow>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.document_rows(&source, form, from, count)).await
}

#[tauri::command]
pub async fn document_bytes(shell: State<'_, Shell>, source: DocumentSource) -> Result<Response, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.document_bytes(&source)).await.map(Response::new)
}

#[tauri::command]
pub async fn events(shell: State<'_, Shell>, cell: CellId) -> Result<EventsView, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.events(&cell)).await
}

#[tauri::command]
pub async fn event_times(shell: State<'_, Shell>, cell: CellId) -> Result<Response, AppError> {
    let engine = shell.engine().clone();
    let times = blocking(move || engine.event_times(&cell)).await?;
    Ok(Response::new(times.into_iter().flat_map(f32::to_le_bytes).collect::<Vec<u8>>()))
}

#[tauri::command]
pub async fn find_events(shell: State<'_, Shell>, cell: CellId, filter: EventFilter) -> Result<Response, AppError> {
    let engine = shell.engine().clone();
    let numbers = blocking(move || engine.find_events(&cell, &filter)).await?;
    Ok(Response::new(numbers.into_iter().flat_map(u32::to_le_bytes).collect::<Vec<u8>>()))
}

#[tauri::command]
pub async fn read_events(shell: State<'_, Shell>, cell: CellId, numbers: Vec<u32>) -> Result<Vec<EventRow>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.read_events(&cell, &numbers)).await
}

#[tauri::command]
pub async fn event_of_text(
    shell: State<'_, Shell>,
    cell: CellId,
    channel: TextChannel,
    choice: u32,
    offset: u32,
) -> Result<Option<u32>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.event_of_text(&cell, channel, choice, offset)).await
}

#[tauri::command]
pub async fn item_string(
    shell: State<'_, Shell>,
    cell: CellId,
    choice: u32,
    pointer: String,
) -> Result<String, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.item_string(&cell, choice, &pointer)).await
}

#[tauri::command]
pub async fn tokens(shell: State<'_, Shell>, cell: CellId, choice: u32) -> Result<TokensView, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.tokens(&cell, choice)).await
}

#[tauri::command]
pub async fn alternatives(
    shell: State<'_, Shell>,
    cell: CellId,
    choice: u32,
    token: u32,
) -> Result<Vec<Alternative>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.alternatives(&cell, choice, token)).await
}

#[tauri::command]
pub async fn lane_history(shell: State<'_, Shell>, cell: CellId) -> Result<Vec<LaneTiming>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.lane_history(&cell)).await
}
