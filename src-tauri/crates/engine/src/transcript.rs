//! The transcript of an answer, whatever form it came in, and as subtitles.

mod subtitles;

use juxta_client::endpoints::media::transcribe;
use juxta_wire::error::AppError;
use juxta_wire::ids::CellId;
use juxta_wire::media_answer::{MediaAnswer, TranscriptForm};
use juxta_wire::transcript::{Segment, Transcript, Word};
use juxta_wire::transfer::Exported;
use serde_json::Value;

use crate::run::{internal, invalid, storage};
use crate::{Engine, not_found};

/// The largest answer that is read for its transcript.
const LARGEST_BODY: u64 = 64 << 20;

impl Engine {
    /// # Errors
    /// When the answer is no transcript.
    pub fn transcript(&self, cell: &CellId) -> Result<Transcript, AppError> {
        let head = self.store().cell(cell).map_err(storage)?.ok_or_else(|| not_found("The answer"))?;
        let Some(MediaAnswer::Transcript { .. }) = head.outcome.media else {
            return Err(not_found("The transcript"));
        };
        let told = head.outcome.choices.first().map_or("", |choice| choice.text.as_str());
        if head.outcome.events > 0 {
            return Ok(read(None, told));
        }
        let (body, _) = self.store().read_body(cell, LARGEST_BODY).map_err(storage)?;
        let body = String::from_utf8_lossy(&body);
        let whole = body.trim_start_matches('\u{FEFF}').trim();
        let content = Some(whole).filter(|text| text.starts_with(['{', '"'])).and_then(transcribe::content);
        Ok(read(content.and_then(|json| serde_json::from_str(json).ok()), told))
    }

    /// Saves a transcript where exports go.
    ///
    /// # Errors
    /// When the answer is no transcript, when it has no times that subtitles need, or when the file cannot be written.
    pub fn save_transcript(&self, cell: &CellId, form: TranscriptForm) -> Result<Exported, AppError> {
        let transcript = self.transcript(cell)?;
        let (ending, text) = written(&transcript, form)?;
        let model = self.cell_head(cell)?.model;
        self.save_bytes(&format!("{}.{ending}", model.replace(['/', '\\'], "-")), text.as_bytes())
    }
}

fn written(transcript: &Transcript, form: TranscriptForm) -> Result<(&'static str, String), AppError> {
    if matches!(form, TranscriptForm::Srt | TranscriptForm::Vtt) && transcript.segments.is_empty() {
        return Err(invalid("form", "This transcript has no times. Ask for verbose_json, srt or vtt to get some"));
    }
    Ok(match form {
        TranscriptForm::Text => ("txt", format!("{}\n", transcript.text)),
        TranscriptForm::Json => ("json", serde_json::to_string_pretty(transcript).map_err(internal)?),
        TranscriptForm::Srt => ("srt", subtitles::write_srt(&transcript.segments)),
        TranscriptForm::Vtt => ("vtt", subtitles::write_vtt(&transcript.segments)),
    })
}

/// `json` is the answer out of its envelope; `told` is its text, which may be subtitles.
fn read(json: Option<Value>, told: &str) -> Transcript {
    let form = transcribe::form_of(told);
    if matches!(form, TranscriptForm::Srt | TranscriptForm::Vtt) {
        let (segments, mut problems) = subtitles::read(told);
        problems.extend(subtitles::faults(&segments));
        let texts: Vec<&str> = segments.iter().map(|segment| segment.text.as_str()).collect();
        return Transcript {
            form,
            text: texts.join(" "),
            language: None,
            duration: segments.last().map(|last| last.end),
            segments,
            words: Vec::new(),
            problems,
        };
    }
    let Some(Value::Object(body)) = json else {
        return Transcript {
            form: TranscriptForm::Text,
            text: told.to_owned(),
            language: None,
            duration: None,
            segments: Vec::new(),
            words: Vec::new(),
            problems: Vec::new(),
        };
    };
    let mut problems = Vec::new();
    let rows = |name: &str| body.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let segments = timed(rows("segments"), "segment", &mut problems, segment);
    let words = timed(rows("words"), "word", &mut problems, word);
    problems.extend(subtitles::faults(&segments));
    Transcript {
        form: TranscriptForm::Json,
        text: told.to_owned(),
        language: body.get("language").and_then(Value::as_str).map(str::to_owned),
        duration: number(body.get("duration")),
        segments,
        words,
        problems,
    }
}

fn timed<T>(rows: &[Value], what: &str, problems: &mut Vec<String>, read: fn(&Value) -> Option<T>) -> Vec<T> {
    let all: Vec<T> = rows.iter().filter_map(read).collect();
    match rows.len() - all.len() {
        0 => {}
        1 => problems.push(format!("One {what} has no times that can be read.")),
        many => problems.push(format!("{many} {what}s have no times that can be read.")),
    }
    all
}

fn segment(row: &Value) -> Option<Segment> {
    Some(Segment {
        start: number(row.get("start"))?,
        end: number(row.get("end"))?,
        text: row.get("text")?.as_str()?.trim().to_owned(),
        speaker: row.get("speaker").and_then(Value::as_str).map(str::to_owned),
        average_logprob: number(row.get("avg_logprob")),
        no_speech_probability: number(row.get("no_speech_prob")),
    })
}

fn word(row: &Value) -> Option<Word> {
    // No document names a confidence; servers that send one call it by one of these.
    let confidence = ["confidence", "probability", "score"].into_iter().find_map(|name| number(row.get(name)));
    Some(Word {
        start: number(row.get("start"))?,
        end: number(row.get("end"))?,
        word: row.get("word").or_else(|| row.get("text"))?.as_str()?.trim().to_owned(),
        confidence,
    })
}

/// A number, also one spelled as a text.
fn number(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_f64(),
    }
    .filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_transcript_with_times_is_read_whole() {
        let body = json!({
            "text": "Good morning.", "language": "en", "duration": "1.9",
            "segments": [{"id": 0, "start": 0.0, "end": 1.9, "text": " Good morning.", "avg_logprob": -0.2, "no_speech_prob": 0.01},
                         {"start": null, "end": 2, "text": "?"}],
            "words": [{"word": "Good", "start": 0, "end": 0.5, "probability": 0.4}, {"word": "morning", "start": 0.5, "end": 1.9}],
        });
        let read = read(Some(body), "Good morning.");
        assert_eq!((read.form, read.duration, read.language.as_deref()), (TranscriptForm::Json, Some(1.9), Some("en")));
        assert_eq!(read.segments.len(), 1);
        assert_eq!(read.segments[0].average_logprob, Some(-0.2));
        assert_eq!(read.words[0].confidence, Some(0.4));
        assert_eq!(read.problems, ["One segment has no times that can be read."]);
        assert_eq!(
            written(&read, TranscriptForm::Srt).expect("subtitles").1,
            "1\n00:00:00,000 --> 00:00:01,900\nGood morning.\n"
        );
    }

    #[test]
    fn a_bare_text_has_no_times() {
        let read = read(None, "Good morning.");
        assert_eq!((read.form, read.text.as_str()), (TranscriptForm::Text, "Good morning."));
        assert!(matches!(written(&read, TranscriptForm::Vtt), Err(AppError::Invalid { .. })));
    }
}
