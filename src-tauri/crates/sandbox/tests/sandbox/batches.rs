//! Batches from outside: files, states, results, faults, and what a restart finds.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use juxta_sandbox::{Options, Sandbox};
use serde_json::{Value, json};

use crate::caller::{Reply, SCAIGRID, TOKEN, call, call_with, sandbox, send};

pub const GRID: &str = "/v1/inference/batch";
pub const OAI: &str = "/oai/v1";
pub const FILES: &str = "/oai/v1/files";

/// A row for the one provider or the other.
pub fn row(id: &str, url: &str, model: &str, text: &str) -> Value {
    json!({ "custom_id": id, "method": "POST", "url": url,
        "body": { "model": model, "messages": [{ "role": "user", "content": text }] } })
}

pub fn file(rows: &[Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

pub fn rows(count: usize, url: &str, model: &str) -> String {
    let rows: Vec<_> = (0..count).map(|at| row(&format!("r“{at}”\\"), url, model, &format!("Row {at} 👩‍👩‍👧"))).collect();
    file(&rows)
}

pub async fn get(sandbox: &Sandbox, path: &str) -> Reply {
    call(sandbox.address(), "GET", path, &[], "").await
}

pub async fn post(sandbox: &Sandbox, path: &str, body: &Value) -> Reply {
    call(sandbox.address(), "POST", path, &[], &body.to_string()).await
}

pub async fn submit(sandbox: &Sandbox, input: &str, words: &str) -> String {
    let body = json!({ "input_file_base64": BASE64_STANDARD.encode(input), "metadata": { "sandbox": words } });
    let reply = post(sandbox, GRID, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.json()["data"]["status"], "validating");
    reply.json()["data"]["id"].as_str().expect("an id").to_owned()
}

pub async fn grid(sandbox: &Sandbox, id: &str) -> Value {
    let reply = get(sandbox, &format!("{GRID}/{id}")).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["data"].clone()
}

fn is_over(batch: &Value) -> bool {
    ["completed", "failed", "expired", "cancelled"].iter().any(|word| batch["status"] == *word)
}

/// Asks until something is so. It fails by never returning, so that no machine is too slow for it.
pub async fn until(sandbox: &Sandbox, id: &str, holds: impl Fn(&Value) -> bool) -> Value {
    loop {
        let batch = grid(sandbox, id).await;
        if holds(&batch) {
            return batch;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub async fn ended(sandbox: &Sandbox, id: &str) -> Value {
    until(sandbox, id, is_over).await
}

/// The text behind an address of this sandbox, asked for without a key.
pub async fn fetch(url: &Value) -> Reply {
    let url = url.as_str().expect("an address").strip_prefix("http://").expect("a plain address");
    let (host, path) = url.split_once('/').expect("a path");
    call_with(host.parse().expect("an address"), "GET", &format!("/{path}"), &[], "").await
}

pub async fn lines(url: &Value) -> Vec<Value> {
    if url.is_null() {
        return Vec::new();
    }
    let reply = fetch(url).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.text().lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// How often each id is among the results, and the answers of those that were.
pub async fn results(batch: &Value) -> (Vec<String>, BTreeMap<String, Value>) {
    let mut all = lines(&batch["output_file_url"]).await;
    all.extend(lines(&batch["error_file_url"]).await);
    let ids: Vec<_> = all.iter().map(|line| line["custom_id"].as_str().expect("an id").to_owned()).collect();
    (ids.clone(), ids.into_iter().zip(all).collect())
}

#[tokio::test]
async fn a_batch_of_scaigrid_answers_as_the_live_endpoint_would() {
    let sandbox = sandbox().await;
    let mut input = rows(30, SCAIGRID, "sandbox/echo");
    input.push_str(&format!("\r\n{}\n", row("no model", SCAIGRID, "sandbox/none", "Hi")));
    let vector = json!({ "custom_id": "embed", "method": "POST", "url": "/v1/inference/embed",
        "body": { "model": "sandbox/embed", "input": ["x"] } });
    input.push_str(&vector.to_string());
    let id = submit(&sandbox, &input, "").await;
    let batch = ended(&sandbox, &id).await;
    assert_eq!(batch["status"], "completed", "{batch}");
    assert_eq!(batch["request_counts"], json!({ "total": 32, "completed": 31, "failed": 1 }));
    for moment in ["created_at", "in_progress_at", "completed_at", "expires_at"] {
        assert!(batch[moment].as_str().is_some_and(|text| text.ends_with('Z')), "{moment}");
    }
    let (ids, answers) = results(&batch).await;
    assert_eq!((ids.len(), answers.len()), (32, 32), "each row once");
    let places: Vec<_> = (0..30).map(|at| ids.iter().position(|id| *id == format!("r“{at}”\\"))).collect();
    assert!(!places.is_sorted(), "results come out of order");
    for at in 0..30 {
        let response = &answers[&format!("r“{at}”\\")]["response"];
        assert_eq!(response["status_code"], 200);
        let message = &response["body"]["data"]["choices"][0]["message"]["content"];
        assert_eq!(message, &format!("Row {at} 👩‍👩‍👧"));
        assert_eq!(response["body"]["meta"]["request_id"], response["request_id"]);
    }
    let refused = &answers["no model"];
    assert_eq!(
        (&refused["response"]["status_code"], &refused["error"]["code"]),
        (&json!(404), &json!("MODEL_NOT_FOUND"))
    );
    let live = post(&sandbox, "/v1/inference/embed", &vector["body"]).await.text();
    let own = answers["embed"]["response"]["body"].to_string();
    let steady = |text: &str| text.split("\"meta\"").next().expect("data").to_owned();
    assert_eq!(steady(&own), steady(&live), "the same vector as live, digit for digit");
}

#[tokio::test]
async fn a_batch_of_openai_is_a_file_a_batch_and_files_again() {
    let sandbox = sandbox().await;
    let input = rows(9, "/v1/chat/completions", "sandbox/echo");
    let uploaded = upload(&sandbox, FILES, "in “1”.jsonl", "batch", &input).await;
    assert_eq!(uploaded.status, 200, "{}", uploaded.text());
    let uploaded = uploaded.json();
    assert_eq!((&uploaded["bytes"], &uploaded["filename"]), (&json!(input.len()), &json!("in “1”.jsonl")));
    let file_id = uploaded["id"].as_str().expect("an id").to_owned();
    assert_eq!(get(&sandbox, &format!("{OAI}/files/{file_id}/content")).await.text(), input);
    let wanted = json!({ "input_file_id": file_id, "endpoint": "/v1/chat/completions", "completion_window": "24h",
        "metadata": { "project": "“x”" } });
    let made = post(&sandbox, &format!("{OAI}/batches"), &wanted).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let made = made.json();
    assert_eq!(
        (&made["object"], &made["status"], &made["output_file_id"]),
        (&json!("batch"), &json!("validating"), &Value::Null)
    );
    let path = format!("{OAI}/batches/{}", made["id"].as_str().expect("an id"));
    let batch = loop {
        let batch = get(&sandbox, &path).await.json();
        if is_over(&batch) {
            break batch;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(batch["status"], "completed", "{batch}");
    assert_eq!(batch["request_counts"], json!({ "total": 9, "completed": 9, "failed": 0 }));
    assert_eq!((&batch["model"], &batch["error_file_id"]), (&json!("sandbox/echo"), &Value::Null));
    let output = batch["output_file_id"].as_str().expect("a file");
    let text = get(&sandbox, &format!("{OAI}/files/{output}/content")).await.text();
    let told = get(&sandbox, &format!("{OAI}/files/{output}")).await.json();
    assert_eq!((&told["bytes"], &told["purpose"]), (&json!(text.len()), &json!("batch_output")));
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 9);
    assert!(
        lines.iter().all(|line| line["error"].is_null() && line["response"]["body"]["object"] == "chat.completion")
    );
    let late = call(sandbox.address(), "POST", &format!("{path}/cancel"), &[], "").await;
    assert_eq!(late.status, 409, "{}", late.text());
    let deleted = call(sandbox.address(), "DELETE", &format!("{OAI}/files/{file_id}"), &[], "").await;
    assert_eq!(deleted.json(), json!({ "id": file_id, "object": "file", "deleted": true }));
    assert_eq!(get(&sandbox, &format!("{OAI}/files/{file_id}")).await.status, 404);
    assert_eq!(get(&sandbox, &format!("{GRID}/{}", made["id"].as_str().expect("an id"))).await.status, 404);
}

pub async fn upload(sandbox: &Sandbox, files: &str, name: &str, purpose: &str, content: &str) -> Reply {
    let form = format!(
        "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n{purpose}\r\n--b\r\nContent-Disposition: \
         form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/jsonl\r\n\r\n{content}\r\n--b--\r\n"
    );
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "multipart/form-data; boundary=b")];
    send(sandbox.address(), "POST", files, &headers, form.as_bytes()).await
}

#[tokio::test]
async fn lists_are_paged_newest_first_and_filtered() {
    let sandbox = sandbox().await;
    let mut made = Vec::new();
    for words in ["", "", "refused", "", ""] {
        let id = submit(&sandbox, &rows(1, SCAIGRID, "sandbox/short"), words).await;
        ended(&sandbox, &id).await;
        made.insert(0, id);
    }
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let reply = get(&sandbox, &format!("{GRID}?limit=2{cursor}")).await.json();
        let items = reply["data"]["items"].as_array().expect("items").clone();
        listed.extend(items.iter().map(|batch| batch["id"].as_str().expect("an id").to_owned()));
        match reply["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(listed, made);
    let failed = get(&sandbox, &format!("{GRID}?status=failed")).await.json();
    let failed: Vec<_> = failed["data"]["items"].as_array().expect("items").iter().map(|batch| &batch["id"]).collect();
    assert_eq!(failed, [&made[2]]);
    assert_eq!(get(&sandbox, &format!("{GRID}?status=nonsense")).await.status, 422);
    assert_eq!(get(&sandbox, &format!("{OAI}/batches")).await.json()["data"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_a_batch_is_refused_clearly() {
    let sandbox = sandbox().await;
    let inline = BASE64_STANDARD.encode(rows(1, SCAIGRID, "sandbox/short"));
    let cases = [
        (json!({}), "input_file_base64"),
        (json!({ "input_file_base64": "%" }), "input_file_base64"),
        (json!({ "input_file_base64": 7 }), "input_file_base64"),
        (json!({ "input_file_base64": inline, "input_file_url": "s3://x" }), "input_file_url"),
        (json!({ "input_file_url": "s3://bucket/key" }), "input_file_url"),
        (json!({ "input_file_url": "scaigrid://file/none" }), "input_file_url"),
        (json!({ "input_file_url": "http://203.0.113.1/v1/files/x/content" }), "input_file_url"),
        (json!({ "input_file_base64": inline, "endpoint_completion_window": "2h" }), "endpoint_completion_window"),
        (json!({ "input_file_base64": inline, "metadata": [] }), "metadata"),
        (json!({ "input_file_base64": inline, "metadata": { "sandbox": "nonsense" } }), "metadata"),
    ];
    for (body, member) in cases {
        let reply = post(&sandbox, GRID, &body).await;
        assert_eq!(reply.status, 422, "{body}");
        assert_eq!(reply.json()["error"]["details"][0]["field"], member, "{body}");
    }
    for (name, purpose, param) in
        [("a.txt", "batch", "file"), ("a.jsonl", "nonsense", "purpose"), ("a.jsonl", "", "purpose")]
    {
        let reply = upload(&sandbox, FILES, name, purpose, "{}").await;
        assert_eq!((reply.status, &reply.json()["error"]["param"]), (400, &json!(param)), "{name} {purpose}");
    }
    let file = upload(&sandbox, FILES, "a.jsonl", "batch", "{}").await.json()["id"].clone();
    let good = json!({ "input_file_id": file, "endpoint": "/v1/embeddings", "completion_window": "24h" });
    for (member, value) in [
        ("input_file_id", json!("file-none")),
        ("input_file_id", json!("../batches/x")),
        ("endpoint", json!("/v1/nothing")),
        ("completion_window", json!("1h")),
        ("completion_window", Value::Null),
        ("metadata", json!({ "number": 7 })),
        ("metadata", json!({ "long": "x".repeat(513) })),
    ] {
        let mut body = good.clone();
        body[member] = value;
        let reply = post(&sandbox, &format!("{OAI}/batches"), &body).await;
        assert_eq!((reply.status, &reply.json()["error"]["param"]), (400, &json!(member)), "{body}");
    }
    let headers = [("Authorization", "Bearer wrong")];
    for path in [GRID.to_owned(), format!("{OAI}/files"), format!("{OAI}/batches"), "/v1/batches".to_owned()] {
        assert_eq!(call_with(sandbox.address(), "GET", &path, &headers, "").await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn a_file_with_faults_is_refused_with_their_lines() {
    let sandbox = sandbox().await;
    let rows = rows(3, SCAIGRID, "sandbox/short");
    let input = format!("{rows}\n{{broken\n{}", rows.lines().next().expect("a row"));
    let id = submit(&sandbox, &input, "").await;
    let batch = ended(&sandbox, &id).await;
    assert_eq!((&batch["status"], &batch["output_file_url"]), (&json!("failed"), &Value::Null));
    let told: Vec<_> =
        batch["errors"]["data"].as_array().expect("errors").iter().map(|row| (&row["line"], &row["code"])).collect();
    assert_eq!(told, [(&json!(5), &json!("invalid_json_line")), (&json!(6), &json!("duplicate_custom_id"))]);
    let empty = submit(&sandbox, "\n", "").await;
    assert_eq!(ended(&sandbox, &empty).await["errors"]["data"][0]["code"], "empty_file");
}

#[tokio::test]
async fn a_batch_reads_files_that_were_uploaded() {
    let sandbox = sandbox().await;
    let input = rows(2, SCAIGRID, "sandbox/short");
    let id =
        upload(&sandbox, FILES, "in.jsonl", "batch", &input).await.json()["id"].as_str().expect("an id").to_owned();
    let address = sandbox.address();
    for url in [format!("scaigrid://file/{id}"), format!("http://{address}{OAI}/files/{id}/content")] {
        let reply = post(&sandbox, GRID, &json!({ "input_file_url": url, "endpoint_completion_window": "1h" })).await;
        let batch = ended(&sandbox, reply.json()["data"]["id"].as_str().expect("an id")).await;
        assert_eq!((&batch["status"], &batch["endpoint_completion_window"]), (&json!("completed"), &json!("1h")));
        assert_eq!(results(&batch).await.0.len(), 2, "{url}");
    }
}

/// The server underneath takes two megabytes unless it is told otherwise.
#[tokio::test]
async fn files_and_requests_may_be_large() {
    let sandbox = sandbox().await;
    let large = "größe ".repeat(400_000);
    let kept = upload(&sandbox, FILES, "large.jsonl", "batch", &large).await;
    assert_eq!((kept.status, &kept.json()["bytes"]), (200, &json!(large.len())));
    let body = json!({ "model": "sandbox/short", "messages": [{ "role": "user", "content": large }] });
    assert_eq!(post(&sandbox, SCAIGRID, &body).await.status, 200);
    let line = json!({ "custom_id": "one", "method": "POST", "url": SCAIGRID, "body": body }).to_string();
    let id = submit(&sandbox, &line, "").await;
    assert_eq!(ended(&sandbox, &id).await["request_counts"]["completed"], 1);
}

/// A folder of one test.
struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _removed = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn a_restart_goes_on_with_what_was_left() {
    let folder = Folder(std::env::temp_dir().join(format!("juxta-test-{}", uuid::Uuid::new_v4().simple())));
    let start = || {
        Sandbox::start(Options { token: Some(TOKEN.to_owned()), folder: Some(folder.0.clone()), ..Options::default() })
    };
    let mut sandbox = start().await.expect("a free port");
    let whole = submit(&sandbox, &rows(3, SCAIGRID, "sandbox/short"), "partial").await;
    let before = results(&ended(&sandbox, &whole).await).await;
    let id = submit(&sandbox, &rows(60, SCAIGRID, "sandbox/echo"), "partial rate-40").await;
    let mut seen = 0;
    for restart in 0..3 {
        let at_least = 6 * (restart + 1);
        let over = |batch: &Value| {
            batch["request_counts"]["completed"].as_u64().unwrap_or(0)
                + batch["request_counts"]["failed"].as_u64().unwrap_or(0)
        };
        let batch = until(&sandbox, &id, |batch| over(batch) >= at_least).await;
        assert!(over(&batch) >= seen, "nothing that was done is undone");
        seen = over(&batch);
        if restart == 1 {
            // Without a goodbye.
            drop(sandbox);
        } else {
            sandbox.shutdown().await;
        }
        // What a process leaves that was killed while it wrote.
        let files = std::fs::read_dir(folder.0.join("files")).expect("a folder").filter_map(Result::ok);
        let unfinished = files.map(|entry| entry.path()).filter(|path| {
            path.extension().is_some_and(|ending| ending == "jsonl") && !path.with_extension("json").exists()
        });
        for path in unfinished {
            let mut content = std::fs::read(&path).expect("a file");
            content.extend_from_slice(b"{\"id\":\"batch_re");
            std::fs::write(&path, content).expect("a file");
        }
        sandbox = start().await.expect("a free port");
    }
    let other = start().await.expect("a free port");
    assert_eq!(get(&other, GRID).await.json()["data"]["items"], json!([]), "a folder is worked in by one");
    other.shutdown().await;
    let batch = ended(&sandbox, &id).await;
    assert_eq!(
        (&batch["status"], &batch["request_counts"]),
        (&json!("completed"), &json!({ "total": 60, "completed": 48, "failed": 12 }))
    );
    let (ids, answers) = results(&batch).await;
    assert_eq!((ids.len(), answers.len()), (60, 60), "none lost, none twice");
    assert_eq!(results(&grid(&sandbox, &whole).await).await, before, "what was over is as it was");
}
