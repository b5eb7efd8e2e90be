//! The options that bring bytes along: what they are, and whether they make a body or a query.

use url::Url;

use super::options::Data;
use super::{CurlHeader, Reading, Word};

/// The path that stands for what is piped in.
const PIPE: &str = "-";

impl Reading<'_> {
    pub(super) fn data(&mut self, option: &str, data: Data, value: &Word) {
        self.has_data = true;
        let Some(text) = self.data_text(option, data, value) else { return };
        match &mut self.body {
            Some(body) => {
                if data != Data::Json {
                    body.push('&');
                }
                body.push_str(&text);
            }
            None => self.body = Some(text),
        }
    }

    /// `--url-query`: as `--data-urlencode`, and with a `+` in front as it stands.
    pub(super) fn url_query(&mut self, option: &str, value: &Word) {
        let (data, value) = match value.start().starts_with('+') {
            true => (Data::Raw, value.after(1)),
            false => (Data::UrlEncoded, value.clone()),
        };
        let Some(text) = self.data_text(option, data, &value) else { return };
        match &mut self.query {
            Some(query) => {
                query.push('&');
                query.push_str(&text);
            }
            None => self.query = Some(text),
        }
    }

    /// What a value says, or the file that it names. `None` for a file that is not read, which is named.
    fn data_text(&mut self, option: &str, data: Data, value: &Word) -> Option<String> {
        let text = value.text();
        let file = match data {
            Data::Plain | Data::Binary | Data::Json => text.strip_prefix('@'),
            Data::UrlEncoded => encoded_file(&text),
            Data::Raw => None,
        };
        let content = match file {
            Some(PIPE) if self.piped.is_some() => {
                let piped = self.piped.take().unwrap_or_default();
                self.name_variables(&piped, "the body");
                piped.text()
            }
            Some(file) => match self.read_file.and_then(|read| read(file)) {
                Some(content) => {
                    self.name(format!("the body is that of the file {file}, read from this computer"));
                    content
                }
                None => {
                    self.name(format!("the file of {option} @{file}"));
                    return None;
                }
            },
            None => {
                self.name_variables(value, "the body");
                return Some(match data {
                    Data::UrlEncoded => url_encoded(&text),
                    Data::Plain | Data::Binary | Data::Raw | Data::Json => text,
                });
            }
        };
        Some(of_file(data, &text, content))
    }

    fn name_variables(&mut self, value: &Word, place: &str) {
        for variable in value.variables() {
            self.name(format!("the value of ${variable} in {place}"));
        }
    }

    /// `-G` puts the data behind the address, and leaves what `--url-query` has out.
    pub(super) fn add_query(&mut self, url: &mut Url) {
        let data = match self.is_get && self.form.is_empty() {
            true => self.body.take(),
            false => None,
        };
        let query = match (data, self.query.take()) {
            (Some(data), Some(_)) => {
                self.name("--url-query (curl leaves it out beside -G)");
                Some(data)
            }
            (data, query) => data.or(query),
        };
        // The part behind a `#` is never sent.
        let Some(added) = query.as_deref().and_then(|query| query.split('#').next()).filter(|text| !text.is_empty())
        else {
            return;
        };
        let joined = match url.query().unwrap_or_default() {
            "" => added.to_owned(),
            own if own.ends_with('&') => format!("{own}{added}"),
            own => format!("{own}&{added}"),
        };
        url.set_query(Some(&joined));
    }

    /// `-H @file`: a header on each line.
    pub(super) fn headers_of_file(&mut self, option: &str, file: &str) {
        let Some(content) = self.read_file.and_then(|read| read(file)) else {
            return self.name(format!("the file of {option} @{file}"));
        };
        self.name(format!("the headers are those of the file {file}, read from this computer"));
        for (at, line) in content.lines().enumerate() {
            let header = match line.split_once(':') {
                // A line that begins with a blank would go on with the header before it.
                _ if line.starts_with([' ', '\t']) => None,
                Some((name, value)) => Some((name.trim(), value.trim())),
                None => empty_header(line).map(|name| (name, "")),
            };
            match header {
                Some((_, "")) if line.contains(':') => {}
                Some((name, value)) => {
                    self.headers.push(CurlHeader { name: name.to_owned(), value: Word::new(value) });
                }
                None if line.trim().is_empty() => {}
                None => self.name(format!("line {} of the file {file} (no header)", at + 1)),
            }
        }
    }
}

/// `Name;` is a header without a value.
pub(super) fn empty_header(text: &str) -> Option<&str> {
    text.strip_suffix(';').map(str::trim).filter(|name| !name.is_empty() && !name.contains(char::is_whitespace))
}

/// `@file` or `name@file`, without an `=` before.
fn encoded_file(text: &str) -> Option<&str> {
    let at = text.find(['@', '='])?;
    text[at..].strip_prefix('@')
}

/// What a data option makes of the content of its file; `text` is its value, `@file` or `name@file`.
fn of_file(data: Data, text: &str, content: String) -> String {
    match data {
        Data::Plain => content.replace(['\r', '\n', '\0'], ""),
        Data::UrlEncoded => encoded_as(text.split('@').next().unwrap_or_default(), &content),
        Data::Binary | Data::Raw | Data::Json => content,
    }
}

/// `content`, `=content` or `name=content`.
fn url_encoded(text: &str) -> String {
    let (name, content) = text.split_once('=').unwrap_or(("", text));
    encoded_as(name, content)
}

fn encoded_as(name: &str, content: &str) -> String {
    let mut encoded = String::with_capacity(content.len());
    for byte in content.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            plain if plain.is_ascii_alphanumeric() || b"-._~".contains(&plain) => encoded.push(char::from(plain)),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    if name.is_empty() { encoded } else { format!("{name}={encoded}") }
}
