//! Pictures.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, RgbImage};
use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::scene::{Scene, draw};
use super::shelf::{self, Picture};
use super::{Made, bomb};
use crate::pieces;
use crate::refusal::{FieldProblem, Reason};
use crate::request::{missing, name, one_of, problem};

/// What a model does with its pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Plain,
    /// The prompt is not revised.
    Literal,
    /// URLs of another origin.
    Elsewhere,
    Keyed,
    Expired,
    Mislabelled,
    Bomb,
    Refused,
}

const SIZE: (u32, u32) = (1_024, 1_024);
const SIDES: std::ops::RangeInclusive<u32> = 16..=2_048;
const QUALITIES: &[&str] = &["auto", "low", "medium", "high", "standard", "hd"];

/// What a request may ask for, or why not.
pub(crate) fn check(body: &Map<String, Value>) -> Vec<FieldProblem> {
    let mut problems = match body.get("prompt") {
        None => vec![missing(vec![name("prompt")], body)],
        Some(Value::String(prompt)) if prompt.trim().is_empty() => {
            vec![problem(
                vec![name("prompt")],
                "string_too_short",
                "String should have at least 1 character",
                "".into(),
            )]
        }
        Some(Value::String(_)) => vec![],
        Some(other) => {
            vec![problem(vec![name("prompt")], "string_type", "Input should be a valid string", other.clone())]
        }
    };
    problems.extend(body.get("size").and_then(|size| {
        let text = "Input should be 'auto' or a width and a height of 16 to 2048, such as '1024x768'";
        size_of(size).is_none().then(|| problem(vec![name("size")], "literal_error", text, size.clone()))
    }));
    problems.extend(one_of(body, "quality", QUALITIES));
    problems.extend(one_of(body, "style", &["vivid", "natural"]));
    problems.extend(one_of(body, "response_format", &["url", "b64_json"]));
    problems.extend(one_of(body, "output_format", &["png", "jpeg", "webp"]));
    if body.get("stream") == Some(&json!(true)) {
        problems.push(problem(vec![name("stream")], "value_error", "This model does not stream pictures", json!(true)));
    }
    problems
}

fn size_of(size: &Value) -> Option<(u32, u32)> {
    match size {
        Value::Null => Some(SIZE),
        Value::String(text) if text == "auto" => Some(SIZE),
        Value::String(text) => {
            let (width, height) = text.split_once('x')?;
            let side = |text: &str| text.parse().ok().filter(|side| SIDES.contains(side));
            Some((side(width)?, side(height)?))
        }
        _ => None,
    }
}

/// How URLs are made: the address before the path, and a token that nobody guesses.
pub(crate) struct Links {
    pub(crate) here: String,
    pub(crate) elsewhere: String,
    pub(crate) token: fn() -> String,
}

/// The answer to a body that was checked, and the pictures that its URLs lead to.
pub(crate) fn make(
    dialect: Dialect,
    request_id: &str,
    created: u64,
    manner: Manner,
    body: &Map<String, Value>,
    links: &Links,
) -> Result<(Made, Vec<Picture>), Reason> {
    if manner == Manner::Refused {
        return Err(Reason::Filtered);
    }
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let prompt = text("prompt").unwrap_or_default();
    let (width, height) = body.get("size").and_then(size_of).unwrap_or(SIZE);
    let count = body.get("n").and_then(Value::as_u64).unwrap_or(1);
    let format = match (manner, text("output_format")) {
        (Manner::Mislabelled, _) | (_, Some("jpeg")) => ImageFormat::Jpeg,
        (_, Some("webp")) => ImageFormat::WebP,
        _ => ImageFormat::Png,
    };
    let compression = body.get("output_compression").and_then(Value::as_u64).unwrap_or(85);
    let media_type = if manner == Manner::Mislabelled { "image/png" } else { format.to_mime_type() };
    let as_base64 = text("response_format") == Some("b64_json");
    let (mut rows, mut pictures) = (Vec::new(), Vec::new());
    for number in 0..count {
        let bytes = if manner == Manner::Bomb {
            bomb::png()
        } else {
            let scene = Scene {
                prompt,
                number,
                width,
                height,
                vivid: text("style") != Some("natural"),
                fine: matches!(text("quality"), Some("hd" | "high")),
            };
            encode(draw(&scene), width, height, format, compression)?
        };
        let mut row = Map::new();
        if as_base64 {
            row.insert("b64_json".into(), STANDARD.encode(&bytes).into());
        } else {
            let token = (links.token)();
            let origin = if manner == Manner::Elsewhere { &links.elsewhere } else { &links.here };
            row.insert("url".into(), format!("{origin}/media/{token}").into());
            let until = if manner == Manner::Expired { Instant::now() } else { shelf::end() };
            pictures.push(Picture { token, bytes, media_type, keyed: manner == Manner::Keyed, until });
        }
        if manner == Manner::Plain {
            row.insert("revised_prompt".into(), revised(prompt, number).into());
        }
        rows.push(Value::Object(row));
    }
    let mut answer = json!({ "created": created, "data": rows });
    if dialect == Dialect::OpenAi {
        let input = pieces::cut(prompt).len();
        let output = count * u64::from(width) * u64::from(height) / 1_024;
        answer["usage"] = json!({ "input_tokens": input, "output_tokens": output, "total_tokens": input as u64 + output,
            "input_tokens_details": { "text_tokens": input, "image_tokens": 0 } });
    }
    Ok((Made::json(dialect, request_id, answer.to_string()), pictures))
}

fn revised(prompt: &str, number: u64) -> String {
    const MOODS: [&str; 4] =
        ["in soft, clear light", "seen from far away", "with long shadows", "in flat, bold colours"];
    let mood = MOODS[(number % 4) as usize];
    format!("{}, {mood}, as a small landscape", prompt.trim().trim_end_matches('.'))
}

fn encode(pixels: Vec<u8>, width: u32, height: u32, format: ImageFormat, quality: u64) -> Result<Bytes, Reason> {
    let picture = RgbImage::from_raw(width, height, pixels).ok_or(Reason::Backend)?;
    let mut bytes = Cursor::new(Vec::new());
    let written = if format == ImageFormat::Jpeg {
        picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality.clamp(1, 100) as u8))
    } else {
        picture.write_to(&mut bytes, format)
    };
    written.map_err(|_| Reason::Backend)?;
    Ok(bytes.into_inner().into())
}
