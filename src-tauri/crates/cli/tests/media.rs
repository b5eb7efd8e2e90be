//! The built program with documents of sounds, pictures and vectors: the files that it writes.

use std::path::Path;
use std::process::Command;

/// Runs a document in `folder`; gives the file names of each line, in the order of the lanes.
fn run(folder: &Path, document: &str) -> Vec<Vec<String>> {
    let file = folder.join("document.json");
    std::fs::write(&file, document).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_juxta-cli"));
    let output = command.arg("run").arg(&file).arg("--files").arg(folder.join("new/files")).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    lines.sort_by_key(|line| line["laneIndex"].as_u64());
    let names = |line: &serde_json::Value| line["files"].as_array().expect("files").clone();
    lines
        .iter()
        .map(|line| names(line).iter().map(|name| name.as_str().expect("a name").to_owned()).collect())
        .collect()
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join("new/files").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn speech_is_written_with_its_ending_and_heard_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let lane = |format: &str| {
        format!(
            r#"{{"connection":"sandbox-openai","endpoint":"synthesize","model":"sandbox/speak",
                "overrides":[{{"kind":"set","parameter":{{"name":"response_format","json":"\"{format}\""}}}}]}}"#
        )
    };
    let spoken = run(
        folder.path(),
        &format!(
            r#"{{"name":"Spoken","draft":{{"messages":[{{"role":"user","content":{{"kind":"text","text":"The cat sat."}}}}],
                "parameters":[{{"name":"voice","json":"\"alloy\""}}]}},"lanes":[{},{}]}}"#,
            lane("wav"),
            lane("flac")
        ),
    );
    assert_eq!(spoken, [["A1-sandbox-speak.wav"], ["B1-sandbox-speak.flac"]]);
    assert!(read(folder.path(), "A1-sandbox-speak.wav").starts_with(b"RIFF"));
    assert!(read(folder.path(), "B1-sandbox-speak.flac").starts_with(b"fLaC"));

    let lane = |connection: &str, format: &str| {
        format!(
            r#"{{"connection":"{connection}","endpoint":"transcribe","model":"sandbox/transcribe",
                "overrides":[{{"kind":"set","parameter":{{"name":"response_format","json":"\"{format}\""}}}}]}}"#
        )
    };
    let heard = run(
        folder.path(),
        &format!(
            r#"{{"name":"Heard","sound":"new/files/A1-sandbox-speak.wav","draft":{{}},"lanes":[{},{},{},{}]}}"#,
            lane("sandbox-openai", "json"),
            lane("sandbox-openai", "srt"),
            lane("sandbox-scaigrid", "vtt"),
            lane("sandbox-openai", "text")
        ),
    );
    let endings = ["json", "srt", "vtt", "txt"];
    for ((names, letter), ending) in heard.iter().zip('A'..).zip(endings) {
        assert_eq!(*names, [format!("{letter}1-sandbox-transcribe.{ending}")]);
        let text = String::from_utf8(read(folder.path(), &names[0])).expect("UTF-8");
        assert!(text.to_lowercase().contains("cat sat"), "{text}");
    }
}

#[test]
fn pictures_and_vectors_are_written_with_their_endings() {
    let folder = tempfile::tempdir().expect("a folder");
    let drawn = run(
        folder.path(),
        r#"{"name":"Drawn","draft":{"messages":[{"role":"user","content":{"kind":"text","text":"A red house"}}],
            "parameters":[{"name":"n","json":"2"},{"name":"size","json":"\"256x256\""}]},
            "lanes":[{"connection":"sandbox-openai","endpoint":"image","model":"sandbox/draw-literal"}]}"#,
    );
    assert_eq!(drawn, [["A1-sandbox-draw-literal-1.png", "A1-sandbox-draw-literal-2.png"]]);
    for name in &drawn[0] {
        assert!(read(folder.path(), name).starts_with(b"\x89PNG\r\n"), "{name}");
    }

    let measured = run(
        folder.path(),
        r#"{"name":"Measured","draft":{"texts":["größe","🐟 \"fish\"","a cat"],"batch":2},
            "lanes":[{"connection":"sandbox-openai","endpoint":"embed","model":"sandbox/embed-small"}]}"#,
    );
    let mut names = measured.concat();
    names.sort();
    assert_eq!(names, ["A1-sandbox-embed-small-from-1.npy", "A1-sandbox-embed-small-from-3.npy"]);
    let bytes = read(folder.path(), &names[0]);
    let head = String::from_utf8_lossy(&bytes[..128]);
    assert!(bytes.starts_with(b"\x93NUMPY") && head.contains("'shape': (2, 384)"), "{head}");
}

#[test]
fn a_sound_that_is_not_there_is_named_and_nothing_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("document.json");
    let document = r#"{"name":"Heard","sound":"no/such.wav","draft":{},
        "lanes":[{"connection":"sandbox-openai","endpoint":"transcribe","model":"sandbox/transcribe"}]}"#;
    std::fs::write(&file, document).expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_juxta-cli")).arg("run").arg(&file).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("such.wav"), "{output:?}");
    assert!(output.stdout.is_empty());
}
