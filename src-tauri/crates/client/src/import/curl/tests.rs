use super::*;
use crate::redact::is_auth_header;

const KEY: &str = "sk-5f2c9d81e4b7a3600f9e8d7c6b5a4f2a";

fn parsed(command: &str) -> CurlCommand {
    parse(command).unwrap_or_else(|error| panic!("{command}: {error}"))
}

fn refused(command: &str) -> String {
    match parse(command) {
        Err(AppError::Invalid { field, message }) if field == "curl" => message,
        other => panic!("{command}: {other:?}"),
    }
}

fn body(data: &str) -> String {
    parsed(&format!("curl https://a.example/x {data}")).body.unwrap_or_else(|| panic!("no body: {data}"))
}

#[test]
fn a_word_is_what_a_shell_would_pass_on() {
    for (data, expected) in [
        (r#"-d '{"a":"b"}'"#, r#"{"a":"b"}"#),
        (r#"-d "{\"a\":\"b\"}""#, r#"{"a":"b"}"#),
        (r#"-d $'{"a":"it\'s\n\ttab"}'"#, "{\"a\":\"it's\n\ttab\"}"),
        (r#"-d '{"a":"it'\''s"}'"#, r#"{"a":"it's"}"#),
        (r#"-d '{"a":"it'"'"'s"}'"#, r#"{"a":"it's"}"#),
        (r#"-d {\"a\":1}"#, r#"{"a":1}"#),
        ("-d 'two\nlines'", "two\nlines"),
        ("-d \"joined \\\nline\"", "joined line"),
        ("-d 'kept \\\nline'", "kept \\\nline"),
        (r#"-d '$HOME `id` $(id) \n "q"'"#, r#"$HOME `id` $(id) \n "q""#),
        (r#"-d "\$HOME \`id\` \\ \n 5$ $5""#, r"$HOME `id` \ \n 5$ $5"),
        ("-d 'größe 🐟 “q”'", "größe 🐟 “q”"),
        (r"-d $'\u00e4\xc3\xa4\303\244 \U0001f41f \ud83d\udc1f \u0021 \q \e'", "äää 🐟 🐟 ! \\q \u{1b}"),
        ("-d ''", ""),
        (r#"-d """#, ""),
        (r#"-d a""b''c"#, "abc"),
        ("-d 'a' -d 'b=c'", "a&b=c"),
        ("--data=x=y", "x=y"),
        ("-dx", "x"),
        ("--json '{' --json '}'", "{}"),
        ("--data-raw @literal", "@literal"),
        ("--data-binary 'as is'", "as is"),
        ("--data-urlencode 'q=a b&c' --data-urlencode '=ü' --data-urlencode 'x y'", "q=a+b%26c&%C3%BC&x+y"),
    ] {
        assert_eq!(body(data), expected, "{data}");
        let command = parsed(&format!("curl https://a.example/x {data}"));
        assert_eq!(command.unknown, Vec::<String>::new(), "{data}");
    }
}

#[test]
fn options_are_read_in_every_spelling() {
    let address = "https://a.example/v1/chat/completions";
    let expected = CurlCommand {
        method: "POST".to_owned(),
        url: Url::parse(address).expect("an address"),
        headers: vec![CurlHeader { name: "X-Team".to_owned(), value: Word::new("blue") }],
        body: Some("{}".to_owned()),
        form: Vec::new(),
        proxy: Some(CurlProxy::Url("http://proxy.example:3128".to_owned())),
        ca_file: Some("ca.pem".to_owned()),
        unknown: Vec::new(),
    };
    for command in [
        "curl -X POST URL -H 'X-Team: blue' -d '{}' -x proxy.example:3128 --cacert ca.pem",
        "curl -sN -XPOST -H'X-Team:blue' -d{} -xhttp://proxy.example:3128 --cacert=ca.pem --url URL",
        "curl --request POST --url=URL --header='X-Team: blue' --data '{}' --proxy=proxy.example:3128 --cacert ca.pem",
        "$ curl.exe -sSNL --compressed --no-progress-meter -o out.txt -w '%{http_code}' 'URL' \\\n  --header \"X-Team: blue\" \\\n \
         --data-raw '{}' \\  \n --proxy http://proxy.example:3128/ --cacert 'ca.pem'\n\n",
        "\n  /usr/bin/curl URL ^\r\n  -H \"X-Team: blue\" ^\r\n -d \"{}\" -x proxy.example:3128 --cacert ca.pem\r\n",
        "curl ^\"URL^\" ^\n -H ^\"X-Team: blue^\" --data-raw ^\"^{^}^\" -x proxy.example:3128 --cacert ca.pem",
        "curl URL -H 'X-Team: blue'\n-d '{}' -x proxy.example:3128 # why\n--cacert ca.pem",
    ] {
        let command = command.replacen("URL", address, 1);
        // The places of words differ with the spelling; what they say does not.
        let found = parsed(&command);
        let headers: Vec<_> = found.headers.iter().map(|header| (header.name.clone(), header.value.text())).collect();
        assert_eq!(headers, [("X-Team".to_owned(), "blue".to_owned())], "{command}");
        assert_eq!(CurlCommand { headers: expected.headers.clone(), ..found }, expected, "{command}");
    }
}

#[test]
fn the_method_follows_from_the_body_unless_it_is_said() {
    for (command, method) in [
        ("curl https://a.example", "GET"),
        ("curl https://a.example -d ''", "POST"),
        ("curl https://a.example --json {}", "POST"),
        ("curl https://a.example -d x -X put", "PUT"),
    ] {
        assert_eq!(parsed(command).method, method, "{command}");
    }
}

#[test]
fn what_is_not_followed_is_named_one_by_one_and_never_with_its_value() {
    for (options, expected) in [
        ("-k", &["-k"][..]),
        ("--insecure --http2", &["--insecure"]),
        ("--max-time 5 -F 'a=b' --zap", &["--max-time", "--zap"]),
        ("-skZ", &["-k", "-Z"]),
        ("--key=client.pem", &["--key"]),
        ("--data @body.json", &["the file of --data @body.json"]),
        ("-d@body.json", &["the file of -d @body.json"]),
        ("--data-urlencode q@f", &["the file of --data-urlencode @f"]),
        ("-H @headers.txt", &["the file of -H @headers.txt"]),
        ("-b jar.txt", &["the file of -b"]),
        ("-H 'X-Semi; x'", &["a header without a colon at line 1, column 27"]),
        ("-H 'no colon'", &["a header without a colon at line 1, column 27"]),
        ("-u ada", &["-u without a password"]),
        ("-u \"ada:$PASSWORD\"", &["-u with a shell variable"]),
        ("-x http://ada:secret@p.example:1", &["the user name and password of the proxy"]),
        ("-d \"{$ONE ${TWO} $ONE}\"", &["the value of $ONE in the body", "the value of $TWO in the body"]),
        ("-d \"`id` $(id) ${A:-b}\"", &["a command in backticks", "a command in $(…)", "a shell expansion in ${…}"]),
        ("| jq .", &["what follows |"]),
        ("&& echo done", &["what follows &"]),
        ("> out.json", &["what follows >"]),
        ("\necho done", &["what follows the first command"]),
        ("stray", &["the word at line 1, column 24 (of no option)"]),
    ] {
        assert_eq!(parsed(&format!("curl https://a.example {options}")).unknown, expected, "{options}");
    }
    assert_eq!(parsed("TOKEN=abc curl https://a.example").unknown, ["TOKEN=… in front of curl"]);
    assert_eq!(parsed("curl --zap value https://a.example/x").url.as_str(), "https://a.example/x");
}

#[test]
fn a_file_is_read_only_by_whoever_may() {
    let read = |path: &str| (path == "/tmp/body.json").then(|| "{\"a\":\r\n\"ä b\"}\n".to_owned());
    for (data, expected) in [
        ("-d @/tmp/body.json", "{\"a\":\"ä b\"}"),
        ("--data-binary @/tmp/body.json", "{\"a\":\r\n\"ä b\"}\n"),
        ("--json @/tmp/body.json", "{\"a\":\r\n\"ä b\"}\n"),
        ("-d x=1 --data-urlencode q@/tmp/body.json", "x=1&q=%7B%22a%22%3A%0D%0A%22%C3%A4+b%22%7D%0A"),
        ("--data-raw @/tmp/body.json", "@/tmp/body.json"),
    ] {
        let command = format!("curl https://a.example {data}");
        let found = parse_with_files(&command, &read).expect("a command");
        assert_eq!(found.body.as_deref(), Some(expected), "{data}");
        assert_eq!(found.unknown.len(), usize::from(!data.contains("raw")), "the person is told: {:?}", found.unknown);
    }
    let found = parse_with_files("curl https://a.example -d @other.json --next -d x", &read).expect("a command");
    assert_eq!(found.unknown, ["the file of -d @other.json", "what follows --next"]);
    assert_eq!(found.body, None);
}

/// Queries as curl 7.88.1 sent them, but for its small letters behind `%`.
#[test]
fn data_may_go_into_the_address() {
    for (options, query) in [
        ("-G -d a=1 -d b=2", Some("a=1&b=2")),
        ("--get --data 'a=1' --json '{}'", Some("a=1{}")),
        ("-G --data-urlencode 'q=a b&ü~+*/'", Some("q=a+b%26%C3%BC~%2B%2A%2F")),
        ("-G -d a=1#x", Some("a=1")),
        ("-G -d ''", None),
        ("-G", None),
        ("--url-query 'a=b c' --url-query '+d=%20' --url-query '=e f'", Some("a=b+c&d=%20&e+f")),
        ("--url-query a=1 -G -d b=2", Some("b=2")),
    ] {
        let command = parsed(&format!("curl https://a.example/p {options}"));
        assert_eq!((command.url.query(), command.method.as_str()), (query, "GET"), "{options}");
        assert_eq!(command.body, None, "{options}");
    }
    for (command, url) in [
        ("curl 'https://a.example/p?x=2#frag' -G -d a=1", "https://a.example/p?x=2&a=1"),
        ("curl 'https://a.example/p?x&' -G -d a=1", "https://a.example/p?x&a=1"),
        ("curl 'https://a.example/p?' -G -d a=1", "https://a.example/p?a=1"),
        ("curl https://a.example/p -G -d a=1 -d key=abc", "https://a.example/p?a=1"),
    ] {
        assert_eq!(parsed(command).url.as_str(), url, "{command}");
    }
    let command = parsed("curl https://a.example/p --url-query a=1 -d body");
    assert_eq!((command.method.as_str(), command.body.as_deref()), ("POST", Some("body")));
    assert_eq!(command.url.query(), Some("a=1"));
    assert_eq!(parsed("curl https://a.example/p -G -d a=1 -X POST").method, "POST");
    let both = parsed("curl https://a.example/p --url-query a=1 -G -d b=2");
    assert_eq!(both.unknown, ["--url-query (curl leaves it out beside -G)"]);
}

#[test]
fn headers_may_be_in_a_file() {
    let read = |path: &str| {
        let text = "X-One: 1\r\n\r\nX-Two:2\n folded: x\nno colon\nX-Gone:\nX-Empty;\nLast: ü";
        (path == "/tmp/headers.txt").then(|| text.to_owned())
    };
    let found = parse_with_files("curl https://a.example -H @/tmp/headers.txt -H @other.txt -H 'X-None;'", &read);
    let found = found.expect("a command");
    let headers: Vec<_> = found.headers.iter().map(|header| (header.name.as_str(), header.value.text())).collect();
    let expected = [("X-One", "1"), ("X-Two", "2"), ("X-Empty", ""), ("Last", "ü"), ("X-None", "")];
    assert_eq!(headers, expected.map(|(name, value)| (name, value.to_owned())));
    assert_eq!(
        found.unknown,
        [
            "the headers are those of the file /tmp/headers.txt, read from this computer",
            "line 4 of the file /tmp/headers.txt (no header)",
            "line 5 of the file /tmp/headers.txt (no header)",
            "the file of -H @other.txt",
        ]
    );
}

#[test]
fn a_body_may_come_through_a_pipe() {
    let long = "{\"a\":\"it's \\ größe\"}".repeat(9000);
    for (printer, data, expected) in [
        (format!("printf '%s' {}", shell_quoted(&long)), "--data-binary @-", long.clone()),
        ("printf '%s\\n' '{}'".to_owned(), "--data-binary @-", "{}\n".to_owned()),
        ("printf '%s\\n' '{}'".to_owned(), "-d @-", "{}".to_owned()),
        ("printf plain".to_owned(), "--json @-", "plain".to_owned()),
        ("$ echo '{\"a\":1}'".to_owned(), "-d@-", "{\"a\":1}".to_owned()),
        ("echo -n \"$BODY\"".to_owned(), "--data-binary @-", "$BODY".to_owned()),
    ] {
        let command = parsed(&format!("{printer} |\n  curl -s https://a.example/x \\\n -H 'A: b' {data}\n"));
        assert_eq!(command.body.as_deref(), Some(expected.as_str()), "{data}");
        let unknown: &[&str] =
            if printer.contains("$BODY") { &["the value of $BODY in the body"] } else { Default::default() };
        assert_eq!(command.unknown, unknown, "{data}");
    }
    let command = parsed("printf '%d' 5 | curl https://a.example -d @-");
    assert_eq!(command.unknown, ["what stands in front of |", "the file of -d @-"]);
    assert_eq!(refused("cat x | curl https://a.example"), "The command does not begin with curl, at line 1, column 1");
}

fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[test]
fn broken_input_is_refused_with_the_place() {
    for (command, message) in [
        ("", "Paste a command that begins with curl"),
        ("  \n ", "Paste a command that begins with curl"),
        ("wget https://a.example", "The command does not begin with curl, at line 1, column 1"),
        ("curl -s", "The command has no address"),
        ("curl https://a.example -H", "-H at line 1, column 24 has no value"),
        ("curl https://a.example \\\n  --header", "--header at line 2, column 3 has no value"),
        ("curl https://a.example \\\n -d '{\"a\":1}", "The ' at line 2, column 5 is never closed"),
        ("curl https://a.example -d \"{\\\"", "The \" at line 1, column 27 is never closed"),
        ("curl https://a.example -d $'a\\'", "The $' at line 1, column 27 is never closed"),
        ("curl https://a.example -d $'\\xff'", "The text in $'…' at line 1, column 27 is not UTF-8"),
        ("curl ftp://a.example", "The word at line 1, column 6 is no http address"),
        ("curl http://", "The word at line 1, column 6 is no http address"),
        (
            "curl \"$BASE/v1/chat/completions\"",
            "The address at line 1, column 6 holds the shell variable $BASE: put its value in",
        ),
    ] {
        assert_eq!(refused(command), message, "{command:?}");
    }
}

#[test]
fn an_address_is_taken_as_it_was_meant() {
    for (command, url) in [
        ("curl https://a.example/v1?x=1&y=2", "https://a.example/v1?x=1&y=2"),
        ("curl 'https://a.example/v1#part'", "https://a.example/v1"),
        ("curl localhost:11434/v1/models", "http://localhost:11434/v1/models"),
        ("curl a.example/v1", "https://a.example/v1"),
        ("curl 'https://a.example/v1?api-version=7&key=abc&access_token=d'", "https://a.example/v1?api-version=7"),
        ("curl 'https://a.example/v1?key=abc'", "https://a.example/v1"),
    ] {
        assert_eq!(parsed(command).url.as_str(), url, "{command}");
    }
    assert_eq!(parsed("curl 'https://a.example/?key=abc'").unknown, ["the key key in the address"]);
}

#[test]
fn a_key_is_taken_out_of_its_header() {
    let key = |template: &str| Value::Key { template: template.to_owned(), key: crate::call::Sensitive::new(KEY) };
    let environment = |template: &str, variable: &str| Value::Environment {
        template: template.to_owned(),
        variable: variable.to_owned(),
    };
    let placeholder = |template: &str| Value::Placeholder { template: template.to_owned() };
    for (header, expected) in [
        (format!("'Authorization: Bearer {KEY}'"), key("Bearer {{key}}")),
        (format!("'authorization:bearer   {KEY} '"), key("bearer {{key}}")),
        (format!("x-api-key:\\ {KEY}"), key("{{key}}")),
        ("\"Authorization: Bearer $OPENAI_API_KEY\"".to_owned(), environment("Bearer {{key}}", "OPENAI_API_KEY")),
        ("\"x-api-key: ${SGP_KEY}\"".to_owned(), environment("{{key}}", "SGP_KEY")),
        ("'Authorization: Bearer '$KEY".to_owned(), environment("Bearer {{key}}", "KEY")),
        ("\"X-Team: team-$TEAM\"".to_owned(), environment("team-{{key}}", "TEAM")),
        ("\"Authorization: Bearer sk-$KEY\"".to_owned(), Value::Mixed),
        ("\"X-Team: $A-$B\"".to_owned(), Value::Mixed),
        ("'Authorization: Bearer <your key>'".to_owned(), placeholder("Bearer {{key}}")),
        ("'Authorization: Bearer ${KEY}'".to_owned(), environment("Bearer {{key}}", "KEY")),
        ("'Authorization: Bearer sk-...'".to_owned(), placeholder("Bearer {{key}}")),
        ("'x-api-key: YOUR_API_KEY'".to_owned(), placeholder("{{key}}")),
        ("'X-Team: blue; green'".to_owned(), Value::Plain("blue; green".to_owned())),
    ] {
        let command = parsed(&format!("curl https://a.example -H {header}"));
        let found = &command.headers[0];
        assert_eq!(found.value(is_auth_header(&found.name)), expected, "{header}");
    }
}

#[test]
fn a_user_and_a_bearer_become_headers() {
    for command in
        ["curl https://a.example -u 'ada:p:w'", "curl https://a.example -uada:p:w", "curl https://ada:p%3Aw@a.example"]
    {
        let found = parsed(command);
        assert_eq!(found.headers, [credential::basic("ada:p:w")], "{command}");
        assert_eq!(found.url.as_str(), "https://a.example/");
    }
    let found = parsed("curl https://a.example --oauth2-bearer $TOKEN -b 'a=1' -A me");
    let headers: Vec<_> = found.headers.iter().map(|header| (header.name.as_str(), header.value.text())).collect();
    assert_eq!(
        headers,
        [("Authorization", "Bearer $TOKEN".to_owned()), ("Cookie", "a=1".to_owned()), ("User-Agent", "me".to_owned())]
    );
}

#[test]
fn no_key_is_printed_or_named() {
    for command in [
        format!("curl https://a.example -H 'Authorization: Bearer {KEY}'"),
        format!("curl https://a.example -u user:{KEY}"),
        format!("curl https://user:{KEY}@a.example"),
        format!("curl 'https://a.example?api_key={KEY}'"),
        format!("curl https://a.example --zap={KEY} --pass {KEY} --zip {KEY} -U u:{KEY}"),
        format!("curl https://a.example -x http://u:{KEY}@p.example"),
        format!("curl https://a.example | KEY={KEY} jq"),
        format!("KEY={KEY} curl https://a.example"),
        format!("curl https://a.example -H 'Bearer {KEY}'"),
        format!("curl https://a.example -H 'x-api-key: {KEY}"),
        format!("{KEY} curl https://a.example"),
        format!("curl '{KEY}'"),
    ] {
        let printed = format!("{:?}", parse(&command));
        assert!(!printed.contains(KEY), "{command}: {printed}");
    }
}
