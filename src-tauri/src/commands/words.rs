//! What was said against what was heard.

use juxta_engine::{blocking, words};
use juxta_wire::error::AppError;
use juxta_wire::words::WordComparison;

/// `loosely` takes no account of capitals and of punctuation.
#[tauri::command]
pub async fn compare_words(said: String, heard: String, loosely: bool) -> Result<WordComparison, AppError> {
    blocking(move || words::compare(&said, &heard, loosely)).await
}
