//! Transcripts.

use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value, json};

use super::{Made, subtitles};
use crate::chance::Chance;
use crate::pieces;
use crate::refusal::{FieldProblem, Reason};
use crate::request::{Upload, missing, name, one_of, problem};
use crate::sound::{self, Sound};
use crate::talk::{ends_sentence, hear};

/// How well a model listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Plain,
    Careless,
    Unsure,
}

/// The largest file, as OpenAI has it.
pub(crate) const MOST_BYTES: usize = 25 * 1024 * 1024;
const FORMATS: &[&str] = &["text", "json", "verbose_json", "srt", "vtt"];
/// Words of a segment at most.
const LONGEST: usize = 14;

#[derive(Debug, Clone, PartialEq)]
struct Word {
    /// With the white space behind it.
    text: String,
    start: f64,
    end: f64,
    confidence: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Segment {
    pub(crate) text: String,
    pub(crate) start: f64,
    pub(crate) end: f64,
    log_probability: f64,
    no_speech: f64,
}

/// What a request may ask for, or why not.
pub(crate) fn check(fields: &Map<String, Value>, file: Option<&Upload>) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    match file {
        None => problems.push(missing(vec![name("file")], &Map::new())),
        Some(file) if file.bytes.is_empty() => {
            problems.push(problem(vec![name("file")], "value_error", "The file is empty", Value::Null));
        }
        Some(_) => {}
    }
    problems.extend(one_of(fields, "response_format", FORMATS));
    let granularities = fields.get("timestamp_granularities").and_then(Value::as_array);
    for (at, wanted) in granularities.into_iter().flatten().enumerate() {
        if wanted != "word" && wanted != "segment" {
            let path = vec![name("timestamp_granularities"), crate::request::place(at)];
            problems.push(problem(path, "literal_error", "Input should be 'word' or 'segment'", wanted.clone()));
        }
    }
    problems
}

/// The answer to a form that was checked.
pub(crate) fn make(
    dialect: Dialect,
    request_id: &str,
    manner: Manner,
    fields: &Map<String, Value>,
    file: &Upload,
) -> Result<Made, Reason> {
    let sound = sound::decode(&file.bytes).map_err(|error| {
        let text = format!("The audio file could not be decoded or its format is not supported: {error}");
        Reason::Fields(vec![problem(vec![name("file")], "value_error", text, file.name.as_str().into())])
    })?;
    let words = listen(manner, &sound);
    let segments = if words.is_empty() { vec![silence(&sound)] } else { segments(&words) };
    let text = segments.iter().map(|segment| segment.text.trim()).collect::<Vec<_>>().join(" ");
    let format = fields.get("response_format").and_then(Value::as_str);
    let language = fields.get("language").and_then(Value::as_str).unwrap_or("en");
    let json = |value: Value| Ok(Made::json(dialect, request_id, value.to_string()));
    match (format, dialect) {
        (Some("srt"), Dialect::ScaigridV1) => Ok(Made::text("application/x-subrip", subtitles::srt(&segments))),
        (Some("vtt"), Dialect::ScaigridV1) => Ok(Made::text("text/vtt; charset=utf-8", subtitles::vtt(&segments))),
        (Some("srt"), _) => Ok(Made::text("text/plain; charset=utf-8", subtitles::srt(&segments))),
        (Some("vtt"), _) => Ok(Made::text("text/plain; charset=utf-8", subtitles::vtt(&segments))),
        (Some("text"), Dialect::OpenAi | Dialect::ScaleV5) => {
            Ok(Made::text("text/plain; charset=utf-8", format!("{text}\n")))
        }
        (Some("verbose_json"), _) => json(verbose(fields, &sound, &words, &segments, &text, language)),
        (_, Dialect::ScaigridV1) => {
            json(json!({ "text": text, "language": language, "duration": hundredths(sound.seconds()) }))
        }
        (_, Dialect::OpenAi | Dialect::ScaleV5) => json(json!({ "text": text,
            "usage": { "type": "duration", "seconds": sound.seconds().ceil() } })),
    }
}

fn listen(manner: Manner, sound: &Sound) -> Vec<Word> {
    let mut words = Vec::new();
    for (place, heard) in hear(&sound.samples, sound.rate).into_iter().enumerate() {
        let mut chance = Chance::new(
            heard.bytes.iter().fold(place as u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte))),
        );
        // Real models doubt a few of their words, whatever the sound is like.
        let doubted = match manner {
            Manner::Plain => chance.below(9) == 0,
            Manner::Careless => chance.below(5) == 0,
            Manner::Unsure => chance.below(3) > 0,
        };
        let doubt = if doubted { 0.25 + 0.3 * chance.fraction() } else { 1.0 };
        let text = String::from_utf8_lossy(&heard.bytes).into_owned();
        let word = Word { text, start: heard.start, end: heard.end, confidence: heard.confidence * doubt };
        if manner == Manner::Careless {
            mishear(word, place, &mut words);
        } else {
            words.push(word);
        }
    }
    words
}

/// One word in seven is another, one in eleven is missing, and one in thirteen comes twice.
fn mishear(word: Word, place: usize, words: &mut Vec<Word>) {
    const OTHERS: [&str; 5] = ["their", "sound", "water", "letter", "morning"];
    match place {
        _ if place % 7 == 3 => {
            let space = &word.text[word.text.trim_end().len()..];
            let text = format!("{}{space}", OTHERS[place % OTHERS.len()]);
            words.push(Word { text, confidence: word.confidence * 0.5, ..word });
        }
        _ if place % 11 == 8 => {}
        _ if place % 13 == 10 => {
            let middle = (word.start + word.end) / 2.0;
            let space = if word.text.ends_with(char::is_whitespace) { "" } else { " " };
            words.push(Word { text: format!("{}{space}", word.text), end: middle, ..word.clone() });
            words.push(Word { start: middle, ..word });
        }
        _ => words.push(word),
    }
}

fn segments(words: &[Word]) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut from = 0;
    for place in 0..words.len() {
        let is_last = place + 1 == words.len();
        if !is_last && !ends_sentence(&words[place].text) && place + 1 - from < LONGEST {
            continue;
        }
        let part = &words[from..=place];
        let sum: f64 = part.iter().map(|word| word.confidence.ln()).sum();
        segments.push(Segment {
            text: part.iter().map(|word| word.text.as_str()).collect(),
            start: part[0].start,
            end: words[place].end,
            log_probability: sum / part.len() as f64,
            no_speech: 0.01,
        });
        from = place + 1;
    }
    segments
}

/// What is said of a sound in which nobody speaks.
fn silence(sound: &Sound) -> Segment {
    let level = match sound.level() {
        Some(level) => format!("{level:.1} dBFS"),
        None => "silent".to_owned(),
    };
    let channels = if sound.channels == 1 { "1 channel".to_owned() } else { format!("{} channels", sound.channels) };
    let text = format!(
        "[A sound of {:.2} seconds, {channels} at {} Hz, {level}. Nobody of the sandbox speaks in it.]",
        sound.seconds(),
        sound.rate
    );
    Segment { text, start: 0.0, end: sound.seconds(), log_probability: -1.2, no_speech: 0.97 }
}

fn verbose(
    fields: &Map<String, Value>,
    sound: &Sound,
    words: &[Word],
    segments: &[Segment],
    text: &str,
    language: &str,
) -> Value {
    let granularities = fields.get("timestamp_granularities").and_then(Value::as_array);
    let wants = |what: &str| granularities.map_or(what == "segment", |list| list.iter().any(|it| it == what));
    let mut answer =
        json!({ "task": "transcribe", "language": language, "duration": hundredths(sound.seconds()), "text": text });
    if wants("segment") {
        let temperature = fields.get("temperature").cloned().unwrap_or_else(|| json!(0.0));
        let rows = segments.iter().enumerate().map(|(id, segment)| {
            let tokens: Vec<usize> = pieces::cut(&segment.text).iter().map(|token| 50_000 + token.len()).collect();
            json!({ "id": id, "seek": (segment.start * 100.0) as u64, "start": hundredths(segment.start),
                "end": hundredths(segment.end), "text": segment.text.trim_end(), "tokens": tokens,
                "temperature": temperature, "avg_logprob": thousandths(segment.log_probability),
                "compression_ratio": 1.1, "no_speech_prob": segment.no_speech })
        });
        answer["segments"] = rows.collect();
    }
    if wants("word") {
        let rows = words.iter().map(|word| {
            json!({ "word": word.text.trim(), "start": hundredths(word.start), "end": hundredths(word.end),
                "confidence": thousandths(word.confidence) })
        });
        answer["words"] = rows.collect();
    }
    answer
}

fn hundredths(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

fn thousandths(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}
