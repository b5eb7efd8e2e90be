//! What a model says to an order, after length, stop texts and the number of choices have been applied.

use serde_json::{Map, Value, json};

use crate::chance::Chance;
use crate::models::Voice;
use crate::pieces;
use crate::request::{Form, Order};
use crate::speech;

/// A bit of text that arrives in one delta.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    /// The tokens it consists of, when they are not the text as a whole: a character can be two tokens.
    pub(crate) tokens: Vec<Vec<u8>>,
}

impl Piece {
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), tokens: Vec::new() }
    }

    pub(crate) fn token_count(&self) -> usize {
        self.tokens.len().max(1)
    }
}

pub(crate) fn pieces_of(text: &str) -> Vec<Piece> {
    pieces::cut(text).into_iter().map(Piece::new).collect()
}

/// A tool that is called: a function with arguments as JSON text, or a custom tool with free text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) custom: bool,
    pub(crate) input: Vec<Piece>,
}

/// What a model would say if nothing limited it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Reply {
    pub(crate) reasoning: Vec<Piece>,
    pub(crate) content: Vec<Piece>,
    /// Instead of content: why there is none.
    pub(crate) refusal: Vec<Piece>,
    pub(crate) calls: Vec<Call>,
    /// A filter ended it.
    pub(crate) filtered: bool,
    /// It ran out of tokens by itself.
    pub(crate) cut: bool,
    /// The content is said aloud, and its text is what was said.
    pub(crate) spoken: Option<speech::Format>,
}

impl Reply {
    pub(crate) fn text(text: &str) -> Self {
        Self { content: pieces_of(text), ..Self::default() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    Stop,
    Length,
    ToolCalls,
    ContentFilter,
}

impl Finish {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Finish::Stop => "stop",
            Finish::Length => "length",
            Finish::ToolCalls => "tool_calls",
            Finish::ContentFilter => "content_filter",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    pub(crate) reply: Reply,
    pub(crate) finish: Finish,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) prompt: usize,
    pub(crate) completion: usize,
    pub(crate) reasoning: usize,
}

impl Usage {
    /// With the details that OpenAI and Scale send, or the three plain counts of ScaiGrid.
    pub(crate) fn json(self, details: bool) -> Value {
        let mut usage = Map::new();
        usage.insert("prompt_tokens".into(), self.prompt.into());
        usage.insert("completion_tokens".into(), self.completion.into());
        usage.insert("total_tokens".into(), (self.prompt + self.completion).into());
        if details {
            usage.insert("prompt_tokens_details".into(), json!({ "cached_tokens": 0, "audio_tokens": 0 }));
        }
        if details || self.reasoning > 0 {
            let mut completion = Map::new();
            completion.insert("reasoning_tokens".into(), self.reasoning.into());
            if details {
                for name in ["audio_tokens", "accepted_prediction_tokens", "rejected_prediction_tokens"] {
                    completion.insert(name.into(), 0.into());
                }
            }
            usage.insert("completion_tokens_details".into(), completion.into());
        }
        usage.into()
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) choices: Vec<Choice>,
    pub(crate) usage: Usage,
}

/// The whole answer. Choice `i` is the answer to the seed plus `i`.
pub(crate) fn compose(order: &Order, voice: &Voice) -> Answer {
    let seeds = (0..order.choices as u64).map(|index| order.seed.wrapping_add(index));
    let choices: Vec<_> = match &order.form {
        Form::Chat => {
            let reply = |seed| Reply { spoken: order.spoken, ..voice.reply(order, seed) };
            seeds.map(|seed| limit(order, reply(seed))).collect()
        }
        Form::Responses(_) => seeds.map(|seed| limit(order, voice.reply(order, seed))).collect(),
        Form::Generic(_) | Form::Generate => {
            seeds.map(|seed| limit(order, only_text(voice.reply(order, seed)))).collect()
        }
        Form::Completions(prompts) => {
            let asked = prompts.texts.iter().map(|prompt| order.with_prompt(prompt));
            asked
                .flat_map(|asked| {
                    let answer = |seed| limit(&asked, only_text(voice.reply(&asked, seed)));
                    seeds.clone().map(answer).collect::<Vec<_>>()
                })
                .collect()
        }
    };
    let usage = choices.iter().fold(Usage { prompt: order.prompt_tokens, ..Usage::default() }, |usage, choice| {
        let reasoning = count(&choice.reply.reasoning);
        let calls: usize = choice.reply.calls.iter().map(|call| 1 + count(&call.input)).sum();
        Usage {
            completion: usage.completion
                + reasoning
                + count(&choice.reply.content)
                + count(&choice.reply.refusal)
                + calls,
            reasoning: usage.reasoning + reasoning,
            ..usage
        }
    });
    Answer { choices, usage }
}

/// Where an answer is one text, it holds what was said and neither thoughts nor calls.
fn only_text(reply: Reply) -> Reply {
    let Reply { mut content, mut refusal, filtered, cut, .. } = reply;
    content.append(&mut refusal);
    Reply { content, filtered, cut, ..Reply::default() }
}

pub(crate) fn count(pieces: &[Piece]) -> usize {
    pieces.iter().map(Piece::token_count).sum()
}

fn limit(order: &Order, mut reply: Reply) -> Choice {
    let mut finish = match (reply.filtered, reply.calls.is_empty()) {
        (true, _) => Finish::ContentFilter,
        (false, true) if reply.cut => Finish::Length,
        (false, true) => Finish::Stop,
        (false, false) => Finish::ToolCalls,
    };
    apply_stop(&mut reply.content, &order.stop);
    if let Some(maximum) = order.maximum_tokens {
        let mut left = maximum;
        let mut cut = shorten(&mut reply.reasoning, &mut left);
        cut |= shorten(&mut reply.content, &mut left);
        cut |= shorten(&mut reply.refusal, &mut left);
        reply.calls.retain_mut(|call| {
            // The name of the function is a token too.
            if left == 0 {
                cut = true;
                return false;
            }
            left -= 1;
            cut |= shorten(&mut call.input, &mut left);
            true
        });
        if cut {
            finish = Finish::Length;
        }
    }
    Choice { reply, finish }
}

/// Keeps the pieces whose tokens fit into `left`; true when some did not.
fn shorten(pieces: &mut Vec<Piece>, left: &mut usize) -> bool {
    for (kept, piece) in pieces.iter().enumerate() {
        if piece.token_count() > *left {
            // A character that fits by half is not sent, but uses up what is left.
            *left = 0;
            pieces.truncate(kept);
            return true;
        }
        *left -= piece.token_count();
    }
    false
}

/// Ends the text before the first stop text, cutting a piece if it must.
fn apply_stop(content: &mut Vec<Piece>, stop: &[String]) {
    if stop.is_empty() {
        return;
    }
    let text: String = content.iter().map(|piece| piece.text.as_str()).collect();
    let Some(end) = stop.iter().filter_map(|stop| text.find(stop.as_str())).min() else { return };
    let mut length = 0;
    for index in 0..content.len() {
        let next = length + content[index].text.len();
        if next > end {
            content[index].text.truncate(end - length);
            content[index].tokens.clear();
            let keep = if content[index].text.is_empty() { index } else { index + 1 };
            content.truncate(keep);
            return;
        }
        length = next;
    }
}

/// The log probabilities of one piece, in OpenAI's form, with `alternatives` other candidates for each token.
pub(crate) fn logprobs(piece: &Piece, seed: u64, alternatives: usize) -> Vec<Value> {
    let whole = [piece.text.as_bytes().to_vec()];
    let tokens = if piece.tokens.is_empty() { &whole[..] } else { &piece.tokens };
    tokens
        .iter()
        .enumerate()
        .map(|(index, token)| logprob(token, seed.wrapping_add(index as u64), alternatives))
        .collect()
}

const OTHER_WORDS: &[&str] = &[
    " the", " a", " and", " of", " to", " in", " that", " it", " is", " for", ",", ".", " with", " as", " on", " this",
    " by", " from", " or", " an", "\n",
];

fn logprob(token: &[u8], seed: u64, alternatives: usize) -> Value {
    let mut chance =
        Chance::new(seed ^ token.iter().fold(7, |hash: u64, byte| hash.wrapping_mul(31) + u64::from(*byte)));
    // The chosen token holds most of the probability; each alternative half of what is left.
    let chosen = 0.45 + 0.54 * chance.fraction();
    let mut candidates = vec![(token.to_vec(), chosen)];
    let mut left = 1.0 - chosen;
    let first = chance.below(OTHER_WORDS.len());
    let others = (0..OTHER_WORDS.len()).map(|step| OTHER_WORDS[(first + step) % OTHER_WORDS.len()].as_bytes());
    for other in others.filter(|other| *other != token).take(alternatives.saturating_sub(1)) {
        left /= 2.0;
        candidates.push((other.to_vec(), left));
    }
    candidates.truncate(alternatives);
    let mut object = candidate(token, chosen);
    candidates.sort_by(|one, other| other.1.total_cmp(&one.1));
    let top: Vec<_> = candidates.iter().map(|(bytes, share)| Value::Object(candidate(bytes, *share))).collect();
    object.insert("top_logprobs".into(), top.into());
    object.into()
}

fn candidate(token: &[u8], share: f64) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("token".into(), spelled(token).into());
    // Four decimals are plenty to look at and keep the frames short.
    object.insert("logprob".into(), ((share.ln() * 10_000.0).round() / 10_000.0).into());
    object.insert("bytes".into(), token.into());
    object
}

/// A token that is no text on its own is written as its bytes.
fn spelled(token: &[u8]) -> String {
    match std::str::from_utf8(token) {
        Ok(text) => text.to_owned(),
        Err(_) => token.iter().map(|byte| format!("\\x{byte:02x}")).collect(),
    }
}
