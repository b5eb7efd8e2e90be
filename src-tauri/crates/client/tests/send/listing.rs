use bytes::Bytes;
use http::Method;
use juxta_client::call::Call;
use juxta_client::endpoints::models;
use juxta_wire::endpoint::{Dialect, EndpointKind};
use juxta_wire::error::{AppError, NetworkStage};

use crate::server::{Server, call, http};

fn json(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn listing(url: &str) -> Call {
    let mut call = call(url);
    call.method = Method::GET;
    call.body = Bytes::new();
    call.endpoint = EndpointKind::Models;
    call.headers.retain(|header| header.name != "content-type");
    call
}

fn ids(listing: &juxta_wire::connection::ModelListing) -> Vec<&str> {
    listing.models.iter().map(|model| model.id.as_str()).collect()
}

#[tokio::test]
async fn scaigrids_pages_are_followed_until_a_cursor_repeats() {
    let server = Server::bind().await;
    let call = listing(&server.url("/v1/models?modality=chat"));
    let page = |slug: &str, cursor: &str| {
        json(
            "200 OK",
            &format!(
                r#"{{"data":{{"items":[{{"slug":"{slug}"}}]}},"pagination":{{"has_more":true,"next_cursor":"{cursor}"}}}}"#
            ),
        )
    };
    let http = http();
    let (found, paths) = tokio::join!(models::list(&http, &call, Dialect::ScaigridV1), async {
        let mut paths = Vec::new();
        for (slug, cursor) in [("a", "c 1"), ("b", "c2"), ("a", "c 1")] {
            let received = server.answer(page(slug, cursor)).await;
            paths.push(received.head().split(' ').nth(1).expect("a path").to_owned());
        }
        paths
    });
    assert_eq!(ids(&found.expect("a listing")), ["a", "b"]);
    assert_eq!(
        paths,
        ["/v1/models?modality=chat", "/v1/models?modality=chat&cursor=c+1", "/v1/models?modality=chat&cursor=c2"]
    );
}

#[tokio::test]
async fn scales_catalogue_stands_without_the_own_deployments() {
    let catalogue = json("200 OK", r#"{"items":[{"model_name":"gpt-4o","model_vendor":"openai"}]}"#);
    let own = json("200 OK", r#"{"items":[{"id":"m1","name":"mine","model_vendor":"launch","status":"ready"}]}"#);
    for (second, expected) in
        [(own, &["openai/gpt-4o", "launch/mine"][..]), (json("403 Forbidden", "{}"), &["openai/gpt-4o"])]
    {
        let server = Server::bind().await;
        let call = listing(&server.url("/public/v5/chat/completions/models?limit=1000"));
        let http = http();
        let (found, path) = tokio::join!(models::list(&http, &call, Dialect::ScaleV5), async {
            server.answer(&catalogue).await;
            server.answer(&second).await.head().split(' ').nth(1).expect("a path").to_owned()
        });
        assert_eq!(ids(&found.expect("a listing")), expected);
        assert_eq!(path, "/public/v5/models?limit=1000");
    }
}

#[tokio::test]
async fn a_test_says_what_it_met() {
    for (answer, status, models) in [
        (json("200 OK", r#"{"data":[{"id":"a"},{"id":"b"}]}"#), 200, Some(2)),
        (json("401 Unauthorized", r#"{"error":{"message":"bad key"}}"#), 401, None),
        (json("404 Not Found", "{}"), 404, None),
    ] {
        let server = Server::bind().await;
        let call = listing(&server.url("/v1/models"));
        let http = http();
        let (met, _) = tokio::join!(models::test(&http, &call, Dialect::OpenAi), server.answer(answer));
        assert_eq!((met.status, met.models, met.error.is_none()), (Some(status), models, status == 200), "{met:?}");
        assert!(met.phases.connect.is_some() && met.phases.send.is_some() && met.phases.wait.is_some(), "{met:?}");
        assert!(!format!("{met:?}").contains("sk-test"), "{met:?}");
    }
    let port = Server::bind().await.url("/v1/models");
    let met = models::test(&http(), &listing(&port), Dialect::OpenAi).await;
    assert!(matches!(met.error, Some(AppError::Network { stage: NetworkStage::Refused, .. })), "{met:?}");
}
