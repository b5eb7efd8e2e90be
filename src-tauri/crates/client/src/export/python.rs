//! Python with a plain HTTP library.

use super::events::Events;
use super::form::{self, Form};
use super::literal::Language;
use super::text::{escaped, is_awkward};
use super::{
    Piece, Request, Target, Text, Unfit, Written, adds, fits_always, headers_are_joined, joined_headers, wrap,
};

pub(super) const HTTPX: Target = Target {
    id: "python-httpx",
    language: "Python",
    library: "httpx",
    syntax: "python",
    file_name: "request.py",
    is_raw: true,
    fits: fits_always,
    write: httpx,
    reads_back: None,
    literals: Some(Language::Python),
};

pub(super) const REQUESTS: Target = Target {
    id: "python-requests",
    language: "Python",
    library: "requests",
    syntax: "python",
    file_name: "request.py",
    is_raw: true,
    fits: fits_requests,
    write: requests,
    reads_back: None,
    literals: Some(Language::Python),
};

/// What `requests` sends unless it is given one of its own.
const REQUESTS_ADDS: &[&str] = &["accept", "accept-encoding", "user-agent"];

fn httpx(request: &Request) -> Result<Written, Unfit> {
    let mut code = head(request, "httpx");
    code.push_str("headers = [\n");
    for header in &request.headers {
        code.push_str(&format!("    ({}, {}),\n", quoted(&header.name), header_value(&header.value)));
    }
    code.push_str("]\n");
    let mut arguments = format!("{}, url, headers=headers", quoted(&request.method));
    if let Some(form) = &request.form {
        code.push_str(&fields(form, ["{", "}"]));
        arguments.push_str(", data=fields, files=files");
    } else if request.has_body() {
        code.push_str(&body(&request.body));
        arguments.push_str(", content=body.encode()");
    }
    // A request that is made apart from its client gets none of the client's own headers.
    code.push_str(&format!("request = httpx.Request({arguments})\n\n"));
    code.push_str(&format!("with httpx.Client(timeout={}) as client:\n", request.patience));
    if request.streams {
        code.push_str("    response = client.send(request, stream=True)\n");
        code.push_str("    if response.is_error:\n        raise SystemExit(response.read().decode())\n");
        code.push_str(&deltas(Events::of(request), "response.iter_bytes()"));
    } else if let Some(name) = request.saves() {
        code.push_str("    response = client.send(request, stream=True)\n");
        code.push_str("    if response.is_error:\n        raise SystemExit(response.read().decode())\n");
        code.push_str(&saved(&name, "response.iter_bytes()"));
    } else {
        code.push_str("    response = client.send(request)\n    print(response.text)\n");
    }
    let is_respelled = |c: char| c == '\\' || c.is_ascii_control() && !matches!(c, '\n' | '\r');
    let checks = [form::fields_move(request, "httpx"), form::names_differ(request, "httpx", is_respelled)];
    Ok(Written { text: code, checks: checks.into_iter().flatten().collect() })
}

/// The fields of a form as the libraries take them: texts in a dictionary or a list of pairs, and the file.
fn fields(form: &Form, brackets: [&str; 2]) -> String {
    let mut code = format!("fields = {}\n", brackets[0]);
    for (name, texts) in form.grouped() {
        let written: Vec<String> = texts.iter().map(|text| expression(text)).collect();
        let value = match written.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        match brackets[0] {
            "{" => code.push_str(&format!("    {}: {value},\n", quoted(name))),
            _ => code.push_str(&format!("    ({}, {value}),\n", quoted(name))),
        }
    }
    code.push_str(&format!("{}\n", brackets[1]));
    for (name, file) in form.files() {
        code.push_str(&format!("# {}\nfiles = {{{}: {}}}\n", form::beside(file), quoted(name), upload(file)));
    }
    code
}

/// A file with its name and its type.
pub(super) fn upload(file: &form::File) -> String {
    format!("({}, open({}, \"rb\"), {})", quoted(&file.name), quoted(&file.path()), quoted(&file.media_type))
}

/// Writes the bytes of an answer into a file as they come.
fn saved(name: &str, chunks: &str) -> String {
    format!(
        "    with open(\"{name}\", \"wb\") as file:\n        for chunk in {chunks}:\n            file.write(chunk)\nprint(\"{name}\")\n"
    )
}

fn fits_requests(request: &Request) -> Result<(), Unfit> {
    let url = request.url.spelled(|_| String::new());
    match is_respelled_by_requests(&url) {
        true => Err("requests spells this address in its own way".to_owned()),
        false => Ok(()),
    }
}

/// It encodes what an address may hold but need not, and decodes what need not be encoded.
fn is_respelled_by_requests(url: &str) -> bool {
    let bytes = url.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| match byte {
        b'%' => {
            let code = url.get(at + 1..at + 3).unwrap_or_default();
            let decoded = u8::from_str_radix(code, 16).unwrap_or(b'a');
            decoded.is_ascii_alphanumeric() || b"-._~".contains(&decoded) || code != code.to_ascii_uppercase()
        }
        b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => true,
        _ => false,
    })
}

fn requests(request: &Request) -> Result<Written, Unfit> {
    let mut code = head(request, "requests");
    code.push_str("headers = {\n");
    for header in joined_headers(request) {
        code.push_str(&format!("    {}: {},\n", quoted(&header.name), header_value(&header.value)));
    }
    code.push_str("}\n");
    let mut arguments = format!("{}, url, headers=headers", quoted(&request.method));
    if let Some(form) = &request.form {
        code.push_str(&fields(form, ["[", "]"]));
        arguments.push_str(", data=fields, files=files");
    } else if request.has_body() {
        code.push_str(&body(&request.body));
        arguments.push_str(", data=body.encode()");
    }
    let saves = request.saves();
    if request.streams || saves.is_some() {
        arguments.push_str(", stream=True");
    }
    code.push_str(&format!("\nwith requests.request({arguments}, timeout={}) as response:\n", request.patience));
    if request.streams {
        code.push_str("    if not response.ok:\n        raise SystemExit(response.content.decode())\n");
        code.push_str(&deltas(Events::of(request), "response.iter_content(chunk_size=None)"));
    } else if let Some(name) = saves {
        code.push_str("    if not response.ok:\n        raise SystemExit(response.content.decode())\n");
        code.push_str(&saved(&name, "response.iter_content(chunk_size=None)"));
    } else {
        code.push_str("    print(response.content.decode())\n");
    }
    let checks = [
        headers_are_joined(request, "requests"),
        adds(request, "requests", REQUESTS_ADDS),
        form::fields_move(request, "requests"),
    ];
    Ok(Written { text: code, checks: checks.into_iter().flatten().collect() })
}

fn head(request: &Request, library: &str) -> String {
    let mut code = imports(request, request.streams || !request.arguments().is_empty());
    if !code.is_empty() {
        code.push('\n');
    }
    code.push_str(&format!("import {library}\n\n"));
    code.push_str(&arguments(request, "[json.dumps(value, ensure_ascii=False)[1:-1] for value in sys.argv[1:]]"));
    code.push_str(&format!("url = {}\n", expression(&request.url)));
    code
}

/// The modules of the standard library that the code needs.
pub(super) fn imports(request: &Request, reads_json: bool) -> String {
    let takes_arguments = !request.arguments().is_empty();
    [("json", reads_json), ("os", request.reads_environment()), ("sys", takes_arguments), ("uuid", request.has_uuid())]
        .into_iter()
        .filter(|(_, is_needed)| *is_needed)
        .map(|(name, _)| format!("import {name}\n"))
        .collect()
}

/// Gives the arguments of the program their names; `values` is the list of what they stand for.
pub(super) fn arguments(request: &Request, values: &str) -> String {
    let arguments = request.arguments();
    if arguments.is_empty() {
        return String::new();
    }
    let usage = quoted(&request.usage(HTTPX.file_name));
    let names: Vec<&str> = arguments.iter().map(|argument| argument.identifier.as_str()).collect();
    format!(
        "if len(sys.argv) != {}:\n    raise SystemExit({usage})\n[{}] = {values}\n\n",
        names.len() + 1,
        names.join(", ")
    )
}

fn body(body: &Text) -> String {
    let mut code = "# The body exactly as sent: key order and number spelling kept.\n".to_owned();
    let has_variable = body.has_places();
    let literals = wrap::literals(body, raw, variable);
    match literals.as_slice() {
        [] => code.push_str("body = \"\"\n"),
        [one] => code.push_str(&format!("body = {one}\n")),
        // Literals beside each other are one; beside a variable they want a sign.
        many => {
            let sign = if has_variable { "\n    + " } else { "\n    " };
            code.push_str(&format!("body = (\n    {}\n)\n", many.join(sign)));
        }
    }
    code
}

/// Prints the pieces of text as they come.
fn deltas(events: Events, chunks: &str) -> String {
    let print = match events {
        Events::Chat => {
            r#"                for choice in json.loads(line[5:]).get("choices") or []:
                    print(choice["delta"].get("content") or "", end="", flush=True)"#
        }
        Events::Texts => {
            r#"                for choice in json.loads(line[5:]).get("choices") or []:
                    print(choice.get("text") or "", end="", flush=True)"#
        }
        Events::Responses => {
            r#"                event = json.loads(line[5:])
                if event.get("type") == "response.output_text.delta":
                    print(event["delta"], end="", flush=True)"#
        }
        Events::Transcript => {
            r#"                event = json.loads(line[5:])
                if event.get("type") == "transcript.text.delta":
                    print(event["delta"], end="", flush=True)"#
        }
        Events::Values => {
            r#"                event = json.loads(line[5:])
                print(json.dumps(event.get("response", event), ensure_ascii=False), flush=True)"#
        }
    };
    format!(
        r#"    rest = b""
    for chunk in {chunks}:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.startswith(b"data:") and line[5:].strip() != b"[DONE]":
{print}
print()
"#
    )
}

/// A value for a header. Header values are ASCII to Python's libraries unless they are bytes.
fn header_value(value: &Text) -> String {
    let expression = expression(value);
    if value.spelled(|_| String::new()).is_ascii() {
        return expression;
    }
    match value.literal() {
        Some(_) => format!("{expression}.encode()"),
        None => format!("({expression}).encode()"),
    }
}

/// A string: a literal, a formatted one, or a sum.
pub(super) fn expression(text: &Text) -> String {
    if let Some(literal) = text.literal() {
        return quoted(literal);
    }
    let is_plain = |text: &str| {
        text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '\\' | '{' | '}') || c == ' ')
    };
    let pieces = text.pieces();
    if pieces.len() > 1 && pieces.iter().all(|piece| !matches!(piece, Piece::Text(text) if !is_plain(text))) {
        let inside: String = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Variable(name) => format!("{{os.environ['{name}']}}"),
                Piece::Uuid(_) => "{uuid.uuid4()}".to_owned(),
                Piece::Argument(argument) => format!("{{{}}}", argument.identifier),
            })
            .collect();
        return format!("f\"{inside}\"");
    }
    pieces.iter().map(variable).collect::<Vec<_>>().join(" + ")
}

fn variable(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => quoted(text),
        Piece::Variable(name) => format!("os.environ[\"{name}\"]"),
        Piece::Uuid(_) => "str(uuid.uuid4())".to_owned(),
        Piece::Argument(argument) => argument.identifier.clone(),
    }
}

/// A literal in double quotes.
pub(super) fn quoted(text: &str) -> String {
    escaped(text, '"')
}

/// A literal that shows backslashes as they are, when the text allows one.
fn raw(text: &str) -> String {
    let is_tame = !text.contains(is_awkward) && !text.ends_with('\\');
    if is_tame && !text.contains('\'') {
        format!("r'{text}'")
    } else if is_tame && !text.contains("\"\"\"") && !text.ends_with('"') {
        format!("r\"\"\"{text}\"\"\"")
    } else {
        escaped(text, '\'')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_shows_backslashes_as_they_are_when_it_can() {
        for (text, literal) in [
            (r#"{"a":"x\ny"}"#, r#"r'{"a":"x\ny"}'"#),
            (r#"{"a":"it's"}"#, r#"r"""{"a":"it's"}""""#),
            (r#"it's ""#, r#"'it\'s "'"#),
            (r#"it's """ x"#, r#"'it\'s """ x'"#),
            ("ends\\", "'ends\\\\'"),
            ("a\r\n\u{0}\u{202e}b", "'a\\r\\n\\u0000\\u202eb'"),
            ("größe 🐟", "r'größe 🐟'"),
        ] {
            assert_eq!(raw(text), literal, "{text:?}");
        }
    }

    #[test]
    fn a_key_is_never_written() {
        let bearer = Text::new([Piece::Text("Bearer ".into()), Piece::Variable("KEY".into())]);
        assert_eq!(expression(&bearer), "f\"Bearer {os.environ['KEY']}\"");
        let odd = Text::new([Piece::Text("{\"".into()), Piece::Variable("KEY".into()), Piece::Text("\"}".into())]);
        assert_eq!(expression(&odd), "\"{\\\"\" + os.environ[\"KEY\"] + \"\\\"}\"");
        assert_eq!(expression(&Text::new([Piece::Variable("KEY".into())])), "os.environ[\"KEY\"]");
    }

    #[test]
    fn addresses_that_requests_would_spell_differently_are_known() {
        for (url, is_respelled) in [
            ("https://a.example/v1/chat?x=%20y&z=a+b&q=%C3%A9'", false),
            ("https://a.example/%7Eada", true),
            ("https://a.example/?q=%c3%a9", true),
            ("https://a.example/?q=a|b", true),
        ] {
            assert_eq!(is_respelled_by_requests(url), is_respelled, "{url}");
        }
    }
}
