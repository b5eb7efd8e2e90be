//! Completions and generate: plain text that goes on from a prompt.

use juxta_wire::endpoint::Dialect;
use serde_json::{Map, Value, json};

use super::{Frame, FrameKind, Frames, Heading, Spelling, UsageMember, text_of};
use crate::answer::{Answer, Choice, Piece, logprobs, pieces_of};
use crate::request::Prompts;

/// Puts the prompts in front of their answers and the suffix behind them, where that was asked for.
pub(crate) fn echo(answer: &mut Answer, prompts: &Prompts) {
    if !prompts.echo || prompts.texts.is_empty() {
        return;
    }
    let answers_each = answer.choices.len() / prompts.texts.len();
    for (index, choice) in answer.choices.iter_mut().enumerate() {
        let prompt = prompts.texts.get(index / answers_each.max(1)).map(|text| pieces_of(text)).unwrap_or_default();
        choice.reply.content.splice(0..0, prompt);
        choice.reply.content.extend(prompts.suffix.iter().flat_map(|suffix| pieces_of(suffix)));
    }
}

/// The answer in one piece. `envelope` is ScaiGrid's.
pub(crate) fn whole(heading: &Heading, answer: &Answer, spelling: Spelling, request_id: &str) -> Value {
    let choices: Vec<_> =
        answer.choices.iter().enumerate().map(|(index, choice)| whole_choice(index, choice, spelling)).collect();
    let mut body = opening(heading);
    body.insert("choices".into(), choices.into());
    if spelling.usage != UsageMember::Never {
        body.insert("usage".into(), answer.usage.json(heading.dialect != Dialect::ScaigridV1));
    }
    match heading.dialect {
        Dialect::ScaigridV1 => json!({ "status": "ok", "data": body, "meta": { "request_id": request_id } }),
        Dialect::ScaleV5 | Dialect::OpenAi => body.into(),
    }
}

fn opening(heading: &Heading) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("id".into(), heading.id.as_str().into());
    body.insert("object".into(), "text_completion".into());
    body.insert("created".into(), heading.created.into());
    body.insert("model".into(), heading.model.as_str().into());
    if heading.is_openai() {
        body.insert("system_fingerprint".into(), "fp_sandbox".into());
    }
    body
}

fn choice_json(index: usize, text: &str, logprobs: Value, finish: Option<&str>) -> Value {
    json!({ "text": text, "index": index, "logprobs": logprobs, "finish_reason": finish })
}

fn whole_choice(index: usize, choice: &Choice, spelling: Spelling) -> Value {
    let content = &choice.reply.content;
    let mut columns = spelling.top_logprobs.map(|alternatives| Columns::new(alternatives, spelling.seed));
    if let Some(columns) = &mut columns {
        content.iter().for_each(|piece| columns.add(piece));
    }
    let logprobs = columns.map_or(Value::Null, Columns::take);
    choice_json(index, &text_of(content), logprobs, Some(choice.finish.name()))
}

/// The log probabilities of this endpoint are columns and not rows.
#[derive(Default)]
struct Columns {
    alternatives: usize,
    seed: u64,
    pieces: u64,
    characters: usize,
    tokens: Vec<Value>,
    token_logprobs: Vec<Value>,
    top_logprobs: Vec<Value>,
    text_offset: Vec<Value>,
}

impl Columns {
    fn new(alternatives: usize, seed: u64) -> Self {
        Self { alternatives, seed, ..Self::default() }
    }

    fn add(&mut self, piece: &Piece) {
        let rows = logprobs(piece, self.seed.wrapping_add(self.pieces << 8), self.alternatives);
        self.pieces += 1;
        for row in rows {
            let top: Map<String, Value> = row["top_logprobs"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|other| Some((other["token"].as_str()?.to_owned(), other["logprob"].clone())))
                .collect();
            self.tokens.push(row["token"].clone());
            self.token_logprobs.push(row["logprob"].clone());
            self.top_logprobs.push(top.into());
            self.text_offset.push(self.characters.into());
        }
        self.characters += piece.text.chars().count();
    }

    /// What was added since the last time.
    fn take_rows(&mut self) -> Value {
        json!({
            "tokens": std::mem::take(&mut self.tokens),
            "token_logprobs": std::mem::take(&mut self.token_logprobs),
            "top_logprobs": std::mem::take(&mut self.top_logprobs),
            "text_offset": std::mem::take(&mut self.text_offset),
        })
    }

    fn take(mut self) -> Value {
        self.take_rows()
    }
}

/// One choice while it is sent.
struct Telling {
    index: usize,
    pieces: std::vec::IntoIter<Piece>,
    finish: Option<&'static str>,
    columns: Option<Columns>,
}

/// All frames of a stream. Choices take turns, token by token.
pub(crate) fn stream(heading: &Heading, answer: Answer, spelling: Spelling) -> Frames {
    let opening = opening(heading);
    let usage = answer.usage.json(true);
    let mut tellings: Vec<Telling> = answer
        .choices
        .into_iter()
        .enumerate()
        .map(|(index, choice)| Telling {
            index,
            pieces: choice.reply.content.into_iter(),
            finish: Some(choice.finish.name()),
            columns: spelling.top_logprobs.map(|alternatives| Columns::new(alternatives, spelling.seed)),
        })
        .collect();
    let frame = move |kind, choices: Value, usage: Option<&Value>| {
        let mut body = opening.clone();
        body.insert("choices".into(), choices);
        if let Some(usage) = usage {
            body.insert("usage".into(), usage.clone());
        }
        Frame::new(kind, &Value::from(body).to_string())
    };
    let own = match spelling.usage {
        UsageMember::OnOwnChunk => Some(json!([])),
        UsageMember::OnEmptyChoice => Some(json!([{ "index": 0, "text": "" }])),
        UsageMember::Never | UsageMember::OnFinish => None,
    };
    let own = own.map(|choices| frame(FrameKind::Usage, choices, Some(&usage)));
    let mut ending = [own, spelling.done.then(Frame::done)].into_iter().flatten();
    let mut turn = 0;
    Box::new(std::iter::from_fn(move || {
        while !tellings.is_empty() {
            turn %= tellings.len();
            let telling = &mut tellings[turn];
            if let Some(piece) = telling.pieces.next() {
                turn += 1;
                let logprobs = telling.columns.as_mut().map_or(Value::Null, |columns| {
                    columns.add(&piece);
                    columns.take_rows()
                });
                let choice = choice_json(telling.index, &piece.text, logprobs, None);
                return Some(frame(FrameKind::Token, json!([choice]), None));
            }
            if let Some(finish) = telling.finish.take() {
                let choice = choice_json(telling.index, "", Value::Null, Some(finish));
                return Some(frame(FrameKind::Finish, json!([choice]), None));
            }
            drop(tellings.remove(turn));
        }
        ending.next()
    }))
}
