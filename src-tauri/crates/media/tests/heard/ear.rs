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

/// A machine that stands still spoils what is heard now and then; a fault of ours spoils every round.
pub fn in_one_round(mut round: impl FnMut(usize) -> Result<(), String>) -> Result<(), Vec<String>> {
    let mut failed = Vec::new();
    for count in 0..5 {
        match round(count) {
            Ok(()) => return Ok(()),
            Err(why) => {
                eprintln!("round {}: {why}", count + 1);
                failed.push(why);
            }
        }
    }
    Err(failed)
}

/// The part that is louder than a whisper, with where it begins.
pub fn loud(samples: &[f64]) -> (usize, &[f64]) {
    let is_loud = |sample: &f64| sample.abs() > 0.02;
    let begin = samples.iter().position(is_loud).unwrap_or(samples.len());
    let end = samples.iter().rposition(is_loud).map_or(begin, |last| last + 1);
    (begin, &samples[begin..end])
}

/// How many seconds there is something to hear: what is louder than a whisper, without the gaps that a machine makes when
/// it stands still.
pub fn sounding(samples: &[f64], rate: u32) -> f64 {
    let part = (rate / 500) as usize;
    let parts = samples.chunks(part).filter(|part| !loud(part).1.is_empty()).count();
    (parts * part) as f64 / f64::from(rate)
}

/// How alike a sound and a wave are: the mean over pieces of a twentieth of a second, each looked for behind the one before.
/// A machine that stands still puts silence between two of them or swallows one; both cost no more than what is missing.
pub fn likeness(samples: &[f64], rate: u32, seconds: f64, wave: impl Fn(f64) -> f64) -> f64 {
    let rate = f64::from(rate);
    let meant: Vec<f64> = (0..(seconds * rate) as usize).map(|at| wave(at as f64 / rate)).collect();
    let length = (rate * 0.05) as usize;
    let near = (rate * 0.02) as usize;
    let mut next = loud(samples).0.saturating_sub(near);
    let mut sum = 0.0;
    for piece in meant.chunks_exact(length) {
        let (mut alike, mut place) = best(samples, piece, next, 2 * near);
        if alike < 0.9 {
            let far = best(samples, piece, next, rate as usize * 2);
            // Where it is nowhere, the next one is looked for from here.
            (alike, place) = if far.0 > alike { far } else { (alike, next) };
        }
        sum += alike;
        if alike > 0.9 {
            next = (place + length).saturating_sub(near);
        }
    }
    sum / (meant.len() / length) as f64
}

/// Where a piece is most alike to what was heard, at `from` or up to `most` samples later.
fn best(samples: &[f64], piece: &[f64], from: usize, most: usize) -> (f64, usize) {
    let alike = |place: usize, stride: usize| {
        let (mut both, mut own, mut other) = (0.0, f64::EPSILON, f64::EPSILON);
        for at in (0..piece.len()).step_by(stride) {
            let heard = samples.get(place + at).copied().unwrap_or(0.0);
            both += heard * piece[at];
            own += heard * heard;
            other += piece[at] * piece[at];
        }
        both / (own * other).sqrt()
    };
    // Roughly, at every third place and by every seventh sample; then exactly, around the best.
    let places = (from..=from + most).step_by(3);
    let rough = places.max_by(|one, two| alike(*one, 7).total_cmp(&alike(*two, 7))).unwrap_or(from);
    (rough.saturating_sub(2)..=rough + 2)
        .map(|place| (alike(place, 1), place))
        .max_by(|one, two| one.0.total_cmp(&two.0))
        .unwrap_or((0.0, from))
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
