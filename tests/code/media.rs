//! Calls of sounds, pictures and vectors: forms compared field by field, and what the code saves.

use std::path::Path;

use juxta_client::export::{Content, Form, Written};
use juxta_tests::code::{BYTES, Endpoint, Fixture, SOUND, SentPart, form_parts};
use juxta_tests::http_bytes::Message;
use juxta_tests::world::{World, chat, sandbox};
use juxta_wire::code::{CodeRequest, CodeSource};
use juxta_wire::endpoint::{Dialect, EndpointKind};

/// The files that the code of forms reads, where it says that they are to be put.
pub fn put_files(cases: &[(usize, Fixture, Written)], folder: &Path) {
    for (_, fixture, written) in cases {
        for field in fixture.request.form.iter().flat_map(|form| &form.fields) {
            if let Content::File(file) = &field.content {
                assert!(written.checks.iter().any(|check| check.text.contains(&file.path())), "{}", fixture.name);
                std::fs::write(folder.join(file.path()), SOUND).expect("a file");
            }
        }
    }
}

/// Holds the fields that arrived against those that were exported.
pub fn form_faults(form: &Form, written: &Written, message: &Message) -> Vec<String> {
    let says = |words: &str| written.checks.iter().any(|check| check.text.contains(words));
    let Some(mut came) = form_parts(message) else {
        return vec![format!("{} is no form", message.header("content-type").unwrap_or_default())];
    };
    let mut wanted: Vec<SentPart> = form.fields.iter().map(|field| part(&field.name, &field.content)).collect();
    if says("as CR LF") {
        for part in wanted.iter_mut().filter(|part| part.file_name.is_none()) {
            part.content = String::from_utf8_lossy(&part.content).replace('\n', "\r\n").into_bytes();
        }
    }
    if says("spells the name") {
        came.iter_mut()
            .chain(&mut wanted)
            .for_each(|part| part.file_name = part.file_name.take().map(|_| String::new()));
    }
    // Who says that the file stands elsewhere keeps the order of the texts of a name.
    if says("the file behind") {
        came.sort_by(|one, other| one.name.cmp(&other.name));
        wanted.sort_by(|one, other| one.name.cmp(&other.name));
    }
    match came == wanted {
        true => Vec::new(),
        false => vec![format!("the fields\n{came:?}\ninstead of\n{wanted:?}")],
    }
}

fn part(name: &str, content: &Content) -> SentPart {
    let (file_name, content_type, content) = match content {
        Content::Text(text) => (None, None, Fixture::real(text).into_bytes()),
        Content::File(file) => (Some(file.name.clone()), Some(file.media_type.clone()), SOUND.to_vec()),
    };
    SentPart { name: name.to_owned(), file_name, content_type, content }
}

/// What a package sends that asks for base64 by itself.
pub fn with_base64(body: &str) -> String {
    let open = body.strip_suffix('}').expect("an object");
    format!("{open},\"encoding_format\":\"base64\"}}")
}

/// Whether code that saves files, or prints vectors, has done so. What prints all that came is looked at elsewhere.
pub fn is_shown(endpoint: Endpoint, printed: &str, folder: &Path) -> bool {
    let is_saved = |start: &str| {
        let mut names = printed.lines().map(str::trim).filter(|line| line.starts_with(start)).peekable();
        names.peek().is_some() && names.all(|name| std::fs::read(folder.join(name)).is_ok_and(|bytes| bytes == BYTES))
    };
    match endpoint {
        Endpoint::Vectors => {
            let printed = printed.replace(".0", "").replace(' ', "");
            printed.contains("[0.25,-1.5,8]") || printed.trim().trim_matches('"') == "AACAPgAAwL8AAABB"
        }
        Endpoint::Pictures => is_saved("picture"),
        // curl says nothing of what it saves.
        Endpoint::Sound => is_saved("speech.") || printed.is_empty() && folder.join("speech.mp3").exists(),
        Endpoint::Chat | Endpoint::Completions | Endpoint::Responses | Endpoint::Inference | Endpoint::Transcript => {
            false
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_code_of_a_transcription_is_its_form_and_a_pasted_one_is_the_transcription() {
    let world = World::start().await;
    for (dialect, times) in [(Dialect::OpenAi, "timestamp_granularities[]"), (Dialect::ScaigridV1, "times")] {
        let recording = world.engine.import_recording("Grüße; an Ada.wav", SOUND).expect("a recording");
        let list = [("temperature", "0.20"), (times.trim_end_matches("[]"), "[\"word\",\"segment\"]")];
        let mut comparison = chat(&sandbox(dialect), "sandbox/transcribe", &list);
        comparison.lanes[0].endpoint = EndpointKind::Transcribe;
        comparison.draft.messages.clear();
        comparison.draft.recording = Some(recording.id);
        let cells = world.run(comparison.clone()).await;
        let lane = comparison.lanes[0].id.clone();
        let sources = [
            CodeSource::Cell { cell: cells[0].id.clone() },
            CodeSource::Lane { comparison: comparison.clone().into(), lane },
        ];
        for source in sources {
            let view = |target: &str| {
                let request = CodeRequest {
                    source: source.clone(),
                    target: target.to_owned(),
                    environment: Vec::new(),
                    with_secrets: false,
                    as_arguments: false,
                };
                world.engine.code(&request).expect("a view")
            };
            let curl = view("curl");
            assert!(
                curl.text.contains("--form 'file=@\"Grüße; an Ada.wav\";type=application/octet-stream'"),
                "{}",
                curl.text
            );
            assert!(curl.text.contains(&format!("--form '{times}=word'")), "{}", curl.text);
            let says = |text: &str, passed: bool| {
                assert!(
                    curl.checks.iter().any(|check| check.passed == passed && check.text.contains(text)),
                    "{text}: {:?}",
                    curl.checks
                );
            };
            says("Reading this code back gives this request", true);
            says("Same 5 fields as ", true);
            says("Save it as Grüße; an Ada.wav where this runs", false);
            assert_eq!(curl.variables.unfit.as_deref(), Some("The fields of a form are not given as arguments"));
            let package = view("python-openai");
            assert_eq!(package.text.contains("client.audio.transcriptions.create("), dialect == Dialect::OpenAi);
            for target in &curl.targets {
                assert_eq!(view(&target.id).text.is_empty(), target.unfit.is_some(), "{}", target.id);
            }

            let pasted = world.engine.import_curl(&curl.text).expect("a command");
            assert_eq!(pasted.comparison.lanes[0].endpoint, EndpointKind::Transcribe);
            assert_eq!(pasted.comparison.lanes[0].model, "sandbox/transcribe");
            assert_eq!(pasted.comparison.draft.parameters, comparison.draft.parameters, "{dialect:?}");
            assert!(pasted.unknown.iter().any(|row| row.contains("Grüße; an Ada.wav")), "{:?}", pasted.unknown);
        }
    }
}
