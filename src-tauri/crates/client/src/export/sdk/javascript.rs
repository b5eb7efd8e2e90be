//! JavaScript with OpenAI's package.

use super::super::javascript::{arguments, environment, expression, key, quoted};
use super::super::number;
use super::super::value::{self, Member, Style, Value};
use super::super::{Request, Target, Text, Unfit, Written, adds, differs, headers_are_joined, joined_headers};
use super::methods::{self, Answer};
use super::{bearer, call, is_json_type, package_header, waits, written_by};

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
    let mut code = format!("import OpenAI from 'openai'\n\n{}", environment(request));
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
    let waits = waits(&call, PACKAGE);
    let body = Value::Object(call.members);
    let start = format!("const {answer} = await client.{}(", call.method.name);
    code.push_str(&format!("{start}{})\n", value::layout(&body, &STYLE, 0, start.len())));
    code.push_str(if call.streams { streamed(call.method.answer) } else { printed(call.method.answer) });
    let checks = [
        Some(written_by(PACKAGE, !is_reordered(&body))),
        value::numbers(&body, "JavaScript", number::javascript)?.map(differs),
        waits,
        headers_are_joined(request, PACKAGE),
        adds(request, PACKAGE, ADDS),
    ];
    Ok(Written { text: code, checks: checks.into_iter().flatten().collect() })
}

/// Prints the text of an answer.
fn printed(answer: Answer) -> &'static str {
    match answer {
        Answer::Chat => "console.log(answer.choices[0]?.message.content)\n",
        Answer::Completion => "console.log(answer.choices[0]?.text)\n",
        Answer::Response => "console.log(answer.output_text)\n",
        Answer::ScaleResponse | Answer::Inference => WHOLE,
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
        Answer::ScaleResponse | Answer::Inference => WHOLE,
    }
}

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
