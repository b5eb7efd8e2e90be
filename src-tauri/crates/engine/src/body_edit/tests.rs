mod properties;

use juxta_wire::draft::{Draft, Role, Variable};
use juxta_wire::ids::{ComparisonId, ConnectionId};

use super::*;
use crate::resolve::messages;

fn lane(model: &str) -> Lane {
    Lane {
        id: LaneId::new(),
        connection: ConnectionId("c".to_owned()),
        endpoint: EndpointKind::Chat,
        model: model.to_owned(),
        overrides: Vec::new(),
        forked_messages: None,
        muted: false,
        raw_body: None,
        hold: false,
        variables: Vec::new(),
    }
}

fn parameters(pairs: &[(&str, &str)]) -> Vec<Parameter> {
    pairs.iter().map(|(name, json)| Parameter::new(*name, *json)).collect()
}

fn comparison(messages: Vec<Message>, pairs: &[(&str, &str)], lanes: Vec<Lane>) -> Comparison {
    let variables = vec![Variable::text("city", "Oslo")];
    let draft = Draft { messages, parameters: parameters(pairs), variables, ..Draft::default() };
    Comparison { id: ComparisonId::new(), name: "Test".to_owned(), draft, lanes, repeats: 1 }
}

fn body_of(comparison: &Comparison, index: usize) -> String {
    form_body(comparison, &comparison.lanes[index], None).expect("a body")
}

fn applied(comparison: &Comparison, index: usize, text: &str) -> Comparison {
    let edit = apply(comparison, index, text, None);
    assert_eq!(edit.problems, [], "{text}");
    edit.comparison.expect("no problem, so it is applied")
}

fn set(name: &str, json: &str) -> Override {
    Override::Set { parameter: Parameter::new(name, json) }
}

#[test]
fn the_text_of_a_new_lane_shows_what_is_still_to_be_chosen() {
    let comparison = comparison(vec![], &[("stop", "[ \"a\" ]")], vec![lane("")]);
    let text = json::indented(&body_of(&comparison, 0));
    assert_eq!(text, "{\n  \"model\": \"\",\n  \"messages\": [],\n  \"stop\": [\n    \"a\"\n  ]\n}");
}

#[test]
fn the_base_writes_the_draft_and_another_lane_only_where_it_differs() {
    let hello = vec![Message::text(Role::User, "Hello {{city}}")];
    let mut before = comparison(hello, &[("temperature", "0.20"), ("stop", "[ \"a\" ]")], vec![lane("a"), lane("b")]);
    before.lanes[1].overrides = vec![set("seed", "7"), Override::Unset { name: "never".to_owned() }];
    let messages = r#""messages":[{"role":"user","content":"Hello {{city}}"}]"#;

    let base = applied(
        &before,
        0,
        &format!(r#"{{"model":"a",{messages},"temperature":1e0,"stop":["a"],"x":{{ "b": 1.0 }}}}"#),
    );
    let expected = parameters(&[("temperature", "1e0"), ("stop", "[ \"a\" ]"), ("x", "{\"b\":1.0}")]);
    assert_eq!(base.draft.parameters, expected, "what did not change keeps its white space");
    assert_eq!((&base.lanes[1], &base.draft.messages), (&before.lanes[1], &before.draft.messages));

    let other = applied(&before, 1, &format!(r#"{{"model":"z",{messages},"temperature":0.2,"seed":7}}"#));
    assert_eq!(other.draft, before.draft);
    assert_eq!(other.lanes[1].model, "z");
    let expected = [set("temperature", "0.2"), set("seed", "7"), Override::Unset { name: "stop".to_owned() }];
    assert_eq!(other.lanes[1].overrides, expected, "0.2 is not 0.20");

    let again = applied(&other, 1, &format!(r#"{{"model":"z",{messages},"temperature":0.20,"stop":["a"]}}"#));
    assert_eq!(again.lanes[1].overrides, [], "equal to the base is no difference");
}

#[test]
fn messages_keep_their_ids_and_muted_ones_their_place() {
    let texts = ["system", "example", "hidden", "question"];
    let mut messages: Vec<Message> = texts.iter().map(|text| Message::text(Role::User, *text)).collect();
    messages[2].muted = true;
    let before = comparison(messages, &[], vec![lane("a")]);
    let ids: Vec<_> = before.draft.messages.iter().map(|message| message.id.clone()).collect();
    let after = |texts: &[&str]| {
        let list: Vec<String> = texts.iter().map(|text| format!(r#"{{"role":"user","content":"{text}"}}"#)).collect();
        let changed = applied(&before, 0, &format!(r#"{{"model":"a","messages":[{}]}}"#, list.join(",")));
        let known = |message: &Message| ids.iter().position(|id| *id == message.id);
        changed
            .draft
            .messages
            .iter()
            .map(|message| (known(message), message.muted, crate::body_edit::written(message).expect("JSON")))
            .map(|(id, muted, json)| {
                format!(
                    "{}{}{}",
                    id.map_or("-".into(), |id| id.to_string()),
                    if muted { "m" } else { "" },
                    &json[26..json.len() - 2]
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(after(&["system", "example", "question"]), ["0system", "1example", "2mhidden", "3question"]);
    assert_eq!(after(&["system", "example", "other"]), ["0system", "1example", "2mhidden", "3other"]);
    assert_eq!(
        after(&["new", "system", "example", "question"]),
        ["-new", "0system", "1example", "2mhidden", "3question"]
    );
    assert_eq!(after(&["system", "question"]), ["0system", "2mhidden", "3question"]);
    assert_eq!(after(&["question"]), ["2mhidden", "3question"]);
    assert_eq!(after(&[]), ["2mhidden"]);
}

#[test]
fn a_lane_with_an_input_of_its_own_is_the_only_one_that_changes() {
    let mut before = comparison(vec![Message::text(Role::User, "all")], &[], vec![lane("a"), lane("b")]);
    before.lanes[1].forked_messages = Some(vec![Message::text(Role::User, "mine")]);
    let after = applied(&before, 1, r#"{"model":"b","messages":[{"role":"system","content":"ours"}]}"#);
    assert_eq!(after.draft, before.draft);
    let own = after.lanes[1].forked_messages.as_ref().expect("its own");
    assert_eq!(
        (own[0].role, &own[0].id),
        (Role::System, &before.lanes[1].forked_messages.as_ref().expect("own")[0].id)
    );
}

#[test]
fn an_order_is_kept_for_the_draft_and_forgotten_when_it_is_the_usual_one() {
    let before = comparison(vec![], &[("a", "1"), ("b", "2")], vec![lane("x"), lane("y")]);
    let turned = applied(&before, 0, r#"{"b":2,"messages":[],"model":"x","a":1}"#);
    assert_eq!(body_of(&turned, 0), r#"{"b":2,"messages":[],"model":"x","a":1}"#);
    let back = applied(&turned, 0, r#"{"model":"x","messages":[],"a":1,"b":2}"#);
    assert_eq!(back, before);

    let other = applied(&before, 1, r#"{"model":"y","messages":[],"b":2,"c":3}"#);
    assert_eq!(body_of(&other, 1), r#"{"model":"y","messages":[],"b":2,"c":3}"#);
    let turned = applied(&other, 1, r#"{"c":3,"model":"y","messages":[],"b":2}"#);
    assert_eq!(body_of(&turned, 1), r#"{"c":3,"model":"y","messages":[],"b":2}"#);
    assert_eq!(body_of(&turned, 0), r#"{"model":"x","messages":[],"a":1,"b":2}"#, "a key of its own moves no other");
}

#[test]
fn an_error_changes_nothing_and_a_warning_changes_everything() {
    let before = comparison(vec![Message::text(Role::User, "ä🐟")], &[], vec![lane("a")]);
    let apply = |text: &str| apply(&before, 0, text, Some(Dialect::ScaleV5));

    let text =
        r#"{"model":"a","messages":[{"role":"user","content":"ä🐟"}],"x":"🐟","temperature":2.4,"stream":"yes"}"#;
    let edit = apply(text);
    assert_eq!(edit.comparison.expect("applied").draft.parameters.len(), 3);
    let marked: Vec<(String, Severity, &str)> = edit
        .problems
        .iter()
        .map(|problem| {
            let units: Vec<u16> = text.encode_utf16().collect();
            let marked = String::from_utf16(&units[problem.start as usize..problem.end as usize]).expect("text");
            (marked, problem.severity, problem.path.as_str())
        })
        .collect();
    let expected =
        [("2.4", "temperature"), ("\"yes\"", "stream")].map(|(text, path)| (text.to_owned(), Severity::Warning, path));
    assert_eq!(marked, expected);

    for (text, words) in [
        ("", "nothing here"),
        ("{\n  \"model\": \"a\"\n  \"messages\": []\n}", "comma is missing between two members"),
        (r#"{"model":"a","messages":{}}"#, "are a list"),
        (r#"{"model":"a","messages":[{"role":"boss","content":""}]}"#, "one of these roles"),
        (r#"{"model":"a","messages":[],"n":1,"n":1}"#, "second time"),
        (r#"{"messages":[]}"#, "no model"),
    ] {
        let edit = apply(text);
        assert_eq!(edit.comparison, None, "{text}");
        assert!(edit.problems[0].message.contains(words), "{text}: {:?}", edit.problems);
    }
}

#[test]
fn json_of_another_endpoint_becomes_the_body_itself() {
    let mut before = comparison(
        vec![Message::text(Role::User, "Hello {{city}}")],
        &[("max_tokens", "5"), ("temperature", "0.20")],
        vec![lane("a"), lane("b")],
    );
    before.lanes[1].endpoint = EndpointKind::Responses;
    let text = json::indented(&body_of(&before, 1));
    let expected = "{\n  \"model\": \"b\",\n  \"input\": [\n    {\n      \"role\": \"user\",\n      \"content\": \"Hello {{city}}\"\n    }\n  ],\n  \"max_output_tokens\": 5,\n  \"temperature\": 0.20\n}";
    assert_eq!(text, expected);
    assert_eq!(applied(&before, 1, &text), before, "the same text again changes nothing");

    let edited = text.replace("0.20", "2.50");
    let edit = apply(&before, 1, &edited, Some(Dialect::ScaleV5));
    let paths: Vec<&str> = edit.problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["temperature"], "a value out of range is worth a word");
    let after = edit.comparison.expect("applied");
    assert_eq!(after.lanes[1].raw_body.as_deref(), Some(edited.as_str()), "to the byte");
    assert_eq!((&after.draft, &after.lanes[0]), (&before.draft, &before.lanes[0]));

    for (text, words) in [("[1]", "begins with {"), ("{\"a\":1,}", "no member behind")] {
        let edit = apply(&before, 1, text, None);
        assert_eq!(edit.comparison, None, "{text}");
        assert!(edit.problems[0].message.contains(words), "{:?}", edit.problems);
    }
    let twice = apply(&before, 1, "{\"a\":1,\"a\":2}", None);
    assert!(twice.comparison.is_some() && twice.problems[0].message.contains("second time"));

    // A chat whose draft speaks the words of responses cannot be read back into it either.
    let mut turned = before.clone();
    turned.lanes.swap(0, 1);
    let text = body_of(&turned, 1).replace("Hello", "Bye");
    assert_eq!(applied(&turned, 1, &text).lanes[1].raw_body.as_deref(), Some(text.as_str()));
}

#[test]
fn what_a_lane_sends_is_told_in_its_own_words_with_its_variables() {
    let mut before = comparison(
        vec![],
        &[("instructions", "\"In {{city}}\""), ("max_output_tokens", "1e2"), ("x", "1.0")],
        vec![lane(""), lane("")],
    );
    before.lanes[0].endpoint = EndpointKind::Responses;
    let told = |index: usize| {
        let form = resolve::form(&before, &before.lanes[index], Some(Dialect::ScaleV5)).expect("a form");
        parameters_of(form)
    };
    assert_eq!(told(0), before.draft.parameters);
    assert_eq!(told(1), parameters(&[("max_completion_tokens", "1e2"), ("x", "1.0")]));
}

fn of_endpoint(endpoint: EndpointKind, messages: Vec<Message>, pairs: &[(&str, &str)]) -> Comparison {
    let lane = || Lane { endpoint, ..lane("a") };
    comparison(messages, pairs, vec![lane(), lane()])
}

#[test]
fn input_items_prompts_and_args_are_read_back_into_the_draft() {
    let before =
        of_endpoint(EndpointKind::Responses, vec![Message::text(Role::User, "Hi")], &[("temperature", "0.20")]);
    let text = r#"{"model":"a","input":[{"role":"user","content":"Hi"},{"type":"reasoning","id":"r","summary":[]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"4"},{"role":"user","content":[{"type":"input_text","text":"ä"},{"type":"input_image","image_url":"https://a.example/b.png"},{"type":"input_file","file_id":"f"}]}],"temperature":0.20,"store":false}"#;
    let after = applied(&before, 0, text);
    assert_eq!((after.lanes[0].raw_body.as_deref(), body_of(&after, 0).as_str()), (None, text));
    assert_eq!(after.draft.messages[0].id, before.draft.messages[0].id);
    let told: Vec<(Role, bool)> = after
        .draft
        .messages
        .iter()
        .map(|message| (message.role, matches!(message.content, Content::Text { .. })))
        .collect();
    let item = (Role::Assistant, false);
    assert_eq!(told, [(Role::User, true), item, item, (Role::Tool, true), (Role::User, false)]);

    let other = applied(&after, 1, &text.replace("0.20", "1"));
    assert_eq!((&other.draft, &other.lanes[0]), (&after.draft, &after.lanes[0]));
    assert_eq!(other.lanes[1].overrides, [set("temperature", "1")]);

    let bare = applied(&after, 0, r#"{"model":"a","input":"Bye","conversation":"c"}"#);
    assert_eq!(body_of(&bare, 0), r#"{"model":"a","input":"Bye","conversation":"c"}"#);
    let none = applied(&bare, 0, r#"{"model":"a","prompt":{"id":"p"}}"#);
    assert_eq!((body_of(&none, 0).as_str(), none.draft.messages.len()), (r#"{"model":"a","prompt":{"id":"p"}}"#, 0));

    let generic = of_endpoint(EndpointKind::Generic, vec![Message::text(Role::User, "Hi")], &[("temperature", "1")]);
    let after = applied(&generic, 0, r#"{"model":"a","args":{"x":1.0},"inference_configuration":{}}"#);
    let expected = parameters(&[("args", r#"{"x":1.0}"#), ("inference_configuration", "{}")]);
    assert_eq!((&after.draft.parameters, &after.draft.messages), (&expected, &generic.draft.messages));
}

#[test]
fn a_prompt_of_several_messages_stays_theirs_until_its_text_changes() {
    let messages = vec![Message::text(Role::System, "Be brief."), Message::text(Role::User, "Go")];
    let before = of_endpoint(EndpointKind::Completions, messages, &[("max_tokens", "5")]);
    let text = body_of(&before, 0);
    let shorter = applied(&before, 0, &text.replace('5', "4"));
    assert_eq!(shorter.draft.messages, before.draft.messages);
    assert_eq!(shorter.draft.parameters, parameters(&[("max_tokens", "4")]));
    let changed = applied(&before, 0, &text.replace("Go", "Stop"));
    assert_eq!(changed.draft.messages.len(), 1);
    assert_eq!(body_of(&changed, 0), text.replace("Go", "Stop"));
}

#[test]
fn what_the_form_of_an_endpoint_would_not_send_becomes_the_body_itself() {
    for (endpoint, text) in [
        (EndpointKind::Completions, r#"{"model":"a","prompt":["x","y"]}"#),
        (EndpointKind::Completions, r#"{"prompt":"x"}"#),
        (EndpointKind::Responses, r#"{"model":"a","input":[{"role":"tool","content":"x"}]}"#),
        (EndpointKind::Responses, r#"{"model":"a","input":[7]}"#),
        (EndpointKind::Responses, r#"{"model":"a","input":"gr\u00f6\u00dfer"}"#),
        (EndpointKind::Responses, r#"{"model":"a","input":[{"role":"user","content":[{"type":"text","text":"x"}]}]}"#),
        (EndpointKind::Generic, r#"{"model":4,"args":{}}"#),
    ] {
        let before = of_endpoint(endpoint, vec![Message::text(Role::User, "Hi")], &[]);
        let after = applied(&before, 0, text);
        assert_eq!(after.lanes[0].raw_body.as_deref(), Some(text));
        assert_eq!((&after.draft, &after.lanes[1]), (&before.draft, &before.lanes[1]));
    }
}
