use juxta_engine::blocking;
use juxta_wire::error::AppError;
use juxta_wire::ids::ComparisonId;
use juxta_wire::lane::Comparison;
use juxta_wire::prompts::{ConflictSide, PromptFolder, PromptVersion};
use tauri::State;

use crate::state::Shell;

#[tauri::command]
pub async fn sync_prompts(shell: State<'_, Shell>) -> Result<PromptFolder, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.sync_prompts()).await
}

#[tauri::command]
pub async fn settle_prompt(
    shell: State<'_, Shell>,
    comparison: ComparisonId,
    side: ConflictSide,
) -> Result<Comparison, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.settle_prompt(&comparison, side)).await
}

#[tauri::command]
pub async fn name_version(
    shell: State<'_, Shell>,
    comparison: Comparison,
    name: String,
) -> Result<PromptVersion, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.name_version(&comparison, &name)).await
}

#[tauri::command]
pub async fn prompt_versions(
    shell: State<'_, Shell>,
    comparison: ComparisonId,
) -> Result<Vec<PromptVersion>, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.prompt_versions(&comparison)).await
}

#[tauri::command]
pub async fn prompt_version(
    shell: State<'_, Shell>,
    comparison: ComparisonId,
    version: String,
) -> Result<Comparison, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.prompt_version(&comparison, &version)).await
}
