//! Log probabilities, which stay raw text until somebody looks at them: reading them costs many times what the text of
//! an event does.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::loose::{self, Array, Object, Raw, members};

/// Stands for "no probability" in answers that must have a number.
const NONE: f64 = -9999.0;

/// What a server says of one token.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Probability {
    /// As the server spells it; a token that is no text by itself is spelled in some way of its own.
    pub token: String,
    /// Its bytes, when they were sent.
    pub bytes: Option<Vec<u8>>,
    /// Natural logarithm; `None` when there is none, or the −9999 that stands for none.
    pub logprob: Option<f64>,
}

/// One token of an answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TokenProbability {
    pub chosen: Probability,
    /// The likeliest tokens at this place, the chosen one as a rule among them.
    pub alternatives: Vec<Probability>,
}

/// The tokens of one text of an answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    pub choice: u32,
    /// Which text of the choice: the place in the content of an output item; 0 where there is one text only.
    pub part: u64,
    /// These are the tokens of the whole text, which may have come one by one before.
    pub is_whole: bool,
    pub tokens: Vec<TokenProbability>,
}

members!(Outer {
    choices: Array<Choice<'a>> = "choices",
    data: Raw<'a> = "data",
    // An event of a response.
    output_index: Raw<'a> = "output_index",
    content_index: Raw<'a> = "content_index",
    delta: Raw<'a> = "delta",
    logprobs: Array<Token<'a>> = "logprobs",
    part: Object<Part<'a>> = "part",
    item: Object<Item<'a>> = "item",
    response: Object<Response<'a>> = "response",
    // A response as a document.
    output: Array<Item<'a>> = "output",
});

members!(Inner {
    choices: Array<Choice<'a>> = "choices",
    output: Array<Item<'a>> = "output",
});

members!(Choice {
    index: Raw<'a> = "index",
    logprobs: Object<Logprobs<'a>> = "logprobs",
});

members!(Logprobs {
    content: Array<Token<'a>> = "content",
    refusal: Array<Token<'a>> = "refusal",
    // Completions: four lists of one length; where each token begins in the text is not needed.
    tokens: Raw<'a> = "tokens",
    token_logprobs: Raw<'a> = "token_logprobs",
    top_logprobs: Raw<'a> = "top_logprobs",
});

members!(Response { output: Array<Item<'a>> = "output" });

members!(Item { content: Array<Part<'a>> = "content" });

members!(Part { logprobs: Array<Token<'a>> = "logprobs" });

members!(Token {
    token: Raw<'a> = "token",
    bytes: Raw<'a> = "bytes",
    logprob: Raw<'a> = "logprob",
    top: Array<Candidate<'a>> = "top_logprobs",
});

members!(Candidate {
    token: Raw<'a> = "token",
    bytes: Raw<'a> = "bytes",
    logprob: Raw<'a> = "logprob",
});

/// The tokens of an event or of a whole answer of any endpoint, in an envelope or not. Those of a refusal follow those of
/// the text. Empty for text that is no JSON.
pub fn logprobs(json: &str) -> Vec<Found> {
    if memchr::memmem::find(json.as_bytes(), b"logprob").is_none() {
        return Vec::new();
    }
    let json = json.trim_start_matches('\u{FEFF}');
    let Ok(Some(outer)) = loose::object::<Outer<'_>>(json) else { return Vec::new() };
    let mut found = match (outer.choices.0, outer.output.0, outer.data) {
        (Some(choices), _, _) => of_choices(choices),
        (None, Some(output), _) => of_output(output),
        (None, None, Some(data)) => {
            let inner: Inner<'_> = loose::object(data.get()).ok().flatten().unwrap_or_default();
            of_choices(inner.choices.items()).into_iter().chain(of_output(inner.output.items())).collect()
        }
        (None, None, None) => {
            let choice = loose::count(outer.output_index).and_then(|index| u32::try_from(index).ok()).unwrap_or(0);
            let place = loose::count(outer.content_index).unwrap_or(0);
            let is_whole = loose::text(outer.delta).is_none();
            let part = outer.part.0.map(|part| part.logprobs.items()).unwrap_or_default();
            let own = outer.logprobs.items().into_iter().chain(part).map(TokenProbability::from).collect();
            let own = Found { choice, part: place, is_whole, tokens: own };
            let item = outer.item.0.map(|item| of_item(choice, item)).unwrap_or_default();
            let output = outer.response.0.map(|response| of_output(response.output.items())).unwrap_or_default();
            [own].into_iter().chain(item).chain(output).collect()
        }
    };
    found.retain(|found| !found.tokens.is_empty());
    found
}

fn of_choices(choices: Vec<Choice<'_>>) -> Vec<Found> {
    let of = |(position, choice): (usize, Choice<'_>)| {
        let index = loose::count(choice.index).and_then(|index| u32::try_from(index).ok());
        let logprobs = choice.logprobs.0.unwrap_or_default();
        let listed = listed(&logprobs);
        let tokens = logprobs.content.items().into_iter().chain(logprobs.refusal.items()).map(TokenProbability::from);
        Found { choice: index.unwrap_or(position as u32), tokens: tokens.chain(listed).collect(), ..Found::default() }
    };
    choices.into_iter().enumerate().map(of).collect()
}

fn of_output(output: Vec<Item<'_>>) -> Vec<Found> {
    output.into_iter().zip(0..).flat_map(|(item, choice)| of_item(choice, item)).collect()
}

fn of_item(choice: u32, item: Item<'_>) -> Vec<Found> {
    let parts = item.content.items().into_iter().zip(0..);
    let of = |(part, place): (Part<'_>, u64)| {
        let tokens = part.logprobs.items().into_iter().map(TokenProbability::from).collect();
        Found { choice, part: place, is_whole: true, tokens }
    };
    parts.map(of).collect()
}

/// The tokens of a completion: names in one list, probabilities in others.
fn listed(logprobs: &Logprobs<'_>) -> Vec<TokenProbability> {
    let chances = loose::elements(logprobs.token_logprobs);
    let candidates = loose::elements(logprobs.top_logprobs);
    let of = |(position, token): (usize, &RawValue)| {
        let token = loose::text(Some(token)).unwrap_or_default();
        let others: BTreeMap<Cow<'_, str>, &RawValue> =
            candidates.get(position).and_then(|top| serde_json::from_str(top.get()).ok()).unwrap_or_default();
        TokenProbability {
            chosen: named(&token, chances.get(position).copied()),
            alternatives: others.into_iter().map(|(token, logprob)| named(&token, Some(logprob))).collect(),
        }
    };
    loose::elements(logprobs.tokens).into_iter().enumerate().map(of).collect()
}

fn named(token: &str, logprob: Raw<'_>) -> Probability {
    Probability { token: token.to_owned(), bytes: spelled_bytes(token), logprob: chance(logprob) }
}

/// `bytes:\xf0\x9f`: how a token that is no text by itself is spelled where there is no list of bytes.
fn spelled_bytes(token: &str) -> Option<Vec<u8>> {
    let mut rest = token.strip_prefix("bytes:")?;
    let mut bytes = Vec::new();
    while let Some(first) = rest.chars().next() {
        match rest.strip_prefix("\\x").and_then(|digits| digits.get(..2)) {
            Some(digits) => {
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = &rest[4..];
            }
            None => {
                bytes.extend_from_slice(first.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    Some(bytes)
}

impl From<Token<'_>> for TokenProbability {
    fn from(token: Token<'_>) -> Self {
        let alternatives = token.top.items().into_iter();
        Self {
            chosen: probability(token.token, token.bytes, token.logprob),
            alternatives: alternatives.map(|one| probability(one.token, one.bytes, one.logprob)).collect(),
        }
    }
}

fn probability(token: Raw<'_>, bytes: Raw<'_>, logprob: Raw<'_>) -> Probability {
    Probability {
        token: loose::text(token).unwrap_or_default().into_owned(),
        bytes: bytes.and_then(|bytes| serde_json::from_str(bytes.get()).ok()),
        logprob: chance(logprob),
    }
}

fn chance(logprob: Raw<'_>) -> Option<f64> {
    let number = logprob?.get().parse::<f64>().ok()?;
    (number.is_finite() && number > NONE).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(token: &str, bytes: Option<&[u8]>, logprob: Option<f64>) -> Probability {
        Probability { token: token.to_owned(), bytes: bytes.map(<[u8]>::to_vec), logprob }
    }

    fn found(choice: u32, part: u64, is_whole: bool, tokens: Vec<TokenProbability>) -> Found {
        Found { choice, part, is_whole, tokens }
    }

    #[test]
    fn tokens_of_a_completion_stand_in_lists() {
        let json = r#"{"choices":[{"index":1,"text":" a🌊","logprobs":{"tokens":[" a","bytes:\\xf0\\x9f","bytes: \\x8c"],
            "token_logprobs":[null,-0.5],"top_logprobs":[null,{"bytes:\\xf0\\x9f":-0.5,"b":-1.5}],"text_offset":[0,2]}},
            {"logprobs":{"tokens":"odd","token_logprobs":5}}]}"#;
        let wave = one("bytes:\\xf0\\x9f", Some(b"\xf0\x9f"), Some(-0.5));
        let tokens = vec![
            TokenProbability { chosen: one(" a", None, None), alternatives: Vec::new() },
            TokenProbability { chosen: wave.clone(), alternatives: vec![one("b", None, Some(-1.5)), wave] },
            TokenProbability { chosen: one("bytes: \\x8c", Some(b" \x8c"), None), alternatives: Vec::new() },
        ];
        assert_eq!(logprobs(json), [found(1, 0, false, tokens)]);
    }

    #[test]
    fn tokens_of_a_response_come_in_its_fragments_and_again_with_every_whole() {
        let token = r#"{"token":"Hi","logprob":-0.1,"top_logprobs":[{"token":"Hi","logprob":-0.1}]}"#;
        let hi =
            TokenProbability { chosen: one("Hi", None, Some(-0.1)), alternatives: vec![one("Hi", None, Some(-0.1))] };
        let message =
            format!(r#"{{"type":"message","content":[{{"type":"refusal"}},{{"text":"Hi","logprobs":[{token}]}}]}}"#);
        for (json, expected) in [
            (
                format!(r#"{{"output_index":2,"content_index":1,"delta":"Hi","logprobs":[{token}]}}"#),
                found(2, 1, false, vec![hi.clone()]),
            ),
            (
                format!(r#"{{"output_index":2,"content_index":1,"text":"Hi","logprobs":[{token}]}}"#),
                found(2, 1, true, vec![hi.clone()]),
            ),
            (
                format!(r#"{{"output_index":2,"content_index":1,"part":{{"text":"Hi","logprobs":[{token}]}}}}"#),
                found(2, 1, true, vec![hi.clone()]),
            ),
            (format!(r#"{{"output_index":2,"item":{message}}}"#), found(2, 1, true, vec![hi.clone()])),
            (format!(r#"{{"response":{{"output":[{{}},{message}]}}}}"#), found(1, 1, true, vec![hi.clone()])),
            (format!(r#"{{"output":[{message}]}}"#), found(0, 1, true, vec![hi.clone()])),
            (format!(r#"{{"data":{{"output":[{message}]}}}}"#), found(0, 1, true, vec![hi.clone()])),
        ] {
            assert_eq!(logprobs(&json), [expected], "{json}");
        }
    }

    #[test]
    fn tokens_come_out_of_chunks_documents_and_envelopes() {
        let logprobs_of = r#"{"content":[{"token":"Hi","bytes":[72,105],"logprob":-0.1,"top_logprobs":[
            {"token":"Hi","bytes":[72,105],"logprob":-0.1},{"token":"Ho","bytes":null,"logprob":-9999.0}]}],"refusal":null}"#;
        let expected = TokenProbability {
            chosen: one("Hi", Some(b"Hi"), Some(-0.1)),
            alternatives: vec![one("Hi", Some(b"Hi"), Some(-0.1)), one("Ho", None, None)],
        };
        for json in [
            format!(r#"{{"choices":[{{"index":2,"delta":{{"content":"Hi"}},"logprobs":{logprobs_of}}}]}}"#),
            format!(
                r#"{{"status":"ok","data":{{"choices":[{{"index":2,"message":{{}},"logprobs":{logprobs_of}}}]}}}}"#
            ),
        ] {
            assert_eq!(logprobs(&json), [found(2, 0, false, vec![expected.clone()])], "{json}");
        }
    }

    #[test]
    fn refusals_follow_and_odd_members_are_none() {
        let json = r#"{"choices":[{"logprobs":{"content":[{"token":"a","logprob":"x","bytes":[300]},5],
            "refusal":[{"token":"No","logprob":-1e-3}]}},{"logprobs":null},{"logprobs":{"content":[]}}]}"#;
        let expected = [
            TokenProbability { chosen: one("a", None, None), ..TokenProbability::default() },
            TokenProbability::default(),
            TokenProbability { chosen: one("No", None, Some(-0.001)), ..TokenProbability::default() },
        ];
        assert_eq!(logprobs(json), [found(0, 0, false, expected.to_vec())]);
        for nothing in ["", "[DONE]", "{}", "{\"logprobs\":1}", "{\"data\":{\"logprobs\":[]}}", "[\"logprobs\"]"] {
            assert_eq!(logprobs(nothing), [], "{nothing}");
        }
    }
}
