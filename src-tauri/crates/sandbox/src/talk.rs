//! Sound like speech that carries its text. A word is a mark of two tones, its rhythm and its length, then a syllable for
//! each byte: a low and a high tone, sixteen of each. What a voice adds lies below all of them, so that every voice is
//! understood, also after lossy encoding or by a microphone at 16 kHz.
//!
//! | milliseconds | what |
//! |---|---|
//! | 20 + 20 | the mark |
//! | 20 + 20 | milliseconds of a syllable, then the number of bytes |
//! | each | the bytes, and a check over all that went before |

mod hear;
mod speak;

pub(crate) use hear::hear;
pub(crate) use speak::{VOICES, Voice, ends_sentence, speak};

/// Samples a second, as services have it.
pub(crate) const RATE: u32 = 24_000;

/// The two tones that begin a word, in hertz: above all others.
const MARK: [f64; 2] = [5_600.0, 6_200.0];
/// Seconds of each of them, and of the two syllables of the head.
const BEAT: f64 = 0.02;
/// Where the bytes begin, from the beginning of the mark.
const HEAD: f64 = 4.0 * BEAT;
/// Milliseconds of a syllable at normal speed.
const SYLLABLE: f64 = 40.0;

/// The tones of a byte: its upper four bits are low, its lower four are high.
fn tones(byte: u8) -> [f64; 2] {
    [low(byte >> 4), high(byte & 15)]
}

fn low(place: u8) -> f64 {
    500.0 + 150.0 * f64::from(place)
}

fn high(place: u8) -> f64 {
    3_050.0 + 150.0 * f64::from(place)
}

/// CRC-8 with the polynomial 7.
fn check(bytes: impl IntoIterator<Item = u8>) -> u8 {
    bytes.into_iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ byte, |sum: u8, _| if sum & 0x80 == 0 { sum << 1 } else { sum << 1 ^ 7 })
    })
}

#[cfg(test)]
mod tests {
    use super::hear::Heard;
    use super::*;

    fn said(heard: &[Heard]) -> String {
        let bytes: Vec<u8> = heard.iter().flat_map(|word| word.bytes.iter().copied()).collect();
        String::from_utf8(bytes).expect("UTF-8")
    }

    const TEXT: &str = "Good morning, “harbour”! It’s 7°: \\ and a 日本 👩‍👩‍👧 at quay №3.\n\nNext line? Yes.";

    #[test]
    fn every_voice_and_every_speed_is_understood() {
        let of_one = [0.25, 0.5, 1.7, 2.5, 4.0].map(|speed| (&VOICES[0], speed));
        for (voice, speed) in VOICES.iter().map(|voice| (voice, 1.0)).chain(of_one) {
            let sound = speak(TEXT, voice, speed);
            let heard = hear(&sound, RATE);
            assert_eq!(said(&heard), TEXT, "{} at {speed}", voice.name);
            assert!(heard.iter().all(|word| word.confidence > 0.8), "{} at {speed}: {heard:?}", voice.name);
        }
    }

    #[test]
    fn words_are_where_they_are_heard_and_speed_is_speed() {
        let voice = &VOICES[0];
        let (slow, fast) = (speak(TEXT, voice, 1.0), speak(TEXT, voice, 2.0));
        let ratio = slow.len() as f64 / fast.len() as f64;
        assert!((1.4..2.0).contains(&ratio), "{ratio}");
        let heard = hear(&slow, RATE);
        for pair in heard.windows(2) {
            assert!(pair[0].start < pair[0].end && pair[0].end <= pair[1].start, "{pair:?}");
        }
        let last = heard.last().expect("words");
        assert!(last.end < slow.len() as f64 / f64::from(RATE));
        // Between the words it is quiet, in them it is not.
        let level = |from: f64, to: f64| {
            let place = |at: f64| (at * f64::from(RATE)) as usize;
            slow[place(from)..place(to)].iter().fold(0.0_f32, |most, one| most.max(one.abs()))
        };
        assert!(level(0.0, heard[0].start - 0.005) < 0.01);
        assert!(level(heard[0].start, heard[0].end) > 0.1);
    }

    #[test]
    fn what_is_no_speech_is_not_understood() {
        let mut chance = crate::chance::Chance::new(7);
        let noise: Vec<f32> = (0..48_000).map(|_| chance.fraction() as f32 - 0.5).collect();
        let tone: Vec<f32> = (0..48_000).map(|at| (at as f32 * 0.115).sin() * 0.5).collect();
        for sound in [&noise[..], &tone, &[0.0; 48_000], &[]] {
            assert_eq!(hear(sound, RATE), []);
        }
        assert_eq!(hear(&noise, 8_000), [], "too few samples for the tones");
    }

    #[test]
    fn noise_and_a_quiet_microphone_do_not_matter() {
        let mut chance = crate::chance::Chance::new(3);
        let sound = speak(TEXT, &VOICES[2], 1.0);
        let noisy: Vec<f32> =
            sound.iter().map(|sample| sample * 0.05 + (chance.fraction() as f32 - 0.5) * 0.01).collect();
        assert_eq!(said(&hear(&noisy, RATE)), TEXT);
    }
}
