//! What comes out of the loudspeaker, as another program hears it, and how it is compared.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Samples a second of what is heard.
pub const RATE: u32 = 48_000;

/// Ends a process with the test.
pub struct Ends(pub Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Listens from its beginning to [`Ear::close`].
pub struct Ear {
    recorder: Ends,
    heard: Arc<Mutex<Heard>>,
    reader: JoinHandle<()>,
}

#[derive(Default)]
struct Heard {
    samples: Vec<i16>,
    /// How many samples there were, and when.
    arrivals: Vec<(usize, Instant)>,
}

impl Ear {
    pub fn open() -> Self {
        let mut recorder = Ends(
            Command::new("parec")
                .args(["--device=spk.monitor", "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=10"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("parec, which script/bootstrap --tests installs"),
        );
        let mut pipe = recorder.0.stdout.take().expect("a pipe");
        // The first bytes say that it listens.
        pipe.read_exact(&mut [0; 2]).expect("silence");
        let heard = Arc::new(Mutex::new(Heard::default()));
        let into = Arc::clone(&heard);
        let reader = std::thread::spawn(move || {
            let mut block = [0; 960];
            let mut half: Vec<u8> = Vec::new();
            while let Ok(count) = pipe.read(&mut block) {
                if count == 0 {
                    break;
                }
                half.extend_from_slice(&block[..count]);
                let (pairs, rest) = half.as_chunks::<2>();
                let mut heard = into.lock().unwrap();
                heard.samples.extend(pairs.iter().map(|pair| i16::from_le_bytes(*pair)));
                let there = heard.samples.len();
                heard.arrivals.push((there, Instant::now()));
                half = rest.to_vec();
            }
        });
        Self { recorder, heard, reader }
    }

    pub fn count(&self) -> usize {
        self.heard.lock().unwrap().samples.len()
    }

    /// When a sample came.
    pub fn when(&self, sample: usize) -> Option<Instant> {
        let heard = self.heard.lock().unwrap();
        heard.arrivals.iter().find(|(there, _)| *there > sample).map(|(_, when)| *when)
    }

    /// Waits until what sounds now has come, and gives all that came.
    pub fn close(self) -> Vec<f64> {
        let enough = self.count() + RATE as usize;
        wait_until(|| self.count() >= enough);
        drop(self.recorder);
        self.reader.join().expect("what was heard");
        let heard = self.heard.lock().unwrap();
        heard.samples.iter().map(|sample| f64::from(*sample) / 32_768.0).collect()
    }

    pub fn so_far(&self) -> Vec<f64> {
        self.heard.lock().unwrap().samples.iter().map(|sample| f64::from(*sample) / 32_768.0).collect()
    }
}

/// With patience for a busy machine.
pub fn wait_until(mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(180), "it never comes");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The part that is louder than a whisper, with where it begins.
pub fn loud(samples: &[f64]) -> (usize, &[f64]) {
    let is_loud = |sample: &f64| sample.abs() > 0.02;
    let begin = samples.iter().position(is_loud).unwrap_or(samples.len());
    let end = samples.iter().rposition(is_loud).map_or(begin, |last| last + 1);
    (begin, &samples[begin..end])
}

/// How alike the sound and a wave are, where they are most alike within 50 ms of where the sound gets loud.
pub fn likeness(samples: &[f64], rate: u32, seconds: f64, wave: impl Fn(f64) -> f64) -> f64 {
    let rate = f64::from(rate);
    let (begin, _) = loud(samples);
    let meant: Vec<f64> = (0..(seconds * rate) as usize).map(|at| wave(at as f64 / rate)).collect();
    let most = (rate * 0.05) as usize;
    let alike = |shift: usize, stride: usize| {
        let (mut both, mut own, mut other) = (0.0, 0.0, 0.0);
        for at in (0..meant.len()).step_by(stride) {
            let heard =
                (begin + at + shift).checked_sub(most).and_then(|place| samples.get(place)).copied().unwrap_or(0.0);
            both += heard * meant[at];
            own += heard * heard;
            other += meant[at] * meant[at];
        }
        both / (own * other).sqrt()
    };
    // An odd stride, so that no wave is met at the same phase each time.
    let rough = 1 + meant.len() / 20_000 * 2;
    let best = (0..=2 * most).max_by(|one, two| alike(*one, rough).total_cmp(&alike(*two, rough))).expect("shifts");
    alike(best, 1)
}

/// From 200 to 2,000 Hz within five seconds, over and over, at half of full volume.
pub fn chirp(seconds: f64) -> f64 {
    let within = seconds % 5.0;
    0.5 * (std::f64::consts::TAU * (200.0 * within + 180.0 * within * within)).sin()
}

/// A wave as a file of 16 bits.
pub fn wav(seconds: f64, rate: u32, wave: impl Fn(f64) -> f64) -> Vec<u8> {
    let samples = (0..(seconds * f64::from(rate)) as usize).flat_map(|at| {
        let sample = wave(at as f64 / f64::from(rate));
        ((sample * 32_767.0) as i16).to_le_bytes()
    });
    let data: Vec<u8> = samples.collect();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend_from_slice(&(data.len() as u32 + 36).to_le_bytes());
    bytes.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend_from_slice(&rate.to_le_bytes());
    bytes.extend_from_slice(&(rate * 2).to_le_bytes());
    bytes.extend_from_slice(b"\x02\0\x10\0data");
    bytes.extend_from_slice(&(data.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&data);
    bytes
}
