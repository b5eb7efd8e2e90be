//! `Retry-After` in its three spellings.

use std::time::SystemTime;

use http::HeaderMap;

/// Seconds to wait: `retry-after-ms`, else `Retry-After` as seconds (a fraction is accepted) or as an HTTP date.
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<f64> {
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(milliseconds) = value("retry-after-ms").and_then(number) {
        return Some(milliseconds / 1000.0);
    }
    let after = value("retry-after")?;
    number(after).or_else(|| {
        let date = httpdate::parse_http_date(after).ok()?;
        // A date that has passed says: now.
        Some(date.duration_since(now).map_or(0.0, |wait| wait.as_secs_f64()))
    })
}
