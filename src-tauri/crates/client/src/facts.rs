//! What the head of an answer says about who answered: one table, by the names of headers.

use juxta_wire::exchange::{HeadFact, HeadFactKind, HeaderView, ResponseHead};

use HeadFactKind::{Backend, Model, RateLimit, RequestId, ServerTime};

/// Headers that tell something, the most telling first. A star stands for any beginning or end.
///
/// ScaiGrid documents its `x-scaigrid-*`, Scale nothing (its gateway is LiteLLM), OpenAI `x-request-id`, `openai-*` and
/// `x-ratelimit-*`; the others belong to servers and proxies that people put before those.
const TABLE: &[(&str, HeadFactKind)] = &[
    ("x-scaigrid-request-id", RequestId),
    ("x-request-id", RequestId),
    ("request-id", RequestId),
    ("x-litellm-call-id", RequestId),
    ("x-amzn-requestid", RequestId),
    ("apim-request-id", RequestId),
    ("x-scaigrid-model", Model),
    ("openai-model", Model),
    ("x-litellm-model-group", Model),
    ("x-model", Model),
    ("x-scaigrid-backend", Backend),
    ("x-litellm-model-api-base", Backend),
    ("x-litellm-model-id", Backend),
    ("x-provider", Backend),
    ("x-served-by", Backend),
    ("x-ms-region", Backend),
    ("openai-processing-ms", ServerTime),
    ("x-litellm-response-duration-ms", ServerTime),
    ("x-envoy-upstream-service-time", ServerTime),
    ("server-timing", ServerTime),
    ("x-runtime", ServerTime),
    ("x-compute-time", ServerTime),
    ("x-inference-time", ServerTime),
    ("retry-after", RateLimit),
    ("retry-after-ms", RateLimit),
    ("*ratelimit*", RateLimit),
    ("cf-ray", RequestId),
    ("x-amz-cf-id", RequestId),
    ("x-vercel-id", RequestId),
];

/// The facts of a head, the most telling first; headers of one row of the table in the order in which they came. A
/// secret is no fact.
pub fn facts(head: &ResponseHead) -> Vec<HeadFact> {
    let mut found: Vec<(usize, &HeaderView)> = head
        .headers
        .iter()
        .filter(|header| !header.secret && !header.value.is_empty())
        .filter_map(|header| Some((place(&header.name)?, header)))
        .collect();
    found.sort_by_key(|(place, _)| *place);
    let fact = |(place, header): (usize, &HeaderView)| HeadFact {
        kind: TABLE[place].1,
        header: header.name.clone(),
        value: header.value.clone(),
    };
    found.into_iter().map(fact).collect()
}

/// The model that the body names, when that is another than was asked for.
pub fn model_in_body(asked: &str, named: Option<&str>) -> Option<HeadFact> {
    let named = named.filter(|named| *named != asked)?;
    Some(HeadFact { kind: Model, header: String::new(), value: named.to_owned() })
}

fn place(name: &str) -> Option<usize> {
    let name = name.to_ascii_lowercase();
    TABLE.iter().position(|(pattern, _)| match pattern.strip_prefix('*').and_then(|rest| rest.strip_suffix('*')) {
        Some(inside) => name.contains(inside) || name.contains("rate-limit"),
        None => name == *pattern,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(headers: &[(&str, &str)]) -> ResponseHead {
        let header = |(name, value): &(&str, &str)| HeaderView {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
            secret: *name == "set-cookie",
            origin: Default::default(),
        };
        ResponseHead {
            status: 200,
            protocol: "HTTP/1.1".to_owned(),
            headers: headers.iter().map(header).collect(),
            remote_address: None,
            redirects: Vec::new(),
            tls: None,
        }
    }

    #[test]
    fn who_answered_comes_first_and_limits_after() {
        let head = head(&[
            ("date", "Sat, 21 Nov 2026 10:00:00 GMT"),
            ("x-ratelimit-remaining-requests", "9"),
            ("X-Scaigrid-Ratelimit-Reset", "1763631682"),
            ("set-cookie", "ratelimit=1"),
            ("cf-ray", "8f"),
            ("openai-processing-ms", "412"),
            ("X-Scaigrid-Backend", "gpu-7"),
            ("X-Scaigrid-Model", "llama-3.3-70b"),
            ("x-scaigrid-request-id", "req_1"),
            ("openai-organization", "org"),
            ("x-request-id", ""),
        ]);
        let found: Vec<_> = facts(&head).into_iter().map(|fact| (fact.kind, fact.header, fact.value)).collect();
        let expected = [
            (RequestId, "x-scaigrid-request-id", "req_1"),
            (Model, "X-Scaigrid-Model", "llama-3.3-70b"),
            (Backend, "X-Scaigrid-Backend", "gpu-7"),
            (ServerTime, "openai-processing-ms", "412"),
            (RateLimit, "x-ratelimit-remaining-requests", "9"),
            (RateLimit, "X-Scaigrid-Ratelimit-Reset", "1763631682"),
            (RequestId, "cf-ray", "8f"),
        ]
        .map(|(kind, header, value)| (kind, header.to_owned(), value.to_owned()));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_model_is_a_fact_when_it_is_another() {
        assert_eq!(
            model_in_body("gpt-4o", Some("gpt-4o-2024-11-20")).map(|fact| fact.value).as_deref(),
            Some("gpt-4o-2024-11-20")
        );
        assert_eq!(model_in_body("gpt-4o", Some("gpt-4o")), None);
        assert_eq!(model_in_body("gpt-4o", None), None);
    }
}
