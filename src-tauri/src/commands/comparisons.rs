use juxta_engine::blocking;
use juxta_wire::body_edit::BodyEdit;
use juxta_wire::draft::Parameter;
use juxta_wire::error::AppError;
use juxta_wire::exchange::Preview;
use juxta_wire::ids::{ComparisonId, LaneId};
use juxta_wire::lane::{Comparison, ComparisonSummary};
use juxta_wire::window::CurlImport;
use tauri::State;

use crate::state::Shell;

#[tauri::command]
pub async fn list_comparisons(shell: State<'_, Shell>) -> Result<Vec<ComparisonSummary>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.comparisons()).await
}

#[tauri::command]
pub async fn open_comparison(shell: State<'_, Shell>, id: ComparisonId) -> Result<Comparison, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.comparison(&id)).await
}

#[tauri::command]
pub async fn save_comparison(shell: State<'_, Shell>, comparison: Comparison) -> Result<ComparisonSummary, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.save_comparison(&comparison)).await
}

#[tauri::command]
pub async fn delete_comparison(shell: State<'_, Shell>, id: ComparisonId) -> Result<(), AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.delete_comparison(&id)).await
}

#[tauri::command]
pub async fn preview(shell: State<'_, Shell>, comparison: Comparison, lane: LaneId) -> Result<Preview, AppError> {
    let engine = shell.engine().clone();
    blocking(move || Ok(engine.preview(&comparison, &lane))).await
}

#[tauri::command]
pub async fn lane_parameters(
    shell: State<'_, Shell>,
    comparison: Comparison,
    lane: LaneId,
) -> Result<Vec<Parameter>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.lane_parameters(&comparison, &lane)).await
}

#[tauri::command]
pub async fn lane_body(shell: State<'_, Shell>, comparison: Comparison, lane: LaneId) -> Result<String, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.lane_body(&comparison, &lane)).await
}

#[tauri::command]
pub async fn apply_body(
    shell: State<'_, Shell>,
    comparison: Comparison,
    lane: LaneId,
    text: String,
) -> Result<BodyEdit, AppError> {
    let engine = shell.engine().clone();
    blocking(move || Ok(engine.apply_body(&comparison, &lane, &text))).await
}

#[tauri::command]
pub async fn import_curl(shell: State<'_, Shell>, command: String) -> Result<CurlImport, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.import_curl(&command)).await
}
