//! Answers against the schema that was sent, from the socket to what the page is told.

use std::time::Duration;

use juxta_tests::world::{World, chat};
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::ids::ConnectionId;
use juxta_wire::lane::Comparison;
use juxta_wire::replay::ReplayPace;
use juxta_wire::run::{Cell, CellState};
use juxta_wire::schema::{CutWithin, SchemaCheck, SchemaState};

const SCHEMA: &str = r##"{"type":"object","additionalProperties":false,"required":["id","items"],"properties":{
    "id":{"type":"string","description":"“Ä🌊\\\""},
    "items":{"type":"array","minItems":3,"items":{"$ref":"#/$defs/Item"}}},
    "$defs":{"Item":{"type":"object","additionalProperties":false,"required":["colour","price"],"properties":{
        "colour":{"enum":["red","green"]},"price":{"type":"number"}}}}}"##;

/// An order to a model of the sandbox, with the schema as the endpoint wants it.
fn order(endpoint: EndpointKind, model: &str) -> Comparison {
    let (name, value) = match endpoint {
        EndpointKind::Responses => (
            "text",
            format!(r#"{{"format":{{"type":"json_schema","name":"order_schema","strict":true,"schema":{SCHEMA}}}}}"#),
        ),
        _ => (
            "response_format",
            format!(
                r#"{{"type":"json_schema","json_schema":{{"name":"order_schema","strict":true,"schema":{SCHEMA}}}}}"#
            ),
        ),
    };
    let model = format!("sandbox/{model}");
    let mut comparison = chat(&ConnectionId("sandbox-openai".into()), &model, &[("stream", "true"), (name, &value)]);
    comparison.lanes[0].endpoint = endpoint;
    comparison
}

/// The check of the part of an answer that is text.
fn checked(world: &World, cell: &Cell) -> SchemaCheck {
    let texts = cell.outcome.choices.iter().filter(|choice| !choice.text.is_empty());
    let [choice] = texts.collect::<Vec<_>>()[..] else { panic!("one text: {:?}", cell.outcome) };
    world.engine.schema_check(&cell.id, choice.index).expect("a check").expect("a schema was sent")
}

/// What each fault lights.
fn lit(cell: &Cell, check: &SchemaCheck) -> Vec<String> {
    let text: Vec<u16> = cell.outcome.choices.iter().flat_map(|choice| choice.text.encode_utf16()).collect();
    let part = |start: u32, end: u32| String::from_utf16_lossy(&text[start as usize..end as usize]);
    check.faults.iter().map(|fault| part(fault.start, fault.end)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_answer_is_told_for_what_it_is() {
    let mut world = World::start().await;
    let mut known = Vec::new();
    for endpoint in [EndpointKind::Chat, EndpointKind::Responses] {
        for (model, expected) in [
            ("schema-valid", vec![]),
            ("schema-wrong-enum", vec!["\"blue\""]),
            ("schema-wrong-type", vec!["\"49,90\""]),
            ("schema-unknown-key", vec!["\"comment\""]),
        ] {
            let cell = world.run(order(endpoint, model)).await.remove(0);
            assert_eq!(cell.state, CellState::Finished, "{model}");
            let check = checked(&world, &cell);
            assert_eq!(lit(&cell, &check), expected, "{model}");
            let state = if expected.is_empty() { SchemaState::Valid } else { SchemaState::Invalid };
            assert_eq!((check.state.clone(), check.name.as_str()), (state, "order_schema"), "{model}");
            known.push((cell, check));
        }
        let cell = world.run(order(endpoint, "schema-cut")).await.remove(0);
        let check = checked(&world, &cell);
        let SchemaState::CutOff { pointer, within, .. } = &check.state else { panic!("{:?}", check.state) };
        assert!(pointer.starts_with("/items"), "{pointer}");
        assert!(!matches!(within, CutWithin::Word), "{within:?}");
        for (model, message) in [
            ("schema-words", "The answer begins with words, not with JSON."),
            ("schema-fence", "The answer begins with a Markdown fence, not with JSON."),
        ] {
            let cell = world.run(order(endpoint, model)).await.remove(0);
            let SchemaState::NotJson { start, message: told, .. } = checked(&world, &cell).state else {
                panic!("{model}")
            };
            assert_eq!((start, told.as_str()), (0, message));
        }
    }
    // An engine that has not seen them run says the same of all of them.
    world.restart().await;
    for (cell, check) in known {
        assert_eq!(checked(&world, &cell), check, "{}", cell.model);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_is_told_while_the_answer_streams_and_while_it_is_played_again() {
    let world = World::start().await;
    let run = world.engine.start_run(order(EndpointKind::Chat, "schema-wrong-enum"), None).await.expect("a run");
    let cell = run.cells[0].id.clone();
    let growing = async |of: &str| {
        let mut told = 0;
        loop {
            let check = world.engine.schema_check(&cell, 0).expect("a check").expect("a schema was sent");
            assert!(check.faults.len() >= told, "{of}: nothing is taken back");
            told = check.faults.len();
            match check.state {
                SchemaState::Growing if told > 0 => return check,
                SchemaState::Growing => tokio::time::sleep(Duration::from_millis(5)).await,
                other => panic!("{of}: the fault came with the end: {other:?}"),
            }
        }
    };
    let live = growing("live").await;
    let cells = world.wait(&run).await;
    let end = checked(&world, &cells[0]);
    assert_eq!((end.state.clone(), &end.faults), (SchemaState::Invalid, &live.faults));

    world.engine.start_replay(&cell, ReplayPace::Times { factor: 4.0 }).await.expect("a replay");
    assert_eq!(growing("replayed").await.faults, end.faults);
    world.engine.control_replay(&cell, juxta_wire::replay::ReplayControl::Finish);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_asked_for_nothing_has_no_check() {
    let world = World::start().await;
    let plain =
        world.run(chat(&ConnectionId("sandbox-openai".into()), "sandbox/json", &[("stream", "true")])).await.remove(0);
    assert_eq!(world.engine.schema_check(&plain.id, 0).expect("a look"), None);
    let object = [("response_format", r#"{"type":"json_object"}"#)];
    let free = world.run(chat(&ConnectionId("sandbox-openai".into()), "sandbox/json", &object)).await.remove(0);
    let check = world.engine.schema_check(&free.id, 0).expect("a look").expect("an object was asked for");
    assert_eq!((check.state, check.has_schema, check.name.as_str()), (SchemaState::Valid, false, "JSON object"));
}
