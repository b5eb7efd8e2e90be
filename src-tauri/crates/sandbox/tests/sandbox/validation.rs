//! Every limit of every parameter table, from both sides.

use juxta_wire::endpoint::Dialect;
use juxta_wire::params::{self, ParameterKind};
use serde_json::{Value, json};

use crate::caller::{CHATS, OPENAI, Reply, SCAIGRID, SCALE, TEXTS, ask, call, sandbox};

/// The smallest value that passes and the largest that does not, for each limit.
fn edges(kind: ParameterKind) -> Vec<(Value, Value, Option<Value>)> {
    let mut edges = Vec::new();
    match kind {
        ParameterKind::Number { minimum, maximum } => {
            edges.extend(minimum.map(|limit| (json!(limit), json!(limit - 0.5), Some(json!({ "ge": limit as i64 })))));
            edges.extend(maximum.map(|limit| (json!(limit), json!(limit + 0.5), Some(json!({ "le": limit as i64 })))));
        }
        ParameterKind::Integer { minimum, maximum } => {
            edges.extend(minimum.map(|limit| (json!(limit), json!(limit - 1), Some(json!({ "ge": limit })))));
            edges.extend(maximum.map(|limit| (json!(limit), json!(limit + 1), Some(json!({ "le": limit })))));
        }
        ParameterKind::TextOrList { maximum_items } => {
            let list = |length: u32| Value::from(vec!["~"; length as usize]);
            let context =
                json!({ "field_type": "List", "max_length": maximum_items, "actual_length": maximum_items + 1 });
            edges.push((list(maximum_items), list(maximum_items + 1), Some(context)));
        }
        ParameterKind::ObjectList { maximum_items: Some(most), .. } => {
            let list = |length: u32| Value::from(vec![json!({}); length as usize]);
            let context = json!({ "field_type": "List", "max_length": most, "actual_length": most + 1 });
            edges.push((list(most), list(most + 1), Some(context)));
        }
        _ => {}
    }
    edges
}

/// Something of another type.
fn misfit(kind: ParameterKind) -> Value {
    match kind {
        ParameterKind::Number { .. } | ParameterKind::Integer { .. } | ParameterKind::Boolean => json!("text"),
        ParameterKind::Text { .. }
        | ParameterKind::TextOrList { .. }
        | ParameterKind::TextList { .. }
        | ParameterKind::Object { .. }
        | ParameterKind::ObjectList { .. }
        | ParameterKind::TextOrObject { .. } => json!(17),
    }
}

fn assert_names_the_field(dialect: Dialect, reply: &Reply, name: &str, sent: &Value, context: Option<&Value>) {
    let body = reply.json();
    match dialect {
        Dialect::ScaleV5 => {
            assert_eq!(reply.status, 422, "{name} = {sent}");
            let detail = &body["detail"][0];
            assert_eq!(detail["loc"], json!(["body", name]));
            assert_eq!(&detail["input"], sent);
            assert!(detail["msg"].is_string() && detail["type"].is_string());
            assert_eq!(detail.get("ctx"), context);
        }
        Dialect::ScaigridV1 => {
            assert_eq!(reply.status, 422, "{name} = {sent}");
            assert_eq!(body["status"], "error");
            assert_eq!(body["error"]["code"], "VALIDATION_ERROR");
            assert_eq!(body["error"]["details"][0]["field"], name);
            assert!(body["error"]["details"][0]["message"].is_string());
        }
        Dialect::OpenAi => {
            assert_eq!(reply.status, 400, "{name} = {sent}");
            assert_eq!(body["error"]["type"], "invalid_request_error");
            assert_eq!(body["error"]["param"], name);
            assert!(body["error"]["code"].is_string());
        }
    }
}

#[tokio::test]
async fn every_limit_holds_and_is_inclusive_in_every_dialect() {
    let sandbox = sandbox().await;
    let mut limits = 0;
    for (dialect, endpoint, path) in TEXTS {
        for spec in params::table(endpoint, dialect).parameters {
            for (fits, does_not, context) in edges(spec.kind) {
                limits += 1;
                let good = ask(&sandbox, path, "sandbox/echo", json!({ spec.name: fits })).await;
                assert_eq!(good.status, 200, "{path} {} = {fits}", spec.name);
                let bad = ask(&sandbox, path, "sandbox/echo", json!({ spec.name: does_not })).await;
                assert_names_the_field(dialect, &bad, spec.name, &does_not, context.as_ref());
            }
        }
    }
    assert!(limits > 30, "the tables have limits: {limits}");
}

#[tokio::test]
async fn every_parameter_minds_its_type_in_every_dialect() {
    let sandbox = sandbox().await;
    for (dialect, endpoint, path) in TEXTS {
        for spec in params::table(endpoint, dialect).parameters {
            let sent = misfit(spec.kind);
            let bad = ask(&sandbox, path, "sandbox/echo", json!({ spec.name: sent })).await;
            assert_names_the_field(dialect, &bad, spec.name, &sent, None);
        }
    }
}

#[tokio::test]
async fn a_temperature_that_is_too_high_reads_exactly_like_this() {
    let sandbox = sandbox().await;
    let cases = [
        (
            SCALE,
            r#"{"detail":[{"loc":["body","temperature"],"msg":"Input should be less than or equal to 2","type":"less_than_equal","input":2.4,"ctx":{"le":2}}]}"#,
        ),
        (
            SCAIGRID,
            r#"{"status":"error","error":{"code":"VALIDATION_ERROR","message":"The request body did not match.","details":[{"field":"temperature","message":"Input should be less than or equal to 2"}]},"meta":{"request_id":"req_ID"}}"#,
        ),
        (
            OPENAI,
            r#"{"error":{"message":"Invalid 'temperature': Input should be less than or equal to 2.","type":"invalid_request_error","param":"temperature","code":"decimal_above_max_value"}}"#,
        ),
    ];
    for (path, expected) in cases {
        let reply = ask(&sandbox, path, "sandbox/short", json!({ "temperature": 2.4 })).await;
        assert_eq!(reply.steady_text(), expected);
    }
}

#[tokio::test]
async fn model_and_messages_are_checked_too() {
    let sandbox = sandbox().await;
    let user = json!([{ "role": "user", "content": "x" }]);
    let cases = [
        (json!({ "messages": user }), json!(["body", "model"]), "missing", "model", "model"),
        (json!({ "model": 5, "messages": user }), json!(["body", "model"]), "string_type", "model", "model"),
        (json!({ "model": "m" }), json!(["body", "messages"]), "missing", "messages", "messages"),
        (json!({ "model": "m", "messages": "x" }), json!(["body", "messages"]), "list_type", "messages", "messages"),
        (json!({ "model": "m", "messages": [] }), json!(["body", "messages"]), "too_short", "messages", "messages"),
        (
            json!({ "model": "m", "messages": [3] }),
            json!(["body", "messages", 0]),
            "dict_type",
            "messages.0",
            "messages[0]",
        ),
        (
            json!({ "model": "m", "messages": [{ "content": "x" }] }),
            json!(["body", "messages", 0, "role"]),
            "missing",
            "messages.0.role",
            "messages[0].role",
        ),
        (
            json!({ "model": "m", "messages": [{ "role": "king", "content": "x" }] }),
            json!(["body", "messages", 0, "role"]),
            "literal_error",
            "messages.0.role",
            "messages[0].role",
        ),
        (
            json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }, { "role": "user", "content": 5 }] }),
            json!(["body", "messages", 1, "content"]),
            "string_type",
            "messages.1.content",
            "messages[1].content",
        ),
    ];
    for (body, location, kind, dotted, bracketed) in cases {
        for path in CHATS {
            let reply = call(sandbox.address(), "POST", path, &[], &body.to_string()).await;
            let answer = reply.json();
            match path {
                SCALE => {
                    assert_eq!(reply.status, 422, "{body}");
                    assert_eq!(answer["detail"][0]["loc"], location, "{body}");
                    assert_eq!(answer["detail"][0]["type"], kind, "{body}");
                }
                SCAIGRID => assert_eq!(answer["error"]["details"][0]["field"], dotted, "{body}"),
                _ => {
                    assert_eq!(reply.status, 400, "{body}");
                    assert_eq!(answer["error"]["param"], bracketed, "{body}");
                }
            }
        }
    }
}

#[tokio::test]
async fn every_problem_is_listed_where_the_dialect_has_a_list() {
    let sandbox = sandbox().await;
    let wrong = json!({ "temperature": 9, "top_p": -1, "stream": "yes" });
    let scale = ask(&sandbox, SCALE, "sandbox/short", wrong.clone()).await.json();
    assert_eq!(scale["detail"].as_array().map(Vec::len), Some(3));
    let scaigrid = ask(&sandbox, SCAIGRID, "sandbox/short", wrong).await.json();
    assert_eq!(scaigrid["error"]["details"].as_array().map(Vec::len), Some(3));
}
