//! A curl command that somebody pasted, read as the request it would make.
//!
//! ```
//! use juxta_client::import::curl;
//!
//! let command = curl::parse(r#"curl https://api.example.com/v1/chat/completions --json '{"model":"a"}'"#).unwrap();
//! assert_eq!(command.method, "POST");
//! assert_eq!(command.body.as_deref(), Some(r#"{"model":"a"}"#));
//! ```

mod address;
mod credential;
mod data;
mod form;
mod options;
mod pipe;
#[cfg(test)]
mod tests;
mod words;

use std::fmt;

use juxta_wire::error::AppError;
use url::Url;

use crate::call::Sensitive;
use options::Meaning;
use words::invalid;

pub use credential::Value;
pub use form::{FormContent, FormPart};
pub use words::{Piece, Word};

/// The request of a curl command. Header values may be keys; Debug does not show them.
#[derive(Debug, Clone, PartialEq)]
pub struct CurlCommand {
    pub method: String,
    /// Without a user name, a password, or a key in its query: those are in `headers`, or named in `unknown`.
    pub url: Url,
    pub headers: Vec<CurlHeader>,
    /// Text as the server would get it; shell variables in it stand as `$NAME` and are named in `unknown`.
    pub body: Option<String>,
    /// The parts of a form, which take the place of a body.
    pub form: Vec<FormPart>,
    pub proxy: Option<CurlProxy>,
    /// Path of a PEM file.
    pub ca_file: Option<String>,
    /// What was not understood or is not followed, named one by one, without any value.
    pub unknown: Vec<String>,
}

#[derive(Clone, PartialEq, Eq)]
pub struct CurlHeader {
    pub name: String,
    pub value: Word,
}

impl fmt::Debug for CurlHeader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ••••", self.name)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CurlProxy {
    Direct,
    /// With a scheme, without credentials.
    Url(String),
}

/// Reads a pasted command. Nothing is executed and no file is opened.
///
/// # Errors
/// [`AppError::Invalid`] for `curl`, with the place, when the text is no curl command, a quote stays open, an option
/// lacks its value, or there is no usable address. No message holds a text of the command, which may be a key.
pub fn parse(command: &str) -> Result<CurlCommand, AppError> {
    parse_with_files(command, &|_| None)
}

/// The same, where bodies may be in files: `read_file` is given the path after the `@` and may decline.
///
/// # Errors
/// As [`parse`].
pub fn parse_with_files(command: &str, read_file: ReadFile<'_>) -> Result<CurlCommand, AppError> {
    let words = words::split(command)?;
    let mut reading = Reading { unknown: words.unknown, read_file: Some(read_file), ..Reading::default() };
    if let Some(before) = &words.piped {
        reading.piped = pipe::printed(before);
        if reading.piped.is_none() {
            reading.name("what stands in front of |");
        }
    }
    let mut words = words.words.into_iter().skip_while(|word| word.text() == "$").peekable();
    while let Some(name) = words.peek().and_then(assignment) {
        reading.name(format!("{name}=… in front of curl"));
        words.next();
    }
    match words.next() {
        Some(word) if is_curl(&word.text()) => {}
        Some(word) => return Err(invalid(format!("The command does not begin with curl, at {}", word.place))),
        None => return Err(invalid("Paste a command that begins with curl".to_owned())),
    }
    let mut only_addresses = false;
    while let Some(word) = words.next() {
        let start = word.start();
        if only_addresses || !start.starts_with('-') || word.text() == "-" {
            reading.addresses.push(word);
        } else if start == "--" {
            only_addresses = true;
        } else if start == "--next" {
            reading.name("what follows --next");
            break;
        } else if start.starts_with("--") {
            reading.long(&word, &mut words)?;
        } else {
            reading.short(&word, &mut words)?;
        }
    }
    reading.finish()
}

impl CurlCommand {
    /// The same for a request that some other tool recorded. Keys in the address are taken out of it as in a command.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when the address is none.
    pub fn of_request(
        method: &str,
        url: &str,
        headers: impl IntoIterator<Item = (String, Sensitive)>,
        body: Option<String>,
    ) -> Result<Self, AppError> {
        let headers =
            headers.into_iter().map(|(name, value)| CurlHeader { name, value: Word::new(value.expose()) }).collect();
        let reading = Reading {
            method: Some(method.to_ascii_uppercase()),
            addresses: vec![Word::new(url)],
            headers,
            body,
            ..Reading::default()
        };
        reading.finish()
    }

    /// A body or a form.
    pub fn brings_content(&self) -> bool {
        self.body.is_some() || !self.form.is_empty()
    }
}

fn is_curl(word: &str) -> bool {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    name.eq_ignore_ascii_case("curl") || name.eq_ignore_ascii_case("curl.exe")
}

/// `NAME=value` in front of a command; gives the name.
fn assignment(word: &Word) -> Option<String> {
    let (name, _) = word.start().split_once('=')?;
    let is_name = !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
    is_name.then(|| name.to_owned())
}

/// Gives the text of a file, or declines.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> Option<String>;

#[derive(Default)]
struct Reading<'a> {
    read_file: Option<ReadFile<'a>>,
    method: Option<String>,
    addresses: Vec<Word>,
    headers: Vec<CurlHeader>,
    body: Option<String>,
    form: Vec<FormPart>,
    /// Of `--url-query`.
    query: Option<String>,
    /// `-G`.
    is_get: bool,
    /// There was an option for data, also when its file was not read.
    has_data: bool,
    /// What a pipe brings.
    piped: Option<Word>,
    proxy: Option<CurlProxy>,
    ca_file: Option<String>,
    unknown: Vec<String>,
}

impl Reading<'_> {
    fn name(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.unknown.contains(&what) {
            self.unknown.push(what);
        }
    }

    /// `--data x`, `--data=x`.
    fn long(&mut self, word: &Word, words: &mut impl Iterator<Item = Word>) -> Result<(), AppError> {
        let start = word.start();
        let (name, joined) = match start.find('=') {
            Some(at) => (&start[..at], Some(word.after(at + 1))),
            None => (start, None),
        };
        let meaning = options::long(&name[2..]);
        let value = match joined {
            Some(value) => value,
            None if meaning.takes_value() => words.next().ok_or_else(|| no_value(name, word))?,
            None => Word::default(),
        };
        self.apply(name, meaning, value);
        Ok(())
    }

    /// `-sN`, `-XPOST`, `-H 'a: b'`.
    fn short(&mut self, word: &Word, words: &mut impl Iterator<Item = Word>) -> Result<(), AppError> {
        for (at, letter) in word.start().char_indices().skip(1) {
            let name = format!("-{letter}");
            let meaning = options::short(letter);
            if meaning.takes_value() {
                let rest = word.after(at + letter.len_utf8());
                let value = match rest.is_empty() {
                    true => words.next().ok_or_else(|| no_value(&name, word))?,
                    false => rest,
                };
                self.apply(&name, meaning, value);
                return Ok(());
            }
            self.apply(&name, meaning, Word::default());
        }
        if word.variables().next().is_some() {
            self.name(format!("the variable at {}", word.place));
        }
        Ok(())
    }

    fn apply(&mut self, option: &str, meaning: Meaning, value: Word) {
        let literal = value.variables().next().is_none();
        match meaning {
            Meaning::Method if literal => self.method = Some(value.text().trim().to_ascii_uppercase()),
            Meaning::Header => self.header(option, &value),
            Meaning::Data(data) => self.data(option, data, &value),
            Meaning::Form { literal } => self.form(option, literal, &value),
            Meaning::Get => self.is_get = true,
            Meaning::UrlQuery => self.url_query(option, &value),
            Meaning::User => self.user(option, &value),
            Meaning::Address => self.addresses.push(value),
            Meaning::Proxy(scheme) if literal => self.proxy(option, scheme, value.text().trim()),
            Meaning::NoProxy if value.text() == "*" => self.proxy = Some(CurlProxy::Direct),
            Meaning::Authority if literal => self.ca_file = Some(value.text()),
            Meaning::AsHeader("Cookie", _) if literal && !value.text().contains('=') => {
                self.name(format!("the file of {option}"));
            }
            Meaning::AsHeader(name, prefix) => {
                let value = if prefix.is_empty() { value } else { value.behind(prefix) };
                self.headers.push(CurlHeader { name: name.to_owned(), value });
            }
            Meaning::Harmless | Meaning::HarmlessValue => {}
            Meaning::Method
            | Meaning::Proxy(_)
            | Meaning::NoProxy
            | Meaning::Authority
            | Meaning::OtherValue
            | Meaning::Other => self.name(option),
        }
    }

    fn header(&mut self, option: &str, value: &Word) {
        let start = value.start();
        if start.starts_with('@') {
            return self.headers_of_file(option, &value.text()[1..]);
        }
        match start.find(':') {
            Some(colon) => {
                let name = start[..colon].trim().to_owned();
                let value = value.after(colon + 1).trimmed();
                // `Name:` takes a header of curl's own away, and Juxta sends none of those.
                if !value.is_empty() {
                    self.headers.push(CurlHeader { name, value });
                }
            }
            None => match data::empty_header(&value.text()) {
                Some(name) if value.variables().next().is_none() => {
                    self.headers.push(CurlHeader { name: name.to_owned(), value: Word::default() });
                }
                _ => self.name(format!("a header without a colon at {}", value.place)),
            },
        }
    }

    fn user(&mut self, option: &str, value: &Word) {
        let text = value.text();
        match value.variables().next() {
            None if text.contains(':') => self.headers.push(credential::basic(&text)),
            None => self.name(format!("{option} without a password")),
            Some(_) => self.name(format!("{option} with a shell variable")),
        }
    }

    fn proxy(&mut self, option: &str, scheme: &str, address: &str) {
        if address.is_empty() {
            self.proxy = Some(CurlProxy::Direct);
            return;
        }
        let address = match address.contains("://") {
            true => address.to_owned(),
            false => format!("{scheme}://{address}"),
        };
        let Ok(mut url) = Url::parse(&address) else { return self.name(option) };
        if !url.username().is_empty() || url.password().is_some() {
            self.name("the user name and password of the proxy");
            if url.set_username("").and_then(|()| url.set_password(None)).is_err() {
                return self.name(option);
            }
        }
        self.proxy = Some(CurlProxy::Url(url.as_str().trim_end_matches('/').to_owned()));
    }

    fn finish(mut self) -> Result<CurlCommand, AppError> {
        let url = self.take_url()?;
        let is_post = !self.form.is_empty() || self.body.is_some() || self.has_data && !self.is_get;
        if !self.form.is_empty() && self.has_data {
            self.name("a form beside a body (curl refuses both together)");
        }
        let without = if is_post { "POST" } else { "GET" };
        Ok(CurlCommand {
            method: self.method.unwrap_or_else(|| without.to_owned()),
            url,
            headers: self.headers,
            body: self.body,
            form: self.form,
            proxy: self.proxy,
            ca_file: self.ca_file,
            unknown: self.unknown,
        })
    }
}

fn no_value(option: &str, word: &Word) -> AppError {
    invalid(format!("{option} at {} has no value", word.place))
}
