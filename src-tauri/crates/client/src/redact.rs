//! The one place where secrets are made unreadable: for logs, views, recorded heads and exports.

mod known;

pub use known::KnownKeys;
pub(crate) use known::cover;

/// What stands for the part of a secret that is not shown.
const DOTS: &str = "••••";

/// Header names that carry credentials by their nature, whatever a connection says of them. Lower case.
const AUTH_HEADERS: &[&str] = &[
    "api-key",
    "apikey",
    "authorization",
    "cookie",
    "ocp-apim-subscription-key",
    "proxy-authorization",
    "set-cookie",
    "x-api-key",
    "x-auth-token",
    "x-goog-api-key",
    "x-openai-api-key",
];

/// Parts of a header name that say it is a credential.
const AUTH_PARTS: &[&str] = &["api-key", "apikey", "auth-token", "access-token", "secret", "password"];

/// `••••4f2a`.
pub fn mask(secret: &str) -> String {
    format!("{DOTS}{}", last_four(secret))
}

/// What may be shown of a secret. One shorter than twelve characters shows nothing, because four would be too much of it.
pub fn last_four(secret: &str) -> String {
    let length = secret.chars().count();
    if length < 12 { String::new() } else { secret.chars().skip(length - 4).collect() }
}

/// Masks a header value and keeps a scheme in front of it: `Bearer ••••4f2a`.
pub fn mask_header(value: &str) -> String {
    match value.split_once(' ') {
        Some((scheme, rest))
            if !rest.contains(' ')
                && scheme.len() <= 10
                && scheme.chars().all(|letter| letter.is_ascii_alphabetic()) =>
        {
            format!("{scheme} {}", mask(rest))
        }
        _ => mask(value),
    }
}

/// Whether a header of this name is a credential even when nothing marks it as one.
pub fn is_auth_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    AUTH_HEADERS.contains(&name.as_str()) || AUTH_PARTS.iter().any(|part| name.contains(part))
}

/// Whether a query member of this name carries a key at one server or another.
pub fn is_auth_query(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    is_auth_header(&name) || matches!(name.as_str(), "key" | "token" | "sig" | "signature")
}

/// Replaces each of `secrets` in `text` by its mask, in every spelling that [`KnownKeys`] knows.
/// Secrets of fewer than four characters are left alone: they would match ordinary text.
pub fn redact(text: &str, secrets: &[String]) -> String {
    KnownKeys::new(secrets.iter().cloned()).masked(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_shows_the_last_four_characters_of_a_long_secret_only() {
        assert_eq!(mask("sk-abcdefgh4f2a"), "••••4f2a");
        assert_eq!(mask("short"), "••••");
        assert_eq!(mask("ключ-длинный-ёжик"), "••••ёжик");
        assert_eq!(mask(""), "••••");
    }

    #[test]
    fn a_scheme_stays_readable_before_the_mask() {
        assert_eq!(mask_header("Bearer sk-abcdefgh4f2a"), "Bearer ••••4f2a");
        assert_eq!(mask_header("sk-abcdefgh4f2a"), "••••4f2a");
        assert_eq!(mask_header("two words and more"), "••••more");
    }

    #[test]
    fn every_spelling_of_every_secret_goes() {
        let secrets = vec!["abc+/=\"12345678".to_owned(), "abc+".to_owned(), "x".to_owned()];
        let text = r#"plain abc+/="12345678 json abc+/=\"12345678 url abc%2B%2F%3D%2212345678 part abc+ x"#;
        assert_eq!(redact(text, &secrets), "plain ••••5678 json ••••5678 url ••••5678 part •••• x");
    }

    #[test]
    fn credentials_are_known_by_name() {
        for name in
            ["Authorization", "X-API-Key", "x-openai-api-key", "Cookie", "my-access-token", "Proxy-Authorization"]
        {
            assert!(is_auth_header(name), "{name}");
        }
        for name in ["x-selected-account-id", "X-Request-ID", "accept", "content-type", "x-keyboard"] {
            assert!(!is_auth_header(name), "{name}");
        }
        assert!(is_auth_query("api_key") && is_auth_query("sig") && !is_auth_query("api-version"));
    }
}
