use std::collections::HashMap;
use std::ops::ControlFlow;

use juxta_wire::connection::{Connection, Network};
use juxta_wire::draft::{Draft, Message, Parameter, Role, Variable};
use juxta_wire::endpoint::ProfileId;
use juxta_wire::exchange::Preview;
use juxta_wire::ids::{ComparisonId, LaneId};
use juxta_wire::lane::Override;
use serde_json::value::RawValue;

use super::*;
use crate::Keys;
use crate::batch::check::{Checked, Rules, check};
use crate::batch::mend::Mends;
use crate::batch::pick::picked;

struct Desk {
    engine: Engine,
    connection: ConnectionId,
    dialect: Dialect,
    home: tempfile::TempDir,
    batch: tempfile::TempDir,
}

impl Desk {
    fn new(dialect: Dialect) -> Self {
        let (home, batch) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let engine = Engine::open(home.path(), Keys::Memory).expect("an engine");
        let connection = Connection {
            id: ConnectionId::new(),
            name: "Queue".to_owned(),
            profile: ProfileId::OpenAiCompatible,
            dialect,
            base_url: "https://queue.example/api/v1".to_owned(),
            headers: Vec::new(),
            network: Network::default(),
            plain_http_agreed: false,
        };
        let connection = engine.save_connection(connection).expect("saved").id;
        fs::create_dir_all(home.path().join("prompts")).expect("a folder");
        Self { engine, connection, dialect, home, batch }
    }

    fn table(&self, name: &str, content: &str) -> Dataset {
        fs::write(self.home.path().join("prompts").join(name), content).expect("written");
        Dataset { path: name.to_owned(), row: 0, off: false }
    }

    fn lane(&self, model: &str) -> Lane {
        Lane {
            id: LaneId::new(),
            connection: self.connection.clone(),
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

    fn build(&self, comparison: &Comparison) -> Result<Built, AppError> {
        prompt(&self.engine, comparison, &self.connection, self.batch.path())
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.batch.path().join(name)).unwrap_or_default()
    }

    fn lines(&self) -> Vec<String> {
        self.file("input.jsonl").lines().map(str::to_owned).collect()
    }

    fn check(&self) -> Checked {
        let rules = Rules { dialect: self.dialect, is_sent_along: true, windows: HashMap::new().into() };
        let input = self.batch.path().join("input.jsonl");
        check(&input, &Mends::new(), &rules, &mut |_| ControlFlow::Continue(())).expect("checked")
    }
}

fn comparison(text: &str, parameters: Vec<Parameter>, dataset: Option<Dataset>, lanes: Vec<Lane>) -> Comparison {
    Comparison {
        id: ComparisonId::new(),
        name: "Replies".to_owned(),
        draft: Draft { messages: vec![Message::text(Role::User, text)], parameters, dataset, ..Draft::default() },
        lanes,
        repeats: 1,
    }
}

fn invalid_words(result: Result<Built, AppError>) -> String {
    match result {
        Err(AppError::Invalid { message, .. }) => message,
        other => panic!("{other:?}"),
    }
}

/// Held against what the preview shows of the same lane and row, which is what a run sends.
#[tokio::test]
async fn each_row_and_lane_has_the_body_that_the_lane_would_send() {
    for (dialect, path) in [(Dialect::ScaigridV1, "/v1/inference/chat"), (Dialect::OpenAi, "/v1/chat/completions")] {
        let desk = Desk::new(dialect);
        let table = desk.table("a.csv", "name,city\n\"Ann \"\"A\"\" \\ ü\",東京\nBo,\"line\nbreak\"\n");
        let mut other = desk.lane("other/model");
        other.overrides = vec![Override::Set { parameter: Parameter::new("temperature", "1.0") }];
        let muted = Lane { muted: true, ..desk.lane("muted") };
        let parameters = vec![Parameter::new("temperature", "0.20"), Parameter::new("unknown", "{ \"a\" : 1e-3 }")];
        let mut comparison =
            comparison("Write to {{name}} in {{city}}.", parameters, Some(table), vec![desk.lane("m"), muted, other]);
        assert_eq!(desk.build(&comparison).expect("built"), Built { lines: 4, problems: Vec::new() });
        let mut expected = Vec::new();
        for row in 0..2 {
            comparison.draft.dataset.as_mut().expect("a table").row = row;
            for (letter, lane) in [("A", 0), ("C", 2)] {
                let preview = desk.engine.preview(&comparison, &comparison.lanes[lane].id);
                let Preview::Ready { request } = preview else { panic!("{preview:?}") };
                expected.push(format!(
                    "{{\"custom_id\":\"r{}-{letter}\",\"method\":\"POST\",\"url\":\"{path}\",\"body\":{}}}",
                    row + 1,
                    request.body
                ));
            }
        }
        assert_eq!(desk.lines(), expected);
        let rows = ["[\"Ann \\\"A\\\" \\\\ ü\",\"東京\"]", "[\"Bo\",\"line\\nbreak\"]"];
        let table = ["[\"name\",\"city\"]", rows[0], rows[0], rows[1], rows[1], ""].join("\n");
        assert_eq!(desk.file("table.jsonl"), table);
        let checked = desk.check();
        assert_eq!((checked.check.sent, checked.check.fault_count), (4, 0), "{:?}", checked.check.faults);
    }
}

#[tokio::test]
async fn a_stream_is_not_asked_for_and_nothing_else_changes() {
    let desk = Desk::new(Dialect::OpenAi);
    let parameters = vec![
        Parameter::new("stream", "true"),
        Parameter::new("stream_options", "{\"include_usage\":true}"),
        Parameter::new("seed", "7"),
    ];
    let mut by_hand = desk.lane("m");
    by_hand.raw_body = Some("{\n \"model\": \"m\", \"n\": 1.50,\n \"stream\": true, \"messages\": []\n}".to_owned());
    desk.build(&comparison("Hello", parameters, None, vec![desk.lane("m"), by_hand])).expect("built");
    let bodies: Vec<String> = desk
        .lines()
        .iter()
        .map(|line| picked(line, ["body"])[0].map(RawValue::get).expect("a body").to_owned())
        .collect();
    let expected = [
        r#"{"model":"m","messages":[{"role":"user","content":"Hello"}],"seed":7}"#,
        r#"{"model":"m","n":1.50,"messages":[]}"#,
    ];
    assert_eq!(bodies, expected);
    assert_eq!(desk.file("table.jsonl"), "", "there is no table");
}

#[tokio::test]
async fn rows_that_cannot_be_sent_are_told_and_left_out() {
    let desk = Desk::new(Dialect::ScaigridV1);
    let table = desk.table("a.csv", "name,weeks\nAnn,7\nBo,\nonly one\nCy,9\n");
    let comparison = comparison("{{name}}: {{weeks}}", Vec::new(), Some(table), vec![desk.lane("m")]);
    let built = desk.build(&comparison).expect("built");
    let problems = [
        "Row 2 is left out: variables without a value: weeks.",
        "Row 3 is left out: in line 4, it has 1 value, and the table has 2 columns.",
    ];
    assert_eq!((built.lines, built.problems.as_slice()), (2, problems.map(str::to_owned).as_slice()));
    let ids: Vec<String> = desk.lines().iter().map(|line| line[14..18].to_owned()).collect();
    assert_eq!(ids, ["r1-A", "r4-A"]);
    assert_eq!(desk.file("table.jsonl"), "[\"name\",\"weeks\"]\n[\"Ann\",\"7\"]\n[\"Cy\",\"9\"]\n");
    assert_eq!(desk.check().check.notes, problems);
}

#[tokio::test]
async fn what_a_batch_cannot_call_is_said() {
    let desk = Desk::new(Dialect::OpenAi);
    let elsewhere = Lane { connection: ConnectionId("other".to_owned()), ..desk.lane("m") };
    let built = desk.build(&comparison("Hello", Vec::new(), None, vec![desk.lane("m"), elsewhere.clone()]));
    assert_eq!(built.expect("built").problems.len(), 1);
    let words = invalid_words(desk.build(&comparison("Hello", Vec::new(), None, vec![elsewhere])));
    assert!(words.contains("another connection"), "{words}");
    let muted = Lane { muted: true, ..desk.lane("m") };
    assert!(invalid_words(desk.build(&comparison("Hello", Vec::new(), None, vec![muted]))).contains("muted"));
    let broken = Lane { raw_body: Some("[1".to_owned()), ..desk.lane("m") };
    assert!(invalid_words(desk.build(&comparison("Hello", Vec::new(), None, vec![broken]))).contains("no JSON"));
    let empty = comparison("{{name}}", Vec::new(), Some(desk.table("e.csv", "name\n")), vec![desk.lane("m")]);
    assert!(invalid_words(desk.build(&empty)).contains("no rows"));
    let missing = comparison("{{name}}", Vec::new(), None, vec![desk.lane("m")]);
    assert!(invalid_words(desk.build(&missing)).contains("variables without a value: name"));
}

#[tokio::test]
async fn values_of_one_row_do_not_reach_the_next_and_lanes_keep_their_own() {
    let desk = Desk::new(Dialect::OpenAi);
    let table = desk.table("a.jsonl", "{\"a\":\"one\",\"b\":\"x\"}\n{\"b\":\"y\"}\n");
    let own = Lane { variables: vec![Variable::text("a", "own")], ..desk.lane("m") };
    let built =
        desk.build(&comparison("{{a}} {{b}}", Vec::new(), Some(table), vec![desk.lane("m"), own])).expect("built");
    assert_eq!(built.problems, ["Row 2, lane A is left out: variables without a value: a."]);
    let lines = desk.lines();
    let said: Vec<bool> =
        lines.iter().zip(["one x", "own x", "own y"]).map(|(line, words)| line.contains(words)).collect();
    assert_eq!((lines.len(), said), (3, vec![true; 3]), "{lines:?}");
}

#[tokio::test]
async fn texts_of_vectors_are_a_line_for_each_slice() {
    let desk = Desk::new(Dialect::OpenAi);
    let mut vectors = comparison("", Vec::new(), None, vec![Lane { endpoint: EndpointKind::Embed, ..desk.lane("e") }]);
    vectors.draft.texts = ["a", "{{b}}", "c"].map(str::to_owned).to_vec();
    vectors.draft.batch = 2;
    assert_eq!(desk.build(&vectors).expect("built").lines, 2);
    let expected = [
        r#"{"custom_id":"r1-A-1","method":"POST","url":"/v1/embeddings","body":{"model":"e","input":["a","{{b}}"]}}"#,
        r#"{"custom_id":"r1-A-2","method":"POST","url":"/v1/embeddings","body":{"model":"e","input":["c"]}}"#,
    ];
    assert_eq!(desk.lines(), expected);
    let checked = desk.check();
    assert_eq!((checked.check.sent, checked.endpoint), (2, Some(EndpointKind::Embed)), "{:?}", checked.check.faults);
}

/// More than is read of a table at once.
#[tokio::test]
async fn long_tables_are_read_in_stretches() {
    let desk = Desk::new(Dialect::ScaigridV1);
    let rows: String = (0..1000).map(|row| format!("value {row}\n")).collect();
    let table = desk.table("long.csv", &format!("v\n{rows}"));
    let built = desk.build(&comparison("Say {{v}}", Vec::new(), Some(table), vec![desk.lane("m")])).expect("built");
    assert_eq!(built.lines, 1000);
    let lines = desk.lines();
    assert!(lines[0].contains("r1-A") && lines[0].contains("Say value 0\""));
    assert!(lines[999].contains("r1000-A") && lines[999].contains("Say value 999\""));
    assert_eq!(desk.check().check.sent, 1000);
}

#[test]
fn lanes_have_the_letters_of_the_screen() {
    assert_eq!([0, 1, 25, 26, 51, 52, 701, 702].map(letters), ["A", "B", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
}
