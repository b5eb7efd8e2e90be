//! Any server that speaks OpenAI's `/v1`.

use juxta_wire::endpoint::{Dialect, ProfileId};

use super::{HeaderRow, KEY_SLOT, Profile};

pub(super) const PROFILE: Profile = Profile {
    id: ProfileId::OpenAiCompatible,
    name: "OpenAI-compatible",
    dialects: &[Dialect::OpenAi],
    base_urls: &[
        ("OpenAI", "https://api.openai.com/v1"),
        ("OpenRouter", "https://openrouter.ai/api/v1"),
        ("ScaiGrid, OpenAI surface", "https://openai.scailabs.ai/v1"),
        ("Ollama on this computer", "http://127.0.0.1:11434/v1"),
        ("vLLM on this computer", "http://127.0.0.1:8000/v1"),
    ],
    headers: &[HeaderRow { name: "Authorization", value: "Bearer {{key}}", slot: Some(KEY_SLOT), only: &[] }],
    auth_note: "The key goes into Authorization as a bearer token. Without a key the header is not sent.",
    hosts: &["api.openai.com", "openrouter.ai", "openai.scailabs.ai"],
};
