//! What a person copies as code is the request, and nothing that must not leave. That the code does what it says is
//! shown by running it: tests/code.

use juxta_client::export::{self, Argument, Piece, Text};
use juxta_client::import::curl;
use juxta_tests::code::{Fixture, fixtures};
use juxta_tests::world::{DIALECTS, KEY, World, chat, sandbox};
use juxta_wire::code::{CodeRequest, CodeSource, CodeVariable, CodeView};
use juxta_wire::connection::{ConnectionHeader, KeySource, SecretSlot};
use juxta_wire::draft::{Message, Role, Variable};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::lane::Comparison;
use juxta_wire::run::Cell;

/// Requests whose body is a text. Forms are compared field by field where they are run: tests/code.
fn texts() -> Vec<Fixture> {
    let all = fixtures("https://api.example.com");
    all.into_iter().filter(|fixture| fixture.request.form.is_none()).collect()
}

fn pieces(text: &Text) -> Vec<curl::Piece> {
    text.pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) | Piece::Uuid(text) => curl::Piece::Text(text.clone()),
            Piece::Variable(name) | Piece::Argument(Argument { identifier: name, .. }) => {
                curl::Piece::Variable(name.clone())
            }
        })
        .collect()
}

#[test]
fn a_command_that_was_exported_reads_back_as_the_request() {
    let target = export::target("curl").expect("a target");
    let mut compared = 0;
    for fixture in texts() {
        let takes_arguments = fixture.takes_arguments();
        let Fixture { name, request } = fixture;
        let Ok(written) = target.write(&request) else { continue };
        if takes_arguments || request.url.variables().next().is_some() {
            // A script with arguments is no one command; an address with a variable has no place in a draft.
            assert_ne!(target.reads_back(&request, &written.text), Some(true), "{name}");
            continue;
        }
        let read = curl::parse(&written.text).unwrap_or_else(|error| panic!("{name}: {error}\n{}", written.text));
        assert_eq!(read.method, request.method, "{name}");
        assert_eq!(read.url.as_str(), Fixture::real(&request.url), "{name}");
        let found: Vec<_> =
            read.headers.iter().map(|header| (header.name.clone(), header.value.pieces().to_vec())).collect();
        let wanted: Vec<_> =
            request.headers.iter().map(|header| (header.name.clone(), pieces(&header.value))).collect();
        assert!(found == wanted, "{name}: headers of\n{}", written.text);
        let spelled = request.body.spelled(|name| format!("${name}"));
        let has_body = !request.body.is_empty() || ["POST", "PUT", "PATCH"].contains(&request.method.as_str());
        assert_eq!(read.body, has_body.then_some(spelled), "{name}");
        assert_eq!(target.reads_back(&request, &written.text), Some(true), "{name}");
        compared += 1;
    }
    assert!(compared >= 60, "{compared} commands were compared");
}

#[test]
fn the_body_in_the_literals_of_each_language_is_the_body() {
    for target in export::TARGETS.iter().filter(|target| ["python", "javascript", "rust"].contains(&target.syntax)) {
        let mut same = 0;
        for Fixture { name, request } in texts() {
            let Ok(written) = target.write(&request) else { continue };
            let has_body = !request.body.is_empty() || ["POST", "PUT", "PATCH"].contains(&request.method.as_str());
            let expected = request.body.literal().filter(|_| target.is_raw && has_body);
            assert_eq!(target.body_of(&written.text).as_deref(), expected, "{}, {name}", target.id);
            same += usize::from(expected.is_some());
        }
        assert!(same >= 60 || !target.is_raw, "{}: {same} bodies read back", target.id);
    }
}

#[test]
fn a_file_for_rest_clients_reads_back_unless_they_would_change_it() {
    let target = export::target("http").expect("a target");
    let mut same = 0;
    for fixture in texts() {
        let takes_arguments = fixture.takes_arguments();
        let Fixture { name, request } = fixture;
        let Ok(written) = target.write(&request) else {
            assert!(takes_arguments, "{name}");
            continue;
        };
        let reads_back = target.reads_back(&request, &written.text);
        assert_eq!(reads_back, Some(written.checks.iter().all(|check| check.passed)), "{name}: {:?}", written.checks);
        same += usize::from(reads_back == Some(true));
    }
    assert!(same >= 60, "{same} files read back");
}

#[test]
fn an_archive_holds_the_request_with_the_names_of_its_keys() {
    let target = export::target("har").expect("a target");
    let spelled = |text: &Text| text.spelled(|name| format!("${name}"));
    for fixture in texts() {
        let takes_arguments = fixture.takes_arguments();
        let Fixture { name, request } = fixture;
        let Ok(written) = target.write(&request) else {
            assert!(takes_arguments, "{name}");
            continue;
        };
        let archive: serde_json::Value = serde_json::from_str(&written.text).expect("JSON");
        let sent = &archive["log"]["entries"][0]["request"];
        let headers: Vec<_> = request
            .headers
            .iter()
            .map(|header| serde_json::json!({ "name": header.name, "value": spelled(&header.value) }))
            .collect();
        assert_eq!(
            (&sent["method"], &sent["url"], &sent["headers"]),
            (&request.method.as_str().into(), &spelled(&request.url).into(), &headers.into()),
            "{name}"
        );
        let body = spelled(&request.body);
        assert_eq!(sent["postData"]["text"].as_str().unwrap_or_default(), body, "{name}");
        assert_eq!(sent["bodySize"], body.len(), "{name}");
    }
}

fn request(source: CodeSource, target: &str) -> CodeRequest {
    CodeRequest { source, target: target.to_owned(), environment: Vec::new(), with_secrets: false, as_arguments: false }
}

fn lane(comparison: &Comparison) -> CodeSource {
    CodeSource::Lane { comparison: Box::new(comparison.clone()), lane: comparison.lanes[0].id.clone() }
}

fn cell(cell: &Cell) -> CodeSource {
    CodeSource::Cell { cell: cell.id.clone() }
}

fn code(world: &World, source: CodeSource, target: &str) -> CodeView {
    world.engine.code(&request(source, target)).unwrap_or_else(|error| panic!("{target}: {error}"))
}

fn prefix(dialect: Dialect) -> &'static str {
    if dialect == Dialect::OpenAi { "/oai" } else { "" }
}

/// Everything of a view that leaves.
fn shown(view: &CodeView) -> String {
    serde_json::to_string(view).expect("JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_code_of_a_cell_is_the_recorded_request_and_that_of_a_lane_the_next_one() {
    let world = World::start().await;
    for dialect in DIALECTS {
        let origin = format!("http://{}{}", world.sandbox.address(), prefix(dialect));
        let connection = world.connect("Own", dialect, &origin);
        let parameters = [("temperature", "0.20"), ("stream", "true"), ("x_own", "[1.0, 1e-3]")];
        let comparison = chat(&connection.id, "sandbox/short", &parameters);
        let cells = world.run(comparison.clone()).await;
        let (_, body) = world.engine.recorded_request(&cells[0].id).expect("a recorded request");
        let body = String::from_utf8(body).expect("text");
        for (source, origin) in [(cell(&cells[0]), "run "), (lane(&comparison), "the preview")] {
            let view = code(&world, source.clone(), "curl");
            let expected = format!("--data-raw '{body}'");
            assert!(view.text.contains(&expected), "{dialect:?}: {}", view.text);
            let first = &view.checks[0];
            let same = format!("Same {} body bytes as {origin}", body.len());
            assert!(first.passed && first.text.starts_with(&same), "{dialect:?}: {first:?}");
            let passed = |text: &str| view.checks.iter().any(|check| check.passed && check.text == text);
            assert!(passed("Reading this code back gives this request"), "{dialect:?}: {:?}", view.checks);
            assert!(passed("No secret in the text"), "{dialect:?}: {:?}", view.checks);
            assert_eq!(view.targets.len(), export::TARGETS.len());
            for row in &view.targets {
                let view = code(&world, source.clone(), &row.id);
                let is_raw = export::target(&row.id).is_some_and(|target| target.is_raw);
                let says_same = view.checks.iter().any(|check| check.passed && check.text.starts_with(&same));
                assert_eq!(says_same, is_raw, "{dialect:?}, {}: {:?}", row.id, view.checks);
                assert_eq!(view.text.is_empty(), row.unfit.is_some(), "{dialect:?}, {}: {:?}", row.id, row.unfit);
                assert!(!shown(&view).contains(KEY), "{dialect:?}, {}: a key is shown", row.id);
            }
        }
        // The archive of a call holds its answer, that of a lane cannot.
        let archive =
            |source| serde_json::from_str::<serde_json::Value>(&code(&world, source, "har").text).expect("JSON");
        let entry = &archive(cell(&cells[0]))["log"]["entries"][0];
        assert_eq!(entry["request"]["postData"]["text"], body.as_str());
        let (answer, _) = world.engine.recorded_body(&cells[0].id).expect("a recorded body");
        assert_eq!(entry["response"]["content"]["text"], String::from_utf8_lossy(&answer).as_ref());
        let entry = &archive(lane(&comparison))["log"]["entries"][0];
        assert_eq!(
            (&entry["request"]["postData"]["text"], &entry["response"]["status"]),
            (&body.as_str().into(), &0.into())
        );
        // The command that was copied is the call that was made.
        let pasted = world.engine.import_curl(&code(&world, cell(&cells[0]), "curl").text).expect("a command");
        let again = world.run(pasted.comparison).await;
        let (_, sent) = world.engine.recorded_request(&again[0].id).expect("a recorded request");
        assert_eq!(String::from_utf8_lossy(&sent), body, "{dialect:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_that_a_request_does_not_fit_says_why() {
    let world = World::start().await;
    let unfit = |dialect: Dialect, target: &str| {
        let origin = format!("http://{}{}", world.sandbox.address(), prefix(dialect));
        let comparison = chat(&world.connect("Own", dialect, &origin).id, "m", &[]);
        let view = code(&world, lane(&comparison), target);
        view.targets.into_iter().find(|row| row.id == target).expect("the row").unfit
    };
    assert_eq!(unfit(Dialect::OpenAi, "python-openai"), None);
    assert_eq!(unfit(Dialect::ScaleV5, "python-scale-gp"), None);
    let elsewhere =
        |package: &str, paths: &str| Some(format!("{package} calls {paths}, and this request goes to another path"));
    let openai = "/chat/completions, /responses, /completions, /embeddings, /images/generations, /audio/speech and \
                  /audio/transcriptions";
    assert_eq!(unfit(Dialect::ScaigridV1, "python-openai"), elsewhere("openai", openai));
    let scale = "/v5/chat/completions, /v5/responses, /v5/completions and /v5/inference";
    assert_eq!(unfit(Dialect::OpenAi, "python-scale-gp"), elsewhere("scale-gp-beta", scale));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_chat_is_called_by_the_method_that_the_package_has_for_it() {
    let world = World::start().await;
    let origin = format!("http://{}", world.sandbox.address());
    let connection = world.connect("Own", Dialect::ScaleV5, &origin);
    let stream = ("stream", "true");
    let args = ("args", r#"{"prompt":"größe","stream":true}"#);
    for (endpoint, parameter, openai, scale) in [
        (EndpointKind::Responses, stream, Some("stream = client.responses"), "answer = client.responses"),
        (EndpointKind::Completions, stream, Some("stream = client.completions"), "stream = client.completions"),
        (EndpointKind::Generic, args, None, "answer = client.inference"),
    ] {
        let mut comparison = chat(&connection.id, "sandbox/short", &[parameter]);
        comparison.lanes[0].endpoint = endpoint;
        let cells = world.run(comparison.clone()).await;
        for source in [cell(&cells[0]), lane(&comparison)] {
            let openai = openai.map_or_else(String::new, |start| format!("{start}.create("));
            for target in ["python-openai", "javascript-openai"] {
                let text = code(&world, source.clone(), target).text;
                assert_eq!(text.is_empty(), openai.is_empty(), "{endpoint:?}, {target}: {text}");
                let start = if target == "python-openai" { openai.clone() } else { openai.replace("= ", "= await ") };
                assert!(text.contains(&start), "{endpoint:?}, {target}: {text}");
            }
            let view = code(&world, source.clone(), "python-scale-gp");
            assert!(view.text.contains(&format!("{scale}.create(")), "{endpoint:?}: {}", view.text);
            let waits = view.checks.iter().any(|check| !check.passed && check.text.contains("as one text"));
            assert_eq!(waits, scale.starts_with("answer"), "{endpoint:?}: {:?}", view.checks);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_read_from_variables_that_the_person_names() {
    let world = World::start().await;
    let connection = world.connect("Scale prod", Dialect::OpenAi, "https://api.example.com");
    let comparison = chat(&connection.id, "m", &[]);
    let view = code(&world, lane(&comparison), "curl");
    let name =
        |view: &CodeView| view.environment.iter().map(|row| (row.header.clone(), row.name.clone())).collect::<Vec<_>>();
    let row = |name: &str| vec![("authorization".to_owned(), name.to_owned())];
    assert_eq!(name(&view), row("SCALE_PROD_API_KEY"));
    assert!(view.text.contains("\"authorization: Bearer $SCALE_PROD_API_KEY\""), "{}", view.text);
    let named = |header: &str, name: &str| {
        let environment = vec![CodeVariable { header: header.to_owned(), name: name.to_owned() }];
        world.engine.code(&CodeRequest { environment, ..request(lane(&comparison), "python-httpx") })
    };
    let view = named("Authorization", "MINE").expect("code");
    assert_eq!(name(&view), row("MINE"));
    assert!(view.text.contains("{os.environ['MINE']}"), "{}", view.text);
    for bad in ["", "1X", "A B", "X;id", "$(id)"] {
        let error = named("authorization", bad).expect_err("no name");
        assert!(matches!(&error, AppError::Invalid { field, .. } if field == "environment"), "{bad}: {error}");
    }
    for (dialect, address, expected) in [
        (Dialect::ScaleV5, "https://api.egp.scale.com", "SCALE_API_KEY"),
        (Dialect::ScaigridV1, "https://scaigrid.scailabs.ai", "SCAIGRID_API_KEY"),
        (Dialect::OpenAi, "https://api.openai.com/v1", "OPENAI_API_KEY"),
    ] {
        let comparison = chat(&world.connect("Any", dialect, address).id, "m", &[]);
        assert_eq!(code(&world, lane(&comparison), "http").environment[0].name, expected);
    }
    let sandbox = chat(&juxta_tests::world::sandbox(Dialect::OpenAi), "m", &[]);
    assert_eq!(code(&world, lane(&sandbox), "http").environment[0].name, "SANDBOX_KEY");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_stand_in_the_text_only_when_the_settings_allow_it() {
    let world = World::start().await;
    let connection = world.connect("Own", Dialect::ScaleV5, &format!("http://{}", world.sandbox.address()));
    let comparison = chat(&connection.id, "sandbox/short", &[]);
    let cells = world.run(comparison.clone()).await;
    let sources = [cell(&cells[0]), lane(&comparison)];
    for source in &sources {
        let wanted = CodeRequest { with_secrets: true, ..request(source.clone(), "curl") };
        let error = world.engine.code(&wanted).expect_err("the settings forbid it");
        assert!(matches!(&error, AppError::Invalid { field, .. } if field == "withSecrets"), "{error}");
    }
    let mut settings = world.engine.settings().expect("settings");
    settings.code_with_secrets = true;
    world.engine.save_settings(&settings).expect("saved");
    for source in &sources {
        let without = code(&world, source.clone(), "curl");
        assert!(!shown(&without).contains(KEY), "allowed is not asked for");
        let wanted = CodeRequest { with_secrets: true, ..request(source.clone(), "curl") };
        let with = world.engine.code(&wanted).expect("code");
        assert!(with.text.contains(&format!("'x-api-key: {KEY}'")), "{}", with.text);
        assert!(with.checks.iter().any(|check| !check.passed && check.text.contains("key stands in this text")));
        assert_eq!(with.environment, vec![]);
    }
    // With the connection its key is gone.
    world.engine.delete_connection(&connection.id).expect("deleted");
    let wanted = CodeRequest { with_secrets: true, ..request(cell(&cells[0]), "curl") };
    let error = world.engine.code(&wanted).expect_err("no key");
    assert!(matches!(error, AppError::MissingKey { .. }), "{error}");
    let view = code(&world, cell(&cells[0]), "curl");
    assert!(view.text.contains("\"x-api-key: $OWN_API_KEY\""), "{}", view.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_leaves_in_no_text_wherever_somebody_put_it() {
    let world = World::start().await;
    let other_key = "sk-other-9d8c7b6a5f4e3d2c";
    let other = world.connect("Other", Dialect::OpenAi, "https://other.example");
    world.engine.store_key(other, "key", other_key).expect("stored");
    for dialect in DIALECTS {
        let origin = format!("http://{}{}", world.sandbox.address(), prefix(dialect));
        let mut connection = world.connect("Own", dialect, &origin);
        connection.headers.push(ConnectionHeader {
            name: "x-trace".to_owned(),
            value: format!("key={KEY}"),
            secret: None,
            only: Vec::new(),
        });
        connection.headers.push(ConnectionHeader {
            name: "cookie".to_owned(),
            value: "session=5b1f0e9d8c7a".to_owned(),
            secret: None,
            only: Vec::new(),
        });
        let connection = world.engine.save_connection(connection).expect("saved");
        let escaped: String = KEY.chars().map(|letter| format!("\\u{:04x}", u32::from(letter))).collect();
        // As it stands in the JSON of the whole view.
        let twice_escaped = escaped.replace('\\', "\\\\");
        let own = [("user", format!("\"{KEY}\"")), ("metadata", format!("{{\"a\":\"{escaped}\",\"{KEY}\":\"x\"}}"))];
        let parameters: Vec<(&str, &str)> = own.iter().map(|(name, json)| (*name, json.as_str())).collect();
        let mut comparison = chat(&connection.id, "sandbox/short", &parameters);
        comparison.draft.messages =
            vec![Message::text(Role::User, format!("My key is {KEY}, '{KEY}' and {other_key}.\nurl: ?k={KEY}"))];
        let cells = world.run(comparison.clone()).await;
        for source in [cell(&cells[0]), lane(&comparison)] {
            for target in export::TARGETS {
                let view = code(&world, source.clone(), target.id);
                let shown = shown(&view);
                for secret in [KEY, other_key, "5b1f0e9d8c7a", escaped.as_str(), twice_escaped.as_str()] {
                    assert!(!shown.contains(secret), "{dialect:?}, {}: {secret} in\n{}", target.id, view.text);
                }
                if !view.text.is_empty() {
                    assert!(
                        view.checks.iter().any(|check| !check.passed && check.text.contains("masked")),
                        "{dialect:?}, {}: {:?}",
                        target.id,
                        view.checks
                    );
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lane_without_its_key_has_code_all_the_same() {
    let world = World::start().await;
    let mut connection = world.connect("Desk", Dialect::OpenAi, "https://api.example.com");
    connection.headers[0].secret = Some(SecretSlot {
        slot: "key".to_owned(),
        source: KeySource::Environment { name: "JUXTA_TEST_NOBODY_SETS_THIS".to_owned() },
    });
    let connection = world.engine.save_connection(connection).expect("saved");
    let comparison = chat(&connection.id, "m", &[]);
    let view = code(&world, lane(&comparison), "curl");
    assert!(view.text.contains("\"authorization: Bearer $JUXTA_TEST_NOBODY_SETS_THIS\""), "{}", view.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_variables_of_a_prompt_may_be_arguments() {
    let world = World::start().await;
    let mut comparison = chat(&sandbox(Dialect::OpenAi), "sandbox/short", &[("temperature", "0.20")]);
    comparison.draft.messages =
        vec![Message::text(Role::User, "Order {{order_id}}, {{ weeks }} weeks \"{{order_id}}\" {{no name}} \\")];
    let variable = |name: &str, value: &str| Variable::text(name, value);
    comparison.draft.variables =
        vec![variable("weeks", "7"), variable("unused", "secret"), variable("order_id", "NL-1 \"ü\"\n\\")];
    let cells = world.run(comparison.clone()).await;
    for source in [cell(&cells[0]), lane(&comparison)] {
        let filled_in = code(&world, source.clone(), "curl");
        assert_eq!(filled_in.variables.names, ["order_id", "weeks"]);
        assert_eq!((filled_in.variables.unfit.as_deref(), filled_in.variables.taken), (None, false));
        assert!(filled_in.text.starts_with("curl ") && filled_in.text.contains("NL-1"), "{}", filled_in.text);
        for target in export::TARGETS {
            let wanted = CodeRequest { as_arguments: true, ..request(source.clone(), target.id) };
            let view = world.engine.code(&wanted).expect("code");
            if view.targets.iter().any(|row| row.id == target.id && row.unfit.is_some()) {
                assert_eq!(view.text, "", "{}", target.id);
                continue;
            }
            if ["http", "har"].contains(&target.id) {
                assert!(!view.variables.taken && view.text.contains("NL-1"), "{}: {}", target.id, view.text);
                assert!(view.variables.unfit.is_some_and(|why| why.ends_with("takes no arguments")), "{}", target.id);
                continue;
            }
            assert!(view.variables.taken && !view.text.contains("NL-1"), "{}: {}", target.id, view.text);
            let usage = format!("usage: {} order_id weeks", target.file_name).replace("main.rs", "request");
            assert!(view.text.contains(&usage), "{}: {}", target.id, view.text);
            let says_same =
                view.checks.iter().any(|check| check.passed && check.text.contains("Given the values it had"));
            assert_eq!(says_same, target.is_raw, "{}: {:?}", target.id, view.checks);
        }
    }
    // What was edited by hand, and what has no variables, is filled in all the same.
    let mut by_hand = comparison.clone();
    by_hand.lanes[0].raw_body = Some("{\"model\":\"m\",\"messages\":[]}".to_owned());
    for (comparison, why) in [(by_hand, "written by hand"), (chat(&sandbox(Dialect::OpenAi), "m", &[]), "no variables")]
    {
        let wanted = CodeRequest { as_arguments: true, ..request(lane(&comparison), "python-httpx") };
        let view = world.engine.code(&wanted).expect("code");
        assert!(!view.variables.taken && view.text.contains("httpx"), "{}", view.text);
        assert!(view.variables.unfit.is_some_and(|unfit| unfit.contains(why)));
    }
}
