//! Token counts under all their names.

use juxta_wire::usage::Usage;

use crate::loose::{self, Object, Raw, members};

members!(Counts {
    prompt: Raw<'a> = "prompt_tokens",
    input: Raw<'a> = "input_tokens",
    tokens_in: Raw<'a> = "tokens_in",
    completion: Raw<'a> = "completion_tokens",
    output: Raw<'a> = "output_tokens",
    tokens_out: Raw<'a> = "tokens_out",
    total: Raw<'a> = "total_tokens",
    prompt_details: Object<Details<'a>> = "prompt_tokens_details",
    input_details: Object<Details<'a>> = "input_tokens_details",
    completion_details: Object<Details<'a>> = "completion_tokens_details",
    output_details: Object<Details<'a>> = "output_tokens_details",
    cached: Raw<'a> = "cached_tokens",
    cache_hit: Raw<'a> = "prompt_cache_hit_tokens",
    cache_read: Raw<'a> = "cache_read_input_tokens",
    reasoning: Raw<'a> = "reasoning_tokens",
    cost: Raw<'a> = "cost",
});

members!(Details {
    cached: Raw<'a> = "cached_tokens",
    reasoning: Raw<'a> = "reasoning_tokens",
});

/// `None` when there is not one count in it.
pub fn read(raw: Raw<'_>) -> Option<Usage> {
    let counts: Counts<'_> = loose::object(raw?.get()).ok().flatten()?;
    let first = |names: &[Raw<'_>]| names.iter().copied().find_map(loose::count);
    let detail =
        |details: &Object<Details<'_>>, read: fn(&Details<'_>) -> Option<u64>| details.0.as_ref().and_then(read);
    let cached = |details: &Details<'_>| loose::count(details.cached);
    let reasoning = |details: &Details<'_>| loose::count(details.reasoning);
    let usage = Usage {
        input_tokens: first(&[counts.prompt, counts.input, counts.tokens_in]),
        cached_tokens: detail(&counts.prompt_details, cached)
            .or_else(|| detail(&counts.input_details, cached))
            .or_else(|| first(&[counts.cached, counts.cache_hit, counts.cache_read])),
        output_tokens: first(&[counts.completion, counts.output, counts.tokens_out]),
        reasoning_tokens: detail(&counts.completion_details, reasoning)
            .or_else(|| detail(&counts.output_details, reasoning))
            .or_else(|| first(&[counts.reasoning])),
        total_tokens: first(&[counts.total]),
        reported_cost: loose::text_or_number(counts.cost).map(Into::into),
    };
    (usage != Usage::default()).then_some(usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_found_under_all_their_names() {
        let full = Usage {
            input_tokens: Some(9),
            cached_tokens: Some(4),
            output_tokens: Some(3),
            reasoning_tokens: Some(2),
            total_tokens: Some(12),
            reported_cost: None,
        };
        let cases = [
            (
                r#"{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":4,
                    "audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":2,"audio_tokens":null}}"#,
                Some(full.clone()),
            ),
            (
                r#"{"input_tokens":9,"output_tokens":3.0,"total_tokens":"12","input_tokens_details":{"cached_tokens":4},
                    "output_tokens_details":{"reasoning_tokens":2},"cost":0.00120}"#,
                Some(Usage { reported_cost: Some("0.00120".to_owned()), ..full.clone() }),
            ),
            (
                r#"{"tokens_in":9,"tokens_out":3,"total_tokens":12,"cached_tokens":4,"reasoning_tokens":2,"cost":"1.50"}"#,
                Some(Usage { reported_cost: Some("1.50".to_owned()), ..full }),
            ),
            (
                r#"{"prompt_tokens":0,"completion_tokens":0,"prompt_tokens_details":null}"#,
                Some(Usage { input_tokens: Some(0), output_tokens: Some(0), ..Usage::default() }),
            ),
            ("{}", None),
            ("null", None),
            ("[1]", None),
            (r#"{"prompt_tokens":null}"#, None),
        ];
        for (json, expected) in cases {
            assert_eq!(read(serde_json::from_str(json).expect("JSON")), expected, "{json}");
        }
    }
}
