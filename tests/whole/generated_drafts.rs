//! Drafts of every kind, made up by a seeded die: what the preview shows is what the socket carries is what the record
//! holds, and a body that goes through its JSON comes back as it was.

use std::collections::BTreeMap;

use juxta_tests::http_bytes;
use juxta_tests::tee::TeeProxy;
use juxta_tests::world::{DIALECTS, World, chat, lane};
use juxta_wire::body_edit::Severity;
use juxta_wire::draft::{Content, Message, Parameter, Part, Role, Variable, VariableKind};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::exchange::{KeyOrigin, Preview, RequestView};
use juxta_wire::ids::ConnectionId;
use juxta_wire::lane::{Comparison, Override};
use juxta_wire::params;
use juxta_wire::window::SandboxFaults;
use serde_json::value::RawValue;

/// Of each endpoint of each dialect.
const EACH: usize = 26;

/// The same numbers on every computer.
struct Die(u64);

impl Die {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % most.max(1) as u64) as usize
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 0
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

const TEXTS: &[&str] = &[
    "",
    "Hello {{city}}, {{ city }}",
    "Line\r\nbreaks, \u{2028}, tabs\t, \u{0} and \"quotes\" \\ stay",
    "東京 👩‍👩‍👧 שלום e\u{301}",
    "{\"a\":{{\"b\":1}}} `x` $HOME ${PATH} 'single' </script>",
    "{{not a name}} {{{{city}}}}",
];

const VALUES: &[&str] = &[
    "null",
    "1.0",
    "0.20",
    "1e-3",
    "-0",
    "12345678901234567890123",
    "1E+400",
    "[ \"END\",\n\"\\u0041\\/\" ]",
    "{\"b\" : 1.50,\"a\":[null,{\"ä\":\"🐟\"}] }",
    "\"\\ud83d\\ude00\"",
    " true ",
];

const BODIES: &[&str] = &[
    "",
    "not JSON at all\r\n",
    "{\"model\":\"sandbox/short\",\r\n\t\"messages\": [], \"n\":1.0, \"n\":2}",
    "{\"messages\":[{\"role\":\"user\",\"content\":\"ä {{city}}\"}],\"stream\" : true,\"model\":\"sandbox/short\"}\n\n",
    "[1, 2",
    "\u{feff}{}",
];

fn json_string(text: &str) -> String {
    serde_json::to_string(text).expect("a text is JSON")
}

fn message(die: &mut Die) -> Message {
    let role = Role::ALL[die.below(Role::ALL.len())];
    let content = match die.below(8) {
        0 => Content::Null,
        1 => Content::Absent,
        2 | 3 => Content::Parts {
            parts: (0..die.below(4))
                .map(|_| match die.below(5) {
                    0 => Part::Text { text: die.pick(TEXTS).to_owned() },
                    1 => Part::Image {
                        url: die
                            .pick(&["data:image/png;base64,iVBORw0KGgo=", "https://example.org/{{city}}.png"])
                            .to_owned(),
                        detail: die.one_in(2).then(|| "low".to_owned()),
                    },
                    2 => Part::Audio { data: "UklGRg==".to_owned(), format: die.pick(&["wav", "mp3"]).to_owned() },
                    3 => Part::File {
                        name: die.one_in(2).then(|| "a \"ü\" {{city}}.pdf".to_owned()),
                        data: die.one_in(2).then(|| "data:application/pdf;base64,{{city}}".to_owned()),
                        id: Some("file_{{city}}".to_owned()),
                        url: die.one_in(4).then(|| "https://example.org/{{city}}.pdf".to_owned()),
                    },
                    _ => Part::Raw { json: format!("{{\"type\" : \"odd\", \"x\":{}}}", die.pick(VALUES)) },
                })
                .collect(),
        },
        _ => Content::Text { text: die.pick(TEXTS).to_owned() },
    };
    let mut members = Vec::new();
    for name in ["name", "tool_call_id", "x-\"odd\" ü"] {
        if die.one_in(4) {
            members.push(Parameter::new(name, die.pick(VALUES)));
        }
    }
    let mut order: Vec<String> = Vec::new();
    if die.one_in(3) {
        order = ["content", "role", "name", "not there"].map(str::to_owned).to_vec();
        die.shuffle(&mut order);
    }
    Message { content, members, order, muted: die.one_in(5), ..Message::text(role, "") }
}

fn messages(die: &mut Die) -> Vec<Message> {
    let mut messages: Vec<Message> = (0..die.below(4)).map(|_| message(die)).collect();
    messages.push(Message::text(Role::User, *die.pick(&[&TEXTS[1], &TEXTS[3]])));
    messages
}

fn typed(name: &str, kind: VariableKind, value: &str) -> Variable {
    Variable { kind, ..Variable::text(name, value) }
}

/// A draft for a base of some endpoint of the dialect, with up to three lanes, and the lane that is sent to `endpoint`.
fn generated(
    die: &mut Die,
    connection: &ConnectionId,
    dialect: Dialect,
    endpoint: EndpointKind,
) -> (Comparison, usize) {
    let all: Vec<EndpointKind> = EndpointKind::OF_LANES.into_iter().filter(|kind| dialect.has(*kind)).collect();
    let base = if die.one_in(2) { endpoint } else { all[die.below(all.len())] };
    let table = params::table(base, dialect);
    let names: Vec<&str> = table.parameters.iter().map(|spec| spec.name).collect();
    let mut made = chat(connection, "sandbox/short", &[]);
    made.lanes[0].endpoint = base;
    made.draft.messages = messages(die);
    made.draft.variables = vec![Variable::text("city", "Zürich \"Altstadt\" {{city}}\n")];
    match die.below(4) {
        0 => {
            let city = &mut made.draft.variables[0];
            city.default = std::mem::take(&mut city.value);
        }
        1 => made.draft.variables[0] = typed("city", VariableKind::Number, "-1.50e+3"),
        2 => made.draft.variables[0] = typed("city", VariableKind::Json, "{\"b\" : [1.0, \"ü\"]}"),
        _ => {}
    }
    let mut names: Vec<&str> = names.iter().copied().chain(["x_unknown", "ключ"]).collect();
    die.shuffle(&mut names);
    let most = die.below(7.min(names.len() + 1));
    made.draft.parameters = names[..most].iter().map(|name| Parameter::new(*name, die.pick(VALUES))).collect();
    for at in 0..die.below(3) {
        let mut other = lane(connection, die.pick(&["sandbox/short", "a \"model\" ü"]));
        other.endpoint = if die.one_in(2) { base } else { all[die.below(all.len())] };
        for name in &names[at..(at + 3).min(names.len())] {
            other.overrides.push(match die.below(3) {
                0 => Override::Unset { name: (*name).to_owned() },
                _ => Override::Set { parameter: Parameter::new(*name, die.pick(VALUES)) },
            });
        }
        other.forked_messages = die.one_in(3).then(|| messages(die));
        made.lanes.push(other);
    }
    if die.one_in(2) {
        let mut order: Vec<String> = names[..names.len() / 2]
            .iter()
            .chain(&["model", base.content_member().unwrap_or("args"), "not there"])
            .map(|name| (*name).to_owned())
            .collect();
        die.shuffle(&mut order);
        made.draft.order = order;
    }
    let sent = match made.lanes.iter().position(|lane| lane.endpoint == endpoint) {
        Some(first) if die.one_in(2) => first,
        _ => {
            let mut other = lane(connection, "sandbox/short");
            other.endpoint = endpoint;
            made.lanes.push(other);
            made.lanes.len() - 1
        }
    };
    let content = endpoint.content_member().unwrap_or_default();
    made.lanes[sent].overrides.retain(|change| change.name() != content);
    if die.one_in(4) {
        made.lanes[sent].raw_body = Some(die.pick(BODIES).to_owned());
    }
    (made, sent)
}

/// Every member of the body is named, in the order sent, with its bytes.
fn names_every_key(view: &RequestView, is_raw: bool, what: &str) {
    let members: Vec<String> = view
        .keys
        .iter()
        .filter(|key| !key.json.is_empty())
        .map(|key| format!("{}:{}", json_string(&key.name), key.json))
        .collect();
    if is_raw {
        assert!(view.keys.iter().all(|key| key.origin == KeyOrigin::Edited), "{what}");
        return;
    }
    let mut at = 0;
    for member in members {
        let found = view.body[at..].find(&member);
        at += found.unwrap_or_else(|| panic!("{what}: {member} is not behind byte {at} of {}", view.body));
    }
    let body: BTreeMap<String, &RawValue> = serde_json::from_str(&view.body).expect("an object");
    assert_eq!(body.len(), view.keys.len(), "{what}");
}

/// What the draft sets goes along under its name, or is named with what becomes of it.
fn nothing_is_left_out_silently(comparison: &Comparison, index: usize, view: &RequestView, what: &str) {
    let lane = &comparison.lanes[index];
    let is_told = |name: &str| {
        let inside = [format!("{name}."), format!("{name}[")];
        let is_it = |from: &str| from == name || inside.iter().any(|start| from.starts_with(start));
        view.carried.iter().any(|note| is_it(&note.from))
    };
    for parameter in &comparison.draft.parameters {
        let name = &parameter.name;
        let is_the_lanes = lane.overrides.iter().any(|change| change.name() == name);
        let is_sent = view.keys.iter().any(|key| key.name == *name && key.json == parameter.json);
        assert!(is_the_lanes || is_sent || is_told(name), "{what}: {name} = {} in {}", parameter.json, view.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_drafts_are_sent_as_they_were_shown_and_recorded_as_they_were_sent() {
    let world = World::start().await;
    world.sandbox.set_faults(SandboxFaults { tokens_per_second: Some(0.0), ..SandboxFaults::default() });
    let mut die = Die(0x006a_7578_7461);
    let mut compared = 0;
    for dialect in DIALECTS {
        let proxy = TeeProxy::start(world.sandbox.address()).expect("a port on loopback");
        let prefix = if dialect == Dialect::OpenAi { "/oai" } else { "" };
        let connection = world.connect("Proxy", dialect, &format!("{}{prefix}/", proxy.origin()));
        let mut recorded = Vec::new();
        let endpoints = EndpointKind::OF_LANES.into_iter().filter(|endpoint| dialect.has(*endpoint));
        for (endpoint, number) in endpoints.flat_map(|endpoint| (0..EACH).map(move |number| (endpoint, number))) {
            let (comparison, index) = generated(&mut die, &connection.id, dialect, endpoint);
            let what = format!("{dialect:?}, {endpoint:?}, draft {number}");
            let lane = &comparison.lanes[index];
            let is_raw = lane.raw_body.is_some();
            let preview = match world.engine.preview(&comparison, &lane.id) {
                Preview::Ready { request } => request,
                Preview::Refused { error } => panic!("{what}: {error}"),
            };
            names_every_key(&preview, is_raw, &what);
            if !is_raw {
                nothing_is_left_out_silently(&comparison, index, &preview, &what);
            }
            let text = world.engine.lane_body(&comparison, &lane.id).expect("a body");
            if is_raw {
                assert_eq!(lane.raw_body.as_ref(), Some(&text), "{what}");
            } else {
                let edit = world.engine.apply_body(&comparison, &lane.id, &text);
                assert!(edit.problems.iter().all(|problem| problem.severity == Severity::Warning), "{what}");
                assert_eq!(edit.comparison.as_ref(), Some(&comparison), "{what}: {text}");
            }
            let run = world.engine.start_run(comparison.clone(), Some(vec![lane.id.clone()])).await.expect("a run");
            let cells = world.wait(&run).await;
            let [cell] = cells.as_slice() else { panic!("{what}: one cell") };
            let request = cell.request.clone().expect("a request");
            assert_eq!((&request.body, &request.keys), (&preview.body, &preview.keys), "{what}");
            assert_eq!(request.carried, preview.carried, "{what}");
            let (_, body) = world.engine.recorded_request(&cell.id).expect("a recorded request");
            assert_eq!(String::from_utf8_lossy(&body), preview.body, "{what}: the record is the preview");
            recorded.push((what, body));
        }
        let connections = proxy.connections();
        let sent: Vec<_> =
            connections.iter().flat_map(|one| http_bytes::requests(&one.sent()).expect("whole requests")).collect();
        assert_eq!(sent.len(), recorded.len(), "{dialect:?}");
        for ((what, body), sent) in recorded.iter().zip(&sent) {
            assert_eq!(String::from_utf8_lossy(body), String::from_utf8_lossy(&sent.raw_body), "{what}: the socket");
            compared += 1;
        }
    }
    assert!(compared >= 200, "{compared} drafts were compared");
}
