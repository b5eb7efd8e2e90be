//! What can go wrong with a batch, by the words of its metadata or by its model.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::batches::{FILES, GRID, OAI, ended, fetch, get, grid, post, results, rows, submit, until, upload};
use crate::caller::{SCAIGRID, TOKEN, call, open, sandbox};

fn over(batch: &Value) -> u64 {
    let count = |name: &str| batch["request_counts"][name].as_u64().unwrap_or_default();
    count("completed") + count("failed")
}

#[tokio::test]
async fn some_rows_fail_in_a_partial_batch() {
    let sandbox = sandbox().await;
    let id = submit(&sandbox, &rows(20, SCAIGRID, "sandbox/short"), "partial,shuffled").await;
    let batch = ended(&sandbox, &id).await;
    assert_eq!(batch["request_counts"], json!({ "total": 20, "completed": 16, "failed": 4 }));
    let (_, answers) = results(&batch).await;
    for (place, status, code) in [(2, 429, "RATE_LIMITED"), (16, 500, "INTERNAL_ERROR")] {
        let row = &answers[&format!("r“{place}”\\")];
        assert_eq!((&row["response"]["status_code"], &row["error"]["code"]), (&json!(status), &json!(code)));
    }
}

#[tokio::test]
async fn a_window_that_ends_keeps_what_was_done() {
    let sandbox = sandbox().await;
    let id = submit(&sandbox, &rows(11, SCAIGRID, "sandbox/batch/expired"), "").await;
    let batch = ended(&sandbox, &id).await;
    assert_eq!(
        (&batch["status"], &batch["request_counts"]),
        (&json!("expired"), &json!({ "total": 11, "completed": 5, "failed": 6 }))
    );
    let (ids, answers) = results(&batch).await;
    assert_eq!((ids.len(), answers.len()), (11, 11));
    assert_eq!(answers.values().filter(|row| row["error"]["code"] == "batch_expired").count(), 6);
}

#[tokio::test]
async fn cancelling_keeps_what_was_done() {
    let sandbox = sandbox().await;
    let id = submit(&sandbox, &rows(400, SCAIGRID, "sandbox/short"), "rate-40").await;
    until(&sandbox, &id, |batch| over(batch) >= 5).await;
    let reply = call(sandbox.address(), "POST", &format!("{GRID}/{id}/cancel"), &[], "").await;
    assert_eq!(reply.json()["data"]["status"], "cancelling", "{}", reply.text());
    let batch = ended(&sandbox, &id).await;
    assert_eq!((&batch["status"], &batch["request_counts"]["total"]), (&json!("cancelled"), &json!(400)));
    let done = over(&batch);
    assert!((5..400).contains(&done), "{done}");
    assert_eq!(results(&batch).await.0.len() as u64, done, "the count is what there is");
    assert_eq!(call(sandbox.address(), "POST", &format!("{GRID}/{id}/cancel"), &[], "").await.status, 409);
    let by_itself = submit(&sandbox, &rows(10, SCAIGRID, "sandbox/short"), "cancelled").await;
    let batch = ended(&sandbox, &by_itself).await;
    assert_eq!((&batch["status"], over(&batch)), (&json!("cancelled"), 5));
}

#[tokio::test]
async fn the_file_is_refused_on_demand() {
    let sandbox = sandbox().await;
    let id = submit(&sandbox, &rows(4, SCAIGRID, "sandbox/short"), "refused").await;
    let batch = ended(&sandbox, &id).await;
    let lines: Vec<_> = batch["errors"]["data"].as_array().expect("errors").iter().map(|row| &row["line"]).collect();
    assert_eq!((&batch["status"], lines), (&json!("failed"), vec![&json!(1), &json!(4)]));
}

#[tokio::test]
async fn an_answer_is_lost_and_the_batch_is_there() {
    let sandbox = sandbox().await;
    let input = BASE64_STANDARD.encode(rows(1, SCAIGRID, "sandbox/short"));
    let body = json!({ "input_file_base64": input, "metadata": { "sandbox": "lost-answer", "mine": "“7”" } });
    let bearer = format!("Bearer {TOKEN}");
    let mut stream = open(sandbox.address(), "POST", GRID, &[("Authorization", &bearer)], &body.to_string()).await;
    let mut bytes = Vec::new();
    let _end = stream.read_to_end(&mut bytes).await;
    assert_eq!(bytes, b"", "not a byte");
    let listed = get(&sandbox, GRID).await.json();
    let items = listed["data"]["items"].as_array().expect("items");
    assert_eq!((items.len(), &items[0]["metadata"]["mine"]), (1, &json!("“7”")));
    assert_eq!(post(&sandbox, GRID, &body).await.status, 200, "the second time it is answered, and is a second batch");
    assert_eq!(get(&sandbox, GRID).await.json()["data"]["items"].as_array().expect("items").len(), 2);
}

#[tokio::test]
async fn submits_and_questions_come_too_soon() {
    let sandbox = sandbox().await;
    let input = BASE64_STANDARD.encode(rows(1, SCAIGRID, "sandbox/short"));
    let body = json!({ "input_file_base64": input, "metadata": { "sandbox": "429" } });
    let first = post(&sandbox, GRID, &body).await;
    assert_eq!((first.status, first.header("Retry-After")), (429, Some("1")));
    assert_eq!(first.json()["error"]["retry_after"], 1);
    assert_eq!(get(&sandbox, GRID).await.json()["data"]["items"], json!([]), "nothing was taken");
    let id = post(&sandbox, GRID, &body).await.json()["data"]["id"].as_str().expect("an id").to_owned();
    let path = format!("{GRID}/{id}");
    // A model says the same, and its first submit is refused as well.
    let by_model = rows(1, SCAIGRID, "sandbox/batch/429");
    let by_model = json!({ "input_file_base64": BASE64_STANDARD.encode(by_model) });
    let submits = [post(&sandbox, GRID, &by_model).await, post(&sandbox, GRID, &by_model).await];
    assert_eq!(submits.map(|reply| reply.status), [429, 200]);
    let asked = [get(&sandbox, &path).await, get(&sandbox, &path).await, get(&sandbox, &path).await];
    assert_eq!(asked.map(|reply| reply.status), [429, 200, 429]);
}

#[tokio::test]
async fn pages_of_html_and_batches_that_are_gone() {
    let sandbox = sandbox().await;
    let id = submit(&sandbox, &rows(1, SCAIGRID, "sandbox/short"), "html-error").await;
    let page = get(&sandbox, &format!("{GRID}/{id}")).await;
    assert_eq!(page.status, 500);
    assert!(page.text().starts_with("<!DOCTYPE html>"));
    assert_eq!(grid(&sandbox, &id).await["id"], id.as_str());
    let id = submit(&sandbox, &rows(4, SCAIGRID, "sandbox/short"), "vanished").await;
    while get(&sandbox, &format!("{GRID}/{id}")).await.status != 404 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let listed = get(&sandbox, GRID).await.json();
    assert!(listed["data"]["items"].as_array().expect("items").iter().all(|batch| batch["id"] != id.as_str()));
}

#[tokio::test]
async fn results_have_lines_that_do_not_belong_there() {
    let sandbox = sandbox().await;
    let id = submit(&sandbox, &rows(4, SCAIGRID, "sandbox/short"), "broken-lines").await;
    let batch = ended(&sandbox, &id).await;
    let text = fetch(&batch["output_file_url"]).await.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 7, "{text}");
    assert!(serde_json::from_str::<Value>(lines[1]).is_err(), "{}", lines[1]);
    assert_eq!(lines[5], lines[0], "one is there twice");
    assert!(lines[6].contains("a row that nobody sent"));
}

#[tokio::test]
async fn addresses_of_results_lie_elsewhere_or_expire() {
    let sandbox = sandbox().await;
    let id = submit(&sandbox, &rows(1, SCAIGRID, "sandbox/short"), "elsewhere").await;
    let url = ended(&sandbox, &id).await["output_file_url"].clone();
    assert!(url.as_str().expect("an address").contains(&sandbox.elsewhere().to_string()), "{url}");
    assert_eq!(fetch(&url).await.status, 200);
    let id = submit(&sandbox, &rows(1, SCAIGRID, "sandbox/short"), "stale-links").await;
    let stale = ended(&sandbox, &id).await["output_file_url"].clone();
    assert_eq!(fetch(&stale).await.status, 403);
    assert_eq!(fetch(&grid(&sandbox, &id).await["output_file_url"]).await.status, 200);
}

#[tokio::test]
async fn faults_of_models_are_those_of_rows() {
    let sandbox = sandbox().await;
    let models = ["fault/status-429", "fault/status-500-html", "fault/cut", "batch/nonsense", "batch/rate-0"];
    let input: String =
        models.iter().map(|model| rows(1, SCAIGRID, &format!("sandbox/{model}")).replace("r“0”\\\\", model)).collect();
    let id = submit(&sandbox, &input, "").await;
    let batch = ended(&sandbox, &id).await;
    assert_eq!(batch["request_counts"], json!({ "total": 5, "completed": 1, "failed": 4 }));
    let (_, answers) = results(&batch).await;
    let status = |model: &str| answers[model]["response"]["status_code"].clone();
    assert_eq!(models.map(status), [json!(429), json!(500), Value::Null, json!(404), json!(200)]);
    assert_eq!(answers["fault/cut"]["error"]["code"], "server_error");
}

#[tokio::test]
async fn words_hold_for_batches_of_openai_too() {
    let sandbox = sandbox().await;
    let input = rows(8, "/v1/chat/completions", "sandbox/short");
    let file = upload(&sandbox, FILES, "in.jsonl", "batch", &input).await.json()["id"].clone();
    let wanted = json!({ "input_file_id": file, "endpoint": "/v1/chat/completions", "completion_window": "24h",
        "metadata": { "sandbox": "partial expired" } });
    let id = post(&sandbox, &format!("{OAI}/batches"), &wanted).await.json()["id"].as_str().expect("an id").to_owned();
    let batch = loop {
        let batch = get(&sandbox, &format!("{OAI}/batches/{id}")).await.json();
        if batch["status"] == "expired" {
            break batch;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!((over(&batch), batch["expired_at"].is_u64()), (8, true));
    let errors = batch["error_file_id"].as_str().expect("a file");
    let text = get(&sandbox, &format!("{OAI}/files/{errors}/content")).await.text();
    assert!(text.lines().any(|line| line.contains("batch_expired")), "{text}");
}
