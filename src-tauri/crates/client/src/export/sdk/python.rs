//! Python with a provider's package.

use super::super::form::beside;
use super::super::number;
use super::super::python::{arguments as taken, expression, imports, quoted, upload};
use super::super::value::{self, Style, Value};
use super::super::{Request, Target, Text, Unfit, Written, adds, differs, headers_are_joined, joined_headers};
use super::methods::{self, Answer, Method};
use super::{Call, asks_for_base64, bearer, call, is_json_type, package_header, waits, written};

pub(in super::super) const OPENAI: Target = target(
    "python-openai",
    "openai",
    |request| fits(request, &OPENAI_PACKAGE),
    |request| write(request, &OPENAI_PACKAGE),
);

pub(in super::super) const SCALE_GP: Target = target(
    "python-scale-gp",
    "scale-gp-beta",
    |request| fits(request, &SCALE_PACKAGE),
    |request| write(request, &SCALE_PACKAGE),
);

const fn target(
    id: &'static str,
    library: &'static str,
    fits: fn(&Request) -> Result<(), Unfit>,
    write: fn(&Request) -> Result<Written, Unfit>,
) -> Target {
    Target {
        id,
        language: "Python",
        library,
        syntax: "python",
        file_name: "request.py",
        is_raw: false,
        fits,
        write,
        reads_back: None,
        literals: None,
    }
}

struct Package {
    name: &'static str,
    module: &'static str,
    client: &'static str,
    methods: &'static [Method],
    /// Headers that arguments of the client stand for: header, argument.
    header_arguments: &'static [(&'static str, &'static str)],
}

const OPENAI_PACKAGE: Package = Package {
    name: "openai",
    module: "openai",
    client: "OpenAI",
    methods: methods::OPENAI,
    header_arguments: &[("authorization", "api_key")],
};

const SCALE_PACKAGE: Package = Package {
    name: "scale-gp-beta",
    module: "scale_gp_beta",
    client: "SGPClient",
    methods: methods::SCALE_GP,
    header_arguments: &[("x-api-key", "api_key"), ("x-selected-account-id", "account_id")],
};

/// What such a package sends beside its body, unless it is given one of its own.
const ADDS: &[&str] = &["accept", "accept-encoding", "content-type", "user-agent", "x-stainless-*"];

const STYLE: Style =
    Style { null: "None", booleans: ["False", "True"], text: expression, name: expression, step: 4, airy: false };

fn fits(request: &Request, package: &Package) -> Result<(), Unfit> {
    let call = call(request, package.name, package.methods)?;
    if package.name == SCALE_PACKAGE.name && request.header("x-api-key").is_none() {
        return Err(format!("{} sends a key in x-api-key, and this request has none", package.name));
    }
    value::numbers(&Value::Object(call.members), "Python", number::python).map(drop)
}

fn write(request: &Request, package: &Package) -> Result<Written, Unfit> {
    let call = call(request, package.name, package.methods)?;
    let client = Client::of(request, package);
    let mut code = match call.method.answer {
        Answer::Pictures => "import base64\n".to_owned(),
        _ => String::new(),
    };
    code.push_str(&imports(request, call.method.answer == Answer::Inference && !call.streams));
    if call.method.answer == Answer::Pictures && !call.streams {
        code.push_str("import urllib.request\n");
    }
    if !code.is_empty() {
        code.push('\n');
    }
    let omit = if client.omitted.is_some() { ", Omit" } else { "" };
    code.push_str(&format!("from {} import {}{omit}\n\n", package.module, package.client));
    code.push_str(&taken(request, "sys.argv[1:]"));
    code.push_str(&client.constructor(package, &call.base_url, request.patience));

    let answer = if call.gives_events() { "stream" } else { "answer" };
    let saves = request.saves().filter(|_| call.method.answer == Answer::Sound);
    match &saves {
        Some(_) => code.push_str("with client.audio.speech.with_streaming_response.create(\n"),
        None => code.push_str(&format!("{answer} = client.{}(\n", call.method.name)),
    }
    let (arguments, extra) = split(&call);
    if let Some((name, file)) = request.file() {
        code.push_str(&format!("    # {}\n    {name}={},\n", beside(file), upload(file)));
    }
    for (name, value) in &arguments {
        code.push_str(&format!("    {name}={},\n", value::layout(value, &STYLE, 4, 5 + name.len())));
    }
    if !extra.is_empty() {
        code.push_str(&format!("    extra_body={},\n", value::layout(&Value::Object(extra.clone()), &STYLE, 4, 15)));
    }
    // What the call sets by itself comes before what the client has.
    let accept = request.header("accept").filter(|_| call.method.answer == Answer::Sound);
    let mut headers: Vec<String> = client.omitted.iter().map(|name| format!("{}: Omit()", quoted(name))).collect();
    headers.extend(accept.map(|value| format!("\"Accept\": {}", expression(value))));
    if !headers.is_empty() {
        code.push_str(&format!("    extra_headers={{{}}},\n", headers.join(", ")));
    }
    code.push_str(if saves.is_some() { ") as answer:\n" } else { ")\n" });
    let ending = request.picture_ending();
    match (saves, call.method.answer) {
        (Some(name), _) => {
            code.push_str(&format!("    answer.stream_to_file(\"{name}\")\nprint(\"{name}\")\n"));
        }
        (None, Answer::Pictures) => {
            let print = if call.streams { EACH_PICTURE } else { PICTURES };
            code.push_str(&print.replace("ENDING", &ending));
        }
        (None, Answer::Transcript) if call.is_bare() => code.push_str("print(answer)\n"),
        (None, known) => code.push_str(if call.streams { streamed(known) } else { printed(known) }),
    }

    let in_order: Vec<&Text> = order(&call);
    let keeps_order = in_order.into_iter().eq(call.members.iter().map(|member| &member.name));
    let notes = [waits(&call, package.name), asks_for_base64(&call, package.name)];
    let spelled = value::numbers(&Value::Object(call.members), "Python", number::python)?;
    let checks = [
        Some(written(request, package.name, keeps_order)),
        spelled.map(differs),
        headers_are_joined(request, package.name),
        adds(request, package.name, ADDS),
    ];
    Ok(Written { text: code, checks: checks.into_iter().chain(notes).flatten().collect() })
}

/// Prints the text of an answer.
fn printed(answer: Answer) -> &'static str {
    match answer {
        Answer::Chat => "print(answer.choices[0].message.content)\n",
        Answer::Completion => "print(answer.choices[0].text)\n",
        Answer::Response => "print(answer.output_text)\n",
        Answer::ScaleResponse => {
            r#"for item in answer.output:
    if item.type == "message":
        print("".join(part.text for part in item.content if part.type == "output_text"))
"#
        }
        Answer::Inference => "print(json.dumps(answer.response, ensure_ascii=False))\n",
        Answer::Vectors => "for item in answer.data:\n    print(item.embedding)\n",
        Answer::Transcript | Answer::Sound => "print(answer.text)\n",
        Answer::Pictures => PICTURES,
    }
}

/// Prints the pieces of text as they come, or the whole stream where the package reads no events.
fn streamed(answer: Answer) -> &'static str {
    match answer {
        Answer::Chat => {
            r#"for chunk in stream:
    for choice in chunk.choices or []:
        print(choice.delta.content or "", end="", flush=True)
print()
"#
        }
        Answer::Completion => {
            r#"for chunk in stream:
    for choice in chunk.choices or []:
        print(choice.text or "", end="", flush=True)
print()
"#
        }
        Answer::Response => {
            r#"for event in stream:
    if event.type == "response.output_text.delta":
        print(event.delta, end="", flush=True)
print()
"#
        }
        Answer::Transcript => {
            r#"for event in stream:
    if event.type == "transcript.text.delta":
        print(event.delta, end="", flush=True)
print()
"#
        }
        Answer::Pictures => EACH_PICTURE,
        Answer::ScaleResponse | Answer::Inference | Answer::Vectors | Answer::Sound => "print(answer)\n",
    }
}

/// Pictures come as they are, or as an address that is valid for a while.
const PICTURES: &str = r#"for number, picture in enumerate(answer.data or [], 1):
    if picture.b64_json:
        data = base64.b64decode(picture.b64_json)
    else:
        data = urllib.request.urlopen(picture.url).read()
    with open(f"picture-{number}.ENDING", "wb") as file:
        file.write(data)
    print(file.name)
"#;

/// Each sketch takes the place of the one before it.
const EACH_PICTURE: &str = r#"for event in stream:
    if event.type in ("image_generation.partial_image", "image_generation.completed"):
        with open("picture.ENDING", "wb") as file:
            file.write(base64.b64decode(event.b64_json))
        print(file.name)
"#;

/// Arguments of the call in the order given, and the members that it has no argument for.
fn split(call: &Call) -> (Vec<(&'static str, &Value)>, Vec<value::Member>) {
    let mut arguments = Vec::new();
    let mut extra = Vec::new();
    for member in &call.members {
        match call.method.arguments().find(|known| member.name.literal() == Some(*known)) {
            Some(name) => arguments.push((name, &member.value)),
            None => extra.push(member.clone()),
        }
    }
    (arguments, extra)
}

/// The names as the package writes them.
fn order(call: &Call) -> Vec<&Text> {
    let mut names: Vec<&Text> = call.members.iter().map(|member| &member.name).collect();
    names.sort_by_key(|name| {
        let at = call.method.arguments().position(|known| name.literal() == Some(known));
        at.unwrap_or(usize::MAX)
    });
    names
}

/// What the client is made with.
struct Client {
    /// Argument and expression.
    arguments: Vec<(&'static str, String)>,
    headers: Vec<(String, String)>,
    /// A header that the package would send and the request has not.
    omitted: Option<&'static str>,
}

impl Client {
    fn of(request: &Request, package: &Package) -> Self {
        let mut client = Self { arguments: Vec::new(), headers: Vec::new(), omitted: None };
        for (header, argument) in package.header_arguments {
            let value = request.header(header);
            let given = match *header {
                "authorization" => value.and_then(bearer),
                _ => value.filter(|value| !value.is_empty()).cloned(),
            };
            client.arguments.push((argument, given.as_ref().map_or_else(|| "\"unused\"".to_owned(), expression)));
            if value.is_none() {
                client.omitted = Some(if *header == "authorization" { "Authorization" } else { header });
            }
        }
        for header in joined_headers(request) {
            let is_argument = package.header_arguments.iter().any(|(name, _)| {
                name.eq_ignore_ascii_case(&header.name) && (*name != "authorization" || bearer(&header.value).is_some())
            });
            if !is_argument && !is_json_type(&header.name, &header.value) {
                client.headers.push((quoted(&package_header(&header.name)), expression(&header.value)));
            }
        }
        client
    }

    fn constructor(&self, package: &Package, base_url: &str, patience: u64) -> String {
        let mut code = format!("client = {}(\n", package.client);
        for (name, value) in &self.arguments {
            code.push_str(&format!("    {name}={value},\n"));
        }
        code.push_str(&format!("    base_url={},\n", quoted(base_url)));
        if !self.headers.is_empty() {
            code.push_str("    default_headers={\n");
            for (name, value) in &self.headers {
                code.push_str(&format!("        {name}: {value},\n"));
            }
            code.push_str("    },\n");
        }
        code.push_str(&format!("    max_retries=0,\n    timeout={patience},\n)\n"));
        code
    }
}
