//! From the bytes of a file to its text, and from errors to places in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use juxta_wire::error::AppError;
use serde::de::DeserializeOwned;

pub(super) fn invalid(message: impl Into<String>) -> AppError {
    AppError::Invalid { field: "file".to_owned(), message: message.into() }
}

/// The text of a file in UTF-8, a byte order mark left out.
///
/// # Errors
/// [`AppError::Invalid`] for `file`, which says what the file is instead.
pub fn decode(bytes: &[u8]) -> Result<&str, AppError> {
    if bytes.starts_with(&[0xff, 0xfe])
        || bytes.starts_with(&[0xfe, 0xff])
        || bytes.iter().take(64).any(|byte| *byte == 0)
    {
        return Err(invalid("The file is no UTF-8 text, it looks like UTF-16: save it as UTF-8 and import it again"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        invalid(format!("The file is no UTF-8 text: see byte {} in line {line}", error.valid_up_to() + 1))
    })
}

/// Where JSON broke, without the words of the error, which may quote what stands there.
pub(super) fn no_json(error: &serde_json::Error, first_line: usize) -> AppError {
    let what = if error.is_eof() { "The JSON ends too early" } else { "This is no JSON" };
    invalid(format!("{what}: see line {}, column {}", error.line() + first_line - 1, error.column()))
}

/// Reads one part of a file; `part` names it, for example `Entry 3`.
pub(super) fn read<T: DeserializeOwned>(json: &str, part: &str) -> Result<T, AppError> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let missing = error.inner().to_string();
        // "missing field `url`" names a member, and nothing of the file's values.
        let member = missing.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        let path = match (path.as_str(), member) {
            (".", Some(member)) => return invalid(format!("{part} has no {member}")),
            (path, Some(member)) => return invalid(format!("{part} has no {path}.{member}")),
            (path, None) => path.to_owned(),
        };
        invalid(format!("{part}: {path} is not what belongs there"))
    })
}

/// The bytes of a body that a file holds as base64; line breaks in it are passed over.
pub(super) fn base64(text: &str, part: &str) -> Result<Vec<u8>, AppError> {
    let clean: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    STANDARD.decode(clean).map_err(|_| invalid(format!("{part}: a body is said to be base64 and is not")))
}
