//! Messages, thoughts, and the note that the context was compacted.

use serde_json::{Value, json};

use crate::answer::pieces_of;
use crate::responses::script::{TextKind, TextPart, members};
use crate::responses::spoken::{message, reasoning, summary_part};
use crate::responses::{Script, Stage};

const COMMENTARY: &str = "I will look at how the stream begins, then at how it ends.";
const THOUGHTS: &str = "The first event holds the whole response, still empty. So does the last, and by then it is full. \
    What comes between only says what changed.";
const CITED: &str = "A response is over when `response.completed` arrives [1]. The events are described in the guide [2], \
    the figures are in table.csv [3], and the chart is at sandbox:/mnt/data/chart.png.";

pub(super) fn scripts(stage: &mut Stage<'_>) -> Vec<Script> {
    let commentary = TextPart::plain(TextKind::Output, pieces_of(COMMENTARY));
    let cited = TextPart { annotations: annotations(), ..TextPart::plain(TextKind::Output, pieces_of(CITED)) };
    vec![
        message(stage, commentary, Some("commentary")),
        summarised(stage),
        reasoning(stage, pieces_of(THOUGHTS)),
        message(stage, cited, Some("final_answer")),
        compaction(stage),
    ]
}

/// The place of `what` in the text, in characters.
fn place(what: &str) -> (usize, usize) {
    let start = CITED.find(what).map_or(0, |at| CITED[..at].chars().count());
    (start, start + what.chars().count())
}

fn annotations() -> Vec<Value> {
    let ((url, url_end), (path, path_end)) = (place("[1]"), place("[3]"));
    let (file, image) = (place("[2]").1, place("sandbox:/mnt/data/chart.png").1);
    vec![
        json!({ "type": "url_citation", "url": "https://example.org/streaming?section=4#ends", "title": "How a stream ends",
            "start_index": url, "end_index": url_end }),
        json!({ "type": "file_citation", "file_id": "file_guide01", "filename": "guide.pdf", "index": file }),
        json!({ "type": "container_file_citation", "container_id": "cntr_sandbox01", "file_id": "cfile_table01",
            "filename": "table.csv", "start_index": path, "end_index": path_end }),
        json!({ "type": "file_path", "file_id": "file_chart01", "index": image }),
    ]
}

const SUMMARY: [&str; 2] = [
    "**Reading the frames**\n\nThe question is about order, so the numbers of the events come first.",
    "**Choosing an answer**\n\nTwo sentences with their sources are enough.",
];

/// A summary that was encrypted as well: what other models may have back on the next turn.
fn summarised(stage: &mut Stage<'_>) -> Script {
    let parts: Vec<_> = SUMMARY.iter().map(|text| summary_part(text)).collect();
    let item = json!({ "id": stage.id("rs"), "type": "reasoning", "summary": parts,
        "encrypted_content": "gAAAAABo".repeat(24), "status": "completed" });
    let mut script = Script::of(item).beginning(json!({ "summary": [] }));
    for (index, text) in SUMMARY.iter().enumerate() {
        let at = |with: Value| {
            let mut all = members(json!({ "summary_index": index }));
            all.extend(members(with));
            Value::from(all)
        };
        script = script
            .event("response.reasoning_summary_part.added", at(json!({ "part": summary_part("") })))
            .deltas("response.reasoning_summary_text.delta", at(json!({})), text)
            .event("response.reasoning_summary_text.done", at(json!({ "text": text })))
            .event("response.reasoning_summary_part.done", at(json!({ "part": summary_part(text) })));
    }
    script
}

fn compaction(stage: &mut Stage<'_>) -> Script {
    let item = json!({ "id": stage.id("cmp"), "type": "compaction", "encrypted_content": "gAAAAABp".repeat(40) });
    Script::of(item).beginning(json!({ "encrypted_content": "" })).work("response.compaction.compacting")
}

/// A message that somebody or something stops.
pub(super) fn half(stage: &mut Stage<'_>) -> Vec<Script> {
    let part =
        TextPart::plain(TextKind::Output, pieces_of("This answer was going well, and in its second sentence it was"));
    let mut script = message(stage, part, None);
    script.closing["status"] = "incomplete".into();
    vec![script]
}
