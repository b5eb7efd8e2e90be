//! The listing of models, and the connection test that asks for it.

mod rows;

use juxta_wire::connection::{ConnectionTest, ModelListing};
use juxta_wire::endpoint::Dialect;
use juxta_wire::error::{AppError, RejectionCategory};

use crate::call::Call;
use crate::http::Http;
use crate::send::fetch::{Fetched, fetch};

/// Pages after which a listing that goes on is left at that.
const MOST_PAGES: usize = 50;

/// All models that a connection lists. `call` is the GET that [`crate::providers::url`] names for the dialect; further
/// pages, and for Scale the account's own deployments, are asked for with the same headers.
///
/// # Errors
/// What the first call met. A later page that fails ends the list with a note.
pub async fn list(http: &Http, call: &Call, dialect: Dialect) -> Result<ModelListing, AppError> {
    let first = fetch(http, call).await;
    complete(http, call, dialect, first.body?).await
}

/// Asks for the listing and reports what it met, headers and phases included.
pub async fn test(http: &Http, call: &Call, dialect: Dialect) -> ConnectionTest {
    let Fetched { body, status, phases, elapsed_ms, .. } = fetch(http, call).await;
    let listing = match body {
        Ok(body) => complete(http, call, dialect, body).await,
        Err(error) => Err(error),
    };
    let (models, error, note) = match listing {
        Ok(listing) => (u32::try_from(listing.models.len()).ok(), None, listing.note),
        Err(error) => (None, Some(error.clone()), hint(&error, call, dialect)),
    };
    ConnectionTest {
        method: call.method.to_string(),
        url: call.url.to_string(),
        request_headers: call.view_headers(),
        status,
        elapsed_ms,
        phases,
        models,
        error,
        note,
    }
}

async fn complete(http: &Http, call: &Call, dialect: Dialect, body: Vec<u8>) -> Result<ModelListing, AppError> {
    let mut page = rows::read(&body, dialect)?;
    let mut models = std::mem::take(&mut page.models);
    let mut note = None;
    match dialect {
        Dialect::ScaleV5 => {
            if let Some(own) = own_deployments(call) {
                // Not every account may list its deployments, and the catalogue stands without them.
                match fetch(http, &own).await.body.and_then(|body| rows::read(&body, dialect)) {
                    Ok(own) => models.extend(own.models),
                    Err(error) => tracing::debug!(%error, "own deployments not listed"),
                }
            }
        }
        Dialect::ScaigridV1 => {
            let mut seen = Vec::new();
            while let Some(cursor) = page.next_cursor.take() {
                if seen.contains(&cursor) || seen.len() >= MOST_PAGES {
                    break;
                }
                let next = at_cursor(call, &cursor);
                seen.push(cursor);
                match fetch(http, &next).await.body.and_then(|body| rows::read(&body, dialect)) {
                    Ok(read) => {
                        page = read;
                        models.append(&mut page.models);
                    }
                    Err(error) => {
                        note = Some(format!("The list is cut: a further page failed ({error})."));
                        break;
                    }
                }
            }
        }
        Dialect::OpenAi => {}
    }
    let mut known = std::collections::HashSet::new();
    models.retain(|model| known.insert(model.id.clone()));
    if models.is_empty() && note.is_none() {
        note = Some(match dialect {
            Dialect::ScaleV5 => "The list is empty. Scale sends an empty list also when it cannot read its catalogue; \
                                 the name of a model can be typed."
                .to_owned(),
            Dialect::ScaigridV1 | Dialect::OpenAi => {
                "The server lists no models; the name of one can be typed.".to_owned()
            }
        });
    }
    Ok(ModelListing { models, note })
}

/// `/v5/models` beside the catalogue `/v5/chat/completions/models`.
fn own_deployments(call: &Call) -> Option<Call> {
    let prefix = call.url.path().strip_suffix("/chat/completions/models")?;
    let mut own = call.clone();
    own.url.set_path(&format!("{prefix}/models"));
    Some(own)
}

fn at_cursor(call: &Call, cursor: &str) -> Call {
    let mut next = call.clone();
    let kept: Vec<(String, String)> = call
        .url
        .query_pairs()
        .filter(|(name, _)| name != "cursor")
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    next.url.query_pairs_mut().clear().extend_pairs(kept).append_pair("cursor", cursor);
    next
}

/// What a person may try, where the error alone does not say it.
fn hint(error: &AppError, call: &Call, dialect: Dialect) -> Option<String> {
    let AppError::Rejected(rejection) = error else { return None };
    let has = |name: &str| call.headers.iter().any(|header| header.name.eq_ignore_ascii_case(name));
    match rejection.category {
        RejectionCategory::Authentication | RejectionCategory::Permission
            if dialect == Dialect::ScaleV5 && !has("x-selected-account-id") =>
        {
            Some("If the key is right, an account id may be missing: x-selected-account-id.".to_owned())
        }
        RejectionCategory::Authentication if !call.headers.iter().any(|header| header.is_credential()) => {
            Some("No key was sent.".to_owned())
        }
        RejectionCategory::NotFound => {
            Some("A server answers, but not with a model listing. Is the base address right?".to_owned())
        }
        _ => None,
    }
}
