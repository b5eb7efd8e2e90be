//! What Juxta plays, heard by another program.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use juxta_media::speaker::{Speaker, Turn};
use juxta_media::{MediaError, arriving, sound};
use juxta_wire::ids::{CellId, RecordingId};
use juxta_wire::media::{Playback, SoundOrder, SoundSource};

use crate::can_hear;
use crate::ear::{Ear, RATE, chirp, in_one_round, likeness, loud, sounding, wait_until, wav};

const TONE: f64 = 1_000.0;

fn source() -> SoundSource {
    SoundSource::Recording { recording: RecordingId::new() }
}

fn tone(hertz: f64) -> impl Fn(f64) -> f64 {
    sweep(hertz, 0.0)
}

/// A tone that gets higher by so many hertz a second.
fn sweep(hertz: f64, rise: f64) -> impl Fn(f64) -> f64 {
    move |seconds| 0.5 * ((hertz + rise * seconds / 2.0) * seconds * std::f64::consts::TAU).sin()
}

fn whole(bytes: &[u8], gain: f64) -> Turn {
    Turn::whole(source(), sound::decode(bytes, None).expect("a sound"), gain)
}

/// Plays to the end, and gives what was told on the way.
fn to_the_end(speaker: &Speaker) -> Vec<Playback> {
    let mut told = Vec::new();
    wait_until(|| {
        told.extend(speaker.playback());
        told.last().is_some_and(|last| !last.playing)
    });
    told
}

/// Whether a wave was heard whole, once, and nothing else.
fn is_heard(heard: &[f64], seconds: f64, wave: impl Fn(f64) -> f64) -> Result<(), String> {
    let (alike, long) = (likeness(heard, RATE, seconds, wave), sounding(heard, RATE));
    let is_so = alike > 0.95 && (long - seconds).abs() < 0.05;
    if is_so { Ok(()) } else { Err(format!("alike {alike:.3}, {long:.3} s of sound instead of {seconds}")) }
}

#[test]
fn every_kind_of_file_is_heard_as_it_is() {
    if !can_hear() {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sounds");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("the sounds").map(|entry| entry.expect("a file").path()).collect();
    files.retain(|path| path.extension().is_some());
    files.sort();
    assert!(files.len() >= 17, "{files:?}");
    // From 200 to 2,000 Hz within two seconds.
    let sounds = sweep(200.0, 900.0);
    let mut wrong = Vec::new();
    for path in files {
        let bytes = fs::read(&path).expect("a sound");
        let heard = in_one_round(|_| {
            let (ear, speaker) = (Ear::open(), Speaker::default());
            speaker.play(vec![whole(&bytes, 0.0)], 0.0, 1.0).expect("a device");
            let told = to_the_end(&speaker);
            let positions: Vec<f64> = told.iter().map(|now| now.position).collect();
            assert!(positions.is_sorted(), "{positions:?}");
            is_heard(&ear.close(), 2.0, &sounds)
        });
        if let Err(why) = heard {
            wrong.push(format!("{}: {why:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Bursts of a tone at every second: what is told when one is heard must be its second.
#[test]
fn the_position_is_what_is_heard_to_a_twentieth_of_a_second() {
    if !can_hear() {
        return;
    }
    let bursts = |seconds: f64| if seconds >= 0.5 && seconds % 1.0 < 0.2 { tone(TONE)(seconds) } else { 0.0 };
    let bytes = wav(6.0, 24_000, bursts);
    let round = |_| {
        let (ear, speaker) = (Ear::open(), Speaker::default());
        speaker.play(vec![whole(&bytes, 0.0)], 0.0, 1.0).expect("a device");
        let mut told: Vec<(Instant, f64)> = Vec::new();
        let mut sought = false;
        wait_until(|| {
            let now = speaker.playback().expect("it plays");
            told.push((Instant::now(), now.position));
            if !sought && now.position > 2.5 {
                speaker.control(SoundOrder::Seek { position: 3.5 }).expect("a place");
                sought = true;
            }
            !now.playing
        });
        let begins = beginnings(&ear.so_far());
        let apart: Vec<f64> = begins
            .iter()
            .map(|begin| {
                let when = ear.when(*begin).expect("it came");
                let (_, position) =
                    told.iter().min_by_key(|(then, _)| then.max(&when).duration_since(*then.min(&when))).unwrap();
                position - position.round()
            })
            .collect();
        drop(ear.close());
        eprintln!("seconds from the burst to the position told when it was heard: {apart:?}");
        let is_so = begins.len() == 4 && apart.iter().all(|apart| apart.abs() < 0.05);
        if is_so { Ok(()) } else { Err(format!("bursts at 1, 2, 4 and 5 s: {apart:?}")) }
    };
    in_one_round(round).unwrap();
}

/// Where it gets loud after a quarter of a second of silence.
fn beginnings(heard: &[f64]) -> Vec<usize> {
    let mut begins = Vec::new();
    let mut quiet = RATE as usize;
    for (at, sample) in heard.iter().enumerate() {
        if sample.abs() > 0.05 {
            if quiet > RATE as usize / 4 {
                begins.push(at);
            }
            quiet = 0;
        } else {
            quiet += 1;
        }
    }
    begins
}

#[test]
fn a_pause_is_silent_and_goes_on_where_it_was() {
    if !can_hear() {
        return;
    }
    let round = |_| {
        let (ear, speaker) = (Ear::open(), Speaker::default());
        speaker.play(vec![whole(&wav(1.0, 24_000, sweep(200.0, 900.0)), 0.0)], 0.0, 1.0).expect("a device");
        wait_until(|| speaker.playback().is_some_and(|now| now.position > 0.4));
        let paused = speaker.control(SoundOrder::Pause).expect("a pause").expect("it plays");
        assert!(!paused.playing);
        let (before, there) = (paused.position, ear.count());
        wait_until(|| ear.count() > there + RATE as usize);
        assert_eq!(speaker.playback().expect("it waits").position, before);
        speaker.control(SoundOrder::Resume).expect("a device");
        to_the_end(&speaker);
        let heard = ear.close();
        let silent = loud(&heard).1.len() as f64 / f64::from(RATE) - sounding(&heard, RATE);
        if silent < 0.8 {
            Err(format!("only {silent} s were silent"))
        } else {
            is_heard(&heard, 1.0, sweep(200.0, 900.0))
        }
    };
    in_one_round(round).unwrap();
}

#[test]
fn speed_gain_and_order_are_heard() {
    if !can_hear() {
        return;
    }
    let sounds = |seconds: f64| {
        if seconds < 0.5 { sweep(400.0, 1_600.0)(seconds) } else { 0.5 * sweep(1_400.0, 1_600.0)(seconds - 0.5) }
    };
    let round = |_| {
        let (ear, speaker) = (Ear::open(), Speaker::default());
        // Twice as fast: half as long and an octave higher. The second one is half as loud.
        let turns = vec![
            whole(&wav(1.0, 24_000, sweep(200.0, 400.0)), 0.0),
            whole(&wav(1.0, 16_000, sweep(700.0, 400.0)), -6.0206),
        ];
        speaker.play(turns, 0.0, 2.0).expect("a device");
        let told = to_the_end(&speaker);
        assert!(told.iter().map(|now| now.turn).is_sorted() && told.iter().any(|now| now.turn == 1));
        is_heard(&ear.close(), 1.0, sounds)
    };
    in_one_round(round).unwrap();
}

#[test]
fn a_sound_is_heard_while_its_bytes_still_arrive() {
    if !can_hear() {
        return;
    }
    let pcm: Vec<u8> = wav(3.0, sound::PCM16_RATE, chirp)[44..].to_vec();
    let mut endless = wav(3.0, 24_000, chirp);
    endless[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    endless[40..44].copy_from_slice(&0_u32.to_le_bytes());
    for (name, bytes, asked) in [("pcm", pcm, Some("pcm16")), ("wav", endless, None)] {
        let round = |_| {
            let (incoming, arriving) = arriving::begin(asked).expect("a thread");
            let (ear, speaker) = (Ear::open(), Speaker::default());
            speaker.play(vec![Turn::arriving(source(), arriving, 0.0)], 0.0, 1.0).expect("a device");
            let half = bytes.len() / 2;
            bytes[..half].chunks(1_001).for_each(|part| incoming.push(part));
            wait_until(|| speaker.playback().is_some_and(|now| now.position > 0.5));
            assert!(!loud(&ear.so_far()).1.is_empty(), "{name}: nothing was heard before the rest had come");
            assert!(speaker.playback().is_some_and(|now| now.arriving));
            bytes[half..].chunks(1_001).for_each(|part| incoming.push(part));
            drop(incoming);
            let last = to_the_end(&speaker).pop().expect("it was told of");
            assert!((last.seconds - 3.0).abs() < 0.01 && !last.arriving && last.problem.is_none(), "{last:?}");
            is_heard(&ear.close(), 3.0, chirp).map_err(|why| format!("{name}: {why}"))
        };
        in_one_round(round).unwrap();
    }
}

/// Run by the test below, without a sound server.
#[test]
#[ignore = "the test below runs it where there is no sound server"]
fn plays_for_nobody() {
    let speaker = Speaker::default();
    let sound = Turn::whole(
        SoundSource::Answer { cell: CellId::new(), choice: 0 },
        sound::decode(&wav(0.1, 8_000, tone(TONE)), None).expect("a sound"),
        0.0,
    );
    match speaker.play(vec![sound], 0.0, 1.0) {
        Err(error @ MediaError::Device(_)) => assert!(error.to_string().contains("No device"), "{error}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(speaker.playback(), None);
}

#[test]
#[cfg(target_os = "linux")]
fn without_a_sound_server_there_is_an_error_and_nothing_worse() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "playing::plays_for_nobody", "--ignored"])
        .env("PULSE_SERVER", format!("unix:{}", folder.path().join("nobody.sock").display()))
        .env_remove("XDG_RUNTIME_DIR")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the test runs itself");
    let mut status = None;
    wait_until(|| {
        status = child.try_wait().expect("a child");
        status.is_some()
    });
    assert!(status.is_some_and(|status| status.success()));
}
