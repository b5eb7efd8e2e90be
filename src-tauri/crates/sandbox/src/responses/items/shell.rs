//! Commands and patches. They are shown and never run.

use serde_json::{Value, json};

use crate::answer::pieces_of;
use crate::responses::{Script, Stage};

const COMMANDS: [&str; 2] = ["rg --count 'data:' stream.txt", "sleep 600"];

pub(super) fn scripts(stage: &mut Stage<'_>) -> Vec<Script> {
    let mut scripts = Vec::from(local(stage));
    scripts.extend(remote(stage));
    scripts.extend(patches(stage));
    scripts
}

fn local(stage: &mut Stage<'_>) -> [Script; 2] {
    let call = stage.id("call");
    let command = json!({ "id": stage.id("lsh"), "type": "local_shell_call", "call_id": call, "status": "completed",
        "action": { "type": "exec", "command": ["bash", "-lc", "ls -l \"$HOME/My files\" | head -n 3"],
            "env": { "LANG": "C.UTF-8" }, "timeout_ms": 10_000, "user": null, "working_directory": "/srv/example" } });
    let output = json!({ "id": call, "type": "local_shell_call_output", "status": "completed",
        "output": "{\"output\":\"total 8\\n-rw-r--r-- 1 ada ada 4096 stream.txt\\n\",\"metadata\":{\"exit_code\":0,\"duration_seconds\":0.1}}" });
    [Script::of(command), Script::of(output)]
}

fn remote(stage: &mut Stage<'_>) -> [Script; 2] {
    let call = stage.id("call");
    let item = json!({ "id": stage.id("sh"), "type": "shell_call", "call_id": call, "status": "completed",
        "action": { "commands": COMMANDS, "timeout_ms": 30_000, "max_output_length": 4096 },
        "environment": { "type": "container_reference", "container_id": "cntr_sandbox01" } });
    let mut command = Script::of(item)
        .beginning(json!({ "action": { "commands": [], "timeout_ms": 30_000, "max_output_length": 4096 } }));
    for (index, text) in COMMANDS.iter().enumerate() {
        command = command
            .event("response.shell_call_command.added", json!({ "command_index": index, "command": "" }))
            .deltas("response.shell_call_command.delta", json!({ "command_index": index }), text)
            .event("response.shell_call_command.done", json!({ "command_index": index, "command": text }));
    }
    let finished = ("148\n", "rg: notes.txt: Permission denied\n", json!({ "type": "exit", "exit_code": 2 }));
    let late = ("", "", json!({ "type": "timeout" }));
    let outputs: Vec<Value> = [finished, late]
        .into_iter()
        .map(|(out, err, outcome)| json!({ "stdout": out, "stderr": err, "outcome": outcome }))
        .collect();
    let item = json!({ "id": stage.id("sho"), "type": "shell_call_output", "call_id": call, "status": "completed",
        "max_output_length": 4096, "output": outputs });
    let mut output = Script::of(item).beginning(json!({ "output": [] }));
    for (index, chunk) in outputs.iter().enumerate() {
        for stream in ["stdout", "stderr"] {
            for piece in pieces_of(chunk[stream].as_str().unwrap_or_default()) {
                let delta = json!({ "command_index": index, "delta": { stream: piece.text } });
                output = output.event("response.shell_call_output_content.delta", delta);
            }
        }
        let done = json!({ "command_index": index, "output": [chunk] });
        output = output.work_with("response.shell_call_output_content.done", done);
    }
    [command, output]
}

const UPDATE: &str =
    "@@ -1,3 +1,3 @@\n fn main() {\n-    println!(\"Hello\");\n+    println!(\"Grüezi, \\\"Welt\\\"\");\n }\n";
const CREATE: &str = "+# Notes\n+\n+- first token: 180 ms\n";

fn patches(stage: &mut Stage<'_>) -> Vec<Script> {
    let operations = [
        (json!({ "type": "create_file", "path": "notes/first token.md", "diff": CREATE }), "completed", "Created."),
        (json!({ "type": "update_file", "path": "src/main.rs", "diff": UPDATE }), "completed", "1 hunk applied."),
        (json!({ "type": "delete_file", "path": "old.txt" }), "failed", "old.txt: no such file"),
    ];
    let mut scripts = Vec::new();
    for (operation, status, output) in operations {
        let call = stage.id("call");
        let patch = json!({ "id": stage.id("apc"), "type": "apply_patch_call", "call_id": call, "status": "completed",
            "operation": operation });
        let result = json!({ "id": stage.id("apco"), "type": "apply_patch_call_output", "call_id": call, "status": status,
            "output": output });
        // A result has no status before it is known.
        scripts.extend([Script::of(patch), Script::of(result).beginning(json!({ "status": status }))]);
    }
    scripts
}
