//! The built program, run as a person runs it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn juxta() -> Command {
    Command::new(env!("CARGO_BIN_EXE_juxta-cli"))
}

fn run(comparison: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("comparison.json");
    std::fs::write(&file, comparison).expect("a file");
    juxta().arg("run").arg(&file).args(arguments).output().expect("the program runs")
}

fn lines(output: &Output) -> Vec<serde_json::Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

#[test]
fn the_example_writes_one_line_for_each_cell_and_succeeds() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sandbox.json");
    let output = juxta().arg("run").arg(&example).output().expect("the program runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let lines = lines(&output);
    assert_eq!(lines.len(), 6, "three lanes, twice");
    for line in &lines {
        assert_eq!(line["state"]["kind"], "finished");
        let body = line["request"]["body"].as_str().expect("the sent body");
        assert!(body.contains("\"temperature\":0.20"), "numbers keep their spelling: {body}");
        assert!(body.contains("Answer in English."), "{body}");
        assert!(!line["outcome"]["choices"][0]["text"].as_str().expect("a text").is_empty());
    }
    assert!(errors.contains("A sandbox/short  streaming"), "progress goes to stderr: {errors}");
}

#[test]
fn one_cell_that_fails_makes_the_status_1_and_still_has_its_line() {
    let output = run(
        r#"{"name":"Mixed","draft":{"messages":[{"role":"user","content":{"kind":"text","text":"Hi"}}]},
            "lanes":[{"connection":"sandbox-openai","endpoint":"chat","model":"sandbox/short"},
                     {"connection":"sandbox-openai","endpoint":"chat","model":"sandbox/fault/status-401"}]}"#,
        &[],
    );
    assert_eq!(output.status.code(), Some(1));
    let mut states: Vec<String> =
        lines(&output).iter().map(|line| line["state"]["kind"].as_str().unwrap_or_default().to_owned()).collect();
    states.sort();
    assert_eq!(states, ["failed", "finished"]);
}

#[test]
fn a_dialogue_that_goes_on_by_itself_has_a_line_for_each_step() {
    let tool = r#"{\"type\":\"function\",\"function\":{\"name\":\"look\",\"parameters\":{\"type\":\"object\"}}}"#;
    let lane = r#"{"connection":"sandbox-openai","endpoint":"chat","model":"sandbox/tools-steps"}"#;
    let output = run(
        &format!(
            r#"{{"name":"Steps","repeats":2,
                "draft":{{"messages":[{{"role":"user","content":{{"kind":"text","text":"Hi"}}}}],
                    "parameters":[{{"name":"tools","json":"[{tool}]"}}],
                    "toolPlan":{{"mode":"auto","mostSteps":8,
                        "rules":[{{"tool":"*","when":[],"gives":{{"kind":"text","text":"seen ☀"}}}}]}}}},
                "lanes":[{lane},{lane}]}}"#
        ),
        &[],
    );
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(errors.contains("B2 sandbox/tools-steps, step 3  finished"), "{errors}");
    let mut steps: Vec<_> = lines(&output)
        .iter()
        .map(|line| {
            let results: Vec<_> = line["results"].as_array().expect("results").iter().collect();
            assert!(results.iter().all(|result| result["state"]["reply"]["text"] == "seen ☀"), "{line}");
            (line["laneIndex"].as_u64(), line["repeat"].as_u64(), line["step"].as_u64(), results.len())
        })
        .collect();
    steps.sort();
    let expected: Vec<_> = [(0, 0), (0, 1), (1, 0), (1, 1)]
        .into_iter()
        .flat_map(|(lane, repeat)| {
            [2, 1, 0].into_iter().zip(0..).map(move |(results, step)| (Some(lane), Some(repeat), Some(step), results))
        })
        .collect();
    assert_eq!(steps, expected);
}

#[test]
fn a_broken_file_is_named_with_its_place_and_nothing_runs() {
    let output = run("{\"name\":\"x\",", &[]);
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("comparison.json") && errors.contains("line 1"), "{errors}");
    assert!(output.stdout.is_empty());
}

#[test]
fn the_sandbox_alone_prints_where_it_is_and_lets_in_who_has_the_token() {
    let mut sandbox =
        juxta().args(["sandbox", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().expect("the program runs");
    let mut line = String::new();
    BufReader::new(sandbox.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let address = line["address"].as_str().and_then(|url| url.strip_prefix("http://")).expect("an address").to_owned();
    let status = |token: &str| {
        let mut socket = TcpStream::connect(&address).expect("the sandbox listens");
        let request = format!(
            "GET /oai/v1/models HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
        );
        socket.write_all(request.as_bytes()).expect("a request");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("an answer");
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    let with_token = status(line["token"].as_str().expect("a token"));
    let without = status("wrong");
    sandbox.kill().expect("it can be stopped");
    sandbox.wait().expect("it ends");
    assert_eq!((with_token.as_str(), without.as_str()), ("200", "401"));
}

#[test]
fn a_sandbox_or_a_benchmark_beyond_this_computer_is_refused() {
    for arguments in [
        ["sandbox", "--listen", "192.0.2.1:80"].as_slice(),
        &["bench", "sse", "http://192.0.2.1:80/v1/chat/completions"],
    ] {
        let output = juxta().args(arguments).output().expect("the program runs");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_recorded_answer_is_played_again_and_served_without_its_server() {
    let data = tempfile::tempdir().expect("a folder");
    let file = data.path().join("comparison.json");
    let comparison = r#"{"name":"Once","draft":{"messages":[{"role":"user","content":{"kind":"text","text":"Hi"}}],
        "parameters":[{"name":"stream","json":"true"}]},
        "lanes":[{"connection":"sandbox-openai","endpoint":"chat","model":"sandbox/unicode"}]}"#;
    std::fs::write(&file, comparison).expect("a file");
    let folder = data.path().join("data");
    let mut recording = juxta();
    recording.arg("run").arg(&file).arg("--data").arg(&folder).env("DBUS_SESSION_BUS_ADDRESS", "disabled:");
    let recorded = lines(&recording.output().expect("the program runs")).remove(0);
    let cell = recorded["id"].as_str().expect("an id");
    let text = recorded["outcome"]["choices"][0]["text"].as_str().expect("a text");

    let replay = |more: &[&str]| juxta().arg("replay").arg(&folder).arg(cell).args(more).output().expect("it runs");
    let played = replay(&["--at-once"]);
    assert_eq!(String::from_utf8_lossy(&played.stdout), format!("{text}\n"), "{played:?}");
    let refused = replay(&["--times", "0"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("above 0"), "{refused:?}");

    let mut serving = juxta()
        .arg("replay")
        .arg(&folder)
        .args([cell, "--serve", "--times", "1000"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut line = String::new();
    BufReader::new(serving.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let url = line["url"].as_str().expect("an address").trim_start_matches("http://").to_owned();
    let (address, path) = url.split_once('/').expect("a path");
    let mut socket = TcpStream::connect(address).expect("it listens");
    write!(socket, "POST /{path}/v1/anything HTTP/1.0\r\ncontent-length: 0\r\n\r\n").expect("a request");
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).expect("an answer");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    serving.kill().expect("it ends");
    serving.wait().expect("it has ended");
    let body = body_file(&folder);
    assert!(answer[end..] == body, "{} bytes of {}", answer.len() - end, body.len());
}

#[test]
fn a_persons_own_folder_is_never_measured() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("juxta.sqlite"), "a history").expect("a file");
    let refused = juxta().args(["bench", "search"]).arg(folder.path()).output().expect("it runs");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("not one of this command"), "{refused:?}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is added to it");
}

/// The one recorded body of a data folder.
fn body_file(folder: &Path) -> Vec<u8> {
    let folders = std::fs::read_dir(folder.join("bodies")).expect("bodies");
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.expect("an entry").path()).expect("a folder"));
    let mut bodies =
        files.map(|file| file.expect("a file").path()).filter(|path| path.extension().is_some_and(|end| end == "body"));
    std::fs::read(bodies.next().expect("one body")).expect("read")
}
