//! Rust with reqwest, asynchronous.

use super::events::Events;
use super::form::{self, Content, Form};
use super::literal::Language;
use super::text::is_awkward;
use super::{Piece, Request, Target, Text, Unfit, Written, adds, uuid_is_kept, wrap};

pub(super) const REQWEST: Target = Target {
    id: "rust-reqwest",
    language: "Rust",
    library: "reqwest",
    syntax: "rust",
    file_name: "main.rs",
    is_raw: true,
    fits,
    write,
    reads_back: None,
    literals: Some(Language::Rust),
};

/// What reqwest sends unless it is given one of its own.
const ADDS: &[&str] = &["accept"];

/// Names of fields that reqwest would write in an encoding that few servers read.
fn fits(request: &Request) -> Result<(), Unfit> {
    let mut fields = request.form.iter().flat_map(|form| &form.fields);
    let is_plain =
        |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '#' | '<' | '>' | '?' | '`' | '{' | '}' | '/' | '%');
    match fields.find(|field| !field.name.chars().all(is_plain)) {
        Some(field) => Err(format!("reqwest spells the name of the field {} in its own way", field.name)),
        None => Ok(()),
    }
}

fn write(request: &Request) -> Result<Written, Unfit> {
    let multipart = if request.form.is_some() { " --features multipart" } else { "" };
    let mut code =
        format!("// cargo add reqwest@0.13{multipart}\n// cargo add tokio@1 --features macros,rt-multi-thread\n");
    let saves = request.saves();
    if request.streams {
        code.push_str("// cargo add serde_json@1\nuse std::io::Write;\n");
    } else if saves.is_some() {
        code.push_str("use std::io::Write;\n");
    } else if !request.arguments().is_empty() {
        code.push_str("// cargo add serde_json@1\n");
    }
    code.push_str("\n#[tokio::main]\nasync fn main() -> Result<(), Box<dyn std::error::Error>> {\n");
    code.push_str(&arguments(request));
    if let Some(form) = &request.form {
        code.push_str(&fields(form));
    } else if request.has_body() {
        code.push_str(&body(&request.body));
    }
    let mutable = if request.streams || saves.is_some() { "mut " } else { "" };
    code.push_str(&format!("    let {mutable}response = reqwest::Client::new()\n        {}\n", method(request)));
    for header in &request.headers {
        code.push_str(&format!("        .header({}, {})\n", quoted(&header.name), header_value(&header.value)));
    }
    if request.form.is_some() {
        code.push_str("        .multipart(form)\n");
    } else if request.has_body() {
        code.push_str("        .body(body)\n");
    }
    code.push_str("        .send()\n        .await?;\n");
    if request.streams {
        code.push_str(&deltas(Events::of(request)));
    } else if let Some(name) = saves {
        code.push_str(&format!("{SAVING}    let mut file = std::fs::File::create(\"{name}\")?;\n{WRITING}"));
        code.push_str(&format!("    println!(\"{name}\");\n    Ok(())\n}}\n"));
    } else {
        code.push_str("    println!(\"{}\", response.text().await?);\n    Ok(())\n}\n");
    }
    if !request.arguments().is_empty() {
        code.push_str(JSON);
    }
    let is_respelled = |c: char| matches!(c, '"' | '\\') || c.is_control();
    let checks =
        [uuid_is_kept(request), adds(request, "reqwest", ADDS), form::names_differ(request, "reqwest", is_respelled)];
    Ok(Written { text: code, checks: checks.into_iter().flatten().collect() })
}

/// The fields of a form, with the file read from its folder.
fn fields(form: &Form) -> String {
    let mut code = String::new();
    for (_, file) in form.files() {
        code.push_str(&format!("    // {}\n", form::beside(file)));
        code.push_str(&format!("    let sound = std::fs::read({})?;\n", quoted(&file.path())));
    }
    code.push_str("    let form = reqwest::multipart::Form::new()");
    for field in &form.fields {
        let name = quoted(&field.name);
        match &field.content {
            Content::Text(text) => code.push_str(&format!("\n        .text({name}, {})", expression(text))),
            Content::File(file) => code.push_str(&format!(
                "\n        .part(\n            {name},\n            \
                 reqwest::multipart::Part::bytes(sound).file_name({}).mime_str({})?,\n        )",
                quoted(&file.name),
                quoted(&file.media_type)
            )),
        }
    }
    code.push_str(";\n");
    code
}

const SAVING: &str = r"    if !response.status().is_success() {
        return Err(response.text().await?.into());
    }
";

const WRITING: &str = r"    while let Some(chunk) = response.chunk().await? {
        file.write_all(&chunk)?;
    }
";

/// Gives the arguments of the program their names, made fit for a JSON text.
fn arguments(request: &Request) -> String {
    let arguments = request.arguments();
    if arguments.is_empty() {
        return String::new();
    }
    let usage = quoted(&request.usage("request"));
    let mut code = format!("    let usage = {usage};\n    let mut arguments = std::env::args().skip(1);\n");
    for argument in arguments {
        let identifier = &argument.identifier;
        code.push_str(&format!("    let {identifier} = json(&arguments.next().ok_or(usage)?)?;\n"));
    }
    code
}

const JSON: &str = r#"
/// What stands between the quotes of a JSON text.
fn json(text: &str) -> Result<String, serde_json::Error> {
    let quoted = serde_json::to_string(text)?;
    Ok(quoted[1..quoted.len() - 1].to_owned())
}
"#;

/// Prints the pieces of text as they come.
fn deltas(events: Events) -> String {
    let print = match events {
        Events::Chat => {
            r#"            for choice in event["choices"].as_array().into_iter().flatten() {
                print!("{}", choice["delta"]["content"].as_str().unwrap_or_default());
            }"#
        }
        Events::Texts => {
            r#"            for choice in event["choices"].as_array().into_iter().flatten() {
                print!("{}", choice["text"].as_str().unwrap_or_default());
            }"#
        }
        Events::Responses => {
            r#"            if event["type"] == "response.output_text.delta" {
                print!("{}", event["delta"].as_str().unwrap_or_default());
            }"#
        }
        Events::Transcript => {
            r#"            if event["type"] == "transcript.text.delta" {
                print!("{}", event["delta"].as_str().unwrap_or_default());
            }"#
        }
        Events::Values => r#"            println!("{}", event.get("response").unwrap_or(&event));"#,
    };
    format!("{READING}{print}\n{FLUSHING}")
}

const READING: &str = r#"    if !response.status().is_success() {
        return Err(response.text().await?.into());
    }
    let mut rest = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        rest.extend_from_slice(&chunk);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            let Some(data) = line.strip_prefix(b"data:").map(<[u8]>::trim_ascii) else { continue };
            if data == b"[DONE]" {
                continue;
            }
            let event: serde_json::Value = serde_json::from_slice(data)?;
"#;

const FLUSHING: &str = r"            std::io::stdout().flush()?;
        }
    }
    println!();
    Ok(())
}
";

fn method(request: &Request) -> String {
    let url = match request.url.literal() {
        Some(url) => quoted(url),
        None => expression(&request.url),
    };
    match request.method.as_str() {
        known @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD") => {
            format!(".{}({url})", known.to_ascii_lowercase())
        }
        other => format!(".request(reqwest::Method::from_bytes(b{})?, {url})", quoted(other)),
    }
}

fn body(body: &Text) -> String {
    let mut code = "    // The body exactly as sent: key order and number spelling kept.\n".to_owned();
    let literals = wrap::literals(body, raw, |place| format!("{}.as_str()", variable(place)));
    let has_variable = body.has_places();
    match literals.as_slice() {
        [] => code.push_str("    let body = \"\";\n"),
        [one] if !has_variable => code.push_str(&format!("    let body = {one};\n")),
        many => {
            let (open, close) = if has_variable { ("[", "].concat()") } else { ("concat!(", ")") };
            code.push_str(&format!("    let body = {open}\n        {},\n    {close};\n", many.join(",\n        ")));
        }
    }
    code
}

/// A value for a header. Text beyond ASCII goes as the bytes it is.
fn header_value(value: &Text) -> String {
    match value.spelled(|_| String::new()).is_ascii() {
        true => expression(value),
        false => format!("{}.as_bytes()", expression(value)),
    }
}

fn expression(text: &Text) -> String {
    match text.pieces() {
        [] => "\"\"".to_owned(),
        [Piece::Text(text) | Piece::Uuid(text)] => quoted(text),
        [one @ (Piece::Variable(_) | Piece::Argument(_))] => variable(one),
        pieces => {
            let mut form = String::new();
            let mut arguments = Vec::new();
            for piece in pieces {
                match piece {
                    Piece::Text(text) | Piece::Uuid(text) => form.push_str(&text.replace('{', "{{").replace('}', "}}")),
                    Piece::Variable(_) | Piece::Argument(_) => {
                        form.push_str("{}");
                        arguments.push(variable(piece));
                    }
                }
            }
            match arguments.is_empty() {
                true => quoted(&text.spelled(|_| String::new())),
                false => format!("format!({}, {})", quoted(&form), arguments.join(", ")),
            }
        }
    }
}

fn variable(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) | Piece::Uuid(text) => quoted(text),
        Piece::Variable(name) => format!("std::env::var(\"{name}\")?"),
        Piece::Argument(argument) => argument.identifier.clone(),
    }
}

/// A literal that shows quotes and backslashes as they are, when the text allows one.
fn raw(text: &str) -> String {
    if text.contains(is_awkward) {
        return quoted(text);
    }
    if !text.contains(['"', '\\']) {
        return format!("\"{text}\"");
    }
    // One sign more than any quote in the text is followed by.
    let longest = text.split('"').skip(1).map(|behind| behind.len() - behind.trim_start_matches('#').len()).max();
    let signs = "#".repeat(longest.map_or(0, |longest| longest + 1));
    format!("r{signs}\"{text}\"{signs}")
}

fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for character in text.chars() {
        match character {
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            '\\' | '"' => literal.extend(['\\', character]),
            awkward if is_awkward(awkward) => literal.push_str(&format!("\\u{{{:x}}}", u32::from(awkward))),
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_shows_quotes_and_backslashes_as_they_are_when_it_can() {
        for (text, literal) in [
            ("plain", "\"plain\""),
            (r#"{"a":"x\ny"}"#, r##"r#"{"a":"x\ny"}"#"##),
            (r###"a"##b"###, r####"r###"a"##b"###"####),
            (r"back\slash", r#"r"back\slash""#),
            ("a\r\n\u{0}\u{202e}\"b", "\"a\\r\\n\\u{0}\\u{202e}\\\"b\""),
            ("größe 🐟", "\"größe 🐟\""),
        ] {
            assert_eq!(raw(text), literal, "{text:?}");
        }
    }

    #[test]
    fn a_key_is_never_written() {
        let bearer = Text::new([Piece::Text("Bearer {".into()), Piece::Variable("KEY".into())]);
        assert_eq!(expression(&bearer), "format!(\"Bearer {{{}\", std::env::var(\"KEY\")?)");
        assert_eq!(expression(&Text::new([Piece::Variable("KEY".into())])), "std::env::var(\"KEY\")?");
    }
}
