//! `-F`: the parts of a form, with the names, files and types that curl would send.

use super::{Reading, Word};

/// A part of a `multipart/form-data` body. Its content may be a key, so it does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct FormPart {
    /// Empty for a part without a name.
    pub name: String,
    pub content: FormContent,
    /// What the server is told that the file is called.
    pub file_name: Option<String>,
    /// As said, or as curl follows it from the file's name.
    pub content_type: Option<String>,
}

#[derive(Clone, PartialEq, Eq)]
pub enum FormContent {
    /// Shell variables in it stand as `$NAME`.
    Text(String),
    /// The content of the file at this path, sent as a text.
    TextOf(String),
    /// The file at this path.
    File(String),
    /// `=(`: what follows up to `=)` belongs to it.
    Group,
}

impl std::fmt::Debug for FormPart {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.named())
    }
}

impl FormPart {
    /// In a list of what has no place: `the form field file (the file speech.mp3, audio/mpeg)`. Never the text of a part.
    pub fn named(&self) -> String {
        let field = match self.name.is_empty() {
            true => "a form field without a name".to_owned(),
            false => format!("the form field {}", self.name),
        };
        let mut what = match &self.content {
            FormContent::Text(_) => "a text".to_owned(),
            FormContent::TextOf(path) => format!("the text of the file {path}"),
            FormContent::File(path) => format!("the file {path}"),
            FormContent::Group => "a group of parts".to_owned(),
        };
        let own_name = match &self.content {
            FormContent::File(path) => Some(base_name(path)),
            FormContent::Text(_) | FormContent::TextOf(_) | FormContent::Group => None,
        };
        if let Some(name) = self.file_name.as_deref().filter(|name| Some(*name) != own_name) {
            what.push_str(&format!(" as {name}"));
        }
        if let Some(content_type) = &self.content_type {
            what.push_str(&format!(", {content_type}"));
        }
        format!("{field} ({what})")
    }
}

impl Reading<'_> {
    /// `literal` is `--form-string`, whose text has no special characters.
    pub(super) fn form(&mut self, option: &str, literal: bool, value: &Word) {
        let text = value.text();
        let Some((name, content)) = text.split_once('=') else {
            return self.name(format!("{option} at {} (no = in it)", value.place));
        };
        for variable in value.variables() {
            self.name(format!("the value of ${variable} in the form"));
        }
        let part =
            |content, content_type, file_name| FormPart { name: name.to_owned(), content, file_name, content_type };
        if literal {
            return self.form.push(part(FormContent::Text(content.to_owned()), None, None));
        }
        match content.chars().next() {
            Some('(') => {
                let read = Part::read(&mut &content[1..], "");
                let content_type = read.content_type.or_else(|| Some("multipart/mixed".to_owned()));
                self.form.push(part(FormContent::Group, content_type, read.file_name));
            }
            Some(')') if name.is_empty() && content.len() == 1 => {}
            Some('@') => {
                let mut rest = &content[1..];
                loop {
                    let Part { text: path, file_name, content_type } = Part::read(&mut rest, ",");
                    let file_name = file_name.unwrap_or_else(|| base_name(&path).to_owned());
                    let content_type = content_type.or_else(|| type_of_file(&file_name, &path));
                    self.form.push(part(FormContent::File(path), content_type, Some(file_name)));
                    match rest.strip_prefix(',') {
                        Some(more) => rest = more,
                        None => return,
                    }
                }
            }
            Some('<') => {
                let read = Part::read(&mut &content[1..], "");
                self.form.push(part(FormContent::TextOf(read.text), read.content_type, read.file_name));
            }
            _ => {
                let read = Part::read(&mut &*content, "");
                let by_name = || read.file_name.as_deref().and_then(known_type).map(str::to_owned);
                let content_type = read.content_type.clone().or_else(by_name);
                self.form.push(part(FormContent::Text(read.text), content_type, read.file_name));
            }
        }
    }
}

/// `text;type=…;filename=…`, which curl reads in a way of its own: outside of quotes `;` ends the text, in JSON too.
struct Part {
    text: String,
    file_name: Option<String>,
    content_type: Option<String>,
}

impl Part {
    /// Reads up to the end, or up to one of `ends`, which stays in `rest`.
    fn read(rest: &mut &str, ends: &str) -> Self {
        let text = word(rest, ends);
        let mut part = Self { text, file_name: None, content_type: None };
        let mut in_type = false;
        while let Some(behind) = rest.strip_prefix(';') {
            *rest = behind.trim_start();
            if let Some(value) = after(rest, "type=").filter(|_| !in_type) {
                *rest = value.trim_start();
                part.content_type = Some(bare(rest, ends).to_owned());
                in_type = true;
            } else if let Some(value) = after(rest, "filename=") {
                *rest = value.trim_start();
                part.file_name = Some(word(rest, ends));
                in_type = false;
            } else if after(rest, "headers=").or_else(|| after(rest, "encoder=")).is_some() {
                word(rest, ends);
                in_type = false;
            } else {
                let parameter = word(rest, ends);
                // Behind a type it is a part of that, such as `charset=utf-8`.
                if let Some(content_type) = part.content_type.as_mut().filter(|_| in_type) {
                    content_type.push(';');
                    content_type.push_str(&parameter);
                }
            }
        }
        part
    }
}

fn after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let start = text.get(..name.len())?;
    start.eq_ignore_ascii_case(name).then(|| &text[name.len()..])
}

/// Takes a word off `rest`: quoted, with `\"` and `\\` in it, or as it stands without blanks around it.
fn word(rest: &mut &str, ends: &str) -> String {
    *rest = rest.trim_start();
    match quoted(rest) {
        Some((text, behind)) => {
            *rest = behind;
            // Whatever stands behind the quotes is left out.
            bare(rest, ends);
            text
        }
        None => bare(rest, ends).to_owned(),
    }
}

fn bare<'a>(rest: &mut &'a str, ends: &str) -> &'a str {
    let end = rest.find(|character| character == ';' || ends.contains(character)).unwrap_or(rest.len());
    let (text, behind) = rest.split_at(end);
    *rest = behind;
    text.trim_end()
}

/// `None` for a quote that stays open, which is an ordinary character then.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut characters = text.strip_prefix('"')?.chars();
    let mut unquoted = String::new();
    loop {
        match characters.next()? {
            '"' => return Some((unquoted, characters.as_str())),
            '\\' if characters.as_str().starts_with(['\\', '"']) => unquoted.extend(characters.next()),
            other => unquoted.push(other),
        }
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The types that curl knows; every other file is bytes, and what comes from a pipe has none.
fn type_of_file(file_name: &str, path: &str) -> Option<String> {
    if path == "-" {
        return known_type(file_name).map(str::to_owned);
    }
    let known = known_type(file_name).or_else(|| known_type(path));
    Some(known.unwrap_or("application/octet-stream").to_owned())
}

fn known_type(file_name: &str) -> Option<&'static str> {
    const TYPES: &[(&str, &str)] = &[
        (".gif", "image/gif"),
        (".jpg", "image/jpeg"),
        (".jpeg", "image/jpeg"),
        (".png", "image/png"),
        (".svg", "image/svg+xml"),
        (".txt", "text/plain"),
        (".htm", "text/html"),
        (".html", "text/html"),
        (".pdf", "application/pdf"),
        (".xml", "application/xml"),
    ];
    let lower = file_name.to_ascii_lowercase();
    TYPES.iter().find(|(end, _)| lower.ends_with(end)).map(|(_, known)| *known)
}

#[cfg(test)]
mod tests {
    use super::super::{CurlCommand, parse};
    use super::*;

    fn parts(options: &str) -> CurlCommand {
        parse(&format!("curl https://a.example/x {options}")).expect("a command")
    }

    fn rows(options: &str) -> Vec<(String, String, String, String)> {
        let rows = parts(options).form.into_iter().map(|part| {
            let content = match part.content {
                FormContent::Text(text) => text,
                FormContent::TextOf(path) => format!("<{path}"),
                FormContent::File(path) => format!("@{path}"),
                FormContent::Group => "(".to_owned(),
            };
            (part.name, content, part.file_name.unwrap_or_default(), part.content_type.unwrap_or_default())
        });
        rows.collect()
    }

    /// Names, contents, file names and types as curl 7.88.1 sent them to a server that kept the bytes.
    #[test]
    fn a_part_is_what_curl_sends() {
        for (options, expected) in [
            ("-F a=b", &[("a", "b", "", "")][..]),
            ("-F 'a=  lead '", &[("a", "lead", "", "")]),
            ("-F a=", &[("a", "", "", "")]),
            ("-F =nameless", &[("", "nameless", "", "")]),
            ("-F 'a = b'", &[("a ", "b", "", "")]),
            ("-F 'a=x;type=text/plain;charset=utf-8'", &[("a", "x", "", "text/plain;charset=utf-8")]),
            ("-F 'a=x ; TYPE=t/p'", &[("a", "x", "", "t/p")]),
            ("-F 'a=x;y;type=t/p'", &[("a", "x", "", "t/p")]),
            ("-F 'a={\"k\":\"v;w\"};type=application/json'", &[("a", "{\"k\":\"v", "", "application/json")]),
            ("-F 'a=\"b;c\"'", &[("a", "b;c", "", "")]),
            ("-F 'a=\"x\\\"y\\\\z\" left'", &[("a", "x\"y\\z", "", "")]),
            ("-F 'a=\"open'", &[("a", "\"open", "", "")]),
            ("-F 'a=x;filename=n.txt'", &[("a", "x", "n.txt", "text/plain")]),
            ("--form-string 'a= x;type=y'", &[("a", " x;type=y", "", "")]),
            ("--form-string a=@x", &[("a", "@x", "", "")]),
            ("-F f=@dir/d.txt", &[("f", "@dir/d.txt", "d.txt", "text/plain")]),
            (
                "-F f=@d.mp3 -F g=@D.JPG",
                &[("f", "@d.mp3", "d.mp3", "application/octet-stream"), ("g", "@D.JPG", "D.JPG", "image/jpeg")],
            ),
            (
                "-F 'f=@d.txt;type=a/b,d.bin;filename=z'",
                &[("f", "@d.txt", "d.txt", "a/b"), ("f", "@d.bin", "z", "application/octet-stream")],
            ),
            ("-F 'f=@\"a,b.txt\"'", &[("f", "@a,b.txt", "a,b.txt", "text/plain")]),
            ("-F 'f=@d.txt;filename='", &[("f", "@d.txt", "", "text/plain")]),
            ("-F 'f=@d.bin;encoder=base64'", &[("f", "@d.bin", "d.bin", "application/octet-stream")]),
            ("-F f=@-", &[("f", "@-", "-", "")]),
            ("-F 'f=<d.txt;type=a/b'", &[("f", "<d.txt", "", "a/b")]),
            (
                "-F 'g=(;type=multipart/alternative' -F p=x -F '=)'",
                &[("g", "(", "", "multipart/alternative"), ("p", "x", "", "")],
            ),
        ] {
            let expected: Vec<_> = expected
                .iter()
                .map(|(name, content, file, kind)| {
                    ((*name).to_owned(), (*content).to_owned(), (*file).to_owned(), (*kind).to_owned())
                })
                .collect();
            assert_eq!(rows(options), expected, "{options}");
            assert_eq!(parts(options).method, "POST", "{options}");
        }
    }

    #[test]
    fn a_part_is_named_without_its_text() {
        let options = "-F model=whisper-1 -F 'file=@a/speech.mp3;type=audio/mpeg' -F 'g=@x.png;filename=y.png' \
                       -F key=sk-secret -F k -F 'k=$KEY' -F \"v=$VALUE\"";
        let command = parts(options);
        let named: Vec<String> = command.form.iter().map(FormPart::named).collect();
        assert_eq!(
            named,
            [
                "the form field model (a text)",
                "the form field file (the file a/speech.mp3, audio/mpeg)",
                "the form field g (the file x.png as y.png, image/png)",
                "the form field key (a text)",
                "the form field k (a text)",
                "the form field v (a text)",
            ]
        );
        assert_eq!(command.unknown, ["-F at line 1, column 134 (no = in it)", "the value of $VALUE in the form"]);
        assert!(!format!("{command:?}").contains("sk-secret"));
        let both = parts("-F a=b -d x");
        assert_eq!(both.unknown, ["a form beside a body (curl refuses both together)"]);
        assert_eq!((both.body.as_deref(), both.form.len()), (Some("x"), 1));
    }
}
