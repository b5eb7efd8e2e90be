//! A matrix of 1,800 calls whose process is killed half-way: the next one sends what is missing, and nothing else.

#[path = "../../../../tests/src/counting.rs"]
#[allow(dead_code, reason = "this test refuses nothing")]
mod counting;

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use counting::{Provider, Reply};
use serde_json::json;

const CELLS: u64 = 1800;
const IN_FLIGHT: u64 = 8;

fn write_plan(folder: &Path, origin: &str) {
    let mut table = "order,note\n".to_owned();
    for row in 0..20 {
        writeln!(table, "{row},\"Größe \"\"{row}\"\" \\ 東京\"").expect("a string takes all");
    }
    std::fs::write(folder.join("orders.csv"), table).expect("a table");
    let prompt = |name: &str, text: &str| json!({ "name": name, "messages": [{ "role": "user", "text": text }] });
    let lane = |model: &str| json!({ "connection": { "id": "counting" }, "endpoint": "chat", "model": model });
    let plan = json!({
        "format": "juxta-matrix/1",
        "name": "Orders",
        "dataset": { "path": "orders.csv" },
        "lanes": [lane("model-a"), lane("model-b")],
        "repeats": 5,
        "prompts": [
            prompt("Short", "Order {{order}}?"),
            prompt("Long", "Where is order {{order}}? It is said: {{note}}"),
            prompt("Polite", "Please: {{order}} / {{note}}"),
        ],
        "axes": [{ "parameter": "temperature", "values": "0..1 step 0.5" }],
        "connections": [{
            "id": "counting",
            "name": "Counting",
            "profile": "openAiCompatible",
            "dialect": "openAi",
            "baseUrl": origin,
            "headers": [],
            "network": {
                "connectTimeoutMs": 60000,
                "idleTimeoutMs": 120000,
                "proxy": { "kind": "direct" },
                "caFile": null,
                "maxRetries": 0,
                "maxConcurrent": 12,
            },
        }],
    });
    std::fs::write(folder.join("orders.matrix.json"), plan.to_string()).expect("a plan");
}

fn matrix(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_juxta-cli"));
    command.env("JUXTA_MEMORY_KEYS", "1").current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null());
    command.args(["matrix", "orders.matrix.json", "--data", "data", "--resume"]);
    command
}

#[test]
fn after_a_kill_half_way_only_what_is_missing_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let provider = Provider::start(IN_FLIGHT as usize, |_| Reply::Answer);
    write_plan(folder.path(), &provider.origin);
    let mut first = matrix(folder.path()).stderr(Stdio::null()).spawn().expect("the program runs");
    provider.wait(|counted| counted.calls >= CELLS / 2);
    // On Unix this is SIGKILL: nothing is put in order.
    first.kill().expect("it runs");
    first.wait().expect("it is gone");
    // What was on its way is answered into nothing.
    let at_kill = provider.wait(|counted| counted.in_flight == 0);
    assert!((CELLS / 2..CELLS).contains(&at_kill.calls), "{}", at_kill.calls);
    assert_eq!(at_kill.most_in_flight as u64, IN_FLIGHT);

    let second = matrix(folder.path()).output().expect("the program runs");
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(second.status.success(), "{said}");
    let over: u64 = said
        .lines()
        .find_map(|line| line.strip_prefix("Goes on with ")?.split_once(' ')?.0.parse().ok())
        .unwrap_or_else(|| panic!("it goes on with what the first one left: {said}"));
    let done = provider.counted();
    assert_eq!(done.most_in_flight as u64, IN_FLIGHT);
    assert_eq!(done.calls - at_kill.calls, CELLS - over, "each missing call is sent once, and no other: {said}");
    assert!(at_kill.calls - over <= IN_FLIGHT, "only what was in flight is sent a second time: {said}");
    assert_eq!(done.answered.len(), 360);
    assert!(done.answered.values().all(|times| *times >= 5), "every cell has its answer");
    let twice: u32 = done.answered.values().map(|times| times - 5).sum();
    assert_eq!(u64::from(twice), at_kill.calls - over);

    // Nothing is missing any more.
    let third = matrix(folder.path()).output().expect("the program runs");
    assert!(third.status.success(), "{}", String::from_utf8_lossy(&third.stderr));
    assert_eq!(provider.counted().calls, done.calls);
}
