//! Things to keep.

use juxta_store::Store;
use juxta_wire::connection::{Connection, ConnectionHeader, KeySource, Network, Proxy, SecretSlot};
use juxta_wire::draft::{Content, Draft, Message, Parameter, Part, Role, Variable};
use juxta_wire::endpoint::{Dialect, EndpointKind, ProfileId};
use juxta_wire::error::{AppError, Rejection, RejectionCategory};
use juxta_wire::exchange::{HeaderOrigin, HeaderView, RequestView, ResponseHead};
use juxta_wire::ids::{CellId, ComparisonId, ConnectionId, LaneId, RunId};
use juxta_wire::lane::{Comparison, Lane, Override};
use juxta_wire::metrics::Metrics;
use juxta_wire::outcome::{Choice, Outcome, ToolCall};
use juxta_wire::run::{Cell, CellState, Run, RunSummary};
use juxta_wire::timing::{Milestones, Phases, Span};
use juxta_wire::usage::Usage;

pub struct Folder {
    pub store: Store,
    pub path: tempfile::TempDir,
}

pub fn folder() -> Folder {
    let path = tempfile::tempdir().unwrap();
    Folder { store: Store::open(path.path()).unwrap(), path }
}

impl Folder {
    /// As after a new start.
    pub fn reopen(self) -> Self {
        let Self { store, path } = self;
        drop(store);
        Self { store: Store::open(path.path()).unwrap(), path }
    }
}

pub fn connection(name: &str) -> Connection {
    Connection {
        id: ConnectionId::new(),
        name: name.to_owned(),
        profile: ProfileId::ScaleGp,
        dialect: Dialect::ScaleV5,
        base_url: "https://api.example.com/".to_owned(),
        headers: vec![ConnectionHeader {
            name: "x-api-key".to_owned(),
            value: "{{key}}".to_owned(),
            secret: Some(SecretSlot {
                slot: "key".to_owned(),
                source: KeySource::Keychain { last_four: "4f2a".to_owned() },
            }),
            only: vec![EndpointKind::Chat],
        }],
        network: Network { proxy: Proxy::Url { url: "http://proxy:3128".to_owned() }, ..Network::default() },
        plain_http_agreed: false,
    }
}

pub fn comparison(name: &str, text: &str) -> Comparison {
    let mut parts = Message::text(Role::User, text);
    parts.content = Content::Parts {
        parts: vec![
            Part::Image { url: "data:image/png;base64,AAAA".to_owned(), detail: None },
            Part::Raw { json: "{\"b\": 1.0, \"a\": 1e-3}".to_owned() },
        ],
    };
    let lane = |model: &str| Lane {
        id: LaneId::new(),
        connection: ConnectionId::new(),
        endpoint: EndpointKind::Chat,
        model: model.to_owned(),
        overrides: vec![
            Override::Set { parameter: Parameter::new("temperature", "0.20") },
            Override::Unset { name: "top_p".to_owned() },
        ],
        forked_messages: None,
        muted: false,
        raw_body: None,
        hold: false,
        variables: Vec::new(),
    };
    Comparison {
        id: ComparisonId::new(),
        name: name.to_owned(),
        draft: Draft {
            messages: vec![Message::text(Role::System, "Be brief."), Message::text(Role::User, text), parts],
            parameters: vec![Parameter::new("seed", "18446744073709551616"), Parameter::new("temperature", "1.0")],
            variables: vec![Variable::text("city", "Zürich")],
            ..Draft::default()
        },
        lanes: vec![lane("first"), lane("second")],
        repeats: 3,
    }
}

/// A run of `lanes` × `repeats` cells that all wait.
pub fn run(started_at: u64, lanes: u32, repeats: u32) -> Run {
    let snapshot = comparison("Weather", "How warm is it?");
    let id = RunId::new();
    let cells: Vec<Cell> = (0..lanes)
        .flat_map(|lane| (0..repeats).map(move |repeat| (lane, repeat)))
        .map(|(lane, repeat)| cell(&id, lane, repeat))
        .collect();
    let summary = RunSummary {
        id,
        comparison: snapshot.id.clone(),
        name: snapshot.name.clone(),
        started_at,
        lanes,
        endpoint: snapshot.endpoint(),
        cells: lanes * repeats,
        finished: 0,
        unfinished: 0,
        live: true,
        starred: false,
        note: String::new(),
    };
    Run { summary, snapshot, cells }
}

pub fn cell(run: &RunId, lane_index: u32, repeat: u32) -> Cell {
    Cell {
        id: CellId::new(),
        run: run.clone(),
        lane: LaneId::new(),
        lane_index,
        repeat,
        step: 0,
        connection: ConnectionId::new(),
        connection_name: "Scale".to_owned(),
        dialect: Dialect::ScaleV5,
        endpoint: EndpointKind::Chat,
        model: "openai/gpt-4o".to_owned(),
        state: CellState::Queued,
        started_at: None,
        attempt: 1,
        request: None,
        head: None,
        phases: Phases::default(),
        milestones: Milestones::default(),
        metrics: Metrics::default(),
        outcome: Outcome::default(),
        error: None,
        arrivals: Vec::new(),
        results: Vec::new(),
        arguments: Vec::new(),
        choice: 0,
        replaced: None,
        slice: None,
    }
}

pub fn request(body: &str) -> RequestView {
    RequestView {
        method: "POST".to_owned(),
        url: "https://api.example.com/v5/chat/completions".to_owned(),
        headers: vec![HeaderView {
            name: "x-api-key".to_owned(),
            value: "••••4f2a".to_owned(),
            secret: true,
            origin: HeaderOrigin::Connection,
        }],
        body: body.to_owned(),
        body_bytes: body.len() as u64,
        keys: Vec::new(),
        warnings: Vec::new(),
        carried: Vec::new(),
        parts: Vec::new(),
        absent: Vec::new(),
    }
}

/// Makes `cell` what it is at the end, with every field set.
pub fn finish(cell: &mut Cell, text: &str) {
    cell.state = CellState::Finished;
    cell.head = Some(ResponseHead {
        status: 200,
        protocol: "HTTP/1.1".to_owned(),
        headers: vec![HeaderView {
            name: "content-type".to_owned(),
            value: "text/event-stream".to_owned(),
            secret: false,
            origin: HeaderOrigin::Protocol,
        }],
        remote_address: Some("192.0.2.7:443".to_owned()),
        redirects: Vec::new(),
        tls: None,
    });
    cell.phases = Phases {
        send: Some(Span { start: 0.1, end: 0.30000000000000004 }),
        reused_connection: true,
        ..Phases::default()
    };
    cell.milestones.first_text = Some(123.456789);
    cell.metrics.tokens_per_second = Some(1.0 / 3.0);
    cell.outcome = Outcome {
        choices: vec![Choice {
            text: text.to_owned(),
            reasoning: "It is winter.".to_owned(),
            tool_calls: vec![ToolCall { arguments: "{\"a\": ".to_owned(), ..ToolCall::default() }],
            finish_reason: Some("stop".to_owned()),
            ..Choice::default()
        }],
        usage: Some(Usage { output_tokens: Some(90), ..Usage::default() }),
        end_marker: true,
        events: 12,
        ..Outcome::default()
    };
    cell.arrivals = vec![0.001, 17.3, 1e9];
}

pub fn rejected() -> AppError {
    AppError::Rejected(Box::new(Rejection {
        status: 429,
        category: RejectionCategory::RateLimit,
        code: Some("RATE_LIMITED".to_owned()),
        message: "slow down".to_owned(),
        retry_after: Some(1.5),
        request_id: None,
        fields: Vec::new(),
        event: None,
        content_type: None,
        elapsed_ms: 12.25,
        retryable: true,
    }))
}
