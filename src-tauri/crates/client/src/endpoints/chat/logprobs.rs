//! Log probabilities, which stay raw text until somebody looks at them: reading them costs many times what the text of
//! an event does.

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

members!(Outer {
    choices: Array<Choice<'a>> = "choices",
    data: Raw<'a> = "data",
});

members!(Inner { choices: Array<Choice<'a>> = "choices" });

members!(Choice {
    index: Raw<'a> = "index",
    logprobs: Object<Logprobs<'a>> = "logprobs",
});

members!(Logprobs {
    content: Array<Token<'a>> = "content",
    refusal: Array<Token<'a>> = "refusal",
});

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

/// The tokens of a chunk or of a whole answer, in an envelope or not: each choice with those of its text, then those of
/// its refusal. Empty for text that is no JSON.
pub fn logprobs(json: &str) -> Vec<(u32, Vec<TokenProbability>)> {
    if memchr::memmem::find(json.as_bytes(), b"logprob").is_none() {
        return Vec::new();
    }
    let json = json.trim_start_matches('\u{FEFF}');
    let Ok(Some(outer)) = loose::object::<Outer<'_>>(json) else { return Vec::new() };
    let choices = match (outer.choices.0, outer.data) {
        (Some(choices), _) => choices,
        (None, Some(data)) => match loose::object::<Inner<'_>>(data.get()) {
            Ok(inner) => inner.unwrap_or_default().choices.items(),
            Err(_) => Vec::new(),
        },
        (None, None) => Vec::new(),
    };
    let mut found = Vec::new();
    for (position, choice) in choices.into_iter().enumerate() {
        let index = loose::count(choice.index).and_then(|index| u32::try_from(index).ok()).unwrap_or(position as u32);
        let Some(logprobs) = choice.logprobs.0 else { continue };
        let tokens = logprobs.content.items().into_iter().chain(logprobs.refusal.items());
        let tokens: Vec<TokenProbability> = tokens.map(TokenProbability::from).collect();
        if !tokens.is_empty() {
            found.push((index, tokens));
        }
    }
    found
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
        logprob: logprob
            .and_then(|number| number.get().parse::<f64>().ok())
            .filter(|number| number.is_finite() && *number > NONE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(token: &str, bytes: Option<&[u8]>, logprob: Option<f64>) -> Probability {
        Probability { token: token.to_owned(), bytes: bytes.map(<[u8]>::to_vec), logprob }
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
            assert_eq!(logprobs(&json), [(2, vec![expected.clone()])], "{json}");
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
        assert_eq!(logprobs(json), [(0, expected.to_vec())]);
        for nothing in ["", "[DONE]", "{}", "{\"logprobs\":1}", "{\"data\":{\"logprobs\":[]}}", "[\"logprobs\"]"] {
            assert_eq!(logprobs(nothing), [], "{nothing}");
        }
    }
}
