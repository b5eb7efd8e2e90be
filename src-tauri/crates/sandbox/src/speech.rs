//! Answers that are heard: one short note for each piece of text, so that ears and machines can tell them apart.

use crate::answer::Piece;

/// Samples a second, as services have it.
pub(crate) const RATE: u32 = 24_000;
/// Samples of one piece.
const NOTE: u32 = RATE / 16;
/// Hertz, taken in turns: no note follows itself.
const SCALE: [f64; 5] = [440.0, 523.25, 587.33, 659.26, 783.99];
/// How long a server knows a sound by its id, in seconds.
pub(crate) const KEPT: u64 = 3_600;

/// The formats that are spoken here. There is no encoder for the others that services offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Wav,
    /// Samples without a head.
    Pcm16,
}

impl Format {
    pub(crate) const NAMES: [&'static str; 2] = ["wav", "pcm16"];

    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "wav" => Some(Format::Wav),
            "pcm16" => Some(Format::Pcm16),
            _ => None,
        }
    }

    /// What stands before the samples. `length` in bytes; a stream does not know it, and says the most there can be.
    pub(crate) fn head(self, length: Option<u32>) -> Vec<u8> {
        match self {
            Format::Pcm16 => Vec::new(),
            Format::Wav => {
                let mut head = b"RIFF".to_vec();
                head.extend(length.map_or(u32::MAX, |length| length + 36).to_le_bytes());
                head.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
                head.extend(RATE.to_le_bytes());
                head.extend((RATE * 2).to_le_bytes());
                head.extend(b"\x02\0\x10\0data");
                head.extend(length.unwrap_or(u32::MAX).to_le_bytes());
                head
            }
        }
    }
}

/// The note of the piece at this place: 16 bits a sample, little-endian, one channel.
pub(crate) fn note(place: usize) -> Vec<u8> {
    let frequency = SCALE[place % SCALE.len()];
    (0..NOTE)
        .flat_map(|at| {
            let time = f64::from(at) / f64::from(RATE);
            // Fades in and out, or it would click.
            let fade = (f64::from(at.min(NOTE - at)) / 240.0).min(1.0);
            (((time * frequency * std::f64::consts::TAU).sin() * 9_000.0 * fade) as i16).to_le_bytes()
        })
        .collect()
}

/// The whole sound of these pieces.
pub(crate) fn sound(format: Format, pieces: &[Piece]) -> Vec<u8> {
    let samples: Vec<u8> = (0..pieces.len()).flat_map(note).collect();
    let mut sound = format.head(u32::try_from(samples.len()).ok());
    sound.extend(samples);
    sound
}
