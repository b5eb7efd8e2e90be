//! A curl command that is pasted becomes the same call, and its key is nowhere but where keys are kept.

use std::collections::BTreeMap;

use juxta_sandbox::Capture;
use juxta_tests::world::{DIALECTS, KEY, World, sandbox};
use juxta_wire::connection::{Connection, KeySource, Network, Proxy};
use juxta_wire::draft::{Content, Parameter, Part, Variable};
use juxta_wire::endpoint::{Dialect, ProfileId};
use juxta_wire::error::AppError;
use juxta_wire::run::CellState;
use juxta_wire::window::CurlImport;
use serde_json::value::RawValue;

/// As people write them: line breaks, odd spacing, quotes, and numbers that careless code would change.
const BODY: &str = r#"{
  "temperature": 0.20,
  "model": "sandbox/short",
  "seed": 9007199254740993,
  "messages": [
    {"role": "system", "content": "Say \"it's\" `so` for $5 – größer 🐟 \\ {{name}}"},
    {"role": "user", "content": [
      {"type": "text", "text": "two\nlines"},
      {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"}}]},
    {"role": "assistant", "content": ""},
    {"role": "user", "content": "Why?", "name": "ada"}],
  "stop": [ "END" ],
  "stream": true
}"#;

fn path(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::ScaleV5 => "/v5/chat/completions",
        Dialect::ScaigridV1 => "/v1/inference/chat",
        Dialect::OpenAi => "/oai/v1/chat/completions",
    }
}

fn key_header(dialect: Dialect, key: &str) -> String {
    match dialect {
        Dialect::ScaleV5 => format!("x-api-key: {key}"),
        Dialect::ScaigridV1 | Dialect::OpenAi => format!("Authorization: Bearer {key}"),
    }
}

fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn double_quoted(text: &str) -> String {
    let escaped = text.replace('\\', r"\\").replace('"', "\\\"").replace('`', "\\`").replace('$', "\\$");
    format!("\"{escaped}\"")
}

fn ansi_quoted(text: &str) -> String {
    let escaped: String = text
        .encode_utf16()
        .map(|unit| match unit {
            0x27 => r"\'".to_owned(),
            0x5c => r"\\".to_owned(),
            0x0a => r"\n".to_owned(),
            0x20..0x7f => char::from_u32(u32::from(unit)).expect("ASCII").to_string(),
            _ => format!("\\u{unit:04x}"),
        })
        .collect();
    format!("$'{escaped}'")
}

fn command(world: &World, dialect: Dialect, data: &str, more: &str) -> String {
    let address = world.sandbox.address();
    let header = key_header(dialect, KEY);
    format!(
        "curl -sN http://{address}{} \\\n  -H 'Content-Type: application/json' \\\n  -H '{header}' {more}\\\n  -d {data}",
        path(dialect)
    )
}

fn import(world: &World, command: &str) -> CurlImport {
    world.engine.import_curl(command).unwrap_or_else(|error| panic!("{command}: {error}"))
}

/// Strings and structure by value, numbers by spelling: what a server that keeps numbers as text would see.
fn members(body: &[u8]) -> BTreeMap<String, String> {
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(body).expect("an object");
    members
        .into_iter()
        .map(|(name, value)| {
            let value = match value.get().starts_with(['[', '{', '"']) {
                true => serde_json::from_str::<serde_json::Value>(value.get()).expect("JSON").to_string(),
                false => value.get().to_owned(),
            };
            (name, value)
        })
        .collect()
}

fn last(world: &World) -> Capture {
    world.sandbox.captures().pop().expect("the sandbox was called")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_call_of_a_pasted_command_is_made_again_with_its_key() {
    let world = World::start().await;
    for dialect in DIALECTS {
        for quoted in [single_quoted(BODY), double_quoted(BODY), ansi_quoted(BODY)] {
            let pasted = command(&world, dialect, &quoted, "-H 'X-Team: blue' --noproxy '*' ");
            let found = import(&world, &pasted);
            assert!(!serde_json::to_string(&found).expect("JSON").contains(KEY), "the key goes to the page");
            assert_eq!(found.unknown, Vec::<String>::new(), "{pasted}");
            assert_eq!(found.connection.dialect, dialect);
            // The first has to be saved; the next ones find it.
            if found.is_new_connection {
                assert_eq!(found.keys_found, ["key"]);
                world.engine.save_connection(found.connection.clone()).expect("a connection");
            }
            let cells = world.run(found.comparison).await;
            assert_eq!(cells[0].state, CellState::Finished, "{:?}", cells[0].error);
            let received = last(&world);
            assert_eq!(members(&received.body), members(BODY.as_bytes()), "{pasted}");
            assert_eq!(received.path, path(dialect));
            assert_eq!(received.header("x-team"), Some("blue"));
            let (name, value) = key_header(dialect, KEY)
                .split_once(": ")
                .map(|(n, v)| (n.to_lowercase(), v.to_owned()))
                .expect("a header");
            assert_eq!(received.header(&name), Some(value.as_str()), "the key is sent");
        }
    }
    let own: Vec<Connection> = world
        .engine
        .connections()
        .expect("connections")
        .into_iter()
        .filter(|c| c.profile != ProfileId::Sandbox)
        .collect();
    assert_eq!(own.len(), 3, "one for each dialect, however often the command is pasted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_leads_there_is_used_with_its_own_key() {
    let world = World::start().await;
    for dialect in DIALECTS {
        let found = import(&world, &command(&world, dialect, &single_quoted(BODY), ""));
        assert_eq!((found.connection.id, found.is_new_connection), (sandbox(dialect), false));
        assert_eq!((found.keys_found, found.unknown), (vec![], vec![]), "the command has the key that is known");
    }
    let other = command(&world, Dialect::OpenAi, "'{}'", "").replace(KEY, "sk-another-key-altogether");
    let found = import(&world, &other);
    assert_eq!(found.connection.id, sandbox(Dialect::OpenAi));
    assert_eq!(
        found.unknown,
        ["the key in Authorization (Sandbox keeps its own)", "the kind of call (the body has no messages)"]
    );

    let origin = "http://127.0.0.1:9";
    let mut empty = world.connect("Desk", Dialect::OpenAi, origin);
    empty = world.engine.forget_key(empty, "key").expect("forgotten");
    let pasted = |key: &str| format!("curl {origin}/v1/chat/completions -H \"Authorization: Bearer {key}\" -d '{{}}'");
    let found = import(&world, &pasted("$DESK_KEY"));
    assert_eq!((&found.connection.id, found.is_new_connection), (&empty.id, false));
    let source = |connection: &Connection| connection.headers[0].secret.clone().expect("a slot").source;
    assert_eq!(source(&found.connection), KeySource::Environment { name: "DESK_KEY".to_owned() });
    let saved = world.engine.connections().expect("connections").into_iter().find(|c| c.id == empty.id);
    assert_eq!(saved, Some(found.connection.clone()), "what the page is told is what is saved");
    world.engine.forget_key(found.connection, "key").expect("forgotten");
    let found = import(&world, &pasted(KEY));
    assert_eq!(found.keys_found, ["key"], "an empty slot takes the key");
    assert!(matches!(source(&found.connection), KeySource::Memory { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_connection_has_what_the_command_said_and_nothing_secret() {
    let world = World::start().await;
    let found = import(
        &world,
        &format!(
            "curl https://api.egp.scale.com/v5/chat/completions -k -x http://ada:{KEY}@proxy.example:3128 --cacert /etc/ca.pem \
             -H 'X-API-Key: {KEY}' -H 'x-selected-account-id: acc' -H \"x-openai-api-key: ${{MINE}}\" -H 'Cookie: s={KEY}' \
             -H 'Accept-Encoding: gzip' -H 'X-Two: a' -H 'User-Agent: me' --data-binary @body.json"
        ),
    );
    assert!(!format!("{found:?}").contains(KEY) && !serde_json::to_string(&found).expect("JSON").contains(KEY));
    let rows: Vec<_> = found
        .connection
        .headers
        .iter()
        .map(|row| {
            let slot = row.secret.as_ref().map_or("", |secret| &secret.slot);
            (row.name.as_str(), row.value.as_str(), slot)
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("x-api-key", "{{key}}", "key"),
            ("x-selected-account-id", "acc", ""),
            ("x-openai-api-key", "{{key}}", "openaiKey"),
            ("Cookie", "{{key}}", "cookie"),
            ("X-Two", "a", ""),
        ]
    );
    assert_eq!(found.keys_found, ["key", "cookie"]);
    assert_eq!((found.connection.profile, found.connection.dialect), (ProfileId::ScaleGp, Dialect::ScaleV5));
    assert_eq!(found.connection.name, "api.egp.scale.com");
    assert_eq!(found.connection.base_url, "https://api.egp.scale.com/v5");
    let network = Network {
        proxy: Proxy::Url { url: "http://proxy.example:3128".to_owned() },
        ca_file: Some("/etc/ca.pem".to_owned()),
        ..Network::default()
    };
    assert_eq!(found.connection.network, network);
    assert_eq!(
        found.unknown,
        [
            "-k",
            "the user name and password of the proxy",
            "the file of --data-binary @body.json",
            "the header Accept-Encoding",
            "the message (the command has no body)",
        ]
    );
    let stored = world.engine.connections().expect("connections");
    assert!(
        stored.iter().all(|connection| connection.id != found.connection.id),
        "nothing is saved before it is wanted"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_draft_holds_the_body_as_it_was_spelled() {
    let world = World::start().await;
    let found = import(&world, &command(&world, Dialect::OpenAi, &single_quoted(BODY), ""));
    let draft = &found.comparison.draft;
    assert_eq!(
        draft.parameters,
        [
            Parameter::new("temperature", "0.20"),
            Parameter::new("seed", "9007199254740993"),
            Parameter::new("stop", "[ \"END\" ]"),
            Parameter::new("stream", "true"),
        ]
    );
    assert_eq!(draft.variables, [Variable::text("name", "{{name}}")]);
    assert!(matches!(&draft.messages[1].content, Content::Parts { parts } if matches!(parts[1], Part::Image { .. })));
    assert_eq!(draft.messages[3].members, [Parameter::new("name", "\"ada\"")]);
    assert_eq!(found.comparison.lanes.len(), 1);
    assert_eq!(found.comparison.lanes[0].model, "sandbox/short");
    world.engine.save_comparison(&found.comparison).expect("saved");
    let again = import(&world, &command(&world, Dialect::OpenAi, &single_quoted(BODY), ""));
    assert_eq!((found.comparison.name.as_str(), again.comparison.name.as_str()), ("From curl", "From curl 2"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_opens_with_what_a_chat_can_send_and_names_the_rest() {
    let world = World::start().await;
    let found = import(
        &world,
        &format!(
            "curl https://api.openai.com/v1/images/edits -H 'Authorization: Bearer {KEY}' -F model=gpt-image-1 \
             -F 'image=@otter.png' -F 'mask=@/tmp/mask.bin;filename=m.png' -F 'prompt=\"An otter; {{{{who}}}} says \\\"hi\\\"\"' \
             --form-string 'user=@ada;type=x' -F 'meta=<meta.json;type=application/json' -F api_key={KEY}"
        ),
    );
    assert!(!format!("{found:?}").contains(KEY) && !serde_json::to_string(&found).expect("JSON").contains(KEY));
    assert_eq!(found.keys_found, ["key"]);
    assert_eq!(found.connection.base_url, "https://api.openai.com");
    assert_eq!(found.comparison.lanes[0].model, "gpt-image-1");
    let text = |content: &Content| matches!(content, Content::Text { text } if text == "An otter; {{who}} says \"hi\"");
    assert!(text(&found.comparison.draft.messages[0].content), "{:?}", found.comparison.draft.messages);
    assert_eq!(found.comparison.draft.variables[0].name, "who", "what stands in braces goes out as it stood");
    assert_eq!(
        found.unknown,
        [
            "the path /v1/images/edits (a chat goes to /v1/chat/completions)",
            "the form (a chat sends JSON)",
            "the form field image (the file otter.png, image/png)",
            "the form field mask (the file /tmp/mask.bin as m.png, image/png)",
            "the form field user (a text)",
            "the form field meta (the text of the file meta.json, application/json)",
            "the form field api_key (a text)",
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_of_a_get_stay_in_the_address() {
    let world = World::start().await;
    let found = import(
        &world,
        &format!("curl -G https://a.example/v1/chat/completions -d tier=1 --data-urlencode 'q=a b' -d key={KEY}"),
    );
    assert_eq!(found.connection.base_url, "https://a.example/v1?tier=1&q=a+b");
    assert_eq!(
        found.unknown,
        ["the key key in the address", "the method GET (a chat is a POST)", "the message (the command has no body)",]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_addresses_say_where_a_chat_will_go() {
    let world = World::start().await;
    for (address, dialect, unknown) in [
        (
            "http://127.0.0.1:11434/api/chat",
            Dialect::OpenAi,
            "the path /api/chat (a chat goes to /v1/chat/completions)",
        ),
        (
            "https://api.openai.com/v1/moderations",
            Dialect::OpenAi,
            "the path /v1/moderations (a chat goes to /v1/chat/completions)",
        ),
        (
            "https://scaigrid.scailabs.ai/v1/models",
            Dialect::ScaigridV1,
            "the path /v1/models (a chat goes to /v1/inference/chat)",
        ),
    ] {
        let found = import(&world, &format!("curl {address} -d '{{\"messages\":[]}}'"));
        assert_eq!((found.connection.dialect, found.unknown), (dialect, vec![unknown.to_owned()]), "{address}");
        assert_eq!(found.comparison.draft.messages.len(), 1, "there is a message to write into");
    }
    let error = world.engine.import_curl(&format!("curl https://a.example -H 'x-api-key: {KEY}")).expect_err("a quote");
    let message = "The ' at line 1, column 27 is never closed".to_owned();
    assert_eq!(error, AppError::Invalid { field: "curl".to_owned(), message });
}
