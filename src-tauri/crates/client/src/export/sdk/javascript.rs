//! JavaScript with OpenAI's package.

use super::super::form::{File, beside, names_differ};
use super::super::javascript::{arguments, breaks_differ, environment, expression, key, quoted};
use super::super::number;
use super::super::value::{self, Member, Style, Value};
use super::super::{Request, Target, Text, Unfit, Written, adds, differs, headers_are_joined, joined_headers};
use super::methods::{self, Answer};
use super::{asks_for_base64, bearer, call, is_json_type, package_header, waits, written};

pub(in super::super) const OPENAI: Target = Target {
    id: "javascript-openai",
    language: "JavaScript",
    library: "openai",
    syntax: "javascript",
    file_name: "request.mjs",
    is_raw: false,
    fits,
    write,
    reads_back: None,
    literals: None,
};

const PACKAGE: &str = "openai";

/// What the package sends in Node beside its body, unless it is given one of its own.
const ADDS: &[&str] =
    &["accept", "accept-encoding", "accept-language", "content-type", "sec-fetch-mode", "user-agent", "x-stainless-*"];

const STYLE: Style = Style { null: "null", booleans: ["false", "true"], text: expression, name, step: 2, airy: true };

fn name(name: &Text) -> String {
    match name.literal() {
        Some(literal) => key(literal),
        None => format!("[{}]", expression(name)),
    }
}

fn fits(request: &Request) -> Result<(), Unfit> {
    let call = call(request, PACKAGE, methods::OPENAI)?;
    if request.header("content-type").is_some_and(|value| !is_json_type("content-type", value)) {
        return Err(format!("{PACKAGE} always says that its body is application/json"));
    }
    value::numbers(&Value::Object(call.members), "JavaScript", number::javascript).map(drop)
}

fn write(request: &Request) -> Result<Written, Unfit> {
    let call = call(request, PACKAGE, methods::OPENAI)?;
    let saves = request.saves().filter(|_| call.method.answer == Answer::Sound);
    let mut code = match (call.method.answer, &saves) {
        (Answer::Transcript, _) => "import { createReadStream } from 'node:fs'\n\nimport OpenAI, { toFile }".to_owned(),
        (Answer::Pictures, _) | (_, Some(_)) => {
            "import { writeFile } from 'node:fs/promises'\n\nimport OpenAI".to_owned()
        }
        _ => "import OpenAI".to_owned(),
    };
    code.push_str(&format!(" from 'openai'\n\n{}", environment(request)));
    code.push_str(&arguments(request, "(text) => text"));
    code.push_str("const client = new OpenAI({\n");
    let authorization = request.header("authorization");
    let api_key = authorization.and_then(bearer);
    code.push_str(&format!("  apiKey: {},\n", api_key.as_ref().map_or_else(|| "'unused'".to_owned(), expression)));
    code.push_str(&format!("  baseURL: {},\n  defaultHeaders: {{\n", quoted(&call.base_url)));
    if authorization.is_none() {
        code.push_str("    Authorization: null,\n");
    }
    for header in joined_headers(request) {
        let is_key = header.name.eq_ignore_ascii_case("authorization") && api_key.is_some();
        if !is_key && !is_json_type(&header.name, &header.value) {
            code.push_str(&format!("    {}: {},\n", key(&package_header(&header.name)), expression(&header.value)));
        }
    }
    code.push_str(&format!("  }},\n  maxRetries: 0,\n  timeout: {},\n}})\n", request.patience * 1000));
    let answer = if call.gives_events() { "stream" } else { "answer" };
    let notes = [
        waits(&call, PACKAGE),
        asks_for_base64(&call, PACKAGE),
        breaks_differ(request, PACKAGE),
        // It takes folders off the name of a file.
        names_differ(request, PACKAGE, |c| matches!(c, '/' | '\\')),
    ];
    let (is_bare, known, streams) = (call.is_bare(), call.method.answer, call.streams);
    let body = Value::Object(call.members);
    let start = format!("const {answer} = await client.{}(", call.method.name);
    // What the call sets by itself comes before what the client has.
    let accept = request.header("accept").filter(|_| known == Answer::Sound);
    let options =
        accept.map_or_else(String::new, |value| format!(", {{ headers: {{ Accept: {} }} }}", expression(value)));
    let given = match request.file() {
        Some((name, file)) => with_file(&body, name, file),
        None => value::layout(&body, &STYLE, 0, start.len()),
    };
    code.push_str(&format!("{start}{given}{options})\n"));
    match (saves, known) {
        (Some(name), _) => code.push_str(&format!("await writeFile('{name}', answer.body)\nconsole.log('{name}')\n")),
        (None, Answer::Sound) => code.push_str("console.log(await answer.text())\n"),
        (None, Answer::Pictures) => {
            let print = if streams { EACH_PICTURE } else { PICTURES };
            code.push_str(&print.replace("ENDING", &request.picture_ending()));
        }
        (None, Answer::Transcript) if is_bare => code.push_str(WHOLE),
        (None, known) => code.push_str(if streams { streamed(known) } else { printed(known) }),
    }
    let checks = [
        Some(written(request, PACKAGE, !is_reordered(&body))),
        value::numbers(&body, "JavaScript", number::javascript)?.map(differs),
        headers_are_joined(request, PACKAGE),
        adds(request, PACKAGE, ADDS),
    ];
    Ok(Written { text: code, checks: checks.into_iter().chain(notes).flatten().collect() })
}

/// The members in their lines, with the file before them.
fn with_file(body: &Value, name: &str, file: &File) -> String {
    let mut code = format!(
        "{{\n  // {}\n  {}: await toFile(createReadStream({}), {}, {{ type: {} }}),\n",
        beside(file),
        key(name),
        quoted(&file.path()),
        quoted(&file.name),
        quoted(&file.media_type)
    );
    if let Value::Object(members) = body {
        for member in members {
            let start = format!("  {}: ", (STYLE.name)(&member.name));
            code.push_str(&format!("{start}{},\n", value::layout(&member.value, &STYLE, 2, start.len())));
        }
    }
    code + "}"
}

/// Prints the text of an answer.
fn printed(answer: Answer) -> &'static str {
    match answer {
        Answer::Chat => "console.log(answer.choices[0]?.message.content)\n",
        Answer::Completion => "console.log(answer.choices[0]?.text)\n",
        Answer::Response => "console.log(answer.output_text)\n",
        Answer::Vectors => "for (const item of answer.data) console.log(JSON.stringify(item.embedding))\n",
        Answer::Transcript => "console.log(answer.text)\n",
        Answer::Pictures => PICTURES,
        Answer::ScaleResponse | Answer::Inference | Answer::Sound => WHOLE,
    }
}

/// Prints the pieces of text as they come, or the whole stream where the package reads no events.
fn streamed(answer: Answer) -> &'static str {
    match answer {
        Answer::Chat => {
            r"for await (const chunk of stream) {
  for (const choice of chunk.choices ?? []) process.stdout.write(choice.delta?.content ?? '')
}
process.stdout.write('\n')
"
        }
        Answer::Completion => {
            r"for await (const chunk of stream) {
  for (const choice of chunk.choices ?? []) process.stdout.write(choice.text ?? '')
}
process.stdout.write('\n')
"
        }
        Answer::Response => {
            r"for await (const event of stream) {
  if (event.type === 'response.output_text.delta') process.stdout.write(event.delta)
}
process.stdout.write('\n')
"
        }
        Answer::Transcript => {
            r"for await (const event of stream) {
  if (event.type === 'transcript.text.delta') process.stdout.write(event.delta)
}
process.stdout.write('\n')
"
        }
        Answer::Pictures => EACH_PICTURE,
        Answer::ScaleResponse | Answer::Inference | Answer::Vectors | Answer::Sound => WHOLE,
    }
}

/// Pictures come as they are, or as an address that is valid for a while.
const PICTURES: &str = r"for (const [index, picture] of (answer.data ?? []).entries()) {
  const data = picture.b64_json
    ? Buffer.from(picture.b64_json, 'base64')
    : Buffer.from(await (await fetch(picture.url)).arrayBuffer())
  await writeFile(`picture-${index + 1}.ENDING`, data)
  console.log(`picture-${index + 1}.ENDING`)
}
";

/// Each sketch takes the place of the one before it.
const EACH_PICTURE: &str = r"for await (const event of stream) {
  if (!['image_generation.partial_image', 'image_generation.completed'].includes(event.type)) continue
  await writeFile('picture.ENDING', Buffer.from(event.b64_json, 'base64'))
  console.log('picture.ENDING')
}
";

const WHOLE: &str = "console.log(answer)\n";

/// Objects of this language put names that are small whole numbers first, in rising order.
fn is_reordered(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().any(is_reordered),
        Value::Object(members) => {
            let numbers: Vec<Option<u32>> = members.iter().map(|member| index(&member.name)).collect();
            let mut in_their_order = numbers.clone();
            // Names come behind numbers and keep their places among each other.
            in_their_order.sort_by_key(|number| number.unwrap_or(u32::MAX));
            numbers != in_their_order || members.iter().map(|Member { value, .. }| value).any(is_reordered)
        }
        Value::Null | Value::Boolean(_) | Value::Number(_) | Value::Text(_) => false,
    }
}

fn index(name: &Text) -> Option<u32> {
    let literal = name.literal()?;
    literal.parse().ok().filter(|number: &u32| *number != u32::MAX && number.to_string() == literal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_numbers_change_their_place() {
        for (body, is_moved) in [
            (r#"{"a":1,"b":2}"#, false),
            (r#"{"a":1,"0":2}"#, true),
            (r#"{"1":1,"0":2}"#, true),
            (r#"{"0":1,"1":2,"a":3}"#, false),
            (r#"{"a":{"b":[{"c":1,"5":2}]}}"#, true),
            (r#"{"a":1,"01":2,"-1":3,"4294967295":4}"#, false),
        ] {
            assert_eq!(is_reordered(&value::read(&body.into()).expect("a value")), is_moved, "{body}");
        }
    }
}
