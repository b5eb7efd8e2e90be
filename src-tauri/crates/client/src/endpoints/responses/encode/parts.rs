//! Parts of a content: text, pictures and files.

use juxta_wire::draft::{Parameter, Part, Role};
use juxta_wire::error::AppError;

use crate::endpoints::carry::{self, Notes, find_text, members, quoted, take};
use crate::endpoints::chat::FILE_MEMBERS;
use crate::endpoints::writer::check_json;

/// Who says it: what a model said has parts of its own type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    Model,
    Others,
}

impl Speaker {
    pub fn of(role: Role) -> Self {
        match role {
            Role::Assistant => Speaker::Model,
            Role::Developer | Role::System | Role::User | Role::Tool => Speaker::Others,
        }
    }

    fn text_type(self) -> &'static str {
        match self {
            Speaker::Model => "output_text",
            Speaker::Others => "input_text",
        }
    }
}

/// The parts as a list. One without a form is left out and noted.
///
/// # Errors
/// [`AppError::Invalid`] for a raw part that is no JSON, named by its place in `path`.
pub fn written_parts(path: &str, parts: &[Part], speaker: Speaker, notes: &mut Notes) -> Result<String, AppError> {
    let mut written = Vec::with_capacity(parts.len());
    for (at, part) in parts.iter().enumerate() {
        let path = format!("{path}[{at}]");
        if let Part::Raw { json } = part {
            check_json(&path, json)?;
        }
        match written_part(part, speaker) {
            Some(json) => written.push(json),
            None => notes.lost(path, "A response takes no part of this type."),
        }
    }
    Ok(format!("[{}]", written.join(",")))
}

/// Can this part be sent?
pub fn has_form(part: &Part) -> bool {
    // A part that is no JSON is no loss but a fault, which is told where it is written.
    let is_json = |json: &str| check_json("", json).is_ok();
    match part {
        Part::Raw { json } => !is_json(json) || written_part(part, Speaker::Others).is_some(),
        Part::Text { .. } | Part::Image { .. } | Part::Audio { .. } | Part::File { .. } => {
            written_part(part, Speaker::Others).is_some()
        }
    }
}

fn written_part(part: &Part, speaker: Speaker) -> Option<String> {
    match part {
        Part::Text { text } => Some(format!(r#"{{"type":"{}","text":{}}}"#, speaker.text_type(), quoted(text))),
        Part::Image { url, detail } => {
            let detail = detail.as_ref().map(|detail| Parameter::new("detail", quoted(detail)));
            let image = [Parameter::new("type", "\"input_image\""), Parameter::new("image_url", quoted(url))];
            Some(carry::object(&image.into_iter().chain(detail).collect::<Vec<_>>()))
        }
        // The documents of responses name no sound among their parts.
        Part::Audio { .. } => None,
        Part::File { name, data, id, url } => {
            let said = FILE_MEMBERS.into_iter().zip([name, data, id, url]);
            let said = said.filter_map(|(name, value)| Some(Parameter::new(name, quoted(value.as_ref()?))));
            let kind = Parameter::new("type", "\"input_file\"");
            Some(carry::object(&std::iter::once(kind).chain(said).collect::<Vec<_>>()))
        }
        Part::Raw { json } => raw_part(json, speaker),
    }
}

/// A part as a chat has it becomes one of a response; any other goes as it stands, to the byte.
fn raw_part(json: &str, speaker: Speaker) -> Option<String> {
    let Some(mut part) = members(json) else { return Some(json.to_owned()) };
    let flat = match find_text(&part, "type").as_deref() {
        Some("text") => return Some(retyped(part, speaker.text_type())),
        Some("input_audio") => return None,
        Some("image_url") => "image_url",
        Some("file") => "file",
        _ => return Some(json.to_owned()),
    };
    let inner = take(&mut part, flat)?;
    match members(&inner) {
        Some(inner) => part.extend(inner.into_iter().map(|member| match member.name.as_str() {
            "url" => Parameter::new("image_url", member.json),
            _ => member,
        })),
        None => part.push(Parameter::new(flat, inner)),
    }
    Some(retyped(part, if flat == "file" { "input_file" } else { "input_image" }))
}

fn retyped(mut part: Vec<Parameter>, kind: &str) -> String {
    for member in part.iter_mut().filter(|member| member.name == "type") {
        member.json = quoted(kind);
    }
    carry::object(&part)
}
