//! Sounds whose bytes come piece by piece.

use std::fs;
use std::path::PathBuf;

use juxta_media::arriving::{self, Arriving};
use juxta_media::sound::{self, Sound};

/// What has to come before anything can be heard: all of it, where the index stands at the end.
const ONLY_WHOLE: &[&str] = &["index-at-the-end.m4a"];

fn files() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sounds");
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("the sounds").map(|entry| entry.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some());
    paths.sort();
    assert!(paths.len() >= 17, "{paths:?}");
    let read = |path: PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, fs::read(path).expect("a sound"))
    };
    paths.into_iter().map(read).collect()
}

fn until(mut enough: impl FnMut() -> bool) {
    while !enough() {
        std::thread::yield_now();
    }
}

/// Pushes these bytes in pieces of odd sizes, and gives the sound when nothing more comes.
fn arrived(bytes: &[u8], asked: Option<&str>) -> Sound {
    let (incoming, arriving) = arriving::begin(asked).expect("a thread");
    bytes.chunks(1_001).for_each(|part| incoming.push(part));
    drop(incoming);
    until(|| arriving.is_complete());
    arriving.so_far()
}

#[test]
fn every_kind_of_file_is_the_same_sound_when_it_arrives_in_pieces() {
    for (name, bytes) in files() {
        let whole = sound::decode(&bytes, None).expect("a sound");
        let came = arrived(&bytes, None);
        assert_eq!((came.channels, came.rate, came.frames()), (whole.channels, whole.rate, whole.frames()), "{name}");
        assert!(came == whole, "{name}: {:?} {:?}", came.damage, whole.damage);
    }
}

#[test]
fn what_can_be_decoded_is_there_before_the_rest_has_come() {
    let mut late = Vec::new();
    for (name, bytes) in files() {
        let (incoming, arriving) = arriving::begin(None).expect("a thread");
        // An Ogg file of two seconds may be one page.
        let most = bytes.len() - 1;
        incoming.push(&bytes[..most]);
        let can_begin = !ONLY_WHOLE.contains(&name.as_str());
        if can_begin {
            until(|| arriving.frames() > 0 || arriving.is_complete());
        }
        if arriving.frames() == 0 {
            late.push(name.clone());
        }
        assert!(!arriving.is_complete(), "{name}");
        incoming.push(&bytes[most..]);
        drop(incoming);
        until(|| arriving.is_complete());
        assert_eq!(arriving.frames(), sound::decode(&bytes, None).expect("a sound").frames(), "{name}");
    }
    assert_eq!(late, ONLY_WHOLE);
}

#[test]
fn samples_without_a_head_are_cut_anywhere() {
    let bytes: Vec<u8> = (0..100_003_u32).map(|at| (at * 7 % 251) as u8).collect();
    assert_eq!(arrived(&bytes, Some("pcm")), sound::decode(&bytes, Some("pcm")).expect("samples"));
}

#[test]
fn what_breaks_off_keeps_what_came_and_says_why() {
    let told = "The call was stopped: “so far”.";
    for (name, bytes) in files() {
        let (incoming, arriving) = arriving::begin(None).expect("a thread");
        incoming.push(&bytes[..bytes.len() * 3 / 5]);
        incoming.break_off(told.to_owned());
        until(|| arriving.is_complete());
        assert_eq!(arriving.so_far().damage.as_deref(), Some(told), "{name}");
        // A reader that can look ahead may give up where one that cannot has told what came.
        let kept = sound::decode(&bytes[..bytes.len() * 3 / 5], None).map_or(0, |sound| sound.frames());
        assert!(arriving.frames() >= kept, "{name}: {} and {kept}", arriving.frames());
    }
}

#[test]
fn what_is_no_sound_says_so_and_what_nobody_wants_ends() {
    for bytes in [&b""[..], b"hello", b"fLaC but not really", b"OggS and nothing more", b"RIFF\0\0\0\0WAVE"] {
        let sound = arrived(bytes, None);
        assert!(sound.samples.is_empty() && sound.damage.is_some(), "{bytes:?}");
    }
    let (incoming, arriving): (_, Arriving) = arriving::begin(Some("pcm")).expect("a thread");
    assert!(incoming.is_wanted());
    drop(arriving);
    incoming.push(&[0; 1_000]);
    until(|| !incoming.is_wanted());
}
