use juxta_client::send::EndKind;
use juxta_wire::outcome::Outcome;

use crate::server::{STOP, STREAM_HEAD, Server, call, delta, run};

fn body() -> String {
    format!(
        ": hello\n\n{}{}{}{}data: [DONE]\n\n",
        delta("Grü").replace('\n', "\r\n"),
        delta("ße, 世界"),
        delta(" 😀"),
        STOP
    )
}

async fn streamed(step: usize) -> (Outcome, String, Vec<(u64, u32, bool)>) {
    let server = Server::bind().await;
    let call = call(&server.url("/v1/chat/completions"));
    let body = body();
    let (ended, seen, ()) = run(&call, async {
        let mut peer = server.accept().await;
        peer.request().await;
        peer.write(STREAM_HEAD).await;
        for part in body.as_bytes().chunks(step) {
            peer.write(part).await;
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(ended.kind, EndKind::Finished);
    assert_eq!(String::from_utf8(seen.body).expect("text"), body, "every byte is observed");
    assert_eq!(ended.body_bytes, body.len() as u64);
    (ended.outcome, seen.text, seen.events)
}

#[tokio::test]
async fn the_cut_of_the_bytes_makes_no_difference() {
    let whole = streamed(usize::MAX).await;
    assert_eq!(whole.1, "Grüße, 世界 😀");
    assert_eq!(whole.0.choices[0].finish_reason.as_deref(), Some("stop"));
    assert_eq!(whole.2.iter().filter(|event| event.2).count(), 1, "one comment");
    for step in [1, 2, 3, 7, 64] {
        assert_eq!(streamed(step).await, whole, "{step} bytes at a time");
    }
}

#[tokio::test]
async fn moments_stand_in_their_order() {
    let server = Server::bind().await;
    let call = call(&server.url("/v1/chat/completions"));
    let answer = format!("{STREAM_HEAD}{}{}data: [DONE]\n\n", delta("a"), delta("b"));
    let (ended, seen, _) = run(&call, server.answer(answer)).await;
    let times = [
        ended.phases.connect.map(|span| span.start),
        ended.phases.connect.map(|span| span.end),
        ended.phases.send.map(|span| span.end),
        ended.phases.wait.map(|span| span.end),
        ended.milestones.first_byte,
        ended.milestones.first_event,
        ended.milestones.first_text,
        ended.milestones.last_text,
        ended.milestones.end,
    ];
    let known: Vec<f64> = times.iter().map(|time| time.expect("every moment is known")).collect();
    assert!(known.is_sorted(), "{known:?}");
    assert_eq!((ended.phases.dns, ended.phases.tls), (None, None), "a literal address over plain http has neither");
    assert!(!ended.phases.reused_connection);
    assert_eq!(ended.milestones.first_reasoning, None);
    assert_eq!(seen.phases.last(), Some(&ended.phases));
    let head = seen.head.expect("a head");
    assert_eq!((head.status, head.protocol.as_str()), (200, "HTTP/1.1"));
    assert_eq!(head.remote_address, Some(server.url("").trim_start_matches("http://").to_owned()));
}

#[tokio::test]
async fn json_is_read_where_a_stream_was_asked_for() {
    let json = r#"{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi."},"finish_reason":"stop"}]}"#;
    for content_type in ["application/json", "text/event-stream"] {
        let server = Server::bind().await;
        let call = call(&server.url("/v1/chat/completions"));
        let answer =
            format!("HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n{json}", json.len());
        let (ended, seen, _) = run(&call, server.answer(answer)).await;
        assert_eq!((ended.kind, seen.text.as_str()), (EndKind::Finished, "Hi."), "{content_type}");
        assert_eq!(ended.outcome.events, 0, "{content_type}");
    }
}

#[tokio::test]
async fn a_stream_under_a_wrong_label_is_read_as_one() {
    let server = Server::bind().await;
    let call = call(&server.url("/v1/chat/completions"));
    let answer =
        format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n{}{STOP}", delta("Hi."));
    let (ended, seen, _) = run(&call, server.answer(answer)).await;
    assert_eq!((ended.kind, seen.text.as_str()), (EndKind::Finished, "Hi."));
}
