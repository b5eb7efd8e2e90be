//! A request as code in other languages, as a file for other tools, and as a recording.
//!
//! Everything here is a pure function from a [`Request`] to text. The raw targets carry the body itself, byte for byte,
//! in a literal of their language; the targets that go through a provider's own package say the same JSON value by that
//! package's typed call. What a language or a package would change is said with the text, as a [`Written::checks`] row,
//! or is the reason why the request does not fit it.
//!
//! ```
//! use juxta_client::export::{self, Request};
//!
//! let request = Request { url: "https://api.example.com/v1/chat".into(), body: "{\"a\":1.0}".into(), ..Request::default() };
//! let curl = export::target("curl").unwrap();
//! let written = curl.write(&request).unwrap();
//! assert!(written.text.contains(r#"--data-raw '{"a":1.0}'"#));
//! assert_eq!(curl.reads_back(&request, &written.text), Some(true));
//! ```

mod arguments;
mod curl;
mod events;
mod form;
mod har;
mod http;
mod javascript;
mod literal;
mod number;
mod python;
mod rust;
mod saved;
mod sdk;
mod text;
mod value;
mod wrap;

use juxta_wire::code::{CodeCheck, CodeTarget};

pub use arguments::{Argument, arguments};
pub use form::{Content, Field, File, Form};
pub use text::{Piece, Text};

/// A request with nothing left to decide but where its keys are read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub method: String,
    pub url: Text,
    /// In the order sent, without those that follow from the message: `host`, `content-length`, `connection`.
    pub headers: Vec<Header>,
    /// Empty for a request without one, and for a form.
    pub body: Text,
    /// A form with a file, whose `content-type` is made with it and is no header here.
    pub form: Option<Form>,
    /// The answer is asked for as server-sent events.
    pub streams: bool,
    /// Seconds of silence after which the answer is given up.
    pub patience: u64,
    /// When it was sent, or when its code is written: Unix milliseconds.
    pub at: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    pub name: String,
    pub value: Text,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            method: "POST".to_owned(),
            url: Text::default(),
            headers: Vec::new(),
            body: Text::default(),
            form: None,
            streams: false,
            patience: 120,
            at: 0,
        }
    }
}

impl Request {
    /// The first header of that name; names are compared without case.
    fn header(&self, name: &str) -> Option<&Text> {
        self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| &header.value)
    }

    fn has_body(&self) -> bool {
        self.form.is_some() || !self.body.is_empty() || matches!(self.method.as_str(), "POST" | "PUT" | "PATCH")
    }

    /// Names that stand there more than once.
    fn repeated_headers(&self) -> Vec<&str> {
        let mut repeated: Vec<&str> = Vec::new();
        for (at, header) in self.headers.iter().enumerate() {
            let is = |name: &str| name.eq_ignore_ascii_case(&header.name);
            if self.headers[..at].iter().any(|earlier| is(&earlier.name)) && !repeated.iter().any(|known| is(known)) {
                repeated.push(&header.name);
            }
        }
        repeated
    }

    fn has_uuid(&self) -> bool {
        self.headers.iter().any(|header| header.value.has_uuid())
    }

    fn reads_environment(&self) -> bool {
        self.texts().any(|text| text.variables().next().is_some())
    }
}

/// A request in the form of a target, and what must be said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    pub text: String,
    pub checks: Vec<CodeCheck>,
}

/// Why a request cannot be said in the way of a target: a sentence for people.
pub type Unfit = String;

/// A language with a library, or a file format.
pub struct Target {
    pub id: &'static str,
    pub language: &'static str,
    /// Empty when there is but one.
    pub library: &'static str,
    /// For colours.
    pub syntax: &'static str,
    pub file_name: &'static str,
    /// The text holds the bytes of the body. The others hold its JSON value.
    pub is_raw: bool,
    fits: fn(&Request) -> Result<(), Unfit>,
    write: fn(&Request) -> Result<Written, Unfit>,
    reads_back: Option<fn(&Request, &str) -> Option<bool>>,
    /// Whose literals hold the body.
    literals: Option<literal::Language>,
}

/// In the order they are offered.
pub const TARGETS: &[Target] = &[
    curl::TARGET,
    python::HTTPX,
    python::REQUESTS,
    sdk::python::OPENAI,
    sdk::python::SCALE_GP,
    javascript::FETCH,
    sdk::javascript::OPENAI,
    rust::REQWEST,
    http::TARGET,
    har::TARGET,
];

pub fn target(id: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.id == id)
}

impl Target {
    /// # Errors
    /// Why this request does not fit.
    pub fn fits(&self, request: &Request) -> Result<(), Unfit> {
        request.form_fits()?;
        (self.fits)(request)
    }

    /// # Errors
    /// As [`Target::fits`].
    pub fn write(&self, request: &Request) -> Result<Written, Unfit> {
        self.fits(request)?;
        let mut written = (self.write)(request)?;
        written.checks.extend(form::needs_file(request));
        Ok(written)
    }

    /// Reads `text` as the other tool would and compares. `None` when there is no reader for it here.
    pub fn reads_back(&self, request: &Request, text: &str) -> Option<bool> {
        (self.reads_back?)(request, text)
    }

    /// The body that `text` would send, read out of its literals. `None` when there is no reader for it here, and when a
    /// key is read into the body.
    pub fn body_of(&self, text: &str) -> Option<String> {
        literal::body(text, self.literals?)
    }

    /// The row of this target in a list.
    pub fn row(&self, request: &Request) -> CodeTarget {
        CodeTarget {
            id: self.id.to_owned(),
            language: self.language.to_owned(),
            library: self.library.to_owned(),
            syntax: self.syntax.to_owned(),
            file_name: self.file_name.to_owned(),
            unfit: self.fits(request).err(),
        }
    }
}

/// Something that is different from what was sent.
fn differs(text: impl Into<String>) -> CodeCheck {
    CodeCheck { passed: false, text: text.into() }
}

/// Said by languages that have no UUIDs without another library.
fn uuid_is_kept(request: &Request) -> Option<CodeCheck> {
    request
        .has_uuid()
        .then(|| differs("The request id stays the same in every run; Juxta makes a fresh one for each call"))
}

/// Said by libraries that send the values of one name on one line.
fn headers_are_joined(request: &Request, library: &str) -> Option<CodeCheck> {
    let repeated = request.repeated_headers();
    (!repeated.is_empty())
        .then(|| differs(format!("{library} sends the values of {} on one line", repeated.join(", "))))
}

/// Headers with the values of one name joined by a comma, as a library without repeated headers sends them.
fn joined_headers(request: &Request) -> Vec<Header> {
    let mut joined: Vec<Header> = Vec::new();
    for header in &request.headers {
        match joined.iter_mut().find(|known| known.name.eq_ignore_ascii_case(&header.name)) {
            Some(known) => {
                let comma = [Piece::Text(", ".to_owned())];
                known.value =
                    Text::new(known.value.pieces().iter().chain(&comma).chain(header.value.pieces()).cloned());
            }
            None => joined.push(header.clone()),
        }
    }
    joined
}

/// `a, b and c`.
fn list_of(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

/// Says which headers a library adds to those that were sent.
fn adds(request: &Request, library: &str, names: &[&str]) -> Option<CodeCheck> {
    // The type of a form is made by everything that sends one.
    let is_made = |name: &str| request.form.is_some() && name == "content-type";
    let added: Vec<&str> =
        names.iter().copied().filter(|name| request.header(name).is_none() && !is_made(name)).collect();
    (!added.is_empty()).then(|| differs(format!("{library} adds {}", list_of(&added))))
}

fn fits_always(_: &Request) -> Result<(), Unfit> {
    Ok(())
}
