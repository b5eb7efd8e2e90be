//! Reads one page of a listing, whatever shape its server gives it.

use juxta_wire::connection::ModelInfo;
use juxta_wire::endpoint::Dialect;
use juxta_wire::error::AppError;
use serde_json::Value;

use crate::envelope;

/// Characters of a body that is no listing which are kept.
const EXCERPT: usize = 200;

#[derive(Debug, PartialEq)]
pub(super) struct Page {
    pub models: Vec<ModelInfo>,
    pub next_cursor: Option<String>,
}

/// Reads a page.
///
/// # Errors
/// [`AppError::Protocol`] when the body is no JSON, or holds no list.
pub(super) fn read(body: &[u8], dialect: Dialect) -> Result<Page, AppError> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}');
    let foreign = |message: String, at: usize| AppError::Protocol {
        at: at as u64,
        message,
        excerpt: text.chars().take(EXCERPT).collect(),
    };
    let opened = envelope::open(text).map_err(|error| foreign(format!("no JSON: {error}"), error.column()))?;
    let data: Value =
        serde_json::from_str(opened.data).map_err(|error| foreign(format!("no JSON: {error}"), error.column()))?;
    let rows = list_in(&data).ok_or_else(|| foreign("no list of models in this answer".to_owned(), 0))?;
    Ok(Page {
        models: rows.iter().filter_map(|row| model(row, dialect)).collect(),
        next_cursor: opened.pagination.as_ref().and_then(|page| page.next()).map(str::to_owned),
    })
}

/// The list itself, or the first member that is one.
fn list_in(data: &Value) -> Option<&Vec<Value>> {
    let members = ["items", "data", "models"];
    data.as_array().or_else(|| members.iter().find_map(|name| list_in(data.get(name)?)))
}

fn model(row: &Value, dialect: Dialect) -> Option<ModelInfo> {
    // Some servers list bare names.
    let id = row.as_str().map(str::to_owned).or_else(|| match dialect {
        Dialect::ScaleV5 => scale_id(row).or_else(|| text(row, &["id"])),
        Dialect::ScaigridV1 => text(row, &["slug", "id", "name"]),
        Dialect::OpenAi => text(row, &["id", "name", "model"]),
    })?;
    let display_name = text(row, &["display_name", "name"]).filter(|name| *name != id && !id.ends_with(name.as_str()));
    Some(ModelInfo {
        display_name,
        kind: text(row, &["modality", "model_type", "type"]),
        status: text(row, &["status", "model_availability"]),
        context_window: number(row, &["context_window", "context_length", "max_model_len"]),
        max_output_tokens: number(row, &["max_output_tokens", "max_completion_tokens"]),
        input_price: text(row, &["input_price_per_mtok"]),
        output_price: text(row, &["output_price_per_mtok"]),
        description: text(row, &["description"]),
        id,
    })
}

/// `vendor/name`, unless the name says its vendor already.
fn scale_id(row: &Value) -> Option<String> {
    let name = text(row, &["model_name", "name"])?;
    match text(row, &["model_vendor"]) {
        Some(vendor) if !name.starts_with(&format!("{vendor}/")) => Some(format!("{vendor}/{name}")),
        _ => Some(name),
    }
}

/// The first of `names` that holds a text or a number, as text.
fn text(row: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match row.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

fn number(row: &Value, names: &[&str]) -> Option<u64> {
    names.iter().find_map(|name| match row.get(name)? {
        Value::Number(number) => number.as_u64(),
        Value::String(digits) => digits.parse().ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(id: &str) -> ModelInfo {
        ModelInfo {
            id: id.to_owned(),
            display_name: None,
            kind: None,
            status: None,
            context_window: None,
            max_output_tokens: None,
            input_price: None,
            output_price: None,
            description: None,
        }
    }

    #[test]
    fn scales_catalogue_gives_ids_with_their_vendor() {
        let body = br#"{"object":"list","items":[
            {"model_name":"gpt-4o","model_vendor":"openai","model_type":"chat_completion","model_availability":"available"},
            {"model_name":"fireworks_ai/accounts/x","model_vendor":"fireworks_ai","model_type":"generic"}]}"#;
        let page = read(body, Dialect::ScaleV5).expect("a listing");
        assert_eq!(
            page.models,
            [
                ModelInfo {
                    kind: Some("chat_completion".to_owned()),
                    status: Some("available".to_owned()),
                    ..plain("openai/gpt-4o")
                },
                ModelInfo { kind: Some("generic".to_owned()), ..plain("fireworks_ai/accounts/x") },
            ]
        );
    }

    #[test]
    fn scales_own_deployments_are_named_the_same_way() {
        let body =
            br#"{"items":[{"id":"mdl_1","name":"my-llama","model_vendor":"llmengine","model_type":"chat_completion",
            "model_availability":"available","status":"ready","status_reason":null}],"has_more":false}"#;
        let page = read(body, Dialect::ScaleV5).expect("a listing");
        let expected = ModelInfo {
            kind: Some("chat_completion".to_owned()),
            status: Some("ready".to_owned()),
            ..plain("llmengine/my-llama")
        };
        assert_eq!(page.models, [expected]);
    }

    #[test]
    fn scaigrid_rows_keep_modality_limits_prices_and_the_cursor() {
        let body = br#"{"status":"ok","data":{"items":[{"slug":"scailabs/omni","display_name":"Omni","modality":"chat",
            "context_window":256000,"max_output_tokens":32768,"status":"active","input_price_per_mtok":"0.50",
            "output_price_per_mtok":"1.50","capabilities":{}}]},"pagination":{"has_more":true,"next_cursor":"c2"}}"#;
        let page = read(body, Dialect::ScaigridV1).expect("a listing");
        assert_eq!(page.next_cursor.as_deref(), Some("c2"));
        let expected = ModelInfo {
            display_name: Some("Omni".to_owned()),
            kind: Some("chat".to_owned()),
            status: Some("active".to_owned()),
            context_window: Some(256_000),
            max_output_tokens: Some(32_768),
            input_price: Some("0.50".to_owned()),
            output_price: Some("1.50".to_owned()),
            ..plain("scailabs/omni")
        };
        assert_eq!(page.models, [expected]);
    }

    #[test]
    fn a_list_is_found_wherever_it_stands() {
        for body in [
            r#"{"object":"list","data":[{"id":"a"}]}"#,
            r#"[{"id":"a"}]"#,
            r#"["a"]"#,
            r#"{"models":[{"name":"a"}]}"#,
            r#"{"data":{"data":[{"id":"a"}]}}"#,
        ] {
            let page = read(body.as_bytes(), Dialect::OpenAi).unwrap_or_else(|error| panic!("{body}: {error}"));
            assert_eq!(page, Page { models: vec![plain("a")], next_cursor: None }, "{body}");
        }
    }

    #[test]
    fn a_body_without_a_list_is_shown() {
        for body in ["<html>", "{}", "\"x\"", "{\"data\":7}", ""] {
            let error = read(body.as_bytes(), Dialect::OpenAi).expect_err(body);
            assert!(matches!(error, AppError::Protocol { ref excerpt, .. } if excerpt == body), "{error:?}");
        }
    }
}
