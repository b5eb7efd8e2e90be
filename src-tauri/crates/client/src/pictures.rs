//! Pictures that an answer names by their addresses. Those expire, so the bytes are fetched at once.

use juxta_wire::error::AppError;
use tokio_util::sync::CancellationToken;

use crate::call::Call;
use crate::http::Http;
use crate::named_address::{asked, with_credentials};
use crate::send::fetch::fetch;

/// Fetches the picture that the answer to `call` says is at `address`, which may be relative. Cancelling closes the socket.
///
/// # Errors
/// [`AppError::Invalid`] for an address that is not asked, [`AppError::NotFound`] when `cancel` came first, and whatever the
/// server or the network says.
pub async fn fetch_picture(
    http: &Http,
    call: &Call,
    address: &str,
    cancel: &CancellationToken,
) -> Result<Vec<u8>, AppError> {
    let bare = asked(call, address, "picture", "image/*")?;
    let fetched = tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(stopped()),
        fetched = fetch(http, &bare) => fetched,
    };
    let Some(with_key) = with_credentials(&bare, call, fetched.status) else { return fetched.body };
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err(stopped()),
        fetched = fetch(http, &with_key) => fetched.body,
    }
}

fn stopped() -> AppError {
    AppError::NotFound { what: "The picture".to_owned() }
}
