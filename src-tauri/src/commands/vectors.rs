//! The vectors of answers. Cells are those of one model, in the order of its texts. Long lists of numbers go to the page
//! as bytes: 32-bit floats, little-endian.

use juxta_engine::blocking;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::transfer::Exported;
use juxta_wire::vectors::{MapMethod, VectorAgreement, VectorFacts, VectorFormat, VectorNeighbour, VectorPairs};
use tauri::State;
use tauri::ipc::Response;

use crate::state::Shell;

#[tauri::command]
pub async fn vector_facts(shell: State<'_, Shell>, cells: Vec<CellId>) -> Result<VectorFacts, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.vector_facts(&cells)).await
}

#[tauri::command]
pub async fn vector_norms(shell: State<'_, Shell>, cells: Vec<CellId>) -> Result<Response, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.vector_norms(&cells)).await.map(floats)
}

#[tauri::command]
pub async fn vector_pairs(
    shell: State<'_, Shell>,
    cells: Vec<CellId>,
    steps: u32,
) -> Result<Option<VectorPairs>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.vector_pairs(&cells, steps)).await
}

#[tauri::command]
pub async fn vector_square(shell: State<'_, Shell>, cells: Vec<CellId>) -> Result<Response, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.vector_square(&cells)).await.map(floats)
}

#[tauri::command]
pub async fn vector_neighbours(
    shell: State<'_, Shell>,
    cells: Vec<CellId>,
    row: u32,
    count: u32,
) -> Result<Vec<VectorNeighbour>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.vector_neighbours(&cells, row, count)).await
}

/// Two shares of explained variance, then x and y of each vector. No number at all when the map was stopped.
#[tauri::command]
pub async fn vector_map(shell: State<'_, Shell>, cells: Vec<CellId>, method: MapMethod) -> Result<Response, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.vector_map(&cells, method)).await.map(|map| floats(map.unwrap_or_default()))
}

/// How much of a map is made, 0 to 1; nothing when nobody makes it.
#[tauri::command]
pub async fn vector_map_progress(
    shell: State<'_, Shell>,
    cells: Vec<CellId>,
    method: MapMethod,
) -> Result<Option<f32>, AppError> {
    Ok(shell.engine().vector_map_progress(&cells, method))
}

#[tauri::command]
pub async fn stop_vector_map(shell: State<'_, Shell>, cells: Vec<CellId>, method: MapMethod) -> Result<(), AppError> {
    shell.engine().stop_vector_map(&cells, method);
    Ok(())
}

#[tauri::command]
pub async fn vector_agreement(
    shell: State<'_, Shell>,
    one: Vec<CellId>,
    other: Vec<CellId>,
    most: u32,
) -> Result<VectorAgreement, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.vector_agreement(&one, &other, most)).await
}

#[tauri::command]
pub async fn export_vectors(
    shell: State<'_, Shell>,
    cells: Vec<CellId>,
    format: VectorFormat,
) -> Result<Exported, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.export_vectors(&cells, format)).await
}

fn floats(numbers: Vec<f32>) -> Response {
    Response::new(numbers.into_iter().flat_map(f32::to_le_bytes).collect::<Vec<u8>>())
}
