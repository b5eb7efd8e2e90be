//! Making files of sound, all of one channel at the rate of [`crate::talk`].

use std::error::Error;

use flacenc::bitsink::ByteSink;
use flacenc::component::BitRepr;
use flacenc::error::Verify;
use flacenc::source::MemSource;
use opus_pure::{Application, MAX_PACKET_BYTES, OggOpusWriter, OpusEncoder, OpusHead, OpusTags};
use rusty_aac::{AacEncoder, AacEncoderConfig, AdtsHeader, write_adts_header};
use rusty_mp3::{Mp3Encoder, Mp3EncoderConfig};

use crate::talk::RATE;

/// How a sound is written down. These are the formats that services offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Mp3,
    Opus,
    Aac,
    Flac,
    Wav,
    /// Samples without a head: 16 bits, little-endian.
    Pcm,
}

impl Encoding {
    pub(crate) const ALL: [Encoding; 6] =
        [Encoding::Mp3, Encoding::Opus, Encoding::Aac, Encoding::Flac, Encoding::Wav, Encoding::Pcm];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Encoding::Mp3 => "mp3",
            Encoding::Opus => "opus",
            Encoding::Aac => "aac",
            Encoding::Flac => "flac",
            Encoding::Wav => "wav",
            Encoding::Pcm => "pcm",
        }
    }

    pub(crate) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encoding| encoding.name() == name)
    }

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Encoding::Mp3 => "audio/mpeg",
            Encoding::Opus => "audio/ogg",
            Encoding::Aac => "audio/aac",
            Encoding::Flac => "audio/flac",
            Encoding::Wav => "audio/wav",
            Encoding::Pcm => "audio/pcm",
        }
    }

    /// What stands before the samples of a WAV. `length` in bytes; a stream does not know it, and says the most there
    /// can be.
    pub(crate) fn wav_head(length: Option<u32>) -> [u8; 44] {
        let mut head = *b"RIFF....WAVEfmt \x10\0\0\0\x01\0\x01\0........\x02\0\x10\0data....";
        let mut put = |at: usize, number: u32| head[at..at + 4].copy_from_slice(&number.to_le_bytes());
        put(4, length.map_or(u32::MAX, |length| length.saturating_add(36)));
        put(24, RATE);
        put(28, RATE * 2);
        put(40, length.unwrap_or(u32::MAX));
        head
    }

    /// Fails when the encoder does, which it should not.
    pub(crate) fn encode(self, samples: &[f32]) -> Result<Vec<u8>, Box<dyn Error>> {
        match self {
            Encoding::Mp3 => mp3(samples),
            Encoding::Opus => opus(samples),
            Encoding::Aac => aac(samples),
            Encoding::Flac => flac(samples),
            Encoding::Wav => {
                let samples = pcm(samples);
                let mut bytes = Self::wav_head(u32::try_from(samples.len()).ok()).to_vec();
                bytes.extend(samples);
                Ok(bytes)
            }
            Encoding::Pcm => Ok(pcm(samples)),
        }
    }
}

fn whole(sample: f32) -> i16 {
    (sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)).round() as i16
}

fn pcm(samples: &[f32]) -> Vec<u8> {
    samples.iter().flat_map(|sample| whole(*sample).to_le_bytes()).collect()
}

fn mp3(samples: &[f32]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut encoder = Mp3Encoder::new(Mp3EncoderConfig { bitrate_kbps: 128, vbr_quality: None });
    encoder.push_pcm_f32(samples, 1, RATE)?;
    encoder.finish();
    let mut bytes = Vec::new();
    // The end is an error here.
    while let Ok(packet) = encoder.next_packet() {
        bytes.extend(packet);
    }
    Ok(bytes)
}

fn aac(samples: &[f32]) -> Result<Vec<u8>, Box<dyn Error>> {
    const HEAD: usize = 7;
    let mut encoder = AacEncoder::new(AacEncoderConfig { bitrate_bps: 96_000, ..AacEncoderConfig::default() });
    encoder.push_pcm(samples, 1, RATE)?;
    encoder.finish();
    let mut bytes = Vec::new();
    // The end is an error here.
    while let Ok(packet) = encoder.next_packet() {
        bytes.extend(write_adts_header(&AdtsHeader {
            object_type: 2,
            sample_rate: RATE,
            channels: 1,
            frame_length: HEAD + packet.data.len(),
            header_len: HEAD,
        }));
        bytes.extend(packet.data);
    }
    Ok(bytes)
}

fn flac(samples: &[f32]) -> Result<Vec<u8>, Box<dyn Error>> {
    let config = flacenc::config::Encoder::default().into_verified().map_err(|(_, error)| error)?;
    let samples: Vec<i32> = samples.iter().map(|sample| i32::from(whole(*sample))).collect();
    let source = MemSource::from_samples(&samples, 1, 16, RATE as usize);
    let mut stream = flacenc::encode_with_fixed_block_size(&config, source, config.block_size)?;
    // The shorter block at the end does not count (RFC 9639, 8.2), and readers take a range for blocks of any size.
    stream.stream_info_mut().set_block_sizes(config.block_size, config.block_size)?;
    let mut sink = ByteSink::new();
    stream.write(&mut sink)?;
    Ok(sink.as_slice().to_vec())
}

/// Opus in Ogg, of exactly as many samples as came in.
fn opus(samples: &[f32]) -> Result<Vec<u8>, Box<dyn Error>> {
    /// 20 ms.
    const FRAME: usize = RATE as usize / 50;
    /// The container counts at 48 kHz, whatever comes in.
    const TICKS: usize = 48_000 / RATE as usize;
    let mut encoder = OpusEncoder::new(RATE as i32, 1, Application::Audio)?;
    encoder.bitrate_bps = 64_000;
    let head = OpusHead::for_encoder(&encoder, RATE);
    // What the encoder still holds when the sound has ended comes out with silence behind it.
    let frames = (samples.len() + usize::from(head.pre_skip).div_ceil(TICKS)).div_ceil(FRAME).max(1);
    let end = u64::from(head.pre_skip) + (samples.len() * TICKS) as u64;
    let mut writer = OggOpusWriter::with_serial(Vec::new(), head, OpusTags::new(), 1)?;
    let (mut packet, mut block) = (vec![0; MAX_PACKET_BYTES], vec![0.0; FRAME]);
    for frame in 0..frames {
        let part = samples.get(frame * FRAME..).unwrap_or_default();
        let count = part.len().min(FRAME);
        block[..count].copy_from_slice(&part[..count]);
        block[count..].fill(0.0);
        let length = encoder.encode(&block, FRAME, &mut packet)?;
        if frame + 1 == frames {
            let left = end.saturating_sub(writer.granule().unsigned_abs());
            writer.write_packet_with_duration(&packet[..length], u32::try_from(left)?)?;
        } else {
            writer.write_packet(&packet[..length])?;
        }
    }
    Ok(writer.finish()?)
}
