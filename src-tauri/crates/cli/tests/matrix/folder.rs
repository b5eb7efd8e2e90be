//! A folder with a table and a plan, and the program run in it.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

pub const CSV: &str = "word,expected,note\n\
    \"Größe \"\"quoted\"\" \\\\ <b>&amp;\",quoted,\"two\nlines\"\n\
    東京 👩‍👩‍👧,東京,\"</pre><script>alert(1)</script>\"\n\
    plain,plain,]]>\n";

pub struct Folder {
    path: tempfile::TempDir,
}

impl Folder {
    pub fn new() -> Self {
        let path = tempfile::tempdir().expect("a folder");
        std::fs::write(path.path().join("rows 東京.csv"), CSV).expect("a table");
        Self { path }
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.path.path().join(name)
    }

    pub fn write(&self, plan: &Value) -> PathBuf {
        let file = self.at("plan.matrix.json");
        std::fs::write(&file, serde_json::to_string_pretty(plan).expect("JSON")).expect("a file");
        file
    }

    pub fn run(&self, plan: &Value, arguments: &[&str]) -> Output {
        let file = self.write(plan);
        let mut command = Command::new(env!("CARGO_BIN_EXE_juxta-cli"));
        command.env("JUXTA_MEMORY_KEYS", "1").stdin(Stdio::null()).current_dir(self.path.path());
        command.arg("matrix").arg(&file).args(arguments).output().expect("the program runs")
    }

    pub fn lines(&self, name: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.at(name)).expect("results");
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }
}

pub fn lane(model: &str) -> Value {
    json!({ "connection": { "id": "sandbox-openai" }, "endpoint": "chat", "model": model })
}

pub fn plan(lanes: &[Value], checks: Value) -> Value {
    json!({
        "format": "juxta-matrix/1",
        "name": "Echoes <\"&\">",
        "messages": [{ "role": "user", "text": "{{word}}" }],
        "dataset": { "path": "rows 東京.csv" },
        "checks": checks,
        "lanes": lanes,
        "repeats": 2,
        "axes": [{ "parameter": "temperature", "values": "0, unset" }],
    })
}

pub fn says(text: &str) -> Value {
    json!([{ "name": "Says <it>", "rule": { "kind": "contains", "text": text } }])
}

pub fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
