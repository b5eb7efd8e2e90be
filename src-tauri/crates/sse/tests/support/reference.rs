//! The standard's algorithm written as plainly as it reads: the whole body at once, no offsets, no care for speed.
//! The parser is compared with it.

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Event {
        name: String,
        data: String,
        id: Option<String>,
        retry: Option<u64>,
    },
    Comment(String),
    /// Only that something was left over.
    Unfinished,
}

pub fn parse(body: &[u8]) -> Vec<Found> {
    let text = String::from_utf8_lossy(body);
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
    let mut found = Vec::new();
    let (mut name, mut data, mut id, mut retry) = (String::new(), String::new(), None, None);
    let mut touched = false;
    let (lines, rest) = split_lines(text);
    for line in lines {
        if line.is_empty() {
            if data.is_empty() {
                name.clear();
            } else {
                data.pop();
                let (name, data) = (std::mem::take(&mut name), std::mem::take(&mut data));
                found.push(Found::Event { name, data, id: id.clone(), retry });
            }
            (id, retry, touched) = (None, None, false);
            continue;
        }
        if let Some(comment) = line.strip_prefix(':') {
            found.push(Found::Comment(comment.to_owned()));
            continue;
        }
        touched = true;
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => name = value.to_owned(),
            "data" => {
                data.push_str(value);
                data.push('\n');
            }
            "id" if !value.contains('\0') => id = Some(value.to_owned()),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                retry = Some(value.parse().unwrap_or(u64::MAX));
            }
            _ => {}
        }
    }
    if touched || !rest.is_empty() {
        found.push(Found::Unfinished);
    }
    found
}

/// The complete lines, and what follows the last line end.
fn split_lines(text: &str) -> (Vec<&str>, &str) {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['\r', '\n']) {
        lines.push(&rest[..at]);
        rest = &rest[at..];
        rest = rest.strip_prefix("\r\n").unwrap_or_else(|| &rest[1..]);
    }
    (lines, rest)
}
