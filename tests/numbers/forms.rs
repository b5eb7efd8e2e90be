//! The form of a transcription, field by field as two servers of others read it.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use juxta_tests::world::{World, chat};
use juxta_wire::draft::Parameter;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::exchange::{FormContent, FormPart, Preview};
use juxta_wire::lane::Comparison;
use juxta_wire::params;
use juxta_wire::run::CellState;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::python;

/// A field as a server read it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Field {
    #[serde(rename_all = "camelCase")]
    File {
        name: String,
        file_name: String,
        media_type: String,
        bytes: u64,
        digest: String,
    },
    Text {
        name: String,
        text: String,
    },
}

impl Field {
    fn text(name: &str, text: &str) -> Self {
        Self::Text { name: name.to_owned(), text: text.to_owned() }
    }

    fn name(&self) -> &str {
        match self {
            Self::File { name, .. } | Self::Text { name, .. } => name,
        }
    }
}

#[derive(Deserialize)]
struct Told {
    fields: Vec<Field>,
    /// Digests of the bodies that came, those that were refused first.
    bodies: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Parser {
    /// Keeps names as they stand there.
    Starlette,
    /// Undoes the escape of a quotation mark, and takes a backslash for an escape. Tells texts first, those of one name
    /// together.
    Werkzeug,
}

impl Parser {
    fn name(self) -> &'static str {
        match self {
            Self::Starlette => "starlette",
            Self::Werkzeug => "werkzeug",
        }
    }

    /// What it makes of a name: three characters are escaped on the wire as HTML has it.
    fn reads(self, name: &str) -> String {
        let sent = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        match self {
            Self::Starlette => sent,
            Self::Werkzeug => sent.replace('\\', "").replace("%22", "\""),
        }
    }

    fn sorted(self, mut fields: Vec<Field>) -> Vec<Field> {
        if self == Self::Werkzeug {
            fields.sort_by(|one, other| one.name().cmp(other.name()));
        }
        fields
    }
}

struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start(parser: Parser) -> Self {
        let mut command = python("forms.py");
        let mut process =
            command.arg(parser.name()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python runs");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("its output")).read_line(&mut line).expect("a line");
        Self { process, port: line.trim().parse().expect("a port") }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that is gone already is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A parameter as it is set, and the fields that servers read.
type Set = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const PROMPT: Set = (
    "prompt",
    r#""Grüße, „Łódź“ \\ \"x\"\r\n--juxta-\r\n\r\n\u0000 東京 👩‍👩‍👧\n""#,
    &[("prompt", "Grüße, „Łódź“ \\ \"x\"\r\n--juxta-\r\n\r\n\u{0} 東京 👩‍👩‍👧\n")],
);

const OF_SCAIGRID: &[Set] = &[
    ("language", "\"de\"", &[("language", "de")]),
    PROMPT,
    ("temperature", "0.20", &[("temperature", "0.20")]),
    ("response_format", "\"verbose_json\"", &[("response_format", "verbose_json")]),
    (
        "timestamp_granularities",
        "[\"word\", \"segment\"]",
        &[("timestamp_granularities", "word"), ("timestamp_granularities", "segment")],
    ),
    ("x_größe", "{\"a\" : [1.0, \"é\"]}", &[("x_größe", "{\"a\" : [1.0, \"é\"]}")]),
    ("x_null", "null", &[]),
];

const OF_OPENAI: &[Set] = &[
    ("language", "\"de\"", &[("language", "de")]),
    PROMPT,
    ("temperature", "1e-1", &[("temperature", "1e-1")]),
    ("response_format", "\"verbose_json\"", &[("response_format", "verbose_json")]),
    (
        "timestamp_granularities",
        "[\"word\", \"segment\"]",
        &[("timestamp_granularities[]", "word"), ("timestamp_granularities[]", "segment")],
    ),
    ("include", "[\"logprobs\"]", &[("include[]", "logprobs")]),
    (
        "chunking_strategy",
        r#"{"type":"server_vad", "threshold" : 0.50, "prefix_padding_ms":300}"#,
        &[
            ("chunking_strategy[type]", "server_vad"),
            ("chunking_strategy[threshold]", "0.50"),
            ("chunking_strategy[prefix_padding_ms]", "300"),
        ],
    ),
    (
        "known_speaker_names",
        r#"["Ann \"A\"", "Łukasz; name=x", ""]"#,
        &[
            ("known_speaker_names[]", "Ann \"A\""),
            ("known_speaker_names[]", "Łukasz; name=x"),
            ("known_speaker_names[]", ""),
        ],
    ),
    (
        "known_speaker_references",
        "[\"data:audio/wav;base64,UklGRg==\"]",
        &[("known_speaker_references[]", "data:audio/wav;base64,UklGRg==")],
    ),
    ("stream", "false", &[("stream", "false")]),
    // Names that try to be more than a name.
    ("x\"; filename=\"a", "1.0", &[("x\"; filename=\"a", "1.0")]),
    ("x\r\ncontent-type: text/html\r\n\r\ny", "\"\"", &[("x\r\ncontent-type: text/html\r\n\r\ny", "")]),
    (
        "größe \\ 東京",
        "[9007199254740993, null]",
        &[("größe \\ 東京[]", "9007199254740993"), ("größe \\ 東京[]", "null")],
    ),
];

fn settings(dialect: Dialect) -> &'static [Set] {
    match dialect {
        Dialect::ScaigridV1 => OF_SCAIGRID,
        Dialect::OpenAi | Dialect::ScaleV5 => OF_OPENAI,
    }
}

/// Every byte there is, and what looks like the end of a form.
fn file() -> Vec<u8> {
    let all: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    [&b"RIFF\x10\0\0\0WAVE\r\n"[..], &all, b"\r\n--juxta-\r\n--juxta-0123456789abcdef0123456789abcdef--\r\n"].concat()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a text takes everything");
        hex
    })
}

/// What is in the inspector, as a server says it.
fn in_the_inspector(part: &FormPart, parser: Parser, file: &[u8]) -> Field {
    let name = parser.reads(&part.name);
    match &part.content {
        FormContent::Text { text } => Field::Text { name, text: text.clone() },
        FormContent::File { file_name, media_type, bytes } => Field::File {
            name,
            file_name: parser.reads(file_name),
            media_type: media_type.clone(),
            bytes: *bytes,
            digest: digest(file),
        },
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_of_others_read_every_field_as_it_was_set_and_the_same_bytes_when_it_is_tried_again() {
    let world = World::start().await;
    let recording = world.engine.import_recording("../Grüße \"1\"\r\n; x=東京 👩‍👩‍👧.wav", &file()).expect("a recording");
    let renamed = format!("{} a\\b", recording.name);
    let recording = world.engine.rename_recording(&recording.id, &renamed).expect("renamed");
    let file_name = "Grüße \"1\"; x=東京 👩‍👩‍👧 a\\b.wav";
    for parser in [Parser::Starlette, Parser::Werkzeug] {
        let server = Server::start(parser);
        for dialect in [Dialect::ScaigridV1, Dialect::OpenAi] {
            let origin = format!("http://127.0.0.1:{}/refuse-2/{dialect:?}/", server.port);
            let mut connection = world.connect("Of others", dialect, &origin);
            connection.network.max_retries = 2;
            let connection = world.engine.save_connection(connection).expect("saved");
            let settings = settings(dialect);
            for spec in params::table(EndpointKind::Transcribe, dialect).parameters {
                assert!(settings.iter().any(|(name, ..)| *name == spec.name), "{} is set", spec.name);
            }
            let mut comparison: Comparison = chat(&connection.id, "größe/\"m\"", &[]);
            comparison.lanes[0].endpoint = EndpointKind::Transcribe;
            comparison.draft.recording = Some(recording.id.clone());
            comparison.draft.parameters = settings.iter().map(|(name, json, _)| Parameter::new(*name, *json)).collect();
            let Preview::Ready { request: preview } = world.engine.preview(&comparison, &comparison.lanes[0].id) else {
                panic!("{dialect:?}: no preview");
            };
            let cell = world.run(comparison).await.remove(0);
            assert_eq!((&cell.state, cell.attempt), (&CellState::Finished, 3), "{dialect:?}: {:?}", cell.error);
            let (answer, _) = world.engine.recorded_body(&cell.id).expect("a body");
            let told: Told = serde_json::from_slice(&answer).expect("what the server read");

            let model = Field::text("model", "größe/\"m\"");
            let sound = Field::File {
                name: "file".to_owned(),
                file_name: parser.reads(file_name),
                media_type: "audio/wav".to_owned(),
                bytes: file().len() as u64,
                digest: digest(&file()),
            };
            let set = settings.iter().flat_map(|(.., fields)| *fields);
            let set = set.map(|(name, text)| Field::text(&parser.reads(name), text));
            let set: Vec<Field> = [model, sound].into_iter().chain(set).collect();
            let read = parser.sorted(told.fields);
            assert_eq!(read, parser.sorted(set), "{parser:?}, {dialect:?}: as it was set");
            let request = cell.request.expect("a request");
            assert_eq!((&request.parts, &request.body), (&preview.parts, &preview.body), "{parser:?}, {dialect:?}");
            let shown = request.parts.iter().map(|part| in_the_inspector(part, parser, &file())).collect();
            assert_eq!(read, parser.sorted(shown), "{parser:?}, {dialect:?}: as it is shown");

            let (_, body) = world.engine.recorded_request(&cell.id).expect("a recorded request");
            assert_eq!(told.bodies, vec![digest(&body); 3], "{parser:?}, {dialect:?}: the same bytes three times");
        }
    }
}
