//! What was recorded is what went over the wire, byte for byte.

use juxta_tests::http_bytes;
use juxta_tests::tee::TeeProxy;
use juxta_tests::world::{DIALECTS, KEY, World, chat};
use juxta_wire::draft::{Content, Message, Part, Role};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::exchange::Preview;
use juxta_wire::lane::{Comparison, Override};
use juxta_wire::params::{self, ParameterKind, ParameterSpec};
use juxta_wire::run::CellState;
use juxta_wire::window::SandboxFaults;

/// A value for each parameter that its server takes, spelled in a way that careless code would change.
fn value(spec: &ParameterSpec) -> String {
    match spec.kind {
        ParameterKind::Number { minimum, maximum } => match (minimum, maximum) {
            (Some(minimum), _) if minimum < 0.0 => "-1.50".to_owned(),
            (_, Some(maximum)) if maximum <= 1.0 => "5e-1".to_owned(),
            _ => "0.700".to_owned(),
        },
        ParameterKind::Integer { .. } => match spec.name {
            "n" => "1".to_owned(),
            "seed" => "9007199254740993".to_owned(),
            "top_logprobs" | "logprobs" => "3".to_owned(),
            _ => "64".to_owned(),
        },
        ParameterKind::Boolean => "true".to_owned(),
        ParameterKind::Text { suggestions } => {
            format!("{:?}", suggestions.first().copied().unwrap_or("naïve \"text\""))
        }
        ParameterKind::TextOrList { .. } => r#"["\u0000never", "nor \"this\""]"#.to_owned(),
        ParameterKind::TextList { .. } => r#"[ "text" ]"#.to_owned(),
        ParameterKind::Object { example } | ParameterKind::ObjectList { example, .. } => example.replace(':', " : "),
        ParameterKind::TextOrObject { suggestions: [], example } => example.replace(':', " : "),
        ParameterKind::TextOrObject { suggestions, .. } => format!("{:?}", suggestions[0]),
    }
}

/// One comparison for each way of setting each parameter of each endpoint of a dialect, and some that only messages make.
fn settings(dialect: Dialect, connection: &juxta_wire::ids::ConnectionId) -> Vec<(String, Comparison)> {
    let mut all = Vec::new();
    for endpoint in EndpointKind::OF_LANES.into_iter().filter(|endpoint| dialect.has(*endpoint)) {
        for spec in params::table(endpoint, dialect).parameters {
            for json in [value(&spec), "null".to_owned()] {
                let mut parameters = vec![(spec.name, json.as_str())];
                if spec.name == "top_logprobs" && endpoint == EndpointKind::Chat {
                    parameters.insert(0, ("logprobs", "true"));
                }
                let mut comparison = chat(connection, "sandbox/short", &parameters);
                comparison.lanes[0].endpoint = endpoint;
                all.push((format!("{endpoint:?}, {} = {json}", spec.name), comparison));
            }
        }
    }
    let mut overridden = chat(connection, "sandbox/short", &[("temperature", "0.20"), ("stream", "true")]);
    overridden.lanes[0].overrides = vec![
        Override::Unset { name: "temperature".into() },
        Override::Set { parameter: juxta_wire::draft::Parameter::new("x_unknown", r#"{"b":1.0,"a":[1e3, null]}"#) },
    ];
    all.push(("an override and an unknown key".into(), overridden));
    let mut roles = chat(connection, "sandbox/short", &[]);
    roles.draft.messages = vec![
        Message::text(Role::System, "Line\r\nbreaks, \u{2028}, tabs\t and \"quotes\" \\ stay"),
        Message::text(Role::Developer, ""),
        Message::text(Role::User, "東京 👩‍👩‍👧 שלום {{city}}"),
        Message { content: Content::Null, ..Message::text(Role::Assistant, "") },
        Message::text(Role::User, "{\"a\":{{\"b\":1}}}"),
    ];
    roles.draft.messages[3].members = vec![juxta_wire::draft::Parameter::new(
        "tool_calls",
        r#"[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"x\":1.0}"}}]"#,
    )];
    roles.draft.messages.insert(
        4,
        Message {
            members: vec![juxta_wire::draft::Parameter::new("tool_call_id", "\"call_1\"")],
            ..Message::text(Role::Tool, "sunny")
        },
    );
    roles.draft.variables = vec![juxta_wire::draft::Variable::text("city", "Zürich \"Altstadt\"")];
    if dialect == Dialect::ScaigridV1 {
        roles.draft.messages.remove(1);
    }
    all.push(("all roles".into(), roles));
    let mut parts = chat(connection, "sandbox/short", &[("stream", "false")]);
    parts.draft.messages[0].content = Content::Parts {
        parts: vec![
            Part::Text { text: "What is this?".into() },
            Part::Image { url: "data:image/png;base64,iVBORw0KGgo=".into(), detail: Some("low".into()) },
            Part::Image { url: "https://example.org/{{picture}}".into(), detail: None },
        ],
    };
    parts.draft.variables = vec![juxta_wire::draft::Variable::text("picture", "a.png")];
    all.push(("image parts".into(), parts));
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_got_is_what_was_recorded_and_what_the_preview_showed() {
    let world = World::start().await;
    // Answers are written at once: what is compared here are bytes, not times.
    world.sandbox.set_faults(SandboxFaults { tokens_per_second: Some(0.0), ..SandboxFaults::default() });
    let mut compared = 0;
    for dialect in DIALECTS {
        let proxy = TeeProxy::start(world.sandbox.address()).expect("a port on loopback");
        let prefix = if dialect == Dialect::OpenAi { "/oai" } else { "" };
        let connection = world.connect("Proxy", dialect, &format!("{}{prefix}/", proxy.origin()));
        let settings = settings(dialect, &connection.id);
        let mut recorded = Vec::new();
        for (name, comparison) in &settings {
            let Preview::Ready { request: preview } = world.engine.preview(comparison, &comparison.lanes[0].id) else {
                panic!("{dialect:?}, {name}: no preview");
            };
            let cells = world.run(comparison.clone()).await;
            let cell = &cells[0];
            assert!(cell.state.is_over(), "{dialect:?}, {name}");
            let request = cell.request.clone().expect("a request");
            assert_eq!(request.body, preview.body, "{dialect:?}, {name}: the preview is what is sent");
            for parameter in &comparison.draft.parameters {
                let is_set = !comparison.lanes[0].overrides.iter().any(|change| change.name() == parameter.name);
                let member = format!("{}:{}", serde_json::Value::from(parameter.name.as_str()), parameter.json);
                assert_eq!(preview.body.contains(&member), is_set, "{dialect:?}, {name}: {member} arrives");
            }
            let headers = |view: &juxta_wire::exchange::RequestView| -> Vec<_> {
                let kept = view.headers.iter().filter(|header| header.name != "x-request-id");
                kept.map(|header| (header.name.clone(), header.value.clone())).collect()
            };
            assert_eq!(headers(&request), headers(&preview), "{dialect:?}, {name}: headers too, but for fresh ids");
            let (head, body) = world.engine.recorded_request(&cell.id).expect("a recorded request");
            let (answer, _) = world.engine.recorded_body(&cell.id).expect("a recorded body");
            recorded.push((name, head, body, answer));
        }
        let connections = proxy.connections();
        let sent: Vec<_> =
            connections.iter().flat_map(|one| http_bytes::requests(&one.sent()).expect("whole requests")).collect();
        let answers: Vec<_> =
            connections.iter().flat_map(|one| http_bytes::responses(&one.received()).expect("whole answers")).collect();
        assert_eq!((sent.len(), answers.len()), (settings.len(), settings.len()), "{dialect:?}");
        for (((name, head, body, answer), sent), answered) in recorded.iter().zip(&sent).zip(&answers) {
            assert_eq!(String::from_utf8_lossy(body), String::from_utf8_lossy(&sent.raw_body), "{dialect:?}, {name}");
            assert_eq!(String::from_utf8_lossy(head), masked(&sent.head), "{dialect:?}, {name}: the head");
            assert!(*answer == answered.body, "{dialect:?}, {name}: the answer's bytes");
            compared += 1;
        }
    }
    assert!(compared >= 60, "{compared} settings were compared");
}

/// The captured head with the key masked as Juxta masks it, and nothing else changed.
fn masked(head: &[u8]) -> String {
    let last_four = &KEY[KEY.len() - 4..];
    String::from_utf8_lossy(head).replace(KEY, &format!("••••{last_four}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unset_control_never_makes_a_key() {
    let world = World::start().await;
    for dialect in DIALECTS {
        let connection = juxta_tests::world::sandbox(dialect);
        for endpoint in EndpointKind::OF_LANES.into_iter().filter(|endpoint| dialect.has(*endpoint)) {
            let mut comparison = chat(&connection, "sandbox/short", &[]);
            comparison.lanes[0].endpoint = endpoint;
            let cells = world.run(comparison).await;
            assert_eq!(cells[0].state, CellState::Finished, "{dialect:?}, {endpoint:?}: {:?}", cells[0].error);
            let captures = world.sandbox.captures();
            let body: serde_json::Value =
                serde_json::from_slice(&captures.last().expect("a capture").body).expect("a JSON body");
            let keys: Vec<&str> = body.as_object().expect("an object").keys().map(String::as_str).collect();
            assert_eq!(keys, ["model", endpoint.content_member().unwrap_or("args")], "{dialect:?}, {endpoint:?}");
        }
    }
}
