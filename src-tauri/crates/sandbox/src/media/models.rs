//! The models of media. Their names say what they do.

use std::time::Duration;

use juxta_wire::endpoint::EndpointKind;

use super::embed::{EmbedModel, Flaw};
use super::image::Manner as Drawing;
use super::synthesize::Manner as Speaking;
use super::transcribe::Manner as Hearing;
use crate::delivery::Pace;
use crate::faults::{self, Fault};
use crate::models::{FAULT, VENDOR};

#[derive(Debug)]
pub(crate) struct MediaModel {
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) pace: Pace,
    pub(crate) skill: Skill,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Skill {
    Embed(EmbedModel),
    Image(Drawing),
    Transcribe(Hearing),
    Synthesize(Speaking),
}

impl Skill {
    pub(crate) fn endpoint(self) -> EndpointKind {
        match self {
            Skill::Embed(_) => EndpointKind::Embed,
            Skill::Image(_) => EndpointKind::Image,
            Skill::Transcribe(_) => EndpointKind::Transcribe,
            Skill::Synthesize(_) => EndpointKind::Synthesize,
        }
    }
}

const fn model(name: &'static str, skill: Skill, description: &'static str) -> MediaModel {
    let pace = Pace { first_token: Duration::from_millis(120), tokens_per_second: None };
    MediaModel { name, description, pace, skill }
}

const fn after(milliseconds: u64, mut model: MediaModel) -> MediaModel {
    model.pace.first_token = Duration::from_millis(milliseconds);
    model
}

/// Pieces of sound a second.
const fn at_rate(rate: f64, mut model: MediaModel) -> MediaModel {
    model.pace.tokens_per_second = Some(rate);
    model
}

const EMBED: EmbedModel = EmbedModel { dimensions: 1_536, seed: 1, letters: 0.5, unit: true, flaw: None };

use Skill::{Embed, Image, Synthesize, Transcribe};

/// The first of each endpoint is its default.
pub(crate) const MODELS: &[MediaModel] = &[
    model(
        "embed",
        Embed(EMBED),
        "Embeddings: 1,536 numbers of length 1, fewer when asked. Texts that are alike are near.",
    ),
    model(
        "embed-small",
        Embed(EmbedModel { dimensions: 384, seed: 2, letters: 2.0, ..EMBED }),
        "Embeddings: 384 numbers of length 1. Looks at letters more than at words, so it ranks differently.",
    ),
    model(
        "embed-large",
        Embed(EmbedModel { dimensions: 3_072, seed: 3, letters: 0.25, ..EMBED }),
        "Embeddings: 3,072 numbers of length 1. Looks at words more than at letters.",
    ),
    model(
        "embed-raw",
        Embed(EmbedModel { dimensions: 768, seed: 4, unit: false, ..EMBED }),
        "Embeddings: 768 numbers that are not normalised; long texts have long vectors.",
    ),
    model(
        "embed-backwards",
        Embed(EmbedModel { dimensions: 64, seed: 5, flaw: Some(Flaw::Backwards), ..EMBED }),
        "Embeddings: 64 numbers. The vectors come last first; their index says where they belong.",
    ),
    model(
        "embed-broken",
        Embed(EmbedModel { dimensions: 64, seed: 6, flaw: Some(Flaw::Broken), ..EMBED }),
        "Embeddings: one good vector, one of zeros, one with numbers that are none, one too short, and so on.",
    ),
    after(900, model("draw", Image(Drawing::Plain), "Images: a scene from the words of the prompt, which it revises.")),
    after(300, model("draw-literal", Image(Drawing::Literal), "Images: the same, and the prompt stays as it was.")),
    after(8_000, model("draw-slow", Image(Drawing::Literal), "Images: takes eight seconds.")),
    model("draw-elsewhere", Image(Drawing::Elsewhere), "Images: URLs point to another origin, where no key belongs."),
    model("draw-keyed", Image(Drawing::Keyed), "Images: URLs of this server that ask for the key."),
    model("draw-expired", Image(Drawing::Expired), "Images: URLs that have already expired."),
    model("draw-mislabelled", Image(Drawing::Mislabelled), "Images: says PNG and sends JPEG."),
    model("draw-bomb", Image(Drawing::Bomb), "Images: a PNG of 40,000 × 40,000 pixels that is small in bytes."),
    model("draw-refused", Image(Drawing::Refused), "Images: refuses the prompt, as a filter does."),
    after(
        400,
        model("transcribe", Transcribe(Hearing::Plain), "Transcription: hears what the sandbox spoke, word for word."),
    ),
    after(
        250,
        model(
            "transcribe-careless",
            Transcribe(Hearing::Careless),
            "Transcription: mishears, drops and adds a few words, always the same.",
        ),
    ),
    model("transcribe-unsure", Transcribe(Hearing::Unsure), "Transcription: right, but sure of few words."),
    at_rate(
        40.0,
        model(
            "speak",
            Synthesize(Speaking::Plain),
            "Speech: sound that carries its text, so that it can be transcribed.",
        ),
    ),
    at_rate(
        24.0,
        model(
            "speak-slow",
            Synthesize(Speaking::Endless),
            "Speech: a WAV comes twice as fast as it is heard, without a length.",
        ),
    ),
    model("speak-cut", Synthesize(Speaking::Cut), "Speech: the file ends in the middle, properly for the network."),
    model("speak-damaged", Synthesize(Speaking::Damaged), "Speech: the head is right, and after it a third is spoilt."),
    model("speak-mislabelled", Synthesize(Speaking::Mislabelled), "Speech: says one format and sends another."),
    model("speak-unlabelled", Synthesize(Speaking::Unlabelled), "Speech: bytes of no stated kind."),
    model(
        "speak-error-as-audio",
        Synthesize(Speaking::ErrorAsAudio),
        "Speech: status 200 and an audio type, but the body is a JSON error.",
    ),
    model("speak-audio-as-json", Synthesize(Speaking::AudioAsJson), "Speech: a sound under the type of JSON."),
    model("speak-empty", Synthesize(Speaking::Empty), "Speech: an answer of no bytes."),
];

/// A model that a request named, with the scenario that is part of the name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chosen {
    pub(crate) model: &'static MediaModel,
    pub(crate) fault: Option<&'static Fault>,
}

/// `None` when there is no such model at this endpoint. A scenario is played by the first model of each.
pub(crate) fn find(endpoint: EndpointKind, id: &str) -> Option<Chosen> {
    let name = id.strip_prefix(VENDOR)?;
    let mut models = MODELS.iter().filter(|model| model.skill.endpoint() == endpoint);
    match name.strip_prefix(FAULT) {
        Some(fault) => Some(Chosen { model: models.next()?, fault: Some(faults::find(fault)?) }),
        None => Some(Chosen { model: models.find(|model| model.name == name)?, fault: None }),
    }
}

/// For which endpoint a media model was made; `None` for a name of another kind.
pub(crate) fn endpoint_of(id: &str) -> Option<EndpointKind> {
    let name = id.strip_prefix(VENDOR)?;
    MODELS.iter().find(|model| model.name == name).map(|model| model.skill.endpoint())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_endpoint_finds_its_own_models_and_every_scenario() {
        for endpoint in EndpointKind::OF_MEDIA {
            assert!(find(endpoint, "sandbox/fault/status-503").is_some_and(|chosen| chosen.fault.is_some()));
            assert!(find(endpoint, "sandbox/fault/none").is_none() && find(endpoint, "sandbox/steady").is_none());
            for model in MODELS {
                let id = format!("{VENDOR}{}", model.name);
                assert_eq!(find(endpoint, &id).is_some(), model.skill.endpoint() == endpoint, "{id}");
                assert_eq!(endpoint_of(&id), Some(model.skill.endpoint()));
            }
        }
    }
}
