use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use juxta_wire::endpoint::EndpointKind::{Embed, Image, Synthesize, Transcribe};
use juxta_wire::media_answer::{AnswerPicture, AnswerPictureForm, TranscriptForm};

use super::*;

/// The outcome of a document, and its text.
fn document(endpoint: EndpointKind, body: &[u8]) -> Result<(Outcome, String), AppError> {
    let mut mapper = Mapper::new(endpoint, Dialect::ScaigridV1);
    let mut text = String::new();
    mapper.document(body, &mut |piece| {
        if let Piece::Text { text: more, .. } = piece {
            text.push_str(more);
        }
    })?;
    assert!(mapper.is_ended());
    mapper.end().expect("a whole answer");
    Ok((mapper.outcome(), text))
}

fn media(endpoint: EndpointKind, body: &[u8]) -> Option<MediaAnswer> {
    document(endpoint, body).expect("an answer").0.media
}

#[test]
fn vectors_are_counted_in_every_form() {
    let numbers: Vec<u8> = [0.5_f32, -1.0].iter().flat_map(|number| number.to_le_bytes()).collect();
    let packed = format!(r#"{{"data":[{{"index":0,"embedding":"{}"}}]}}"#, STANDARD.encode(numbers));
    let vectors = |count, dimensions, packed| Some(MediaAnswer::Vectors { count, dimensions, packed });
    for (body, expected) in [
        (
            r#"{"status":"ok","data":{"data":[{"index":0,"embedding":[1,2,3]},{"index":1,"embedding":[1,2,3]}]}}"#,
            vectors(2, 3, false),
        ),
        (r#"{"object":"list","data":[{"embedding":[0.25]}],"model":"m"}"#, vectors(1, 1, false)),
        (r#"{"data":[]}"#, vectors(0, 0, false)),
        (r#"{"data":[{"index":0,"embedding":{}}]}"#, vectors(1, 0, false)),
        (&packed, vectors(1, 2, true)),
    ] {
        assert_eq!(media(Embed, body.as_bytes()), expected, "{body}");
    }
    let body = br#"{"data":{"data":[],"model":"m","usage":{"prompt_tokens":7,"total_tokens":7}}}"#;
    let (outcome, _) = document(Embed, body).expect("an answer");
    assert_eq!(outcome.model.as_deref(), Some("m"));
    assert_eq!(outcome.usage.and_then(|usage| usage.input_tokens), Some(7));
}

#[test]
fn vectors_come_back_in_the_order_of_the_texts_and_to_the_bit() {
    let values = [0.1_f32, -0.0, f32::MIN_POSITIVE, 3.402_823_5e38, 1.0e-45];
    let bytes: Vec<u8> = values.iter().flat_map(|number| number.to_le_bytes()).collect();
    let listed = serde_json::to_string(&values).expect("JSON");
    let body = format!(
        r#"{{"data":[{{"index":1,"embedding":"{}"}},{{"index":0,"embedding":{listed}}},{{"index":2,"embedding":[1,null]}},{{"index":3,"embedding":"AAA"}}]}}"#,
        STANDARD.encode(bytes)
    );
    let read = super::embed::vectors(&body).expect("vectors");
    let bits = |numbers: &[f32]| numbers.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&read[0]), bits(&values));
    assert_eq!(bits(&read[1]), bits(&values));
    assert!(read[2][0] == 1.0 && read[2][1].is_nan());
    assert!(read[3].is_empty(), "three bytes are no vector");
}

#[test]
fn pictures_are_told_without_their_bytes() {
    let body = r#"{"status":"ok","data":{"created":1,"data":[{"url":"https://h.example/a?t=1","revised_prompt":"A \"nook\" 🦊"},
        {"b64_json":"aGVsbG8="},{"url":"data:image/png;base64,aGVsbG8="},{"nothing":1}]}}"#;
    let inline = AnswerPictureForm::Inline { characters: 8 };
    let pictures = vec![
        AnswerPicture {
            form: AnswerPictureForm::Address { url: "https://h.example/a?t=1".into() },
            revised_prompt: Some("A \"nook\" 🦊".into()),
        },
        AnswerPicture { form: inline.clone(), revised_prompt: None },
        AnswerPicture { form: inline, revised_prompt: None },
    ];
    assert_eq!(media(Image, body.as_bytes()), Some(MediaAnswer::Pictures { pictures }));
    assert_eq!(super::image::sources(body).len(), 3);
}

#[test]
fn a_picture_in_events_is_the_one_that_is_finished() {
    let mut mapper = Mapper::new(Image, Dialect::OpenAi);
    let mut nothing = |_: Piece<'_>| {};
    assert_eq!(mapper.event("", r#"{"type":"image_generation.partial_image","b64_json":"aaaa"}"#, &mut nothing), None);
    assert!(!mapper.is_ended() && mapper.end().is_err());
    let last = r#"{"type":"image_generation.completed","b64_json":"aGVsbG8=","usage":{"input_tokens":5}}"#;
    assert_eq!(mapper.event("", last, &mut nothing), None);
    let form = AnswerPictureForm::Inline { characters: 8 };
    let pictures = vec![AnswerPicture { form, revised_prompt: None }];
    assert_eq!(mapper.outcome().media, Some(MediaAnswer::Pictures { pictures }));
    assert_eq!(mapper.outcome().usage.and_then(|usage| usage.input_tokens), Some(5));
    assert!(mapper.is_ended());
}

#[test]
fn a_transcript_is_found_in_every_form() {
    let srt = "1\r\n00:00:00,000 --> 00:00:01,900\r\nGood morning.\r\n";
    let in_json = serde_json::json!({ "data": { "text": srt } }).to_string();
    for (body, expected, form, language, duration) in [
        (
            r#"{"data":{"text":"Good morning.","language":"en","duration":1.9}}"#,
            "Good morning.",
            TranscriptForm::Json,
            Some("en"),
            Some(1.9),
        ),
        (r#"{"text":"{braces}"}"#, "{braces}", TranscriptForm::Json, None, None),
        ("Good morning.\n", "Good morning.", TranscriptForm::Text, None, None),
        (r#"{"status":"ok","data":"Grüße"}"#, "Grüße", TranscriptForm::Text, None, None),
        ("42", "42", TranscriptForm::Text, None, None),
        ("{not json", "{not json", TranscriptForm::Text, None, None),
        ("", "", TranscriptForm::Text, None, None),
        (
            "WEBVTT\n\n00:00.000 --> 00:01.900\nHi",
            "WEBVTT\n\n00:00.000 --> 00:01.900\nHi",
            TranscriptForm::Vtt,
            None,
            None,
        ),
        (srt, srt.trim(), TranscriptForm::Srt, None, None),
        (&in_json, srt, TranscriptForm::Srt, None, None),
    ] {
        let (outcome, text) = document(Transcribe, body.as_bytes()).expect("an answer");
        assert_eq!(text, expected, "{body}");
        let expected = MediaAnswer::Transcript { form, language: language.map(str::to_owned), duration };
        assert_eq!(outcome.media, Some(expected), "{body}");
        assert_eq!(outcome.choices.len(), 1);
    }
    assert!(matches!(document(Transcribe, br#"{"words":[]}"#), Err(AppError::Protocol { .. })));
}

#[test]
fn a_transcript_in_events_is_told_once() {
    let mut mapper = Mapper::new(Transcribe, Dialect::OpenAi);
    let mut text = String::new();
    for data in [
        r#"{"type":"transcript.text.delta","delta":"Good "}"#,
        r#"{"type":"transcript.text.delta","delta":"morning."}"#,
        r#"{"type":"transcript.text.done","text":"Good morning.","usage":{"total_tokens":9}}"#,
    ] {
        let error = mapper.event("", data, &mut |piece| {
            if let Piece::Text { text: more, .. } = piece {
                text.push_str(more);
            }
        });
        assert_eq!(error, None);
    }
    assert_eq!(text, "Good morning.");
    assert!(mapper.is_ended());
}

#[test]
fn speech_is_the_bytes_and_what_is_none_is_said() {
    let mut sound = b"RIFF\x24\0\0\0WAVEfmt ".to_vec();
    sound.extend([0_u8; 100]);
    assert_eq!(media(Synthesize, &sound), Some(MediaAnswer::Speech { bytes: 116 }));
    // Samples may begin like JSON.
    assert_eq!(media(Synthesize, b"{\0\0\0"), Some(MediaAnswer::Speech { bytes: 4 }));
    let refused = br#"{"status":"error","error":{"code":"MODEL_NOT_FOUND","message":"no such model"}}"#;
    let Err(AppError::Rejected(rejection)) = document(Synthesize, refused) else {
        panic!("an error was taken for a sound")
    };
    assert_eq!(rejection.code.as_deref(), Some("MODEL_NOT_FOUND"));
    for (body, words) in
        [(&b""[..], "empty"), (br#"{"ok":true}"#, "JSON"), (b"<html><body>Sign in</body></html>", "text")]
    {
        match document(Synthesize, body) {
            Err(AppError::Protocol { message, .. }) => assert!(message.contains(words), "{message}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn speech_in_events_is_counted_and_gathered() {
    let mut mapper = Mapper::new(Synthesize, Dialect::OpenAi);
    let piece = format!(r#"{{"type":"speech.audio.delta","audio":"{}"}}"#, STANDARD.encode(b"RIFF"));
    for data in [piece.as_str(), piece.as_str(), r#"{"type":"speech.audio.done","usage":{"output_tokens":3}}"#] {
        assert_eq!(mapper.event("", data, &mut |_| {}), None);
    }
    assert_eq!(mapper.outcome().media, Some(MediaAnswer::Speech { bytes: 8 }));
    assert!(mapper.is_ended());
    assert_eq!(super::synthesize::sound_of_event("", &piece).as_deref(), Some(&b"RIFF"[..]));
}

#[test]
fn an_error_in_a_stream_is_one() {
    for endpoint in [Image, Transcribe, Synthesize] {
        let mut mapper = Mapper::new(endpoint, Dialect::OpenAi);
        let error = mapper.event("error", r#"{"code":"BACKEND_ERROR","message":"gone"}"#, &mut |_| {});
        assert!(matches!(error, Some(AppError::Rejected(_))), "{endpoint:?}");
    }
}
