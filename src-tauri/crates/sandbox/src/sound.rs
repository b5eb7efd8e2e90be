//! Files of sound: what they hold, and how they are made.

mod encode;

use std::io::Cursor;

use opus_pure::{MAX_PACKET_SAMPLES, OggOpusReader, Trim};
use symphonia::core::audio::SampleBuffer;
use symphonia::core::codecs::{CODEC_TYPE_NULL, DecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::io::MediaSourceStream;
use symphonia::core::probe::Hint;

pub(crate) use encode::Encoding;

/// Every channel as one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sound {
    pub(crate) samples: Vec<f32>,
    pub(crate) rate: u32,
    pub(crate) channels: usize,
}

/// Half an hour at 48 kHz: what fits into the largest upload and is not silly.
const MOST_SAMPLES: usize = 90_000_000;

impl Sound {
    fn of(interleaved: &[f32], channels: usize, rate: u32) -> Self {
        let channels = channels.max(1);
        let share = 1.0 / channels as f32;
        let samples = interleaved.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() * share).collect();
        Self { samples, rate: rate.max(1), channels }
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate)
    }

    /// The root mean square in decibels of full scale; `None` for silence.
    pub(crate) fn level(&self) -> Option<f64> {
        let sum: f64 = self.samples.iter().map(|sample| f64::from(sample * sample)).sum();
        let mean = sum / self.samples.len().max(1) as f64;
        (mean > 1e-10).then(|| 10.0 * mean.log10())
    }
}

/// WAV, MP3, FLAC, M4A, AAC, Vorbis and Opus, recognised by content. The text says what is wrong.
pub(crate) fn decode(bytes: &[u8]) -> Result<Sound, String> {
    let sound = if bytes.starts_with(b"OggS") && bytes.get(28..36) == Some(b"OpusHead") {
        opus(bytes).map_err(|error| error.to_string())?
    } else {
        common(bytes).map_err(|error| error.to_string())?
    };
    if sound.samples.is_empty() { Err("it has no samples".to_owned()) } else { Ok(sound) }
}

fn opus(bytes: &[u8]) -> Result<Sound, opus_pure::Error> {
    const RATE: i32 = 48_000;
    let mut reader = OggOpusReader::new(Cursor::new(bytes))?;
    let head = reader.head().clone();
    let channels = usize::from(head.channel_count);
    let mut decoder = head.decoder(RATE)?;
    let mut trim = Trim::new(&head, RATE, channels)?;
    let mut block = vec![0.0; MAX_PACKET_SAMPLES * channels];
    let mut samples = Vec::new();
    // A file that was cut off gives what it has.
    for packet in reader.packets().map_while(Result::ok) {
        let count = decoder.decode(&packet.data, MAX_PACKET_SAMPLES, &mut block)?;
        samples.extend_from_slice(trim.keep(&packet, &block[..count * channels]));
        if samples.len() > MOST_SAMPLES {
            break;
        }
    }
    Ok(Sound::of(&samples, channels, RATE as u32))
}

fn common(bytes: &[u8]) -> Result<Sound, Error> {
    let source = MediaSourceStream::new(Box::new(Cursor::new(bytes.to_vec())), Default::default());
    let probed =
        symphonia::default::get_probe().format(&Hint::new(), source, &Default::default(), &Default::default())?;
    let mut format = probed.format;
    let track = format.tracks().iter().find(|track| track.codec_params.codec != CODEC_TYPE_NULL);
    let track = track.ok_or(Error::Unsupported("no track of sound"))?;
    let (id, parameters) = (track.id, track.codec_params.clone());
    let mut decoder = symphonia::default::get_codecs().make(&parameters, &DecoderOptions::default())?;
    let (mut samples, mut shape) = (Vec::new(), None);
    // The end of the file is an error here, and so is a file that was cut off, which gives what it has.
    while let Ok(packet) = format.next_packet() {
        if packet.track_id() != id {
            continue;
        }
        match decoder.decode(&packet) {
            Ok(decoded) => {
                let spec = *decoded.spec();
                shape = Some((spec.channels.count(), spec.rate));
                let mut buffer = SampleBuffer::<f32>::new(decoded.capacity() as u64, spec);
                buffer.copy_interleaved_ref(decoded);
                samples.extend_from_slice(buffer.samples());
            }
            // One bad frame is skipped, as players do.
            Err(Error::DecodeError(_)) => {}
            Err(error) => return Err(error),
        }
        if samples.len() > MOST_SAMPLES {
            break;
        }
    }
    let (channels, rate) = shape.ok_or(Error::DecodeError("no frame of it could be read"))?;
    Ok(Sound::of(&samples, channels, rate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::talk::{self, VOICES, hear, speak};

    const TEXT: &str = "Read back, word for word: “ÿ 日本” – and 12.5 % more.";

    #[test]
    fn speech_is_understood_in_every_encoding() {
        let spoken = speak(TEXT, &VOICES[0], 1.0);
        // Of several lengths: the last block of an encoder is seldom a whole one.
        for (encoding, longer) in Encoding::ALL.into_iter().flat_map(|one| [(one, 0), (one, 1_500), (one, 3_001)]) {
            let mut spoken = spoken.clone();
            spoken.resize(spoken.len() + longer, 0.0);
            let bytes = encoding.encode(&spoken).expect("an encoder");
            let sound = match encoding {
                Encoding::Pcm => {
                    let samples = bytes.chunks_exact(2).map(|two| f32::from(i16::from_le_bytes([two[0], two[1]])));
                    Sound::of(&samples.map(|sample| sample / 32_768.0).collect::<Vec<_>>(), 1, talk::RATE)
                }
                _ => decode(&bytes).unwrap_or_else(|error| panic!("{encoding:?}: {error}")),
            };
            let expected = spoken.len() as f64 / f64::from(talk::RATE);
            let length = sound.seconds();
            assert!((length - expected).abs() < 0.2, "{encoding:?}: {length} s instead of {expected}");
            let heard = hear(&sound.samples, sound.rate);
            let bytes: Vec<u8> = heard.iter().flat_map(|word| word.bytes.iter().copied()).collect();
            assert_eq!(String::from_utf8_lossy(&bytes), TEXT, "{encoding:?}");
        }
    }

    #[test]
    fn a_head_that_does_not_know_the_length_is_no_hindrance() {
        let spoken = speak("Streamed.", &VOICES[0], 1.0);
        let mut bytes = Encoding::wav_head(None).to_vec();
        bytes.extend(Encoding::Pcm.encode(&spoken).expect("samples"));
        assert_eq!(decode(&bytes).expect("a sound").samples.len(), spoken.len());
    }

    #[test]
    fn what_is_no_sound_says_so() {
        for bytes in [&b""[..], b"hello", b"RIFF\x10\0\0\0WAVEfmt ", b"OggS", &[0; 4_000], &[255; 4_000]] {
            assert!(decode(bytes).is_err(), "{bytes:?}");
        }
    }
}
