//! The `args` of generic inference, where nobody wrote any.

use juxta_wire::draft::{Message, Parameter};
use juxta_wire::error::AppError;

use crate::endpoints::chat;
use crate::endpoints::writer::{Members, Writer};

/// `{"messages":[…],…}`, as a chat has it.
///
/// # Errors
/// As [`chat::encode`], parameters named as `args.temperature`.
pub(in crate::endpoints) fn write_args(
    body: &mut Writer,
    messages: &[Message],
    parameters: &[Parameter],
) -> Result<(), AppError> {
    let mut args = Members::open(body, "args");
    chat::write_messages(args.name("messages")?, messages)?;
    for parameter in parameters {
        args.json(&parameter.name, &parameter.json)?;
    }
    args.close();
    Ok(())
}
