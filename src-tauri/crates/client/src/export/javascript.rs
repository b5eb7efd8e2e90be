//! JavaScript with what every runtime has: `fetch`.

use juxta_wire::code::CodeCheck;

use super::events::Events;
use super::form::{self, Content, Form};
use super::literal::Language;
use super::text::{escaped, is_awkward};
use super::{Piece, Request, Target, Text, Unfit, Written, adds, differs, headers_are_joined, joined_headers, wrap};

pub(super) const FETCH: Target = Target {
    id: "javascript-fetch",
    language: "JavaScript",
    library: "fetch",
    syntax: "javascript",
    file_name: "request.mjs",
    is_raw: true,
    fits,
    write,
    reads_back: None,
    literals: Some(Language::JavaScript),
};

/// What `fetch` sends in Node; browsers send more.
const ADDS: &[&str] = &["accept", "accept-encoding", "accept-language", "sec-fetch-mode", "user-agent"];

fn fits(request: &Request) -> Result<(), Unfit> {
    match request.method.as_str() {
        "GET" | "HEAD" if !request.body.is_empty() => Err(format!("fetch sends no body with {}", request.method)),
        "CONNECT" | "TRACE" | "TRACK" => Err(format!("fetch refuses the method {}", request.method)),
        _ => Ok(()),
    }
}

fn write(request: &Request) -> Result<Written, Unfit> {
    let saves = request.saves();
    let mut code = match (&request.form, &saves) {
        (Some(_), _) => "import { readFile } from 'node:fs/promises'\n\n".to_owned(),
        (None, Some(_)) => "import { writeFile } from 'node:fs/promises'\n\n".to_owned(),
        (None, None) => String::new(),
    };
    if request.reads_environment() {
        code.push_str(ENVIRONMENT);
    }
    if request.streams {
        code.push_str(PRINT);
    }
    code.push_str(&arguments(request, "(text) => JSON.stringify(text).slice(1, -1)"));
    if let Some(form) = &request.form {
        code.push_str(&fields(form));
    } else if request.has_body() {
        code.push_str(&body(&request.body));
    }
    code.push_str(&format!("const response = await fetch({}, {{\n", expression(&request.url)));
    code.push_str(&format!("  method: {},\n  headers: {{\n", quoted(&request.method)));
    for header in joined_headers(request) {
        code.push_str(&format!("    {}: {},\n", key(&header.name.to_ascii_lowercase()), header_value(&header.value)));
    }
    code.push_str("  },\n");
    if request.has_body() {
        // A body that is text would bring a content type along.
        let has_type = request.form.is_some() || request.header("content-type").is_some();
        code.push_str(if has_type { "  body,\n" } else { "  body: new TextEncoder().encode(body),\n" });
    }
    code.push_str("})\n");
    if request.streams {
        code.push_str("if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)\n\n");
        code.push_str(&deltas(Events::of(request)));
    } else if let Some(name) = saves {
        code.push_str("if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)\n");
        code.push_str(&format!("await writeFile('{name}', response.body)\nconsole.log('{name}')\n"));
    } else {
        code.push_str("console.log(await response.text())\n");
    }
    let checks = [headers_are_joined(request, "fetch"), adds(request, "fetch", ADDS), breaks_differ(request, "fetch")];
    Ok(Written { text: code, checks: checks.into_iter().flatten().collect() })
}

/// The fields of a form. The file is read with what Node has; a browser would ask for it.
fn fields(form: &Form) -> String {
    let mut code = "const body = new FormData()\n".to_owned();
    for field in &form.fields {
        let name = quoted(&field.name);
        match &field.content {
            Content::Text(text) => code.push_str(&format!("body.append({name}, {})\n", expression(text))),
            Content::File(file) => code.push_str(&format!(
                "// {}\nbody.append(\n  {name},\n  new File([await readFile({})], {}, {{ type: {} }}),\n)\n",
                form::beside(file),
                quoted(&file.path()),
                quoted(&file.name),
                quoted(&file.media_type)
            )),
        }
    }
    code.push('\n');
    code
}

/// This language's forms have line breaks of one kind.
pub(super) fn breaks_differ(request: &Request, library: &str) -> Option<CodeCheck> {
    let (name, _) = request.form.as_ref()?.texts().find(|(_, text)| form::has_line_break(text))?;
    Some(differs(format!("{library} writes each line break of {name} as CR LF")))
}

/// Gives the arguments of the program their names; `spell` makes the text of one what stands in the code.
pub(super) fn arguments(request: &Request, spell: &str) -> String {
    let arguments = request.arguments();
    if arguments.is_empty() {
        return String::new();
    }
    let usage = quoted(&request.usage(FETCH.file_name));
    let mut code = format!(
        "const spell = {spell}\n\
         const argument = (index, name) => {{\n\
         \x20 const text = globalThis.process ? process.argv[index + 2] : prompt(name)\n\
         \x20 if (text === undefined || text === null) throw new Error({usage})\n\
         \x20 return spell(text)\n\
         }}\n"
    );
    for (index, argument) in arguments.into_iter().enumerate() {
        code.push_str(&format!("const {} = argument({index}, {})\n", argument.identifier, quoted(&argument.name)));
    }
    code.push('\n');
    code
}

/// A browser has no environment, so it asks.
const ENVIRONMENT: &str = r"const environment = (name) => {
  const value = globalThis.process ? process.env[name] : prompt(name)
  if (!value) throw new Error(`Set the environment variable ${name}`)
  return value
}

";

const PRINT: &str =
    "const print = (text) => (globalThis.process ? process.stdout.write(text) : document.body.append(text))\n\n";

/// By its reader, because not every browser can walk over a stream.
fn deltas(events: Events) -> String {
    let print = match events {
        Events::Chat => r"    for (const choice of JSON.parse(data).choices ?? []) print(choice.delta?.content ?? '')",
        Events::Texts => r"    for (const choice of JSON.parse(data).choices ?? []) print(choice.text ?? '')",
        Events::Responses => {
            r"    const event = JSON.parse(data)
    if (event.type === 'response.output_text.delta') print(event.delta)"
        }
        Events::Transcript => {
            r"    const event = JSON.parse(data)
    if (event.type === 'transcript.text.delta') print(event.delta)"
        }
        Events::Values => {
            r"    const event = JSON.parse(data)
    print(`${JSON.stringify('response' in event ? event.response : event)}\n`)"
        }
    };
    format!(
        r"const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
let rest = ''
while (true) {{
  const {{ done, value }} = await reader.read()
  if (done) break
  const lines = (rest + value).split('\n')
  rest = lines.pop()
  for (const line of lines) {{
    const data = line.startsWith('data:') ? line.slice(5).trim() : ''
    if (!data || data === '[DONE]') continue
{print}
  }}
}}
print('\n')
"
    )
}

fn body(body: &Text) -> String {
    let mut code = "// The body exactly as sent: key order and number spelling kept.\n".to_owned();
    let literals = wrap::literals(body, raw, variable);
    match literals.as_slice() {
        [] => code.push_str("const body = ''\n\n"),
        [one] => code.push_str(&format!("const body = {one}\n\n")),
        many => code.push_str(&format!("const body = [\n  {},\n].join('')\n\n", many.join(",\n  "))),
    }
    code
}

/// A value for a header, whose characters stand for bytes here.
pub(super) fn header_value(value: &Text) -> String {
    expression(&value.mapped(|text| text.bytes().map(char::from).collect()))
}

/// A string: a literal, a template, or a sum.
pub(super) fn expression(text: &Text) -> String {
    if let Some(literal) = text.literal() {
        return quoted(literal);
    }
    let is_plain =
        |text: &str| text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '`' | '\\' | '$') || c == ' ');
    let pieces = text.pieces();
    if pieces.len() > 1 && pieces.iter().all(|piece| !matches!(piece, Piece::Text(text) if !is_plain(text))) {
        let inside: String = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                other => format!("${{{}}}", variable(other)),
            })
            .collect();
        return format!("`{inside}`");
    }
    pieces.iter().map(variable).collect::<Vec<_>>().join(" + ")
}

fn variable(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => quoted(text),
        Piece::Variable(name) => format!("environment('{name}')"),
        Piece::Uuid(_) => "crypto.randomUUID()".to_owned(),
        Piece::Argument(argument) => argument.identifier.clone(),
    }
}

/// The declaration of `environment`, for code that has no other use for the standard globals.
pub(super) fn environment(request: &Request) -> &'static str {
    if request.reads_environment() { ENVIRONMENT } else { "" }
}

/// A name in an object literal.
pub(super) fn key(name: &str) -> String {
    let is_word = name.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '_' | '$'))
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'));
    match name {
        // Without brackets this one sets what the object inherits.
        "__proto__" => "['__proto__']".to_owned(),
        _ if is_word => name.to_owned(),
        _ => quoted(name),
    }
}

/// A literal that shows backslashes as they are, when the text allows one.
fn raw(text: &str) -> String {
    let is_tame =
        !text.contains(is_awkward) && !text.contains(['`']) && !text.contains("${") && !text.ends_with(['\\', '$']);
    if is_tame && text.contains(['\\', '\'']) { format!("String.raw`{text}`") } else { quoted(text) }
}

/// A literal in single quotes.
pub(super) fn quoted(text: &str) -> String {
    escaped(text, '\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_shows_backslashes_as_they_are_when_it_can() {
        for (text, literal) in [
            (r#"{"a":"x"}"#, r#"'{"a":"x"}'"#),
            (r#"{"a":"x\ny"}"#, r#"String.raw`{"a":"x\ny"}`"#),
            (r#"{"a":"it's"}"#, r#"String.raw`{"a":"it's"}`"#),
            (r#"it's `so`"#, r"'it\'s `so`'"),
            (r"\n${x}", r"'\\n${x}'"),
            (r"\", r"'\\'"),
            ("a\r\n\u{0}\u{2028}\u{202e}b", "'a\\r\\n\\u0000\\u2028\\u202eb'"),
            ("größe 🐟", "'größe 🐟'"),
        ] {
            assert_eq!(raw(text), literal, "{text:?}");
        }
    }

    #[test]
    fn a_header_is_written_as_the_bytes_it_is() {
        assert_eq!(header_value(&Text::from("Grüße")), "'GrÃ¼Ã\\u009fe'");
        let bearer = Text::new([Piece::Text("Bearer ".into()), Piece::Variable("KEY".into())]);
        assert_eq!(header_value(&bearer), "`Bearer ${environment('KEY')}`");
    }

    #[test]
    fn a_name_is_quoted_when_it_has_to_be() {
        for (name, written) in
            [("accept", "accept"), ("x-a", "'x-a'"), ("1", "'1'"), ("__proto__", "['__proto__']"), ("", "''")]
        {
            assert_eq!(key(name), written);
        }
    }
}
