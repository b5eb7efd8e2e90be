//! Files from outside: the same questions to each provider's shelf.

use juxta_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::batches::{FILES, get, upload};
use crate::caller::{TOKEN, call, sandbox, send};

const SCALES: &str = "/v5/files";
const CONTENT: &str = "{\"a\":1}\n“ä”,\\\n";

/// With the shape of a page of its own.
struct Shelf {
    files: &'static str,
    rows: &'static str,
    /// Of a row: its name and how large it is.
    told: [&'static str; 2],
    media_type: &'static str,
    /// What is refused begins so.
    refusal: &'static str,
}

fn shelves() -> [Shelf; 2] {
    [
        Shelf {
            files: FILES,
            rows: "data",
            told: ["filename", "bytes"],
            media_type: "application/octet-stream",
            refusal: "/error/message",
        },
        Shelf {
            files: SCALES,
            rows: "items",
            told: ["filename", "size"],
            media_type: "application/jsonl",
            refusal: "/detail",
        },
    ]
}

async fn listed(sandbox: &Sandbox, shelf: &Shelf, query: &str) -> (Vec<Value>, Value) {
    let page = get(sandbox, &format!("{}{query}", shelf.files)).await.json();
    (page[shelf.rows].as_array().expect("rows").clone(), page["has_more"].clone())
}

#[tokio::test]
async fn a_file_is_kept_told_of_and_given_back_to_the_byte_until_it_is_deleted() {
    let sandbox = sandbox().await;
    for shelf in shelves() {
        let mut made = Vec::new();
        for number in 0..3 {
            let name = format!("in “{number}”.jsonl");
            let reply = upload(&sandbox, shelf.files, &name, "batch", CONTENT).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            let row = reply.json();
            assert_eq!(shelf.told.map(|member| row[member].clone()), [json!(name), json!(CONTENT.len())]);
            made.insert(0, row);
        }
        assert_eq!(listed(&sandbox, &shelf, "").await, (made.clone(), json!(false)), "newest first");
        assert_eq!(listed(&sandbox, &shelf, "?limit=2").await, (made[..2].to_vec(), json!(true)));
        let one = format!("{}/{}", shelf.files, made[1]["id"].as_str().expect("an id"));
        assert_eq!(get(&sandbox, &one).await.json(), made[1]);
        let content = get(&sandbox, &format!("{one}/content")).await;
        assert_eq!(content.text(), CONTENT);
        let heads = ["Content-Type", "Content-Disposition"].map(|name| content.header(name).map(str::to_owned));
        assert_eq!(heads, [Some(shelf.media_type.to_owned()), Some("attachment".to_owned())]);
        let deleted = call(sandbox.address(), "DELETE", &one, &[], "").await.json();
        assert_eq!(deleted, json!({ "id": made[1]["id"], "object": "file", "deleted": true }));
        assert_eq!(listed(&sandbox, &shelf, "").await.0, [made[0].clone(), made[2].clone()]);
        for (method, path) in [("GET", one.clone()), ("GET", format!("{one}/content")), ("DELETE", one)] {
            let gone = call(sandbox.address(), method, &path, &[], "").await;
            let words = gone.json().pointer(shelf.refusal).and_then(|words| Some(words.as_str()?.to_owned()));
            assert_eq!(gone.status, 404, "{method} {path}");
            assert!(words.is_some_and(|words| words.contains("not found")), "in the provider's form: {}", gone.text());
        }
    }
}

#[tokio::test]
async fn a_form_without_a_file_is_refused_and_no_shelf_has_the_files_of_another() {
    let sandbox = sandbox().await;
    let [openai, scale] = shelves();
    let form = "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--b--\r\n";
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "multipart/form-data; boundary=b")];
    for shelf in [&openai, &scale] {
        let refused = send(sandbox.address(), "POST", shelf.files, &headers, form.as_bytes()).await;
        assert!(matches!(refused.status, 400 | 422) && refused.text().contains("file"), "{}", refused.text());
        assert_eq!(listed(&sandbox, shelf, "").await.0, [] as [Value; 0]);
    }
    let made = upload(&sandbox, openai.files, "a.jsonl", "batch", CONTENT).await.json();
    assert_eq!(listed(&sandbox, &scale, "").await.0, [] as [Value; 0]);
    let elsewhere = format!("{}/{}", scale.files, made["id"].as_str().expect("an id"));
    assert_eq!(get(&sandbox, &elsewhere).await.status, 404);
}

#[tokio::test]
async fn scale_changes_the_tags_of_a_file_and_nothing_else() {
    let sandbox = sandbox().await;
    let made = upload(&sandbox, SCALES, "a.csv", "", CONTENT).await.json();
    let one = format!("{SCALES}/{}", made["id"].as_str().expect("an id"));
    let body = json!({ "tags": { "project": "“x”" }, "filename": "other" }).to_string();
    let tagged = call(sandbox.address(), "PATCH", &one, &[], &body).await.json();
    let mut expected = made;
    expected["tags"] = json!({ "project": "“x”" });
    assert_eq!(tagged, expected);
    assert_eq!(get(&sandbox, &one).await.json(), expected);
    let refused = call(sandbox.address(), "PATCH", &one, &[], r#"{"tags":[1]}"#).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
}
