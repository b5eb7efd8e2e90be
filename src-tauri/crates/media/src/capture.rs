//! Recording from a device to a file, on a thread of its own.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use juxta_wire::ids::RecordingId;
use juxta_wire::media::{RecorderNews, RecorderState, RecordingRate};
use rodio::cpal::traits::{DeviceTrait, StreamTrait};
use rodio::cpal::{self, Device, FromSample, SampleFormat, SizedSample, Stream, StreamConfig};
use rtrb::{Consumer, Producer, RingBuffer};

use crate::MediaError;
use crate::device::{self, Lost};
use crate::shaper::Shaper;
use crate::take::Take;
use crate::wav_file::WavFile;

/// Samples a second from which speech is recognised.
const SPEECH: u32 = 16_000;
/// Seconds that the disk may be busy before samples are lost.
const PATIENCE: usize = 8;
const TELL: Duration = Duration::from_millis(50);
const LOOK: Duration = Duration::from_millis(20);
/// A device that gives nothing for so long is gone, though it does not say so.
const SILENT: Duration = Duration::from_secs(10);

/// What is recorded, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    pub recording: RecordingId,
    /// A file that does not exist.
    pub path: PathBuf,
    /// An id of [`device::inputs`]; the system's own choice without one.
    pub device: Option<String>,
    pub rate: RecordingRate,
}

enum Order {
    Pause,
    Resume,
    Stop,
}

/// A recording that goes on until it is stopped, or until its device or the disk fails. Dropping it stops it.
pub struct Recorder {
    orders: Sender<Order>,
    thread: Option<JoinHandle<Option<RecorderNews>>>,
}

impl Recorder {
    /// Begins, and calls `tell` about twenty times a second, the last time with [`RecorderState::Ended`].
    ///
    /// # Errors
    /// When the device cannot be opened, or the file cannot be made.
    pub fn start(plan: Plan, tell: impl FnMut(RecorderNews) + Send + 'static) -> Result<Self, MediaError> {
        let (orders, received) = mpsc::channel();
        let (begun, has_begun) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new().name("recorder".to_owned());
        // Some systems bind a stream to the thread that opened it.
        let work = move || match Session::open(&plan) {
            Ok(session) => {
                let _ = begun.send(Ok(()));
                Some(session.run(&received, tell))
            }
            Err(error) => {
                let _ = begun.send(Err(error));
                None
            }
        };
        let thread = thread.spawn(work).map_err(|error| MediaError::Recording(error.to_string()))?;
        match has_begun.recv() {
            Ok(Ok(())) => Ok(Self { orders, thread: Some(thread) }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(MediaError::Device("it failed while it was opened".to_owned())),
        }
    }

    /// What comes until [`Self::resume`] is left out.
    pub fn pause(&self) {
        self.order(Order::Pause);
    }

    pub fn resume(&self) {
        self.order(Order::Resume);
    }

    /// Ends the file and returns how it ended.
    pub fn stop(mut self) -> Option<RecorderNews> {
        self.end()
    }

    pub fn is_over(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    fn order(&self, order: Order) {
        // A recording that is over takes no orders.
        let _ = self.orders.send(order);
    }

    fn end(&mut self) -> Option<RecorderNews> {
        self.order(Order::Stop);
        self.thread.take()?.join().ok().flatten()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.end();
    }
}

struct Session {
    _stream: Stream,
    samples: Consumer<f32>,
    lost: Lost,
    /// Samples for which there was no room.
    missed: Arc<AtomicU64>,
    take: Take<std::fs::File>,
    channels: usize,
}

impl Session {
    fn open(plan: &Plan) -> Result<Self, MediaError> {
        let device = device::input(plan.device.as_deref())?;
        let default = device.default_input_config().map_err(device::said)?;
        let (format, config) = (default.sample_format(), default.config());
        let channels = usize::from(config.channels.max(1));
        let (sender, samples) = RingBuffer::new(PATIENCE * channels * config.sample_rate as usize);
        let (lost, missed) = (Lost::default(), Arc::new(AtomicU64::new(0)));
        let stream = listen(&device, format, config, Ear { sender, missed: Arc::clone(&missed) }, &lost)?;
        let rate = match plan.rate {
            RecordingRate::Speech => SPEECH,
            RecordingRate::Device => config.sample_rate,
        };
        let shaper = Shaper::new(config.channels, config.sample_rate, rate)?;
        let file = create(&plan.path, rate).map_err(|error| MediaError::Recording(error.to_string()))?;
        let take = Take::new(plan.recording.clone(), file, shaper, rate);
        stream.play().map_err(device::said)?;
        Ok(Self { _stream: stream, samples, lost, missed, take, channels })
    }

    fn run(mut self, orders: &Receiver<Order>, mut tell: impl FnMut(RecorderNews)) -> RecorderNews {
        let mut state = RecorderState::Recording;
        let (mut told, mut heard) = (Instant::now(), Instant::now());
        let problem = loop {
            match orders.recv_timeout(LOOK) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(order) => {
                    // What came before the order is treated as it was then.
                    if let Err(problem) = self.drain(state) {
                        break Some(problem);
                    }
                    match order {
                        Order::Pause => state = RecorderState::Paused,
                        Order::Resume => state = RecorderState::Recording,
                        Order::Stop => break None,
                    }
                    tell(self.take.news(state, None));
                }
                Err(RecvTimeoutError::Disconnected) => break None,
            }
            match self.drain(state) {
                Ok(true) => heard = Instant::now(),
                Ok(false) if heard.elapsed() > SILENT => {
                    break Some("The device gives no sound any more; it may have been unplugged.".to_owned());
                }
                Ok(false) => {}
                Err(problem) => break Some(problem),
            }
            if let Some(lost) = self.lost.lock().unwrap_or_else(PoisonError::into_inner).clone() {
                break Some(format!("The device failed: {lost}."));
            }
            if told.elapsed() >= TELL {
                told = Instant::now();
                tell(self.take.news(state, None));
            }
        };
        let end = self.end(problem);
        tell(end.clone());
        // The caller of `stop` draws nothing.
        RecorderNews { waveform: juxta_wire::media::Waveform::default(), ..end }
    }

    /// Takes what has come, and says whether anything had.
    fn drain(&mut self, state: RecorderState) -> Result<bool, String> {
        let count = self.samples.slots();
        let count = count - count % self.channels;
        if count == 0 {
            return Ok(false);
        }
        let Ok(chunk) = self.samples.read_chunk(count) else { return Ok(false) };
        let (one, two) = chunk.as_slices();
        // The ring may tear a frame.
        let given = [one, two].concat();
        chunk.commit_all();
        if state == RecorderState::Recording {
            self.take.push(&given).map_err(|error| unwritten(&error))?;
        }
        Ok(true)
    }

    fn end(mut self, problem: Option<String>) -> RecorderNews {
        let problem = match (problem, self.take.finish()) {
            (Some(problem), Err(_)) => {
                self.take.seal();
                Some(problem)
            }
            (None, Err(error)) => {
                self.take.seal();
                Some(unwritten(&error))
            }
            (problem, Ok(())) => problem,
        };
        let missed = self.missed.load(Ordering::Relaxed);
        let problem = problem.or_else(|| {
            (missed > 0).then(|| format!("The disk was too slow: {missed} samples of the device are missing."))
        });
        self.take.news(RecorderState::Ended, problem)
    }
}

fn unwritten(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            "The disk is full. What was recorded until then is kept.".to_owned()
        }
        _ => format!("The recording cannot be written: {error}. What was recorded until then is kept."),
    }
}

fn create(path: &Path, rate: u32) -> std::io::Result<WavFile<std::fs::File>> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    WavFile::begin(OpenOptions::new().write(true).create_new(true).open(path)?, rate)
}

/// What the thread of the device does: it neither waits nor asks for memory.
struct Ear {
    sender: Producer<f32>,
    missed: Arc<AtomicU64>,
}

impl Ear {
    fn hear<T: SizedSample>(&mut self, samples: &[T])
    where
        f32: FromSample<T>,
    {
        if self.sender.slots() < samples.len() {
            self.missed.fetch_add(samples.len() as u64, Ordering::Relaxed);
            return;
        }
        for sample in samples {
            let _ = self.sender.push(sample.to_sample::<f32>());
        }
    }
}

fn listen(
    device: &Device,
    format: SampleFormat,
    config: StreamConfig,
    ear: Ear,
    lost: &Lost,
) -> Result<Stream, MediaError> {
    match format {
        SampleFormat::F32 => stream::<f32>(device, config, ear, lost),
        SampleFormat::F64 => stream::<f64>(device, config, ear, lost),
        SampleFormat::I32 => stream::<i32>(device, config, ear, lost),
        SampleFormat::I16 => stream::<i16>(device, config, ear, lost),
        SampleFormat::U16 => stream::<u16>(device, config, ear, lost),
        SampleFormat::U8 => stream::<u8>(device, config, ear, lost),
        other => Err(MediaError::Device(format!("it gives only {other}"))),
    }
}

fn stream<T: SizedSample>(
    device: &Device,
    config: StreamConfig,
    mut ear: Ear,
    lost: &Lost,
) -> Result<Stream, MediaError>
where
    f32: FromSample<T>,
{
    let hear = move |samples: &[T], _: &cpal::InputCallbackInfo| ear.hear(samples);
    device.build_input_stream(config, hear, device::faults(lost), None).map_err(device::said)
}
