//! Whatever the documents name can be set and arrives: every entry of every parameter table, as it is spelled, and the
//! members of messages and of their parts, which the documents leave open.

use std::collections::BTreeMap;

use juxta_tests::world::{World, chat};
use juxta_wire::draft::Parameter;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::exchange::Preview;
use juxta_wire::lane::{Comparison, Override};
use juxta_wire::params::{self, ParameterKind, ParameterSpec};
use juxta_wire::run::CellState;
use serde_json::Value;
use serde_json::value::RawValue;

/// A value that fits, spelled as only its own text says.
fn fitting(spec: &ParameterSpec) -> String {
    let first = |suggestions: &[&str]| suggestions.first().copied().unwrap_or("a \"word\" ü").to_owned();
    let quoted = |text: &str| serde_json::to_string(text).expect("a text is JSON");
    let json = match spec.kind {
        ParameterKind::Number { maximum, .. } if maximum.is_some_and(|most| most <= 1.0) => "0.50".to_owned(),
        ParameterKind::Number { .. } => "1.50".to_owned(),
        ParameterKind::Integer { minimum, maximum } => {
            minimum.unwrap_or(1).max(1).min(maximum.unwrap_or(i64::MAX)).to_string()
        }
        ParameterKind::Boolean => "true".to_owned(),
        ParameterKind::Text { suggestions } => quoted(&first(suggestions)),
        ParameterKind::TextOrList { .. } => r#"[ "END","\u00e4\/"]"#.to_owned(),
        ParameterKind::TextList { suggestions } => format!("[ {}]", quoted(&first(suggestions))),
        ParameterKind::Object { example }
        | ParameterKind::ObjectList { example, .. }
        | ParameterKind::TextOrObject { example, .. } => example.to_owned(),
    };
    assert_eq!(params::check(spec, &json), None, "{}: {json}", spec.name);
    json
}

/// Members of the body that reached the server last, with their bytes. Those of a form are texts, and lists several.
fn arrived(world: &World) -> BTreeMap<String, String> {
    let captures = world.sandbox.captures();
    let body = captures.last().expect("a request came").body.clone();
    if body.starts_with(b"--") {
        return fields_of_form(&body);
    }
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(&body).expect("an object");
    members.into_iter().map(|(name, value)| (name, value.get().to_owned())).collect()
}

fn fields_of_form(body: &[u8]) -> BTreeMap<String, String> {
    let body = String::from_utf8_lossy(body);
    let boundary = body.split("\r\n").next().expect("a first line");
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    for part in body.split(boundary) {
        let Some((head, value)) = part.split_once("\r\n\r\n") else { continue };
        let Some((_, name)) = head.split_once("; name=\"") else { continue };
        let name = name.split(['"', '[']).next().unwrap_or_default();
        let value = value.strip_suffix("\r\n").expect("a line ends before the next boundary");
        fields.entry(name.to_owned()).and_modify(|all| all.push_str(value)).or_insert_with(|| value.to_owned());
    }
    fields
}

/// What a value is in a form: a text without quotes, of a list and of an object one field after the other, else its JSON.
fn in_a_form(json: &str) -> String {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match serde_json::from_str(json).expect("JSON") {
        Value::String(text) => text,
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(members) => members.values().map(plain).collect(),
        _ => json.to_owned(),
    }
}

fn connection(world: &World, dialect: Dialect) -> juxta_wire::connection::Connection {
    let prefix = if dialect == Dialect::OpenAi { "/oai" } else { "" };
    world.connect("Own", dialect, &format!("http://{}{prefix}", world.sandbox.address()))
}

/// What the server makes of it is its own affair; that the call is over means that it was there.
async fn sent(world: &World, comparison: Comparison) -> BTreeMap<String, String> {
    let before = world.sandbox.captures().len();
    let cells = world.run(comparison).await;
    assert!(cells.iter().all(|cell| cell.state != CellState::Queued));
    assert_eq!(world.sandbox.captures().len(), before + 1);
    arrived(world)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_of_every_table_arrives_as_it_was_set_in_the_base_and_in_a_lane() {
    let world = World::start().await;
    let recording = world.engine.import_recording("a.wav", b"RIFF....WAVE").expect("a recording");
    let mut walked = 0;
    for table in params::tables() {
        let own = connection(&world, table.dialect);
        let set: Vec<Parameter> =
            table.parameters.iter().map(|spec| Parameter::new(spec.name, fitting(spec))).collect();
        let mut base = chat(&own.id, "sandbox/short", &[]);
        base.lanes[0].endpoint = table.endpoint;
        base.draft.texts = vec!["a".to_owned()];
        base.draft.recording = Some(recording.id.clone());
        let mut by_lane = base.clone();
        base.draft.parameters.clone_from(&set);
        by_lane.lanes[0].overrides =
            set.iter().map(|parameter| Override::Set { parameter: parameter.clone() }).collect();
        for comparison in [base, by_lane] {
            let arrived = sent(&world, comparison).await;
            for parameter in &set {
                let place = format!("{} of {:?}, {:?}", parameter.name, table.endpoint, table.dialect);
                let meant = match table.endpoint {
                    EndpointKind::Transcribe => in_a_form(&parameter.json),
                    _ => parameter.json.clone(),
                };
                assert_eq!(arrived.get(&parameter.name), Some(&meant), "{place}");
                walked += 1;
            }
        }
    }
    assert!(walked > 250, "{walked} values were sent");
}

/// Members that the documents name or leave open, each with its own spelling: what the form has no field for is written as
/// JSON and kept.
const MESSAGES: &str = r#"[
 {"role":"developer","content":[{"type":"text","text":"ä"}],"name":"who \"is\" it"},
 {"role":"user","content":[
   {"type":"text","text":"東京","cache_control":{"type":"ephemeral"}},
   {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","detail":"low"}},
   {"type":"image_url","image_url":{"url":"https://example.org/a.png"}},
   {"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}},
   {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERg=="}},
   {"type":"file","file":{"file_id":"file_1"}},
   {"type":"of_tomorrow","x" : 1.0}]},
 {"role":"assistant","content":null,"refusal":"No \\ never","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"a\": 1.0}"}}],
  "function_call":{"name":"f","arguments":"{}"},"audio":{"id":"audio_1"},"reasoning_content":"…","prefix":true},
 {"role":"assistant","content":[{"type":"refusal","refusal":"No"}]},
 {"role":"tool","content":"{\"b\":2}","tool_call_id":"call_1"},
 {"role":"user"}
]"#;

#[tokio::test(flavor = "multi_thread")]
async fn every_member_of_a_message_and_of_its_parts_can_be_written_and_arrives() {
    let world = World::start().await;
    for dialect in [Dialect::ScaleV5, Dialect::ScaigridV1, Dialect::OpenAi] {
        let own = connection(&world, dialect);
        let base = chat(&own.id, "sandbox/short", &[]);
        let lane = base.lanes[0].id.clone();
        let body = format!("{{\"model\":\"sandbox/short\",\"messages\":{MESSAGES}}}");
        let edit = world.engine.apply_body(&base, &lane, &body);
        let draft = edit.comparison.unwrap_or_else(|| panic!("{dialect:?}: {:?}", edit.problems));
        assert!(draft.lanes[0].raw_body.is_none(), "the form took all of it");
        let Preview::Ready { request } = world.engine.preview(&draft, &lane) else { panic!("{dialect:?}") };
        let arrived = sent(&world, draft).await;
        assert!(request.body.contains(&arrived["messages"]), "what is shown is what is sent");
        // Only the spaces between members are ours.
        assert_eq!(squeezed(&arrived["messages"]), squeezed(MESSAGES), "{dialect:?}");
    }
}

/// Without white space outside of texts; numbers and escapes stay as they are spelled.
fn squeezed(json: &str) -> String {
    let (mut text, mut escaped) = (false, false);
    json.chars()
        .filter(|character| {
            let inside = text;
            match character {
                '"' if !escaped => text = !text,
                _ => {}
            }
            escaped = text && *character == '\\' && !escaped;
            inside || !character.is_whitespace()
        })
        .collect()
}

/// Endpoints whose input is no list of messages take any item in a body written by hand, to the byte.
#[tokio::test(flavor = "multi_thread")]
async fn any_item_of_a_responses_input_arrives_from_a_body_written_by_hand() {
    let world = World::start().await;
    let body = r#"{"model":"sandbox/short", "input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"ä"},
      {"type":"input_image","file_id":"file_1","detail":"low"},{"type":"input_file","file_url":"https://example.org/a.pdf"}]},
      {"type":"item_reference","id":"msg_1"},{"type":"function_call","call_id":"c","name":"f","arguments":"{\"a\":1.0}"},
      {"type":"function_call_output","call_id":"c","output":"12"},{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"x"}],"x_tomorrow" : 1.0}"#;
    for dialect in [Dialect::ScaleV5, Dialect::OpenAi] {
        let own = connection(&world, dialect);
        let mut comparison = chat(&own.id, "sandbox/short", &[]);
        comparison.lanes[0].endpoint = EndpointKind::Responses;
        comparison.lanes[0].raw_body = Some(body.to_owned());
        sent(&world, comparison).await;
        let captures = world.sandbox.captures();
        assert_eq!(String::from_utf8_lossy(&captures.last().expect("a request").body), body, "{dialect:?}");
    }
}
