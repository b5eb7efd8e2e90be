//! Plays every cassette of `tests/cassettes` and compares with what stands beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use http::HeaderMap;
use juxta_client::classify::{Answer, classify};
use juxta_client::endpoints::Mapper;
use juxta_client::observe::Piece;
use juxta_sse::{Frame, FrameKind, Parser};
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::AppError;
use juxta_wire::outcome::{Choice, Outcome, ToolCall};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Expected {
    about: String,
    #[serde(default = "chat")]
    endpoint: EndpointKind,
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

fn chat() -> EndpointKind {
    EndpointKind::Chat
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
    assert!(cassettes.len() >= 140, "the cassettes are there: {}", folder.display());
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

/// The events and the kinds of items of which the published types tell.
#[test]
fn every_documented_event_and_item_of_a_response_is_played() {
    let events = "audio.delta audio.done audio.transcript.delta audio.transcript.done code_interpreter_call_code.delta
        code_interpreter_call_code.done code_interpreter_call.completed code_interpreter_call.in_progress
        code_interpreter_call.interpreting completed content_part.added content_part.done created
        custom_tool_call_input.delta custom_tool_call_input.done failed file_search_call.completed
        file_search_call.in_progress file_search_call.searching function_call_arguments.delta
        function_call_arguments.done image_generation_call.completed image_generation_call.generating
        image_generation_call.in_progress image_generation_call.partial_image in_progress incomplete
        mcp_call_arguments.delta mcp_call_arguments.done mcp_call.completed mcp_call.failed mcp_call.in_progress
        mcp_list_tools.completed mcp_list_tools.failed mcp_list_tools.in_progress output_item.added output_item.done
        output_text.annotation.added output_text.delta output_text.done queued reasoning_summary_part.added
        reasoning_summary_part.done reasoning_summary_text.delta reasoning_summary_text.done reasoning_text.delta
        reasoning_text.done refusal.delta refusal.done web_search_call.completed web_search_call.in_progress
        web_search_call.searching";
    let items = "message file_search_call function_call function_call_output web_search_call computer_call
        computer_call_output reasoning tool_search_call tool_search_output compaction image_generation_call
        code_interpreter_call local_shell_call local_shell_call_output shell_call shell_call_output apply_patch_call
        apply_patch_call_output mcp_call mcp_list_tools mcp_approval_request mcp_approval_response custom_tool_call
        custom_tool_call_output";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/cassettes/responses");
    let cassettes = fs::read_dir(folder).expect("cassettes").map(|entry| load(&entry.expect("an entry").path()));
    let played: Vec<(Expected, String)> =
        cassettes.map(|(expected, body)| (expected, String::from_utf8_lossy(&body).into_owned())).collect();
    let events = events.split_whitespace().map(|event| format!("\"type\":\"response.{event}\""));
    let events: Vec<String> = events.chain(["\"type\":\"error\"".to_owned()]).collect();
    assert_eq!(events.len(), 53);
    for event in events {
        assert!(played.iter().any(|(_, body)| body.contains(&event)), "{event}");
    }
    let items: Vec<&str> = items.split_whitespace().collect();
    assert_eq!(items.len(), 25);
    for item in items {
        let is_it = |choice: &Choice| choice.item.as_ref().is_some_and(|known| known.kind == item);
        let streams = |expected: &&Expected| expected.outcome.events > 0 && expected.outcome.choices.iter().any(is_it);
        let documents =
            |expected: &&Expected| expected.outcome.events == 0 && expected.outcome.choices.iter().any(is_it);
        let played = || played.iter().map(|(expected, _)| expected);
        assert!(played().any(|expected| streams(&expected)) && played().any(|expected| documents(&expected)), "{item}");
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
        play_stream(cassette, chunks)
    } else {
        let mut mapper = Mapper::new(cassette.endpoint, cassette.dialect);
        let mut texts = Texts::default();
        let error = mapper.document(&chunks.concat(), &mut |piece| texts.take(piece)).err();
        Told { outcome: texts.join(mapper.outcome()), error, ..Told::default() }
    }
}

fn play_stream(cassette: &Expected, chunks: &[&[u8]]) -> Told {
    let mut parser = Parser::new();
    let mut mapper = Mapper::new(cassette.endpoint, cassette.dialect);
    let mut texts = Texts::default();
    let mut told = Told::default();
    let mut on = |frame: Frame<'_>| match frame.kind {
        FrameKind::Comment { .. } => {
            told.comments += 1;
            mapper.comment();
        }
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
            choice.item = texts.item;
            for (call, text) in choice.tool_calls.iter_mut().zip(texts.tool_calls) {
                call.arguments = text.arguments;
            }
        }
        outcome
    }
}
