//! A command for a shell.

use super::form::{self, Content, Field, File};
use super::{Argument, Piece, Request, Target, Text, Unfit, Written, uuid_is_kept};
use crate::import;
use crate::import::curl::{FormContent, FormPart};

pub(super) const TARGET: Target = Target {
    id: "curl",
    language: "curl",
    library: "",
    syntax: "shell",
    file_name: "request.sh",
    is_raw: true,
    fits,
    write,
    reads_back: Some(reads_back),
    literals: None,
};

/// Linux refuses to start a program with an argument of 128 KiB.
const LARGEST_ARGUMENT: usize = 120_000;

/// From here on curl asks the server first, and waits a second when that does not answer.
const ASKS_FIRST: usize = 1_000_000;

/// What curl sends without being asked to.
const OWN_HEADERS: &[&str] = &["Accept", "User-Agent"];

fn fits(request: &Request) -> Result<(), Unfit> {
    for text in request.texts() {
        if text.spelled(str::to_owned).contains('\0') {
            return Err("A shell cannot pass on a NUL byte".to_owned());
        }
    }
    for Field { name, content } in request.form.iter().flat_map(|form| &form.fields) {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err("curl cannot send a field of that name".to_owned());
        }
        match content {
            Content::Text(text) if text.len() > LARGEST_ARGUMENT => {
                return Err(format!("The field {name} is too long for a command"));
            }
            Content::File(file) if (file.name.clone() + &file.media_type).contains('\0') => {
                return Err("A shell cannot pass on a NUL byte".to_owned());
            }
            Content::Text(_) | Content::File(_) => {}
        }
    }
    Ok(())
}

fn write(request: &Request) -> Result<Written, Unfit> {
    let mut words = vec![command(request)];
    let implied = if request.has_body() { "POST" } else { "GET" };
    if request.method != implied {
        words.push(format!("--request {}", word(&Text::from(request.method.as_str()))));
    }
    for header in &request.headers {
        words.push(format!("--header {}", word(&header_line(&header.name, &header.value))));
    }
    for name in taken_away(request) {
        words.push(format!("--header '{name}:'"));
    }
    let mut text = arguments(request);
    if let Some(form) = &request.form {
        text.extend(request.file().map(|(_, file)| format!("# {}\n", form::beside(file))));
        words.extend(form.fields.iter().map(field));
    } else if request.has_body() {
        if request.body.len() > LARGEST_ARGUMENT {
            text.push_str(&format!("printf '%s' {} |\n", word(&request.body)));
            words.push("--data-binary @-".to_owned());
        } else {
            words.push(format!("--data-raw {}", word(&request.body)));
        }
    }
    text.push_str(&words.join(" \\\n  "));
    text.push('\n');
    Ok(Written { text, checks: uuid_is_kept(request).into_iter().collect() })
}

/// A part of a form.
fn field(Field { name, content }: &Field) -> String {
    match content {
        Content::Text(text) => {
            // These curl reads in its own way, as the beginning of a text or within it.
            let spelled = text.spelled(str::to_owned);
            let is_special = spelled.starts_with(['@', '<', '(', '"']) || spelled.contains(';');
            let is_special = is_special || spelled.starts_with(char::is_whitespace);
            let option = if is_special || text.has_places() { "--form-string" } else { "--form" };
            let start = [Piece::Text(format!("{name}="))];
            format!("{option} {}", word(&Text::new(start.into_iter().chain(text.pieces().iter().cloned()))))
        }
        Content::File(file) => format!("--form {}", word(&Text::from(format!("{name}={}", uploaded(file)).as_str()))),
    }
}

/// What stands behind the `=` of a file's field.
fn uploaded(file: &File) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""));
    let path = file.path();
    let mut written = match path.contains([',', ';', '"', '\\']) || path.starts_with(char::is_whitespace) {
        true => format!("@{}", quoted(&path)),
        false => format!("@{path}"),
    };
    written.push_str(&format!(";type={}", file.media_type));
    if path != file.name {
        written.push_str(&format!(";filename={}", quoted(&file.name)));
    }
    written
}

/// Takes the arguments of a script and makes them fit for a JSON text.
fn arguments(request: &Request) -> String {
    let arguments = request.arguments();
    if arguments.is_empty() {
        return String::new();
    }
    let usage = request.usage(TARGET.file_name);
    let mut script = format!("{JSON}\n: \"${{{}?{usage}}}\"\n", arguments.len());
    for (at, argument) in arguments.into_iter().enumerate() {
        script.push_str(&format!("{}=$(json \"${{{}}}\")\n", argument.identifier, at + 1));
    }
    script
}

/// By bytes, because what a character is depends on where a shell runs.
const JSON: &str = r#"#!/usr/bin/env bash
json() {
  local LC_ALL=C at character
  for ((at = 0; at < ${#1}; at++)); do
    character=${1:at:1}
    case $character in
      '"' | '\') printf '%s' "\\$character" ;;
      $'\b') printf '%s' '\b' ;;
      $'\f') printf '%s' '\f' ;;
      $'\n') printf '%s' '\n' ;;
      $'\r') printf '%s' '\r' ;;
      $'\t') printf '%s' '\t' ;;
      [$'\001'-$'\037']) printf '\\u%04x' "'$character" ;;
      *) printf '%s' "$character" ;;
    esac
  done
}
"#;

fn command(request: &Request) -> String {
    let mut command = "curl --silent --show-error".to_owned();
    if request.streams {
        command.push_str(" --no-buffer");
    }
    // Else brackets and braces would name many addresses.
    if request.url.spelled(str::to_owned).contains(['[', ']', '{', '}']) {
        command.push_str(" --globoff");
    }
    if let Some(name) = request.saves() {
        command.push_str(&format!(" --fail-with-body --output {name}"));
    }
    format!("{command} {}", word(&request.url))
}

fn header_line(name: &str, value: &Text) -> Text {
    // curl takes a header without a value for one to leave out, unless it ends so.
    let start = if value.is_empty() { format!("{name};") } else { format!("{name}: ") };
    Text::new([Piece::Text(start)].into_iter().chain(value.pieces().iter().cloned()))
}

fn taken_away(request: &Request) -> Vec<&'static str> {
    let mut names: Vec<&str> = OWN_HEADERS.iter().copied().filter(|name| request.header(name).is_none()).collect();
    if request.has_body() && request.form.is_none() && request.header("content-type").is_none() {
        names.push("Content-Type");
    }
    let sound = request.file().map_or(0, |(_, file)| file.bytes);
    if request.body.len() > ASKS_FIRST || sound > ASKS_FIRST as u64 {
        names.push("Expect");
    }
    names
}

/// One word of a shell.
fn word(text: &Text) -> String {
    let is_tame = |text: &str| !text.contains(['"', '\\', '$', '`', '!']) && !text.contains(char::is_control);
    let is_tame = text.pieces().iter().all(|piece| is_tame(&plain(piece)));
    if is_tame && text.has_places() {
        return double_quoted(text);
    }
    match text.pieces() {
        [] => "''".to_owned(),
        pieces => pieces
            .iter()
            .map(|piece| match piece {
                Piece::Variable(name) | Piece::Argument(Argument { identifier: name, .. }) => format!("\"${name}\""),
                other => quoted(&plain(other)),
            })
            .collect(),
    }
}

fn plain(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) | Piece::Uuid(text) => text.clone(),
        Piece::Variable(_) | Piece::Argument(_) => String::new(),
    }
}

fn double_quoted(text: &Text) -> String {
    let mut word = String::from("\"");
    let pieces = text.pieces();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Variable(name) | Piece::Argument(Argument { identifier: name, .. }) => {
                let joins_on = pieces.get(at + 1).is_some_and(|next| {
                    plain(next).starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
                });
                word.push_str(&if joins_on { format!("${{{name}}}") } else { format!("${name}") });
            }
            other => word.push_str(&plain(other)),
        }
    }
    word.push('"');
    word
}

fn quoted(text: &str) -> String {
    // A terminal would act on these when the command is pasted.
    let is_unruly = |character: char| character.is_ascii_control() && !matches!(character, '\n' | '\t');
    if !text.contains(is_unruly) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut ansi = String::from("$'");
    for character in text.chars() {
        match character {
            '\'' | '\\' => ansi.extend(['\\', character]),
            '\n' => ansi.push_str("\\n"),
            '\r' => ansi.push_str("\\r"),
            '\t' => ansi.push_str("\\t"),
            // Three octal digits end by themselves, whatever follows.
            control if control.is_ascii_control() => ansi.push_str(&format!("\\{:03o}", u32::from(control))),
            other => ansi.push(other),
        }
    }
    ansi.push('\'');
    ansi
}

/// By the reader for commands that people paste.
fn reads_back(request: &Request, text: &str) -> Option<bool> {
    if !request.arguments().is_empty() {
        return None;
    }
    let as_variable: fn(&str) -> String = |name| format!("${name}");
    let Ok(read) = import::curl::parse(text) else { return Some(false) };
    let headers = read.headers.iter().map(|header| (header.name.clone(), header.value.text()));
    let expected = request.headers.iter().map(|header| (header.name.clone(), header.value.spelled(as_variable)));
    let body = (request.has_body() && request.form.is_none()).then(|| request.body.spelled(as_variable));
    let fields = request.form.iter().flat_map(|form| &form.fields).map(|field| read_as(field, as_variable));
    Some(
        read.method == request.method
            && read.url.as_str() == request.url.spelled(as_variable)
            && headers.eq(expected)
            && read.body == body
            && fields.eq(read.form),
    )
}

fn read_as(field: &Field, variable: fn(&str) -> String) -> FormPart {
    let name = field.name.clone();
    match &field.content {
        Content::Text(text) => {
            let content = FormContent::Text(text.spelled(variable));
            FormPart { name, content, file_name: None, content_type: None }
        }
        Content::File(file) => FormPart {
            name,
            content: FormContent::File(file.path()),
            file_name: Some(file.name.clone()),
            content_type: Some(file.media_type.clone()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::Header;

    #[test]
    fn a_body_that_is_too_long_for_an_argument_is_piped_in_and_read_back() {
        let long = "{\"it's\":\"größe \\n $HOME\"}\n".repeat(6000);
        let body = Text::from(format!("{long} A_KEY").as_str()).with_variable("A_KEY", "NAME");
        for body in [Text::from(long.as_str()), body] {
            let headers = vec![Header { name: "x-empty".into(), value: Text::default() }];
            let request = Request { url: "https://a.example/v1".into(), headers, body, ..Request::default() };
            let written = write(&request).expect("a command");
            assert!(written.text.starts_with("printf '%s' '{\"it'"), "{}", &written.text[..200]);
            assert_eq!(reads_back(&request, &written.text), Some(true));
            let other = written.text.replacen("größe", "Größe", 1);
            assert_eq!(reads_back(&request, &other), Some(false), "another body is not taken for this one");
        }
    }

    #[test]
    fn a_key_is_read_from_the_environment_where_the_command_runs() {
        let request = Request {
            url: "https://a.example/v1/chat?x=[1]".into(),
            headers: vec![
                Header { name: "accept".into(), value: "a b".into() },
                Header {
                    name: "authorization".into(),
                    value: Text::new([Piece::Text("Bearer ".into()), Piece::Variable("A_KEY".into())]),
                },
            ],
            body: Text::new([
                Piece::Text("{\"it's\":\"".into()),
                Piece::Variable("A_KEY".into()),
                Piece::Text("\"}".into()),
            ]),
            streams: true,
            ..Request::default()
        };
        let written = write(&request).expect("a command");
        assert_eq!(
            written.text,
            "curl --silent --show-error --no-buffer --globoff 'https://a.example/v1/chat?x=[1]' \\\n  \
             --header 'accept: a b' \\\n  \
             --header \"authorization: Bearer $A_KEY\" \\\n  \
             --header 'User-Agent:' \\\n  \
             --header 'Content-Type:' \\\n  \
             --data-raw '{\"it'\\''s\":\"'\"$A_KEY\"'\"}'\n"
        );
        assert_eq!(reads_back(&request, &written.text), Some(true));
        let other = Request { body: "{}".into(), ..request };
        assert_eq!(reads_back(&other, &written.text), Some(false), "another body is not taken for this one");
    }
}
