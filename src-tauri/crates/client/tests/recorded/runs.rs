//! Runs of every kind, made at random.

use juxta_client::recorded::{Arrival, ArrivalKind, RecordedCall, RecordedRequest, RecordedRun, head_of};
use juxta_wire::draft::{Draft, Message, Parameter, Role};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::{AppError, NetworkStage, Rejection, RejectionCategory};
use juxta_wire::exchange::{HeaderOrigin, HeaderView, RequestView, ResponseHead};
use juxta_wire::ids::{CellId, ComparisonId, ConnectionId, LaneId, RunId};
use juxta_wire::lane::{Comparison, Lane};
use juxta_wire::metrics::{Cost, Metrics};
use juxta_wire::outcome::{Choice, LongString, Outcome, OutputItem, ToolCall};
use juxta_wire::run::{Cell, CellState, RunSummary};
use juxta_wire::timing::{Milestones, Phases, Span};
use juxta_wire::usage::Usage;
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "\\PC{0,30}",
        Just("\"quoted\" \\ back\\\\slash \r\n\t 東京 👩‍👩‍👧 שלום \u{2028}\u{0}".to_owned()),
        any::<String>(),
    ]
}

fn milliseconds() -> impl Strategy<Value = f64> {
    prop_oneof![(0u32..10_000_000).prop_map(|micros| f64::from(micros) / 1000.0), 0.0..100_000.0f64]
}

fn span() -> impl Strategy<Value = Option<Span>> {
    prop::option::of((milliseconds(), milliseconds()).prop_map(|(start, length)| Span { start, end: start + length }))
}

prop_compose! {
    fn phases()(dns in span(), connect in span(), tls in span(), send in span(), wait in span(), receive in span(), reused_connection in any::<bool>()) -> Phases {
        Phases { dns, connect, tls, send, wait, receive, reused_connection }
    }
}

prop_compose! {
    fn item()(kind in text(), id in prop::option::of(text()), status in prop::option::of(text()), string in text(), event in any::<u32>()) -> OutputItem {
        let json = serde_json::json!({ "type": kind, "result": string }).to_string();
        let long = LongString { pointer: "/result".to_owned(), characters: 20_000, event, within: "/item/result".to_owned() };
        OutputItem { kind, id, status, json, long: vec![long] }
    }
}

prop_compose! {
    fn outcome()(text in text(), reasoning in text(), arguments in text(), reason in prop::option::of(text()), item in prop::option::of(item().boxed()), status in prop::option::of(text()), tokens in prop::option::of(any::<u32>()), deltas in 0u64..99, events in 0u64..99) -> Outcome {
        Outcome {
            choices: vec![Choice {
                index: 0,
                text,
                reasoning,
                tool_calls: vec![ToolCall { id: None, kind: "function".to_owned(), name: "f".to_owned(), arguments }],
                finish_reason: reason.clone(),
                item,
                text_deltas: deltas,
                ..Choice::default()
            }],
            usage: tokens.map(|tokens| Usage { output_tokens: Some(tokens.into()), ..Usage::default() }),
            model: Some("m-1".to_owned()),
            status,
            incomplete_reason: reason,
            response_id: None,
            end_marker: true,
            events,
            media: None,
        }
    }
}

fn error() -> impl Strategy<Value = Option<AppError>> {
    prop_oneof![
        Just(None),
        text().prop_map(|message| Some(AppError::EndedEarly { events: 3, message })),
        (text(), milliseconds()).prop_map(|(message, elapsed_ms)| Some(AppError::Network {
            stage: NetworkStage::Refused,
            host: "a.example".to_owned(),
            port: 443,
            message,
            elapsed_ms,
            certificates: Vec::new(),
        })),
        (text(), milliseconds()).prop_map(|(message, elapsed_ms)| Some(AppError::Rejected(Box::new(Rejection {
            status: 429,
            category: RejectionCategory::RateLimit,
            code: Some("RATE_LIMITED".to_owned()),
            message,
            retry_after: Some(1.5),
            request_id: None,
            fields: Vec::new(),
            event: None,
            content_type: None,
            elapsed_ms,
            retryable: true,
        })))),
    ]
}

fn state() -> impl Strategy<Value = CellState> {
    prop::sample::select(vec![
        CellState::Finished,
        CellState::Stopped,
        CellState::Failed,
        CellState::EndedEarly,
        CellState::Interrupted,
    ])
}

/// A body with its arrivals: a stream, a document, or bytes that are no text.
fn answer() -> impl Strategy<Value = (String, Vec<u8>, Vec<Arrival>)> {
    let stream = prop::collection::vec((text(), any::<bool>(), 0u64..5_000_000), 1..6).prop_map(|events| {
        let (mut body, mut arrivals, mut at) = (Vec::new(), Vec::new(), 0);
        for (text, is_comment, gap) in events {
            at += gap;
            let line = serde_json::Value::from(text).to_string();
            let event =
                if is_comment { ": kept alive\n".to_owned() } else { format!("event: delta\ndata: {line}\n\n") };
            let (offset, length) = (body.len() as u64, event.len() as u32);
            arrivals.push(Arrival { kind: ArrivalKind::Chunk, at, offset, length });
            let kind = if is_comment { ArrivalKind::Comment } else { ArrivalKind::Event };
            arrivals.push(Arrival { kind, at, offset, length });
            body.extend_from_slice(event.as_bytes());
        }
        ("text/event-stream".to_owned(), body, arrivals)
    });
    let whole = |content_type: &'static str| {
        move |body: Vec<u8>| {
            let chunk = Arrival { kind: ArrivalKind::Chunk, at: 7, offset: 0, length: body.len() as u32 };
            (content_type.to_owned(), body, vec![chunk])
        }
    };
    prop_oneof![
        stream,
        text()
            .prop_map(|text| format!("{{\n \"a\": 1.0,\r\n \"b\": {}}}", serde_json::Value::from(text)).into_bytes())
            .prop_map(whole("application/json")),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(whole("image/png")),
        Just(("text/plain".to_owned(), Vec::new(), Vec::new())),
    ]
}

fn request_body() -> impl Strategy<Value = String> {
    prop_oneof![
        (text(), text()).prop_map(|(content, user)| {
            let [content, user] = [content, user].map(serde_json::Value::from);
            format!(r#"{{"seed":12345678901234567890,"messages":[{{"role":"user","content":{content}}}],"temperature":1.0,"user":{user}}}"#)
        }),
        text().prop_map(|text| format!("{{\n  \"messages\": [],\r\n  \"x\": {}\n}}\n", serde_json::Value::from(text))),
        text(),
    ]
}

fn request(body: String) -> RequestView {
    let header = |name: &str, value: &str, secret| HeaderView {
        name: name.to_owned(),
        value: value.to_owned(),
        secret,
        origin: HeaderOrigin::Connection,
    };
    RequestView {
        method: "POST".to_owned(),
        url: "https://api.example.com/v1/chat/completions?api-version=1".to_owned(),
        headers: vec![
            header("content-type", "application/json", false),
            header("authorization", "Bearer ••••4f2a", true),
        ],
        body_bytes: body.len() as u64,
        body,
        keys: Vec::new(),
        absent: vec!["seed".to_owned()],
        warnings: Vec::new(),
        carried: Vec::new(),
        parts: Vec::new(),
    }
}

prop_compose! {
    fn call(run: RunId, lane: LaneId, lane_index: u32, repeat: u32)(
        body in request_body(),
        sent in 0u8..8,
        (content_type, bytes, arrivals) in answer(),
        (phases, outcome, error, state) in (phases(), outcome().boxed(), error(), state()),
        (first, cost, tokens) in (prop::option::of(milliseconds()), prop::option::of(0.0..9.0f64), any::<Option<u32>>()),
        started_at in 0u64..4_000_000_000_000,
    ) -> RecordedCall {
        let view = request(body);
        // 0: could not be resolved; 1: never sent; 2: sent, and nothing came.
        let head = (sent > 2).then(|| ResponseHead {
            status: 200,
            protocol: "HTTP/1.1".to_owned(),
            headers: vec![HeaderView { name: "Content-Type".to_owned(), value: content_type, secret: false, origin: HeaderOrigin::Protocol }],
            remote_address: Some("127.0.0.1:443".to_owned()),
            redirects: Vec::new(),
            tls: None,
        });
        let request = (sent > 1).then(|| RecordedRequest { attempts: 2, head: head_of(&view), body: view.body.clone().into_bytes() });
        let cell = Cell {
            id: CellId::new(),
            run: run.clone(),
            lane: lane.clone(),
            lane_index,
            repeat,
            step: 0,
            connection: ConnectionId("c".to_owned()),
            connection_name: "Desk".to_owned(),
            dialect: Dialect::OpenAi,
            endpoint: EndpointKind::Chat,
            model: "m".to_owned(),
            state,
            started_at: (sent > 1).then_some(started_at),
            attempt: 2,
            request: (sent > 0).then_some(view),
            head,
            phases,
            milestones: Milestones { first_text: first, ..Milestones::default() },
            metrics: Metrics {
                time_to_first_token: first,
                visible_tokens: tokens.map(u64::from),
                cost: cost.map(|amount| Cost { amount, currency: "USD".to_owned(), formula: "x".to_owned(), price_date: None, estimated: false }),
                ..Metrics::default()
            },
            outcome,
            error,
            arrivals: first.into_iter().collect(),
            results: Vec::new(),
            arguments: Vec::new(),
            choice: 0,
            replaced: None,
            slice: None,
        };
        let has_answer = cell.head.is_some();
        RecordedCall {
            request,
            body: if has_answer { bytes } else { Vec::new() },
            arrivals: if has_answer { arrivals } else { Vec::new() },
            cell,
        }
    }
}

pub fn run() -> impl Strategy<Value = RecordedRun> {
    (1u32..4, 1u32..3, text(), text(), any::<bool>()).prop_flat_map(|(lanes, repeats, name, prompt, starred)| {
        let id = RunId::new();
        let lane_ids: Vec<LaneId> = (0..lanes).map(|_| LaneId::new()).collect();
        let snapshot = comparison(&name, &prompt, &lane_ids, repeats);
        let calls: Vec<_> = (0..lanes)
            .flat_map(|lane| (0..repeats).map(move |repeat| (lane, repeat)))
            .map(|(lane, repeat)| call(id.clone(), lane_ids[lane as usize].clone(), lane, repeat))
            .collect();
        calls.prop_map(move |calls| RecordedRun {
            summary: RunSummary {
                id: id.clone(),
                comparison: snapshot.id.clone(),
                name: name.clone(),
                started_at: 1_763_740_262_007,
                lanes,
                endpoint: EndpointKind::Chat,
                cells: lanes * repeats,
                finished: 0,
                unfinished: lanes * repeats,
                live: false,
                starred,
                note: prompt.clone(),
            },
            snapshot: snapshot.clone(),
            calls,
        })
    })
}

fn comparison(name: &str, prompt: &str, lanes: &[LaneId], repeats: u32) -> Comparison {
    Comparison {
        id: ComparisonId::new(),
        name: name.to_owned(),
        draft: Draft {
            messages: vec![Message::text(Role::User, prompt)],
            parameters: vec![Parameter::new("temperature", "1.0")],
            ..Draft::default()
        },
        lanes: lanes
            .iter()
            .map(|id| Lane {
                id: id.clone(),
                connection: ConnectionId("c".to_owned()),
                endpoint: EndpointKind::Chat,
                model: "m".to_owned(),
                overrides: Vec::new(),
                forked_messages: None,
                muted: false,
                raw_body: None,
                hold: false,
                variables: Vec::new(),
            })
            .collect(),
        repeats,
    }
}

/// Puts `key` wherever one might be: prompt, note, address, header, body, answer, reasoning, error.
pub fn plant(run: &mut RecordedRun, key: &str) {
    run.summary.note.push_str(key);
    run.snapshot.draft.messages[0] = Message::text(Role::User, format!("My key is {key}!"));
    let json = serde_json::Value::from(key).to_string();
    for call in &mut run.calls {
        call.cell.outcome.choices[0].text = format!("You said {key}.");
        call.cell.outcome.choices[0].tool_calls[0].arguments = json.clone();
        call.cell.error = Some(AppError::EndedEarly { events: 1, message: key.to_owned() });
        if let Some(head) = &mut call.cell.head {
            let value = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
            head.headers.push(HeaderView {
                name: "x-echo".to_owned(),
                value,
                secret: false,
                origin: HeaderOrigin::Protocol,
            });
        }
        if let Some(view) = &mut call.cell.request {
            view.body = format!("{{\"messages\":[{{\"role\":\"user\",\"content\":{json}}}]}}");
            view.url.push_str(&format!("&who={key}").replace(['"', '\\', '/', ' '], "_"));
            view.url.push_str(&url::form_urlencoded::byte_serialize(key.as_bytes()).collect::<String>());
            if let Some(request) = &mut call.request {
                request.body = view.body.clone().into_bytes();
                request.head = head_of(view);
            }
        }
        if call.cell.head.is_some() {
            // In two events, and whole in a third.
            let middle = key.char_indices().nth(key.chars().count() / 2).map_or(0, |(at, _)| at);
            call.body.clear();
            call.arrivals.clear();
            for part in [&key[..middle], &key[middle..], key] {
                let event = format!(
                    "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{}}}}}]}}\n\n",
                    serde_json::Value::from(part)
                );
                let (offset, length) = (call.body.len() as u64, event.len() as u32);
                call.arrivals.push(Arrival { kind: ArrivalKind::Event, at: offset, offset, length });
                call.body.extend_from_slice(event.as_bytes());
            }
        }
    }
}
