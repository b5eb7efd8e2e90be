//! The recorded arrival of each event is held against the clock of the server that sent it.
//!
//! Both run in one process and read one monotonic clock. A plain socket that is sent the same bytes at the same moments
//! says what this machine can do at this hour: the recorder may be five milliseconds behind that, not behind a promise
//! that a busy machine cannot keep.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use juxta_tests::world::{World, chat};
use juxta_wire::document::{DocumentForm, DocumentSource};
use juxta_wire::endpoint::Dialect;
use juxta_wire::error::AppError;
use juxta_wire::events::EventKind;
use juxta_wire::ids::CellId;
use juxta_wire::run::{Cell, CellState};
use sha2::{Digest, Sha256};

const EVENTS: usize = 500;
/// How far a recorded time may be from the sender's clock, in all but one of a hundred events.
const NEAR: f64 = 5.0;

/// A part of a body, and how long the server waits before it sends it.
struct Part {
    wait: Duration,
    bytes: Vec<u8>,
}

/// What the server saw, by the process's clock.
struct Sent {
    request_read: Instant,
    /// Just before the first byte of the head was written.
    head: Instant,
    /// Just before each part was written, and when the write had returned.
    parts: Vec<(Instant, Instant)>,
}

/// Answers one call with `parts` as chunks, writing each to `beside` too. Does not end the body when `is_cut`.
fn serve(listener: TcpListener, parts: Vec<Part>, mut beside: Option<TcpStream>, is_cut: bool) -> JoinHandle<Sent> {
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        socket.set_nodelay(true).unwrap();
        read_request(&mut socket);
        let request_read = Instant::now();
        let head = request_read;
        socket
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
            .unwrap();
        let mut times = Vec::new();
        for part in parts {
            std::thread::sleep(part.wait);
            if let Some(beside) = &mut beside {
                beside.write_all(&part.bytes).unwrap();
            }
            let framed = [format!("{:x}\r\n", part.bytes.len()).as_bytes(), &part.bytes, b"\r\n"].concat();
            let before = Instant::now();
            socket.write_all(&framed).unwrap();
            times.push((before, Instant::now()));
        }
        if !is_cut {
            socket.write_all(b"0\r\n\r\n").unwrap();
        }
        Sent { request_read, head, parts: times }
    })
}

fn read_request(socket: &mut TcpStream) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = socket.read(&mut buffer).unwrap();
        assert!(count > 0, "the request ends before its body");
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if body.len() >= length.parse::<usize>().unwrap() {
            return;
        }
    }
}

/// Reads `lengths.len()` parts of these lengths, and says when each was there.
fn read_beside(mut socket: TcpStream, lengths: Vec<usize>) -> JoinHandle<Vec<Instant>> {
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        lengths
            .into_iter()
            .map(|length| {
                socket.read_exact(&mut buffer[..length]).unwrap();
                Instant::now()
            })
            .collect()
    })
}

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (far, _) = listener.accept().unwrap();
    far.set_nodelay(true).unwrap();
    (far, near)
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

async fn call(world: &World, address: SocketAddr) -> Cell {
    let connection = world.connect("Timed", Dialect::OpenAi, &format!("http://{address}"));
    world.run(chat(&connection.id, "timed", &[("stream", "true")])).await.remove(0)
}

fn delta(text: &str) -> Vec<u8> {
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{text:?}}}}}]}}\n\n").into_bytes()
}

/// Irregular: bursts, short steps, and a pause now and then.
fn wait(number: usize) -> Duration {
    const STEPS: [u64; 16] = [0, 3_000, 0, 0, 11_000, 700, 5_000, 0, 21_000, 1_500, 0, 9_000, 2_000, 0, 13_000, 4_000];
    let pause = if number % 125 == 124 { 120_000 } else { 0 };
    Duration::from_micros(STEPS[(number * 7 + number / 16) % STEPS.len()] + pause)
}

/// Milliseconds; the one hundredth that is worst is left out.
fn p99(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() * 99).div_ceil(100) - 1]
}

fn milliseconds(from: Instant, to: Instant) -> f64 {
    match to.checked_duration_since(from) {
        Some(after) => after.as_secs_f64() * 1000.0,
        None => -(from.duration_since(to).as_secs_f64() * 1000.0),
    }
}

/// When the call began by the sender's clock, as the middle of what the recorded phases leave possible: the last byte
/// of the request went out before the server had read it, and nothing came in before it was sent. Also how wide that is.
fn began(cell: &Cell, sent: &Sent, times: &[f32], clock: Instant) -> (f64, f64) {
    let latest = milliseconds(clock, sent.request_read) - cell.phases.send.unwrap().end;
    let head = milliseconds(clock, sent.head) - cell.phases.wait.unwrap().end;
    let parts = sent.parts.iter().zip(times).map(|((before, _), at)| milliseconds(clock, *before) - f64::from(*at));
    let earliest = parts.fold(head, f64::max);
    assert!(earliest <= latest + 0.01, "the recorded times contradict the sender's clock: {earliest} > {latest}");
    ((earliest + latest) / 2.0, latest - earliest)
}

fn errors(sent: &Sent, times: &[f32], clock: Instant, began: f64) -> Vec<f64> {
    let sent = sent.parts.iter().map(|(_, after)| milliseconds(clock, *after) - began);
    sent.zip(times).map(|(sent, at)| (f64::from(*at) - sent).abs()).collect()
}

fn sha256(world: &World, cell: &CellId) -> String {
    let source = DocumentSource::Response { cell: cell.clone() };
    world.engine.document_info(&source, DocumentForm::Exact).unwrap().sha256
}

/// The machine may stand still for longer than what is measured, in one of a few rounds and not in each.
const ROUNDS: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_times_are_those_of_the_sender_now_and_after_a_restart() {
    let mut told = Vec::new();
    for _ in 0..ROUNDS {
        match recorded_times().await {
            Ok(()) => return,
            Err(figures) => told.push(figures),
        }
    }
    panic!("{told:#?}");
}

/// The figures, when the times are further apart than they may be.
async fn recorded_times() -> Result<(), String> {
    let mut world = World::start().await;
    let clock = Instant::now();
    let (listener, address) = listen();
    let mut parts: Vec<Part> =
        (0..EVENTS - 1).map(|number| Part { wait: wait(number), bytes: delta(&format!(" tóken {number}")) }).collect();
    parts.push(Part { wait: wait(EVENTS), bytes: b"data: [DONE]\n\n".to_vec() });
    let body: Vec<u8> = parts.iter().flat_map(|part| part.bytes.clone()).collect();
    let (far, near) = pair();
    let beside = read_beside(near, parts.iter().map(|part| part.bytes.len()).collect());
    let server = serve(listener, parts, Some(far), false);

    let cell = call(&world, address).await;
    let (sent, plain) = (server.join().unwrap(), beside.join().unwrap());
    assert_eq!(cell.state, CellState::Finished, "{:?}", cell.error);
    let times = world.engine.event_times(&cell.id).unwrap();
    assert_eq!(times.len(), EVENTS);
    let (began, width) = began(&cell, &sent, &times, clock);
    let mut recorded = errors(&sent, &times, clock, began);
    let delays = sent.parts.iter().zip(&plain).map(|((before, _), read)| milliseconds(*before, *read).abs());
    let (median, worst) = {
        let p99 = p99(&mut recorded);
        (recorded[EVENTS / 2], p99)
    };
    let yardstick = p99(&mut delays.collect::<Vec<f64>>());
    if worst > NEAR + yardstick {
        return Err(format!(
            "recorded against sent: p50 {median:.3} ms, p99 {worst:.3} ms (the beginning is known to {width:.3} ms); \
             a plain socket: p99 {yardstick:.3} ms"
        ));
    }

    let expected: String = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(sha256(&world, &cell.id), expected);
    world.restart().await;
    assert_eq!(world.engine.event_times(&cell.id).unwrap(), times, "a restart changes no time");
    assert_eq!(sha256(&world, &cell.id), expected);
    let stored = world.engine.cell(&cell.id).unwrap().cell;
    assert_eq!(stored.phases, cell.phases);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_cut_within_a_character_keeps_every_byte() {
    let world = World::start().await;
    let (listener, address) = listen();
    let whole = delta("ab");
    let cut = delta("東京");
    let at = cut.windows(3).position(|bytes| bytes == "京".as_bytes()).unwrap() + 2;
    let parts = [whole.as_slice(), &cut[..at]].map(|bytes| Part { wait: Duration::ZERO, bytes: bytes.to_vec() });
    let server = serve(listener, parts.into(), None, true);
    let cell = call(&world, address).await;
    server.join().unwrap();
    assert!(matches!(cell.state, CellState::Failed | CellState::EndedEarly), "{:?}", cell.state);
    assert_eq!(cell.outcome.choices[0].text, "ab");
    let source = DocumentSource::Response { cell: cell.id.clone() };
    assert_eq!(world.engine.document_bytes(&source).unwrap(), [whole.as_slice(), &cut[..at]].concat());
    let info = world.engine.document_info(&source, DocumentForm::Pretty).unwrap();
    assert!(!info.utf8 && !info.live);
    let rows = world.engine.document_rows(&source, DocumentForm::Exact, 0, 10).unwrap();
    assert!(rows.last().unwrap().text.ends_with("東\u{fffd}"), "{rows:?}");
    assert_eq!(world.engine.events(&cell.id).unwrap().count, 1, "what was cut off is no event");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_error_after_text_is_an_event_of_its_own() {
    let world = World::start().await;
    let (listener, address) = listen();
    let error =
        b": thinking\n\ndata: {\"error\":{\"message\":\"out of memory\",\"type\":\"server_error\"}}\n\n".to_vec();
    let parts = [delta("Hello"), error, b"data: [DONE]\n\n".to_vec()];
    let parts = parts.map(|bytes| Part { wait: Duration::from_millis(2), bytes });
    let server = serve(listener, parts.into(), None, false);
    let cell = call(&world, address).await;
    server.join().unwrap();
    let Some(AppError::Rejected(rejection)) = &cell.error else { panic!("{:?}", cell.error) };
    let view = world.engine.events(&cell.id).unwrap();
    assert_eq!((view.count, view.messages, view.errors, view.comments), (4, 2, 1, 1));
    let rows = world.engine.read_events(&cell.id, &[1, 2, 3, 4, 5]).unwrap();
    let kinds: Vec<EventKind> = rows.iter().map(|row| row.kind).collect();
    assert_eq!(kinds, [EventKind::Message, EventKind::Comment, EventKind::Error, EventKind::Done]);
    assert_eq!(rejection.event, Some(3), "as the list of events numbers it, comments counted");
    assert_eq!(rows[0].text, "Hello");
}
