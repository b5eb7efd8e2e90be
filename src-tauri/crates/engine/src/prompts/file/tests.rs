use std::path::Path;
use std::process::Command;

use juxta_wire::draft::{Dataset, ReasoningBack, Role, Variable, VariableKind};
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::ids::{ComparisonId, LaneId, MessageId};
use juxta_wire::tools::{ToolCondition, ToolMode, ToolPlan, ToolRule, ToolSource};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn lane(model: &str) -> Lane {
    Lane {
        id: LaneId::new(),
        connection: ConnectionId("c-1".to_owned()),
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

fn comparison(messages: Vec<Message>) -> Comparison {
    Comparison {
        id: ComparisonId::new(),
        name: "Weekly summary".to_owned(),
        draft: Draft { messages, ..Draft::default() },
        lanes: vec![lane("openai/gpt-4o")],
        repeats: 1,
    }
}

fn written(comparison: &Comparison) -> String {
    write(comparison, &|_| "Desk".to_owned(), Vec::new())
}

fn read_back(text: &str) -> Result<Comparison, Unread> {
    read(text, &|named| named.id.clone())
}

/// Messages get ids of their own each time a file is read.
fn without_message_ids(mut comparison: Comparison) -> Comparison {
    let forked = comparison.lanes.iter_mut().filter_map(|lane| lane.forked_messages.as_mut()).flatten();
    for message in comparison.draft.messages.iter_mut().chain(forked) {
        message.id = MessageId(String::new());
    }
    comparison
}

#[test]
fn a_file_is_what_a_person_would_write() {
    let mut prompt = comparison(vec![
        Message::text(Role::System, "Be brief."),
        Message::text(Role::User, "Sum up:\n\n{{weeks}} “weeks”"),
    ]);
    prompt.id = ComparisonId("p-1".to_owned());
    prompt.draft.parameters = vec![Parameter::new("temperature", "0.20"), Parameter::new("stop", "[ \"END\" ]")];
    prompt.draft.variables = vec![Variable::text("weeks", "4")];
    prompt.lanes[0].id = LaneId("l-1".to_owned());
    prompt.lanes[0].overrides = vec![Override::Unset { name: "stop".to_owned() }];
    let expected = r#"{
  "format": "juxta-prompt/1",
  "id": "p-1",
  "name": "Weekly summary",
  "messages": [
    {
      "role": "system",
      "text": "Be brief."
    },
    {
      "role": "user",
      "text": [
        "Sum up:",
        "",
        "{{weeks}} “weeks”"
      ]
    }
  ],
  "variables": [
    {
      "name": "weeks",
      "value": "4"
    }
  ],
  "parameters": {
    "temperature": 0.20,
    "stop": [ "END" ]
  },
  "lanes": [
    {
      "id": "l-1",
      "connection": {
        "id": "c-1",
        "name": "Desk"
      },
      "endpoint": "chat",
      "model": "openai/gpt-4o",
      "overrides": [
        {
          "unset": "stop"
        }
      ]
    }
  ]
}
"#;
    assert_eq!(written(&prompt), expected);
    assert_eq!(read_back(expected).map(without_message_ids), Ok(without_message_ids(prompt)));
}

#[test]
fn kinds_tables_and_rules_stand_line_by_line() {
    let mut prompt = comparison(Vec::new());
    prompt.id = ComparisonId("p-1".to_owned());
    prompt.lanes[0].id = LaneId("l-1".to_owned());
    prompt.draft.variables = vec![
        Variable { kind: VariableKind::Number, default: "4".to_owned(), ..Variable::text("weeks", "") },
        Variable {
            kind: VariableKind::Choice { options: vec!["English".to_owned(), "Deutsch".to_owned()] },
            ..Variable::text("language", "Deutsch")
        },
    ];
    prompt.draft.dataset = Some(Dataset { path: "tables/towns.csv".to_owned(), row: 2, off: true });
    prompt.draft.reasoning_back = ReasoningBack::Always;
    prompt.draft.tool_plan = ToolPlan {
        mode: ToolMode::Auto,
        most_steps: 3,
        rules: vec![
            ToolRule {
                tool: "weather".to_owned(),
                when: vec![ToolCondition { pointer: "/city".to_owned(), equals: "Köln".to_owned() }],
                gives: ToolSource::Text { text: "rain\n12 °C".to_owned() },
            },
            ToolRule {
                tool: ToolRule::ANY.to_owned(),
                when: Vec::new(),
                gives: ToolSource::Http { url: "http://127.0.0.1:9/".to_owned(), timeout_ms: 5000 },
            },
        ],
    };
    let expected = r#"{
  "format": "juxta-prompt/1",
  "id": "p-1",
  "name": "Weekly summary",
  "messages": [],
  "variables": [
    {
      "name": "weeks",
      "kind": "number",
      "default": "4",
      "value": ""
    },
    {
      "name": "language",
      "kind": "choice",
      "options": [
        "English",
        "Deutsch"
      ],
      "value": "Deutsch"
    }
  ],
  "dataset": {
    "path": "tables/towns.csv",
    "row": 2,
    "off": true
  },
  "toolPlan": {
    "mode": "auto",
    "mostSteps": 3,
    "rules": [
      {
        "tool": "weather",
        "when": [
          {
            "pointer": "/city",
            "equals": "Köln"
          }
        ],
        "text": [
          "rain",
          "12 °C"
        ]
      },
      {
        "tool": "*",
        "url": "http://127.0.0.1:9/",
        "timeoutMs": 5000
      }
    ]
  },
  "reasoningBack": "always",
  "lanes": ["#;
    let text = written(&prompt);
    assert!(text.starts_with(expected), "{text}");
    assert_eq!(read_back(&text), Ok(prompt.clone()));
    for (from, to, line, word) in [
        ("\"kind\": \"number\"", "\"kind\": \"date\"", 9, "boolean"),
        ("\"options\": [", "\"options\": 1, \"o\": [", 16, "the options"),
        ("\"row\": 2", "\"row\": -2", 25, "whole number"),
        ("\"mode\": \"auto\"", "\"mode\": \"always\"", 29, "step, auto"),
        ("\"url\"", "\"uri\"", 45, "\"url\""),
        ("\"always\"", "\"often\"", 52, "usual, always, never"),
    ] {
        let unread = read_back(&text.replacen(from, to, 1)).expect_err(from);
        assert_eq!(unread.line, line, "{unread:?}");
        assert!(unread.message.contains(word), "{unread:?}");
    }
    let sparing = read_back(&text.replace("      \"value\": \"\"\n", "      \"extra\": 1\n")).expect("no value yet");
    assert_eq!(sparing.draft.variables, prompt.draft.variables);
}

#[test]
fn one_value_is_one_line_of_a_diff() {
    let mut prompt = long_prompt();
    prompt.draft.variables = vec![Variable { kind: VariableKind::Number, ..Variable::text("weeks", "4") }];
    prompt.draft.dataset = Some(Dataset { path: "towns.csv".to_owned(), row: 1, off: false });
    let mut changed = prompt.clone();
    changed.draft.variables[0].value = "5".to_owned();
    changed.draft.dataset = Some(Dataset { path: "towns.csv".to_owned(), row: 2, off: false });
    let lines = changed_lines(&prompt, &changed);
    assert_eq!(lines, ["-      \"value\": \"4\"", "+      \"value\": \"5\"", "-    \"row\": 1", "+    \"row\": 2"]);
}

#[test]
fn what_somebody_added_stays() {
    let prompt = comparison(Vec::new());
    let added = written(&prompt).replacen("{\n", "{\n  \"owner\": { \"team\" : \"docs\" },\n", 1);
    let again = write(&read_back(&added).expect("readable"), &|_| "Desk".to_owned(), other_members(&added));
    assert!(again.contains("\"owner\": { \"team\" : \"docs\" }"), "{again}");
    assert_eq!(write(&prompt, &|_| "Desk".to_owned(), other_members(&again)), again, "and does so for good");
}

#[test]
fn a_file_that_does_not_fit_says_where() {
    let good = written(&comparison(vec![Message::text(Role::User, "Hi")]));
    for (from, to, line, word) in [
        ("\"name\": \"Weekly summary\",", "\"name\": \"Weekly summary\"", 4, ""),
        ("juxta-prompt/1", "juxta-prompt/9", 2, "later version"),
        ("\"role\": \"user\"", "\"role\": \"usr\"", 7, "developer, system, user"),
        ("\"text\": \"Hi\"", "\"text\": 4", 8, "a list of its lines"),
        ("\"endpoint\": \"chat\"", "\"endpoint\": \"chats\"", 18, "responses"),
        ("\"name\": \"Weekly summary\",", "", 1, "\"name\""),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        let unread = read_back(&bad).expect_err(from);
        assert_eq!(unread.line, line, "{unread:?}");
        assert!(unread.message.contains(word), "{unread:?}");
    }
    for cut in 0..good.trim_end().len() {
        if good.is_char_boundary(cut) {
            assert!(read_back(&good[..cut]).is_err(), "cut at {cut}");
        }
    }
}

fn git(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let run = Command::new("git").current_dir(folder).args(arguments).output().expect("git");
    (run.status.success(), String::from_utf8(run.stdout).expect("UTF-8"))
}

fn long_prompt() -> Comparison {
    let text = "You sum up reports.\n\nBe brief.\nUse {{language}}.\n\nNever guess a number.";
    comparison(vec![Message::text(Role::System, text), Message::text(Role::User, "Sum up:\n{{report}}\n\nThank you.")])
}

fn with_text(prompt: &Comparison, at: usize, from: &str, to: &str) -> Comparison {
    let mut changed = prompt.clone();
    let Content::Text { text } = &mut changed.draft.messages[at].content else { panic!("a text") };
    assert!(text.contains(from));
    *text = text.replacen(from, to, 1);
    changed
}

fn changed_lines(from: &Comparison, to: &Comparison) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, prompt) in [("before", from), ("after", to)] {
        std::fs::write(folder.path().join(name), written(prompt)).expect("written");
    }
    let (same, diff) = git(folder.path(), &["diff", "--no-index", "--unified=0", "before", "after"]);
    assert!(!same);
    diff.lines()
        .filter(|line| line.starts_with(['+', '-']) && !line.starts_with("+++") && !line.starts_with("---"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn one_edit_is_one_line_of_a_diff() {
    let prompt = long_prompt();
    let lines = changed_lines(&prompt, &with_text(&prompt, 0, "Be brief.", "Be very brief."));
    assert_eq!(lines, ["-        \"Be brief.\",", "+        \"Be very brief.\","]);
}

#[test]
fn two_copies_that_were_edited_apart_merge() {
    let folder = tempfile::tempdir().expect("a folder");
    let prompt = long_prompt();
    let ours = with_text(&prompt, 0, "reports", "long reports");
    let mut theirs = with_text(&prompt, 1, "Thank you.", "Answer in one paragraph.\nThank you.");
    theirs.draft.parameters.push(Parameter::new("temperature", "0.2"));
    for (name, version) in [("base", &prompt), ("ours", &ours), ("theirs", &theirs)] {
        std::fs::write(folder.path().join(name), written(version)).expect("written");
    }
    let (clean, merged) = git(folder.path(), &["merge-file", "-p", "ours", "base", "theirs"]);
    assert!(clean, "{merged}");
    let mut both = with_text(&theirs, 0, "reports", "long reports");
    both.name.clone_from(&prompt.name);
    assert_eq!(read_back(&merged).map(without_message_ids), Ok(without_message_ids(both)));
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "([a-z {}\"\\\\]{0,6}\r?\n){0,4}[a-z]{0,3}", Just("\u{2028}\u{FEFF}\0".to_owned())]
}

/// JSON of any kind, and what is none yet.
fn json() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("0.20".to_owned()),
        Just("1e-3".to_owned()),
        Just("12345678901234567890".to_owned()),
        Just("1E+400".to_owned()),
        Just("null".to_owned()),
        Just("{\n  \"a\" : [1,\t2.0 ]}".to_owned()),
        Just("{\"a\":1,\r\n\"a\":2}".to_owned()),
        Just(" true ".to_owned()),
        Just("0.".to_owned()),
        Just(String::new()),
        text().prop_map(|text| serde_json::to_string(&text).expect("JSON")),
    ]
}

fn parameters() -> impl Strategy<Value = Vec<Parameter>> {
    vec((prop_oneof![text(), "[ab]"], json()).prop_map(|(name, json)| Parameter { name, json }), 0..4)
}

fn content() -> impl Strategy<Value = Content> {
    let part = prop_oneof![
        text().prop_map(|text| Part::Text { text }),
        (text(), proptest::option::of(text())).prop_map(|(url, detail)| Part::Image { url, detail }),
        (text(), text()).prop_map(|(data, format)| Part::Audio { data, format }),
        proptest::array::uniform4(proptest::option::of(text())).prop_map(|[name, data, id, url]| Part::File {
            name,
            data,
            id,
            url
        }),
        json().prop_map(|json| Part::Raw { json }),
    ];
    prop_oneof![
        text().prop_map(|text| Content::Text { text }),
        vec(part, 0..3).prop_map(|parts| Content::Parts { parts }),
        Just(Content::Null),
        Just(Content::Absent),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    let role = proptest::sample::select(Role::ALL.to_vec());
    (role, content(), any::<bool>(), parameters(), vec(text(), 0..3)).prop_map(
        |(role, content, muted, members, order)| Message {
            id: MessageId(String::new()),
            role,
            content,
            muted,
            members,
            order,
        },
    )
}

fn any_lane() -> impl Strategy<Value = Lane> {
    let change = prop_oneof![
        text().prop_map(|name| Override::Unset { name }),
        (text(), json()).prop_map(|(name, json)| Override::Set { parameter: Parameter { name, json } }),
    ];
    let own = (text(), vec(change, 0..3), proptest::option::of(vec(message(), 0..2)), proptest::option::of(text()));
    let endpoint = proptest::sample::select(EndpointKind::OF_LANES.to_vec());
    (own, endpoint, any::<bool>(), any::<bool>()).prop_map(
        |((model, overrides, forked, body), endpoint, muted, hold)| Lane {
            overrides,
            forked_messages: forked,
            raw_body: body,
            endpoint,
            muted,
            hold,
            ..lane(&model)
        },
    )
}

fn variable() -> impl Strategy<Value = Variable> {
    let kind = prop_oneof![
        Just(VariableKind::Text),
        Just(VariableKind::Number),
        Just(VariableKind::Boolean),
        Just(VariableKind::Json),
        vec(text(), 0..3).prop_map(|options| VariableKind::Choice { options }),
    ];
    (text(), text(), kind, prop_oneof![Just(String::new()), text()]).prop_map(|(name, value, kind, default)| Variable {
        name,
        value,
        kind,
        default,
    })
}

fn tool_plan() -> impl Strategy<Value = ToolPlan> {
    let condition = (text(), text()).prop_map(|(pointer, equals)| ToolCondition { pointer, equals });
    let gives = prop_oneof![
        text().prop_map(|text| ToolSource::Text { text }),
        (text(), any::<u64>()).prop_map(|(url, timeout_ms)| ToolSource::Http { url, timeout_ms }),
    ];
    let rule = (text(), vec(condition, 0..3), gives).prop_map(|(tool, when, gives)| ToolRule { tool, when, gives });
    let mode = prop_oneof![Just(ToolMode::Step), Just(ToolMode::Auto)];
    let most_steps = prop_oneof![Just(ToolPlan::default().most_steps), any::<u32>()];
    (mode, vec(rule, 0..3), most_steps).prop_map(|(mode, rules, most_steps)| ToolPlan { mode, rules, most_steps })
}

/// What a draft says beside its messages and parameters.
fn rest_of_draft() -> impl Strategy<Value = Draft> {
    let back = prop_oneof![Just(ReasoningBack::Usual), Just(ReasoningBack::Always), Just(ReasoningBack::Never)];
    let row = prop_oneof![Just(0), any::<u64>()];
    let dataset = (text(), row, any::<bool>()).prop_map(|(path, row, off)| Dataset { path, row, off });
    let dataset = proptest::option::of(dataset);
    (vec(variable(), 0..3), vec(text(), 0..3), tool_plan(), back, dataset, any::<bool>()).prop_map(
        |(variables, order, tool_plan, reasoning_back, dataset, text_input)| Draft {
            text_input,
            variables,
            order,
            tool_plan,
            reasoning_back,
            dataset,
            ..Draft::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_on_the_way_to_a_file_and_back(
        name in text(),
        messages in vec(message(), 0..3),
        parameters in parameters(),
        rest in rest_of_draft(),
        lanes in vec(any_lane(), 1..3),
        repeats in 1..9_u32,
    ) {
        let draft = Draft { messages, parameters, ..rest };
        let prompt = Comparison { id: ComparisonId::new(), name, draft, lanes, repeats };
        let text = written(&prompt);
        let back = read_back(&text).map(without_message_ids);
        prop_assert_eq!(back.as_ref(), Ok(&prompt));
        prop_assert_eq!(written(&back.expect("read")), text, "and is written the same");
    }
}
