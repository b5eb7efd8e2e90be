//! Sound that was really played and really recorded. `tests/with-sound` runs this against a sound server without devices;
//! without that there is nothing to hear, and the tests say nothing.

mod ear;
mod playing;
mod recording;

/// Whether there is a sound server that may be used.
fn can_hear() -> bool {
    std::env::var_os("JUXTA_TEST_SOUND").is_some()
}

/// How long a long sound is.
fn long() -> f64 {
    std::env::var("JUXTA_SOUND_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(5.0)
}
