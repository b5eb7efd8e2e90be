//! What another program plays, recorded by Juxta.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use juxta_media::capture::{Plan, Recorder};
use juxta_media::{MediaError, device, loudness, sound, wav_file};
use juxta_wire::ids::RecordingId;
use juxta_wire::media::{RecorderNews, RecorderState, RecordingRate};

use crate::ear::{Ends, chirp, in_one_round, likeness, loud, wait_until, wav};
use crate::{can_hear, long};

fn plan(path: &Path, rate: RecordingRate) -> Plan {
    Plan { recording: RecordingId::new(), path: path.to_owned(), device: None, rate }
}

type Told = Arc<Mutex<Vec<RecorderNews>>>;

fn record(path: &Path, rate: RecordingRate) -> (Recorder, Told) {
    let told = Told::default();
    let into = Arc::clone(&told);
    let recorder = Recorder::start(plan(path, rate), move |news| into.lock().unwrap().push(news)).expect("a device");
    // A sound server gives its first samples when it likes.
    wait_until(|| told.lock().unwrap().last().is_some_and(|news| news.seconds > 0.1));
    (recorder, told)
}

fn recorded(told: &Told) -> f64 {
    told.lock().unwrap().last().map_or(0.0, |news| news.seconds)
}

fn play(path: &Path) {
    let played = Command::new("paplay").arg(path).status().expect("paplay, which script/bootstrap --tests installs");
    assert!(played.success());
}

#[test]
fn a_recording_is_what_was_played() {
    if !can_hear() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let played = folder.path().join("played.wav");
    let seconds = long();
    fs::write(&played, wav(seconds, 48_000, chirp)).expect("a file");
    for (rate, count) in [(RecordingRate::Speech, Some(16_000)), (RecordingRate::Device, None)] {
        let round = |attempt| {
            let path = folder.path().join(format!("Aufnahme „{attempt}“ {rate:?}.wav"));
            let (recorder, told) = record(&path, rate);
            play(&played);
            let end = recorded(&told);
            wait_until(|| recorded(&told) > end + 0.5);
            let last = recorder.stop().expect("it ended well");
            assert_eq!((last.state, &last.problem), (RecorderState::Ended, &None));
            let bytes = fs::read(&path).expect("the recording");
            assert_eq!(bytes.len() as u64, last.bytes);
            assert_eq!(&bytes[20..24], b"\x01\0\x01\0", "samples of one channel");
            assert_eq!(&bytes[34..36], b"\x10\0", "of 16 bits");
            let sound = sound::decode(&bytes, None).expect("a sound");
            assert!(count.is_none_or(|count| count == sound.rate));
            assert!((sound.seconds() - last.seconds).abs() < 0.001 && sound.damage.is_none());
            let samples: Vec<f64> = sound.samples.iter().map(|sample| f64::from(*sample)).collect();
            let columns: usize = told.lock().unwrap().iter().map(|news| news.waveform.low.len()).sum();
            assert!((columns as f64 / 50.0 - last.seconds).abs() < 0.05, "{columns} parts of the waveform");
            let loudest = told.lock().unwrap().iter().map(|news| news.peak).fold(f64::MIN, f64::max);
            assert!((loudest + 6.02).abs() < 1.0, "a peak of {loudest} dB");
            let apart = loud(&samples).1.len() as f64 / f64::from(sound.rate) - seconds;
            let alike = likeness(&samples, sound.rate, seconds, chirp);
            let result = format!("{seconds} s, {rate:?}: alike {alike:.4}, {apart:.3} s too long");
            eprintln!("{result}");
            if alike > 0.95 && apart.abs() < 0.05 { Ok(()) } else { Err(result) }
        };
        in_one_round(round).unwrap();
    }
}

#[test]
fn a_pause_is_not_recorded() {
    if !can_hear() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (recorder, told) = record(&folder.path().join("a.wav"), RecordingRate::Speech);
    recorder.pause();
    wait_until(|| told.lock().unwrap().last().is_some_and(|news| news.state == RecorderState::Paused));
    let (before, count) = (recorded(&told), told.lock().unwrap().len());
    wait_until(|| told.lock().unwrap().len() > count + 10);
    assert_eq!(recorded(&told), before);
    recorder.resume();
    wait_until(|| recorded(&told) > before + 0.2);
    assert!(recorder.stop().expect("an end").problem.is_none());
}

#[test]
fn devices_are_named() {
    if !can_hear() {
        return;
    }
    let known = device::inputs().expect("devices");
    eprintln!("{known:#?}");
    assert!(known.iter().all(|device| !device.id.is_empty() && !device.name.is_empty()));
    let folder = tempfile::tempdir().expect("a folder");
    let by_name = |device: &str| Plan {
        device: Some(device.to_owned()),
        ..plan(&folder.path().join("named.wav"), RecordingRate::Speech)
    };
    let first = known.first().expect("a device");
    assert!(Recorder::start(by_name(&first.id), |_| {}).expect("the first").stop().is_some());
    let gone = Recorder::start(by_name("alsa:nobody"), |_| {}).err();
    assert!(matches!(gone, Some(MediaError::Device(_))), "{gone:?}");
}

/// Run by the tests below, which end it.
#[test]
#[ignore = "records until something ends it"]
fn records_until_the_end() {
    let path = std::env::var_os("JUXTA_RECORD_INTO").expect("where to");
    let told = Told::default();
    let into = Arc::clone(&told);
    let recorder = Recorder::start(plan(Path::new(&path), RecordingRate::Speech), move |news| {
        eprintln!("{}\t{}\t{}", news.seconds, news.bytes, news.problem.clone().unwrap_or_default());
        into.lock().unwrap().push(news);
    });
    let recorder = recorder.expect("a device");
    wait_until(|| recorder.is_over());
    assert!(told.lock().unwrap().last().is_some_and(|news| news.problem.is_some()));
}

/// Records in a process of its own and calls `each` with what it tells, until that says that it is enough.
fn elsewhere(path: &Path, command: &mut Command, mut each: impl FnMut(&mut Ends, f64, &str) -> bool) {
    let child = command
        .env("JUXTA_RECORD_INTO", path)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the test runs itself");
    let mut child = Ends(child);
    let lines = BufReader::new(child.0.stderr.take().expect("a pipe")).lines();
    for line in lines.map_while(Result::ok) {
        // The libraries of the system say things too.
        let mut fields = line.split('\t');
        let Some(Ok(seconds)) = fields.next().map(str::parse::<f64>) else { continue };
        if each(&mut child, seconds, fields.nth(1).unwrap_or_default()) {
            return;
        }
    }
    panic!("it ended by itself");
}

fn myself() -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command.args(["--exact", "recording::records_until_the_end", "--ignored", "--nocapture"]);
    command
}

#[test]
fn a_recorder_that_is_killed_leaves_all_but_a_second() {
    if !can_hear() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("killed.wav");
    let wanted = (long() / 2.0).max(3.0);
    let mut last = 0.0;
    elsewhere(&path, &mut myself(), |child, seconds, problem| {
        assert_eq!(problem, "");
        last = seconds;
        // SIGKILL: nothing of it can tidy up.
        seconds >= wanted && child.0.kill().is_ok()
    });
    let left = sound::decode(&fs::read(&path).expect("the file"), None).expect("it plays").seconds();
    eprintln!("killed at {last} s, {left} s are left");
    assert!(left >= last - 1.0, "{left} of {last}");
    wav_file::mend(&path).expect("a file");
    let mended = sound::decode(&fs::read(&path).expect("the file"), None).expect("it plays").seconds();
    assert!(mended >= left && mended >= last - 0.1, "{mended} of {last}");
}

#[test]
fn a_full_disk_ends_a_recording_and_keeps_what_it_had() {
    if !can_hear() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("full.wav");
    // No file may be larger than 40 blocks of 1,024 bytes.
    let mut shell = Command::new("bash");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 40; exec \"$0\" \"$@\""]);
    shell.arg(std::env::current_exe().expect("this test"));
    shell.args(["--exact", "recording::records_until_the_end", "--ignored", "--nocapture"]);
    let mut said = String::new();
    elsewhere(&path, &mut shell, |_, _, problem| {
        said = problem.to_owned();
        !said.is_empty()
    });
    assert!(said.contains("What was recorded until then is kept"), "{said}");
    let bytes = fs::read(&path).expect("the file");
    assert_eq!(bytes.len(), 40 * 1_024);
    assert_eq!(sound::decode(&bytes, None).expect("it plays").frames(), (bytes.len() - 44) / 2);
}

/// A sound server for one test, with a microphone that hears nothing.
fn server(folder: &Path) -> Ends {
    use std::os::unix::fs::PermissionsExt;

    let run = folder.join("run");
    fs::create_dir_all(&run).expect("a folder");
    fs::set_permissions(&run, fs::Permissions::from_mode(0o700)).expect("a folder");
    let script = folder.join("default.pa");
    let socket = folder.join("pulse.sock");
    let lines = [
        format!("load-module module-native-protocol-unix auth-anonymous=1 socket={}", socket.display()),
        "load-module module-null-sink sink_name=spk rate=48000 channels=2".to_owned(),
        "set-default-source spk.monitor".to_owned(),
    ];
    fs::write(&script, lines.join("\n") + "\n").expect("a script");
    let server = Command::new("pulseaudio")
        .args(["-n", "-F"])
        .arg(&script)
        .args(["--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes", "--log-level=error"])
        .env("XDG_RUNTIME_DIR", &run)
        .env("HOME", folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("pulseaudio, which script/bootstrap --tests installs");
    wait_until(|| socket.exists());
    Ends(server)
}

#[test]
fn a_device_that_goes_away_ends_a_recording_and_keeps_what_it_had() {
    if !can_hear() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Some(server(folder.path()));
    let path = folder.path().join("unplugged.wav");
    let (mut last, mut said) = (0.0, String::new());
    let mut command = myself();
    command.env("PULSE_SERVER", format!("unix:{}", folder.path().join("pulse.sock").display()));
    elsewhere(&path, &mut command, |_, seconds, problem| {
        (last, said) = (seconds, problem.to_owned());
        if seconds > 1.0 {
            server = None;
        }
        !said.is_empty()
    });
    eprintln!("{said}");
    assert!(said.contains("device"), "{said}");
    let left = sound::decode(&fs::read(&path).expect("the file"), None).expect("it plays").seconds();
    assert!(left > 1.0 && (left - last).abs() < 0.001, "{left} of {last}");
}

type Wave<'a> = &'a dyn Fn(f64) -> f64;

/// What another program measures, to a fifth of a loudness unit.
#[test]
fn loudness_is_what_ffmpeg_says() {
    if !can_hear() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let speechlike = |seconds: f64| chirp(seconds) * (0.15 + 0.85 * (seconds * 1.3).sin().abs());
    let quiet = |seconds: f64| 0.02 * chirp(seconds);
    let gaps = |seconds: f64| if seconds % 3.0 < 1.2 { chirp(seconds) } else { 0.0 };
    let waves: [(&str, u32, Wave<'_>); 4] =
        [("speech", 16_000, &speechlike), ("quiet", 44_100, &quiet), ("gaps", 24_000, &gaps), ("loud", 48_000, &chirp)];
    for (name, rate, wave) in waves {
        let path = folder.path().join(format!("{name}.wav"));
        let bytes = wav(12.0, rate, wave);
        fs::write(&path, &bytes).expect("a file");
        let output = Command::new("ffmpeg")
            .args(["-hide_banner", "-nostats", "-i"])
            .arg(&path)
            .args(["-af", "ebur128=peak=true", "-f", "null", "-"])
            .output()
            .expect("ffmpeg, which script/bootstrap --tests installs");
        let said = String::from_utf8_lossy(&output.stderr);
        let summary = said.rsplit("Summary:").next().expect("a summary");
        let number = |label: &str| -> f64 {
            let line = summary.lines().find_map(|line| line.trim().strip_prefix(label)).expect(label);
            line.split_whitespace().next().expect("a number").parse().expect("a number")
        };
        let ours = loudness::of(&sound::decode(&bytes, None).expect("a sound"));
        eprintln!("{name}: {ours:?}, ffmpeg {} LUFS, {} dBTP", number("I:"), number("Peak:"));
        assert!((ours.integrated.expect("a loudness") - number("I:")).abs() <= 0.2, "{name}: {ours:?}");
        assert!((ours.true_peak.expect("a peak") - number("Peak:")).abs() <= 0.5, "{name}: {ours:?}");
    }
}
