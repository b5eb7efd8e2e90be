//! How loud a sound is to an ear, by EBU R128.

use ebur128::{EbuR128, Mode};
use juxta_wire::media::Loudness;

use crate::sound::Sound;

/// LUFS that sounds are brought to before they are compared.
pub const TARGET: f64 = -16.0;
/// dBTP that no sound is brought over.
pub const CEILING: f64 = -1.0;

/// Loudness of the whole sound, and the gain that makes it as loud as every other.
pub fn of(sound: &Sound) -> Loudness {
    measured(sound).unwrap_or(Loudness { integrated: None, true_peak: None, gain: 0.0 })
}

/// `None` for shapes that the standard does not know.
fn measured(sound: &Sound) -> Option<Loudness> {
    let channels = u32::from(sound.channels);
    let mut meter = EbuR128::new(channels, sound.rate, Mode::I | Mode::TRUE_PEAK).ok()?;
    meter.add_frames_f32(&sound.samples[..sound.frames() * usize::from(sound.channels)]).ok()?;
    let integrated = meter.loudness_global().ok().filter(|loudness| loudness.is_finite());
    let highest = (0..channels).filter_map(|channel| meter.true_peak(channel).ok()).fold(0.0, f64::max);
    let true_peak = (highest > 0.0).then(|| 20.0 * highest.log10());
    let gain = match (integrated, true_peak) {
        (Some(integrated), Some(peak)) => (TARGET - integrated).min(CEILING - peak),
        _ => 0.0,
    };
    Some(Loudness { integrated, true_peak, gain })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(amplitude: f64, channels: u16, seconds: f64) -> Sound {
        let samples = (0..(48_000.0 * seconds) as usize)
            .flat_map(|at| {
                let sample = (at as f64 / 48_000.0 * 997.0 * std::f64::consts::TAU).sin() * amplitude;
                vec![sample as f32; usize::from(channels)]
            })
            .collect();
        Sound::new(samples, channels, 48_000)
    }

    /// EBU Tech 3341, case 1: a tone of 1 kHz at -23 dBFS in both channels is -23 LUFS. One channel is 3 LU less.
    #[test]
    fn a_tone_has_the_loudness_that_the_standard_gives_it() {
        let both = of(&tone(10_f64.powf(-23.0 / 20.0), 2, 5.0));
        assert!((both.integrated.unwrap() + 23.0).abs() < 0.1, "{both:?}");
        assert!((both.true_peak.unwrap() + 23.0).abs() < 0.1, "{both:?}");
        assert!((both.gain - 7.0).abs() < 0.1, "{both:?}");
        let one = of(&tone(10_f64.powf(-23.0 / 20.0), 1, 5.0));
        assert!((one.integrated.unwrap() + 26.0).abs() < 0.1, "{one:?}");
    }

    #[test]
    fn a_gain_never_brings_a_sound_over_the_ceiling() {
        let mut quiet = tone(0.01, 1, 5.0);
        quiet.samples[100_000] = 0.9;
        let loudness = of(&quiet);
        assert!(loudness.true_peak.unwrap() + loudness.gain <= CEILING + 1e-9, "{loudness:?}");
        assert!(loudness.integrated.unwrap() + loudness.gain < TARGET - 3.0, "{loudness:?}");
    }

    #[test]
    fn what_has_no_loudness_gets_no_gain() {
        for sound in [tone(0.0, 1, 2.0), tone(0.5, 1, 0.2), Sound::new(Vec::new(), 2, 8_000)] {
            let loudness = of(&sound);
            assert_eq!((loudness.integrated, loudness.gain), (None, 0.0));
        }
        assert_eq!(of(&Sound::new(vec![0.5; 64], 64, 1)).integrated, None, "a shape that nobody has");
    }
}
