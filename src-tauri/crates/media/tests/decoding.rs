//! Real files of every kind. How they were made is in `tests/sounds/make`.

use std::fs;
use std::path::PathBuf;

use juxta_media::sound::{self, Sound};
use juxta_media::{file, peaks};
use juxta_wire::media::FileKind;
use proptest::prelude::*;

/// How far a length or a place may be from the truth.
const WITHIN: f64 = 0.05;
const SECONDS: f64 = 2.0;
/// Seconds of silence that encoders put before the sound, where the file does not say so: of MP3 and of AAC, at 16,000
/// samples a second.
const MP3: f64 = 1_105.0 / 16_000.0;
const AAC: f64 = 1_024.0 / 16_000.0;

/// Files that do not say where their sound begins.
const LATE: &[(&str, f64)] =
    &[("variable-without-head.mp3", MP3), ("fragmented.m4a", AAC), ("bare.aac", AAC), ("aac.mkv", AAC)];

/// Every file, and what it is by its bytes.
const FILES: &[(&str, &str)] = &[
    ("16.wav", "audio/wav"),
    ("24.wav", "audio/wav"),
    ("float.wav", "audio/wav"),
    ("mulaw.wav", "audio/wav"),
    ("constant.mp3", "audio/mpeg"),
    ("variable-without-head.mp3", "audio/mpeg"),
    ("stereo.mp3", "audio/mpeg"),
    ("chirp.flac", "audio/flac"),
    ("vorbis.ogg", "audio/ogg"),
    ("opus.ogg", "audio/opus"),
    ("index-at-the-end.m4a", "audio/mp4"),
    ("index-first.m4a", "audio/mp4"),
    ("fragmented.m4a", "audio/mp4"),
    ("bare.aac", "audio/aac"),
    ("opus.webm", "video/webm"),
    ("vorbis.webm", "video/webm"),
    ("aac.mkv", "video/webm"),
];

fn bytes(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sounds").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What was encoded.
fn chirp(seconds: f64) -> f64 {
    if (0.0..SECONDS).contains(&seconds) {
        (std::f64::consts::TAU * (200.0 * seconds + 450.0 * seconds * seconds)).sin()
    } else {
        0.0
    }
}

/// How alike a sound and the chirp are, and how many seconds it comes late, where they are most alike.
fn likeness(sound: &Sound) -> (f64, f64) {
    let rate = f64::from(sound.rate);
    let most = (rate / 10.0) as usize;
    let heard: Vec<f64> =
        sound.samples.iter().step_by(usize::from(sound.channels)).map(|one| f64::from(*one)).collect();
    let meant: Vec<f64> = (0..heard.len() + 2 * most).map(|at| chirp((at as f64 - most as f64) / rate)).collect();
    let stride = 1 + heard.len() / 16_000;
    // `lag` frames after the earliest place that is tried.
    let at_lag = |lag: usize| {
        let (mut both, mut own, mut other) = (0.0, 0.0, 0.0);
        for at in (0..heard.len()).step_by(stride) {
            let (heard, meant) = (heard[at], meant[at + 2 * most - lag]);
            both += heard * meant;
            own += heard * heard;
            other += meant * meant;
        }
        both / (own * other).sqrt()
    };
    let best = |lags: &mut dyn Iterator<Item = usize>| {
        let all = lags.map(|lag| (at_lag(lag), lag));
        all.max_by(|one, other| one.0.total_cmp(&other.0)).expect("lags")
    };
    // A chirp is alike to itself only at its place: first roughly, then to the frame.
    let step = 1 + sound.rate as usize / 16_000;
    let (_, rough) = best(&mut (0..=2 * most).step_by(step));
    let (alike, lag) = best(&mut (rough.saturating_sub(step)..=(rough + step).min(2 * most)));
    (alike, (lag as f64 - most as f64) / rate)
}

#[test]
fn every_kind_is_the_chirp_at_its_place() {
    let mut wrong = Vec::new();
    for (name, media_type) in FILES {
        let bytes = bytes(name);
        let sound = match sound::decode(&bytes, None) {
            Ok(sound) => sound,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        let (alike, late) = likeness(&sound);
        let length = sound.seconds();
        let told = sound::seconds(&bytes, None).expect("a length");
        eprintln!("{name}: alike {alike:.4}, late {late:.4} s, long {length:.4} s, told {told:.4} s");
        let before = LATE.iter().find(|(late, _)| late == name).map_or(0.0, |(_, before)| *before);
        let (late, length, told) = (late - before, length - before, told - before);
        let is_right = alike > 0.95
            && late.abs() < WITHIN
            && (length - SECONDS).abs() < WITHIN
            && (told - SECONDS).abs() < WITHIN
            && sound.damage.is_none();
        if !is_right {
            wrong.push(format!("{name}: alike {alike}, late {late}, long {length}, told {told}, {:?}", sound.damage));
        }
        assert_eq!(sound::media_type(&bytes, None), *media_type, "{name}");
        let facts = file::facts(&bytes);
        assert!(matches!(facts.kind, FileKind::Sound { .. }), "{name}: {facts:?}");
        assert_ne!(sound::ending(media_type), "bin");
        let overview = peaks::Overview::new(&sound);
        assert_eq!(overview.picture(640, 0.0, 1.0).waveform.low.len(), 640);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Files whose head says how long they are.
const MEASURED: &[&str] = &["16.wav", "24.wav", "float.wav", "mulaw.wav", "constant.mp3", "stereo.mp3", "chirp.flac"];

#[test]
fn a_file_that_was_cut_off_gives_what_it_has_and_says_so_where_that_can_be_known() {
    for (name, _) in FILES {
        let whole = bytes(name);
        match sound::decode(&whole[..whole.len() * 3 / 5], None) {
            Ok(sound) => {
                assert!(sound.seconds() < SECONDS * 0.9, "{name}: {}", sound.seconds());
                assert!(sound.damage.is_some() || !MEASURED.contains(name), "{name} does not say that it is cut off");
            }
            // What stood behind the cut was needed: an index, or the rest of the one page.
            Err(error) => {
                assert!(!MEASURED.contains(name) && !error.to_string().is_empty(), "{name}: {error}");
            }
        }
    }
}

/// What may be done to a file on its way.
#[derive(Debug, Clone)]
enum Harm {
    Cut(usize),
    Set(usize, u8),
    Out(usize, usize),
    Twice(usize, usize),
}

fn harm() -> impl Strategy<Value = Harm> {
    let place = 0..200_000_usize;
    prop_oneof![
        place.clone().prop_map(Harm::Cut),
        // Heads are short, and matter most.
        (0..600_usize, any::<u8>()).prop_map(|(at, to)| Harm::Set(at, to)),
        (place.clone(), any::<u8>()).prop_map(|(at, to)| Harm::Set(at, to)),
        (place.clone(), 1..400_usize).prop_map(|(at, count)| Harm::Out(at, count)),
        (place, 1..400_usize).prop_map(|(at, count)| Harm::Twice(at, count)),
    ]
}

fn harmed(mut bytes: Vec<u8>, harms: &[Harm]) -> Vec<u8> {
    for harm in harms {
        let length = bytes.len();
        match *harm {
            _ if length == 0 => {}
            Harm::Cut(at) => bytes.truncate(at % length),
            Harm::Set(at, to) => bytes[at % length] = to,
            Harm::Out(at, count) => {
                let at = at % length;
                bytes.drain(at..length.min(at + count));
            }
            Harm::Twice(at, count) => {
                let at = at % length;
                let piece = bytes[at..length.min(at + count)].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_is_an_error_or_a_sound_and_nothing_worse(
        which in 0..FILES.len(),
        harms in prop::collection::vec(harm(), 1..6),
    ) {
        let bytes = harmed(bytes(FILES[which].0), &harms);
        match sound::decode(&bytes, None) {
            Ok(sound) => prop_assert!(sound.channels > 0 && sound.rate > 0),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
        let _ = sound::seconds(&bytes, None);
        let _ = file::facts(&bytes);
    }
}
