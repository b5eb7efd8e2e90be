//! Vectors, pictures and sounds: what was recorded is what went over the wire, byte for byte, forms with files included.

use juxta_tests::http_bytes::{self, Message};
use juxta_tests::tee::{Connection, TeeProxy};
use juxta_tests::world::{KEY, World, chat};
use juxta_wire::draft;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::exchange::{FormContent, Preview, RequestView};
use juxta_wire::ids::{ConnectionId, RunId};
use juxta_wire::lane::Comparison;
use juxta_wire::recording::Recording;
use juxta_wire::run::{Cell, CellState};
use juxta_wire::window::SandboxFaults;

const DIALECTS: [Dialect; 2] = [Dialect::ScaigridV1, Dialect::OpenAi];

/// A second of a tone, as 16 bits at 16 kHz, with bytes behind it that look like the end of a form.
fn sound() -> Vec<u8> {
    let samples = (0..16_000_u32).flat_map(|at| (((at * 440 % 16_000) as i16) - 8_000).to_le_bytes());
    let data: Vec<u8> = samples.collect();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + data.len() as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(16_000_u32.to_le_bytes());
    bytes.extend(32_000_u32.to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes.extend(b"\r\n--juxta-0123456789abcdef--\r\n\0\xff");
    bytes
}

async fn start() -> World {
    let world = World::start().await;
    // Answers are written at once: what is compared here are bytes, not times.
    world.sandbox.set_faults(SandboxFaults { tokens_per_second: Some(0.0), ..SandboxFaults::default() });
    world
}

fn through(world: &World, dialect: Dialect, retries: u32) -> (TeeProxy, ConnectionId) {
    let proxy = TeeProxy::start(world.sandbox.address()).expect("a port on loopback");
    let prefix = if dialect == Dialect::OpenAi { "/oai" } else { "" };
    let mut connection = world.connect("Proxy", dialect, &format!("{}{prefix}/", proxy.origin()));
    connection.network.max_retries = retries;
    (proxy, world.engine.save_connection(connection).expect("saved").id)
}

fn call(
    connection: &ConnectionId,
    endpoint: EndpointKind,
    model: &str,
    parameters: &[(&str, &str)],
    recording: &Recording,
) -> Comparison {
    let mut comparison = chat(connection, &format!("sandbox/{model}"), parameters);
    comparison.lanes[0].endpoint = endpoint;
    let draft = &mut comparison.draft;
    draft.messages[0] = draft::Message::text(draft::Role::User, "A \"red\" boat \\ 東京 👩‍👩‍👧,\r\ngröße");
    match endpoint {
        EndpointKind::Embed => draft.texts = ["{{no}} variable", "東京 \u{2028}\"\\", " "].map(str::to_owned).to_vec(),
        EndpointKind::Transcribe => draft.recording = Some(recording.id.clone()),
        _ => {}
    }
    comparison
}

fn previewed(world: &World, comparison: &Comparison) -> RequestView {
    match world.engine.preview(comparison, &comparison.lanes[0].id) {
        Preview::Ready { request } => request,
        other => panic!("no preview: {other:?}"),
    }
}

/// The bytes that a view of a request stands for: of a form, the file in the place of the words that say how large it is.
fn meant(view: &RequestView, file: &[u8]) -> Vec<u8> {
    let told = view.parts.iter().find_map(|part| match &part.content {
        FormContent::File { media_type, bytes, .. } => Some(format!("({bytes} bytes of {media_type})")),
        FormContent::Text { .. } => None,
    });
    let Some(told) = told else { return view.body.clone().into_bytes() };
    let (before, after) = view.body.split_once(&told).expect("the place of the file");
    [before.as_bytes(), file, after.as_bytes()].concat()
}

/// What was asked by POST and what was answered, in order.
fn exchanges(proxy: &TeeProxy) -> Vec<(Message, Message)> {
    let of = |one: &Connection| {
        let sent = http_bytes::requests(&one.sent()).expect("whole requests");
        let answers = http_bytes::responses(&one.received()).expect("whole answers");
        assert_eq!(sent.len(), answers.len());
        sent.into_iter().zip(answers).collect::<Vec<_>>()
    };
    let all = proxy.connections().iter().flat_map(of).collect::<Vec<_>>();
    all.into_iter().filter(|(sent, _)| sent.first_line().starts_with("POST ")).collect()
}

fn assert_same(one: &[u8], other: &[u8], what: &str) {
    let differs = one.iter().zip(other).position(|(one, other)| one != other);
    assert!(one == other, "{what}: {} and {} bytes, first other byte at {differs:?}", one.len(), other.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_is_sent_three_times_is_the_same_bytes_each_time_and_after_a_restart() {
    let mut world = start().await;
    let recording = world.engine.import_recording("Grüße \"1\" 東京.wav", &sound()).expect("a recording");
    let mut stored: Vec<(Dialect, TeeProxy, ConnectionId, RunId, Vec<u8>)> = Vec::new();
    for dialect in DIALECTS {
        let (proxy, connection) = through(&world, dialect, 2);
        let parameters =
            [("prompt", "\"Zürich, \\\"Łódź\\\"\\r\\n--\""), ("timestamp_granularities", "[\"word\", \"segment\"]")];
        let model = "fault/status-503-twice";
        let comparison = call(&connection, EndpointKind::Transcribe, model, &parameters, &recording);
        let preview = previewed(&world, &comparison);
        let cells = world.run(comparison).await;
        assert_eq!((&cells[0].state, cells[0].attempt), (&CellState::Finished, 3), "{:?}", cells[0].error);
        let (_, body) = world.engine.recorded_request(&cells[0].id).expect("a recorded request");
        assert_same(&meant(&preview, &sound()), &body, "preview and record");
        let tries = exchanges(&proxy);
        let statuses: Vec<String> = tries.iter().map(|(_, answer)| answer.first_line()).collect();
        assert_eq!(statuses.len(), 3);
        assert!(
            statuses[..2].iter().all(|line| line.contains(" 503 ")) && statuses[2].contains(" 200 "),
            "{statuses:?}"
        );
        for (sent, _) in &tries {
            assert_same(&sent.raw_body, &body, "record and wire");
            assert_eq!(sent.header("content-type"), tries[0].0.header("content-type"), "the boundary too");
        }
        stored.push((dialect, proxy, connection, cells[0].run.clone(), body));
    }
    world.restart().await;
    for (dialect, proxy, connection, run, body) in stored {
        // Keys are in memory here, so they are given again.
        let known = world.engine.connections().expect("connections").into_iter().find(|one| one.id == connection);
        world.engine.store_key(known.expect("the connection"), "key", KEY).expect("a stored key");
        let snapshot = world.engine.run(&run).expect("the stored run").snapshot;
        assert_same(&meant(&previewed(&world, &snapshot), &sound()), &body, "the preview of the stored run");
        let cells = world.run(snapshot).await;
        assert_eq!((&cells[0].state, cells[0].attempt), (&CellState::Finished, 3), "{dialect:?}: {:?}", cells[0].error);
        let tries = exchanges(&proxy);
        assert_eq!(tries.len(), 6);
        for (sent, _) in tries {
            assert_same(&sent.raw_body, &body, "before and after the restart");
        }
    }
}

type Setting = (EndpointKind, &'static str, &'static [(&'static str, &'static str)]);

const SIZE: (&str, &str) = ("size", "\"64x64\"");
const VOICE: (&str, &str) = ("voice", "\"onyx\"");

/// What each dialect has.
const SETTINGS: &[Setting] = &[
    (EndpointKind::Embed, "embed-small", &[("dimensions", "16")]),
    (EndpointKind::Embed, "embed-broken", &[]),
    (EndpointKind::Image, "draw", &[("response_format", "\"b64_json\""), ("n", "2"), SIZE]),
    (EndpointKind::Image, "draw", &[("response_format", "\"url\""), SIZE]),
    (EndpointKind::Image, "draw-refused", &[SIZE]),
    (EndpointKind::Synthesize, "speak", &[VOICE, ("response_format", "\"mp3\""), ("speed", "1.50")]),
    (EndpointKind::Synthesize, "speak", &[VOICE, ("response_format", "\"pcm\"")]),
    (EndpointKind::Synthesize, "speak-cut", &[("response_format", "\"flac\""), VOICE]),
    (EndpointKind::Synthesize, "speak-error-as-audio", &[VOICE]),
    (EndpointKind::Synthesize, "speak-empty", &[VOICE]),
    (EndpointKind::Transcribe, "transcribe", &[]),
    (EndpointKind::Transcribe, "transcribe", &[("response_format", "\"vtt\""), ("temperature", "0.20")]),
    (EndpointKind::Transcribe, "fault/one-byte-writes", &[("response_format", "\"verbose_json\"")]),
    (EndpointKind::Transcribe, "fault/status-413", &[("language", "\"de\"")]),
];

const OF_OPENAI: &[Setting] = &[
    (EndpointKind::Embed, "embed-small", &[("encoding_format", "\"float\"")]),
    (EndpointKind::Embed, "embed-small", &[("encoding_format", "\"base64\""), ("user", "\"x \\\"y\\\"\"")]),
    (EndpointKind::Image, "draw", &[("output_format", "\"webp\""), ("response_format", "\"b64_json\""), SIZE]),
    (EndpointKind::Synthesize, "speak", &[("voice", "{\"id\" : \"onyx\"}"), ("instructions", "\"Slowly, \\\\ ü\"")]),
    (EndpointKind::Transcribe, "transcribe", &[("stream", "true"), ("known_speaker_names", "[\"Ann\", \"Łukasz\"]")]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_got_and_gave_is_what_was_recorded_and_what_the_preview_showed() {
    let world = start().await;
    let recording = world.engine.import_recording("Grüße.wav", &sound()).expect("a recording");
    for dialect in DIALECTS {
        let (proxy, connection) = through(&world, dialect, 0);
        let own = if dialect == Dialect::OpenAi { OF_OPENAI } else { &[] };
        let mut recorded: Vec<(String, Cell)> = Vec::new();
        for (endpoint, model, parameters) in SETTINGS.iter().chain(own) {
            let name = format!("{dialect:?}, {endpoint:?}, {model}, {parameters:?}");
            let comparison = call(&connection, *endpoint, model, parameters, &recording);
            let preview = previewed(&world, &comparison);
            let cell = world.run(comparison).await.remove(0);
            let is_refused = ["draw-refused", "fault/status-413"].contains(model);
            let status = cell.head.as_ref().map(|head| head.status);
            assert!(
                cell.state.is_over() && is_refused == (status != Some(200)),
                "{name}: {status:?}, {:?}",
                cell.error
            );
            let request = cell.request.clone().expect("a request");
            assert_eq!((&request.body, &request.parts), (&preview.body, &preview.parts), "{name}: as it was shown");
            let (_, body) = world.engine.recorded_request(&cell.id).expect("a recorded request");
            assert_same(&meant(&request, &sound()), &body, &name);
            assert_eq!(request.body_bytes, body.len() as u64, "{name}");
            recorded.push((name, cell));
        }
        let exchanges = exchanges(&proxy);
        assert_eq!(exchanges.len(), recorded.len(), "{dialect:?}");
        for ((name, cell), (sent, answered)) in recorded.iter().zip(&exchanges) {
            let (head, body) = world.engine.recorded_request(&cell.id).expect("a recorded request");
            assert_same(&sent.raw_body, &body, name);
            let masked = String::from_utf8_lossy(&sent.head).replace(KEY, &format!("••••{}", &KEY[KEY.len() - 4..]));
            assert_eq!(String::from_utf8_lossy(&head), masked, "{name}: the head");
            let (answer, size) = world.engine.recorded_body(&cell.id).expect("a recorded body");
            assert_same(&answer, &answered.body, name);
            assert_eq!(size, answer.len() as u64, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_of_another_origin_is_fetched_without_a_key_and_kept_to_the_byte() {
    let world = start().await;
    let recording = world.engine.import_recording("a.wav", &sound()).expect("a recording");
    for dialect in DIALECTS {
        let (_proxy, connection) = through(&world, dialect, 0);
        let parameters = [("response_format", "\"url\""), ("n", "2"), SIZE];
        let comparison = call(&connection, EndpointKind::Image, "draw-elsewhere", &parameters, &recording);
        let cell = world.run(comparison).await.remove(0);
        assert_eq!(cell.state, CellState::Finished, "{:?}", cell.error);
        let captures = world.sandbox.captures();
        let fetched: Vec<_> = captures.iter().rev().take(2).rev().collect();
        let pictures = world.engine.pictures(&cell.id).expect("pictures");
        assert_eq!(pictures.len(), 2);
        for (picture, request) in pictures.iter().zip(fetched) {
            assert_eq!((request.method.as_str(), request.received_on), ("GET", world.sandbox.elsewhere()));
            let names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["host", "accept", "user-agent"], "nothing but what a picture needs");
            assert!(request.headers.iter().all(|(_, value)| !String::from_utf8_lossy(value).contains(KEY)));
            assert!(!request.path.contains(KEY));
            // The same address once more, by hand.
            let url = picture.url.as_deref().expect("an address");
            let bytes = world.engine.picture_bytes(&cell.id, picture.number).expect("a picture");
            assert_same(&got(url), &bytes, url);
            assert_eq!((picture.width, picture.height, picture.problem.as_deref()), (64, 64, None));
        }
    }
}

/// The body of a plain answer at `http://host:port/path`.
fn got(url: &str) -> Vec<u8> {
    use std::io::{Read, Write};
    let url = url::Url::parse(url).expect("an address");
    let authority = format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"));
    let mut stream = std::net::TcpStream::connect(&authority).expect("somebody listens");
    let request = format!("GET {} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n", url.path());
    stream.write_all(request.as_bytes()).expect("sent");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("read");
    http_bytes::responses(&bytes).expect("an answer").remove(0).body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_answer_that_is_cut_every_byte_is_kept() {
    let world = start().await;
    let recording = world.engine.import_recording("a.wav", &sound()).expect("a recording");
    for dialect in DIALECTS {
        for endpoint in EndpointKind::OF_MEDIA {
            let (proxy, connection) = through(&world, dialect, 0);
            let name = format!("{dialect:?}, {endpoint:?}");
            let parameters: &[(&str, &str)] = match endpoint {
                EndpointKind::Image => &[SIZE, ("response_format", "\"b64_json\"")],
                EndpointKind::Synthesize => &[VOICE],
                _ => &[],
            };
            let comparison = call(&connection, endpoint, "fault/cut", parameters, &recording);
            let cell = world.run(comparison).await.remove(0);
            assert!(cell.state.is_over() && cell.state != CellState::Finished, "{name}: {:?}", cell.state);
            assert!(cell.error.is_some(), "{name}: it is said");
            let received = proxy.connections()[0].received();
            let came = cut_body(&received);
            assert!(!came.is_empty(), "{name}");
            let (answer, _) = world.engine.recorded_body(&cell.id).expect("a recorded body");
            assert_same(&answer, &came, &name);
        }
    }
}

/// The body of an answer without its end, its chunk framing taken off.
fn cut_body(bytes: &[u8]) -> Vec<u8> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    let (head, mut rest) = bytes.split_at(end);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    if !head.contains("transfer-encoding: chunked") {
        return rest.to_vec();
    }
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&rest[..line]).expect("a size");
        let size = usize::from_str_radix(size, 16).expect("a size");
        let data = &rest[line + 2..];
        body.extend_from_slice(&data[..size.min(data.len())]);
        rest = data.get(size + 2..).unwrap_or_default();
    }
    body
}
