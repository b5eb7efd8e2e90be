//! Chats that speak, and what they are given to hear and to read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::caller::{CHATS, SCALE, ask, sandbox, stream};

fn spoken(format: &str) -> Value {
    json!({ "modalities": ["text", "audio"], "audio": { "voice": "alloy", "format": format } })
}

fn decoded(audio: &Value) -> Vec<u8> {
    audio["data"].as_str().map(|data| STANDARD.decode(data).expect("base64")).unwrap_or_default()
}

#[tokio::test]
async fn what_is_written_is_what_is_heard_whole_and_in_pieces() {
    let sandbox = sandbox().await;
    for path in CHATS {
        let written = stream(&sandbox, path, "sandbox/audio", json!({})).await.said(0);
        for format in ["wav", "pcm16"] {
            let whole = ask(&sandbox, path, "sandbox/audio", spoken(format)).await.json();
            let message = &whole.get("data").unwrap_or(&whole)["choices"][0]["message"];
            assert_eq!(
                (&message["content"], &message["audio"]["transcript"]),
                (&json!(null), &json!(written)),
                "{path}"
            );
            assert!(message["audio"]["expires_at"].as_u64().is_some() && message["audio"]["id"].is_string());
            let sound = decoded(&message["audio"]);
            let head = if format == "wav" { 44 } else { 0 };
            assert_eq!(sound.starts_with(b"RIFF"), format == "wav");
            let samples = &sound[head..];
            assert!(samples.len() > 24_000, "more than half a second");
            if head > 0 {
                let length = u32::from_le_bytes([sound[40], sound[41], sound[42], sound[43]]);
                assert_eq!(length as usize, samples.len());
            }

            let streamed = stream(&sandbox, path, "sandbox/audio", spoken(format)).await;
            let pieces: Vec<Value> =
                streamed.deltas(0).into_iter().filter_map(|delta| delta.get("audio").cloned()).collect();
            let transcript: String = pieces.iter().filter_map(|piece| piece["transcript"].as_str()).collect();
            let sound: Vec<u8> = pieces.iter().flat_map(decoded).collect();
            assert_eq!((transcript, &sound[head..]), (written.clone(), samples), "{path} {format}");
            assert!(pieces.len() > 5 && pieces.iter().filter(|piece| piece["id"].is_string()).count() == 1);
            assert!(streamed.deltas(0).iter().all(|delta| delta["content"].as_str().unwrap_or_default().is_empty()));
        }
    }
}

#[tokio::test]
async fn a_format_that_nobody_can_speak_is_refused() {
    let sandbox = sandbox().await;
    for (body, path) in [
        (spoken("opus"), json!(["body", "audio", "format"])),
        (json!({ "modalities": ["audio"] }), json!(["body", "audio", "format"])),
    ] {
        let refused = ask(&sandbox, SCALE, "sandbox/audio", body).await;
        assert_eq!((refused.status, &refused.json()["detail"][0]["loc"]), (422, &path));
    }
}

#[tokio::test]
async fn sounds_and_files_of_a_message_are_looked_at() {
    let sandbox = sandbox().await;
    let asked = |part: Value| json!({ "messages": [{ "role": "user", "content": [{ "type": "text", "text": "Hear this." }, part] }] });
    let sound =
        |data: &str, format: &str| json!({ "type": "input_audio", "input_audio": { "data": data, "format": format } });
    for good in [
        sound("UklGRg==", "wav"),
        sound("", "mp3"),
        json!({ "type": "file", "file": { "file_id": "file_1" } }),
        json!({ "type": "file", "file": { "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE" } }),
    ] {
        let answer = stream(&sandbox, SCALE, "sandbox/echo", asked(good)).await;
        assert_eq!((answer.status, answer.said(0).as_str()), (200, "Hear this."));
    }
    for (bad, place) in [
        (sound("UklGRg==", "ogg"), json!(["body", "messages", 0, "content", 1, "input_audio", "format"])),
        (sound("ä", "wav"), json!(["body", "messages", 0, "content", 1, "input_audio", "data"])),
        (json!({ "type": "file", "file": {} }), json!(["body", "messages", 0, "content", 1, "file"])),
    ] {
        let refused = ask(&sandbox, SCALE, "sandbox/echo", asked(bad)).await;
        assert_eq!((refused.status, &refused.json()["detail"][0]["loc"]), (422, &place));
    }
}
