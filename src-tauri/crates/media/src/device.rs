//! Sound devices of this computer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use juxta_wire::media::InputDevice;
use rodio::cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use rodio::cpal::{
    self, BufferSize, Device, ErrorKind, FromSample, SampleFormat, SizedSample, Stream, StreamConfig,
    SupportedBufferSize,
};

use crate::MediaError;
use crate::deck::Deck;

/// More is nobody's; a driver that says so is wrong.
const MOST_LATENCY: Duration = Duration::from_secs(2);

/// Blocks a second. Drivers hold two of them: a fifth of a second in which the machine may stand still and nothing is torn.
/// Some default to a hundredth of a second, which is for instruments.
const BLOCKS: u32 = 10;

/// What can be recorded from, the one first that the system would take.
///
/// # Errors
/// When the system has no sound at all.
pub fn inputs() -> Result<Vec<InputDevice>, MediaError> {
    let host = cpal::default_host();
    let default = host.default_input_device().and_then(|device| device.id().ok());
    let mut known = Vec::new();
    for device in host.input_devices().map_err(said)? {
        let Ok(id) = device.id() else { continue };
        // Some are listed that no call can open.
        if device.default_input_config().is_ok() {
            let name = device.description().map_or_else(|_| id.to_string(), |described| described.name().to_owned());
            known.push(InputDevice { id: id.to_string(), name, is_default: Some(&id) == default.as_ref() });
        }
    }
    known.sort_by_key(|device| !device.is_default);
    known.dedup_by(|one, other| one.id == other.id);
    Ok(known)
}

/// # Errors
/// When the device is not there.
pub(crate) fn input(id: Option<&str>) -> Result<Device, MediaError> {
    let host = cpal::default_host();
    match id {
        None => host.default_input_device().ok_or_else(|| MediaError::Device("there is no microphone".to_owned())),
        Some(id) => {
            let gone = || MediaError::Device(format!("{id} is not there"));
            host.device_by_id(&id.parse().map_err(|_| gone())?).ok_or_else(gone)
        }
    }
}

/// A device that is heard. Dropping it closes it.
pub(crate) struct Output {
    _stream: Stream,
    lost: Lost,
}

/// Why a device is gone.
pub(crate) type Lost = Arc<Mutex<Option<String>>>;

impl Output {
    pub fn lost(&self) -> Option<String> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn is_lost(&self) -> bool {
        self.lost().is_some()
    }
}

/// # Errors
/// When the system has no device that can be opened.
pub(crate) fn open_output(deck: &Arc<Deck>) -> Result<Output, MediaError> {
    let none = || MediaError::Device("there is none to hear with".to_owned());
    let device = cpal::default_host().default_output_device().ok_or_else(none)?;
    let default = device.default_output_config().map_err(said)?;
    let (format, mut config) = (default.sample_format(), default.config());
    if let SupportedBufferSize::Range { min, max } = default.buffer_size() {
        config.buffer_size = BufferSize::Fixed((config.sample_rate / BLOCKS).clamp(*min, *max));
    }
    let lost = Lost::default();
    let open = |config, format| match format {
        SampleFormat::F32 => stream::<f32>(&device, config, deck, &lost),
        SampleFormat::F64 => stream::<f64>(&device, config, deck, &lost),
        SampleFormat::I32 => stream::<i32>(&device, config, deck, &lost),
        SampleFormat::I16 => stream::<i16>(&device, config, deck, &lost),
        SampleFormat::U16 => stream::<u16>(&device, config, deck, &lost),
        SampleFormat::U8 => stream::<u8>(&device, config, deck, &lost),
        other => Err(MediaError::Device(format!("it takes only {other}"))),
    };
    // Some drivers name a range and refuse what is within it.
    let stream =
        open(config, format).or_else(|_| open(StreamConfig { buffer_size: BufferSize::Default, ..config }, format))?;
    stream.play().map_err(said)?;
    Ok(Output { _stream: stream, lost })
}

fn stream<T>(device: &Device, config: StreamConfig, deck: &Arc<Deck>, lost: &Lost) -> Result<Stream, MediaError>
where
    T: SizedSample + FromSample<f32>,
{
    let (channels, rate) = (usize::from(config.channels), config.sample_rate);
    let deck = Arc::clone(deck);
    let mut block = Vec::new();
    let fill = move |out: &mut [T], info: &cpal::OutputCallbackInfo| {
        let times = info.timestamp();
        let latency = times.playback.checked_duration_since(times.callback).unwrap_or_default().min(MOST_LATENCY);
        // Grows with the first block; blocks stay as long as they are.
        block.resize(out.len(), 0.0);
        deck.fill(&mut block, channels, rate, latency);
        out.iter_mut().zip(&block).for_each(|(out, sample)| *out = T::from_sample(sample.clamp(-1.0, 1.0)));
    };
    device.build_output_stream(config, fill, faults(lost), None).map_err(said)
}

/// Notes when a device is gone. Other faults are told in the log: some drivers report the same one hundreds of times a
/// second and go on.
pub(crate) fn faults(lost: &Lost) -> impl FnMut(cpal::Error) + Send + 'static {
    let lost = Arc::clone(lost);
    let mut count: u64 = 0;
    move |error| {
        if is_the_end(error.kind()) {
            let mut lost = lost.lock().unwrap_or_else(PoisonError::into_inner);
            lost.get_or_insert_with(|| in_words(&error));
        }
        if count.is_power_of_two() || count == 0 {
            tracing::warn!(%error, count, "the sound device reports a fault");
        }
        count += 1;
    }
}

fn is_the_end(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::DeviceNotAvailable
            | ErrorKind::HostUnavailable
            | ErrorKind::PermissionDenied
            | ErrorKind::StreamInvalidated
    )
}

pub(crate) fn said(error: cpal::Error) -> MediaError {
    MediaError::Device(in_words(&error))
}

fn in_words(error: &cpal::Error) -> String {
    match error.kind() {
        ErrorKind::DeviceNotAvailable => "it is not there, or was unplugged".to_owned(),
        ErrorKind::DeviceBusy => "another program uses it".to_owned(),
        ErrorKind::HostUnavailable => "this computer has no sound, or its sound server does not run".to_owned(),
        ErrorKind::PermissionDenied => "the system does not let Juxta use it; allow that in its settings".to_owned(),
        _ => error.to_string().trim_end_matches('.').to_owned(),
    }
}
