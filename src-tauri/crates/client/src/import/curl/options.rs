//! The options of curl, as far as they matter here: one line for each kind, with all names that mean it.

/// How the text of a data option becomes a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Data {
    /// `@` in front names a file, of which line ends are left out.
    Plain,
    /// `@` in front names a file, taken as it is.
    Binary,
    Raw,
    UrlEncoded,
    /// Joined without `&`.
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Method,
    Header,
    Data(Data),
    /// A part of a form; `literal` when its text has no special characters.
    Form {
        literal: bool,
    },
    /// The data go behind the address, as a GET.
    Get,
    UrlQuery,
    /// Basic authentication.
    User,
    Address,
    /// A proxy, whose scheme is this when the address has none.
    Proxy(&'static str),
    NoProxy,
    Authority,
    /// A header of this name, with this in front of the value.
    AsHeader(&'static str, &'static str),
    /// Changes what curl prints or how it waits, and nothing about the request.
    Harmless,
    HarmlessValue,
    /// Has a value that Juxta has no place for.
    OtherValue,
    /// Changes the request in a way that Juxta does not follow.
    Other,
}

impl Meaning {
    pub(super) fn takes_value(self) -> bool {
        !matches!(self, Meaning::Harmless | Meaning::Other | Meaning::Get)
    }
}

use Meaning::{
    Address, AsHeader, Authority, Harmless, HarmlessValue, Header, Method, NoProxy, Other, OtherValue, Proxy, User,
};

/// Short options as letters, then long names.
const OPTIONS: &[(&str, &[&str], Meaning)] = &[
    ("X", &["request"], Method),
    ("H", &["header"], Header),
    ("d", &["data", "data-ascii"], Meaning::Data(Data::Plain)),
    ("", &["data-binary"], Meaning::Data(Data::Binary)),
    ("", &["data-raw"], Meaning::Data(Data::Raw)),
    ("", &["data-urlencode"], Meaning::Data(Data::UrlEncoded)),
    ("", &["json"], Meaning::Data(Data::Json)),
    ("F", &["form"], Meaning::Form { literal: false }),
    ("", &["form-string"], Meaning::Form { literal: true }),
    ("G", &["get"], Meaning::Get),
    ("", &["url-query"], Meaning::UrlQuery),
    ("u", &["user"], User),
    ("", &["url"], Address),
    ("x", &["proxy"], Proxy("http")),
    ("", &["socks5"], Proxy("socks5")),
    ("", &["socks5-hostname"], Proxy("socks5h")),
    ("", &["socks4"], Proxy("socks4")),
    ("", &["socks4a"], Proxy("socks4a")),
    ("", &["noproxy"], NoProxy),
    ("", &["cacert"], Authority),
    ("", &["oauth2-bearer"], AsHeader("Authorization", "Bearer ")),
    ("A", &["user-agent"], AsHeader("User-Agent", "")),
    ("e", &["referer"], AsHeader("Referer", "")),
    ("b", &["cookie"], AsHeader("Cookie", "")),
    (
        "sSNLvi#f0",
        &[
            "silent",
            "show-error",
            "no-buffer",
            "buffer",
            "location",
            "verbose",
            "include",
            "show-headers",
            "progress-bar",
            "progress-meter",
            "no-progress-meter",
            "fail",
            "fail-with-body",
            "fail-early",
            "compressed",
            "globoff",
            "http1.0",
            "http1.1",
            "http2",
            "http2-prior-knowledge",
            "http3",
            "keepalive",
            "no-keepalive",
            "tcp-nodelay",
            "tlsv1",
            "tlsv1.2",
            "tlsv1.3",
            "disable",
            "no-alpn",
            "ipv4",
            "ipv6",
            "styled-output",
            "no-styled-output",
            "raw",
            "basic",
            "form-escape",
            "post301",
            "post302",
            "post303",
        ],
        Harmless,
    ),
    ("gq46", &[], Harmless),
    (
        "owDCcyY",
        &[
            "output",
            "output-dir",
            "write-out",
            "dump-header",
            "cookie-jar",
            "stderr",
            "trace",
            "trace-ascii",
            "trace-config",
            "speed-time",
            "speed-limit",
            "keepalive-time",
            "max-redirs",
            "continue-at",
        ],
        HarmlessValue,
    ),
    (
        "mEKPQrtTUz",
        &[
            "max-time",
            "connect-timeout",
            "retry",
            "retry-delay",
            "retry-max-time",
            "rate",
            "limit-rate",
            "cert",
            "cert-type",
            "key",
            "key-type",
            "pass",
            "capath",
            "crlfile",
            "ciphers",
            "tls13-ciphers",
            "curves",
            "tls-max",
            "pinnedpubkey",
            "resolve",
            "connect-to",
            "interface",
            "local-port",
            "dns-servers",
            "doh-url",
            "unix-socket",
            "abstract-unix-socket",
            "preproxy",
            "proxy-user",
            "proxy-header",
            "proxy-cacert",
            "proxy-cert",
            "proxy-key",
            "upload-file",
            "request-target",
            "range",
            "time-cond",
            "quote",
            "proto",
            "proto-default",
            "proto-redir",
            "netrc-file",
            "config",
            "variable",
            "aws-sigv4",
            "service-name",
            "login-options",
            "max-filesize",
            "happy-eyeballs-timeout-ms",
            "expect100-timeout",
            "engine",
            "etag-compare",
            "etag-save",
            "alt-svc",
            "hsts",
            "haproxy-clientip",
            "parallel-max",
            "ftp-port",
            "telnet-option",
        ],
        OtherValue,
    ),
    // Certificates are always checked.
    ("k", &["insecure"], Other),
    ("I", &["head"], Other),
];

/// The meaning of a long option; one that no table has is taken to stand alone.
pub(super) fn long(name: &str) -> Meaning {
    let positive = name.strip_prefix("no-").unwrap_or(name);
    OPTIONS
        .iter()
        .find(|(_, names, _)| names.contains(&name))
        .or_else(|| OPTIONS.iter().find(|(_, names, meaning)| *meaning == Harmless && names.contains(&positive)))
        .map_or(Other, |(_, _, meaning)| *meaning)
}

pub(super) fn short(letter: char) -> Meaning {
    OPTIONS.iter().find(|(letters, _, _)| letters.contains(letter)).map_or(Other, |(_, _, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_has_two_meanings() {
        let letters: Vec<char> = OPTIONS.iter().flat_map(|(letters, _, _)| letters.chars()).collect();
        let names: Vec<&str> = OPTIONS.iter().flat_map(|(_, names, _)| names.iter().copied()).collect();
        for (at, letter) in letters.iter().enumerate() {
            assert!(!letters[..at].contains(letter), "-{letter}");
        }
        for (at, name) in names.iter().enumerate() {
            assert!(!names[..at].contains(name), "--{name}");
        }
    }
}
