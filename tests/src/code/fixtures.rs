//! Requests with everything that quoting gets wrong.

mod endpoints;
mod media;

use juxta_client::export::{Header, Piece, Request, Text, arguments};
use serde_json::Value;
use url::Url;

pub use media::SOUND;

/// Environment variables that fixtures read, with values that a careless literal would spoil.
pub const KEYS: &[(&str, &str)] = &[
    ("A_KEY", r#"sk-"5f2c'9d$HOME`81e4\nb7"#),
    ("B_KEY", "sk-%s{0}${x}#b7a3600f9e8d7c6b"),
    // This one stands in an address.
    ("C_KEY", "sk-5a4f2ab7a3600f9e8d7c6b"),
];

/// Variables of prompts that are given as arguments, in the order in which fixtures use them.
pub const ARGUMENTS: &[(&str, &str)] = &[
    ("order_id", "NL-1 \"it's\" \\ \\n $HOME `id` $(id) ${x} {y} %s !! & ; \u{1}\u{8}\u{c}\u{1f}\u{7f}\r\n\t tab"),
    ("order-id", ""),
    ("größe", "größe 東京 👩‍👩‍👧 \u{2028}\u{202e}\u{feff}\u{e000}"),
    ("class", "-d @- --data \n"),
];

pub struct Fixture {
    pub name: String,
    pub request: Request,
}

impl Fixture {
    /// What must arrive: the text with the values of its variables.
    pub fn real(text: &Text) -> String {
        text.spelled(|name| {
            let key = KEYS.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            let argument = || ARGUMENTS.iter().find(|(known, _)| *known == name).map(|(_, value)| within_json(value));
            key.or_else(argument).unwrap_or_default()
        })
    }

    /// Whether its code is given the values of its variables when it is run.
    pub fn takes_arguments(&self) -> bool {
        self.request.body.pieces().iter().any(|piece| matches!(piece, Piece::Argument(_)))
    }

    /// Header by which the server's captures are told apart.
    pub const MARK: &str = "x-fixture";

    pub fn path(&self) -> String {
        let url = Url::parse(&Self::real(&self.request.url)).expect("an address");
        url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
    }
}

/// Texts that become the content of a message.
const TEXTS: &[&str] = &[
    "Why is the sky blue?",
    "",
    " ",
    "She said \"it's 'so'\".",
    "'''", // Three of each quote end the long literals of Python.
    "\"\"\"",
    "\"\"\"'''",
    "ends with a quote\"",
    "ends with a quote'",
    "ends with a backslash\\",
    "two\\\\",
    "\\",
    "\\\"",
    "\\n is no line break, \\u00e9 no letter, \\x41 no A",
    "line\nbreaks\nand\n\nempty lines\n",
    "line\r\nbreaks\rof all\n\rkinds\u{85}\u{b}\u{c}",
    "tab\tand\u{8}back",
    "$HOME ${HOME} $(id) $'x' $$ $1 $",
    "`id` and ```code```",
    "${x} ${`nested`} #{x} {x} {{x}} {0} {name!r}",
    "%s %d %% %(name)s %n",
    "! !! !$ history",
    "* ? [a-z] ~ ~root & && | || ; < > >> << EOF",
    "EOF\nBODY\n'EOF'\n",
    "# comment // comment /* comment */ -- comment <!-- comment --> ''' \"\"\"",
    "</script><script>alert(1)</script>",
    "r\"#\"# r##\"##\"## \"#\" \"##\"",
    "b'bytes' f'{x}' r'raw' u'u'",
    "größe, naïve, façade, e\u{301}",
    "東京都 한국어 ไทย हिन्दी",
    "🐟 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽",
    "שלום עולם مرحبا بالعالم",
    "\u{202e}turned\u{202c} \u{2066}isolated\u{2069} \u{200f}\u{200e}\u{61c}",
    "line\u{2028}separator\u{2029}paragraph",
    "\u{feff}mark at the start and\u{feff}in the middle",
    "zero\u{200b}width\u{200d}joined\u{ad}soft",
    "\u{0}\u{1}\u{1f}\u{7f}\u{9f} control",
    "\u{1b}[31mred\u{1b}[0m",
    "\u{e000}\u{fffd}\u{10ffff} private",
    "Z̸̧a̵l̷g̶o̴",
    "C:\\Users\\ada\\new\\table",
    "\\u{1F41F} \\N{FISH} \\101 \\e \\z",
    "{\"json\":\"in \\\"json\\\"\"}",
    "key=value&other=a+b%20c",
    "@/etc/hostname",
    "-d @- --data",
    "select * from t where a = 'b'; --",
    "a,b;c:d|e",
    "null true false 1.0 undefined None True",
    "a very long word aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

/// A text as it stands between the quotes of JSON.
fn within_json(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Whole chat bodies whose spelling matters.
const BODIES: &[(&str, &str)] = &[
    (
        "numbers",
        r#"{"model":"m","messages":[],"temperature":0.20,"top_p":1.0,"presence_penalty":1e-3,"n":1,"max_tokens":-0,"frequency_penalty":-1.50E+0}"#,
    ),
    (
        "long numbers",
        r#"{"model":"m","messages":[],"seed":12345678901234567890,"user_id":9007199254740993,"x":-123456789012345678901234567890}"#,
    ),
    ("precise numbers", r#"{"model":"m","messages":[],"temperature":0.12345678901234567890,"x":1e400}"#),
    (
        "nulls and booleans",
        r#"{"model":null,"messages":[],"stop":null,"logprobs":true,"stream":false,"x_unknown":null,"store":null}"#,
    ),
    ("stream is null", r#"{"model":"m","messages":[],"stream":null}"#),
    (
        "keys in another order",
        r#"{"stream":true,"zz":1,"messages":[{"content":"b","role":"user"}],"aa":[2],"model":"m"}"#,
    ),
    (
        "unknown keys",
        r#"{"model":"m","messages":[{"role":"user","content":"a","name":"ada","x-own":{"b":1.0,"a":null}}],"x-own":{"z":[{"y":1},[]],"":""},"größe":"ü"}"#,
    ),
    (
        "words of languages",
        r#"{"model":"m","messages":[],"class":1,"from":2,"self":3,"extra_body":{"a":1},"extra_headers":{"b":"c"},"timeout":4,"function":5,"__proto__":{"a":1},"constructor":6,"async":7,"fn":8}"#,
    ),
    ("names that are numbers", r#"{"model":"m","messages":[],"logit_bias":{"50256":-100,"b":1,"15":2},"7":8}"#),
    (
        "tools",
        r#"{"model":"m","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"city\":\"Zürich \\\"Altstadt\\\"\"}"}}]},{"role":"tool","tool_call_id":"c1","content":"sunny"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}],"tool_choice":{"type":"function","function":{"name":"f"}}}"#,
    ),
    (
        "a schema",
        r#"{"model":"m","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"$schema":"s","type":"object","properties":{"a":{"type":"number","minimum":1.0}},"additionalProperties":false}}},"stream":true,"stream_options":{"include_usage":true}}"#,
    ),
    (
        "pictures",
        r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==","detail":"low"}},{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}}]}],"stream":true}"#,
    ),
    (
        "white space",
        "{\n  \"model\" : \"m\",\n\t\"messages\": [\n    {\"role\": \"user\", \"content\": \"x\"}\n  ],\n  \"temperature\" :0.5\n}",
    ),
    ("line breaks of Windows", "{\r\n  \"model\": \"m\",\r\n  \"messages\": []\r\n}\r\n"),
    (
        "escapes that need not be",
        r#"{"model":"m\u002fn","messages":[{"role":"user","content":"\u00e9\/\ud83d\udc1f\u0000\u001b\"\\ \u2028"}],"\u0075ser":"\u0041"}"#,
    ),
    ("deep", r#"{"model":"m","messages":[],"x":[[[[[[[[[[[[[[[[[[[[{"a":[{"b":[{"c":[]}]}]}]]]]]]]]]]]]]]]]]]]]}"#),
    (
        "text for stop",
        r#"{"model":"m","messages":[],"stop":["\n\n","END","'","\"","`"],"metadata":{"a b":"c","d":""},"user":"ada"}"#,
    ),
    ("a name twice", r#"{"model":"m","messages":[],"a":1,"a":2}"#),
    ("half a character", r#"{"model":"m","messages":[{"role":"user","content":"\ud83d"}]}"#),
    (
        "variables of templates",
        r#"{"model":"m","messages":[{"role":"user","content":"{{name}} {{$guid}} {{$processEnv HOME}}"}]}"#,
    ),
];

/// Bodies that are no chat.
const OTHERS: &[(&str, &str)] = &[
    ("no body", ""),
    ("an empty object", "{}"),
    ("a list", "[1,2.0,\"x\"]"),
    ("plain text", "plain text, 'quotes' \"both\" \\ and\nlines"),
    ("a form", "a=1&b=%20&c=d+e"),
    ("an at sign", "@file"),
    ("white space at the ends", "  {\"a\":1}\n\n"),
    ("control characters", "\u{1}\u{7}\u{1b}[31m\u{7f}\r\t\u{85}1"),
    ("broken JSON", "{\"a\":\"open"),
    ("separators of requests", "{}\n### next\nGET /\n"),
    ("only quotes", "'\"`'\"`\"\"\"'''```"),
    ("only backslashes", "\\\\\\"),
];

/// Every fixture, addressed to `origin`.
pub fn fixtures(origin: &str) -> Vec<Fixture> {
    let mut all = Vec::new();
    for (at, text) in TEXTS.iter().enumerate() {
        let content = Value::from(*text);
        let body = match at % 3 {
            0 => format!(
                r#"{{"model":"sandbox/short","messages":[{{"role":"user","content":{content}}}],"stream":true}}"#
            ),
            1 => format!(
                r#"{{"messages":[{{"role":"system","content":{content}}},{{"role":"user","content":{content}}}],"model":{content},"temperature":0.5}}"#
            ),
            _ => format!(
                r#"{{"stream":true,"model":"m","messages":[{{"role":"user","content":[{{"type":"text","text":{content}}}]}}],"stop":[{content}],"x":{{{content}:1}}}}"#
            ),
        };
        all.push(chat(format!("text {at}: {text:.20}"), origin, body.into_boxed_str().as_ref().into()));
    }
    for (name, body) in BODIES {
        all.push(chat((*name).to_owned(), origin, (*body).into()));
    }
    all.extend(large(origin));
    all.extend(with_keys(origin));
    all.extend(with_arguments(origin));
    for (name, body) in OTHERS {
        let mut other = chat((*name).to_owned(), origin, (*body).into());
        other.request.streams = false;
        all.push(other);
    }
    all.extend(odd_heads(origin));
    all.extend(endpoints::fixtures(origin));
    all.extend(media::fixtures(origin));
    for (at, fixture) in all.iter_mut().enumerate() {
        fixture
            .request
            .headers
            .push(Header { name: Fixture::MARK.to_owned(), value: Text::from(at.to_string().as_str()) });
    }
    all
}

fn header(name: &str, value: impl Into<Text>) -> Header {
    Header { name: name.to_owned(), value: value.into() }
}

fn key(before: &str, name: &str) -> Text {
    Text::new([Piece::Text(before.to_owned()), Piece::Variable(name.to_owned())])
}

fn chat(name: String, origin: &str, body: Text) -> Fixture {
    let streams = serde_json::from_str::<Value>(&Fixture::real(&body))
        .is_ok_and(|body| body["stream"] == true || body["args"]["stream"] == true);
    let mut headers = vec![
        header("accept", if streams { "text/event-stream, application/json" } else { "application/json" }),
        header("content-type", "application/json"),
        header("user-agent", "juxta/0.1.0"),
        header("x-api-key", key("", "A_KEY")),
    ];
    // The packages of providers send a key of their own where there is none.
    if name.len().is_multiple_of(2) {
        headers.push(header("authorization", key("Bearer ", "B_KEY")));
        headers.push(header("x-selected-account-id", "account \"1\""));
    }
    let url = Text::from(format!("{origin}/v5/chat/completions").as_str());
    Fixture { name, request: Request { url, headers, body, streams, ..Request::default() } }
}

fn large(origin: &str) -> Vec<Fixture> {
    let picture = "iVBORw0KGgoAAAANSUhEUg".repeat(46_000);
    let picture = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":[{{"type":"image_url","image_url":{{"url":"data:image/png;base64,{picture}"}}}}]}}],"stream":true}}"#
    );
    let words = Value::from("Wörter 🐟 \"quoted\" it's \\ $x `y`\n".repeat(6000));
    let words = format!(r#"{{"model":"m","messages":[{{"role":"user","content":{words}}}],"temperature":1.0}}"#);
    let slashes = Value::from("\\\"".repeat(4000));
    let slashes = format!(r#"{{"model":"m","messages":[{{"role":"user","content":{slashes}}}]}}"#);
    let message = r#"{"role":"user","content":"it's one of \"many\"\n"}"#;
    let many = format!(r#"{{"model":"m","messages":[{}],"stream":true}}"#, vec![message; 800].join(","));
    assert!(picture.len() > 1_000_000 && words.len() > 200_000);
    [("a large picture", picture), ("a long text", words), ("many backslashes", slashes), ("many messages", many)]
        .into_iter()
        .map(|(name, body)| chat(name.to_owned(), origin, Text::from(body.as_str())))
        .collect()
}

/// Keys where somebody pasted them.
fn with_keys(origin: &str) -> Vec<Fixture> {
    let body = |text: &str| Text::from(text).with_variable("KEY_B", "B_KEY");
    let message =
        body(r#"{"model":"m","messages":[{"role":"user","content":"my key is KEY_B, 'KEY_B'"}],"stream":true}"#);
    let name =
        body(r#"{"messages":[{"role":"user","content":"KEY_B"}],"model":"m","metadata":{"KEY_B":"KEY_BKEY_B"}}"#);
    let mut query = chat("a key in the address".to_owned(), origin, "{}".into());
    query.request.url = key(&format!("{origin}/v1/x?a=%22b%22&key="), "C_KEY");
    vec![
        chat("a key in a message".to_owned(), origin, message),
        chat("a key as a name".to_owned(), origin, name),
        query,
    ]
}

/// `@0` to `@3` stand for the arguments, and `KEY_B` for a key.
fn filled(template: &str) -> Text {
    let names: Vec<String> = ARGUMENTS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let arguments = arguments(&names);
    let mut pieces = Vec::new();
    for (at, part) in template.split('@').enumerate() {
        let (number, text) = if at == 0 { ("", part) } else { part.split_at(1) };
        pieces.extend(number.parse().ok().map(|number: usize| Piece::Argument(arguments[number].clone())));
        pieces.push(Piece::Text(text.to_owned()));
    }
    Text::new(pieces).with_variable("KEY_B", "B_KEY")
}

fn with_arguments(origin: &str) -> Vec<Fixture> {
    let long = r#"it's a \"long\" text \n"#.repeat(9000);
    [
        ("arguments", r#"{"model":"m","messages":[{"role":"user","content":"@0 and '@1'@2\n@3"}],"stream":true}"#.to_owned()),
        ("arguments that are all", r#"{"messages":[{"role":"user","content":"@0"},{"role":"user","content":"@1@2"},{"role":"user","content":"@3@0"}],"model":"m","temperature":0.5}"#.to_owned()),
        ("arguments and keys", r#"{"model":"m","messages":[{"role":"user","content":"KEY_B @0@1 {x} KEY_B@2 \\@3_a"}]}"#.to_owned()),
        ("arguments in a long text", format!(r#"{{"model":"m","messages":[{{"role":"user","content":"@0{long}@1@2@3"}}]}}"#)),
    ]
    .into_iter()
    .map(|(name, template)| chat(name.to_owned(), origin, filled(&template)))
    .collect()
}

fn odd_heads(origin: &str) -> Vec<Fixture> {
    let body = r#"{"model":"m","messages":[{"role":"user","content":"x"}]}"#;
    let with = |name: &str, more: Vec<Header>| {
        let mut fixture = chat(name.to_owned(), origin, body.into());
        fixture.request.headers.extend(more);
        fixture
    };
    let at = |name: &str, method: &str, path: &str, body: &str| {
        let mut fixture = chat(name.to_owned(), origin, body.into());
        method.clone_into(&mut fixture.request.method);
        fixture.request.url = Text::from(Url::parse(&format!("{origin}{path}")).expect("an address").as_str());
        fixture
    };
    let mut bare = chat("no headers".to_owned(), origin, body.into());
    bare.request.headers.clear();
    let mut other_type = chat("another content type".to_owned(), origin, body.into());
    other_type.request.headers[1] = header("content-type", "application/json; charset=utf-8");
    let mut basic = with("basic authentication", vec![]);
    basic.request.headers.retain(|header| header.name != "authorization");
    basic.request.headers.push(header("authorization", "Basic YWRhOmE6Yg=="));
    let around = Text::new([
        Piece::Text("t=".into()),
        Piece::Variable("A_KEY".into()),
        Piece::Text("_9 {x} \"q\"; u=".into()),
        Piece::Variable("B_KEY".into()),
    ]);
    vec![
        with(
            "odd header values",
            vec![
                header("x-quotes", "\"it's\" `so` \\ \\n"),
                header("x-shell", "$HOME $(id) !! %s {x} {{y}} #z"),
                header("x-list", "a, b;c=\"d\", , e"),
                header("x-colons", "a: b: c"),
                header("X-Upper", "UPPER lower"),
            ],
        ),
        with("headers beyond ASCII", vec![header("x-name", "Grüße 東京 🐟")]),
        with("a long header", vec![header("x-long", "y".repeat(4000).as_str())]),
        with("a header twice", vec![header("x-tag", "one"), header("x-other", "two"), header("x-tag", "three")]),
        with("an empty header", vec![header("x-empty", "")]),
        with("keys within a header", vec![header("cookie", around)]),
        bare,
        other_type,
        basic,
        at("a query", "POST", "/v1/chat/completions?a=b%20c&d=e+f&g=%C3%A9'&h=[1]&i=j|k&l=~m", body),
        at("a path with escapes", "POST", "/a%20b/%7Eada/%2F/%c3%a9/{x}/(y)", body),
        at("PUT", "PUT", "/v1/things/1", "{\"a\":1.0}"),
        at("PATCH", "PATCH", "/v1/things/1", "{}"),
        at("GET", "GET", "/v1/models?limit=1000", ""),
        at("DELETE", "DELETE", "/v1/things/1", ""),
        at("a method of its own", "QUERY", "/v1/things", "{}"),
        at(
            "ScaiGrid",
            "POST",
            "/v1/inference/chat",
            r#"{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}"#,
        ),
    ]
}
