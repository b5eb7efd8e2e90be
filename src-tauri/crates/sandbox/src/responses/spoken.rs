//! What a text model says, as items: its thoughts, its message, its calls.

use serde_json::{Value, json};

use super::script::{TextKind, TextPart};
use super::{Ending, Logprobs, Performance, Script, Stage};
use crate::answer::{Answer, Call, Finish, Piece};
use crate::frames::text_of;

pub(crate) fn spoken(stage: &mut Stage<'_>, answer: Answer) -> Performance {
    let usage = answer.usage;
    let mut scripts = Vec::new();
    let mut ending = Ending::Completed;
    for choice in answer.choices {
        let incomplete = match choice.finish {
            Finish::Length => Some("max_output_tokens"),
            Finish::ContentFilter => Some("content_filter"),
            Finish::Stop | Finish::ToolCalls => None,
        };
        ending = incomplete.map_or(ending, Ending::Incomplete);
        let reply = choice.reply;
        if !reply.reasoning.is_empty() {
            scripts.push(reasoning(stage, reply.reasoning));
        }
        if !reply.refusal.is_empty() {
            scripts.push(message(stage, TextPart::plain(TextKind::Refusal, reply.refusal), None));
        }
        if !reply.content.is_empty() {
            let seed = stage.order.seed;
            let logprobs =
                stage.order.top_logprobs.map_or(Logprobs::Empty, |alternatives| Logprobs::Of { alternatives, seed });
            let part = TextPart { logprobs, ..TextPart::plain(TextKind::Output, reply.content) };
            scripts.push(message(stage, part, None));
        }
        scripts.extend(reply.calls.into_iter().map(|call| tool_call(stage, call)));
        if incomplete.is_some()
            && let Some(status) = scripts.last_mut().and_then(|last| last.closing.get_mut("status"))
        {
            *status = "incomplete".into();
        }
    }
    Performance { scripts, ending, usage }
}

/// A message of one part. `phase` is said by models that comment on what they are about to do.
pub(crate) fn message(stage: &mut Stage<'_>, part: TextPart, phase: Option<&str>) -> Script {
    let mut item = json!({ "id": stage.id("msg"), "type": "message", "role": "assistant", "status": "completed",
        "content": [part.whole()] });
    if let Some(phase) = phase {
        item["phase"] = phase.into();
    }
    Script::of(item).beginning(json!({ "content": [] })).text_part(0, &part)
}

/// Thoughts as they are, or as a summary when that was asked for: one part for each paragraph.
pub(crate) fn reasoning(stage: &mut Stage<'_>, thoughts: Vec<Piece>) -> Script {
    let mut item = json!({ "id": stage.id("rs"), "type": "reasoning", "summary": [], "status": "completed" });
    if stage.chain.encrypted_reasoning {
        // Nothing is encrypted here; what matters is that it comes back as it was.
        item["encrypted_content"] = format!("gAAAA{}", stage.base.repeat(6)).into();
    }
    if !stage.chain.summary {
        let part = TextPart::plain(TextKind::Reasoning, thoughts);
        item["content"] = json!([part.whole()]);
        return Script::of(item).beginning(json!({ "content": [] })).text_part(0, &part);
    }
    let text = text_of(&thoughts);
    let paragraphs: Vec<&str> = text.split("\n\n").collect();
    item["summary"] = paragraphs.iter().map(|text| summary_part(text)).collect();
    let mut script = Script::of(item).beginning(json!({ "summary": [] }));
    for (index, paragraph) in paragraphs.iter().enumerate() {
        script = script
            .event("response.reasoning_summary_part.added", json!({ "summary_index": index, "part": summary_part("") }))
            .deltas("response.reasoning_summary_text.delta", json!({ "summary_index": index }), paragraph)
            .event("response.reasoning_summary_text.done", json!({ "summary_index": index, "text": paragraph }))
            .event(
                "response.reasoning_summary_part.done",
                json!({ "summary_index": index, "part": summary_part(paragraph) }),
            );
    }
    script
}

pub(crate) fn summary_part(text: &str) -> Value {
    json!({ "type": "summary_text", "text": text })
}

pub(crate) fn tool_call(stage: &mut Stage<'_>, call: Call) -> Script {
    let Call { id, name, custom, input } = call;
    let text = text_of(&input);
    if custom {
        let item = json!({ "id": stage.id("ctc"), "type": "custom_tool_call", "status": "completed", "call_id": id,
            "name": name, "input": text });
        return Script::of(item)
            .beginning(json!({ "input": "" }))
            .pieces("response.custom_tool_call_input.delta", json!({}), input, Logprobs::NoMember)
            .event("response.custom_tool_call_input.done", json!({ "input": text }));
    }
    let item = json!({ "id": stage.id("fc"), "type": "function_call", "status": "completed", "call_id": id,
        "name": name, "arguments": text });
    Script::of(item)
        .beginning(json!({ "arguments": "" }))
        .pieces("response.function_call_arguments.delta", json!({}), input, Logprobs::NoMember)
        .event("response.function_call_arguments.done", json!({ "name": name, "arguments": text }))
}
