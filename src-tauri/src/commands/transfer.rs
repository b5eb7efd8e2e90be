use juxta_engine::blocking;
use juxta_wire::error::AppError;
use juxta_wire::transfer::{ExportFormat, ExportSubject, Exported, Imported};
use tauri::State;
use tauri::ipc::{InvokeBody, Request};

use crate::state::Shell;

#[tauri::command]
pub async fn export_runs(
    shell: State<'_, Shell>,
    subject: ExportSubject,
    format: ExportFormat,
) -> Result<Exported, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.export_runs(&subject, format)).await
}

#[tauri::command]
pub async fn save_text(shell: State<'_, Shell>, file_name: String, text: String) -> Result<Exported, AppError> {
    let engine = shell.engine().clone();
    blocking(move || engine.save_text(&file_name, &text)).await
}

/// Bytes and name come as they do for an import.
#[tauri::command]
pub async fn save_picture(shell: State<'_, Shell>, request: Request<'_>) -> Result<Exported, AppError> {
    let (name, bytes) = named_bytes(&request)?;
    let engine = shell.engine().clone();
    blocking(move || engine.save_picture(&name, &bytes)).await
}

/// The bytes are the request's body as it is; the name of the file stands percent-encoded in a header.
#[tauri::command]
pub async fn import_data(shell: State<'_, Shell>, request: Request<'_>) -> Result<Imported, AppError> {
    let (name, bytes) = named_bytes(&request)?;
    let engine = shell.engine().clone();
    blocking(move || engine.import_data(&name, &bytes)).await
}

pub(super) fn named_bytes(request: &Request<'_>) -> Result<(String, Vec<u8>), AppError> {
    let InvokeBody::Raw(bytes) = request.body() else {
        return Err(AppError::Invalid { field: "file".to_owned(), message: "The file came as JSON".to_owned() });
    };
    let name = request.headers().get("x-file-name").and_then(|name| name.to_str().ok()).unwrap_or_default();
    Ok((percent_decoded(name), bytes.clone()))
}

/// Escapes that are none stay as they are: the name is only shown.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_comes_through() {
        assert_eq!(percent_decoded("Gr%C3%B6%C3%9Fe%20100%25.har"), "Größe 100%.har");
        assert_eq!(percent_decoded("50%.har %zz %"), "50%.har %zz %");
    }
}
