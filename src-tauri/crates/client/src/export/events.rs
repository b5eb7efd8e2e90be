//! Where the text is in the events of a stream, for code that takes it out without a provider's package.

use super::Request;

/// What the events of a stream are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Events {
    /// `choices[].delta.content`.
    Chat,
    /// `choices[].text`.
    Texts,
    /// `delta` of `response.output_text.delta`.
    Responses,
    /// `delta` of `transcript.text.delta`.
    Transcript,
    /// Any JSON value as `response`, or by itself.
    Values,
}

/// Ends of paths; of others a chat is expected.
const PATHS: &[(&str, Events)] = &[
    ("/chat/completions", Events::Chat),
    ("/completions", Events::Texts),
    ("/inference/generate", Events::Texts),
    ("/responses", Events::Responses),
    ("/inference", Events::Values),
    ("/audio/transcriptions", Events::Transcript),
    ("/images/generations", Events::Values),
    ("/audio/speech", Events::Values),
];

impl Events {
    pub fn of(request: &Request) -> Self {
        let url = request.url.spelled(|_| String::new());
        let path = url.split(['?', '#']).next().unwrap_or_default();
        PATHS.iter().find(|(end, _)| path.ends_with(end)).map_or(Self::Chat, |(_, events)| *events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_what_the_events_are() {
        for (url, events) in [
            ("https://a.example/v1/chat/completions", Events::Chat),
            ("https://a.example/v1/completions?api-version=1", Events::Texts),
            ("https://a.example/v1/inference/chat", Events::Chat),
            ("https://a.example/v1/inference/generate", Events::Texts),
            ("https://a.example/public/v5/responses", Events::Responses),
            ("https://a.example/v5/inference#top", Events::Values),
            ("https://a.example/v1/audio/transcriptions", Events::Transcript),
            ("https://a.example/v1/images/generations", Events::Values),
            ("https://a.example/?x=/responses", Events::Chat),
            ("", Events::Chat),
        ] {
            assert_eq!(Events::of(&Request { url: url.into(), ..Request::default() }), events, "{url}");
        }
    }
}
