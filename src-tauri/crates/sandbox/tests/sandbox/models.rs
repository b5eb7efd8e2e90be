//! Model listings.

use serde_json::{Value, json};

use crate::caller::{call, is_of_media, sandbox};

#[tokio::test]
async fn listings_name_the_models_that_their_dialect_can_use() {
    let sandbox = sandbox().await;
    let ids: Vec<_> = sandbox.models().into_iter().map(|model| model.id).collect();
    assert_eq!(ids[0], "sandbox/steady", "the default comes first");
    let items = |id: &String| id.starts_with("sandbox/items-") || id == "sandbox/failed" || id == "sandbox/cancelled";
    let values = |id: &String| id.starts_with("sandbox/value-");
    let of_scale: Vec<_> = ids.iter().filter(|id| !is_of_media(id)).cloned().collect();
    let without_values: Vec<_> = ids.iter().filter(|id| !values(id)).cloned().collect();
    let texts: Vec<_> = without_values.iter().filter(|id| !items(id)).cloned().collect();
    assert!(texts.len() < without_values.len() && without_values.len() < ids.len());
    let get = async |path: &str| call(sandbox.address(), "GET", path, &[], "").await.json();

    let catalogue = get("/v5/chat/completions/models?limit=1000").await;
    let joined = |rows: &Value, name: &str| -> Vec<String> {
        let rows = rows.as_array().expect("rows");
        rows.iter()
            .map(|row| {
                format!("{}/{}", row["model_vendor"].as_str().expect("vendor"), row[name].as_str().expect("name"))
            })
            .collect()
    };
    assert_eq!(catalogue["object"], "list");
    assert_eq!(joined(&catalogue["items"], "model_name"), of_scale, "Scale has no endpoints of media");
    assert!(of_scale.len() < ids.len());
    assert_eq!(
        catalogue["items"][0],
        json!({ "model_name": "steady", "model_vendor": "sandbox", "model_type": "chat_completion", "model_availability": "available" })
    );

    assert_eq!(joined(&get("/v5/models?limit=1000").await["items"], "name"), of_scale);
    let column = |rows: &Value, name: &str| -> Vec<String> {
        let rows = rows.as_array().expect("rows");
        rows.iter().map(|row| row[name].as_str().expect("text").to_owned()).collect()
    };
    let scaigrid = get("/v1/models?limit=1000").await;
    assert_eq!(scaigrid["status"], "ok");
    assert_eq!(scaigrid["pagination"], json!({ "has_more": false, "next_cursor": null }));
    assert_eq!(column(&scaigrid["data"]["items"], "slug"), texts, "neither items nor values are known there");
    for row in scaigrid["data"]["items"].as_array().into_iter().flatten() {
        let expected = match row["slug"].as_str().expect("a slug") {
            id if id.starts_with("sandbox/embed") => "embedding",
            id if id.starts_with("sandbox/draw") => "image",
            id if id.starts_with("sandbox/speak") || id.starts_with("sandbox/transcribe") => "audio",
            _ => "chat",
        };
        assert_eq!(row["modality"], expected, "{}", row["slug"]);
    }
    assert_eq!(column(&get("/oai/v1/models").await["data"], "id"), without_values);

    let kinds = get("/v5/models?limit=1000").await;
    for (row, catalogued) in
        kinds["items"].as_array().into_iter().flatten().zip(catalogue["items"].as_array().into_iter().flatten())
    {
        assert_eq!(row["model_type"], catalogued["model_type"]);
        let expected = match row["id"].as_str().expect("an id") {
            "sandbox/complete" => "completion",
            id if values(&id.to_owned()) => "generic",
            _ => "chat_completion",
        };
        assert_eq!(row["model_type"], expected, "{}", row["id"]);
    }
}

#[tokio::test]
async fn pages_join_to_the_whole_list() {
    let sandbox = sandbox().await;
    let listed = call(sandbox.address(), "GET", "/v5/models?limit=1000", &[], "").await.json();
    let total = listed["items"].as_array().map(Vec::len).expect("rows");
    let mut records = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("/v5/models?limit=7{after}");
        let page = call(sandbox.address(), "GET", &path, &[], "").await.json();
        assert_eq!(page["total"], total);
        let rows = page["items"].as_array().expect("rows").clone();
        after = format!("&starting_after={}", rows.last().expect("a row")["id"].as_str().expect("an id"));
        records.extend(rows);
        if page["has_more"] == false {
            break;
        }
    }
    assert_eq!(records.len(), total);

    let mut rows = 0;
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/models?limit=9{cursor}");
        let page = call(sandbox.address(), "GET", &path, &[], "").await.json();
        rows += page["data"]["items"].as_array().expect("rows").len();
        match page["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", next.replace('/', "%2F")),
            None => break,
        }
    }
    let listed = call(sandbox.address(), "GET", "/v1/models?limit=1000", &[], "").await.json();
    assert_eq!(Some(rows), listed["data"]["items"].as_array().map(Vec::len));
}

#[tokio::test]
async fn one_model_is_found_with_its_slash_encoded() {
    let sandbox = sandbox().await;
    let get = async |path: &str| call(sandbox.address(), "GET", path, &[], "").await;
    assert_eq!(get("/v1/models/sandbox%2Fshort").await.json()["data"]["slug"], "sandbox/short");
    assert_eq!(get("/v1/models/sandbox%2Ffault%2Fstall").await.json()["data"]["slug"], "sandbox/fault/stall");
    assert_eq!(get("/oai/v1/models/sandbox%2Fshort").await.json()["id"], "sandbox/short");
    assert_eq!(get("/oai/v1/models/sandbox/short").await.json()["id"], "sandbox/short");
    let unknown = get("/v1/models/none").await;
    assert_eq!((unknown.status, unknown.json()["error"]["code"].clone()), (404, json!("MODEL_NOT_FOUND")));
}

#[tokio::test]
async fn filters_filter_and_wrong_limits_are_refused() {
    let sandbox = sandbox().await;
    let get = async |path: &str| call(sandbox.address(), "GET", path, &[], "").await;
    assert_eq!(get("/v5/chat/completions/models?model_vendor=openai").await.json()["items"], json!([]));
    let images = get("/v1/models?modality=image").await.json();
    let images = images["data"]["items"].as_array().expect("rows");
    assert!(images.len() > 3 && images.iter().all(|row| row["modality"] == "image"));
    assert_eq!(get("/v1/models?modality=video").await.json()["data"]["items"], json!([]));
    assert_eq!(get("/v5/models?name=short").await.json()["total"], 1);
    assert_eq!(get("/v5/models?limit=0").await.status, 422);
    assert_eq!(get("/v1/models?limit=x").await.status, 422);
}

#[tokio::test]
async fn a_listing_is_refused_when_its_own_header_asks_for_it() {
    let sandbox = sandbox().await;
    for path in ["/v5/chat/completions/models", "/v1/models", "/oai/v1/models"] {
        let reply = call(sandbox.address(), "GET", path, &[("x-sandbox-fault", "status-403")], "").await;
        assert_eq!(reply.status, 403, "{path}");
    }
}
