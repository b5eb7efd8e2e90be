//! Vectors, pictures and sounds over the wire.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::GenericImageView as _;
use serde_json::{Value, json};

use crate::caller::{End, Reply, TOKEN, call, call_with, sandbox, send};

const EMBED: [&str; 3] = ["/v1/inference/embed", "/v1/embeddings", "/oai/v1/embeddings"];
const IMAGE: [&str; 3] = ["/v1/inference/images/generate", "/v1/images/generations", "/oai/v1/images/generations"];
const TRANSCRIBE: [&str; 3] =
    ["/v1/inference/audio/transcribe", "/v1/audio/transcriptions", "/oai/v1/audio/transcriptions"];
const SYNTHESIZE: [&str; 3] = ["/v1/inference/audio/synthesize", "/v1/audio/speech", "/oai/v1/audio/speech"];

async fn ask(address: SocketAddr, path: &str, body: &Value) -> Reply {
    call(address, "POST", path, &[("x-sandbox-rate", "0")], &body.to_string()).await
}

/// What stands in ScaiGrid's envelope, or alone.
fn data(reply: &Reply) -> Value {
    let mut whole = reply.json();
    assert_eq!(reply.status, 200, "{whole}");
    if whole.get("status").is_some() { whole["data"].take() } else { whole }
}

const BOUNDARY: &str = "----a boundary's edge/?=";

async fn transcribe(address: SocketAddr, path: &str, fields: &[(&str, &str)], file: Option<&[u8]>) -> Reply {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    if let Some(file) = file {
        let head =
            "Content-Disposition: form-data; name=\"file\"; filename=\"ä %22.wav\"\r\nContent-Type: audio/wav\r\n\r\n";
        body.extend(format!("--{BOUNDARY}\r\n{head}").into_bytes());
        body.extend(file);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    let kind = format!("multipart/form-data; boundary=\"{BOUNDARY}\"");
    let bearer = format!("Bearer {TOKEN}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", kind.as_str()), ("x-sandbox-rate", "0")];
    send(address, "POST", path, &headers, &body).await
}

#[tokio::test]
async fn texts_that_are_alike_are_near_in_every_dialect_and_spelling() {
    let sandbox = sandbox().await;
    let texts = json!(["The cat sleeps in the kitchen.", "A cat is sleeping in a kitchen", "Stocks fell on Friday"]);
    for path in EMBED {
        let body = json!({ "model": "sandbox/embed", "input": texts, "dimensions": 256 });
        let answer = data(&ask(sandbox.address(), path, &body).await);
        let rows: Vec<Vec<f64>> = answer["data"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| serde_json::from_value(row["embedding"].clone()).expect("numbers"))
            .collect();
        let dot = |one: &[f64], other: &[f64]| one.iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
        assert!(rows.iter().all(|row| row.len() == 256 && (dot(row, row) - 1.0).abs() < 1e-5), "{path}");
        assert!(dot(&rows[0], &rows[1]) > dot(&rows[0], &rows[2]) + 0.3, "{path}");
        assert_eq!(answer["usage"]["prompt_tokens"], answer["usage"]["total_tokens"]);

        let mut body = body;
        body["encoding_format"] = json!("base64");
        let coded = data(&ask(sandbox.address(), path, &body).await);
        let bytes = STANDARD.decode(coded["data"][0]["embedding"].as_str().expect("text")).expect("base64");
        let numbers: Vec<f32> =
            bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect();
        assert_eq!(numbers, rows[0].iter().map(|number| *number as f32).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn flaws_of_vectors_are_there_when_asked_for() {
    let sandbox = sandbox().await;
    let body = |model: &str| json!({ "model": model, "input": ["a", "b", "c", "d"] });
    let answer = data(&ask(sandbox.address(), EMBED[2], &body("sandbox/embed-broken")).await);
    let rows: Vec<&Vec<Value>> = (0..4).map(|at| answer["data"][at]["embedding"].as_array().expect("a list")).collect();
    assert!(rows[1].iter().all(|number| *number == 0.0) && rows[2].contains(&Value::Null) && rows[3].len() == 32);
    let answer = data(&ask(sandbox.address(), EMBED[2], &body("sandbox/embed-backwards")).await);
    let order: Vec<_> = answer["data"].as_array().expect("rows").iter().map(|row| row["index"].as_u64()).collect();
    assert_eq!(order, [Some(3), Some(2), Some(1), Some(0)]);
}

#[tokio::test]
async fn pictures_are_what_was_asked_for() {
    let sandbox = sandbox().await;
    for path in IMAGE {
        let body = json!({ "model": "sandbox/draw", "prompt": "A \"blue\" lighthouse", "n": 2, "size": "96x64", "response_format": "b64_json" });
        let answer = data(&ask(sandbox.address(), path, &body).await);
        let bytes =
            |row: usize| STANDARD.decode(answer["data"][row]["b64_json"].as_str().expect("text")).expect("base64");
        assert_eq!(image::load_from_memory(&bytes(0)).expect("a picture").dimensions(), (96, 64));
        assert_ne!(bytes(0), bytes(1));
        assert!(
            answer["data"][0]["revised_prompt"].as_str().is_some_and(|text| text.starts_with("A \"blue\" lighthouse,"))
        );
    }
    for (format, expected) in
        [("png", image::ImageFormat::Png), ("jpeg", image::ImageFormat::Jpeg), ("webp", image::ImageFormat::WebP)]
    {
        let body = json!({ "model": "sandbox/draw", "prompt": "fog", "size": "32x32", "output_format": format, "response_format": "b64_json" });
        let answer = data(&ask(sandbox.address(), IMAGE[2], &body).await);
        let bytes = STANDARD.decode(answer["data"][0]["b64_json"].as_str().expect("text")).expect("base64");
        assert_eq!(image::guess_format(&bytes).expect("known"), expected);
    }
}

#[tokio::test]
async fn addresses_of_pictures_lead_to_them_as_their_model_says() {
    let sandbox = sandbox().await;
    let fetch = async |model: &str, headers: &[(&str, &str)]| {
        let body = json!({ "model": format!("sandbox/{model}"), "prompt": "fog", "size": "32x32" });
        let answer = data(&ask(sandbox.address(), IMAGE[0], &body).await);
        let url = answer["data"][0]["url"].as_str().expect("an address").to_owned();
        let (host, path) = url.trim_start_matches("http://").split_once('/').expect("a path");
        let host: SocketAddr = host.parse().expect("an address of loopback");
        (host, call_with(host, "GET", &format!("/{path}"), headers, "").await)
    };
    let (host, reply) = fetch("draw", &[]).await;
    assert_eq!((host, reply.status, reply.header("Content-Type")), (sandbox.address(), 200, Some("image/png")));
    let (host, reply) = fetch("draw-elsewhere", &[]).await;
    assert_eq!((host, reply.status), (sandbox.elsewhere(), 200));
    assert_eq!(fetch("draw-expired", &[]).await.1.status, 403);
    assert_eq!(fetch("draw-keyed", &[]).await.1.status, 401);
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(fetch("draw-keyed", &[("Authorization", &bearer)]).await.1.status, 200);
    let (_, reply) = fetch("draw-mislabelled", &[]).await;
    assert_eq!(reply.header("Content-Type"), Some("image/png"));
    assert_eq!(image::guess_format(&reply.body()).expect("known"), image::ImageFormat::Jpeg);
    let (_, reply) = fetch("draw-bomb", &[]).await;
    assert!(reply.body().len() < 2_000_000 && image::guess_format(&reply.body()).is_ok());
    assert_eq!(call(sandbox.address(), "GET", "/media/none", &[], "").await.status, 404);
}

const TEXT: &str = "Good morning, “harbour”. The tide turns at 7:45!\n\nIs that\\ clear? Ja, 日本.";
const HEARD: &str = "Good morning, “harbour”. The tide turns at 7:45! Is that\\ clear? Ja, 日本.";

async fn spoken(address: SocketAddr, path: &str, model: &str, format: &str) -> Reply {
    let body = json!({ "model": model, "input": TEXT, "voice": "nova", "response_format": format });
    ask(address, path, &body).await
}

#[tokio::test]
async fn what_is_spoken_is_transcribed_in_every_dialect_and_format() {
    let sandbox = sandbox().await;
    for (speak, hear) in SYNTHESIZE.into_iter().zip(TRANSCRIBE) {
        for (format, kind) in [
            ("mp3", "audio/mpeg"),
            ("opus", "audio/ogg"),
            ("aac", "audio/aac"),
            ("flac", "audio/flac"),
            ("wav", "audio/wav"),
        ] {
            let sound = spoken(sandbox.address(), speak, "sandbox/speak", format).await;
            assert_eq!(
                (sound.status, sound.header("Content-Type"), sound.end),
                (200, Some(kind), End::Whole),
                "{speak}"
            );
            assert_eq!(sound.header("Content-Length"), None);
            assert!(sound.chunks.len() > 3, "{} pieces", sound.chunks.len());
            let fields = [("model", "sandbox/transcribe"), ("response_format", "json")];
            let heard = transcribe(sandbox.address(), hear, &fields, Some(&sound.body())).await;
            assert_eq!(data(&heard)["text"], HEARD, "{hear} {format}");
        }
    }
}

#[tokio::test]
async fn a_transcript_comes_in_five_forms() {
    let sandbox = sandbox().await;
    let sound = spoken(sandbox.address(), SYNTHESIZE[2], "sandbox/speak", "wav").await.body();
    let ask = async |path: &str, format: &str, more: &[(&str, &str)]| {
        let fields = [&[("model", "sandbox/transcribe"), ("response_format", format)], more].concat();
        transcribe(sandbox.address(), path, &fields, Some(&sound)).await
    };
    let both = [("timestamp_granularities[]", "word"), ("timestamp_granularities[]", "segment"), ("language", "de")];
    let verbose = data(&ask(TRANSCRIBE[2], "verbose_json", &both).await);
    assert_eq!((&verbose["text"], &verbose["language"]), (&json!(HEARD), &json!("de")));
    let seconds = (sound.len() - 44) as f64 / 48_000.0;
    assert!((verbose["duration"].as_f64().expect("seconds") - seconds).abs() < 0.02);
    let (words, segments) =
        (verbose["words"].as_array().expect("words"), verbose["segments"].as_array().expect("segments"));
    assert_eq!((words.len(), segments.len()), (13, 4));
    let mut last = 0.0;
    for word in words {
        let (start, end) = (word["start"].as_f64().expect("start"), word["end"].as_f64().expect("end"));
        assert!(last <= start && start < end && end < seconds, "{word}");
        last = end;
        assert!(word["confidence"].as_f64().is_some_and(|sure| (0.0..=1.0).contains(&sure)));
    }
    for plain in ["timestamp_granularities", "none"] {
        let verbose = data(&ask(TRANSCRIBE[0], "verbose_json", &[(plain, "segment")]).await);
        assert!(verbose.get("words").is_none() && verbose["segments"][0]["avg_logprob"].as_f64().is_some());
    }
    let text = ask(TRANSCRIBE[2], "text", &[]).await;
    assert_eq!((text.text().trim(), text.header("Content-Type")), (HEARD, Some("text/plain; charset=utf-8")));
    assert_eq!(data(&ask(TRANSCRIBE[0], "text", &[]).await)["text"], HEARD, "ScaiGrid has an envelope for it");
    for path in TRANSCRIBE {
        let srt = ask(path, "srt", &[]).await.text();
        assert!(
            srt.starts_with("1\n00:00:00,150 --> ") && srt.contains("\n4\n") && srt.ends_with("Ja, 日本.\n\n"),
            "{srt}"
        );
        assert!(ask(path, "vtt", &[]).await.text().starts_with("WEBVTT\n\n00:00:00.150 --> "));
    }
}

#[tokio::test]
async fn careless_models_hear_other_words_and_noise_is_said_to_be_noise() {
    let sandbox = sandbox().await;
    let sound = spoken(sandbox.address(), SYNTHESIZE[0], "sandbox/speak", "wav").await.body();
    let hear = async |model: &str, sound: &[u8]| {
        data(&transcribe(sandbox.address(), TRANSCRIBE[0], &[("model", model)], Some(sound)).await)["text"]
            .as_str()
            .expect("text")
            .to_owned()
    };
    let careless = hear("sandbox/transcribe-careless", &sound).await;
    assert_ne!(careless, HEARD);
    assert_eq!(careless, hear("sandbox/transcribe-careless", &sound).await);
    assert!(careless.contains("tide"), "{careless}");
    let mut silence = sound[..44].to_vec();
    silence.resize(44 + 48_000, 0);
    assert!(hear("sandbox/transcribe", &silence).await.contains("1.00 seconds, 1 channel at 24000 Hz, silent"));
}

#[tokio::test]
async fn flaws_of_speech_are_there_when_asked_for() {
    let sandbox = sandbox().await;
    let ask = async |model: &str| spoken(sandbox.address(), SYNTHESIZE[2], &format!("sandbox/{model}"), "wav").await;
    let whole = ask("speak").await.body();
    assert_eq!(ask("speak-cut").await.body(), whole[..whole.len() / 2]);
    let damaged = ask("speak-damaged").await.body();
    assert!(damaged.len() == whole.len() && damaged[..44] == whole[..44] && damaged != whole);
    assert_eq!(ask("speak-mislabelled").await.header("Content-Type"), Some("audio/mpeg"));
    let error = ask("speak-error-as-audio").await;
    assert_eq!(
        (error.header("Content-Type"), error.json()["error"]["code"].clone()),
        (Some("audio/wav"), json!("voice_unavailable"))
    );
    let labelled = ask("speak-audio-as-json").await;
    assert_eq!((labelled.header("Content-Type"), labelled.body() == whole), (Some("application/json"), true));
    assert!(ask("speak-empty").await.body().is_empty());
    let endless = ask("speak-slow").await.body();
    assert_eq!((&endless[40..44], endless[44..] == whole[44..]), (&[255; 4][..], true));
    let cut = ask("fault/cut").await;
    assert_eq!((cut.status, cut.end), (200, End::Cut));
}

#[tokio::test]
async fn the_same_bytes_are_refused_twice_and_then_served() {
    let sandbox = sandbox().await;
    let sound = spoken(sandbox.address(), SYNTHESIZE[0], "sandbox/speak", "wav").await.body();
    let ask = async |language: &str| {
        let fields = [("model", "sandbox/fault/status-503-twice"), ("language", language)];
        transcribe(sandbox.address(), TRANSCRIBE[0], &fields, Some(&sound)).await.status
    };
    assert_eq!([ask("en").await, ask("en").await, ask("de").await, ask("en").await], [503, 503, 503, 200]);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_by_its_field() {
    let sandbox = sandbox().await;
    let field = |reply: &Reply| (reply.status, reply.json()["error"]["details"][0]["field"].clone());
    for (path, body, expected) in [
        (EMBED[0], json!({ "model": "sandbox/embed" }), "input"),
        (EMBED[0], json!({ "model": "sandbox/embed", "input": ["a", ""] }), "input.1"),
        (EMBED[0], json!({ "model": "sandbox/embed", "input": "a", "dimensions": 1537 }), "dimensions"),
        (EMBED[0], json!({ "model": "sandbox/embed", "input": "a", "dimensions": 0 }), "dimensions"),
        (IMAGE[0], json!({ "model": "sandbox/draw", "prompt": "" }), "prompt"),
        (IMAGE[0], json!({ "model": "sandbox/draw", "prompt": "a", "n": 11 }), "n"),
        (IMAGE[0], json!({ "model": "sandbox/draw", "prompt": "a", "size": "9x9" }), "size"),
        (SYNTHESIZE[0], json!({ "model": "sandbox/speak", "input": "a" }), "voice"),
        (SYNTHESIZE[0], json!({ "model": "sandbox/speak", "input": "a", "voice": "nobody" }), "voice"),
        (SYNTHESIZE[0], json!({ "model": "sandbox/speak", "input": "a", "voice": "nova", "speed": 5 }), "speed"),
        (
            SYNTHESIZE[0],
            json!({ "model": "sandbox/speak", "input": "a", "voice": "nova", "response_format": "ogg" }),
            "response_format",
        ),
    ] {
        assert_eq!(field(&ask(sandbox.address(), path, &body).await), (422, json!(expected)), "{body}");
    }
    let model = ("model", "sandbox/transcribe");
    let hear = async |fields: &[(&str, &str)], file: Option<&[u8]>| {
        transcribe(sandbox.address(), TRANSCRIBE[0], fields, file).await
    };
    assert_eq!(field(&hear(&[model], None).await), (422, json!("file")));
    assert_eq!(field(&hear(&[model], Some(b"no sound")).await), (422, json!("file")));
    assert_eq!(field(&hear(&[model, ("temperature", "warm")], Some(b"x")).await), (422, json!("temperature")));
    assert_eq!(field(&hear(&[model, ("response_format", "ass")], Some(b"x")).await), (422, json!("response_format")));
    assert_eq!(hear(&[model], Some(&vec![0; 25 * 1024 * 1024 + 1])).await.status, 413);
    assert_eq!(hear(&[("model", "sandbox/steady")], Some(b"x")).await.status, 404);
    assert_eq!(field(&ask(sandbox.address(), TRANSCRIBE[0], &json!({ "model": "sandbox/transcribe" })).await).0, 422);
    let refused = ask(sandbox.address(), IMAGE[2], &json!({ "model": "sandbox/draw-refused", "prompt": "a" })).await;
    assert_eq!((refused.status, refused.json()["error"]["code"].clone()), (400, json!("moderation_blocked")));
}
