//! Which of the three ways of speaking a path belongs to.

use juxta_wire::endpoint::Dialect;

/// By path, so that even an unknown route is refused in the words of its neighbours. Under `/v1` chat, responses,
/// completions, embeddings, images, audio, files and batches are OpenAI's, because ScaiGrid has nothing there; everything else is ScaiGrid's.
pub(crate) fn of_path(path: &str) -> Dialect {
    const PREFIXES: &[(&str, Dialect)] = &[
        ("/v5", Dialect::ScaleV5),
        ("/oai", Dialect::OpenAi),
        ("/v1/chat", Dialect::OpenAi),
        ("/v1/responses", Dialect::OpenAi),
        ("/v1/completions", Dialect::OpenAi),
        ("/v1/embeddings", Dialect::OpenAi),
        ("/v1/images", Dialect::OpenAi),
        ("/v1/audio", Dialect::OpenAi),
        ("/v1/files", Dialect::OpenAi),
        ("/v1/batches", Dialect::OpenAi),
    ];
    let belongs = |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    PREFIXES.iter().find(|(prefix, _)| belongs(prefix)).map_or(Dialect::ScaigridV1, |(_, dialect)| *dialect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_the_dialect_of_its_prefix() {
        let cases = [
            ("/v5/chat/completions", Dialect::ScaleV5),
            ("/v5", Dialect::ScaleV5),
            ("/v55/chat", Dialect::ScaigridV1),
            ("/oai/v1/models", Dialect::OpenAi),
            ("/v1/chat/completions", Dialect::OpenAi),
            ("/v1/responses", Dialect::OpenAi),
            ("/v1/responses/resp_1", Dialect::OpenAi),
            ("/v1/completions", Dialect::OpenAi),
            ("/v1/audio/speech", Dialect::OpenAi),
            ("/v1/batches/batch_1/cancel", Dialect::OpenAi),
            ("/v1/inference/batch", Dialect::ScaigridV1),
            ("/v1/inference/audio/synthesize", Dialect::ScaigridV1),
            ("/v1/models", Dialect::ScaigridV1),
            ("/v1/inference/chat", Dialect::ScaigridV1),
            ("/", Dialect::ScaigridV1),
        ];
        for (path, dialect) in cases {
            assert_eq!(of_path(path), dialect, "{path}");
        }
    }
}
