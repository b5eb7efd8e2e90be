//! Commands that people paste, given to curl itself: what it sends is what was read out of them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use juxta_client::import::curl::{self, CurlCommand, FormContent};
use juxta_tests::code::CaptureServer;
use juxta_tests::http_bytes::Message;
use url::form_urlencoded;

/// Behind `curl -sS`; `URL` is the server, `DIR` a folder with the files of [`FILES`].
const COMMANDS: &[&str] = &[
    r#"URL/p -d '{"a":"größe 🐟","b":"it'\''s"}'"#,
    r#"URL/p -d "{\"a\":\"\$HOME \`id\` \\n\"}" -H 'Content-Type: application/json'"#,
    r#"URL/p -d $'{"a":"it\'s\n\ttab \u00e4 \U0001f41f \303\244"}'"#,
    "URL/p -d a=1 -d '' --data-raw @literal --data-ascii 'x y'",
    r#"URL/p --json '{"a":' --json '1}'"#,
    "URL/p --data-urlencode 'q=a b&ü~+*/' --data-urlencode '=x y' --data-urlencode 'x y'",
    "URL/p --data-urlencode q@DIR/text.txt --data-urlencode @DIR/text.txt",
    "URL/p -d @DIR/text.txt",
    "URL/p --data-binary @DIR/text.txt",
    "URL/p --json @DIR/text.txt -X PUT",
    "URL/p",
    "URL/p?x=1 -G -d a=1 -d b=%20",
    "'URL/p?x&' --get --data-urlencode 'q=a b&ü' -d ''",
    "'URL/p?x=2#frag' -G -d a=1#cut -X DELETE",
    "URL/p -G",
    "URL/p --url-query 'a=b c' --url-query '+d=e%20f' --url-query '=g h' --url-query n@DIR/text.txt",
    "URL/p --url-query a=1 -d body",
    "URL/p --url-query a=1 -G -d b=2",
    "URL/p -H @DIR/headers.txt -H 'X-Empty;' -H 'X-Gone:' -H 'Accept: x/y' -A me -e ref -b 'a=1; b=2'",
    "URL/p -u 'ada:p:w'",
    "URL/p -F a=b -F 'a=  lead ' -F a= -F =nameless",
    "URL/p -F 'a=x;type=text/x;charset=utf-8' -F 'b=x;y;TYPE=t/p' -F 'c=x;filename=n.txt'",
    r#"URL/p -F 'a={"k":"v;w"};type=application/json' -F 'b="b;c"' -F 'c="x\"y\\z" left' -F 'd="open'"#,
    "URL/p --form-string 'a= x;type=y' --form-string b=@x --form-string 'c=größe 🐟'",
    "URL/p -F f=@DIR/text.txt -F 'g=@DIR/bytes.mp3;type=audio/mpeg' -F 'h=@DIR/bytes.mp3' -F 'i=<DIR/text.txt'",
    r#"URL/p -F 'f=@DIR/text.txt;type=a/b,DIR/bytes.mp3;filename=z' -F 'g=@"DIR/a,b.JPG";filename="q\"r.png"'"#,
    "URL/p -F 'g=(;type=multipart/alternative' -F p=x -F '=)' -F q=z",
    "URL/p -X PUT -F a=b -G",
];

const FILES: &[(&str, &[u8])] = &[
    ("text.txt", "{\"a\":\r\n\"ä b & c\"}\n".as_bytes()),
    ("bytes.mp3", b"\x00\xff\r\n--\r\n\x01"),
    ("a,b.JPG", b"picture"),
    ("headers.txt", b"X-One: 1\r\n\r\nX-Two:2\nno colon\nX-Gone:\nX-None;\nX-Last: a:b"),
];

/// What curl sends by itself, unless the command says otherwise.
const OWN: &[&str] = &["host", "user-agent", "accept", "content-length", "content-type"];

#[test]
fn curl_sends_what_was_read_out_of_a_command() {
    let server = CaptureServer::start().expect("a port on loopback");
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in FILES {
        std::fs::write(folder.path().join(name), content).expect("a file");
    }
    let mut shapes = BTreeSet::new();
    for command in COMMANDS {
        let directory = folder.path().to_string_lossy();
        let command = format!("curl -sS {}", command.replace("URL", &server.origin()).replace("DIR", &directory));
        let output = Command::new("bash").args(["-c", &command]).output().expect("a shell");
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        let sent = server.take().pop().unwrap_or_else(|| panic!("{command}: nothing came"));
        let read = curl::parse_with_files(&command, &|path| std::fs::read_to_string(path).ok())
            .unwrap_or_else(|error| panic!("{command}: {error}"));
        compare(&command, &read, &sent);
        shapes.insert((read.method.clone(), read.form.is_empty(), read.body.is_some(), read.url.query().is_some()));
    }
    assert!(shapes.len() >= 8, "few kinds of commands: {shapes:?}");
}

fn compare(command: &str, read: &CurlCommand, sent: &Message) {
    let first_line = sent.first_line();
    let mut words = first_line.split(' ');
    assert_eq!(words.next(), Some(read.method.as_str()), "{command}");
    let target = words.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    assert_eq!(path, read.url.path(), "{command}");
    // Escapes may have small letters or capitals, and mean the same.
    let pairs = |query: &str| form_urlencoded::parse(query.as_bytes()).into_owned().collect::<Vec<_>>();
    assert_eq!(pairs(read.url.query().unwrap_or_default()), pairs(query), "{command}");

    let said: Vec<(String, String)> =
        read.headers.iter().map(|header| (header.name.clone(), header.value.text())).collect();
    let is_said = |name: &str| said.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
    let came: Vec<(String, String)> = sent
        .headers()
        .into_iter()
        .filter(|(name, _)| is_said(name) || !OWN.contains(&name.to_ascii_lowercase().as_str()))
        .collect();
    let sorted = |mut rows: Vec<(String, String)>| {
        rows.sort();
        rows
    };
    assert_eq!(sorted(said.clone()), sorted(came), "{command}");

    if read.form.is_empty() {
        assert_eq!(read.body.clone().unwrap_or_default().as_bytes(), sent.body, "{command}");
        return;
    }
    let content_type = sent.header("content-type").expect("a form has a type");
    let mut came = Vec::new();
    flatten(&sent.body, &content_type, "", &mut came);
    let said: Vec<SentPart> = read
        .form
        .iter()
        .map(|part| SentPart {
            name: part.name.clone(),
            file_name: part.file_name.clone(),
            content_type: part.content_type.clone(),
            content: match &part.content {
                FormContent::Text(text) => text.clone().into_bytes(),
                FormContent::TextOf(path) | FormContent::File(path) => std::fs::read(Path::new(path)).expect("a file"),
                FormContent::Group => Vec::new(),
            },
        })
        .collect();
    assert_eq!(said, came, "{command}");
}

#[derive(Debug, PartialEq)]
struct SentPart {
    name: String,
    file_name: Option<String>,
    content_type: Option<String>,
    content: Vec<u8>,
}

/// The parts of a body in order; several files of one field, which are a body of their own, under its name.
fn flatten(body: &[u8], content_type: &str, field: &str, parts: &mut Vec<SentPart>) {
    let boundary = content_type.split("boundary=").nth(1).expect("a boundary");
    let mark = format!("--{boundary}\r\n");
    let mut rest = body.strip_prefix(mark.as_bytes()).expect("a boundary first");
    loop {
        let end = find(rest, format!("\r\n--{boundary}").as_bytes()).expect("a boundary at the end");
        let part = &rest[..end];
        let head_end = find(part, b"\r\n\r\n").expect("a head");
        let head = String::from_utf8_lossy(&part[..head_end]).into_owned();
        let content = &part[head_end + 4..];
        let kind = head.lines().find_map(|line| line.strip_prefix("Content-Type: ")).map(str::to_owned);
        let name = parameter(&head, "; name=").unwrap_or_else(|| field.to_owned());
        match kind.as_deref().filter(|kind| kind.contains("boundary=")) {
            Some(kind) => {
                let is_group = find(content, b"; filename=").is_none();
                if is_group {
                    parts.push(SentPart {
                        name: name.clone(),
                        file_name: None,
                        content_type: kind.split("; boundary").next().map(str::to_owned),
                        content: Vec::new(),
                    });
                }
                flatten(content, kind, &name, parts);
            }
            None => parts.push(SentPart {
                name,
                file_name: parameter(&head, "; filename="),
                content_type: kind,
                content: content.to_vec(),
            }),
        }
        rest = &rest[end + 4 + boundary.len()..];
        match rest.strip_prefix(b"\r\n") {
            Some(more) if !more.is_empty() => rest = more,
            _ => return,
        }
    }
}

/// The quoted value behind `name`, with the escape that curl has for quotes.
fn parameter(head: &str, name: &str) -> Option<String> {
    let value = head.split_once(name)?.1.strip_prefix('"')?;
    Some(value.split('"').next()?.replace("%22", "\""))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
