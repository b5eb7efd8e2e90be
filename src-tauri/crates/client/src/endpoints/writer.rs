//! JSON written piece by piece, with what people wrote left as it is.

use juxta_wire::error::AppError;
use serde_json::value::RawValue;

/// One JSON object under way. That no name stands there twice is seen to here.
pub(super) struct Members<'a> {
    pub body: &'a mut Writer,
    /// Where this object stands, for errors; empty for the body itself.
    path: &'a str,
    names: Vec<String>,
}

impl<'a> Members<'a> {
    pub fn open(body: &'a mut Writer, path: &'a str) -> Self {
        body.bytes(b"{");
        Self { body, path, names: Vec::new() }
    }

    /// Writes the name; the value is to follow.
    ///
    /// # Errors
    /// When the name stands there already.
    pub fn name(&mut self, name: &str) -> Result<&mut Writer, AppError> {
        if self.names.iter().any(|taken| taken == name) {
            return Err(invalid(&self.field(name), "This key is already sent; a body can have it only once."));
        }
        self.names.push(name.to_owned());
        self.body.separate(b'{');
        self.body.string(name);
        self.body.bytes(b":");
        Ok(self.body)
    }

    pub fn string(&mut self, name: &str, text: &str) -> Result<(), AppError> {
        self.name(name)?.string(text);
        Ok(())
    }

    pub fn json(&mut self, name: &str, json: &str) -> Result<(), AppError> {
        let field = self.field(name);
        self.name(name)?.json(&field, json)
    }

    fn field(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    pub fn close(self) {
        self.body.bytes(b"}");
    }
}

#[derive(Default)]
pub(super) struct Writer {
    pub bytes: Vec<u8>,
}

impl Writer {
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A comma, unless the object or array was opened just now.
    pub fn separate(&mut self, open: u8) {
        if self.bytes.last() != Some(&open) {
            self.bytes(b",");
        }
    }

    pub fn string(&mut self, text: &str) {
        serde_json::to_writer(&mut self.bytes, text).expect("a string written to memory cannot fail");
    }

    /// JSON text that a person wrote, byte for byte.
    ///
    /// # Errors
    /// When it is none; `field` is named.
    pub fn json(&mut self, field: &str, json: &str) -> Result<(), AppError> {
        check_json(field, json)?;
        self.bytes(json.as_bytes());
        Ok(())
    }
}

/// # Errors
/// When `json` is none; `field` is named.
pub(super) fn check_json(field: &str, json: &str) -> Result<(), AppError> {
    if json.trim().is_empty() {
        return Err(invalid(field, "This has no value. Write one, or unset the key."));
    }
    match serde_json::from_str::<&RawValue>(json) {
        Ok(_) => Ok(()),
        Err(error) => Err(invalid(field, &format!("This is not JSON: {error}"))),
    }
}

pub(super) fn invalid(field: &str, message: &str) -> AppError {
    AppError::Invalid { field: field.to_owned(), message: message.to_owned() }
}
