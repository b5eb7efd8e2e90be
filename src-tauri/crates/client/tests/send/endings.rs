use std::time::Duration;

use juxta_client::call::Call;
use juxta_client::send::{EndKind, send};
use juxta_wire::endpoint::EndpointKind;
use juxta_wire::error::{AppError, NetworkStage, RejectionCategory};
use tokio_util::sync::CancellationToken;

use crate::server::{CHUNKED_STREAM_HEAD, STOP, STREAM_HEAD, Seen, Server, call, chunk, delta, http, run};

fn stage(kind: &EndKind) -> Option<NetworkStage> {
    match kind {
        EndKind::Failed(AppError::Network { stage, .. }) => Some(*stage),
        _ => None,
    }
}

#[tokio::test]
async fn a_body_that_just_ends_is_judged_by_what_it_held() {
    let error = "event: error\ndata: {\"code\":\"BACKEND_ERROR\",\"message\":\"gone\"}\n\n";
    let early = |events| move |kind: &EndKind| matches!(kind, EndKind::EndedEarly(AppError::EndedEarly { events: seen, .. }) if *seen == events);
    let finished = |kind: &EndKind| *kind == EndKind::Finished;
    let failed = |kind: &EndKind| {
        matches!(kind, EndKind::Failed(AppError::Rejected(rejection))
            if rejection.category == RejectionCategory::InStream && rejection.message == "gone"
                && rejection.event == Some(2) && rejection.elapsed_ms > 0.0)
    };
    type Judge<'a> = &'a dyn Fn(&EndKind) -> bool;
    let cases: [(&str, String, Judge<'_>); 6] = [
        ("text only", delta("a"), &early(1)),
        ("nothing", String::new(), &early(0)),
        ("finish reason", delta("a") + STOP, &finished),
        ("end mark", delta("a") + "data: [DONE]\n\n", &finished),
        ("end mark without its blank line", delta("a") + "data: [DONE]\n", &finished),
        ("error, then end mark", delta("a") + error + "data: [DONE]\n\n", &failed),
    ];
    for (name, body, judge) in cases {
        let server = Server::bind().await;
        let call = call(&server.url("/v1/chat/completions"));
        let (ended, seen, _) = run(&call, server.answer(format!("{STREAM_HEAD}{body}"))).await;
        assert!(judge(&ended.kind), "{name}: {:?}", ended.kind);
        assert_eq!(seen.text, if body.is_empty() { "" } else { "a" }, "{name}: the text stays");
        assert_eq!(ended.any_byte, !body.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_chunked_body_that_is_cut_ended_early_and_the_text_stays() {
    let server = Server::bind().await;
    let call = call(&server.url("/v1/chat/completions"));
    let answer = format!("{CHUNKED_STREAM_HEAD}{}", chunk(&delta("Half an ans")));
    let (ended, seen, _) = run(&call, server.answer(answer)).await;
    assert!(matches!(ended.kind, EndKind::EndedEarly(_)), "{:?}", ended.kind);
    assert_eq!(seen.text, "Half an ans");
    assert!(ended.any_byte);
}

#[tokio::test]
async fn a_connection_that_is_reset_after_text_failed_and_the_text_stays() {
    let server = Server::bind().await;
    let call = call(&server.url("/v1/chat/completions"));
    let (http, text_came) = (http(), CancellationToken::new());
    let mut seen = Seen { stop_at_text: Some(text_came.clone()), ..Seen::default() };
    let never = CancellationToken::new();
    let (ended, ()) = tokio::join!(send(&http, &call, &mut seen, &never), async {
        let mut peer = server.accept().await;
        peer.request().await;
        peer.write(format!("{STREAM_HEAD}{}", delta("Half an ans"))).await;
        text_came.cancelled().await;
        // Closing without lingering sends a reset in place of an orderly end.
        peer.0.set_zero_linger().expect("no lingering");
    });
    assert_eq!(stage(&ended.kind), Some(NetworkStage::Reset), "{:?}", ended.kind);
    assert_eq!(seen.text, "Half an ans");
    assert!(ended.any_byte);
}

#[tokio::test]
async fn a_break_after_the_end_mark_harms_nothing() {
    let server = Server::bind().await;
    let call = call(&server.url("/v1/chat/completions"));
    let answer = format!("{CHUNKED_STREAM_HEAD}{}", chunk(&(delta("Whole.") + "data: [DONE]\n\n")));
    let (ended, ..) = run(&call, server.answer(answer)).await;
    assert_eq!(ended.kind, EndKind::Finished);
}

#[tokio::test]
async fn a_server_that_keeps_the_socket_open_after_its_end_mark_is_not_waited_for() {
    let response = "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\":[]}}\n\n";
    for (endpoint, body) in
        [(EndpointKind::Chat, delta("Whole.") + "data: [DONE]\n\n"), (EndpointKind::Responses, response.to_owned())]
    {
        let server = Server::bind().await;
        let call = Call { endpoint, ..call(&server.url("/v1/chat/completions")) };
        let (ended, ..) = run(&call, async {
            let mut peer = server.accept().await;
            peer.request().await;
            peer.write(format!("{STREAM_HEAD}{body}")).await;
            assert!(peer.is_closed().await, "the client closes, although its idle time is a minute");
        })
        .await;
        assert_eq!(ended.kind, EndKind::Finished, "{endpoint:?}");
    }
}

#[tokio::test]
async fn silence_ends_a_call_before_and_after_the_first_byte() {
    for answer in [String::new(), format!("{STREAM_HEAD}{}", delta("Half"))] {
        let server = Server::bind().await;
        let mut call = call(&server.url("/v1/chat/completions"));
        call.idle_timeout = Duration::from_secs(1);
        let (ended, seen, ()) = run(&call, async {
            let mut peer = server.accept().await;
            peer.request().await;
            peer.write(&answer).await;
            assert!(peer.is_closed().await);
        })
        .await;
        assert_eq!(stage(&ended.kind), Some(NetworkStage::Timeout), "{:?}", ended.kind);
        assert_eq!(seen.text, if answer.is_empty() { "" } else { "Half" });
        assert_eq!(ended.any_byte, !answer.is_empty());
    }
}

#[tokio::test]
async fn stopping_closes_the_socket_at_once() {
    for answer in ["", STREAM_HEAD] {
        let server = Server::bind().await;
        let call = call(&server.url("/v1/chat/completions"));
        let (http, cancel, mut seen) = (http(), CancellationToken::new(), Seen::default());
        let (ended, ()) = tokio::join!(send(&http, &call, &mut seen, &cancel), async {
            let mut peer = server.accept().await;
            peer.request().await;
            peer.write(answer).await;
            cancel.cancel();
            assert!(peer.is_closed().await);
        });
        assert_eq!(ended.kind, EndKind::Stopped);
    }
}

#[tokio::test]
async fn a_stream_is_stopped_between_two_words() {
    let server = Server::bind().await;
    let call = call(&server.url("/v1/chat/completions"));
    let (http, cancel) = (http(), CancellationToken::new());
    let mut seen = Seen { stop_at_text: Some(cancel.clone()), ..Seen::default() };
    let (ended, ()) = tokio::join!(send(&http, &call, &mut seen, &cancel), async {
        let mut peer = server.accept().await;
        peer.request().await;
        peer.write(format!("{STREAM_HEAD}{}", delta("First"))).await;
        assert!(peer.is_closed().await);
    });
    assert_eq!((ended.kind, seen.text.as_str()), (EndKind::Stopped, "First"));
    assert!(ended.any_byte);
}

#[tokio::test]
async fn a_call_that_was_stopped_before_it_began_sends_nothing() {
    let server = Server::bind().await;
    let call = call(&server.url("/v1/chat/completions"));
    let cancel = CancellationToken::new();
    cancel.cancel();
    let ended = send(&http(), &call, &mut Seen::default(), &cancel).await;
    assert_eq!((ended.kind, ended.head), (EndKind::Stopped, None));
}
