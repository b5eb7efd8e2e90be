//! Answers of every text endpoint, from the sandbox through the whole engine: a stream means what its document means, and
//! a replay what the call meant.

use juxta_tests::world::{World, chat, sandbox};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::ids::LaneId;
use juxta_wire::lane::{Comparison, Lane};
use juxta_wire::outcome::{Choice, Outcome, OutputItem};
use juxta_wire::replay::ReplayPace;
use juxta_wire::run::{Cell, CellState};
use serde_json::Value;

fn call(dialect: Dialect, endpoint: EndpointKind, model: &str, stream: bool) -> Comparison {
    let stream = if stream { "true" } else { "false" };
    let (name, value) = match endpoint {
        EndpointKind::Generic => ("args", format!("{{\"stream\":{stream},\"prompt\":\"é\"}}")),
        _ => ("stream", stream.to_owned()),
    };
    let parameters: &[(&str, &str)] = &[(name, &value)];
    let mut comparison = chat(&sandbox(dialect), model, parameters);
    comparison.lanes[0].endpoint = endpoint;
    comparison
}

async fn answered(world: &World, comparison: Comparison) -> Cell {
    world.run(comparison).await.remove(0)
}

/// What people see of a part of an answer: what the server makes anew for every call is left out.
#[derive(Debug, PartialEq)]
struct Shown {
    kind: Option<String>,
    status: Option<String>,
    members: Option<Value>,
    texts: [String; 3],
    calls: Vec<(String, String, String)>,
}

fn shown(outcome: &Outcome) -> Vec<Shown> {
    let of = |choice: &Choice| Shown {
        kind: choice.item.as_ref().map(|item| item.kind.clone()),
        status: choice.item.as_ref().and_then(|item| item.status.clone()),
        members: choice.item.as_ref().map(|item| without_ids(serde_json::from_str(&item.json).expect("JSON"))),
        texts: [choice.text.clone(), choice.reasoning.clone(), choice.refusal.clone()],
        calls: choice
            .tool_calls
            .iter()
            .map(|call| (call.kind.clone(), call.name.clone(), call.arguments.clone()))
            .collect(),
    };
    outcome.choices.iter().map(of).collect()
}

fn without_ids(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(name, _)| name != "id" && !name.ends_with("_id"));
            members.map(|(name, value)| (name, without_ids(value))).collect()
        }
        Value::Array(elements) => elements.into_iter().map(without_ids).collect(),
        value => value,
    }
}

fn items(outcome: &Outcome) -> Vec<&OutputItem> {
    outcome.choices.iter().filter_map(|choice| choice.item.as_ref()).collect()
}

const MODELS: [&str; 10] = [
    "short",
    "reasoning",
    "unicode",
    "items-text",
    "items-tools",
    "items-search",
    "items-shell",
    "items-mcp",
    "items-media",
    "items-unknown",
];

/// The same response of every model, side by side.
async fn responses(world: &World, dialect: Dialect, stream: bool) -> Vec<Cell> {
    let mut comparison = call(dialect, EndpointKind::Responses, "sandbox/short", stream);
    let lane =
        |model: &&str| Lane { id: LaneId::new(), model: format!("sandbox/{model}"), ..comparison.lanes[0].clone() };
    comparison.lanes = MODELS.iter().map(lane).collect();
    world.run(comparison).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_a_response_means_what_its_document_means() {
    let world = World::start().await;
    let mut kinds: Vec<String> = Vec::new();
    for dialect in [Dialect::ScaleV5, Dialect::OpenAi] {
        let streams = responses(&world, dialect, true).await;
        let documents = responses(&world, dialect, false).await;
        for (stream, document) in streams.iter().zip(&documents) {
            let model = &stream.model;
            assert_eq!((&stream.state, &stream.error), (&CellState::Finished, &None), "{model} {dialect:?}");
            assert_eq!((&document.state, &document.error), (&CellState::Finished, &None), "{model} {dialect:?}");
            assert!(stream.outcome.events > 2 && document.outcome.events == 0, "{model} {dialect:?}");
            // Spoken words come in events that belong to no item, and in no document.
            let mut of_stream = shown(&stream.outcome);
            of_stream.retain(|shown| shown.kind.as_deref() != Some("audio"));
            assert_eq!(of_stream, shown(&document.outcome), "{model} {dialect:?}");
            assert_eq!(stream.outcome.status, document.outcome.status, "{model} {dialect:?}");
            assert_eq!(stream.outcome.usage, document.outcome.usage, "{model} {dialect:?}");
            kinds.extend(items(&stream.outcome).iter().map(|item| item.kind.clone()));
            replays(&world, stream).await;
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    assert!(kinds.len() >= 25, "the sandbox shows every kind: {kinds:?}");
}

/// The recorded bytes tell the window what the call told.
async fn replays(world: &World, cell: &Cell) {
    let told = world.seen().told[&cell.id];
    world.engine.start_replay(&cell.id, ReplayPace::AtOnce).await.expect("a replay");
    let seen = world.until(|seen| seen.told[&cell.id] > told && seen.states[&cell.id].is_over()).await;
    let head = &seen.heads[&cell.id];
    assert_eq!((&head.state, &head.metrics), (&cell.state, &cell.metrics), "{}", cell.model);
    assert_eq!(head.milestones, cell.milestones, "{}", cell.model);
    assert_eq!(head.outcome.status, cell.outcome.status, "{}", cell.model);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_does_not_complete_says_how_it_ended() {
    let world = World::start().await;
    for (model, stream, state, status) in [
        ("sandbox/failed", true, CellState::Failed, "failed"),
        ("sandbox/failed", false, CellState::Failed, "failed"),
        ("sandbox/cancelled", true, CellState::Finished, "cancelled"),
        ("sandbox/cancelled", false, CellState::Finished, "cancelled"),
    ] {
        let cell = answered(&world, call(Dialect::ScaleV5, EndpointKind::Responses, model, stream)).await;
        assert_eq!((&cell.state, cell.outcome.status.as_deref()), (&state, Some(status)), "{model} {stream}");
        assert!(cell.outcome.choices.iter().any(|choice| !choice.text.is_empty()), "{model} {stream}: the text stays");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn continued_texts_come_from_every_endpoint_that_has_them() {
    let world = World::start().await;
    for (dialect, endpoint, stream) in [
        (Dialect::ScaleV5, EndpointKind::Completions, true),
        (Dialect::ScaleV5, EndpointKind::Completions, false),
        (Dialect::OpenAi, EndpointKind::Completions, true),
        (Dialect::ScaigridV1, EndpointKind::Generate, false),
    ] {
        let mut comparison = call(dialect, endpoint, "sandbox/short", stream);
        if endpoint == EndpointKind::Generate {
            comparison.draft.parameters.clear();
        }
        let cell = answered(&world, comparison).await;
        assert_eq!((&cell.state, &cell.error), (&CellState::Finished, &None), "{dialect:?} {endpoint:?}");
        assert!(!cell.outcome.choices[0].text.is_empty(), "{dialect:?} {endpoint:?}");
        // A stream has it only when it is asked for.
        assert_eq!(cell.outcome.usage.is_some(), !stream, "{dialect:?} {endpoint:?}");
    }
}

/// Generic inference answers with anything: a string is text, streamed or not, and every other value an item.
#[tokio::test(flavor = "multi_thread")]
async fn values_of_generic_inference_are_shown_as_they_came() {
    let world = World::start().await;
    for (kind, expected) in [
        ("string", None),
        ("integer", Some("7")),
        ("number", Some("0.9375")),
        ("boolean", Some("false")),
        ("null", Some("null")),
        ("array", Some("[0.12,-0.5,3,")),
        ("object", Some("{\"caption\":")),
    ] {
        let mut shown = Vec::new();
        for stream in [false, true] {
            let model = format!("sandbox/value-{kind}");
            let cell = answered(&world, call(Dialect::ScaleV5, EndpointKind::Generic, &model, stream)).await;
            assert_eq!((&cell.state, &cell.error), (&CellState::Finished, &None), "{kind} {stream}");
            assert_eq!((cell.outcome.choices.len(), cell.outcome.events > 0), (1, stream), "{kind} {stream}");
            let choice = &cell.outcome.choices[0];
            let item = choice.item.as_ref().map(|item| (item.kind.clone(), item.json.clone()));
            shown.push((choice.text.clone(), item));
        }
        assert_eq!(shown[0], shown[1], "{kind}: a stream ends with what a document has");
        let (text, item) = &shown[0];
        assert_eq!(text.is_empty(), expected.is_some(), "{kind}: {text}");
        let starts =
            |expected: &str| item.as_ref().is_some_and(|(of, json)| of == "value" && json.starts_with(expected));
        assert!(expected.map_or(item.is_none(), starts), "{kind}: {item:?}");
    }
}
