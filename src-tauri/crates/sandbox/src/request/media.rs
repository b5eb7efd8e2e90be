//! Requests for vectors, pictures and sounds: JSON, or a form with a file.

use bytes::Bytes;
use futures_util::stream;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::params::{self, ParameterKind};
use multer::Multipart;
use serde_json::{Map, Value};

use super::{check_model, check_parameters, name, problem};
use crate::refusal::{FieldProblem, Reason, Step};

/// A file that came with a form.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) media_type: Option<String>,
    pub(crate) bytes: Bytes,
}

/// The members of a JSON body.
pub(crate) fn members(body: &[u8]) -> Result<Map<String, Value>, Reason> {
    match serde_json::from_slice(body).map_err(|error| Reason::NotJson(error.to_string()))? {
        Value::Object(members) => Ok(members),
        other => Err(Reason::Fields(vec![problem(
            vec![],
            "model_attributes_type",
            "Input should be a valid dictionary or object to extract fields from",
            other,
        )])),
    }
}

/// The text fields of a form, in order, and the part called `file`.
pub(crate) async fn form(headers: &HeaderMap, body: Bytes) -> Result<(Vec<(String, String)>, Option<Upload>), Reason> {
    let wrong = |error: multer::Error| {
        let text = format!("The body could not be read as multipart/form-data: {error}");
        Reason::Fields(vec![problem(vec![], "value_error", text, Value::Null)])
    };
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(kind).map_err(wrong)?;
    let mut parts = Multipart::new(stream::iter([Ok::<_, std::io::Error>(body)]), boundary);
    let (mut fields, mut file) = (Vec::new(), None);
    while let Some(part) = parts.next_field().await.map_err(wrong)? {
        let part_name = part.name().unwrap_or_default().to_owned();
        if part_name == "file" {
            let (name, media_type) = (part.file_name().unwrap_or_default().to_owned(), part.content_type());
            let media_type = media_type.map(ToString::to_string);
            file = Some(Upload { name, media_type, bytes: part.bytes().await.map_err(wrong)? });
        } else {
            fields.push((part_name, part.text().await.map_err(wrong)?));
        }
    }
    Ok((fields, file))
}

/// The fields as the members they stand for. Lists come as a field for each item, whose name may end with `[]`.
pub(crate) fn members_of_form(dialect: Dialect, fields: Vec<(String, String)>) -> Map<String, Value> {
    let table = params::table(EndpointKind::Transcribe, dialect);
    let mut members = Map::new();
    for (field, text) in fields {
        let field = field.strip_suffix("[]").unwrap_or(&field);
        let kind = table.parameters.iter().find(|spec| spec.name == field).map(|spec| spec.kind);
        match kind {
            Some(ParameterKind::TextList { .. }) => {
                if let Some(list) = members.entry(field).or_insert_with(|| Value::Array(vec![])).as_array_mut() {
                    list.push(text.into());
                }
            }
            None | Some(ParameterKind::Text { .. }) => {
                members.insert(field.to_owned(), text.into());
            }
            Some(_) => {
                // What is no number, truth or object stays text, and is refused as such.
                let value = serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text));
                members.insert(field.to_owned(), value);
            }
        }
    }
    members
}

/// Refuses what does not fit: the model, what the endpoint itself found, and what the table of parameters says.
pub(crate) fn check(
    endpoint: EndpointKind,
    dialect: Dialect,
    members: &Map<String, Value>,
    found: Vec<FieldProblem>,
) -> Result<(), Reason> {
    let mut problems = check_model(members);
    problems.extend(found);
    for other in check_parameters(endpoint, dialect, members) {
        // A member that was looked at more closely is named once.
        if !problems.iter().any(|problem| problem.path.first() == other.path.first()) {
            problems.push(other);
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Reason::Fields(problems)) }
}

/// A member that has to be one of these words, when it is there.
pub(crate) fn one_of(members: &Map<String, Value>, member: &str, words: &[&str]) -> Option<FieldProblem> {
    let value = members.get(member).filter(|value| !value.is_null())?;
    if value.as_str().is_some_and(|text| words.contains(&text)) {
        return None;
    }
    let quoted: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
    let text = format!("Input should be one of {}", quoted.join(", "));
    Some(problem(vec![name(member)], "literal_error", text, value.clone()))
}

pub(crate) fn place(index: usize) -> Step {
    Step::Index(index)
}
