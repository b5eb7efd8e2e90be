//! The models. Their names say what they do.

mod coin;
mod judge;
mod schemas;
mod tools;
mod values;

use std::time::Duration;

use juxta_wire::endpoint::EndpointKind;
use juxta_wire::window::SandboxModel;
use serde_json::{Map, Value};

use crate::answer::{Answer, Choice, Finish, Piece, Reply, Usage, pieces_of};
use crate::batches::faults as batch;
use crate::content;
use crate::delivery::Pace;
use crate::faults::{self, Fault};
use crate::media::models as media;
use crate::request::{Form, Format, Order};
use crate::responses::items::{self, ItemModel};
use crate::sample;
use schemas::SchemaModel;
use values::ValueModel;

/// What stands before every model's name.
pub(crate) const VENDOR: &str = "sandbox/";
/// Before the name of a scenario.
pub(crate) const FAULT: &str = "fault/";
/// The longest answer a `rate-…x…`, `thinks-…x…` or `flood-…` name may ask for.
const MOST_TOKENS: usize = 5_000_000;
/// The model whose dialogues take several steps.
const STEPS: &str = "tools-steps";
/// Who answers the rows of batches whose model stands for what goes on with them.
const SHORT: &str = "sandbox/short";
/// The model that continues prompts.
const COMPLETE: &str = "complete";
/// Tokens of `long` and of a plain `flood`.
const LONG: usize = 20_000;

struct Model {
    name: &'static str,
    description: &'static str,
    pace: Pace,
    speak: fn(&Order, u64) -> Reply,
}

const fn pace(first_token_ms: u64, tokens_per_second: f64) -> Pace {
    Pace { first_token: Duration::from_millis(first_token_ms), tokens_per_second: Some(tokens_per_second) }
}

/// The first is the default.
const MODELS: &[Model] = &[
    Model {
        name: "steady",
        description: "A page of prose at about 80 tokens a second, with the unevenness of a real model.",
        pace: pace(180, 80.0),
        speak: |_, seed| Reply::text(&content::steady(seed)),
    },
    Model {
        name: "short",
        description: "Two or three sentences.",
        pace: pace(120, 60.0),
        speak: |_, seed| Reply::text(content::short(seed)),
    },
    Model {
        name: "markdown",
        description: "Everything Markdown has: headings, nested lists, tables, code in several languages, links, an image.",
        pace: pace(200, 120.0),
        speak: |_, seed| Reply::text(&content::markdown(seed)),
    },
    Model {
        name: "reasoning",
        description: "Thinks aloud first, or in summaries when asked. reasoning_effort decides for how long.",
        pace: pace(400, 90.0),
        speak: |order, seed| Reply {
            reasoning: pieces_of(&content::reasoning(order.reasoning_effort.as_deref())),
            ..Reply::text(content::reasoned_answer(seed))
        },
    },
    Model {
        name: "tools",
        description: "Calls the tools it is offered, two at once if it may, and answers from their results.",
        pace: pace(220, 80.0),
        speak: tools::answer,
    },
    Model {
        name: STEPS,
        description: "Calls two tools at once, then one more, then answers. Refuses unless each call was answered once.",
        pace: pace(220, 80.0),
        speak: tools::answer_in_steps,
    },
    Model {
        name: "logprobs",
        description: "Text in which some characters are two tokens. Ask for logprobs to see them.",
        pace: pace(160, 60.0),
        speak: |_, seed| Reply { content: halved(content::emoji_prose(seed)), ..Reply::default() },
    },
    Model {
        name: "audio",
        description: "Made to be heard: with audio among modalities it speaks, in the formats wav and pcm16, as every model does.",
        pace: pace(160, 20.0),
        speak: |_, seed| Reply::text(content::short(seed)),
    },
    Model {
        name: "json",
        description: "Answers in JSON when response_format or text.format asks for it, and follows a schema.",
        pace: pace(160, 90.0),
        speak: speak_json,
    },
    Model {
        name: "echo",
        description: "Repeats the last user message, or the args of generic inference.",
        pace: pace(80, 120.0),
        speak: |order, _| Reply::text(order.last_user_text().unwrap_or("There was no user message to repeat.")),
    },
    Model {
        name: judge::NAME,
        description: judge::DESCRIPTION,
        pace: pace(80, 120.0),
        speak: |order, _| judge::answer(order.last_user_text().unwrap_or_default()),
    },
    Model {
        name: "refusal",
        description: "Declines, in the member that is made for it.",
        pace: pace(160, 60.0),
        speak: |_, _| Reply { refusal: pieces_of(content::REFUSAL), ..Reply::default() },
    },
    Model {
        name: "filtered",
        description: "Stops in the middle, because a content filter stepped in.",
        pace: pace(160, 60.0),
        speak: |_, seed| Reply { content: first_half(content::short(seed)), filtered: true, ..Reply::default() },
    },
    Model {
        name: COMPLETE,
        description: "Continues a prompt: made for completions and generate.",
        pace: pace(120, 80.0),
        speak: |_, seed| Reply::text(content::continuation(seed)),
    },
    Model {
        name: "unicode",
        description: "Emoji, Chinese, Japanese, Korean, Arabic, Hebrew, and letters with combining marks.",
        pace: pace(160, 60.0),
        speak: |_, _| Reply::text(content::UNICODE),
    },
    Model {
        name: "long",
        description: "20,000 tokens of Markdown with code and tables, 200 a second.",
        pace: pace(250, 200.0),
        speak: |_, seed| Reply { content: content::book(LONG, seed), ..Reply::default() },
    },
    Model {
        name: "fast",
        description: "1,000 tokens a second.",
        pace: pace(60, 1000.0),
        speak: |_, seed| Reply { content: content::book(2_000, seed), ..Reply::default() },
    },
];

const FLOOD: &str = "20,000 tokens from prepared bytes, as fast as the socket takes them. flood-N sends N.";

/// What a model was made for. It answers everywhere, with a text where it has nothing better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Chat,
    /// Items, which only responses have.
    Items,
    /// Values, which only generic inference has.
    Values,
    Prompts,
    /// Vectors, pictures or sounds, at the one endpoint that has them.
    Media(EndpointKind),
}

pub(crate) fn purpose(id: &str) -> Purpose {
    if let Some(endpoint) = media::endpoint_of(id) {
        return Purpose::Media(endpoint);
    }
    match Voice::find(id).map(|voice| voice.speech) {
        Some(Speech::Items(_)) => Purpose::Items,
        Some(Speech::Value(_)) => Purpose::Values,
        _ if id.strip_prefix(VENDOR) == Some(COMPLETE) => Purpose::Prompts,
        _ => Purpose::Chat,
    }
}

/// Every model a request may name, then every scenario as a model. `rate-…x…`, `thinks-…x…` and `coin-…` names are open ended: one of each is listed.
pub(crate) fn listing() -> Vec<SandboxModel> {
    let model = |name: &str, description: &str| SandboxModel {
        id: format!("{VENDOR}{name}"),
        description: description.to_owned(),
    };
    let mut models: Vec<_> = MODELS.iter().map(|entry| model(entry.name, entry.description)).collect();
    models.extend(items::MODELS.iter().map(|entry| model(entry.name, entry.description)));
    models.extend(schemas::MODELS.iter().map(|entry| model(entry.name, entry.description)));
    models.extend(values::MODELS.iter().map(|entry| model(entry.name, entry.description)));
    models.extend(media::MODELS.iter().map(|entry| model(entry.name, entry.description)));
    models.push(model("flood", FLOOD));
    models.push(model("rate-1000x20000", "1,000 tokens a second, 20,000 of them. Any other two numbers work too."));
    models.push(model("coin-0.7", coin::DESCRIPTION));
    models.push(model("thinks-1000x20000", "The same length and speed, with a tenth of it as reasoning."));
    models.extend(batch::WORDS.iter().map(|word| model(&format!("{}{}", batch::MODEL, word.name), word.description)));
    models.extend(faults::FAULTS.iter().map(|fault| model(&format!("{FAULT}{}", fault.name), fault.description)));
    models
}

/// A model that a request named.
pub(crate) struct Voice {
    pub(crate) pace: Pace,
    speech: Speech,
    /// The scenario that is part of the name.
    pub(crate) fault: Option<&'static Fault>,
    /// Calls and answers have to match.
    strict: bool,
}

#[derive(Clone, Copy)]
enum Speech {
    Model(fn(&Order, u64) -> Reply),
    Items(&'static ItemModel),
    Value(&'static ValueModel),
    Schema(&'static SchemaModel),
    /// Markdown of this many tokens.
    Book(usize),
    /// The same with its first tenth as reasoning.
    Thoughts(usize),
    Flood(usize),
    /// Yes, this often.
    Coin(f64),
}

impl Voice {
    /// `None` when there is no such model.
    pub(crate) fn find(id: &str) -> Option<Self> {
        let name = id.strip_prefix(VENDOR)?;
        if let Some(fault) = name.strip_prefix(FAULT) {
            let fault = faults::find(fault)?;
            return Some(Self { fault: Some(fault), ..Self::find(&format!("{VENDOR}{}", fault.spoken_by))? });
        }
        if let Some(word) = name.strip_prefix(batch::MODEL) {
            return if batch::is_word(word) { Self::find(SHORT) } else { None };
        }
        if let Some(model) = MODELS.iter().find(|model| model.name == name) {
            return Some(Self {
                pace: model.pace,
                speech: Speech::Model(model.speak),
                fault: None,
                strict: name == STEPS,
            });
        }
        let at = |speech| Some(Self { pace: pace(180, 80.0), speech, fault: None, strict: false });
        if let Some(model) = items::MODELS.iter().find(|model| model.name == name) {
            return at(Speech::Items(model));
        }
        if let Some(model) = values::MODELS.iter().find(|model| model.name == name) {
            return at(Speech::Value(model));
        }
        if let Some(model) = schemas::MODELS.iter().find(|model| model.name == name) {
            let voice = Self { pace: pace(160, 40.0), speech: Speech::Schema(model), fault: None, strict: false };
            return Some(voice);
        }
        if let Some(rate) = coin::rate(name) {
            return Some(Self { pace: pace(20, 200.0), speech: Speech::Coin(rate), fault: None, strict: false });
        }
        if name == "flood" {
            return Some(Self { pace: Pace::FLAT_OUT, speech: Speech::Flood(LONG), fault: None, strict: false });
        }
        if let Some(tokens) = name.strip_prefix("flood-") {
            return Some(Self {
                pace: Pace::FLAT_OUT,
                speech: Speech::Flood(length(tokens)?),
                fault: None,
                strict: false,
            });
        }
        let (numbers, speech): (&str, fn(usize) -> Speech) = match name.strip_prefix("thinks-") {
            Some(numbers) => (numbers, Speech::Thoughts),
            None => (name.strip_prefix("rate-")?, Speech::Book),
        };
        let (rate, tokens) = numbers.split_once('x')?;
        let rate: f64 = rate.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate >= 0.0)?;
        Some(Self { pace: pace(100, 1.0).at(rate), speech: speech(length(tokens)?), fault: None, strict: false })
    }

    /// Tokens of an answer that is sent from prepared bytes.
    pub(crate) fn flood(&self) -> Option<usize> {
        match self.speech {
            Speech::Flood(tokens) => Some(tokens),
            Speech::Model(_)
            | Speech::Items(_)
            | Speech::Value(_)
            | Speech::Schema(_)
            | Speech::Book(_)
            | Speech::Thoughts(_)
            | Speech::Coin(_) => None,
        }
    }

    /// Whether calls and answers have to match, as with a real server. The other models forgive.
    pub(crate) fn minds_the_dialogue(&self) -> bool {
        self.strict
    }

    /// Whether it answers one question differently from call to call.
    pub(crate) fn tosses(&self) -> bool {
        matches!(self.speech, Speech::Coin(_))
    }

    /// The scene it plays instead of talking, when the order is one for items.
    pub(crate) fn items(&self) -> Option<&'static ItemModel> {
        match self.speech {
            Speech::Items(model) => Some(model),
            Speech::Model(_)
            | Speech::Value(_)
            | Speech::Schema(_)
            | Speech::Book(_)
            | Speech::Thoughts(_)
            | Speech::Flood(_)
            | Speech::Coin(_) => None,
        }
    }

    /// The value it answers to generic inference; `None` when it talks.
    pub(crate) fn value(&self, order: &Order) -> Option<Value> {
        let Form::Generic(args) = &order.form else { return None };
        match self.speech {
            Speech::Value(model) => Some((model.value)(args)),
            Speech::Model(_) if order.model == "sandbox/echo" => Some(args.clone().into()),
            Speech::Model(_)
            | Speech::Items(_)
            | Speech::Schema(_)
            | Speech::Book(_)
            | Speech::Thoughts(_)
            | Speech::Flood(_)
            | Speech::Coin(_) => None,
        }
    }

    /// What it says to an order. A tool that must be called is called by every model.
    pub(crate) fn reply(&self, order: &Order, seed: u64) -> Reply {
        if tools::must_be_called(order) && !order.tools.is_empty() {
            return tools::answer(order, seed);
        }
        match self.speech {
            Speech::Model(speak) => speak(order, seed),
            Speech::Schema(model) => model.answer(order, seed),
            Speech::Items(_) => Reply::text("I show what output items look like. Call me at the responses endpoint."),
            Speech::Value(model) => Reply::text(&format!("{:#}", (model.value)(&Map::new()))),
            Speech::Book(tokens) | Speech::Flood(tokens) => {
                Reply { content: content::book(tokens, seed), ..Reply::default() }
            }
            Speech::Coin(rate) => coin::toss(rate, seed),
            Speech::Thoughts(tokens) => {
                let mut reasoning = content::book(tokens, seed);
                let content = reasoning.split_off(tokens / 10);
                Reply { reasoning, content, ..Reply::default() }
            }
        }
    }
}

/// The answer whose frames the flood repeats.
pub(crate) fn flood_answer() -> Answer {
    let reply = Reply { content: content::book(LONG, 0), ..Reply::default() };
    Answer { choices: vec![Choice { reply, finish: Finish::Stop }], usage: Usage::default() }
}

fn length(tokens: &str) -> Option<usize> {
    tokens.parse().ok().filter(|tokens| (1..=MOST_TOKENS).contains(tokens))
}

fn speak_json(order: &Order, seed: u64) -> Reply {
    match &order.format {
        Format::JsonObject => Reply::text(&format!("{:#}", sample::free_object(seed))),
        Format::JsonSchema(schema) => Reply::text(&sample::value(schema, seed).to_string()),
        Format::Text => Reply::text(
            "Set `response_format`, or `text.format` in responses, to `{\"type\":\"json_object\"}` or to a JSON schema, and this \
             answer becomes JSON.",
        ),
    }
}

fn first_half(text: &str) -> Vec<Piece> {
    let mut pieces = pieces_of(text);
    pieces.truncate(pieces.len() / 2);
    pieces
}

/// Text whose four-byte characters are two tokens each, as with byte-level tokenizers.
fn halved(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for mut piece in pieces_of(text) {
        if let Some(at) = piece.text.char_indices().find(|(_, character)| character.len_utf8() == 4).map(|(at, _)| at) {
            let bytes = piece.text.as_bytes();
            piece.tokens = vec![bytes[..at + 2].to_vec(), bytes[at + 2..].to_vec()];
        }
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_model_can_be_named_in_a_request() {
        for model in listing() {
            let is_media = matches!(purpose(&model.id), Purpose::Media(_));
            assert_ne!(Voice::find(&model.id).is_some(), is_media, "{}", model.id);
        }
    }

    #[test]
    fn names_with_numbers_are_read_and_nonsense_is_refused() {
        assert_eq!(Voice::find("sandbox/rate-250x40").expect("a voice").pace.tokens_per_second, Some(250.0));
        assert_eq!(Voice::find("sandbox/flood-7").expect("a voice").flood(), Some(7));
        for id in [
            "steady",
            "sandbox/",
            "sandbox/none",
            "sandbox/rate-x9",
            "sandbox/rate-9",
            "sandbox/rate-9x0",
            "sandbox/thinks-9",
            "sandbox/coin-",
            "sandbox/coin-1.5",
            "sandbox/coin-NaN",
            "sandbox/flood-99999999",
            "sandbox/fault/none",
            "other/steady",
        ] {
            assert!(Voice::find(id).is_none(), "{id}");
        }
    }

    #[test]
    fn half_characters_are_tokens_of_their_own_and_join_again() {
        let pieces = halved("A 🌊 wave");
        let split: Vec<_> = pieces.iter().filter(|piece| !piece.tokens.is_empty()).collect();
        assert_eq!(split.len(), 1);
        assert!(std::str::from_utf8(&split[0].tokens[0]).is_err(), "the first token ends inside the character");
        assert_eq!(split[0].tokens.concat(), split[0].text.as_bytes());
    }
}
