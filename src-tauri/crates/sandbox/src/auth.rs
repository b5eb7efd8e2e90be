//! Who may ask.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use juxta_wire::endpoint::Dialect;

use crate::refusal::Reason;

/// Compares what came with `token`. On `/v5` the header `x-api-key` decides when it is there, whatever else came along;
/// without it a bearer token does, because that is what OpenAI's own clients send.
pub(crate) fn check(dialect: Dialect, headers: &HeaderMap, token: Option<&str>) -> Result<(), Reason> {
    let Some(token) = token else { return Ok(()) };
    let api_key = headers.get("x-api-key").filter(|_| dialect == Dialect::ScaleV5).map(|value| value.as_bytes());
    let came = api_key.or_else(|| bearer(headers)).ok_or(Reason::TokenMissing)?;
    if came == token.as_bytes() { Ok(()) } else { Err(Reason::TokenInvalid) }
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked("Bearer ".len())?;
    (scheme.eq_ignore_ascii_case(b"Bearer ") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dialect_takes_its_own_header() {
        use Dialect::{OpenAi, ScaigridV1, ScaleV5};
        let (good, missing, wrong) = (Ok(()), Err(Reason::TokenMissing), Err(Reason::TokenInvalid));
        type Case<'case> = (Dialect, &'case [(&'case str, &'case str)], &'case Result<(), Reason>);
        let cases: &[Case<'_>] = &[
            (ScaleV5, &[("x-api-key", "t")], &good),
            (ScaleV5, &[("authorization", "Bearer t")], &good),
            (ScaleV5, &[("x-api-key", "t"), ("authorization", "Bearer other")], &good),
            (ScaleV5, &[("x-api-key", "other"), ("authorization", "Bearer t")], &wrong),
            (ScaleV5, &[], &missing),
            (ScaigridV1, &[("authorization", "bearer t")], &good),
            (ScaigridV1, &[("x-api-key", "t")], &missing),
            (OpenAi, &[("authorization", "Bearer tt")], &wrong),
            (OpenAi, &[("authorization", "Basic t")], &missing),
            (OpenAi, &[("authorization", "Bearer ")], &missing),
        ];
        for (dialect, headers, expected) in cases {
            let map = headers.iter().map(|(name, value)| (name.parse().expect("name"), value.parse().expect("value")));
            assert_eq!(&check(*dialect, &map.collect(), Some("t")), *expected, "{dialect:?} {headers:?}");
        }
        assert_eq!(check(OpenAi, &HeaderMap::new(), None), Ok(()), "without a token everybody may ask");
    }
}
