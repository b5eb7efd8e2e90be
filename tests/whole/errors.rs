//! The failures of the design, each provoked by a server that really fails, on every text endpoint, streamed and not.
//! What came of them is kept beside the page's words for them, so that those are checked with errors that happened.

use std::collections::BTreeMap;

use juxta_tests::servers::{Server, UNTRUSTED_SUBJECT, closed_port, untrusted};
use juxta_tests::world::{DIALECTS, World, chat};
use juxta_wire::connection::{Connection, KeychainStatus};
use juxta_wire::draft::Parameter;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::{AppError, NetworkStage, Rejection, RejectionCategory};
use juxta_wire::lane::Comparison;
use juxta_wire::run::{Cell, CellState};
use juxta_wire::window::SandboxFaults;
use serde_json::{Value, json};

/// Where the page's tests read what this test provoked.
const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/features/compare/provoked-errors.json");

/// One way of calling a text endpoint.
#[derive(Debug, Clone, Copy)]
struct Call {
    dialect: Dialect,
    endpoint: EndpointKind,
    stream: bool,
}

fn calls() -> impl Iterator<Item = Call> {
    DIALECTS.into_iter().flat_map(|dialect| {
        let endpoints = EndpointKind::OF_LANES.into_iter().filter(move |endpoint| dialect.has(*endpoint));
        endpoints.flat_map(move |endpoint| {
            // The documents of this one have no stream.
            let ways: &[bool] = if endpoint == EndpointKind::Generate { &[false] } else { &[false, true] };
            ways.iter().map(move |stream| Call { dialect, endpoint, stream: *stream })
        })
    })
}

impl Call {
    fn name(self) -> String {
        let word = |value: Value| value.as_str().unwrap_or_default().to_owned();
        let dialect = word(serde_json::to_value(self.dialect).expect("a dialect"));
        let endpoint = word(serde_json::to_value(self.endpoint).expect("an endpoint"));
        format!("{dialect} {endpoint}{}", if self.stream { ", streamed" } else { "" })
    }

    fn comparison(self, connection: &Connection, parameters: &[(&str, &str)]) -> Comparison {
        let stream = if self.stream { "true" } else { "false" };
        let args = format!("{{\"stream\":{stream},\"prompt\":\"é\"}}");
        let mut made = chat(&connection.id, "sandbox/steady", &[]);
        made.lanes[0].endpoint = self.endpoint;
        let own: &[(&str, &str)] = match self.endpoint {
            EndpointKind::Generic => &[("args", &args)],
            EndpointKind::Generate => &[],
            _ => &[("stream", stream)],
        };
        let given = own.iter().filter(|(name, _)| parameters.iter().all(|(other, _)| other != name)).chain(parameters);
        made.draft.parameters = given.map(|(name, json)| Parameter::new(*name, *json)).collect();
        made
    }

    /// Where the sandbox has this dialect.
    fn base(self, world: &World) -> String {
        let prefix = if self.dialect == Dialect::OpenAi { "/oai" } else { "" };
        format!("http://{}{prefix}", world.sandbox.address())
    }

    /// Members that do not fit, the worst first.
    fn wrong(self) -> [(&'static str, &'static str); 2] {
        match self.endpoint {
            EndpointKind::Generic => [("args", "\"no object\""), ("inference_configuration", "7")],
            EndpointKind::Generate => [("temperature", "\"hot\""), ("max_tokens", "\"many\"")],
            _ => [("temperature", "\"hot\""), ("top_p", "[0.5]")],
        }
    }
}

/// What provokes failures, alive for as long as the test.
struct Provoked {
    world: World,
    silent: Server,
    untrusted: (Server, String),
    kept: BTreeMap<String, Vec<(Value, Vec<String>)>>,
}

impl Provoked {
    async fn start() -> Self {
        let world = World::start().await;
        let silent = Server::silent().await.expect("a port on loopback");
        let untrusted = untrusted().await.expect("a server");
        Self { world, silent, untrusted, kept: BTreeMap::new() }
    }

    fn connect(&self, call: Call, origin: &str, change: impl FnOnce(&mut Connection)) -> Connection {
        let mut connection = self.world.connect("Own", call.dialect, origin);
        change(&mut connection);
        self.world.engine.save_connection(connection).expect("a connection")
    }

    /// Runs a call on the sandbox under one of its scenarios.
    async fn under(&self, call: Call, scenario: &str) -> Cell {
        self.faults(Some(scenario));
        let connection = self.connect(call, &call.base(&self.world), |_| {});
        let cell = self.run(call.comparison(&connection, &[])).await;
        self.faults(None);
        cell
    }

    fn faults(&self, scenario: Option<&str>) {
        let scenario = scenario.map(str::to_owned);
        self.world.sandbox.set_faults(SandboxFaults {
            scenario,
            tokens_per_second: Some(0.0),
            ..SandboxFaults::default()
        });
    }

    async fn run(&self, comparison: Comparison) -> Cell {
        self.world.run(comparison).await.remove(0)
    }

    fn keep(&mut self, case: &str, call: Call, error: &AppError) {
        let error = without_chance(error);
        let of_case = self.kept.entry(case.to_owned()).or_default();
        match of_case.iter_mut().find(|(known, _)| *known == error) {
            Some((_, calls)) if calls.contains(&call.name()) => {}
            Some((_, calls)) => calls.push(call.name()),
            None => of_case.push((error, vec![call.name()])),
        }
    }

    /// The request went out or did not, its record is there, and the window is told the same as the store.
    fn failed(&mut self, case: &str, call: Call, cell: &Cell) -> AppError {
        let what = format!("{case}, {}", call.name());
        let error = cell.error.clone().unwrap_or_else(|| panic!("{what}: {:?}", cell.state));
        assert!(matches!(cell.state, CellState::Failed | CellState::EndedEarly), "{what}: {:?}", cell.state);
        let told = self.world.seen().heads[&cell.id].clone();
        assert_eq!((told.error.as_ref(), &told.state), (Some(&error), &cell.state), "{what}");
        assert!(cell.request.is_some(), "{what}: what was to be sent is kept");
        self.keep(case, call, &error);
        error
    }

    fn rejected(&mut self, case: &str, call: Call, cell: &Cell) -> Rejection {
        match self.failed(case, call, cell) {
            AppError::Rejected(rejection) => *rejection,
            other => panic!("{case}, {}: {other:?}", call.name()),
        }
    }

    fn broke(&mut self, case: &str, call: Call, cell: &Cell, expected: NetworkStage) -> (String, u16) {
        match self.failed(case, call, cell) {
            AppError::Network { stage, host, port, message, elapsed_ms, .. } => {
                assert_eq!(stage, expected, "{case}, {}: {message}", call.name());
                assert!(!message.is_empty() && elapsed_ms > 0.0, "{case}, {}", call.name());
                (host, port)
            }
            other => panic!("{case}, {}: {other:?}", call.name()),
        }
    }
}

/// The error as it is every time: without ports, times, ids and what the system calls things.
fn without_chance(error: &AppError) -> Value {
    let mut value = serde_json::to_value(error).expect("an error is JSON");
    let set = |value: &mut Value, name: &str, fixed: Value| {
        if value.get(name).is_some_and(|found| !found.is_null()) {
            value[name] = fixed;
        }
    };
    let is_timeout = value["stage"] == "timeout";
    set(&mut value, "elapsedMs", json!(if is_timeout { 60_000.0 } else { 186.0 }));
    if value["kind"] == "network" {
        set(&mut value, "port", json!(4711));
        set(&mut value, "message", json!("the words of the system"));
    }
    set(&mut value, "requestId", json!("req_1"));
    for certificate in value.get_mut("certificates").and_then(Value::as_array_mut).into_iter().flatten() {
        for (name, fixed) in [("sha256", "0f".repeat(32)), ("pem", "PEM\n".to_owned()), ("serial", "01:02".to_owned())]
        {
            set(certificate, name, json!(fixed));
        }
    }
    value
}

async fn before_an_answer(provoked: &mut Provoked, call: Call) {
    let nowhere = provoked.connect(call, "https://no-such-host.invalid", |_| {});
    let cell = provoked.run(call.comparison(&nowhere, &[])).await;
    assert_eq!(provoked.broke("dns", call, &cell, NetworkStage::Dns), ("no-such-host.invalid".to_owned(), 443));

    let port = closed_port().await.expect("a port");
    let closed = provoked.connect(call, &format!("http://127.0.0.1:{port}"), |_| {});
    let cell = provoked.run(call.comparison(&closed, &[])).await;
    assert_eq!(provoked.broke("refused", call, &cell, NetworkStage::Refused), ("127.0.0.1".to_owned(), port));

    let address = provoked.silent.address;
    let silent = provoked.connect(call, &format!("http://{address}"), |made| made.network.idle_timeout_ms = 40);
    let cell = provoked.run(call.comparison(&silent, &[])).await;
    assert_eq!(provoked.broke("timeout", call, &cell, NetworkStage::Timeout), ("127.0.0.1".to_owned(), address.port()));

    let (server, pem) = (provoked.untrusted.0.address, provoked.untrusted.1.clone());
    let untrusted = provoked.connect(call, &format!("https://localhost:{}", server.port()), |_| {});
    let cell = provoked.run(call.comparison(&untrusted, &[])).await;
    assert_eq!(provoked.broke("tls", call, &cell, NetworkStage::Tls), ("localhost".to_owned(), server.port()));
    let Some(AppError::Network { certificates, .. }) = &cell.error else { panic!("{:?}", cell.error) };
    let [shown] = certificates.as_slice() else { panic!("{certificates:?}") };
    assert_eq!((&shown.pem, shown.subject.as_str()), (&pem, UNTRUSTED_SUBJECT), "as the server sent it");
    assert_eq!((shown.issuer.as_str(), shown.names.as_slice()), (UNTRUSTED_SUBJECT, &["localhost".to_owned()][..]));
    assert!(cell.head.is_none() && cell.phases.send.is_none(), "nothing was sent to a stranger");
}

async fn refusals(provoked: &mut Provoked, call: Call) {
    let what = call.name();
    let wrong_key = provoked.connect(call, &call.base(&provoked.world), |_| {});
    let wrong_key = provoked.world.engine.store_key(wrong_key, "key", "not the key of the sandbox").expect("a key");
    let cell = provoked.run(call.comparison(&wrong_key, &[])).await;
    let said = provoked.rejected("authentication", call, &cell);
    assert_eq!((said.status, said.category), (401, RejectionCategory::Authentication), "{what}");
    assert_eq!(said.message, "The API key is not the one this sandbox was started with.", "{what}");
    assert!(said.request_id.as_deref().is_some_and(|id| id.starts_with("req_")), "{what}: {said:?}");

    let cell = provoked.under(call, "status-403").await;
    let said = provoked.rejected("permission", call, &cell);
    assert_eq!((said.status, said.category), (403, RejectionCategory::Permission), "{what}");
    assert_eq!(said.message, "This key may not use the model.", "{what}");

    // The sandbox knows whose words to use by the beginning of a path.
    let beginning = if call.dialect == Dialect::ScaleV5 { "/v5" } else { "" };
    let astray = provoked.connect(call, &format!("{}{beginning}/nowhere", call.base(&provoked.world)), |_| {});
    let cell = provoked.run(call.comparison(&astray, &[])).await;
    let said = provoked.rejected("notFound", call, &cell);
    assert_eq!((said.status, said.category), (404, RejectionCategory::NotFound), "{what}");

    let cell = provoked.under(call, "status-413").await;
    let said = provoked.rejected("tooLarge", call, &cell);
    assert_eq!((said.status, said.category), (413, RejectionCategory::TooLarge), "{what}");
    assert_eq!(said.message, "The request is too large.", "{what}");

    let fits = provoked.connect(call, &call.base(&provoked.world), |_| {});
    let wrong = call.wrong();
    let cell = provoked.run(call.comparison(&fits, &wrong[..1])).await;
    fields_are_named(&provoked.rejected("validation", call, &cell), call, &wrong[..1]);
    let cell = provoked.run(call.comparison(&fits, &wrong)).await;
    // OpenAI names the first field that does not fit, and no other.
    let named = if call.dialect == Dialect::OpenAi { 1 } else { 2 };
    fields_are_named(&provoked.rejected("validationOfSeveral", call, &cell), call, &wrong[..named]);

    let cell = provoked.under(call, "status-429").await;
    let said = provoked.rejected("rateLimit", call, &cell);
    assert_eq!((said.status, said.category), (429, RejectionCategory::RateLimit), "{what}");
    assert_eq!((said.retry_after, said.retryable), (Some(5.0), true), "{what}");

    let cell = provoked.under(call, "budget-exceeded").await;
    let said = provoked.rejected("exhausted", call, &cell);
    assert_eq!((said.status, said.category), (429, RejectionCategory::Exhausted), "{what}");
    assert!(!said.retryable, "{what}");

    let cell = provoked.under(call, "status-500-html").await;
    let said = provoked.rejected("server", call, &cell);
    assert_eq!((said.status, said.category), (500, RejectionCategory::Server), "{what}");
    assert_eq!((said.message.as_str(), said.content_type.as_deref()), ("Internal Server Error", Some("text/html")));
    assert!(said.request_id.is_some(), "{what}: a proxy's page has the header all the same");
}

fn fields_are_named(said: &Rejection, call: Call, wrong: &[(&str, &str)]) {
    let what = call.name();
    let status = if call.dialect == Dialect::OpenAi { 400 } else { 422 };
    assert_eq!((said.status, said.category), (status, RejectionCategory::Validation), "{what}");
    let named: Vec<&str> = said.fields.iter().filter_map(|field| field.parameter.as_deref()).collect();
    let expected: Vec<&str> = wrong.iter().map(|(name, _)| *name).collect();
    assert_eq!(named.len(), expected.len(), "{what}: {said:?}");
    assert!(expected.iter().all(|name| named.contains(name)), "{what}: {said:?}");
    for field in &said.fields {
        assert!(!field.message.is_empty(), "{what}");
        // Only Scale says where in the body, and what was there.
        let (name, input) = wrong.iter().find(|(name, _)| field.parameter.as_deref() == Some(name)).expect("named");
        if call.dialect == Dialect::ScaleV5 {
            assert_eq!(field.path, ["body", *name], "{what}");
            assert_eq!(field.input.as_deref(), Some(*input), "{what}: {field:?}");
        }
    }
}

async fn broken_streams(provoked: &mut Provoked, call: Call) {
    let what = call.name();
    for scenario in ["error-in-stream", "error-first-frame"] {
        let cell = provoked.under(call, scenario).await;
        let said = provoked.rejected("inStream", call, &cell);
        assert_eq!((said.status, said.category), (200, RejectionCategory::InStream), "{what}");
        assert_eq!(said.message, "The backend closed the connection.", "{what}");
        assert!(said.request_id.as_deref().is_some_and(|id| id.starts_with("req_")), "{what}: the head has it");
        let event = said.event.expect("the event that said so");
        assert_eq!(scenario == "error-first-frame", event == 1, "{what}: {event}");
        let text = cell.outcome.choices.iter().any(|choice| !choice.text.is_empty());
        assert_eq!(text, scenario == "error-in-stream", "{what}: the text stays");
        let events = provoked.world.engine.events(&cell.id).expect("the events");
        assert!(u64::from(events.count) >= event, "{what}: the event can be shown");
    }
    let cell = provoked.under(call, "cut").await;
    let error = provoked.failed("cut", call, &cell);
    let AppError::EndedEarly { events, .. } = error else { panic!("{what}: {error:?}") };
    assert!(events > 1 && cell.outcome.choices.iter().any(|choice| !choice.text.is_empty()), "{what}");
}

/// Waiting is a state, not an end: the person sees the error, and may send now or give up.
async fn waits(provoked: &mut Provoked, call: Call) {
    provoked.faults(Some("status-429"));
    let patient = provoked.connect(call, &call.base(&provoked.world), |made| made.network.max_retries = 2);
    let run = provoked.world.engine.start_run(call.comparison(&patient, &[]), None).await.expect("a run");
    let id = run.cells[0].id.clone();
    for attempt in [2, 3] {
        let is_next =
            |state: &CellState| matches!(state, CellState::Retrying { attempt: next, .. } if *next == attempt);
        let seen = provoked.world.until(|seen| seen.states.get(&id).is_some_and(is_next)).await;
        let CellState::Retrying { wait_ms, attempts, error, .. } = &seen.states[&id] else { unreachable!() };
        assert!((4_000.0..=5_500.0).contains(wait_ms), "the server asked for 5 s: {wait_ms}");
        assert_eq!(*attempts, 3);
        provoked.keep("rateLimitWaiting", call, error);
        match attempt {
            2 => provoked.world.engine.retry_now(&id),
            _ => provoked.world.engine.stop_cell(&id),
        }
    }
    let cell = provoked.world.wait(&run).await.remove(0);
    assert_eq!((&cell.state, cell.attempt), (&CellState::Stopped, 2), "{}", call.name());
    provoked.faults(None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_failure_of_the_design_happens_on_every_text_endpoint_and_is_told_with_the_servers_words() {
    let mut provoked = Provoked::start().await;
    for call in calls() {
        before_an_answer(&mut provoked, call).await;
        Box::pin(refusals(&mut provoked, call)).await;
        if call.stream {
            broken_streams(&mut provoked, call).await;
        }
        waits(&mut provoked, call).await;
    }
    let kept: Vec<Value> = provoked
        .kept
        .into_iter()
        .flat_map(|(case, errors)| {
            let entry = move |(error, calls)| json!({ "case": case, "calls": calls, "error": error });
            errors.into_iter().map(entry)
        })
        .collect();
    let text = format!("{}\n", serde_json::to_string_pretty(&kept).expect("JSON"));
    if std::env::var_os("JUXTA_WRITE_ERRORS").is_some() {
        std::fs::write(KEPT, &text).expect("written");
    }
    let before = std::fs::read_to_string(KEPT).unwrap_or_default();
    assert!(before == text, "run this test with JUXTA_WRITE_ERRORS=1, and look at what changed for the page");
}

#[tokio::test]
async fn without_a_keychain_the_key_stays_in_memory_and_that_is_said() {
    let world = World::start().await;
    assert!(matches!(world.engine.keychain(), KeychainStatus::Missing { .. }), "{:?}", world.engine.keychain());
    let connection = world.connect("Own", Dialect::ScaleV5, &format!("http://{}", world.sandbox.address()));
    let cell = world.run(chat(&connection.id, "sandbox/short", &[])).await.remove(0);
    assert_eq!((&cell.state, &cell.error), (&CellState::Finished, &None), "the key in memory is the key that is sent");
}
