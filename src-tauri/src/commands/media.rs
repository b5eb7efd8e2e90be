//! What is attached before it is sent.

use juxta_engine::blocking;
use juxta_media::{MediaError, file, picture};
use juxta_wire::error::AppError;
use juxta_wire::media::{FileFacts, Shrink, SmallerPicture};

/// `data` is base64, or a `data:` URL of it.
#[tauri::command]
pub async fn file_facts(data: String) -> Result<FileFacts, AppError> {
    blocking(move || file::from_base64(&data).map(|bytes| file::facts(&bytes)).map_err(media)).await
}

/// From one `data:` URL to another.
#[tauri::command]
pub async fn smaller_picture(url: String, shrink: Shrink) -> Result<SmallerPicture, AppError> {
    blocking(move || picture::smaller_url(&url, &shrink).map_err(media)).await
}

pub(super) fn media(error: MediaError) -> AppError {
    AppError::Media { message: error.to_string() }
}
