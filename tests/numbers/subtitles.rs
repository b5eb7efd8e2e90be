//! Subtitles as two parsers of others read them.

use std::fs;
use std::sync::{Arc, Mutex};

use juxta_tests::servers::{self, Said};
use juxta_tests::world::{World, chat};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::ids::{CellId, ConnectionId, RecordingId};
use juxta_wire::media_answer::TranscriptForm;
use juxta_wire::run::CellState;
use juxta_wire::settings::Settings;
use juxta_wire::transcript::{Segment, Transcript};
use serde::Deserialize;
use serde_json::json;

use crate::{Numbers, printed};

/// Begin and end in milliseconds, and the words.
type Cue = (f64, f64, String);

/// What a parser makes of a text.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Read {
    Cues(Vec<Cue>),
    Refused(String),
}

/// What each parser of its form makes of each text.
fn read_by_others(texts: &[(TranscriptForm, String)]) -> Vec<Vec<Read>> {
    let texts: Vec<(&str, &str)> = texts.iter().map(|(form, text)| (name(*form), text.as_str())).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("texts.json");
    fs::write(&file, serde_json::to_vec(&texts).expect("JSON")).expect("written");
    serde_json::from_str(&printed("subtitles.py", &file)).expect("a list")
}

fn name(form: TranscriptForm) -> &'static str {
    if form == TranscriptForm::Srt { "srt" } else { "vtt" }
}

/// The engine, with a server that answers a transcription as it is told to.
struct Heard {
    world: World,
    said: Arc<Mutex<Said>>,
    connection: ConnectionId,
    recording: RecordingId,
    _server: servers::Server,
    exports: tempfile::TempDir,
}

impl Heard {
    async fn start() -> Self {
        let world = World::start().await;
        let exports = tempfile::tempdir().expect("a folder");
        let export_folder = Some(exports.path().display().to_string());
        world.engine.save_settings(&Settings { export_folder, ..Settings::default() }).expect("saved");
        let said: Arc<Mutex<Said>> = Arc::default();
        let server = servers::saying(Arc::clone(&said)).await.expect("a port");
        let connection = world.connect("Of others", Dialect::OpenAi, &format!("http://{}", server.address)).id;
        let recording = world.engine.import_recording("a.wav", b"RIFF....WAVE").expect("a recording").id;
        Self { world, said, connection, recording, _server: server, exports }
    }

    async fn hears(&self, kind: &'static str, body: Vec<u8>) -> CellId {
        *self.said.lock().expect("nobody panicked") = (kind, body);
        let mut comparison = chat(&self.connection, "m", &[]);
        comparison.lanes[0].endpoint = EndpointKind::Transcribe;
        comparison.draft.recording = Some(self.recording.clone());
        let cell = self.world.run(comparison).await.remove(0);
        assert_eq!(cell.state, CellState::Finished, "{:?}", cell.error);
        cell.id
    }

    async fn transcript(&self, text: &str) -> Transcript {
        let cell = self.hears("text/plain; charset=utf-8", text.as_bytes().to_vec()).await;
        self.world.engine.transcript(&cell).expect("a transcript")
    }

    /// The transcript of a cell as a file.
    fn saved(&self, cell: &CellId, form: TranscriptForm) -> (TranscriptForm, String) {
        let path = self.world.engine.save_transcript(cell, form).expect("a file").path;
        assert!(path.starts_with(&*self.exports.path().to_string_lossy()) && path.ends_with(name(form)), "{path}");
        (form, String::from_utf8(fs::read(path).expect("a file")).expect("UTF-8"))
    }
}

/// Times in seconds, words, and these as SubRip has them where that cannot say the same.
type Spoken = (f64, f64, String, Option<&'static str>);

fn spoken() -> Vec<Spoken> {
    let by_hand: &[(&str, Option<&str>)] = &[
        ("Grüße & <you>", None),
        ("zwei --> Zeilen\nund noch eine -->", None),
        ("a\n\n \n\t\nb\r\n\r\nc\r\rd", Some("a\nb\nc\nd")),
        ("🦊 👩‍👩‍👧 שלום\u{200f}", None),
        ("&lt; &amp;amp; bleibt, <b>tags</b> <00:00:01.000> & <v Ann>too", None),
        ("WEBVTT", None),
        ("NOTE nothing", None),
        ("STYLE\n::cue {}", None),
        ("1984", None),
        ("00:00:09,000 --> 00:00:10,000", None),
        ("right\n2\n00:00:12,000 --> 00:00:13,000\nx", Some("right\n2 00:00:12,000 --> 00:00:13,000\nx")),
        ("one\u{2028}line\u{85}all\u{b}of\u{c}it", None),
        ("{\\an8}\"quoted\" \\ 'words'", None),
        ("-->", None),
    ];
    let mut all: Vec<Spoken> = Vec::new();
    let mut at = 0.0004;
    for (words, instead) in by_hand {
        all.push((at, at + 0.999_9, (*words).to_owned(), *instead));
        at += 1.0;
    }
    // Without words there is nothing to show, and parsers do not agree about it.
    all.push((at, at + 0.5, " \n ".to_owned(), Some("")));
    let known = ["the", "Größe", "東京", "don’t", "a<b", "c>d", "&", "👩‍👩‍👧", "--", "12:30,5", "7", "\n", "\n"];
    let mut numbers = Numbers(23);
    let mut from = 20_000;
    for _ in 0..200 {
        let to = from + 1 + numbers.below(9_000);
        let words: Vec<&str> = (0..1 + numbers.below(12)).map(|_| known[numbers.below(known.len())]).collect();
        let words = format!("so {}", words.join(" "));
        let lines: Vec<&str> = words.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect();
        all.push((from as f64 / 1e3, to as f64 / 1e3, lines.join("\n"), None));
        from = to + numbers.below(3) * numbers.below(60_000);
    }
    all.push((359_999.999, 360_000.001, "a hundred hours".to_owned(), None));
    all.push((36_000_000.25, 36_000_001.999_6, "ten thousand hours".to_owned(), None));
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subtitles_that_are_saved_have_the_same_cues_in_parsers_of_others() {
    let heard = Heard::start().await;
    let spoken = spoken();
    let segments: Vec<_> = spoken
        .iter()
        .enumerate()
        .map(|(at, (start, end, text, _))| json!({ "id": at, "start": start, "end": end, "text": format!(" {text}") }))
        .collect();
    let body = json!({ "text": "all of it", "language": "en", "duration": 1, "segments": segments });
    let cell = heard.hears("application/json", body.to_string().into_bytes()).await;
    assert_eq!(heard.world.engine.transcript(&cell).expect("a transcript").problems, Vec::<String>::new());
    let files = [TranscriptForm::Srt, TranscriptForm::Vtt].map(|form| heard.saved(&cell, form));
    for ((form, text), parsers) in files.iter().zip(read_by_others(&files)) {
        let expected: Vec<Cue> = spoken
            .iter()
            .map(|(start, end, words, instead)| {
                let words = match (form, instead) {
                    // What WebVTT cannot say either are lines that are empty.
                    (TranscriptForm::Vtt, Some(_)) => {
                        let lines = words.split(['\n', '\r']).filter(|line| !line.trim().is_empty());
                        lines.collect::<Vec<&str>>().join("\n")
                    }
                    (_, Some(instead)) => (*instead).to_owned(),
                    (_, None) => words.clone(),
                };
                ((start * 1e3).round(), (end * 1e3).round(), words)
            })
            .filter(|(.., words)| !words.is_empty())
            .collect();
        for (at, read) in parsers.into_iter().enumerate() {
            let Read::Cues(cues) = read else { panic!("{form:?}, parser {at}: {read:?}") };
            for (cue, expected) in cues.iter().zip(&expected) {
                assert_eq!(cue, expected, "{form:?}, parser {at}");
            }
            assert_eq!(cues.len(), expected.len(), "{form:?}, parser {at}");
        }
        // And Juxta reads its own file as they do.
        let own = heard.transcript(text).await;
        assert_eq!(own.problems, Vec::<String>::new());
        assert_eq!(own.segments.iter().map(cue).collect::<Vec<Cue>>(), expected, "{form:?}");
    }
}

fn cue(segment: &Segment) -> Cue {
    ((segment.start * 1e3).round(), (segment.end * 1e3).round(), segment.text.clone())
}

/// Texts that are as they should be, each in its own way.
const GOOD: &[(TranscriptForm, &str)] = &[
    (TranscriptForm::Srt, "1\n00:00:00,500 --> 00:00:01,000\nx\n\n2\n00:00:01,000 --> 00:00:02,000\ny --> z\n7\n"),
    (TranscriptForm::Srt, "\u{feff}1\r\n00:00:00,500 --> 00:00:01,000\r\nx &amp; <i>y</i>\r\nz\r\n\r\n"),
    (TranscriptForm::Srt, "7\n100:59:59,999 --> 101:00:00,000\nx"),
    (TranscriptForm::Srt, "1\n00:00:00.500 --> 00:00:01.000\na point, as some have it\n"),
    (TranscriptForm::Vtt, "WEBVTT - a title\nKind: captions\n\n00:00.500 --> 00:01.000 align:start line:0\nx\n"),
    (
        TranscriptForm::Vtt,
        "\u{feff}WEBVTT\r\n\r\nNOTE\r\nnothing\r\n\r\nname\r\n00:00:00.500 --> 00:00:01.000\r\nx\r\n",
    ),
    (
        TranscriptForm::Vtt,
        "WEBVTT\n\nSTYLE\n::cue { color: red }\n\n1\n100:00:00.000 --> 100:00:01.000\na &amp;lt; b &gt; c\n",
    ),
    (TranscriptForm::Vtt, "WEBVTT\n\n\n\n00:00.500 --> 00:01.000\n<v Ann>Hi</v> <i>you</i>\nthere"),
];

/// A text with a fault, and the cues that were meant.
type Broken = (TranscriptForm, &'static str, &'static [(f64, f64, &'static str)]);

const BROKEN: &[Broken] = &[
    (TranscriptForm::Vtt, "WEBVTT\n\n00:02.000 --> 00:61.000\nx\n", &[(2e3, 61e3, "x")]),
    (TranscriptForm::Vtt, "WEBVTT\n\n00:00.000 --> 00:01,000\nx\n", &[(0.0, 1e3, "x")]),
    (TranscriptForm::Vtt, "WEBVTT\n\n00:00.000 --> 0:01.000\nx\n", &[(0.0, 1e3, "x")]),
    (TranscriptForm::Vtt, "WEBVTT\n\n0:00:00.000 --> 00:01.000\nx\n", &[(0.0, 1e3, "x")]),
    (TranscriptForm::Vtt, "WEBVTT\n\n1\n1\n00:00.000 --> 00:01.000\nx\n", &[(0.0, 1e3, "x")]),
    (TranscriptForm::Vtt, "WEBVTT\n\n00:00.000 -> 00:01.000\nx\n", &[(0.0, 1e3, "x")]),
    (TranscriptForm::Vtt, "WEBVTT\n\n00:00.000 --> 00:01.000\nx --> y\n", &[(0.0, 1e3, "x --> y")]),
    (
        TranscriptForm::Vtt,
        "WEBVTT\n\n00:00.000 --> 00:01.000\nx\n00:01.000 --> 00:02.000\ny\n",
        &[(0.0, 1e3, "x"), (1e3, 2e3, "y")],
    ),
    (TranscriptForm::Vtt, "WEBVTT\n\n00:00.000 --> 00:01.5\nx\n", &[(0.0, 1_500.0, "x")]),
    (TranscriptForm::Srt, "1\n00:00:00,000 --> 00:00:00,5\nx\n", &[(0.0, 500.0, "x")]),
    (TranscriptForm::Srt, "1\n00:00:00,000 --> 00:00:01,000\n\n", &[(0.0, 1e3, "")]),
    (
        TranscriptForm::Srt,
        "1\n00:00:00,000 --> 00:00:01,000\nx\n\n00:00:01,000 --> 00:00:02,000\ny\n",
        &[(0.0, 1e3, "x"), (1e3, 2e3, "y")],
    ),
    (TranscriptForm::Srt, "1\n00:00:00,000 --> eleven\nx\n", &[(0.0, 11e3, "x")]),
    (
        TranscriptForm::Srt,
        "1\n00:00:00,000 --> 00:00:01,000\nx\n\n2\n00:00:01,000 -> 00:00:02,000\ny\n",
        &[(0.0, 1e3, "x"), (1e3, 2e3, "y")],
    ),
    (
        TranscriptForm::Srt,
        "1\n00:00:00,000 --> 00:00:01,000\nx\n\nno times\n\n3\n00:00:01,000 --> 00:00:02,000\ny\n",
        &[(0.0, 1e3, "x"), (1e3, 2e3, "y")],
    ),
    (
        TranscriptForm::Srt,
        "1\n00:00:02,000 --> 00:00:01,000\nx\n\n2\n00:00:03,000 --> 00:00:04,000\ny\n",
        &[(2e3, 1e3, "x"), (3e3, 4e3, "y")],
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_juxta_finds_no_fault_others_read_the_same_and_where_others_stumble_it_finds_one() {
    let heard = Heard::start().await;
    let good: Vec<_> = GOOD.iter().map(|(form, text)| (*form, (*text).to_owned())).collect();
    for ((form, text), parsers) in good.iter().zip(read_by_others(&good)) {
        let own = heard.transcript(text).await;
        assert_eq!((own.form, own.problems), (*form, Vec::new()), "{text}");
        let cues: Vec<Cue> = own.segments.iter().map(cue).collect();
        for read in parsers {
            assert!(matches!(&read, Read::Cues(others) if *others == cues), "{text}\n{cues:?}\n{read:?}");
        }
    }
    let broken: Vec<_> = BROKEN.iter().map(|(form, text, _)| (*form, (*text).to_owned())).collect();
    for ((form, text, meant), parsers) in BROKEN.iter().zip(read_by_others(&broken)) {
        let own = heard.transcript(text).await;
        assert_eq!(own.form, *form, "{text}");
        assert!(!own.problems.is_empty(), "{text}");
        let meant: Vec<Cue> = meant.iter().map(|(start, end, words)| (*start, *end, (*words).to_owned())).collect();
        let stumbles = |read: &Read| match read {
            Read::Refused(words) => !words.is_empty(),
            Read::Cues(cues) => *cues != meant,
        };
        assert!(parsers.iter().any(stumbles), "{text}\n{parsers:?}");
    }
}
