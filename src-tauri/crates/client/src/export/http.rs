//! A file for the REST clients of editors: a request as HTTP writes it, with `{{…}}` for what the client fills in.

use super::form::{Content, Field, Form};
use super::{Piece, Request, Target, Text, Unfit, Written, differs};

pub(super) const TARGET: Target = Target {
    id: "http",
    language: "HTTP file",
    library: "",
    syntax: "http",
    file_name: "request.http",
    is_raw: true,
    fits: |request| request.takes_no_arguments("An HTTP file"),
    write,
    reads_back: Some(reads_back),
    literals: None,
};

fn write(request: &Request) -> Result<Written, Unfit> {
    let mut text = format!("{} {} HTTP/1.1\n", request.method, spelled(&request.url));
    for header in &request.headers {
        text.push_str(format!("{}: {}", header.name, spelled(&header.value)).trim_end());
        text.push('\n');
    }
    if let Some(form) = &request.form {
        text.push_str(&format!("content-type: multipart/form-data; boundary={}\n\n", form.boundary));
        text.push_str(&parts(form));
    } else if !request.body.is_empty() {
        text.push('\n');
        text.push_str(&spelled(&request.body));
    }
    Ok(Written { text, checks: changed_by_clients(request).map(differs).into_iter().collect() })
}

/// The parts as they are sent, with the line by which REST clients put a file there.
fn parts(form: &Form) -> String {
    let mut text = String::new();
    for Field { name, content } in &form.fields {
        text.push_str(&format!("--{}\nContent-Disposition: form-data; name=\"{}\"", form.boundary, escaped(name)));
        match content {
            Content::Text(value) => text.push_str(&format!("\n\n{}\n", spelled(value))),
            Content::File(file) => {
                let (name, kind, path) = (escaped(&file.name), &file.media_type, file.path());
                text.push_str(&format!("; filename=\"{name}\"\nContent-Type: {kind}\n\n< ./{path}\n"));
            }
        }
    }
    text + &format!("--{}--\n", form.boundary)
}

/// As forms write a name.
fn escaped(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

fn spelled(text: &Text) -> String {
    text.pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable(name) => variable(name),
            Piece::Uuid(_) => "{{$guid}}".to_owned(),
            Piece::Argument(argument) => format!("{{{{{}}}}}", argument.name),
        })
        .collect()
}

fn variable(name: &str) -> String {
    format!("{{{{$processEnv {name}}}}}")
}

/// What such a client makes of a text, when it does not leave it as it is.
fn changed_by_clients(request: &Request) -> Option<String> {
    let plain = |text: &Text| text.spelled(|_| String::new());
    let body = plain(&request.body);
    let braces = |text: &Text| {
        let text = plain(text);
        let (_, rest) = text.split_once("{{")?;
        rest.split_once("}}").map(|(name, _)| name.to_owned()).filter(|name| !name.contains(['{', '"', '\n']))
    };
    if let Some(name) = request.texts().map(braces).find_map(|name| name) {
        return Some(format!("REST clients fill in {{{{{name}}}}}, which was sent as it stands"));
    }
    if body.trim() != body {
        return Some("REST clients take white space off the ends of a body".to_owned());
    }
    if body.contains('\r') {
        return Some("REST clients write line breaks of a body in their own way".to_owned());
    }
    let fields: Vec<(&str, String)> =
        request.form.iter().flat_map(Form::texts).map(|(name, text)| (name, plain(text))).collect();
    if let Some((name, _)) = fields.iter().find(|(_, text)| text.contains(['\r', '\n'])) {
        return Some(format!("REST clients write line breaks of {name} in their own way"));
    }
    let mut lines = body.lines().chain(fields.iter().map(|(_, text)| text.as_str()));
    let special = lines.find(|line| ["###", "< ", "<@", "> ", "<> "].iter().any(|mark| line.starts_with(mark)));
    special.map(|line| {
        format!("REST clients read a line that begins with {} as their own", line.split(' ').next().unwrap_or(line))
    })
}

fn reads_back(request: &Request, text: &str) -> Option<bool> {
    if request.form.is_some() {
        return None;
    }
    let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end_matches('\n'), ""));
    let mut lines = head.split('\n');
    let first = lines.next().unwrap_or_default();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        (name.to_owned(), value.trim().to_owned())
    });
    let expected = request.headers.iter().map(|header| (header.name.clone(), spelled(&header.value)));
    Some(
        first == format!("{} {} HTTP/1.1", request.method, spelled(&request.url))
            && headers.eq(expected)
            && body == spelled(&request.body)
            && changed_by_clients(request).is_none(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::Header;

    #[test]
    fn a_file_reads_like_a_message_and_names_what_clients_change() {
        let header = |name: &str, value: Text| Header { name: name.to_owned(), value };
        let mut request = Request {
            url: "https://a.example/v1/chat".into(),
            headers: vec![
                header("authorization", Text::new([Piece::Text("Bearer ".into()), Piece::Variable("A_KEY".into())])),
                header("x-request-id", Text::new([Piece::Uuid("1b4e28ba".into())])),
                header("x-empty", Text::default()),
            ],
            body: "{\"a\":1.0}".into(),
            ..Request::default()
        };
        let written = write(&request).expect("a file");
        assert_eq!(
            written.text,
            "POST https://a.example/v1/chat HTTP/1.1\nauthorization: Bearer {{$processEnv A_KEY}}\n\
             x-request-id: {{$guid}}\nx-empty:\n\n{\"a\":1.0}"
        );
        assert_eq!((written.checks, reads_back(&request, &written.text)), (vec![], Some(true)));
        for (body, word) in
            [("{\"a\":\"{{b}}\"}", "{{b}}"), (" {}", "white space"), ("{}\n### x", "###"), ("{\r\n}", "line breaks")]
        {
            request.body = body.into();
            let written = write(&request).expect("a file");
            assert!(written.checks[0].text.contains(word) && !written.checks[0].passed, "{:?}", written.checks);
            assert_eq!(reads_back(&request, &written.text), Some(false));
        }
        request.body = "{\"a\":{{\"b\":1}}}".into();
        assert_eq!(write(&request).expect("a file").checks, vec![], "braces of JSON are no variables");
    }
}
