//! The fields of a form as a server reads them, however a library wrote the line between them.

use crate::http_bytes::Message;

/// One part of a body.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SentPart {
    pub name: String,
    pub file_name: Option<String>,
    /// Of a file; libraries say of texts what they like.
    pub content_type: Option<String>,
    pub content: Vec<u8>,
}

/// The parts of a form in order; `None` for a body that is none.
pub fn form_parts(message: &Message) -> Option<Vec<SentPart>> {
    let kind = message.header("content-type")?;
    let boundary = kind.strip_prefix("multipart/form-data; boundary=")?.trim_matches('"');
    let mark = format!("\r\n--{boundary}");
    let body = [b"\r\n", message.body.as_slice()].concat();
    let mut rest = &body[find(&body, mark.as_bytes())? + mark.len()..];
    let mut parts = Vec::new();
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let end = find(part, mark.as_bytes())?;
        parts.push(read(&part[..end])?);
        rest = &part[end + mark.len()..];
    }
    rest.starts_with(b"--").then_some(parts)
}

fn read(part: &[u8]) -> Option<SentPart> {
    let head_end = find(part, b"\r\n\r\n")?;
    let head = String::from_utf8(part[..head_end].to_vec()).ok()?;
    let line = |name: &str| {
        head.split("\r\n").find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let disposition = line("content-disposition")?;
    let file_name = parameter(&disposition, "; filename=");
    let content_type = line("content-type").filter(|_| file_name.is_some());
    let name = parameter(&disposition, "; name=")?;
    Some(SentPart { name, file_name, content_type, content: part[head_end + 4..].to_vec() })
}

/// The quoted value behind `name`, by either escape that libraries have for quotes.
fn parameter(head: &str, name: &str) -> Option<String> {
    let value = head.split_once(name)?.1.strip_prefix('"')?;
    let mut text = String::new();
    let mut characters = value.chars();
    loop {
        match characters.next()? {
            '"' => return Some(text.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")),
            '\\' => match characters.next()? {
                escaped @ ('"' | '\\') => text.push(escaped),
                other => text.extend(['\\', other]),
            },
            other => text.push(other),
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
