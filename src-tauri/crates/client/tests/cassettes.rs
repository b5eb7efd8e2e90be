//! Plays every cassette of `tests/cassettes` and compares with what stands beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use http::HeaderMap;
use juxta_client::classify::{Answer, classify};
use juxta_client::endpoints::chat::Mapper;
use juxta_client::observe::Piece;
use juxta_sse::{Frame, FrameKind, Parser};
use juxta_wire::endpoint::Dialect;
use juxta_wire::error::AppError;
use juxta_wire::outcome::{Choice, Outcome, ToolCall};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Expected {
    about: String,
    dialect: Dialect,
    status: u16,
    headers: std::collections::BTreeMap<String, String>,
    splits: Vec<Vec<usize>>,
    comments: u32,
    unfinished: Option<String>,
    #[serde(default)]
    text_bytes: Option<usize>,
    outcome: Outcome,
    error: Option<AppError>,
}

/// Everything that one way of feeding a body tells.
#[derive(Debug, Default, PartialEq)]
struct Told {
    comments: u32,
    unfinished: Option<String>,
    outcome: Outcome,
    error: Option<AppError>,
}

#[test]
fn every_cassette_means_the_same_however_its_body_is_cut() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/cassettes");
    let cassettes = find(&folder);
    assert!(cassettes.len() >= 40, "the cassettes are there: {}", folder.display());
    for cassette in cassettes {
        let (expected, body) = load(&cassette);
        let name = format!("{}: {}", cassette.strip_prefix(&folder).expect("inside").display(), expected.about);
        let told = play(&expected, &[&body]);
        compare(&name, &expected, &told);
        assert_eq!(play(&expected, &body.chunks(1).collect::<Vec<_>>()), told, "{name} (byte by byte)");
        for split in &expected.splits {
            assert_eq!(play(&expected, &cut(&body, split)), told, "{name} (cut at {split:?})");
        }
    }
}

fn find(folder: &Path) -> Vec<PathBuf> {
    let folders = |of: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(of).expect("a folder").map(|entry| entry.expect("an entry").path());
        entries.filter(|path| path.is_dir()).collect()
    };
    let mut found: Vec<PathBuf> = folders(folder).iter().flat_map(|provider| folders(provider)).collect();
    found.sort();
    found
}

fn load(cassette: &Path) -> (Expected, Vec<u8>) {
    let expected = fs::read_to_string(cassette.join("expected.json")).expect("expected.json");
    let expected = serde_json::from_str(&expected).unwrap_or_else(|error| panic!("{}: {error}", cassette.display()));
    let body = fs::read_dir(cassette)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.file_stem().is_some_and(|stem| stem == "body"))
        .expect("a body");
    (expected, fs::read(body).expect("the body"))
}

fn cut<'a>(body: &'a [u8], positions: &[usize]) -> Vec<&'a [u8]> {
    let bounds: Vec<usize> = [0].into_iter().chain(positions.iter().copied()).chain([body.len()]).collect();
    bounds.windows(2).map(|pair| &body[pair[0]..pair[1]]).collect()
}

fn compare(name: &str, expected: &Expected, told: &Told) {
    let mut outcome = told.outcome.clone();
    if let Some(bytes) = expected.text_bytes {
        let text = std::mem::take(&mut outcome.choices[0].text);
        assert_eq!(text.len(), bytes, "{name}");
    }
    assert_eq!(outcome, expected.outcome, "{name}");
    assert_eq!(told.error, expected.error, "{name}");
    assert_eq!((told.comments, &told.unfinished), (expected.comments, &expected.unfinished), "{name}");
}

/// What a caller does with an answer: status first, then the content type decides, not what was asked for.
fn play(cassette: &Expected, chunks: &[&[u8]]) -> Told {
    let headers: HeaderMap = cassette
        .headers
        .iter()
        .map(|(name, value)| (name.parse::<http::HeaderName>().expect("a name"), value.parse().expect("a value")))
        .collect();
    if cassette.status != 200 {
        let body = chunks.concat();
        let (status, dialect, now) = (cassette.status, cassette.dialect, SystemTime::UNIX_EPOCH);
        let answer = Answer { status, headers: &headers, body: &body, dialect, now, elapsed_ms: 0.0 };
        return Told { error: Some(AppError::Rejected(Box::new(classify(&answer)))), ..Told::default() };
    }
    if cassette.headers["content-type"].starts_with("text/event-stream") {
        play_stream(cassette.dialect, chunks)
    } else {
        let mut mapper = Mapper::new(cassette.dialect);
        let mut texts = Texts::default();
        let error = mapper.document(&chunks.concat(), &mut |piece| texts.take(piece)).err();
        Told { outcome: texts.join(mapper.outcome()), error, ..Told::default() }
    }
}

fn play_stream(dialect: Dialect, chunks: &[&[u8]]) -> Told {
    let mut parser = Parser::new();
    let mut mapper = Mapper::new(dialect);
    let mut texts = Texts::default();
    let mut told = Told::default();
    let mut on = |frame: Frame<'_>| match frame.kind {
        FrameKind::Comment { .. } => told.comments += 1,
        FrameKind::Unfinished { text } => told.unfinished = Some(text.to_owned()),
        FrameKind::Event { name, data, .. } => {
            let error = mapper.event(name, data, &mut |piece| texts.take(piece));
            told.error = told.error.take().or(error);
        }
    };
    for chunk in chunks {
        parser.push(chunk, &mut on);
    }
    parser.finish(&mut on);
    told.error = told.error.or_else(|| mapper.end().err());
    told.outcome = texts.join(mapper.outcome());
    told
}

/// Pieces appended where they belong.
#[derive(Default)]
struct Texts {
    choices: Vec<Choice>,
}

impl Texts {
    fn take(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Text { choice, text } => self.choice(choice).text.push_str(text),
            Piece::Reasoning { choice, text } => self.choice(choice).reasoning.push_str(text),
            Piece::Refusal { choice, text } => self.choice(choice).refusal.push_str(text),
            Piece::ToolCall { choice, call, arguments, .. } => {
                let calls = &mut self.choice(choice).tool_calls;
                calls.resize_with(calls.len().max(call as usize + 1), ToolCall::default);
                calls[call as usize].arguments.push_str(arguments);
            }
            Piece::Item { choice, item } => self.choice(choice).item = Some(item.clone()),
        }
    }

    fn choice(&mut self, index: u32) -> &mut Choice {
        let at = self.choices.iter().position(|choice| choice.index == index).unwrap_or_else(|| {
            self.choices.push(Choice { index, ..Choice::default() });
            self.choices.len() - 1
        });
        &mut self.choices[at]
    }

    /// The mapper's facts with these texts.
    fn join(mut self, mut outcome: Outcome) -> Outcome {
        for choice in &mut outcome.choices {
            let texts = std::mem::take(self.choice(choice.index));
            (choice.text, choice.reasoning, choice.refusal) = (texts.text, texts.reasoning, texts.refusal);
            for (call, text) in choice.tool_calls.iter_mut().zip(texts.tool_calls) {
                call.arguments = text.arguments;
            }
        }
        outcome
    }
}
