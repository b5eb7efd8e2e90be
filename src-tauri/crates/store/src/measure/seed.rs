//! A history to measure on: runs with prompts, answers, figures and the event streams of their answers.

use juxta_wire::draft::{Draft, Message, Parameter, Role};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::exchange::{HeaderOrigin, HeaderView, KeyOrigin, RequestView, ResponseHead, SentKey};
use juxta_wire::ids::{CellId, ComparisonId, ConnectionId, LaneId, RunId};
use juxta_wire::lane::{Comparison, Lane};
use juxta_wire::metrics::{Cost, Metrics};
use juxta_wire::outcome::{Choice, Outcome, ToolCall};
use juxta_wire::run::{Cell, CellState, Run, RunSummary};
use serde_json::json;

use crate::measure::words::{Chance, Words};
use crate::{ImportedExchange, ImportedRun, IndexRecord, RecordKind};

/// Characters of a prompt and of an answer.
const PROMPT: usize = 1_200;
const ANSWER: usize = 2_800;
const START: u64 = 1_790_000_000_000;
/// Between two runs: 100,000 of them are 60 days.
const STEP: u64 = 51_840;

const MODELS: [&str; 8] = [
    "openai/gpt-4o",
    "openai/gpt-4o-mini",
    "acme/large-3",
    "acme/small-3",
    "meta/llama-70b",
    "qwen/72b",
    "mistral/next",
    "lab/rare",
];
const CONNECTIONS: [&str; 3] = ["Scale prod", "ScaiGrid EU", "Own server"];

/// The moment after so many runs, Unix milliseconds.
pub fn moment(runs: u64) -> u64 {
    START + runs * STEP
}

/// The run of this number, and the text in it that is looked for.
pub fn run(number: u64, words: &Words) -> (ImportedRun, String) {
    let mut chance = Chance(number.wrapping_mul(1_000_003));
    let prompt = words.text(&mut chance, PROMPT);
    let answer = words.text(&mut chance, ANSWER);
    let model = if number % 5_000 == 17 { MODELS[7] } else { MODELS[chance.below(7) as usize] };
    let failed = chance.below(30) == 0;
    let started_at = START + number * STEP;
    let body = json!({
        "model": model, "messages": [{ "role": "system", "content": "Be brief." }, { "role": "user", "content": prompt }],
        "stream": true, "temperature": 0.7,
    })
    .to_string();
    let id = RunId::new();
    let mut cell = blank(&id, model, &body, started_at);
    cell.connection_name = CONNECTIONS[chance.below(3) as usize].to_owned();
    let stream = stream(&answer, &mut cell);
    if failed {
        cell.state = CellState::Failed;
        cell.error = Some(AppError::EndedEarly { events: 3, message: "the server closed the connection".to_owned() });
    }
    if chance.below(20) == 0 {
        cell.outcome.choices[0].tool_calls =
            vec![ToolCall { name: "look_up".into(), arguments: "{\"q\":\"x\"}".into(), ..ToolCall::default() }];
    }
    cell.metrics = Metrics {
        time_to_first_token: Some(200.0 + chance.share() * 1_500.0),
        input_tokens: Some(300),
        visible_tokens: Some(chance.below(1_500)),
        cost: Some(Cost {
            amount: chance.share() * chance.share() * 0.05,
            currency: "USD".into(),
            formula: "300 in × $2.50 + 700 out × $10.00 per million".into(),
            price_date: Some("2026-11-21".into()),
            estimated: false,
        }),
        ..Metrics::default()
    };
    let text = format!("{prompt}\n{answer}");
    cell.outcome.choices[0].text = answer;
    let run = whole(id, cell, prompt, started_at);
    let exchange = ImportedExchange {
        cell: run.cells[0].id.clone(),
        attempts: 1,
        request_head:
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: api.example.com\r\nauthorization: \xe2\x80\xa2\r\n\r\n"
                .to_vec(),
        request_body: body.into_bytes(),
        body: stream.0,
        index: stream.1,
    };
    (ImportedRun { run, exchanges: vec![exchange] }, text)
}

/// The answer as the event stream of it would be, about 16 characters an event.
fn stream(answer: &str, cell: &mut Cell) -> (Vec<u8>, Vec<IndexRecord>) {
    let (mut body, mut index) = (Vec::new(), Vec::new());
    let letters: Vec<char> = answer.chars().collect();
    for (number, piece) in letters.chunks(16).enumerate() {
        let piece: String = piece.iter().collect();
        let event = format!("data: {}\n\n", json!({ "choices": [{ "index": 0, "delta": { "content": piece } }] }));
        let record = IndexRecord {
            kind: RecordKind::Event,
            at: number as u64 * 10_000,
            offset: body.len() as u64,
            length: event.len() as u32,
        };
        index.extend([IndexRecord { kind: RecordKind::Chunk, ..record }, record]);
        body.extend_from_slice(event.as_bytes());
        cell.arrivals.push(number as f64 * 10.0);
    }
    cell.outcome.events = index.len() as u64 / 2;
    (body, index)
}

fn header(name: &str, value: String) -> HeaderView {
    HeaderView { name: name.to_owned(), value, secret: false, origin: HeaderOrigin::Protocol }
}

fn blank(run: &RunId, model: &str, body: &str, started_at: u64) -> Cell {
    let key = |name: &str, json: &str| SentKey {
        name: name.to_owned(),
        json: json.to_owned(),
        origin: KeyOrigin::Draft,
        extra: false,
        base_json: None,
        filled: 0,
    };
    Cell {
        id: CellId::new(),
        run: run.clone(),
        lane: LaneId::new(),
        lane_index: 0,
        repeat: 0,
        step: 0,
        connection: ConnectionId("measured".into()),
        connection_name: CONNECTIONS[0].to_owned(),
        dialect: Dialect::OpenAi,
        endpoint: EndpointKind::Chat,
        model: model.to_owned(),
        state: CellState::Finished,
        started_at: Some(started_at),
        attempt: 1,
        request: Some(RequestView {
            method: "POST".into(),
            url: "https://api.example.com/v1/chat/completions".into(),
            headers: vec![
                header("authorization", "Bearer ••••4f2a".into()),
                header("content-type", "application/json".into()),
                header("accept", "text/event-stream".into()),
            ],
            body: body.to_owned(),
            body_bytes: body.len() as u64,
            keys: vec![key("stream", "true"), key("temperature", "0.7")],
            absent: Vec::new(),
            warnings: Vec::new(),
            carried: Vec::new(),
            parts: Vec::new(),
        }),
        head: Some(ResponseHead {
            status: 200,
            protocol: "HTTP/1.1".into(),
            headers: vec![
                header("content-type", "text/event-stream; charset=utf-8".into()),
                header("x-request-id", format!("req_{:016x}", Chance(started_at).next())),
                header("date", "Sat, 21 Nov 2026 12:00:00 GMT".into()),
            ],
            remote_address: Some("192.0.2.7:443".into()),
            redirects: Vec::new(),
            tls: None,
        }),
        phases: Default::default(),
        milestones: Default::default(),
        metrics: Metrics::default(),
        outcome: Outcome { choices: vec![Choice::default()], end_marker: true, ..Outcome::default() },
        error: None,
        arrivals: Vec::new(),
        results: Vec::new(),
        arguments: Vec::new(),
        choice: 0,
        replaced: None,
        slice: None,
    }
}

fn whole(id: RunId, cell: Cell, prompt: String, started_at: u64) -> Run {
    let snapshot = Comparison {
        id: ComparisonId::new(),
        name: "Measured".to_owned(),
        draft: Draft {
            messages: vec![Message::text(Role::System, "Be brief."), Message::text(Role::User, prompt)],
            parameters: vec![Parameter::new("stream", "true"), Parameter::new("temperature", "0.7")],
            ..Draft::default()
        },
        lanes: vec![Lane {
            id: cell.lane.clone(),
            connection: cell.connection.clone(),
            endpoint: EndpointKind::Chat,
            model: cell.model.clone(),
            overrides: Vec::new(),
            forked_messages: None,
            muted: false,
            raw_body: None,
            hold: false,
            variables: Vec::new(),
        }],
        repeats: 1,
    };
    let summary = RunSummary {
        id,
        comparison: snapshot.id.clone(),
        name: snapshot.name.clone(),
        started_at,
        lanes: 1,
        endpoint: snapshot.endpoint(),
        cells: 1,
        finished: 1,
        unfinished: 0,
        live: false,
        starred: false,
        note: String::new(),
    };
    Run { summary, snapshot, cells: vec![cell] }
}
