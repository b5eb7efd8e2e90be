//! A sound that was really played: by a sound server without a device, recorded from what it would have sent to one.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use juxta_media::MediaError;
use juxta_media::sound;
use juxta_media::speaker::Speaker;
use juxta_wire::ids::CellId;

const TONE: f64 = 1_000.0;
/// Of the recording.
const RATE: usize = 48_000;
/// How long a busy machine may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Samples as servers send them: a tone for a second and a half.
fn tone() -> Vec<u8> {
    let rate = sound::PCM16_RATE;
    (0..rate * 3 / 2)
        .flat_map(|at| {
            let time = f64::from(at) / f64::from(rate);
            (((time * TONE * std::f64::consts::TAU).sin() * 16_000.0) as i16).to_le_bytes()
        })
        .collect()
}

/// Run by the tests below, each with the sound server of its own.
#[test]
#[ignore = "plays aloud; the other tests run it with a sound server that has no device"]
fn plays_a_tone() {
    let speaker = Speaker::default();
    let sound = sound::decode(&tone(), Some("pcm16")).expect("samples");
    match speaker.play(CellId::new(), 0, sound, 0.0) {
        Ok(()) => {}
        Err(MediaError::Device(_)) => std::process::exit(3),
        Err(other) => panic!("{other}"),
    }
    let began = Instant::now();
    let mut positions = Vec::new();
    while let Some(now) = speaker.playback().filter(|now| now.playing) {
        positions.push(now.position);
        assert!(began.elapsed() < PATIENCE, "it never ends: {positions:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(positions.is_sorted() && positions.last().is_some_and(|last| *last > 0.5), "{positions:?}");
    let end = speaker.playback().expect("it was not stopped");
    assert_eq!((end.position, end.seconds), (1.5, 1.5));
}

/// Plays the tone in a process of its own, which finds this sound server and no other.
fn play(server: &Path) -> std::process::ExitStatus {
    Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "plays_a_tone", "--ignored"])
        .env("PULSE_SERVER", format!("unix:{}", server.display()))
        .env_remove("XDG_RUNTIME_DIR")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the test runs itself")
}

struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A sound server whose only device throws everything away.
fn server(folder: &Path) -> Ends {
    use std::os::unix::fs::PermissionsExt;

    let run = folder.join("run");
    fs::create_dir_all(&run).expect("a folder");
    fs::set_permissions(&run, fs::Permissions::from_mode(0o700)).expect("a folder");
    let socket = folder.join("pulse.sock");
    let script = folder.join("default.pa");
    let lines = [
        format!("load-module module-native-protocol-unix auth-anonymous=1 socket={}", socket.display()),
        "load-module module-null-sink sink_name=spk rate=48000 channels=2".to_owned(),
        "load-module module-null-sink sink_name=hold rate=48000 channels=2".to_owned(),
        // Without a reader the first device works two seconds ahead.
        "load-module module-loopback source=spk.monitor sink=hold latency_msec=100 sink_dont_move=yes source_dont_move=yes"
            .to_owned(),
        "set-default-sink spk".to_owned(),
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
    let began = Instant::now();
    while !socket.exists() {
        assert!(began.elapsed() < PATIENCE, "the sound server does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ends(server)
}

/// How much of a window is the tone: 1 is nothing else.
fn purity(window: &[f64]) -> f64 {
    let (mut sine, mut cosine, mut all) = (0.0, 0.0, 0.0);
    for (at, sample) in window.iter().enumerate() {
        let angle = at as f64 / RATE as f64 * TONE * std::f64::consts::TAU;
        sine += sample * angle.sin();
        cosine += sample * angle.cos();
        all += sample * sample;
    }
    if all == 0.0 { 0.0 } else { 2.0 * (sine * sine + cosine * cosine) / (window.len() as f64 * all) }
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_played_is_what_is_heard() {
    let folder = tempfile::tempdir().expect("a folder");
    let _server = server(folder.path());
    let socket = folder.path().join("pulse.sock");
    let mut recorder = Ends(
        Command::new("parec")
            .arg(format!("--server=unix:{}", socket.display()))
            .args(["--device=spk.monitor", "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=50"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("parec, which script/bootstrap --tests installs"),
    );
    let mut pipe = recorder.0.stdout.take().expect("a pipe");
    // The first bytes say that it listens.
    let mut first = [0; 2];
    pipe.read_exact(&mut first).expect("silence");
    let hearing = std::thread::spawn(move || {
        let mut heard = Vec::new();
        let _ = pipe.read_to_end(&mut heard);
        heard
    });
    assert!(play(&socket).success(), "the tone was not played");
    std::thread::sleep(Duration::from_millis(500));
    drop(recorder);
    let heard = hearing.join().expect("what was recorded");
    let (pairs, _) = heard.as_chunks::<2>();
    let samples: Vec<f64> = pairs.iter().map(|pair| f64::from(i16::from_le_bytes(*pair))).collect();
    // Windows of 20 ms that are the tone and loud.
    let tones = samples.chunks_exact(RATE / 50).filter(|window| {
        let loudest = window.iter().fold(0.0_f64, |most, sample| most.max(sample.abs()));
        loudest > 4_000.0 && purity(window) > 0.9
    });
    let seconds = tones.count() as f64 / 50.0;
    assert!((1.2..=1.6).contains(&seconds), "{seconds} s of the tone were heard");
}

#[test]
#[cfg(target_os = "linux")]
fn without_a_sound_server_there_is_an_error_and_nothing_worse() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(play(&folder.path().join("nobody.sock")).code(), Some(3), "no device could be opened");
}
